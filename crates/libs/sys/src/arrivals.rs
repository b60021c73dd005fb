//! Many threads that wait for the next connection on the same listening sockets.
//!
//! Each arrival wakes one waiting thread of one process: the thread that went to sleep last, whose memory is
//! warm. An event says that there is something; what there is, the thread finds out by accepting until it would
//! block, since a second arrival may be reported with the first.

use std::io;
use std::os::fd::BorrowedFd;

use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::sys::eventfd::{EfdFlags, EventFd};

const NUDGE: u64 = u64::MAX;

/// Listening sockets, and threads that wait for them.
#[derive(Debug)]
pub struct Arrivals {
    epoll: Epoll,
    nudges: EventFd,
}

impl Arrivals {
    /// Without sockets yet.
    pub fn new() -> io::Result<Arrivals> {
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        let nudges = EventFd::from_value_and_flags(0, EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK)?;
        let edges = EpollFlags::EPOLLIN | EpollFlags::EPOLLET;
        epoll.add(&nudges, EpollEvent::new(edges, NUDGE))?;
        Ok(Arrivals { epoll, nudges })
    }

    /// Watches a listening socket; what already waits there is an arrival.
    pub fn add(&self, listener: BorrowedFd<'_>, number: usize) -> io::Result<()> {
        let alone = EpollFlags::EPOLLIN | EpollFlags::EPOLLET | EpollFlags::EPOLLEXCLUSIVE;
        Ok(self.epoll.add(listener, EpollEvent::new(alone, number as u64))?)
    }

    /// Stops watching it. It must be removed before it is closed.
    pub fn remove(&self, listener: BorrowedFd<'_>) -> io::Result<()> {
        Ok(self.epoll.delete(listener)?)
    }

    /// Wakes one waiting thread.
    pub fn nudge(&self) -> io::Result<()> {
        self.nudges.write(1)?;
        Ok(())
    }

    /// Waits for an arrival, on the listener of that number; `None` after a nudge.
    pub fn wait(&self) -> io::Result<Option<usize>> {
        let mut events = [EpollEvent::empty()];
        loop {
            match self.epoll.wait(&mut events, EpollTimeout::NONE) {
                Ok(0) | Err(nix::errno::Errno::EINTR) => {}
                Ok(_) if events[0].data() == NUDGE => return Ok(None),
                Ok(_) => return Ok(usize::try_from(events[0].data()).ok()),
                Err(err) => return Err(err.into()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd;
    use std::os::unix::net::{UnixListener, UnixStream};
    use std::sync::Arc;
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use super::*;

    #[test]
    fn an_arrival_wakes_one_thread_and_a_nudge_another() {
        let path = std::env::temp_dir().join(format!("arrivals-{}", std::process::id()));
        let _ = std::fs::remove_file(&path);
        let listener = UnixListener::bind(&path).unwrap();
        let arrivals = Arc::new(Arrivals::new().unwrap());
        let _first = UnixStream::connect(&path).unwrap();
        arrivals.add(listener.as_fd(), 3).unwrap();
        let (tell, told) = channel();
        for _ in 0..3 {
            let (arrivals, tell) = (arrivals.clone(), tell.clone());
            std::thread::spawn(move || tell.send(arrivals.wait().unwrap()).unwrap());
        }
        let limit = Duration::from_secs(5);
        assert_eq!(told.recv_timeout(limit).unwrap(), Some(3));
        assert!(told.recv_timeout(Duration::from_millis(20)).is_err());
        arrivals.nudge().unwrap();
        assert_eq!(told.recv_timeout(limit).unwrap(), None);
        arrivals.remove(listener.as_fd()).unwrap();
        let _second = UnixStream::connect(&path).unwrap();
        assert!(told.recv_timeout(Duration::from_millis(20)).is_err());
        arrivals.add(listener.as_fd(), 4).unwrap();
        assert_eq!(told.recv_timeout(limit).unwrap(), Some(4));
        std::fs::remove_file(path).unwrap();
    }
}
