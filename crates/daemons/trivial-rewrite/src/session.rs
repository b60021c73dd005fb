//! One client: requests and replies until it closes.

use crate::rewrite::Context;
use crate::setup::Engines;
use bstr::ByteSlice;
use ipc::Peer;
use ipc::rewrite::{PROTOCOL, Request, Rewritten};
use std::io;
use std::time::{Duration, Instant};

/// How often a connection looks whether tables have changed.
const LOOK: Duration = Duration::from_secs(1);

/// Serves a client to the end of its connection.
pub fn serve(engines: &Engines, peer: &mut Peer) -> io::Result<()> {
    peer.announce(PROTOCOL)?;
    let mut looked = Instant::now();
    while let Some(request) = peer.next_message()? {
        // Clients keep connections for long: one that asks again gets its answer from a process with new tables.
        if looked.elapsed() >= LOOK {
            if engines.resolver.changed().is_some() {
                return Ok(());
            }
            looked = Instant::now();
        }
        match request {
            Request::Rewrite { rule, address } => {
                let Some(context) = context(engines, &rule) else {
                    log::warning!("unknown context: {rule}");
                    return Ok(());
                };
                let canonical = engines.resolver.rules.rewrite(context, &address);
                log::debug!("`{rule}' `{address}' -> `{canonical}'");
                peer.send(&Rewritten { server_flags: 0, address: canonical })?;
            }
            Request::Resolve { verify, sender, address } => {
                let resolver = &engines.resolver;
                let plan = if verify { &resolver.probe } else { &resolver.regular };
                let answer = resolver.resolve(plan, &sender, &address);
                log::debug!(
                    "`{sender}' -> `{address}' -> transp=`{}' host=`{}' rcpt=`{}' flags={:#x}",
                    answer.transport,
                    answer.nexthop,
                    answer.recipient,
                    answer.flags
                );
                peer.send(&answer)?;
            }
        }
    }
    Ok(())
}

/// The names that clients call the contexts by.
fn context<'a>(engines: &'a Engines, rule: &[u8]) -> Option<&'a Context> {
    match rule.as_bstr().as_bytes() {
        b"local" => Some(&engines.resolver.context),
        b"remote" => Some(&engines.remote),
        _ => None,
    }
}
