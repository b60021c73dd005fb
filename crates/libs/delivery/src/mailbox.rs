//! Mailboxes: one file that mail is appended to (mbox), and Maildir.
//!
//! The caller has taken on the recipient's rights. What is reported as delivered is on disk: the file's data, and for
//! Maildir, and for a file that was made now, the directory entries too.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, BufWriter};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use config::params::{DELIVER_LOCK_ATTEMPTS, DELIVER_LOCK_DELAY, STALE_LOCK_TIME};
use config::{Config, ConfigError};
use mail::dsn::{Outcome, Status};
use sys::lock::Lock;

use crate::Delivery;
use crate::copy::{self, CopyError, mailbox_status};

/// Why there is no delivery.
#[derive(Debug)]
pub enum Trouble {
    /// The queue file is damaged: it has been marked, and nothing more is to be reported.
    Corrupt,
    /// The recipient's result.
    Failed(Box<Outcome>),
}

impl From<Outcome> for Trouble {
    fn from(outcome: Outcome) -> Trouble {
        Trouble::Failed(Box::new(outcome))
    }
}

/// How a mailbox file is locked (`mailbox_delivery_lock`, `virtual_mailbox_lock`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Locking {
    fcntl: bool,
    flock: bool,
    dotlock: bool,
    attempts: u32,
    delay: Duration,
    stale: Duration,
}

impl Locking {
    /// Reads the list of methods that parameter `name` has as its value.
    pub fn new(config: &Config, name: &str, methods: &str) -> Result<Locking, ConfigError> {
        let mut locking = Locking {
            fcntl: false,
            flock: false,
            dotlock: false,
            attempts: u32::try_from(config.get(DELIVER_LOCK_ATTEMPTS)).unwrap_or(1).max(1),
            delay: config.get(DELIVER_LOCK_DELAY),
            stale: config.get(STALE_LOCK_TIME),
        };
        for method in methods.split(|c: char| c == ',' || c.is_ascii_whitespace()).filter(|m| !m.is_empty()) {
            match method {
                "fcntl" => locking.fcntl = true,
                "flock" => locking.flock = true,
                "dotlock" => locking.dotlock = true,
                other => {
                    return Err(ConfigError::new(format!(
                        "unknown {name} value \"{other}\" in \"{methods}\""
                    )));
                }
            }
        }
        if !(locking.fcntl || locking.flock || locking.dotlock) {
            return Err(ConfigError::new(format!(
                "parameter {name} specifies no applicable mailbox locking method"
            )));
        }
        Ok(locking)
    }
}

/// A file to append to.
pub struct Mbox<'a> {
    /// Where it is.
    pub path: &'a Path,
    /// Whom a new file is given to, when it is made with other rights than its owner's.
    pub owner: Option<(u32, u32)>,
    /// How to lock it.
    pub locking: Locking,
    /// Go on, with a warning, where a dotlock cannot be made (files in directories that the user may not write).
    pub dotlock_may_fail: bool,
    /// The status of failures that have no better one.
    pub status: Status,
}

/// What an opened file is, before anything is written; a test may refuse it.
pub type Check<'a> = &'a dyn Fn(&std::fs::Metadata) -> Result<(), Outcome>;

/// An open, locked mailbox file. Dropping it releases it: with the rights that it was opened with.
pub struct Opened {
    file: File,
    metadata: std::fs::Metadata,
    path: PathBuf,
    _dotlock: Option<Dotlock>,
}

/// Opens or makes a mailbox file, and locks it.
pub fn open(mbox: &Mbox<'_>) -> Result<Opened, Trouble> {
    let failed = |error: &io::Error, what: &str| {
        let text = format!("{what}: {}", sys::errno_text(error));
        Trouble::from(Outcome::new(mailbox_status(error, mbox.status), text))
    };
    // The dotlock comes first, unless there is something that is no file: /dev/null needs no lock.
    let dotlock = match std::fs::metadata(mbox.path) {
        Ok(metadata) if !metadata.is_file() => None,
        _ => dotlock(mbox)?,
    };
    let (file, created) = open_safely(mbox).map_err(|(error, what)| match what {
        Some(what) => Trouble::from(Outcome::new(mbox.status, what)),
        None => failed(&error, "cannot open file"),
    })?;
    let metadata = file.metadata().map_err(|e| failed(&e, "cannot open file"))?;
    if metadata.is_file() {
        lock(mbox, &file)?;
    }
    // The file may have been replaced, or have grown, while we waited for the lock.
    let metadata = file.metadata().map_err(|e| failed(&e, "cannot open file"))?;
    if metadata.is_file() && metadata.nlink() != 1 {
        log::warning!("{}: file status changed unexpectedly", mbox.path.display());
        return Err(Outcome::new(Status::new(4, 2, 0), "target file status changed unexpectedly").into());
    }
    if created {
        sync_parent(mbox.path).map_err(|e| failed(&e, "cannot sync directory of file"))?;
    }
    let _ = sys::fd::set_nonblocking(&file, false);
    Ok(Opened { file, metadata, path: mbox.path.to_path_buf(), _dotlock: dotlock })
}

impl Opened {
    /// What it was when it was locked: type, owner, mode, length.
    pub fn metadata(&self) -> &std::fs::Metadata {
        &self.metadata
    }

    /// Appends the message; what fails leaves the file as it was.
    pub fn write(&self, delivery: &Delivery<'_>, options: &copy::Options<'_>) -> Result<(), Trouble> {
        let regular = self.metadata.is_file();
        let mut out = BufWriter::with_capacity(65536, &self.file);
        let copied = copy::message(&mut delivery.content(), &mut out, options)
            .and_then(|()| if regular { self.file.sync_all().map_err(CopyError::Write) } else { Ok(()) });
        let Err(error) = copied else { return Ok(()) };
        // What is still buffered must not be written when this goes.
        let _ = out.into_parts();
        if regular {
            // Half a message must not stay; a failure here changes nothing about the result.
            if let Err(error) = self.file.set_len(self.metadata.len()) {
                log::warning!("truncate {}: {}", self.path.display(), sys::errno_text(&error));
            }
        }
        Err(copy_trouble(delivery, &error))
    }
}

/// A failed copy as a result; a damaged queue file is marked.
fn copy_trouble(delivery: &Delivery<'_>, error: &CopyError) -> Trouble {
    if matches!(error, CopyError::Corrupt) {
        delivery.mark_corrupt();
        delivery.keep();
        return Trouble::Corrupt;
    }
    Trouble::from(error.outcome())
}

/// Opens or makes the file without following what others may have planted. The error comes with a text of its own
/// when it is not the system's.
fn open_safely(mbox: &Mbox<'_>) -> Result<(File, bool), (io::Error, Option<String>)> {
    let suspect = |what: &str| (io::Error::from(io::ErrorKind::PermissionDenied), Some(what.to_owned()));
    let mut options = OpenOptions::new();
    options.append(true).mode(0o600).custom_flags(sys::fs::NON_BLOCK);
    for _ in 0..3 {
        match options.open(mbox.path) {
            Ok(file) => {
                let opened = file.metadata().map_err(|e| (e, None))?;
                if opened.is_dir() {
                    return Err(suspect("cannot open file: Is a directory"));
                }
                if opened.nlink() > 1 {
                    return Err(suspect(&format!("file has {} hard links", opened.nlink())));
                }
                let mut named = std::fs::symlink_metadata(mbox.path).map_err(|e| (e, None))?;
                if named.file_type().is_symlink() {
                    let parent = mbox.path.parent().unwrap_or(Path::new("/"));
                    let directory = std::fs::metadata(parent).map_err(|e| (e, None))?;
                    if named.uid() != 0 || directory.uid() != 0 || directory.mode() & 0o022 != 0 {
                        return Err(suspect("file is a symbolic link"));
                    }
                    named = std::fs::metadata(mbox.path).map_err(|e| (e, None))?;
                }
                if (named.dev(), named.ino()) != (opened.dev(), opened.ino()) {
                    return Err(suspect("file status changed unexpectedly"));
                }
                return Ok((file, false));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err((error, None)),
        }
        match OpenOptions::new().append(true).create_new(true).mode(0o600).open(mbox.path) {
            Ok(file) => {
                if let Some((uid, gid)) = mbox.owner {
                    sys::fs::change_owner(&file, uid, gid).map_err(|e| (e, None))?;
                }
                return Ok((file, true));
            }
            // Somebody was faster: open what is there.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => {
                let text = format!("cannot create file exclusively: {}", sys::errno_text(&error));
                return match mailbox_status(&error, mbox.status) == mbox.status {
                    true => Err((error, Some(text))),
                    false => Err((error, None)),
                };
            }
        }
    }
    Err(suspect("file status changed unexpectedly"))
}

/// A dotlock file; it goes when this goes.
struct Dotlock(PathBuf);

impl Drop for Dotlock {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.0) {
            log::warning!("remove lock file {}: {}", self.0.display(), sys::errno_text(&error));
        }
    }
}

/// Makes the dotlock, if there is to be one.
fn dotlock(mbox: &Mbox<'_>) -> Result<Option<Dotlock>, Trouble> {
    if !mbox.locking.dotlock {
        return Ok(None);
    }
    let error = match make_dotlock(mbox) {
        Ok(made) => return Ok(Some(made)),
        Err(error) => error,
    };
    let text =
        format!("unable to create lock file {}.lock: {}", mbox.path.display(), sys::errno_text(&error));
    if error.kind() == io::ErrorKind::AlreadyExists {
        return Err(Outcome::new(Status::new(4, 2, 0), text).into());
    }
    if !mbox.dotlock_may_fail {
        return Err(Outcome::new(mailbox_status(&error, mbox.status), text).into());
    }
    log::warning!("{text}");
    Ok(None)
}

/// Takes the kernel's locks.
fn lock(mbox: &Mbox<'_>, file: &File) -> Result<(), Trouble> {
    let locking = mbox.locking;
    let busy = Status::new(4, 2, 0);
    type Method = fn(&File, Lock, bool) -> io::Result<bool>;
    let methods: [(bool, Method); 2] = [(locking.flock, sys::lock::flock), (locking.fcntl, sys::lock::fcntl)];
    for (_, method) in methods.iter().filter(|(wanted, _)| *wanted) {
        let mut patience = Patience::new(&locking);
        loop {
            match method(file, Lock::Exclusive, false) {
                Ok(true) => break,
                Ok(false) if patience.rest() => {}
                Ok(false) => {
                    let text = "unable to lock for exclusive access: Resource temporarily unavailable";
                    return Err(Trouble::from(Outcome::new(busy, text)));
                }
                Err(error) => {
                    let text = format!("unable to lock for exclusive access: {}", sys::errno_text(&error));
                    return Err(Trouble::from(Outcome::new(mailbox_status(&error, mbox.status), text)));
                }
            }
        }
    }
    Ok(())
}

fn make_dotlock(mbox: &Mbox<'_>) -> io::Result<Dotlock> {
    let mut name = mbox.path.as_os_str().to_owned();
    name.push(".lock");
    let path = PathBuf::from(name);
    let mut patience = Patience::new(&mbox.locking);
    loop {
        let error = match OpenOptions::new().write(true).create_new(true).mode(0o000).open(&path) {
            Ok(_) => return Ok(Dotlock(path)),
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            Err(error) => error,
        };
        let age = std::fs::symlink_metadata(&path)
            .and_then(|m| m.modified())
            .map(|m| m.elapsed().unwrap_or_default());
        if age.is_ok_and(|age| age > mbox.locking.stale) {
            let _ = std::fs::remove_file(&path);
        }
        if !patience.rest() {
            return Err(error);
        }
    }
}

/// The pause between two looks at a lock that somebody else holds. Shorter ones (0.3 to 5 ms) were measured: they
/// disturb the delivery that holds the lock, and take a third of its rate.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// How long one waits for a lock: as long as `deliver_lock_attempts` and `deliver_lock_delay` say together, but with
/// a look much more often. Another delivery to the same mailbox holds the lock for less than a millisecond, and who
/// looks again after a second finds the one after it.
struct Patience {
    left: Duration,
    step: Duration,
}

impl Patience {
    fn new(locking: &Locking) -> Patience {
        Patience {
            left: locking.delay.saturating_mul(locking.attempts.saturating_sub(1)),
            step: locking.delay.min(LOOK_AGAIN),
        }
    }

    /// Waits a little; false when there has been waiting enough.
    fn rest(&mut self) -> bool {
        let step = self.step.min(self.left);
        if step.is_zero() {
            return false;
        }
        std::thread::sleep(step);
        self.left -= step;
        true
    }
}

/// Delivers to the Maildir `directory`, which is made when it is missing: a new file in tmp, synced, linked into new,
/// and new synced. `status`: of failures that have no better one.
pub fn maildir(
    delivery: &Delivery<'_>,
    directory: &Path,
    options: &copy::Options<'_>,
    status: Status,
) -> Result<(), Trouble> {
    let failed = |error: &io::Error, path: &Path| {
        let text = format!("create maildir file {}: {}", path.display(), sys::errno_text(error));
        if error.kind() == io::ErrorKind::PermissionDenied {
            let (uid, gid) = (sys::user::effective_uid(), sys::user::effective_gid());
            log::warning!("maildir access problem for UID/GID={uid}/{gid}: {text}");
            log::warning!("perhaps you need to create the maildirs in advance");
        }
        Trouble::from(Outcome::new(mailbox_status(error, status), text))
    };
    let [tmp, new, cur] = ["tmp", "new", "cur"].map(|name| directory.join(name));
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let host = host_name();
    let temporary = tmp.join(format!("{}.P{}.{host}", now.as_secs(), sys::proc::pid()));
    let create = || OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary);
    let file = match create() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            make_directories(&tmp).and_then(|()| create()).map_err(|e| failed(&e, &temporary))?
        }
        // A process of the same id left it: its delivery failed, or it was killed.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            std::fs::remove_file(&temporary).and_then(|()| create()).map_err(|e| failed(&e, &temporary))?
        }
        other => other.map_err(|e| failed(&e, &temporary))?,
    };
    let _temporary = Temporary(&temporary);
    let metadata = file.metadata().map_err(|e| failed(&e, &temporary))?;
    let named = format!(
        "{}.V{:x}I{:x}M{}.{host}",
        now.as_secs(),
        metadata.dev(),
        metadata.ino(),
        now.subsec_micros()
    );
    let place = new.join(named);
    copy::message(&mut delivery.content(), &mut BufWriter::with_capacity(65536, &file), options)
        .and_then(|()| file.sync_all().map_err(CopyError::Write))
        .map_err(|error| copy_trouble(delivery, &error))?;
    match std::fs::hard_link(&temporary, &place) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => make_directories(&cur)
            .and_then(|()| make_directories(&new))
            .and_then(|()| std::fs::hard_link(&temporary, &place))
            .map_err(|e| failed(&e, &place))?,
        other => other.map_err(|e| failed(&e, &place))?,
    }
    // The reference stops here and loses the mail when the mailbox disk loses power before the entry is written.
    if let Err(error) = sync_directory(&new) {
        let _ = std::fs::remove_file(&place);
        return Err(failed(&error, &place));
    }
    Ok(())
}

/// A file in tmp, which goes whatever happens.
struct Temporary<'a>(&'a Path);

impl Drop for Temporary<'_> {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(self.0) {
            log::warning!("remove {}: {}", self.0.display(), sys::errno_text(&error));
        }
    }
}

/// Makes a directory and what is missing above it, each entry on disk.
fn make_directories(path: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let parent = path.parent().ok_or(error)?;
            make_directories(parent)?;
            match DirBuilder::new().mode(0o700).create(path) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                _ => {}
            }
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
        other => other?,
    }
    sync_parent(path)
}

fn sync_parent(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => sync_directory(parent),
        _ => Ok(()),
    }
}

/// Syncs a directory. One that may be written but not read cannot be opened for that; its file system's next commit
/// has to do.
fn sync_directory(path: &Path) -> io::Result<()> {
    match sys::fs::sync_directory(path) {
        Err(error)
            if matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::InvalidInput) =>
        {
            Ok(())
        }
        other => other,
    }
}

/// The machine's name as it may stand in a Maildir file's name.
fn host_name() -> String {
    sys::host::hostname()
        .unwrap_or_else(|_| "localhost".to_owned())
        .replace('/', "\\057")
        .replace(':', "\\072")
}

/// Whether a mailbox path means Maildir: it ends in a slash.
pub fn is_maildir(path: &[u8]) -> bool {
    path.ends_with(b"/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lock_methods() {
        let config = Config::from_pairs(&[]);
        let locking = Locking::new(&config, "mailbox_delivery_lock", "fcntl, dotlock").unwrap();
        assert!(locking.fcntl && locking.dotlock && !locking.flock);
        assert!(Locking::new(&config, "mailbox_delivery_lock", "").is_err());
        assert!(Locking::new(&config, "mailbox_delivery_lock", "bogus").is_err());
    }

    #[test]
    fn patience_ends() {
        let waited = |attempts: &str, delay: &str| {
            let config =
                Config::from_pairs(&[("deliver_lock_attempts", attempts), ("deliver_lock_delay", delay)]);
            let mut patience = Patience::new(&Locking::new(&config, "x", "fcntl").unwrap());
            let start = std::time::Instant::now();
            while patience.rest() {}
            start.elapsed()
        };
        assert!(waited("1", "1s") < Duration::from_millis(500), "one attempt, no rest");
        assert!(waited("2", "1s") >= Duration::from_secs(1));
    }

    #[test]
    fn planted_links_are_refused_and_new_files_are_made() {
        let directory = std::env::temp_dir().join(format!("delivery-mailbox-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        // Where others may write, not even root's links are followed.
        std::fs::set_permissions(&directory, std::os::unix::fs::PermissionsExt::from_mode(0o777)).unwrap();
        let config = Config::from_pairs(&[("deliver_lock_attempts", "1")]);
        let locking = Locking::new(&config, "mailbox_delivery_lock", "fcntl, dotlock").unwrap();
        let target = directory.join("box");
        let mbox =
            |path| Mbox { path, owner: None, locking, dotlock_may_fail: false, status: Status::new(5, 2, 0) };
        let (file, created) = open_safely(&mbox(&target)).unwrap();
        assert!(created);
        assert!(!open_safely(&mbox(&target)).unwrap().1);
        let lock_path = directory.join("box.lock");
        lock(&mbox(&target), &file).unwrap();
        let held = dotlock(&mbox(&target)).unwrap();
        assert!(lock_path.exists());
        assert!(
            matches!(dotlock(&mbox(&target)), Err(Trouble::Failed(outcome)) if outcome.status == Status::new(4, 2, 0))
        );
        drop(held);
        assert!(!lock_path.exists());
        let link = directory.join("link");
        std::os::unix::fs::symlink(&target, &link).unwrap();
        assert!(open_safely(&mbox(&link)).is_err());
        let hard = directory.join("hard");
        std::fs::hard_link(&target, &hard).unwrap();
        assert!(open_safely(&mbox(&target)).is_err());
        std::fs::remove_dir_all(directory).unwrap();
    }
}
