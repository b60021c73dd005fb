//! Address masquerading: `joe@host.example.com` becomes `joe@example.com`.

use crate::address::split_domain;
use crate::quote;
use crate::text::fold_case;
use bstr::BString;

/// The domains whose hosts are hidden.
#[derive(Clone, Debug, Default)]
pub struct Masquerade {
    domains: Vec<BString>,
}

impl Masquerade {
    /// From the words of masquerade_domains.
    pub fn new<'a>(domains: impl IntoIterator<Item = &'a [u8]>) -> Self {
        Masquerade { domains: domains.into_iter().map(fold_case).collect() }
    }

    /// Nothing to hide.
    pub fn is_empty(&self) -> bool {
        self.domains.is_empty()
    }

    /// The new form of an address in external form, or `None` if it stays.
    /// The domains are tried in the order given; `!domain` ends the search. `is_exception` says
    /// whether a local part (unquoted) is among masquerade_exceptions.
    pub fn apply<E>(
        &self,
        address: &[u8],
        is_exception: impl FnOnce(&[u8]) -> Result<bool, E>,
    ) -> Result<Option<BString>, E> {
        let (local, domain) = split_domain(address);
        let Some(domain) = domain.map(fold_case) else {
            return Ok(None);
        };
        let Some(parent) = self.visible_domain(&domain) else {
            return Ok(None);
        };
        if is_exception(&quote::unquote_822_local(local))? {
            return Ok(None);
        }
        let mut out = BString::from(local);
        out.push(b'@');
        out.extend_from_slice(parent);
        Ok(Some(out))
    }

    /// The domain to show instead of `host`, if it is to be hidden.
    fn visible_domain(&self, host: &[u8]) -> Option<&[u8]> {
        for entry in &self.domains {
            let (parent, keep) = match entry.strip_prefix(b"!") {
                Some(parent) => (parent.trim_ascii_start(), true),
                None => (entry.as_slice(), false),
            };
            if host == parent {
                return None;
            }
            if is_below(host, parent) {
                return (!keep).then_some(parent);
            }
        }
        None
    }
}

fn is_below(host: &[u8], parent: &[u8]) -> bool {
    host.strip_suffix(parent).is_some_and(|front| front.ends_with(b"."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hides_hosts_below_a_domain() {
        let rules =
            Masquerade::new(["!keep.example.com", "sub.example.com", "example.com"].map(str::as_bytes));
        let is_root = |user: &[u8]| Ok::<bool, ()>(user.eq_ignore_ascii_case(b"root"));
        let cases = [
            ("joe@host.example.com", Some("joe@example.com")),
            ("joe@Host.Example.com", Some("joe@example.com")),
            ("joe@a.sub.example.com", Some("joe@sub.example.com")),
            ("joe@sub.example.com", None),
            ("joe@x.keep.example.com", None),
            ("joe@keep.example.com", None),
            ("joe@example.com", None),
            ("joe@badexample.com", None),
            ("root@host.example.com", None),
            ("ROOT@host.example.com", None),
            ("joe", None),
        ];
        for (address, expected) in cases {
            assert_eq!(
                rules.apply(address.as_bytes(), is_root),
                Ok(expected.map(BString::from)),
                "{address}"
            );
        }
    }
}
