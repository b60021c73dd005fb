//! smtp-source(1): sends test mail as fast as a server takes it, over any number of connections at once.
//!
//! One thread runs each session as straight-line code; messages come from one common counter. Messages, commands and
//! their order are the reference's, so that figures made with either tool compare.

mod message;
mod options;
mod session;

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use session::Run;

const SESSION_STACK: usize = 128 * 1024;

fn main() -> ExitCode {
    cli::answer(options::cli);
    log::init_early("smtp-source", log::Kind::Command);
    let options = options::from_command_line(std::env::args_os().skip(1));
    let run = Arc::new(Run {
        message: message::Message::new(&options),
        left: AtomicU64::new(options.messages),
        sent: AtomicU64::new(0),
        options,
    });
    let sessions: Vec<_> = (0..run.options.sessions)
        .map(|number| {
            let run = Arc::clone(&run);
            let spawned = std::thread::Builder::new()
                .name(format!("session {number}"))
                .stack_size(SESSION_STACK)
                .spawn(move || session::run(&run, number));
            spawned.unwrap_or_else(|error| {
                log::fatal!("cannot start session {number}: {}", sys::errno_text(&error))
            })
        })
        .collect();
    let mut failed = false;
    for session in sessions {
        failed |= session.join().is_err();
    }
    if run.options.count {
        println!();
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
