//! The segment behind the content: recipients that came late, and what the content itself said.

use crate::envelope::mapped_kind;
use crate::message::Message;
use ipc::cleanup::flag;
use spool::fields::{self, attr};
use spool::kind;

/// Records that belong to recipients, or end the list of them.
const RECIPIENT_KINDS: &[u8] = b"EDRO/Kon";

impl Message<'_> {
    /// One record behind the content.
    pub fn extracted(&mut self, record: u8, data: &[u8]) {
        if record != kind::MILT_COUNT && self.instruction(record, data) {
            return;
        }
        if !kind::EXTRACT.contains(&record) {
            return self.refuse(format_args!("unexpected record type {record} in extracted envelope"));
        }
        let mut meaning = (record, data);
        if record == kind::ATTR {
            let Some((name, value)) = self.attribute_record(data) else { return };
            if let Some(mapped) = mapped_kind(name) {
                meaning = (mapped, value);
            }
        }
        if !self.in_recipients && RECIPIENT_KINDS.contains(&record) {
            self.out_findings();
            self.in_recipients = true;
        }
        if self.recipient_record(meaning.0, meaning.1, data) {
            return;
        }
        if record == kind::END {
            self.in_recipients = false;
            self.end_seen = true;
            return self.finish_extracted();
        }
        if self.in_recipients {
            self.size.queue_opts |= fields::queue_opts::READ_ALL;
        }
        self.out(record, data);
    }

    /// What was found in the content, in front of the recipients.
    fn out_findings(&mut self) {
        if let Some(filter) = self.filter.take() {
            self.out(kind::FILT, &filter);
        }
        if let Some(target) = self.redirect.take() {
            self.out(kind::RDR, &target);
        }
        if let Some(id) = self.message_id.take() {
            self.out_attribute(attr::MESSAGE_ID, &id);
        }
        if let Some(encoding) = self.attribute(attr::ENCODING).map(ToOwned::to_owned) {
            self.out_attribute(attr::ENCODING, &encoding);
        }
    }

    /// Automatic copies, then the end.
    fn finish_extracted(&mut self) {
        if self.flags & flag::BCC_OK != 0 && self.recipient.is_some() {
            let always = self.service.options.always_bcc.clone();
            if !always.is_empty() {
                self.add_bcc(&always);
            }
        }
        for address in std::mem::take(&mut self.checks_bcc) {
            if self.ok() && self.recipient.is_some() {
                self.add_bcc(&address);
            }
        }
        self.out(kind::END, b"");
    }
}
