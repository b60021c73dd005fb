//! File system calls that std lacks: directory syncs, chroot, careful opens.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

/// Writes a directory's entries to disk.
pub fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Confines the process to `root` and goes to its top.
pub fn chroot(root: &Path) -> io::Result<()> {
    nix::unistd::chroot(root)?;
    std::env::set_current_dir("/")
}

/// Sets the file creation mask; returns the old one.
pub fn umask(mask: u32) -> u32 {
    nix::sys::stat::umask(nix::sys::stat::Mode::from_bits_truncate(mask)).bits()
}

/// Makes a named pipe with the given mode (before the umask).
pub fn make_fifo(path: &Path, mode: u32) -> io::Result<()> {
    Ok(nix::unistd::mkfifo(path, nix::sys::stat::Mode::from_bits_truncate(mode))?)
}

/// Changes the owner and group of an open file.
pub fn change_owner(fd: impl AsFd, uid: u32, gid: u32) -> io::Result<()> {
    Ok(nix::unistd::fchown(fd, Some(uid.into()), Some(gid.into()))?)
}

/// Changes the owner and group of a path, never following a link in its last component.
pub fn change_owner_at(path: &Path, uid: u32, gid: u32) -> io::Result<()> {
    std::os::unix::fs::lchown(path, Some(uid), Some(gid))
}

/// Why [`open_existing_safely`] would not trust a file.
#[derive(Debug)]
pub enum Unsafe {
    /// The system call failed.
    Io(io::Error),
    /// It opened, but it is not what a careful program may use; the text says why.
    Suspect(&'static str),
}

impl std::fmt::Display for Unsafe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Unsafe::Io(err) => f.write_str(&crate::errno_text(err)),
            Unsafe::Suspect(why) => f.write_str(why),
        }
    }
}

/// Opens an existing file in a place where others may have planted links: it must be a regular
/// file with one link, and the same that `lstat` sees after the open. A symbolic link is
/// followed only if root owns it and its directory is writable by root alone.
pub fn open_existing_safely(path: &Path, options: &std::fs::OpenOptions) -> Result<File, Unsafe> {
    let mut options = options.clone();
    options.create(false).create_new(false).truncate(false);
    let file = options.open(path).map_err(Unsafe::Io)?;
    let opened = file.metadata().map_err(Unsafe::Io)?;
    if !opened.is_file() {
        return Err(Unsafe::Suspect("file is not a regular file"));
    }
    if opened.nlink() != 1 {
        return Err(Unsafe::Suspect("file has multiple hard links"));
    }
    let mut named = std::fs::symlink_metadata(path).map_err(Unsafe::Io)?;
    if named.file_type().is_symlink() {
        let parent = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let dir = std::fs::metadata(parent).map_err(Unsafe::Io)?;
        let link_of_root = named.uid() == 0 && dir.uid() == 0 && dir.mode() & 0o022 == 0;
        if !link_of_root {
            return Err(Unsafe::Suspect("file is a symbolic link"));
        }
        named = std::fs::metadata(path).map_err(Unsafe::Io)?;
    }
    if (named.dev(), named.ino()) != (opened.dev(), opened.ino()) {
        return Err(Unsafe::Suspect("file status changed unexpectedly"));
    }
    Ok(file)
}

/// Creates a file that must not exist yet, not following links; for writing.
pub fn create_new(path: &Path, mode: u32) -> io::Result<File> {
    std::fs::OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .mode(mode)
        .custom_flags(libc::O_NOFOLLOW | libc::O_CLOEXEC)
        .open(path)
}

/// `O_NOFOLLOW`, for `OpenOptionsExt::custom_flags`.
pub const NO_FOLLOW: i32 = libc::O_NOFOLLOW;
/// `O_NONBLOCK`, for `OpenOptionsExt::custom_flags`.
pub const NON_BLOCK: i32 = libc::O_NONBLOCK;

/// Drops a file's cached pages' read-ahead hints: tells the kernel that it will be read once.
pub fn read_once(fd: impl AsFd) {
    // SAFETY: posix_fadvise reads only its arguments; the descriptor is borrowed for the call.
    unsafe {
        libc::posix_fadvise(fd.as_fd().as_raw_fd(), 0, 0, libc::POSIX_FADV_SEQUENTIAL);
    }
}

/// Sets a file's access and modification time, in seconds since 1970.
pub fn set_times(path: &Path, accessed: i64, modified: i64) -> io::Result<()> {
    use nix::sys::time::{TimeVal, TimeValLike};
    nix::sys::stat::utimes(path, &TimeVal::seconds(accessed), &TimeVal::seconds(modified))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn careful_open_refuses_links() {
        let dir = std::env::temp_dir().join(format!("sys-fs-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let file = dir.join("file");
        std::fs::write(&file, b"x").unwrap();
        let mut read = std::fs::OpenOptions::new();
        read.read(true);
        assert!(open_existing_safely(&file, &read).is_ok());
        std::fs::hard_link(&file, dir.join("second")).unwrap();
        assert!(matches!(
            open_existing_safely(&file, &read),
            Err(Unsafe::Suspect("file has multiple hard links"))
        ));
        assert!(matches!(open_existing_safely(&dir, &read), Err(Unsafe::Suspect(_))));
        assert!(create_new(&file, 0o600).is_err());
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
