//! The B+tree of `btree:` files.
//!
//! Leaves hold key, value, key, value… in the order of `memcmp`, then length; internal pages hold separators, of which
//! the first is never looked at. An item is length (2 bytes), type (1 byte), data; big ones are 12 bytes that point
//! at overflow pages.

use std::cmp::Ordering;

use bstr::BString;

use super::Method;
use super::image::{Image, PAGE, append, put16, put32, room};
use super::pages::{Damage, HEADER, Page, Session, TYPE_BTREE_INTERNAL, TYPE_BTREE_LEAF, owned};

const ITEM_DATA: u8 = 1;
const ITEM_OVERFLOW: u8 = 3;
/// Set in the type of an item that was deleted but is still there.
const DELETED: u8 = 0x80;

/// Items longer than this go to overflow pages: two pairs must fit a page.
const BIG: usize = (PAGE - HEADER) / 4 - 10;

/// The value of `key`.
pub(super) fn find(session: &Session<'_>, key: &[u8]) -> Result<Option<BString>, Damage> {
    let leaf = descend(session, Some(key))?;
    let (mut low, mut high) = (0, leaf.entries()? / 2);
    while low < high {
        let middle = low + (high - low) / 2;
        match compare(session, &leaf, middle * 2, key)? {
            Ordering::Less => low = middle + 1,
            Ordering::Greater => high = middle,
            Ordering::Equal => return value(session, &leaf, middle * 2 + 1),
        }
    }
    Ok(None)
}

/// All entries, in key order.
pub(super) fn entries(session: &Session<'_>) -> Result<Vec<(BString, BString)>, Damage> {
    let mut all = Vec::new();
    let mut leaf = descend(session, None)?;
    for _ in 0..session.meta.page_count {
        for index in (0..leaf.entries()? & !1).step_by(2) {
            if let Some(value) = value(session, &leaf, index + 1)? {
                all.push((owned(&item(session, &leaf, leaf.item(index)?)?), value));
            }
        }
        let next = leaf.next()?;
        if next == 0 {
            return Ok(all);
        }
        leaf = session.page(next)?;
        if leaf.kind()? != TYPE_BTREE_LEAF {
            return Err(Damage::Format("leaf chain leaves its pages"));
        }
    }
    Err(Damage::Format("leaf chain without end"))
}

/// The leaf where `key` belongs, or the first leaf.
fn descend<'a>(session: &'a Session<'_>, key: Option<&[u8]>) -> Result<Page<'a>, Damage> {
    let mut number = session.meta.root;
    // No tree is as deep as the levels that a page's level byte can count.
    for _ in 0..256 {
        let page = session.page(number)?;
        match page.kind()? {
            TYPE_BTREE_LEAF => return Ok(page),
            TYPE_BTREE_INTERNAL => {}
            _ => return Err(Damage::Format("tree leaves its pages")),
        }
        let (mut low, mut high) = (1, page.entries()?.max(1));
        while let (Some(key), true) = (key, low < high) {
            let middle = low + (high - low) / 2;
            match compare(session, &page, middle, key)? {
                Ordering::Greater => high = middle,
                _ => low = middle + 1,
            }
        }
        number = page.u32(page.item(low - 1)? + 4)?;
    }
    Err(Damage::Format("tree without end"))
}

/// How item `index` of `page` stands to `key`.
fn compare(session: &Session<'_>, page: &Page<'_>, index: usize, key: &[u8]) -> Result<Ordering, Damage> {
    let start = page.item(index)?;
    let internal = page.kind()? == TYPE_BTREE_INTERNAL;
    let data = if internal { start + 12 } else { start + 3 };
    if page.u8(start + 2)? & !DELETED == ITEM_DATA {
        return Ok(page.slice(data, usize::from(page.u16(start)?))?.cmp(key));
    }
    Ok(item(session, page, if internal { start + 12 } else { start })?.as_slice().cmp(key))
}

/// The value at `index`, unless it was deleted.
fn value(session: &Session<'_>, page: &Page<'_>, index: usize) -> Result<Option<BString>, Damage> {
    let start = page.item(index)?;
    if page.u8(start + 2)? & DELETED != 0 {
        return Ok(None);
    }
    Ok(Some(owned(&item(session, page, start)?)))
}

/// The bytes of the leaf item at `start`.
fn item(session: &Session<'_>, page: &Page<'_>, start: usize) -> Result<Vec<u8>, Damage> {
    match page.u8(start + 2)? & !DELETED {
        ITEM_DATA => Ok(page.slice(start + 3, usize::from(page.u16(start)?))?.to_vec()),
        ITEM_OVERFLOW => session.overflow(page.u32(start + 4)?, page.u32(start + 8)?),
        _ => Err(Damage::Format("duplicate keys")),
    }
}

/// Where libdb wants the root. The first page of each level is begun there, and moves away when the level gets a second.
const ROOT: u32 = 1;

/// A page of the level being built: its number and the separator that leads to it.
struct Child {
    number: u32,
    separator: Vec<u8>,
}

/// The whole file for `entries`.
pub(super) fn build(entries: &[(&[u8], &[u8])], file_id: [u8; 20]) -> Vec<u8> {
    let mut entries = entries.to_vec();
    entries.sort_unstable();
    let mut image = Image::new();
    image.add(TYPE_BTREE_LEAF, 1);
    let mut level = 1;
    let mut children = leaves(&mut image, &entries);
    while children.len() > 1 {
        level += 1;
        children = internals(&mut image, &children, level);
    }
    image.seal(Method::Btree, file_id, |meta| {
        put32(meta, 76, 2); // at least two keys a page
        put32(meta, 88, ROOT);
    })
}

fn leaves(image: &mut Image, entries: &[(&[u8], &[u8])]) -> Vec<Child> {
    let mut number = ROOT;
    let mut children = vec![Child { number, separator: Vec::new() }];
    let mut previous: &[u8] = b"";
    for (key, value) in entries {
        let item_key = encode(image, key);
        let item_value = encode(image, value);
        if room(image.page(number)) < item_key.len() + item_value.len() + 4 {
            leave_root(image, &mut number, &mut children);
            let next = image.add(TYPE_BTREE_LEAF, 1);
            put32(image.page(number), 16, next);
            put32(image.page(next), 12, number);
            number = next;
            // The shortest text that is greater than all before it and not greater than this key.
            let common = previous.iter().zip(*key).take_while(|(a, b)| a == b).count();
            children.push(Child { number, separator: key.iter().take(common + 1).copied().collect() });
        }
        append(image.page(number), &item_key, 4);
        append(image.page(number), &item_value, 4);
        previous = key;
    }
    children
}

fn internals(image: &mut Image, children: &[Child], level: u8) -> Vec<Child> {
    image.clear(ROOT, TYPE_BTREE_INTERNAL, level);
    let mut number = ROOT;
    let mut parents = vec![Child { number, separator: Vec::new() }];
    for child in children {
        let item = separator(image, child);
        if room(image.page(number)) < item.len() + 2 {
            leave_root(image, &mut number, &mut parents);
            number = image.add(TYPE_BTREE_INTERNAL, level);
            parents.push(Child { number, separator: child.separator.clone() });
        }
        append(image.page(number), &item, 4);
    }
    parents
}

/// Moves a level's first page off the root's place, before its second page is begun.
fn leave_root(image: &mut Image, number: &mut u32, level: &mut [Child]) {
    if let (ROOT, [first]) = (*number, level) {
        *number = image.copy(ROOT);
        first.number = *number;
    }
}

/// A leaf item, padded to a multiple of four bytes.
fn encode(image: &mut Image, bytes: &[u8]) -> Vec<u8> {
    if bytes.len() > BIG {
        return overflow(image, bytes);
    }
    let mut item = vec![0; (bytes.len() + 3).next_multiple_of(4)];
    put16(&mut item, 0, bytes.len() as u16);
    item[2] = ITEM_DATA;
    item[3..3 + bytes.len()].copy_from_slice(bytes);
    item
}

/// An internal item: length, type, page, and the separator or a pointer to it.
fn separator(image: &mut Image, child: &Child) -> Vec<u8> {
    let big = child.separator.len() > BIG;
    let data = if big { overflow(image, &child.separator) } else { child.separator.clone() };
    let mut item = vec![0; (12 + data.len()).next_multiple_of(4)];
    put16(&mut item, 0, data.len() as u16);
    item[2] = if big { ITEM_OVERFLOW } else { ITEM_DATA };
    put32(&mut item, 4, child.number);
    item[12..12 + data.len()].copy_from_slice(&data);
    item
}

fn overflow(image: &mut Image, bytes: &[u8]) -> Vec<u8> {
    let first = image.overflow(bytes);
    let mut item = vec![0; 12];
    item[2] = ITEM_OVERFLOW;
    put32(&mut item, 4, first);
    put32(&mut item, 8, bytes.len() as u32);
    item
}
