//! One message on its way into the queue: what is known about it so far, and which segment is being read.

use crate::attributes::Attributes;
use crate::setup::Service;
use bstr::{BStr, BString};
use ipc::cleanup::{flag, stat};
use mail::duplicates::Filter;
use mail::header::Kind;
use mail::mime::Machine;
use mail::sendopts;
use spool::{NewFile, Queue, SizeRecord, kind};
use std::io;
use std::time::SystemTime;

/// Errors that make the rest of the message pointless even when cleanup is to bounce it.
pub const INCOMPLETE: i32 = stat::BAD | stat::WRITE | stat::SIZE | stat::DEFER;
/// Errors after which no bounce can be sent.
pub const CANNOT_BOUNCE: i32 = stat::BAD | stat::WRITE | stat::DEFER | stat::RCPT;
/// Client flags that turn on content inspection.
pub const FILTER_ALL: i32 = flag::FILTER | flag::MILTER;

/// The segment that is being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Segment {
    /// Before the first record.
    Start,
    /// Envelope records.
    Envelope,
    /// Header and body.
    Content,
    /// Records behind the content, before the first.
    Behind,
    /// Records behind the content.
    Extracted,
}

/// Who rewrites addresses in headers, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rewriting {
    /// With the host's own names; missing headers are added.
    Local,
    /// With `remote_header_rewrite_domain`; missing headers are added.
    Remote,
    /// Headers stay as they are.
    Off,
}

impl Rewriting {
    /// The context's name for trivial-rewrite(8), if headers are rewritten at all.
    pub fn context(self) -> Option<&'static str> {
        match self {
            Rewriting::Local => Some("local"),
            Rewriting::Remote => Some("remote"),
            Rewriting::Off => None,
        }
    }
}

/// What precedes a recipient record and belongs to it.
#[derive(Debug, Default)]
pub struct RecipientNotes {
    /// The address as the client gave it.
    pub original: Option<BString>,
    /// ORCPT.
    pub dsn_orcpt: Option<BString>,
    /// NOTIFY bits.
    pub dsn_notify: i64,
}

/// A message and its queue file. Dropped without a commit, the file goes too.
pub struct Message<'a> {
    pub service: &'a Service,
    pub file: NewFile,
    id: String,
    /// The client's flags ([`flag`]).
    pub flags: i32,
    /// What went wrong ([`stat`]).
    pub errors: i32,
    error_mask: i32,
    /// Why, for the client.
    pub reason: Option<BString>,
    pub segment: Segment,
    /// Records of recipients are being read.
    pub in_recipients: bool,
    pub warn_seen: bool,
    pub end_seen: bool,
    /// Named attributes of the message.
    pub attributes: Attributes,
    pub arrival: Option<SystemTime>,
    pub full_name: Option<BString>,
    /// The envelope sender, after rewriting and mapping.
    pub sender: Option<BString>,
    /// The last recipient, after rewriting and mapping.
    pub recipient: Option<BString>,
    pub notes: RecipientNotes,
    pub dsn_envid: Option<BString>,
    pub dsn_ret: i64,
    pub verp: Option<BString>,
    /// Trace flags of the request ([`ipc::delivery::flag`]).
    pub trace_flags: i32,
    pub rewriting: Rewriting,
    pub duplicates: Filter,
    pub size: SizeRecord,
    pub extracted_offset: u64,
    /// The header: which are there, as bits of [`Kind`].
    seen: u64,
    /// The content says already that the next hop must have TLS.
    pub require_tls_shown: bool,
    pub hops: i64,
    pub resent: bool,
    pub message_id: Option<BString>,
    /// What content checks asked for.
    pub filter: Option<BString>,
    pub redirect: Option<BString>,
    pub checks_bcc: Vec<BString>,
    pub mime: Option<Machine>,
    /// The client said how many milters saw the message.
    pub milters_known: bool,
    pub trace_written: bool,
}

impl<'a> Message<'a> {
    /// Makes the queue file.
    pub fn open(service: &'a Service) -> io::Result<Message<'a>> {
        let file = service.spool.create(Queue::Incoming)?;
        let id = file.id().to_string();
        if !file.id().is_long() {
            remove_stale_logs(service, &file);
        }
        Ok(Message {
            service,
            file,
            id,
            flags: 0,
            errors: 0,
            error_mask: -1,
            reason: None,
            segment: Segment::Start,
            in_recipients: false,
            warn_seen: false,
            end_seen: false,
            attributes: Attributes::default(),
            arrival: None,
            full_name: None,
            sender: None,
            recipient: None,
            notes: RecipientNotes::default(),
            dsn_envid: None,
            dsn_ret: 0,
            verp: None,
            trace_flags: 0,
            rewriting: Rewriting::Local,
            duplicates: Filter::new(service.limits.duplicates, true),
            size: SizeRecord::default(),
            extracted_offset: 0,
            seen: 0,
            require_tls_shown: false,
            hops: 0,
            resent: false,
            message_id: None,
            filter: None,
            redirect: None,
            checks_bcc: Vec::new(),
            mime: None,
            milters_known: false,
            trace_written: false,
        })
    }

    /// The queue id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Takes the client's flags.
    pub fn control(&mut self, flags: i32) {
        log::debug!("cleanup flags = {flags:#x}");
        self.flags = flags;
        self.error_mask = if flags & flag::BOUNCE != 0 { INCOMPLETE } else { -1 };
        if flags & flag::REQUIRETLS != 0 {
            self.demand(sendopts::REQUIRETLS_ESMTP);
        }
        if flags & flag::SMTPUTF8 != 0 {
            self.demand(sendopts::SMTPUTF8_REQUESTED);
        }
    }

    /// Is it worth going on?
    pub fn ok(&self) -> bool {
        self.errors & self.error_mask == 0 && self.flags & flag::DISCARD == 0
    }

    /// Takes the next record.
    pub fn record(&mut self, record: u8, data: &[u8]) {
        // Only queue files have these; from outside they could point anywhere.
        if record == kind::PTR || record == kind::DTXT {
            log::warning!("{}: record type {record} not allowed - discarding this message", self.id);
            self.errors |= stat::BAD;
            return;
        }
        match self.segment {
            Segment::Start => {
                self.out(kind::SIZE, &SizeRecord::default().format());
                self.segment = Segment::Envelope;
                self.envelope(record, data);
            }
            Segment::Envelope => self.envelope(record, data),
            Segment::Content => self.content(record, data),
            Segment::Behind => {
                self.out(kind::XTRA, b"");
                self.segment = Segment::Extracted;
                self.extracted(record, data);
            }
            Segment::Extracted => self.extracted(record, data),
        }
    }

    /// Refuses the message because the client breaks the protocol.
    pub fn refuse(&mut self, what: std::fmt::Arguments<'_>) {
        log::warning!("{}: message rejected: {what}", self.id);
        self.errors |= stat::BAD;
    }

    /// Defers the message because of `reason`.
    pub fn defer(&mut self, reason: &str) {
        self.errors |= stat::DEFER;
        self.reason = Some(reason.into());
    }

    /// A table could not be asked.
    pub fn lookup_failed(&mut self, title: &str, error: &dyn std::fmt::Display) {
        log::debug!("{}: {title}: {error}", self.id);
        log::warning!("{}: {title} map lookup problem -- message not accepted, try again later", self.id);
        self.errors |= stat::WRITE;
    }

    /// A named attribute of the message.
    pub fn attribute(&self, name: &str) -> Option<&BStr> {
        self.attributes.get(name.as_bytes())
    }

    /// Sets a named attribute.
    pub fn set_attribute(&mut self, name: &[u8], value: &[u8]) {
        self.attributes.set(name, value);
    }

    /// Adds to what the next hop must be able to do.
    pub fn demand(&mut self, options: u32) {
        self.size.sendopts |= i64::from(options);
    }

    /// Must the next hop be able to do this?
    pub fn demands(&self, options: u32) -> bool {
        self.size.sendopts & i64::from(options) != 0
    }

    /// Remembers that a header is there.
    pub fn note_header(&mut self, header: Kind) {
        self.seen |= 1 << header as u8;
    }

    /// Is one of these headers there?
    pub fn has_header(&self, headers: &[Kind]) -> bool {
        headers.iter().any(|header| self.seen & (1 << *header as u8) != 0)
    }

    /// An address as the log shows it (`info_log_address_format`).
    pub fn shown(&self, address: &[u8]) -> BString {
        if self.service.options.log_external && !address.is_empty() {
            mail::quote::quote_822_local(address)
        } else {
            address.into()
        }
    }
}

/// The bytes of what may be missing; nothing if it is.
pub fn bytes(text: &Option<BString>) -> &[u8] {
    text.as_ref().map_or(b"", |text| text.as_slice())
}

/// A short queue id may have been somebody else's before: its logs must not become ours.
fn remove_stale_logs(service: &Service, file: &NewFile) {
    for queue in [Queue::Defer, Queue::Bounce, Queue::Trace] {
        // Looking takes no lock on the directory, which other messages want; removing does.
        if !service.spool.holds(queue, file.id()) {
            continue;
        }
        match service.spool.remove(queue, file.id()) {
            Ok(()) => log::warning!("{}: removed spurious {} log", queue.name(), file.id()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                log::warning!("{}: remove {} log: {}", queue.name(), file.id(), sys::errno_text(&error));
            }
        }
    }
}
