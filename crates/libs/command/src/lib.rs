//! What command-line tools share: option parsing, set-up, exit codes. `cli` adds tables of
//! options for all but the set-gid ones.
//!
//! ```no_run
//! use std::process::ExitCode;
//!
//! const HELP: &str = "postqueue -p [-v]\nLists the queue.";
//!
//! fn main() -> ExitCode {
//!     command::begin("postqueue");
//!     command::answer("postqueue", HELP);
//!     let parsed = command::options("c:pv", "usage: postqueue -p");
//!     let config = command::configure("postqueue", parsed.value('c'));
//!     command::enter_queue_directory(config);
//!     ExitCode::SUCCESS
//! }
//! ```

pub mod access;
pub mod environment;
pub mod exit;
pub mod getopt;
mod setup;

pub use getopt::Options;
pub use setup::{
    answer, begin, configure, enter_queue_directory, identity, options, options_or, spool, version,
};
