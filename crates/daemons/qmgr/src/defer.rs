//! Results that the queue manager itself has to record: mail that cannot be delivered because
//! nobody is there to even try.

use bstr::ByteSlice;
use ipc::delivery::flag;
use ipc::verify;
use ipc::{Place, Recipient};
use mail::dsn::{Notify, Outcome};

use crate::call::{Question, Then};
use crate::manager::Manager;
use crate::message::Message;
use crate::queue::Queue;
use crate::schedule::From;
use crate::slab::Id;

impl Manager {
    /// Defers everything that waits for a destination: by the retry service if it is there, else
    /// recipient by recipient.
    pub fn defer_todo(&mut self, queue: Id<Queue>, why: &Outcome) {
        let entries = self.take_todo(queue);
        if entries.is_empty() {
            return;
        }
        match self.retry_queue(why).filter(|retry| *retry != queue) {
            Some(retry) => entries.into_iter().for_each(|entry| self.move_entry(entry, retry)),
            None => {
                for entry in entries {
                    let Some(taken) = self.entries.get(entry) else { continue };
                    let (message, recipients) = (taken.message, taken.recipients.clone());
                    for recipient in recipients {
                        self.defer_recipient(message, recipient, why);
                    }
                    self.entry_done(entry, From::Todo, std::time::Instant::now());
                }
            }
        }
    }

    /// Notes in the defer log why this recipient waits; the message's round ends only after that.
    pub fn defer_recipient(&mut self, id: Id<Message>, recipient: Recipient, why: &Outcome) {
        let Some(message) = self.messages.get_mut(id) else { return };
        message.unfinished = true;
        let flags = message.envelope.trace_flags;
        let queue_id: bstr::BString = message.id.as_bytes().into();
        let address = recipient.address.clone();
        if flags & flag::MTA_VERIFY != 0 {
            self.log_result(id, &recipient, why, "undeliverable");
            return self.update_verify(id, &recipient, verify::outcome::DEFER, why);
        }
        let probe = flags & flag::USER_VERIFY != 0;
        self.log_result(id, &recipient, why, if probe { "undeliverable" } else { "deferred" });
        let place = if probe { self.settings.trace.clone() } else { self.settings.defer.clone() };
        let action = if probe { "undeliverable" } else { "delayed" };
        self.append(id, place, recipient, why, action);
        let domain =
            address.rfind_byte(b'@').and_then(|at| address.get(at + 1..)).filter(|domain| !domain.is_empty());
        if let (Some(domain), Some(flush), false) = (domain, self.settings.flush.clone(), probe) {
            let request = ipc::flush::Request::Add { site: domain.into(), queue_id };
            self.call(flush, ipc::flush::PROTOCOL, Question::Flush(request), Then::Nothing);
        }
    }

    /// Records a delivery that needed no agent. False when the recipient must wait for the record.
    pub fn record_sent(&mut self, id: Id<Message>, recipient: &Recipient, why: &Outcome) -> bool {
        let Some(message) = self.messages.get(id) else { return false };
        let flags = message.envelope.trace_flags;
        if flags & flag::MTA_VERIFY != 0 {
            self.log_result(id, recipient, why, "deliverable");
            self.update_verify(id, recipient, verify::outcome::OK, why);
            return true;
        }
        let notify = recipient.dsn_notify & i32::from(Notify::SUCCESS.bits()) != 0;
        let (status, action) = if flags & flag::USER_VERIFY != 0 {
            ("deliverable", "deliverable")
        } else {
            ("sent", "delivered")
        };
        self.log_result(id, recipient, why, status);
        if notify || flags & (flag::RECORD | flag::USER_VERIFY) != 0 {
            let place = self.settings.trace.clone();
            self.append(id, place, recipient.clone(), why, action);
        }
        true
    }

    fn append(&mut self, id: Id<Message>, place: Place, recipient: Recipient, why: &Outcome, action: &str) {
        let Some(message) = self.messages.get_mut(id) else { return };
        message.requests += 1;
        let request = ipc::bounce::Request::Append {
            flags: message.envelope.trace_flags,
            queue_id: message.id.as_bytes().into(),
            recipient,
            dsn: ipc::Dsn {
                status: why.status.to_string().into(),
                action: action.into(),
                reason: why.reason.clone(),
                ..ipc::Dsn::default()
            },
        };
        self.call(place, ipc::bounce::PROTOCOL, Question::Status(Box::new(request)), Then::Appended(id));
    }

    fn update_verify(&mut self, id: Id<Message>, recipient: &Recipient, verdict: i32, why: &Outcome) {
        let mut addresses = vec![recipient.address.clone()];
        if !recipient.original.is_empty() && recipient.original != recipient.address {
            addresses.push(recipient.original.clone());
        }
        for address in addresses {
            if let Some(message) = self.messages.get_mut(id) {
                message.requests += 1;
            }
            let request =
                verify::Request::Update { address, recipient_status: verdict, reason: why.reason.clone() };
            let place = self.settings.verify.clone();
            self.call(place, verify::PROTOCOL, Question::Verify(request), Then::Appended(id));
        }
    }

    fn log_result(&self, id: Id<Message>, recipient: &Recipient, why: &Outcome, status: &str) {
        let Some(message) = self.messages.get(id) else { return };
        let line = log::lines::Delivery {
            queue_id: &message.id.to_string(),
            to: &self.shown(&recipient.address),
            orig_to: &self.shown(&recipient.original),
            relay: b"none",
            times: log::lines::Times {
                incoming_arrival: message.envelope.arrival,
                active_arrival: Some(message.active_since),
                ..log::lines::Times::default()
            },
            resolution: self.settings.resolution,
            dsn: &why.status.to_string(),
            status,
            reason: &why.reason,
            ..log::lines::Delivery::default()
        };
        log::info_line(&line.line());
    }
}
