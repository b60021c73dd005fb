//! Advisory file locks: fcntl (what Postfix uses for queue files, tables and mailboxes) and flock.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;

/// How a file is locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lock {
    /// Many readers.
    Shared,
    /// One writer.
    Exclusive,
    /// None: release.
    Unlock,
}

/// Locks all of `file` by fcntl. The lock belongs to the process: closing any descriptor of the file loses it.
/// Without `wait`, a lock that somebody else holds is `Ok(false)`.
pub fn fcntl(file: &File, lock: Lock, wait: bool) -> io::Result<bool> {
    set(file, lock, if wait { libc::F_SETLKW } else { libc::F_SETLK })
}

/// Locks all of `file` for this open file (not the process), against fcntl locks of others: safe among threads.
pub fn open_file(file: &File, lock: Lock, wait: bool) -> io::Result<bool> {
    set(file, lock, if wait { libc::F_OFD_SETLKW } else { libc::F_OFD_SETLK })
}

/// Locks `file` by flock(2).
pub fn flock(file: &File, lock: Lock, wait: bool) -> io::Result<bool> {
    let mut operation = match lock {
        Lock::Shared => libc::LOCK_SH,
        Lock::Exclusive => libc::LOCK_EX,
        Lock::Unlock => libc::LOCK_UN,
    };
    if !wait {
        operation |= libc::LOCK_NB;
    }
    // SAFETY: the descriptor is open for as long as `file` lives; flock takes plain integers.
    retry(|| unsafe { libc::flock(file.as_raw_fd(), operation) })
}

fn set(file: &File, lock: Lock, command: libc::c_int) -> io::Result<bool> {
    let kind = match lock {
        Lock::Shared => libc::F_RDLCK,
        Lock::Exclusive => libc::F_WRLCK,
        Lock::Unlock => libc::F_UNLCK,
    };
    // SAFETY: struct flock holds integers only, for which zeroes are valid; zero start and length mean the whole file,
    // zero pid is what the open-file commands demand.
    let mut request: libc::flock = unsafe { std::mem::zeroed() };
    request.l_type = kind as libc::c_short;
    request.l_whence = libc::SEEK_SET as libc::c_short;
    // SAFETY: the descriptor is open for as long as `file` lives, and `request` outlives the call.
    retry(|| unsafe { libc::fcntl(file.as_raw_fd(), command, &request) })
}

/// True when done, false when somebody else holds the lock. A signal only makes it try again.
fn retry(mut call: impl FnMut() -> libc::c_int) -> io::Result<bool> {
    loop {
        if call() == 0 {
            return Ok(true);
        }
        let error = io::Error::last_os_error();
        match error.raw_os_error() {
            Some(libc::EINTR) => continue,
            Some(libc::EAGAIN | libc::EACCES) => return Ok(false),
            _ => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn second_open_file_is_kept_out() {
        let path = std::env::temp_dir().join(format!("sys-lock-{}", std::process::id()));
        let first = File::create(&path).unwrap();
        let second = File::options().write(true).open(&path).unwrap();
        assert!(open_file(&first, Lock::Exclusive, false).unwrap());
        assert!(!open_file(&second, Lock::Exclusive, false).unwrap());
        assert!(open_file(&first, Lock::Unlock, false).unwrap());
        assert!(open_file(&second, Lock::Exclusive, false).unwrap());
        std::fs::remove_file(path).unwrap();
    }
}
