//! One session: connect, say hello, send messages, quit; again until there are no more.

use std::io::{self, Write};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use net::Stream;
use wire::{Reply, ReplyParser};

use crate::message::Message;
use crate::options::{Options, Pause, Server};

const TIMEOUT: Duration = Duration::from_secs(300);
const LINE: usize = 4096;

/// What all sessions share.
pub struct Run {
    pub options: Options,
    pub message: Message,
    /// Messages still to send, and sent.
    pub left: AtomicU64,
    pub sent: AtomicU64,
}

impl Run {
    /// Takes one message from the common supply.
    fn take(&self) -> bool {
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
    }
}

/// Sends messages until there are no more. Trouble ends the program, as the reference has it.
pub fn run(run: &Run, number: u64) {
    let mut connection: Option<Client> = None;
    while run.take() {
        let mut client = connection.take().unwrap_or_else(|| Client::open(run, number));
        client.send_message();
        let sent = run.sent.fetch_add(1, Ordering::Relaxed) + 1;
        if run.options.count {
            let mut out = io::stdout().lock();
            let _ = write!(out, "{sent}\r").and_then(|()| out.flush());
        }
        if run.options.keep {
            connection = Some(client);
        } else {
            client.quit();
        }
        match run.options.pause {
            Pause::None => {}
            Pause::Fixed(time) => std::thread::sleep(time),
            Pause::Random(most) => {
                let most = usize::try_from(most).unwrap_or(usize::MAX - 1);
                std::thread::sleep(Duration::from_secs(sys::rand::below(most + 1) as u64));
            }
        }
    }
    if let Some(client) = connection {
        client.quit();
    }
}

struct Client<'a> {
    run: &'a Run,
    number: u64,
    stream: Stream,
    sent: u64,
    out: Vec<u8>,
}

impl<'a> Client<'a> {
    fn open(run: &'a Run, number: u64) -> Client<'a> {
        let mut client = Client { run, number, stream: connect(&run.options), sent: 0, out: Vec::new() };
        let greeting = client.reply("receiving greeting");
        client.check(&greeting, "bad startup");
        if !run.options.old {
            let verb = if run.options.lmtp { "LHLO" } else { "HELO" };
            client.command(format!("{verb} {}", run.options.hostname).as_bytes());
            let reply = client.reply(if run.options.lmtp { "sending LHLO" } else { "sending HELO" });
            client.check(&reply, if run.options.lmtp { "LHLO rejected" } else { "HELO rejected" });
        }
        client
    }

    fn send_message(&mut self) {
        let options = &self.run.options;
        let mut line = b"MAIL FROM:<".to_vec();
        line.extend_from_slice(&options.sender);
        line.push(b'>');
        self.command(&line);
        let reply = self.reply("sending sender");
        if !self.check(&reply, "sender rejected") {
            return self.reset();
        }
        let mut accepted = 0;
        let mut first = None;
        for index in (0..options.recipients).rev() {
            let recipient = self.recipient(index);
            let mut line = b"RCPT TO:<".to_vec();
            line.extend_from_slice(&recipient);
            line.push(b'>');
            self.command(&line);
            let reply = self.reply("sending recipient");
            accepted += u64::from(self.check(&reply, "recipient rejected"));
            first.get_or_insert(recipient);
        }
        if accepted == 0 {
            return self.reset();
        }
        self.command(b"DATA");
        let reply = self.reply("sending DATA command");
        if reply.code != 354 && !self.check(&reply, "data rejected") {
            return self.reset();
        }
        self.sent += 1;
        let id = format!("{:04x}.{:04x}.{:04x}", std::process::id(), self.number, self.sent);
        self.out.clear();
        self.run.message.add_headers(&mut self.out, options, &first.unwrap_or_default(), &id);
        let sent = self.stream.write(&self.out).and_then(|()| self.stream.write(&self.run.message.body));
        self.trouble(sent, "sending message");
        // LMTP answers for each recipient.
        let replies = if options.lmtp { accepted } else { 1 };
        for _ in 0..replies {
            let reply = self.reply("sending message");
            self.check(&reply, "end of data rejected");
        }
    }

    fn recipient(&self, index: u64) -> Vec<u8> {
        let options = &self.run.options;
        let mut recipient = Vec::new();
        if options.number {
            static NUMBER: AtomicU64 = AtomicU64::new(0);
            recipient.extend_from_slice(NUMBER.fetch_add(1, Ordering::Relaxed).to_string().as_bytes());
        } else if options.recipients > 1 {
            recipient.extend_from_slice(index.to_string().as_bytes());
        }
        recipient.extend_from_slice(&options.recipient);
        recipient
    }

    fn reset(&mut self) {
        self.command(b"RSET");
        let reply = self.reply("sending RSET");
        self.check(&reply, "rset rejected");
    }

    fn quit(mut self) {
        self.command(b"QUIT");
        // A server that hangs up without a word has still got the message.
        let _ = self.stream.flush().and_then(|()| read_reply(&mut self.stream, self.run.options.verbose));
    }

    fn command(&mut self, line: &[u8]) {
        if self.run.options.verbose {
            log::info!(">>> {}", bstr::BStr::new(line));
        }
        let written = self.stream.write(line).and_then(|()| self.stream.write(b"\r\n"));
        self.trouble(written, "sending command");
    }

    fn reply(&mut self, while_doing: &str) -> Reply {
        let result =
            self.stream.flush().and_then(|()| read_reply(&mut self.stream, self.run.options.verbose));
        self.trouble(result, while_doing)
    }

    /// Is the reply the one hoped for? Another ends the program, unless -A says to go on.
    fn check(&self, reply: &Reply, complaint: &str) -> bool {
        if !reply.is_ok() && !self.run.options.tolerant {
            let text = reply.lines.last().and_then(|line| line.get(4..)).unwrap_or_default();
            log::fatal!("{complaint}: {} {}", reply.code, bstr::BStr::new(text));
        }
        reply.is_ok()
    }

    fn trouble<T>(&self, result: io::Result<T>, while_doing: &str) -> T {
        result.unwrap_or_else(|error| {
            let what = match error.kind() {
                io::ErrorKind::TimedOut => "timeout".to_string(),
                io::ErrorKind::InvalidData => error.to_string(),
                _ => "lost connection".to_string(),
            };
            log::fatal!("{what} while {while_doing}")
        })
    }
}

fn read_reply(stream: &mut Stream, verbose: bool) -> io::Result<Reply> {
    let mut parser = ReplyParser::new();
    loop {
        let line = stream.read_line(LINE)?;
        if line.ending == net::Ending::Eof {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if verbose {
            log::info!("<<< {}", bstr::BStr::new(line.text));
        }
        match parser.line(line.text) {
            Ok(None) => {}
            Ok(Some(reply)) => return Ok(reply),
            Err(error) => return Err(io::Error::new(io::ErrorKind::InvalidData, error)),
        }
    }
}

fn connect(options: &Options) -> Stream {
    let mut attempt = 1;
    loop {
        match connect_once(options) {
            Ok(mut stream) => {
                stream.set_timeout(Some(TIMEOUT));
                return stream;
            }
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused && attempt < options.attempts => {
                attempt += 1;
                std::thread::sleep(Duration::from_millis(10));
            }
            Err(error) => log::fatal!("connect: {}", sys::errno_text(&error)),
        }
    }
}

fn connect_once(options: &Options) -> io::Result<Stream> {
    let addresses = match &options.server {
        Server::Unix(path) => return net::connect_unix(path, Some(TIMEOUT)),
        Server::Inet(addresses) => addresses,
    };
    let mut last = io::ErrorKind::NotFound.into();
    for address in addresses {
        match net::connect_inet(*address, None, Some(TIMEOUT)) {
            Ok(stream) => {
                if let Some(size) = options.window {
                    sys::socket::set_window(stream.fd()?.as_fd(), size)?;
                }
                return Ok(stream);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}
