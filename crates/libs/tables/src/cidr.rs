//! `cidr:` – networks and addresses, in order.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use bstr::BString;

use crate::filter::Needs;
use crate::network::{Network, masked, parse_address};
use crate::registry::{Spec, TableType};
use crate::rules::{Dialect, Groups, Place, Rules, Step, load};
use crate::table::{Kind, OpenError, Owner, Table, TableError};
use crate::text::is_space;

/// The row of `cidr:`.
pub const TYPE: TableType = TableType { name: "cidr", open, can_create: false };

struct Networks;

impl Dialect for Networks {
    type Scanned = Network;
    type Pattern = Network;

    fn label(&self) -> &'static str {
        "cidr"
    }

    fn scan(&self, at: &Place<'_>, text: &mut &[u8], condition: bool) -> Option<Network> {
        // Blanks may follow a `!`; a condition is all that stands on its line.
        let start = text.iter().position(|b| *b != b'!' && !is_space(*b)).unwrap_or(text.len());
        let (marks, rest) = text.split_at(start);
        let end = rest.iter().position(|b| is_space(*b) && !condition).unwrap_or(rest.len());
        let (address, rest) = rest.split_at(end);
        *text = rest;
        if address.is_empty() {
            at.warn(format_args!("no address pattern: skipping this rule"));
            return None;
        }
        let marks = marks.iter().filter(|b| **b == b'!').count();
        let pattern = "!".repeat(marks % 2) + &String::from_utf8_lossy(address);
        Network::parse(&pattern).map_err(|why| at.warn(format_args!("{why}: skipping this rule"))).ok()
    }

    fn compile(&self, _: &Place<'_>, scanned: Network) -> Option<Network> {
        Some(scanned)
    }

    fn groups(&self, _: &Network) -> Groups {
        Groups::Count(0)
    }

    fn needs(&self, _: &Network) -> Option<Needs> {
        None
    }

    fn plain(&self) -> bool {
        true
    }
}

/// Rules that follow each other without conditions or `!`, by network: one look for each length of mask that occurs.
struct Run {
    /// The rules `first..end`.
    first: usize,
    end: usize,
    /// The lengths of masks.
    lengths: Vec<u8>,
    /// The first rule for a network.
    networks: HashMap<(IpAddr, u8), usize>,
}

/// Shorter runs are faster asked one by one.
const WORTH_AN_INDEX: usize = 12;

struct CidrTable {
    rules: Rules<Network>,
    /// In order.
    runs: Vec<Run>,
}

fn open(spec: &Spec<'_>) -> Result<Arc<dyn Table>, OpenError> {
    let rules = load(spec, &Networks)?;
    let runs = runs(&rules);
    Ok(Arc::new(CidrTable { rules, runs }))
}

fn runs(rules: &Rules<Network>) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (index, rule) in rules.rules.iter().enumerate() {
        let Step::Match(network, _) = &rule.step else { continue };
        let Some((address, length)) = network.plain() else { continue };
        if runs.last().is_none_or(|run| run.end != index) {
            runs.push(Run { first: index, end: index, lengths: Vec::new(), networks: HashMap::new() });
        }
        let Some(run) = runs.last_mut() else { continue };
        run.end = index + 1;
        run.networks.entry((address, length)).or_insert(index);
        if !run.lengths.contains(&length) {
            run.lengths.push(length);
        }
    }
    runs.retain(|run| run.end - run.first >= WORTH_AN_INDEX);
    runs
}

impl Run {
    /// The first of its rules that holds `address`.
    fn find(&self, address: IpAddr) -> Option<usize> {
        let width = if address.is_ipv4() { 32 } else { 128 };
        let found = self.lengths.iter().filter(|length| **length <= width);
        found.filter_map(|length| self.networks.get(&(masked(address, *length), *length)).copied()).min()
    }
}

impl Table for CidrTable {
    fn lookup(&self, key: &[u8]) -> Result<Option<BString>, TableError> {
        let Some(address) = std::str::from_utf8(key).ok().and_then(parse_address) else { return Ok(None) };
        let jump = |at: usize| {
            let run = self.runs.iter().find(|run| run.first == at)?;
            Some(run.find(address).unwrap_or(run.end))
        };
        Ok(self.rules.search(key, jump, |_, network, _, _| network.matches(address).then(Vec::new)))
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
