//! Addresses out of the rubble that clients send.

use bstr::BString;
use ipc::rewrite::flag;

use crate::errors::End;
use crate::session::Session;
use crate::text::printable;

/// What to demand of an address.
#[derive(Clone, Copy)]
pub struct Demands {
    pub allow_empty: bool,
    /// strict_rfc821_envelopes
    pub strict: bool,
}

/// The internal form of the address in a word of MAIL, RCPT or VRFY; `None` (with a warning in the log) if it is none.
pub fn extract(session: &Session, word: &[u8], demands: Demands) -> Result<Option<BString>, End> {
    let bare = word.strip_prefix(b"<").and_then(|rest| rest.strip_suffix(b">")).unwrap_or(word);
    // A route is obsolete: "@one,@two:user@domain" is user@domain.
    let bare = match bare.first() {
        Some(b'@') => memchr::memchr(b':', bare).and_then(|at| bare.get(at + 1..)).unwrap_or(bare),
        _ => bare,
    };
    let address = parse(bare, word.first() == Some(&b'<'), demands);
    let address = match address {
        Some(address) if is_resolvable(session, &address)? => Some(address),
        _ => None,
    };
    if address.is_none() {
        log::warning!(
            "Illegal address syntax from {} in {} command: {}",
            session.client.name_address,
            session.place,
            printable(word)
        );
    }
    Ok(address)
}

/// Says that an address with other letters is taken only because nobody has chosen otherwise yet.
pub fn tell_of_letters(session: &Session, what: &str, address: &[u8]) {
    if !address.is_ascii() && session.server.old_defaults.smtputf8 {
        log::info!(
            "using backwards-compatible default setting smtputf8_enable=no to accept non-ASCII {what} address \
             \"{}\" from {}",
            bstr::BStr::new(address),
            session.client.name_address
        );
    }
}

fn parse(bare: &[u8], in_brackets: bool, demands: Demands) -> Option<BString> {
    use mail::rfc822::{self, Token};
    let tokens = rfc822::parse(bare, 0);
    let mut addresses = Vec::new();
    let mut others = 0;
    for token in &tokens {
        match token {
            Token::Address(parts) => addresses.push(parts),
            Token::Op(b'<' | b'>') => {}
            _ => others += 1,
        }
    }
    if addresses.len() > 1 || (demands.strict && (others > 0 || !in_brackets)) {
        return None;
    }
    let address = addresses.first().map(|parts| rfc822::internal_address(parts)).unwrap_or_default();
    let refused =
        (address.is_empty() && !demands.allow_empty) || (demands.strict && address.starts_with(b"@"));
    (!refused).then_some(address)
}

/// Can the resolver make sense of it?
fn is_resolvable(session: &Session, address: &[u8]) -> Result<bool, End> {
    if session.standalone || address.is_empty() {
        return Ok(true);
    }
    let sender = session.sender.as_deref().map_or(&b""[..], |sender| sender);
    let resolved = match session.server.resolve(sender, address) {
        Ok(resolved) => resolved,
        Err(error) => {
            log::warning!("rewrite service: {}", sys::errno_text(&error));
            return Err(End::LocalData);
        }
    };
    if resolved.flags & flag::ERROR != 0 {
        return Ok(false);
    }
    // Without SMTPUTF8, domains are ASCII; local parts have never been checked.
    let domain = mail::address::domain(&resolved.recipient).unwrap_or_default();
    Ok(session.mail.smtputf8 || domain.is_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_in_brackets_and_without() {
        let loose = Demands { allow_empty: true, strict: false };
        let strict = Demands { allow_empty: false, strict: true };
        let cases: &[(&str, bool, Demands, Option<&str>)] = &[
            ("joe@d.test", true, strict, Some("joe@d.test")),
            ("joe@d.test", false, loose, Some("joe@d.test")),
            ("joe@d.test", false, strict, None),
            ("\"j oe\"@d.test", true, strict, Some("j oe@d.test")),
            ("", true, loose, Some("")),
            ("", true, strict, None),
            ("a@b c@d", true, loose, None),
            ("a@b (comment)", true, strict, None),
            ("a@b (comment)", true, loose, Some("a@b")),
        ];
        for (text, brackets, demands, expected) in cases {
            let found = parse(text.as_bytes(), *brackets, *demands);
            assert_eq!(found.as_ref().map(|a| a.to_string()).as_deref(), *expected, "{text}");
        }
    }
}
