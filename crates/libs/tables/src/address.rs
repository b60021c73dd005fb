//! Search orders for mail addresses: whole, without extension, local part, `@domain`.

use bstr::BString;

use crate::{Maps, TableError};

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
    /// Whether a domain is this host's own (`mydestination`, own addresses), or is `myorigin`.
    pub is_local: &'a (dyn Fn(&[u8]) -> Result<bool, TableError> + Sync),
}

/// Looks `address` (internal form, `user@domain`) up in `order`.
pub fn find(maps: &Maps, address: &[u8], order: Order, rules: &Rules<'_>) -> Result<Option<Found>, TableError> {
    let _ = (maps, address, order, rules);
    todo!()
}

/// Appends `extension` to the user part of `address`: `a@b` and `+x` give `a+x@b`.
pub fn with_extension(address: &[u8], extension: &[u8]) -> BString {
    let at = address.iter().rposition(|b| *b == b'@').unwrap_or(address.len());
    let (user, domain) = address.split_at(at);
    BString::from([user, extension, domain].concat())
}
