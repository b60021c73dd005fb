//! check_ccert_access: a table asked about the client's certificate and its public key.

use bstr::BString;
use config::params::*;
use tables::braces;

use super::access::{peek, whole};
use super::{Answer, Call, Subject, Verdict, name};
use crate::session::Session;

/// What is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    Certificate,
    Key,
    Issuer,
    Subject,
}

/// By their names in `search_order`.
const KEYS: [(&str, Look); 4] = [
    ("cert_fingerprint", Look::Certificate),
    ("pubkey_fingerprint", Look::Key),
    ("issuer_cn", Look::Issuer),
    ("subject_cn", Look::Subject),
];

/// A table, with what is looked up in it, in order.
#[derive(Debug, PartialEq, Eq)]
pub struct Search {
    pub table: String,
    order: Vec<Look>,
}

impl Search {
    /// Reads `type:table` or `{ type:table, { search_order = NAME, NAME } }`. What is wrong is logged.
    pub fn parse(spec: &str) -> Option<Search> {
        Search::read(spec).map_err(|why| log::warning!("{why}")).ok()
    }

    fn read(spec: &str) -> Result<Search, String> {
        let mut order = vec![Look::Certificate, Look::Key];
        if !spec.starts_with('{') {
            return Ok(Search { table: spec.to_owned(), order });
        }
        let inside = braces::inside(spec).map_err(|_| format!("malformed map specification: '{spec}'"))?;
        let mut parts = braces::split(inside).into_iter();
        let table = parts.next().ok_or_else(|| format!("empty map specification: '{spec}'"))?;
        if !table.contains(':') || table.starts_with('{') {
            return Err(format!("expected maptype:mapname instead of '{table}'"));
        }
        for part in parts {
            let malformed = || format!("malformed map attribute in '{spec}': '{part}'");
            let text =
                if part.starts_with('{') { braces::inside(part).map_err(|_| malformed())? } else { part };
            let (attribute, value) = text.split_once('=').ok_or_else(malformed)?;
            if !attribute.trim().eq_ignore_ascii_case("search_order") {
                return Err(format!("unknown map attribute in '{spec}': '{}'", attribute.trim()));
            }
            order = braces::split(value).into_iter().map(|word| key(word, spec)).collect::<Result<_, _>>()?;
        }
        Ok(Search { table: table.to_owned(), order })
    }
}

fn key(word: &str, spec: &str) -> Result<Look, String> {
    let found = KEYS.iter().find(|(known, _)| known.eq_ignore_ascii_case(word));
    found.map(|(_, key)| *key).ok_or_else(|| format!("unknown search type '{word}' in '{spec}'"))
}

/// check_ccert_access: by the fingerprint of the client's certificate, then of its key, or as the search order says. Who signed
/// the certificate does not matter.
pub fn check_ccert_access(session: &mut Session, call: &Call) -> Answer {
    let spec = call.argument;
    let Some(search) = session.server.restrictions.search(spec) else {
        log::warning!("See earlier parsing error messages for '{spec}");
        return session.server_error();
    };
    let tls = session.tls.clone();
    let Some(tls) = tls.filter(|tls| tls.peer_name.is_some() || tls.peer_raw_key) else {
        if !session.cf.get(SMTPD_TLS_ASK_CCERT) {
            log::warning!("check_ccert_access is requested, but \"smtpd_tls_ask_ccert = no\"");
        }
        return Ok(Verdict::Dunno);
    };
    let peer: BString = tls.peer_name.clone().unwrap_or_default().into();
    for key in &search.order {
        let print = match key {
            Look::Certificate => &tls.certificate_fingerprint,
            Look::Key => &tls.key_fingerprint,
            Look::Issuer | Look::Subject => {
                let name = KEYS.iter().find(|(_, known)| known == key).map_or("", |(name, _)| name);
                log::warning!("check_ccert_access: unexpected action '{name}' in '{spec}'");
                return session.server_error();
            }
        };
        // A raw key has no certificate around it.
        if print.is_empty() {
            continue;
        }
        let subject = Subject { reply_name: &peer, reply_class: name::CERTIFICATE, ..call.subject };
        let verdict = whole(session, &search.table, print.as_bytes(), subject)?;
        if *key == Look::Certificate {
            warn_of_fragile_policy(session, spec, search, &tls);
        }
        if verdict != Verdict::Dunno {
            return Ok(verdict);
        }
    }
    Ok(Verdict::Dunno)
}

/// A client that today sends a certificate may send only its key tomorrow: what the table says of both should be the same.
fn warn_of_fragile_policy(session: &Session, spec: &str, search: &Search, tls: &tls::Summary) {
    if !session.cf.get(SMTPD_TLS_ENABLE_RPK) || !search.order.contains(&Look::Key) {
        return;
    }
    let (cert, key) = (&tls.certificate_fingerprint, &tls.key_fingerprint);
    let Some(of_cert) = peek(session, &search.table, cert.as_bytes()) else { return };
    let of_key = peek(session, &search.table, key.as_bytes()).unwrap_or_else(|| "DUNNO".into());
    if !of_key.eq_ignore_ascii_case(&of_cert) {
        log::warning!(
            "check_ccert_access: {}: {spec}: Fragile access policy: smtpd_tls_enable_rpk=yes, but the action for certificate \
             fingerprint \"{cert}\" != the action for public key fingerprint \"{key}\"",
            session.client.name_address
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn searches_are_read() {
        let both = vec![Look::Certificate, Look::Key];
        let read = |spec: &str| Search::read(spec);
        assert_eq!(read("inline:{a=b}"), Ok(Search { table: "inline:{a=b}".into(), order: both.clone() }));
        assert_eq!(read("{ hash:/a }"), Ok(Search { table: "hash:/a".into(), order: both }));
        assert_eq!(
            read("{ hash:/a, { search_order = pubkey_fingerprint cert_fingerprint } }"),
            Ok(Search { table: "hash:/a".into(), order: vec![Look::Key, Look::Certificate] })
        );
        assert_eq!(read("{ hash }"), Err("expected maptype:mapname instead of 'hash'".into()));
        let spec = "{ hash:/a, { search_order = key } }";
        assert_eq!(read(spec), Err(format!("unknown search type 'key' in '{spec}'")));
        let spec = "{ hash:/a, { order = key } }";
        assert_eq!(read(spec), Err(format!("unknown map attribute in '{spec}': 'order'")));
    }
}
