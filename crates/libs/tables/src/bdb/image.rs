//! A Berkeley DB file being made: pages in memory, written in one go.

use super::Method;
use super::pages::{
    BTREE_MAGIC, HASH_MAGIC, HEADER, META, TYPE_BTREE_META, TYPE_HASH_META, TYPE_OVERFLOW, VERSION,
};

/// Page size of the files we make: what libdb takes on usual file systems.
pub(super) const PAGE: usize = 4096;

/// All pages so far; page 0 is the metadata.
pub(super) struct Image {
    bytes: Vec<u8>,
}

impl Image {
    pub fn new() -> Image {
        Image { bytes: vec![0; PAGE] }
    }

    /// Adds an empty page of `kind` and returns its number.
    pub fn add(&mut self, kind: u8, level: u8) -> u32 {
        let number = u32::try_from(self.bytes.len() / PAGE).unwrap_or(u32::MAX);
        self.bytes.resize(self.bytes.len() + PAGE, 0);
        self.clear(number, kind, level);
        number
    }

    /// Makes page `number` an empty page of `kind`.
    pub fn clear(&mut self, number: u32, kind: u8, level: u8) {
        let page = self.page(number);
        page.fill(0);
        put32(page, 4, 1); // the log position of files that keep no log
        put32(page, 8, number);
        put16(page, 22, PAGE as u16);
        page[24] = level;
        page[25] = kind;
    }

    /// Adds a copy of page `number` and returns its number.
    pub fn copy(&mut self, number: u32) -> u32 {
        let start = number as usize * PAGE;
        let copy = u32::try_from(self.bytes.len() / PAGE).unwrap_or(u32::MAX);
        self.bytes.extend_from_within(start..start + PAGE);
        put32(self.page(copy), 8, copy);
        copy
    }

    pub fn page(&mut self, number: u32) -> &mut [u8] {
        let start = number as usize * PAGE;
        &mut self.bytes[start..start + PAGE]
    }

    /// Stores `data` on a chain of overflow pages; returns the first.
    pub fn overflow(&mut self, data: &[u8]) -> u32 {
        let mut first = 0;
        let mut previous = 0;
        for part in data.chunks(PAGE - HEADER) {
            let number = self.add(TYPE_OVERFLOW, 0);
            let page = self.page(number);
            put32(page, 12, previous);
            put16(page, 20, 1); // one reference
            put16(page, 22, part.len() as u16);
            page[HEADER..HEADER + part.len()].copy_from_slice(part);
            if previous == 0 {
                first = number;
            } else {
                put32(self.page(previous), 16, number);
            }
            previous = number;
        }
        first
    }

    /// Writes the metadata that both methods share and gives the file out. `finish` adds the method's own fields.
    pub fn seal(mut self, method: Method, file_id: [u8; 20], finish: impl FnOnce(&mut [u8])) -> Vec<u8> {
        let last = (self.bytes.len() / PAGE - 1) as u32;
        let meta = &mut self.bytes[..META];
        put32(meta, 4, 1);
        put32(meta, 12, if method == Method::Hash { HASH_MAGIC } else { BTREE_MAGIC });
        put32(meta, 16, VERSION);
        put32(meta, 20, PAGE as u32);
        meta[25] = if method == Method::Hash { TYPE_HASH_META } else { TYPE_BTREE_META };
        put32(meta, 32, last);
        meta[52..72].copy_from_slice(&file_id);
        finish(meta);
        self.bytes
    }
}

/// Puts `item` on a page as its item number `entries`; the caller has seen that it fits.
pub(super) fn append(page: &mut [u8], item: &[u8], align: usize) {
    let entries = usize::from(get16(page, 20));
    let start = (usize::from(get16(page, 22)) - item.len()) / align * align;
    page[start..start + item.len()].copy_from_slice(item);
    put16(page, HEADER + 2 * entries, start as u16);
    put16(page, 20, entries as u16 + 1);
    put16(page, 22, start as u16);
}

/// Free bytes between a page's index and its items.
pub(super) fn room(page: &[u8]) -> usize {
    usize::from(get16(page, 22)) - HEADER - 2 * usize::from(get16(page, 20))
}

pub(super) fn get16(page: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([page[at], page[at + 1]])
}

pub(super) fn put16(page: &mut [u8], at: usize, value: u16) {
    page[at..at + 2].copy_from_slice(&value.to_le_bytes());
}

pub(super) fn put32(page: &mut [u8], at: usize, value: u32) {
    page[at..at + 4].copy_from_slice(&value.to_le_bytes());
}
