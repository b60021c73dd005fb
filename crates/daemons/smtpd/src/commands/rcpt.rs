//! RCPT TO.

use bstr::BString;
use config::params::*;
use ipc::anvil::Event;
use mail::dsn::Notify;
use spool::record::kind;
use wire::esmtp::rcpt_parameter;
use wire::{Feature, RcptParameter, Token};

use super::address::{Demands, extract, tell_of_letters};
use crate::errors::{Step, class};
use crate::session::Session;
use crate::transaction::Bdat;

/// RCPT TO:<address> parameters
pub fn rcpt(session: &mut Session, words: &[Token]) -> Step {
    if !session.in_transaction() {
        return session.refuse_protocol("503 5.5.1 Error: need MAIL command");
    }
    if session.mail.bdat != Bdat::None {
        return session.refuse_protocol("503 5.5.1 Error: RCPT after BDAT");
    }
    let [_, to, path, parameters @ ..] = words else {
        return session.refuse_protocol("501 5.5.4 Syntax: RCPT TO:<address>");
    };
    if !to.is("to:") {
        return session.refuse_protocol("501 5.5.4 Syntax: RCPT TO:<address>");
    }
    if !within_rate(session)? {
        return Ok(false);
    }
    let demands = Demands { allow_empty: false, strict: session.cf.get(STRICT_RFC821_ENVELOPES) };
    let address = if path.malformed { None } else { extract(session, &path.text, demands)? };
    let Some(address) = address else {
        return session.refuse_protocol("501 5.1.3 Bad recipient address syntax");
    };
    tell_of_letters(session, "recipient", &address);
    let mut wishes = Wishes::default();
    if !wishes.take(session, parameters)? {
        return Ok(false);
    }
    if is_one_too_many(session) {
        session.reply("452 4.5.3 Error: too many recipients")?;
        session.mail.overshoot += 1;
        if session.mail.overshoot <= session.cf.get(SMTPD_RECIPIENT_OVERSHOOT_LIMIT) {
            return Ok(true);
        }
        session.error_mask |= class::POLICY;
        return Ok(false);
    }
    if !session.standalone {
        if let Some(refusal) = session.check_rcpt(&address)? {
            session.reply(refusal)?;
            return Ok(false);
        }
    }
    if session.mail.queue.is_none() && !session.open_queue()? {
        return Ok(false);
    }
    store(session, &path.text, address, wishes);
    session.reply("250 2.1.5 Ok")?;
    Ok(true)
}

/// Counts a recipient, of RCPT or VRFY, against the client's rate.
pub fn within_rate(session: &mut Session) -> Step {
    let limit = session.cf.get(SMTPD_CLIENT_RECIPIENT_RATE_LIMIT);
    let rate = match &mut session.limits {
        Some(limits) if limit > 0 => limits.rate(Event::Recipient),
        _ => None,
    };
    let Some(rate) = rate.filter(|rate| *rate > limit) else { return Ok(true) };
    let (client, service) = (&session.client.name_address, session.service);
    log::warning!("Recipient address rate limit exceeded: {rate} from {client} for service {service}");
    let text = cat!("450 4.7.1 Error: too many recipients from ", session.client.address);
    session.refuse(class::POLICY, text)
}

fn is_one_too_many(session: &Session) -> bool {
    let limit = session.cf.get(SMTPD_RECIPIENT_LIMIT);
    limit > 0 && session.mail.recipients >= limit
}

/// What the sender wants to hear of this recipient (RFC 3461).
#[derive(Default)]
struct Wishes {
    notify: Notify,
    /// Type and address, decoded.
    orcpt: Option<(BString, BString)>,
}

impl Wishes {
    fn take(&mut self, session: &mut Session, words: &[Token]) -> Step {
        for word in words {
            let dsn_off = session.ehlo_discard.has(Feature::Dsn);
            match rcpt_parameter(&word.text) {
                Ok(RcptParameter::Other(text)) => {
                    let text = cat!("555 5.5.4 Unsupported option: ", text);
                    return session.refuse_protocol(text);
                }
                _ if dsn_off => return session.refuse_protocol("501 5.7.1 DSN support is disabled"),
                Ok(RcptParameter::Notify(notify)) if self.notify.is_none() => self.notify = notify,
                Ok(RcptParameter::Orcpt { kind, address }) if self.orcpt.is_none() => {
                    self.orcpt = Some((kind.into(), address));
                }
                Ok(RcptParameter::Notify(_)) | Err(wire::ParameterError::Notify) => {
                    log_unknown_notify(&word.text);
                    return session.refuse_protocol("501 5.5.4 Error: Bad NOTIFY parameter syntax");
                }
                Ok(RcptParameter::Orcpt { .. }) | Err(_) => {
                    return session.refuse_protocol("501 5.5.4 Error: Bad ORCPT parameter syntax");
                }
            }
        }
        Ok(true)
    }
}

fn log_unknown_notify(parameter: &[u8]) {
    let value = parameter.split(|&b| b == b'=').nth(1).unwrap_or_default();
    let unknown = value.split(|&b| b == b',').find(|word| !word.is_empty() && Notify::parse(word).is_none());
    if let Some(word) = unknown {
        let (word, all) = (bstr::BStr::new(word), bstr::BStr::new(value));
        log::warning!("unknown DSN NOTIFY command value \"{word}\" in \"{all}\"");
    }
}

/// Writes the recipient's records; the first recipient is remembered.
fn store(session: &mut Session, path: &[u8], address: BString, wishes: Wishes) {
    use spool::fields::attr;
    session.mail.recipients += 1;
    let utf8 = session.mail.smtputf8;
    if let Some(queue) = &mut session.mail.queue {
        if !wishes.notify.is_none() {
            queue.attribute(attr::DSN_NOTIFY, wishes.notify.bits().to_string().as_bytes());
        }
        let orcpt = match wishes.orcpt {
            Some((kind, address)) => cat!(kind, ";", address),
            // The address as it was given, external form and all.
            None => {
                let bare = path.strip_prefix(b"<").and_then(|rest| rest.strip_suffix(b">")).unwrap_or(path);
                let kind = if utf8 && !bare.is_ascii() { "utf-8;" } else { "rfc822;" };
                cat!(kind, bare)
            }
        };
        queue.attribute(attr::DSN_ORCPT, &orcpt);
        queue.record(kind::RCPT, &address);
    }
    if session.recipient.is_none() {
        session.recipient = Some(address);
    }
}
