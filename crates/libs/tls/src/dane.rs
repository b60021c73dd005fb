//! TLSA records of mail servers (RFC 7672): where they are looked for, and which of them count.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use dns::{Data, Options, RecordType, Resolver};

use crate::policy::SecureName;
use crate::tlsa::{Anchors, Tlsa};

/// Records are remembered for their own time, within these bounds (seconds).
const LIFE: (u32, u32) = (1, 100);
/// So many names are remembered.
const CACHE_MAX: usize = 20;

/// What the DNS says of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// It says nothing, or nothing that is signed.
    Nothing,
    /// There are records, and none of a kind that mail servers can have.
    Unusable,
    Anchors(Anchors),
    /// It could not be asked. What it would have said must not be guessed.
    Trouble,
}

/// Looks TLSA records up, and remembers them for a moment.
pub struct Lookup {
    verbose: bool,
    known: Mutex<HashMap<String, (Found, Instant)>>,
}

const DNSSEC: Options = Options { search: false, append_domain: false, dnssec: true };

impl Lookup {
    /// With `verbose`, each record is logged.
    pub fn new(verbose: bool) -> Lookup {
        Lookup { verbose, known: Mutex::default() }
    }

    /// The records of the server with this name. `force`: also where the server's address is not signed.
    pub fn find(&self, resolver: &Resolver, name: &SecureName, port: u16, force: bool) -> Found {
        let is_alias = !name.found.eq_ignore_ascii_case(&name.asked);
        if !force && !name.secure {
            // The alias itself may be signed where what it points to is not.
            match is_alias.then(|| alias_is_secure(resolver, &name.asked)) {
                Some(Some(true)) => {}
                Some(None) => return Found::Trouble,
                Some(Some(false)) | None => return Found::Nothing,
            }
        }
        if name.secure {
            let found = self.of_host(resolver, &name.found, port);
            if found != Found::Nothing || !is_alias {
                return found;
            }
        }
        self.of_host(resolver, &name.asked, port)
    }

    fn of_host(&self, resolver: &Resolver, host: &str, port: u16) -> Found {
        let asked = format!("_{port}._tcp.{host}");
        let now = Instant::now();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((found, until)) = known.get(&asked) {
            if *until > now {
                return found.clone();
            }
        }
        drop(known);
        let (mut found, life) = self.ask(resolver, &asked);
        if let Found::Anchors(anchors) = &mut found {
            anchors.base_domain = host.to_owned();
        }
        if found != Found::Trouble {
            known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            known.retain(|_, (_, until)| *until > now);
            if known.len() < CACHE_MAX {
                known.insert(asked, (found.clone(), now + Duration::from_secs(u64::from(life) + 1)));
            }
        }
        found
    }

    fn ask(&self, resolver: &Resolver, asked: &str) -> (Found, u32) {
        let answer = match resolver.lookup(asked.as_bytes(), RecordType::Tlsa, DNSSEC) {
            Ok(answer) => answer,
            Err(err) if err.not_found() => return (Found::Nothing, LIFE.0),
            Err(err) => {
                log::warning!("DANE TLSA lookup problem: {err}");
                return (Found::Trouble, 0);
            }
        };
        let life = answer.records.first().map_or(0, |record| record.ttl).clamp(LIFE.0, LIFE.1);
        if !answer.secure() {
            return (Found::Nothing, life);
        }
        let mut records = Vec::new();
        for record in &answer.records {
            let Data::Tlsa { usage, selector, matching, data } = &record.data else { continue };
            let tlsa = Tlsa { usage: *usage, selector: *selector, matching: *matching, data: data.clone() };
            let place = match record.owner.eq_ignore_ascii_case(asked) {
                true => record.owner.clone(),
                false => format!("{asked} -> {}", record.owner),
            };
            if !matches!(tlsa.usage, crate::tlsa::DANE_TA | crate::tlsa::DANE_EE) {
                log::warning!("{place} unsupported TLSA certificate usage: {}", tlsa.shown());
            } else if !tlsa.is_for_mail() {
                log::warning!("{place} reserved private-use matching type: {}", tlsa.shown());
            } else {
                if self.verbose {
                    log::info!("DNSSEC-signed TLSA record: {}: {}", record.owner, tlsa.shown());
                }
                records.insert(0, tlsa);
            }
        }
        match records.is_empty() {
            true => (Found::Unusable, life),
            false => (Found::Anchors(Anchors { records, base_domain: String::new() }), life),
        }
    }
}

/// Whether DNSSEC vouches for an alias; `None`: it cannot be found out.
fn alias_is_secure(resolver: &Resolver, name: &str) -> Option<bool> {
    match resolver.lookup(name.as_bytes(), RecordType::Cname, DNSSEC) {
        Ok(answer) => Some(answer.records.first().is_some_and(|record| record.secure)),
        Err(err) => {
            let why = if err.not_found() { "no longer a CNAME".to_owned() } else { err.text };
            log::warning!("DNSSEC status lookup error for {name}: {why}");
            None
        }
    }
}
