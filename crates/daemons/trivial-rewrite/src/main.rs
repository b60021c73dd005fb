//! trivial-rewrite(8): brings addresses to canonical form, and finds where mail for them goes.
//! Clients: cleanup and smtpd for the first, the queue manager and smtpd for the second.

mod plan;
mod resolve;
mod rewrite;
mod session;
mod setup;
mod transport;

use daemon::Context;
use ipc::Peer;
use setup::Engines;
use std::process::ExitCode;

fn main() -> ExitCode {
    daemon::sessions("trivial-rewrite")
        .parameters(&setup::parameters())
        .many()
        .before_jail(|cx| setup::open(cx.config))
        .watch(|engines| engines.resolver.changed().map(str::to_owned))
        .serve(session)
}

fn session(cx: &Context<Engines>, stream: net::Stream) {
    let mut peer = Peer::from(stream);
    if let Err(error) = session::serve(&cx.state, &mut peer) {
        log::warning!("rewrite client: {}", sys::errno_text(&error));
    }
}
