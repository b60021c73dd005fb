//! What command-line tools share: option parsing, set-up, exit codes.
//!
//! ```no_run
//! use std::process::ExitCode;
//!
//! const HELP: &str = "postcat [-v] file...\nShows queue files.";
//!
//! fn main() -> ExitCode {
//!     command::begin("postcat", HELP);
//!     let parsed = command::options("vc:", "usage: postcat [-v] file...");
//!     let config = command::configure("postcat", parsed.value('c'));
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
pub use setup::{begin, configure, enter_queue_directory, identity, options, options_or, spool};
