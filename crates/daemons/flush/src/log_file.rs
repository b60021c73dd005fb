//! A site's file of queue ids.

use crate::State;
use bstr::io::BufReadExt;
use bstr::{BString, ByteSlice};
use config::params::QUEUE_SERVICE_NAME;
use daemon::Context;
use ipc::flush::stat;
use ipc::{Place, trigger};
use spool::{Queue, QueueId, Spool};
use std::collections::HashSet;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, BufReader, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::time::SystemTime;
use sys::file::{Lock, flock};

/// Whether the queue manager shall forget that destinations did not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeadSites {
    /// The site says that it is there.
    Forget,
    /// Nobody said anything.
    Remember,
}

/// The file's name for a site: everything but letters and digits becomes `_`.
pub fn name_of(site: &[u8]) -> BString {
    site.iter()
        .map(|&b| if b.is_ascii_alphanumeric() { b.to_ascii_lowercase() } else { b'_' })
        .collect::<Vec<u8>>()
        .into()
}

/// Notes a message for a site.
pub fn add(spool: &Spool, site: &[u8], queue_id: &[u8]) -> i32 {
    if QueueId::parse(queue_id).is_none() {
        return stat::BAD;
    }
    let name = name_of(site);
    let path = spool.path(Queue::Flush, &name);
    let append = || -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.append(true).create(true).mode(0o600);
        let mut file = match options.open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                spool.make_directories(Queue::Flush, &name)?;
                options.open(&path)?
            }
            other => other?,
        };
        flock(&file, Lock::Exclusive, true)?;
        file.write_all(&[queue_id, b"\n"].concat())
    };
    match append() {
        Ok(()) => stat::OK,
        Err(error) => {
            log::warning!("write fast flush logfile {}: {}", path.display(), sys::errno_text(&error));
            stat::FAIL
        }
    }
}

/// Has the mail for a site delivered.
pub fn send(context: &Context<State>, site: &[u8], dead: DeadSites) -> i32 {
    send_named(context, &name_of(site), dead)
}

/// Has the messages of a log file delivered, and empties it.
pub fn send_named(context: &Context<State>, name: &[u8], dead: DeadSites) -> i32 {
    let spool = &context.state.spool;
    let path = spool.path(Queue::Flush, name);
    let file = match OpenOptions::new().read(true).write(true).open(&path) {
        Ok(file) => file,
        // Nothing waits.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return stat::OK,
        Err(error) => {
            log::warning!("open fast flush logfile {}: {}", path.display(), sys::errno_text(&error));
            return stat::FAIL;
        }
    };
    if dead == DeadSites::Forget {
        wake(context, trigger::FLUSH_DEAD);
    }
    match release(spool, &file, &path) {
        Ok(0) => {}
        Ok(_) => wake(context, trigger::SCAN_INCOMING),
        Err(error) => {
            log::warning!("read fast flush logfile {}: {}", path.display(), sys::errno_text(&error));
            return stat::FAIL;
        }
    }
    stat::OK
}

/// Moves the messages that a log names to `incoming`, each once, and empties the log.
fn release(spool: &Spool, file: &File, path: &Path) -> io::Result<usize> {
    flock(file, Lock::Exclusive, true)?;
    let mut seen = HashSet::new();
    let mut released = 0;
    BufReader::new(file).for_byte_line(|line| {
        match QueueId::parse(line) {
            None => {
                let shown = line.get(..30).unwrap_or(line).as_bstr();
                log::warning!("bad queue id \"{shown}...\" in fast flush logfile {}", path.display());
            }
            Some(id) if seen.contains(&id) => {}
            Some(id) => {
                released += usize::from(one(spool, &id, false));
                seen.insert(id);
            }
        }
        Ok(true)
    })?;
    file.set_len(0)?;
    flock(file, Lock::None, true)?;
    Ok(released)
}

/// Has one message delivered.
pub fn send_file(context: &Context<State>, queue_id: &[u8]) -> i32 {
    let Some(id) = QueueId::parse(queue_id) else { return stat::BAD };
    if one(&context.state.spool, &id, true) {
        wake(context, trigger::SCAN_INCOMING);
    }
    stat::OK
}

/// Tells the queue manager that the next hop of this message is not to be thought dead.
const UNTHROTTLE: u32 = 0o040;

/// Makes a message due now and moves it where the queue manager looks first. One that is being
/// delivered is in neither place, and needs nothing.
fn one(spool: &Spool, id: &QueueId, unthrottle: bool) -> bool {
    for queue in [Queue::Deferred, Queue::Incoming] {
        let path = spool.path(queue, id);
        let touch = || -> io::Result<()> {
            let file = OpenOptions::new().write(true).custom_flags(sys::file::O_NOFOLLOW).open(&path)?;
            file.set_modified(SystemTime::now())?;
            if unthrottle {
                let mode = file.metadata()?.permissions().mode();
                fs::set_permissions(&path, Permissions::from_mode(mode | UNTHROTTLE))?;
            }
            Ok(())
        };
        match touch() {
            Ok(()) if queue == Queue::Incoming => return true,
            Ok(()) => match spool.rename(id, Queue::Deferred, Queue::Incoming) {
                Ok(()) => return true,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => {
                    let target = spool.path(Queue::Incoming, id);
                    log::warning!(
                        "rename from {} to {}: {}",
                        path.display(),
                        target.display(),
                        sys::errno_text(&error)
                    );
                }
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => log::warning!("update {} time stamps: {}", path.display(), sys::errno_text(&error)),
        }
    }
    false
}

fn wake(context: &Context<State>, what: u8) {
    let qmgr = Place::public(context.config.get(QUEUE_SERVICE_NAME));
    if let Err(error) = trigger::send(&qmgr, &[what]) {
        log::warning!("trigger {}: {}", qmgr.path().display(), sys::errno_text(&error));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert_eq!(name_of(b"C1.example-site.test"), "c1_example_site_test");
        assert_eq!(name_of(b"[192.0.2.1]"), "_192_0_2_1_");
        assert_eq!(name_of(b"../../x"), "______x");
    }

    #[test]
    fn a_log_releases_each_message_once() {
        let root = std::env::temp_dir().join(format!("flush-log.{}", std::process::id()));
        for queue in Queue::ALL {
            fs::create_dir_all(root.join(queue.name())).unwrap();
        }
        let spool = Spool::at(&root, "deferred", 1, false);
        let (waiting, gone) = (QueueId::parse(b"5E1A").unwrap(), QueueId::parse(b"5E1B").unwrap());
        spool.make_directories(Queue::Deferred, waiting.as_ref()).unwrap();
        fs::write(spool.path(Queue::Deferred, &waiting), b"").unwrap();
        for id in [&waiting, &gone, &waiting] {
            assert_eq!(add(&spool, b"a.test", id.as_ref()), stat::OK);
        }
        assert_eq!(add(&spool, b"a.test", b"../x"), stat::BAD);
        let path = spool.path(Queue::Flush, "a_test");
        let file = OpenOptions::new().read(true).write(true).open(&path).unwrap();
        assert_eq!(release(&spool, &file, &path).unwrap(), 1);
        assert!(spool.path(Queue::Incoming, &waiting).exists());
        assert_eq!(fs::metadata(&path).unwrap().len(), 0);
        fs::remove_dir_all(root).unwrap();
    }
}
