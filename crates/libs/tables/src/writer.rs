//! Building indexed tables from text, for postmap and postalias.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};

use bstr::{BString, ByteSlice};

use crate::bdb::{self, Method};
use crate::file::{Folding, publish};
use crate::table::{Flags, OpenError};
use crate::{cdb, lmdb, registry};

/// A table under construction. Nothing is visible to readers until [`Writer::finish`].
pub trait Writer {
    /// Adds an entry; a repeated key is treated as the flags say. Returns false when it was kept out as a repetition.
    fn put(&mut self, key: &[u8], value: &[u8]) -> io::Result<bool>;

    /// Adds an entry as it is: neither folded nor ended with NUL (the marks that postalias leaves for NIS).
    fn put_raw(&mut self, key: &[u8], value: &[u8]);

    /// Removes an entry (`postmap -d`). Returns whether it was there.
    fn delete(&mut self, key: &[u8]) -> io::Result<bool>;

    /// From now on a repeated key takes the new value.
    fn replace_duplicates(&mut self);

    /// Writes, syncs and publishes the table.
    fn finish(self: Box<Self>) -> io::Result<()>;
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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Bdb(Method),
    Cdb,
    Lmdb,
}

/// Begins to build `name` of table type `kind` (`hash`, `btree`, `lmdb`, `cdb`).
pub fn create(kind: &str, name: &str, start: Start, flags: Flags) -> Result<Box<dyn Writer>, OpenError> {
    let (format, suffix) = match kind {
        "hash" => (Format::Bdb(Method::Hash), "db"),
        "btree" => (Format::Bdb(Method::Btree), "db"),
        "cdb" => (Format::Cdb, "cdb"),
        "lmdb" => (Format::Lmdb, "lmdb"),
        "fail" => return Ok(Box::new(Refusing)),
        _ => {
            let known = registry::types().any(|row| row.name == kind);
            return Err(OpenError::Config(match (known, start) {
                (true, Start::Existing) => format!("{kind}:{name} map requires O_RDONLY access mode"),
                (true, _) => format!("no 'map create' support for this type: {kind}"),
                (false, _) => format!("unsupported map type: {kind}"),
            }));
        }
    };
    if format == Format::Cdb && start != Start::Empty {
        return Err(OpenError::Config("unsupported non-bulk change request".to_owned()));
    }
    let path = PathBuf::from(format!("{name}.{suffix}"));
    let mut builder =
        Builder { format, path, name: name.to_owned(), entries: Vec::new(), index: HashMap::new(), flags };
    if start != Start::Empty {
        builder.load(start)?;
    }
    Ok(Box::new(builder))
}

struct Builder {
    format: Format,
    path: PathBuf,
    name: String,
    /// In the order they came; removed ones leave a hole.
    entries: Vec<Option<(BString, BString)>>,
    /// From a key as stored to its place in `entries`.
    index: HashMap<BString, usize>,
    flags: Flags,
}

impl Builder {
    fn load(&mut self, start: Start) -> Result<(), OpenError> {
        let unavailable =
            |why: String| OpenError::Unavailable(format!("open database {}: {why}", self.path.display()));
        if let Err(error) = std::fs::metadata(&self.path) {
            if error.kind() == io::ErrorKind::NotFound && start == Start::Present {
                return Ok(());
            }
            return Err(unavailable(sys::errno_text(&error)));
        }
        let entries = match self.format {
            Format::Bdb(method) => bdb::raw_entries(&self.path, method),
            Format::Lmdb => lmdb::raw_entries(&self.path),
            Format::Cdb => Err("cannot be changed".to_owned()),
        }
        .map_err(unavailable)?;
        for (key, value) in entries {
            self.store(key, value);
        }
        Ok(())
    }

    fn store(&mut self, key: BString, value: BString) {
        self.index.insert(key.clone(), self.entries.len());
        self.entries.push(Some((key, value)));
    }

    fn key(&self, key: &[u8], terminated: bool) -> BString {
        let mut stored = BString::from(Folding::of(self.flags).fold(key).into_owned());
        if terminated {
            stored.push(0);
        }
        stored
    }
}

impl Writer for Builder {
    fn put(&mut self, key: &[u8], value: &[u8]) -> io::Result<bool> {
        // compat: unless `-n` or `-N` says otherwise, keys and values carry their NUL; in cdb they do not.
        let terminated = match self.format {
            Format::Cdb => self.flags.has(Flags::WITH_NUL),
            Format::Bdb(_) | Format::Lmdb => !self.flags.has(Flags::WITHOUT_NUL),
        };
        let stored = self.key(key, terminated);
        let mut value = BString::from(value);
        if terminated {
            value.push(0);
        }
        match self.index.get(&stored) {
            Some(at) if self.flags.has(Flags::DUP_REPLACE) => {
                if let Some(entry) = self.entries.get_mut(*at) {
                    *entry = Some((stored, value));
                }
                Ok(true)
            }
            Some(_) if self.flags.has(Flags::DUP_IGNORE) => Ok(false),
            Some(_) if self.flags.has(Flags::DUP_WARN) => {
                let shown = Folding::of(self.flags).fold(key).into_owned();
                let table = match self.format {
                    Format::Bdb(_) => self.path.display().to_string(),
                    Format::Cdb => self.name.clone(),
                    Format::Lmdb => format!("lmdb:{}", self.name),
                };
                log::warning!("{table}: duplicate entry: \"{}\"", shown.as_bstr());
                Ok(false)
            }
            Some(_) => Err(io::Error::new(
                io::ErrorKind::AlreadyExists,
                format!("{}: duplicate entry: \"{}\"", self.path.display(), key.as_bstr()),
            )),
            None => {
                self.store(stored, value);
                Ok(true)
            }
        }
    }

    fn put_raw(&mut self, key: &[u8], value: &[u8]) {
        let (key, value) = (BString::from(key), BString::from(value));
        match self.index.get(&key).and_then(|at| self.entries.get_mut(*at)) {
            Some(entry) => *entry = Some((key, value)),
            None => self.store(key, value),
        }
    }

    fn delete(&mut self, key: &[u8]) -> io::Result<bool> {
        for terminated in [true, false] {
            let stored = self.key(key, terminated);
            if let Some(at) = self.index.remove(&stored) {
                if let Some(entry) = self.entries.get_mut(at) {
                    *entry = None;
                }
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn replace_duplicates(&mut self) {
        self.flags = self.flags.without(Flags::DUP_IGNORE | Flags::DUP_WARN) | Flags::DUP_REPLACE;
    }

    fn finish(self: Box<Self>) -> io::Result<()> {
        let entries: Vec<(&[u8], &[u8])> =
            self.entries.iter().flatten().map(|(key, value)| (key.as_slice(), value.as_slice())).collect();
        match self.format {
            Format::Bdb(method) => publish(&self.path, &bdb::build(method, &entries, file_id())),
            Format::Cdb => publish(&self.path, &cdb::build(&entries)?),
            Format::Lmdb => lmdb::replace(&self.path, &entries),
        }
    }
}

/// libdb wants each file to carry an identity of its own.
fn file_id() -> [u8; 20] {
    let mut id = [0; 20];
    sys::rand::fill(&mut id);
    id
}

/// `fail:`: every update is an error.
struct Refusing;

impl Writer for Refusing {
    fn put(&mut self, _key: &[u8], _value: &[u8]) -> io::Result<bool> {
        Err(io::Error::other("Application error"))
    }

    fn put_raw(&mut self, _key: &[u8], _value: &[u8]) {}

    fn delete(&mut self, _key: &[u8]) -> io::Result<bool> {
        Err(io::Error::other("Application error"))
    }

    fn replace_duplicates(&mut self) {}

    fn finish(self: Box<Self>) -> io::Result<()> {
        Ok(())
    }
}

/// Where the file of `kind:name` is, when the type keeps one.
pub fn file_name(kind: &str, name: &str) -> Option<PathBuf> {
    let suffix = match kind {
        "hash" | "btree" => "db",
        "cdb" => "cdb",
        "lmdb" => "lmdb",
        _ => return None,
    };
    Some(Path::new(&format!("{name}.{suffix}")).to_path_buf())
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
        for kind in ["hash", "btree", "cdb", "lmdb"] {
            // LMDB's keys end at 511 bytes.
            let fits = |key: &str| kind != "lmdb" || key.len() < 511;
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
        for kind in ["hash", "btree", "lmdb"] {
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
            assert!(create(kind, base, Start::Existing, Flags::FOLD).is_err());
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
        for kind in ["hash", "btree", "cdb"] {
            let mut writer = create(kind, base, Start::Empty, Flags::FOLD).unwrap();
            for (key, value) in many().iter().filter(|(key, _)| key.len() < 2000).step_by(400) {
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
