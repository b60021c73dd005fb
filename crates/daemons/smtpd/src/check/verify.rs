//! reject_unverified_*: addresses that verify(8) has tried.

use config::params::*;
use config::{Int, Param, Str};
use ipc::verify::{Answer as Known, Request, outcome, stat};

use super::{Answer, Call, Verdict, name};
use crate::errors::class;
use crate::session::Session;
use crate::text::head;

/// The parameters of one kind of address.
struct Settings {
    kind: &'static str,
    dsn: &'static str,
    defer_code: Param<Int>,
    reject_code: Param<Int>,
    tempfail_action: Param<Str>,
    reason: Param<Str>,
}

const SENDER: Settings = Settings {
    kind: name::SENDER,
    dsn: "4.1.7",
    defer_code: UNVERIFIED_SENDER_DEFER_CODE,
    reject_code: UNVERIFIED_SENDER_REJECT_CODE,
    tempfail_action: UNVERIFIED_SENDER_TEMPFAIL_ACTION,
    reason: UNVERIFIED_SENDER_REJECT_REASON,
};

const RECIPIENT: Settings = Settings {
    kind: name::RECIPIENT,
    dsn: "4.1.1",
    defer_code: UNVERIFIED_RECIPIENT_DEFER_CODE,
    reject_code: UNVERIFIED_RECIPIENT_REJECT_CODE,
    tempfail_action: UNVERIFIED_RECIPIENT_TEMPFAIL_ACTION,
    reason: UNVERIFIED_RECIPIENT_REJECT_REASON,
};

/// reject_unverified_sender
pub fn reject_unverified_sender(session: &mut Session, _: &Call) -> Answer {
    match session.sender.clone() {
        Some(sender) if !sender.is_empty() => check(session, &sender, &SENDER),
        _ => Ok(Verdict::Dunno),
    }
}

/// reject_unverified_recipient
pub fn reject_unverified_recipient(session: &mut Session, _: &Call) -> Answer {
    match session.recipient.clone() {
        Some(recipient) if !recipient.is_empty() => check(session, &recipient, &RECIPIENT),
        _ => Ok(Verdict::Dunno),
    }
}

fn check(session: &mut Session, address: &[u8], settings: &Settings) -> Answer {
    let Some(known) = ask(session, address)? else {
        log::warning!("{} service failure", session.cf.get(ADDRESS_VERIFY_SERVICE_NAME));
        let text = cat!("<", address, ">: ", settings.kind, " rejected: address verification problem");
        let action = session.cf.get(settings.tempfail_action);
        return Ok(session.tempfail(action, 450, settings.dsn, text));
    };
    let code = match known.recipient_status {
        outcome::OK => return Ok(Verdict::Dunno),
        outcome::BOUNCE => session.cf.get(settings.reject_code),
        outcome::DEFER | outcome::TODO => session.cf.get(settings.defer_code),
        other => {
            log::warning!("unknown address verification status {other}");
            return Ok(Verdict::Dunno);
        }
    };
    let own = session.cf.get(settings.reason);
    let why = if own.is_empty() { known.reason } else { own.into() };
    match code / 100 {
        2 => Ok(Verdict::Dunno),
        4 => {
            let text =
                cat!("<", address, ">: ", settings.kind, " rejected: unverified address: ", head(&why, 250));
            let action = session.cf.get(settings.tempfail_action);
            Ok(session.tempfail(action, code, settings.dsn, text))
        }
        _ => {
            let text = cat!("<", address, ">: ", settings.kind, " rejected: undeliverable address: ", why);
            Ok(session.reject(class::POLICY, code, settings.dsn, text))
        }
    }
}

/// What verify knows; a probe under way gets a little time.
fn ask(session: &mut Session, address: &[u8]) -> Result<Option<Known>, super::Stop> {
    let polls = session.cf.get(ADDRESS_VERIFY_POLL_COUNT);
    let mut poll = 1;
    loop {
        let request = Request::Query { address: address.into() };
        let known: Known = match session.server.verify.ask(&request) {
            Ok(known) => known,
            Err(error) => {
                log::warning!("verify service: {}", sys::errno_text(&error));
                return Ok(None);
            }
        };
        if known.status != stat::OK {
            return Ok(None);
        }
        if known.recipient_status != outcome::TODO || poll >= polls {
            return Ok(Some(known));
        }
        poll += 1;
        session.pause(session.cf.get(ADDRESS_VERIFY_POLL_DELAY))?;
    }
}
