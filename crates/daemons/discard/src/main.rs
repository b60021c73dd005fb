//! discard(8): the agent that says "sent" and delivers nowhere. The next hop of a request is the
//! text that the log gives as the reason.

use std::process::ExitCode;

use config::params::DEFAULT_DELIVERY_STATUS_FILTER;
use daemon::Context;
use delivery::{Agent, Outcome, Status};

fn main() -> ExitCode {
    daemon::sessions("discard")
        .parameters(&delivery::agent::parameters())
        .before_jail(|cx| Agent::open(cx.config, DEFAULT_DELIVERY_STATUS_FILTER.name()))
        .serve(session)
}

fn session(cx: &Context<Agent>, stream: net::Stream) {
    delivery::serve(&cx.state, stream, |request| {
        let why = Outcome::from_text(Status::SENT, &request.nexthop);
        for recipient in &request.recipients {
            // What becomes of the recipient is in the request's own account.
            let _ = request.sent(recipient, b"none", &why);
        }
    });
}
