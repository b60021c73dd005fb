//! Whether a domain is this host's own: `mydestination`, or `[address]` of our interfaces or of a proxy before us.

use std::net::IpAddr;

use config::params::{INET_INTERFACES, MYDESTINATION, MYORIGIN, PROXY_INTERFACES, RESOLVE_NULL_DOMAIN};
use config::{Config, ConfigError};

use crate::list::{Against, MatchList, Parents};
use crate::table::{OpenError, TableError};

/// The local domains of this host.
pub struct LocalDomains {
    destinations: MatchList,
    addresses: Vec<IpAddr>,
    origin: String,
    null_domain: bool,
}

impl LocalDomains {
    /// Reads mydestination, inet_interfaces, proxy_interfaces and myorigin.
    pub fn open(cf: &Config) -> Result<LocalDomains, OpenError> {
        // compat: a list of strings; neither `.domain` nor parents count.
        let destinations =
            MatchList::open(MYDESTINATION.name(), cf.get(MYDESTINATION), Against::String, Parents::Dotted)?;
        let bad = |e: ConfigError| OpenError::Config(e.to_string());
        let mut addresses: Vec<IpAddr> = Vec::new();
        if !cf.get(INET_INTERFACES).is_empty() {
            addresses.extend(config::own_addresses(cf).map_err(bad)?.iter().map(|own| own.address));
        }
        let protocols = config::protocols(cf).map_err(bad)?;
        for host in cf
            .get(PROXY_INTERFACES)
            .split(|c: char| c == ',' || c.is_ascii_whitespace())
            .filter(|h| !h.is_empty())
        {
            addresses.extend(config::host_addresses(PROXY_INTERFACES.name(), host, protocols).map_err(bad)?);
        }
        Ok(LocalDomains {
            destinations,
            addresses,
            origin: cf.get(MYORIGIN).to_owned(),
            null_domain: cf.get(RESOLVE_NULL_DOMAIN),
        })
    }

    /// Whether `domain` (a name, or `[address]`, a trailing dot is passed over) is delivered here.
    pub fn contains(&self, domain: &[u8]) -> Result<bool, TableError> {
        let domain = match domain {
            [name @ .., b'.'] if !name.ends_with(b".") => name,
            other => other,
        };
        if domain.is_empty() {
            return Ok(self.null_domain);
        }
        if self.destinations.matches(domain)? {
            return Ok(true);
        }
        let literal = domain.strip_prefix(b"[").and_then(|d| d.strip_suffix(b"]"));
        let Some(literal) = literal.and_then(|l| std::str::from_utf8(l).ok()) else { return Ok(false) };
        let text = match literal.get(..5) {
            Some(tag) if tag.eq_ignore_ascii_case("IPv6:") => literal.get(5..).unwrap_or_default(),
            _ => literal,
        };
        Ok(text.parse::<IpAddr>().is_ok_and(|address| self.addresses.contains(&address)))
    }

    /// As [`LocalDomains::contains`], or the domain is myorigin: the condition of searches by local part.
    pub fn is_origin_or_local(&self, domain: &[u8]) -> Result<bool, TableError> {
        Ok(domain.eq_ignore_ascii_case(self.origin.as_bytes()) || self.contains(domain)?)
    }

    /// The name of the first table whose file changed since it was opened.
    pub fn changed(&self) -> Option<&str> {
        self.destinations.changed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_literals() {
        let cf = Config::from_pairs(&[
            ("mydestination", "mx.test, .sub.test"),
            ("inet_interfaces", "127.0.0.1"),
            ("proxy_interfaces", "192.0.2.9"),
            ("myorigin", "origin.test"),
            ("inet_protocols", "ipv4"),
            ("parent_domain_matches_subdomains", ""),
        ]);
        let local = LocalDomains::open(&cf).unwrap();
        for (domain, expected) in [
            ("MX.test", true),
            ("mx.test.", true),
            ("a.sub.test", false),
            ("sub.test", false),
            ("[127.0.0.1]", true),
            ("[192.0.2.9]", true),
            ("[192.0.2.8]", false),
            ("origin.test", false),
            ("", false),
        ] {
            assert_eq!(local.contains(domain.as_bytes()).unwrap(), expected, "{domain}");
        }
        assert!(local.is_origin_or_local(b"ORIGIN.test").unwrap());
    }
}
