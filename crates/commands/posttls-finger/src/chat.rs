//! The conversation: greeting, EHLO, STARTTLS, EHLO, QUIT.

use net::{Deadline, Ending, Stream};
use tls::{Client, ClientSession, Established, Policy};

use crate::options::Options;

/// A server that we are connected to.
pub struct Peer<'a> {
    pub stream: Stream,
    pub options: &'a Options,
    /// Our own name.
    pub helo: &'a str,
    pub policy: &'a Policy,
    /// The domain, without brackets and port.
    pub nexthop: &'a str,
    pub host: &'a str,
    /// "name[address]:port".
    pub namaddr: &'a str,
    /// "[address]:port", for the session cache.
    pub server_id: &'a str,
    /// The conversation is shown.
    pub shown: bool,
    /// Connected once more: what is known of the server is not shown again.
    pub again: bool,
}

/// What was found out.
#[derive(Default)]
pub struct Found {
    pub established: Option<Established>,
    /// What the server calls itself.
    pub name: String,
}

/// A reply.
struct Reply {
    code: u16,
    lines: Vec<String>,
}

impl Reply {
    fn text(&self) -> String {
        self.lines.join(" ").chars().skip(4).collect()
    }

    fn offers(&self, keyword: &str) -> bool {
        self.lines.iter().skip(1).any(|line| {
            let words = line.get(4..).unwrap_or_default();
            words.split([' ', '=']).next().is_some_and(|word| word.eq_ignore_ascii_case(keyword))
        })
    }

    fn name(&self) -> String {
        let first = self.lines.first().and_then(|line| line.get(4..)).unwrap_or_default();
        first.split_whitespace().next().unwrap_or_default().to_owned()
    }
}

impl Peer<'_> {
    /// Talks to the server as far as it goes; an error is what to say about its end.
    pub fn talk(&mut self, client: &Client) -> Result<Found, String> {
        let mut found = Found::default();
        let greeting_limit = self.options.connect_limit;
        if self.options.wrapper {
            self.start_tls(client, &mut found)?;
        }
        self.limit(greeting_limit);
        let greeting = self.reply().map_err(|why| format!("{why} while reading server greeting"))?;
        if greeting.code / 100 != 2 {
            return Err(format!("SMTP service not available: {} {}", greeting.code, greeting.text()));
        }
        self.limit(self.options.command_limit);
        let hello = self.hello(&mut found)?;
        if !self.options.wrapper && hello.offers("STARTTLS") && self.policy.level > tls::Level::None {
            let shown = self.shown;
            self.shown &= !self.again;
            let answer = self.ask("STARTTLS").map_err(|why| format!("{why} while sending STARTTLS"))?;
            if answer.code / 100 != 2 {
                return Err(format!("STARTTLS rejected: {} {}", answer.code, answer.text()));
            }
            self.shown = shown;
            self.start_tls(client, &mut found)?;
            self.limit(self.options.command_limit);
            self.hello(&mut found)?;
        }
        if let Some(established) = &found.established {
            match &established.summary.peer_name {
                None if established.summary.key_fingerprint.is_empty() => log::info!("Server is anonymous"),
                _ if self.options.chain && !self.again => print_chain(established),
                _ => {}
            }
        }
        let _ = self.ask("QUIT").map_err(|why| log::info!("{why} while sending QUIT command"));
        Ok(found)
    }

    fn limit(&mut self, limit: std::time::Duration) {
        self.stream.set_timeout(Some(limit));
        self.stream.set_deadline(Some(Deadline { limit, min_rate: 0 }));
    }

    fn hello(&mut self, found: &mut Found) -> Result<Reply, String> {
        let verb = if self.options.lmtp { "LHLO" } else { "EHLO" };
        let command = format!("{verb} {}", self.helo);
        let shown = self.shown;
        self.shown &= !self.again;
        let reply = self.ask(&command).map_err(|why| format!("{why} while sending {verb}"))?;
        self.shown = shown;
        if reply.code / 100 != 2 {
            return Err(format!("{verb} rejected: {} {}", reply.code, reply.text()));
        }
        found.name = reply.name();
        Ok(reply)
    }

    fn start_tls(&mut self, client: &Client, found: &mut Found) -> Result<(), String> {
        self.stream.set_deadline(None);
        let session = ClientSession {
            policy: self.policy,
            namaddr: self.namaddr,
            host: self.host,
            nexthop: self.nexthop,
            helo: &found.name,
            server_id: self.server_id,
            timeout: self.options.connect_limit,
            wants_chain: self.options.chain,
        };
        // What went wrong is in the log.
        let established = client.connect(&mut self.stream, &session).map_err(|_| String::new())?;
        found.established = Some(established);
        Ok(())
    }

    fn ask(&mut self, command: &str) -> Result<Reply, &'static str> {
        if self.shown {
            log::info!("> {command}");
        }
        let sent = self.stream.write(format!("{command}\r\n").as_bytes()).and_then(|()| self.stream.flush());
        sent.map_err(|err| trouble(&err))?;
        self.reply()
    }

    fn reply(&mut self) -> Result<Reply, &'static str> {
        let mut lines = Vec::new();
        loop {
            let line = self.stream.read_line(2048).map_err(|err| trouble(&err))?;
            let (ending, text) = (line.ending, String::from_utf8_lossy(line.text).into_owned());
            if ending == Ending::Eof || line.is_end() {
                return Err("lost connection");
            }
            if self.shown {
                log::info!("< {text}");
            }
            let code = text.get(..3).and_then(|code| code.parse::<u16>().ok());
            let goes_on = text.as_bytes().get(3) == Some(&b'-');
            lines.push(text);
            if let (Some(code), false) = (code, goes_on) {
                return Ok(Reply { code, lines });
            }
            if lines.len() > 1000 {
                return Err("lost connection");
            }
        }
    }
}

fn trouble(err: &std::io::Error) -> &'static str {
    if err.kind() == std::io::ErrorKind::TimedOut { "timeout" } else { "lost connection" }
}

fn print_chain(established: &Established) {
    println!("\n---\nCertificate chain");
    for (at, cert) in established.chain.iter().enumerate() {
        println!("{at:2} subject: {}", cert.subject);
        println!("    issuer: {}", cert.issuer);
        println!("   cert digest={}", cert.certificate_fingerprint);
        println!("   pkey digest={}", cert.key_fingerprint);
        print!("{}", cert.pem);
    }
}
