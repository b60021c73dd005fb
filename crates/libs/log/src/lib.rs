//! Log lines as Postfix writes them: to syslog, to the file that postlogd(8) keeps, or to a terminal.
//!
//! A program calls [`init_early`] first thing, and [`init`] once main.cf is read. After that the macros
//! `info! warning! error! fatal! bug! debug!` may be used from any thread: a line is one send, made
//! without a lock that another session could be holding for long, and names the calling thread's kernel
//! id (`postfix/smtpd[N]`), so that tools which pair a session's lines by N keep working.
//!
//! Lines that tools parse are built in [`lines`].

mod destination;
mod identity;
pub mod lines;
mod syslogd;
mod text;
mod wire;

use std::cell::Cell;
use std::fmt;
use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU32, Ordering};
use std::time::Duration;

pub use destination::{
    init, init_early, own_writer, relay, reopen, silence_stderr, straight_to_file, to_stderr,
};
pub use identity::{Fallback, Identity, Kind};
pub use text::{ascii_only, printable};

/// How bad it is. `Info` carries no label; the others are written `label: text`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// What happened.
    Info,
    /// Something an administrator may want to look at.
    Warning,
    /// A request failed.
    Error,
    /// The program cannot go on.
    Fatal,
    /// The program found a fault in itself.
    Panic,
}

impl Level {
    /// The word before the text.
    pub fn label(self) -> &'static str {
        match self {
            Level::Info => "info",
            Level::Warning => "warning",
            Level::Error => "error",
            Level::Fatal => "fatal",
            Level::Panic => "panic",
        }
    }
}

/// Logs what happened.
#[macro_export]
macro_rules! info { ($($arg:tt)*) => { $crate::write($crate::Level::Info, ::std::format_args!($($arg)*)) } }

/// Logs a `warning:`.
#[macro_export]
macro_rules! warning { ($($arg:tt)*) => { $crate::write($crate::Level::Warning, ::std::format_args!($($arg)*)) } }

/// Logs an `error:`.
#[macro_export]
macro_rules! error { ($($arg:tt)*) => { $crate::write($crate::Level::Error, ::std::format_args!($($arg)*)) } }

/// Logs `fatal:` and ends the process with status 1, or what [`set_fatal_status`] says (a daemon one second later, so
/// that a failing one is not a busy loop).
#[macro_export]
macro_rules! fatal { ($($arg:tt)*) => { $crate::fatal_exit($crate::fatal_status(), ::std::format_args!($($arg)*)) } }

/// Like [`fatal!`] with another exit status: `fatal_status!(EX_USAGE, "usage: …")`.
#[macro_export]
macro_rules! fatal_status { ($status:expr, $($arg:tt)*) => { $crate::fatal_exit($status, ::std::format_args!($($arg)*)) } }

/// Logs `panic:` and unwinds: a fault in the program itself. The session that hit it ends, the runtime decides what else does.
#[macro_export]
macro_rules! bug { ($($arg:tt)*) => { $crate::bug_unwind(::std::format_args!($($arg)*)) } }

/// Logs when the program or this session is verbose (`-v`, debug_peer_list). Arguments are not evaluated otherwise.
#[macro_export]
macro_rules! debug {
    ($($arg:tt)*) => { if $crate::verbose() > 0 { $crate::write($crate::Level::Info, ::std::format_args!($($arg)*)) } }
}

/// What [`bug!`] unwinds with, so that a runtime that catches it knows that it has been logged.
#[derive(Debug)]
pub struct Logged;

static VERBOSE: AtomicU32 = AtomicU32::new(0);
static ERRORS: AtomicBool = AtomicBool::new(false);

thread_local! {
    static SESSION_VERBOSE: Cell<u32> = const { Cell::new(0) };
    static LINE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// The verbosity that holds for this thread: the program's (`-v` count) plus the session's.
pub fn verbose() -> u32 {
    VERBOSE.load(Ordering::Relaxed).saturating_add(SESSION_VERBOSE.get())
}

/// Sets the program's verbosity: the number of `-v` options.
pub fn set_verbose(level: u32) {
    VERBOSE.store(level, Ordering::Relaxed);
}

/// Adds verbosity for this thread's session (debug_peer_list); 0 takes it back.
pub fn set_session_verbose(level: u32) {
    SESSION_VERBOSE.set(level);
}

/// Has anything been logged as `error:` or worse? A command's exit status may depend on it.
pub fn errors() -> bool {
    ERRORS.load(Ordering::Relaxed)
}

/// Logs a formatted text. The macros are the usual way in.
pub fn write(level: Level, text: fmt::Arguments<'_>) {
    // A buffer kept for the thread spares an allocation a line; a nested call (a Display that logs) finds an empty one.
    let mut line = LINE.take();
    line.clear();
    // Writing to a Vec fails only when a Display does; what it wrote before that is still worth logging.
    let _ = line.write_fmt(text);
    write_bytes(level, &line);
    if line.capacity() <= 16 * 1024 {
        LINE.set(line);
    }
}

/// Logs bytes as they are, apart from what must not reach a log: control characters and invalid UTF-8 become `?`.
pub fn write_bytes(level: Level, text: &[u8]) {
    if level >= Level::Error {
        ERRORS.store(true, Ordering::Relaxed);
    }
    destination::emit(level, &text::printable(text));
}

/// Logs a line built by [`lines`], or any bytes, at level info.
pub fn info_line(text: &[u8]) {
    write_bytes(Level::Info, text);
}

/// Logs bytes as a `warning:`.
pub fn warning_line(text: &[u8]) {
    write_bytes(Level::Warning, text);
}

static FATAL_STATUS: AtomicI32 = AtomicI32::new(1);

/// The exit status of every later [`fatal!`], wherever it happens: what a tool promises to its callers holds for a
/// fault in main.cf too.
pub fn set_fatal_status(status: i32) {
    FATAL_STATUS.store(status, Ordering::Relaxed);
}

/// The exit status of [`fatal!`].
pub fn fatal_status() -> i32 {
    FATAL_STATUS.load(Ordering::Relaxed)
}

/// See [`fatal!`] and [`fatal_status!`].
pub fn fatal_exit(status: i32, text: fmt::Arguments<'_>) -> ! {
    write(Level::Fatal, text);
    if destination::is_daemon() {
        std::thread::sleep(Duration::from_secs(1));
    }
    std::process::exit(status)
}

/// See [`bug!`].
pub fn bug_unwind(text: fmt::Arguments<'_>) -> ! {
    write(Level::Panic, text);
    // Not panic!: the panic hook would write a second report to stderr.
    std::panic::resume_unwind(Box::new(Logged))
}
