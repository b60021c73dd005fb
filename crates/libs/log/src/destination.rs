//! Where lines go: syslog, or postlogd's socket when `maillog_file` is set, and stderr for commands.
//! Only one of the first two is ever in use, or postlogd could log to itself.

use std::cell::RefCell;
use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::sync::{Arc, RwLock};

use crate::identity::{Fallback, Identity, Kind};
use crate::syslogd::Syslog;
use crate::wire::{Joining, Wire};
use crate::{Level, text};

/// Text beyond this is cut: unlimited logging is a liability.
const RECORD_LIMIT: usize = 2000;

type Writer = Arc<dyn Fn(&[u8]) + Send + Sync>;

enum Service {
    Syslog(Syslog),
    Postlog {
        wire: Wire,
        tag: String,
        host: String,
        append: Option<(PathBuf, u32)>,
    },
    /// postlogd's own lines.
    Own {
        write: Writer,
        tag: String,
        host: String,
    },
}

struct State {
    kind: Kind,
    service: Service,
    stderr: Option<String>,
    identity: Identity,
}

static STATE: RwLock<Option<State>> = RwLock::new(None);

/// Before main.cf is read: the tag comes from `MAIL_LOGTAG` (which master and `postfix` export), the
/// destination from `POSTLOG_SERVICE`; neither is trusted in a set-uid or set-gid program.
pub fn init_early(program: &str, kind: Kind) {
    let trusted = |name: &str| {
        let value = if sys::host::is_set_id() { None } else { std::env::var(name).ok() };
        value.filter(|value| !value.is_empty())
    };
    let mut identity = Identity { program: program.to_owned(), kind, ..Identity::default() };
    if let Some(tag) = trusted("MAIL_LOGTAG") {
        identity.syslog_name = tag;
    }
    if let Some(path) = trusted("POSTLOG_SERVICE") {
        identity.postlog_socket = path.into();
        identity.hostname = trusted("POSTLOG_HOSTNAME").unwrap_or_else(|| String::from("amnesiac"));
    }
    install(identity);
}

/// With main.cf read (and before a chroot: sockets are connected and the time zone is loaded here). May be called again, after a reload.
pub fn init(identity: Identity) {
    install(Identity { postlog_socket: used_socket(&identity), ..identity });
}

/// postlogd(8) writes its own lines itself, instead of sending them to the socket that it serves.
/// `write` gets a whole record without its newline.
pub fn own_writer(write: impl Fn(&[u8]) + Send + Sync + 'static) {
    if let Some(state) = STATE.write().ok().as_deref_mut().and_then(Option::as_mut) {
        let tag = state.identity.full_tag();
        let host = first_label(&state.identity.hostname);
        state.service = Service::Own { write: Arc::new(write), tag, host };
    }
}

/// Appends to `maillog_file` without postlogd's help, until [`reopen`] or [`init`]: master(8) while it starts
/// and ends, when its own postlogd does not run and nobody would take lines out of the socket. No effect on
/// programs that may not append.
pub fn straight_to_file() {
    if let Some(state) = STATE.write().ok().as_deref_mut().and_then(Option::as_mut) {
        if let Service::Postlog { wire, append: Some(_), .. } = &mut state.service {
            *wire = Wire::new(Vec::new(), Joining::Lines);
        }
    }
}

/// Connects anew (after a reload, or in a child that lost its descriptors).
pub fn reopen() {
    let kept =
        STATE.read().ok().and_then(|state| state.as_ref().map(|s| (s.identity.clone(), s.stderr.clone())));
    if let Some((identity, stderr)) = kept {
        install(identity);
        if let Some(state) = STATE.write().ok().as_deref_mut().and_then(Option::as_mut) {
            state.stderr = stderr;
        }
    }
}

/// Stops copying lines to stderr: a command that became a daemon.
pub fn silence_stderr() {
    if let Some(state) = STATE.write().ok().as_deref_mut().and_then(Option::as_mut) {
        state.stderr = None;
    }
}

/// Copies lines to stderr, as `name: text`: a daemon run by hand.
pub fn to_stderr(name: &str) {
    if let Some(state) = STATE.write().ok().as_deref_mut().and_then(Option::as_mut) {
        state.stderr = Some(name.to_owned());
    }
}

/// Passes on somebody else's line, whose tag (`postfix/smtpd[123]`) is his. Only syslog takes such lines.
pub fn relay(tag: &str, text: &[u8]) {
    let Ok(state) = STATE.read() else { return };
    if let Some(Service::Syslog(syslog)) = state.as_ref().map(|state| &state.service) {
        let text = text::printable(text);
        syslog.write_as(tag, Level::Info, text.get(..RECORD_LIMIT).unwrap_or(&text));
    }
}

pub(crate) fn is_daemon() -> bool {
    STATE.read().is_ok_and(|state| state.as_ref().is_some_and(|state| state.kind == Kind::Daemon))
}

fn used_socket(identity: &Identity) -> PathBuf {
    if identity.maillog_file.is_empty() { PathBuf::new() } else { identity.postlog_socket.clone() }
}

fn install(identity: Identity) {
    sys::clock::load_zone();
    text::set_utf8(identity.utf8);
    let tag = identity.full_tag();
    let service = if identity.postlog_socket.as_os_str().is_empty() {
        Service::Syslog(Syslog::new(tag, &identity.syslog_facility))
    } else {
        let mut paths = vec![identity.postlog_socket.clone()];
        // Inside a jail the queue directory is the root, and the working directory of every daemon.
        if let Some(name) = identity.postlog_socket.file_name() {
            paths.push(PathBuf::from("public").join(name));
        }
        let append = (identity.fallback == Fallback::Append && !identity.maillog_file.is_empty())
            .then(|| (PathBuf::from(&identity.maillog_file), identity.maillog_mode));
        Service::Postlog {
            wire: Wire::new(paths, Joining::Lines),
            tag,
            host: first_label(&identity.hostname),
            append,
        }
    };
    let stderr = (identity.kind == Kind::Command)
        .then(|| identity.stderr_name.clone().or_else(called).unwrap_or_else(|| identity.program.clone()));
    if let Ok(mut state) = STATE.write() {
        *state = Some(State { kind: identity.kind, service, stderr, identity });
    }
}

/// The name that this program was called by: `mailq` is sendmail(1), too.
fn called() -> Option<String> {
    let path = PathBuf::from(std::env::args_os().next()?);
    Some(path.file_name()?.to_string_lossy().into_owned())
}

pub(crate) fn emit(level: Level, text: &[u8]) {
    let Ok(state) = STATE.read() else { return };
    let Some(state) = state.as_ref() else {
        // Not initialised: a unit test or a very early failure.
        to_terminal("unknown", level, text);
        return;
    };
    if let Some(name) = &state.stderr {
        to_terminal(name, level, text);
    }
    let cut = text.get(..RECORD_LIMIT).unwrap_or(text);
    match &state.service {
        Service::Syslog(syslog) => syslog.write(level, cut),
        Service::Own { write, tag, host } => write(&record(tag, host, level, cut)),
        Service::Postlog { wire, tag, host, append } => {
            let lost = wire.take_dropped();
            if lost > 0 {
                let text = format!("{lost} log records were lost: the log service is stuck");
                let _ = wire.send(&record(tag, host, Level::Warning, text.as_bytes()));
            }
            let record = record(tag, host, level, cut);
            if let (Err(_), Some((path, mode))) = (wire.send(&record), append) {
                append_line(path, *mode, record);
            }
        }
    }
}

fn to_terminal(name: &str, level: Level, text: &[u8]) {
    let mut line = Vec::with_capacity(text.len() + 64);
    line.extend_from_slice(name.as_bytes());
    line.extend_from_slice(b": ");
    if level != Level::Info {
        line.extend_from_slice(level.label().as_bytes());
        line.extend_from_slice(b": ");
    }
    line.extend_from_slice(text);
    line.push(b'\n');
    // Nobody to tell when stderr is closed.
    let _ = std::io::stderr().write_all(&line);
}

/// postlogd is not there: the file is written directly, where this process may. Whole lines, by O_APPEND.
fn append_line(path: &PathBuf, mode: u32, mut record: Vec<u8>) {
    record.push(b'\n');
    if path.as_os_str() == "/dev/stdout" {
        let _ = std::io::stdout().write_all(&record);
        return;
    }
    let opened = OpenOptions::new().append(true).create(true).mode(mode).open(path);
    if let Err(error) = opened.and_then(|mut file| file.write_all(&record)) {
        let text = format!("logfile '{}' is not available: {}", path.display(), sys::errno_text(&error));
        to_terminal("postfix", Level::Fatal, text.as_bytes());
    }
}

/// A record of `maillog_file`: `Mmm dd hh:mm:ss host tag[id]: text`.
fn record(tag: &str, host: &str, level: Level, text: &[u8]) -> Vec<u8> {
    let mut line = Vec::with_capacity(96 + text.len());
    let _ = write!(line, "{} {host} ", Stamp::now().file());
    tagged(&mut line, tag, level, text);
    line
}

/// `tag[id]: label: text`. A tag that already names an id (postlogd passing on a line) gets none.
pub(crate) fn tagged(line: &mut Vec<u8>, tag: &str, level: Level, text: &[u8]) {
    line.extend_from_slice(tag.as_bytes());
    if !tag.ends_with(']') {
        let _ = write!(line, "[{}]", sys::thread::id());
    }
    line.extend_from_slice(b": ");
    if level != Level::Info {
        line.extend_from_slice(level.label().as_bytes());
        line.extend_from_slice(b": ");
    }
    line.extend_from_slice(text);
}

fn first_label(host: &str) -> String {
    let label = host.split('.').next().unwrap_or_default();
    String::from(if label.is_empty() { "amnesiac" } else { label })
}

/// The present second, formatted once a second and thread.
pub(crate) struct Stamp {
    second: i64,
    syslog: [u8; 15],
    file: [u8; 15],
}

thread_local! {
    static STAMP: RefCell<Stamp> = const { RefCell::new(Stamp { second: i64::MIN, syslog: [b' '; 15], file: [b' '; 15] }) };
}

impl Stamp {
    pub(crate) fn now() -> Stamp {
        let second = sys::clock::now();
        STAMP.with_borrow_mut(|kept| {
            if kept.second != second {
                *kept = Stamp::at(second);
            }
            Stamp { ..*kept }
        })
    }

    fn at(second: i64) -> Stamp {
        let at = sys::clock::local(second);
        let month = sys::clock::MONTHS.get(at.month as usize).copied().unwrap_or("Jan");
        let rest = format!("{:02}:{:02}:{:02}", at.hour, at.minute, at.second);
        let fixed = |text: String| {
            let mut stamp = [b' '; 15];
            stamp.iter_mut().zip(text.bytes()).for_each(|(to, from)| *to = from);
            stamp
        };
        Stamp {
            second,
            syslog: fixed(format!("{month} {:>2} {rest}", at.day)),
            file: fixed(format!("{month} {:02} {rest}", at.day)),
        }
    }

    /// As syslog(3) writes it: the day padded with a blank.
    pub(crate) fn syslog(&self) -> &str {
        std::str::from_utf8(&self.syslog).unwrap_or_default()
    }

    /// As `maillog_file` has it: the day padded with a zero.
    pub(crate) fn file(&self) -> &str {
        std::str::from_utf8(&self.file).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_of_the_file() {
        let line = String::from_utf8(record("postfix/qmgr", "mx", Level::Info, b"4ABC: removed")).unwrap();
        let rest = line.get(16..).unwrap();
        assert_eq!(rest, format!("mx postfix/qmgr[{}]: 4ABC: removed", sys::thread::id()));
        let line = String::from_utf8(record("postfix/smtpd[7]", "mx", Level::Fatal, b"x")).unwrap();
        assert_eq!(line.get(16..), Some("mx postfix/smtpd[7]: fatal: x"));
    }

    #[test]
    fn days_are_padded_as_each_format_does() {
        let midnight = 1_793_577_600; // early November 2026
        let stamp = Stamp::at(midnight);
        assert_eq!(stamp.syslog().len(), 15);
        assert_eq!(stamp.syslog().replacen("  ", " 0", 1), stamp.file());
    }

    #[test]
    fn the_first_label_names_the_host() {
        assert_eq!(first_label("mx.example.com"), "mx");
        assert_eq!(first_label(""), "amnesiac");
    }

    #[test]
    fn the_fallback_appends_whole_lines() {
        let path = std::env::temp_dir().join(format!("maillog.{}", std::process::id()));
        let _ = std::fs::remove_file(&path);
        append_line(&path, 0o600, b"one".to_vec());
        append_line(&path, 0o600, b"two".to_vec());
        assert_eq!(std::fs::read(&path).unwrap(), b"one\ntwo\n");
        std::fs::remove_file(path).unwrap();
    }
}
