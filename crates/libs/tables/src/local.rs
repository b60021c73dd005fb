//! Which domains are this host's own: `mydestination`, and the addresses it receives mail at.

use std::net::IpAddr;

use config::params::{MYDESTINATION, MYORIGIN, PROXY_INTERFACES, RESOLVE_NULL_DOMAIN};
use config::{Config, ConfigError};

use crate::{Against, MatchList, OpenError, Parents, TableError};

/// The own domains of a host. Shared by all threads.
pub struct LocalDomains {
    destinations: MatchList,
    addresses: Vec<IpAddr>,
    null_domain: bool,
    origin: String,
}

impl LocalDomains {
    /// As main.cf says: `mydestination`, `inet_interfaces`, `proxy_interfaces`, `resolve_null_domain`, `myorigin`.
    pub fn of(cf: &Config) -> Result<LocalDomains, ConfigError> {
        let protocols = config::protocols(cf)?;
        let mut addresses: Vec<IpAddr> = config::own_addresses(cf)?.into_iter().map(|own| own.address).collect();
        for host in cf.try_get(PROXY_INTERFACES)?.split([' ', '\t', ',', '\n']).filter(|word| !word.is_empty()) {
            addresses.extend(config::host_addresses("proxy_interfaces", host, protocols)?);
        }
        LocalDomains::open(cf.try_get(MYDESTINATION)?, addresses, cf.try_get(RESOLVE_NULL_DOMAIN)?, cf.try_get(MYORIGIN)?)
            .map_err(|e| ConfigError::new(e.to_string()))
    }

    /// From the value of `mydestination`, the addresses of `inet_interfaces` and `proxy_interfaces`,
    /// `resolve_null_domain` (whether `user@` is local) and `myorigin`.
    pub fn open(
        mydestination: &str,
        addresses: Vec<IpAddr>,
        null_domain: bool,
        myorigin: &str,
    ) -> Result<LocalDomains, OpenError> {
        let destinations = MatchList::open("mydestination", mydestination, Against::String, Parents::Dotted)?;
        Ok(LocalDomains { destinations, addresses, null_domain, origin: myorigin.to_owned() })
    }

    /// Whether `domain` (a name or `[address]`) is this host's own.
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
        Ok(mail::host::parse_literal(domain).is_some_and(|address| self.addresses.contains(&address)))
    }

    /// Whether a table's local part stands for addresses in `domain`: an own one, or `myorigin`.
    pub fn is_local_part_enough(&self, domain: &[u8]) -> Result<bool, TableError> {
        if domain.eq_ignore_ascii_case(self.origin.as_bytes()) {
            return Ok(true);
        }
        self.contains(domain)
    }

    /// The name of the first table whose file changed since it was opened.
    pub fn changed(&self) -> Option<&str> {
        self.destinations.changed()
    }
}
