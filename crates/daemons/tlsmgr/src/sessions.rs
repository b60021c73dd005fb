//! One cache of TLS sessions, with their age.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use cache::Cache;
use config::param::{Str, Time};
use config::{Config, ConfigError, Param};

/// Shorter lives are not worth a cache.
const LIFE_MIN: Duration = Duration::from_secs(120);
/// Longer ones are not safe.
const LIFE_MAX: Duration = Duration::from_secs(100 * 86400);

/// How long a cache in use is waited for; longer than clients may idle.
const PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(200);

/// The cache of one service.
pub struct Sessions {
    name: &'static str,
    life: Duration,
    store: Option<Cache>,
    /// `*_tls_loglevel` wants each look-up told.
    tells: bool,
}

impl Sessions {
    /// Opens the cache that `database` names, if it names one. A cache that cannot be opened is done without.
    pub fn open(
        name: &'static str,
        database: Param<Str>,
        life: Param<Time>,
        level: Param<Str>,
        config: &Config,
    ) -> Result<Sessions, ConfigError> {
        let tells = tls::LogMask::parse(level.name(), config.get(level)).cache;
        let limit = config.get(life);
        if !limit.is_zero() && !(LIFE_MIN..=LIFE_MAX).contains(&limit) {
            log::warning!(
                "{} must be from {} to {} seconds",
                life.name(),
                LIFE_MIN.as_secs(),
                LIFE_MAX.as_secs()
            );
        }
        let limit = if limit.is_zero() { limit } else { limit.clamp(LIFE_MIN, LIFE_MAX) };
        let text = config.get(database);
        let wanted = !text.is_empty() && !limit.is_zero();
        if tells && wanted {
            log::info!("open {name} TLS cache {text}");
        }
        let store = if wanted { open(database.name(), text)? } else { None };
        let sessions = Sessions { name, life: limit, store, tells };
        sessions.sweep();
        Ok(sessions)
    }

    /// "smtpd", "smtp" or "lmtp".
    pub fn name(&self) -> &'static str {
        self.name
    }

    pub fn life(&self) -> Duration {
        self.life
    }

    /// Whether there is a cache at all.
    pub fn is_kept(&self) -> bool {
        self.store.is_some()
    }

    /// A session that is young enough.
    pub fn lookup(&self, id: &[u8]) -> Option<Vec<u8>> {
        let store = self.store.as_ref()?;
        if self.tells {
            log::info!("lookup {} session id={}", self.name, String::from_utf8_lossy(id));
        }
        let entry = self.noted(store.get(id))??;
        match self.young(&entry, now()) {
            Some(session) => Some(session.to_vec()),
            None => {
                let _ = self.noted(store.delete(id));
                None
            }
        }
    }

    /// Keeps a session; false when it could not be kept.
    pub fn update(&self, id: &[u8], session: &[u8]) -> bool {
        let Some(store) = &self.store else { return false };
        let mut entry = now().to_be_bytes().to_vec();
        entry.extend_from_slice(session);
        if self.tells {
            let id = String::from_utf8_lossy(id);
            log::info!("put {} session id={id} [data {} bytes]", self.name, session.len());
        }
        let kept = self.noted(store.put(id, &entry)).is_some();
        if store.sweep_due(self.life, SystemTime::now()) {
            self.sweep();
        }
        kept
    }

    /// Forgets a session; false when it was not there.
    pub fn delete(&self, id: &[u8]) -> bool {
        let Some(store) = &self.store else { return false };
        if self.tells {
            log::info!("delete {} session id={}", self.name, String::from_utf8_lossy(id));
        }
        self.noted(store.delete(id)).unwrap_or(false)
    }

    /// Removes what is too old.
    fn sweep(&self) {
        if let Some(store) = &self.store {
            let now = now();
            let _ = self.noted(store.sweep(&mut |_, entry| self.young(entry, now).is_some()));
        }
    }

    /// The session of an entry that is neither too old nor damaged.
    fn young<'a>(&self, entry: &'a [u8], now: u64) -> Option<&'a [u8]> {
        let (stamp, session) = entry.split_first_chunk()?;
        let age = now.checked_sub(u64::from_be_bytes(*stamp))?;
        (age < self.life.as_secs()).then_some(session)
    }

    fn noted<T>(&self, result: Result<T, cache::CacheError>) -> Option<T> {
        result.map_err(|err| log::warning!("{} TLS session cache: {err}", self.name)).ok()
    }
}

fn open(parameter: &str, text: &str) -> Result<Option<Cache>, ConfigError> {
    if !text.contains(':') {
        return Err(ConfigError::new(format!(
            "{parameter}: expecting \"type:name\" form instead of \"{text}\""
        )));
    }
    // After a reload the process before us may still own it, until its clients are gone.
    let until = Instant::now() + PATIENCE;
    loop {
        match Cache::open(text) {
            Ok(cache) => return Ok(Some(cache)),
            Err(_) if Instant::now() < until => std::thread::sleep(PAUSE),
            Err(err) => {
                log::warning!("{parameter}: {err}: TLS sessions are not cached");
                return Ok(None);
            }
        }
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_and_damaged_entries_are_no_sessions() {
        let sessions = Sessions { name: "smtpd", life: Duration::from_secs(100), store: None, tells: false };
        let mut entry = 1000u64.to_be_bytes().to_vec();
        entry.extend_from_slice(b"session");
        assert_eq!(sessions.young(&entry, 1000), Some(&b"session"[..]));
        assert_eq!(sessions.young(&entry, 1099), Some(&b"session"[..]));
        assert_eq!(sessions.young(&entry, 1100), None, "too old");
        assert_eq!(sessions.young(&entry, 999), None, "from the future");
        assert_eq!(sessions.young(b"short", 1000), None);
    }

    #[test]
    fn a_service_without_a_cache_keeps_nothing() {
        let sessions = Sessions { name: "smtp", life: Duration::from_secs(100), store: None, tells: false };
        assert!(!sessions.is_kept());
        assert!(!sessions.update(b"id", b"session"));
        assert_eq!(sessions.lookup(b"id"), None);
        assert!(!sessions.delete(b"id"));
    }

    #[test]
    fn sessions_come_back() {
        let dir = std::env::temp_dir().join(format!("tlsmgr-test-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let text = format!("btree:{}/cache", dir.display());
        let sessions = Sessions {
            name: "smtp",
            life: Duration::from_secs(100),
            store: open("test", &text).unwrap(),
            tells: false,
        };
        assert!(sessions.update(b"id", b"session"));
        assert_eq!(sessions.lookup(b"id").as_deref(), Some(&b"session"[..]));
        assert!(sessions.delete(b"id"));
        assert_eq!(sessions.lookup(b"id"), None);
        drop(sessions);
        let _ = std::fs::remove_dir_all(&dir);
        assert!(open("test", "no-type").is_err());
    }
}
