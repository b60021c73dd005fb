//! Tells the queue manager that there is new mail.

use ipc::{Place, trigger};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Wakes the queue manager up on behalf of all threads. A wake-up that begins after a commit covers that commit, so of
/// several threads that wait here only the first sends one.
pub struct Waker {
    place: Place,
    begun: Mutex<Instant>,
}

impl Waker {
    /// For the service of this name (`queue_service_name`).
    pub fn new(service: &str) -> Waker {
        Waker { place: Place::public(service), begun: Mutex::new(Instant::now()) }
    }

    /// To be called after a commit.
    pub fn wake(&self) {
        let committed = Instant::now();
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        if *begun > committed {
            return;
        }
        *begun = Instant::now();
        // The queue manager looks at its queue by itself in time: mail is late, not lost.
        if let Err(error) = trigger::send(&self.place, &[trigger::WAKEUP]) {
            log::debug!("trigger {}: {}", self.place.name, sys::errno_text(&error));
        }
    }
}
