//! postlock(1): runs a command while a mailbox file is locked the way local(8) locks it.

mod lock;

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, ExitCode};

use config::params::*;

const HELP: &str = "postlock [-c config_dir] [-l lock_style] [-v] file command...\nRuns a command while a mailbox is locked.";
const USAGE: &str = "usage: postlock [-c folder] [-l lock_style] [-v] folder command...";

fn main() -> ExitCode {
    command::begin("postlock", HELP);
    let options = command::options_or("c:l:v", |error| {
        log::warning!("{error}");
        log::fatal_status!(TEMPORARY, "{USAGE}")
    });
    let Some(((folder, program), arguments)) = options
        .operands
        .split_first()
        .and_then(|(folder, rest)| rest.split_first().map(|(p, a)| ((folder, p), a)))
    else {
        log::fatal_status!(TEMPORARY, "{USAGE}")
    };
    let config = command::configure("postlock", options.value('c'));
    let styles = match options.value('l') {
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
    let status = run(program, arguments);
    drop(held);
    ExitCode::from(status)
}

/// The exit status for trouble of our own: EX_TEMPFAIL.
const TEMPORARY: i32 = 75;

fn run(program: &OsString, arguments: &[OsString]) -> u8 {
    match Command::new(program).args(arguments).status() {
        Ok(status) => match status.code() {
            Some(code) => u8::try_from(code).unwrap_or(u8::MAX),
            None => {
                let signal = status.signal().unwrap_or_default();
                log::warning!("command {} killed by signal {signal}", program.to_string_lossy());
                75
            }
        },
        Err(error) => {
            let name = String::from_utf8_lossy(program.as_bytes()).into_owned();
            log::fatal_status!(TEMPORARY, "{name}: {}", sys::errno_text(&error))
        }
    }
}
