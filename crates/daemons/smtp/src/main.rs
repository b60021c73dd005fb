//! smtp(8), lmtp(8): delivers mail to other hosts by SMTP, or to local servers by LMTP.
//!
//! One request of the queue manager is one next hop with some recipients. The way of a request: `connect` walks over the
//! hosts that `lookup` finds for the next hop; `hello` opens an SMTP session with each, with TLS where policy wants it;
//! `transfer` delivers over it; `trouble` decides what a failure means for the recipients that are left. Sessions that may
//! serve another request wait in `pool`.

mod chat;
mod checks;
mod connect;
mod destination;
mod features;
mod generic;
mod hello;
mod job;
mod lookup;
mod message;
mod pool;
mod require_tls;
mod session;
mod settings;
mod state;
mod transfer;
mod trouble;
mod xforward;

use std::process::ExitCode;

use daemon::Context;
use state::State;

/// Sessions in one process. Whatever kills it leaves open which servers have a whole message already: those get it again.
/// Repeats for each kill of an smtp or qmgr process at 66 messages a second, receiver's delay 25 ms: 5 sessions 0.93, 1
/// session 0.23 (Postfix: 0.28). More sessions save no time that `xtask bench` could see: the queue manager keeps its
/// connections.
const SESSIONS: usize = 1;

fn main() -> ExitCode {
    let name = if settings::is_lmtp() { "lmtp" } else { "smtp" };
    daemon::sessions(name)
        .parameters(&settings::parameters(settings::is_lmtp()))
        .at_most(SESSIONS)
        .before_jail(State::open)
        .watch(State::changed)
        .serve(session)
}

/// Serves the requests of one queue manager connection.
fn session(cx: &Context<State>, stream: net::Stream) {
    delivery::serve(&cx.state.agent, stream, |delivery| connect::deliver(&cx.state, delivery));
}
