//! Inflow control: tokens in a pipe that master(8) holds open on descriptors 3 and 4.
//!
//! cleanup(8) takes a token for each message that arrives, the queue manager puts one in for
//! each that it takes on: when arrival outruns it, cleanup finds the pipe empty and pauses.

use std::io::{Read, Write};
use std::sync::{Condvar, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

type Pipe = Option<(std::fs::File, std::fs::File)>;

static PIPE: OnceLock<Pipe> = OnceLock::new();

fn pipe() -> &'static Pipe {
    PIPE.get_or_init(|| None)
}

/// Takes the master's descriptors over; without a master those numbers are somebody else's.
pub(crate) fn inherit(mastered: bool) {
    PIPE.get_or_init(|| {
        if !mastered {
            return None;
        }
        let (read, write) = (sys::fd::inherited(3)?, sys::fd::inherited(4)?);
        for fd in [&read, &write] {
            let _ = sys::fd::set_cloexec(fd, true);
            let _ = sys::fd::set_nonblocking(fd, true);
        }
        Some((read.into(), write.into()))
    });
}

/// Takes up to `count` tokens (at most 4096 a call); returns how many there were.
/// Without a master there is always enough.
pub fn take(count: usize) -> usize {
    match pipe() {
        None => count,
        Some((read, _)) => {
            let mut buf = [0u8; 4096];
            let want = count.min(buf.len());
            (&*read).read(&mut buf[..want]).unwrap_or(0)
        }
    }
}

/// Takes one token, waiting for one that comes within `limit`; false when none came. The queue manager's catching up
/// ends the pause, rather than the clock.
pub fn wait(limit: Duration) -> bool {
    if take(1) > 0 {
        return true;
    }
    let end = Instant::now() + limit;
    let Some((read, _)) = pipe() else { return true };
    // A token wakes everybody who polls the pipe, and is for one: so one thread of a process polls.
    let mut polled = POLLED.lock().unwrap_or_else(PoisonError::into_inner);
    while *polled {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return false;
        }
        polled = TURN.wait_timeout(polled, left).unwrap_or_else(PoisonError::into_inner).0;
    }
    *polled = true;
    drop(polled);
    let got = poll(read, end);
    *POLLED.lock().unwrap_or_else(PoisonError::into_inner) = false;
    TURN.notify_one();
    got
}

/// A thread polls the pipe; the others wait for their turn.
static POLLED: Mutex<bool> = Mutex::new(false);
static TURN: Condvar = Condvar::new();

fn poll(read: &std::fs::File, end: Instant) -> bool {
    loop {
        if take(1) > 0 {
            return true;
        }
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() || !sys::poll::readable(read, Some(left)).unwrap_or(false) {
            return false;
        }
    }
}

/// Puts tokens into the pipe; a full pipe takes no more, which is fine.
pub fn put(count: usize) {
    if let Some((_, write)) = pipe() {
        let buf = [0u8; 4096];
        let mut left = count;
        while left > 0 {
            match (&*write).write(&buf[..left.min(buf.len())]) {
                Ok(n) if n > 0 => left -= n,
                _ => return,
            }
        }
    }
}
