//! The stages at which restrictions are applied, and what they share.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use bstr::{BString, ByteSlice};
use config::params::*;
use config::{Config, ConfigError, Param, Str};
use tables::Maps;

use super::certificate::Search;
use super::policy::{Policies, Policy};
use super::{Reader, Stop, Subject, Verdict, name};
use crate::errors::{End, class};
use crate::session::Session;

/// A stage's answer: what to reply, if it refuses.
type Refusal = Result<Option<BString>, End>;

/// The lists of all stages, the classes, and their tables.
#[derive(Default)]
pub struct Restrictions {
    client: Vec<String>,
    helo: Vec<String>,
    sender: Vec<String>,
    relay: Vec<String>,
    recipient: Vec<String>,
    data: Vec<String>,
    end_of_data: Vec<String>,
    etrn: Vec<String>,
    local_rewrite: Vec<String>,
    classes: HashMap<String, Vec<String>>,
    tables: HashMap<String, Maps>,
    searches: HashMap<String, Search>,
    policies: Policies,
}

/// One of these has to be somewhere among the recipient or relay restrictions: without them, anybody could send
/// anything anywhere through this host.
const GUARDS: [&str; 5] =
    ["reject_unauth_destination", "defer_unauth_destination", "reject", "defer", "defer_if_permit"];

impl Restrictions {
    /// Reads the lists, and opens their tables. Without any relay control it is an error.
    pub fn open(cf: &Config) -> Result<Restrictions, ConfigError> {
        let mut reader = Reader::default();
        let mut list = |param: Param<Str>| reader.list(cf, param);
        let mut all = Restrictions {
            client: list(SMTPD_CLIENT_RESTRICTIONS)?,
            helo: list(SMTPD_HELO_RESTRICTIONS)?,
            sender: list(SMTPD_SENDER_RESTRICTIONS)?,
            relay: list(SMTPD_RELAY_RESTRICTIONS)?,
            recipient: list(SMTPD_RECIPIENT_RESTRICTIONS)?,
            data: list(SMTPD_DATA_RESTRICTIONS)?,
            end_of_data: list(SMTPD_END_OF_DATA_RESTRICTIONS)?,
            etrn: list(SMTPD_ETRN_RESTRICTIONS)?,
            local_rewrite: list(LOCAL_HEADER_REWRITE_CLIENTS)?,
            classes: HashMap::new(),
            tables: HashMap::new(),
            searches: HashMap::new(),
            policies: Policies::default(),
        };
        for class in super::words(cf.get(SMTPD_RESTRICTION_CLASSES)) {
            let text = cf.try_text(&class)?.filter(|text| !text.trim().is_empty());
            let text = text
                .ok_or_else(|| ConfigError::new(format!("restriction class `{class}' needs a definition")))?;
            all.classes.insert(class, reader.text(cf, &text)?);
        }
        all.tables = reader.tables;
        all.searches = reader.searches;
        all.policies = reader.policies;
        if !all.has_guard(&all.recipient, 0) && !all.has_guard(&all.relay, 0) {
            return Err(ConfigError::new(format!(
                "in parameter smtpd_relay_restrictions or smtpd_recipient_restrictions, specify at least one working \
                 instance of: {} or {}",
                GUARDS.get(..4).unwrap_or_default().join(", "),
                GUARDS.last().copied().unwrap_or_default()
            )));
        }
        Ok(all)
    }

    fn has_guard(&self, list: &[String], depth: u32) -> bool {
        let mut words = list.iter();
        while let Some(word) = words.next() {
            if word.eq_ignore_ascii_case("warn_if_reject") {
                words.next();
                continue;
            }
            if word.eq_ignore_ascii_case("permit") {
                if let Some(next) = words.next() {
                    log::warning!("restriction `{next}' after `{word}' is ignored");
                }
                return false;
            }
            if GUARDS.iter().any(|guard| word.eq_ignore_ascii_case(guard)) {
                return true;
            }
            let class = self.classes.get(word).filter(|_| depth < super::DEEPEST);
            if class.is_some_and(|list| self.has_guard(list, depth + 1)) {
                return true;
            }
        }
        false
    }

    /// The list of a restriction class.
    pub(super) fn class(&self, name: &str) -> Option<&[String]> {
        self.classes.get(name).map(Vec::as_slice)
    }

    /// A table that a list names.
    pub(super) fn table(&self, spec: &str) -> Option<&Maps> {
        self.tables.get(spec)
    }

    /// How a list asks a table about certificates.
    pub(super) fn search(&self, spec: &str) -> Option<&Search> {
        self.searches.get(spec)
    }

    /// A policy server that a list names.
    pub(super) fn policy(&self, spec: &str) -> Option<&Policy> {
        self.policies.get(spec)
    }

    /// All tables.
    pub fn tables(&self) -> impl Iterator<Item = &Maps> {
        self.tables.values()
    }
}

impl Session<'_> {
    /// Walks a stage's list; what stops it early is a refusal too.
    fn stage(&mut self, list: &[String], subject: Subject) -> Result<Verdict, End> {
        if list.is_empty() {
            return Ok(Verdict::Dunno);
        }
        match self.walk(list, subject) {
            Ok(verdict) => Ok(verdict),
            Err(Stop::Rejected) => Ok(Verdict::Reject),
            Err(Stop::End(end)) => Err(end),
        }
    }

    fn begin_stage(&mut self) {
        self.check.recursion = 0;
        self.check.warn_if_reject = 0;
        self.check.defer_if_reject = None;
    }

    fn refusal(&mut self, verdict: Verdict) -> Refusal {
        Ok((verdict == Verdict::Reject).then(|| std::mem::take(&mut self.check.text)))
    }

    /// A permit that has to become a refusal for now, if something earlier could not be found out.
    fn settle(&mut self, verdict: Verdict) -> Verdict {
        match &self.check.defer_if_permit {
            Some(deferral) if verdict != Verdict::Reject => {
                let deferral = deferral.clone();
                self.reject(deferral.class, deferral.code, &deferral.dsn, &deferral.text)
            }
            _ => verdict,
        }
    }

    /// smtpd_client_restrictions
    pub fn check_client(&mut self) -> Refusal {
        self.check.defer_if_permit = None;
        self.begin_stage();
        let server = self.server;
        let client = self.client.name_address.clone();
        let subject = Subject {
            reply_name: &client,
            reply_class: name::CLIENT,
            default_access: Some("check_client_access"),
        };
        let verdict = self.stage(&server.restrictions.client, subject)?;
        self.check.after_client = self.check.defer_if_permit.clone();
        self.refusal(verdict)
    }

    /// smtpd_helo_restrictions, for a name that is given or was given.
    pub fn check_helo(&mut self, helo: Option<BString>) -> Refusal {
        let Some(helo) = helo else { return Ok(None) };
        let before = self.helo.replace(helo.clone());
        self.check.defer_if_permit = self.check.after_client.clone();
        self.begin_stage();
        let server = self.server;
        let subject =
            Subject { reply_name: &helo, reply_class: name::HELO, default_access: Some("check_helo_access") };
        let verdict = self.stage(&server.restrictions.helo, subject);
        self.check.after_helo = self.check.defer_if_permit.clone();
        self.helo = before;
        self.refusal(verdict?)
    }

    /// smtpd_sender_restrictions, for a sender that is given or was given.
    pub fn check_mail(&mut self, sender: Option<BString>) -> Refusal {
        let Some(sender) = sender else { return Ok(None) };
        let before = self.sender.replace(sender.clone());
        self.check.defer_if_permit =
            self.check.after_client.clone().or_else(|| self.check.after_helo.clone());
        self.check.sender_looked_up = false;
        self.begin_stage();
        let server = self.server;
        let subject = Subject {
            reply_name: &sender,
            reply_class: name::SENDER,
            default_access: Some("check_sender_access"),
        };
        let mut verdict = self.stage(&server.restrictions.sender, subject);
        self.check.after_sender = self.check.defer_if_permit.clone();
        let unlisted = self.cf.get(SMTPD_REJECT_UNLISTED_SENDER) && !self.check.sender_looked_up;
        if unlisted
            && !self.mail.discard
            && !sender.is_empty()
            && matches!(verdict, Ok(Verdict::Dunno | Verdict::Ok))
        {
            verdict = flatten(super::listed::sender(self, &sender));
        }
        self.sender = before;
        self.refusal(verdict?)
    }

    /// smtpd_relay_restrictions and smtpd_recipient_restrictions, after those put off by smtpd_delay_reject.
    pub fn check_rcpt(&mut self, recipient: &BString) -> Refusal {
        // RFC 5321 §4.5.1: postmaster is always there, even without a domain.
        if recipient.eq_ignore_ascii_case(b"postmaster") || self.is_probe_address(recipient) {
            return Ok(None);
        }
        let before = self.recipient.replace(recipient.clone());
        let refusal = self.check_rcpt_now(recipient);
        self.recipient = before;
        refusal
    }

    fn check_rcpt_now(&mut self, recipient: &BString) -> Refusal {
        self.check.recipient_looked_up = false;
        if self.cf.get(SMTPD_DELAY_REJECT) {
            if let Some(text) = self.check_client()? {
                return Ok(Some(text));
            }
            if let Some(text) = self.check_helo(self.helo.clone())? {
                return Ok(Some(text));
            }
            if let Some(text) = self.check_mail(self.sender.clone())? {
                return Ok(Some(text));
            }
        }
        self.check.defer_if_permit = self.check.after_sender.clone();
        self.begin_stage();
        let server = self.server;
        let (relay, local) = (&server.restrictions.relay, &server.restrictions.recipient);
        let order = if self.cf.get(SMTPD_RELAY_BEFORE_RECIPIENT_RESTRICTIONS) {
            [relay, local]
        } else {
            [local, relay]
        };
        let subject = Subject {
            reply_name: recipient,
            reply_class: name::RECIPIENT,
            default_access: Some("check_recipient_access"),
        };
        let mut verdict = Verdict::Dunno;
        let old = &server.old_defaults;
        for (at, list) in order.into_iter().enumerate() {
            verdict = self.stage(list, subject)?;
            if verdict == Verdict::Reject {
                if at == 0 {
                    old.tell_of_order(recipient, &self.client);
                }
                break;
            }
        }
        if verdict != Verdict::Reject && old.relay_restrictions {
            let checks = ["permit_mynetworks", "permit_sasl_authenticated", "permit_auth_destination"];
            if self.stage(&checks.map(String::from), subject)? != Verdict::Ok {
                old.tell_of_relaying(recipient, &self.client);
            }
        }
        verdict = self.settle(verdict);
        let unlisted = self.cf.get(SMTPD_REJECT_UNLISTED_RECIPIENT) && !self.check.recipient_looked_up;
        if unlisted && verdict != Verdict::Reject && !self.mail.discard {
            verdict = flatten(super::listed::recipient(self, recipient))?;
        }
        self.refusal(verdict)
    }

    /// smtpd_data_restrictions
    pub fn check_data(&mut self) -> Refusal {
        self.check_transaction(name::DATA, |server| &server.restrictions.data)
    }

    /// smtpd_end_of_data_restrictions
    pub fn check_end_of_data(&mut self) -> Refusal {
        self.check_transaction(name::END_OF_DATA, |server| &server.restrictions.end_of_data)
    }

    fn check_transaction(
        &mut self,
        class: &'static str,
        list: fn(&crate::setup::Server) -> &Vec<String>,
    ) -> Refusal {
        let server = self.server;
        let list = list(server);
        if list.is_empty() {
            return Ok(None);
        }
        // With several recipients, none of them stands for the message.
        let recipient = if self.mail.recipients > 1 { self.recipient.take() } else { None };
        self.check.defer_if_permit = None;
        self.begin_stage();
        let reply_name: &[u8] = if class == name::DATA { b"DATA" } else { b"END-OF-MESSAGE" };
        let subject = Subject { reply_name, reply_class: class, default_access: None };
        let verdict = self.stage(list, subject);
        if recipient.is_some() {
            self.recipient = recipient;
        }
        let verdict = self.settle(verdict?);
        self.refusal(verdict)
    }

    /// smtpd_etrn_restrictions
    pub fn check_etrn(&mut self, site: &[u8]) -> Refusal {
        self.etrn = Some(site.into());
        let refusal = self.check_etrn_now(site);
        self.etrn = None;
        refusal
    }

    fn check_etrn_now(&mut self, site: &[u8]) -> Refusal {
        if self.cf.get(SMTPD_DELAY_REJECT) {
            if let Some(text) = self.check_client()? {
                return Ok(Some(text));
            }
            if let Some(text) = self.check_helo(self.helo.clone())? {
                return Ok(Some(text));
            }
        }
        self.check.defer_if_permit =
            self.check.after_client.clone().or_else(|| self.check.after_helo.clone());
        self.begin_stage();
        let server = self.server;
        let subject =
            Subject { reply_name: site, reply_class: name::ETRN, default_access: Some("check_etrn_access") };
        let verdict = self.stage(&server.restrictions.etrn, subject)?;
        let verdict = self.settle(verdict);
        self.refusal(verdict)
    }

    /// The announced size, against message_size_limit.
    pub fn check_size(&mut self, size: i64, sender: &BString) -> Refusal {
        let most = self.cf.get(MESSAGE_SIZE_LIMIT);
        if most <= 0 || size <= most {
            return Ok(None);
        }
        self.begin_stage();
        let before = self.sender.replace(sender.clone());
        let verdict = self.reject(class::POLICY, 552, "5.3.4", "Message size exceeds fixed limit");
        self.sender = before;
        self.refusal(verdict)
    }

    /// Room on the queue's disk: queue_minfree, and one and a half messages of the largest size.
    pub fn check_room(&mut self) -> Refusal {
        let (least, most) = (self.cf.size(QUEUE_MINFREE), self.cf.size(MESSAGE_SIZE_LIMIT));
        let free = self.free_room();
        if least < free && most < free.saturating_mul(2) / 3 {
            return Ok(None);
        }
        self.begin_stage();
        let verdict = self.reject(class::RESOURCE, 452, "4.3.1", "Insufficient system storage");
        log::warning!("not enough free space in mail queue: {free} bytes < 1.5*message size limit");
        self.refusal(verdict)
    }

    /// Free bytes on the queue's disk; looked up at most once in a second, by all sessions together.
    fn free_room(&self) -> u64 {
        let mut known = self.server.room.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match *known {
            Some((when, free)) if when.elapsed() < Duration::from_secs(1) => free,
            _ => {
                let free = match spool::space::room(std::path::Path::new(".")) {
                    Ok(room) => room.bytes,
                    Err(error) => {
                        log::warning!("statvfs .: {}", sys::errno_text(&error));
                        0
                    }
                };
                *known = Some((Instant::now(), free));
                free
            }
        }
    }

    /// local_header_rewrite_clients: whose incomplete addresses are completed as our own.
    pub fn choose_rewrite_context(&mut self, sender: &BString) -> Refusal {
        let before = self.sender.replace(sender.clone());
        let decided = self.is_local_rewrite_client();
        let refusal = match decided {
            Ok(local) => {
                self.mail.rewrite_context = if local { "local" } else { "remote" };
                None
            }
            Err(text) => {
                self.error_mask |= class::RESOURCE;
                self.log_whatsup("reject", text.as_bytes());
                Some(text.into())
            }
        };
        self.sender = before;
        Ok(refusal)
    }

    fn is_local_rewrite_client(&mut self) -> Result<bool, &'static str> {
        const FAILED: &str = "451 4.3.0 Temporary lookup error";
        let server = self.server;
        for word in &server.restrictions.local_rewrite {
            let matches = match word.to_ascii_lowercase().as_str() {
                "permit_inet_interfaces" => super::client::is_own_address(self),
                "permit_mynetworks" => {
                    let listed = server.mynetworks.matches_host(&self.client.name, &self.client.address);
                    listed.map_err(|_| FAILED)?
                }
                "permit_tls_all_clientcerts" => {
                    self.tls.as_ref().is_some_and(|tls| tls.trust >= tls::Trust::Trusted)
                }
                "permit_tls_clientcerts" => {
                    super::client::has_relay_certificate(self).map_err(|()| FAILED)?
                }
                "permit_sasl_authenticated" | "check_address_map" => false,
                other => match server.restrictions.table(word) {
                    Some(maps) => maps.find(&self.client.address).map_err(|_| FAILED)?.is_some(),
                    None => {
                        log::warning!("parameter local_header_rewrite_clients: invalid request: {other}");
                        false
                    }
                },
            };
            if matches {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Is this the address that our own probes come from?
    fn is_probe_address(&self, address: &[u8]) -> bool {
        let sender = self.cf.get(ADDRESS_VERIFY_SENDER);
        if sender.is_empty() || sender == "<>" {
            return false;
        }
        let local = sender.split('@').next().unwrap_or(sender);
        // Only what begins alike is worth a question to the rewriter.
        let alike =
            address.get(..local.len()).is_some_and(|start| start.eq_ignore_ascii_case(local.as_bytes()));
        alike && self.server.canonical(sender).eq_ignore_ascii_case(address.as_bytes())
    }
}

fn flatten(answer: super::Answer) -> Result<Verdict, End> {
    match answer {
        Ok(verdict) => Ok(verdict),
        Err(Stop::Rejected) => Ok(Verdict::Reject),
        Err(Stop::End(end)) => Err(end),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(pairs: &[(&str, &str)]) -> Result<Restrictions, ConfigError> {
        let mut all = vec![("compatibility_level", "3.11")];
        all.extend_from_slice(pairs);
        Restrictions::open(&Config::from_pairs(&all))
    }

    #[test]
    fn an_open_relay_does_not_start() {
        assert_eq!(open(&[]).err().map(|e| e.to_string()), None, "the default has relay control");
        let (relay, recipient) = ("smtpd_relay_restrictions", "smtpd_recipient_restrictions");
        assert!(open(&[(relay, "")]).is_err());
        assert!(open(&[(relay, "permit_mynetworks"), (recipient, "permit")]).is_err());
        assert!(open(&[(relay, "permit, reject_unauth_destination")]).is_err());
        assert!(open(&[(relay, "warn_if_reject reject_unauth_destination")]).is_err());
        assert!(open(&[(relay, ""), (recipient, "reject_unauth_destination")]).is_ok());
        let class =
            [(relay, "mine"), ("smtpd_restriction_classes", "mine"), ("mine", "permit_mynetworks, reject")];
        assert!(open(&class).is_ok());
        let error = open(&[("smtpd_restriction_classes", "mine")]).err().map(|e| e.to_string());
        assert!(error.is_some_and(|text| text.contains("restriction class `mine' needs a definition")));
    }
}
