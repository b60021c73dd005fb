//! The counts: one entry for each service and client.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use bstr::{BStr, BString};
use ipc::anvil::Event;

/// What one client of one service has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Connections now.
    pub connections: i32,
    /// In this time unit.
    pub rate: i32,
    pub mail: i32,
    pub rcpt: i32,
    pub newtls: i32,
    pub auth: i32,
}

struct Entry {
    counts: Counts,
    /// When this time unit began.
    since: Instant,
    /// When the last connection ended.
    left: Instant,
}

/// All clients, by `service:address`.
pub struct Clients {
    unit: Duration,
    entries: HashMap<BString, Entry>,
}

impl Clients {
    /// With the time unit of rates.
    pub fn new(unit: Duration) -> Clients {
        Clients { unit, entries: HashMap::new() }
    }

    /// Counts an event, or just looks.
    pub fn count(&mut self, event: Event, ident: &BStr, now: Instant) -> Counts {
        if matches!(event, Event::Lookup | Event::NewTlsStatus) && !self.entries.contains_key(ident) {
            return Counts::default();
        }
        let entry = self.entries.entry(ident.to_owned()).or_insert_with(|| Entry {
            counts: Counts::default(),
            since: now,
            left: now,
        });
        // Starting anew each time unit is simpler than a moving average, and answers faster to a burst.
        if now.duration_since(entry.since) > self.unit {
            entry.counts = Counts { connections: entry.counts.connections, ..Counts::default() };
            entry.since = now;
        }
        let counts = &mut entry.counts;
        match event {
            Event::Connect => {
                counts.connections = counts.connections.saturating_add(1);
                counts.rate = counts.rate.saturating_add(1);
            }
            Event::Disconnect => {
                counts.connections = counts.connections.saturating_sub(1).max(0);
                entry.left = now;
            }
            Event::Message => counts.mail = counts.mail.saturating_add(1),
            Event::Recipient => counts.rcpt = counts.rcpt.saturating_add(1),
            Event::NewTls => counts.newtls = counts.newtls.saturating_add(1),
            Event::Auth => counts.auth = counts.auth.saturating_add(1),
            Event::NewTlsStatus | Event::Lookup => {}
        }
        entry.counts
    }

    /// Forgets clients that have been gone for a time unit.
    pub fn expire(&mut self, now: Instant) {
        let unit = self.unit;
        self.entries.retain(|_, entry| entry.counts.connections > 0 || now.duration_since(entry.left) < unit);
    }

    /// How many clients are known.
    pub fn len(&self) -> usize {
        self.entries.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_begin_anew_and_connections_stay() {
        let unit = Duration::from_secs(60);
        let mut clients = Clients::new(unit);
        let (start, who) = (Instant::now(), BStr::new("smtp:192.0.2.1"));
        assert_eq!(clients.count(Event::Lookup, who, start), Counts::default());
        assert_eq!(clients.len(), 0, "looking does not count");
        clients.count(Event::Connect, who, start);
        clients.count(Event::Message, who, start);
        let counts = clients.count(Event::Connect, who, start);
        assert_eq!((counts.connections, counts.rate, counts.mail), (2, 2, 1));
        let later = start + unit + Duration::from_secs(1);
        let counts = clients.count(Event::Recipient, who, later);
        assert_eq!((counts.connections, counts.rate, counts.mail, counts.rcpt), (2, 0, 0, 1));
        clients.count(Event::Disconnect, who, later);
        let counts = clients.count(Event::Disconnect, who, later);
        assert_eq!(counts.connections, 0);
        assert_eq!(clients.count(Event::Disconnect, who, later).connections, 0, "never below zero");
        clients.expire(later + unit / 2);
        assert_eq!(clients.len(), 1);
        clients.expire(later + unit);
        assert_eq!(clients.len(), 0);
    }
}
