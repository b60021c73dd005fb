//! What is kept, and for how long.

use std::collections::BTreeSet;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bstr::BString;

struct Endpoint {
    label: BString,
    property: BString,
    descriptor: OwnedFd,
    until: Instant,
}

struct Destination {
    label: BString,
    property: BString,
    endpoint: BString,
    until: Instant,
}

/// What happened since the last report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    pub destination_hits: u64,
    pub destination_misses: u64,
    pub endpoint_hits: u64,
    pub endpoint_misses: u64,
    pub most_destinations: usize,
    pub most_endpoints: usize,
    pub most_connections: usize,
}

/// The cache, shared by all client connections.
pub struct Shared {
    kept: Mutex<Kept>,
    report_every: Duration,
}

struct Kept {
    endpoints: Vec<Endpoint>,
    destinations: Vec<Destination>,
    /// A thread lets go of what is too old.
    tended: bool,
    statistics: Statistics,
    reported: Instant,
}

/// How exact lives are.
const PAUSE: Duration = Duration::from_millis(500);

impl Shared {
    pub fn new(report_every: Duration) -> Arc<Shared> {
        let kept = Kept {
            endpoints: Vec::new(),
            destinations: Vec::new(),
            tended: false,
            statistics: Statistics::default(),
            reported: Instant::now(),
        };
        Arc::new(Shared { kept: Mutex::new(kept), report_every })
    }

    /// Keeps a connection.
    pub fn save_endpoint(
        this: &Arc<Shared>,
        life: Duration,
        label: BString,
        property: BString,
        descriptor: OwnedFd,
    ) {
        if life.is_zero() {
            return;
        }
        let mut kept = this.lock();
        kept.endpoints.push(Endpoint { label, property, descriptor, until: Instant::now() + life });
        kept.count();
        this.tend(kept);
    }

    /// Remembers that a destination is reached by an endpoint.
    pub fn save_destination(
        this: &Arc<Shared>,
        life: Duration,
        label: BString,
        property: BString,
        endpoint: BString,
    ) {
        if life.is_zero() {
            return;
        }
        let until = Instant::now() + life;
        let mut kept = this.lock();
        let known = kept.destinations.iter_mut().find(|d| d.label == label && d.endpoint == endpoint);
        match known {
            Some(known) => {
                known.property = property;
                known.until = until;
            }
            None => kept.destinations.push(Destination { label, property, endpoint, until }),
        }
        kept.count();
        this.tend(kept);
    }

    /// Gives out a connection to an endpoint: its properties and descriptor.
    pub fn find_endpoint(&self, label: &[u8]) -> Option<(BString, OwnedFd)> {
        let mut kept = self.lock();
        let found = kept.take(label);
        match found {
            Some(_) => kept.statistics.endpoint_hits += 1,
            None => kept.statistics.endpoint_misses += 1,
        }
        found
    }

    /// Gives out a connection to any endpoint of a destination: the destination's and the endpoint's properties, and the
    /// descriptor.
    pub fn find_destination(&self, label: &[u8]) -> Option<(BString, BString, OwnedFd)> {
        let mut kept = self.lock();
        let now = Instant::now();
        let ways: Vec<(BString, BString)> = kept
            .destinations
            .iter()
            .filter(|d| d.label == label && now < d.until)
            .map(|d| (d.property.clone(), d.endpoint.clone()))
            .collect();
        let found = ways.into_iter().find_map(|(property, endpoint)| {
            kept.take(&endpoint).map(|(endpoint, descriptor)| (property, endpoint, descriptor))
        });
        match found {
            Some(_) => kept.statistics.destination_hits += 1,
            None => kept.statistics.destination_misses += 1,
        }
        found
    }

    /// Starts the thread that lets go of what is too old, and reports.
    fn tend(self: &Arc<Shared>, mut kept: MutexGuard<'_, Kept>) {
        if kept.tended {
            return;
        }
        let shared = Arc::clone(self);
        let thread = std::thread::Builder::new().name("expire".into()).stack_size(128 << 10);
        kept.tended = thread
            .spawn(move || {
                while shared.expire(Instant::now()) {
                    std::thread::sleep(PAUSE);
                }
            })
            .is_ok();
    }

    /// Lets go of what is too old; false when nothing is left.
    fn expire(&self, now: Instant) -> bool {
        let mut kept = self.lock();
        kept.endpoints.retain(|endpoint| now < endpoint.until);
        kept.destinations.retain(|destination| now < destination.until);
        if now.duration_since(kept.reported) >= self.report_every {
            kept.reported = now;
            crate::report(&std::mem::take(&mut kept.statistics));
        }
        let more = !kept.endpoints.is_empty() || !kept.destinations.is_empty();
        kept.tended = more;
        more
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    /// The latest connection to an endpoint.
    fn take(&mut self, label: &[u8]) -> Option<(BString, OwnedFd)> {
        let now = Instant::now();
        let at = self.endpoints.iter().rposition(|e| e.label == label && now < e.until)?;
        let endpoint = self.endpoints.remove(at);
        Some((endpoint.property, endpoint.descriptor))
    }

    fn count(&mut self) {
        let names = self.destinations.iter().map(|d| &d.label).collect::<BTreeSet<_>>().len();
        let addresses = self.endpoints.iter().map(|e| &e.label).collect::<BTreeSet<_>>().len();
        let statistics = &mut self.statistics;
        statistics.most_destinations = statistics.most_destinations.max(names);
        statistics.most_endpoints = statistics.most_endpoints.max(addresses);
        statistics.most_connections = statistics.most_connections.max(self.endpoints.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn descriptor() -> OwnedFd {
        std::fs::File::open("/dev/null").unwrap().into()
    }

    const LONG: Duration = Duration::from_secs(100);

    #[test]
    fn a_connection_is_given_out_once() {
        let store = Shared::new(LONG);
        Shared::save_endpoint(&store, LONG, "mx:25".into(), "can do".into(), descriptor());
        Shared::save_destination(&store, LONG, "a.test".into(), "wants".into(), "mx:25".into());
        Shared::save_destination(&store, LONG, "a.test".into(), "wants it".into(), "mx:25".into());
        assert!(store.find_endpoint(b"other:25").is_none());
        let (property, endpoint, _) = store.find_destination(b"a.test").unwrap();
        assert_eq!((property, endpoint), ("wants it".into(), "can do".into()));
        assert!(store.find_destination(b"a.test").is_none());
        assert!(store.find_endpoint(b"mx:25").is_none());
        let statistics = store.lock().statistics;
        assert_eq!(
            (statistics.destination_hits, statistics.destination_misses, statistics.endpoint_misses),
            (1, 1, 2)
        );
        assert_eq!((statistics.most_connections, statistics.most_destinations), (1, 1));
    }

    #[test]
    fn nothing_is_kept_beyond_its_time() {
        let store = Shared::new(LONG);
        Shared::save_endpoint(&store, Duration::ZERO, "mx:25".into(), "".into(), descriptor());
        assert!(store.find_endpoint(b"mx:25").is_none());
        Shared::save_endpoint(&store, LONG, "mx:25".into(), "".into(), descriptor());
        assert!(store.expire(Instant::now()));
        assert!(!store.expire(Instant::now() + LONG), "and then nobody has to look after it");
        assert!(store.find_endpoint(b"mx:25").is_none());
    }
}
