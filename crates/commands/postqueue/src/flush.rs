//! Asking for delivery now.

use crate::Caller;
use bstr::ByteSlice;
use command::exit;
use config::Config;
use config::params::{
    AUTHORIZED_FLUSH_USERS, FAST_FLUSH_DOMAINS, FLUSH_SERVICE_NAME, PARENT_DOMAIN_MATCHES_SUBDOMAINS,
    PICKUP_SERVICE_NAME, QUEUE_SERVICE_NAME,
};
use ipc::Place;
use ipc::flush::{PROTOCOL, Request, Status, stat};
use ipc::trigger;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::process::ExitCode;
use tables::{Against, MatchList};

/// All deferred mail, whatever was learned about destinations, and new submissions.
pub fn everything(config: &Config, caller: &Caller) -> ExitCode {
    allow(config, caller);
    let all = [trigger::FLUSH_DEAD, trigger::SCAN_ALL, trigger::SCAN_DEFERRED, trigger::SCAN_INCOMING];
    let qmgr = trigger::send(&Place::public(config.get(QUEUE_SERVICE_NAME)), &all);
    let pickup = trigger::send(&Place::public(config.get(PICKUP_SERVICE_NAME)), &[trigger::WAKEUP]);
    match qmgr.and(pickup) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            log::debug!("{}", sys::errno_text(&error));
            down()
        }
    }
}

/// The mail that waits for a site.
pub fn site(config: &Config, caller: &Caller, site: &OsStr) -> ExitCode {
    allow(config, caller);
    let site = site.as_bytes();
    let is_valid = match site.strip_prefix(b"[") {
        Some(rest) => rest.strip_suffix(b"]").is_some_and(|_| mail::host::parse_literal(site).is_some()),
        None => mail::host::is_hostname(site),
    };
    if !is_valid {
        log::fatal_status!(
            i32::from(exit::UNAVAILABLE),
            "Cannot flush mail queue - invalid destination: \"{}\"",
            shortened(site)
        );
    }
    let name = FAST_FLUSH_DOMAINS.name();
    let parents = tables::parents_of(config.get(PARENT_DOMAIN_MATCHES_SUBDOMAINS), name);
    let is_eligible = MatchList::open(name, config.get(FAST_FLUSH_DOMAINS), Against::Domain, parents)
        .map_err(|error| error.to_string())
        .and_then(|list| list.matches(site).map_err(|error| error.to_string()));
    match is_eligible {
        Ok(true) => ask(config, site, &Request::SendSite { site: site.into() }),
        Ok(false) => answer(stat::DENY, site),
        Err(why) => log::fatal_status!(i32::from(exit::UNAVAILABLE), "{why}"),
    }
}

/// One message.
pub fn file(config: &Config, caller: &Caller, id: &OsStr) -> ExitCode {
    allow(config, caller);
    let id = id.as_bytes();
    if !spool::id::is_legal(id) {
        log::fatal_status!(
            i32::from(exit::UNAVAILABLE),
            "Cannot flush queue ID - invalid name: \"{}\"",
            shortened(id)
        );
    }
    ask(config, id, &Request::SendFile { queue_id: id.into() })
}

fn allow(config: &Config, caller: &Caller) {
    caller.must_be_on(AUTHORIZED_FLUSH_USERS.name(), config.get(AUTHORIZED_FLUSH_USERS), "flush");
}

fn ask(config: &Config, what: &[u8], request: &Request) -> ExitCode {
    let place = Place::public(config.get(FLUSH_SERVICE_NAME));
    let connected = ipc::connect(&place).inspect_err(|error| {
        // The text says what was tried.
        log::warning!("{}", sys::errno_text(error));
    });
    let status = connected.and_then(|mut peer| {
        peer.expect(PROTOCOL)?;
        peer.send(request)?;
        peer.receive::<Status>()
    });
    answer(status.map_or(stat::FAIL, |Status(status)| status), what)
}

fn answer(status: i32, what: &[u8]) -> ExitCode {
    match status {
        stat::OK => ExitCode::SUCCESS,
        stat::BAD => {
            log::fatal_status!(i32::from(exit::UNAVAILABLE), "Invalid request: \"{}\"", what.as_bstr())
        }
        stat::FAIL => down(),
        stat::DENY => log::fatal_status!(
            i32::from(exit::UNAVAILABLE),
            "Flush service is not configured for destination \"{}\"",
            what.as_bstr()
        ),
        other => {
            log::fatal_status!(i32::from(exit::UNAVAILABLE), "Unknown flush server reply status {other}")
        }
    }
}

fn down() -> ! {
    log::fatal_status!(i32::from(exit::UNAVAILABLE), "Cannot flush mail queue - mail system is down")
}

fn shortened(text: &[u8]) -> String {
    match text.get(..100) {
        Some(start) if text.len() > 100 => format!("{}...", start.as_bstr()),
        _ => text.as_bstr().to_string(),
    }
}
