//! File descriptors: inherited ones, flags, pipes.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

use nix::fcntl::{FcntlArg, FdFlag, OFlag, fcntl};

/// Takes over a descriptor that the parent process passed at a fixed number, such as master's
/// listeners from 6 on. `None` when it is not open.
///
/// Each number may be claimed once; a second claim is refused with `None`.
pub fn inherited(number: RawFd) -> Option<OwnedFd> {
    use std::sync::Mutex;
    static CLAIMED: Mutex<Vec<RawFd>> = Mutex::new(Vec::new());
    let mut claimed = CLAIMED.lock().unwrap_or_else(|e| e.into_inner());
    if claimed.contains(&number) || !is_open(number) {
        return None;
    }
    claimed.push(number);
    // SAFETY: the descriptor is open (checked), came from the parent by contract, and the list
    // above makes sure that only one OwnedFd is ever made from this number.
    Some(unsafe { OwnedFd::from_raw_fd(number) })
}

/// Whether a descriptor number is open in this process.
pub fn is_open(number: RawFd) -> bool {
    // SAFETY: F_GETFD only reads the descriptor table; any number is allowed.
    unsafe { libc::fcntl(number, libc::F_GETFD) >= 0 }
}

/// Opens /dev/null on each of descriptors 0, 1 and 2 that is closed, so that no later file
/// lands there.
pub fn fill_standard() -> io::Result<()> {
    loop {
        let file = std::fs::OpenOptions::new().read(true).write(true).open("/dev/null")?;
        if file.as_raw_fd() > 2 {
            return Ok(());
        }
        std::mem::forget(file);
    }
}

/// Sets or clears close-on-exec.
pub fn set_cloexec(fd: impl AsFd, on: bool) -> io::Result<()> {
    let flags = if on { FdFlag::FD_CLOEXEC } else { FdFlag::empty() };
    fcntl(fd, FcntlArg::F_SETFD(flags))?;
    Ok(())
}

/// Sets or clears non-blocking mode.
pub fn set_nonblocking(fd: impl AsFd, on: bool) -> io::Result<()> {
    let fd = fd.as_fd();
    let old = OFlag::from_bits_retain(fcntl(fd, FcntlArg::F_GETFL)?);
    let mut new = old;
    new.set(OFlag::O_NONBLOCK, on);
    if new != old {
        fcntl(fd, FcntlArg::F_SETFL(new))?;
    }
    Ok(())
}

/// A pipe, (read end, write end), both close-on-exec.
pub fn pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    Ok(nix::unistd::pipe2(OFlag::O_CLOEXEC)?)
}

/// Makes `target` another name of `source`, not close-on-exec. What `target` was is closed.
/// For the standard descriptors only: other numbers belong to owners in this process.
pub fn replace_standard(source: impl AsFd, target: RawFd) -> io::Result<()> {
    if !(0..=2).contains(&target) {
        return Err(io::Error::from(io::ErrorKind::InvalidInput));
    }
    // SAFETY: 0 to 2 are owned by no OwnedFd in this project; dup2 keeps them open throughout.
    if unsafe { libc::dup2(source.as_fd().as_raw_fd(), target) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// A duplicate, close-on-exec, at number `least` or above.
pub fn duplicate_above(fd: BorrowedFd<'_>, least: RawFd) -> io::Result<OwnedFd> {
    let raw = fcntl(fd, FcntlArg::F_DUPFD_CLOEXEC(least))?;
    // SAFETY: fcntl just made this descriptor; nobody else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(raw) })
}

/// Raises the soft limit on open files to the hard limit; returns the limit in force.
pub fn raise_open_limit() -> io::Result<u64> {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    if soft < hard {
        setrlimit(Resource::RLIMIT_NOFILE, hard, hard)?;
    }
    Ok(hard)
}

/// Closes every descriptor from `least` up. For command-line tools at start, before anything
/// is open that has an owner.
pub fn close_from(least: RawFd) {
    if least > 2 {
        // SAFETY: callers run this first thing in main, when no OwnedFd of ours exists.
        unsafe {
            libc::syscall(libc::SYS_close_range, least as libc::c_uint, libc::c_uint::MAX, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closed_numbers_are_not_inherited() {
        assert!(inherited(9_999).is_none());
        assert!(is_open(1));
    }

    #[test]
    fn pipes_and_flags() {
        let (r, w) = pipe().unwrap();
        set_nonblocking(&r, true).unwrap();
        let mut buf = [0u8; 1];
        let err = nix::unistd::read(&r, &mut buf).unwrap_err();
        assert_eq!(err, nix::errno::Errno::EAGAIN);
        set_cloexec(&w, false).unwrap();
        let high = duplicate_above(w.as_fd(), 50).unwrap();
        assert!(high.as_raw_fd() >= 50);
    }
}
