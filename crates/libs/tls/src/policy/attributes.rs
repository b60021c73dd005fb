//! The right-hand side of `*_tls_policy_maps`: a level, and attributes "name=value".
//!
//! A mistake could make TLS weaker than what was meant, so any mistake makes the whole policy invalid.

use tables::braces;

use crate::Level;
use crate::policy::Policy;
use crate::tlsa::Anchors;

/// What the attributes say; what is not there, main.cf says.
#[derive(Debug, Default)]
pub struct Given {
    pub grade: Option<String>,
    pub protocols: Option<String>,
    pub servername: Option<String>,
    pub matches: Option<Vec<String>>,
    pub exclusions: Option<String>,
}

/// What a policy service tells of the policy behind its answer, for TLS reports and for the choice of servers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct External {
    /// "sts" or "no-policy-found".
    pub kind: String,
    /// Seconds.
    pub ttl: Option<u64>,
    pub domain: Option<String>,
    /// The policy's lines.
    pub strings: Vec<String>,
    pub mx_patterns: Vec<String>,
    /// Why the policy could not be had, as RFC 8460 §4.3 names it: then no server passes.
    pub failure: Option<String>,
}

/// Failures that a policy service may report (RFC 8460 §4.3.2.2).
const FAILURES: [&str; 6] = [
    "sts-policy-fetch-error",
    "sts-policy-invalid",
    "sts-webpki-invalid",
    "tlsa-invalid",
    "dnssec-invalid",
    "dane-required",
];

/// Reads a policy. `place` begins each warning; `None`: it is invalid.
pub fn read(text: &str, place: &str, policy: &mut Policy, given: &mut Given) -> Option<Level> {
    let mut words = braces::split(text).into_iter();
    let Some(first) = words.next() else {
        log::warning!("{place}: invalid empty policy");
        return None;
    };
    let Some(level) = Level::parse(first) else {
        log::warning!("{place}: invalid security level \"{first}\"");
        return None;
    };
    if level == Level::None {
        for word in words {
            log::warning!("{place}: ignoring attribute \"{word}\" with TLS disabled");
        }
        return Some(level);
    }
    let mut reader =
        Reader { place, level, policy, given, external: External::default(), any_external: None };
    for word in words {
        let (name, value) = match pair(word) {
            Ok(pair) => pair,
            Err(why) => {
                log::warning!("{place}: malformed attribute/value pair \"{word}\": {why}");
                return None;
            }
        };
        reader.attribute(&name, &value)?;
    }
    reader.finish()
}

/// "name=value", or "{ name = value }".
fn pair(word: &str) -> Result<(String, String), String> {
    let text = if word.starts_with('{') { braces::inside(word)?.trim() } else { word };
    let name: String = text.chars().take_while(|c| !c.is_ascii_whitespace() && *c != '=').collect();
    if name.is_empty() {
        return Err("missing attribute name".to_owned());
    }
    let rest = text.get(name.len()..).unwrap_or_default().trim_start();
    let value = rest.strip_prefix('=').ok_or("missing '=' after attribute name")?;
    // Line breaks and the like inside braces come from the table's file.
    let value = value.trim().chars().map(|c| if c.is_ascii_whitespace() { ' ' } else { c }).collect();
    Ok((name, value))
}

struct Reader<'a> {
    place: &'a str,
    level: Level,
    policy: &'a mut Policy,
    given: &'a mut Given,
    external: External,
    any_external: Option<()>,
}

impl Reader<'_> {
    fn attribute(&mut self, name: &str, value: &str) -> Option<()> {
        let place = self.place;
        match name.to_ascii_lowercase().as_str() {
            "ciphers" => once(place, name, value, &mut self.given.grade, true)?,
            "protocols" => once(place, name, value, &mut self.given.protocols, false)?,
            "exclude" => once(place, name, value, &mut self.given.exclusions, false)?,
            "servername" => {
                once(place, name, value, &mut self.given.servername, false)?;
                if !mail::host::is_hostname(value.as_bytes()) {
                    log::warning!("{place}: \"{name}={value}\" specifies an invalid hostname");
                    return None;
                }
            }
            "match" => self.matching(name, value)?,
            "tafile" => self.trust_file(name, value)?,
            "connection_reuse" => self.policy.connection_reuse = Some(yes_or_no(place, name, value)?),
            "enable_rpk" => self.policy.enable_rpk = yes_or_no(place, name, value)?,
            other => self.external(other, name, value)?,
        }
        Some(())
    }

    fn matching(&mut self, name: &str, value: &str) -> Option<()> {
        let place = self.place;
        if value.is_empty() {
            log::warning!("{place}: attribute \"{name}\" has empty value");
            return None;
        }
        let separator = match self.level {
            Level::Fingerprint => '|',
            Level::Verify | Level::Secure => ':',
            level => {
                log::warning!("{place}: attribute \"{name}\" invalid at security level \"{level}\"");
                return None;
            }
        };
        let all = self.given.matches.get_or_insert_default();
        all.extend(value.split(separator).filter(|part| !part.is_empty()).map(str::to_owned));
        Some(())
    }

    fn trust_file(&mut self, name: &str, value: &str) -> Option<()> {
        let place = self.place;
        if !matches!(self.level, Level::Verify | Level::Secure) {
            log::warning!("{place}: attribute \"{name}\" invalid at security level \"{}\"", self.level);
            return None;
        }
        if value.is_empty() {
            log::warning!("{place}: attribute \"{name}\" has empty value");
            return None;
        }
        self.policy.anchors.get_or_insert_with(Anchors::default).add_file(value).then_some(())
    }

    /// What policy services add (`QUERYwithTLSRPT` of postfix-mta-sts-resolver and its like).
    fn external(&mut self, lower: &str, name: &str, value: &str) -> Option<()> {
        let place = self.place;
        let about = &mut self.external;
        match lower {
            "policy_ttl" => {
                let mut text = about.ttl.map(|ttl| ttl.to_string());
                once(place, name, value, &mut text, false)?;
                about.ttl = value.parse().ok().filter(|_| value.bytes().all(|b| b.is_ascii_digit()));
                if about.ttl.is_none() {
                    log::warning!("{place}: attribute \"{name}\" has a malformed value: \"{value}\"");
                    return None;
                }
            }
            "policy_type" => {
                let mut kind = (!about.kind.is_empty()).then(|| about.kind.clone());
                once(place, name, value, &mut kind, false)?;
                if !matches!(value, "sts" | "no-policy-found") {
                    log::warning!("{place}: attribute \"{name}\" has an unexpected value: \"{value}\"");
                    return None;
                }
                about.kind = value.to_owned();
                return Some(());
            }
            "policy_domain" => {
                once(place, name, value, &mut about.domain, false)?;
                if !mail::host::is_hostname(value.as_bytes()) {
                    log::warning!("{place}: attribute \"{name}\" has a malformed value: \"{value}\"");
                    return None;
                }
            }
            "policy_string" => about.strings.push(value.to_owned()),
            "mx_host_pattern" => about.mx_patterns.push(value.to_owned()),
            "policy_failure" => {
                once(place, name, value, &mut about.failure, false)?;
                if !FAILURES.contains(&value) {
                    log::warning!("{place}: attribute \"{name}\" has an unexpected value: \"{value}\"");
                    return None;
                }
            }
            _ => {
                log::warning!("{place}: invalid attribute name: \"{name}\"");
                return None;
            }
        }
        self.any_external = Some(());
        Some(())
    }

    fn finish(self) -> Option<Level> {
        if self.external.kind.is_empty() {
            if self.any_external.is_some() {
                log::warning!(
                    "{}: built-in policy has unexpected attribute policy_ttl, policy_domain, policy_string, \
                     mx_host_pattern or policy_failure",
                    self.place
                );
                return None;
            }
        } else {
            self.policy.external = Some(self.external);
        }
        Some(self.level)
    }
}

fn once(place: &str, name: &str, value: &str, slot: &mut Option<String>, not_empty: bool) -> Option<()> {
    if not_empty && value.is_empty() {
        log::warning!("{place}: attribute \"{name}\" has empty value");
        return None;
    }
    if slot.is_some() {
        log::warning!("{place}: attribute \"{name}\" is specified multiple times");
        return None;
    }
    *slot = Some(value.to_owned());
    Some(())
}

fn yes_or_no(place: &str, name: &str, value: &str) -> Option<bool> {
    match value.to_ascii_lowercase().as_str() {
        "yes" => Some(true),
        "no" => Some(false),
        _ => {
            log::warning!("{place}: attribute \"{name}\" has bad value: \"{value}\"");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Option<(Level, Policy, Given)> {
        let (mut policy, mut given) = (Policy::default(), Given::default());
        let level = read(text, "test", &mut policy, &mut given)?;
        Some((level, policy, given))
    }

    #[test]
    fn good_policies() {
        let (level, policy, given) =
            parse("secure match=a.test:b.test match=.c.test ciphers=high, protocols=>=TLSv1.2 servername=hostname exclude=RC4:MD5 connection_reuse=yes enable_rpk=no").unwrap();
        assert_eq!(level, Level::Secure);
        assert_eq!(given.matches.unwrap(), ["a.test", "b.test", ".c.test"]);
        assert_eq!(
            (given.protocols.as_deref(), given.exclusions.as_deref()),
            (Some(">=TLSv1.2"), Some("RC4:MD5"))
        );
        assert!(policy.connection_reuse == Some(true) && policy.external.is_none());
        let (_, policy, _) = parse("secure policy_type=sts policy_ttl=86400 policy_domain=a.test mx_host_pattern=*.a.test { policy_string = version: STSv1 } {policy_string=mode: enforce}").unwrap();
        let external = policy.external.unwrap();
        assert_eq!((external.kind.as_str(), external.ttl), ("sts", Some(86400)));
        assert_eq!(external.strings, ["version: STSv1", "mode: enforce"]);
        assert_eq!(parse("none ciphers=high").unwrap().0, Level::None);
        assert_eq!(parse("fingerprint match=aa|bb match=cc").unwrap().2.matches.unwrap().len(), 3);
    }

    #[test]
    fn bad_policies() {
        for bad in [
            "",
            "sometimes",
            "halfdane",
            "may match=x",
            "may tafile=x",
            "secure match=",
            "secure ciphers=",
            "may ciphers=high ciphers=low",
            "may color=red",
            "may ciphers",
            "may =x",
            "may {ciphers=high",
            "may servername=a..b",
            "may connection_reuse=perhaps",
            "may policy_ttl=1",
            "may policy_type=x",
            "may policy_type=sts policy_ttl=x",
            "may policy_type=sts policy_failure=x",
            "secure tafile=/nonexistent",
        ] {
            assert!(parse(bad).is_none(), "{bad}");
        }
    }
}
