//! What command-line tools share: option parsing, set-up, exit codes.

pub mod getopt;
