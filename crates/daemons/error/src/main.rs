//! error(8) and retry(8): the agents that return or keep every recipient, because the next hop of
//! a request is the reason why.
//!
//! As service `error` recipients are returned as undeliverable, as service `retry` they stay in
//! the queue. The queue manager uses `retry` for mail to destinations that it rests.

use std::process::ExitCode;

use config::ConfigError;
use config::params::DEFAULT_DELIVERY_STATUS_FILTER;
use daemon::Context;
use delivery::{Agent, Delivery, Outcome, Status};

enum Verdict {
    Bounce,
    Defer,
}

struct State {
    agent: Agent,
    verdict: Verdict,
}

fn main() -> ExitCode {
    daemon::sessions("error")
        .parameters(&delivery::agent::parameters())
        .before_jail(|cx| {
            let verdict = match cx.service.as_str() {
                "error" => Verdict::Bounce,
                "retry" => Verdict::Defer,
                other => {
                    let what = format!("service name \"{other}\" is neither \"error\" nor \"retry\"");
                    return Err(ConfigError::new(what));
                }
            };
            Ok(State { agent: Agent::open(cx.config, DEFAULT_DELIVERY_STATUS_FILTER.name())?, verdict })
        })
        .serve(session)
}

fn session(cx: &Context<State>, stream: net::Stream) {
    delivery::serve(&cx.state.agent, stream, |request| settle(&cx.state.verdict, request));
}

fn settle(verdict: &Verdict, request: &Delivery<'_>) {
    let default = match verdict {
        Verdict::Bounce => Status::new(5, 0, 0),
        Verdict::Defer => Status::new(4, 0, 0),
    };
    let why = Outcome::from_text(default, &request.nexthop);
    for recipient in &request.recipients {
        // What becomes of the recipient is in the request's own account.
        let _ = match verdict {
            Verdict::Bounce => request.bounced(recipient, b"none", &why),
            Verdict::Defer => request.deferred(recipient, b"none", &why),
        };
    }
}
