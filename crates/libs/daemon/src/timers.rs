//! Timers for event loops: one deadline for each key.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::hash::Hash;
use std::time::{Duration, Instant};

/// Deadlines by key. Setting a key again moves its deadline.
#[derive(Debug)]
pub struct Timers<K> {
    heap: BinaryHeap<Reverse<(Instant, u64)>>,
    keys: HashMap<u64, K>,
    latest: HashMap<K, u64>,
    next: u64,
}

impl<K> Default for Timers<K> {
    fn default() -> Self {
        Timers { heap: BinaryHeap::new(), keys: HashMap::new(), latest: HashMap::new(), next: 0 }
    }
}

impl<K: Clone + Eq + Hash> Timers<K> {
    /// No timers.
    pub fn new() -> Self {
        Self::default()
    }

    /// `key` is due at `when`, and not at the time it had before.
    pub fn set_at(&mut self, key: K, when: Instant) {
        self.cancel(&key);
        let ticket = self.next;
        self.next += 1;
        self.heap.push(Reverse((when, ticket)));
        self.keys.insert(ticket, key.clone());
        self.latest.insert(key, ticket);
        // Cancelled tickets stay in the heap until due; do not let them pile up.
        if self.heap.len() > 64 && self.heap.len() > 4 * self.keys.len() {
            let keys = &self.keys;
            self.heap.retain(|Reverse((_, ticket))| keys.contains_key(ticket));
        }
    }

    /// `key` is due after `delay`.
    pub fn set(&mut self, key: K, delay: Duration) {
        self.set_at(key, Instant::now() + delay);
    }

    /// `key` is no longer due; true when it was.
    pub fn cancel(&mut self, key: &K) -> bool {
        match self.latest.remove(key) {
            Some(ticket) => self.keys.remove(&ticket).is_some(),
            None => false,
        }
    }

    /// Whether `key` has a deadline.
    pub fn is_set(&self, key: &K) -> bool {
        self.latest.contains_key(key)
    }

    /// Time until the next deadline: zero when it has passed, `None` without timers.
    pub fn next_in(&mut self) -> Option<Duration> {
        while let Some(Reverse((when, ticket))) = self.heap.peek() {
            if self.keys.contains_key(ticket) {
                return Some(when.saturating_duration_since(Instant::now()));
            }
            self.heap.pop();
        }
        None
    }

    /// Takes one key whose deadline has passed.
    pub fn expired(&mut self) -> Option<K> {
        while let Some(Reverse((when, ticket))) = self.heap.peek().copied() {
            if let Some(key) = self.keys.get(&ticket) {
                if when > Instant::now() {
                    return None;
                }
                let key = key.clone();
                self.heap.pop();
                self.cancel(&key);
                return Some(key);
            }
            self.heap.pop();
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn due_in_order_and_once() {
        let mut t = Timers::new();
        let now = Instant::now();
        t.set_at("b", now);
        t.set_at("a", now - Duration::from_secs(1));
        t.set_at("late", now + Duration::from_secs(60));
        t.set_at("gone", now);
        assert!(t.cancel(&"gone"));
        assert_eq!(t.expired(), Some("a"));
        assert_eq!(t.expired(), Some("b"));
        assert_eq!(t.expired(), None);
        assert!(t.next_in().unwrap() > Duration::from_secs(50));
    }

    #[test]
    fn a_key_has_one_deadline() {
        let mut t = Timers::new();
        for _ in 0..1000 {
            t.set("x", Duration::from_secs(100));
        }
        assert!(t.heap.len() < 100);
        t.set_at("x", Instant::now());
        assert_eq!(t.expired(), Some("x"));
        assert!(!t.is_set(&"x"));
        assert_eq!(t.next_in(), None);
    }
}
