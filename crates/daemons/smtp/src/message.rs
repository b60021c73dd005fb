//! The message as it goes over the line: CR LF, dots doubled, no line too long, 8 bits only where the server takes them.

use bstr::{BStr, BString, ByteSlice};
use delivery::ContentError;
use mail::dsn::{Outcome, Status};
use mail::header::Info;
use mail::mime::{Block, Machine, Options, Piece, Sink};
use net::Stream;
use wire::Feature;

use crate::chat::Trouble;
use crate::checks::{Checks, Verdict};
use crate::generic::Generic;
use crate::job::Job;
use crate::session::Session;
use crate::trouble::local;

/// Sends the content, without the final dot.
pub fn send(job: &mut Job<'_>, session: &mut Session) -> Result<(), Trouble> {
    let limit = job.cx.set.line_length_limit;
    let converts = !job.cx.set.disable_mime_conversion
        && !session.has(Feature::EightBitMime)
        && job.delivery.encoding != "7bit";
    let mut lines = Lines::new(&mut session.stream, limit);
    lines.generic = job.cx.generic.as_ref();
    lines.checks = job.cx.checks.as_ref();
    lines.queue_id = job.queue_id();
    let copied = match (lines.generic, lines.checks) {
        (None, None) if !converts => plain(job, &mut lines),
        _ => parsed(job, &mut lines, converts),
    };
    let (failed, refused) = (lines.error.take(), lines.refused.take());
    if lines.broke {
        log::info!("{}: breaking line > {limit} bytes with <CR><LF>SPACE", job.queue_id());
    }
    if let Some(why) = refused {
        session.spoilt = true;
        job.message_failed(session, why);
        return Err(Trouble::Local);
    }
    match (copied, failed) {
        (Ok(()), None) => Ok(()),
        (Ok(()), Some(trouble)) => Err(trouble),
        (Err(error), _) => Err(unreadable(job, session, &error)),
    }
}

/// The session ends without the final dot, so that nobody takes half a message for a whole one.
fn unreadable(job: &mut Job<'_>, session: &mut Session, error: &ContentError) -> Trouble {
    session.spoilt = true;
    match error {
        ContentError::Corrupt(text) => {
            log::warning!("{}: {text}", job.queue_id());
            job.delivery.mark_corrupt();
        }
        ContentError::Io(err) => {
            log::warning!("{}: read queue file: {}", job.queue_id(), sys::errno_text(err));
            let reason = format!("local data error while talking to {}", session.namaddr);
            job.message_failed(session, local(Status::new(4, 3, 0), reason));
        }
    }
    job.delivery.keep();
    Trouble::Local
}

fn plain(job: &Job<'_>, lines: &mut Lines<'_>) -> Result<(), ContentError> {
    let mut content = job.delivery.content();
    while let Some(piece) = content.next_piece()? {
        lines.put(piece.data, piece.ends);
        if lines.error.is_some() {
            return Ok(());
        }
    }
    lines.end();
    Ok(())
}

/// By the structure of the message: addresses in headers are mapped, and where it `converts` 8-bit content becomes
/// quoted-printable.
fn parsed(job: &Job<'_>, lines: &mut Lines<'_>, converts: bool) -> Result<(), ContentError> {
    let options = Options { downgrade: converts, ..Options::default() };
    let mut machine = Machine::new(options, job.cx.set.mime_limits);
    let mut content = job.delivery.content();
    while let Some(piece) = content.next_piece()? {
        machine.update(if piece.ends { Piece::Line } else { Piece::Part }, piece.data, lines);
        if lines.error.is_some() {
            return Ok(());
        }
    }
    machine.update(Piece::End, b"", lines);
    lines.end();
    Ok(())
}

/// Lines on their way into the stream. The first failure is kept, what follows it is dropped.
struct Lines<'a> {
    stream: &'a mut Stream,
    /// No line gets longer than this (0: no limit).
    limit: usize,
    /// How much of the present line is left.
    room: usize,
    at_start: bool,
    /// A line was too long.
    broke: bool,
    error: Option<Trouble>,
    generic: Option<&'a Generic>,
    checks: Option<&'a Checks>,
    queue_id: &'a BStr,
    /// A table could not be asked.
    refused: Option<Outcome>,
}

impl<'a> Lines<'a> {
    fn new(stream: &'a mut Stream, limit: usize) -> Lines<'a> {
        Lines {
            stream,
            limit,
            room: limit,
            at_start: true,
            broke: false,
            error: None,
            generic: None,
            checks: None,
            queue_id: BStr::new(b""),
            refused: None,
        }
    }

    /// A line, or a piece of one. A line that is too long goes on in the next, after a blank.
    fn put(&mut self, mut data: &[u8], ends: bool) {
        if self.at_start && data.first() == Some(&b'.') {
            self.write(b".");
        }
        self.at_start &= data.is_empty();
        while self.limit > 0 && data.len() >= self.room {
            let (now, later) = data.split_at_checked(self.room).unwrap_or((data, b""));
            self.write(now);
            self.write(b"\r\n");
            self.room = self.limit;
            data = later;
            if data.is_empty() && ends {
                self.at_start = true;
                return;
            }
            self.broke = true;
            self.write(b" ");
            self.room -= 1;
            if data.is_empty() {
                return;
            }
        }
        self.write(data);
        self.room = self.room.saturating_sub(data.len());
        if ends {
            self.write(b"\r\n");
            self.room = self.limit;
            self.at_start = true;
        }
    }

    /// The last line ends, if the content forgot to.
    fn end(&mut self) {
        if !self.at_start {
            self.put(b"", true);
        }
    }

    fn write(&mut self, data: &[u8]) {
        if self.error.is_none() {
            if let Err(err) = self.stream.write(data) {
                self.error = Some(err.into());
            }
        }
    }
}

impl Lines<'_> {
    /// Nothing more is sent: the message waits until the table is back.
    fn refuse(&mut self, why: Outcome) {
        self.refused.get_or_insert(why);
        self.error.get_or_insert(Trouble::Local);
    }
}

impl Sink for Lines<'_> {
    fn header(&mut self, block: Block, info: Option<&'static Info>, text: &mut BString, _: u64) {
        let mut info = info;
        if let Some(checks) = self.checks {
            match checks.header(self.queue_id, block, info, text.as_bstr()) {
                Ok(Verdict::Keep) => {}
                Ok(Verdict::Drop) => return,
                Ok(Verdict::Prepend(other)) => other.lines().for_each(|line| self.put(line, true)),
                Ok(Verdict::Replace(other)) => {
                    info = mail::header::find_in(&other);
                    *text = other;
                }
                Err(why) => return self.refuse(why.outcome()),
            }
        }
        let mapped = self.generic.map_or(Ok(None), |generic| generic.header(block, info, text.as_bstr()));
        match mapped {
            Ok(Some(mapped)) => mail::header::lines(&mapped).for_each(|line| self.put(&line, true)),
            Ok(None) => text.lines().for_each(|line| self.put(line, true)),
            Err(why) => self.refuse(why.outcome()),
        }
    }

    fn headers_end(&mut self) {}

    fn body(&mut self, piece: Piece, text: &[u8], offset: u64) {
        let ends = piece != Piece::Part;
        match self
            .checks
            .map_or(Ok(Verdict::Keep), |checks| checks.body(self.queue_id, text.as_bstr(), offset))
        {
            Ok(Verdict::Keep) => self.put(text, ends),
            Ok(Verdict::Drop) => {}
            Ok(Verdict::Prepend(other)) => {
                other.lines().for_each(|line| self.put(line, true));
                self.put(text, ends);
            }
            Ok(Verdict::Replace(other)) => {
                let mut rest = other.lines().peekable();
                while let Some(line) = rest.next() {
                    self.put(line, ends || rest.peek().is_some());
                }
            }
            Err(why) => self.refuse(why.outcome()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(limit: usize, pieces: &[(&str, bool)]) -> String {
        let (mut near, mut far) = net::pair().unwrap();
        let mut lines = Lines::new(&mut near, limit);
        for (text, ends) in pieces {
            lines.put(text.as_bytes(), *ends);
        }
        lines.end();
        near.flush().unwrap();
        drop(near);
        let mut text = String::new();
        std::io::Read::read_to_string(&mut far, &mut text).unwrap();
        text
    }

    #[test]
    fn dots_are_doubled_and_lines_end_in_cr_lf() {
        assert_eq!(
            sent(998, &[("a", true), (".", true), ("..b", true), ("", true)]),
            "a\r\n..\r\n...b\r\n\r\n"
        );
        assert_eq!(sent(998, &[(".x", false), (".y", false), ("", true)]), "..x.y\r\n");
        assert_eq!(sent(998, &[("no end", false)]), "no end\r\n");
    }

    #[test]
    fn long_lines_go_on_after_a_blank() {
        assert_eq!(sent(10, &[("0123456789", true)]), "0123456789\r\n");
        assert_eq!(sent(10, &[("0123456789a", true)]), "0123456789\r\n a\r\n");
        assert_eq!(sent(10, &[("0123456789012345678901", true)]), "0123456789\r\n 012345678\r\n 901\r\n");
        assert_eq!(sent(10, &[("01234", false), ("56789", false), ("ab", true)]), "0123456789\r\n ab\r\n");
        assert_eq!(sent(10, &[("0123456789", false), ("", true)]), "0123456789\r\n \r\n");
        assert_eq!(
            sent(0, &[("0123456789012345678901", true), (".", true)]),
            "0123456789012345678901\r\n..\r\n"
        );
        assert_eq!(sent(0, &[("01", false), (".2", true)]), "01.2\r\n");
    }
}
