//! The envelope segment: sender, recipients, attributes.

use crate::message::{Message, RecipientNotes, Rewriting, Segment};
use bstr::ByteSlice;
use ipc::cleanup::flag;
use ipc::delivery::flag as request;
use mail::dsn::{Notify, Return};
use mail::{text, verp};
use spool::fields::{self, attr};
use spool::kind;

/// Records that belong to recipients, or end the list of them.
const RECIPIENT_KINDS: &[u8] = b"MDRO/Kon";
/// Flags that a client may raise with a record.
const EXTRA_FLAGS: i32 = flag::HOLD | flag::DISCARD;

/// The record that a named attribute stands for: what queue files of old could not hold.
pub fn mapped_kind(name: &[u8]) -> Option<u8> {
    match name.to_str().ok()? {
        attr::DSN_ORCPT => Some(kind::DSN_ORCPT),
        attr::DSN_NOTIFY => Some(kind::DSN_NOTIFY),
        attr::DSN_ENVID => Some(kind::DSN_ENVID),
        attr::DSN_RET => Some(kind::DSN_RET),
        attr::CREATE_TIME => Some(kind::CTIME),
        _ => None,
    }
}

impl Message<'_> {
    /// One record of the envelope.
    pub fn envelope(&mut self, record: u8, data: &[u8]) {
        if self.instruction(record, data) {
            return;
        }
        let mut meaning = (record, data);
        if record == kind::ATTR {
            let Some((name, value)) = self.attribute_record(data) else { return };
            if let Some(mapped) = mapped_kind(name) {
                meaning = (mapped, value);
            }
        }
        if !kind::ENVELOPE.contains(&record) {
            return self.refuse(format_args!("unexpected record type {record} in envelope"));
        }
        if !self.in_recipients && RECIPIENT_KINDS.contains(&record) && !self.begin_recipients() {
            return;
        }
        if self.recipient_record(meaning.0, meaning.1, data) {
            return;
        }
        if record == kind::MESG {
            self.in_recipients = false;
            self.segment = Segment::Content;
            return self.begin_content();
        }
        if self.in_recipients {
            // The queue manager must read past the first recipient.
            self.size.queue_opts |= fields::queue_opts::READ_ALL;
        }
        self.envelope_record(record, data, meaning);
    }

    /// Records that are not for the queue file.
    pub fn instruction(&mut self, record: u8, data: &[u8]) -> bool {
        match record {
            kind::FLGS => {
                let extra = number(data);
                if extra & !EXTRA_FLAGS != 0 {
                    log::warning!("{}: ignoring bad extra flags: {extra:#x}", self.id());
                } else {
                    self.flags |= extra;
                }
            }
            kind::MILT_COUNT => {
                self.milters_known = true;
                if number(data) > 0 {
                    self.refuse(format_args!("client uses milters, which are not supported yet"));
                }
            }
            _ => return false,
        }
        true
    }

    /// Splits a named attribute. A malformed one refuses the message, one without value is passed over.
    pub fn attribute_record<'d>(&mut self, data: &'d [u8]) -> Option<(&'d [u8], &'d [u8])> {
        match text::split_name_value(data) {
            Ok((name, b"")) => {
                let id = self.id();
                log::warning!("{id}: spurious null attribute value for \"{}\" -- ignored", name.as_bstr());
                None
            }
            Ok(pair) => Some(pair),
            Err(fault) => {
                let shown = text::excerpt(data, 100).as_bstr();
                self.refuse(format_args!("malformed attribute: {fault}: {shown}"));
                None
            }
        }
    }

    /// What must be there before the first recipient, and what goes in front of it.
    fn begin_recipients(&mut self) -> bool {
        let Some(sender) = &self.sender else {
            self.refuse(format_args!("missing sender envelope record"));
            return false;
        };
        let Some(arrival) = self.arrival else {
            self.refuse(format_args!("missing time envelope record"));
            return false;
        };
        let delay = self.service.limits.delay_warning;
        if !self.warn_seen && !sender.is_empty() && delay > 0 {
            let arrived = arrival.duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs());
            let due = i64::try_from(arrived).unwrap_or(0).saturating_add(delay);
            self.out(kind::WARN, &fields::format_warn(due));
        }
        self.in_recipients = true;
        true
    }

    /// Recipients and what belongs to them. `raw` is the record as it came, for warnings.
    pub fn recipient_record(&mut self, record: u8, data: &[u8], raw: &[u8]) -> bool {
        match record {
            kind::RCPT => {
                if self.sender.is_none() {
                    self.refuse(format_args!("envelope recipient precedes sender"));
                    return true;
                }
                let mut notes = std::mem::take(&mut self.notes);
                notes.original.get_or_insert_with(|| data.into());
                self.add_recipient(data, notes);
            }
            kind::DONE | kind::DRCP => self.notes = RecipientNotes::default(),
            kind::DSN_ORCPT => {
                if let Some(old) = self.notes.dsn_orcpt.replace(data.into()) {
                    let shown = text::excerpt(&old, 200).as_bstr();
                    log::warning!(
                        "{}: ignoring out-of-order DSN original recipient record <{shown}>",
                        self.id()
                    );
                }
            }
            kind::DSN_NOTIFY => self.note_notify(data, raw),
            kind::ORCP => {
                if let Some(old) = self.notes.original.replace(data.into()) {
                    let shown = text::excerpt(&old, 200).as_bstr();
                    log::warning!("{}: ignoring out-of-order original recipient record <{shown}>", self.id());
                }
            }
            _ => return false,
        }
        true
    }

    fn note_notify(&mut self, data: &[u8], raw: &[u8]) {
        if self.notes.dsn_notify != 0 {
            log::warning!(
                "{}: ignoring out-of-order DSN notify record <{}>",
                self.id(),
                self.notes.dsn_notify
            );
            self.notes.dsn_notify = 0;
        }
        let wish = strict_number(data).and_then(Notify::from_bits).filter(|wish| !wish.is_none());
        match wish {
            Some(wish) => {
                self.notes.dsn_notify = i64::from(wish.bits());
                self.size.queue_opts |= i64::from(wish.bits()) << 1;
            }
            None => {
                let shown = text::excerpt(raw, 200).as_bstr();
                log::warning!("{}: ignoring malformed DSN notify record <{shown}>", self.id());
            }
        }
    }

    fn envelope_record(&mut self, record: u8, data: &[u8], meaning: (u8, &[u8])) {
        match meaning.0 {
            // Both are our own business.
            kind::SIZE | kind::CTIME => {}
            kind::TIME => self.arrival_record(data),
            kind::FULL => {
                if self.full_name.is_none() {
                    self.full_name = Some(data.into());
                    self.out(record, data);
                }
            }
            kind::FROM => {
                if self.sender.is_some() {
                    return self.refuse(format_args!("multiple envelope sender records"));
                }
                self.set_sender(data);
            }
            kind::DSN_ENVID => {
                if !text::is_printable(meaning.1) {
                    return self.refuse(format_args!("bad DSN envelope ID record"));
                }
                self.dsn_envid = Some(meaning.1.into());
                self.out(record, data);
            }
            kind::DSN_RET => self.ret_record(record, data, meaning.1),
            kind::WARN => {
                if !self.warn_seen {
                    self.warn_seen = true;
                    self.out(record, data);
                }
            }
            kind::VERP => self.verp_record(data),
            kind::ATTR => self.envelope_attribute(data),
            _ => self.out(record, data),
        }
    }

    fn arrival_record(&mut self, data: &[u8]) {
        if self.arrival.is_none() {
            self.arrival = fields::parse_time(data);
            self.out(kind::TIME, data);
        }
        // Expiration counts from now, however old the mail is.
        let now = sys::clock::now().to_string();
        self.out_attribute(attr::CREATE_TIME, now.as_bytes());
    }

    fn ret_record(&mut self, record: u8, data: &[u8], value: &[u8]) {
        let wish = strict_number(value).filter(|bits| Return::from_bits(*bits).is_some());
        let Some(bits) = wish else {
            let shown = text::excerpt(data, 200).as_bstr();
            return self.refuse(format_args!("bad DSN RET record <{shown}>"));
        };
        self.dsn_ret = bits;
        self.out(record, data);
    }

    fn verp_record(&mut self, data: &[u8]) {
        if self.verp.is_some() {
            return;
        }
        if self.sender.as_ref().is_none_or(|sender| sender.is_empty()) {
            log::warning!("{}: ignoring VERP request for null sender", self.id());
        } else if !verp::delimiters_ok(data, &self.service.options.verp_filter) {
            let shown = text::excerpt(data, 100).as_bstr();
            log::warning!("{}: ignoring bad VERP request: \"{shown}\"", self.id());
        } else {
            self.verp = Some(data.into());
            self.out(kind::VERP, data);
        }
    }

    fn envelope_attribute(&mut self, data: &[u8]) {
        let Some((name, value)) = self.attribute_record(data) else { return };
        let limit = self.service.limits.attributes;
        if self.attributes.len() >= limit {
            return self.refuse(format_args!("attribute count exceeds limit {limit}"));
        }
        match name.to_str().unwrap_or_default() {
            attr::REWRITE_CONTEXT => match value {
                b"local" => self.rewriting = Rewriting::Local,
                b"remote" if self.service.options.rewrite_remote => self.rewriting = Rewriting::Remote,
                b"remote" => self.rewriting = Rewriting::Off,
                other => {
                    let shown = text::excerpt(other, 100).as_bstr();
                    return self.refuse(format_args!("bad rewriting context: {shown}"));
                }
            },
            attr::TRACE_FLAGS => match strict_number(value).and_then(|bits| i32::try_from(bits).ok()) {
                Some(bits) => {
                    if self.trace_flags == 0 {
                        self.trace_flags = bits & request::RECORD_MASK;
                    }
                }
                None => {
                    let shown = text::excerpt(data, 200).as_bstr();
                    return self.refuse(format_args!("bad TFLAG record <{shown}>"));
                }
            },
            _ => {}
        }
        self.set_attribute(name, value);
        self.out(kind::ATTR, data);
    }
}

/// A number at the start of the data, as clients write flags; damage is zero.
fn number(data: &[u8]) -> i32 {
    let digits = data.trim_ascii();
    let end = digits.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(digits.len());
    digits.get(..end).and_then(|digits| digits.to_str().ok()?.parse().ok()).unwrap_or(0)
}

/// Digits and nothing else.
fn strict_number(data: &[u8]) -> Option<i64> {
    if text::is_digits(data) { data.to_str().ok()?.parse().ok() } else { None }
}
