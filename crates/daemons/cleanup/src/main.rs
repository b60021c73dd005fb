//! cleanup(8): takes a message from smtpd, pickup, bounce or local, completes it, and puts it into the queue.
//!
//! A client sends records: envelope, content, what was found behind the content. On the way to the queue file the
//! addresses are brought to canonical form and mapped, missing headers are added, content is checked. The answer is
//! sent when the file is on disk, and not before.

mod actions;
mod addresses;
mod attributes;
mod bounce;
mod content;
mod envelope;
mod extracted;
mod finish;
mod headers;
mod mapping;
mod message;
mod missing;
mod output;
mod recipients;
mod session;
mod setup;
mod waker;

use std::process::ExitCode;

fn main() -> ExitCode {
    daemon::sessions("cleanup")
        .parameters(&setup::parameters())
        .unlimited()
        .before_jail(|cx| setup::open(cx.config))
        .watch(|service| service.changed().map(str::to_owned))
        .serve(session::serve)
}
