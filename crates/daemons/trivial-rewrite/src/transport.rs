//! transport(5): the table that overrides transport and next hop for addresses and domains.

use bstr::{BString, ByteSlice};
use mail::address;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use tables::{Kind, Maps, Parents, TableError};

/// Where a recipient goes: the master.cf transport and what it is told to connect to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Route {
    /// The transport's name.
    pub transport: BString,
    /// The next hop, in the transport's own syntax.
    pub nexthop: BString,
}

/// How long the answer for `*` is good.
const WILDCARD_LIFE: Duration = Duration::from_secs(30);

/// An open `transport_maps`.
pub struct TransportMaps {
    maps: Maps,
    parents: Parents,
    delimiters: BString,
    owner_request_special: bool,
    double_bounce: BString,
    wildcard: Mutex<Option<(Instant, Option<BString>)>>,
}

impl TransportMaps {
    /// With the style in which parent domains match, and what splits address extensions.
    pub fn new(maps: Maps, parents: Parents, splitting: &Splitting) -> TransportMaps {
        TransportMaps {
            maps,
            parents,
            delimiters: splitting.delimiters.clone(),
            owner_request_special: splitting.owner_request_special,
            double_bounce: splitting.double_bounce.clone(),
            wildcard: Mutex::new(None),
        }
    }

    /// Changes `route` as the table says for this recipient (internal form, `user@domain`). The order: the address, the
    /// address without extension, the domain, its parents, `*`. Patterns see only the whole address and `*`.
    pub fn apply(&self, recipient: &[u8], route: &mut Route) -> Result<(), TableError> {
        let Some(domain) = address::domain(recipient) else { return Ok(()) };
        if let Some(value) = self.lookup(recipient, domain)? {
            route.update(&value, domain);
        }
        Ok(())
    }

    fn lookup(&self, recipient: &[u8], domain: &[u8]) -> Result<Option<BString>, TableError> {
        if let Some(value) = self.maps.find(recipient)? {
            return Ok(Some(value));
        }
        let stripped = address::strip_extension(
            recipient,
            &self.delimiters,
            self.owner_request_special,
            &self.double_bounce,
        );
        if let Some((stripped, _)) = stripped
            && let Some(value) = self.maps.find_only(Kind::Fixed, &stripped)?
        {
            return Ok(Some(value));
        }
        let mut name = domain;
        while !name.is_empty() {
            if let Some(value) = self.maps.find_only(Kind::Fixed, name)? {
                return Ok(Some(value));
            }
            let Some(dot) = name.get(1..).and_then(|rest| rest.find_byte(b'.')) else { break };
            let parent = match self.parents {
                Parents::Implied => dot + 2,
                Parents::Dotted => dot + 1,
            };
            name = name.get(parent..).unwrap_or_default();
        }
        self.wildcard()
    }

    fn wildcard(&self) -> Result<Option<BString>, TableError> {
        let mut known = self.wildcard.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((born, value)) = known.as_ref()
            && born.elapsed() <= WILDCARD_LIFE
        {
            return Ok(value.clone());
        }
        let value = self.maps.find(b"*")?;
        *known = Some((Instant::now(), value.clone()));
        Ok(value)
    }

    /// The name of the first table whose file changed.
    pub fn changed(&self) -> Option<&str> {
        self.maps.changed()
    }

    /// The parameter's name.
    pub fn title(&self) -> &str {
        self.maps.title()
    }
}

/// What splits address extensions.
pub struct Splitting {
    /// `recipient_delimiter`
    pub delimiters: BString,
    /// `owner_request_special`
    pub owner_request_special: bool,
    /// `double_bounce_sender`
    pub double_bounce: BString,
}

impl Route {
    /// Applies a right-hand side: `transport:nexthop`, either half possibly empty.
    fn update(&mut self, value: &[u8], domain: &[u8]) {
        let (transport, nexthop) = match value.split_once_str(":") {
            Some((transport, nexthop)) => (transport, nexthop),
            None => (value, b"".as_slice()),
        };
        if !transport.is_empty() {
            self.transport = transport.into();
            if nexthop.is_empty() {
                // The next hop belonged to the transport that was replaced.
                let default = if transport == b"error" { b"Address is undeliverable" } else { domain };
                self.nexthop = default.into();
            }
        }
        if !nexthop.is_empty() {
            self.nexthop = nexthop.into();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn right_hand_sides() {
        let cases = [
            (":", "smtp", "relay.test"),
            ("", "smtp", "relay.test"),
            (":[gw.test]", "smtp", "[gw.test]"),
            ("smtp:", "smtp", "d.test"),
            ("uucp", "uucp", "d.test"),
            ("slow:[gw.test]:25", "slow", "[gw.test]:25"),
            ("error:", "error", "Address is undeliverable"),
            ("error:5.1.1 gone: away", "error", "5.1.1 gone: away"),
        ];
        for (value, transport, nexthop) in cases {
            let mut route = Route { transport: "smtp".into(), nexthop: "relay.test".into() };
            route.update(value.as_bytes(), b"d.test");
            assert_eq!(route, Route { transport: transport.into(), nexthop: nexthop.into() }, "{value}");
        }
    }
}
