//! A notice as RFC 3464 wants it: text for people, a report for programs, and the message or its
//! header.

use std::io;

use bstr::{BStr, BString, ByteSlice};
use config::Config;
use config::params::*;
use delivery::post::{Envelope, Letter, cleanup_flags};
use mail::dsn::Notify;
use spool::QueueId;
use spool::status_log::Entry;

use crate::original::Original;
use crate::template::Template;
use crate::wrap::wrap;

/// What kind of notice: it decides about a few fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Mail came back.
    Failure,
    /// Mail is late.
    Delay,
    /// Mail was delivered, or would be.
    Report,
}

/// How much of the message goes along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attach {
    /// All of it.
    Whole,
    /// Its header.
    Header,
}

/// Everything that the notices about one message have in common.
pub struct Subject<'a> {
    /// main.cf.
    pub config: &'static Config,
    /// The message's id.
    pub id: &'a QueueId,
    /// `7bit`, `8bit` or empty.
    pub encoding: &'a BStr,
    /// The message needs SMTPUTF8.
    pub utf8: bool,
    /// The message needs REQUIRETLS.
    pub confidential: bool,
    /// ENVID= of the message.
    pub envid: &'a BStr,
    /// The message.
    pub original: &'a Original,
    /// What became of its recipients; `None`: the log cannot be read.
    pub entries: Option<&'a [Entry]>,
    /// Headers and text.
    pub template: &'a Template,
    /// The kind of notice.
    pub kind: Kind,
}

/// To whom one notice goes.
pub struct Destination<'a> {
    /// Envelope sender.
    pub sender: &'a [u8],
    /// Envelope recipient.
    pub recipient: &'a [u8],
    /// A copy for the postmaster: no text for people.
    pub copy: bool,
    /// Recipients that asked for other notices only are left out; `None`: all are in.
    pub filter: Option<Notify>,
    /// How much of the message goes along.
    pub attach: Attach,
}

impl Subject<'_> {
    /// Sends a notice and returns its queue id; `None` when no recipient is to be told of.
    pub fn send(&self, to: &Destination<'_>) -> io::Result<Option<BString>> {
        let entries =
            self.entries.map(|all| all.iter().filter(|entry| wanted(entry, to.filter)).collect::<Vec<_>>());
        let nothing = match &entries {
            Some(entries) => entries.is_empty(),
            None => self.kind != Kind::Failure,
        };
        if nothing {
            return Ok(None);
        }
        let envelope = Envelope {
            sender: to.sender,
            recipients: &[to.recipient.into()],
            cleanup_flags: cleanup_flags(self.config, "bounce", self.utf8),
            trace_flags: 0,
        };
        let mut letter = Letter::open(self.config, &envelope)?;
        let hostname = self.config.get(MYHOSTNAME);
        let boundary = format!("{}.{}/{hostname}", self.id, sys::clock::now());
        self.header(&mut letter, to, &boundary)?;
        if !to.copy {
            let text =
                self.template.expanded(self.config).map_err(|error| io::Error::other(error.to_string()))?;
            text.iter().try_for_each(|line| letter.line(line))?;
        }
        match &entries {
            Some(entries) => entries.iter().try_for_each(|entry| people(&mut letter, entry))?,
            None => {
                letter.line("")?;
                letter.line("\t--- Delivery report unavailable ---")?;
            }
        }
        self.report_head(&mut letter, &boundary)?;
        for entry in entries.iter().flatten() {
            self.report(&mut letter, entry)?;
        }
        self.attach(&mut letter, to.attach, &boundary)?;
        let id = letter.id().clone();
        let status = letter.send()?;
        if status.status == 0 {
            Ok(Some(id))
        } else {
            let why = ipc::cleanup::detail(status.status).text;
            Err(io::Error::other(format!("cleanup refused the notice: {why}")))
        }
    }

    fn header(&self, letter: &mut Letter, to: &Destination<'_>, boundary: &str) -> io::Result<()> {
        let template = self.template;
        let subject = if to.copy && !template.postmaster_subject.is_empty() {
            &template.postmaster_subject
        } else {
            &template.subject
        };
        let standard = self.config.get(HEADER_FROM_FORMAT) == "standard";
        let from = match &template.from {
            Some(from) => from.as_str(),
            None if standard => "Mail Delivery System <MAILER-DAEMON>",
            None => "MAILER-DAEMON (Mail Delivery System)",
        };
        letter.line(format!("From: {from}"))?;
        letter.line(format!("Subject: {subject}"))?;
        letter.line([b"To: ", mail::quote::quote_822_local(to.recipient).as_slice()].concat())?;
        if self.config.get(ENABLE_THREADED_BOUNCES) && !self.original.message_id.is_empty() {
            letter.line([b"References: ", self.original.message_id.as_slice()].concat())?;
            letter.line([b"In-Reply-To: ", self.original.message_id.as_slice()].concat())?;
        }
        letter.line(if to.copy {
            "Auto-Submitted: auto-generated"
        } else {
            "Auto-Submitted: auto-replied"
        })?;
        letter.line("MIME-Version: 1.0")?;
        letter.line("Content-Type: multipart/report; report-type=delivery-status;")?;
        letter.line(format!("\tboundary=\"{boundary}\""))?;
        let eight = self.encoding() == "8bit";
        match self.encoding() {
            "" => {}
            "7bit" if !template.is_eight_bit() => letter.line("Content-Transfer-Encoding: 7bit")?,
            _ => letter.line("Content-Transfer-Encoding: 8bit")?,
        }
        letter.line("")?;
        letter.line("This is a MIME-encapsulated message.")?;
        letter.line("")?;
        letter.line(format!("--{boundary}"))?;
        letter.line("Content-Description: Notification")?;
        // What is put into the text may be UTF-8, of which US-ASCII is a part.
        let ascii = template.charset.eq_ignore_ascii_case("us-ascii");
        let charset = if eight && ascii { "utf-8" } else { &template.charset };
        letter.line(format!("Content-Type: text/plain; charset={charset}"))?;
        if eight {
            letter.line("Content-Transfer-Encoding: 8bit")?;
        }
        letter.line("")
    }

    /// The report's fields about the message.
    fn report_head(&self, letter: &mut Letter, boundary: &str) -> io::Result<()> {
        let name = self.mail_name();
        letter.line("")?;
        letter.line(format!("--{boundary}"))?;
        letter.line("Content-Description: Delivery report")?;
        let global = if self.utf8 { "global-" } else { "" };
        letter.line(format!("Content-Type: message/{global}delivery-status"))?;
        if self.utf8 {
            letter.line("Content-Transfer-Encoding: 8bit")?;
        }
        letter.line("")?;
        letter.line(format!("Reporting-MTA: dns; {}", self.config.get(MYHOSTNAME)))?;
        if !self.envid.is_empty() {
            letter.line(format!("Original-Envelope-Id: {}", self.envid))?;
        }
        letter.line(format!("X-{name}-Queue-ID: {}", self.id))?;
        let sender = &self.original.sender;
        if !sender.is_empty() {
            letter.line(
                [format!("X-{name}-Sender: {}; ", self.address_type(sender)).as_bytes(), sender].concat(),
            )?;
        }
        if self.original.arrival > 0 {
            letter.line(format!("Arrival-Date: {}", mail::date::header(self.original.arrival)))?;
        }
        Ok(())
    }

    /// The report's fields about one recipient.
    fn report(&self, letter: &mut Letter, entry: &Entry) -> io::Result<()> {
        letter.line("")?;
        let typed =
            |name: &str, kind: &str, value: &[u8]| [format!("{name}: {kind}; ").as_bytes(), value].concat();
        letter.line(typed("Final-Recipient", self.address_type(&entry.recipient), &entry.recipient))?;
        // RFC 3464 wants this only with ORCPT=; the address before aliases is of use all the same.
        if !entry.dsn_orcpt.is_empty() {
            letter.line([b"Original-Recipient: ", entry.dsn_orcpt.as_slice()].concat())?;
        } else if !entry.original.is_empty() {
            letter.line(typed("Original-Recipient", self.address_type(&entry.original), &entry.original))?;
        }
        let action = if self.kind == Kind::Failure { BStr::new("failed") } else { entry.action.as_bstr() };
        letter.line(format!("Action: {action}"))?;
        letter.line(format!("Status: {}", entry.status))?;
        if !entry.mta_type.is_empty() && !entry.mta_name.is_empty() {
            wrapped(letter, format!("Remote-MTA: {}; {}", entry.mta_type, entry.mta_name))?;
        }
        if !entry.diag_type.is_empty() && !entry.diag_text.is_empty() {
            wrapped(
                letter,
                [b"Diagnostic-Code: ", entry.diag_type.as_slice(), b"; ", &entry.diag_text].concat(),
            )?;
        } else {
            let head = format!("Diagnostic-Code: X-{}; ", self.mail_name());
            wrapped(letter, [head.as_bytes(), &entry.reason].concat())?;
        }
        if self.kind == Kind::Delay {
            let lifetime = i64::try_from(self.config.get(MAXIMAL_QUEUE_LIFETIME).as_secs()).unwrap_or(0);
            let until = self.original.arrival.saturating_add(lifetime);
            letter.line(format!("Will-Retry-Until: {}", mail::date::header(until)))?;
        }
        Ok(())
    }

    /// The message, or its header; the end of the notice.
    fn attach(&self, letter: &mut Letter, attach: Attach, boundary: &str) -> io::Result<()> {
        // A message cut in the middle would be damaged MIME: a long one is represented by its header.
        // A message that was to travel encrypted only (REQUIRETLS) does not go back in a notice that
        // was not: RFC 8689 section 5.
        let header_only = attach == Attach::Header
            || self.confidential
            || self.original.exceeds(self.config.get(BOUNCE_SIZE_LIMIT));
        let what = if self.kind == Kind::Report { "" } else { "Undelivered " };
        let (part, kind) = match (header_only, self.utf8) {
            (true, false) => ("Message Headers", "text/rfc822-headers"),
            (true, true) => ("Message Headers", "message/global-headers"),
            (false, false) => ("Message", "message/rfc822"),
            (false, true) => ("Message", "message/global"),
        };
        letter.line("")?;
        letter.line(format!("--{boundary}"))?;
        letter.line(format!("Content-Description: {what}{part}"))?;
        letter.line(format!("Content-Type: {kind}"))?;
        if self.encoding() == "8bit" {
            letter.line("Content-Transfer-Encoding: 8bit")?;
        }
        letter.line("")?;
        if !self.original.copy(letter, header_only)? {
            return letter.line("\t--- Undelivered message unavailable ---");
        }
        letter.line("")?;
        letter.line(format!("--{boundary}--"))
    }

    /// How notice and message are encoded: with UTF-8 about, anything may be in either.
    fn encoding(&self) -> &'static str {
        if self.config.get(SMTPUTF8_ENABLE) {
            return "8bit";
        }
        match self.encoding.as_bytes() {
            b"8bit" => "8bit",
            b"7bit" => "7bit",
            _ => "",
        }
    }

    /// The mail system's name as part of a field name.
    fn mail_name(&self) -> String {
        let special = |c: char| " \t\r\n()<>@,;:\\\".[]".contains(c);
        self.config.get(MAIL_NAME).chars().map(|c| if special(c) { '-' } else { c }).collect()
    }

    fn address_type(&self, address: &[u8]) -> &'static str {
        if self.utf8 && !address.is_ascii() { "utf-8" } else { "rfc822" }
    }
}

fn wanted(entry: &Entry, filter: Option<Notify>) -> bool {
    let asked = entry.dsn_notify;
    asked == 0 || filter.is_none_or(|wish| asked & i32::from(wish.bits()) != 0)
}

/// What people read of one recipient.
fn people(letter: &mut Letter, entry: &Entry) -> io::Result<()> {
    letter.line("")?;
    let mut text = [b"<", entry.recipient.as_slice(), b">"].concat();
    if !entry.original.is_empty() {
        text.extend_from_slice(b" (expanded from <");
        text.extend_from_slice(&entry.original);
        text.extend_from_slice(b">)");
    }
    text.extend_from_slice(b": ");
    text.extend_from_slice(&entry.reason);
    wrapped(letter, text)
}

fn wrapped(letter: &mut Letter, text: impl AsRef<[u8]>) -> io::Result<()> {
    wrap(text.as_ref()).iter().try_for_each(|line| letter.line(line))
}
