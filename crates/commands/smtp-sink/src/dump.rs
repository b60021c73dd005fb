//! Keeping what comes in: one file a message, or one growing file.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// A file name with strftime(3) conversions.
#[derive(Clone, Debug)]
pub struct Template {
    text: OsString,
    shared: bool,
}

impl Template {
    /// -d: a new file for each message, its name ending in a random number.
    pub fn single(text: OsString) -> Template {
        Template { text, shared: false }
    }

    /// -D: messages are appended to one file.
    pub fn shared(text: OsString) -> Template {
        Template { text, shared: true }
    }

    /// Opens the file for a message that begins now, making directories on the way. Returns the random number too.
    pub fn open(&self) -> (File, u32) {
        let name = expand(self.text.as_bytes(), &sys::clock::local(sys::clock::now()));
        loop {
            let random = u32::try_from(sys::rand::number() & 0xffff_ffff).unwrap_or_default();
            let mut name = name.clone();
            if !self.shared {
                name.extend_from_slice(format!("{random:08x}").as_bytes());
            }
            let path = PathBuf::from(OsString::from_vec(name));
            match self.open_path(&path) {
                Ok(file) => return (file, random),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => log::fatal!("open {}: {}", path.display(), sys::errno_text(&error)),
            }
        }
    }

    fn open_path(&self, path: &Path) -> std::io::Result<File> {
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        if self.shared {
            OpenOptions::new().append(true).create(true).open(path)
        } else {
            OpenOptions::new().write(true).create_new(true).open(path)
        }
    }
}

/// Writes one message with what smtp-sink adds; several sessions may share a file, so it is one write.
pub fn write(file: &mut File, text: &[u8]) {
    if let Err(error) = file.write_all(text) {
        log::fatal!("write dump file: {}", sys::errno_text(&error));
    }
}

/// The conversions of strftime(3) that make sense in file names.
fn expand(template: &[u8], time: &sys::clock::LocalTime) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = template.iter().copied();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let name =
            |names: &[&'static str], index: u32| names.get(index as usize).copied().unwrap_or_default();
        let text = match rest.next() {
            Some(b'Y') => time.year.to_string(),
            Some(b'y') => format!("{:02}", time.year.rem_euclid(100)),
            Some(b'm') => format!("{:02}", time.month + 1),
            Some(b'd') => format!("{:02}", time.day),
            Some(b'e') => format!("{:2}", time.day),
            Some(b'H') => format!("{:02}", time.hour),
            Some(b'M') => format!("{:02}", time.minute),
            Some(b'S') => format!("{:02}", time.second),
            Some(b'T') => format!("{:02}:{:02}:{:02}", time.hour, time.minute, time.second),
            Some(b'F') => format!("{}-{:02}-{:02}", time.year, time.month + 1, time.day),
            Some(b'b' | b'h') => name(&sys::clock::MONTHS, time.month).to_string(),
            Some(b'a') => name(&sys::clock::WEEKDAYS, time.weekday).to_string(),
            Some(b's') => sys::clock::now().to_string(),
            Some(b'Z') => time.zone.clone(),
            Some(b'%') => "%".to_string(),
            Some(other) => {
                log::fatal!("unsupported conversion in dump template: %{}", char::from(other))
            }
            None => "%".to_string(),
        };
        out.extend_from_slice(text.as_bytes());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_make_paths() {
        let time = sys::clock::local(0);
        let year = time.year.to_string();
        assert_eq!(expand(b"d/%Y.%%", &time), format!("d/{year}.%").into_bytes());
        assert_eq!(expand(b"%m%d", &time).len(), 4);
    }
}
