//! trivial-rewrite(8): brings addresses to canonical form, and finds where mail for them goes.
//! Clients: cleanup and smtpd for the first, the queue manager and smtpd for the second.

mod plan;
mod resolve;
mod rewrite;
mod session;
mod setup;
mod transport;

fn main() {}
