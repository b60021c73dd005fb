//! Disposable caches on an embedded store: TLS sessions, address probes, postscreen results.
//!
//! One process owns a cache. Its contents may vanish at any start: a store that was not closed in order, or that
//! does not open, is set aside with a warning and begun anew. Whatever table type the configuration names
//! (`sdbm:`, `btree:`, `hash:`, `lmdb:`), the store underneath is the same.

use std::fmt;
use std::time::{Duration, SystemTime};

use bstr::BString;

/// An open cache.
pub struct Cache {}

/// What went wrong below the cache. Callers log it and go on without.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheError(String);

impl fmt::Display for CacheError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for CacheError {}

impl Cache {
    /// Opens the cache that a parameter names (`btree:$data_directory/verify_cache`); `text` is its value.
    /// Fails only when another process owns it or the directory cannot be written.
    pub fn open(text: &str) -> Result<Cache, CacheError> {
        let _ = text;
        todo!()
    }

    /// The value stored under `key`.
    pub fn get(&self, key: &[u8]) -> Result<Option<BString>, CacheError> {
        let _ = key;
        todo!()
    }

    /// Stores `value`, in place of what was there.
    pub fn put(&self, key: &[u8], value: &[u8]) -> Result<(), CacheError> {
        let _ = (key, value);
        todo!()
    }

    /// Removes `key`; true when it was there.
    pub fn delete(&self, key: &[u8]) -> Result<bool, CacheError> {
        let _ = key;
        todo!()
    }

    /// The first entry whose key is greater than `after` (all: `None`), in key order.
    pub fn next(&self, after: Option<&[u8]>) -> Result<Option<(BString, BString)>, CacheError> {
        let _ = after;
        todo!()
    }

    /// Removes each entry for which `keep` says no. Returns how many were kept and removed.
    pub fn sweep(&self, keep: &mut dyn FnMut(&[u8], &[u8]) -> bool) -> Result<(usize, usize), CacheError> {
        let _ = keep;
        todo!()
    }

    /// Writes everything to disk.
    pub fn flush(&self) -> Result<(), CacheError> {
        todo!()
    }

    /// Whether a sweep is due: `interval` since the last, kept across restarts.
    pub fn sweep_due(&self, interval: Duration, now: SystemTime) -> bool {
        let _ = (interval, now);
        todo!()
    }
}
