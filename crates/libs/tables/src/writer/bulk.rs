//! A table that is built as a whole in memory and published at once: hash, btree, cdb, sdbm, and new lmdb tables.

use std::hash::{BuildHasher, RandomState};
use std::io;
use std::path::PathBuf;

use bstr::ByteSlice;

use super::{Start, WriteError, Writer};
use crate::bdb::{self, Method};
use crate::file::{Folding, publish, publish_new};
use crate::table::{Flags, OpenError};
use crate::{cdb, lmdb, sdbm};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Bdb(Method),
    Cdb,
    Lmdb,
    Sdbm,
}

pub(super) struct Bulk {
    format: Format,
    path: PathBuf,
    name: String,
    entries: Entries,
    flags: Flags,
    folding: Folding,
}

impl Bulk {
    pub fn new(
        format: Format,
        path: PathBuf,
        name: &str,
        start: Start,
        flags: Flags,
    ) -> Result<Bulk, OpenError> {
        if format == Format::Cdb && start != Start::Empty {
            return Err(OpenError::Config("unsupported non-bulk change request".to_owned()));
        }
        let folding = Folding::of(flags);
        let mut bulk =
            Bulk { format, path, name: name.to_owned(), entries: Entries::default(), flags, folding };
        if start != Start::Empty {
            bulk.load(start)?;
        }
        Ok(bulk)
    }

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
            Format::Sdbm => sdbm::raw_entries(&self.name),
            Format::Lmdb | Format::Cdb => Err("cannot be changed".to_owned()),
        }
        .map_err(unavailable)?;
        for (key, value) in entries {
            self.entries.add(&key, &value);
        }
        Ok(())
    }

    /// What the log calls this table when it speaks of a repeated key.
    fn shown(&self) -> String {
        match self.format {
            Format::Bdb(_) => self.path.display().to_string(),
            Format::Cdb => self.name.clone(),
            Format::Lmdb => format!("lmdb:{}", self.name),
            Format::Sdbm => format!("sdbm:{}", self.name),
        }
    }
}

impl Writer for Bulk {
    fn put(&mut self, key: &[u8], value: &[u8]) -> Result<bool, WriteError> {
        // compat: unless `-n` or `-N` says otherwise, keys and values carry their NUL; in cdb they do not.
        let terminated = match self.format {
            Format::Cdb => self.flags.has(Flags::WITH_NUL),
            _ => !self.flags.has(Flags::WITHOUT_NUL),
        };
        let folded = self.folding.fold(key);
        let mut stored = folded.into_owned();
        let mut value = std::borrow::Cow::Borrowed(value);
        if terminated {
            stored.push(0);
            value.to_mut().push(0);
        }
        let Some(at) = self.entries.find(&stored) else {
            self.entries.add(&stored, &value);
            return Ok(true);
        };
        if self.flags.has(Flags::DUP_REPLACE) {
            self.entries.replace(at, &stored, &value);
            Ok(true)
        } else if self.flags.has(Flags::DUP_IGNORE) {
            if self.format == Format::Cdb {
                // compat: the entry is in the file all the same, behind the one that is found.
                self.entries.append(&stored, &value);
            }
            Ok(false)
        } else if self.flags.has(Flags::DUP_WARN) {
            let shown = self.folding.fold(key);
            log::warning!("{}: duplicate entry: \"{}\"", self.shown(), shown.as_bstr());
            Ok(false)
        } else {
            Err(WriteError::Text(format!("{}: duplicate entry: \"{}\"", self.shown(), key.as_bstr())))
        }
    }

    fn put_raw(&mut self, key: &[u8], value: &[u8]) {
        match self.entries.find(key) {
            Some(at) => self.entries.replace(at, key, value),
            None => self.entries.add(key, value),
        }
    }

    fn delete(&mut self, key: &[u8]) -> Result<bool, WriteError> {
        let mut stored = self.folding.fold(key).into_owned();
        stored.push(0);
        let found = self.entries.remove(&stored);
        stored.pop();
        Ok(found || self.entries.remove(&stored))
    }

    fn replace_duplicates(&mut self) {
        self.flags = self.flags.without(Flags::DUP_IGNORE | Flags::DUP_WARN) | Flags::DUP_REPLACE;
    }

    fn finish(self: Box<Self>) -> Result<(), WriteError> {
        let open = |error: io::Error| WriteError::Open(self.path.clone(), error);
        let mut entries = self.entries.all();
        match self.format {
            Format::Bdb(method) => {
                publish(&self.path, &bdb::build(method, &entries, file_id())).map_err(open)
            }
            Format::Cdb => {
                let file = cdb::build(&entries).map_err(open)?;
                publish_new(&self.path, &file)
                    .map_err(|error| WriteError::Text(format!("open database {error}")))
            }
            Format::Lmdb => lmdb::replace(&self.path, &self.name, &mut entries),
            Format::Sdbm => sdbm::replace(&self.name, &entries),
        }
    }
}

/// libdb wants each file to carry an identity of its own.
fn file_id() -> [u8; 20] {
    let mut id = [0; 20];
    sys::rand::fill(&mut id);
    id
}

/// Entries in the order they came, in one piece of memory, with an index by key.
#[derive(Default)]
struct Entries {
    bytes: Vec<u8>,
    /// Removed ones leave a hole.
    places: Vec<Option<Place>>,
    /// Numbers of places plus one, by the hash of their keys; zero is free, a removed entry stays taken.
    slots: Vec<u32>,
    hasher: RandomState,
}

#[derive(Clone, Copy)]
struct Place {
    start: usize,
    key: u32,
    value: u32,
}

impl Entries {
    fn key(&self, place: Place) -> &[u8] {
        self.bytes.get(place.start..place.start + place.key as usize).unwrap_or_default()
    }

    fn pair(&self, place: Place) -> (&[u8], &[u8]) {
        let value = place.start + place.key as usize;
        (self.key(place), self.bytes.get(value..value + place.value as usize).unwrap_or_default())
    }

    /// All, in order.
    fn all(&self) -> Vec<(&[u8], &[u8])> {
        self.places.iter().flatten().map(|place| self.pair(*place)).collect()
    }

    /// The slot that holds `key`, or the free one where it belongs.
    fn slot(&self, key: &[u8]) -> (usize, Option<usize>) {
        let mask = self.slots.len().wrapping_sub(1);
        let mut at = usize::try_from(self.hasher.hash_one(key) & 0xffff_ffff).unwrap_or_default() & mask;
        loop {
            let Some(number) = self.slots.get(at).and_then(|n| n.checked_sub(1)) else { return (at, None) };
            let number = number as usize;
            match self.places.get(number) {
                Some(Some(place)) if self.key(*place) == key => return (at, Some(number)),
                _ => at = (at + 1) & mask,
            }
        }
    }

    fn find(&self, key: &[u8]) -> Option<usize> {
        if self.slots.is_empty() { None } else { self.slot(key).1 }
    }

    /// Adds a key that is not there.
    fn add(&mut self, key: &[u8], value: &[u8]) {
        if self.places.len() * 2 >= self.slots.len() {
            self.grow();
        }
        let (at, _) = self.slot(key);
        self.append(key, value);
        if let Some(slot) = self.slots.get_mut(at) {
            *slot = u32::try_from(self.places.len()).unwrap_or(u32::MAX);
        }
    }

    /// Adds an entry that the index does not know.
    fn append(&mut self, key: &[u8], value: &[u8]) {
        let place = self.store(key, value);
        self.places.push(Some(place));
    }

    fn store(&mut self, key: &[u8], value: &[u8]) -> Place {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(key);
        self.bytes.extend_from_slice(value);
        let length = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        Place { start, key: length(key), value: length(value) }
    }

    fn replace(&mut self, at: usize, key: &[u8], value: &[u8]) {
        let place = self.store(key, value);
        if let Some(old) = self.places.get_mut(at) {
            *old = Some(place);
        }
    }

    fn remove(&mut self, key: &[u8]) -> bool {
        let Some(at) = self.find(key) else { return false };
        self.places.get_mut(at).is_some_and(|place| place.take().is_some())
    }

    fn grow(&mut self) {
        let size = (self.slots.len() * 2).max(1024);
        self.slots = vec![0; size];
        for number in 0..self.places.len() {
            let Some(Some(place)) = self.places.get(number).copied() else { continue };
            let at = match self.slot(self.key(place)) {
                (at, None) => at,
                // An entry behind another of the same key (cdb).
                (_, Some(_)) => continue,
            };
            if let Some(slot) = self.slots.get_mut(at) {
                *slot = u32::try_from(number + 1).unwrap_or(u32::MAX);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(entries: &Entries, at: usize) -> Vec<u8> {
        entries.all().get(at).unwrap().1.to_vec()
    }

    #[test]
    fn entries_are_found_replaced_and_removed() {
        let mut entries = Entries::default();
        assert_eq!(entries.find(b"a"), None);
        for n in 0..5000 {
            entries.add(format!("key{n}").as_bytes(), b"v");
        }
        let at = entries.find(b"key77").unwrap();
        entries.replace(at, b"key77", b"other");
        assert!(entries.remove(b"key78"));
        assert!(!entries.remove(b"key78"));
        entries.add(b"key78", b"again");
        assert_eq!(entries.all().len(), 5000);
        assert_eq!(value(&entries, 77), b"other");
        assert_eq!(value(&entries, 4999), b"again");
        assert_eq!(entries.find(b"key4999"), Some(4999));
    }
}
