//! local(8): delivers to UNIX users – aliases, .forward files, :include: lists, mailboxes, Maildirs, commands, files.
//!
//! ```text
//! recipient   the switch: alias, forwarder, .forward, mailbox, unknown      alias dotforward include  expansions
//! token       members of an expansion: /file |command :include: address    resolve  an address anew
//! mailbox file command unknown   ends of the way                           forward  resubmission to cleanup(8)
//! state       what is known about a delivery, handed down by value         setup    main.cf and tables
//! ```

mod alias;
mod command;
mod dotforward;
mod expand;
mod file;
mod forward;
mod include;
mod mailbox;
mod recipient;
mod setup;
mod state;
mod token;
mod unknown;

use std::cell::RefCell;
use std::process::ExitCode;

use daemon::Context;
use delivery::{Delivery, Fate};
use mail::duplicates::Filter;

use crate::forward::Forwards;
use crate::setup::Local;
use crate::state::{Job, State};

fn main() -> ExitCode {
    daemon::agent("local")
        .privileged()
        .parameters(&setup::parameters())
        .before_jail(setup::open)
        .watch(|local| local.changed().map(str::to_owned))
        .serve(session)
}

fn session(cx: &mut Context<Local>, stream: net::Stream) {
    if let Some(argument) = cx.args.first() {
        log::fatal!("unexpected command-line argument: {argument}");
    }
    let local = &cx.state;
    let service = cx.service.as_str();
    delivery::serve(&local.agent, stream, |delivery| deliver(local, service, delivery));
}

/// Delivers one message to the recipients of a request, one after another.
fn deliver(local: &Local, service: &str, delivery: &Delivery<'_>) {
    let delivered_to = delivery::loops::delivered_to(delivery);
    let limit = usize::try_from(local.duplicate_filter_limit).unwrap_or(usize::MAX);
    for recipient in &delivery.request.recipients {
        let job = Job {
            local,
            delivery,
            service,
            delivered_to: &delivered_to,
            seen: RefCell::new(Filter::new(limit, true)),
            forwards: RefCell::new(Forwards::default()),
        };
        let fate = recipient::deliver(&job, State::new(delivery, recipient));
        let fate = forward::finish(&job, State::new(delivery, recipient), fate);
        let _: Fate = delivery.settle(recipient, fate);
    }
}
