//! The agent's side of the delivery protocol: announce, receive, open the queue file, let the
//! program deliver, report, and be ready for the next request.
//!
//! The reference's queue manager closes the connection after each final status. Ours keeps it: the
//! announcement that opens every conversation is repeated right behind the final status, and a
//! queue manager that finds it there may send the next request. To the reference's, which has
//! stopped reading by then, it means nothing.

use std::io;

use config::params::*;
use config::{Config, ConfigError, ParamRef};
use ipc::delivery::{DEFER, FINAL, PROTOCOL, Reply, Request};
use net::Stream;
use spool::open::Ready;
use spool::{Queue, QueueFile, QueueId, Spool};
use sys::file::Lock;

use crate::report::wire_dsn;
use crate::{Delivery, Reporter};

/// The parameters that every agent reads; add the agent's own.
pub fn parameters() -> Vec<ParamRef> {
    vec![
        SOFT_BOUNCE.into(),
        DELAY_LOGGING_RESOLUTION_LIMIT.into(),
        BOUNCE_SERVICE_NAME.into(),
        DEFER_SERVICE_NAME.into(),
        TRACE_SERVICE_NAME.into(),
        FLUSH_SERVICE_NAME.into(),
        FAST_FLUSH_DOMAINS.into(),
        ADDRESS_VERIFY_SERVICE_NAME.into(),
        ADDRESS_VERIFY_NEGATIVE_CACHE.into(),
        INFO_LOG_ADDRESS_FORMAT.into(),
        HASH_QUEUE_NAMES.into(),
        HASH_QUEUE_DEPTH.into(),
        ENABLE_LONG_QUEUE_IDS.into(),
    ]
}

/// What all requests of one agent process share.
pub struct Agent {
    /// Records results.
    pub reporter: Reporter,
    /// The configuration.
    pub config: &'static Config,
    /// Where queue files are.
    pub spool: Spool,
}

impl Agent {
    /// `filter` names the agent's delivery status filter parameter
    /// (`smtp_delivery_status_filter`, …), or is empty.
    pub fn open(config: &'static Config, filter: &str) -> Result<Agent, ConfigError> {
        let spool = Spool::new(
            config.get(HASH_QUEUE_NAMES),
            config.get(HASH_QUEUE_DEPTH),
            config.get(ENABLE_LONG_QUEUE_IDS),
        );
        Ok(Agent { reporter: Reporter::open(config, filter)?, config, spool })
    }
}

/// Serves the requests of one connection, one after another, until the client is gone.
pub fn serve(agent: &Agent, stream: Stream, deliver: impl FnMut(&Delivery<'_>)) {
    serve_while(agent, stream, || true, deliver);
}

/// Like [`serve`], but ends the connection after the request at which `more` says no.
pub fn serve_while(
    agent: &Agent,
    stream: Stream,
    mut more: impl FnMut() -> bool,
    mut deliver: impl FnMut(&Delivery<'_>),
) {
    let mut peer = ipc::Peer::from(stream);
    if peer.announce(PROTOCOL).is_err() {
        return;
    }
    // A queue manager may change its mind and close without a request.
    loop {
        let request: Request = match peer.next_message() {
            Ok(Some(request)) => request,
            Ok(None) => return,
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                log::warning!("malformed delivery request: {error}");
                return;
            }
            Err(_) => return,
        };
        let Some(file) = open(&agent.spool, &request) else { return };
        let delivery = Delivery::new(agent, request, file);
        deliver(&delivery);
        let reply = Reply {
            hop_status: delivery.take_hop().map(|why| wire_dsn(&why)).unwrap_or_default(),
            status: if delivery.is_kept() { DEFER } else { FINAL },
        };
        // The lock on the queue file ends before the queue manager hears that it may move it.
        drop(delivery);
        let again = more();
        let sent = peer.put(&reply).and_then(|()| if again { peer.announce(PROTOCOL) } else { peer.flush() });
        if sent.is_err() {
            return;
        }
        if !again {
            let _ = peer.wait_close();
            return;
        }
    }
}

/// Opens the queue file and takes the shared lock that keeps the queue manager from starting the
/// same delivery twice after a restart. A file that is not fit to be opened ends the connection.
fn open(spool: &Spool, request: &Request) -> Option<QueueFile> {
    let (Some(queue), Some(id)) = (Queue::named(&request.queue_name), QueueId::parse(&request.queue_id))
    else {
        log::warning!(
            "bad queue name or id in delivery request: {} {}",
            request.queue_name,
            request.queue_id
        );
        return None;
    };
    match spool.ready(queue, &id) {
        Ok(Ready::Yes { .. }) => {}
        // Marked corrupt, or gone, since the queue manager looked.
        Ok(Ready::NotComplete) => return None,
        Ok(Ready::NotOurs(why)) => {
            log::warning!("{why}");
            return None;
        }
        Err(error) => {
            log::warning!("open {} {id}: {}", queue.name(), sys::errno_text(&error));
            return None;
        }
    }
    // Instead of throwing mail away when the system is out of resources, fail and be tried again.
    let file = spool
        .open(queue, &id)
        .unwrap_or_else(|error| log::fatal!("open {} {id}: {}", queue.name(), sys::errno_text(&error)));
    if let Err(error) = file.lock(Lock::Shared) {
        log::fatal!("shared lock {}: {}", spool.path(queue, &id).display(), sys::errno_text(&error));
    }
    Some(file)
}
