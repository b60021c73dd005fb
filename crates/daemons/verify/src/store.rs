//! Where entries are kept: a cache on disk, or memory when `address_verify_map` is empty.

use bstr::BString;
use cache::{Cache, CacheError};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

/// The entries, by address.
pub struct Store {
    name: String,
    disk: Option<Cache>,
    memory: Mutex<HashMap<BString, BString>>,
}

impl Store {
    /// Opens the store of this name (`type:path`). One that cannot be opened is no reason to refuse service.
    pub fn open(name: &str) -> Store {
        let opened = if name.is_empty() { None } else { Some(Cache::open(name)) };
        let disk = opened.and_then(|opened| {
            opened
                .map_err(|error| log::warning!("open cache {name}: {error}; keeping results in memory"))
                .ok()
        });
        Store { name: name.to_owned(), disk, memory: Mutex::new(HashMap::new()) }
    }

    /// The entry of an address.
    pub fn get(&self, address: &[u8]) -> Option<BString> {
        match &self.disk {
            Some(cache) => self.unless_failed(cache.get(address)).flatten(),
            None => self.memory().get(address).cloned(),
        }
    }

    /// Stores an entry.
    pub fn put(&self, address: &[u8], entry: &[u8]) {
        match &self.disk {
            Some(cache) => {
                self.unless_failed(cache.put(address, entry));
            }
            None => {
                self.memory().insert(address.into(), entry.into());
            }
        }
    }

    /// Removes an entry.
    pub fn delete(&self, address: &[u8]) {
        match &self.disk {
            Some(cache) => {
                self.unless_failed(cache.delete(address));
            }
            None => {
                self.memory().remove(address);
            }
        }
    }

    /// Removes the entries that `keep` does not want, if the last time is longer ago than `interval`.
    pub fn sweep(&self, interval: Duration, keep: &mut dyn FnMut(&[u8], &[u8]) -> bool) {
        let Some(cache) = &self.disk else { return };
        if interval.is_zero() || !cache.sweep_due(interval, SystemTime::now()) {
            return;
        }
        if let Some((retained, dropped)) = self.unless_failed(cache.sweep(keep)) {
            log::info!("cache {} full cleanup: retained={retained} dropped={dropped} entries", self.name);
        }
    }

    fn memory(&self) -> MutexGuard<'_, HashMap<BString, BString>> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn unless_failed<T>(&self, result: Result<T, CacheError>) -> Option<T> {
        result.map_err(|error| log::warning!("cache {}: {error}", self.name)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_will_do() {
        let store = Store::open("");
        assert_eq!(store.get(b"a"), None);
        store.put(b"a", b"1");
        assert_eq!(store.get(b"a"), Some("1".into()));
        store.delete(b"a");
        assert_eq!(store.get(b"a"), None);
    }
}
