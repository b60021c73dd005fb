//! The tables that `proxywrite` changes for its clients: caches, of which this process is the one owner.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use cache::{Cache, CacheError};

/// Open caches by `type:name`.
#[derive(Default)]
pub struct Stores(Mutex<HashMap<String, Cache>>);

impl Stores {
    /// Does `work` on a cache that is opened when it is first needed. What fails is logged.
    pub fn with<T>(&self, name: &str, work: impl FnOnce(&Cache) -> Result<T, CacheError>) -> Result<T, ()> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let failed = |error: CacheError| log::warning!("{name}: {error}");
        if !open.contains_key(name) {
            open.insert(name.to_owned(), Cache::open(name).map_err(failed)?);
        }
        let Some(store) = open.get(name) else { return Err(()) };
        work(store).map_err(failed)
    }
}
