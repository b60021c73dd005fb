//! scache(8): keeps open connections of delivery agents for a moment, so that another process can go on with them.
//!
//! A connection is kept under its endpoint (a server's address); destinations (a domain) point to endpoints. Our own smtp(8)
//! keeps its connections to itself; the reference's asks here.

mod store;

use std::io;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use config::ConfigError;
use config::params::{CONNECTION_CACHE_STATUS_UPDATE_TIME, CONNECTION_CACHE_TTL_LIMIT};
use daemon::{Context, Setup};
use ipc::Peer;
use ipc::scache::{Destination, Endpoint, PROTOCOL, Ready, Request, Status, stat};
use sys::listen::{receive_descriptor, send_descriptor};

use store::{Shared, Statistics};

struct State {
    store: Arc<Shared>,
    /// No connection is kept longer, whatever the client asks for.
    longest: Duration,
}

fn main() -> ExitCode {
    daemon::sessions("scache")
        .parameters(&[CONNECTION_CACHE_TTL_LIMIT.into(), CONNECTION_CACHE_STATUS_UPDATE_TIME.into()])
        .solitary()
        .many()
        .before_jail(open)
        .serve(session)
}

fn open(setup: &Setup) -> Result<State, ConfigError> {
    Ok(State {
        store: Shared::new(setup.config.get(CONNECTION_CACHE_STATUS_UPDATE_TIME)),
        longest: setup.config.get(CONNECTION_CACHE_TTL_LIMIT),
    })
}

/// Serves one client until it is gone.
fn session(cx: &Context<State>, stream: net::Stream) {
    let mut peer = Peer::from(stream);
    if peer.announce(PROTOCOL).is_err() {
        return;
    }
    loop {
        match peer.next_message::<Request>() {
            Ok(Some(request)) => {
                if answer(&cx.state, request, &mut peer).is_err() {
                    return;
                }
            }
            Ok(None) => return,
            Err(err) => {
                if err.kind() == io::ErrorKind::InvalidData {
                    log::warning!("malformed request from a client: {err}");
                }
                return;
            }
        }
    }
}

fn answer(state: &State, request: Request, peer: &mut Peer) -> io::Result<()> {
    match request {
        Request::SaveEndpoint { ttl, label, property } => {
            peer.send(&Ready)?;
            let descriptor = receive_descriptor(peer.stream().fd()?)?;
            Shared::save_endpoint(&state.store, life(state, ttl), label, property, descriptor);
            peer.send(&Status(stat::OK))
        }
        Request::SaveDestination { ttl, label, property, endpoint } => {
            Shared::save_destination(&state.store, life(state, ttl), label, property, endpoint);
            peer.send(&Status(stat::OK))
        }
        Request::FindEndpoint { label } => match state.store.find_endpoint(&label) {
            Some((property, descriptor)) => {
                peer.send(&Endpoint { status: stat::OK, property })?;
                hand_over(peer, descriptor)
            }
            None => peer.send(&Endpoint { status: stat::FAIL, ..Endpoint::default() }),
        },
        Request::FindDestination { label } => match state.store.find_destination(&label) {
            Some((property, endpoint, descriptor)) => {
                peer.send(&Destination { status: stat::OK, property, endpoint })?;
                hand_over(peer, descriptor)
            }
            None => peer.send(&Destination { status: stat::FAIL, ..Destination::default() }),
        },
    }
}

fn hand_over(peer: &mut Peer, descriptor: std::os::fd::OwnedFd) -> io::Result<()> {
    send_descriptor(peer.stream().fd()?, &descriptor)?;
    // Closed here only when the client has it.
    peer.receive::<Ready>().map(drop)
}

fn life(state: &State, ttl: i32) -> Duration {
    Duration::from_secs(u64::try_from(ttl).unwrap_or(0)).min(state.longest)
}

/// What scache has done since it last said so, as the reference logs it.
fn report(statistics: &Statistics) {
    let percent = |hits: u64, misses: u64| (hits * 100).checked_div(hits + misses).unwrap_or(0);
    for (what, hits, misses) in [
        ("domain", statistics.destination_hits, statistics.destination_misses),
        ("address", statistics.endpoint_hits, statistics.endpoint_misses),
    ] {
        if hits + misses > 0 {
            log::info!(
                "statistics: {what} lookup hits={hits} miss={misses} success={}%",
                percent(hits, misses)
            );
        }
    }
    if statistics.most_destinations + statistics.most_endpoints + statistics.most_connections > 0 {
        log::info!(
            "statistics: max simultaneous domains={} addresses={} connection={}",
            statistics.most_destinations,
            statistics.most_endpoints,
            statistics.most_connections
        );
    }
}
