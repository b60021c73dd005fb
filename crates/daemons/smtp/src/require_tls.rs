//! REQUIRETLS (RFC 8689) on the way out: `smtp_requiretls_policy` says how strict to be with which next hop, and what a server
//! can do is measured by that.

use bstr::ByteSlice;
use config::params::*;
use config::{Config, ConfigError};
use mail::dsn::{Outcome, Status};
use tables::{Flags, Kind, Maps, braces};
use tls::Level;

/// What a sender's wish for REQUIRETLS means for a next hop, weakest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// Nothing; also where the sender has no such wish.
    #[default]
    Disable,
    /// It is passed on where the server can.
    Opportunistic,
    /// The same, and there must be TLS.
    OpportunisticStartTls,
    /// The server must be the right one, and promise to pass it on.
    Enforce,
}

impl Rule {
    fn parse(word: &str) -> Option<Rule> {
        Some(match word.to_ascii_lowercase().as_str() {
            "disable" => Rule::Disable,
            "opportunistic" => Rule::Opportunistic,
            "opportunistic+starttls" => Rule::OpportunisticStartTls,
            "enforce" => Rule::Enforce,
            _ => return None,
        })
    }

    pub fn wants_tls(self) -> bool {
        self >= Rule::OpportunisticStartTls
    }
}

/// `smtp_requiretls_policy`, or its LMTP twin: words and tables, the first that says something counts.
pub struct RequireTls {
    is_enabled: bool,
    title: &'static str,
    items: Vec<Item>,
}

enum Item {
    Rule(Rule),
    Table(String, Maps),
    Unknown(String),
}

/// The policy cannot be made out; details are in the log.
#[derive(Debug, PartialEq, Eq)]
pub struct PolicyError;

impl RequireTls {
    pub fn open(cf: &'static Config, is_lmtp: bool) -> Result<RequireTls, ConfigError> {
        let param = if is_lmtp { LMTP_REQUIRETLS_POLICY } else { SMTP_REQUIRETLS_POLICY };
        let items = braces::split(cf.get(param)).into_iter().map(|word| {
            if word.contains(':') {
                let maps = Maps::open(param.name(), word, Flags::FOLD)
                    .map_err(|err| ConfigError::new(err.to_string()))?;
                return Ok(Item::Table(word.to_owned(), maps));
            }
            Ok(Rule::parse(word).map_or_else(|| Item::Unknown(word.to_owned()), Item::Rule))
        });
        Ok(RequireTls {
            is_enabled: cf.get(REQUIRETLS_ENABLE),
            title: param.name(),
            items: items.collect::<Result<_, ConfigError>>()?,
        })
    }

    /// For noticing changes.
    pub fn tables(&self) -> impl Iterator<Item = &Maps> {
        self.items.iter().filter_map(|item| match item {
            Item::Table(_, maps) => Some(maps),
            _ => None,
        })
    }

    /// The rule for a next hop (without brackets and port), where the sender asked for REQUIRETLS.
    pub fn rule(&self, is_asked: bool, nexthop: &str) -> Result<Rule, PolicyError> {
        if !is_asked || !self.is_enabled {
            return Ok(Rule::Disable);
        }
        let Some(name) = config::idna::to_ascii(nexthop) else {
            log::warning!(
                "{}: malformed next-hop destination: '{nexthop}' -- using default policy 'enforce'",
                self.title
            );
            return Ok(Rule::Enforce);
        };
        for item in &self.items {
            match item {
                Item::Rule(rule) => return Ok(*rule),
                Item::Unknown(word) => {
                    log::warning!(
                        "{}: unknown policy action: '{word}' -- ignoring the remainder of this policy",
                        self.title
                    );
                    return Err(PolicyError);
                }
                Item::Table(label, maps) => {
                    if let Some(rule) = self.look_up(label, maps, &name)? {
                        return Ok(rule);
                    }
                }
            }
        }
        Ok(Rule::Enforce)
    }

    /// The name, and in tables of fixed keys its parents: ".example.com" stands for all names below.
    fn look_up(&self, label: &str, maps: &Maps, name: &str) -> Result<Option<Rule>, PolicyError> {
        let is_fixed = maps.tables().all(|(_, table)| table.kind() == Kind::Fixed);
        let mut key = name;
        loop {
            match maps.find(key.as_bytes()) {
                Ok(Some(value)) => {
                    let value = value.to_str_lossy();
                    let rule = Rule::parse(&value);
                    if rule.is_none() {
                        let what = if value.contains(':') { "nested" } else { "composite" };
                        match value.contains([':', ',', ' ', '\t']) {
                            true => log::warning!(
                                "table {label}: {what} lookup result \"{value}\" is not allowed -- ignoring remainder of policy"
                            ),
                            false => log::warning!(
                                "{label}: unknown policy action: '{value}' -- ignoring the remainder of this policy"
                            ),
                        }
                    }
                    return rule.map(Some).ok_or(PolicyError);
                }
                Ok(None) => {}
                Err(_) => {
                    log::warning!(
                        "{}: {label}: table lookup error -- ignoring the remainder of this policy",
                        self.title
                    );
                    return Err(PolicyError);
                }
            }
            match key.get(1..).and_then(|rest| rest.find('.')) {
                Some(at) if is_fixed => key = key.get(at + 1..).unwrap_or_default(),
                _ => return Ok(None),
            }
        }
    }
}

/// What speaks against a server at this level before there is a connection: the reason, and what to log of it.
pub fn level_objection(rule: Rule, level: Level, server: &str) -> Option<(Outcome, &'static str)> {
    let (what, got) = match rule {
        Rule::Enforce if !level.must_match() => ("certificate matching", "nocertmatch"),
        Rule::OpportunisticStartTls if level == Level::None => ("encryption", "noencryption"),
        _ => return None,
    };
    let reason = format!(
        "Sender requested REQUIRETLS, but my configured TLS security level '{level}' disables {what}. \
         The last attempted server was {server}"
    );
    Some((Outcome::new(Status::new(5, 7, 10), reason), got))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(policy: &str, nexthop: &str) -> Result<Rule, PolicyError> {
        let cf: &'static Config =
            Box::leak(Box::new(Config::from_pairs(&[("smtp_requiretls_policy", policy)])));
        RequireTls::open(cf, false).unwrap().rule(true, nexthop)
    }

    #[test]
    fn the_first_that_says_something_counts() {
        let policy = "inline:{ {a.test=opportunistic}, {.a.test=disable}, {odd=never}, {two=enforce, disable} }, \
                      cidr:{ {192.0.2.0/24 opportunistic+starttls} }, enforce, nonsense";
        assert_eq!(rule(policy, "a.test"), Ok(Rule::Opportunistic));
        assert_eq!(rule(policy, "c.b.a.test"), Ok(Rule::Disable));
        assert_eq!(rule(policy, "192.0.2.7"), Ok(Rule::OpportunisticStartTls));
        assert_eq!(rule(policy, "b.test"), Ok(Rule::Enforce));
        assert_eq!(rule(policy, "odd"), Err(PolicyError));
        assert_eq!(rule("", "b.test"), Ok(Rule::Enforce));
        assert_eq!(rule("nonsense", "b.test"), Err(PolicyError));
        let cf: &'static Config = Box::leak(Box::new(Config::from_pairs(&[])));
        assert_eq!(RequireTls::open(cf, false).unwrap().rule(false, "b.test"), Ok(Rule::Disable));
    }

    #[test]
    fn levels_that_cannot_do() {
        let objection = |rule, level| level_objection(rule, level, "mx").map(|(_, got)| got);
        assert_eq!(objection(Rule::Enforce, Level::May), Some("nocertmatch"));
        assert_eq!(objection(Rule::Enforce, Level::None), Some("nocertmatch"));
        assert_eq!(objection(Rule::Enforce, Level::Dane), None);
        assert_eq!(objection(Rule::OpportunisticStartTls, Level::None), Some("noencryption"));
        assert_eq!(objection(Rule::OpportunisticStartTls, Level::May), None);
        assert_eq!(objection(Rule::Opportunistic, Level::None), None);
    }
}
