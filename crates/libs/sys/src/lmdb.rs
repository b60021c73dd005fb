//! LMDB files as Postfix keeps them: one unnamed database in one file, no lock file (the caller locks the file).

use std::ffi::{CStr, CString};
use std::fmt;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr;

use lmdb_master_sys as ffi;

/// An open LMDB file. One thread at a time.
pub struct Lmdb {
    env: *mut ffi::MDB_env,
    dbi: ffi::MDB_dbi,
}

// SAFETY: opened with MDB_NOTLS and MDB_NOLOCK, the environment is tied to no thread; `&mut self` keeps others out.
unsafe impl Send for Lmdb {}

/// How to open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// For lookups; the file must exist.
    Read,
    /// For updates; made with mode 0644 (less the umask) when missing.
    Write,
}

/// The library's error number; its text is the display.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LmdbError(pub i32);

impl LmdbError {
    /// The operating system's error, when it is one.
    pub fn os(self) -> Option<io::Error> {
        (self.0 > 0).then(|| io::Error::from_raw_os_error(self.0))
    }
}

impl fmt::Display for LmdbError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // SAFETY: mdb_strerror returns a string that lives for ever, or the C library's for errno values, which is
        // copied at once.
        let text = unsafe { CStr::from_ptr(ffi::mdb_strerror(self.0)) };
        f.write_str(&text.to_string_lossy())
    }
}

type Pair = (Vec<u8>, Vec<u8>);

impl Lmdb {
    /// Opens `path`. `map_size` is the least size of the memory map; a larger file gets a larger map.
    pub fn open(path: &Path, access: Access, map_size: usize) -> Result<Lmdb, LmdbError> {
        let name = CString::new(path.as_os_str().as_bytes()).map_err(|_| LmdbError(libc::EINVAL))?;
        let size =
            std::fs::metadata(path).map(|m| usize::try_from(m.len()).unwrap_or(usize::MAX / 2)).unwrap_or(0);
        let mut flags = ffi::MDB_NOSUBDIR | ffi::MDB_NOLOCK | ffi::MDB_NOTLS;
        if access == Access::Read {
            flags |= ffi::MDB_RDONLY;
        }
        let mut env = ptr::null_mut();
        // SAFETY: the out-pointer is to a live variable.
        check(unsafe { ffi::mdb_env_create(&mut env) })?;
        // From here on dropping `lmdb` closes the environment, also on failure, as the library asks.
        let mut lmdb = Lmdb { env, dbi: 0 };
        // SAFETY: a fresh environment may be given a size and opened once; the path ends in NUL.
        unsafe {
            check(ffi::mdb_env_set_mapsize(env, map_size.max(size)))?;
            check(ffi::mdb_env_open(env, name.as_ptr(), flags, 0o644))?;
        }
        let read = if access == Access::Read { ffi::MDB_RDONLY } else { 0 };
        lmdb.dbi = lmdb.transact(read, |txn| {
            let mut dbi = 0;
            // SAFETY: the transaction is live; a null name means the unnamed database.
            check(unsafe { ffi::mdb_dbi_open(txn, ptr::null(), 0, &mut dbi) })?;
            Ok(dbi)
        })?;
        Ok(lmdb)
    }

    /// The value of `key`.
    pub fn get(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>, LmdbError> {
        if key.is_empty() {
            return Ok(None);
        }
        let dbi = self.dbi;
        self.transact(ffi::MDB_RDONLY, |txn| {
            let (mut key, mut data) = (value(key), value(&[]));
            // SAFETY: transaction, database and both values are live; the result is copied before the transaction ends.
            match unsafe { ffi::mdb_get(txn, dbi, &mut key, &mut data) } {
                ffi::MDB_NOTFOUND => Ok(None),
                // SAFETY: only after success, when the library has filled in `data`; the transaction is still open.
                code => check(code).map(|()| Some(unsafe { bytes(&data) })),
            }
        })
    }

    /// All entries, in key order.
    pub fn entries(&mut self) -> Result<Vec<Pair>, LmdbError> {
        let dbi = self.dbi;
        self.transact(ffi::MDB_RDONLY, |txn| {
            let mut cursor = ptr::null_mut();
            // SAFETY: transaction and database are live.
            check(unsafe { ffi::mdb_cursor_open(txn, dbi, &mut cursor) })?;
            let mut all = Vec::new();
            let mut step = ffi::MDB_FIRST;
            let end = loop {
                let (mut key, mut data) = (value(&[]), value(&[]));
                // SAFETY: the cursor is live; key and data are copied before the next step.
                let code = unsafe { ffi::mdb_cursor_get(cursor, &mut key, &mut data, step) };
                if code != 0 {
                    break code;
                }
                // SAFETY: filled in by the successful call just made.
                all.push(unsafe { (bytes(&key), bytes(&data)) });
                step = ffi::MDB_NEXT;
            };
            // SAFETY: opened above, closed once, before its transaction.
            unsafe { ffi::mdb_cursor_close(cursor) };
            if end == ffi::MDB_NOTFOUND { Ok(all) } else { Err(LmdbError(end)) }
        })
    }

    /// Makes `entries`, in the order of their keys, the whole contents, in one transaction. A map that is too small grows.
    pub fn replace<'a>(
        &mut self,
        entries: &mut dyn FnMut() -> Box<dyn Iterator<Item = (&'a [u8], &'a [u8])> + 'a>,
    ) -> Result<(), LmdbError> {
        loop {
            let dbi = self.dbi;
            let done = self.transact(0, |txn| {
                // SAFETY: transaction and database are live; zero empties the database and keeps it.
                check(unsafe { ffi::mdb_drop(txn, dbi, 0) })?;
                for (key, data) in entries() {
                    let (mut key, mut data) = (value(key), value(data));
                    // SAFETY: transaction, database and both values are live; the library copies them.
                    check(unsafe { ffi::mdb_put(txn, dbi, &mut key, &mut data, ffi::MDB_APPEND) })?;
                }
                Ok(())
            });
            match done {
                Err(LmdbError(ffi::MDB_MAP_FULL)) => self.grow()?,
                done => return done,
            }
        }
    }

    /// Puts entries in, or takes those out that have no value, in one transaction. A map that is too small grows.
    pub fn update<'a>(
        &mut self,
        changes: impl IntoIterator<Item = (&'a [u8], Option<&'a [u8]>)> + Clone,
    ) -> Result<(), LmdbError> {
        loop {
            let dbi = self.dbi;
            let done = self.transact(0, |txn| {
                for (key, data) in changes.clone() {
                    let mut key = value(key);
                    // SAFETY: transaction, database and the values are live; the library copies them.
                    let code = unsafe {
                        match data {
                            Some(data) => ffi::mdb_put(txn, dbi, &mut key, &mut value(data), 0),
                            None => ffi::mdb_del(txn, dbi, &mut key, ptr::null_mut()),
                        }
                    };
                    if code != ffi::MDB_NOTFOUND {
                        check(code)?;
                    }
                }
                Ok(())
            });
            match done {
                Err(LmdbError(ffi::MDB_MAP_FULL)) => self.grow()?,
                done => return done,
            }
        }
    }

    fn grow(&mut self) -> Result<(), LmdbError> {
        // SAFETY: zeroes are valid for a structure of integers and a pointer; no transaction is open when resizing.
        unsafe {
            let mut info: ffi::MDB_envinfo = std::mem::zeroed();
            check(ffi::mdb_env_info(self.env, &mut info))?;
            let size = info.me_mapsize.checked_mul(2).ok_or(LmdbError(libc::ENOMEM))?;
            check(ffi::mdb_env_set_mapsize(self.env, size))
        }
    }

    /// Runs `work` in a transaction: committed when it succeeds, else aborted.
    fn transact<T>(
        &mut self,
        flags: u32,
        work: impl FnOnce(*mut ffi::MDB_txn) -> Result<T, LmdbError>,
    ) -> Result<T, LmdbError> {
        let mut txn = ptr::null_mut();
        // SAFETY: the environment is open; a null parent means a top-level transaction.
        let mut code = unsafe { ffi::mdb_txn_begin(self.env, ptr::null_mut(), flags, &mut txn) };
        if code == ffi::MDB_MAP_RESIZED {
            // Another process made the file larger than our map: take the file's size.
            // SAFETY: no transaction is open.
            unsafe {
                check(ffi::mdb_env_set_mapsize(self.env, 0))?;
                code = ffi::mdb_txn_begin(self.env, ptr::null_mut(), flags, &mut txn);
            }
        }
        check(code)?;
        match work(txn) {
            Ok(result) => {
                // SAFETY: begun above; commit ends it also when it fails.
                check(unsafe { ffi::mdb_txn_commit(txn) })?;
                Ok(result)
            }
            Err(error) => {
                // SAFETY: begun above, ended once.
                unsafe { ffi::mdb_txn_abort(txn) };
                Err(error)
            }
        }
    }
}

impl Drop for Lmdb {
    fn drop(&mut self) {
        // SAFETY: created by `open`, closed once, with no transaction open.
        unsafe { ffi::mdb_env_close(self.env) }
    }
}

fn check(code: i32) -> Result<(), LmdbError> {
    if code == 0 { Ok(()) } else { Err(LmdbError(code)) }
}

fn value(bytes: &[u8]) -> ffi::MDB_val {
    ffi::MDB_val { mv_size: bytes.len(), mv_data: bytes.as_ptr().cast_mut().cast() }
}

/// # Safety
/// `value` must have been filled in by the library, in a transaction that is still open.
unsafe fn bytes(value: &ffi::MDB_val) -> Vec<u8> {
    if value.mv_size == 0 {
        return Vec::new();
    }
    // SAFETY: the library's values point at that many bytes until the transaction ends.
    unsafe { std::slice::from_raw_parts(value.mv_data.cast::<u8>(), value.mv_size) }.to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaced_contents_are_read_back_and_grow_the_map() {
        let path = std::env::temp_dir().join(format!("sys-lmdb-{}", std::process::id()));
        let filler = vec![b'x'; 1000];
        let keys: Vec<String> = (0..500).map(|n| format!("key{n:04}")).collect();
        {
            let mut lmdb = Lmdb::open(&path, Access::Write, 65536).unwrap();
            lmdb.replace(&mut || Box::new(keys.iter().map(|k| (k.as_bytes(), filler.as_slice())))).unwrap();
        }
        let mut lmdb = Lmdb::open(&path, Access::Read, 65536).unwrap();
        assert_eq!(lmdb.get(b"key0499").unwrap(), Some(filler));
        assert_eq!(lmdb.get(b"nokey").unwrap(), None);
        assert_eq!(lmdb.entries().unwrap().len(), 500);
        std::fs::remove_file(path).unwrap();
    }
}
