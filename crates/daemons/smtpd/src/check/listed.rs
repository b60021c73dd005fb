//! Unknown users: each address class has its tables of who exists.

use config::params::*;
use ipc::rewrite::flag;
use mail::dsn::Status;
use tables::Maps;
use tables::address::{Order, Rules};

use super::action::fix_status;
use super::{Answer, Call, Stop, Verdict, name};
use crate::errors::class;
use crate::session::Session;

/// reject_unlisted_recipient
pub fn reject_unlisted_recipient(session: &mut Session, _: &Call) -> Answer {
    match session.recipient.clone() {
        Some(address) if !address.is_empty() => recipient(session, &address),
        _ => Ok(Verdict::Dunno),
    }
}

/// reject_unlisted_sender
pub fn reject_unlisted_sender(session: &mut Session, _: &Call) -> Answer {
    match session.sender.clone() {
        Some(address) if !address.is_empty() => sender(session, &address),
        _ => Ok(Verdict::Dunno),
    }
}

/// Is the recipient known? Looked up once a RCPT.
pub fn recipient(session: &mut Session, address: &[u8]) -> Answer {
    if session.server.transparent.unknown_recipients || session.check.recipient_looked_up {
        return Ok(Verdict::Dunno);
    }
    // A look that only warns does not count.
    session.check.recipient_looked_up = session.check.warn_if_reject == 0;
    look_up(session, address, name::RECIPIENT)
}

/// Is the sender known, if it is one of ours? Looked up once a MAIL.
pub fn sender(session: &mut Session, address: &[u8]) -> Answer {
    if session.server.transparent.unknown_recipients || session.check.sender_looked_up {
        return Ok(Verdict::Dunno);
    }
    session.check.sender_looked_up = session.check.warn_if_reject == 0;
    look_up(session, address, name::SENDER)
}

fn look_up(session: &mut Session, address: &[u8], kind: &'static str) -> Answer {
    let is_sender = kind == name::SENDER;
    let other = super::address::other_end(session, kind);
    let resolved = session.resolve(&other, address)?;
    let found = &resolved.recipient;
    let server = session.server;
    let maps = &server.recipients;
    // An address that is rewritten is not judged by what it was.
    if contains(session, &maps.recipient_canonical, found, address)?
        || (is_sender && contains(session, &maps.sender_canonical, found, address)?)
        || contains(session, &maps.canonical, found, address)?
        || contains(session, &maps.virtual_alias, found, address)?
    {
        return Ok(Verdict::Dunno);
    }
    // What already resolves to failure is known to be undeliverable.
    if resolved.transport == "error" {
        let default = if is_sender { Status::new(5, 1, 0) } else { Status::new(5, 1, 1) };
        let (status, why) = mail::dsn::split(default, &resolved.nexthop);
        let code = match resolved.flags & flag::ALIAS {
            0 => 550,
            _ => session.cf.get(UNKNOWN_VIRTUAL_ALIAS_REJECT_CODE),
        };
        let text = cat!("<", address, ">: ", kind, " rejected: ", why);
        return Ok(session.reject(class::BOUNCE, code, &fix_status(status, kind), text));
    }
    if resolved.transport == "retry" {
        let default = if is_sender { Status::new(4, 1, 0) } else { Status::new(4, 1, 1) };
        let (status, why) = mail::dsn::split(default, &resolved.nexthop);
        let text = cat!("<", address, ">: ", kind, " rejected: ", why);
        return Ok(session.reject(class::BOUNCE, 450, &fix_status(status, kind), text));
    }
    let (maps, code, table) = if resolved.flags & flag::LOCAL != 0 {
        if is_always_known(session, found) {
            return Ok(Verdict::Dunno);
        }
        (&maps.local, UNKNOWN_LOCAL_RECIPIENT_REJECT_CODE, "local recipient table")
    } else if resolved.flags & flag::VIRTUAL != 0 {
        (&maps.virtual_mailbox, UNKNOWN_VIRTUAL_MAILBOX_REJECT_CODE, "virtual mailbox table")
    } else if resolved.flags & flag::RELAY != 0 {
        (&maps.relay, UNKNOWN_RELAY_RECIPIENT_REJECT_CODE, "relay recipient table")
    } else {
        return Ok(Verdict::Dunno);
    };
    if maps.is_empty() || contains(session, maps, found, address)? {
        if resolved.flags & flag::RELAY != 0 && !is_sender {
            server.old_defaults.tell_of_relay_address(address);
        }
        return Ok(Verdict::Dunno);
    }
    let table =
        if session.cf.get(SHOW_USER_UNKNOWN_TABLE_NAME) { format!(" in {table}") } else { String::new() };
    let text = cat!("<", address, ">: ", kind, " rejected: User unknown", table);
    let dsn = if is_sender { "5.1.0" } else { "5.1.1" };
    Ok(session.reject(class::BOUNCE, session.cf.get(code), dsn, text))
}

/// Addresses that the system itself uses or answers.
fn is_always_known(session: &Session, address: &[u8]) -> bool {
    let local = mail::address::local_part(address);
    [session.cf.get(DOUBLE_BOUNCE_SENDER), "postmaster", "MAILER-DAEMON"]
        .into_iter()
        .any(|name| local.eq_ignore_ascii_case(name.as_bytes()))
}

/// Is the address in a table, whole or by its parts?
fn contains(session: &mut Session, maps: &Maps, address: &[u8], shown: &[u8]) -> Result<bool, Stop> {
    if maps.is_empty() {
        return Ok(false);
    }
    let server = session.server;
    let is_local = |domain: &[u8]| server.local.is_origin_or_local(domain);
    let rules = Rules::new(session.cf, &is_local);
    match tables::address::find(maps, address, Order::ADDRESS, &rules) {
        Ok(found) => Ok(found.is_some()),
        // The table's failure has been logged.
        Err(_) => Err(session.lookup_failure(shown)),
    }
}
