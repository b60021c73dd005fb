//! Restrictions about the domains of senders and recipients.

use config::params::*;
use dns::{Reason, RecordType};
use ipc::rewrite::flag;

use super::helo::{is_qualified, without_dot};
use super::{Answer, Call, Verdict, name};
use crate::errors::class;
use crate::session::Session;

/// All classes whose mail ends here.
pub const FINAL: i32 = flag::LOCAL | flag::ALIAS | flag::VIRTUAL;

/// reject_non_fqdn_sender
pub fn reject_non_fqdn_sender(session: &mut Session, _: &Call) -> Answer {
    match session.sender.clone() {
        Some(sender) if !sender.is_empty() => Ok(non_fqdn(session, &sender, name::SENDER)),
        _ => Ok(Verdict::Dunno),
    }
}

/// reject_non_fqdn_recipient
pub fn reject_non_fqdn_recipient(session: &mut Session, _: &Call) -> Answer {
    match session.recipient.clone() {
        Some(recipient) => Ok(non_fqdn(session, &recipient, name::RECIPIENT)),
        None => Ok(Verdict::Dunno),
    }
}

fn non_fqdn(session: &mut Session, address: &[u8], kind: &str) -> Verdict {
    let domain = mail::address::domain(address).unwrap_or_default();
    let literal = domain.starts_with(b"[") && domain.ends_with(b"]");
    if literal || is_qualified(without_dot(domain), session.mail.smtputf8) {
        return Verdict::Dunno;
    }
    let text = cat!("<", address, ">: ", kind, " rejected: need fully-qualified address");
    session.reject(class::POLICY, session.cf.get(NON_FQDN_REJECT_CODE), "4.5.2", text)
}

/// reject_unknown_sender_domain
pub fn reject_unknown_sender_domain(session: &mut Session, _: &Call) -> Answer {
    match session.sender.clone() {
        Some(sender) if !sender.is_empty() => unknown_domain(session, &sender, name::SENDER),
        _ => Ok(Verdict::Dunno),
    }
}

/// reject_unknown_recipient_domain
pub fn reject_unknown_recipient_domain(session: &mut Session, _: &Call) -> Answer {
    match session.recipient.clone() {
        Some(recipient) => unknown_domain(session, &recipient, name::RECIPIENT),
        None => Ok(Verdict::Dunno),
    }
}

/// The address at the other end of the transaction, which may change where an address leads.
pub fn other_end(session: &Session, kind: &str) -> bstr::BString {
    let other = if kind == name::SENDER { &session.recipient } else { &session.sender };
    other.clone().unwrap_or_default()
}

fn unknown_domain(session: &mut Session, address: &[u8], kind: &'static str) -> Answer {
    let other = other_end(session, kind);
    let resolved = session.resolve(&other, address)?;
    let Some(domain) = mail::address::domain(&resolved.recipient) else { return Ok(Verdict::Dunno) };
    let literal = domain.starts_with(b"[") && domain.ends_with(b"]");
    if literal || resolved.flags & FINAL != 0 {
        return Ok(Verdict::Dunno);
    }
    Ok(unknown_mail_host(session, domain, address, kind))
}

/// A domain must have an MX, A or AAAA record, and its MX must not say that it takes no mail.
fn unknown_mail_host(session: &mut Session, domain: &[u8], address: &[u8], kind: &'static str) -> Verdict {
    let sender = kind == name::SENDER;
    let dsn = if sender { "4.1.8" } else { "4.1.2" };
    let mut worst = Reason::NoData;
    for rtype in [RecordType::Mx, RecordType::A, RecordType::Aaaa] {
        match session.server.resolver.lookup(domain, rtype, dns::Options::default()) {
            Ok(_) => return Verdict::Dunno,
            Err(error) => {
                worst = worst.max(error.reason);
                if matches!(error.reason, Reason::NullMx | Reason::Invalid) {
                    break;
                }
            }
        }
    }
    let refused = |why: &str| cat!("<", address, ">: ", kind, " rejected: ", why);
    let code = session.cf.get(UNKNOWN_ADDRESS_REJECT_CODE);
    match worst {
        Reason::NullMx => {
            let (code, dsn) = if sender { (550, "4.7.27") } else { (556, "4.1.10") };
            let text = cat!(
                "<",
                address,
                ">: ",
                kind,
                " rejected: Domain ",
                domain,
                " does not accept mail (nullMX)"
            );
            session.reject(class::POLICY, code, dsn, text)
        }
        Reason::TryAgain => {
            let action = session.cf.get(UNKNOWN_ADDRESS_TEMPFAIL_ACTION);
            session.tempfail(action, 450, dsn, refused("Domain not found"))
        }
        Reason::Invalid => session.reject(class::POLICY, code, dsn, refused("Malformed DNS server reply")),
        _ => session.reject(class::POLICY, code, dsn, refused("Domain not found")),
    }
}
