//! `lmdb:` – through the LMDB library; one file, no lock file, our own lock as Postfix does it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bstr::{BString, ByteSlice};
use sys::lmdb::{Access, Lmdb, LmdbError};
use sys::lock::Lock;

use crate::file::{self, Folding, Stamp, Terminator};
use crate::registry::{Spec, TableType};
use crate::settings;
use crate::table::{Entries, Flags, OpenError, Owner, Table, TableError};
use crate::writer::{WriteError, Writer};

/// The row of `lmdb:`.
pub const TYPE: TableType = TableType { name: "lmdb", open, can_create: true };

struct LmdbTable {
    /// The descriptor that locks are taken on (LMDB's own is its own), and the open environment.
    inner: Mutex<(File, Lmdb)>,
    stamp: Stamp,
    flags: Flags,
    terminator: Terminator,
}

fn open(spec: &Spec<'_>) -> Result<Arc<dyn Table>, OpenError> {
    let path = format!("{}.lmdb", spec.name);
    let file = File::open(&path).map_err(|e| file::cannot_open("database", &path, &e))?;
    let stamp = Stamp::of(&file).map_err(|e| file::cannot_open("database", &path, &e))?;
    sys::lock::open_file(&file, Lock::Shared, true).map_err(|e| file::cannot_open("database", &path, &e))?;
    let lmdb = Lmdb::open(Path::new(&path), Access::Read, map_size());
    let _ = sys::lock::open_file(&file, Lock::Unlock, true);
    let lmdb = lmdb.map_err(|e| OpenError::Unavailable(format!("open database {path}: {e}")))?;
    file::warn_if_older(Path::new(&path), spec.name, &stamp);
    Ok(Arc::new(LmdbTable {
        inner: Mutex::new((file, lmdb)),
        stamp,
        flags: spec.flags,
        terminator: Terminator::default(),
    }))
}

fn map_size() -> usize {
    usize::try_from(settings().lmdb_map_size).unwrap_or(usize::MAX / 2)
}

impl LmdbTable {
    fn locked<T>(&self, work: impl FnOnce(&mut Lmdb) -> Result<T, LmdbError>) -> Result<T, TableError> {
        let mut guard: MutexGuard<'_, (File, Lmdb)> =
            self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let (file, lmdb) = &mut *guard;
        let failed = |e: io::Error| TableError::new(format!("lock: {}", sys::errno_text(&e)));
        sys::lock::open_file(file, Lock::Shared, true).map_err(failed)?;
        let result = work(lmdb);
        sys::lock::open_file(file, Lock::Unlock, true).map_err(failed)?;
        result.map_err(|e| TableError::new(e.to_string()))
    }
}

impl Table for LmdbTable {
    fn lookup(&self, key: &[u8]) -> Result<Option<BString>, TableError> {
        let key = Folding::of(self.flags).fold(key);
        self.terminator.lookup(&key, |key| Ok(self.locked(|lmdb| lmdb.get(key))?.map(BString::from)))
    }

    fn entries(&self) -> Result<Entries<'_>, TableError> {
        let all = self.locked(Lmdb::entries)?;
        Ok(Box::new(
            all.into_iter()
                .map(|(key, value)| Ok((file::unterminated(key.into()), file::unterminated(value.into())))),
        ))
    }

    fn owner(&self) -> Owner {
        self.stamp.owner()
    }

    fn changed(&self) -> bool {
        // LMDB files are made to be written while they are read: only a replaced file counts.
        let guard = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        guard.0.metadata().map_or(true, |m| std::os::unix::fs::MetadataExt::nlink(&m) == 0)
            && self.stamp.changed(&guard.0)
    }
}

/// Makes `entries` the contents of the file at `path`, which belongs to the table `lmdb:name`.
pub(crate) fn replace(path: &Path, name: &str, entries: &mut [(&[u8], &[u8])]) -> Result<(), WriteError> {
    let mut open = Open::new(path, name)?;
    // In the library's own order each entry goes to the end of the last page.
    entries.sort_unstable_by_key(|(key, _)| *key);
    open.lmdb
        .replace(&mut || Box::new(entries.iter().copied()))
        .map_err(|error| open.failed("updating", error))?;
    open.unlock()
}

/// A table that is written, under the lock that other writers and readers take.
struct Open {
    file: File,
    path: PathBuf,
    name: String,
    lmdb: Lmdb,
}

impl Open {
    fn new(path: &Path, name: &str) -> Result<Open, WriteError> {
        let failed = |error: io::Error| WriteError::Open(path.to_owned(), error);
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(false).mode(0o644);
        let file = options.open(path).map_err(failed)?;
        sys::lock::open_file(&file, Lock::Exclusive, true).map_err(failed)?;
        let lmdb = Lmdb::open(path, Access::Write, map_size())
            .map_err(|e| failed(e.os().unwrap_or_else(|| io::Error::other(e.to_string()))))?;
        Ok(Open { file, path: path.to_owned(), name: name.to_owned(), lmdb })
    }

    fn failed(&self, doing: &str, error: LmdbError) -> WriteError {
        WriteError::Text(format!("error {doing} lmdb:{}: {error}", self.name))
    }

    fn unlock(self) -> Result<(), WriteError> {
        let Open { file, path, lmdb, .. } = self;
        drop(lmdb);
        sys::lock::open_file(&file, Lock::Unlock, true)
            .map(drop)
            .map_err(|error| WriteError::Open(path, error))
    }
}

/// Begins to change the entries of `lmdb:name`; they are changed all at once, at the end.
pub(crate) fn change(name: &str, flags: Flags) -> Result<Box<dyn Writer>, OpenError> {
    let path = PathBuf::from(format!("{name}.lmdb"));
    let open = Open::new(&path, name).map_err(|error| OpenError::Unavailable(error.text(name, "open")))?;
    Ok(Box::new(Change { open, changes: BTreeMap::new(), folding: Folding::of(flags), flags }))
}

struct Change {
    open: Open,
    /// By key as stored: the new value, or that it goes.
    changes: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    folding: Folding,
    flags: Flags,
}

impl Change {
    fn known(&mut self, key: &[u8], doing: &str) -> Result<bool, WriteError> {
        if let Some(change) = self.changes.get(key) {
            return Ok(change.is_some());
        }
        match self.open.lmdb.get(key) {
            Ok(found) => Ok(found.is_some()),
            Err(error) => Err(self.open.failed(doing, error)),
        }
    }
}

impl Writer for Change {
    fn put(&mut self, key: &[u8], value: &[u8]) -> Result<bool, WriteError> {
        let mut stored = self.folding.fold(key).into_owned();
        let mut value = value.to_vec();
        if !self.flags.has(Flags::WITHOUT_NUL) {
            stored.push(0);
            value.push(0);
        }
        if !self.flags.has(Flags::DUP_REPLACE) && self.known(&stored, "updating")? {
            let shown = self.folding.fold(key);
            let why = format!("lmdb:{}: duplicate entry: \"{}\"", self.open.name, shown.as_bstr());
            if self.flags.has(Flags::DUP_WARN) {
                log::warning!("{why}");
            } else if !self.flags.has(Flags::DUP_IGNORE) {
                return Err(WriteError::Text(why));
            }
            return Ok(false);
        }
        self.changes.insert(stored, Some(value));
        Ok(true)
    }

    fn put_raw(&mut self, key: &[u8], value: &[u8]) {
        self.changes.insert(key.to_vec(), Some(value.to_vec()));
    }

    fn delete(&mut self, key: &[u8]) -> Result<bool, WriteError> {
        let mut stored = self.folding.fold(key).into_owned();
        stored.push(0);
        for _ in 0..2 {
            if !stored.is_empty() && self.known(&stored, "deleting from")? {
                self.changes.insert(stored, None);
                return Ok(true);
            }
            stored.pop();
        }
        Ok(false)
    }

    fn replace_duplicates(&mut self) {
        self.flags = self.flags.without(Flags::DUP_IGNORE | Flags::DUP_WARN) | Flags::DUP_REPLACE;
    }

    fn finish(self: Box<Self>) -> Result<(), WriteError> {
        let Change { mut open, changes, .. } = *self;
        let each = changes.iter().map(|(key, value)| (key.as_slice(), value.as_deref()));
        open.lmdb.update(each).map_err(|error| open.failed("updating", error))?;
        open.unlock()
    }
}
