//! Senders: plain SMTP clients, and `sendmail`, that tell "refused" from "do not know".

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::ledger::{Ledger, Told};
use super::random::Random;
use super::sink::ID;
use super::system::System;

/// Why a message was not accepted.
#[derive(Debug)]
pub enum Failure {
    Refused,
    /// The connection broke, or nothing came for too long.
    Broken,
}

impl From<std::io::Error> for Failure {
    fn from(_: std::io::Error) -> Failure {
        Failure::Broken
    }
}

/// An SMTP client.
pub struct Client {
    stream: TcpStream,
    reader: BufReader<TcpStream>,
}

impl Client {
    /// Connects, hears the greeting, says EHLO.
    pub fn connect(port: u16, patience: Duration) -> Result<Client, Failure> {
        let stream = TcpStream::connect_timeout(&SocketAddr::from(([127, 0, 0, 1], port)), patience)?;
        stream.set_read_timeout(Some(patience))?;
        stream.set_write_timeout(Some(patience))?;
        stream.set_nodelay(true)?;
        let reader = BufReader::new(stream.try_clone()?);
        let mut client = Client { stream, reader };
        client.expect('2')?;
        client.say("EHLO client.test", '2')?;
        Ok(client)
    }

    fn expect(&mut self, class: char) -> Result<String, Failure> {
        let text = reply(&mut self.reader)?;
        if text.starts_with(class) { Ok(text) } else { Err(Failure::Refused) }
    }

    fn say(&mut self, line: &str, class: char) -> Result<String, Failure> {
        self.stream.write_all(format!("{line}\r\n").as_bytes())?;
        self.expect(class)
    }

    /// Sends a message; `end` is called just before the final dot goes out.
    pub fn send(&mut self, message: &Message, end: impl FnOnce()) -> Result<(), Failure> {
        self.say(&format!("MAIL FROM:<{}>", message.from), '2')?;
        for to in &message.to {
            self.say(&format!("RCPT TO:<{to}>"), '2')?;
        }
        self.say("DATA", '3')?;
        self.stream.write_all(message.text().replace('\n', "\r\n").as_bytes())?;
        end();
        self.stream.write_all(b".\r\n")?;
        self.expect('2').map(drop)
    }
}

/// The last line of a whole reply.
pub fn reply(reader: &mut impl BufRead) -> Result<String, Failure> {
    loop {
        let mut line = Vec::new();
        reader.read_until(b'\n', &mut line)?;
        if !line.ends_with(b"\n") {
            return Err(Failure::Broken);
        }
        if line.get(3) != Some(&b'-') {
            return Ok(String::from_utf8_lossy(&line).into_owned());
        }
    }
}

/// A message to be sent.
pub struct Message {
    pub id: String,
    pub from: String,
    pub to: Vec<String>,
    /// Bytes of the body, about.
    pub size: usize,
}

impl Message {
    pub fn new(id: impl Into<String>, to: &str) -> Message {
        Message { id: id.into(), from: "from@sink.test".into(), to: vec![to.into()], size: 300 }
    }

    pub fn text(&self) -> String {
        let Message { id, from, .. } = self;
        let line = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n";
        let body = line.repeat(self.size / line.len() + 1);
        format!("From: <{from}>\nSubject: fault test\n{ID}: {id}\n\n{body}")
    }
}

/// Sends one message over a connection of its own, and notes what it was told.
pub fn send_one(system: &System, ledger: &Ledger, message: &Message, patience: Duration) -> Told {
    let mut told = Told::Refused;
    let sent = Client::connect(system.mx.port, patience)
        .and_then(|mut client| client.send(message, || told = Told::Unknown));
    match sent {
        Ok(()) => told = Told::Accepted,
        Err(Failure::Refused) => told = Told::Refused,
        Err(Failure::Broken) => {}
    }
    ledger.told(&message.id, told, &message.to);
    told
}

/// Hands one message to `sendmail`, and notes what its exit status promises.
pub fn submit(system: &System, ledger: &Ledger, message: &Message) -> Told {
    let mut args = vec!["-f", message.from.as_str()];
    args.extend(message.to.iter().map(String::as_str));
    let told =
        if system.mx.sendmail(&args, &message.text()).code == 0 { Told::Accepted } else { Told::Unknown };
    ledger.told(&message.id, told, &message.to);
    told
}

/// How a stream of messages is.
#[derive(Clone)]
pub struct Kind {
    pub clients: usize,
    /// Mean pause between messages.
    pub pace: Duration,
    /// The most recipients that a message has.
    pub recipients: usize,
    pub sizes: (usize, usize),
    /// `u0@DOMAIN`, `u1@DOMAIN`, …
    pub domain: &'static str,
    pub patience: Duration,
    /// By `sendmail` instead of SMTP.
    pub submission: bool,
}

impl Default for Kind {
    fn default() -> Kind {
        Kind {
            clients: 4,
            pace: Duration::from_millis(20),
            recipients: 3,
            sizes: (200, 20_000),
            domain: "sink.test",
            patience: Duration::from_secs(30),
            submission: false,
        }
    }
}

/// Senders at work.
pub struct Load {
    halt: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Load {
    /// Starts the senders; `tag` begins their messages' ids.
    pub fn start(system: &Arc<System>, ledger: &Arc<Ledger>, tag: &str, kind: &Kind, seed: u64) -> Load {
        let halt = Arc::new(AtomicBool::new(false));
        let threads = (0..kind.clients).map(|n| {
            let (system, ledger, halt) = (system.clone(), ledger.clone(), halt.clone());
            let (tag, kind) = (format!("{tag}-{n}"), kind.clone());
            let random = Random::new(seed * 1000 + n as u64 + 1);
            std::thread::spawn(move || work(&system, &ledger, &halt, &tag, &kind, random))
        });
        Load { threads: threads.collect(), halt }
    }

    /// Asks them to stop; does not wait.
    pub fn halt(&self) {
        self.halt.store(true, Ordering::Relaxed);
    }

    /// Stops them and waits, for as long as their patience lasts.
    pub fn stop(self) {
        self.halt();
        for thread in self.threads {
            let _ = thread.join();
        }
    }
}

fn work(system: &System, ledger: &Ledger, halt: &AtomicBool, tag: &str, kind: &Kind, mut random: Random) {
    let mut client: Option<Client> = None;
    let mut n = 0;
    while !halt.load(Ordering::Relaxed) {
        let count = 1 + random.below(kind.recipients);
        let message = Message {
            id: format!("{tag}-{n}-{:08x}", random.number() >> 32),
            from: "from@sink.test".into(),
            to: (0..count).map(|who| format!("u{who}@{}", kind.domain)).collect(),
            size: kind.sizes.0 + random.below(kind.sizes.1 - kind.sizes.0 + 1),
        };
        n += 1;
        if kind.submission {
            submit(system, ledger, &message);
        } else {
            let mut told = Told::Refused;
            let sent = match client.take() {
                Some(old) => Ok(old),
                None => Client::connect(system.mx.port, kind.patience),
            }
            .and_then(|mut open| open.send(&message, || told = Told::Unknown).map(|()| open));
            match sent {
                Ok(open) => {
                    told = Told::Accepted;
                    client = Some(open).filter(|_| random.below(10) > 0);
                }
                Err(Failure::Refused) => told = Told::Refused,
                Err(Failure::Broken) => std::thread::sleep(Duration::from_millis(50)),
            }
            ledger.told(&message.id, told, &message.to);
        }
        std::thread::sleep(kind.pace.mul_f64(random.fraction() * 2.0));
    }
}

/// Waits until everything that was promised has arrived.
pub fn settle(ledger: &Ledger, limit: Duration) -> bool {
    let end = Instant::now() + limit;
    while ledger.is_owed() {
        if Instant::now() > end {
            return false;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    true
}
