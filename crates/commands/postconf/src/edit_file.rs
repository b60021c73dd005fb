//! Replacing a configuration file: a locked temporary copy beside it, synced, then renamed into place.

use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Writes what `change` makes of the file's contents, with the file's mode and owner. Two editors at once wait for each
/// other.
pub fn replace(path: &Path, change: impl FnOnce(&[u8]) -> Result<Vec<u8>, String>) -> Result<(), String> {
    let temporary = PathBuf::from(format!("{}.tmp", path.display()));
    let said = |what: &str, path: &Path, why: &io::Error| {
        format!("{what} {}: {}", path.display(), sys::errno_text(why))
    };
    let mut file = lock(&temporary).map_err(|e| said("open", &temporary, &e))?;
    let outcome = (|| {
        let mut source = fs::File::open(path)
            .map_err(|e| format!("open {} for reading: {}", path.display(), sys::errno_text(&e)))?;
        let mut old = Vec::new();
        source.read_to_end(&mut old).map_err(|e| said("read", path, &e))?;
        let new = change(&old)?;
        let known = source.metadata().map_err(|e| said("stat", path, &e))?;
        file.set_len(0)
            .and_then(|()| file.write_all(&new))
            // Whoever may not give files away keeps what is his.
            .map(|()| drop(std::os::unix::fs::fchown(&file, Some(known.uid()), Some(known.gid()))))
            .and_then(|()| file.set_permissions(fs::Permissions::from_mode(known.mode() & 0o777)))
            .and_then(|()| file.sync_all())
            .map_err(|e| said("write", &temporary, &e))?;
        fs::rename(&temporary, path).map_err(|e| {
            format!("rename {} to {}: {}", temporary.display(), path.display(), sys::errno_text(&e))
        })
    })();
    if outcome.is_err() {
        // Ours, by the lock; the error being reported matters more than one from here.
        let _ = fs::remove_file(&temporary);
    }
    outcome
}

/// The temporary file, open and locked. Whoever held the lock before may have renamed the file away; then the
/// name is opened anew.
fn lock(path: &Path) -> io::Result<fs::File> {
    loop {
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .custom_flags(sys::fs::NO_FOLLOW)
            .open(path)?;
        // The lock that the reference's postconf takes, too.
        sys::lock::flock(&file, sys::lock::Lock::Exclusive, true)?;
        let ours = file.metadata()?;
        match fs::symlink_metadata(path) {
            Ok(named) if (named.dev(), named.ino()) == (ours.dev(), ours.ino()) => return Ok(file),
            Ok(_) => {}
            Err(why) if why.kind() == io::ErrorKind::NotFound => {}
            Err(why) => return Err(why),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_and_cleans_up() {
        let dir = std::env::temp_dir().join(format!("postconf-edit-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        let path = dir.join("main.cf");
        fs::write(&path, "a = 1\n").unwrap();
        replace(&path, |old| Ok([old, b"b = 2\n"].concat())).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"a = 1\nb = 2\n");
        assert_eq!(replace(&path, |_| Err("no".into())).unwrap_err(), "no");
        assert_eq!(fs::read_dir(&dir).unwrap().count(), 1);
        fs::remove_dir_all(&dir).unwrap();
    }
}
