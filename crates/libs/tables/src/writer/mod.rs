//! Building and changing tables, for postmap and postalias.

mod bulk;
mod direct;

use std::io;
use std::path::PathBuf;

use crate::bdb::Method;
use crate::table::{Flags, OpenError, TableError};
use crate::{lmdb, migration, registry};

use self::bulk::{Bulk, Format};

/// A table under construction. Readers see all of it or nothing, at [`Writer::finish`].
pub trait Writer {
    /// Adds an entry; a repeated key is treated as the flags say. Returns false when it was kept out as a repetition.
    fn put(&mut self, key: &[u8], value: &[u8]) -> Result<bool, WriteError>;

    /// Adds an entry as it is: neither folded nor ended with NUL (the marks that postalias leaves for NIS).
    fn put_raw(&mut self, key: &[u8], value: &[u8]);

    /// Removes an entry (`postmap -d`). Returns whether it was there.
    fn delete(&mut self, key: &[u8]) -> Result<bool, WriteError>;

    /// From now on a repeated key takes the new value.
    fn replace_duplicates(&mut self);

    /// Writes, syncs and publishes the table.
    fn finish(self: Box<Self>) -> Result<(), WriteError>;
}

/// Why a table cannot be written.
#[derive(Debug)]
pub enum WriteError {
    /// An update failed (`table X: write error: …`).
    Failed(TableError),
    /// The type has no updates.
    NoUpdates,
    /// The type has no deletions.
    NoDeletions,
    /// The file cannot be opened or written.
    Open(PathBuf, io::Error),
    /// In whole words.
    Text(String),
}

impl WriteError {
    /// What the log says of `table`, where `doing` was `write` or `delete`.
    pub fn text(&self, table: &str, doing: &str) -> String {
        match self {
            WriteError::Failed(error) => format!("table {table}: {doing} error{}", error.suffix()),
            WriteError::NoUpdates => format!("table {table}: update operation is not supported"),
            WriteError::NoDeletions => format!("table {table}: delete operation is not supported"),
            WriteError::Open(path, error) => {
                format!("open database {}: {}", path.display(), sys::errno_text(error))
            }
            WriteError::Text(text) => text.clone(),
        }
    }
}

/// Whether to start empty or from what the file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// `postmap`: a new table.
    Empty,
    /// `postmap -i`: the present entries; a missing file is an empty one.
    Present,
    /// `postmap -d`: the present entries; the file must exist.
    Existing,
}

/// Begins to build or change `kind:name`.
pub fn create(kind: &str, name: &str, start: Start, flags: Flags) -> Result<Box<dyn Writer>, OpenError> {
    if let Some(other) = migration::redirect(kind, name)? {
        return create(&other, name, start, flags);
    }
    let format = match kind {
        "hash" => Format::Bdb(Method::Hash),
        "btree" => Format::Bdb(Method::Btree),
        "cdb" => Format::Cdb,
        "sdbm" => Format::Sdbm,
        "lmdb" if start == Start::Empty => Format::Lmdb,
        // compat: to delete from a table that is not there makes it.
        "lmdb" => return lmdb::change(name, flags),
        "fail" => return Ok(Box::new(direct::Refusing)),
        "static" | "environ" if start != Start::Empty => return Ok(Box::new(direct::ReadOnly)),
        "internal" if start != Start::Empty => return Ok(Box::new(direct::Forgetful)),
        "debug" if start != Start::Empty => return direct::debugged(name, start, flags),
        "proxy" if start != Start::Empty => return direct::proxied(name, flags),
        "memcache" if start != Start::Empty => return direct::cached(name, flags),
        _ => {
            let known = registry::types().any(|row| row.name == kind);
            return Err(OpenError::Config(match (known, start) {
                (true, Start::Empty) => format!("no 'map create' support for this type: {kind}"),
                (true, _) => format!("{kind}:{name} map requires O_RDONLY access mode"),
                (false, _) => format!("unsupported map type: {kind}"),
            }));
        }
    };
    let path = file_name(kind, name).unwrap_or_default();
    Ok(Box::new(Bulk::new(format, path, name, start, flags)?))
}

/// Where the file of `kind:name` is, when the type keeps one.
pub fn file_name(kind: &str, name: &str) -> Option<PathBuf> {
    let suffix = match kind {
        "hash" | "btree" => "db",
        "cdb" => "cdb",
        "lmdb" => "lmdb",
        "sdbm" => "pag",
        _ => return None,
    };
    Some(PathBuf::from(format!("{name}.{suffix}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn many() -> Vec<(String, String)> {
        let mut all: Vec<(String, String)> =
            (0..20000).map(|n| (format!("user{n}@example{}.com", n % 97), "v".repeat(1 + n % 61))).collect();
        all.extend((0..20).map(|n| (format!("long{n}"), "y".repeat(900 + n * 700))));
        all.extend((0..10).map(|n| (format!("{}{n}", "k".repeat(900 + n * 500)), "z".to_owned())));
        all
    }

    #[test]
    fn every_type_gives_back_what_was_put() {
        let base = std::env::temp_dir().join(format!("tables-writer-{}", std::process::id()));
        let base = base.to_str().unwrap();
        let all = many();
        for kind in ["hash", "btree", "cdb", "lmdb", "sdbm"] {
            // LMDB's keys end at 511 bytes.
            let fits = |key: &str| match kind {
                "lmdb" => key.len() < 511,
                // A pair is on one page.
                "sdbm" => key.len() < 300 && !key.starts_with("long"),
                _ => true,
            };
            for count in [0, 1, all.len()] {
                let mut writer = create(kind, base, Start::Empty, Flags::FOLD | Flags::DUP_WARN).unwrap();
                for (key, value) in all.iter().take(count).filter(|(key, _)| fits(key)) {
                    assert!(writer.put(key.to_uppercase().as_bytes(), value.as_bytes()).unwrap());
                    assert!(count > 1 || !writer.put(key.as_bytes(), b"again").unwrap());
                }
                writer.finish().unwrap();
                let table = crate::open(&format!("{kind}:{base}"), Flags::LOOKUP).unwrap();
                for (key, value) in all.iter().take(count).filter(|(key, _)| fits(key)) {
                    assert_eq!(
                        table.lookup(key.as_bytes()).unwrap().unwrap(),
                        value.as_str(),
                        "{kind} {key}"
                    );
                }
                assert_eq!(table.lookup(b"nobody").unwrap(), None);
                let expected = all.iter().take(count).filter(|(key, _)| fits(key)).count();
                assert_eq!(table.entries().unwrap().count(), expected, "{kind}");
                std::fs::remove_file(file_name(kind, base).unwrap()).unwrap();
            }
        }
    }

    #[test]
    fn present_entries_stay() {
        let base = std::env::temp_dir().join(format!("tables-present-{}", std::process::id()));
        let base = base.to_str().unwrap();
        for kind in ["hash", "btree", "lmdb", "sdbm"] {
            let mut writer = create(kind, base, Start::Present, Flags::FOLD | Flags::DUP_WARN).unwrap();
            writer.put(b"a", b"1").unwrap();
            writer.put(b"b", b"2").unwrap();
            writer.finish().unwrap();
            let mut writer = create(kind, base, Start::Existing, Flags::FOLD | Flags::DUP_REPLACE).unwrap();
            writer.put(b"b", b"3").unwrap();
            assert!(writer.delete(b"A").unwrap());
            assert!(!writer.delete(b"a").unwrap());
            writer.finish().unwrap();
            let table = crate::open(&format!("{kind}:{base}"), Flags::LOOKUP).unwrap();
            assert_eq!(table.lookup(b"a").unwrap(), None);
            assert_eq!(table.lookup(b"b").unwrap().unwrap(), "3");
            std::fs::remove_file(file_name(kind, base).unwrap()).unwrap();
            // compat: lmdb makes what is not there.
            assert_eq!(create(kind, base, Start::Existing, Flags::FOLD).is_ok(), kind == "lmdb");
            let _ = std::fs::remove_file(file_name(kind, base).unwrap());
        }
    }

    #[test]
    fn damaged_files_are_errors_and_never_panics() {
        let base = std::env::temp_dir().join(format!("tables-damaged-{}", std::process::id()));
        let base = base.to_str().unwrap();
        let mut random = 88_172_645_463_325_252u64;
        let mut next = move |below: usize| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            usize::try_from(random % below as u64).unwrap()
        };
        for kind in ["hash", "btree", "cdb", "sdbm"] {
            let mut writer = create(kind, base, Start::Empty, Flags::FOLD).unwrap();
            for (key, value) in
                many().iter().filter(|(key, value)| key.len() + value.len() < 900).step_by(400)
            {
                writer.put(key.as_bytes(), value.as_bytes()).unwrap();
            }
            writer.finish().unwrap();
            let path = file_name(kind, base).unwrap();
            let sound = std::fs::read(&path).unwrap();
            for round in 0..600 {
                let mut bytes = sound.clone();
                for _ in 0..=next(8) {
                    // Mostly where the structure is: metadata, page headers, indexes.
                    let page = next(bytes.len() / 4096 + 1) * 4096;
                    let at = if round % 3 == 0 { next(bytes.len()) } else { page + next(128) };
                    if let Some(byte) = bytes.get_mut(at) {
                        *byte = u8::try_from(next(256)).unwrap();
                    }
                }
                if round % 7 == 0 {
                    bytes.truncate(next(bytes.len()));
                }
                std::fs::write(&path, &bytes).unwrap();
                let Ok(table) = crate::open(&format!("{kind}:{base}"), Flags::LOOKUP) else { continue };
                for key in ["user0@example0.com", "user400@example12.com", "long3", "nobody"] {
                    let _ = table.lookup(key.as_bytes());
                }
                if let Ok(entries) = table.entries() {
                    let _ = entries.take(100_000).filter(Result::is_ok).count();
                }
            }
            std::fs::remove_file(path).unwrap();
        }
    }
}
