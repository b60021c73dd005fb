//! Restrictions: lists of named checks, walked in order until one decides.
//!
//! Each restriction is one row of [`registry::RESTRICTIONS`] and one function. The stages (client, helo, sender,
//! relay, recipient, data, end of data, etrn) are in [`stages`]; what an access table's answer means is in
//! [`action`].

mod access;
mod action;
mod address;
mod certificate;
mod client;
mod dnsbl;
mod helo;
mod listed;
mod policy;
mod recipient;
mod registry;
mod server;
mod stages;
mod verify;

use std::collections::HashMap;

use bstr::{BString, ByteSlice};
use config::params::*;
use config::{Config, ConfigError, Param, Str};
use ipc::rewrite::{Resolved, flag};
use tables::{Flags, Maps};

use crate::errors::{End, class};
use crate::session::Session;

pub use stages::Restrictions;

/// What a restriction says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Undecided: ask the next.
    Dunno,
    /// Permit; the list ends.
    Ok,
    /// Refused; the text is in [`CheckState::text`].
    Reject,
}

/// Why a whole stage ends at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Refused, because something that must be known could not be.
    Rejected,
    /// The session is over.
    End(End),
}

impl From<End> for Stop {
    fn from(end: End) -> Stop {
        Stop::End(end)
    }
}

/// A restriction's answer.
pub type Answer = Result<Verdict, Stop>;

/// What is refused: the words of replies.
pub mod name {
    pub const CLIENT: &str = "Client host";
    pub const REVERSE_CLIENT: &str = "Unverified Client host";
    pub const CERTIFICATE: &str = "Client certificate";
    pub const HELO: &str = "Helo command";
    pub const SENDER: &str = "Sender address";
    pub const RECIPIENT: &str = "Recipient address";
    pub const ETRN: &str = "Etrn command";
    pub const DATA: &str = "Data command";
    pub const END_OF_DATA: &str = "End-of-data";
}

/// A refusal to be made later, if it comes to that.
#[derive(Clone, Debug)]
pub struct Deferral {
    class: u32,
    code: i64,
    dsn: String,
    text: BString,
}

/// What evaluating restrictions remembers, from one stage to the next.
#[derive(Default)]
pub struct CheckState {
    /// The reply of the last refusal.
    pub text: BString,
    /// Permit becomes this.
    defer_if_permit: Option<Deferral>,
    /// Reject becomes this.
    defer_if_reject: Option<Deferral>,
    /// defer_if_permit as earlier stages left it.
    after_client: Option<Deferral>,
    after_helo: Option<Deferral>,
    after_sender: Option<Deferral>,
    recursion: u32,
    /// The depth at which warn_if_reject was met; 0: it was not.
    warn_if_reject: u32,
    /// How deep policy servers that failed have led.
    policy_failures: u32,
    sender_looked_up: bool,
    recipient_looked_up: bool,
}

/// What is being checked: its text in replies, the kind of thing it is, and the access check that a bare table means.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    pub reply_name: &'a [u8],
    pub reply_class: &'static str,
    pub default_access: Option<&'static str>,
}

/// One restriction as it is met in a list.
pub struct Call<'a> {
    /// Its name as the list has it.
    pub name: &'a str,
    /// Its argument, where it takes one.
    pub argument: &'a str,
    pub subject: Subject<'a>,
    /// The word behind it.
    pub next: Option<&'a str>,
}

/// How deep access tables and classes may lead.
const DEEPEST: u32 = 100;

impl Session<'_> {
    /// Walks a list.
    fn walk(&mut self, list: &[String], subject: Subject) -> Answer {
        let depth = self.check.recursion;
        self.check.recursion += 1;
        log::debug!(">>> START {} RESTRICTIONS <<<", subject.reply_class);
        let answer = self.walk_list(list, subject);
        log::debug!(">>> END {} RESTRICTIONS <<<", subject.reply_class);
        self.check.recursion = depth;
        // The list may have ended with warn_if_reject.
        if self.check.warn_if_reject > depth {
            self.check.warn_if_reject = 0;
        }
        answer
    }

    fn walk_list(&mut self, list: &[String], subject: Subject) -> Answer {
        let mut words = list.iter().map(String::as_str).peekable();
        while let Some(word) = words.next() {
            if self.mail.discard {
                break;
            }
            if word.eq_ignore_ascii_case("warn_if_reject") {
                if self.check.warn_if_reject == 0 {
                    self.check.warn_if_reject = self.check.recursion;
                }
                continue;
            }
            log::debug!("generic_checks: name={word}");
            let verdict = self.one(word, &mut words, subject)?;
            log::debug!("generic_checks: name={word} status={verdict:?}");
            if self.check.warn_if_reject >= self.check.recursion {
                self.check.warn_if_reject = 0;
            }
            if verdict != Verdict::Dunno {
                return Ok(verdict);
            }
            if self.check.defer_if_permit.is_some() && self.check.defer_if_reject.is_some() {
                break;
            }
        }
        Ok(Verdict::Dunno)
    }

    /// One word of a list, with its argument.
    fn one<'l>(
        &mut self,
        word: &'l str,
        rest: &mut std::iter::Peekable<impl Iterator<Item = &'l str>>,
        subject: Subject,
    ) -> Answer {
        // A bare table stands for the access check of its stage.
        let (name, is_table) = match word.contains(':') || word.starts_with('{') {
            false => (word, false),
            true => match subject.default_access {
                Some(access) => (access, true),
                None => {
                    log::warning!(
                        "specify one of (check_client_access, check_reverse_client_hostname_access, check_helo_access, \
                         check_sender_access, check_recipient_access, check_etrn_access) before {} restriction \"{word}\"",
                        subject.reply_class
                    );
                    return self.server_error();
                }
            },
        };
        if let Some(row) = registry::find(name) {
            let argument = match row.takes {
                registry::Takes::Nothing => Some(""),
                _ if is_table => Some(word),
                takes => takes.check(name, rest.next()),
            };
            let Some(argument) = argument else {
                // compat: a DNS list without a domain is passed over, anything else is an error.
                return match row.takes {
                    registry::Takes::Domain => Ok(Verdict::Dunno),
                    _ => self.server_error(),
                };
            };
            let call = Call { name, argument, subject, next: rest.peek().copied() };
            return (row.run)(self, &call);
        }
        let server = self.server;
        match server.restrictions.class(name) {
            Some(list) => self.walk(list, subject),
            None => {
                log::warning!("unknown smtpd restriction: \"{name}\"");
                self.server_error()
            }
        }
    }

    /// Refuses, unless warn_if_reject or defer_if_reject make something else of it.
    pub fn reject(&mut self, class: u32, code: i64, dsn: &str, text: impl AsRef<[u8]>) -> Verdict {
        let ours = class & (class::SOFTWARE | class::RESOURCE | class::DATA) != 0;
        let warn_only = self.check.warn_if_reject > 0 && !ours;
        self.error_mask |= class;
        let mut reply = cat!(code.to_string(), " ", dsn, " ", text);
        if !(400..=599).contains(&code) {
            log::warning!("SMTP reply code configuration error: {reply}");
            reply = "450 4.7.1 Service unavailable".into();
        } else if mail::dsn::Status::parse(dsn.as_bytes()).is_none() {
            log::warning!("DSN detail code configuration error: {reply}");
            reply = "450 4.7.1 Service unavailable".into();
        }
        reply.truncate(510);
        let mut reply = mail::text::printable(&reply, b' ', self.cf.get(SMTPUTF8_ENABLE));
        if !warn_only && reply.first() == Some(&b'5') {
            if let Some(deferral) = self.check.defer_if_reject.take() {
                self.check.warn_if_reject = 0;
                return self.reject(deferral.class, deferral.code, &deferral.dsn, &deferral.text);
            }
        }
        if self.cf.get(SOFT_BOUNCE) && reply.first() == Some(&b'5') {
            if let Some(first) = reply.first_mut() {
                *first = b'4';
            }
        }
        // The reply code says what is meant; the enhanced code has to agree.
        if let (Some(first), Some(digit)) = (reply.first().copied(), reply.get_mut(4)) {
            *digit = first;
        }
        if !warn_only && reply.first() == Some(&b'5') {
            self.error_mask |= class::BOUNCE;
        }
        self.log_whatsup(if warn_only { "reject_warning" } else { "reject" }, &reply);
        self.check.text = reply;
        if warn_only { Verdict::Dunno } else { Verdict::Reject }
    }

    /// Turns a later permit into this refusal; the first one counts.
    fn defer_if_permit(&mut self, class: u32, code: i64, dsn: &str, text: BString) -> Verdict {
        let first = || Deferral { class, code, dsn: dsn.into(), text };
        // warn_if_reject keeps a mere possibility from becoming a refusal.
        if self.check.warn_if_reject == 0 {
            self.check.defer_if_permit.get_or_insert_with(first);
            return Verdict::Dunno;
        }
        let text = cat!(code.to_string(), " ", dsn, " ", first().text);
        self.log_whatsup("reject_warning", &text);
        Verdict::Dunno
    }

    /// Turns a later reject into this refusal; the first one counts.
    fn defer_if_reject(&mut self, class: u32, code: i64, dsn: &str, text: BString) -> Verdict {
        self.check.defer_if_reject.get_or_insert_with(|| Deferral { class, code, dsn: dsn.into(), text });
        Verdict::Dunno
    }

    /// For a temporary failure: a refusal now, or later if it would be permitted, as `action` (a `_tempfail_action`
    /// parameter) says.
    fn tempfail(&mut self, action: &str, code: i64, dsn: &str, text: BString) -> Verdict {
        if action.eq_ignore_ascii_case("defer") {
            self.reject(class::POLICY, code, dsn, text)
        } else {
            self.defer_if_permit(class::POLICY, code, dsn, text)
        }
    }

    /// Permits, and logs it where smtpd_log_access_permit_actions says so.
    fn permit(&mut self, action: &str, class: &str, what: &[u8], more: &str) -> Verdict {
        let overruled = self.check.defer_if_permit.is_some();
        if !overruled && self.server.log_permit.matches(action.as_bytes()).unwrap_or(false) {
            self.log_whatsup("permit", &cat!("action=", action, " for ", class, "=", what, " ", more));
        }
        Verdict::Ok
    }

    /// Something in main.cf or a table makes no sense: refused for now, whatever else is said.
    fn server_error(&mut self) -> Answer {
        self.reject(class::SOFTWARE, 451, "4.3.5", "Server configuration error");
        Err(Stop::Rejected)
    }

    /// A table or service did not answer: refused for now, whatever else is said.
    fn lookup_failure(&mut self, what: &[u8]) -> Stop {
        self.reject(class::DATA, 451, "4.3.0", cat!("<", what, ">: Temporary lookup failure"));
        Stop::Rejected
    }

    /// Where an address leads; a resolver that does not answer ends the stage.
    fn resolve(&mut self, sender: &[u8], address: &[u8]) -> Result<Resolved, Stop> {
        match self.server.resolve(sender, address) {
            Ok(resolved) if resolved.flags & flag::FAIL == 0 => Ok(resolved),
            Ok(_) => Err(self.lookup_failure(address)),
            Err(error) => {
                log::warning!("rewrite service: {}", sys::errno_text(&error));
                Err(self.lookup_failure(address))
            }
        }
    }

    /// Logs a decision with all that is known of the transaction.
    pub fn log_whatsup(&self, verdict: &str, text: &[u8]) {
        let external = |address: &Option<BString>| {
            let address = address.as_ref()?;
            Some(if address.is_empty() { BString::default() } else { mail::quote::quote_822_local(address) })
        };
        let (sender, recipient) = (external(&self.sender), external(&self.recipient));
        let envelope = log::lines::Envelope {
            sender: sender.as_ref().map(|address| address.as_slice()),
            recipient: recipient.as_ref().map(|address| address.as_slice()),
            protocol: Some(self.protocol),
            helo: self.helo.as_ref().map(|helo| helo.as_slice()),
            sasl_username: None,
        };
        let id = self.queue_id().to_str_lossy();
        let client = &self.client.name_address;
        log::info_line(&log::lines::reject(&id, verdict, self.place.as_bytes(), client, text, &envelope));
    }
}

/// The words of a restriction list: separated by commas and blanks, `{…}` holds together.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut depth = 0u32;
    for c in text.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 && matches!(c, ',' | ' ' | '\t' | '\r' | '\n') {
            if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
        } else {
            word.push(c);
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Lists, classes and tables of restrictions, read before the jail.
#[derive(Default)]
struct Reader {
    tables: HashMap<String, Maps>,
    searches: HashMap<String, certificate::Search>,
    policies: policy::Policies,
}

impl Reader {
    fn list(&mut self, cf: &Config, param: Param<Str>) -> Result<Vec<String>, ConfigError> {
        self.text(cf, cf.try_get(param)?)
    }

    fn text(&mut self, cf: &Config, text: &str) -> Result<Vec<String>, ConfigError> {
        let list = words(text);
        let mut service_follows = false;
        let mut before = "";
        for word in &list {
            // The argument of check_policy_service is no table.
            if service_follows {
                self.policies.add(cf, word)?;
            }
            let table = !service_follows && (word.contains(':') || word.starts_with('{'));
            service_follows = word.eq_ignore_ascii_case("check_policy_service");
            let mut name = word.as_str();
            if table && before.eq_ignore_ascii_case("check_ccert_access") {
                // One that cannot be read is left out, and is an error where it is asked.
                let Some(search) = certificate::Search::parse(word) else { continue };
                let search = self.searches.entry(word.clone()).or_insert(search);
                name = &search.table;
            }
            before = word;
            if table && !self.tables.contains_key(name) {
                let maps = Maps::open(name, name, Flags::LOOKUP)
                    .map_err(|error| ConfigError::new(error.to_string()))?;
                self.tables.insert(name.to_owned(), maps);
            }
        }
        Ok(list)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_come_apart() {
        let list = words(
            " permit_mynetworks,reject_rbl_client  a.test\n check_sender_access { inline:{ x=OK, y=DUNNO } }, reject",
        );
        assert_eq!(
            list,
            [
                "permit_mynetworks",
                "reject_rbl_client",
                "a.test",
                "check_sender_access",
                "{ inline:{ x=OK, y=DUNNO } }",
                "reject"
            ]
        );
    }
}
