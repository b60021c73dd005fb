//! The pages of a Berkeley DB file: where they come from, and their fields, checked before use.

use std::borrow::Cow;
use std::fmt;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bstr::BString;
use sys::lock::Lock;

use super::Method;
use crate::table::TableError;

pub(super) const HASH_MAGIC: u32 = 0x0006_1561;
pub(super) const BTREE_MAGIC: u32 = 0x0005_3162;
/// libdb 5.3 writes 9 for both methods; the layouts of 8 and 10 are the same for what we use.
pub(super) const VERSION: u32 = 9;

/// Bytes of a page's header, before its index.
pub(super) const HEADER: usize = 26;
/// Bytes of a metadata page that mean something.
pub(super) const META: usize = 512;

pub(super) const TYPE_HASH_UNSORTED: u8 = 2;
pub(super) const TYPE_BTREE_INTERNAL: u8 = 3;
pub(super) const TYPE_BTREE_LEAF: u8 = 5;
pub(super) const TYPE_OVERFLOW: u8 = 7;
pub(super) const TYPE_HASH_META: u8 = 8;
pub(super) const TYPE_BTREE_META: u8 = 9;
pub(super) const TYPE_HASH: u8 = 13;

/// Files up to this size are read whole when opened: lookups then cost no system call.
const IMAGE_LIMIT: u64 = 4 << 20;

/// What is wrong with a file, or with reading it.
#[derive(Debug)]
pub(super) enum Damage {
    Io(io::Error),
    Format(&'static str),
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Damage::Io(error) => f.write_str(&sys::errno_text(error)),
            Damage::Format(what) => write!(f, "unexpected file type or format: {what}"),
        }
    }
}

impl From<io::Error> for Damage {
    fn from(error: io::Error) -> Damage {
        Damage::Io(error)
    }
}

impl From<Damage> for TableError {
    fn from(damage: Damage) -> TableError {
        TableError::new(damage.to_string())
    }
}

/// An open file: a snapshot of a small one, or the descriptor of a large one.
pub(super) struct PageFile {
    file: Mutex<File>,
    image: Option<Vec<u8>>,
    meta: Meta,
}

/// What the metadata page says.
#[derive(Clone)]
pub(super) struct Meta {
    pub method: Method,
    pub swapped: bool,
    pub page_size: usize,
    pub page_count: u32,
    /// btree: the root page
    pub root: u32,
    /// hash
    pub max_bucket: u32,
    pub high_mask: u32,
    pub low_mask: u32,
    pub spares: Vec<u32>,
    /// hash: which of libdb's functions hashed the keys
    pub old_function: bool,
}

impl PageFile {
    /// Reads the metadata, and the whole of a small file, under the lock that writers respect.
    pub fn open(file: File) -> Result<PageFile, Damage> {
        sys::lock::open_file(&file, Lock::Shared, true)?;
        let opened = PageFile::read(&file);
        sys::lock::open_file(&file, Lock::Unlock, true)?;
        let (meta, image) = opened?;
        Ok(PageFile { file: Mutex::new(file), image, meta })
    }

    fn read(file: &File) -> Result<(Meta, Option<Vec<u8>>), Damage> {
        let length = file.metadata()?.len();
        let mut head = [0u8; META];
        file.read_exact_at(&mut head, 0).map_err(|_| Damage::Format("too short"))?;
        let meta = Meta::parse(&head, length)?;
        if length > IMAGE_LIMIT {
            return Ok((meta, None));
        }
        let mut image = vec![0u8; usize::try_from(length).map_err(|_| Damage::Format("too long"))?];
        file.read_exact_at(&mut image, 0)?;
        Ok((meta, Some(image)))
    }

    pub fn method(&self) -> Method {
        self.meta.method
    }

    pub fn with_file<T>(&self, work: impl FnOnce(&File) -> T) -> T {
        work(&self.file.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Begins a lookup. A file that is not in memory stays locked until the session ends.
    pub fn session(&self) -> Result<Session<'_>, Damage> {
        if let Some(image) = &self.image {
            return Ok(Session { meta: Cow::Borrowed(&self.meta), source: Source::Image(image) });
        }
        let file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        sys::lock::open_file(&file, Lock::Shared, true)?;
        // The file may have been updated in place since: its shape is read anew under each lock.
        let mut head = [0u8; META];
        let fresh = file
            .read_exact_at(&mut head, 0)
            .map_err(Damage::from)
            .and_then(|()| Ok(file.metadata()?.len()))
            .and_then(|length| Meta::parse(&head, length));
        let locked = Locked(file);
        Ok(Session { meta: Cow::Owned(fresh?), source: Source::File(locked) })
    }
}

struct Locked<'a>(MutexGuard<'a, File>);

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        // Nothing can be done about a failure here; the lock goes with the descriptor at the latest.
        let _ = sys::lock::open_file(&self.0, Lock::Unlock, false);
    }
}

enum Source<'a> {
    Image(&'a [u8]),
    File(Locked<'a>),
}

/// One consistent look at the file.
pub(super) struct Session<'a> {
    pub meta: Cow<'a, Meta>,
    source: Source<'a>,
}

impl Session<'_> {
    /// Page `number`.
    pub fn page(&self, number: u32) -> Result<Page<'_>, Damage> {
        if number >= self.meta.page_count {
            return Err(Damage::Format("page number out of range"));
        }
        let size = self.meta.page_size;
        let bytes = match &self.source {
            Source::Image(image) => {
                let start = number as usize * size;
                Cow::Borrowed(image.get(start..start + size).ok_or(Damage::Format("truncated"))?)
            }
            Source::File(locked) => {
                let mut bytes = vec![0u8; size];
                locked.0.read_exact_at(&mut bytes, u64::from(number) * size as u64)?;
                Cow::Owned(bytes)
            }
        };
        let page = Page { bytes, swapped: self.meta.swapped };
        // A page that libdb counted but never wrote is zeroes.
        if page.number()? != number && !(page.number()? == 0 && page.kind()? == 0) {
            return Err(Damage::Format("page without its own number"));
        }
        Ok(page)
    }

    /// The `length` bytes of the overflow chain that begins at page `first`.
    pub fn overflow(&self, first: u32, length: u32) -> Result<Vec<u8>, Damage> {
        let length = length as usize;
        if length > self.meta.page_size.saturating_mul(self.meta.page_count as usize) {
            return Err(Damage::Format("overflow item longer than the file"));
        }
        let mut data = Vec::with_capacity(length);
        let mut number = first;
        while data.len() < length {
            let page = self.page(number)?;
            if page.kind()? != TYPE_OVERFLOW {
                return Err(Damage::Format("overflow chain leaves its pages"));
            }
            let part = page.slice(HEADER, usize::from(page.free_offset()?))?;
            if part.is_empty() {
                return Err(Damage::Format("empty overflow page"));
            }
            data.extend_from_slice(part);
            number = page.next()?;
        }
        data.truncate(length);
        Ok(data)
    }
}

/// A page's bytes with checked access to its fields.
pub(super) struct Page<'a> {
    bytes: Cow<'a, [u8]>,
    swapped: bool,
}

impl Page<'_> {
    pub fn u8(&self, at: usize) -> Result<u8, Damage> {
        self.bytes.get(at).copied().ok_or(Damage::Format("field outside its page"))
    }

    pub fn u16(&self, at: usize) -> Result<u16, Damage> {
        let field = self.bytes.get(at..at + 2).and_then(|b| b.try_into().ok()).map(u16::from_le_bytes);
        let value = field.ok_or(Damage::Format("field outside its page"))?;
        Ok(if self.swapped { value.swap_bytes() } else { value })
    }

    pub fn u32(&self, at: usize) -> Result<u32, Damage> {
        let field = self.bytes.get(at..at + 4).and_then(|b| b.try_into().ok()).map(u32::from_le_bytes);
        let value = field.ok_or(Damage::Format("field outside its page"))?;
        Ok(if self.swapped { value.swap_bytes() } else { value })
    }

    /// `length` bytes from `start`.
    pub fn slice(&self, start: usize, length: usize) -> Result<&[u8], Damage> {
        self.bytes.get(start..start + length).ok_or(Damage::Format("item outside its page"))
    }

    fn number(&self) -> Result<u32, Damage> {
        self.u32(8)
    }

    pub fn next(&self) -> Result<u32, Damage> {
        self.u32(16)
    }

    /// Items on the page (hash and btree leaf: keys and values each count).
    pub fn entries(&self) -> Result<usize, Damage> {
        self.u16(20).map(usize::from)
    }

    pub fn free_offset(&self) -> Result<u16, Damage> {
        self.u16(22)
    }

    pub fn kind(&self) -> Result<u8, Damage> {
        self.u8(25)
    }

    /// Where item `index` begins.
    pub fn item(&self, index: usize) -> Result<usize, Damage> {
        self.u16(HEADER + 2 * index).map(usize::from)
    }

    pub fn size(&self) -> usize {
        self.bytes.len()
    }
}

impl Meta {
    fn parse(head: &[u8; META], length: u64) -> Result<Meta, Damage> {
        let mut page = Page { bytes: Cow::Borrowed(head), swapped: false };
        let method = match page.u32(12)? {
            HASH_MAGIC => Method::Hash,
            BTREE_MAGIC => Method::Btree,
            other => {
                page.swapped = true;
                match other.swap_bytes() {
                    HASH_MAGIC => Method::Hash,
                    BTREE_MAGIC => Method::Btree,
                    _ => return Err(Damage::Format("no hash or btree file")),
                }
            }
        };
        let page_size = page.u32(20)? as usize;
        if !page_size.is_power_of_two() || !(META..=65536).contains(&page_size) {
            return Err(Damage::Format("page size"));
        }
        let version = page.u32(16)?;
        if !(7..=10).contains(&version) {
            return Err(Damage::Format("version"));
        }
        if page.u8(24)? != 0 || page.u8(26)? != 0 {
            return Err(Damage::Format("encrypted, checksummed or partitioned"));
        }
        // Half a file is none. (A hash file may lack pages at its end that were counted, but never written.)
        let announced = u64::from(page.u32(32)?) + 1;
        if length % page_size as u64 != 0
            || method == Method::Btree && length < announced.saturating_mul(page_size as u64)
        {
            return Err(Damage::Format("truncated"));
        }
        let page_count = u32::try_from(length / page_size as u64).map_err(|_| Damage::Format("too long"))?;
        let mut meta = Meta {
            method,
            swapped: page.swapped,
            page_size,
            page_count,
            root: 0,
            max_bucket: 0,
            high_mask: 0,
            low_mask: 0,
            spares: Vec::new(),
            old_function: false,
        };
        match method {
            Method::Btree => meta.root = page.u32(88)?,
            Method::Hash => {
                meta.max_bucket = page.u32(72)?;
                meta.high_mask = page.u32(76)?;
                meta.low_mask = page.u32(80)?;
                meta.old_function = match page.u32(92)? {
                    check if check == super::hash::function(super::hash::CHECK_KEY) => false,
                    _ => return Err(Damage::Format("made with another hash function")),
                };
                for index in 0..32 {
                    meta.spares.push(page.u32(96 + 4 * index)?);
                }
                if meta.max_bucket >= page_count {
                    return Err(Damage::Format("more buckets than pages"));
                }
            }
        }
        Ok(meta)
    }
}

/// Bytes as entries are handed out.
pub(super) fn owned(bytes: &[u8]) -> BString {
    BString::from(bytes)
}
