//! check_*_access: tables asked about clients, names and addresses.

use bstr::{BString, ByteSlice};
use config::params::*;
use tables::{Kind, Maps, Parents, TableError};

use super::action::{Entry, apply};
use super::recipient::is_authorized;
use super::{Answer, Call, Subject, Verdict, name};
use crate::session::Session;

/// check_client_access
pub fn check_client_access(session: &mut Session, call: &Call) -> Answer {
    let client = session.client.clone();
    let subject = Subject { reply_name: &client.name_address, reply_class: name::CLIENT, ..call.subject };
    by_host(session, call.argument, &client.name, &client.address, subject)
}

/// check_reverse_client_hostname_access: the name is unverified, so OK is no answer.
pub fn check_reverse_client_hostname_access(session: &mut Session, call: &Call) -> Answer {
    let client = session.client.clone();
    let subject =
        Subject { reply_name: &client.reverse_name, reply_class: name::REVERSE_CLIENT, ..call.subject };
    let verdict = by_host(session, call.argument, &client.reverse_name, &client.address, subject)?;
    forbid_ok(session, call.name, verdict, &client.reverse_name)
}

/// check_helo_access
pub fn check_helo_access(session: &mut Session, call: &Call) -> Answer {
    let Some(helo) = session.helo.clone() else { return Ok(Verdict::Dunno) };
    let subject = Subject { reply_name: &helo, reply_class: name::HELO, ..call.subject };
    let found = by_domain(session, call.argument, &helo, subject)?;
    Ok(found.unwrap_or(Verdict::Dunno))
}

/// check_etrn_access
pub fn check_etrn_access(session: &mut Session, call: &Call) -> Answer {
    let Some(site) = session.etrn.clone() else { return Ok(Verdict::Dunno) };
    let subject = Subject { reply_name: &site, reply_class: name::ETRN, ..call.subject };
    let found = by_domain(session, call.argument, &site, subject)?;
    Ok(found.unwrap_or(Verdict::Dunno))
}

/// check_sender_access
pub fn check_sender_access(session: &mut Session, call: &Call) -> Answer {
    let Some(sender) = session.sender.clone() else { return Ok(Verdict::Dunno) };
    let subject = Subject { reply_name: &sender, reply_class: name::SENDER, ..call.subject };
    if sender.is_empty() {
        let key = session.cf.get(SMTPD_NULL_ACCESS_LOOKUP_KEY);
        return whole(session, call.argument, key.as_bytes(), subject);
    }
    by_address(session, call.argument, &sender, subject)
}

/// check_recipient_access
pub fn check_recipient_access(session: &mut Session, call: &Call) -> Answer {
    let Some(recipient) = session.recipient.clone() else { return Ok(Verdict::Dunno) };
    let subject = Subject { reply_name: &recipient, reply_class: name::RECIPIENT, ..call.subject };
    by_address(session, call.argument, &recipient, subject)
}

/// check_sasl_access
pub fn check_sasl_access(session: &mut Session, call: &Call) -> Answer {
    super::client::without_sasl(session, call)
}

/// OK is no answer where the client or anybody else chooses what is looked up.
pub fn forbid_ok(session: &mut Session, restriction: &str, verdict: Verdict, what: &[u8]) -> Answer {
    if verdict == Verdict::Ok && !session.mail.discard {
        log::warning!("restriction {restriction} returns OK for {}", what.as_bstr());
        log::warning!("this is not allowed for security reasons");
        log::warning!("use DUNNO instead of OK if you want to make an exception");
        return session.server_error();
    }
    Ok(verdict)
}

/// Asks with one key.
pub fn whole(session: &mut Session, spec: &str, key: &[u8], subject: Subject) -> Answer {
    let found = search(session, spec, key, subject, [(key, false)])?;
    Ok(found.unwrap_or(Verdict::Dunno))
}

/// Asks for a host name with its parents, then for an address with its networks.
fn by_host(session: &mut Session, spec: &str, host: &[u8], address: &[u8], subject: Subject) -> Answer {
    if let Some(verdict) = by_domain(session, spec, host, subject)? {
        return Ok(verdict);
    }
    Ok(by_network(session, spec, address, subject)?.unwrap_or(Verdict::Dunno))
}

/// Asks for a domain and its parents; `None`: not found.
pub fn by_domain(
    session: &mut Session,
    spec: &str,
    domain: &[u8],
    subject: Subject,
) -> Result<Option<Verdict>, super::Stop> {
    let keys = domain_keys(domain, parents(session));
    search(session, spec, domain, subject, keys)
}

/// Asks for an address and the networks it is in, byte by byte; `None`: not found.
pub fn by_network(
    session: &mut Session,
    spec: &str,
    address: &[u8],
    subject: Subject,
) -> Result<Option<Verdict>, super::Stop> {
    search(session, spec, address, subject, network_keys(address))
}

fn parents(session: &Session) -> Parents {
    tables::parents_of(session.cf.get(PARENT_DOMAIN_MATCHES_SUBDOMAINS), "smtpd_access_maps")
}

/// The domain, then its parents (`.parent` unless parents match by themselves). A number has none.
fn domain_keys(domain: &[u8], parents: Parents) -> Vec<(&[u8], bool)> {
    let mut keys = Vec::new();
    let mut rest = domain;
    let numeric = mail::host::is_address(domain);
    while !rest.is_empty() {
        keys.push((rest, !keys.is_empty()));
        let Some(dot) = rest.get(1..).and_then(|tail| tail.find_byte(b'.')).filter(|_| !numeric) else {
            break;
        };
        let skip = if parents == Parents::Implied { 2 } else { 1 };
        rest = rest.get(dot + skip..).unwrap_or_default();
    }
    keys
}

fn network_keys(address: &[u8]) -> Vec<(&[u8], bool)> {
    let delimiter = if address.contains(&b':') { b':' } else { b'.' };
    let mut keys = vec![(address, false)];
    let mut rest = address;
    while let Some(at) = rest.rfind_byte(delimiter) {
        rest = rest.get(..at).unwrap_or_default();
        keys.push((rest, true));
    }
    keys
}

/// Asks for an address: whole, without extension, its domain and parents, its local part with `@`.
fn by_address(session: &mut Session, spec: &str, address: &BString, subject: Subject) -> Answer {
    let other = super::address::other_end(session, subject.reply_class);
    let resolved = session.resolve(&other, address)?;
    let found = resolved.recipient;
    if mail::address::domain(&found).is_none() {
        log::warning!("check_mail_access: no @domain in address: {found}");
        return Ok(Verdict::Dunno);
    }
    let keys = address_keys(session, &found);
    let keys: Vec<(&[u8], bool)> = keys.iter().map(|(key, partial)| (key.as_slice(), *partial)).collect();
    let verdict = search(session, spec, &found, subject, keys)?.unwrap_or(Verdict::Dunno);
    // A recipient that a sender has routed elsewhere is too suspicious for an OK.
    let routed = resolved.flags & ipc::rewrite::flag::ROUTED != 0 && !session.cf.get(ALLOW_UNTRUSTED_ROUTING);
    if verdict == Verdict::Ok && routed && subject.reply_class == name::RECIPIENT {
        return Ok(Verdict::Dunno);
    }
    Ok(verdict)
}

fn address_keys(session: &Session, address: &[u8]) -> Vec<(BString, bool)> {
    let cf = session.cf;
    let (local, domain) = mail::address::split_domain(address);
    let domain = domain.unwrap_or_default();
    let split = mail::address::split_extension(
        local,
        cf.get(RECIPIENT_DELIMITER).as_bytes(),
        cf.get(OWNER_REQUEST_SPECIAL),
        cf.get(DOUBLE_BOUNCE_SENDER).as_bytes(),
    );
    let user = split.map(|(user, _)| user);
    let external = |address: &[u8]| mail::quote::quote_822_local(address);
    let mut keys = vec![(external(address), false)];
    if let Some(user) = user {
        keys.push((external(&cat!(user, "@", domain)), true));
    }
    keys.extend(domain_keys(domain, parents(session)).into_iter().map(|(key, _)| (key.into(), true)));
    keys.push((cat!(external(local), "@"), true));
    if let Some(user) = user {
        keys.push((cat!(external(user), "@"), true));
    }
    keys
}

/// Whether the table has the key, and what it says; nothing is done with it.
pub fn peek(session: &Session, spec: &str, key: &[u8]) -> Option<BString> {
    session.server.restrictions.table(spec)?.find(key).ok().flatten()
}

/// Asks a table for keys in order: (key, is it only a part of what is looked up?). What is found first decides.
fn search<'k>(
    session: &mut Session,
    spec: &str,
    whole: &[u8],
    subject: Subject,
    keys: impl IntoIterator<Item = (&'k [u8], bool)>,
) -> Result<Option<Verdict>, super::Stop> {
    let server = session.server;
    let Some(maps) = server.restrictions.table(spec) else {
        log::warning!("check_access: unexpected dictionary: {spec}");
        return session.server_error().map(Some);
    };
    for (key, partial) in keys {
        let value = match ask(maps, key, partial) {
            Ok(None) => continue,
            Ok(Some(value)) => value,
            // The table's failure has been logged.
            Err(_) => "451 4.3.5 Server configuration error".into(),
        };
        let entry = Entry { table: spec, value: &value, key: whole };
        return apply(session, &entry, subject).map(Some);
    }
    Ok(None)
}

/// Patterns are only tried on the whole.
fn ask(maps: &Maps, key: &[u8], partial: bool) -> Result<Option<BString>, TableError> {
    if partial { maps.find_only(Kind::Fixed, key) } else { maps.find(key) }
}

/// Is a permit for the client safe here? An allow list must not let a client relay anywhere.
pub fn is_safe_to_allow(session: &mut Session) -> Result<bool, super::Stop> {
    match session.recipient.clone() {
        Some(recipient) if session.place == "RCPT" => is_authorized(session, &recipient),
        _ => Ok(true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(keys: Vec<(&[u8], bool)>) -> Vec<String> {
        keys.iter().map(|(key, _)| key.as_bstr().to_string()).collect()
    }

    #[test]
    fn keys_for_domains_and_networks() {
        assert_eq!(texts(domain_keys(b"a.b.test", Parents::Implied)), ["a.b.test", "b.test", "test"]);
        assert_eq!(texts(domain_keys(b"a.b.test", Parents::Dotted)), ["a.b.test", ".b.test", ".test"]);
        assert_eq!(texts(domain_keys(b"192.0.2.1", Parents::Implied)), ["192.0.2.1"]);
        assert!(domain_keys(b"", Parents::Implied).is_empty());
        assert_eq!(texts(network_keys(b"192.0.2.1")), ["192.0.2.1", "192.0.2", "192.0", "192"]);
        assert_eq!(texts(network_keys(b"2001:db8::1")), ["2001:db8::1", "2001:db8:", "2001:db8", "2001"]);
    }
}
