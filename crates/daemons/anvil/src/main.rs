//! anvil(8): counts what clients do, for all servers of the machine together: connections now, and connections,
//! messages, recipients, new TLS sessions and AUTH commands in a time. What the limits are is the servers' affair.
//!
//! One thread serves all servers: a session that idles costs one descriptor here, not a thread.

mod clients;
mod peaks;
mod serve;

use std::process::ExitCode;

use config::params::{ANVIL_RATE_TIME_UNIT, ANVIL_STATUS_UPDATE_TIME, MAX_IDLE};

fn main() -> ExitCode {
    daemon::events("anvil")
        .parameters(&[ANVIL_RATE_TIME_UNIT.into(), ANVIL_STATUS_UPDATE_TIME.into(), MAX_IDLE.into()])
        .solitary()
        .before_jail(|_| Ok(()))
        .run(|cx, events| serve::run(cx.config, events))
}
