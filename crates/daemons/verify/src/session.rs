//! Requests of one client: queries from smtpd, updates from delivery agents.

use crate::entry::{Entry, Times};
use crate::probe;
use crate::store::Store;
use bstr::{BStr, ByteSlice};
use config::params::*;
use config::{Config, Param, Time};
use ipc::Peer;
use ipc::verify::{Answer, PROTOCOL, Request, Status, outcome, stat};
use std::io;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// What all sessions share.
pub struct Service {
    config: &'static Config,
    store: Store,
    times: Times,
    negative_cache: bool,
    sweep_interval: Duration,
    pending_limit: i64,
    /// Probes that are being posted.
    pending: AtomicI64,
}

impl Service {
    /// Reads the settings.
    pub fn new(cf: &'static Config, store: Store) -> Service {
        let seconds = |param: Param<Time>| i64::try_from(cf.get(param).as_secs()).unwrap_or(i64::MAX);
        Service {
            config: cf,
            store,
            times: Times {
                positive_expire: seconds(ADDRESS_VERIFY_POSITIVE_EXPIRE_TIME),
                positive_refresh: seconds(ADDRESS_VERIFY_POSITIVE_REFRESH_TIME),
                negative_expire: seconds(ADDRESS_VERIFY_NEGATIVE_EXPIRE_TIME),
                negative_refresh: seconds(ADDRESS_VERIFY_NEGATIVE_REFRESH_TIME),
            },
            negative_cache: cf.get(ADDRESS_VERIFY_NEGATIVE_CACHE),
            sweep_interval: cf.get(ADDRESS_VERIFY_CACHE_CLEANUP_INTERVAL),
            pending_limit: cf.get(ADDRESS_VERIFY_PENDING_REQUEST_LIMIT),
            pending: AtomicI64::new(0),
        }
    }
}

/// Serves a client to the end of its connection.
pub fn serve(service: &Service, peer: &mut Peer) -> io::Result<()> {
    peer.announce(PROTOCOL)?;
    while let Some(request) = peer.next_message()? {
        match request {
            Request::Query { address } => query(service, peer, &address)?,
            Request::Update { address, recipient_status, reason } => {
                let status = update(service, &address, recipient_status, &reason);
                peer.send(&Status(status))?;
            }
        }
        service.store.sweep(service.sweep_interval, &mut |_, data| {
            Entry::parse(data).is_some_and(|entry| !entry.expired(&service.times, sys::clock::now()))
        });
    }
    Ok(())
}

/// Answers with what is known, then finds out more if that is old.
fn query(service: &Service, peer: &mut Peer, address: &[u8]) -> io::Result<()> {
    let now = sys::clock::now();
    let raw = service.store.get(address);
    let known = raw.as_deref().and_then(|raw| {
        let entry = Entry::parse(raw);
        if entry.is_none() {
            let shown = mail::text::excerpt(raw, 100).as_bstr();
            log::warning!("bad address verify table entry: {shown}");
        }
        entry.filter(|entry| !entry.expired(&service.times, now))
    });
    if known.is_none() && raw.is_some() && !service.negative_cache {
        service.store.delete(address);
    }
    let entry = known.unwrap_or_else(Entry::unknown);
    log::debug!("GOT {} {:?}", BStr::new(address), entry);
    // The answer goes first: posting a probe takes a while, and may lead back to us.
    peer.send(&Answer { status: stat::OK, recipient_status: entry.status, reason: entry.text.clone() })?;
    if entry.wants_probe(&service.times, now) {
        refresh(service, address, entry, now);
    }
    Ok(())
}

/// Sends a probe, and remembers that it is on its way.
fn refresh(service: &Service, address: &[u8], entry: Entry, now: i64) {
    if service.pending.fetch_add(1, Ordering::Relaxed) >= service.pending_limit {
        log::warning!("too many pending address verification requests; skipping {}", BStr::new(address));
    } else {
        if entry.updated != 0 || service.negative_cache {
            service.store.put(address, &Entry { probed: now, ..entry }.format());
        }
        if let Err(error) = probe::send(service.config, address) {
            log::warning!("probe for {}: {}", BStr::new(address), sys::errno_text(&error));
        }
    }
    service.pending.fetch_sub(1, Ordering::Relaxed);
}

/// Takes the outcome of a probe. A failure does not replace a success that still holds.
fn update(service: &Service, address: &[u8], status: i32, reason: &[u8]) -> i32 {
    if ![outcome::OK, outcome::DEFER, outcome::BOUNCE].contains(&status) {
        log::warning!("bad recipient status {status} for recipient {}", BStr::new(address));
        return stat::BAD;
    }
    let holds_success = || {
        let old = service.store.get(address);
        old.and_then(|raw| Entry::parse(&raw)).is_some_and(|entry| entry.status == outcome::OK)
    };
    if status == outcome::OK || !holds_success() {
        let entry = Entry { status, probed: 0, updated: sys::clock::now(), text: reason.into() };
        log::debug!("PUT {} {:?}", BStr::new(address), entry);
        service.store.put(address, &entry.format());
    }
    stat::OK
}
