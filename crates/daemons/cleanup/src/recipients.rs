//! Recipients into the queue file: virtual aliases, duplicates, notices about aliases.

use crate::message::{Message, RecipientNotes, bytes};
use bstr::{BString, ByteSlice};
use ipc::cleanup::{flag, stat};
use ipc::delivery::flag as request;
use ipc::{Dsn, Recipient};
use mail::dsn::{Notify, Outcome, Status};
use spool::fields::attr;
use spool::kind;

impl Message<'_> {
    /// Writes a recipient, or what it is an alias for.
    pub fn out_recipient(&mut self, notes: &RecipientNotes, recipient: &[u8]) {
        if self.flags & flag::MAP_OK == 0 || !self.service.has_aliases() {
            self.out_one(notes, notes.dsn_notify, recipient);
            return;
        }
        let expansion = self.expand(recipient);
        let is_expanded = expansion.len() > 1 || expansion.first().is_some_and(|one| one != recipient);
        if expansion.len() > 1 && self.trace_flags & request::MTA_VERIFY != 0 {
            // Probing each member would let the last one speak for the alias.
            return self.report_alias_deliverable(notes, recipient);
        }
        let mut notify = notes.dsn_notify;
        let success = i64::from(Notify::SUCCESS.bits());
        if notify & success != 0 && is_expanded {
            // The sender learns of the expansion; the members' deliveries are no news.
            self.report_expanded(notes, recipient);
            notify = if notify == success { i64::from(Notify::NEVER.bits()) } else { notify & !success };
        }
        for member in expansion {
            self.out_one(notes, notify, &member);
        }
    }

    /// Writes one recipient, unless it was written before.
    fn out_one(&mut self, notes: &RecipientNotes, notify: i64, recipient: &[u8]) {
        let original = notes.original.as_ref().map_or(recipient, |original| original.as_slice());
        let orcpt = bytes(&notes.dsn_orcpt);
        let seen = if self.service.options.original_recipient {
            let notify = notify.to_string();
            let key = [orcpt, b"\n", notify.as_bytes(), b"\n", original, b"\n", recipient].concat();
            self.duplicates.seen(&key)
        } else {
            self.duplicates.seen(recipient)
        };
        if seen {
            return;
        }
        if notify != 0 {
            self.out_attribute(attr::DSN_NOTIFY, notify.to_string().as_bytes());
        }
        if !orcpt.is_empty() {
            self.out_attribute(attr::DSN_ORCPT, orcpt);
        }
        self.out(kind::ORCP, original);
        self.out(kind::RCPT, recipient);
        self.size.recipients += 1;
    }

    fn report_alias_deliverable(&mut self, notes: &RecipientNotes, recipient: &[u8]) {
        log::debug!("{}: {} is an alias for several", self.id(), recipient.as_bstr());
        let id = BString::from(self.id());
        let outcome = Outcome::new(Status::SENT, "aliased to multiple recipients");
        let attempt = delivery::Attempt {
            flags: request::MTA_VERIFY,
            queue_id: &id,
            stats: ipc::MsgStats { incoming_arrival: self.arrival, ..ipc::MsgStats::default() },
            recipient: &self.report_recipient(notes, recipient),
            relay: b"none",
            tls: b"",
            outcome: &outcome,
        };
        if self.service.reporter.sent(&attempt) != delivery::Fate::Settled {
            log::warning!("{}: verify service update error", self.id());
            self.errors |= stat::WRITE;
        }
        // Counts as a recipient, or the probe would be refused for having none.
        self.recipient = Some(recipient.into());
    }

    fn report_recipient(&self, notes: &RecipientNotes, recipient: &[u8]) -> Recipient {
        Recipient {
            offset: 0,
            dsn_orcpt: notes.dsn_orcpt.clone().unwrap_or_default(),
            dsn_notify: i32::try_from(notes.dsn_notify).unwrap_or(0),
            original: notes.original.clone().unwrap_or_default(),
            address: recipient.into(),
        }
    }

    fn report_expanded(&mut self, notes: &RecipientNotes, recipient: &[u8]) {
        let append = ipc::bounce::Request::Append {
            flags: ipc::bounce::flag::CLEAN,
            queue_id: self.id().into(),
            recipient: self.report_recipient(notes, recipient),
            dsn: Dsn {
                status: "2.0.0".into(),
                action: "expanded".into(),
                reason: "alias expanded".into(),
                ..Dsn::default()
            },
        };
        self.trace_written = true;
        let done = self.service.trace.ask::<_, ipc::bounce::Status>(&append);
        if !matches!(done, Ok(ipc::bounce::Status(0))) {
            log::warning!("{}: trace logfile update error", self.id());
            self.errors |= stat::WRITE;
        }
    }

    /// The members of an alias, their members and so on; the address itself if it is no alias. An address that expands
    /// into itself stays.
    fn expand(&mut self, address: &[u8]) -> Vec<BString> {
        match self.service.expand(self.id(), address) {
            Ok(members) => members,
            Err(failure) => {
                self.errors |= failure.error;
                self.reason = Some("4.6.0 Alias expansion error".into());
                vec![address.into()]
            }
        }
    }
}
