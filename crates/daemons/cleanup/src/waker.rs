//! Tells the queue manager that there is new mail.

use ipc::Place;
use ipc::trigger::{Kept, WAKEUP};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Wakes the queue manager up on behalf of all threads. A wake-up that begins after a commit covers that commit, so of
/// several threads that wait here only the first sends one.
pub struct Waker {
    name: String,
    last: Mutex<Last>,
}

struct Last {
    begun: Instant,
    line: Kept,
}

impl Waker {
    /// For the service of this name (`queue_service_name`).
    pub fn new(service: &str) -> Waker {
        let last = Last { begun: Instant::now(), line: Kept::new(Place::public(service)) };
        Waker { name: service.into(), last: Mutex::new(last) }
    }

    /// To be called after a commit.
    pub fn wake(&self) {
        let committed = Instant::now();
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.begun > committed {
            return;
        }
        last.begun = Instant::now();
        // The queue manager looks at its queue by itself in time: mail is late, not lost.
        if let Err(error) = last.line.send(&[WAKEUP]) {
            log::debug!("trigger {}: {}", self.name, sys::errno_text(&error));
        }
    }
}
