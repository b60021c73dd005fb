//! MAIL FROM.

use std::time::SystemTime;

use bstr::BString;
use config::params::*;
use ipc::anvil::Event;
use wire::esmtp::mail_parameter;
use wire::{Feature, MailParameter, ParameterError, Token};

use super::address::{Demands, extract, tell_of_letters};
use crate::errors::{Step, class};
use crate::session::Session;
use crate::transaction::{Bdat, Transaction};

/// MAIL FROM:<address> parameters
pub fn mail(session: &mut Session, words: &[Token]) -> Step {
    let cf = session.cf;
    if cf.get(SMTPD_HELO_REQUIRED) && session.helo.is_none() {
        return session.refuse(class::POLICY, "503 5.5.1 Error: send HELO/EHLO first");
    }
    if session.in_transaction() {
        return session.refuse_protocol("503 5.5.1 Error: nested MAIL command");
    }
    if session.mail.bdat != Bdat::None {
        return session.refuse_protocol("503 5.5.1 Error: MAIL after BDAT");
    }
    let [_, from, path, parameters @ ..] = words else {
        return session.refuse_protocol("501 5.5.4 Syntax: MAIL FROM:<address>");
    };
    if !from.is("from:") {
        return session.refuse_protocol("501 5.5.4 Syntax: MAIL FROM:<address>");
    }
    if !within_rate(session)? {
        return Ok(false);
    }
    // How the address reads depends on SMTPUTF8, which comes behind it.
    session.mail = Transaction { announced: session.refused_size, ..Transaction::default() };
    session.mail.smtputf8 = cf.get(SMTPUTF8_ENABLE) && parameters.iter().any(|word| word.is("SMTPUTF8"));
    let demands = Demands { allow_empty: true, strict: cf.get(STRICT_RFC821_ENVELOPES) };
    let address = if path.malformed { None } else { extract(session, &path.text, demands)? };
    let Some(address) = address else {
        forget(session);
        return session.refuse_protocol("501 5.1.7 Bad sender address syntax");
    };
    tell_of_letters(session, "sender", &address);
    if !take_parameters(session, parameters)? || !admit(session, &address)? {
        forget(session);
        return Ok(false);
    }
    session.mail.arrival = Some(SystemTime::now());
    session.sender = Some(address);
    if !cf.get(SMTPD_DELAY_OPEN_UNTIL_VALID_RCPT) && !session.open_queue()? {
        forget(session);
        return Ok(false);
    }
    session.reply("250 2.1.0 Ok")?;
    Ok(true)
}

/// Takes back what a refused MAIL command began.
fn forget(session: &mut Session) {
    let announced = session.mail.announced;
    session.reset_mail();
    session.refused_size = announced;
}

fn within_rate(session: &mut Session) -> Step {
    let limit = session.cf.get(SMTPD_CLIENT_MESSAGE_RATE_LIMIT);
    let rate = match &mut session.limits {
        Some(limits) if limit > 0 => limits.rate(Event::Message),
        _ => None,
    };
    let Some(rate) = rate.filter(|rate| *rate > limit) else { return Ok(true) };
    let (client, service) = (&session.client.name_address, session.service);
    log::warning!("Message delivery request rate limit exceeded: {rate} from {client} for service {service}");
    let text = cat!("450 4.7.1 Error: too much mail from ", session.client.address);
    session.refuse(class::POLICY, text)
}

fn take_parameters(session: &mut Session, words: &[Token]) -> Step {
    for word in words {
        let parameter = match mail_parameter(&word.text) {
            Ok(parameter) => parameter,
            Err(error) => return refuse_parameter(session, error),
        };
        let dsn_off = session.ehlo_discard.has(Feature::Dsn);
        match parameter {
            MailParameter::Body(body) => session.mail.body = Some(body),
            MailParameter::Size(size) => session.mail.announced = size,
            MailParameter::Smtputf8 if session.cf.get(SMTPUTF8_ENABLE) => {}
            MailParameter::RequireTls if super::ehlo::offers_require_tls(session) => {
                session.mail.require_tls = true
            }
            MailParameter::Ret(_) | MailParameter::Envid(_) if dsn_off => {
                return session.refuse_protocol("501 5.7.1 DSN support is disabled");
            }
            MailParameter::Ret(ret) => {
                if session.mail.ret.replace(ret).is_some() {
                    return refuse_parameter(session, ParameterError::Ret);
                }
            }
            MailParameter::Envid(envid) => {
                if session.mail.envid.replace(envid).is_some() {
                    return refuse_parameter(session, ParameterError::Envid);
                }
            }
            // compat: accepted and ignored without SASL, as the reference does.
            MailParameter::Auth(_) => {}
            MailParameter::Xverp(delimiters) if is_verp_client(session) => {
                let own = session.cf.get(DEFAULT_VERP_DELIMITERS).as_bytes();
                let delimiters = delimiters.unwrap_or(own);
                if !are_verp_delimiters(session.cf.get(VERP_DELIMITER_FILTER).as_bytes(), delimiters) {
                    let filter = session.cf.get(VERP_DELIMITER_FILTER);
                    let text = format!("501 5.5.4 Error: XVERP needs two characters from {filter}");
                    return session.refuse_protocol(text);
                }
                session.mail.verp = Some(delimiters.into());
            }
            _ => {
                let text = cat!("555 5.5.4 Unsupported option: ", word.text);
                return session.refuse_protocol(text);
            }
        }
    }
    Ok(true)
}

fn refuse_parameter(session: &mut Session, error: ParameterError) -> Step {
    match error {
        ParameterError::SizeSyntax => session.refuse_protocol("501 5.5.4 Bad message size syntax"),
        ParameterError::SizeOverflow => {
            session.refuse(class::POLICY, "552 5.3.4 Message size exceeds file system imposed limit")
        }
        ParameterError::Envid => session.refuse_protocol("501 5.5.4 Bad ENVID parameter syntax"),
        _ => session.refuse_protocol("501 5.5.4 Bad RET parameter syntax"),
    }
}

fn is_verp_client(session: &Session) -> bool {
    session.server.verp_clients.matches_host(&session.client.name, &session.client.address).unwrap_or(false)
}

fn are_verp_delimiters(allowed: &[u8], delimiters: &[u8]) -> bool {
    delimiters.len() == 2 && delimiters.iter().all(|byte| allowed.contains(byte))
}

/// Everything that can be said against a sender or the size of its message.
fn admit(session: &mut Session, address: &BString) -> Step {
    if session.standalone {
        return Ok(true);
    }
    if let Some(refusal) = session.check_size(session.mail.announced, address)? {
        session.reply(refusal)?;
        return Ok(false);
    }
    if session.mail.verp.is_some() && address.is_empty() {
        session.reply("503 5.5.4 Error: XVERP requires non-null sender")?;
        return Ok(false);
    }
    let utf8 = !address.is_ascii();
    if utf8 && session.cf.get(STRICT_SMTPUTF8) && session.cf.get(SMTPUTF8_ENABLE) && !session.mail.smtputf8 {
        let text = "553 5.6.7 Must declare SMTPUTF8 to send unicode address";
        return session.refuse_protocol(text);
    }
    if !session.cf.get(SMTPD_DELAY_REJECT) {
        if let Some(refusal) = session.check_mail(Some(address.clone()))? {
            session.reply(refusal)?;
            return Ok(false);
        }
    }
    if let Some(refusal) = session.choose_rewrite_context(address)? {
        session.reply(refusal)?;
        return Ok(false);
    }
    if let Some(refusal) = session.check_room()? {
        session.reply(refusal)?;
        return Ok(false);
    }
    Ok(true)
}
