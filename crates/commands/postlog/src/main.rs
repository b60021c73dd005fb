//! postlog(1): logs a line, or each line of its input, as programs of the mail system do. Set-gid, so
//! that anybody's scripts reach postlogd's socket: what the caller says is data, never a path or a format.

use std::io::{BufRead, Read};
use std::os::unix::ffi::OsStrExt;
use std::process::ExitCode;
use std::time::Duration;

use log::{Fallback, Level};

const HELP: &str = "postlog [-iv] [-c config_dir] [-p priority] [-t tag] [text...]\n\
    Logs text, or its standard input, line by line.\n  \
    -c DIR  configuration directory\n  \
    -i      with the process id\n  \
    -p PRIORITY info, warn, error, fatal or panic\n  \
    -t TAG  the name to log by\n  \
    -v      verbose logging, for the super-user";
const USAGE: &str = "usage: postlog [-c config_dir] [-i] [-p priority] [-t tag] [-v] [text]";

/// A line of input beyond this is cut into several.
const LINE_LIMIT: u64 = 2000;

fn main() -> ExitCode {
    command::begin("postlog");
    // compat: on standard error, too, it bears the name that it has in the log
    log::to_stderr("postfix/postlog");
    command::answer("postlog", HELP);
    let options = command::options("c:ip:t:v", USAGE);
    let level = match options.value('p').map(|name| name.as_bytes()) {
        None => Level::Info,
        Some(name) => match level(name) {
            Some(level) => level,
            None => log::fatal!("bad severity: \"{}\"", String::from_utf8_lossy(name)),
        },
    };
    let config = command::configure("postlog", options.value('c'));
    let mut identity = command::identity("postlog", config);
    identity.fallback = Fallback::Append;
    identity.stderr_name = Some(format!("{}/postlog", identity.syslog_name));
    if let Some(tag) = options.value('t') {
        let tag = log::printable(tag.as_bytes()).into_owned();
        identity.tag = Some(String::from_utf8_lossy(&tag).into_owned());
    }
    log::init(identity);
    if options.operands.is_empty() {
        lines_of_input(level);
    } else {
        let words: Vec<&[u8]> = options.operands.iter().map(|word| word.as_bytes()).collect();
        log::write_bytes(level, &words.join(&b' '));
    }
    if level >= Level::Fatal {
        // compat: a script that reports a fatal condition is slowed down like a daemon that has one.
        std::thread::sleep(Duration::from_secs(1));
    }
    ExitCode::SUCCESS
}

fn level(name: &[u8]) -> Option<Level> {
    match name {
        b"info" => Some(Level::Info),
        b"warn" | b"warning" => Some(Level::Warning),
        b"error" => Some(Level::Error),
        b"fatal" => Some(Level::Fatal),
        b"panic" => Some(Level::Panic),
        _ => None,
    }
}

fn lines_of_input(level: Level) {
    let mut input = std::io::stdin().lock();
    let mut line = Vec::new();
    loop {
        line.clear();
        match input.by_ref().take(LINE_LIMIT).read_until(b'\n', &mut line) {
            Ok(0) => return,
            Ok(_) => log::write_bytes(level, line.strip_suffix(b"\n").unwrap_or(&line)),
            Err(error) => log::fatal!("read standard input: {}", sys::errno_text(&error)),
        }
    }
}
