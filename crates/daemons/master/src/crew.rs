//! The children of one service: who is free, how many sessions they hold, and what their reports mean.
//!
//! A report is the reference's: process id, generation, and 0 for "taken" or 1 for "available". Ours
//! extend it. Under this master (environment `SLOTS` above 1) a worker that holds many sessions first
//! announces, and later reports as "available", the number of its slots; one that is leaving but still
//! serves reports the negative number of its sessions. A daemon that knows nothing of this says 0 and 1,
//! and is one slot.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use sys::proc::Ended;

/// One process.
#[derive(Clone, Debug)]
pub struct Child {
    generation: u32,
    /// It watches the listeners, so the master need not.
    available: bool,
    /// Sessions it may hold at once.
    slots: u32,
    /// It has reported at all.
    heard: bool,
    /// How often it became free after being taken, i.e. did something useful.
    uses: u64,
    /// It runs with the present configuration; otherwise it is leaving.
    current: bool,
    born: Instant,
}

/// What a death tells about the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing: it was done, or was killed.
    Fine,
    /// It never did anything useful: the program or its configuration is broken.
    BadStart,
}

/// All children of a service.
#[derive(Debug, Default)]
pub struct Crew {
    children: HashMap<i32, Child>,
}

impl Crew {
    /// A child was started and offered so many slots. It counts as available: it looks for work first thing.
    pub fn add(&mut self, pid: i32, generation: u32, slots: u32) {
        let child = Child {
            generation,
            available: true,
            slots,
            heard: false,
            uses: 0,
            current: true,
            born: Instant::now(),
        };
        self.children.insert(pid, child);
    }

    /// A report came. False when it is not from a child that we know.
    pub fn report(&mut self, pid: i32, generation: u32, value: i32, most: u32) -> bool {
        let Some(child) = self.children.get_mut(&pid).filter(|child| child.generation == generation) else {
            return false;
        };
        let count = value.unsigned_abs().clamp(1, most.max(1));
        match value {
            0 => {
                if !child.heard {
                    child.slots = 1;
                }
                child.available = false;
            }
            1.. => {
                // The announcement at the start is no proof of useful work.
                if child.heard || !child.available {
                    child.uses = child.uses.saturating_add(1);
                }
                child.slots = count;
                child.available = child.current;
            }
            _ => {
                child.slots = count;
                child.available = false;
            }
        }
        child.heard = true;
        true
    }

    /// A child has ended.
    pub fn remove(&mut self, pid: i32, how: Ended) -> Verdict {
        let Some(child) = self.children.remove(&pid) else { return Verdict::Fine };
        // A process that had started well and was then killed from outside says nothing about its program.
        let killed = matches!(how, Ended::Signal(signal) if signal == sys::signal::KILL);
        let started_well = child.heard || child.born.elapsed() >= Duration::from_secs(1);
        if how.success() || child.uses > 0 || (killed && started_well) {
            Verdict::Fine
        } else {
            Verdict::BadStart
        }
    }

    /// The status pipe was replaced: these children will notice, finish what they do, and leave. They are no longer
    /// counted on, nor (being about to leave) counted, except where only one session may exist.
    pub fn dismiss(&mut self) {
        for child in self.children.values_mut() {
            child.current = false;
            child.available = false;
        }
    }

    /// Was this child told to make room for one with new settings?
    pub fn is_dismissed(&self, pid: i32) -> bool {
        self.children.get(&pid).is_some_and(|child| !child.current)
    }

    /// Somebody else than the master watches the listeners.
    pub fn any_available(&self) -> bool {
        self.children.values().any(|child| child.available)
    }

    /// Sessions that the children hold or may take.
    pub fn held(&self) -> u32 {
        self.children
            .values()
            .map(|child| if child.current || child.slots == 1 { child.slots } else { 0 })
            .fold(0, u32::saturating_add)
    }

    /// Slots for one more child, at most `share`; `None` at the limit (0: there is none).
    pub fn room(&self, limit: u32, share: u32) -> Option<u32> {
        if limit == 0 {
            return Some(share.max(1));
        }
        let left = limit.saturating_sub(self.held());
        (left > 0).then(|| share.clamp(1, left))
    }

    /// The processes.
    pub fn pids(&self) -> impl Iterator<Item = i32> + '_ {
        self.children.keys().copied()
    }

    /// No process is left.
    pub fn is_empty(&self) -> bool {
        self.children.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: u32 = 64;

    #[test]
    fn a_reference_daemon_is_one_slot() {
        let mut crew = Crew::default();
        crew.add(1, 7, 25);
        assert!(crew.any_available());
        assert_eq!(crew.room(100, 25), Some(25));
        assert!(crew.report(1, 7, 0, MOST));
        assert!(!crew.any_available());
        assert_eq!(crew.held(), 1);
        assert!(crew.report(1, 7, 1, MOST));
        assert!(crew.any_available());
        assert_eq!(crew.remove(1, Ended::Exit(1)), Verdict::Fine);
    }

    #[test]
    fn workers_bound_sessions() {
        let mut crew = Crew::default();
        for pid in 1..=4 {
            let slots = crew.room(90, 25).unwrap();
            crew.add(pid, 1, slots);
            crew.report(pid, 1, i32::try_from(slots).unwrap(), MOST);
            crew.report(pid, 1, 0, MOST);
        }
        assert_eq!(crew.held(), 90);
        assert_eq!(crew.room(90, 25), None);
        assert_eq!(crew.room(0, 25), Some(25));
        // One leaves, with two sessions to finish.
        crew.report(1, 1, -2, MOST);
        assert_eq!(crew.room(90, 25), Some(23));
        assert!(!crew.any_available());
    }

    #[test]
    fn a_bad_start_is_told_from_a_kill() {
        let cases: [(&[i32], Ended, Verdict); 8] = [
            (&[], Ended::Exit(1), Verdict::BadStart),
            (&[], Ended::Exit(0), Verdict::Fine),
            (&[0], Ended::Signal(11), Verdict::BadStart),
            (&[0, 1], Ended::Signal(11), Verdict::Fine),
            (&[25], Ended::Exit(1), Verdict::BadStart),
            (&[25], Ended::Signal(9), Verdict::Fine),
            (&[], Ended::Signal(9), Verdict::BadStart),
            (&[25, 0, 25], Ended::Signal(9), Verdict::Fine),
        ];
        for (reports, how, verdict) in cases {
            let mut crew = Crew::default();
            crew.add(1, 1, 25);
            reports.iter().for_each(|&value| assert!(crew.report(1, 1, value, MOST)));
            assert_eq!(crew.remove(1, how), verdict, "{reports:?} {how:?}");
        }
    }

    #[test]
    fn the_dismissed_are_not_counted_on() {
        let mut crew = Crew::default();
        crew.add(1, 1, 25);
        crew.add(2, 2, 1);
        crew.dismiss();
        assert!(!crew.any_available());
        assert_eq!(crew.held(), 1);
        crew.report(2, 2, 1, MOST);
        assert!(!crew.any_available());
        // A service of one session gets no second one while the first lives.
        assert_eq!(crew.room(1, 1), None);
    }

    #[test]
    fn strangers_and_old_generations_are_ignored() {
        let mut crew = Crew::default();
        crew.add(1, 2, 1);
        assert!(!crew.report(1, 1, 0, MOST));
        assert!(!crew.report(3, 2, 0, MOST));
        assert!(crew.any_available());
    }
}
