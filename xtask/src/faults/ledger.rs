//! What senders were told, what receivers saw, and what follows from both.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

/// What a sender knows of its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// A promise: it must arrive.
    Accepted,
    /// The end was sent, and no answer came: it may arrive.
    Unknown,
    Refused,
}

/// A fault that explains that mail arrives twice.
#[derive(Clone, Debug)]
pub struct Event {
    pub when: SystemTime,
    /// The program that was hit, `power`, `stop`.
    pub what: String,
}

/// Programs whose end leaves open what a receiver has.
const DELIVERERS: [&str; 10] =
    ["smtp", "lmtp", "relay", "qmgr", "master", "local", "virtual", "pipe", "power", "stop"];

#[derive(Default)]
pub struct Ledger {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    told: BTreeMap<String, Entry>,
    /// When each recipient of a message got it; `None`: it is not known when.
    seen: BTreeMap<(String, String), Vec<Option<SystemTime>>>,
}

struct Entry {
    told: Told,
    to: Vec<String>,
    when: SystemTime,
}

/// The books closed.
#[derive(Default)]
pub struct Audit {
    pub accepted: usize,
    pub unknown: usize,
    pub refused: usize,
    /// Recipients of accepted messages.
    pub pairs: usize,
    pub lost: Vec<(String, String)>,
    pub repeated: usize,
    pub unexplained: Vec<(String, String)>,
    /// Refused, and yet delivered.
    pub refused_delivered: usize,
    /// Arrived, and never sent.
    pub stray: usize,
}

impl Ledger {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn told(&self, id: &str, told: Told, to: &[String]) {
        let entry = Entry { told, to: to.to_vec(), when: SystemTime::now() };
        self.lock().told.insert(id.to_owned(), entry);
    }

    pub fn arrived(&self, id: &str, to: &[String], when: Option<SystemTime>) {
        let mut inner = self.lock();
        for rcpt in to {
            inner.seen.entry((id.to_owned(), rcpt.clone())).or_default().push(when);
        }
    }

    /// How often a recipient has a message.
    pub fn copies(&self, id: &str, to: &str) -> usize {
        self.lock().seen.get(&(id.to_owned(), to.to_owned())).map_or(0, Vec::len)
    }

    /// Times from the promise to the (first) arrival, of ids that begin with `prefix`, shortest first; and how many have
    /// not arrived.
    pub fn delays(&self, prefix: &str) -> (Vec<Duration>, usize) {
        let inner = self.lock();
        let (mut delays, mut missing) = (Vec::new(), 0);
        let ours = |(id, e): &(&String, &Entry)| id.starts_with(prefix) && e.told == Told::Accepted;
        for (id, entry) in inner.told.iter().filter(ours) {
            for to in &entry.to {
                match inner.seen.get(&(id.clone(), to.clone())).and_then(|times| times.first()) {
                    Some(Some(when)) => delays.push(when.duration_since(entry.when).unwrap_or_default()),
                    Some(None) => delays.push(Duration::ZERO),
                    None => missing += 1,
                }
            }
        }
        delays.sort();
        (delays, missing)
    }

    pub fn count(&self, told: Told) -> usize {
        self.lock().told.values().filter(|entry| entry.told == told).count()
    }

    /// Accepted messages of which some recipient has nothing yet.
    pub fn is_owed(&self) -> bool {
        let inner = self.lock();
        inner.told.iter().any(|(id, entry)| {
            let missing = |to: &String| !inner.seen.contains_key(&(id.clone(), to.clone()));
            entry.told == Told::Accepted && entry.to.iter().any(missing)
        })
    }

    /// A repeat is explained when something that delivers was hit between (a second before) the first arrival and the last.
    pub fn audit(&self, events: &[Event]) -> Audit {
        let inner = self.lock();
        let mut audit = Audit::default();
        for (id, entry) in &inner.told {
            let seen = |to: &String| inner.seen.contains_key(&(id.clone(), to.clone()));
            match entry.told {
                Told::Accepted => {
                    audit.accepted += 1;
                    audit.pairs += entry.to.len();
                    let missing = entry.to.iter().filter(|to| !seen(to));
                    audit.lost.extend(missing.map(|to| (id.clone(), to.clone())));
                }
                Told::Unknown => audit.unknown += 1,
                Told::Refused => {
                    audit.refused += 1;
                    audit.refused_delivered += usize::from(entry.to.iter().any(seen));
                }
            }
        }
        for (key, times) in &inner.seen {
            audit.stray += usize::from(!inner.told.contains_key(&key.0));
            if times.len() > 1 {
                audit.repeated += times.len() - 1;
                if !events.iter().any(|event| explains(event, times)) {
                    audit.unexplained.push(key.clone());
                }
            }
        }
        audit
    }
}

fn explains(event: &Event, times: &[Option<SystemTime>]) -> bool {
    let known: Vec<SystemTime> = times.iter().flatten().copied().collect();
    let between = match (known.iter().min(), known.iter().max()) {
        (Some(first), Some(last)) if known.len() == times.len() => {
            *first <= event.when + Duration::from_secs(1) && event.when <= *last
        }
        _ => true,
    };
    between && DELIVERERS.contains(&event.what.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn books_are_closed() {
        let (ledger, start) = (Ledger::default(), SystemTime::now());
        let at = |seconds| Some(start + Duration::from_secs(seconds));
        let to = |name: &str| vec![name.to_owned()];
        for (id, told) in [
            ("kept", Told::Accepted),
            ("gone", Told::Accepted),
            ("twice", Told::Accepted),
            ("again", Told::Unknown),
            ("no", Told::Refused),
        ] {
            ledger.told(id, told, &to("a"));
        }
        for (id, when) in
            [("kept", 1), ("twice", 10), ("twice", 20), ("again", 30), ("again", 31), ("no", 1), ("odd", 1)]
        {
            ledger.arrived(id, &to("a"), at(when));
        }
        let event = |when, what: &str| Event { when: start + Duration::from_secs(when), what: what.into() };
        let audit = ledger.audit(&[event(15, "smtp"), event(30, "smtpd"), event(28, "smtp")]);
        assert_eq!(audit.lost, [("gone".to_string(), "a".to_string())]);
        assert_eq!((audit.accepted, audit.repeated, audit.stray, audit.refused_delivered), (3, 2, 1, 1));
        assert_eq!(audit.unexplained, [("again".to_string(), "a".to_string())]);
        assert!(ledger.is_owed());
        assert_eq!(ledger.copies("twice", "a"), 2);
        let (delays, missing) = ledger.delays("kept");
        assert_eq!((delays.len(), missing), (1, 0));
    }
}
