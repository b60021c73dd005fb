//! Relay control, and other restrictions about recipients.

use config::params::*;
use dns::{Data, Reason, RecordType};
use ipc::rewrite::{Resolved, flag};

use super::address::FINAL;
use super::{Answer, Call, Stop, Verdict, name};
use crate::errors::class;
use crate::session::Session;

/// permit_auth_destination
pub fn permit_auth_destination(session: &mut Session, call: &Call) -> Answer {
    with_recipient(session, |session, recipient| {
        if !is_authorized(session, recipient)? {
            return Ok(Verdict::Dunno);
        }
        Ok(session.permit(call.name, name::RECIPIENT, recipient, ""))
    })
}

/// reject_unauth_destination
pub fn reject_unauth_destination(session: &mut Session, _: &Call) -> Answer {
    let code = session.cf.get(RELAY_DOMAINS_REJECT_CODE);
    with_recipient(session, |session, recipient| refuse_relaying(session, recipient, code, "5.7.1"))
}

/// defer_unauth_destination
pub fn defer_unauth_destination(session: &mut Session, _: &Call) -> Answer {
    let code = session.cf.get(RELAY_DOMAINS_REJECT_CODE) - 100;
    with_recipient(session, |session, recipient| refuse_relaying(session, recipient, code, "4.7.1"))
}

fn with_recipient(session: &mut Session, check: impl FnOnce(&mut Session, &[u8]) -> Answer) -> Answer {
    match session.recipient.clone() {
        Some(recipient) => check(session, &recipient),
        None => Ok(Verdict::Dunno),
    }
}

fn refuse_relaying(session: &mut Session, recipient: &[u8], code: i64, dsn: &str) -> Answer {
    if is_authorized(session, recipient)? {
        return Ok(Verdict::Dunno);
    }
    Ok(session.reject(class::POLICY, code, dsn, cat!("<", recipient, ">: Relay access denied")))
}

fn resolved(session: &mut Session, recipient: &[u8]) -> Result<Resolved, Stop> {
    let sender = session.sender.clone().unwrap_or_default();
    session.resolve(&sender, recipient)
}

/// Does mail for this address end here, or in a domain that we relay for?
pub fn is_authorized(session: &mut Session, recipient: &[u8]) -> Result<bool, Stop> {
    let resolved = resolved(session, recipient)?;
    let authorized = judge(&resolved, session.cf.get(ALLOW_UNTRUSTED_ROUTING)) == Some(true);
    if authorized && resolved.flags & FINAL == 0 {
        session.server.old_defaults.tell_of_relay_domain(&resolved.recipient);
    }
    Ok(authorized)
}

/// `None`: routed by the sender, so its destination is not certain.
fn judge(resolved: &Resolved, allow_routing: bool) -> Option<bool> {
    if mail::address::domain(&resolved.recipient).is_none() {
        // compat: cannot happen; what the resolver leaves without a domain is local.
        return Some(true);
    }
    if !allow_routing && resolved.flags & flag::ROUTED != 0 {
        return None;
    }
    Some(resolved.flags & (FINAL | flag::RELAY) != 0)
}

/// permit_mx_backup
pub fn permit_mx_backup(session: &mut Session, call: &Call) -> Answer {
    with_recipient(session, |session, recipient| {
        let resolved = resolved(session, recipient)?;
        let permitted = match judge(&resolved, session.cf.get(ALLOW_UNTRUSTED_ROUTING)) {
            None => false,
            Some(true) => true,
            Some(false) => {
                let domain = mail::address::domain(&resolved.recipient).unwrap_or_default().to_vec();
                is_mx_backup_for(session, &domain, recipient)
            }
        };
        if !permitted {
            return Ok(Verdict::Dunno);
        }
        Ok(session.permit(call.name, name::RECIPIENT, recipient, ""))
    })
}

/// Are we listed among the domain's mail servers, but not among the best?
fn is_mx_backup_for(session: &mut Session, domain: &[u8], recipient: &[u8]) -> bool {
    if domain.starts_with(b"[") && domain.ends_with(b"]") {
        return false;
    }
    let refused = |what: &str| cat!("<", recipient, ">: ", name::RECIPIENT, " rejected: ", what);
    let answer = match session.server.resolver.lookup(domain, RecordType::Mx, dns::Options::default()) {
        Ok(answer) => answer,
        Err(error) => {
            if error.reason == Reason::TryAgain {
                let text = refused(&format!("Unable to look up mail exchanger information: {error}"));
                session.defer_if_reject(class::POLICY, 450, "4.4.4", text);
            }
            return false;
        }
    };
    let mut servers: Vec<(u16, String)> = answer
        .records
        .into_iter()
        .filter_map(|record| match record.data {
            Data::Mx { preference, host } => Some((preference, host)),
            _ => None,
        })
        .collect();
    servers.sort();
    let Some(best) = servers.first().map(|(preference, _)| *preference) else { return false };
    let (primary, backup): (Vec<_>, Vec<_>) =
        servers.into_iter().partition(|(preference, _)| *preference == best);
    if is_listed(session, &primary, recipient) || !is_listed(session, &backup, recipient) {
        return false;
    }
    session.cf.get(PERMIT_MX_BACKUP_NETWORKS).is_empty()
        || primary.iter().all(|(_, host)| is_in_backup_networks(session, host, recipient))
}

fn is_listed(session: &mut Session, servers: &[(u16, String)], recipient: &[u8]) -> bool {
    if servers.iter().any(|(_, host)| session.server.local.contains(host.as_bytes()).unwrap_or(false)) {
        return true;
    }
    servers.iter().any(|(_, host)| {
        match dns::native::addresses_of(host.as_bytes(), session.server.families) {
            Ok(addresses) => addresses.iter().any(|address| session.server.own_addresses.contains(address)),
            Err(error) => {
                let text = cat!(
                    "<",
                    recipient,
                    ">: ",
                    name::RECIPIENT,
                    " rejected: Unable to look up mail exchanger host ",
                    host,
                    ": ",
                    error.text
                );
                session.defer_if_reject(class::POLICY, 450, "4.4.4", text);
                false
            }
        }
    })
}

fn is_in_backup_networks(session: &mut Session, host: &str, recipient: &[u8]) -> bool {
    let fail = |session: &mut Session, why: String| {
        let text = cat!("<", recipient, ">: ", name::RECIPIENT, " rejected: ", why);
        session.defer_if_reject(class::POLICY, 450, "4.4.4", text);
        false
    };
    let families = session.server.families;
    let answer = match session.server.resolver.addresses(host.as_bytes(), families, dns::Options::default()) {
        Ok(answer) => answer,
        Err(error) => {
            return fail(session, format!("Unable to look up host {host} as mail exchanger: {error}"));
        }
    };
    for address in answer.addresses() {
        let address = address.to_string();
        match session.server.permit_mx_backup_networks.matches_host(host.as_bytes(), address.as_bytes()) {
            Ok(true) => {}
            Ok(false) => return false,
            Err(_) => return fail(session, format!("Unable to verify host {host} as mail exchanger")),
        }
    }
    true
}

/// reject_multi_recipient_bounce
pub fn reject_multi_recipient_bounce(session: &mut Session, call: &Call) -> Answer {
    let is_bounce = session.sender.as_ref().is_some_and(|sender| sender.is_empty());
    // While RCPT is checked, its recipient is not counted yet.
    let most = i64::from(session.place != "RCPT");
    if !is_bounce || session.mail.recipients <= most {
        return Ok(Verdict::Dunno);
    }
    let (what, kind) = (call.subject.reply_name, call.subject.reply_class);
    let text = cat!("<", what, ">: ", kind, " rejected: Multi-recipient bounce");
    Ok(session.reject(class::POLICY, session.cf.get(MULTI_RECIPIENT_BOUNCE_REJECT_CODE), "5.5.3", text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_be_relayed_to() {
        let resolved =
            |recipient: &str, flags| Resolved { recipient: recipient.into(), flags, ..Resolved::default() };
        for class in [flag::LOCAL, flag::ALIAS, flag::VIRTUAL, flag::RELAY] {
            assert_eq!(judge(&resolved("a@b", class), false), Some(true));
            assert_eq!(judge(&resolved("a@b", class | flag::ROUTED), false), None);
            assert_eq!(judge(&resolved("a@b", class | flag::ROUTED), true), Some(true));
        }
        assert_eq!(judge(&resolved("a@b", flag::DEFAULT), false), Some(false));
        assert_eq!(judge(&resolved("a@b", flag::DEFAULT), true), Some(false));
    }
}
