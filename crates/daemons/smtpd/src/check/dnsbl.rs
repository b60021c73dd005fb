//! DNS lists of clients and domains: reject_rbl_client and its kin.

use std::net::IpAddr;

use bstr::{BString, ByteSlice};
use config::params::*;
use dns::{Data, Options, RecordType};
use mail::dsn::Status;

use super::access::is_safe_to_allow;
use super::action::fix_status;
use super::{Answer, Call, Verdict, name};
use crate::errors::class;
use crate::session::Session;

/// Texts of a list, joined, up to this many bytes.
const TEXT: usize = 500;

/// What a list says.
enum Listed {
    No,
    /// It could not be asked.
    Unknown,
    /// Yes, for this reason.
    Yes(String),
}

/// reject_rbl_client domain
pub fn reject_rbl_client(session: &mut Session, call: &Call) -> Answer {
    let Some(ip) = session.client.ip else { return Ok(Verdict::Dunno) };
    let listed = ask(session, &reversed(ip), call.argument);
    let what = session.client.address.clone();
    refuse_listed(session, listed, call.argument, &what, name::CLIENT)
}

/// reject_rhsbl_client domain
pub fn reject_rhsbl_client(session: &mut Session, call: &Call) -> Answer {
    let host = session.client.name.clone();
    if host == "unknown" { Ok(Verdict::Dunno) } else { refuse_domain(session, call, &host, name::CLIENT) }
}

/// reject_rhsbl_reverse_client domain
pub fn reject_rhsbl_reverse_client(session: &mut Session, call: &Call) -> Answer {
    let host = session.client.reverse_name.clone();
    if host == "unknown" {
        Ok(Verdict::Dunno)
    } else {
        refuse_domain(session, call, &host, name::REVERSE_CLIENT)
    }
}

/// reject_rhsbl_helo domain
pub fn reject_rhsbl_helo(session: &mut Session, call: &Call) -> Answer {
    match session.helo.clone() {
        Some(helo) => refuse_domain(session, call, &helo, name::HELO),
        None => Ok(Verdict::Dunno),
    }
}

/// reject_rhsbl_sender domain
pub fn reject_rhsbl_sender(session: &mut Session, call: &Call) -> Answer {
    match session.sender.clone() {
        Some(sender) if !sender.is_empty() => refuse_domain(session, call, &sender, name::SENDER),
        _ => Ok(Verdict::Dunno),
    }
}

/// reject_rhsbl_recipient domain
pub fn reject_rhsbl_recipient(session: &mut Session, call: &Call) -> Answer {
    match session.recipient.clone() {
        Some(recipient) => refuse_domain(session, call, &recipient, name::RECIPIENT),
        None => Ok(Verdict::Dunno),
    }
}

/// permit_dnswl_client domain
pub fn permit_dnswl_client(session: &mut Session, call: &Call) -> Answer {
    let Some(ip) = session.client.ip else { return Ok(Verdict::Dunno) };
    let what = session.client.address.clone();
    permit_listed(session, call, &reversed(ip), &what)
}

/// permit_rhswl_client domain
pub fn permit_rhswl_client(session: &mut Session, call: &Call) -> Answer {
    let host = session.client.name.clone();
    match domain_of(&host) {
        Some(domain) if host != "unknown" => permit_listed(session, call, &domain, &host),
        _ => Ok(Verdict::Dunno),
    }
}

fn permit_listed(session: &mut Session, call: &Call, key: &str, what: &BString) -> Answer {
    if !is_safe_to_allow(session)? {
        return Ok(Verdict::Dunno);
    }
    match ask(session, key, call.argument) {
        Listed::No => Ok(Verdict::Dunno),
        Listed::Unknown => {
            let text = cat!("<", what, ">: ", name::CLIENT, " rejected: Service unavailable");
            Ok(session.defer_if_reject(class::POLICY, 450, "4.7.1", text))
        }
        Listed::Yes(_) => {
            let client = session.client.name_address.clone();
            Ok(session.permit(call.name, name::CLIENT, &client, ""))
        }
    }
}

fn refuse_domain(session: &mut Session, call: &Call, what: &[u8], kind: &'static str) -> Answer {
    match domain_of(what) {
        Some(domain) => {
            let listed = ask(session, &domain, call.argument);
            refuse_listed(session, listed, call.argument, what, kind)
        }
        None => Ok(Verdict::Dunno),
    }
}

/// The domain of an address or name, if it is one that lists can know. Names that end in a number are not asked
/// about: some lists take offence.
fn domain_of(what: &[u8]) -> Option<String> {
    let domain = mail::address::domain(what).unwrap_or(what);
    let last = domain.rsplit(|&b| b == b'.').next().unwrap_or_default();
    let numeric = last.iter().all(u8::is_ascii_digit);
    (mail::host::is_hostname(domain) && !numeric).then(|| domain.to_str_lossy().into_owned())
}

/// 192.0.2.1 as `1.2.0.192`; IPv6 nibble by nibble.
fn reversed(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => ip.octets().iter().rev().map(u8::to_string).collect::<Vec<_>>().join("."),
        IpAddr::V6(ip) => {
            let nibbles =
                ip.octets().into_iter().rev().map(|byte| format!("{:x}.{:x}", byte & 15, byte >> 4));
            nibbles.collect::<Vec<_>>().join(".")
        }
    }
}

/// Asks a list, `domain` or `domain=addresses`, about a key.
fn ask(session: &Session, key: &str, list: &str) -> Listed {
    let (domain, wanted) =
        list.split_once('=').map_or((list, None), |(domain, wanted)| (domain, Some(wanted)));
    let query = format!("{key}.{domain}");
    let resolver = &session.server.resolver;
    let answer = match resolver.lookup(query.as_bytes(), RecordType::A, Options::default()) {
        Ok(answer) => answer,
        Err(error) if error.not_found() => return Listed::No,
        Err(error) => {
            log::warning!("{query}: RBL lookup error: {error}");
            return Listed::Unknown;
        }
    };
    let matches = |ip: IpAddr| match (ip, wanted) {
        (IpAddr::V4(ip), Some(wanted)) => does_match(wanted, ip.octets()),
        _ => true,
    };
    if !answer.addresses().any(matches) {
        return Listed::No;
    }
    let mut reason = String::new();
    if let Ok(answer) = resolver.lookup(query.as_bytes(), RecordType::Txt, Options::default()) {
        for record in answer.records {
            if let Data::Txt(text) = record.data {
                if !reason.is_empty() {
                    reason.push_str(" / ");
                }
                reason.push_str(&text);
            }
        }
    }
    reason.truncate((0..=TEXT.min(reason.len())).rev().find(|at| reason.is_char_boundary(*at)).unwrap_or(0));
    Listed::Yes(reason)
}

/// An address pattern: `127.0.0.2`, `127.0.0.[1..3;7]`.
fn does_match(pattern: &str, address: [u8; 4]) -> bool {
    let mut parts = Vec::new();
    let mut part = String::new();
    let mut inside = false;
    for c in pattern.chars() {
        match c {
            '[' => inside = true,
            ']' => inside = false,
            '.' if !inside => parts.push(std::mem::take(&mut part)),
            c => part.push(c),
        }
    }
    parts.push(part);
    let fits = |part: &String, byte: u8| {
        part.split(';').any(|range| {
            let (low, high) = range.split_once("..").unwrap_or((range, range));
            let bounds = (low.parse::<u8>(), high.parse::<u8>());
            matches!(bounds, (Ok(low), Ok(high)) if (low..=high).contains(&byte))
        })
    };
    parts.len() == 4 && parts.iter().zip(address).all(|(part, byte)| fits(part, byte))
}

fn refuse_listed(
    session: &mut Session,
    listed: Listed,
    list: &str,
    what: &[u8],
    kind: &'static str,
) -> Answer {
    let Listed::Yes(reason) = listed else { return Ok(Verdict::Dunno) };
    let server = session.server;
    let template = match server.rbl_reply_maps.find(list.as_bytes()) {
        Ok(found) => found,
        Err(error) => {
            log::warning!("rbl_reply_maps: {error}");
            return session.server_error();
        }
    };
    let default = session.cf.get(DEFAULT_RBL_REPLY);
    let template = template.unwrap_or_else(|| default.into());
    let domain = list.split('=').next().unwrap_or(list);
    let value = |name: &str| {
        let value = match name {
            "rbl_code" => session.cf.get(MAPS_RBL_REJECT_CODE).to_string().into(),
            "rbl_domain" => domain.into(),
            "rbl_reason" | "rbl_txt" => reason.as_str().into(),
            "rbl_what" => BString::from(what),
            "rbl_class" => kind.into(),
            other => session.expansion(other)?,
        };
        Some(session.filtered(&value))
    };
    let text = config::expand_with(&template.to_str_lossy(), false, &value);
    let text = text.unwrap_or_else(|error| {
        log::warning!("bad rbl reply template for domain {list}: {}", error.0);
        format!("{} 4.7.1 Service unavailable; {kind} [{}] blocked using {domain}", 450, what.as_bstr())
    });
    let code =
        text.get(..3).and_then(|code| code.parse::<i64>().ok()).filter(|code| (400..600).contains(code));
    let (Some(code), Some(rest)) = (code, text.get(3..).and_then(|rest| rest.strip_prefix(' '))) else {
        log::warning!("rbl response code configuration error: {text}");
        return Ok(session.reject(class::POLICY, 450, "4.7.1", "Service unavailable"));
    };
    let (status, why) = mail::dsn::split(Status::new(4, 7, 1), rest.as_bytes());
    let why: &[u8] = if why.is_empty() { b"Service unavailable" } else { why };
    Ok(session.reject(class::POLICY, code, &fix_status(status, kind), why))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries() {
        assert_eq!(reversed("192.0.2.1".parse().unwrap()), "1.2.0.192");
        let v6 = reversed("2001:db8::1".parse().unwrap());
        assert!(v6.starts_with("1.0.0.0.") && v6.ends_with("8.b.d.0.1.0.0.2") && v6.len() == 63);
        assert_eq!(domain_of(b"joe@spam.test").as_deref(), Some("spam.test"));
        for none in ["joe@[192.0.2.1]", "192.0.2.1", "a b", ""] {
            assert_eq!(domain_of(none.as_bytes()), None, "{none}");
        }
    }

    #[test]
    fn address_patterns() {
        assert!(does_match("127.0.0.2", [127, 0, 0, 2]) && !does_match("127.0.0.2", [127, 0, 0, 3]));
        let pattern = "127.0.[0;2].[1..3;7]";
        assert!(does_match(pattern, [127, 0, 2, 7]) && does_match(pattern, [127, 0, 0, 2]));
        assert!(!does_match(pattern, [127, 0, 1, 2]) && !does_match(pattern, [127, 0, 0, 4]));
        assert!(!does_match("127.0.0", [127, 0, 0, 0]));
    }
}
