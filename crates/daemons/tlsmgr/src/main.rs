//! tlsmgr(8): keeps the TLS sessions of smtpd(8), smtp(8) and lmtp(8), hands out session ticket keys, and gives random bytes.
//!
//! All that it knows may be lost at any time: a client without an answer makes a full handshake.

mod keys;
mod sessions;

use std::process::ExitCode;
use std::time::Duration;

use config::ConfigError;
use config::params::*;
use daemon::{Context, Setup};
use ipc::tlsmgr::{PROTOCOL, Policy, Request, Seed, Session, Status, TicketKey, stat};
use ipc::{Message, Peer};

use keys::Keys;
use sessions::Sessions;

/// The most random bytes for one request.
const SEED_MAX: i32 = 255;

/// A client that is silent for so long is hung up on; it comes back when it needs to.
const IDLE: Duration = Duration::from_secs(2);

/// What all connections share.
struct State {
    caches: [Sessions; 3],
    keys: Keys,
}

fn main() -> ExitCode {
    daemon::sessions("tlsmgr")
        .parameters(&[
            SMTPD_TLS_SESSION_CACHE_DATABASE.into(),
            SMTPD_TLS_SESSION_CACHE_TIMEOUT.into(),
            SMTPD_TLS_LOGLEVEL.into(),
            SMTP_TLS_SESSION_CACHE_DATABASE.into(),
            SMTP_TLS_SESSION_CACHE_TIMEOUT.into(),
            SMTP_TLS_LOGLEVEL.into(),
            LMTP_TLS_SESSION_CACHE_DATABASE.into(),
            LMTP_TLS_SESSION_CACHE_TIMEOUT.into(),
            LMTP_TLS_LOGLEVEL.into(),
        ])
        .solitary()
        .many()
        .persistent()
        .before_jail(open)
        .serve(session)
}

fn open(setup: &Setup) -> Result<State, ConfigError> {
    let config = setup.config;
    setup.as_owner(|| {
        Ok(State {
            caches: [
                Sessions::open(
                    "smtpd",
                    SMTPD_TLS_SESSION_CACHE_DATABASE,
                    SMTPD_TLS_SESSION_CACHE_TIMEOUT,
                    SMTPD_TLS_LOGLEVEL,
                    config,
                )?,
                Sessions::open(
                    "smtp",
                    SMTP_TLS_SESSION_CACHE_DATABASE,
                    SMTP_TLS_SESSION_CACHE_TIMEOUT,
                    SMTP_TLS_LOGLEVEL,
                    config,
                )?,
                Sessions::open(
                    "lmtp",
                    LMTP_TLS_SESSION_CACHE_DATABASE,
                    LMTP_TLS_SESSION_CACHE_TIMEOUT,
                    LMTP_TLS_LOGLEVEL,
                    config,
                )?,
            ],
            // A key encrypts for half the life of a session, and decrypts for as long again.
            keys: Keys::new(config.get(SMTPD_TLS_SESSION_CACHE_TIMEOUT) / 2),
        })
    })
}

/// Serves one client until it is gone.
fn session(cx: &Context<State>, stream: net::Stream) {
    let mut peer = Peer::from(stream);
    // A process that is to be replaced must not be kept by clients that have nothing to ask.
    peer.stream().set_timeout(Some(IDLE));
    if peer.announce(PROTOCOL).is_err() {
        return;
    }
    loop {
        let request = match peer.next_message::<Request>() {
            Ok(Some(request)) => request,
            Ok(None) => return,
            Err(err) => {
                if err.kind() == std::io::ErrorKind::InvalidData {
                    log::warning!("malformed request from a client: {err}");
                }
                return;
            }
        };
        if answer(&cx.state, request, &mut peer).is_err() {
            return;
        }
    }
}

fn answer(state: &State, request: Request, peer: &mut Peer) -> std::io::Result<()> {
    match request {
        Request::Seed { size } => peer.send(&seed(size)),
        Request::Policy { cache_type } => peer.send(&policy(state.cache(&cache_type))),
        Request::Lookup { cache_type, cache_id } => {
            let bytes = state.cache(&cache_type).and_then(|cache| cache.lookup(&cache_id));
            let status = if bytes.is_some() { stat::OK } else { stat::ERR };
            peer.send(&Session { status, bytes: bytes.unwrap_or_default() })
        }
        Request::Update { cache_type, cache_id, session } => {
            reply(peer, state.cache(&cache_type).is_some_and(|cache| cache.update(&cache_id, &session)))
        }
        Request::Delete { cache_type, cache_id } => {
            reply(peer, state.cache(&cache_type).is_some_and(|cache| cache.delete(&cache_id)))
        }
        Request::TicketKey { name } => {
            let bytes = state.keys.find(&name);
            let status = if bytes.is_some() { stat::OK } else { stat::ERR };
            peer.send(&TicketKey { status, bytes: bytes.unwrap_or_default() })
        }
    }
}

fn reply(peer: &mut Peer, done: bool) -> std::io::Result<()> {
    let status = Status(if done { stat::OK } else { stat::ERR });
    peer.send(&status)
}

fn seed(size: i32) -> impl Message {
    match usize::try_from(size) {
        Ok(count) if (1..=SEED_MAX).contains(&size) => {
            let mut bytes = vec![0; count];
            sys::rand::fill(&mut bytes);
            Seed { status: stat::OK, bytes }
        }
        _ => {
            log::warning!("bogus seed length \"{size}\" in seed request");
            Seed { status: stat::FAIL, bytes: Vec::new() }
        }
    }
}

fn policy(cache: Option<&Sessions>) -> impl Message {
    match cache {
        Some(cache) => Policy {
            status: stat::OK,
            cachable: i32::from(cache.is_kept()),
            timeout: i32::try_from(cache.life().as_secs()).unwrap_or(i32::MAX),
        },
        None => Policy { status: stat::ERR, cachable: 0, timeout: 0 },
    }
}

impl State {
    fn cache(&self, cache_type: &[u8]) -> Option<&Sessions> {
        let found = self.caches.iter().find(|cache| cache.name().as_bytes() == cache_type);
        if found.is_none() {
            log::warning!("bogus cache type \"{}\"", String::from_utf8_lossy(cache_type));
        }
        found
    }
}
