//! smtpd(8): receives mail over SMTP, and hands it to cleanup(8).
//!
//! ```text
//! setup        what is opened before the jail     session   one client, from greeting to log line
//! client       who that is, by address and name   chat      lines in, replies out, their history
//! commands/    one row and one function each      check/    restrictions: one row and one function each
//! old_defaults notices about defaults to come
//! transaction  one message's envelope             queue     its records on their way to cleanup
//! content      what follows DATA and BDAT         received  our own header
//! limits       counts and rates, with anvil(8)    notice    transcripts for the postmaster
//! ```
//!
//! A session is straight-line code on a thread of its own. `Err(End)` means that it is over.

#[macro_use]
mod text;
mod chat;
mod check;
mod client;
mod commands;
mod content;
mod errors;
mod limits;
mod notice;
mod old_defaults;
mod parameters;
mod queue;
mod received;
mod session;
mod setup;
mod transaction;

use std::process::ExitCode;

fn main() -> ExitCode {
    daemon::sessions("smtpd")
        .parameters(&parameters::all())
        .before_jail(setup::open)
        .watch(setup::Server::changed)
        .serve(session::serve)
}
