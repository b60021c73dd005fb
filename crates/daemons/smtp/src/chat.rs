//! Commands out, replies in.

use std::io;
use std::time::Duration;

use bstr::{BString, ByteSlice};
use mail::dsn::Status;
use net::{Deadline, Ending};
use wire::{Reply, ReplyError, ReplyParser};

use crate::session::Session;
use crate::state::State;

/// The longest line of a reply that is taken; the rest is cut off.
const LINE_MAX: usize = 2048;
/// So many lines that are no reply are passed over while one is waited for.
const GARBAGE_MAX: usize = 100;
/// A reply may have so many thousand lines: a server that talks on and on has perhaps taken the mail.
const PARTS_MAX: usize = 1000;

/// Why a conversation ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The server hung up.
    Lost,
    /// The server took too long.
    Timeout,
    /// What it says is no SMTP, without end.
    Protocol,
    /// The message cannot be read; what is wrong has been reported.
    Local,
}

impl From<io::Error> for Trouble {
    fn from(err: io::Error) -> Trouble {
        if err.kind() == io::ErrorKind::TimedOut { Trouble::Timeout } else { Trouble::Lost }
    }
}

/// A reply with its enhanced status: the server's own, or one that follows from the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub code: u16,
    pub status: Status,
    /// All lines, joined by blanks.
    pub text: BString,
    /// For the capabilities of an EHLO reply.
    pub reply: Reply,
}

impl Answer {
    pub fn class(&self) -> u16 {
        self.code / 100
    }

    fn new(reply: Reply) -> Answer {
        let status = match (reply.enhanced(), reply.class()) {
            (Some(code), _) => Status::new(code.class, code.subject, code.detail),
            (None, 2) => Status::new(2, 0, 0),
            (None, 4) => Status::new(4, 0, 0),
            (None, 5) => Status::new(5, 0, 0),
            (None, _) => Status::new(5, 5, 0),
        };
        Answer { code: reply.code, status, text: reply.joined(), reply }
    }
}

impl Session {
    /// The time limit of what follows.
    pub fn limit(&mut self, cx: &State, limit: Duration) {
        self.stream.set_timeout(Some(limit));
        if cx.set.per_request_deadline {
            self.stream.set_deadline(Some(Deadline { limit, min_rate: cx.set.min_data_rate }));
        }
    }

    /// Queues a command; it goes out with the next flush, or when a reply is waited for.
    pub fn put(&mut self, command: &[u8]) -> Result<(), Trouble> {
        log::debug!("> {}: {}", self.namaddrport, command.trim_ascii_end().as_bstr());
        self.stream.write(command)?;
        Ok(())
    }

    /// Sends a command with its line ending added.
    pub fn command(&mut self, command: &str) -> Result<(), Trouble> {
        self.put(format!("{command}\r\n").as_bytes())
    }

    /// Waits for a reply. Lines that are no reply are warned of and passed over.
    pub fn answer(&mut self, cx: &State) -> Result<Answer, Trouble> {
        self.stream.flush()?;
        let mut parser = ReplyParser::new();
        let (mut garbage, mut parts) = (0, 0);
        loop {
            let line = self.stream.read_line(LINE_MAX)?;
            let (mut ending, text) = (line.ending, line.text);
            if line.is_end() {
                return Err(Trouble::Lost);
            }
            let text = filtered(cx, text);
            while ending == Ending::Long {
                ending = self.stream.read_line(LINE_MAX)?.ending;
            }
            if ending == Ending::Eof {
                return Err(Trouble::Lost);
            }
            log::debug!("< {}: {}", self.namaddrport, text.as_bstr());
            match parser.line(&text) {
                Ok(None) => {}
                Ok(Some(reply)) => return Ok(self.take(reply)),
                Err(ReplyError::Garbage(line)) => {
                    self.spoilt = true;
                    let protocol = if cx.set.is_lmtp { "LMTP" } else { "SMTP" };
                    log::warning!(
                        "non-{protocol} response from {}: {}",
                        self.namaddrport,
                        mail::text::excerpt(&line, 100).as_bstr()
                    );
                    garbage += 1;
                    if garbage > GARBAGE_MAX {
                        return Err(Trouble::Protocol);
                    }
                }
                // The last lines count; what came before them is let go.
                Err(ReplyError::TooLong) => {
                    parts += 1;
                    if parts > PARTS_MAX {
                        return Err(Trouble::Protocol);
                    }
                    parser = ReplyParser::new();
                    if let Ok(Some(reply)) = parser.line(&text) {
                        return Ok(self.take(reply));
                    }
                }
            }
        }
    }

    fn take(&mut self, reply: Reply) -> Answer {
        if reply.code == 421 {
            self.spoilt = true;
        }
        Answer::new(reply)
    }

    /// A command and its reply.
    pub fn ask(&mut self, cx: &State, command: &str) -> Result<Answer, Trouble> {
        self.command(command)?;
        self.answer(cx)
    }
}

/// The line as `*_reply_filter` wants it; a filter that fails changes nothing.
fn filtered(cx: &State, line: &[u8]) -> Vec<u8> {
    if cx.reply_filter.is_empty() {
        return line.to_vec();
    }
    match cx.reply_filter.find(line) {
        Ok(Some(other)) => other.into(),
        Ok(None) => line.to_vec(),
        Err(err) => {
            log::warning!("{err}");
            line.to_vec()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_has_a_status() {
        let table: &[(&str, (u8, u16, u16))] = &[
            ("250 ok", (2, 0, 0)),
            ("250 2.1.5 ok", (2, 1, 5)),
            ("450 later", (4, 0, 0)),
            ("550 5.1.1 no", (5, 1, 1)),
            ("550 4.1.1 no", (5, 0, 0)),
            ("354 go", (5, 5, 0)),
        ];
        for (line, (class, subject, detail)) in table {
            let reply = ReplyParser::new().line(line.as_bytes()).unwrap().unwrap();
            assert_eq!(Answer::new(reply).status, Status::new(*class, *subject, *detail), "{line}");
        }
    }
}
