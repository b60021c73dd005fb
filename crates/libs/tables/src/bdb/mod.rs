//! `hash:` and `btree:` – Berkeley DB 5.3 files without libdb.
//!
//! Reading: any file that Postfix's postmap makes (no duplicates, encryption or checksums), either byte order.
//! Writing: whole files at once, from all entries; what comes out is what libdb reads, checks and updates.
//! A damaged file gives errors, never a panic and never "not found".

mod btree;
mod hash;
mod image;
mod pages;

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use bstr::BString;

use self::pages::PageFile;
use crate::file::{self, Folding, Stamp, Terminator};
use crate::registry::{Spec, TableType};
use crate::table::{Entries, Flags, OpenError, Owner, Table, TableError};

/// The row of `hash:`.
pub const HASH: TableType = TableType { name: "hash", open: open_hash, can_create: true };
/// The row of `btree:`.
pub const BTREE: TableType = TableType { name: "btree", open: open_btree, can_create: true };

/// Which of the two access methods a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    Hash,
    Btree,
}

/// The whole file that holds `entries`. Keys are unique.
pub(crate) fn build(method: Method, entries: &[(&[u8], &[u8])], file_id: [u8; 20]) -> Vec<u8> {
    match method {
        Method::Hash => hash::build(entries, file_id),
        Method::Btree => btree::build(entries, file_id),
    }
}

/// All entries of the file at `path`, as they are stored.
pub(crate) fn raw_entries(path: &Path, method: Method) -> Result<Vec<(BString, BString)>, String> {
    let file = File::open(path).map_err(|e| sys::errno_text(&e))?;
    let pages = PageFile::open(file).map_err(|e| e.to_string())?;
    if pages.method() != method {
        return Err("Invalid argument".to_owned());
    }
    let session = pages.session().map_err(|e| e.to_string())?;
    match method {
        Method::Hash => hash::entries(&session),
        Method::Btree => btree::entries(&session),
    }
    .map_err(|e| e.to_string())
}

struct Database {
    method: Method,
    pages: PageFile,
    stamp: Stamp,
    flags: Flags,
    terminator: Terminator,
}

fn open_hash(spec: &Spec<'_>) -> Result<Arc<dyn Table>, OpenError> {
    open(spec, Method::Hash)
}

fn open_btree(spec: &Spec<'_>) -> Result<Arc<dyn Table>, OpenError> {
    open(spec, Method::Btree)
}

fn open(spec: &Spec<'_>, method: Method) -> Result<Arc<dyn Table>, OpenError> {
    let path = format!("{}.db", spec.name);
    let file = File::open(&path).map_err(|e| file::cannot_open("database", &path, &e))?;
    let stamp = Stamp::of(&file).map_err(|e| file::cannot_open("database", &path, &e))?;
    let pages =
        PageFile::open(file).map_err(|e| OpenError::Unavailable(format!("open database {path}: {e}")))?;
    if pages.method() != method {
        return Err(OpenError::Unavailable(format!("open database {path}: Invalid argument")));
    }
    file::warn_if_older(Path::new(&path), spec.name, &stamp);
    Ok(Arc::new(Database { method, pages, stamp, flags: spec.flags, terminator: Terminator::default() }))
}

impl Table for Database {
    fn lookup(&self, key: &[u8]) -> Result<Option<BString>, TableError> {
        let key = Folding::of(self.flags).fold(key);
        let session = self.pages.session().map_err(TableError::from)?;
        self.terminator.lookup(&key, |key| {
            match self.method {
                Method::Hash => hash::find(&session, key),
                Method::Btree => btree::find(&session, key),
            }
            .map_err(TableError::from)
        })
    }

    fn entries(&self) -> Result<Entries<'_>, TableError> {
        let session = self.pages.session().map_err(TableError::from)?;
        let all = match self.method {
            Method::Hash => hash::entries(&session),
            Method::Btree => btree::entries(&session),
        }
        .map_err(TableError::from)?;
        Ok(Box::new(
            all.into_iter().map(|(key, value)| Ok((file::unterminated(key), file::unterminated(value)))),
        ))
    }

    fn owner(&self) -> Owner {
        self.stamp.owner()
    }

    fn changed(&self) -> bool {
        self.pages.with_file(|file| self.stamp.changed(file))
    }
}
