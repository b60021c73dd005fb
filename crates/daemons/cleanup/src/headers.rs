//! Addresses in message headers: canonical form, maps, masquerading, folding.

use crate::mapping::Table;
use crate::message::Message;
use crate::setup::Place;
use mail::header::{self, Holds, Info};
use mail::quote;
use mail::rfc822::{self, Token};

impl Message<'_> {
    /// Rewrites the addresses of a header and writes it. A header in which nothing changes keeps its form.
    pub fn rewrite_header(&mut self, context: &str, info: &Info, text: &[u8], dropped: bool) {
        let body = text.get(info.name.len() + 1..).unwrap_or_default();
        let mut list = rfc822::parse(body, self.service.limits.header_tokens);
        let mut changed = false;
        for token in &mut list {
            if let Token::Address(parts) = token {
                changed |= self.rewrite_parts(context, info.holds, parts);
            }
        }
        if dropped {
            return;
        }
        if changed {
            let mut rewritten = bstr::BString::from(format!("{}: ", info.name));
            rewritten.extend_from_slice(&rfc822::external(&list, true));
            self.out_header(&header::fold(&rewritten));
        } else {
            self.out_header(text);
        }
    }

    /// One address of a header. True: it changed.
    fn rewrite_parts(&mut self, context: &str, holds: Holds, parts: &mut Vec<Token>) -> bool {
        let before = rfc822::external_address(parts);
        let canonical = match self.service.rewriter.rewrite(context, &before) {
            Ok(canonical) => canonical,
            Err(error) => {
                self.rewrite_failed(&error);
                return false;
            }
        };
        let mut changed = canonical != before;
        let (table, place) = match holds {
            Holds::Recipients => (Table::RecipientCanonical, Place::HeaderRecipient),
            Holds::Senders | Holds::Nothing => (Table::SenderCanonical, Place::HeaderSender),
        };
        let mut address = quote::unquote_822_local(&canonical);
        let mut mapped = self.map_one(&mut address, table, place);
        mapped |= self.map_one(&mut address, Table::Canonical, place);
        mapped |= self.masquerade_internal(&mut address, place);
        if mapped {
            *parts = rfc822::scan(&quote::quote_822_local(&address), 0);
            changed = true;
        } else if changed {
            *parts = rfc822::scan(&canonical, 0);
        }
        changed
    }
}
