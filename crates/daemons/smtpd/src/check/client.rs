//! Restrictions that apply at any stage, and those about the client.

use std::time::Duration;

use config::params::*;
use tls::Trust;

use super::{Answer, Call, Verdict, name};
use crate::client::NameStatus;
use crate::errors::class;
use crate::session::Session;

/// permit
pub fn permit(session: &mut Session, call: &Call) -> Answer {
    warn_ignored(session, call, false);
    Ok(session.permit(call.name, call.subject.reply_class, call.subject.reply_name, ""))
}

/// reject
pub fn reject(session: &mut Session, call: &Call) -> Answer {
    let text =
        cat!("<", call.subject.reply_name, ">: ", call.subject.reply_class, " rejected: Access denied");
    let answer = session.reject(class::POLICY, session.cf.get(REJECT_CODE), "5.7.1", text);
    warn_ignored(session, call, true);
    Ok(answer)
}

/// defer
pub fn defer(session: &mut Session, call: &Call) -> Answer {
    let text =
        cat!("<", call.subject.reply_name, ">: ", call.subject.reply_class, " rejected: Try again later");
    let answer = session.reject(class::POLICY, session.cf.get(DEFER_CODE), "4.3.2", text);
    warn_ignored(session, call, true);
    Ok(answer)
}

fn warn_ignored(session: &Session, call: &Call, unless_warning: bool) {
    if let Some(next) = call.next.filter(|_| !unless_warning || session.check.warn_if_reject == 0) {
        log::warning!("restriction `{next}' after `{}' is ignored", call.name);
    }
}

/// defer_if_permit
pub fn defer_if_permit(session: &mut Session, call: &Call) -> Answer {
    let (what, kind) = (call.subject.reply_name, call.subject.reply_class);
    let text = cat!("<", what, ">: ", kind, " rejected: defer_if_permit requested");
    Ok(session.defer_if_permit(class::POLICY, 450, "4.7.0", text))
}

/// defer_if_reject
pub fn defer_if_reject(session: &mut Session, call: &Call) -> Answer {
    let (what, kind) = (call.subject.reply_name, call.subject.reply_class);
    let text = cat!("<", what, ">: ", kind, " rejected: defer_if_reject requested");
    Ok(session.defer_if_reject(class::POLICY, 450, "4.7.0", text))
}

/// sleep seconds
pub fn sleep(session: &mut Session, call: &Call) -> Answer {
    let seconds = call.argument.parse().unwrap_or(0);
    session.pause(Duration::from_secs(seconds))?;
    Ok(Verdict::Dunno)
}

/// reject_unauth_pipelining
pub fn reject_unauth_pipelining(session: &mut Session, call: &Call) -> Answer {
    if !session.illegal_pipelining {
        return Ok(Verdict::Dunno);
    }
    let (what, kind) = (call.subject.reply_name, call.subject.reply_class);
    let text = cat!("<", what, ">: ", kind, " rejected: Improper use of SMTP command pipelining");
    Ok(session.reject(class::PROTOCOL, 503, "5.5.0", text))
}

/// reject_plaintext_session
pub fn reject_plaintext_session(session: &mut Session, _: &Call) -> Answer {
    if session.tls.is_some() {
        return Ok(Verdict::Dunno);
    }
    let code = session.cf.get(PLAINTEXT_REJECT_CODE);
    Ok(session.reject(class::POLICY, code, "4.7.1", "Session encryption is required"))
}

/// reject_sender_login_mismatch and its kin.
pub fn without_sasl(_: &mut Session, call: &Call) -> Answer {
    // This one is the other two together, and says so.
    let names = match call.name {
        "reject_sender_login_mismatch" => {
            vec!["reject_authenticated_sender_login_mismatch", "reject_unauthenticated_sender_login_mismatch"]
        }
        name => vec![name],
    };
    for name in names {
        log::warning!("restriction `{name}' ignored: no SASL support");
    }
    Ok(Verdict::Dunno)
}

/// permit_sasl_authenticated: nobody is, in this version.
pub fn permit_sasl_authenticated(_: &mut Session, _: &Call) -> Answer {
    Ok(Verdict::Dunno)
}

/// permit_mynetworks
pub fn permit_mynetworks(session: &mut Session, call: &Call) -> Answer {
    match session.server.mynetworks.matches_host(&session.client.name, &session.client.address) {
        Ok(true) => {
            session.server.old_defaults.tell_of_network(&session.client);
            Ok(permit_client(session, call))
        }
        Ok(false) => Ok(Verdict::Dunno),
        Err(error) => {
            log::warning!("mynetworks: {error}");
            Err(session.lookup_failure(call.subject.reply_name))
        }
    }
}

/// permit_inet_interfaces
pub fn permit_inet_interfaces(session: &mut Session, call: &Call) -> Answer {
    Ok(if is_own_address(session) { permit_client(session, call) } else { Verdict::Dunno })
}

fn permit_client(session: &mut Session, call: &Call) -> Verdict {
    let client = session.client.name_address.clone();
    session.permit(call.name, name::CLIENT, &client, "")
}

/// Does the client come from one of our own addresses?
pub fn is_own_address(session: &Session) -> bool {
    session.client.ip.is_some_and(|ip| session.server.own_addresses.contains(&ip))
}

/// permit_tls_all_clientcerts
pub fn permit_tls_all_clientcerts(session: &mut Session, call: &Call) -> Answer {
    let trusted = session.tls.as_ref().is_some_and(|tls| tls.trust >= Trust::Trusted);
    let asks = session.cf.get(SMTPD_TLS_ASK_CCERT);
    if session.tls.as_ref().is_some_and(|tls| tls.peer_name.is_none()) && !asks {
        log::warning!("permit_tls_all_clientcerts is requested, but \"smtpd_tls_ask_ccert = no\"");
    }
    Ok(if trusted { permit_client(session, call) } else { Verdict::Dunno })
}

/// permit_tls_clientcerts
pub fn permit_tls_clientcerts(session: &mut Session, call: &Call) -> Answer {
    match has_relay_certificate(session) {
        Ok(true) => Ok(permit_client(session, call)),
        Ok(false) => Ok(Verdict::Dunno),
        Err(()) => Err(session.lookup_failure(call.subject.reply_name)),
    }
}

/// Is the client's certificate, or its key, in relay_clientcerts? Who signed it does not matter then.
pub fn has_relay_certificate(session: &Session) -> Result<bool, ()> {
    let Some(tls) = &session.tls else { return Ok(false) };
    if tls.peer_name.is_none() && !tls.peer_raw_key {
        if !session.cf.get(SMTPD_TLS_ASK_CCERT) {
            log::warning!("permit_tls_clientcerts is requested, but \"smtpd_tls_ask_ccert = no\"");
        }
        return Ok(false);
    }
    let prints = [&tls.key_fingerprint, &tls.certificate_fingerprint];
    for print in prints.into_iter().filter(|print| !print.is_empty()) {
        match session.server.relay_clientcerts.find(print.as_bytes()) {
            Ok(Some(_)) => {
                let (cert, key) = (&tls.certificate_fingerprint, &tls.key_fingerprint);
                if print == cert && session.cf.get(SMTPD_TLS_ENABLE_RPK) {
                    // compat: the names of the two are the wrong way round
                    let (cert, key) = (key, cert);
                    log::warning!(
                        "permit_tls_clientcerts: {}: relay_clientcerts: Fragile access policy: smtpd_tls_enable_rpk=yes, but public \
                         key fingerprint \"{key}\" not matched, while certificate fingerprint \"{cert}\" matched",
                        session.client.name_address
                    );
                }
                return Ok(true);
            }
            Ok(None) => {}
            Err(_) => {
                // compat: in this order, whatever the words say
                let [first, second] = prints;
                log::warning!(
                    "relay_clientcerts: lookup error for fingerprint '{first}', pkey fingerprint {second}"
                );
                return Err(());
            }
        }
    }
    Ok(false)
}

/// reject_unknown_client_hostname
pub fn reject_unknown_client_hostname(session: &mut Session, _: &Call) -> Answer {
    let status = session.client.name_status;
    if status == NameStatus::Found {
        return Ok(Verdict::Dunno);
    }
    let code = if status >= NameStatus::Missing { session.cf.get(UNKNOWN_CLIENT_REJECT_CODE) } else { 450 };
    let text = cat!("Client host rejected: cannot find your hostname, [", session.client.address, "]");
    Ok(session.reject(class::POLICY, code, "4.7.25", text))
}

/// reject_unknown_reverse_client_hostname
pub fn reject_unknown_reverse_client_hostname(session: &mut Session, _: &Call) -> Answer {
    let status = session.client.reverse_status;
    if status == NameStatus::Found {
        return Ok(Verdict::Dunno);
    }
    let code = if status == NameStatus::Missing { session.cf.get(UNKNOWN_CLIENT_REJECT_CODE) } else { 450 };
    let text =
        cat!("Client host rejected: cannot find your reverse hostname, [", session.client.address, "]");
    Ok(session.reject(class::POLICY, code, "4.7.1", text))
}
