//! `cidr:` – networks and addresses, in order.

use std::sync::Arc;

use bstr::BString;

use crate::network::{Network, parse_address};
use crate::registry::{Spec, TableType};
use crate::rules::{Dialect, Groups, Place, Rules, load};
use crate::table::{Kind, OpenError, Owner, Table, TableError};
use crate::text::is_space;

/// The row of `cidr:`.
pub const TYPE: TableType = TableType { name: "cidr", open, can_create: false };

struct Networks;

impl Dialect for Networks {
    type Pattern = Network;

    fn label(&self) -> &'static str {
        "cidr"
    }

    fn pattern(&self, at: &Place<'_>, text: &mut &[u8]) -> Option<Network> {
        let end = text.iter().position(|b| is_space(*b)).unwrap_or(text.len());
        let (pattern, rest) = text.split_at(end);
        *text = rest;
        Network::parse(&String::from_utf8_lossy(pattern))
            .map_err(|why| at.warn(format_args!("{why}: skipping this rule")))
            .ok()
    }

    fn groups(&self, _: &Network) -> Groups {
        Groups::Count(0)
    }

    fn substitutes(&self) -> bool {
        false
    }
}

struct CidrTable {
    rules: Rules<Network>,
}

fn open(spec: &Spec<'_>) -> Result<Arc<dyn Table>, OpenError> {
    Ok(Arc::new(CidrTable { rules: load(spec, &Networks)? }))
}

impl Table for CidrTable {
    fn lookup(&self, key: &[u8]) -> Result<Option<BString>, TableError> {
        let Some(address) = std::str::from_utf8(key).ok().and_then(parse_address) else { return Ok(None) };
        Ok(self.rules.search(key, |_, network, _| network.matches(address).then(Vec::new)))
    }

    fn kind(&self) -> Kind {
        Kind::Pattern
    }

    fn owner(&self) -> Owner {
        self.rules.source.owner()
    }

    fn changed(&self) -> bool {
        self.rules.source.changed()
    }
}

#[cfg(test)]
mod tests {
    use crate::{Flags, open};

    #[test]
    fn first_match_wins() {
        let table = open(
            "cidr:{ {1.2.3.4 OK}, {if 10.0.0.0/8}, {!10.1.0.0/16 far}, {endif}, {::/0 six} }",
            Flags::LOOKUP,
        )
        .unwrap();
        for (key, value) in [
            ("1.2.3.4", Some("OK")),
            ("10.2.0.1", Some("far")),
            ("10.1.0.1", None),
            ("fe80::1", Some("six")),
            ("name", None),
        ] {
            let found = table.lookup(key.as_bytes()).unwrap();
            assert_eq!(found.as_ref().map(|v| v.to_string()).as_deref(), value, "{key}");
        }
    }
}
