//! `smtp_generic_maps`: addresses of this site only become addresses that the world can answer to, in the envelope and in the
//! message's headers (generic(5)).

use std::fmt;

use bstr::{BStr, BString, ByteSlice};
use config::params::*;
use config::{Config, ConfigError};
use ipc::rewrite::Rewriter;
use mail::dsn::{Outcome, Status};
use mail::header::{self, Holds, Info};
use mail::mime::Block;
use mail::quote;
use mail::rfc822::{self, Token};
use tables::address::{Order, Rules};
use tables::{Flags, LocalDomains, Maps};

/// The table and what its use needs.
pub struct Generic {
    config: &'static Config,
    pub maps: Maps,
    local: LocalDomains,
    rewriter: Rewriter,
    /// An extension that the table did not match goes over to the result.
    propagates: bool,
    token_limit: usize,
}

/// An address that could not be looked up, or whose result is no address.
#[derive(Debug)]
pub struct MapTrouble {
    title: String,
    address: BString,
}

impl fmt::Display for MapTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} map lookup problem for {}", self.title, self.address)
    }
}

impl MapTrouble {
    /// The message waits until the table is back.
    pub fn outcome(&self) -> Outcome {
        Outcome::new(Status::new(4, 3, 0), format!("mail system configuration error: {self}"))
    }
}

impl Generic {
    /// `None`: there are no such tables.
    pub fn open(cf: &'static Config, is_lmtp: bool) -> Result<Option<Generic>, ConfigError> {
        let param = SMTP_GENERIC_MAPS.client(is_lmtp);
        let text = cf.get(param);
        if text.is_empty() {
            return Ok(None);
        }
        let fault = |err: tables::OpenError| ConfigError::new(err.to_string());
        let classes = cf.get(PROPAGATE_UNMATCHED_EXTENSIONS);
        Ok(Some(Generic {
            config: cf,
            maps: Maps::open(param.name(), text, Flags::LOOKUP).map_err(fault)?,
            local: LocalDomains::open(cf).map_err(fault)?,
            rewriter: Rewriter::new(cf.get(REWRITE_SERVICE_NAME)),
            propagates: crate::settings::words(classes).any(|word| word.eq_ignore_ascii_case("generic")),
            token_limit: usize::try_from(cf.get(HEADER_ADDRESS_TOKEN_LIMIT)).unwrap_or(0),
        }))
    }

    /// What an address (internal form) becomes; the null address stays.
    pub fn map(&self, address: &[u8]) -> Result<Option<BString>, MapTrouble> {
        if address.is_empty() {
            return Ok(None);
        }
        let trouble = || MapTrouble { title: self.maps.title().to_owned(), address: address.into() };
        let is_local = |domain: &[u8]| self.local.is_origin_or_local(domain);
        let rules = Rules::new(self.config, &is_local);
        let found = tables::address::find(&self.maps, address, Order::ADDRESS, &rules).map_err(|err| {
            log::warning!("{err}");
            trouble()
        })?;
        let Some(found) = found else { return Ok(None) };
        let value = match found.value.strip_prefix(b"@") {
            // `@domain`: the same user there.
            Some(_) => {
                let local = mail::address::local_part(address);
                quote::quote_822_local(&[local, &found.value].concat())
            }
            None => found.value.clone(),
        };
        let mut results = rfc822::parse(&value, 0).into_iter().filter_map(|token| match token {
            Token::Address(parts) => Some(rfc822::external_address(&parts)),
            _ => None,
        });
        let (Some(first), None) = (results.next(), results.next()) else {
            let (title, address, value) = (self.maps.title(), address.as_bstr(), &found.value);
            log::warning!("{title} lookup of {address} returns no single address: \"{value}\"");
            return Err(trouble());
        };
        let canonical = self.rewriter.rewrite("local", &first).map_err(|err| {
            log::warning!("rewrite {first}: {err}");
            trouble()
        })?;
        let canonical = match found.extension.filter(|_| self.propagates) {
            Some(extension) => tables::address::with_extension(&canonical, &extension),
            None => canonical,
        };
        Ok(Some(quote::unquote_822_local(&canonical)))
    }

    /// A header with its addresses mapped; `None`: it stays as it is.
    pub fn header(
        &self,
        block: Block,
        info: Option<&Info>,
        text: &BStr,
    ) -> Result<Option<BString>, MapTrouble> {
        let Some(info) = info.filter(|info| block != Block::Multipart && info.holds != Holds::Nothing) else {
            return Ok(None);
        };
        let mut list = rfc822::parse(text.get(info.name.len() + 1..).unwrap_or_default(), self.token_limit);
        let mut changed = false;
        for token in &mut list {
            let Token::Address(parts) = token else { continue };
            let address = rfc822::internal_address(parts);
            if let Some(mapped) = self.map(&address)? {
                *parts = rfc822::scan(&quote::quote_822_local(&mapped), 0);
                changed = true;
            }
        }
        if !changed {
            return Ok(None);
        }
        let mut rewritten = BString::from(format!("{}: ", info.name));
        rewritten.extend_from_slice(&rfc822::external(&list, true));
        Ok(Some(header::fold(&rewritten)))
    }
}
