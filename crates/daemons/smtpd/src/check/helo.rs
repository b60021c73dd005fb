//! Restrictions about the name that a client gives with HELO.

use config::params::*;
use dns::{Reason, RecordType};

use super::{Answer, Call, Verdict, name};
use crate::errors::class;
use crate::session::Session;

/// reject_invalid_helo_hostname
pub fn reject_invalid_helo_hostname(session: &mut Session, _: &Call) -> Answer {
    with_name(session, |session, helo| {
        let host = without_dot(helo);
        if mail::host::is_hostname(host) || mail::host::is_address(host) {
            return Ok(Verdict::Dunno);
        }
        let code = session.cf.get(INVALID_HOSTNAME_REJECT_CODE);
        Ok(refuse(session, helo, code, "5.5.2", "Invalid name"))
    })
}

/// reject_non_fqdn_helo_hostname
pub fn reject_non_fqdn_helo_hostname(session: &mut Session, _: &Call) -> Answer {
    with_name(session, |session, helo| {
        let host = without_dot(helo);
        if is_qualified(host, session.mail.smtputf8) {
            return Ok(Verdict::Dunno);
        }
        let code = session.cf.get(NON_FQDN_REJECT_CODE);
        Ok(refuse(session, helo, code, "5.5.2", "need fully-qualified hostname"))
    })
}

/// reject_unknown_helo_hostname
pub fn reject_unknown_helo_hostname(session: &mut Session, _: &Call) -> Answer {
    with_name(session, |session, helo| {
        let types = [RecordType::A, RecordType::Aaaa, RecordType::Mx];
        let mut worst = Reason::NoData;
        for rtype in types {
            match session.server.resolver.lookup(helo, rtype, dns::Options::default()) {
                Ok(_) => return Ok(Verdict::Dunno),
                // A mail server may well refuse mail for its own name.
                Err(error) if error.reason == Reason::NullMx => return Ok(Verdict::Dunno),
                Err(error) => worst = worst.max(error.reason),
            }
        }
        let code = session.cf.get(UNKNOWN_HOSTNAME_REJECT_CODE);
        match worst {
            Reason::TryAgain => {
                let text = cat!("<", helo, ">: ", name::HELO, " rejected: Host not found");
                let action = session.cf.get(UNKNOWN_HELO_HOSTNAME_TEMPFAIL_ACTION);
                Ok(session.tempfail(action, 450, "4.7.1", text))
            }
            Reason::Invalid => Ok(refuse(session, helo, code, "4.7.1", "Malformed DNS server reply")),
            _ => Ok(refuse(session, helo, code, "4.7.1", "Host not found")),
        }
    })
}

/// Runs a check of a host name; `[address]` is checked as one, and no HELO is no fault here.
fn with_name(session: &mut Session, check: impl FnOnce(&mut Session, &[u8]) -> Answer) -> Answer {
    let Some(helo) = session.helo.clone() else { return Ok(Verdict::Dunno) };
    if helo.first() != Some(&b'[') {
        return check(session, &helo);
    }
    let inside = helo.strip_prefix(b"[").and_then(|rest| rest.strip_suffix(b"]")).unwrap_or(&helo);
    if mail::host::parse_mail_address(inside).is_some() {
        return Ok(Verdict::Dunno);
    }
    let code = session.cf.get(INVALID_HOSTNAME_REJECT_CODE);
    Ok(refuse(session, &helo, code, "5.5.2", "invalid ip address"))
}

fn refuse(session: &mut Session, helo: &[u8], code: i64, dsn: &str, why: &str) -> Verdict {
    session.reject(class::POLICY, code, dsn, cat!("<", helo, ">: ", name::HELO, " rejected: ", why))
}

/// A name that ends in one dot, without it.
pub fn without_dot(name: &[u8]) -> &[u8] {
    match name {
        [rest @ .., b'.'] if !rest.is_empty() && !rest.ends_with(b".") => rest,
        other => other,
    }
}

/// A valid host name of more than one label. With SMTPUTF8 it need not be ASCII.
pub fn is_qualified(host: &[u8], utf8: bool) -> bool {
    let valid = mail::host::is_hostname(host) || (utf8 && !host.is_ascii() && mail::text::is_utf8(host));
    valid && host.contains(&b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn qualified_names() {
        assert!(
            is_qualified(b"mx.test", false) && !is_qualified(b"mx", false) && !is_qualified(b"m_x..t", false)
        );
        assert!(is_qualified("mäx.test".as_bytes(), true) && !is_qualified("mäx.test".as_bytes(), false));
        assert_eq!(without_dot(b"mx.test."), b"mx.test");
        assert_eq!(without_dot(b"mx.."), b"mx..");
        assert_eq!(without_dot(b"."), b".");
    }
}
