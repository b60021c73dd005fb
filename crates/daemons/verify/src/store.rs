//! Where entries are kept: a cache on disk, or memory when `address_verify_map` is empty.

use bstr::BString;
use cache::{Cache, CacheError};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, SystemTime};

/// The entries, by address.
pub struct Store {
    name: String,
    disk: OnceLock<Option<Cache>>,
    memory: Mutex<HashMap<BString, BString>>,
}

impl Store {
    /// A store of this name (`type:path`). It is opened by the first request, as the mail owner.
    pub fn new(name: &str) -> Store {
        Store { name: name.to_owned(), disk: OnceLock::new(), memory: Mutex::new(HashMap::new()) }
    }

    /// The entry of an address.
    pub fn get(&self, address: &[u8]) -> Option<BString> {
        match self.disk() {
            Some(cache) => self.unless_failed(cache.get(address)).flatten(),
            None => self.memory().get(address).cloned(),
        }
    }

    /// Stores an entry.
    pub fn put(&self, address: &[u8], entry: &[u8]) {
        match self.disk() {
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
        match self.disk() {
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
        let Some(cache) = self.disk() else { return };
        if interval.is_zero() || !cache.sweep_due(interval, SystemTime::now()) {
            return;
        }
        if let Some((retained, dropped)) = self.unless_failed(cache.sweep(keep)) {
            log::info!("cache {} full cleanup: retained={retained} dropped={dropped} entries", self.name);
        }
    }

    fn disk(&self) -> Option<&Cache> {
        let opened = self.disk.get_or_init(|| {
            if self.name.is_empty() {
                return None;
            }
            match Cache::open(&self.name) {
                Ok(cache) => Some(cache),
                Err(error) => {
                    log::warning!("open cache {}: {error}; keeping results in memory", self.name);
                    None
                }
            }
        });
        opened.as_ref()
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
        let store = Store::new("");
        assert_eq!(store.get(b"a"), None);
        store.put(b"a", b"1");
        assert_eq!(store.get(b"a"), Some("1".into()));
        store.delete(b"a");
        assert_eq!(store.get(b"a"), None);
    }
}
