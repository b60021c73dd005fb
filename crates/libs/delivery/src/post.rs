//! Mail of the system's own: bounces, postmaster notices, address probes. A [`Letter`] hands a message to cleanup(8)
//! line by line.

use bstr::{BString, ByteSlice};
use config::Config;
use config::params::{
    CLEANUP_SERVICE_NAME, INTERNAL_MAIL_FILTER_CLASSES, LINE_LENGTH_LIMIT, MAIL_NAME, MYHOSTNAME,
};
use ipc::cleanup::{Flags, Opening, Status, flag};
use ipc::{Peer, Place};
use spool::{fields, kind, record};
use std::io::{self, Write};
use std::time::SystemTime;

/// Who writes to whom, and how cleanup(8) is to take it.
#[derive(Clone, Debug)]
pub struct Envelope<'a> {
    /// The envelope sender; usually null or the double-bounce address.
    pub sender: &'a [u8],
    /// Whom it is for; at least one.
    pub recipients: &'a [BString],
    /// [`ipc::cleanup::flag`] bits, for example `INTERNAL`.
    pub cleanup_flags: i32,
    /// [`ipc::delivery::flag`] bits that ask for a report or a probe.
    pub trace_flags: i32,
}

/// How cleanup(8) treats mail of a kind: a word of `internal_mail_filter_classes` (`bounce`, `notify`).
pub fn cleanup_flags(cf: &Config, class: &str, utf8: bool) -> i32 {
    let mut flags = flag::INTERNAL;
    let mut classes = cf.get(INTERNAL_MAIL_FILTER_CLASSES).split([' ', '\t', '\r', '\n', ',']);
    if classes.any(|word| word.eq_ignore_ascii_case(class)) {
        flags |= flag::FILTER | flag::MILTER;
    }
    if utf8 {
        flags |= flag::SMTPUTF8;
    }
    flags
}

/// A message on its way to cleanup(8). Dropped before [`Letter::send`], it is never mailed.
pub struct Letter {
    peer: Peer,
    id: BString,
    line_limit: usize,
}

impl Letter {
    /// Begins a message: envelope, Received and Date are written; the caller goes on with headers.
    pub fn open(cf: &'static Config, envelope: &Envelope<'_>) -> io::Result<Letter> {
        let mut peer = ipc::connect(&Place::public(cf.get(CLEANUP_SERVICE_NAME)))?;
        let id = peer.receive::<Opening>()?.queue_id;
        peer.put(&Flags { flags: envelope.cleanup_flags })?;
        let line_limit = usize::try_from(cf.get(LINE_LENGTH_LIMIT)).unwrap_or(2048).max(1);
        let mut letter = Letter { peer, id, line_limit };
        letter.record(kind::TIME, &fields::format_time(SystemTime::now()))?;
        letter.attribute(fields::attr::LOG_ORIGIN, "local")?;
        letter.attribute(fields::attr::TRACE_FLAGS, &envelope.trace_flags.to_string())?;
        letter.record(kind::FROM, envelope.sender)?;
        for recipient in envelope.recipients {
            letter.record(kind::RCPT, recipient)?;
        }
        letter.record(kind::MESG, b"")?;
        let date = mail::date::header(sys::clock::now());
        letter.line(format!("Received: by {} ({})", cf.get(MYHOSTNAME), cf.get(MAIL_NAME)).as_bytes())?;
        letter.line(format!("\tid {}; {date}", letter.id).as_bytes())?;
        letter.line(format!("Date: {date}").as_bytes())?;
        Ok(letter)
    }

    /// The queue id it will have.
    pub fn id(&self) -> &BString {
        &self.id
    }

    /// Adds one line of header or body, without its ending.
    pub fn line(&mut self, text: impl AsRef<[u8]>) -> io::Result<()> {
        let mut rest = text.as_ref();
        while rest.len() > self.line_limit {
            let (piece, tail) = rest.split_at(self.line_limit);
            self.record(kind::CONT, piece)?;
            rest = tail;
        }
        self.record(kind::NORM, rest)
    }

    /// Adds several lines, separated by line feeds.
    pub fn lines(&mut self, text: &[u8]) -> io::Result<()> {
        text.lines().try_for_each(|line| self.line(line))
    }

    /// Ends the message. The answer says whether it is in the queue.
    pub fn send(mut self) -> io::Result<Status> {
        self.record(kind::XTRA, b"")?;
        self.record(kind::END, b"")?;
        Write::flush(&mut self.peer)?;
        self.peer.receive()
    }

    fn attribute(&mut self, name: &str, value: &str) -> io::Result<()> {
        self.record(kind::ATTR, &fields::format_attribute(name, value.as_bytes()))
    }

    /// Adds a record as it is: content of another message.
    pub fn record(&mut self, record: u8, data: &[u8]) -> io::Result<()> {
        record::write(&mut self.peer, record, data)
    }
}
