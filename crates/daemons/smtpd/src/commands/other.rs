//! Small commands, and those that are refused.

use config::params::*;
use wire::Token;

use super::COMMANDS;
use super::address::{Demands, extract};
use crate::errors::{Step, class};
use crate::session::Session;

/// RSET
pub fn rset(session: &mut Session, words: &[Token]) -> Step {
    if words.len() != 1 {
        return session.refuse_protocol("501 5.5.4 Syntax: RSET");
    }
    session.notify_and_forget(session.cf.get(SMTPD_HISTORY_FLUSH_THRESHOLD));
    session.reset_mail();
    session.reply("250 2.0.0 Ok")?;
    Ok(true)
}

/// NOOP, with or without anything behind it
pub fn noop(session: &mut Session, _: &[Token]) -> Step {
    session.reply("250 2.0.0 Ok")?;
    Ok(true)
}

/// HELP, with or without anything behind it
pub fn help(session: &mut Session, _: &[Token]) -> Step {
    let mut names: Vec<&str> = COMMANDS.iter().map(|row| row.name).collect();
    names.sort_unstable();
    session.reply(format!("214 2.0.0 Commands: {}", names.join(" ")))?;
    Ok(true)
}

/// QUIT
pub fn quit(session: &mut Session, _: &[Token]) -> Step {
    let earlier_replies = session.stream.unsent() > 0;
    session.reply("221 2.0.0 Bye")?;
    if earlier_replies {
        // The reply to the final dot must not be lost in what follows.
        session.stream.flush()?;
    }
    Ok(true)
}

/// VRFY address [SMTPUTF8]
pub fn vrfy(session: &mut Session, words: &[Token]) -> Step {
    let cf = session.cf;
    if cf.get(DISABLE_VRFY_COMMAND) {
        return session.refuse(class::POLICY, "502 5.5.1 VRFY command is disabled");
    }
    if words.len() < 2 {
        let utf8 = if cf.get(SMTPUTF8_ENABLE) { " [SMTPUTF8]" } else { "" };
        return session.refuse_protocol(format!("501 5.5.4 Syntax: VRFY address{utf8}"));
    }
    if !super::rcpt::within_rate(session)? {
        return Ok(false);
    }
    let declared =
        cf.get(SMTPUTF8_ENABLE) && words.len() > 2 && words.last().is_some_and(|word| word.is("SMTPUTF8"));
    let words = if declared { words.split_last().map_or(words, |(_, rest)| rest) } else { words };
    let text = wire::token::collapse(words, 1);
    let before = std::mem::replace(&mut session.mail.smtputf8, declared);
    let address = extract(session, &text, Demands { allow_empty: false, strict: false });
    session.mail.smtputf8 = before;
    let Some(address) = address? else {
        return session.refuse_protocol("501 5.1.3 Bad recipient address syntax");
    };
    if !session.standalone {
        if let Some(refusal) = session.check_rcpt(&address)? {
            session.reply(refusal)?;
            return Ok(false);
        }
    }
    session.reply(cat!("252 2.0.0 ", text))?;
    Ok(true)
}

/// AUTH: this version has no SASL, so it is never enabled.
pub fn auth(session: &mut Session, _: &[Token]) -> Step {
    session.refuse_protocol("503 5.5.1 Error: authentication not enabled")
}

/// XCLIENT attribute=value…: refused in this version, whoever asks.
pub fn xclient(session: &mut Session, words: &[Token]) -> Step {
    refuse_proxy(session, words, "XCLIENT", session.xclient_allowed)
}

/// XFORWARD attribute=value…: refused in this version, whoever asks.
pub fn xforward(session: &mut Session, words: &[Token]) -> Step {
    refuse_proxy(session, words, "XFORWARD", session.xforward_allowed)
}

fn refuse_proxy(session: &mut Session, words: &[Token], name: &str, authorized: bool) -> Step {
    if session.in_transaction() {
        return session.refuse_protocol("503 5.5.1 Error: MAIL transaction in progress");
    }
    if words.len() < 2 {
        return session.refuse_protocol(format!("501 5.5.4 Syntax: {name} attribute=value..."));
    }
    if authorized {
        log::warning!("{name} from {}: not implemented in this version", session.client.name_address);
    }
    session.refuse(class::POLICY, "550 5.7.0 Error: insufficient authorization")
}
