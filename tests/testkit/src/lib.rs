//! Private mail system instances for black-box tests, the demo and the benchmark.
//!
//! An [`Instance`] is a mail system of its own: configuration, queue and data directories below
//! one folder, loopback ports of its own. Its [`Subject`] says whose programs run: ours, or a
//! reference Postfix where one is installed. Everything is driven from outside, through
//! commands, sockets and files, so that both can be held to the same test.
//!
//! Only the standard library, so that nothing of the system under test is in the tester.

mod client;
mod instance;
mod sink;
mod stage;
mod tls;
mod wait;

pub use client::{Client, Reply};
pub use instance::{Instance, Log, Output, Setup, free_port};
pub use sink::{Received, Sink};
pub use stage::{Subject, Who, is_root, ours, reference, references, stage, subjects, use_programs};
pub use tls::{Certificate, TlsClient, certificate};
pub use wait::{LIMIT, eventually, wait_for};

/// Says that a test was not run, and why, on a line of its own.
pub fn skipped(reason: &str) {
    println!("skipped: {reason}");
}
