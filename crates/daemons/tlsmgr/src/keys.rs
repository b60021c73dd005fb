//! Session ticket keys: the current one, and the one before it for tickets that are still about.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use tls::{TicketKey, ticket_key_image};

/// Makes, rotates and forgets keys.
pub struct Keys {
    life: Duration,
    kept: Mutex<[Option<Kept>; 2]>,
}

struct Kept {
    key: TicketKey,
    retires: SystemTime,
}

impl Keys {
    /// Each key encrypts for `life` and decrypts for as long again; zero: there are no keys.
    pub fn new(life: Duration) -> Keys {
        Keys { life, kept: Mutex::new([None, None]) }
    }

    /// The key of that name, or the current one for an empty name; as it travels.
    pub fn find(&self, name: &[u8]) -> Option<Vec<u8>> {
        self.find_at(name, SystemTime::now())
    }

    fn find_at(&self, name: &[u8], now: SystemTime) -> Option<Vec<u8>> {
        if self.life.is_zero() {
            return None;
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if name.is_empty() && kept[0].as_ref().is_none_or(|k| now >= k.retires) {
            kept.swap(0, 1);
            kept[0] = Some(Kept { key: fresh(), retires: now + self.life });
        }
        let found = kept
            .iter()
            .flatten()
            .find(|k| (name.is_empty() || k.key.name == *name) && now < k.retires + self.life)?;
        Some(ticket_key_image(&found.key, found.retires))
    }
}

fn fresh() -> TicketKey {
    let mut key = TicketKey { name: Default::default(), cipher: Default::default(), mac: Default::default() };
    sys::rand::fill(&mut key.name);
    sys::rand::fill(&mut key.cipher);
    sys::rand::fill(&mut key.mac);
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_live_twice_their_life() {
        let keys = Keys::new(Duration::from_secs(100));
        let start = SystemTime::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let first = keys.find_at(b"", at(0)).unwrap();
        assert_eq!(first.len(), 88);
        let name = &first[..16];
        assert_eq!(keys.find_at(b"", at(99)).as_ref(), Some(&first));
        assert_eq!(keys.find_at(name, at(150)).as_ref(), Some(&first), "still decrypts");
        let second = keys.find_at(b"", at(150)).unwrap();
        assert_ne!(second, first);
        assert_eq!(keys.find_at(name, at(199)).as_ref(), Some(&first));
        assert_eq!(keys.find_at(name, at(200)), None);
        assert_eq!(keys.find_at(b"no such key name", at(150)), None);
        assert_eq!(Keys::new(Duration::ZERO).find(b""), None);
    }
}
