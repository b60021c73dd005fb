//! Which domains are this host's own: `mydestination`, and the addresses it receives mail at.

use std::net::IpAddr;

use crate::{Against, MatchList, OpenError, Parents, TableError};

/// The own domains of a host. Shared by all threads.
pub struct LocalDomains {
    destinations: MatchList,
    addresses: Vec<IpAddr>,
    null_domain: bool,
}

impl LocalDomains {
    /// From the value of `mydestination`, the addresses of `inet_interfaces` and `proxy_interfaces`, and
    /// `resolve_null_domain` (whether `user@` is local).
    pub fn open(mydestination: &str, addresses: Vec<IpAddr>, null_domain: bool) -> Result<LocalDomains, OpenError> {
        let destinations = MatchList::open("mydestination", mydestination, Against::String, Parents::Dotted)?;
        Ok(LocalDomains { destinations, addresses, null_domain })
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

    /// The name of the first table whose file changed since it was opened.
    pub fn changed(&self) -> Option<&str> {
        self.destinations.changed()
    }
}
