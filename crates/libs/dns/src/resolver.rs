//! What a lookup means: aliases followed, names checked, failures told in the reference's words.

use std::path::Path;
use std::sync::{Arc, RwLock};
use std::time::SystemTime;

use domain::base::iana::Rtype;

use crate::codec::{self, Flags, Raw};
use crate::transport::{self, Asked};
use crate::valid::{check_hostname, valid_hostname};
use crate::{Answer, Conf, Data, DnsError, Options, Reason, Record, RecordType};

/// The longest chain of aliases that is followed.
const CHAIN_MAX: usize = 10;
/// An answer with more records than this is cut off, as the reference's `dns_rr_list_limit`.
const RECORDS_MAX: usize = 100;
const RESOLV_CONF: &str = "/etc/resolv.conf";

/// Which addresses a host lookup asks for, and in which order (`inet_protocols`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Families {
    Ipv4,
    Ipv6,
    Both,
    BothIpv6First,
}

impl Families {
    /// The record types to ask for, in order.
    pub fn types(self) -> &'static [RecordType] {
        match self {
            Families::Ipv4 => &[RecordType::A],
            Families::Ipv6 => &[RecordType::Aaaa],
            Families::Both => &[RecordType::A, RecordType::Aaaa],
            Families::BothIpv6First => &[RecordType::Aaaa, RecordType::A],
        }
    }
}

/// Asks the configured name servers. Shared by all sessions of a process.
pub struct Resolver {
    source: Source,
    conf: RwLock<Loaded>,
}

enum Source {
    /// resolv.conf, read again when it changes (if it can still be seen: a chroot may hide it).
    System,
    Fixed,
}

struct Loaded {
    conf: Arc<Conf>,
    changed: Option<SystemTime>,
}

impl Resolver {
    /// Reads /etc/resolv.conf (this host's name server where there is none). Make it before a chroot.
    pub fn system() -> Resolver {
        Resolver {
            source: Source::System,
            conf: RwLock::new(
                load().unwrap_or_else(|| Loaded { conf: Arc::new(from_text("")), changed: None }),
            ),
        }
    }

    /// Asks the servers of `conf`, for tests.
    pub fn with(conf: Conf) -> Resolver {
        Resolver { source: Source::Fixed, conf: RwLock::new(Loaded { conf: Arc::new(conf), changed: None }) }
    }

    /// The records of `rtype` that `name` has, aliases followed. At most a hundred.
    pub fn lookup(&self, name: &[u8], rtype: RecordType, options: Options) -> Result<Answer, DnsError> {
        let asked = match std::str::from_utf8(name) {
            Ok(text) if name == b"." || (!mail::host::is_address(name) && valid_hostname(name)) => text,
            _ => {
                let text = format!(
                    "Name service error for {}: invalid host or domain name",
                    String::from_utf8_lossy(name)
                );
                return Err(DnsError { reason: Reason::NoName, text, rcode: 3, negative_ttl: None });
            }
        };
        let conf = self.conf();
        let mut chase = Chase { asked, rtype, name: asked.to_owned(), secure: true };
        let mut options = options;
        for _ in 0..CHAIN_MAX {
            let reply = search(&conf, &chase.name, rtype, options)?;
            if let Some(answer) = chase.take(&reply)? {
                return Ok(answer);
            }
            options.dnssec &= chase.secure;
        }
        log::warning!("dns_lookup: Name server loop for {}", chase.name);
        Err(DnsError {
            reason: Reason::NoName,
            text: format!("Name server loop for {}", chase.name),
            rcode: 0,
            negative_ttl: None,
        })
    }

    /// The records of several types together; an error only if no type has any, and then the most transient one.
    pub fn lookup_all(
        &self,
        name: &[u8],
        types: &[RecordType],
        options: Options,
    ) -> Result<Answer, DnsError> {
        let mut found: Option<Answer> = None;
        let mut worst: Option<DnsError> = None;
        for &rtype in types {
            match self.lookup(name, rtype, options) {
                Ok(answer) => match &mut found {
                    Some(all) => {
                        all.records.extend(answer.records);
                        all.records.truncate(RECORDS_MAX);
                    }
                    None => found = Some(answer),
                },
                Err(err) if worst.as_ref().is_none_or(|w| err.reason >= w.reason) => worst = Some(err),
                Err(_) => {}
            }
        }
        match (found, worst) {
            (Some(answer), _) => Ok(answer),
            (None, Some(err)) => Err(err),
            (None, None) => {
                Err(failure(&String::from_utf8_lossy(name), RecordType::A, Reason::NoData, 0, None))
            }
        }
    }

    /// The addresses of a host.
    pub fn addresses(&self, host: &[u8], families: Families, options: Options) -> Result<Answer, DnsError> {
        self.lookup_all(host, families.types(), options)
    }

    fn conf(&self) -> Arc<Conf> {
        let current = |l: &Loaded| (Arc::clone(&l.conf), l.changed);
        let (conf, changed) = match self.conf.read() {
            Ok(loaded) => current(&loaded),
            Err(poisoned) => current(&poisoned.into_inner()),
        };
        if matches!(self.source, Source::Fixed) || modified().is_none_or(|now| Some(now) == changed) {
            return conf;
        }
        let Some(fresh) = load() else { return conf };
        let conf = Arc::clone(&fresh.conf);
        if let Ok(mut loaded) = self.conf.write() {
            *loaded = fresh;
        }
        conf
    }
}

fn modified() -> Option<SystemTime> {
    std::fs::metadata(Path::new(RESOLV_CONF)).ok()?.modified().ok()
}

fn load() -> Option<Loaded> {
    let changed = modified();
    let bytes = std::fs::read(RESOLV_CONF).ok()?;
    Some(Loaded { conf: Arc::new(from_text(&String::from_utf8_lossy(&bytes))), changed })
}

fn from_text(text: &str) -> Conf {
    let mut conf = Conf::parse(text);
    if let Ok(options) = std::env::var("RES_OPTIONS") {
        options.split_whitespace().for_each(|word| conf.option(word));
    }
    conf
}

/// Asks for `name`, and where the caller wants it for `name` with the search domains appended (resolver(5)).
fn search(conf: &Conf, name: &str, rtype: RecordType, options: Options) -> Result<codec::Reply, DnsError> {
    let dots = u32::try_from(name.bytes().filter(|&b| b == b'.').count()).unwrap_or(u32::MAX);
    let appended: &[String] = match (options.search, options.append_domain) {
        (true, _) => &conf.search,
        (false, true) if dots == 0 => conf.search.get(..1).unwrap_or_default(),
        _ => &[],
    };
    let as_is_first = appended.is_empty() || dots >= conf.ndots;
    let mut first = None;
    if as_is_first {
        match query(conf, name, name, rtype, options) {
            Err(err) if err.not_found() => first = Some(err),
            other => return other,
        }
    }
    let mut last = None;
    for domain in appended {
        match query(conf, name, &format!("{name}.{domain}"), rtype, options) {
            Err(err) if err.not_found() => last = Some(err),
            Err(err) if err.reason == Reason::TryAgain => last = Some(err),
            other => return other,
        }
    }
    match (first, last) {
        (Some(err), _) => Err(err),
        (None, last) => match query(conf, name, name, rtype, options) {
            Err(err) if err.not_found() => Err(last.unwrap_or(err)),
            other => other,
        },
    }
}

/// One question; a reply is returned only if it holds answers. Errors name `shown`.
fn query(
    conf: &Conf,
    shown: &str,
    name: &str,
    rtype: RecordType,
    options: Options,
) -> Result<codec::Reply, DnsError> {
    let trust = options.dnssec || conf.trust_ad;
    let flags = Flags { edns0: options.dnssec || conf.edns0, dnssec_ok: options.dnssec, ad: trust };
    let bytes = match transport::ask(conf, name, codec::rtype(rtype), flags) {
        Asked::Reply(bytes) => bytes,
        Asked::FormErr => return Err(failure(shown, rtype, Reason::Fail, 1, None)),
        Asked::BadName => return Err(failure(shown, rtype, Reason::Fail, 0, None)),
        Asked::Silence => return Err(failure(shown, rtype, Reason::TryAgain, 2, None)),
    };
    let Ok(mut reply) = codec::parse(&bytes) else {
        return Err(malformed(shown, rtype, Reason::TryAgain));
    };
    reply.ad &= trust;
    let reason = match reply.rcode {
        0 if !reply.answers.is_empty() => return Ok(reply),
        0 => Reason::NoData,
        3 => Reason::NoName,
        2 => Reason::TryAgain,
        _ => Reason::Fail,
    };
    Err(failure(shown, rtype, reason, reply.rcode, reply.negative_ttl))
}

/// The state of one lookup on its way along the aliases.
struct Chase<'a> {
    asked: &'a str,
    rtype: RecordType,
    /// Where the way has led so far.
    name: String,
    /// All replies so far were validated.
    secure: bool,
}

impl Chase<'_> {
    /// Takes the wanted records from a reply, or moves on to where its alias points (`None`).
    fn take(&mut self, reply: &codec::Reply) -> Result<Option<Answer>, DnsError> {
        let wanted = codec::rtype(self.rtype);
        let mut records = Vec::new();
        let mut canonical = String::new();
        let mut alias = None;
        let mut trouble: Option<Reason> = None;
        for raw in &reply.answers {
            if !(raw.owner.is_empty() && self.asked == ".") {
                self.check(&raw.owner, "resource name", raw.rtype)?;
            }
            canonical.clone_from(&raw.owner);
            if raw.rtype == wanted {
                match self.record(raw, reply.ad)? {
                    Ok(record) if records.len() < RECORDS_MAX => records.push(record),
                    Ok(_) => {}
                    Err(reason) => trouble = trouble.max(Some(reason)),
                }
            } else if let (Rtype::CNAME, Some(Data::Name(target))) = (raw.rtype, &raw.data) {
                self.check(target, "resource data", Rtype::CNAME)?;
                alias = Some(target.clone());
                self.secure &= reply.ad;
            }
        }
        if !records.is_empty() {
            return Ok(Some(Answer { records, canonical }));
        }
        match alias {
            Some(target) => self.name = target,
            None => {
                return Err(malformed(&self.name, self.rtype, trouble.unwrap_or(Reason::NoData)));
            }
        }
        Ok(None)
    }

    /// A wanted record; the inner error spoils that record alone, the outer one the whole lookup.
    fn record(&self, raw: &Raw, ad: bool) -> Result<Result<Record, Reason>, DnsError> {
        let Some(data) = raw.data.clone() else {
            return Ok(Err(Reason::TryAgain));
        };
        match &data {
            Data::Mx { host, .. } if host.is_empty() => {
                let text = format!("Domain {} does not accept mail (nullMX)", self.name);
                return Err(DnsError { reason: Reason::NullMx, text, rcode: 0, negative_ttl: None });
            }
            Data::Srv { host, .. } if host.is_empty() => {
                let text = format!("Domain {} does not support SRV requests", self.name);
                return Err(DnsError { reason: Reason::NullSrv, text, rcode: 0, negative_ttl: None });
            }
            Data::Mx { host, .. } | Data::Srv { host, .. } | Data::Name(host)
                if self.check(host, "resource data", raw.rtype).is_err() =>
            {
                return Ok(Err(Reason::Invalid));
            }
            _ => {}
        }
        Ok(Ok(Record {
            asked: self.asked.to_owned(),
            owner: raw.owner.clone(),
            ttl: raw.ttl,
            secure: self.secure && ad,
            data,
        }))
    }

    /// A name in an answer must be a host name; an address in its place is let pass with a warning.
    fn check(&self, name: &str, place: &str, rtype: Rtype) -> Result<(), DnsError> {
        let gripe = if mail::host::is_address(name.as_bytes()) {
            "numeric domain name"
        } else if let Err(why) = check_hostname(name.as_bytes()) {
            log::warning!("{why}");
            "malformed domain name"
        } else {
            return Ok(());
        };
        let shown: String = name.chars().take(100).collect();
        log::warning!("{gripe} in {place} of {rtype} record for {}: {shown}", self.name);
        if gripe.starts_with("numeric") {
            Ok(())
        } else {
            Err(malformed(&self.name, self.rtype, Reason::Invalid))
        }
    }
}

fn failure(name: &str, rtype: RecordType, reason: Reason, rcode: u8, negative_ttl: Option<u32>) -> DnsError {
    let why = match reason {
        Reason::NoName => "Host not found",
        Reason::NoData => "Host found but no data record of requested type",
        Reason::TryAgain => "Host not found, try again",
        _ => "Non-recoverable error",
    };
    let text =
        format!("Host or domain name not found. Name service error for name={name} type={rtype}: {why}");
    DnsError { reason, text, rcode, negative_ttl }
}

fn malformed(name: &str, rtype: RecordType, reason: Reason) -> DnsError {
    let text =
        format!("Name service error for name={name} type={rtype}: Malformed or unexpected name server reply");
    DnsError { reason, text, rcode: 0, negative_ttl: None }
}
