//! Servers that misbehave once, at one step, and are good servers ever after.

use std::fmt;
use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use super::ledger::Ledger;
use super::sink::{data, id_of, path};

/// Where in a session.
const STEPS: [(&str, &str); 7] = [
    ("greeting", "220 f.test ESMTP\r\n"),
    ("ehlo", "250-f.test\r\n250-PIPELINING\r\n250 8BITMIME\r\n"),
    ("mail", "250 ok\r\n"),
    ("rcpt", "250 ok\r\n"),
    ("data", "354 go\r\n"),
    ("dot", "250 ok\r\n"),
    ("quit", "221 bye\r\n"),
];

/// What is done instead of the good reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Only so many bytes of it, then the end.
    Cut(usize),
    Later,
    Never,
    GoingDown,
    Garbage,
    Nul,
    NoDigits,
    Code999,
    BareLf,
    /// Answers that nobody has asked for yet.
    Early,
    FloodLines,
    FloodOneLine,
    Mixed,
    Drip,
    Hang,
    EmptyLine,
    Odd2xx,
    EightBit,
}

const ACTS: [Act; 17] = [
    Act::Later,
    Act::Never,
    Act::GoingDown,
    Act::Garbage,
    Act::Nul,
    Act::NoDigits,
    Act::Code999,
    Act::BareLf,
    Act::Early,
    Act::FloodLines,
    Act::FloodOneLine,
    Act::Mixed,
    Act::Drip,
    Act::Hang,
    Act::EmptyLine,
    Act::Odd2xx,
    Act::EightBit,
];

#[derive(Clone, Copy, Debug)]
pub struct Case {
    step: &'static str,
    act: Act,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{:?}", self.step, self.act)
    }
}

impl Case {
    /// It says yes to everything before it was asked: whoever believes it has been lied to.
    pub fn answers_in_advance(&self) -> bool {
        self.act == Act::Early && self.step == "ehlo"
    }
}

/// All cases, or every n-th.
pub fn cases(step: usize) -> Vec<Case> {
    let mut all = Vec::new();
    for (name, good) in STEPS {
        all.extend(ACTS.map(|act| Case { step: name, act }));
        all.extend((0..good.len()).map(|n| Case { step: name, act: Act::Cut(n) }));
    }
    all.into_iter().step_by(step).collect()
}

pub struct Fake {
    pub case: Case,
    pub port: u16,
    ledger: Arc<Ledger>,
    /// It has misbehaved.
    done: AtomicBool,
    /// It had a whole message, and gave no clear yes.
    swallowed: AtomicBool,
}

impl Fake {
    pub fn listen(case: Case, ledger: &Arc<Ledger>) -> Result<Arc<Fake>, String> {
        let listener = TcpListener::bind("127.0.0.1:0").map_err(|err| format!("bind: {err}"))?;
        let port = listener.local_addr().map_err(|err| format!("bind: {err}"))?.port();
        let fake = Arc::new(Fake {
            case,
            port,
            ledger: ledger.clone(),
            done: AtomicBool::new(false),
            swallowed: AtomicBool::new(false),
        });
        let ours = fake.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let fake = ours.clone();
                // An end before the time is what this is about.
                std::thread::spawn(move || fake.session(stream));
            }
        });
        Ok(fake)
    }

    pub fn reached(&self) -> bool {
        self.done.load(Ordering::Relaxed)
    }

    pub fn took_without_yes(&self) -> bool {
        self.swallowed.load(Ordering::Relaxed)
    }

    fn session(&self, stream: TcpStream) -> std::io::Result<()> {
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        stream.set_write_timeout(Some(Duration::from_secs(60)))?;
        let mut out = stream.try_clone()?;
        let mut lines = BufReader::new(stream);
        let (mut to, mut line) = (Vec::new(), Vec::new());
        self.answer(&mut out, "greeting")?;
        loop {
            line.clear();
            if lines.read_until(b'\n', &mut line)? == 0 {
                return Ok(());
            }
            match line.get(..4).unwrap_or_default().to_ascii_uppercase().as_slice() {
                b"EHLO" | b"HELO" => self.answer(&mut out, "ehlo")?,
                b"MAIL" => {
                    to.clear();
                    self.answer(&mut out, "mail")?;
                }
                b"RCPT" => {
                    to.push(path(&line));
                    self.answer(&mut out, "rcpt")?;
                }
                b"DATA" => {
                    let odd = self.case.step == "data" && !self.reached();
                    self.answer(&mut out, "data")?;
                    if odd && matches!(self.case.act, Act::Later | Act::Never | Act::Code999 | Act::Odd2xx) {
                        continue;
                    }
                    let text = data(&mut lines)?;
                    self.received(&text, &to);
                    self.answer(&mut out, "dot")?;
                }
                b"QUIT" => return self.answer(&mut out, "quit"),
                _ => out.write_all(b"250 ok\r\n")?,
            }
        }
    }

    fn received(&self, text: &[u8], to: &[String]) {
        let Some(id) = id_of(text) else { return };
        let odd = self.case.step == "dot" && !self.reached();
        let clear = !odd
            || matches!(
                self.case.act,
                Act::Nul
                    | Act::BareLf
                    | Act::Early
                    | Act::Drip
                    | Act::EightBit
                    | Act::FloodLines
                    | Act::FloodOneLine
                    | Act::Odd2xx
            );
        if clear {
            self.ledger.arrived(&id, to, Some(SystemTime::now()));
        } else {
            self.swallowed.store(true, Ordering::Relaxed);
        }
    }

    fn answer(&self, out: &mut TcpStream, step: &str) -> std::io::Result<()> {
        let (_, good) = STEPS.iter().find(|(name, _)| *name == step).copied().unwrap_or(("", "250 ok\r\n"));
        if step != self.case.step || self.done.swap(true, Ordering::Relaxed) {
            return out.write_all(good.as_bytes());
        }
        let (code, rest) = good.split_at(3);
        let leave = |out: &mut TcpStream| {
            let _ = out.shutdown(Shutdown::Both);
            Err(std::io::ErrorKind::ConnectionAborted.into())
        };
        const FLOOD: usize = 4 << 20;
        match self.case.act {
            Act::Cut(at) => {
                out.write_all(good.get(..at).unwrap_or(good).as_bytes())?;
                leave(out)
            }
            Act::Later => out.write_all(b"450 4.3.2 later\r\n"),
            Act::Never => out.write_all(b"550 5.1.1 never\r\n"),
            Act::GoingDown => {
                out.write_all(b"421 4.3.2 going down\r\n")?;
                leave(out)
            }
            Act::Garbage => {
                let noise: Vec<u8> = (0..200u8).map(|n| n.wrapping_mul(97) | 0x80).collect();
                out.write_all(&[&noise, b"\r\n".as_slice(), good.as_bytes()].concat())
            }
            Act::Nul => out.write_all(format!("{code} \0\0\0{rest}").as_bytes()),
            Act::NoDigits => out.write_all(format!("ok\r\n{good}").as_bytes()),
            Act::Code999 => out.write_all(b"999 what\r\n"),
            Act::BareLf => out.write_all(good.replace("\r\n", "\n").as_bytes()),
            Act::Early => out.write_all(format!("{good}250 ok\r\n250 ok\r\n354 go\r\n250 ok\r\n").as_bytes()),
            Act::FloodLines => {
                let line = format!("{code}-{}\r\n", "x".repeat(500));
                for _ in 0..FLOOD / line.len() {
                    out.write_all(line.as_bytes())?;
                }
                out.write_all(good.as_bytes())
            }
            Act::FloodOneLine => {
                out.write_all(format!("{code} ").as_bytes())?;
                for _ in 0..FLOOD / 65536 {
                    out.write_all(&[b'y'; 65536])?;
                }
                out.write_all(b"\r\n")
            }
            Act::Mixed => out.write_all(format!("550-no\r\n{code} yes\r\n").as_bytes()),
            Act::Drip => good.bytes().try_for_each(|byte| {
                std::thread::sleep(Duration::from_millis(20));
                out.write_all(&[byte])
            }),
            Act::Hang => {
                std::thread::sleep(Duration::from_secs(40));
                leave(out)
            }
            Act::EmptyLine => out.write_all(format!("\r\n{good}").as_bytes()),
            Act::Odd2xx if step == "data" => out.write_all(b"250 odd\r\n"),
            Act::Odd2xx => out.write_all(b"299 odd\r\n"),
            Act::EightBit => {
                let noise: Vec<u8> = (128..=255).collect();
                out.write_all(&[code.as_bytes(), b" ", &noise, b"\r\n"].concat())
            }
        }
    }
}
