//! A receiving server that writes each message's id down before it says 250.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use super::ledger::Ledger;
use super::random::Random;

/// The header that carries a message's id.
pub const ID: &str = "X-Fault-Id";

/// The server; it listens until this program ends.
pub struct Sink {
    shared: Arc<Shared>,
}

struct Shared {
    ledger: Arc<Ledger>,
    /// The most that it thinks about a message.
    delay: Duration,
    /// Messages without an id of ours: notices, mostly.
    others: Mutex<Vec<(Vec<String>, String)>>,
    /// Messages whose header has a line that no sender had a right to.
    smuggled: AtomicUsize,
}

impl Sink {
    pub fn listen(port: u16, ledger: &Arc<Ledger>, delay: Duration) -> Result<Sink, String> {
        let listener = TcpListener::bind(("127.0.0.1", port)).map_err(|err| format!("port {port}: {err}"))?;
        let shared = Arc::new(Shared {
            ledger: ledger.clone(),
            delay,
            others: Mutex::default(),
            smuggled: AtomicUsize::new(0),
        });
        let ours = shared.clone();
        std::thread::spawn(move || {
            for (n, stream) in listener.incoming().flatten().enumerate() {
                let shared = ours.clone();
                // A client that leaves early is a client's right.
                std::thread::spawn(move || session(stream, &shared, Random::new(n as u64 + 1)));
            }
        });
        Ok(Sink { shared })
    }

    /// Recipients and texts of messages without an id.
    pub fn others(&self) -> Vec<(Vec<String>, String)> {
        self.shared.others.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn smuggled(&self) -> usize {
        self.shared.smuggled.load(Ordering::Relaxed)
    }
}

/// The id in a message's header, or in the header that a notice returns.
pub fn id_of(message: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(message);
    let line = text.lines().find_map(|line| line.strip_prefix(ID)?.strip_prefix(": "))?;
    Some(line.trim().to_owned())
}

fn session(stream: TcpStream, shared: &Shared, mut random: Random) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(120)))?;
    stream.set_nodelay(true)?;
    let mut out = stream.try_clone()?;
    let mut lines = BufReader::new(stream);
    out.write_all(b"220 sink.test ESMTP\r\n")?;
    let (mut to, mut line) = (Vec::new(), Vec::new());
    loop {
        line.clear();
        if lines.read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        let reply: &[u8] = match line.get(..4).unwrap_or_default().to_ascii_uppercase().as_slice() {
            b"EHLO" | b"HELO" => b"250-sink.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 0\r\n",
            b"MAIL" => {
                to.clear();
                b"250 ok\r\n"
            }
            b"RCPT" => {
                to.push(path(&line));
                b"250 ok\r\n"
            }
            b"DATA" => {
                out.write_all(b"354 go\r\n")?;
                let text = data(&mut lines)?;
                std::thread::sleep(shared.delay.mul_f64(random.fraction()));
                received(shared, &text, &to);
                to.clear();
                b"250 ok\r\n"
            }
            b"QUIT" => return out.write_all(b"221 bye\r\n"),
            _ => b"250 ok\r\n",
        };
        out.write_all(reply)?;
    }
}

/// The address between the brackets of a command.
pub fn path(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(line);
    text.split('<').nth(1).and_then(|rest| rest.split('>').next()).unwrap_or("").to_owned()
}

/// Message text up to the final dot.
pub fn data(lines: &mut impl BufRead) -> std::io::Result<Vec<u8>> {
    let mut text = Vec::new();
    loop {
        let begin = text.len();
        if lines.read_until(b'\n', &mut text)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if text.get(begin..) == Some(b".\r\n") {
            text.truncate(begin);
            return Ok(text);
        }
    }
}

fn received(shared: &Shared, text: &[u8], to: &[String]) {
    let head = text.windows(4).position(|w| w == b"\r\n\r\n").and_then(|end| text.get(..end)).unwrap_or(text);
    if head.windows(9).any(|w| w == b"\nX-Evil: ") {
        shared.smuggled.fetch_add(1, Ordering::Relaxed);
    }
    match id_of(text) {
        Some(id) => shared.ledger.arrived(&id, to, Some(SystemTime::now())),
        None => {
            let text = String::from_utf8_lossy(text.get(..4000).unwrap_or(text)).into_owned();
            shared.others.lock().unwrap_or_else(PoisonError::into_inner).push((to.to_vec(), text));
        }
    }
}
