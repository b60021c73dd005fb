//! Disposable caches on an embedded store: TLS sessions, address probes, postscreen results.
//!
//! One process owns a cache. Its contents may vanish at any start: a store that was not closed in order, or that
//! does not open, is set aside with a warning and begun anew. Whatever table type the configuration names
//! (`sdbm:`, `btree:`, `hash:`, `lmdb:`), the store underneath is the same: a directory `NAME.sled`. Beside it a
//! marker file stands while it is being opened: one that is found at a start tells of an opening that killed its process.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bstr::BString;

/// An open cache. Shared by all threads of its owner.
pub struct Cache {
    store: sled::Db,
    entries: sled::Tree,
    state: sled::Tree,
}

/// What went wrong below the cache. Callers log it and go on without.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheError(String);

impl fmt::Display for CacheError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for CacheError {}

impl From<sled::Error> for CacheError {
    fn from(error: sled::Error) -> CacheError {
        CacheError(match error {
            sled::Error::Io(error) => sys::errno_text(&error),
            other => other.to_string(),
        })
    }
}

/// Memory for pages; what is not in it is read from disk.
const MEMORY: u64 = 4 << 20;

/// Entries are on disk at the latest after this time; what a crash loses is only a cache miss.
const FLUSH_MILLISECONDS: u64 = 1000;

/// Larger values would go to files of their own, which the store opens by path: in a chroot jail there is no such
/// path, and the failed write would cost the whole cache.
pub const LARGEST: usize = 8 << 10;

/// When the last sweep ended.
const LAST_SWEEP: &[u8] = b"last sweep";

impl Cache {
    /// Opens the cache that a parameter names (`btree:$data_directory/verify_cache`, expanded).
    /// Fails only when another process owns it or its directory cannot be written.
    pub fn open(text: &str) -> Result<Cache, CacheError> {
        let name = text.split_once(':').map_or(text, |(_, name)| name);
        if name.is_empty() {
            return Err(CacheError(format!("expecting \"type:name\" form instead of \"{text}\"")));
        }
        let paths = Paths::of(name);
        if paths.marker.exists() {
            log::warning!("cache {}: the last opening did not end; setting it aside", paths.store.display());
            paths.set_aside()?;
        }
        fs::write(&paths.marker, std::process::id().to_string()).map_err(|e| paths.failed("create", &e))?;
        let opened = match Cache::open_store(&paths.store) {
            Err(sled::Error::Io(error)) if is_refusal(&error) => Err(paths.failed("open", &error)),
            Err(error) => {
                log::warning!(
                    "cache {}: {}; starting with an empty one",
                    paths.store.display(),
                    CacheError::from(error)
                );
                paths.set_aside().and_then(|()| Cache::open_store(&paths.store).map_err(CacheError::from))
            }
            Ok(cache) => Ok(cache),
        };
        // Where the marker stays, the next start merely begins with an empty cache.
        let _ = fs::remove_file(&paths.marker);
        opened
    }

    fn open_store(path: &Path) -> Result<Cache, sled::Error> {
        let store = sled::Config::new()
            .path(path)
            .mode(sled::Mode::LowSpace)
            .cache_capacity(MEMORY)
            .flush_every_ms(Some(FLUSH_MILLISECONDS))
            .open()?;
        let entries = store.open_tree("entries")?;
        let state = store.open_tree("state")?;
        Ok(Cache { store, entries, state })
    }

    /// The value stored under `key`.
    pub fn get(&self, key: &[u8]) -> Result<Option<BString>, CacheError> {
        Ok(self.entries.get(key)?.map(|value| BString::from(value.as_ref())))
    }

    /// Stores `value`, in place of what was there. One larger than [`LARGEST`] is not kept: a cache miss.
    pub fn put(&self, key: &[u8], value: &[u8]) -> Result<(), CacheError> {
        if value.len() > LARGEST {
            log::debug!("cache: an entry of {} bytes is not kept", value.len());
            self.entries.remove(key)?;
            return Ok(());
        }
        self.entries.insert(key, value)?;
        Ok(())
    }

    /// Removes `key`; true when it was there.
    pub fn delete(&self, key: &[u8]) -> Result<bool, CacheError> {
        Ok(self.entries.remove(key)?.is_some())
    }

    /// The first entry whose key is greater than `after` (all: `None`), in key order.
    pub fn next(&self, after: Option<&[u8]>) -> Result<Option<(BString, BString)>, CacheError> {
        let entry = match after {
            Some(key) => self.entries.get_gt(key)?,
            None => self.entries.first()?,
        };
        Ok(entry.map(|(key, value)| (BString::from(key.as_ref()), BString::from(value.as_ref()))))
    }

    /// Removes each entry for which `keep` says no. Returns how many were kept and removed.
    pub fn sweep(&self, keep: &mut dyn FnMut(&[u8], &[u8]) -> bool) -> Result<(usize, usize), CacheError> {
        let (mut kept, mut removed) = (0, 0);
        for entry in self.entries.iter() {
            let (key, value) = entry?;
            if keep(&key, &value) {
                kept += 1;
            } else {
                self.entries.remove(&key)?;
                removed += 1;
            }
        }
        self.state.insert(LAST_SWEEP, &seconds(SystemTime::now()).to_be_bytes())?;
        Ok((kept, removed))
    }

    /// Writes everything to disk.
    pub fn flush(&self) -> Result<(), CacheError> {
        self.store.flush()?;
        Ok(())
    }

    /// Whether a sweep is due: `interval` since the last, kept across restarts. Never when `interval` is zero.
    pub fn sweep_due(&self, interval: Duration, now: SystemTime) -> bool {
        let last = self.state.get(LAST_SWEEP).ok().flatten();
        let last =
            last.and_then(|bytes| <[u8; 8]>::try_from(bytes.as_ref()).ok()).map_or(0, u64::from_be_bytes);
        !interval.is_zero() && last.saturating_add(interval.as_secs()) <= seconds(now)
    }
}

/// Another owner, or no access: a new store would not help.
fn is_refusal(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem)
        // sled wraps the lock's error and keeps only its text.
        || error.kind() == io::ErrorKind::Other && error.to_string().contains("lock")
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |age| age.as_secs())
}

struct Paths {
    store: PathBuf,
    marker: PathBuf,
    aside: PathBuf,
}

impl Paths {
    fn of(name: &str) -> Paths {
        Paths {
            store: format!("{name}.sled").into(),
            marker: format!("{name}.sled.opening").into(),
            aside: format!("{name}.sled.bad").into(),
        }
    }

    /// Moves the store out of the way, in place of one that was moved before.
    fn set_aside(&self) -> Result<(), CacheError> {
        match fs::remove_dir_all(&self.aside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(self.failed("remove", &error));
            }
            _ => {}
        }
        match fs::rename(&self.store, &self.aside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(self.failed("set aside", &error)),
            _ => Ok(()),
        }
    }

    fn failed(&self, what: &str, error: &io::Error) -> CacheError {
        CacheError(format!("{what} cache {}: {}", self.store.display(), sys::errno_text(error)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Place(PathBuf);

    impl Place {
        fn new(name: &str) -> Place {
            let path = std::env::temp_dir().join(format!("cache-{name}-{}", std::process::id()));
            fs::create_dir_all(&path).unwrap();
            Place(path)
        }

        fn spec(&self) -> String {
            format!("btree:{}/test", self.0.display())
        }
    }

    impl Drop for Place {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn entries_live_across_openings() {
        let place = Place::new("live");
        {
            let cache = Cache::open(&place.spec()).unwrap();
            cache.put(b"b", b"2").unwrap();
            cache.put(b"a", b"1").unwrap();
            cache.put(b"c", b"3").unwrap();
            assert!(cache.delete(b"c").unwrap());
            assert!(!cache.delete(b"c").unwrap());
            cache.flush().unwrap();
        }
        let cache = Cache::open(&place.spec()).unwrap();
        assert_eq!(cache.get(b"a").unwrap().unwrap(), "1");
        assert_eq!(cache.next(None).unwrap().unwrap().0, "a");
        assert_eq!(cache.next(Some(b"a")).unwrap().unwrap().0, "b");
        assert_eq!(cache.next(Some(b"b")).unwrap(), None);
    }

    #[test]
    fn oversized_values_are_a_miss() {
        let place = Place::new("large");
        let cache = Cache::open(&place.spec()).unwrap();
        cache.put(b"a", &[0; LARGEST]).unwrap();
        cache.put(b"b", b"old").unwrap();
        cache.put(b"b", &[0; LARGEST + 1]).unwrap();
        assert_eq!(cache.get(b"a").unwrap().unwrap().len(), LARGEST);
        assert!(cache.get(b"b").unwrap().is_none());
        assert_eq!(fs::read_dir(place.0.join("test.sled/blobs")).unwrap().count(), 0);
    }

    #[test]
    fn sweeps_remove_and_are_dated() {
        let place = Place::new("sweep");
        let cache = Cache::open(&place.spec()).unwrap();
        for n in 0..10u8 {
            cache.put(&[n], &[n]).unwrap();
        }
        let hour = Duration::from_secs(3600);
        assert!(cache.sweep_due(hour, SystemTime::now()));
        assert_eq!(cache.sweep(&mut |_, value| value[0] % 2 == 0).unwrap(), (5, 5));
        assert!(!cache.sweep_due(hour, SystemTime::now()));
        assert!(cache.sweep_due(hour, SystemTime::now() + hour));
        assert!(!cache.sweep_due(Duration::ZERO, SystemTime::now()));
    }

    #[test]
    fn second_owner_is_refused_and_nothing_is_lost() {
        let place = Place::new("owner");
        let cache = Cache::open(&place.spec()).unwrap();
        cache.put(b"a", b"1").unwrap();
        assert!(Cache::open(&place.spec()).is_err());
        assert_eq!(cache.get(b"a").unwrap().unwrap(), "1");
        assert!(!place.0.join("test.sled.bad").exists());
    }

    #[test]
    fn broken_or_unfinished_stores_are_set_aside() {
        let place = Place::new("broken");
        {
            let cache = Cache::open(&place.spec()).unwrap();
            cache.put(b"a", b"1").unwrap();
        }
        fs::write(place.0.join("test.sled.opening"), "1").unwrap();
        let cache = Cache::open(&place.spec()).unwrap();
        assert_eq!(cache.get(b"a").unwrap(), None);
        drop(cache);
        assert!(place.0.join("test.sled.bad").exists());
        assert!(!place.0.join("test.sled.opening").exists());
        fs::remove_dir_all(place.0.join("test.sled")).unwrap();
        fs::write(place.0.join("test.sled"), "no directory").unwrap();
        Cache::open(&place.spec()).unwrap().put(b"a", b"1").unwrap();
    }
}
