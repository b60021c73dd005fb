//! Polling with a deadline, instead of sleeping for a guessed time.

use std::time::{Duration, Instant};

/// How long anything in a test may take.
pub const LIMIT: Duration = Duration::from_secs(30);

/// Waits until `probe` gives something, for [`LIMIT`] at most; `None` when it never did.
pub fn eventually<T>(mut probe: impl FnMut() -> Option<T>) -> Option<T> {
    let end = Instant::now() + LIMIT;
    loop {
        if let Some(found) = probe() {
            return Some(found);
        }
        if Instant::now() > end {
            return None;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Waits until the condition holds; panics with `what` when it never did.
pub fn wait_for(what: &str, mut condition: impl FnMut() -> bool) {
    if eventually(|| condition().then_some(())).is_none() {
        panic!("still waiting after {} s: {what}", LIMIT.as_secs());
    }
}
