//! `sdbm:` – Yigit's public-domain dbm, as Perl's SDBM_File and others keep it: NAME.dir and NAME.pag.
//!
//! NAME.pag is pages of 1,024 bytes: 16-bit little-endian numbers – how many strings, then the start of each –, and the
//! strings from the page's end down, key, value, key, value. NAME.dir is a bit for each page that was split: the key's
//! hash walks down that tree, one bit of it a step, until a page that was not.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::Arc;

use bstr::BString;

use crate::file::{self, Folding, Stamp, Terminator, cannot_open};
use crate::registry::{Spec, TableType};
use crate::table::{Entries, Flags, OpenError, Owner, Table, TableError};
use crate::writer::WriteError;

/// The row of `sdbm:`.
pub const TYPE: TableType = TableType { name: "sdbm", open, can_create: true };

const PAGE: usize = 1024;
/// Key and value of one entry, with their places, must fit into one page.
const PAIR_LIMIT: usize = 1008;
/// More splits than this for one entry: too many keys of one hash.
const SPLITS: u32 = 22;

struct Sdbm {
    pages: File,
    /// NAME.dir, whole: it is small.
    splits: Vec<u8>,
    stamp: Stamp,
    flags: Flags,
    terminator: Terminator,
}

fn names(name: &str) -> [PathBuf; 2] {
    [PathBuf::from(format!("{name}.dir")), PathBuf::from(format!("{name}.pag"))]
}

fn open(spec: &Spec<'_>) -> Result<Arc<dyn Table>, OpenError> {
    let [directory, pages] = names(spec.name);
    let shown = directory.display().to_string();
    let failed = |error| cannot_open("database", &shown, &error);
    let mut splits = Vec::new();
    File::open(&directory).map_err(failed)?.read_to_end(&mut splits).map_err(failed)?;
    let pages = File::open(&pages).map_err(failed)?;
    let stamp = Stamp::of(&pages).map_err(failed)?;
    file::warn_if_older(&directory, spec.name, &stamp);
    Ok(Arc::new(Sdbm { pages, splits, stamp, flags: spec.flags, terminator: Terminator::default() }))
}

/// The page of a hash, and how many bits of the hash lead to it.
fn place(splits: &[u8], hash: u32) -> (u32, u32) {
    let is_split = |bit: u64| {
        let byte = usize::try_from(bit / 8).ok().and_then(|at| splits.get(at)).copied().unwrap_or(0);
        byte & (1 << (bit % 8)) != 0
    };
    let (mut bit, mut depth) = (0u64, 0u32);
    while depth < 31 && is_split(bit) {
        bit = 2 * bit + if hash & (1 << depth) != 0 { 2 } else { 1 };
        depth += 1;
    }
    (hash & ((1u32 << depth) - 1), depth)
}

/// sdbm's hash. Its characters have a sign, as on the machines it comes from.
fn function(key: &[u8]) -> u32 {
    let signed = |byte: u8| i32::from(i8::from_ne_bytes([byte]));
    key.iter().fold(0u32, |hash, byte| hash.wrapping_mul(65_599).wrapping_add_signed(signed(*byte)))
}

/// Key and value.
type Pair<'a> = (&'a [u8], &'a [u8]);

/// The entries of a page.
fn parse(page: &[u8]) -> Result<Vec<Pair<'_>>, TableError> {
    let bad = || TableError::new("unexpected file type or format: sdbm page");
    let number = |index: usize| -> Result<usize, TableError> {
        let bytes = page.get(index * 2..index * 2 + 2).and_then(|b| b.try_into().ok()).ok_or_else(bad)?;
        Ok(usize::from(u16::from_le_bytes(bytes)))
    };
    if page.is_empty() {
        return Ok(Vec::new());
    }
    let count = number(0)?;
    if count % 2 != 0 || (count + 1) * 2 > page.len() {
        return Err(bad());
    }
    let mut entries = Vec::with_capacity(count / 2);
    let mut end = page.len();
    for index in (1..count).step_by(2) {
        let (key, value) = (number(index)?, number(index + 1)?);
        entries.push((page.get(key..end).ok_or_else(bad)?, page.get(value..key).ok_or_else(bad)?));
        end = value;
    }
    Ok(entries)
}

fn read_page(pages: &File, number: u32) -> io::Result<Vec<u8>> {
    let mut page = vec![0; PAGE];
    let mut filled = 0;
    while let Some(room) = page.get_mut(filled..).filter(|room| !room.is_empty()) {
        match pages.read_at(room, u64::from(number) * PAGE as u64 + filled as u64)? {
            0 => break,
            count => filled += count,
        }
    }
    if filled != 0 && filled != PAGE {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "file ends within a page"));
    }
    page.truncate(filled);
    Ok(page)
}

impl Sdbm {
    fn page(&self, number: u32) -> Result<Vec<u8>, TableError> {
        read_page(&self.pages, number).map_err(|error| TableError::new(sys::errno_text(&error)))
    }
}

impl Table for Sdbm {
    fn lookup(&self, key: &[u8]) -> Result<Option<BString>, TableError> {
        let key = Folding::of(self.flags).fold(key);
        self.terminator.lookup(&key, |key| {
            let page = self.page(place(&self.splits, function(key)).0)?;
            Ok(parse(&page)?
                .into_iter()
                .find(|(known, _)| *known == key)
                .map(|(_, value)| BString::from(value)))
        })
    }

    fn entries(&self) -> Result<Entries<'_>, TableError> {
        let length = self.pages.metadata().map_err(|e| TableError::new(sys::errno_text(&e)))?.len();
        let count = u32::try_from(length / PAGE as u64).unwrap_or(u32::MAX);
        Ok(Box::new((0..count).flat_map(|number| {
            let entries = self.page(number).and_then(|page| {
                let owned = |bytes: &[u8]| file::unterminated(BString::from(bytes));
                Ok(parse(&page)?
                    .into_iter()
                    .map(|(key, value)| (owned(key), owned(value)))
                    .collect::<Vec<_>>())
            });
            match entries {
                Ok(entries) => entries.into_iter().map(Ok).collect::<Vec<_>>(),
                Err(error) => vec![Err(error)],
            }
        })))
    }

    fn owner(&self) -> Owner {
        self.stamp.owner()
    }

    fn changed(&self) -> bool {
        self.stamp.changed(&self.pages)
    }
}

/// All entries of a table, as they are stored.
pub(crate) fn raw_entries(name: &str) -> Result<Vec<(BString, BString)>, String> {
    let bytes = std::fs::read(format!("{name}.pag")).map_err(|e| sys::errno_text(&e))?;
    let mut all = Vec::new();
    for page in bytes.chunks(PAGE) {
        for (key, value) in parse(page).map_err(|e| e.to_string())? {
            all.push((BString::from(key), BString::from(value)));
        }
    }
    Ok(all)
}

/// A table in memory, while it is built.
#[derive(Default)]
struct Building<'a> {
    splits: Vec<u8>,
    pages: BTreeMap<u32, Vec<Pair<'a>>>,
}

impl<'a> Building<'a> {
    fn add(&mut self, key: &'a [u8], value: &'a [u8]) -> Result<(), String> {
        if key.len() + value.len() > PAIR_LIMIT {
            return Err("key and value are too long for this type".to_owned());
        }
        let hash = function(key);
        for _ in 0..SPLITS {
            let (number, depth) = place(&self.splits, hash);
            let page = self.pages.entry(number).or_default();
            let used: usize = page.iter().map(|(key, value)| key.len() + value.len() + 4).sum();
            // Each pair takes two places of two bytes, and the count two.
            if used + key.len() + value.len() + 4 + 2 <= PAGE {
                page.push((key, value));
                return Ok(());
            }
            let bit = 1u32.checked_shl(depth).ok_or("too many keys of one hash")?;
            let (stay, go) = page.drain(..).partition(|(key, _)| function(key) & bit == 0);
            self.pages.insert(number, stay);
            self.pages.insert(number | bit, go);
            self.split(number, depth);
        }
        Err("too many keys of one hash".to_owned())
    }

    /// Notes that the page that `depth` bits of the hash led to was split.
    fn split(&mut self, number: u32, depth: u32) {
        let bit = (0..depth).fold(0u64, |bit, step| 2 * bit + if number & (1 << step) != 0 { 2 } else { 1 });
        let at = usize::try_from(bit / 8).unwrap_or(usize::MAX);
        if self.splits.len() <= at {
            self.splits.resize(at + 1, 0);
        }
        if let Some(byte) = self.splits.get_mut(at) {
            *byte |= 1 << (bit % 8);
        }
    }

    fn files(&self) -> [Vec<u8>; 2] {
        let last = self.pages.last_key_value().map_or(0, |(number, _)| *number as usize + 1);
        let mut pages = vec![0u8; last * PAGE];
        for (number, entries) in &self.pages {
            let Some(page) = pages.chunks_mut(PAGE).nth(*number as usize) else { continue };
            let mut end = PAGE;
            let mut places = vec![u16::try_from(entries.len() * 2).unwrap_or(0)];
            for text in entries.iter().flat_map(|(key, value)| [key, value]) {
                end -= text.len();
                if let Some(room) = page.get_mut(end..end + text.len()) {
                    room.copy_from_slice(text);
                }
                places.push(u16::try_from(end).unwrap_or(0));
            }
            for (room, place) in page.chunks_mut(2).zip(&places) {
                room.copy_from_slice(&place.to_le_bytes());
            }
        }
        // Other programs read the directory in blocks.
        let mut splits = self.splits.clone();
        splits.resize(splits.len().next_multiple_of(4096), 0);
        [splits, pages]
    }
}

/// Makes `entries` the contents of the table.
pub(crate) fn replace(name: &str, entries: &[(&[u8], &[u8])]) -> Result<(), WriteError> {
    let mut building = Building::default();
    for (key, value) in entries {
        building
            .add(key, value)
            .map_err(|why| WriteError::Text(format!("error updating sdbm:{name}: {why}")))?;
    }
    // The pages are put in place last: it is their file that readers watch.
    for (path, contents) in names(name).into_iter().zip(building.files()) {
        file::publish(&path, &contents).map_err(|error| WriteError::Open(path.clone(), error))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_sdbms() {
        // As `perl -MSDBM_File` places them.
        assert_eq!(function(b""), 0);
        assert_eq!(function(b"a"), 97);
        assert_eq!(function(b"ab"), 97 * 65_599 + 98);
    }
}
