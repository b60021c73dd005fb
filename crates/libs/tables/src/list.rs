//! Match lists: `mynetworks`, `mydestination` and the like – patterns, `!` exclusions, `/files`, `type:table`.

use std::net::IpAddr;
use std::sync::Arc;

use bstr::ByteSlice;

use crate::braces;
use crate::network::{Network, parse_address};
use crate::registry::{away, open_or_fail};
use crate::table::{Flags, OpenError, Table, TableError};

/// What the patterns of a list are held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Against {
    /// A string, whole and without regard to case.
    String,
    /// A domain name, its parents as well where [`Parents`] says so.
    Domain,
    /// An address literal (no brackets) against addresses and networks.
    Address,
    /// A host name and its address: either may match.
    NameOrAddress,
}

/// How `domain` and `.domain` patterns treat subdomains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parents {
    /// `domain` matches itself and its subdomains (`parent_domain_matches_subdomains` names this list).
    Implied,
    /// `.domain` matches subdomains, `domain` itself only.
    Dotted,
}

/// An open match list.
pub struct MatchList {
    title: String,
    against: Against,
    parents: Parents,
    patterns: Vec<Entry>,
}

struct Entry {
    negated: bool,
    pattern: Pattern,
}

enum Pattern {
    Text(String),
    Table(String, Arc<dyn Table>),
    Network(Network),
    /// Looks like a network and is none: an error when an address of its family comes by.
    Bad {
        why: String,
        ipv6: bool,
    },
}

impl MatchList {
    /// Opens the list of parameter `title` from its value. A bad network is reported when it is met, as an error.
    pub fn open(title: &str, text: &str, against: Against, parents: Parents) -> Result<MatchList, OpenError> {
        let mut list = MatchList { title: title.to_owned(), against, parents, patterns: Vec::new() };
        list.add(text, false, 0)?;
        Ok(list)
    }

    fn add(&mut self, text: &str, negated: bool, depth: usize) -> Result<(), OpenError> {
        for word in braces::split(text) {
            let pattern = word.trim_start_matches('!');
            let negated = negated != ((word.len() - pattern.len()) % 2 == 1);
            if pattern.is_empty() {
                return Err(OpenError::Config(format!("{}: no pattern after '!'", self.title)));
            }
            if pattern.starts_with('/') {
                if depth >= 16 {
                    return Err(OpenError::Config(format!(
                        "{}: file {pattern} is included too deep",
                        self.title
                    )));
                }
                let contents = match std::fs::read(pattern) {
                    Ok(contents) => contents,
                    // The rest of the list still counts; who comes to this entry meets an error.
                    Err(error) => {
                        let reason = format!("open file {pattern}: {}", sys::errno_text(&error));
                        let name = format!("non-existent:{pattern}");
                        let pattern = Pattern::Table(name.clone(), away(name, reason));
                        self.patterns.push(Entry { negated, pattern });
                        continue;
                    }
                };
                for line in contents.lines().filter(|line| !line.starts_with(b"#")) {
                    self.add(&String::from_utf8_lossy(line), negated, depth + 1)?;
                }
                continue;
            }
            let pattern = self.compile(pattern)?;
            self.patterns.push(Entry { negated, pattern });
        }
        Ok(())
    }

    fn compile(&self, text: &str) -> Result<Pattern, OpenError> {
        if !text.starts_with('[') && text.contains(':') {
            return Ok(Pattern::Table(text.to_owned(), open_or_fail(text, Flags::LOOKUP)?));
        }
        let address_like = text.bytes().all(|b| b.is_ascii_hexdigit() || b".:[]/".contains(&b))
            && !text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        if matches!(self.against, Against::Address | Against::NameOrAddress) && address_like {
            return Ok(match Network::parse(text) {
                Ok(network) => Pattern::Network(network),
                // compat: a word of hexadecimal letters may as well be a host name.
                Err(_) if !text.contains(['/', '[', ':']) => Pattern::Text(text.to_owned()),
                Err(why) => Pattern::Bad { why, ipv6: text.contains(':') },
            });
        }
        Ok(Pattern::Text(text.to_owned()))
    }

    /// Whether `subject` (a string, domain or address, as the list is) matches.
    pub fn matches(&self, subject: &[u8]) -> Result<bool, TableError> {
        match self.against {
            Against::String => self.run(|pattern| self.string(pattern, subject)),
            Against::Domain => self.run(|pattern| self.domain(pattern, subject)),
            Against::Address => self.run(|pattern| self.address(pattern, subject)),
            Against::NameOrAddress => self.matches_host(subject, subject),
        }
    }

    /// Whether a client matches by name or by address ([`Against::NameOrAddress`]).
    pub fn matches_host(&self, name: &[u8], address: &[u8]) -> Result<bool, TableError> {
        self.run(|pattern| Ok(self.domain(pattern, name)? || self.address(pattern, address)?))
    }

    /// True when the list names nothing.
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// The name of the first table whose file changed since it was opened.
    pub fn changed(&self) -> Option<&str> {
        self.patterns.iter().find_map(|entry| match &entry.pattern {
            Pattern::Table(name, table) if table.changed() => Some(name.as_str()),
            _ => None,
        })
    }

    fn run(&self, mut holds: impl FnMut(&Pattern) -> Result<bool, TableError>) -> Result<bool, TableError> {
        for entry in &self.patterns {
            if holds(&entry.pattern)? {
                return Ok(!entry.negated);
            }
        }
        Ok(false)
    }

    fn string(&self, pattern: &Pattern, subject: &[u8]) -> Result<bool, TableError> {
        match pattern {
            Pattern::Text(text) => Ok(text.as_bytes().eq_ignore_ascii_case(subject)),
            Pattern::Table(name, table) => self.ask(name, table, subject),
            Pattern::Network(_) | Pattern::Bad { .. } => Ok(false),
        }
    }

    fn domain(&self, pattern: &Pattern, name: &[u8]) -> Result<bool, TableError> {
        match pattern {
            Pattern::Text(text) => Ok(self.domain_text(text.as_bytes(), name)),
            Pattern::Table(table_name, table) => {
                let mut rest = name;
                loop {
                    if rest.is_empty() {
                        return Ok(false);
                    }
                    if self.ask(table_name, table, rest)? {
                        return Ok(true);
                    }
                    let Some(dot) = rest.get(1..).and_then(|tail| tail.find_byte(b'.')) else {
                        return Ok(false);
                    };
                    let skip = if self.parents == Parents::Implied { dot + 2 } else { dot + 1 };
                    rest = rest.get(skip..).unwrap_or_default();
                }
            }
            Pattern::Network(_) | Pattern::Bad { .. } => Ok(false),
        }
    }

    fn domain_text(&self, pattern: &[u8], name: &[u8]) -> bool {
        if name.eq_ignore_ascii_case(pattern) {
            return true;
        }
        let Some((head, tail)) =
            name.len().checked_sub(pattern.len()).and_then(|at| name.split_at_checked(at))
        else {
            return false;
        };
        let parent = match self.parents {
            Parents::Implied => head.ends_with(b"."),
            Parents::Dotted => pattern.starts_with(b".") && !head.is_empty(),
        };
        parent && tail.eq_ignore_ascii_case(pattern)
    }

    fn address(&self, pattern: &Pattern, text: &[u8]) -> Result<bool, TableError> {
        if !text.iter().all(|b| b.is_ascii_hexdigit() || b".:".contains(b)) {
            return Ok(false);
        }
        match pattern {
            Pattern::Text(pattern) => Ok(pattern.as_bytes().eq_ignore_ascii_case(text)),
            Pattern::Table(name, table) => self.ask(name, table, text),
            Pattern::Network(network) => {
                let address: Option<IpAddr> = text.to_str().ok().and_then(parse_address);
                Ok(address.is_some_and(|address| network.matches(address)))
            }
            Pattern::Bad { why, ipv6 } if *ipv6 == text.contains(&b':') => {
                log::warning!("{}: {why}", self.title);
                Err(TableError::new(why.clone()))
            }
            Pattern::Bad { .. } => Ok(false),
        }
    }

    fn ask(&self, name: &str, table: &Arc<dyn Table>, key: &[u8]) -> Result<bool, TableError> {
        table.lookup(key).map(|value| value.is_some()).inspect_err(|_| {
            log::warning!("{}: {name}: table lookup problem", self.title);
        })
    }
}

/// Whether `parent_domain_matches_subdomains` (its value) names the list `title`.
pub fn parents_of(parent_domain_matches_subdomains: &str, title: &str) -> Parents {
    let named = parent_domain_matches_subdomains
        .split(|c: char| c == ',' || c.is_ascii_whitespace())
        .any(|name| name == title);
    if named { Parents::Implied } else { Parents::Dotted }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(text: &str, against: Against, parents: Parents, subject: &str) -> Result<bool, TableError> {
        MatchList::open("t", text, against, parents).unwrap().matches(subject.as_bytes())
    }

    #[test]
    fn domains() {
        for (text, parents, subject, expected) in [
            ("a.test b.test", Parents::Implied, "x.B.test", true),
            ("b.test", Parents::Dotted, "x.b.test", false),
            (".b.test", Parents::Dotted, "x.b.test", true),
            (".b.test", Parents::Dotted, "b.test", false),
            (".b.test", Parents::Implied, "x.b.test", false),
            ("!x.b.test, b.test", Parents::Implied, "x.b.test", false),
            ("!x.b.test, b.test", Parents::Implied, "y.b.test", true),
            ("inline:{b.test=ok}", Parents::Implied, "x.b.test", true),
            ("inline:{b.test=ok}", Parents::Dotted, "x.b.test", false),
            ("inline:{.b.test=ok}", Parents::Dotted, "x.b.test", true),
            ("", Parents::Implied, "x", false),
        ] {
            assert_eq!(matches(text, Against::Domain, parents, subject), Ok(expected), "{text} {subject}");
        }
    }

    #[test]
    fn addresses() {
        for (text, subject, expected) in [
            ("127.0.0.0/8 [::1]/128", "127.1.2.3", true),
            ("127.0.0.0/8 [::1]/128", "::1", true),
            ("127.0.0.0/8 [::1]/128", "0:0:0:0:0:0:0:1", true),
            ("127.0.0.0/8", "128.0.0.1", false),
            ("!127.0.0.1, 127.0.0.0/8", "127.0.0.1", false),
            ("1.2.3.4", "1.2.3.4", true),
            ("cidr:{{1.0.0.0/8 ok}}", "1.2.3.4", true),
            ("1.2.3.4", "unknown", false),
        ] {
            assert_eq!(
                matches(text, Against::Address, Parents::Dotted, subject),
                Ok(expected),
                "{text} {subject}"
            );
        }
        assert!(matches("127.0.0.1/8", Against::Address, Parents::Dotted, "10.0.0.1").is_err());
        assert_eq!(matches("127.0.0.1/8", Against::Address, Parents::Dotted, "::1"), Ok(false));
    }

    #[test]
    fn hosts_match_by_name_or_address() {
        let list =
            MatchList::open("t", "h.test, 10.0.0.0/8", Against::NameOrAddress, Parents::Implied).unwrap();
        assert!(list.matches_host(b"a.h.test", b"1.1.1.1").unwrap());
        assert!(list.matches_host(b"unknown", b"10.1.1.1").unwrap());
        assert!(!list.matches_host(b"unknown", b"1.1.1.1").unwrap());
    }

    #[test]
    fn files_are_taken_in() {
        let path = std::env::temp_dir().join(format!("tables-list-{}", std::process::id()));
        std::fs::write(&path, "# c\na.test, b.test\n!c.test\n").unwrap();
        let text = format!("{}", path.display());
        assert_eq!(matches(&text, Against::String, Parents::Dotted, "B.test"), Ok(true));
        assert_eq!(matches(&text, Against::String, Parents::Dotted, "c.test"), Ok(false));
        assert_eq!(
            matches(&format!("!{text} d.test"), Against::String, Parents::Dotted, "a.test"),
            Ok(false)
        );
        std::fs::remove_file(path).unwrap();
    }
}
