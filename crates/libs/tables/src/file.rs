//! What file-based tables share: stamps that tell a changed file, key folding, the trailing NUL, publication.

use std::borrow::Cow;
use std::fs::{File, Metadata};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use bstr::BString;
use sys::lock::Lock;

use crate::settings;
use crate::table::{Flags, OpenError, Owner, TableError};

/// A table that is away: the reason in the reference's words.
pub(crate) fn cannot_open(what: &str, path: &str, error: &io::Error) -> OpenError {
    let what = if what.is_empty() { String::new() } else { format!("{what} ") };
    OpenError::Unavailable(format!("open {what}{path}: {}", sys::errno_text(error)))
}

/// When the file behind a table was last written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    seconds: i64,
    nanoseconds: i64,
    uid: u32,
}

impl Stamp {
    pub fn of(file: &File) -> io::Result<Stamp> {
        file.metadata().map(|m| Stamp::from(&m))
    }

    fn from(metadata: &Metadata) -> Stamp {
        Stamp { seconds: metadata.mtime(), nanoseconds: metadata.mtime_nsec(), uid: metadata.uid() }
    }

    /// Whose file it is.
    pub fn owner(&self) -> Owner {
        Owner::of(self.uid)
    }

    /// Whether `file`, which was open all the while, was written since or replaced by another.
    pub fn changed(&self, file: &File) -> bool {
        file.metadata().map_or(true, |m| m.nlink() == 0 || Stamp::from(&m) != *self)
    }
}

/// Warns when an indexed file is older than the text that it was made from.
pub(crate) fn warn_if_older(database: &Path, source: &str, stamp: &Stamp) {
    let Ok(text) = std::fs::metadata(source) else { return };
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |d| i64::try_from(d.as_secs()).unwrap_or(i64::MAX));
    // compat: a source that changed just now is being worked on.
    if stamp.seconds < text.mtime() && text.mtime() < now - 100 {
        log::warning!("database {} is older than source file {source}", database.display());
    }
}

/// Whether keys are folded to lower case.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Folding {
    fold: bool,
    /// Letters beyond ASCII have cases too.
    utf8: bool,
}

impl Folding {
    pub fn of(flags: Flags) -> Folding {
        Folding { fold: flags.has(Flags::FOLD), utf8: !flags.has(Flags::NO_UTF8) && settings().utf8 }
    }

    pub fn fold(self, key: &[u8]) -> Cow<'_, [u8]> {
        if !self.fold || !key.iter().any(|b| b.is_ascii_uppercase() || !b.is_ascii()) {
            return Cow::Borrowed(key);
        }
        match std::str::from_utf8(key) {
            Ok(text) if self.utf8 && !key.is_ascii() => {
                Cow::Owned(text.chars().flat_map(case_folded).collect::<String>().into_bytes())
            }
            _ => Cow::Owned(key.to_ascii_lowercase()),
        }
    }
}

/// Unicode's full case folding, as far as upper and lower case show it: `ß` is `ss`, the final sigma is a sigma.
fn case_folded(letter: char) -> impl Iterator<Item = char> {
    // The dotless i is its own.
    let same = letter == 'ı';
    let folded = letter.to_lowercase().flat_map(char::to_uppercase).flat_map(char::to_lowercase);
    folded.filter(move |_| !same).chain(std::iter::once(letter).filter(move |_| same))
}

/// Whether the file's keys end in NUL: not known until one is found.
#[derive(Debug, Default)]
pub(crate) struct Terminator(AtomicU8);

const WITH: u8 = 1;
const WITHOUT: u8 = 2;

impl Terminator {
    /// Looks `key` up with a NUL, then without, until the file has shown which it is.
    pub fn lookup(
        &self,
        key: &[u8],
        mut find: impl FnMut(&[u8]) -> Result<Option<BString>, TableError>,
    ) -> Result<Option<BString>, TableError> {
        let known = self.0.load(Ordering::Relaxed);
        if known != WITHOUT {
            let terminated = [key, b"\0"].concat();
            if let Some(value) = find(&terminated)? {
                self.0.store(WITH, Ordering::Relaxed);
                return Ok(Some(unterminated(value)));
            }
        }
        if known != WITH {
            if let Some(value) = find(key)? {
                self.0.store(WITHOUT, Ordering::Relaxed);
                return Ok(Some(unterminated(value)));
            }
        }
        Ok(None)
    }
}

/// `bytes` up to the first NUL.
pub(crate) fn unterminated(mut bytes: BString) -> BString {
    if let Some(end) = memchr::memchr(0, &bytes) {
        bytes.truncate(end);
    }
    bytes
}

/// Puts `contents` in place of `path`: a new file with the old one's mode, renamed over it, under the lock that other
/// writers hold. Where the directory may not be written, the old file is rewritten in place.
pub(crate) fn publish(path: &Path, contents: &[u8]) -> io::Result<()> {
    // The link's target is replaced, not the link.
    let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let old = match File::options().read(true).write(true).open(&path) {
        Ok(file) => {
            sys::lock::fcntl(&file, Lock::Exclusive, true)?;
            Some(file)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let temporary = temporary_name(&path);
    match File::options().write(true).create_new(true).mode(0o644).open(&temporary) {
        Ok(file) => {
            let done =
                replace(&file, contents, old.as_ref()).and_then(|()| std::fs::rename(&temporary, &path));
            if done.is_err() {
                let _ = std::fs::remove_file(&temporary);
            }
            done?;
            if let Some(directory) = path.parent() {
                File::open(if directory.as_os_str().is_empty() { Path::new(".") } else { directory })?
                    .sync_all()?;
            }
            Ok(())
        }
        Err(error) => match old {
            Some(mut file) if error.kind() == io::ErrorKind::PermissionDenied => {
                file.set_len(0)?;
                file.write_all(contents)?;
                file.sync_all()
            }
            _ => Err(error),
        },
    }
}

/// As [`publish`], for types whose files are always made anew: whose they were before does not matter.
pub(crate) fn publish_new(path: &Path, contents: &[u8]) -> io::Result<()> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".tmp");
    let temporary = PathBuf::from(temporary);
    let named = |error: io::Error| {
        io::Error::new(error.kind(), format!("{}: {}", temporary.display(), sys::errno_text(&error)))
    };
    // Not truncated before it is locked: another writer may be at it.
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false).mode(0o644);
    let mut file = options.open(&temporary).map_err(named)?;
    sys::lock::fcntl(&file, Lock::Exclusive, true).map_err(named)?;
    file.set_len(0)?;
    file.write_all(contents)?;
    file.sync_all()?;
    std::fs::rename(&temporary, path)
}

fn replace(mut file: &File, contents: &[u8], old: Option<&File>) -> io::Result<()> {
    if let Some(old) = old {
        let old = old.metadata()?;
        let new = file.metadata()?;
        if (old.uid(), old.gid()) != (new.uid(), new.gid()) {
            // Only root can keep a foreign owner; who else can write the directory becomes the owner.
            let _ = std::os::unix::fs::fchown(file, Some(old.uid()), Some(old.gid()));
        }
        file.set_permissions(std::fs::Permissions::from_mode(old.mode() & 0o7777))?;
    }
    file.write_all(contents)?;
    file.sync_all()
}

fn temporary_name(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".tmp{}", std::process::id()));
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_is_ascii_or_utf8() {
        let fold = Folding::of(Flags::FOLD);
        assert_eq!(&*fold.fold(b"Joe@Example.COM"), b"joe@example.com");
        assert_eq!(&*fold.fold("JÖRG".as_bytes()), "jörg".as_bytes());
        assert_eq!(&*fold.fold("Straße ΟΔΟΣ ı".as_bytes()), "strasse οδοσ ı".as_bytes());
        assert_eq!(&*fold.fold(b"A\xff"), b"a\xff");
        assert_eq!(&*Folding::of(Flags::NONE).fold(b"A"), b"A");
        let ascii = Folding::of(Flags::FOLD | Flags::NO_UTF8);
        assert_eq!(&*ascii.fold("AÖ".as_bytes()), "aÖ".as_bytes());
    }

    #[test]
    fn terminator_is_learned() {
        let terminator = Terminator::default();
        let mut asked = Vec::new();
        let found = terminator.lookup(b"a", |key| {
            asked.push(key.to_vec());
            Ok((key == b"a").then(|| BString::from("v\0")))
        });
        assert_eq!(found.unwrap().unwrap(), "v");
        assert_eq!(asked, [b"a\0".to_vec(), b"a".to_vec()]);
        assert!(
            terminator
                .lookup(b"b", |key| Ok(key.ends_with(b"\0").then(|| BString::from("x"))))
                .unwrap()
                .is_none()
        );
    }
}
