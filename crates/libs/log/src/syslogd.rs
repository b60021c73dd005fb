//! The syslog destination: `syslog`'s records over a socket of our own.
//!
//! The crate's own backend neither reconnects (a restarted syslogd is never found again) nor bounds the
//! time that a full socket holds a session, and its formatter writes UTC; so backend and formatter are
//! ours: local time, reconnection, and at most [`PATIENCE`] spent on a log service that is stuck.

use std::io::{self, Write};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, RwLock};
use std::time::Duration;

use syslog::{Facility, LogFormat, Severity};

use crate::Level;
use crate::destination::Stamp;

/// How long a line waits for room in a full socket. After such a wait lines are dropped, and counted, for a second.
const PATIENCE: Duration = Duration::from_secs(1);

/// A datagram socket that finds its server again. Shared by all threads; a send takes no lock but a read lock.
pub(crate) struct Wire {
    paths: Vec<PathBuf>,
    socket: RwLock<Option<Arc<UnixDatagram>>>,
    stuck_until: AtomicI64,
    dropped: AtomicU64,
}

impl Wire {
    /// Connects at once, so that a later chroot does not matter; `paths` are tried in order, then and later.
    pub(crate) fn new(paths: Vec<PathBuf>) -> Wire {
        let socket = paths.iter().find_map(|path| connect(path).ok());
        Wire {
            paths,
            socket: RwLock::new(socket),
            stuck_until: AtomicI64::new(0),
            dropped: AtomicU64::new(0),
        }
    }

    /// Sends one record. `Err` means that nobody listens; a record dropped because the server is stuck counts as sent.
    pub(crate) fn send(&self, record: &[u8]) -> io::Result<()> {
        let now = sys::clock::now();
        if now < self.stuck_until.load(Ordering::Relaxed) {
            self.dropped.fetch_add(1, Ordering::Relaxed);
            return Ok(());
        }
        let kept = self.socket.read().ok().and_then(|socket| socket.clone());
        let mut outcome = match &kept {
            Some(socket) => send(socket, record),
            None => Err(io::ErrorKind::NotConnected.into()),
        };
        if matches!(&outcome, Err(error) if error.kind() != io::ErrorKind::WouldBlock) {
            outcome = self.reconnect(kept).and_then(|socket| send(&socket, record));
        }
        match outcome {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.stuck_until.store(now.saturating_add(2), Ordering::Relaxed);
                self.dropped.fetch_add(1, Ordering::Relaxed);
                Ok(())
            }
            other => other,
        }
    }

    /// The number of records dropped since the last call: the next line may report it.
    pub(crate) fn take_dropped(&self) -> u64 {
        // Most lines find zero: a plain load keeps the cache line shared.
        if self.dropped.load(Ordering::Relaxed) == 0
            || sys::clock::now() < self.stuck_until.load(Ordering::Relaxed)
        {
            return 0;
        }
        self.dropped.swap(0, Ordering::Relaxed)
    }

    fn reconnect(&self, failed: Option<Arc<UnixDatagram>>) -> io::Result<Arc<UnixDatagram>> {
        let Ok(mut slot) = self.socket.write() else {
            return Err(io::ErrorKind::NotConnected.into());
        };
        // Another thread may have been here first.
        match (&*slot, &failed) {
            (Some(current), Some(old)) if !Arc::ptr_eq(current, old) => return Ok(current.clone()),
            (Some(current), None) => return Ok(current.clone()),
            _ => {}
        }
        let mut outcome = Err(io::ErrorKind::NotFound.into());
        for path in &self.paths {
            outcome = connect(path);
            if outcome.is_ok() {
                break;
            }
        }
        *slot = outcome.as_ref().ok().cloned();
        outcome
    }
}

fn connect(path: &Path) -> io::Result<Arc<UnixDatagram>> {
    let socket = UnixDatagram::unbound()?;
    socket.connect(path)?;
    socket.set_write_timeout(Some(PATIENCE))?;
    Ok(Arc::new(socket))
}

fn send(socket: &UnixDatagram, record: &[u8]) -> io::Result<()> {
    loop {
        match socket.send(record) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other.map(|_| ()),
        }
    }
}

/// The syslog service.
pub(crate) struct Syslog {
    wire: Wire,
    facility: Facility,
    tag: String,
}

impl Syslog {
    /// Connects to `/dev/log` under the given tag and facility name (an unknown one is `mail`).
    pub(crate) fn new(tag: String, facility: &str) -> Syslog {
        let wire = Wire::new(vec![PathBuf::from("/dev/log")]);
        Syslog { wire, facility: facility.parse().unwrap_or(Facility::LOG_MAIL), tag }
    }

    /// Sends one line.
    pub(crate) fn write(&self, level: Level, text: &[u8]) {
        match self.wire.take_dropped() {
            0 => {}
            lost => {
                let text = format!("{lost} log records were lost: the log service is stuck");
                self.write_as(&self.tag, Level::Warning, text.as_bytes());
            }
        }
        self.write_as(&self.tag, level, text);
    }

    /// Sends one line under another tag.
    pub(crate) fn write_as(&self, tag: &str, level: Level, text: &[u8]) {
        let record = Record { level, text };
        let format = Lines { facility: self.facility, tag };
        let mut logger = syslog::Logger::new(Backend(&self.wire), format);
        // An absent syslogd is nothing a mail system can do anything about: the line is lost, as syslog(3)'s are.
        let _ = match level {
            Level::Info => logger.info(record),
            Level::Warning => logger.warning(record),
            Level::Error => logger.err(record),
            Level::Fatal | Level::Panic => logger.crit(record),
        };
    }
}

struct Record<'a> {
    level: Level,
    text: &'a [u8],
}

/// One write, one datagram.
struct Backend<'a>(&'a Wire);

impl Write for Backend<'_> {
    fn write(&mut self, record: &[u8]) -> io::Result<usize> {
        self.0.send(record).map(|()| record.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Lines<'a> {
    facility: Facility,
    tag: &'a str,
}

impl LogFormat<Record<'_>> for Lines<'_> {
    fn format<W: Write>(&self, out: &mut W, severity: Severity, record: Record<'_>) -> syslog::Result<()> {
        let mut line = Vec::with_capacity(96 + record.text.len());
        let priority = self.facility as u8 | severity as u8;
        let _ = write!(line, "<{priority}>{} ", Stamp::now().syslog());
        crate::destination::tagged(&mut line, self.tag, record.level, record.text);
        out.write_all(&line).map_err(syslog::Error::Write)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listener(name: &str) -> (PathBuf, UnixDatagram) {
        let path = std::env::temp_dir().join(format!("{name}.{}", std::process::id()));
        let _ = std::fs::remove_file(&path);
        let socket = UnixDatagram::bind(&path).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        (path, socket)
    }

    fn receive(socket: &UnixDatagram) -> String {
        let mut record = [0; 4096];
        let length = socket.recv(&mut record).unwrap();
        String::from_utf8(record[..length].to_vec()).unwrap()
    }

    #[test]
    fn a_restarted_server_is_found_again() {
        let (path, first) = listener("log-restart");
        let wire = Wire::new(vec![path.clone()]);
        wire.send(b"one").unwrap();
        assert_eq!(receive(&first), "one");
        drop(first);
        std::fs::remove_file(&path).unwrap();
        assert!(wire.send(b"lost").is_err());
        let (path, second) = listener("log-restart");
        wire.send(b"two").unwrap();
        assert_eq!(receive(&second), "two");
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn a_stuck_server_costs_one_wait_and_a_count() {
        let (path, server) = listener("log-stuck");
        let wire = Wire::new(vec![path.clone()]);
        let began = std::time::Instant::now();
        for _ in 0..3000 {
            wire.send(b"x").unwrap();
        }
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
        assert!(wire.dropped.load(Ordering::Relaxed) > 0);
        drop(server);
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn records_are_those_of_syslog() {
        let (path, server) = listener("log-format");
        let syslog = Syslog {
            wire: Wire::new(vec![path.clone()]),
            facility: Facility::LOG_MAIL,
            tag: "postfix/smtpd".into(),
        };
        syslog.write(Level::Warning, b"hostname x does not resolve");
        let line = receive(&server);
        // <20>: mail (2 << 3) | warning (4); then `Mmm dd hh:mm:ss ` with a blank-padded day.
        assert!(line.starts_with("<20>"), "{line}");
        let rest = line.get(4 + 16..).unwrap();
        assert_eq!(
            rest,
            format!("postfix/smtpd[{}]: warning: hostname x does not resolve", sys::thread::id())
        );
        std::fs::remove_file(path).unwrap();
    }
}
