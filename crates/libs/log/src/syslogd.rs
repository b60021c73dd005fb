//! The syslog destination: `syslog`'s records over a socket of our own.
//!
//! The crate's own backend neither reconnects (a restarted syslogd is never found again) nor bounds the
//! time that a full socket holds a session, and its formatter writes UTC; so backend and formatter are
//! ours: local time, and a [`Wire`].

use std::io::{self, Write};
use std::path::PathBuf;

use syslog::{Facility, LogFormat, Severity};

use crate::Level;
use crate::destination::Stamp;
use crate::wire::{Joining, Wire};

/// The syslog service.
pub(crate) struct Syslog {
    wire: Wire,
    facility: Facility,
    tag: String,
}

impl Syslog {
    /// Connects to `/dev/log` under the given tag and facility name (an unknown one is `mail`).
    pub(crate) fn new(tag: String, facility: &str) -> Syslog {
        let wire = Wire::new(vec![PathBuf::from("/dev/log")], Joining::Single);
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
    use std::os::unix::net::UnixDatagram;

    #[test]
    fn records_are_those_of_syslog() {
        let path = std::env::temp_dir().join(format!("log-format.{}", std::process::id()));
        let _ = std::fs::remove_file(&path);
        let server = UnixDatagram::bind(&path).unwrap();
        let syslog = Syslog {
            wire: Wire::new(vec![path.clone()], Joining::Single),
            facility: Facility::LOG_MAIL,
            tag: "postfix/smtpd".into(),
        };
        syslog.write(Level::Warning, b"hostname x does not resolve");
        let mut record = [0; 4096];
        let length = server.recv(&mut record).unwrap();
        let line = std::str::from_utf8(&record[..length]).unwrap();
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
