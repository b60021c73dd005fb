//! How a client is to speak TLS with one server: `*_tls_security_level`, `*_tls_policy_maps`, `*_tls_per_site`, what they leave
//! to the other `*_tls_` parameters, and what DANE makes of it.

mod attributes;

use bstr::ByteSlice;
use config::params::*;
use config::{Config, Origin};
use dns::Resolver;
use mail::dsn::{Outcome, Status};
use tables::{Flags, Maps, OpenError};

use crate::Level;
use crate::dane::{self, Found};
use crate::tlsa::Anchors;
pub use attributes::External;

/// How to speak TLS with a server, and how to know it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    pub level: Level,
    /// What a table said, before the DNS was asked; `None`: main.cf alone counts.
    pub table_level: Option<Level>,
    /// As `*_tls_protocols`.
    pub protocols: String,
    /// Cipher grade, and what is left out of it.
    pub grade: String,
    pub exclusions: String,
    /// Names for the certificate: "nexthop", "dot-nexthop", "hostname", names, and names with a dot in front.
    pub match_names: Vec<String>,
    /// For SNI: "", "hostname", "nexthop" or a name.
    pub servername: String,
    /// TLSA records, fingerprints or private trust anchors.
    pub anchors: Option<Anchors>,
    /// Whether connections may wait for other messages; `None`: nobody said.
    pub connection_reuse: Option<bool>,
    /// Ask for a raw public key.
    pub enable_rpk: bool,
    /// What a policy service from outside said besides (MTA-STS).
    pub external: Option<External>,
}

impl Policy {
    /// No TLS, whatever is configured.
    pub fn none() -> Policy {
        Policy::default()
    }
}

/// A name as it was looked up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecureName {
    /// The name that was asked for.
    pub asked: String,
    /// The name that owns the records, behind the aliases.
    pub found: String,
    /// DNSSEC vouches for all of it.
    pub secure: bool,
}

/// The server that a policy is wanted for.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// The next hop as it was written, with brackets and port.
    pub nexthop: &'a str,
    /// The server's name.
    pub host: &'a str,
    /// `None`: a socket of this host.
    pub port: Option<u16>,
    /// How the server's name was looked up; `None` without the DNS.
    pub name: Option<&'a SecureName>,
    /// How the mail exchangers were looked up; `None` where there are none.
    pub mx: Option<&'a SecureName>,
    /// The message says `TLS-Required: no`.
    pub tls_not_required: bool,
}

/// How this client asks the DNS, as far as DANE depends on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DnsManner {
    /// The DNS is asked, with DNSSEC.
    pub dnssec: bool,
    /// Local domains are appended to names.
    pub searches: bool,
}

/// All that policies are made of. Opened before the jail.
pub struct Policies {
    config: &'static Config,
    is_lmtp: bool,
    level: Level,
    insecure_mx: Level,
    dns: DnsManner,
    maps: Maps,
    per_site: Maps,
    dane: dane::Lookup,
}

impl Policies {
    /// `level` is that of all destinations without a policy of their own.
    pub fn open(
        config: &'static Config,
        is_lmtp: bool,
        level: Level,
        dns: DnsManner,
    ) -> Result<Policies, OpenError> {
        let open = |param: config::Param<config::Str>, text: &str| {
            Maps::open(param.client(is_lmtp).name(), text, Flags::FOLD)
        };
        let text = config.client(SMTP_TLS_POLICY_MAPS, is_lmtp);
        let mut sites = config.client(SMTP_TLS_PER_SITE, is_lmtp);
        if !text.is_empty() && !sites.is_empty() {
            log::warning!(
                "{} ignored when {} is not empty.",
                SMTP_TLS_PER_SITE.client(is_lmtp).name(),
                SMTP_TLS_POLICY_MAPS.client(is_lmtp).name()
            );
            sites = "";
        }
        let insecure = config.get(SMTP_TLS_DANE_INSECURE_MX_POLICY);
        let insecure_mx = match Level::parse(insecure) {
            Some(level @ (Level::None | Level::May | Level::Encrypt | Level::Dane)) => level,
            _ => log::fatal!("invalid smtp_tls_dane_insecure_mx_policy: \"{insecure}\""),
        };
        let verbose = crate::loglevel::LogMask::parse(
            SMTP_TLS_LOGLEVEL.client(is_lmtp).name(),
            config.client(SMTP_TLS_LOGLEVEL, is_lmtp),
        )
        .verbose;
        Ok(Policies {
            config,
            is_lmtp,
            level,
            insecure_mx,
            dns,
            maps: open(SMTP_TLS_POLICY_MAPS, text)?,
            per_site: open(SMTP_TLS_PER_SITE, sites)?,
            dane: dane::Lookup::new(verbose),
        })
    }

    /// The level without a policy of its own.
    pub fn default_level(&self) -> Level {
        self.level
    }

    /// Whether any destination may need TLS, so that an engine is to be made.
    pub fn may_need_tls(&self) -> bool {
        self.level > Level::None || !self.maps.is_empty() || !self.per_site.is_empty()
    }

    /// The tables, for noticing changes.
    pub fn tables(&self) -> impl Iterator<Item = &Maps> {
        [&self.maps, &self.per_site].into_iter()
    }

    /// The policy for a server; the error says why it cannot be used now.
    pub fn find(&self, resolver: &Resolver, target: &Target<'_>) -> Result<Policy, Box<Outcome>> {
        let flag = |param| self.config.client(param, self.is_lmtp);
        let mut policy = Policy {
            level: self.level,
            connection_reuse: match self.config.origin(SMTP_TLS_CONNECTION_REUSE.client(self.is_lmtp).name())
            {
                Origin::Default => None,
                _ => Some(flag(SMTP_TLS_CONNECTION_REUSE)),
            },
            enable_rpk: flag(SMTP_TLS_ENABLE_RPK),
            ..Policy::default()
        };
        let mut given = attributes::Given::default();
        if target.tls_not_required {
            // RFC 8689: the sender would rather have it delivered.
            policy.level = policy.level.min(Level::May);
        } else if !self.maps.is_empty() {
            policy.table_level = self.by_table(target.nexthop, &mut policy, &mut given)?;
        } else if !self.per_site.is_empty() {
            policy.table_level = self.by_site(target)?;
        }
        policy.level = policy.table_level.unwrap_or(policy.level);
        if matches!(policy.level, Level::Dane | Level::DaneOnly) {
            self.dane(resolver, target, &mut policy)?;
        }
        if policy.level == Level::None {
            return Ok(policy);
        }
        self.fill(&mut policy, &mut given, target)?;
        log::debug!("effective TLS level: {}", policy.level);
        Ok(policy)
    }

    /// `*_tls_policy_maps`: the next hop, and where it is a domain its parents.
    fn by_table(
        &self,
        nexthop: &str,
        policy: &mut Policy,
        given: &mut attributes::Given,
    ) -> Result<Option<Level>, Box<Outcome>> {
        let bytes = nexthop.as_bytes();
        let is_domain = mail::host::is_hostname(bytes) || mail::host::is_utf8_hostname(bytes);
        let mut name = nexthop;
        loop {
            let place = format!("{}, next-hop destination \"{name}\"", self.maps.title());
            match self.maps.find(name.as_bytes()) {
                Ok(Some(value)) => {
                    let value = value.to_str_lossy();
                    let level = attributes::read(&value, &place, policy, given).ok_or_else(misconfigured)?;
                    return Ok(Some(level));
                }
                Ok(None) => {}
                Err(_) => {
                    log::warning!("{place}: policy table lookup error");
                    return Err(misconfigured());
                }
            }
            // ".example.com" stands for all names below.
            match name.get(1..).and_then(|rest| rest.find('.')) {
                Some(at) if is_domain => name = name.get(at + 1..).unwrap_or_default(),
                _ => return Ok(None),
            }
        }
    }

    /// `*_tls_per_site`: next hop and host have equal say.
    fn by_site(&self, target: &Target<'_>) -> Result<Option<Level>, Box<Outcome>> {
        let mut level = None;
        self.one_site(&mut level, target.nexthop, "next-hop destination")?;
        if !target.nexthop.eq_ignore_ascii_case(target.host) {
            self.one_site(&mut level, target.host, "server hostname")?;
        }
        // Only a MAY is weaker than what main.cf says for all.
        Ok(match level {
            Some(Level::May) => Some(self.level.max(Level::May)),
            other => other,
        })
    }

    fn one_site(&self, level: &mut Option<Level>, name: &str, what: &str) -> Result<(), Box<Outcome>> {
        let title = self.per_site.title();
        let value = match self.per_site.find(name.as_bytes()) {
            Ok(Some(value)) => value.to_string(),
            Ok(None) => return Ok(()),
            Err(_) => {
                log::warning!("{title}: {what} \"{name}\": per-site table lookup error");
                return Err(Box::new(Outcome::new(Status::new(4, 3, 0), "Temporary lookup error")));
            }
        };
        let found = match value.to_ascii_uppercase().as_str() {
            "NONE" => Level::None,
            "MAY" => Level::May,
            "MUST_NOPEERMATCH" => Level::Encrypt,
            "MUST" => Level::Verify,
            _ => {
                log::warning!("{title}: unknown TLS policy '{value}' for {what} {name}");
                return Err(misconfigured());
            }
        };
        *level = Some(match (*level, found) {
            (None, found) => found,
            // "Never" is more than "perhaps".
            (Some(Level::None | Level::May), Level::None) => Level::None,
            (Some(old), Level::None) => old,
            (Some(old @ Level::None), Level::May) => old,
            (Some(old), found) => old.max(found),
        });
        Ok(())
    }

    /// What neither table nor DNS has said.
    fn fill(
        &self,
        policy: &mut Policy,
        given: &mut attributes::Given,
        target: &Target<'_>,
    ) -> Result<(), Box<Outcome>> {
        let text = |param| self.config.client(param, self.is_lmtp);
        let is_mandatory = policy.level > Level::May;
        policy.protocols = given.protocols.take().unwrap_or_else(|| {
            let list = if is_mandatory { SMTP_TLS_MANDATORY_PROTOCOLS } else { SMTP_TLS_PROTOCOLS };
            text(list).to_owned()
        });
        policy.servername = match given.servername.take() {
            Some(name) => name,
            None => {
                let name = text(SMTP_TLS_SERVERNAME);
                if !name.is_empty() && !mail::host::is_hostname(name.as_bytes()) {
                    let parameter = SMTP_TLS_SERVERNAME.client(self.is_lmtp).name();
                    log::warning!("\"{parameter} = {name}\" specifies an invalid hostname");
                    return Err(misconfigured());
                }
                name.to_owned()
            }
        };
        policy.grade = given.grade.take().unwrap_or_else(|| {
            let grade = if is_mandatory { SMTP_TLS_MANDATORY_CIPHERS } else { SMTP_TLS_CIPHERS };
            text(grade).to_owned()
        });
        let mut exclusions: Vec<&str> = match &given.exclusions {
            Some(list) => vec![list],
            None if is_mandatory => {
                vec![text(SMTP_TLS_EXCLUDE_CIPHERS), text(SMTP_TLS_MANDATORY_EXCLUDE_CIPHERS)]
            }
            None => vec![text(SMTP_TLS_EXCLUDE_CIPHERS)],
        };
        match policy.level {
            Level::None | Level::May => {}
            Level::Encrypt => exclusions.push("eNULL"),
            _ => exclusions.push("aNULL"),
        }
        exclusions.retain(|list| !list.is_empty());
        policy.exclusions = exclusions.join(" ");
        self.sts_patterns(policy, given, target)?;
        match policy.level {
            Level::Fingerprint => self.fingerprints(policy, given, target),
            Level::Verify | Level::Secure => self.names(policy, given),
            _ => Ok(()),
        }
    }

    /// MTA-STS (RFC 8461 §4.1): only servers that the policy names may be asked, and they by their own names.
    fn sts_patterns(
        &self,
        policy: &Policy,
        given: &mut attributes::Given,
        target: &Target<'_>,
    ) -> Result<(), Box<Outcome>> {
        let Some(external) =
            policy.external.as_ref().filter(|e| e.kind == "sts" && !e.mx_patterns.is_empty())
        else {
            return Ok(());
        };
        if !self.config.client(SMTP_TLS_ENFORCE_STS_MX_PATTERNS, self.is_lmtp) {
            return Ok(());
        }
        if !external.mx_patterns.iter().any(|pattern| sts_pattern_matches(pattern, target.host)) {
            let reason =
                format!("MX name '{}' does not match STS MX pattern for '{}'", target.host, target.nexthop);
            return Err(Box::new(Outcome::new(Status::new(4, 7, 5), reason)));
        }
        if matches!(policy.level, Level::Verify | Level::Secure) {
            given.matches = Some(vec!["hostname".to_owned()]);
        }
        Ok(())
    }

    fn fingerprints(
        &self,
        policy: &mut Policy,
        given: &attributes::Given,
        target: &Target<'_>,
    ) -> Result<(), Box<Outcome>> {
        let anchors = policy.anchors.get_or_insert_default();
        match &given.matches {
            Some(list) => anchors.add_fingerprints(list.iter().map(String::as_str)),
            None => anchors
                .add_fingerprints(words(self.config.client(SMTP_TLS_FINGERPRINT_CERT_MATCH, self.is_lmtp))),
        }
        if anchors.records.is_empty() {
            log::warning!(
                "nexthop domain {}: configured at fingerprint security level, but with no fingerprints to match.",
                target.nexthop
            );
            return Err(misconfigured());
        }
        Ok(())
    }

    fn names(&self, policy: &mut Policy, given: &mut attributes::Given) -> Result<(), Box<Outcome>> {
        policy.match_names = given.matches.take().unwrap_or_else(|| {
            let param = if policy.level == Level::Verify {
                SMTP_TLS_VERIFY_CERT_MATCH
            } else {
                SMTP_TLS_SECURE_CERT_MATCH
            };
            let list = self.config.client(param, self.is_lmtp);
            crate::ciphers::words(list).map(str::to_owned).collect()
        });
        let files = self.config.client(SMTP_TLS_TRUST_ANCHOR_FILE, self.is_lmtp);
        if !files.is_empty() && policy.anchors.as_ref().is_none_or(|anchors| anchors.records.is_empty()) {
            let anchors = policy.anchors.get_or_insert_default();
            if !words(files).all(|file| anchors.add_file(file)) {
                return Err(misconfigured());
            }
        }
        Ok(())
    }

    /// RFC 7672: what the DNS says of the server decides what `dane` and `dane-only` mean.
    fn dane(
        &self,
        resolver: &Resolver,
        target: &Target<'_>,
        policy: &mut Policy,
    ) -> Result<(), Box<Outcome>> {
        let (dest, level) = (target.nexthop, policy.level);
        let Some(port) = target.port else {
            log::warning!(
                "{dest}: the \"dane\" security level is invalid for delivery via unix-domain sockets"
            );
            return Err(misconfigured());
        };
        let wrong = if !self.dns.dnssec {
            Some(format!("{dest}: {level} configured with dnssec lookups disabled"))
        } else if !self.is_lmtp && self.config.get(IGNORE_MX_LOOKUP_ERROR) {
            Some(format!("{dest}: {level} configured with MX lookup errors ignored"))
        } else if self.dns.searches {
            Some(format!("{dest}: dns resolver options incompatible with {level} TLS"))
        } else {
            None
        };
        if let Some(wrong) = wrong {
            log::warning!("{wrong}");
            if level == Level::DaneOnly {
                return Err(misconfigured());
            }
            policy.level = Level::May;
            return Ok(());
        }
        let less = |policy: &mut Policy, instead, why: &str| {
            if level == Level::DaneOnly {
                return Err(Box::new(Outcome::new(Status::new(4, 7, 5), why)));
            }
            log::debug!("{dest}: {why}");
            policy.level = instead;
            Ok(())
        };
        let insecure_mx = target.mx.is_some_and(|mx| !mx.secure);
        if insecure_mx && (level == Level::DaneOnly || self.insecure_mx <= Level::May) {
            return less(policy, Level::May, "non DNSSEC destination");
        }
        let force = self.config.client(SMTP_TLS_FORCE_INSECURE_HOST_TLSA_LOOKUP, self.is_lmtp);
        let found = match target.name {
            Some(name) => self.dane.find(resolver, name, port, force),
            // An address has no records.
            None => Found::Nothing,
        };
        let anchors = match found {
            Found::Trouble => {
                let reason = format!("TLSA lookup error for {}:{port}", target.host);
                return Err(Box::new(Outcome::new(Status::new(4, 7, 5), reason)));
            }
            Found::Nothing => return less(policy, Level::May, "no TLSA records found"),
            Found::Unusable => return less(policy, Level::Encrypt, "TLSA records unusable"),
            Found::Anchors(anchors) => anchors,
        };
        if insecure_mx {
            if self.insecure_mx == Level::Encrypt {
                let why = "Verification not possible, MX RRset is insecure";
                return less(policy, Level::Encrypt, why);
            }
            policy.level = Level::HalfDane;
        }
        policy.match_names = vec![anchors.base_domain.clone()];
        if let Some(mx) = target.mx {
            policy.match_names.push(mx.found.clone());
            if mx.asked != mx.found {
                policy.match_names.push(mx.asked.clone());
            }
        }
        policy.anchors = Some(anchors);
        Ok(())
    }
}

/// Whether an MX pattern of a policy (a name, or "*." and the name of a domain) is for this server.
pub fn sts_pattern_matches(pattern: &str, host: &str) -> bool {
    let host = host.trim_end_matches('.');
    match pattern.strip_prefix("*.") {
        Some(parent) => host
            .split_once('.')
            .is_some_and(|(first, rest)| !first.is_empty() && rest.eq_ignore_ascii_case(parent)),
        None => host.eq_ignore_ascii_case(pattern),
    }
}

/// The administrator has to look at the log.
fn misconfigured() -> Box<Outcome> {
    Box::new(Outcome::new(Status::new(4, 7, 5), "client TLS configuration problem"))
}

/// Splits at blanks and commas.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_ascii_whitespace() || c == ',').filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policies(pairs: &[(&str, &str)]) -> Policies {
        let config: &'static Config = Box::leak(Box::new(Config::from_pairs(pairs)));
        let level = Level::of_client(config, false).unwrap();
        Policies::open(config, false, level, DnsManner::default()).unwrap()
    }

    fn find(policies: &Policies, nexthop: &str, host: &str) -> Result<Policy, String> {
        let target = Target { nexthop, host, port: Some(25), name: None, mx: None, tls_not_required: false };
        policies.find(&Resolver::system(), &target).map_err(|why| why.reason.to_string())
    }

    #[test]
    fn tables_by_next_hop_and_parent() {
        let all = policies(&[
            ("smtp_tls_security_level", "may"),
            (
                "smtp_tls_policy_maps",
                "inline:{ {a.test=encrypt ciphers=high}, {.a.test=none}, {[b.test]:25=verify match=x.test:.y.test}, {bad.test=always} }",
            ),
        ]);
        let a = find(&all, "a.test", "mx.a.test").unwrap();
        assert_eq!((a.level, a.grade.as_str(), a.exclusions.as_str()), (Level::Encrypt, "high", "eNULL"));
        assert_eq!(find(&all, "c.b.a.test", "mx").unwrap().level, Level::None);
        assert_eq!(
            find(&all, "[c.a.test]", "c.a.test").unwrap().level,
            Level::May,
            "brackets have no parents"
        );
        let b = find(&all, "[b.test]:25", "b.test").unwrap();
        assert_eq!(
            (b.level, b.match_names.as_slice()),
            (Level::Verify, ["x.test", ".y.test"].map(String::from).as_slice())
        );
        assert!(b.exclusions.ends_with("aNULL"));
        assert_eq!(find(&all, "bad.test", "mx"), Err("client TLS configuration problem".into()));
    }

    #[test]
    fn sites_by_next_hop_and_host() {
        let all = policies(&[
            ("smtp_tls_security_level", "encrypt"),
            ("smtp_tls_per_site", "inline:{none=NONE, may=may, must=MUST, nopeer=MUST_NOPEERMATCH, odd=x}"),
        ]);
        let level = |dest, host| find(&all, dest, host).map(|p| p.level);
        assert_eq!(level("none", "may"), Ok(Level::None));
        assert_eq!(level("may", "none"), Ok(Level::None));
        assert_eq!(level("may", "other"), Ok(Level::Encrypt), "main.cf asks for more");
        assert_eq!(level("none", "must"), Ok(Level::Verify));
        assert_eq!(level("must", "none"), Ok(Level::Verify));
        assert_eq!(level("nopeer", "none"), Ok(Level::Encrypt));
        assert_eq!(level("other", "other"), Ok(Level::Encrypt));
        assert!(level("odd", "x").is_err());
    }

    #[test]
    fn fingerprints_must_be_given() {
        let all = policies(&[("smtp_tls_security_level", "fingerprint")]);
        assert!(find(&all, "a.test", "mx").is_err());
        let all = policies(&[
            ("smtp_tls_security_level", "fingerprint"),
            ("smtp_tls_fingerprint_cert_match", "aa:bb, ccdd"),
        ]);
        assert_eq!(find(&all, "a.test", "mx").unwrap().anchors.unwrap().records.len(), 4);
    }

    #[test]
    fn tls_not_required_asks_for_no_more_than_may() {
        let all = policies(&[
            ("smtp_tls_security_level", "secure"),
            ("smtp_tls_policy_maps", "inline:{a.test=verify}"),
        ]);
        let target = Target {
            nexthop: "a.test",
            host: "mx",
            port: Some(25),
            name: None,
            mx: None,
            tls_not_required: true,
        };
        assert_eq!(all.find(&Resolver::system(), &target).unwrap().level, Level::May);
    }

    #[test]
    fn mail_exchangers_of_an_sts_policy() {
        let all = policies(&[(
            "smtp_tls_policy_maps",
            "inline:{ {a.test=secure match=.a.test policy_type=sts mx_host_pattern=*.a.test mx_host_pattern=b.test} }",
        )]);
        assert_eq!(find(&all, "a.test", "mx.a.test").unwrap().match_names, ["hostname"]);
        assert!(find(&all, "a.test", "B.test").is_ok());
        for bad in ["a.test", "x.mx.a.test", "mx.b.test"] {
            assert_eq!(
                find(&all, "a.test", bad),
                Err(format!("MX name '{bad}' does not match STS MX pattern for 'a.test'"))
            );
        }
    }

    #[test]
    fn dane_needs_dnssec() {
        let all = policies(&[("smtp_tls_security_level", "dane")]);
        assert_eq!(find(&all, "a.test", "mx").unwrap().level, Level::May);
        let only = policies(&[("smtp_tls_security_level", "dane-only")]);
        assert!(find(&only, "a.test", "mx").is_err());
    }
}
