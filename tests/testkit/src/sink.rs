//! A receiving SMTP server that keeps what it gets.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::wait::eventually;

/// A message that arrived.
#[derive(Clone, Debug)]
pub struct Received {
    pub from: String,
    pub to: Vec<String>,
    /// The MAIL and RCPT commands that were accepted, with their parameters.
    pub envelope: Vec<String>,
    /// As transferred, with dots unstuffed and CRLF line ends.
    pub text: String,
}

/// The server. Lives until the process ends.
///
/// It refuses recipients whose names begin with `reject`, puts off those that begin with
/// `later` or `never`, and leaves the client waiting over those that begin with `slow`.
pub struct Sink {
    pub port: u16,
    relented: Arc<AtomicBool>,
    messages: Arc<Mutex<Vec<Received>>>,
}

impl Sink {
    /// Listens on a free loopback port.
    pub fn start() -> Sink {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
        let port = listener.local_addr().expect("a bound socket has an address").port();
        let messages = Arc::new(Mutex::new(Vec::new()));
        let relented = Arc::new(AtomicBool::new(false));
        let (kept, mood) = (messages.clone(), relented.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (kept, mood) = (kept.clone(), mood.clone());
                std::thread::spawn(move || {
                    // A client that leaves early is a client's right.
                    let _ = session(stream, &kept, &mood);
                });
            }
        });
        Sink { port, relented, messages }
    }

    /// From now on `later` and `slow` recipients are accepted at once.
    pub fn relent(&self) {
        self.relented.store(true, Ordering::SeqCst);
    }

    /// What has arrived.
    pub fn messages(&self) -> Vec<Received> {
        self.messages.lock().expect("no session panicked").clone()
    }

    /// Waits for `count` messages.
    pub fn wait(&self, count: usize) -> Vec<Received> {
        eventually(|| Some(self.messages()).filter(|m| m.len() >= count))
            .unwrap_or_else(|| panic!("{count} messages did not arrive: {:?}", self.messages()))
    }
}

fn session(stream: TcpStream, kept: &Mutex<Vec<Received>>, relented: &AtomicBool) -> std::io::Result<()> {
    let mut out = stream.try_clone()?;
    let mut lines = BufReader::new(stream);
    out.write_all(b"220 sink.test ESMTP\r\n")?;
    let (mut from, mut to, mut envelope) = (String::new(), Vec::new(), Vec::new());
    let relented = || relented.load(Ordering::SeqCst);
    loop {
        let mut line = Vec::new();
        if lines.read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        let line = String::from_utf8_lossy(&line).into_owned();
        let verb = line.get(..4).unwrap_or("").to_ascii_uppercase();
        let path = || line.split('<').nth(1).and_then(|p| p.split('>').next()).unwrap_or("").to_string();
        let reply: &[u8] = match verb.as_str() {
            "EHLO" | "HELO" => {
                b"250-sink.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-DSN\r\n250 SIZE 0\r\n"
            }
            "MAIL" => {
                (from, to, envelope) = (path(), Vec::new(), vec![line.trim_end().to_string()]);
                b"250 2.1.0 ok\r\n"
            }
            "RCPT" if path().starts_with("reject") => b"550 5.1.1 no such user here\r\n",
            "RCPT" if path().starts_with("later") && !relented() => b"450 4.2.0 try again\r\n",
            "RCPT" if path().starts_with("never") => b"450 4.2.0 not today\r\n",
            "RCPT" => {
                while path().starts_with("slow") && !relented() {
                    std::thread::sleep(Duration::from_millis(50));
                }
                envelope.push(line.trim_end().to_string());
                to.push(path());
                b"250 2.1.5 ok\r\n"
            }
            "DATA" if to.is_empty() => b"554 5.5.1 no valid recipients\r\n",
            "DATA" => {
                out.write_all(b"354 go\r\n")?;
                let text = data(&mut lines)?;
                let message = Received {
                    from: std::mem::take(&mut from),
                    to: std::mem::take(&mut to),
                    envelope: std::mem::take(&mut envelope),
                    text,
                };
                kept.lock().expect("no session panicked").push(message);
                b"250 2.0.0 ok\r\n"
            }
            "QUIT" => {
                out.write_all(b"221 bye\r\n")?;
                return Ok(());
            }
            _ => b"250 ok\r\n",
        };
        out.write_all(reply)?;
    }
}

fn data(lines: &mut impl BufRead) -> std::io::Result<String> {
    let mut text = Vec::new();
    loop {
        let mut line = Vec::new();
        if lines.read_until(b'\n', &mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if line == b".\r\n" {
            return Ok(String::from_utf8_lossy(&text).into_owned());
        }
        text.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
    }
}
