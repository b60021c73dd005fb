//! `cdb:` – Bernstein's constant database, own reader and writer.
//!
//! A file is 256 (position, slots) pairs, the records (key length, value length, key, value), then the hash tables of
//! (hash, position) slots. All numbers are 32 bits, little-endian; a file ends before 4 GiB.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use bstr::BString;

use crate::file::{self, Folding, Stamp, Terminator, cannot_open};
use crate::registry::{Spec, TableType};
use crate::table::{Entries, Flags, OpenError, Owner, Table, TableError};

/// The row of `cdb:`.
pub const TYPE: TableType = TableType { name: "cdb", open, can_create: true };

const POINTERS: u64 = 2048;

/// Files up to this size are read whole when opened.
const IMAGE_LIMIT: u64 = 4 << 20;

struct Cdb {
    file: File,
    image: Option<Vec<u8>>,
    length: u64,
    stamp: Stamp,
    flags: Flags,
    terminator: Terminator,
}

fn open(spec: &Spec<'_>) -> Result<Arc<dyn Table>, OpenError> {
    let path = format!("{}.cdb", spec.name);
    let failed = |error| cannot_open("database", &path, &error);
    let file = File::open(&path).map_err(failed)?;
    let stamp = Stamp::of(&file).map_err(failed)?;
    let length = file.metadata().map_err(failed)?.len();
    let mut image = None;
    if length <= IMAGE_LIMIT {
        let mut bytes = vec![0; usize::try_from(length).unwrap_or_default()];
        file.read_exact_at(&mut bytes, 0).map_err(failed)?;
        image = Some(bytes);
    }
    if length < POINTERS {
        return Err(failed(io::Error::from_raw_os_error(libc_eproto())));
    }
    file::warn_if_older(Path::new(&path), spec.name, &stamp);
    Ok(Arc::new(Cdb { file, image, length, stamp, flags: spec.flags, terminator: Terminator::default() }))
}

/// EPROTO, which is what libcdb says of a file that is none.
fn libc_eproto() -> i32 {
    71
}

impl Cdb {
    fn bytes(&self, at: u64, length: u64) -> Result<BString, TableError> {
        let damaged = || TableError::new("Protocol error");
        if at.checked_add(length).is_none_or(|end| end > self.length) {
            return Err(damaged());
        }
        let (start, length) =
            (usize::try_from(at).map_err(|_| damaged())?, usize::try_from(length).map_err(|_| damaged())?);
        match &self.image {
            Some(image) => image.get(start..start + length).map(BString::from).ok_or_else(damaged),
            None => {
                let mut bytes = vec![0; length];
                self.file.read_exact_at(&mut bytes, at).map_err(|e| TableError::new(sys::errno_text(&e)))?;
                Ok(BString::from(bytes))
            }
        }
    }

    fn pair(&self, at: u64) -> Result<(u64, u64), TableError> {
        let bytes = self.bytes(at, 8)?;
        match <[u8; 8]>::try_from(bytes.as_slice()).map(u64::from_le_bytes) {
            Ok(both) => Ok((both & 0xffff_ffff, both >> 32)),
            Err(_) => Err(TableError::new("Protocol error")),
        }
    }

    fn find(&self, key: &[u8]) -> Result<Option<BString>, TableError> {
        let hash = u64::from(function(key));
        let (table, slots) = self.pair((hash & 255) * 8)?;
        for probe in 0..slots {
            let slot = ((hash >> 8) + probe) % slots;
            let (stored, at) = self.pair(table.saturating_add(slot * 8))?;
            if at == 0 {
                break;
            }
            if stored != hash {
                continue;
            }
            let (key_length, value_length) = self.pair(at)?;
            if key_length == key.len() as u64 && self.bytes(at + 8, key_length)? == key {
                return self.bytes(at + 8 + key_length, value_length).map(Some);
            }
        }
        Ok(None)
    }
}

impl Table for Cdb {
    fn lookup(&self, key: &[u8]) -> Result<Option<BString>, TableError> {
        let key = Folding::of(self.flags).fold(key);
        self.terminator.lookup(&key, |key| self.find(key))
    }

    fn entries(&self) -> Result<Entries<'_>, TableError> {
        let (end, _) = self.pair(0)?;
        let mut at = POINTERS;
        Ok(Box::new(std::iter::from_fn(move || {
            if at >= end {
                return None;
            }
            let entry = self.pair(at).and_then(|(key, value)| {
                let entry = (self.bytes(at + 8, key)?, self.bytes(at + 8 + key, value)?);
                at += 8 + key + value;
                Ok((file::unterminated(entry.0), file::unterminated(entry.1)))
            });
            if entry.is_err() {
                at = end;
            }
            Some(entry)
        })))
    }

    fn owner(&self) -> Owner {
        self.stamp.owner()
    }

    fn changed(&self) -> bool {
        self.stamp.changed(&self.file)
    }
}

/// Bernstein's hash.
fn function(key: &[u8]) -> u32 {
    key.iter().fold(5381u32, |hash, byte| hash.wrapping_mul(33) ^ u32::from(*byte))
}

/// The whole file that holds `entries`.
pub(crate) fn build(entries: &[(&[u8], &[u8])]) -> io::Result<Vec<u8>> {
    let too_long = || io::Error::from(io::ErrorKind::FileTooLarge);
    let number = |length: usize| u32::try_from(length).map_err(|_| too_long());
    let mut bytes = vec![0u8; POINTERS as usize];
    let mut tables: Vec<Vec<(u32, u32)>> = vec![Vec::new(); 256];
    for (key, value) in entries {
        let hash = function(key);
        tables[(hash & 255) as usize].push((hash, number(bytes.len())?));
        bytes.extend(number(key.len())?.to_le_bytes());
        bytes.extend(number(value.len())?.to_le_bytes());
        bytes.extend_from_slice(key);
        bytes.extend_from_slice(value);
    }
    for (index, table) in tables.iter().enumerate() {
        let slots = table.len() * 2;
        let position = number(bytes.len())?;
        bytes[index * 8..index * 8 + 4].copy_from_slice(&position.to_le_bytes());
        bytes[index * 8 + 4..index * 8 + 8].copy_from_slice(&number(slots)?.to_le_bytes());
        let mut placed = vec![(0u32, 0u32); slots];
        for (hash, at) in table {
            let mut slot = (*hash >> 8) as usize % slots;
            while placed[slot].1 != 0 {
                slot = (slot + 1) % slots;
            }
            placed[slot] = (*hash, *at);
        }
        for (hash, at) in placed {
            bytes.extend(hash.to_le_bytes());
            bytes.extend(at.to_le_bytes());
        }
    }
    number(bytes.len())?;
    Ok(bytes)
}
