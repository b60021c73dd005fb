//! showq(8): lists the mail queue for postqueue(1) and mailq(1).
//!
//! Reads what the queue manager is working on at the same time: files may vanish, change queue or
//! be damaged while they are read. Such a file is left out or cut short; the listing goes on.

mod report;

use config::params::{
    DUPLICATE_FILTER_LIMIT, ENABLE_LONG_QUEUE_IDS, HASH_QUEUE_DEPTH, HASH_QUEUE_NAMES,
    INFO_LOG_ADDRESS_FORMAT,
};
use daemon::Context;
use ipc::Peer;
use ipc::showq::{Item, PROTOCOL};
use spool::{Queue, Ready, Spool};
use std::io;
use std::process::ExitCode;

fn main() -> ExitCode {
    daemon::sessions("showq")
        .parameters(&[
            DUPLICATE_FILTER_LIMIT.into(),
            ENABLE_LONG_QUEUE_IDS.into(),
            HASH_QUEUE_DEPTH.into(),
            HASH_QUEUE_NAMES.into(),
            INFO_LOG_ADDRESS_FORMAT.into(),
        ])
        .before_jail(|setup| {
            if let Some(argument) = setup.args.first() {
                return Err(config::ConfigError::new(format!(
                    "unexpected command-line argument: {argument}"
                )));
            }
            let config = setup.config;
            let (names, depth) = (config.get(HASH_QUEUE_NAMES), config.get(HASH_QUEUE_DEPTH));
            Ok(Spool::new(names, depth, config.get(ENABLE_LONG_QUEUE_IDS)))
        })
        .serve(session)
}

/// The queues that hold mail, in the order of the listing.
const QUEUES: [Queue; 5] = [Queue::Maildrop, Queue::Active, Queue::Incoming, Queue::Deferred, Queue::Hold];

fn session(context: &Context<Spool>, stream: net::Stream) {
    let mut peer = Peer::from(stream);
    // A reader that has seen enough closes; that is no trouble.
    if let Err(error) = list(context, &mut peer) {
        log::debug!("client: {}", sys::errno_text(&error));
    }
}

fn list(context: &Context<Spool>, peer: &mut Peer) -> io::Result<()> {
    peer.announce(PROTOCOL)?;
    let spool = &context.state;
    let style = report::Style {
        seen_limit: usize::try_from(context.config.get(DUPLICATE_FILTER_LIMIT)).unwrap_or(0),
        external: context.config.get(INFO_LOG_ADDRESS_FORMAT) == "external",
    };
    for queue in QUEUES {
        for found in spool.scan(queue) {
            let id = match found {
                Ok(found) => found.id,
                Err(error) => {
                    log::warning!("open directory {queue}: {}", sys::errno_text(&error));
                    break;
                }
            };
            if let Ok(Ready::Yes { length, .. }) = spool.ready(queue, &id) {
                report::message(spool, queue, &id, length, &style, peer)?;
            }
        }
    }
    peer.send(&Item::End)
}
