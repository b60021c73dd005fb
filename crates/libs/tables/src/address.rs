//! Search orders for mail addresses: whole, without extension, local part, `@domain`.

use bstr::{BString, ByteSlice};
use config::Config;
use config::params::{DOUBLE_BOUNCE_SENDER, OWNER_REQUEST_SPECIAL, RECIPIENT_DELIMITER};

use crate::Maps;
use crate::table::{Kind, TableError};

/// What [`find`] tries, in this order, each only when its flag is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// `user+ext@domain`
    pub full: bool,
    /// `user@domain`
    pub without_extension: bool,
    /// `user+ext` when the domain is local
    pub local_if_local: bool,
    /// `user+ext` whatever the domain
    pub local: bool,
    /// `user`, under the same condition as the two above
    pub local_without_extension: bool,
    /// `user@` (local_login_sender_maps and the like)
    pub localpart_at: bool,
    /// `@domain`
    pub at_domain: bool,
    /// `domain`
    pub domain: bool,
    /// `.parent` domains
    pub dot_parents: bool,
}

impl Order {
    /// virtual, canonical, generic, bcc, relocated: whole, without extension, local part if local, `@domain`.
    pub const ADDRESS: Order = Order {
        full: true,
        without_extension: true,
        local_if_local: true,
        local: false,
        local_without_extension: true,
        localpart_at: false,
        at_domain: true,
        domain: false,
        dot_parents: false,
    };
}

/// The answer of [`find`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The table's value.
    pub value: BString,
    /// The extension that was cut off to find it, with its delimiter (`+lists`); what extension propagation appends.
    pub extension: Option<BString>,
}

/// What the searches must know of this host.
pub struct Rules<'a> {
    /// `recipient_delimiter`, or empty.
    pub delimiter: &'a [u8],
    /// `owner_request_special`: `owner-x` and `x-request` are never split.
    pub owner_request_special: bool,
    /// `double_bounce_sender`, which is never split.
    pub double_bounce: &'a [u8],
    /// Whether a domain is this host's own (`mydestination`, own addresses), or is `myorigin`.
    pub is_local: &'a (dyn Fn(&[u8]) -> Result<bool, TableError> + Sync),
}

impl<'a> Rules<'a> {
    /// The rules that main.cf gives; `is_local` usually asks [`crate::LocalDomains::is_origin_or_local`].
    pub fn new(
        cf: &'a Config,
        is_local: &'a (dyn Fn(&[u8]) -> Result<bool, TableError> + Sync),
    ) -> Rules<'a> {
        Rules {
            delimiter: cf.get(RECIPIENT_DELIMITER).as_bytes(),
            owner_request_special: cf.get(OWNER_REQUEST_SPECIAL),
            double_bounce: cf.get(DOUBLE_BOUNCE_SENDER).as_bytes(),
            is_local,
        }
    }

    /// `user` and `+ext` (with its delimiter) of a local part that may be split.
    fn split<'b>(&self, local: &'b [u8]) -> Option<(&'b [u8], &'b [u8])> {
        if self.delimiter.is_empty() {
            return None;
        }
        let (user, _) = mail::address::split_extension(
            local,
            self.delimiter,
            self.owner_request_special,
            self.double_bounce,
        )?;
        Some((user, local.get(user.len()..)?))
    }
}

/// Looks `address` (internal form, `user@domain`) up in `order`. Keys are tried quoted where they need quotes, then bare.
pub fn find(
    maps: &Maps,
    address: &[u8],
    order: Order,
    rules: &Rules<'_>,
) -> Result<Option<Found>, TableError> {
    if maps.is_empty() {
        return Ok(None);
    }
    let (local, domain) = mail::address::split_domain(address);
    let split = rules.split(local);
    let plain = |value: Option<BString>| Ok(value.map(|value| Found { value, extension: None }));
    let stripped = |value: Option<BString>, extension: &[u8]| {
        value.map(|value| Found { value, extension: Some(BString::from(extension)) })
    };

    if order.full {
        if let Some(value) = ask(maps, None, address, false)? {
            return plain(Some(value));
        }
    }
    if let (true, Some((user, extension)), Some(domain)) = (order.without_extension, split, domain) {
        let bare = [user, b"@", domain].concat();
        if let Some(found) = stripped(ask(maps, Some(Kind::Fixed), &bare, false)?, extension) {
            return Ok(Some(found));
        }
    }
    if domain.is_none() {
        // An address without a domain is its own local part.
        if let (true, Some((user, extension))) = (order.without_extension, split) {
            return Ok(stripped(ask(maps, Some(Kind::Fixed), user, true)?, extension));
        }
        return Ok(None);
    }
    let domain = domain.unwrap_or_default();
    if order.local || order.local_if_local && (rules.is_local)(domain)? {
        if let Some(value) = ask(maps, Some(Kind::Fixed), local, true)? {
            return plain(Some(value));
        }
        if let (true, Some((user, extension))) = (order.local_without_extension, split) {
            if let Some(found) = stripped(ask(maps, Some(Kind::Fixed), user, true)?, extension) {
                return Ok(Some(found));
            }
        }
    }
    if order.localpart_at {
        let key = [local, b"@"].concat();
        if let Some(value) = ask(maps, Some(Kind::Fixed), &key, false)? {
            return plain(Some(value));
        }
        if let (true, Some((user, extension))) = (order.without_extension, split) {
            let key = [user, b"@"].concat();
            if let Some(found) = stripped(ask(maps, Some(Kind::Fixed), &key, false)?, extension) {
                return Ok(Some(found));
            }
        }
    }
    if order.at_domain {
        let key = [b"@", domain].concat();
        if let Some(value) = maps.find_only(Kind::Fixed, &key)? {
            return plain(Some(value));
        }
    }
    if order.domain {
        if let Some(value) = maps.find_only(Kind::Fixed, domain)? {
            return plain(Some(value));
        }
    }
    if order.dot_parents {
        let mut rest = domain;
        while let Some(dot) = rest.get(1..).and_then(|tail| tail.find_byte(b'.')) {
            rest = rest.get(dot + 1..).unwrap_or_default();
            if let Some(value) = maps.find_only(Kind::Fixed, rest)? {
                return plain(Some(value));
            }
        }
    }
    Ok(None)
}

/// One key, in external form first, then as it is when that differs.
fn ask(
    maps: &Maps,
    kind: Option<Kind>,
    key: &[u8],
    bare_local_part: bool,
) -> Result<Option<BString>, TableError> {
    let once = |key: &[u8]| match kind {
        Some(kind) => maps.find_only(kind, key),
        None => maps.find(key),
    };
    let external = mail::quote::quote_822(key, mail::quote::Rules { eight_bit_clean: true, bare_local_part });
    if let Some(value) = once(&external)? {
        return Ok(Some(value));
    }
    if external != key { once(key) } else { Ok(None) }
}

/// Appends `extension` to the user part of `address`: `a@b` and `+x` give `a+x@b`.
pub fn with_extension(address: &[u8], extension: &[u8]) -> BString {
    let at = address.iter().rposition(|b| *b == b'@').unwrap_or(address.len());
    let (user, domain) = address.split_at(at);
    BString::from([user, extension, domain].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Flags;

    #[test]
    fn order_of_an_address() {
        let is_local = |domain: &[u8]| Ok(domain == b"here.test");
        let rules = Rules {
            delimiter: b"+",
            owner_request_special: true,
            double_bounce: b"double-bounce",
            is_local: &is_local,
        };
        let find = |table: &str, address: &str| {
            let maps = Maps::open("t", table, Flags::LOOKUP).unwrap();
            find(&maps, address.as_bytes(), Order::ADDRESS, &rules)
                .unwrap()
                .map(|found| (found.value.to_string(), found.extension.map(|e| e.to_string())))
        };
        let found =
            |value: &str, extension: Option<&str>| Some((value.to_owned(), extension.map(str::to_owned)));
        assert_eq!(find("inline:{a+x@b.test=1,a@b.test=2}", "a+x@b.test"), found("1", None));
        assert_eq!(find("inline:{a@b.test=2,@b.test=3}", "a+x@b.test"), found("2", Some("+x")));
        assert_eq!(find("inline:{@b.test=3}", "a+x@b.test"), found("3", None));
        assert_eq!(find("inline:{a=4}", "a+x@b.test"), None);
        assert_eq!(find("inline:{a=4}", "a+x@here.test"), found("4", Some("+x")));
        assert_eq!(find("inline:{a+x=5,a=4}", "a+x@here.test"), found("5", None));
        assert_eq!(find("regexp:{{/^a@/ 6}}", "a+x@b.test"), None);
        assert_eq!(find("inline:{\"a..b\"@b.test=7}", "a..b@b.test"), found("7", None));
        assert_eq!(find("inline:{a=8}", "a+x"), found("8", Some("+x")));
    }

    #[test]
    fn extensions_are_put_back() {
        assert_eq!(with_extension(b"a@b", b"+x"), "a+x@b");
        assert_eq!(with_extension(b"a", b"+x"), "a+x");
    }
}
