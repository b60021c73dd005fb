//! postlogd(8): writes the log lines of all programs to `maillog_file`.
//!
//! Lines come as datagrams on the public `postlog` socket. Each wake-up takes all that wait and appends
//! them with one write. While the file does not take them they are dropped and counted: a full disk must
//! not stop the mail system, which waits for room in the socket.

mod file;
mod record;

use std::io;
use std::os::unix::net::UnixDatagram;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use config::params::*;
use config::{Config, ConfigError};
use daemon::{Context, EventLoop, Happening, Setup};
use ipc::postlog::LINE_MAX;

use file::LogFile;

/// Datagrams taken before they are written, so that memory stays bounded and lines appear in time.
const BATCH: usize = 1000;

/// The file, or `None` when `maillog_file` is empty: then lines of programs that have not noticed yet go to syslog.
type State = Option<Arc<Mutex<LogFile>>>;

fn main() -> ExitCode {
    daemon::events("postlogd")
        .parameters(&[
            MAILLOG_FILE.into(),
            MAILLOG_FILE_PREFIXES.into(),
            MAILLOG_FILE_PERMISSIONS.into(),
            MAX_IDLE.into(),
        ])
        .solitary()
        .before_jail(open)
        .run(serve)
}

fn open(setup: &Setup) -> Result<State, ConfigError> {
    if let Some(argument) = setup.args.first() {
        return Err(ConfigError::new(format!("unexpected command-line argument: {argument}")));
    }
    let cf: &'static Config = setup.config;
    let path = cf.get(MAILLOG_FILE);
    if path.is_empty() {
        return Ok(None);
    }
    file::check_prefix(path, cf.get(MAILLOG_FILE_PREFIXES)).map_err(ConfigError::new)?;
    let mode = u32::from_str_radix(cf.get(MAILLOG_FILE_PERMISSIONS), 8).unwrap_or(0o600);
    let file = LogFile::open(path, mode)
        .map_err(|error| ConfigError::new(format!("open logfile '{path}': {}", sys::errno_text(&error))))?;
    Ok(Some(Arc::new(Mutex::new(file))))
}

fn serve(context: Context<State>, mut events: EventLoop) -> ExitCode {
    if let Some(file) = &context.state {
        // From here on this process must not send to the socket that it reads.
        let file = file.clone();
        log::own_writer(move |record| append(&file, &[record, b"\n"].concat()));
    }
    let max_idle = context.config.get(MAX_IDLE);
    let mut happenings = Vec::new();
    let mut lines = Vec::with_capacity(32 * 1024);
    let mut last = Instant::now();
    loop {
        let limit = max_idle.saturating_sub(last.elapsed()).max(Duration::from_millis(1));
        if let Err(error) = events.wait(Some(limit), &mut happenings) {
            log::fatal!("event loop: {}", sys::errno_text(&error));
        }
        let leaving = happenings.iter().any(|happening| matches!(happening, Happening::MasterGone));
        let arrived = happenings.iter().any(|happening| matches!(happening, Happening::Datagrams));
        if arrived || leaving {
            last = Instant::now();
            if let Some(socket) = events.datagrams() {
                drain(socket, &context.state, &mut lines);
            }
        }
        if leaving || last.elapsed() >= max_idle {
            // What comes later waits in the socket, which master(8) keeps open, for the next process.
            return ExitCode::SUCCESS;
        }
    }
}

/// Takes what waits, and writes it.
fn drain(socket: &UnixDatagram, state: &State, lines: &mut Vec<u8>) {
    let mut buffer = [0; LINE_MAX];
    lines.clear();
    for _ in 0..BATCH {
        match socket.recv(&mut buffer) {
            Ok(length) => {
                let record = buffer.get(..length).unwrap_or_default();
                // A busy program puts several lines into a datagram.
                for line in record.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()) {
                    take(line, state, lines);
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => break,
        }
    }
    if let Some(file) = state {
        append(file, lines);
    }
}

fn take(line: &[u8], state: &State, lines: &mut Vec<u8>) {
    if state.is_some() {
        lines.extend_from_slice(&log::printable(line));
        lines.push(b'\n');
    } else if let Some((tag, text)) = record::split(line) {
        log::relay(tag, text);
    }
}

fn append(file: &Mutex<LogFile>, lines: &[u8]) {
    if lines.is_empty() {
        return;
    }
    // A poisoned lock means that another thread panicked in append(), which leaves the file as it was.
    file.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).append(lines);
}
