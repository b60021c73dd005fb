//! The client's cache of TLS sessions: tlsmgr(8)'s, or for commands the process's own.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use config::Config;

use crate::manager::Manager;

/// How long a session lives in this process.
const MEMORY_LIFE: Duration = Duration::from_secs(3600);

/// Where sessions wait to be used again.
pub enum Cache {
    /// tlsmgr(8)'s.
    Manager(Box<Manager>),
    /// This process's own.
    Memory(Mutex<HashMap<String, Vec<u8>>>),
}

impl Cache {
    /// This process's own, and how long a session lives there.
    pub fn memory() -> (Cache, Duration) {
        (Cache::Memory(Mutex::default()), MEMORY_LIFE)
    }

    /// The cache of tlsmgr(8), and how long a session lives there; `None`: there is no such cache.
    pub fn managed(config: &Config, cache_type: &'static str) -> Option<(Cache, Duration)> {
        let manager = Manager::new(config, cache_type);
        let (cachable, life) = manager.policy().unwrap_or((false, Duration::ZERO));
        (cachable && !life.is_zero()).then_some((Cache::Manager(Box::new(manager)), life))
    }

    pub fn lookup(&self, id: &str) -> Option<Vec<u8>> {
        match self {
            Cache::Manager(manager) => manager.lookup(id),
            Cache::Memory(known) => lock(known).get(id).cloned(),
        }
    }

    pub fn update(&self, id: &str, session: Vec<u8>) {
        match self {
            Cache::Manager(manager) => manager.update(id, session),
            Cache::Memory(known) => {
                lock(known).insert(id.to_owned(), session);
            }
        }
    }

    pub fn delete(&self, id: &str) {
        match self {
            Cache::Manager(manager) => manager.delete(id),
            Cache::Memory(known) => {
                lock(known).remove(id);
            }
        }
    }
}

fn lock(known: &Mutex<HashMap<String, Vec<u8>>>) -> MutexGuard<'_, HashMap<String, Vec<u8>>> {
    known.lock().unwrap_or_else(PoisonError::into_inner)
}
