//! verify(8): remembers whether addresses accept mail, and finds out by sending a probe: a message that goes all the way
//! to the delivery agent, which asks the next host about the recipient and then sends nothing.

mod entry;
mod probe;
mod session;
mod store;

use config::params::*;
use daemon::Context;
use std::process::ExitCode;
use store::Store;

fn main() -> ExitCode {
    daemon::sessions("verify")
        .parameters(&[
            ADDRESS_VERIFY_MAP.into(),
            ADDRESS_VERIFY_SENDER.into(),
            ADDRESS_VERIFY_SENDER_TTL.into(),
            ADDRESS_VERIFY_POSITIVE_EXPIRE_TIME.into(),
            ADDRESS_VERIFY_POSITIVE_REFRESH_TIME.into(),
            ADDRESS_VERIFY_NEGATIVE_EXPIRE_TIME.into(),
            ADDRESS_VERIFY_NEGATIVE_REFRESH_TIME.into(),
            ADDRESS_VERIFY_NEGATIVE_CACHE.into(),
            ADDRESS_VERIFY_CACHE_CLEANUP_INTERVAL.into(),
            ADDRESS_VERIFY_PENDING_REQUEST_LIMIT.into(),
            SMTPUTF8_AUTODETECT_CLASSES.into(),
            CLEANUP_SERVICE_NAME.into(),
        ])
        .solitary()
        .many()
        .before_jail(|cx| {
            let store = cx.as_owner(|| Store::open(cx.config.get(ADDRESS_VERIFY_MAP)));
            Ok(session::Service::new(cx.config, store))
        })
        .serve(serve)
}

fn serve(cx: &Context<session::Service>, stream: net::Stream) {
    if let Some(unexpected) = cx.args.first() {
        log::fatal!("unexpected command-line argument: {unexpected}");
    }
    let mut peer = ipc::Peer::from(stream);
    if let Err(error) = session::serve(&cx.state, &mut peer) {
        log::warning!("verify client: {}", sys::errno_text(&error));
    }
}
