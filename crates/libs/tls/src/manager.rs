//! tlsmgr(8)'s client: session caches and ticket keys. Whatever fails here means only that sessions are not resumed.

use std::sync::Mutex;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use config::Config;
use config::params::*;
use ipc::tlsmgr::{PROTOCOL, Policy, Request, Session, Status, TicketKey as KeyReply, stat};
use ipc::{Client, Place};
use sys::openssl::{TICKET_KEY, TICKET_MAC, TICKET_NAME, TicketKey};

/// The reference's `TLS_TICKET_KEY` as it lies in memory: name, cipher key, MAC key, time of retirement.
const KEY_IMAGE: usize = TICKET_NAME + TICKET_KEY + TICKET_MAC + 8;

/// One cache of tlsmgr's, and the ticket keys.
pub struct Manager {
    client: Client,
    cache_type: &'static str,
    keys: Mutex<Keys>,
}

/// The current key and the one before it.
#[derive(Default)]
struct Keys {
    current: Option<Timed>,
    previous: Option<Timed>,
}

#[derive(Clone)]
struct Timed {
    key: TicketKey,
    /// Until then it may encrypt; it decrypts for as long again.
    retires: u64,
}

impl Manager {
    /// A client for the cache of `smtpd`, `smtp` or `lmtp`.
    pub fn new(config: &Config, cache_type: &'static str) -> Manager {
        let place = Place::private(config.get(TLSMGR_SERVICE_NAME));
        let client = Client::new(place, PROTOCOL).keep(config.get(IPC_IDLE), config.get(IPC_TTL));
        Manager { client, cache_type, keys: Mutex::default() }
    }

    /// Whether sessions are cached, and how long they live; `None` without a tlsmgr.
    pub fn policy(&self) -> Option<(bool, Duration)> {
        let reply: Policy = self.client.ask(&Request::Policy { cache_type: self.cache_type.into() }).ok()?;
        let life = u64::try_from(reply.timeout).ok()?;
        (reply.status == stat::OK).then_some((reply.cachable != 0, Duration::from_secs(life)))
    }

    /// The stored session of this key, in DER.
    pub fn lookup(&self, cache_id: &str) -> Option<Vec<u8>> {
        let request = Request::Lookup { cache_type: self.cache_type.into(), cache_id: cache_id.into() };
        let reply: Session = self.client.ask(&request).ok()?;
        (reply.status == stat::OK && !reply.bytes.is_empty()).then_some(reply.bytes)
    }

    pub fn update(&self, cache_id: &str, session: Vec<u8>) {
        let request =
            Request::Update { cache_type: self.cache_type.into(), cache_id: cache_id.into(), session };
        // The session is lost, that is all.
        let _ = self.client.ask::<_, Status>(&request);
    }

    pub fn delete(&self, cache_id: &str) {
        let request = Request::Delete { cache_type: self.cache_type.into(), cache_id: cache_id.into() };
        let _ = self.client.ask::<_, Status>(&request);
    }

    /// The key of that name, or the one to encrypt with, with the time (seconds) when it stops to encrypt.
    /// A key encrypts for `life`, and decrypts for as long again.
    pub fn ticket_key(&self, name: Option<&[u8; TICKET_NAME]>, life: Duration) -> Option<(TicketKey, u64)> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
        let mut keys = self.keys.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(found) = keys.find(name, now, life.as_secs()) {
            return Some(found);
        }
        let reply: KeyReply =
            self.client.ask(&Request::TicketKey { name: name.map_or_else(Vec::new, |n| n.to_vec()) }).ok()?;
        if reply.status != stat::OK {
            return None;
        }
        keys.add(Timed::from_image(&reply.bytes)?);
        keys.find(name, now, life.as_secs())
    }
}

impl Keys {
    fn find(&self, name: Option<&[u8; TICKET_NAME]>, now: u64, life: u64) -> Option<(TicketKey, u64)> {
        match name {
            None => self.current.as_ref().filter(|k| now < k.retires).map(|k| (k.key.clone(), k.retires)),
            Some(name) => [&self.current, &self.previous]
                .into_iter()
                .flatten()
                .find(|k| k.key.name == *name && now < k.retires.saturating_add(life))
                .map(|k| (k.key.clone(), k.retires)),
        }
    }

    /// A newer key than the current one takes its place; an older one is the previous.
    fn add(&mut self, key: Timed) {
        match &self.current {
            Some(current) if current.key.name == key.key.name => self.current = Some(key),
            Some(current) if key.retires < current.retires => self.previous = Some(key),
            _ => self.previous = self.current.replace(key),
        }
    }
}

impl Timed {
    fn from_image(image: &[u8]) -> Option<Timed> {
        if image.len() != KEY_IMAGE {
            return None;
        }
        let (name, rest) = image.split_first_chunk()?;
        let (cipher, rest) = rest.split_first_chunk()?;
        let (mac, rest) = rest.split_first_chunk()?;
        let (retires, _) = rest.split_first_chunk()?;
        let retires = u64::try_from(i64::from_ne_bytes(*retires)).ok()?;
        Some(Timed { key: TicketKey { name: *name, cipher: *cipher, mac: *mac }, retires })
    }
}

/// A session ticket key as tlsmgr(8) sends it.
pub fn ticket_key_image(key: &TicketKey, retires: SystemTime) -> Vec<u8> {
    let retires =
        retires.duration_since(UNIX_EPOCH).map_or(0, |d| i64::try_from(d.as_secs()).unwrap_or(i64::MAX));
    let mut image = Vec::with_capacity(KEY_IMAGE);
    image.extend_from_slice(&key.name);
    image.extend_from_slice(&key.cipher);
    image.extend_from_slice(&key.mac);
    image.extend_from_slice(&retires.to_ne_bytes());
    image
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(tag: u8) -> TicketKey {
        TicketKey { name: [tag; TICKET_NAME], cipher: [tag; TICKET_KEY], mac: [tag; TICKET_MAC] }
    }

    #[test]
    fn images_go_both_ways() {
        let image = ticket_key_image(&key(7), UNIX_EPOCH + Duration::from_secs(1000));
        let back = Timed::from_image(&image).unwrap();
        assert!(back.key == key(7) && back.retires == 1000);
        assert!(Timed::from_image(&image[1..]).is_none());
    }

    #[test]
    fn keys_rotate() {
        let mut keys = Keys::default();
        assert!(keys.find(None, 0, 10).is_none());
        keys.add(Timed { key: key(1), retires: 100 });
        assert!(keys.find(None, 99, 50).is_some_and(|(k, end)| k == key(1) && end == 100));
        assert!(keys.find(None, 100, 50).is_none(), "a retired key does not encrypt");
        keys.add(Timed { key: key(2), retires: 200 });
        assert!(keys.find(None, 150, 50).is_some_and(|(k, _)| k == key(2)));
        assert!(
            keys.find(Some(&[1; TICKET_NAME]), 149, 50).is_some_and(|(k, end)| k == key(1) && end == 100)
        );
        assert!(keys.find(Some(&[1; TICKET_NAME]), 150, 50).is_none(), "and is forgotten");
        assert!(keys.find(Some(&[9; TICKET_NAME]), 150, 50).is_none());
    }
}
