//! One session, from greeting to QUIT.

use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};

use bstr::BString;
use net::{Ending, Stream};
use wire::dot::EndFinder;

use crate::commands::Command;
use crate::dump;
use crate::options::Options;

const LINE: usize = 4096;

/// What all sessions share.
pub struct Sink {
    pub options: Options,
    sessions: AtomicU64,
    quits: AtomicU64,
    messages: AtomicU64,
}

impl Sink {
    pub fn new(options: Options) -> Sink {
        Sink { options, sessions: AtomicU64::new(0), quits: AtomicU64::new(0), messages: AtomicU64::new(0) }
    }

    fn show(&self) {
        if !self.options.count {
            return;
        }
        let mut out = io::stdout().lock();
        let [sessions, quits, messages] =
            [&self.sessions, &self.quits, &self.messages].map(|counter| counter.load(Ordering::Relaxed));
        let _ = write!(out, "sess={sessions} quit={quits} mesg={messages}\r").and_then(|()| out.flush());
    }

    /// Ends the program when `done` reaches a limit that is not zero.
    fn finish_at(&self, done: u64, limit: u64) {
        if limit > 0 && done >= limit {
            if self.options.count {
                println!();
            }
            std::process::exit(0);
        }
    }
}

/// Serves one client.
pub fn run(sink: &Sink, stream: Stream) {
    let mut session = Session::new(sink, stream);
    // A client that goes away, or too slow, just ends its session.
    let _ = session.serve();
    let done = sink.sessions.fetch_add(1, Ordering::Relaxed) + 1;
    sink.show();
    sink.finish_at(done, sink.options.quit_after_sessions);
}

enum Next {
    Continue,
    Close,
}

struct Session<'a> {
    sink: &'a Sink,
    stream: Stream,
    protocol: &'static str,
    helo: Option<BString>,
    sender: Option<BString>,
    recipients: Vec<BString>,
}

impl<'a> Session<'a> {
    fn new(sink: &'a Sink, mut stream: Stream) -> Session<'a> {
        stream.set_timeout(Some(sink.options.timeout));
        let protocol = if sink.options.lmtp { "LMTP" } else { "SMTP" };
        Session { sink, stream, protocol, helo: None, sender: None, recipients: Vec::new() }
    }

    fn options(&self) -> &'a Options {
        &self.sink.options
    }

    fn serve(&mut self) -> io::Result<()> {
        if let Next::Close = self.dispatch(Command::Connect, b"")? {
            return Ok(());
        }
        loop {
            if self.stream.buffered().is_empty() {
                self.stream.flush()?;
            }
            let line = self.stream.read_line(LINE)?;
            if line.ending == Ending::Eof {
                return Ok(());
            }
            let line = line.text.to_vec();
            if self.options().verbose {
                log::info!("{}", bstr::BStr::new(&line));
            }
            let (verb, arguments) = split(&line);
            match Command::from_name(verb).filter(|command| command.is_sent()) {
                Some(command) => {
                    if let Next::Close = self.dispatch(command, arguments)? {
                        return self.stream.flush();
                    }
                }
                None if self.options().enhanced => self.say(b"500 5.5.1 Error: unknown command")?,
                None => self.say(b"500 Error: unknown command")?,
            }
        }
    }

    /// Does what the options say about a command, or else what the command says.
    fn dispatch(&mut self, command: Command, arguments: &[u8]) -> io::Result<Next> {
        let wrong = self.options().misbehaviour.with(command);
        if wrong.log {
            log::info!("{command:?} {}", bstr::BStr::new(arguments.get(..100).unwrap_or(arguments)));
        }
        let wait = wrong.wait();
        if !wait.is_zero() {
            self.stream.flush()?;
            std::thread::sleep(wait);
        }
        if wrong.hang_up {
            return Ok(Next::Close);
        }
        if wrong.close {
            self.say(b"421 4.0.0 Server closing connection")?;
            return Ok(Next::Close);
        }
        if wrong.hard || wrong.soft {
            let reply = if wrong.hard { &self.options().hard_reply } else { &self.options().soft_reply };
            self.say(reply)?;
            // The client cannot but go away when it is refused at the door.
            return Ok(Next::Continue);
        }
        match command {
            Command::Connect => self.greet()?,
            Command::Helo => self.hello("SMTP", arguments)?,
            Command::Ehlo => self.ehlo("ESMTP", arguments)?,
            Command::Lhlo => self.ehlo("LMTP", arguments)?,
            Command::Mail => self.mail(arguments)?,
            Command::Rcpt => self.rcpt(arguments)?,
            Command::Data => return self.data(),
            Command::Rset => {
                self.reset();
                self.say(b"250 2.1.0 Ok")?;
            }
            Command::Quit => {
                self.say(b"221 Bye")?;
                self.sink.quits.fetch_add(1, Ordering::Relaxed);
                return Ok(Next::Close);
            }
            Command::Dot
            | Command::XClient
            | Command::XForward
            | Command::Auth
            | Command::Noop
            | Command::Vrfy => {
                self.say(b"250 2.0.0 Ok")?;
            }
        }
        Ok(Next::Continue)
    }

    fn say(&mut self, line: &[u8]) -> io::Result<()> {
        if self.options().verbose {
            log::info!("{}", bstr::BStr::new(line));
        }
        self.stream.write(line)?;
        self.stream.write(b"\r\n")
    }

    fn greet(&mut self) -> io::Result<()> {
        let options = self.options();
        if options.pix {
            return self.say(b"220 ********");
        }
        let mut line = b"220 ".to_vec();
        line.extend_from_slice(&options.hostname);
        if options.esmtp && !options.lmtp {
            line.extend_from_slice(b" ESMTP");
        }
        self.say(&line)
    }

    fn hello(&mut self, protocol: &'static str, arguments: &[u8]) -> io::Result<()> {
        self.remember_helo(protocol, arguments);
        let line = [b"250 ", self.options().hostname.as_slice()].concat();
        self.say(&line)
    }

    fn ehlo(&mut self, protocol: &'static str, arguments: &[u8]) -> io::Result<()> {
        let options = self.options();
        if !options.esmtp && protocol == "ESMTP" {
            return self.say(b"500 5.5.1 Error: unknown command");
        }
        self.remember_helo(protocol, arguments);
        let line = [b"250-", options.hostname.as_slice()].concat();
        self.say(&line)?;
        for (wanted, keyword) in [
            (options.pipelining, "PIPELINING"),
            (options.eight_bit, "8BITMIME"),
            (options.auth, "AUTH PLAIN LOGIN"),
            (options.xclient, "XCLIENT NAME HELO"),
            (options.xforward, "XFORWARD NAME ADDR PROTO HELO"),
            (options.enhanced, "ENHANCEDSTATUSCODES"),
            (options.dsn, "DSN"),
        ] {
            if wanted {
                self.say(format!("250-{keyword}").as_bytes())?;
            }
        }
        self.say(b"250 ")
    }

    fn remember_helo(&mut self, protocol: &'static str, arguments: &[u8]) {
        self.reset();
        self.protocol = protocol;
        self.helo = Some(arguments.into());
    }

    fn mail(&mut self, arguments: &[u8]) -> io::Result<()> {
        if self.sender.is_some() {
            return self.say(b"503 5.5.1 Error: nested MAIL command");
        }
        self.sender = Some(arguments.into());
        self.say(b"250 2.1.0 Ok")
    }

    fn rcpt(&mut self, arguments: &[u8]) -> io::Result<()> {
        if self.sender.is_none() {
            return self.say(b"503 5.5.1 Error: need MAIL command");
        }
        self.recipients.push(arguments.into());
        self.say(b"250 2.1.5 Ok")
    }

    fn reset(&mut self) {
        self.sender = None;
        self.recipients.clear();
    }

    fn data(&mut self) -> io::Result<Next> {
        if self.recipients.is_empty() {
            self.say(b"503 5.5.1 Error: need RCPT command")?;
            return Ok(Next::Continue);
        }
        self.say(b"354 End data with <CR><LF>.<CR><LF>")?;
        self.stream.flush()?;
        let options = self.options();
        if let Some(delay) = options.abort {
            std::thread::sleep(delay);
            self.say(b"550 This violates SMTP")?;
            return Ok(Next::Close);
        }
        std::thread::sleep(options.data_read_delay);
        match &options.dump {
            None => self.skip_content()?,
            Some(template) => {
                let (mut file, random) = template.open();
                let mut text = self.dump_headers(random);
                self.keep_content(&mut text)?;
                dump::write(&mut file, &text);
            }
        }
        let replies = if options.lmtp { self.recipients.len() } else { 1 };
        let mut next = Next::Continue;
        for _ in 0..replies {
            next = self.dispatch(Command::Dot, b"")?;
            if let Next::Close = next {
                break;
            }
        }
        self.reset();
        let done = self.sink.messages.fetch_add(1, Ordering::Relaxed) + 1;
        self.sink.show();
        if options.quit_after_messages > 0 && done >= options.quit_after_messages {
            self.stream.flush()?;
        }
        self.sink.finish_at(done, options.quit_after_messages);
        Ok(next)
    }

    fn skip_content(&mut self) -> io::Result<()> {
        let mut finder = EndFinder::default();
        loop {
            let piece = self.stream.fill()?;
            if piece.is_empty() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let end = finder.push(piece);
            let taken = end.unwrap_or(piece.len());
            self.stream.consume(taken);
            if end.is_some() {
                return Ok(());
            }
        }
    }

    fn keep_content(&mut self, text: &mut Vec<u8>) -> io::Result<()> {
        let mut whole_before = true;
        loop {
            let line = self.stream.read_line(LINE)?;
            if line.ending == Ending::Eof {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if whole_before && line.text == b"." && line.ending == Ending::CrLf {
                text.push(b'\n');
                return Ok(());
            }
            let content =
                if whole_before { line.text.strip_prefix(b".").unwrap_or(line.text) } else { line.text };
            text.extend_from_slice(content);
            whole_before = line.ending != Ending::Long;
            if whole_before {
                text.push(b'\n');
            }
        }
    }

    fn dump_headers(&self, random: u32) -> Vec<u8> {
        let options = self.options();
        let mut text = options.start.to_vec();
        let address =
            self.stream.peer_addr().map_or_else(|| "local".to_string(), |peer| peer.ip().to_string());
        let prefix = if address.contains(':') { "ipv6:" } else { "" };
        let mut line = |name: &str, value: &[u8]| {
            text.extend_from_slice(name.as_bytes());
            text.extend_from_slice(value);
            text.push(b'\n');
        };
        line("X-Client-Addr: ", format!("{prefix}{address}").as_bytes());
        line("X-Client-Proto: ", self.protocol.as_bytes());
        if let Some(helo) = &self.helo {
            line("X-Helo-Args: ", helo);
        }
        if let Some(sender) = &self.sender {
            line("X-Mail-Args: ", sender);
        }
        for recipient in &self.recipients {
            line("X-Rcpt-Args: ", recipient);
        }
        let helo = self.helo.clone().unwrap_or_else(|| format!("[{prefix}{address}]").into());
        line("Received: from ", format!("{helo} ([{prefix}{address}])").as_bytes());
        line(
            "\tby ",
            format!("{} (smtp-sink) with {} id {random:08x};", options.hostname, self.protocol).as_bytes(),
        );
        line("\t", mail::date::header(sys::clock::now()).as_bytes());
        text
    }
}

/// The first word, and what follows the white space behind it.
fn split(line: &[u8]) -> (&[u8], &[u8]) {
    let line = line.trim_ascii();
    let end = line.iter().position(|b| b.is_ascii_whitespace()).unwrap_or(line.len());
    let (verb, rest) = line.split_at_checked(end).unwrap_or((line, b""));
    (verb, rest.trim_ascii_start())
}
