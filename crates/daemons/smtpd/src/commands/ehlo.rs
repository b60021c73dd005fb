//! HELO and EHLO.

use bstr::BString;
use config::params::*;
use wire::{Feature, Token};

use crate::errors::{End, Step};
use crate::session::Session;
use crate::text::neuter;

/// HELO hostname
pub fn helo(session: &mut Session, words: &[Token]) -> Step {
    if words.len() < 2 {
        return session.refuse_protocol("501 Syntax: HELO hostname");
    }
    let name = wire::token::collapse(words, 1);
    if !begin(session, &name)? {
        return Ok(false);
    }
    session.protocol = "SMTP";
    session.helo = Some(neuter(&name));
    session.reply(cat!("250 ", session.cf.get(MYHOSTNAME)))?;
    Ok(true)
}

/// EHLO hostname
pub fn ehlo(session: &mut Session, words: &[Token]) -> Step {
    if words.len() < 2 {
        return session.refuse_protocol("501 Syntax: EHLO hostname");
    }
    let name = wire::token::collapse(words, 1);
    if !begin(session, &name)? {
        return Ok(false);
    }
    session.protocol = "ESMTP";
    session.helo = Some(neuter(&name));
    let lines = offers(session)?;
    let last = lines.len().saturating_sub(1);
    for (number, line) in lines.iter().enumerate() {
        session.reply(cat!(if number == last { "250 " } else { "250-" }, line))?;
    }
    Ok(true)
}

/// Checks the name where that is not put off, and resets the session.
fn begin(session: &mut Session, name: &[u8]) -> Step {
    if !session.standalone && !session.cf.get(SMTPD_DELAY_REJECT) {
        if let Some(refusal) = session.check_helo(Some(name.into()))? {
            session.reply(refusal)?;
            return Ok(false);
        }
    }
    session.helo = None;
    session.notify_and_forget(session.cf.get(SMTPD_HISTORY_FLUSH_THRESHOLD));
    session.reset_mail();
    Ok(true)
}

/// The lines of the EHLO reply, without code.
fn offers(session: &Session) -> Result<Vec<BString>, End> {
    let (cf, discard) = (session.cf, session.ehlo_discard);
    if discard.broken {
        log::warning!("don't know what EHLO features to announce to {}", session.client.name_address);
        return Err(End::LocalData);
    }
    if !discard.is_empty() && !discard.silent {
        log::info!("discarding EHLO keywords: {}", discard.names());
    }
    let mut lines: Vec<BString> = vec![cf.get(MYHOSTNAME).into()];
    let mut offer = |feature, wanted: bool, line: &str| {
        if wanted && !discard.has(feature) {
            lines.push(line.into());
        }
    };
    offer(Feature::Pipelining, true, "PIPELINING");
    let most = cf.get(MESSAGE_SIZE_LIMIT);
    let size = if most > 0 { format!("SIZE {most}") } else { "SIZE".to_string() };
    offer(Feature::Size, true, &size);
    offer(Feature::Vrfy, !cf.get(DISABLE_VRFY_COMMAND), "VRFY");
    offer(Feature::Etrn, true, "ETRN");
    let tls = session.server.tls_level >= tls::Level::May && session.tls.is_none() && !session.standalone;
    offer(Feature::StartTls, tls, "STARTTLS");
    let (name, address) = (&session.client.name, &session.client.address);
    let verp = session.server.verp_clients.matches_host(name, address).map_err(|error| {
        log::warning!(
            "don't know if EHLO feature XVERP should be announced to {}: {error}",
            session.client.name_address
        );
        End::LocalData
    })?;
    offer(Feature::Verp, verp, "XVERP");
    offer(Feature::EnhancedStatusCodes, true, "ENHANCEDSTATUSCODES");
    offer(Feature::EightBitMime, true, "8BITMIME");
    offer(Feature::Dsn, true, "DSN");
    offer(Feature::Smtputf8, cf.get(SMTPUTF8_ENABLE), "SMTPUTF8");
    offer(Feature::Chunking, true, "CHUNKING");
    offer(Feature::RequireTls, offers_require_tls(session), "REQUIRETLS");
    Ok(lines)
}

/// REQUIRETLS can be asked for only over TLS (RFC 8689 §2).
pub fn offers_require_tls(session: &Session) -> bool {
    let enabled = session.cf.get(REQUIRETLS_ENABLE) && session.tls.is_some();
    enabled && !session.ehlo_discard.has(Feature::RequireTls)
}

/// EHLO keywords not to be offered: smtpd_discard_ehlo_keywords, or by the client's address
/// smtpd_discard_ehlo_keyword_address_maps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Discard {
    mask: u32,
    silent: bool,
    /// The table could not be asked.
    broken: bool,
}

impl Discard {
    /// For a session's client.
    pub fn for_client(session: &Session) -> Discard {
        let maps = &session.server.ehlo_discard_maps;
        match maps.find(&session.client.address) {
            Ok(Some(words)) => Discard::parse(&words.to_string()),
            Ok(None) => Discard::parse(session.cf.get(SMTPD_DISCARD_EHLO_KEYWORDS)),
            Err(_) => Discard { broken: true, ..Discard::default() },
        }
    }

    fn parse(words: &str) -> Discard {
        let mut discard = Discard::default();
        for word in words.split([',', ' ', '\t', '\r', '\n']).filter(|word| !word.is_empty()) {
            if word.eq_ignore_ascii_case("silent-discard") {
                discard.silent = true;
            } else if let Some(feature) = Feature::from_keyword(word.as_bytes()) {
                discard.mask |= 1 << (feature as u32);
            } else {
                log::warning!("unknown EHLO keyword: {word}");
            }
        }
        discard
    }

    pub fn has(self, feature: Feature) -> bool {
        self.mask & (1 << (feature as u32)) != 0
    }

    fn is_empty(self) -> bool {
        self.mask == 0
    }

    fn names(self) -> String {
        let names: Vec<&str> =
            Feature::ALL.iter().filter(|(feature, _)| self.has(*feature)).map(|(_, name)| *name).collect();
        names.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_to_discard() {
        let discard = Discard::parse("pipelining, silent-discard\n dsn");
        assert!(discard.has(Feature::Pipelining) && discard.has(Feature::Dsn) && discard.silent);
        assert!(!discard.has(Feature::Size));
        assert_eq!(discard.names(), "PIPELINING, DSN");
    }
}
