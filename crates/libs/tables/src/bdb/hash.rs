//! The extended linear hash of `hash:` files.
//!
//! Bucket B lives on page `B + spares[ceil(log2(B + 1))]`, and goes on along `next`. A page's items are key, value,
//! key, value…; each begins with a type byte and ends where the item before it begins.

use bstr::BString;

use super::Method;
use super::image::{Image, PAGE, append, put16, put32, room};
use super::pages::{Damage, HEADER, Page, Session, TYPE_HASH, TYPE_HASH_UNSORTED, owned};

/// What libdb hashes, with the NUL, to tell that a file was made with the same function.
pub(super) const CHECK_KEY: &[u8] = b"%$sniglet^&\0";

const ITEM_DATA: u8 = 1;
const ITEM_OFF_PAGE: u8 = 3;

/// Items longer than this go to overflow pages.
const BIG: usize = PAGE / 4;

/// libdb's default hash (Fowler, Noll, Vo).
pub(super) fn function(key: &[u8]) -> u32 {
    key.iter().fold(0u32, |hash, byte| hash.wrapping_mul(16_777_619) ^ u32::from(*byte))
}

/// The value of `key`.
pub(super) fn find(session: &Session<'_>, key: &[u8]) -> Result<Option<BString>, Damage> {
    let meta = &session.meta;
    let mut bucket = function(key) & meta.high_mask;
    if bucket > meta.max_bucket {
        bucket &= meta.low_mask;
    }
    let mut found = None;
    walk(session, bucket, &mut |page, index| {
        if holds(session, page, index, key)? {
            found = Some(owned(&item(session, page, index + 1)?));
        }
        Ok(found.is_none())
    })?;
    Ok(found)
}

/// All entries, bucket by bucket.
pub(super) fn entries(session: &Session<'_>) -> Result<Vec<(BString, BString)>, Damage> {
    let mut all = Vec::new();
    for bucket in 0..=session.meta.max_bucket {
        walk(session, bucket, &mut |page, index| {
            all.push((owned(&item(session, page, index)?), owned(&item(session, page, index + 1)?)));
            Ok(true)
        })?;
    }
    Ok(all)
}

/// Shows `visit` each pair of a bucket until it returns false.
fn walk(
    session: &Session<'_>,
    bucket: u32,
    visit: &mut dyn FnMut(&Page<'_>, usize) -> Result<bool, Damage>,
) -> Result<(), Damage> {
    let meta = &session.meta;
    // The ceiling of the binary logarithm of bucket + 1.
    let group = (u32::BITS - bucket.leading_zeros()) as usize;
    let spare = meta.spares.get(group).ok_or(Damage::Format("bucket without a page"))?;
    let mut number = bucket.checked_add(*spare).ok_or(Damage::Format("bucket without a page"))?;
    for _ in 0..meta.page_count {
        let page = session.page(number)?;
        match page.kind()? {
            TYPE_HASH | TYPE_HASH_UNSORTED => {}
            // A bucket that was counted but never used may lie in a hole of zeroes.
            0 if page.entries()? == 0 => return Ok(()),
            _ => return Err(Damage::Format("bucket leaves its pages")),
        }
        for index in (0..page.entries()? & !1).step_by(2) {
            if !visit(&page, index)? {
                return Ok(());
            }
        }
        number = page.next()?;
        if number == 0 {
            return Ok(());
        }
    }
    Err(Damage::Format("bucket chain without end"))
}

/// Item `index` of `page` as (type, bytes).
fn raw<'a>(page: &'a Page<'_>, index: usize) -> Result<(u8, usize, &'a [u8]), Damage> {
    let start = page.item(index)?;
    let end = if index == 0 { page.size() } else { page.item(index - 1)? };
    let length = end.checked_sub(start + 1).ok_or(Damage::Format("item of negative length"))?;
    Ok((page.u8(start)?, start, page.slice(start + 1, length)?))
}

fn holds(session: &Session<'_>, page: &Page<'_>, index: usize, key: &[u8]) -> Result<bool, Damage> {
    let (kind, start, bytes) = raw(page, index)?;
    match kind {
        ITEM_DATA => Ok(bytes == key),
        ITEM_OFF_PAGE if page.u32(start + 8)? as usize != key.len() => Ok(false),
        _ => Ok(item(session, page, index)? == key),
    }
}

fn item(session: &Session<'_>, page: &Page<'_>, index: usize) -> Result<Vec<u8>, Damage> {
    let (kind, start, bytes) = raw(page, index)?;
    match kind {
        ITEM_DATA => Ok(bytes.to_vec()),
        ITEM_OFF_PAGE => session.overflow(page.u32(start + 4)?, page.u32(start + 8)?),
        _ => Err(Damage::Format("duplicate keys")),
    }
}

/// The whole file for `entries`.
pub(super) fn build(entries: &[(&[u8], &[u8])], file_id: [u8; 20]) -> Vec<u8> {
    let on_page = |bytes: &[u8]| 2 + if bytes.len() > BIG { 12 } else { bytes.len() + 1 };
    let total: usize = entries.iter().map(|(key, value)| on_page(key) + on_page(value)).sum();
    // A power of two of buckets, each at most about two thirds full on the average.
    let buckets = (total * 3 / 2 / (PAGE - HEADER) + 1).next_power_of_two().max(2);
    let mask = (buckets - 1) as u32;
    let mut sorted: Vec<Vec<(&[u8], &[u8])>> = vec![Vec::new(); buckets];
    for entry in entries {
        sorted[(function(entry.0) & mask) as usize].push(*entry);
    }

    let mut image = Image::new();
    let first: Vec<u32> = (0..buckets).map(|_| image.add(TYPE_HASH, 0)).collect();
    for (bucket, entries) in sorted.iter_mut().enumerate() {
        entries.sort_unstable();
        fill(&mut image, first[bucket], entries);
    }
    image.seal(Method::Hash, file_id, |meta| {
        put32(meta, 40, entries.len() as u32);
        put32(meta, 72, mask);
        put32(meta, 76, mask);
        put32(meta, 80, mask >> 1);
        put32(meta, 88, entries.len() as u32);
        put32(meta, 92, function(CHECK_KEY));
        for group in 0..=buckets.trailing_zeros() as usize {
            put32(meta, 96 + 4 * group, first[0]);
        }
    })
}

/// Puts a bucket's sorted entries on its page, and on further pages where they do not fit.
fn fill(image: &mut Image, first: u32, entries: &[(&[u8], &[u8])]) {
    let mut number = first;
    for (key, value) in entries {
        let key = encode(image, key);
        let value = encode(image, value);
        if room(image.page(number)) < key.len() + value.len() + 4 {
            let next = image.add(TYPE_HASH, 0);
            put32(image.page(number), 16, next);
            put32(image.page(next), 12, number);
            number = next;
        }
        append(image.page(number), &key, 1);
        append(image.page(number), &value, 1);
    }
}

fn encode(image: &mut Image, bytes: &[u8]) -> Vec<u8> {
    if bytes.len() <= BIG {
        return [&[ITEM_DATA], bytes].concat();
    }
    let first = image.overflow(bytes);
    let mut item = vec![0; 12];
    put16(&mut item, 0, u16::from(ITEM_OFF_PAGE));
    put32(&mut item, 4, first);
    put32(&mut item, 8, bytes.len() as u32);
    item
}
