//! flush(8): remembers which mail waits for which site, and has it delivered on request (ETRN).
//!
//! For each site of `fast_flush_domains` there is a file of queue ids in the `flush` directory. It
//! is a hint, not a record: an id may be there twice, or for mail that is long gone, and a lost
//! file only means that the mail waits for its time.

mod log_file;
mod refresh;

use config::params::{
    ENABLE_LONG_QUEUE_IDS, FAST_FLUSH_DOMAINS, FAST_FLUSH_PURGE_TIME, FAST_FLUSH_REFRESH_TIME,
    HASH_QUEUE_DEPTH, HASH_QUEUE_NAMES, PARENT_DOMAIN_MATCHES_SUBDOMAINS, QUEUE_SERVICE_NAME,
};
use daemon::Context;
use ipc::flush::{PROTOCOL, Request, Status, stat};
use ipc::{Peer, trigger};
use spool::Spool;
use std::io;
use std::process::ExitCode;
use std::time::Duration;
use tables::{Against, MatchList};

pub struct State {
    spool: Spool,
    domains: MatchList,
}

fn main() -> ExitCode {
    daemon::sessions("flush")
        .parameters(&[
            ENABLE_LONG_QUEUE_IDS.into(),
            FAST_FLUSH_DOMAINS.into(),
            FAST_FLUSH_PURGE_TIME.into(),
            FAST_FLUSH_REFRESH_TIME.into(),
            HASH_QUEUE_DEPTH.into(),
            HASH_QUEUE_NAMES.into(),
            PARENT_DOMAIN_MATCHES_SUBDOMAINS.into(),
            QUEUE_SERVICE_NAME.into(),
        ])
        .before_jail(|setup| {
            if let Some(argument) = setup.args.first() {
                return Err(config::ConfigError::new(format!(
                    "unexpected command-line argument: {argument}"
                )));
            }
            let config = setup.config;
            let name = FAST_FLUSH_DOMAINS.name();
            let parents = tables::parents_of(config.get(PARENT_DOMAIN_MATCHES_SUBDOMAINS), name);
            let domains = MatchList::open(name, config.get(FAST_FLUSH_DOMAINS), Against::Domain, parents)
                .map_err(|error| config::ConfigError::new(error.to_string()))?;
            let (names, depth) = (config.get(HASH_QUEUE_NAMES), config.get(HASH_QUEUE_DEPTH));
            let spool = Spool::new(names, depth, config.get(ENABLE_LONG_QUEUE_IDS));
            Ok(State { spool, domains })
        })
        .watch(|state| state.domains.changed().map(str::to_owned))
        .serve(session)
}

/// A client that says nothing is not waited for longer than this.
const PATIENCE: Duration = Duration::from_secs(10);

fn session(context: &Context<State>, stream: net::Stream) {
    let mut peer = Peer::from(stream);
    if let Err(error) = serve(context, &mut peer) {
        log::debug!("client: {}", sys::errno_text(&error));
    }
}

fn serve(context: &Context<State>, peer: &mut Peer) -> io::Result<()> {
    // master(8) wakes us over the same socket, with a bare byte instead of a request, and does not
    // listen; a client waits for the announcement before it says anything.
    let _ = peer.announce(PROTOCOL);
    peer.stream().set_timeout(Some(PATIENCE));
    match *peer.stream().fill()? {
        [] => return Ok(()),
        [trigger::WAKEUP] | [trigger::WAKEUP, 0, ..] => {
            refresh::run(context, context.config.get(FAST_FLUSH_REFRESH_TIME));
            return Ok(());
        }
        _ => {}
    }
    let status = match peer.next_message::<Request>() {
        Ok(Some(request)) => answer(context, request),
        Ok(None) => return Ok(()),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => stat::BAD,
        Err(error) => return Err(error),
    };
    peer.send(&Status(status))
}

fn answer(context: &Context<State>, request: Request) -> i32 {
    match request {
        Request::Add { site, queue_id } => {
            on_eligible(context, &site, |site| log_file::add(&context.state.spool, site, &queue_id))
        }
        Request::SendSite { site } => {
            on_eligible(context, &site, |site| log_file::send(context, site, log_file::DeadSites::Forget))
        }
        Request::SendFile { queue_id } => log_file::send_file(context, &queue_id),
        Request::Refresh => {
            refresh::run(context, context.config.get(FAST_FLUSH_REFRESH_TIME));
            stat::OK
        }
        Request::Purge => {
            refresh::run(context, Duration::ZERO);
            stat::OK
        }
    }
}

fn on_eligible(context: &Context<State>, site: &[u8], act: impl FnOnce(&[u8]) -> i32) -> i32 {
    match context.state.domains.matches(site) {
        Ok(true) => act(site),
        Ok(false) => stat::DENY,
        Err(error) => {
            log::warning!("{}: {error}", FAST_FLUSH_DOMAINS.name());
            stat::FAIL
        }
    }
}
