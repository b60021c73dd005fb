//! Address mapping by tables: one to one (canonical), one to many (virtual aliases), and masquerading.

use crate::message::Message;
use crate::setup::{Place, Service};
use bstr::{BString, ByteSlice};
use ipc::cleanup::stat;
use mail::duplicates::Filter;
use mail::{quote, rfc822};
use std::fmt;
use tables::address::{Found, Order, Rules};
use tables::{Maps, TableError};

/// The tables that addresses are looked up in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// `sender_canonical_maps`
    SenderCanonical,
    /// `recipient_canonical_maps`
    RecipientCanonical,
    /// `canonical_maps`
    Canonical,
    /// `virtual_alias_maps`
    VirtualAlias,
    /// `sender_bcc_maps`
    SenderBcc,
    /// `recipient_bcc_maps`
    RecipientBcc,
}

/// Mappings of mappings, before something must be wrong.
const CANONICAL_DEPTH: usize = 10;

/// Why a mapping has no result.
enum MapError {
    Table(TableError),
    /// trivial-rewrite(8) does not answer.
    Rewrite(std::io::Error),
    /// The table says something that is no address.
    NoAddress(BString),
}

impl fmt::Display for MapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MapError::Table(error) => error.fmt(f),
            MapError::Rewrite(error) => f.write_str(&sys::errno_text(error)),
            MapError::NoAddress(value) => write!(f, "non-address result \"{value}\""),
        }
    }
}

/// An alias that could not be expanded; logged already.
pub struct Failure {
    /// The bit of [`stat`].
    pub error: i32,
}

impl Service {
    /// Looks an address (internal form) up.
    pub fn find(&self, table: Table, address: &[u8]) -> Result<Option<Found>, TableError> {
        let is_local = |domain: &[u8]| self.local.is_origin_or_local(domain);
        let rules = Rules::new(self.config, &is_local);
        tables::address::find(self.maps(table), address, Order::ADDRESS, &rules)
    }

    /// Looks an address up and brings the result to canonical form; internal forms.
    fn map(&self, table: Table, address: &[u8]) -> Result<Option<Vec<BString>>, MapError> {
        let Some(found) = self.find(table, address).map_err(MapError::Table)? else { return Ok(None) };
        let value = match found.value.strip_prefix(b"@") {
            // `@domain`: the same user there.
            Some(_) => {
                let local = mail::address::local_part(address);
                let moved = BString::from([local, &found.value].concat());
                quote::quote_822_local(&moved)
            }
            None => found.value.clone(),
        };
        let extension = found.extension.filter(|_| self.propagates(table));
        let mut result = Vec::new();
        for member in rfc822::parse(&value, 0) {
            let rfc822::Token::Address(parts) = member else { continue };
            let external = rfc822::external_address(&parts);
            let canonical = self.rewriter.rewrite("local", &external).map_err(MapError::Rewrite)?;
            let canonical = match &extension {
                Some(extension) => tables::address::with_extension(&canonical, extension),
                None => canonical,
            };
            result.push(quote::unquote_822_local(&canonical));
        }
        if result.is_empty() {
            let title = self.maps(table).title();
            log::warning!(
                "{title} lookup of {} returns non-address result \"{}\"",
                address.as_bstr(),
                found.value
            );
            return Err(MapError::NoAddress(found.value));
        }
        Ok(Some(result))
    }

    /// All that an address stands for, by `virtual_alias_maps`.
    pub fn expand(&self, id: &str, address: &[u8]) -> Result<Vec<BString>, Failure> {
        let maps = self.maps(Table::VirtualAlias);
        let title = maps.title();
        let give_up = |what: fmt::Arguments<'_>| {
            log::warning!("{id}: {what} -- message not accepted, try again later");
            Failure { error: stat::DEFER }
        };
        let subject = address.as_bstr();
        let mut members: Vec<BString> = vec![address.into()];
        let mut to_itself = Filter::new(0, true);
        let mut index = 0;
        while let Some(member) = members.get(index).cloned() {
            if members.len() > self.limits.expansion {
                return Err(give_up(format_args!("unreasonable {title} map expansion size for {subject}")));
            }
            let mut member = member;
            for depth in 0.. {
                if to_itself.contains(&member) {
                    break;
                }
                if depth >= self.limits.recursion {
                    return Err(give_up(format_args!("unreasonable {title} map nesting for {subject}")));
                }
                let result = match self.map(Table::VirtualAlias, &member) {
                    Ok(Some(result)) => result,
                    Ok(None) => break,
                    Err(error) => {
                        log::debug!("{id}: {title}: {error}");
                        log::warning!(
                            "{id}: {title} map lookup problem for {subject} -- message not accepted, try again later"
                        );
                        return Err(Failure { error: stat::WRITE });
                    }
                };
                if let Some(long) = result.iter().find(|one| one.len() > self.limits.alias_length) {
                    let shown = mail::text::excerpt(long, 300).as_bstr();
                    return Err(give_up(format_args!("unreasonable {title} result {shown}...")));
                }
                let old = member.clone();
                for (position, one) in result.into_iter().enumerate() {
                    if mail::text::fold_case(&one) == mail::text::fold_case(&old) {
                        to_itself.seen(&old);
                    }
                    if position == 0 {
                        member = one;
                    } else {
                        members.push(one);
                    }
                }
            }
            if let Some(slot) = members.get_mut(index) {
                *slot = member;
            }
            index += 1;
        }
        Ok(members)
    }

    /// Are there virtual aliases at all?
    pub fn has_aliases(&self) -> bool {
        !self.maps(Table::VirtualAlias).is_empty()
    }
}

impl Message<'_> {
    /// Maps an address (internal form) by a canonical table, again and again until nothing changes.
    /// True: it is another address now.
    pub fn map_one(&mut self, address: &mut BString, table: Table, place: Place) -> bool {
        let service = self.service;
        let maps: &Maps = service.maps(table);
        if maps.is_empty() || !service.applies(table, place) {
            return false;
        }
        let title = maps.title();
        let before = address.clone();
        for _ in 0..CANONICAL_DEPTH {
            match service.map(table, address) {
                Ok(Some(result)) => {
                    let [one] = result.as_slice() else {
                        log::warning!(
                            "{}: multi-valued {title} entry for {address} -- message not accepted, try again later",
                            self.id()
                        );
                        self.errors |= stat::BAD;
                        self.reason.get_or_insert_with(|| "4.6.0 Alias expansion error".into());
                        return false;
                    };
                    let is_same = mail::text::fold_case(one) == mail::text::fold_case(address);
                    *address = one.clone();
                    if is_same {
                        return *address != before;
                    }
                }
                Ok(None) => return *address != before,
                Err(error) => {
                    log::debug!("{}: {title}: {error}", self.id());
                    log::warning!(
                        "{}: {title} map lookup problem for {address} -- message not accepted, try again later",
                        self.id()
                    );
                    self.errors |= stat::WRITE;
                    return *address != before;
                }
            }
        }
        log::warning!(
            "{}: unreasonable {title} map nesting for {address} -- message not accepted, try again later",
            self.id()
        );
        self.defer("4.6.0 Alias expansion error");
        *address != before
    }

    /// Hides the host in an address (internal form). True: it is another address now.
    pub fn masquerade_internal(&mut self, address: &mut BString, place: Place) -> bool {
        let service = self.service;
        if service.masquerade.is_empty() || !service.masquerades(place) {
            return false;
        }
        let external = quote::quote_822_local(address);
        match service.masquerade.apply(&external, |user| service.exceptions.matches(user)) {
            Ok(Some(hidden)) => {
                *address = quote::unquote_822_local(&hidden);
                true
            }
            Ok(None) => false,
            Err(error) => {
                self.lookup_failed("masquerade_exceptions", &error);
                false
            }
        }
    }
}
