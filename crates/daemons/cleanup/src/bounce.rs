//! Messages that cleanup itself returns: their clients (pickup, local) have nobody to tell.

use crate::message::Message;
use bstr::BString;
use delivery::report::Attempt;
use ipc::bounce::{About, Request, Status as Answer};
use ipc::cleanup::{flag, stat};
use ipc::{MsgStats, Recipient};
use mail::dsn::{self, Outcome, Return, Status};
use spool::{Reader, fields, kind};
use std::io::{BufReader, Seek};

impl Message<'_> {
    /// Bounces all recipients that are in the queue file so far. Afterwards the message is settled, or
    /// [`stat::WRITE`] is set.
    pub fn bounce(&mut self) {
        let outcome = self.outcome();
        let recipients = match self.queued_recipients() {
            Ok(recipients) => recipients,
            Err(error) => {
                log::warning!("{}: read queue file: {error}", self.id());
                Vec::new()
            }
        };
        for recipient in &recipients {
            self.bounce_one(recipient, &outcome);
        }
        if recipients.is_empty() {
            let unknown = Recipient { address: "unknown".into(), ..Recipient::default() };
            self.bounce_one(&unknown, &outcome);
        }
        if self.errors & stat::WRITE == 0 && !self.send_notice() {
            log::warning!("{}: bounce message failure", self.id());
            self.errors |= stat::WRITE;
        }
        self.errors &= stat::WRITE;
        if self.errors == 0 {
            self.flags |= flag::DISCARD;
        }
    }

    fn outcome(&self) -> Outcome {
        match &self.reason {
            Some(reason) => Outcome::from_text(Status::new(5, 0, 0), reason),
            None => {
                let detail = ipc::cleanup::detail(self.errors);
                let (status, text) = dsn::split(Status::new(5, 0, 0), detail.dsn.as_bytes());
                debug_assert!(text.is_empty());
                Outcome::new(status, detail.text)
            }
        }
    }

    fn bounce_one(&mut self, recipient: &Recipient, outcome: &Outcome) {
        if self.errors & stat::WRITE != 0 {
            return;
        }
        let id = BString::from(self.id());
        let attempt = Attempt {
            flags: 0,
            queue_id: &id,
            stats: MsgStats { incoming_arrival: self.arrival, ..MsgStats::default() },
            recipient,
            relay: b"none",
            tls: b"",
            outcome,
        };
        if self.service.reporter.bounced(&attempt) != delivery::report::Fate::Settled {
            // The maildrop file must not be destroyed.
            self.errors |= stat::WRITE;
        }
    }

    /// Sends what the log says to the sender.
    fn send_notice(&mut self) -> bool {
        // Content that was refused is not returned either.
        let headers_only = self.errors & (stat::CONT | stat::SIZE) != 0;
        let ret = if headers_only { i64::from(Return::Headers.bits()) } else { self.dsn_ret };
        let about = About {
            flags: ipc::bounce::flag::CLEAN,
            queue_name: self.file.queue().name().into(),
            queue_id: self.id().into(),
            encoding: self.attribute(fields::attr::ENCODING).unwrap_or_default().into(),
            sendopts: i32::try_from(self.size.sendopts).unwrap_or(0),
            sender: self.sender.clone().unwrap_or_default(),
            dsn_envid: self.dsn_envid.clone().unwrap_or_default(),
            dsn_ret: i32::try_from(ret).unwrap_or(0),
        };
        let request = match &self.verp {
            Some(delimiters) if !self.service.options.no_verp_bounces => {
                Request::Verp { about, delimiters: delimiters.clone() }
            }
            _ => Request::Flush(about),
        };
        matches!(self.service.bounces.ask(&request), Ok(Answer(0)))
    }

    /// The recipients that were written so far.
    fn queued_recipients(&mut self) -> Result<Vec<Recipient>, spool::ReadError> {
        // What cannot be written cannot be read back; the rest can.
        if let Err(error) = self.file.flush() {
            log::debug!("{}: {}", self.id(), sys::errno_text(&error));
        }
        let mut file = self.file.file();
        file.rewind().map_err(spool::ReadError::Io)?;
        let mut reader = Reader::new(BufReader::new(file));
        let mut found = Vec::new();
        let mut next = Recipient::default();
        while let Some(record) = reader.next_record()? {
            match record.kind {
                kind::END => break,
                kind::ATTR => match fields::attribute(record.data) {
                    Some((name, value)) if name == fields::attr::DSN_ORCPT.as_bytes() => {
                        next.dsn_orcpt = value.into()
                    }
                    Some((name, value)) if name == fields::attr::DSN_NOTIFY.as_bytes() => {
                        let bits = fields::parse_number(value).and_then(|bits| i32::try_from(bits).ok());
                        next.dsn_notify = bits.unwrap_or(0);
                    }
                    _ => {}
                },
                kind::ORCP => next.original = record.data.into(),
                kind::RCPT => {
                    next.address = record.data.into();
                    next.offset = i64::try_from(record.offset).unwrap_or(0);
                    found.push(std::mem::take(&mut next));
                }
                kind::DONE | kind::DRCP => next = Recipient::default(),
                _ => {}
            }
        }
        Ok(found)
    }
}
