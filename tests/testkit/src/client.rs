//! A plain SMTP client that says what it is told and keeps what it hears.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};

use crate::instance::PATIENCE;

/// One reply: its code and all of its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub code: u16,
    pub text: String,
}

/// A connection to an SMTP server.
pub struct Client {
    stream: TcpStream,
    reader: BufReader<TcpStream>,
    /// The greeting.
    pub greeting: Reply,
}

impl Client {
    /// Connects to a port of 127.0.0.1 and reads the greeting.
    pub fn connect(port: u16) -> Client {
        let stream = TcpStream::connect(("127.0.0.1", port)).expect("connect to the SMTP port");
        stream.set_read_timeout(Some(PATIENCE)).expect("set a time limit");
        let reader = BufReader::new(stream.try_clone().expect("duplicate the socket"));
        let mut client = Client { stream, reader, greeting: Reply { code: 0, text: String::new() } };
        client.greeting = client.read();
        client
    }

    /// Reads one reply.
    pub fn read(&mut self) -> Reply {
        self.try_read().expect("a whole reply")
    }

    /// Reads one reply; `None` when the server closed the connection.
    pub fn try_read(&mut self) -> Option<Reply> {
        let mut text = String::new();
        loop {
            let mut line = Vec::new();
            let read = self.reader.read_until(b'\n', &mut line).ok()?;
            if read == 0 {
                return None;
            }
            assert!(line.ends_with(b"\r\n"), "a reply line ends in CRLF: {line:?}");
            let line = String::from_utf8_lossy(&line).into_owned();
            text.push_str(&line);
            if line.as_bytes().get(3) != Some(&b'-') {
                let code = line.get(..3).and_then(|c| c.parse().ok()).unwrap_or(0);
                return Some(Reply { code, text });
            }
        }
    }

    /// Sends a line (CRLF is added) and reads the reply.
    pub fn say(&mut self, line: &str) -> Reply {
        self.send(format!("{line}\r\n").as_bytes());
        self.read()
    }

    /// Sends bytes as they are.
    pub fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).expect("send");
    }

    /// Says EHLO.
    pub fn hello(mut self) -> Client {
        self.say("EHLO client.test").expect(250);
        self
    }

    /// Sends a whole message; returns the last reply.
    pub fn message(&mut self, from: &str, to: &[&str], text: &str) -> Reply {
        self.say(&format!("MAIL FROM:<{from}>")).expect(250);
        for rcpt in to {
            self.say(&format!("RCPT TO:<{rcpt}>")).expect(250);
        }
        self.say("DATA").expect(354);
        let body = text.replace("\r\n", "\n").replace('\n', "\r\n");
        self.send(body.as_bytes());
        self.say(if body.ends_with("\r\n") { "." } else { "\r\n." })
    }

    /// Ends the sending side.
    pub fn finish(&mut self) {
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    /// Everything until the server closes.
    pub fn rest(&mut self) -> String {
        let mut bytes = Vec::new();
        let _ = self.reader.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Reply {
    /// Panics unless the reply has this code; gives the reply back.
    #[track_caller]
    pub fn expect(self, code: u16) -> Reply {
        assert_eq!(self.code, code, "{}", self.text);
        self
    }

    /// Panics unless the reply's text contains this.
    #[track_caller]
    pub fn with(self, part: &str) -> Reply {
        assert!(self.text.contains(part), "{part:?} is not in {:?}", self.text);
        self
    }
}
