//! Waiting for one descriptor, with a time limit.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout};

/// Waits until the descriptor can be read (or has ended): false when the time is over.
/// `None` waits for ever.
pub fn readable(fd: impl AsFd, limit: Option<Duration>) -> io::Result<bool> {
    wait(fd.as_fd(), PollFlags::POLLIN, limit)
}

/// Waits until the descriptor can be written (or has failed): false when the time is over.
pub fn writable(fd: impl AsFd, limit: Option<Duration>) -> io::Result<bool> {
    wait(fd.as_fd(), PollFlags::POLLOUT, limit)
}

fn wait(fd: BorrowedFd<'_>, what: PollFlags, limit: Option<Duration>) -> io::Result<bool> {
    let end = limit.map(|l| Instant::now() + l);
    loop {
        let left = match end {
            None => PollTimeout::NONE,
            Some(end) => {
                let ms = end.saturating_duration_since(Instant::now()).as_micros().div_ceil(1000);
                PollTimeout::try_from(ms.min(i32::MAX as u128)).unwrap_or(PollTimeout::MAX)
            }
        };
        let mut fds = [PollFd::new(fd, what)];
        match nix::poll::poll(&mut fds, left) {
            Ok(0) if end.is_none_or(|e| Instant::now() < e) => continue,
            Ok(n) => return Ok(n > 0),
            Err(nix::errno::Errno::EINTR) => continue,
            Err(err) => return Err(err.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_pipe_is_not_readable() {
        let (r, w) = crate::fd::pipe().unwrap();
        assert!(!readable(&r, Some(Duration::from_millis(1))).unwrap());
        assert!(writable(&w, None).unwrap());
        drop(w);
        assert!(readable(&r, None).unwrap());
    }
}
