//! Copies a message from its queue file to a mailbox, a command or a connection: records become
//! lines, and what the receiver needs goes in front (From_ line, Return-Path, X-Original-To,
//! Delivered-To).
//!
//! The copier never seeks, syncs or truncates its output: that belongs to who opened it.

use std::io::{self, Write};

use bstr::BString;
use mail::dsn::{Outcome, Status};
use mail::quote::quote_822_local as quote;

use crate::{Content, ContentError, Piece};

/// What to put before, inside and after the copied lines.
#[derive(Clone, Debug)]
pub struct Options<'a> {
    /// Envelope sender, for `from_line` and `return_path`; empty for the null sender.
    pub sender: &'a [u8],
    /// First a line `From sender  date`.
    pub from_line: bool,
    /// A `Return-Path: <sender>` header.
    pub return_path: bool,
    /// An `X-Original-To:` header with this address; skipped when empty.
    pub original_to: Option<&'a [u8]>,
    /// A `Delivered-To:` header with this address.
    pub delivered_to: Option<&'a [u8]>,
    /// `>` before lines that begin with `From `.
    pub quote_from: bool,
    /// `.` before lines that begin with `.`.
    pub dot: bool,
    /// An empty line at the end.
    pub blank: bool,
    /// What ends a line.
    pub eol: &'a [u8],
}

impl<'a> Options<'a> {
    /// Nothing added, lines end with a newline.
    pub fn plain(sender: &'a [u8]) -> Options<'a> {
        Options {
            sender,
            from_line: false,
            return_path: false,
            original_to: None,
            delivered_to: None,
            quote_from: false,
            dot: false,
            blank: false,
            eol: b"\n",
        }
    }

    /// The mailbox (mbox) form: From_ line, Return-Path, quoting and a blank line at the end.
    pub fn mbox(sender: &'a [u8]) -> Options<'a> {
        Options {
            from_line: true,
            return_path: true,
            quote_from: true,
            blank: true,
            ..Options::plain(sender)
        }
    }
}

/// Why a copy failed.
#[derive(Debug)]
pub enum CopyError {
    /// The queue file is damaged; it must be marked with [`crate::Delivery::mark_corrupt`].
    Corrupt,
    /// The queue file cannot be read.
    Read(io::Error),
    /// The output cannot be written.
    Write(io::Error),
}

impl CopyError {
    /// The outcome of this failure; writing errors go by [`mailbox_status`].
    pub fn outcome(&self) -> Outcome {
        match self {
            CopyError::Corrupt => {
                Outcome::new(Status::new(4, 3, 0), "error reading message: the queue file is damaged")
            }
            CopyError::Read(error) => {
                let status = if again(error) { Status::new(4, 3, 0) } else { Status::new(5, 3, 0) };
                Outcome::new(status, format!("error reading message: {}", sys::errno_text(error)))
                    .diagnosed("x-unix", "input/output error")
            }
            CopyError::Write(error) => Outcome::new(
                mailbox_status(error, Status::new(5, 3, 0)),
                format!("error writing message: {}", sys::errno_text(error)),
            )
            .diagnosed("x-unix", "input/output error"),
        }
    }
}

fn again(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::StaleNetworkFileHandle)
}

/// The enhanced status for a mailbox's I/O error: come back later, system full, mailbox full, or
/// `default`.
pub fn mailbox_status(error: &io::Error, default: Status) -> Status {
    match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::StaleNetworkFileHandle => Status::new(4, 2, 0),
        io::ErrorKind::StorageFull => Status::new(4, 3, 0),
        io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => Status::new(5, 2, 2),
        _ => default,
    }
}

impl From<ContentError> for CopyError {
    fn from(error: ContentError) -> CopyError {
        match error {
            ContentError::Corrupt(why) => {
                log::warning!("{why}");
                CopyError::Corrupt
            }
            ContentError::Io(error) => CopyError::Read(error),
        }
    }
}

/// Copies the message to `out`, which should be buffered, and flushes it.
pub fn message(
    content: &mut Content<'_>,
    out: &mut dyn Write,
    options: &Options<'_>,
) -> Result<(), CopyError> {
    headers(out, options).map_err(CopyError::Write)?;
    let mut at_line_start = true;
    while let Some(piece) = content.next_piece()? {
        line(out, piece, at_line_start, options).map_err(CopyError::Write)?;
        at_line_start = piece.ends;
    }
    let end = |out: &mut dyn Write| -> io::Result<()> {
        if !at_line_start {
            out.write_all(options.eol)?;
        }
        if options.blank {
            out.write_all(options.eol)?;
        }
        out.flush()
    };
    end(out).map_err(CopyError::Write)
}

fn line(out: &mut dyn Write, piece: Piece<'_>, starts: bool, options: &Options<'_>) -> io::Result<()> {
    if starts {
        if options.quote_from && piece.data.starts_with(b"From ") {
            out.write_all(b">")?;
        }
        if options.dot && piece.data.starts_with(b".") {
            out.write_all(b".")?;
        }
    }
    out.write_all(piece.data)?;
    if piece.ends { out.write_all(options.eol) } else { Ok(()) }
}

fn headers(out: &mut dyn Write, options: &Options<'_>) -> io::Result<()> {
    let mut head = BString::default();
    if options.from_line {
        let sender = if options.sender.is_empty() { "MAILER-DAEMON".into() } else { quote(options.sender) };
        head.extend_from_slice(b"From ");
        head.extend_from_slice(&sender);
        head.extend_from_slice(b"  ");
        head.extend_from_slice(from_line_date().as_bytes());
        head.extend_from_slice(options.eol);
    }
    let mut header = |name: &str, value: &[u8]| {
        head.extend_from_slice(name.as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(value);
        head.extend_from_slice(options.eol);
    };
    if options.return_path {
        let mut path = BString::from("<");
        if !options.sender.is_empty() {
            path.extend_from_slice(&quote(options.sender));
        }
        path.push(b'>');
        header("Return-Path", &path);
    }
    if let Some(address) = options.original_to.filter(|address| !address.is_empty()) {
        header("X-Original-To", &quote(address));
    }
    if let Some(address) = options.delivered_to {
        header("Delivered-To", &quote(address));
    }
    out.write_all(&head)
}

/// `Sun Nov 22 02:52:42 2026`, local time: what mailbox readers expect behind `From sender  `.
fn from_line_date() -> String {
    let at = sys::clock::local(sys::clock::now());
    let weekday = sys::clock::WEEKDAYS.get(at.weekday as usize).copied().unwrap_or_default();
    let month = sys::clock::MONTHS.get(at.month as usize).copied().unwrap_or_default();
    format!("{weekday} {month} {:2} {:02}:{:02}:{:02} {}", at.day, at.hour, at.minute, at.second, at.year)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::tests::file;
    use bstr::ByteSlice;

    fn copied(options: &Options<'_>) -> BString {
        let file = file(b"N\x09From whomN\x02.xL\x05From N\x04tailN\x00L\x03endX\x00");
        let mut out = Vec::new();
        message(&mut Content::new(&file, 0), &mut out, options).unwrap();
        out.into()
    }

    #[test]
    fn what_receivers_ask_for() {
        let plain = Options::plain(b"a b@c.test");
        assert_eq!(copied(&plain), "From whom\n.x\nFrom tail\n\nend\n");
        let crlf = Options { dot: true, eol: b"\r\n", ..plain.clone() };
        assert_eq!(copied(&crlf), "From whom\r\n..x\r\nFrom tail\r\n\r\nend\r\n");
        let quoted = Options { quote_from: true, blank: true, ..plain.clone() };
        assert_eq!(copied(&quoted), ">From whom\n.x\n>From tail\n\nend\n\n");
        let headed =
            Options { return_path: true, original_to: Some(b""), delivered_to: Some(b"x y@d.test"), ..plain };
        assert!(
            copied(&headed)
                .starts_with(b"Return-Path: <\"a b\"@c.test>\nDelivered-To: \"x y\"@d.test\nFrom whom")
        );
    }

    #[test]
    fn the_from_line_names_the_null_sender() {
        let out = copied(&Options::mbox(b""));
        assert!(out.starts_with(b"From MAILER-DAEMON  "), "{out}");
        assert!(out.lines().nth(1) == Some(b"Return-Path: <>".as_slice()), "{out}");
    }
}
