//! Starting and stopping.

use std::os::unix::process::CommandExt;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use config::params::MULTI_INSTANCE_DIRECTORIES;
use sys::signal::{HUP, KILL, TERM};

use crate::check;
use crate::instance::Instance;

/// Says that the next start need not look through the queue.
const QUICK_START: &str = "quick-start";

/// `start`, and `start-fg`, which becomes the master itself.
pub fn start(instance: &Instance, foreground: bool) -> ExitCode {
    if instance.master().is_some() {
        log::fatal!("the Postfix mail system is already running");
    }
    if std::fs::remove_file(QUICK_START).is_err() {
        if !check::fatal(instance) {
            log::fatal!("Postfix integrity check failed!");
        }
        check::warn(instance);
    }
    if foreground && !instance.config.get(MULTI_INSTANCE_DIRECTORIES).trim().is_empty() {
        log::fatal!("start-fg does not support multi_instance_directories");
    }
    log::info!("starting the Postfix mail system");
    let mut master = instance.master_command();
    if foreground {
        // Signals then reach the master itself, whoever supervises this process.
        let error = master.arg(if sys::proc::pid() == 1 { "-i" } else { "-s" }).exec();
        log::fatal!("cannot start-fg the master daemon: {}", sys::errno_text(&error));
    }
    match master.arg("-w").status() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        _ => log::fatal!("mail system startup failed"),
    }
}

/// `stop`: asks, waits five seconds, then insists.
pub fn stop(instance: &Instance) -> ExitCode {
    let pid = running(instance);
    log::info!("stopping the Postfix mail system");
    signal(pid, TERM);
    for _ in 0..5 {
        if wait_for_end(instance, Duration::from_secs(1)) {
            return ExitCode::SUCCESS;
        }
        log::info!("waiting for the Postfix mail system to terminate");
    }
    log::warning!("stopping the Postfix mail system with force");
    // The whole group: the master runs in one of its own.
    signal(-pid, KILL);
    wait_for_end(instance, Duration::from_secs(1));
    ExitCode::SUCCESS
}

/// `quick-stop`: the next start trusts the queue.
pub fn quick_stop(instance: &Instance) -> ExitCode {
    let done = stop(instance);
    if let Err(error) = std::fs::write(QUICK_START, "") {
        log::warning!("{QUICK_START}: {}", sys::errno_text(&error));
    }
    done
}

/// `abort`: asks, and does not wait.
pub fn abort(instance: &Instance) -> ExitCode {
    let pid = running(instance);
    log::info!("aborting the Postfix mail system");
    signal(pid, TERM);
    ExitCode::SUCCESS
}

/// `drain`: only the master goes, at once; the others finish what they do.
pub fn drain(instance: &Instance) -> ExitCode {
    let pid = running(instance);
    log::info!("stopping the Postfix mail system");
    signal(pid, KILL);
    ExitCode::SUCCESS
}

/// `reload`: mail in delivery is looked at anew, then the master reads its files, then the queue is put in order.
pub fn reload(instance: &Instance) -> ExitCode {
    let pid = running(instance);
    log::info!("refreshing the Postfix mail system");
    check::repair(instance, &["active"]);
    signal(pid, HUP);
    if let Err(error) = instance.command("postsuper").spawn() {
        log::warning!("postsuper: {}", sys::errno_text(&error));
    }
    ExitCode::SUCCESS
}

/// `flush`: tries to deliver all deferred mail.
pub fn flush(instance: &Instance) -> ExitCode {
    match instance.command("postqueue").arg("-f").status() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        // Its status says what kind of trouble it is.
        Ok(status) => ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)),
        Err(error) => log::fatal!("postqueue: {}", sys::errno_text(&error)),
    }
}

/// `status`
pub fn status(instance: &Instance) -> ExitCode {
    match instance.master() {
        Some(pid) => {
            log::info!("the Postfix mail system is running: PID: {pid}");
            ExitCode::SUCCESS
        }
        None => {
            log::info!("the Postfix mail system is not running");
            ExitCode::FAILURE
        }
    }
}

fn running(instance: &Instance) -> i32 {
    match instance.master() {
        Some(pid) => pid,
        None => log::fatal!("the Postfix mail system is not running"),
    }
}

fn signal(pid: i32, number: i32) {
    if let Err(error) = sys::proc::kill(pid, number) {
        log::warning!("signal process {pid}: {}", sys::errno_text(&error));
    }
}

fn wait_for_end(instance: &Instance, limit: Duration) -> bool {
    let end = Instant::now() + limit;
    loop {
        if instance.master().is_none() {
            return true;
        }
        if Instant::now() >= end {
            return false;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}
