//! The log file: appended to with whole lines; what it does not take is counted and reported later.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;

/// An open log file.
pub struct LogFile {
    file: File,
    lost: usize,
}

impl LogFile {
    /// Opens for appending, creating it with `mode`; `/dev/stdout` is standard output as master passed it.
    pub fn open(path: &str, mode: u32) -> io::Result<LogFile> {
        let file = if path == "/dev/stdout" {
            // Opening it by name would need rights on the terminal or pipe that mail_owner may not have.
            File::from(io::stdout().as_fd().try_clone_to_owned()?)
        } else {
            OpenOptions::new().append(true).create(true).mode(mode).open(path)?
        };
        Ok(LogFile { file, lost: 0 })
    }

    /// Appends lines with one write.
    pub fn append(&mut self, lines: &[u8]) {
        if self.lost > 0 {
            let note = format!(
                "postlogd: warning: {} log lines were lost: the file could not be written\n",
                self.lost
            );
            if self.file.write_all(note.as_bytes()).is_err() {
                self.lost = self.lost.saturating_add(count(lines));
                return;
            }
            self.lost = 0;
        }
        if self.file.write_all(lines).is_err() {
            self.lost = count(lines);
        }
    }
}

fn count(lines: &[u8]) -> usize {
    lines.iter().filter(|&&byte| byte == b'\n').count()
}

/// `maillog_file_prefixes` names the places where a log file may be.
pub fn check_prefix(path: &str, prefixes: &str) -> Result<(), String> {
    let allowed = prefixes
        .split([',', ' ', '\t', '\r', '\n'])
        .filter(|prefix| !prefix.is_empty())
        .any(|prefix| path.starts_with(prefix));
    if allowed {
        Ok(())
    } else {
        Err(format!(
            "maillog_file value '{path}' does not match any prefix in maillog_file_prefixes '{prefixes}'"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_named_places() {
        let prefixes = "/var, /dev/stdout";
        for (path, allowed) in
            [("/var/log/maillog", true), ("/dev/stdout", true), ("/etc/passwd", false), ("var/log", false)]
        {
            assert_eq!(check_prefix(path, prefixes).is_ok(), allowed, "{path}");
        }
    }

    #[test]
    fn lines_that_are_lost_are_counted() {
        // Every write to /dev/full fails for want of room.
        let mut full = LogFile { file: OpenOptions::new().append(true).open("/dev/full").unwrap(), lost: 0 };
        full.append(b"one\ntwo\n");
        full.append(b"three\n");
        assert_eq!(full.lost, 3);
        let path = std::env::temp_dir().join(format!("postlogd.{}", std::process::id()));
        let mut again = LogFile { lost: full.lost, ..LogFile::open(path.to_str().unwrap(), 0o600).unwrap() };
        again.append(b"four\n");
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains("3 log lines were lost") && text.ends_with("\nfour\n"), "{text}");
        std::fs::remove_file(path).unwrap();
    }
}
