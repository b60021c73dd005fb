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
mod generic;
mod hello;
mod job;
mod lookup;
mod message;
mod pool;
mod session;
mod settings;
mod state;
mod transfer;
mod trouble;
mod xforward;

use std::process::ExitCode;

use daemon::Context;
use state::State;

fn main() -> ExitCode {
    let name = if settings::is_lmtp() { "lmtp" } else { "smtp" };
    daemon::sessions(name)
        .parameters(&settings::parameters(settings::is_lmtp()))
        .before_jail(State::open)
        .watch(State::changed)
        .serve(session)
}

/// Serves the requests of one queue manager connection.
fn session(cx: &Context<State>, stream: net::Stream) {
    delivery::serve(&cx.state.agent, stream, |delivery| connect::deliver(&cx.state, delivery));
}
