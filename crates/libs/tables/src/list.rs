//! Match lists: `mynetworks`, `mydestination` and the like – patterns, `!` exclusions, `/files`, `type:table`.

use crate::{OpenError, TableError};

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
}

impl MatchList {
    /// Opens the list of parameter `title` from its value. A bad pattern is reported when it is met, as an error.
    pub fn open(title: &str, text: &str, against: Against, parents: Parents) -> Result<MatchList, OpenError> {
        let _ = (text, against, parents);
        Ok(MatchList { title: title.to_owned() })
    }

    /// Whether `subject` (a string, domain or address, as the list is) matches.
    pub fn matches(&self, subject: &[u8]) -> Result<bool, TableError> {
        let _ = (subject, &self.title);
        todo!()
    }

    /// Whether a client matches by name or by address ([`Against::NameOrAddress`]).
    pub fn matches_host(&self, name: &[u8], address: &[u8]) -> Result<bool, TableError> {
        let _ = (name, address);
        todo!()
    }

    /// The name of the first table whose file changed since it was opened.
    pub fn changed(&self) -> Option<&str> {
        None
    }
}

/// Whether `parent_domain_matches_subdomains` (its value) names the list `title`.
pub fn parents_of(parent_domain_matches_subdomains: &str, title: &str) -> Parents {
    let named = parent_domain_matches_subdomains.split(|c: char| c == ',' || c.is_ascii_whitespace()).any(|name| name == title);
    if named { Parents::Implied } else { Parents::Dotted }
}
