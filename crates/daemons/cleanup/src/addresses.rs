//! Envelope addresses: canonical form, maps, masquerading, automatic copies.

use crate::mapping::Table;
use crate::message::{Message, RecipientNotes};
use crate::setup::Place;
use bstr::BString;
use ipc::cleanup::{flag, stat};
use mail::address::MAILER_DAEMON;
use mail::sendopts;
use spool::kind;

impl Message<'_> {
    /// Takes the envelope sender.
    pub fn set_sender(&mut self, address: &[u8]) {
        let Some(mut sender) = self.canonical(address) else { return };
        if self.is_mailer_daemon(&sender) {
            sender.clear();
        }
        if self.flags & flag::MAP_OK != 0 {
            self.map_one(&mut sender, Table::SenderCanonical, Place::EnvelopeSender);
            self.map_one(&mut sender, Table::Canonical, Place::EnvelopeSender);
            self.masquerade_internal(&mut sender, Place::EnvelopeSender);
        }
        if self.service.options.utf8 && !sender.is_ascii() && mail::text::is_utf8(&sender) {
            self.demand(sendopts::SMTPUTF8_SENDER);
            self.autodetect_utf8();
        }
        self.out(kind::FROM, &sender);
        self.sender = Some(sender.clone());
        if self.flags & flag::BCC_OK != 0 && !sender.is_empty() {
            self.copy_by_table(Table::SenderBcc, &sender);
        }
    }

    /// Takes an envelope recipient.
    pub fn add_recipient(&mut self, address: &[u8], mut notes: RecipientNotes) {
        let empty = self.service.options.empty_address.clone();
        let Some(mut recipient) = self.canonical(if address.is_empty() { &empty } else { address }) else {
            return;
        };
        if self.service.options.utf8 && !recipient.is_ascii() && mail::text::is_utf8(&recipient) {
            self.autodetect_utf8();
        }
        self.map_recipient(&mut recipient);
        if notes.dsn_orcpt.is_none() && !recipient.is_empty() {
            notes.dsn_orcpt = Some(self.default_orcpt(&recipient));
        }
        self.out_recipient(&notes, &recipient);
        self.recipient = Some(recipient.clone());
        if self.flags & flag::BCC_OK != 0 && !recipient.is_empty() {
            self.copy_by_table(Table::RecipientBcc, &recipient);
        }
    }

    /// Adds a recipient that nobody asked for and nobody is told about.
    pub fn add_bcc(&mut self, address: &[u8]) {
        let Some(mut recipient) = self.canonical(address) else { return };
        self.map_recipient(&mut recipient);
        let notes = RecipientNotes {
            original: Some(recipient.clone()),
            dsn_orcpt: None,
            dsn_notify: i64::from(mail::dsn::Notify::NEVER.bits()),
        };
        self.out_recipient(&notes, &recipient);
    }

    fn map_recipient(&mut self, recipient: &mut BString) {
        if self.flags & flag::MAP_OK != 0 {
            self.map_one(recipient, Table::RecipientCanonical, Place::EnvelopeRecipient);
            self.map_one(recipient, Table::Canonical, Place::EnvelopeRecipient);
            self.masquerade_internal(recipient, Place::EnvelopeRecipient);
        }
    }

    fn copy_by_table(&mut self, table: Table, address: &[u8]) {
        match self.service.find(table, address) {
            Ok(Some(found)) => self.add_bcc(&found.value),
            Ok(None) => {}
            Err(error) => self.lookup_failed(self.service.maps(table).title(), &error),
        }
    }

    /// The canonical form of an envelope address, in the local context whoever sent it: an address without domain is
    /// this host's.
    pub fn canonical(&mut self, address: &[u8]) -> Option<BString> {
        match self.service.rewriter.rewrite_internal("local", address) {
            Ok(canonical) => Some(canonical),
            Err(error) => {
                self.rewrite_failed(&error);
                None
            }
        }
    }

    /// trivial-rewrite(8) does not answer.
    pub fn rewrite_failed(&mut self, error: &std::io::Error) {
        log::warning!("{}: address rewriting: {}", self.id(), sys::errno_text(error));
        self.errors |= stat::WRITE;
    }

    /// `MAILER-DAEMON@$myorigin` is the null address in disguise.
    fn is_mailer_daemon(&mut self, address: &[u8]) -> bool {
        let looks = address
            .get(..MAILER_DAEMON.len() + 1)
            .is_some_and(|head| head.eq_ignore_ascii_case(&[MAILER_DAEMON, b"@"].concat()));
        looks && self.canonical(MAILER_DAEMON).is_some_and(|own| own.eq_ignore_ascii_case(address))
    }

    fn autodetect_utf8(&mut self) {
        if self.flags & flag::AUTOUTF8 != 0 {
            self.demand(sendopts::SMTPUTF8_REQUESTED);
        }
    }

    /// ORCPT for a recipient whose client gave none.
    fn default_orcpt(&self, recipient: &[u8]) -> BString {
        let requested = self.size.sendopts & i64::from(sendopts::SMTPUTF8_REQUESTED) != 0;
        let kind: &[u8] = if requested && !recipient.is_ascii() { b"utf-8;" } else { b"rfc822;" };
        [kind, recipient].concat().into()
    }
}
