//! postlock(1): runs a command while a mailbox file is locked the way local(8) locks it.

mod lock;

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, ExitCode};

use config::params::*;

const USAGE: &str = "usage: postlock [-c config_dir] [-l lock_style] [-v] folder command...";

fn cli() -> clap::Command {
    cli::table("postlock", "Runs a command while a mailbox is locked.").args([
        cli::config_dir(),
        cli::value('l', "style", "lock_style", "how to lock, instead of mailbox_delivery_lock"),
        cli::verbose(),
        cli::operand("folder", "the mailbox file"),
        cli::operands("command", "a program and its arguments").required(true),
    ])
}

fn main() -> ExitCode {
    cli::begin("postlock", cli);
    log::set_fatal_status(TEMPORARY);
    let options = cli::parse_or_exit(cli, TEMPORARY, USAGE);
    let folder = cli::text(&options, "folder").unwrap_or_default();
    let command = cli::texts(&options, "command");
    let config = command::configure("postlock", cli::text(&options, "config_dir"));
    let styles = match cli::text(&options, "style") {
        Some(styles) => styles.to_string_lossy().into_owned(),
        None => config.get(MAILBOX_DELIVERY_LOCK).to_owned(),
    };
    let patience = lock::Patience {
        attempts: u32::try_from(config.get(DELIVER_LOCK_ATTEMPTS)).unwrap_or(1),
        delay: config.get(DELIVER_LOCK_DELAY),
        stale: config.get(STALE_LOCK_TIME),
    };
    let held = match lock::take(Path::new(folder), &styles, &patience) {
        Ok(held) => held,
        Err(complaint) => log::fatal_status!(TEMPORARY, "{complaint}"),
    };
    let status = run(&command);
    // Before anything ends this process: a lock file left behind would stop deliveries.
    drop(held);
    match status {
        Ok(status) => ExitCode::from(status),
        Err(complaint) => log::fatal_status!(1, "{complaint}"),
    }
}

/// The exit status for trouble of our own: EX_TEMPFAIL.
const TEMPORARY: i32 = 75;

fn run(command: &[&OsStr]) -> Result<u8, String> {
    let Some((program, arguments)) = command.split_first() else { return Ok(0) };
    match Command::new(program).args(arguments).status() {
        Ok(status) => Ok(match status.code() {
            Some(code) => u8::try_from(code).unwrap_or(u8::MAX),
            None => {
                let signal = status.signal().unwrap_or_default();
                log::warning!("command {} killed by signal {signal}", program.to_string_lossy());
                75
            }
        }),
        Err(error) => {
            let name = String::from_utf8_lossy(program.as_bytes()).into_owned();
            Err(format!("execvp {name}: {}", sys::errno_text(&error)))
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_options_are_the_references() {
        super::cli().debug_assert();
        assert_eq!(cli::letters(&super::cli()), "c:l:v");
    }
}
