//! The first steps of a tool: descriptors, signals, log, main.cf, queue directory.

use crate::getopt::{self, Options};
use config::params::{
    ENABLE_LONG_QUEUE_IDS, HASH_QUEUE_DEPTH, HASH_QUEUE_NAMES, IPC_TIMEOUT, MAILLOG_FILE,
    MAILLOG_FILE_PERMISSIONS, MYHOSTNAME, POSTLOG_SERVICE_NAME, QUEUE_DIRECTORY, SMTPUTF8_ENABLE,
    SYSLOG_FACILITY, SYSLOG_NAME,
};
use config::{Config, ConfigError};
use log::{Fallback, Identity, Kind};
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::sync::LazyLock;

/// First thing in a tool's main: descriptors 0 to 2 are open, a closed pipe ends the tool as in any
/// Unix pipeline, messages go to stderr.
pub fn begin(program: &'static str) {
    if let Err(error) = sys::fd::fill_standard() {
        eprintln!("{program}: fatal: open /dev/null: {}", sys::errno_text(&error));
        std::process::exit(1);
    }
    // Rust ignores SIGPIPE; a child would inherit that.
    let _ = sys::signal::default(sys::signal::PIPE);
    log::init_early(program, Kind::Command);
    config::on_fatal(|error| log::fatal!("{error}"));
}

/// Answers `--help` and `--version` where one is the first argument: prints and exits. For the set-gid tools,
/// which do without `cli`.
pub fn answer(program: &str, help: &str) {
    match std::env::args_os().nth(1).as_deref().and_then(OsStr::to_str) {
        Some("--help") => println!("usage: {help}"),
        Some("--version") => println!("{program} {}", version()),
        _ => return,
    }
    std::process::exit(0)
}

/// Our version, and the one of Postfix whose behaviour it is.
pub fn version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| {
        format!("(ferropost) {}, as of Postfix {}", config::FERROPOST_VERSION, config::MAIL_VERSION)
    });
    &VERSION
}

/// Parses the command line, or is fatal with `usage`. Each `-v` raises the verbosity.
pub fn options(letters: &str, usage: &str) -> Options {
    options_or(letters, |error| {
        // compat: as the C library says it, for people only
        let name = std::env::args().next().unwrap_or_default();
        eprintln!("{name}: {error}");
        log::fatal!("{usage}")
    })
}

/// Parses the command line; `wrong` says what happens to a bad one.
pub fn options_or(letters: &str, wrong: impl FnOnce(getopt::OptionError) -> Options) -> Options {
    let parsed = getopt::parse(letters, std::env::args_os().skip(1)).unwrap_or_else(wrong);
    let verbose = parsed.count('v');
    if verbose > 0 {
        log::set_verbose(verbose);
    }
    parsed
}

/// Reads main.cf from `directory` (the value of `-c`), MAIL_CONFIG or the default place; a bad
/// one is fatal. Children find the same directory by MAIL_CONFIG.
pub fn configure(program: &'static str, directory: Option<&OsStr>) -> &'static Config {
    let config = load(directory).unwrap_or_else(|error| log::fatal!("{error}"));
    log::init(identity(program, config));
    for warning in config.warnings() {
        log::warning!("{warning}");
    }
    if let Err(error) = config::general::check(config) {
        log::fatal!("{error}");
    }
    ipc::set_default_timeout(config.get(IPC_TIMEOUT));
    sys::clock::load_zone();
    config
}

fn load(directory: Option<&OsStr>) -> Result<&'static Config, ConfigError> {
    let directory = config::directory(directory.map(Path::new))?;
    Ok(Config::load(&directory, &[])?.leak())
}

/// How a tool logs by main.cf; tools that differ change it and call `log::init` again.
pub fn identity(program: &str, config: &Config) -> Identity {
    let queue = Path::new(config.get(QUEUE_DIRECTORY));
    let mode = u32::from_str_radix(config.get(MAILLOG_FILE_PERMISSIONS), 8).unwrap_or(0o600);
    Identity {
        program: program.to_owned(),
        syslog_name: config.get(SYSLOG_NAME).to_owned(),
        syslog_facility: config.get(SYSLOG_FACILITY).to_owned(),
        kind: Kind::Command,
        maillog_file: config.get(MAILLOG_FILE).to_owned(),
        maillog_mode: mode,
        postlog_socket: queue.join("public").join(config.get(POSTLOG_SERVICE_NAME)),
        hostname: config.get(MYHOSTNAME).to_owned(),
        fallback: Fallback::Drop,
        utf8: config.get(SMTPUTF8_ENABLE),
        ..Identity::default()
    }
}

/// Changes to the queue directory, where the paths of services and queue files begin.
pub fn enter_queue_directory(config: &Config) {
    let directory = config.get(QUEUE_DIRECTORY);
    if let Err(error) = std::env::set_current_dir(directory) {
        log::fatal!("chdir {directory}: {}", sys::errno_text(&error));
    }
}

/// The spool below the queue directory as main.cf lays it out.
pub fn spool(config: &Config) -> spool::Spool {
    spool::Spool::new(
        config.get(HASH_QUEUE_NAMES),
        config.get(HASH_QUEUE_DEPTH),
        config.get(ENABLE_LONG_QUEUE_IDS),
    )
}

impl Options {
    /// How often a letter was given.
    pub fn count(&self, letter: char) -> u32 {
        let found = self.options.iter().filter(|(given, _)| *given == letter).count();
        u32::try_from(found).unwrap_or(u32::MAX)
    }

    /// Whether a letter was given.
    pub fn has(&self, letter: char) -> bool {
        self.count(letter) > 0
    }

    /// The last value given to a letter.
    pub fn value(&self, letter: char) -> Option<&OsStr> {
        let found = self.options.iter().rev().find(|(given, _)| *given == letter);
        found.and_then(|(_, value)| value.as_deref())
    }

    /// All values given to a letter, in order.
    pub fn values(&self, letter: char) -> impl Iterator<Item = &OsString> {
        self.options.iter().filter(move |(given, _)| *given == letter).filter_map(|(_, value)| value.as_ref())
    }
}
