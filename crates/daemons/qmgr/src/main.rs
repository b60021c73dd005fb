//! qmgr(8): takes mail from the incoming and deferred queues, and sees to its delivery by
//! delivery agents: which message, which recipients, how many at once, and what becomes of it.
//!
//! ```text
//! manager     the whole, and a turn of its loop    reactor   descriptors and deadlines
//! trigger     what others ask for                  scan      runs over queue directories
//! active      a message's way in and out           envelope  reading queue files
//! message     a message in memory                  assign    recipients to destinations
//! resolve     asking where mail goes               transport queue entry   what waits where
//! schedule    who is next                          feedback  how windows move
//! agent       talking to delivery agents           call defer   results and notices
//! ```

mod active;
mod agent;
mod assign;
mod call;
mod connection;
mod defer;
mod entry;
mod envelope;
mod feedback;
mod manager;
mod message;
mod queue;
mod reactor;
mod remover;
mod resolve;
mod scan;
mod schedule;
mod settings;
mod slab;
mod transport;
mod trigger;

use std::process::ExitCode;

use daemon::{Context, EventLoop, Happening};

use crate::manager::Manager;
use crate::reactor::Reactor;

fn main() -> ExitCode {
    daemon::events("qmgr").parameters(&settings::parameters()).solitary().before_jail(|_| Ok(())).run(work)
}

fn work(context: Context<()>, events: EventLoop) -> ExitCode {
    if let Some(argument) = context.args.first() {
        log::fatal!("unexpected command-line argument: {argument}");
    }
    let mut manager = Manager::new(context.config, Reactor::new(events));
    let mut happenings = Vec::new();
    loop {
        let busy = manager.turn();
        if let Err(error) = manager.reactor.wait(busy, &mut happenings) {
            log::fatal!("event loop: {}", sys::errno_text(&error));
        }
        for happening in happenings.drain(..) {
            if matches!(happening, Happening::MasterGone) {
                // Deliveries that agents have begun go on; the next process takes the rest over.
                return ExitCode::SUCCESS;
            }
            manager.on_happening(happening);
        }
        manager.on_time();
    }
}
