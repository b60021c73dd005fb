//! `logrotate`: sets the log file aside under a dated name, has a new one begun, and compresses the old.

use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Duration;

use config::params::*;

use crate::instance::Instance;

/// Rotates `maillog_file`.
pub fn run(instance: &Instance, arguments: &[String]) -> ExitCode {
    if !arguments.is_empty() {
        log::fatal!("usage postfix logrotate (no arguments)");
    }
    let config = instance.config;
    let value = |name: &str, value: &'static str| -> &'static str {
        if value.is_empty() {
            log::fatal!("empty '{name}' parameter value - logfile rotation failed");
        }
        value
    };
    let file = value("maillog_file", config.get(MAILLOG_FILE));
    let compressor = value("maillog_file_compressor", config.get(MAILLOG_FILE_COMPRESSOR));
    let suffix = value("maillog_file_rotate_suffix", config.get(MAILLOG_FILE_ROTATE_SUFFIX));
    if file.starts_with("/dev/") {
        log::fatal!("not rotating '{file}'");
    }
    if let Err(error) = rotate(instance, file, compressor, suffix) {
        log::fatal!("logfile '{file}' rotation failed: {error}");
    }
    ExitCode::SUCCESS
}

fn rotate(instance: &Instance, file: &str, compressor: &str, suffix: &str) -> Result<(), String> {
    let date =
        Command::new("date").arg(format!("+{suffix}")).output().map_err(|error| sys::errno_text(&error))?;
    if !date.status.success() {
        return Err(String::from_utf8_lossy(&date.stderr).trim().to_owned());
    }
    let old = format!("{file}.{}", String::from_utf8_lossy(&date.stdout).trim());
    if Path::new(&old).exists() {
        return Err(format!("{old} exists"));
    }
    std::fs::rename(file, &old).map_err(|error| sys::errno_text(&error))?;
    if let Some(pid) = instance.master() {
        sys::proc::kill(pid, sys::signal::HUP).map_err(|error| sys::errno_text(&error))?;
        // postlogd writes to the old file until it has noticed.
        std::thread::sleep(Duration::from_secs(1));
    }
    let done = Command::new(compressor)
        .arg(&old)
        .output()
        .map_err(|error| format!("{compressor}: {}", sys::errno_text(&error)))?;
    if done.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&done.stderr).trim().to_owned()) }
}
