//! Who is told of what: the sender, the postmaster, both or nobody.
//!
//! A notice about mail goes out with the null sender; a notice that such a notice failed goes to
//! the postmaster from the double bounce address; about mail from that address nobody is told.

use std::io;

use bstr::{BStr, BString, ByteSlice};
use config::Config;
use config::params::*;
use delivery::notice::Classes;
use ipc::bounce::{About, flag};
use mail::dsn::{Notify, Return};
use spool::status_log::Entry;
use spool::{Queue, QueueId, Spool};

use crate::notice::{Attach, Destination, Kind, Subject};
use crate::original::Original;
use crate::template::{Template, Templates};

/// What the program works with.
pub struct Desk {
    /// main.cf.
    pub config: &'static Config,
    /// Queue files and logs.
    pub spool: Spool,
    /// Texts.
    pub templates: Templates,
    /// What the postmaster wants to know.
    pub classes: Classes,
    /// The log that this service keeps.
    pub log: Queue,
}

/// One message, and what its log says.
struct Case<'a> {
    desk: &'a Desk,
    about: &'a About,
    id: QueueId,
    original: Original,
    entries: Option<Vec<Entry>>,
}

impl Desk {
    fn case<'a>(&'a self, about: &'a About, entries: Option<Vec<Entry>>) -> io::Result<Case<'a>> {
        let bad = |what: &str| io::Error::new(io::ErrorKind::InvalidInput, what.to_string());
        let id = QueueId::parse(&about.queue_id).ok_or_else(|| bad("malformed queue id"))?;
        let queue = Queue::named(&about.queue_name).ok_or_else(|| bad("malformed queue name"))?;
        let entries = match entries {
            Some(entries) => Some(entries),
            None => match self.spool.read_status(self.log, &id) {
                Ok(entries) => Some(entries),
                Err(error) if error.kind() == io::ErrorKind::NotFound => None,
                Err(error) => return Err(error),
            },
        };
        let daemon = format!("MAILER-DAEMON@{}", self.config.get(MYHOSTNAME));
        let original = Original::read(&self.spool, queue, &id, daemon.as_bytes())?;
        Ok(Case { desk: self, about, original, id, entries })
    }

    /// Mail came back: tells of all that the log names, and removes the log.
    pub fn failure(&self, about: &About) -> io::Result<()> {
        let case = self.case(about, None)?;
        case.failure()?;
        case.mark_done()?;
        case.remove_log()
    }

    /// Mail came back: tells of one recipient, without a log.
    pub fn one(&self, about: &About, entry: Entry) -> io::Result<()> {
        let case = self.case(about, Some(vec![entry]))?;
        case.failure()?;
        case.mark_done()
    }

    /// Mail came back: one notice for each recipient, to the sender with the recipient in it.
    pub fn verp(&self, about: &About, delimiters: &[u8]) -> io::Result<()> {
        if about.sender.is_empty() || self.is_double_bounce(&about.sender) {
            log::warning!("request to send VERP-style notification of bounced mail");
            return self.failure(about);
        }
        let case = self.case(about, None)?;
        let Some(entries) = &case.entries else {
            case.failure()?;
            return case.remove_log();
        };
        for entry in entries {
            let sender = mail::verp::sender(&about.sender, delimiters, &unquoted(&entry.recipient));
            let about = About { sender, ..about.clone() };
            let single = self.case(&about, Some(vec![entry.clone()]))?;
            single.failure()?;
            single.mark_done()?;
        }
        case.remove_log()
    }

    /// Mail is late: tells of it; the log stays.
    pub fn delay(&self, about: &About) -> io::Result<()> {
        self.case(about, None)?.delay()
    }

    /// Mail was delivered, or would be: tells of it and removes the log.
    pub fn report(&self, about: &About) -> io::Result<()> {
        let case = self.case(about, None)?;
        case.report()?;
        case.remove_log()
    }

    /// After a failed request of a client that will not try again: the log is forgotten.
    pub fn clean(&self, queue_id: &[u8]) {
        if let Some(id) = QueueId::parse(queue_id) {
            let _ = self.spool.remove(self.log, &id);
        }
    }

    fn is_double_bounce(&self, address: &[u8]) -> bool {
        address.eq_ignore_ascii_case(&self.double_bounce())
    }

    fn double_bounce(&self) -> BString {
        let sender = self.config.get(DOUBLE_BOUNCE_SENDER);
        if sender.contains('@') {
            sender.into()
        } else {
            format!("{sender}@{}", self.config.get(MYHOSTNAME)).into()
        }
    }
}

impl Case<'_> {
    fn failure(&self) -> io::Result<()> {
        let desk = self.desk;
        let template = &desk.templates.failure;
        let sender = self.about.sender.as_bstr();
        let postmaster = |address: &str, attach| {
            self.to_postmaster(Kind::Failure, template, address, attach, log::lines::Notice::Postmaster)
        };
        if desk.is_double_bounce(sender) {
            log::warning!("{}: undeliverable postmaster notification discarded", self.id);
            return Ok(());
        }
        if sender.is_empty() {
            // The last chance for this mail to be seen: the postmaster gets all of it.
            return match desk.classes.wants(Classes::BOUNCE) || desk.classes.wants(Classes::DOUBLE_BOUNCE) {
                true => postmaster(desk.config.get(_2BOUNCE_NOTICE_RECIPIENT), Attach::Whole),
                false => Ok(()),
            };
        }
        let attach = match Return::from_bits(i64::from(self.about.dsn_ret)) {
            Some(Return::Headers) => Attach::Header,
            _ => Attach::Whole,
        };
        self.to_sender(Kind::Failure, template, Some(Notify::FAILURE), attach, log::lines::Notice::Sender)?;
        if desk.classes.wants(Classes::BOUNCE)
            && let Err(error) = postmaster(desk.config.get(BOUNCE_NOTICE_RECIPIENT), Attach::Header)
        {
            self.postmaster_not_told(&error);
        }
        Ok(())
    }

    fn delay(&self) -> io::Result<()> {
        let desk = self.desk;
        let template = &desk.templates.delay;
        let sender = self.about.sender.as_bstr();
        let postmaster = || {
            let address = desk.config.get(DELAY_NOTICE_RECIPIENT);
            self.to_postmaster(
                Kind::Delay,
                template,
                address,
                Attach::Header,
                log::lines::Notice::PostmasterDelay,
            )
        };
        if desk.is_double_bounce(sender) {
            log::warning!("{}: undeliverable postmaster notification discarded", self.id);
            return Ok(());
        }
        if sender.is_empty() {
            return if desk.classes.wants(Classes::DELAY) { postmaster() } else { Ok(()) };
        }
        self.to_sender(
            Kind::Delay,
            template,
            Some(Notify::DELAY),
            Attach::Header,
            log::lines::Notice::SenderDelay,
        )?;
        if desk.classes.wants(Classes::DELAY)
            && let Err(error) = postmaster()
        {
            self.postmaster_not_told(&error);
        }
        Ok(())
    }

    fn report(&self) -> io::Result<()> {
        let desk = self.desk;
        // `sendmail -bv` and `-v` ask for a report; NOTIFY=SUCCESS for news of success.
        let asked = ipc::delivery::flag::USER_VERIFY | ipc::delivery::flag::RECORD;
        let template =
            if self.about.flags & asked != 0 { &desk.templates.verify } else { &desk.templates.success };
        let sender = self.about.sender.as_bstr();
        if desk.is_double_bounce(sender) {
            log::info!("{}: not sending trace/success notification for double-bounce message", self.id);
            return Ok(());
        }
        if sender.is_empty() {
            if !desk.classes.wants(Classes::DOUBLE_BOUNCE) {
                log::info!("{}: not sending trace/success notification for single-bounce message", self.id);
                return Ok(());
            }
            let from = desk.double_bounce();
            let address = desk.config.get(_2BOUNCE_NOTICE_RECIPIENT).as_bytes();
            let to = Destination {
                sender: &from,
                recipient: address,
                copy: false,
                filter: None,
                attach: Attach::Header,
            };
            return self.send(Kind::Report, template, &to, log::lines::Notice::SenderStatus);
        }
        self.to_sender(Kind::Report, template, None, Attach::Header, log::lines::Notice::SenderStatus)
    }

    fn to_sender(
        &self,
        kind: Kind,
        template: &Template,
        filter: Option<Notify>,
        attach: Attach,
        logged: log::lines::Notice,
    ) -> io::Result<()> {
        let to = Destination { sender: b"", recipient: &self.about.sender, copy: false, filter, attach };
        self.send(kind, template, &to, logged)
    }

    fn to_postmaster(
        &self,
        kind: Kind,
        template: &Template,
        address: &str,
        attach: Attach,
        logged: log::lines::Notice,
    ) -> io::Result<()> {
        let from = self.desk.double_bounce();
        let to =
            Destination { sender: &from, recipient: address.as_bytes(), copy: true, filter: None, attach };
        self.send(kind, template, &to, logged)
    }

    fn send(
        &self,
        kind: Kind,
        template: &Template,
        to: &Destination<'_>,
        logged: log::lines::Notice,
    ) -> io::Result<()> {
        let subject = Subject {
            config: self.desk.config,
            id: &self.id,
            encoding: encoding(&self.id, &self.about.encoding),
            utf8: self.about.sendopts & ipc::delivery::sendopt::SMTPUTF8_REQUESTED != 0,
            confidential: self.about.sendopts & ipc::delivery::sendopt::REQUIRETLS_ESMTP != 0,
            envid: self.about.dsn_envid.as_bstr(),
            original: &self.original,
            entries: self.entries.as_deref(),
            template,
            kind,
        };
        if let Some(new) = subject.send(to)? {
            log::info_line(&log::lines::notification(&self.id.to_string(), logged, &new.to_str_lossy()));
        }
        Ok(())
    }

    fn postmaster_not_told(&self, error: &io::Error) {
        log::warning!(
            "{}: postmaster notice failed while bouncing to {}: {}",
            self.id,
            self.about.sender,
            sys::errno_text(error)
        );
    }

    /// Marks the recipients done that were told of, if the client asks for that.
    fn mark_done(&self) -> io::Result<()> {
        if self.about.flags & flag::DELETE_RECIPIENTS == 0 {
            return Ok(());
        }
        let Some(file) = &self.original.file else { return Ok(()) };
        for entry in self.entries.iter().flatten() {
            if let Ok(offset @ 1..) = u64::try_from(entry.offset) {
                file.mark_done(offset)?;
            }
        }
        Ok(())
    }

    fn remove_log(&self) -> io::Result<()> {
        match self.desk.spool.remove(self.desk.log, &self.id) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }
}

fn encoding<'a>(id: &QueueId, encoding: &'a BString) -> &'a BStr {
    match encoding.as_slice() {
        b"7bit" | b"8bit" | b"" => encoding.as_bstr(),
        _ => {
            log::warning!("{id}: unknown encoding: {encoding:.200}");
            BStr::new("")
        }
    }
}

fn unquoted(address: &[u8]) -> BString {
    mail::quote::unquote_822_local(address)
}
