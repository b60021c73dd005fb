//! Waiting for many descriptors, level-triggered.
//!
//! mio reports edges: a descriptor that stays ready is reported once. Here a reported
//! descriptor is armed again before the next wait, so a caller may read or accept once per
//! event and lose nothing.

use std::collections::HashMap;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, RawFd};
use std::sync::Arc;
use std::time::Duration;

use mio::unix::SourceFd;
use mio::{Interest, Poll, Token, Waker};
use signal_hook_mio::v1_0::Signals;

const SIGNALS: Token = Token(usize::MAX - 1);
const WAKE: Token = Token(usize::MAX - 2);

/// What to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    Read,
    Write,
    Both,
    /// Only errors and hang-ups, which are always reported: for a pipe's write end.
    Fault,
}

/// What has happened to a descriptor, or to the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The descriptor that was added under this token.
    Ready {
        token: usize,
        readable: bool,
        writable: bool,
        /// The far end is gone, or the descriptor has an error pending.
        fault: bool,
    },
    /// A signal that [`Poller::signals`] asked for.
    Signal(i32),
    /// [`Wake::wake`] was called by another thread.
    Woken,
}

/// Wakes a poller from another thread.
#[derive(Clone, Debug)]
pub struct Wake(Arc<Waker>);

impl Wake {
    /// Makes the poller's wait return [`Event::Woken`].
    pub fn wake(&self) {
        let _ = self.0.wake();
    }
}

struct Source {
    fd: RawFd,
    wish: Wish,
}

/// A set of descriptors to wait on.
pub struct Poller {
    poll: Poll,
    events: mio::Events,
    sources: HashMap<usize, Source>,
    fired: Vec<usize>,
    signals: Option<Signals>,
}

impl Poller {
    /// An empty set.
    pub fn new() -> io::Result<Poller> {
        Ok(Poller {
            poll: Poll::new()?,
            events: mio::Events::with_capacity(256),
            sources: HashMap::new(),
            fired: Vec::new(),
            signals: None,
        })
    }

    /// Delivers these signals as events from now on.
    pub fn signals(&mut self, numbers: &[i32]) -> io::Result<()> {
        let mut signals = Signals::new(numbers)?;
        self.poll.registry().register(&mut signals, SIGNALS, Interest::READABLE)?;
        self.signals = Some(signals);
        Ok(())
    }

    /// A handle for other threads. Once per poller.
    pub fn waker(&self) -> io::Result<Wake> {
        Ok(Wake(Arc::new(Waker::new(self.poll.registry(), WAKE)?)))
    }

    /// Watches a descriptor. It must be removed before it is closed.
    pub fn add(&mut self, fd: BorrowedFd<'_>, token: usize, wish: Wish) -> io::Result<()> {
        let fd = fd.as_raw_fd();
        self.poll.registry().register(&mut SourceFd(&fd), Token(token), interest(wish))?;
        self.sources.insert(token, Source { fd, wish });
        Ok(())
    }

    /// Waits for something else on a descriptor that is watched.
    pub fn change(&mut self, token: usize, wish: Wish) -> io::Result<()> {
        if let Some(source) = self.sources.get_mut(&token) {
            if source.wish != wish {
                source.wish = wish;
                let fd = source.fd;
                self.poll.registry().reregister(&mut SourceFd(&fd), Token(token), interest(wish))?;
            }
        }
        Ok(())
    }

    /// Stops watching; true when the token was watched.
    pub fn remove(&mut self, token: usize) -> bool {
        match self.sources.remove(&token) {
            Some(source) => self.poll.registry().deregister(&mut SourceFd(&source.fd)).is_ok(),
            None => false,
        }
    }

    /// The descriptor has been read or accepted until it would block: it need not be armed
    /// again, which saves a system call.
    pub fn drained(&mut self, token: usize) {
        self.fired.retain(|&t| t != token);
    }

    /// Waits until something happens or the time is over; fills `out` anew.
    pub fn wait(&mut self, limit: Option<Duration>, out: &mut Vec<Event>) -> io::Result<()> {
        out.clear();
        for token in std::mem::take(&mut self.fired) {
            if let Some(source) = self.sources.get(&token) {
                let registry = self.poll.registry();
                registry.reregister(&mut SourceFd(&source.fd), Token(token), interest(source.wish))?;
            }
        }
        match self.poll.poll(&mut self.events, limit) {
            Ok(()) => {}
            Err(err) if err.kind() == io::ErrorKind::Interrupted => return Ok(()),
            Err(err) => return Err(err),
        }
        for event in &self.events {
            match event.token() {
                SIGNALS => {
                    if let Some(signals) = &mut self.signals {
                        out.extend(signals.pending().map(Event::Signal));
                    }
                }
                WAKE => out.push(Event::Woken),
                Token(token) => {
                    self.fired.push(token);
                    out.push(Event::Ready {
                        token,
                        readable: event.is_readable(),
                        writable: event.is_writable(),
                        fault: event.is_error() || event.is_read_closed() || event.is_write_closed(),
                    });
                }
            }
        }
        Ok(())
    }
}

fn interest(wish: Wish) -> Interest {
    match wish {
        Wish::Read => Interest::READABLE,
        Wish::Write => Interest::WRITABLE,
        Wish::Both => Interest::READABLE | Interest::WRITABLE,
        Wish::Fault => Interest::PRIORITY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::os::fd::AsFd;
    use std::os::unix::net::{UnixListener, UnixStream};

    #[test]
    fn one_accept_per_event_serves_all_five() {
        let path = std::env::temp_dir().join(format!("poller-{}", std::process::id()));
        let _ = std::fs::remove_file(&path);
        let listener = UnixListener::bind(&path).unwrap();
        let mut poller = Poller::new().unwrap();
        poller.add(listener.as_fd(), 7, Wish::Read).unwrap();
        let _queued: Vec<UnixStream> = (0..5).map(|_| UnixStream::connect(&path).unwrap()).collect();
        let mut events = Vec::new();
        for served in 0..5 {
            poller.wait(Some(Duration::from_secs(5)), &mut events).unwrap();
            assert_eq!(events.len(), 1, "after {served}");
            listener.accept().unwrap();
        }
        poller.wait(Some(Duration::from_millis(1)), &mut events).unwrap();
        assert!(events.is_empty());
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn partial_reads_are_reported_again() {
        let (mut a, mut b) = UnixStream::pair().unwrap();
        let mut poller = Poller::new().unwrap();
        poller.add(b.as_fd(), 1, Wish::Read).unwrap();
        a.write_all(b"xyz").unwrap();
        let mut events = Vec::new();
        for _ in 0..3 {
            poller.wait(Some(Duration::from_secs(5)), &mut events).unwrap();
            assert!(matches!(events[..], [Event::Ready { token: 1, readable: true, .. }]));
            b.read_exact(&mut [0]).unwrap();
        }
    }

    #[test]
    fn a_pipe_without_a_reader_is_a_fault() {
        let (r, w) = sys::fd::pipe().unwrap();
        let mut poller = Poller::new().unwrap();
        poller.add(w.as_fd(), 3, Wish::Fault).unwrap();
        let mut events = Vec::new();
        poller.wait(Some(Duration::from_millis(1)), &mut events).unwrap();
        assert!(events.is_empty(), "{events:?}");
        drop(r);
        poller.wait(Some(Duration::from_secs(5)), &mut events).unwrap();
        assert!(matches!(events[..], [Event::Ready { token: 3, fault: true, .. }]));
    }

    #[test]
    fn threads_wake_it() {
        let mut poller = Poller::new().unwrap();
        let wake = poller.waker().unwrap();
        let other = wake.clone();
        std::thread::spawn(move || other.wake());
        let mut events = Vec::new();
        poller.wait(Some(Duration::from_secs(5)), &mut events).unwrap();
        assert_eq!(events, [Event::Woken]);
    }
}
