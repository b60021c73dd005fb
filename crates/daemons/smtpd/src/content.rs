//! A message's content: from the network to records, and what the queue says at the end.

use std::time::UNIX_EPOCH;

use bstr::BString;
use config::params::*;
use ipc::cleanup::{flag, stat};
use net::Ending;
use spool::fields::attr;
use spool::record::kind;
use wire::content::{Frame, LineEnd, Taken};

use crate::errors::{End, Step, class};
use crate::queue::QueueStream;
use crate::received;
use crate::session::{Session, place};
use crate::setup::BareNewline;
use crate::transaction::Transaction;

impl Session<'_> {
    /// Opens the way into the queue, and writes the envelope's beginning. `Ok(false)`: the client has been told
    /// that we cannot.
    pub fn open_queue(&mut self) -> Step {
        let opened = if self.standalone {
            QueueStream::postdrop(self.cf.get(COMMAND_DIRECTORY))
        } else {
            self.server.cleanup.open(self.cleanup_flags())
        };
        let mut queue = match opened {
            Ok(queue) => queue,
            Err(error) => {
                let what = if self.standalone { "postdrop" } else { self.cf.get(CLEANUP_SERVICE_NAME) };
                log::warning!("unable to connect to the public {what} service: {}", sys::errno_text(&error));
                self.error_mask |= class::RESOURCE;
                self.reply("451 4.3.0 Error: queue file write error")?;
                return Ok(false);
            }
        };
        self.mail.queue_id = Some(queue.id.clone());
        self.write_envelope(&mut queue);
        self.mail.queue = Some(queue);
        let client = log::lines::Client { name_address: &self.client.name_address, ..Default::default() };
        log::info_line(&log::lines::client(&bstr::BStr::new(self.queue_id()).to_string(), &client));
        Ok(true)
    }

    fn cleanup_flags(&self) -> i32 {
        let transparent = self.server.transparent;
        let mut flags = flag::SMTP_REPLY;
        if !transparent.address_mappings {
            flags |= flag::BCC_OK | flag::MAP_OK;
        }
        if !transparent.header_body_checks {
            flags |= flag::FILTER;
        }
        if self.mail.smtputf8 {
            flags |= flag::SMTPUTF8;
        }
        if self.mail.require_tls {
            flags |= flag::REQUIRETLS;
        }
        flags
    }

    fn write_envelope(&self, queue: &mut QueueStream) {
        let (mail, client) = (&self.mail, &self.client);
        if !self.standalone {
            queue.record(kind::TIME, &spool::fields::format_time(mail.arrival.unwrap_or(UNIX_EPOCH)));
            let filter = self.cf.get(CONTENT_FILTER);
            if !filter.is_empty() {
                queue.record(kind::FILT, filter.as_bytes());
            }
            let id = queue.id.clone();
            queue.attribute(attr::LOG_IDENT, &id);
            queue.attribute(attr::REWRITE_CONTEXT, mail.rewrite_context.as_bytes());
            if let Some(envid) = &mail.envid {
                queue.attribute(attr::DSN_ENVID, envid);
            }
            if let Some(ret) = mail.ret {
                queue.attribute(attr::DSN_RET, ret.bits().to_string().as_bytes());
            }
        }
        queue.record(kind::FROM, self.sender.as_deref().map_or(&b""[..], |sender| sender));
        if let Some(body) = mail.body {
            let encoding = if body == wire::Body::EightBitMime { "8bit" } else { "7bit" };
            queue.attribute(attr::ENCODING, encoding.as_bytes());
        }
        if !self.standalone {
            queue.attribute(attr::LOG_CLIENT_NAME, &client.name);
            queue.attribute(attr::LOG_CLIENT_ADDR, &client.rfc_address);
            queue.attribute(attr::LOG_CLIENT_PORT, &client.port);
            queue.attribute(attr::LOG_ORIGIN, &client.name_address);
            if let Some(helo) = &self.helo {
                queue.attribute(attr::LOG_HELO_NAME, helo);
            }
            queue.attribute(attr::LOG_PROTO_NAME, self.protocol.as_bytes());
            queue.attribute(attr::CLIENT_NAME, &client.name);
            queue.attribute(attr::REVERSE_CLIENT_NAME, &client.reverse_name);
            queue.attribute(attr::CLIENT_ADDR, &client.address);
            queue.attribute(attr::CLIENT_PORT, &client.port);
            queue.attribute(attr::SERVER_ADDR, &client.server_address);
            queue.attribute(attr::SERVER_PORT, &client.server_port);
            if let Some(helo) = &self.helo {
                queue.attribute(attr::HELO_NAME, helo);
            }
            queue.attribute(attr::PROTO_NAME, self.protocol.as_bytes());
            queue.attribute(attr::CLIENT_ADDR_TYPE, client.family.to_string().as_bytes());
        }
        if let Some(verp) = &mail.verp {
            queue.record(kind::VERP, verp);
        }
    }
}

/// Ends the envelope and begins the content: prepended headers, and our Received header.
pub fn begin(session: &mut Session) {
    let seconds = session.mail.arrival.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let seconds = seconds.and_then(|since| i64::try_from(since.as_secs()).ok()).unwrap_or(0);
    let header = received::lines(session, session.queue_id(), seconds);
    let mail = &mut session.mail;
    let (flags, prepend) = (mail.flags, std::mem::take(&mut mail.prepend));
    let standalone = session.standalone;
    let Some(queue) = &mut mail.queue else { return };
    if flags != 0 && !standalone {
        queue.record(kind::FLGS, flags.to_string().as_bytes());
    }
    queue.record(kind::MESG, b"");
    for line in prepend.iter().chain(&header) {
        queue.record(kind::NORM, line);
    }
}

/// Lines on their way to records: where content begins, and how much of it there may be.
pub struct Lines {
    most: i64,
    first: bool,
}

impl Lines {
    pub fn new(session: &Session) -> Lines {
        Lines { most: session.cf.get(MESSAGE_SIZE_LIMIT), first: true }
    }

    /// Writes one line (or, not `whole`, a part of a long one) without its ending.
    pub fn write(&mut self, text: &[u8], whole: bool, mail: &mut Transaction) {
        let record = if whole { kind::NORM } else { kind::CONT };
        if std::mem::take(&mut self.first) {
            if is_mailbox_line(text) {
                // An mbox separator is no header.
                put_uncounted(record, &cat!("X-Mailbox-Line: ", text), mail);
                return;
            }
            if matches!(text.first(), Some(b' ' | b'\t')) {
                // Not a continuation of our Received header.
                put_uncounted(kind::NORM, b"", mail);
            }
        }
        self.put(record, text, mail);
    }

    fn put(&mut self, record: u8, text: &[u8], mail: &mut Transaction) {
        if mail.status != stat::OK {
            return;
        }
        let size = i64::try_from(text.len()).unwrap_or(i64::MAX).saturating_add(2);
        if self.most > 0 && self.most - mail.received < size {
            mail.status = stat::SIZE;
            let id = mail.queue_id.as_ref().map_or_else(|| "NOQUEUE".to_string(), ToString::to_string);
            log::warning!("{id}: queue file size limit exceeded");
            return;
        }
        mail.received += size;
        if let Some(queue) = &mut mail.queue {
            queue.record(record, text);
            if !queue.is_good() {
                mail.status = stat::WRITE;
            }
        }
    }
}

/// A record of our own making, which is no part of what the client sent.
fn put_uncounted(record: u8, text: &[u8], mail: &mut Transaction) {
    if let (Some(queue), stat::OK) = (&mut mail.queue, mail.status) {
        queue.record(record, text);
    }
}

/// "From " with any number of ">" before it.
fn is_mailbox_line(text: &[u8]) -> bool {
    let start = text.iter().take_while(|&&b| b == b'>').count();
    text.get(start..).unwrap_or_default().starts_with(b"From ")
}

/// Takes the content of DATA, up to the final dot.
pub fn receive(session: &mut Session) -> Result<(), End> {
    session.start_request();
    let mut lines = Lines::new(session);
    let line_limit = line_limit(session);
    let mode = session.bare_newline;
    let mut frame = Frame::new(mode != BareNewline::Allow);
    let (stream, mail) = (&mut session.stream, &mut session.mail);
    loop {
        let line = stream.read_line(line_limit)?;
        let end = match line.ending {
            Ending::Eof => return Err(End::Lost),
            Ending::Long => LineEnd::GoesOn,
            Ending::CrLf => LineEnd::Proper,
            Ending::Lf => LineEnd::Bare,
        };
        if end == LineEnd::Bare && mode != BareNewline::Allow {
            session.saw_bare_newline = true;
            if mode == BareNewline::Reject {
                mail.status |= stat::BARE_LF;
            }
        }
        match frame.take(line.text, end) {
            Taken::Text { text, whole } => lines.write(text, whole, mail),
            Taken::Dropped => {}
            Taken::End => return Ok(()),
        }
    }
}

/// What a line is read in pieces of.
pub fn line_limit(session: &Session) -> usize {
    usize::try_from(session.cf.get(LINE_LENGTH_LIMIT)).unwrap_or(usize::MAX)
}

/// Ends the message: the last restrictions, and what the queue says.
pub fn end(session: &mut Session) -> Step {
    session.place = place::END_OF_MESSAGE;
    if session.mail.status == stat::OK && !session.standalone {
        if let Some(refusal) = session.check_end_of_data()? {
            session.reply(refusal)?;
            session.mail.queue = None;
            finish_transaction(session);
            return Ok(false);
        }
    }
    let mut reason = BString::default();
    if let Some(mut queue) = session.mail.queue.take() {
        if session.mail.status == stat::OK {
            write_last_actions(&mut queue, &session.mail);
            let verdict = queue.finish(&session.server.cleanup);
            session.mail.status = verdict.status;
            reason = mail::text::printable(&verdict.reason, b' ', true);
        }
    }
    let accepted = session.mail.status == stat::OK;
    if accepted {
        session.errors = 0;
        session.error_mask = 0;
        session.junk = 0;
        let text = if session.mail.bdat == crate::transaction::Bdat::None {
            cat!("250 2.0.0 Ok: queued as ", session.queue_id())
        } else {
            cat!("250 2.0.0 Ok: ", session.mail.received.to_string(), " bytes queued as ", session.queue_id())
        };
        session.reply(text)?;
    } else {
        explain(session, &reason)?;
    }
    finish_transaction(session);
    Ok(accepted)
}

fn write_last_actions(queue: &mut QueueStream, mail: &Transaction) {
    queue.record(kind::XTRA, b"");
    if let Some(filter) = &mail.filter {
        queue.record(kind::FILT, filter);
    }
    if let Some(redirect) = &mail.redirect {
        queue.record(kind::RDR, redirect);
    }
    for recipient in &mail.bcc {
        queue.record(kind::RCPT, recipient);
        queue.attribute(attr::DSN_NOTIFY, mail::dsn::Notify::NEVER.bits().to_string().as_bytes());
    }
    if mail.flags != 0 {
        queue.record(kind::FLGS, mail.flags.to_string().as_bytes());
    }
}

fn finish_transaction(session: &mut Session) {
    session.notify_and_forget(session.cf.get(SMTPD_HISTORY_FLUSH_THRESHOLD));
    session.reset_mail();
    // A burst's large buffers are not kept for a client that may idle now.
    session.stream.shrink();
}

/// The kinds of failure, worst first: bit, reply, class.
const FAILURES: [(i32, &str, u32); 7] = [
    (stat::DEFER, "450 4.7.1 Error: service unavailable", class::POLICY),
    (stat::BAD, "451 4.3.0 Error: internal error", class::SOFTWARE),
    (stat::SIZE, "552 5.3.4 Error: message file too big", class::BOUNCE),
    (stat::HOPS, "554 5.4.0 Error: too many hops", class::BOUNCE),
    (stat::CONT, "550 5.7.1 Error: message content rejected", class::POLICY),
    (stat::WRITE, "451 4.3.0 Error: queue file write error", class::RESOURCE),
    (stat::MAPPING, "451 4.3.0 Error: unable to verify... ", class::SOFTWARE),
];

fn explain(session: &mut Session, reason: &[u8]) -> Result<(), End> {
    let status = session.mail.status;
    if status & stat::BARE_LF != 0 {
        let text = super::commands::bare_newline_reply(session);
        session.error_mask |= class::PROTOCOL;
        session.log_whatsup("reject", b"bare <LF> received");
        return session.reply(text);
    }
    if is_smtp_reply(reason) {
        session.error_mask |= class::POLICY;
        return session.reply(reason);
    }
    let row = FAILURES.iter().find(|(bit, _, _)| status & bit != 0);
    let (bit, text, kind) =
        row.copied().unwrap_or((stat::BAD, "451 4.3.0 Error: internal error", class::SOFTWARE));
    session.error_mask |= kind;
    let with_reason = matches!(bit, stat::DEFER | stat::CONT) && !reason.is_empty();
    let text = if with_reason {
        cat!(text.get(..4).unwrap_or_default(), reason)
    } else if bit == stat::BAD {
        cat!(text, " ", status.to_string())
    } else {
        text.into()
    };
    session.reply(text)
}

/// cleanup's reason may be a whole reply.
fn is_smtp_reply(text: &[u8]) -> bool {
    matches!(text, [b'4' | b'5', tens, ones, rest @ ..]
        if tens.is_ascii_digit() && ones.is_ascii_digit() && matches!(rest.first(), None | Some(b' ' | b'-')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_and_separators() {
        assert!(is_smtp_reply(b"550 5.7.1 no") && is_smtp_reply(b"450-a") && !is_smtp_reply(b"5.7.1 no"));
        assert!(
            is_mailbox_line(b"From me") && is_mailbox_line(b">>From me") && !is_mailbox_line(b"From: me")
        );
    }
}
