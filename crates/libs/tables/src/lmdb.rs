//! `lmdb:` – through the LMDB library; one file, no lock file, our own lock as Postfix does it.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bstr::BString;
use sys::lmdb::{Access, Lmdb, LmdbError};
use sys::lock::Lock;

use crate::file::{self, Folding, Stamp, Terminator};
use crate::registry::{Spec, TableType};
use crate::settings;
use crate::table::{Entries, Flags, OpenError, Owner, Table, TableError};

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

/// Makes `entries` the contents of the file at `path`.
pub(crate) fn replace(path: &Path, entries: &[(&[u8], &[u8])]) -> io::Result<()> {
    let failed = |e: LmdbError| e.os().unwrap_or_else(|| io::Error::other(e.to_string()));
    let file = File::options().read(true).write(true).create(true).truncate(false).open(path)?;
    sys::lock::open_file(&file, Lock::Exclusive, true)?;
    let mut lmdb = Lmdb::open(path, Access::Write, map_size()).map_err(failed)?;
    lmdb.replace(&mut || Box::new(entries.iter().copied())).map_err(failed)?;
    drop(lmdb);
    sys::lock::open_file(&file, Lock::Unlock, true)?;
    Ok(())
}

/// All entries of the file at `path`, as they are stored.
pub(crate) fn raw_entries(path: &Path) -> Result<Vec<(BString, BString)>, String> {
    let file = File::open(path).map_err(|e| sys::errno_text(&e))?;
    sys::lock::open_file(&file, Lock::Shared, true).map_err(|e| sys::errno_text(&e))?;
    let entries = Lmdb::open(path, Access::Read, map_size()).and_then(|mut lmdb| lmdb.entries());
    let _ = sys::lock::open_file(&file, Lock::Unlock, true);
    Ok(entries
        .map_err(|e| e.to_string())?
        .into_iter()
        .map(|(key, value)| (key.into(), value.into()))
        .collect())
}
