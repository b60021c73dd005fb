//! Mailbox locks by style: `fcntl`, `flock`, and `dotlock` (a file `mailbox.lock` beside it).

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use sys::lock::Lock;

/// How hard to try.
pub struct Patience {
    /// Tries a lock.
    pub attempts: u32,
    /// Time between them.
    pub delay: Duration,
    /// The age at which somebody's lock file is taken for forgotten.
    pub stale: Duration,
}

/// Locks that end when this is dropped.
#[derive(Debug)]
pub struct Held {
    _file: File,
    dot: Option<PathBuf>,
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(dot) = &self.dot {
            // Nothing to be done when it has gone already.
            let _ = std::fs::remove_file(dot);
        }
    }
}

/// Opens the folder (making it when absent) and takes every lock that `styles` names. An error is the text of a complaint.
pub fn take(folder: &Path, styles: &str, patience: &Patience) -> Result<Held, String> {
    let name = folder.display();
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true).mode(0o600);
    let file =
        options.open(folder).map_err(|error| format!("open file {name}: {}", sys::errno_text(&error)))?;
    let mut held = Held { _file: file, dot: None };
    for style in styles.split([',', ' ', '\t', '\r', '\n']).filter(|style| !style.is_empty()) {
        match style {
            "dotlock" => held.dot = Some(dotlock(folder, patience)?),
            "fcntl" => repeat(patience, || sys::lock::fcntl(&held._file, Lock::Exclusive, false))
                .map_err(|why| format!("unable to lock for exclusive access: {name}: {why}"))?,
            "flock" => repeat(patience, || sys::lock::flock(&held._file, Lock::Exclusive, false))
                .map_err(|why| format!("unable to lock for exclusive access: {name}: {why}"))?,
            other => return Err(format!("unknown lock style: {other}")),
        }
    }
    Ok(held)
}

fn repeat(patience: &Patience, mut attempt: impl FnMut() -> io::Result<bool>) -> Result<(), String> {
    for left in (0..patience.attempts.max(1)).rev() {
        match attempt() {
            Ok(true) => return Ok(()),
            Ok(false) if left > 0 => std::thread::sleep(patience.delay),
            Ok(false) => {}
            Err(error) => return Err(sys::errno_text(&error)),
        }
    }
    Err(String::from("Resource temporarily unavailable"))
}

fn dotlock(folder: &Path, patience: &Patience) -> Result<PathBuf, String> {
    let mut name = folder.as_os_str().to_owned();
    name.push(".lock");
    let path = PathBuf::from(name);
    repeat(patience, || {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(0o444);
        match options.open(&path) {
            Ok(mut file) => file.write_all(b"0").map(|()| true),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                if is_stale(&path, patience.stale) {
                    match std::fs::remove_file(&path) {
                        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                        _ => {}
                    }
                }
                Ok(false)
            }
            Err(error) => Err(error),
        }
    })
    .map_err(|why| format!("unable to create lock file {}: {why}", path.display()))?;
    Ok(path)
}

fn is_stale(path: &Path, age: Duration) -> bool {
    let made = std::fs::symlink_metadata(path).and_then(|found| found.modified());
    made.is_ok_and(|made| SystemTime::now().duration_since(made).is_ok_and(|old| old > age))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holder_at_a_time() {
        let folder = std::env::temp_dir().join(format!("postlock.{}", std::process::id()));
        let patience =
            Patience { attempts: 2, delay: Duration::from_millis(1), stale: Duration::from_secs(500) };
        let dot = PathBuf::from(format!("{}.lock", folder.display()));
        let held = take(&folder, "flock, dotlock", &patience).unwrap();
        assert!(dot.exists());
        assert!(take(&folder, "flock", &patience).unwrap_err().contains("exclusive access"));
        assert!(take(&folder, "dotlock", &patience).unwrap_err().contains("lock file"));
        drop(held);
        assert!(!dot.exists());
        take(&folder, "fcntl dotlock", &patience).unwrap();
        assert!(take(&folder, "magic", &patience).unwrap_err().contains("unknown lock style"));
        std::fs::write(&dot, "0").unwrap();
        let forgotten = Patience { stale: Duration::ZERO, ..patience };
        std::thread::sleep(Duration::from_millis(5));
        take(&folder, "dotlock", &forgotten).unwrap();
        std::fs::remove_file(folder).unwrap();
    }
}
