//! The black-box suite: private instances, real clients, one test binary.
//!
//! Each test runs against our programs (without root, and as root where the machine has the
//! accounts), and against the reference Postfix where one is installed.

#[path = "suite/bounces.rs"]
mod bounces;
#[path = "suite/cleanup.rs"]
mod cleanup;
#[path = "suite/cross_tls.rs"]
mod cross_tls;
#[path = "suite/dane.rs"]
mod dane;
#[path = "suite/databases.rs"]
mod databases;
#[path = "suite/finger.rs"]
mod finger;
#[path = "suite/help.rs"]
mod help;
#[path = "suite/layering.rs"]
mod layering;
#[path = "suite/local.rs"]
mod local;
#[path = "suite/mailbox.rs"]
mod mailbox;
#[path = "suite/mixed.rs"]
mod mixed;
#[path = "suite/queue_tools.rs"]
mod queue_tools;
#[path = "suite/relay.rs"]
mod relay;
#[path = "suite/rewriting.rs"]
mod rewriting;
#[path = "suite/scheduling.rs"]
mod scheduling;
#[path = "suite/server.rs"]
mod server;
#[path = "suite/servers.rs"]
mod servers;
#[path = "suite/submission.rs"]
mod submission;
#[path = "suite/supervisor.rs"]
mod supervisor;
#[path = "suite/tables.rs"]
mod tables;
#[path = "suite/takeover.rs"]
mod takeover;
#[path = "suite/tls.rs"]
mod tls;
#[path = "suite/tls_access.rs"]
mod tls_access;
#[path = "suite/tls_attacks.rs"]
mod tls_attacks;
#[path = "suite/tls_config.rs"]
mod tls_config;
#[path = "suite/tls_kit.rs"]
mod tls_kit;
#[path = "suite/tls_matrix.rs"]
mod tls_matrix;
#[macro_use]
#[path = "suite/tls_server.rs"]
mod tls_server;
#[path = "suite/tls_tool.rs"]
mod tls_tool;

use testkit::Subject;

/// Runs a test for every subject, naming each; `FERROPOST_SUBJECTS` picks some by a part of
/// their names.
pub fn each(test: impl Fn(Subject)) {
    let wanted = std::env::var("FERROPOST_SUBJECTS").unwrap_or_default();
    let mut ran = 0;
    for subject in testkit::subjects() {
        if !wanted.is_empty() && !format!("{subject:?}").contains(&wanted) {
            continue;
        }
        println!("subject: {subject:?}");
        test(subject);
        ran += 1;
    }
    if ran == 0 {
        testkit::skipped("no such subject here");
    }
}
