//! The bounce, defer and trace logs: what became of each recipient of a message.
//!
//! Text, one paragraph for each recipient. A first line for people (`<recipient>: reason`) is
//! followed by `name=value` lines. Addresses are in external (quoted) form; callers quote.

use crate::id::QueueId;
use crate::queue::{Queue, Spool};
use bstr::io::BufReadExt;
use bstr::{BString, ByteSlice};
use std::fs::OpenOptions;
use std::io::{self, BufReader, Write};
use std::os::unix::fs::OpenOptionsExt;
use sys::file::{Lock, flock};

/// One recipient's status.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// The recipient, quoted; empty stands for `<>`.
    pub recipient: BString,
    /// The recipient before aliases were expanded, quoted, or empty.
    pub original: BString,
    /// Where its record is in the queue file; 0 when it has none.
    pub offset: i64,
    /// ORCPT.
    pub dsn_orcpt: BString,
    /// NOTIFY bits.
    pub dsn_notify: i32,
    /// `5.1.1`.
    pub status: BString,
    /// `failed`, `delayed`, `delivered`, `relayed`, `expanded`.
    pub action: BString,
    /// Diagnostic type.
    pub diag_type: BString,
    /// Diagnostic text.
    pub diag_text: BString,
    /// Remote MTA type.
    pub mta_type: BString,
    /// Remote MTA name.
    pub mta_name: BString,
    /// Why, for people.
    pub reason: BString,
}

impl Entry {
    /// Appends the paragraph. `readable` is `backwards_bounce_logfile_compatibility`: the first
    /// line that older programs read.
    pub fn format(&self, readable: bool, out: &mut Vec<u8>) {
        out.push(b'\n');
        if readable {
            for part in [&b"<"[..], &self.recipient, b">: ", &self.reason] {
                out.extend(part.iter().map(|&b| printable(b)));
            }
            out.push(b'\n');
        }
        let recipient: &[u8] = if self.recipient.is_empty() { b"<>" } else { &self.recipient };
        line(out, "recipient", recipient);
        if !self.original.is_empty() && !self.original.eq_ignore_ascii_case(&self.recipient) {
            line(out, "original_recipient", &self.original);
        }
        if self.offset > 0 {
            line(out, "offset", self.offset.to_string().as_bytes());
        }
        text(out, "dsn_orig_rcpt", &self.dsn_orcpt);
        if self.dsn_notify != 0 {
            line(out, "notify_flags", self.dsn_notify.to_string().as_bytes());
        }
        text(out, "status", &self.status);
        text(out, "action", &self.action);
        if !self.diag_type.is_empty() && !self.diag_text.is_empty() {
            line(out, "diag_type", &self.diag_type);
            line(out, "diag_text", &self.diag_text);
        }
        if !self.mta_type.is_empty() && !self.mta_name.is_empty() {
            line(out, "mta_type", &self.mta_type);
            line(out, "mta_mname", &self.mta_name);
        }
        text(out, "reason", &self.reason);
        out.push(b'\n');
    }
}

fn text(out: &mut Vec<u8>, name: &str, value: &[u8]) {
    if !value.is_empty() {
        line(out, name, value);
    }
}

fn line(out: &mut Vec<u8>, name: &str, value: &[u8]) {
    out.extend_from_slice(name.as_bytes());
    out.push(b'=');
    out.extend(value.iter().map(|&b| printable(b)));
    out.push(b'\n');
}

/// A line is a line: control characters cannot begin another one.
fn printable(byte: u8) -> u8 {
    if byte.is_ascii_control() { b'?' } else { byte }
}

impl Spool {
    /// Appends an entry to a message's log in `queue` (bounce, defer or trace), making the log if
    /// there is none, and syncs it. On failure the log is as it was before.
    pub fn append_status(&self, queue: Queue, id: &QueueId, entry: &Entry, readable: bool) -> io::Result<()> {
        let path = self.path(queue, id);
        let mut options = OpenOptions::new();
        options.append(true).create(true).mode(0o600);
        let mut log = match options.open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.make_directories(queue, id.as_ref())?;
                options.open(&path)?
            }
            other => other?,
        };
        flock(&log, Lock::Exclusive, true)?;
        let before = log.metadata()?.len();
        let mut paragraph = Vec::with_capacity(512);
        entry.format(readable, &mut paragraph);
        log.write_all(&paragraph).and_then(|()| log.sync_all()).or_else(|error| {
            log.set_len(before)?;
            Err(error)
        })
    }

    /// The entries of a message's log, locked shared against a writer.
    pub fn read_status(&self, queue: Queue, id: &QueueId) -> io::Result<Vec<Entry>> {
        let log = std::fs::File::open(self.path(queue, id))?;
        flock(&log, Lock::Shared, true)?;
        parse(BufReader::new(log))
    }
}

/// Reads the entries of a log. Lines that mean nothing are passed over, an entry without a
/// recipient is left out.
pub fn parse(mut log: impl io::BufRead) -> io::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    let mut entry = Entry::default();
    let mut named = false;
    log.for_byte_line(|line| {
        if line.is_empty() {
            if std::mem::take(&mut named) {
                entries.push(std::mem::take(&mut entry));
            }
        } else if let Some((recipient, reason)) =
            line.strip_prefix(b"<").and_then(|l| l.split_once_str(">: "))
        {
            entry.recipient = recipient.into();
            entry.reason = reason.into();
            named = true;
        } else if let Some((name, value)) = line.split_once_str("=") {
            named |= name == b"recipient";
            // compat: the blank that a command's last newline became is not shown again
            set(&mut entry, name, value.trim_ascii_end());
        }
        Ok(true)
    })?;
    if named {
        entries.push(entry);
    }
    Ok(entries)
}

fn set(entry: &mut Entry, name: &[u8], value: &[u8]) {
    let field = match name {
        b"recipient" => {
            entry.recipient = if value == b"<>" { BString::default() } else { value.into() };
            return;
        }
        b"offset" => {
            entry.offset = crate::fields::parse_number(value).unwrap_or(0);
            return;
        }
        b"notify_flags" => {
            let number = crate::fields::parse_number(value).unwrap_or(0);
            entry.dsn_notify = i32::try_from(number).unwrap_or(0);
            return;
        }
        b"original_recipient" => &mut entry.original,
        b"dsn_orig_rcpt" => &mut entry.dsn_orcpt,
        b"status" => &mut entry.status,
        b"action" => &mut entry.action,
        b"diag_type" => &mut entry.diag_type,
        b"diag_text" => &mut entry.diag_text,
        b"mta_type" => &mut entry.mta_type,
        b"mta_mname" => &mut entry.mta_name,
        b"reason" => &mut entry.reason,
        _ => return,
    };
    *field = value.into();
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A defer log as 3.11 wrote it.
    const CAPTURED: &str = "\n<u1@mbox.test>: maildir delivery failed\nrecipient=u1@mbox.test\noriginal_recipient=v1@mbox.test\n\
        offset=613\ndsn_orig_rcpt=rfc822;v1@mbox.test\nstatus=4.2.0\naction=delayed\nreason=maildir delivery failed\n\n\
        \n<x@c2.test>: refused\nrecipient=x@c2.test\noffset=294\nstatus=4.4.1\naction=delayed\ndiag_type=smtp\n\
        diag_text=450 no\nmta_type=dns\nmta_mname=mx\nreason=refused\n\n";

    #[test]
    fn both_ways() {
        let entries = parse(CAPTURED.as_bytes()).unwrap();
        assert_eq!(entries.len(), 2);
        let mut out = Vec::new();
        for entry in &entries {
            entry.format(true, &mut out);
        }
        assert_eq!(out.as_bstr(), CAPTURED);
    }

    #[test]
    fn null_recipient_and_newlines() {
        let entry = Entry { reason: "a\nrecipient=evil".into(), ..Entry::default() };
        let mut out = Vec::new();
        entry.format(true, &mut out);
        assert_eq!(out.as_bstr(), "\n<>: a?recipient=evil\nrecipient=<>\nreason=a?recipient=evil\n\n");
        assert_eq!(parse(out.as_slice()).unwrap().len(), 1);
    }

    #[test]
    fn older_logs_have_only_the_first_line() {
        let entries = parse(&b"<a@b>: gone\n\ngarbage\n\nx=y\n\n<>: null"[..]).unwrap();
        assert_eq!(entries.len(), 2);
        assert_eq!(entries.first().unwrap().reason, "gone");
    }

    #[test]
    fn append_and_read() {
        let root = std::env::temp_dir().join(format!("spool-log.{}", std::process::id()));
        std::fs::create_dir_all(root.join("defer")).unwrap();
        let spool = Spool::at(&root, "defer", 1, false);
        let id = QueueId::parse(b"5E1A").unwrap();
        let entry = Entry { recipient: "a@b".into(), offset: 7, ..Entry::default() };
        for _ in 0..2 {
            spool.append_status(Queue::Defer, &id, &entry, true).unwrap();
        }
        assert_eq!(spool.read_status(Queue::Defer, &id).unwrap(), [entry.clone(), entry]);
        std::fs::remove_dir_all(root).unwrap();
    }
}
