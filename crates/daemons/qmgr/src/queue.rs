//! Destination queues: what waits for one next hop of one transport, and how many deliveries may
//! go there at once.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bstr::BString;
use ipc::delivery::flag;
use mail::dsn::Outcome;

use crate::entry::Peer;
use crate::slab::Id;
use crate::transport::{Limits, Transport};

/// One destination.
pub struct Queue {
    /// The transport it belongs to.
    pub transport: Id<Transport>,
    /// Its name among the transport's queues: the next hop, or `user@nexthop` where each recipient
    /// has a queue of its own.
    pub name: BString,
    /// Where the agent is sent.
    pub nexthop: BString,
    /// What it may do now.
    pub state: State,
    /// Messages with requests waiting, in turn.
    pub peers: VecDeque<Id<Peer>>,
    /// Requests waiting.
    pub todo: u32,
    /// Requests with an agent.
    pub busy: u32,
    /// Connection cache bits that go with a request.
    pub cache_flags: i32,
    /// Waiting in the transport's line of queues that can be served.
    pub in_line: bool,
    /// When the next warning about a clogged active queue may be logged.
    pub warn_after: Option<Instant>,
    last_done: Option<Instant>,
    success: f64,
    failure: f64,
    failed_cohorts: f64,
}

/// What a destination may do.
#[derive(Clone, Debug, PartialEq)]
pub enum State {
    /// At most this many deliveries at once.
    Ready(u32),
    /// Dead until its timer runs out or someone asks: why.
    Throttled(Outcome),
    /// Resting between deliveries (`destination_rate_delay`).
    Suspended,
}

impl Queue {
    /// An empty destination with the transport's initial window.
    pub fn new(transport: Id<Transport>, name: BString, nexthop: BString, limits: &Limits) -> Queue {
        Queue {
            transport,
            name,
            nexthop,
            state: State::Ready(limits.initial_window),
            peers: VecDeque::new(),
            todo: 0,
            busy: 0,
            cache_flags: 0,
            in_line: false,
            warn_after: None,
            last_done: None,
            success: 0.0,
            failure: 0.0,
            failed_cohorts: 0.0,
        }
    }

    /// Whether another delivery may start now.
    pub fn can_start(&self) -> bool {
        matches!(self.state, State::Ready(window) if window > self.busy) && self.todo > 0
    }

    /// Nothing waits and nothing runs.
    pub fn is_empty(&self) -> bool {
        self.todo == 0 && self.busy == 0
    }

    /// A delivery went well: widens the window, or wakes a dead destination. True when it was dead.
    pub fn unthrottle(&mut self, limits: &Limits) -> bool {
        let window = match self.state {
            State::Throttled(_) => {
                let window = if self.busy > 0 { self.busy } else { limits.initial_window };
                self.state = State::Ready(window);
                (self.success, self.failure, self.failed_cohorts) = (0.0, 0.0, 0.0);
                return true;
            }
            State::Suspended => return false,
            State::Ready(window) => window,
        };
        self.failed_cohorts = 0.0;
        let room = limits.window_limit == 0 || window < limits.window_limit;
        // A window far above what is in use says nothing: stay within reach of the real concurrency.
        if room && window < self.busy + limits.initial_window {
            let step = limits.positive.value(window);
            let mut window = window;
            self.success += step;
            while self.success + step / 2.0 >= 1.0 {
                window += 1;
                self.success -= 1.0;
                self.failure = 0.0;
            }
            if limits.window_limit > 0 {
                window = window.min(limits.window_limit);
            }
            self.state = State::Ready(window);
        }
        false
    }

    /// A dead destination gets another chance; others stay as they are.
    pub fn unthrottle_if_dead(&mut self, limits: &Limits) {
        if matches!(self.state, State::Throttled(_)) {
            self.unthrottle(limits);
        }
    }

    /// The destination is in trouble: narrows the window, or declares it dead after enough
    /// cohorts of failures. True when it is dead now.
    pub fn throttle(&mut self, limits: &Limits, why: &Outcome) -> bool {
        let State::Ready(window) = self.state else { return false };
        self.failed_cohorts += 1.0 / f64::from(window.max(1));
        if limits.failed_cohort_limit > 0 && self.failed_cohorts >= f64::from(limits.failed_cohort_limit) {
            self.state = State::Throttled(why.clone());
            self.cache_flags = 0;
            return true;
        }
        let step = limits.negative.value(window);
        let mut window = window;
        self.failure -= step;
        while self.failure - step / 2.0 < 0.0 {
            window = window.saturating_sub(1);
            self.success = 0.0;
            self.failure += 1.0;
        }
        self.state = State::Ready(window.max(1));
        false
    }

    /// A request goes to an agent: decides about the connection cache.
    pub fn start(&mut self, now: Instant) {
        self.todo -= 1;
        self.busy += 1;
        let back_to_back =
            self.last_done.is_some_and(|done| now.duration_since(done) <= Duration::from_secs(1));
        // Caching starts once deliveries follow each other, and stops storing when they thin out;
        // what was stored is still looked for.
        if self.cache_flags & flag::CONN_STORE == 0 {
            if back_to_back {
                self.cache_flags |= flag::CONN_LOAD | flag::CONN_STORE;
            }
        } else if self.busy <= 1 && !back_to_back {
            self.cache_flags &= !flag::CONN_STORE;
        }
    }

    /// An agent has answered.
    pub fn finish(&mut self, now: Instant) {
        self.busy -= 1;
        self.last_done = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feedback::Feedback;
    use crate::slab::Slab;
    use mail::dsn::Status;

    fn queue(limits: &Limits) -> Queue {
        Queue::new(Slab::id_from_bits(0), "a.test".into(), "a.test".into(), limits)
    }

    fn limits() -> Limits {
        Limits {
            window_limit: 20,
            initial_window: 5,
            recipient_limit: 50,
            failed_cohort_limit: 1,
            positive: Feedback::ONE,
            negative: Feedback::ONE,
            rate_delay: Duration::ZERO,
            transport_rate_delay: Duration::ZERO,
        }
    }

    fn trouble() -> Outcome {
        Outcome::new(Status::new(4, 4, 1), "no route")
    }

    #[test]
    fn the_window_grows_with_use_and_never_beyond_its_limit() {
        let limits = limits();
        let mut queue = queue(&limits);
        queue.unthrottle(&limits);
        assert_eq!(queue.state, State::Ready(5), "nothing in use: no growth");
        for busy in 1..40 {
            queue.busy = busy;
            queue.unthrottle(&limits);
        }
        assert_eq!(queue.state, State::Ready(20));
    }

    #[test]
    fn a_cohort_of_failures_kills_and_one_success_wakes() {
        let limits = limits();
        let mut queue = queue(&limits);
        // One cohort is a window's worth of failures; the window shrinks as they come, by two at
        // the first (compat: so the reference counts): 1/5 + 1/3 + 1/2.
        assert!(!queue.throttle(&limits, &trouble()));
        assert_eq!(queue.state, State::Ready(3));
        assert!(!queue.throttle(&limits, &trouble()));
        assert_eq!(queue.state, State::Ready(2));
        assert!(queue.throttle(&limits, &trouble()));
        assert_eq!(queue.state, State::Throttled(trouble()));
        assert!(queue.unthrottle(&limits));
        assert_eq!(queue.state, State::Ready(5));
    }

    #[test]
    fn fractions_take_their_time() {
        let limits = Limits {
            positive: Feedback::parse("1/4").unwrap(),
            negative: Feedback::parse("1/4").unwrap(),
            failed_cohort_limit: 100,
            ..limits()
        };
        let mut queue = queue(&limits);
        queue.busy = 10;
        let mut windows = Vec::new();
        for _ in 0..5 {
            queue.unthrottle(&limits);
            windows.push(queue.state.clone());
        }
        let steps: Vec<u32> = windows.iter().map(|s| if let State::Ready(w) = s { *w } else { 0 }).collect();
        assert_eq!(steps, [5, 5, 5, 6, 6]);
        // Negative feedback acts at the start of its cycle.
        queue.throttle(&limits, &trouble());
        assert_eq!(queue.state, State::Ready(5));
        queue.throttle(&limits, &trouble());
        assert_eq!(queue.state, State::Ready(5));
    }

    #[test]
    fn no_negative_feedback_keeps_the_window() {
        let limits = Limits { negative: Feedback::parse("0").unwrap(), failed_cohort_limit: 0, ..limits() };
        let mut queue = queue(&limits);
        for _ in 0..10 {
            queue.throttle(&limits, &trouble());
        }
        assert_eq!(queue.state, State::Ready(5));
    }

    #[test]
    fn the_connection_cache_follows_back_to_back_deliveries() {
        let limits = limits();
        let mut queue = queue(&limits);
        let now = Instant::now();
        queue.todo = 3;
        queue.start(now);
        assert_eq!(queue.cache_flags, 0);
        queue.finish(now);
        queue.start(now);
        assert_eq!(queue.cache_flags, flag::CONN_LOAD | flag::CONN_STORE);
        queue.finish(now);
        queue.start(now + Duration::from_secs(5));
        assert_eq!(queue.cache_flags, flag::CONN_LOAD);
    }
}
