//! Files: locks, flags, free space, the type of a file system.

use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::path::Path;

/// `O_NONBLOCK` for `OpenOptionsExt::custom_flags`.
pub const O_NONBLOCK: i32 = libc::O_NONBLOCK;
/// `O_NOFOLLOW` for `OpenOptionsExt::custom_flags`.
pub const O_NOFOLLOW: i32 = libc::O_NOFOLLOW;

/// Kinds of [`flock`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    /// Many readers.
    Shared,
    /// One owner.
    Exclusive,
    /// Release.
    None,
}

/// BSD file lock, held until the last copy of the descriptor is closed. With `wait` false a lock
/// held by another is `WouldBlock`.
pub fn flock(fd: impl AsFd, lock: Lock, wait: bool) -> io::Result<()> {
    let mut operation = match lock {
        Lock::Shared => libc::LOCK_SH,
        Lock::Exclusive => libc::LOCK_EX,
        Lock::None => libc::LOCK_UN,
    };
    if !wait {
        operation |= libc::LOCK_NB;
    }
    loop {
        // SAFETY: flock takes a descriptor, which `fd` keeps open, and a number; no memory.
        if unsafe { libc::flock(fd.as_fd().as_raw_fd(), operation) } == 0 {
            return Ok(());
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}

/// Room on a file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Space {
    /// Bytes of a block.
    pub block_size: u64,
    /// Blocks free for ordinary users.
    pub blocks_free: u64,
    /// Inodes free for ordinary users; zero on file systems that do not count them.
    pub inodes_free: u64,
    /// Inodes in all.
    pub inodes: u64,
}

/// The room left where `path` is.
pub fn free_space(path: &Path) -> io::Result<Space> {
    let stat = nix::sys::statvfs::statvfs(path)?;
    Ok(Space {
        block_size: stat.fragment_size(),
        blocks_free: stat.blocks_available(),
        inodes_free: stat.files_available(),
        inodes: stat.files(),
    })
}

/// Whether a file's name survives a power cut once the file itself is synced: true on file
/// systems whose journal keeps the directory change ahead of the file's `fsync`.
pub fn names_follow_fsync(fd: impl AsFd) -> io::Result<bool> {
    const EXT: i64 = 0xef53;
    const XFS: i64 = 0x5846_5342;
    const BTRFS: i64 = 0x9123_683e;
    const TMPFS: i64 = 0x0102_1994;
    let stat = nix::sys::statfs::fstatfs(fd)?;
    let magic = stat.filesystem_type().0;
    Ok([EXT, XFS, BTRFS, TMPFS].iter().any(|&known| i128::from(known) == i128::from(magic)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;

    #[test]
    fn locks_exclude_each_other() {
        let path = std::env::temp_dir().join(format!("sys-flock.{}", std::process::id()));
        let one = File::create(&path).unwrap();
        let two = File::open(&path).unwrap();
        flock(&one, Lock::Exclusive, false).unwrap();
        assert_eq!(flock(&two, Lock::Shared, false).unwrap_err().kind(), io::ErrorKind::WouldBlock);
        flock(&one, Lock::None, false).unwrap();
        flock(&two, Lock::Shared, false).unwrap();
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn space_is_counted() {
        let space = free_space(Path::new("/")).unwrap();
        assert!(space.block_size > 0);
    }
}
