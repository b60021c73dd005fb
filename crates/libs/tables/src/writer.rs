//! Building indexed tables from text, for postmap and postalias.

use std::io;

use crate::{Flags, OpenError};

/// A table under construction. Nothing is visible to readers until [`Writer::finish`].
pub trait Writer {
    /// Adds an entry; a repeated key is treated as the flags say. Returns false when it was kept out as a repetition.
    fn put(&mut self, key: &[u8], value: &[u8]) -> io::Result<bool>;

    /// Removes an entry (`postmap -d`). Returns whether it was there.
    fn delete(&mut self, key: &[u8]) -> io::Result<bool>;

    /// Writes, syncs and publishes the table.
    fn finish(self: Box<Self>) -> io::Result<()>;
}

/// Whether to start empty or from what the file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// `postmap`: a new table.
    Empty,
    /// `postmap -i`, `-d`: the present entries.
    Present,
}

/// Begins to build `name` of table type `kind` (`hash`, `btree`, `lmdb`, `cdb`).
pub fn create(kind: &str, name: &str, start: Start, flags: Flags) -> Result<Box<dyn Writer>, OpenError> {
    let _ = (kind, name, start, flags);
    todo!()
}
