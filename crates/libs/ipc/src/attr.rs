//! The wire form of attribute lists: `name NUL value NUL`, an empty name ends the list.
//!
//! Pure bytes. Numbers travel as unsigned decimal text (a negative status arrives as 2³²-1),
//! binary data as base64, a nested table between `{ NUL` and `} NUL`. A reader takes attributes
//! in the order it names them and skips what it does not know, so a later version may add some.

use bstr::{BStr, BString, ByteSlice};
use std::fmt;

/// Longest attribute name or value accepted from a peer; far above what any sender makes.
pub const ITEM_LIMIT: usize = 100_000_000;

/// Why bytes did not become a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The message is not whole yet.
    NeedMore,
    /// The list ended without this attribute.
    Missing(&'static str),
    /// The value of this attribute is not of its type.
    BadValue(&'static str),
    /// The peer speaks another protocol.
    OtherProtocol(BString),
    /// The bytes follow no list at all.
    Garbage,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::NeedMore => write!(f, "message is not complete"),
            Fault::Missing(name) => write!(f, "missing attribute {name}"),
            Fault::BadValue(name) => write!(f, "malformed value of attribute {name}"),
            Fault::OtherProtocol(name) => write!(f, "unexpected protocol {name}"),
            Fault::Garbage => write!(f, "malformed attribute list"),
        }
    }
}

impl std::error::Error for Fault {}

/// One request or reply: one attribute list, or a fixed run of them.
pub trait Message: Sized {
    /// Appends the attributes in the reference's order and ends each list.
    fn put(&self, out: &mut Writer<'_>);
    /// Takes the attributes from the front of what arrived.
    fn take(from: &mut Cursor<'_>) -> Result<Self, Fault>;
}

/// What [`decode`] found at the front of a buffer.
#[derive(Debug, PartialEq, Eq)]
pub enum Decoded<M> {
    /// The message, and how many bytes it took.
    Complete(M, usize),
    /// Call again with more bytes behind these.
    NeedMore,
}

/// Appends the wire form of `message`.
pub fn encode<M: Message>(message: &M, out: &mut Vec<u8>) {
    message.put(&mut Writer::new(out));
}

/// Reads one message from the front of `bytes`.
pub fn decode<M: Message>(bytes: &[u8]) -> Result<Decoded<M>, Fault> {
    let mut cursor = Cursor::new(bytes);
    match M::take(&mut cursor) {
        Ok(message) => Ok(Decoded::Complete(message, cursor.position())),
        Err(Fault::NeedMore) => Ok(Decoded::NeedMore),
        Err(fault) => Err(fault),
    }
}

/// Appends attributes to a buffer.
pub struct Writer<'a> {
    out: &'a mut Vec<u8>,
}

impl<'a> Writer<'a> {
    /// A writer that appends to `out`.
    pub fn new(out: &'a mut Vec<u8>) -> Self {
        Writer { out }
    }

    fn item(&mut self, bytes: &[u8]) {
        // A NUL would end the item early and shift everything behind it.
        match bytes.find_byte(0) {
            None => self.out.extend_from_slice(bytes),
            Some(_) => self.out.extend(bytes.iter().copied().filter(|&b| b != 0)),
        }
        self.out.push(0);
    }

    /// A string.
    pub fn str(&mut self, name: &str, value: impl AsRef<[u8]>) -> &mut Self {
        self.item(name.as_bytes());
        self.item(value.as_ref());
        self
    }

    /// An `int`: 32 bits, negative numbers as their unsigned image.
    pub fn int(&mut self, name: &str, value: i32) -> &mut Self {
        self.str(name, u32::from_ne_bytes(value.to_ne_bytes()).to_string())
    }

    /// A `long`: 64 bits, negative numbers as their unsigned image.
    pub fn long(&mut self, name: &str, value: i64) -> &mut Self {
        self.str(name, u64::from_ne_bytes(value.to_ne_bytes()).to_string())
    }

    /// Binary data, as base64.
    pub fn data(&mut self, name: &str, value: &[u8]) -> &mut Self {
        self.str(name, mail::base64::encode(value))
    }

    /// A nested table of strings.
    pub fn table<'b>(&mut self, pairs: impl IntoIterator<Item = (&'b [u8], &'b [u8])>) -> &mut Self {
        self.item(b"{");
        for (name, value) in pairs {
            self.item(name);
            self.item(value);
        }
        self.item(b"}");
        self
    }

    /// Ends the list.
    pub fn end(&mut self) {
        self.out.push(0);
    }
}

/// Takes attributes from a buffer.
pub struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    /// A cursor at the front of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Cursor { bytes, at: 0 }
    }

    /// How many bytes were taken.
    pub fn position(&self) -> usize {
        self.at
    }

    fn item_at(&self, at: usize) -> Result<(&'a [u8], usize), Fault> {
        let rest = self.bytes.get(at..).ok_or(Fault::NeedMore)?;
        match rest.find_byte(0) {
            Some(end) => Ok((rest.get(..end).unwrap_or_default(), at + end + 1)),
            None if rest.len() > ITEM_LIMIT => Err(Fault::Garbage),
            None => Err(Fault::NeedMore),
        }
    }

    /// The name of the next attribute, `None` at the end of the list.
    pub fn peek(&self) -> Result<Option<&'a [u8]>, Fault> {
        let (name, _) = self.item_at(self.at)?;
        Ok((!name.is_empty()).then_some(name))
    }

    fn skip_one(&mut self) -> Result<(), Fault> {
        let (name, next) = self.item_at(self.at)?;
        if name == b"{" {
            self.at = next;
            while self.item_at(self.at)?.0 != b"}" {
                self.at = self.item_at(self.at)?.1;
            }
            self.at = self.item_at(self.at)?.1;
        } else {
            self.at = self.item_at(next)?.1;
        }
        Ok(())
    }

    /// The next string of this name; attributes before it that nobody asked for are skipped.
    pub fn str(&mut self, name: &'static str) -> Result<&'a BStr, Fault> {
        loop {
            let (found, next) = self.item_at(self.at)?;
            if found.is_empty() {
                return Err(Fault::Missing(name));
            }
            if found == name.as_bytes() {
                let (value, next) = self.item_at(next)?;
                self.at = next;
                return Ok(value.as_bstr());
            }
            self.skip_one()?;
        }
    }

    /// Like [`Cursor::str`], owned.
    pub fn string(&mut self, name: &'static str) -> Result<BString, Fault> {
        self.str(name).map(BString::from)
    }

    /// The string of this name if it comes next; for attributes that some versions lack.
    pub fn optional(&mut self, name: &'static str) -> Result<Option<&'a BStr>, Fault> {
        match self.peek()? {
            Some(found) if found == name.as_bytes() => self.str(name).map(Some),
            _ => Ok(None),
        }
    }

    /// An `int`.
    pub fn int(&mut self, name: &'static str) -> Result<i32, Fault> {
        let text = self.str(name)?;
        let wide = number(text).ok_or(Fault::BadValue(name))?;
        u32::try_from(wide)
            .map(|narrow| i32::from_ne_bytes(narrow.to_ne_bytes()))
            .or_else(|_| i32::try_from(signed(wide)))
            .map_err(|_| Fault::BadValue(name))
    }

    /// An `int` if it comes next.
    pub fn optional_int(&mut self, name: &'static str) -> Result<Option<i32>, Fault> {
        match self.peek()? {
            Some(found) if found == name.as_bytes() => self.int(name).map(Some),
            _ => Ok(None),
        }
    }

    /// A `long`.
    pub fn long(&mut self, name: &'static str) -> Result<i64, Fault> {
        let text = self.str(name)?;
        number(text).map(signed).ok_or(Fault::BadValue(name))
    }

    /// Binary data.
    pub fn data(&mut self, name: &'static str) -> Result<Vec<u8>, Fault> {
        let text = self.str(name)?;
        mail::base64::decode(text).ok_or(Fault::BadValue(name))
    }

    /// A nested table.
    pub fn table(&mut self) -> Result<Vec<(BString, BString)>, Fault> {
        self.str_open()?;
        let mut pairs = Vec::new();
        loop {
            let (name, next) = self.item_at(self.at)?;
            if name == b"}" {
                self.at = next;
                return Ok(pairs);
            }
            if name.is_empty() {
                return Err(Fault::Garbage);
            }
            let (value, next) = self.item_at(next)?;
            pairs.push((name.into(), value.into()));
            self.at = next;
        }
    }

    fn str_open(&mut self) -> Result<(), Fault> {
        let (name, next) = self.item_at(self.at)?;
        if name != b"{" {
            return Err(Fault::Missing("{"));
        }
        self.at = next;
        Ok(())
    }

    /// Skips what is left of the list, its end included.
    pub fn end(&mut self) -> Result<(), Fault> {
        while self.peek()?.is_some() {
            self.skip_one()?;
        }
        self.at = self.item_at(self.at)?.1;
        Ok(())
    }
}

/// The signed number with the same bits.
fn signed(wide: u64) -> i64 {
    i64::from_ne_bytes(wide.to_ne_bytes())
}

fn number(text: &[u8]) -> Option<u64> {
    let text = text.to_str().ok()?;
    match text.strip_prefix('-') {
        Some(_) => text.parse::<i64>().ok().map(|negative| u64::from_ne_bytes(negative.to_ne_bytes())),
        None => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_in_order_and_skips_the_unknown() {
        let mut out = Vec::new();
        Writer::new(&mut out)
            .int("status", -1)
            .str("new", "x")
            .table([(&b"a"[..], &b"b"[..])])
            .long("offset", -1)
            .str("last", "")
            .end();
        let mut cursor = Cursor::new(&out);
        assert_eq!(cursor.int("status"), Ok(-1));
        assert_eq!(cursor.long("offset"), Ok(-1));
        assert_eq!(cursor.optional("none"), Ok(None));
        assert_eq!(cursor.str("last").unwrap(), "");
        assert_eq!(cursor.str("none"), Err(Fault::Missing("none")));
        cursor.end().unwrap();
        assert_eq!(cursor.position(), out.len());
    }

    #[test]
    fn every_cut_needs_more() {
        let mut out = Vec::new();
        Writer::new(&mut out).str("a", "b").table([(&b"k"[..], &b"v"[..])]).data("d", b"\0\xff").end();
        for cut in 0..out.len() {
            let mut cursor = Cursor::new(out.get(..cut).unwrap());
            let result = (|| {
                cursor.str("a")?;
                cursor.table()?;
                cursor.data("d")?;
                cursor.end()
            })();
            assert_eq!(result, Err(Fault::NeedMore), "cut {cut}");
        }
    }

    #[test]
    fn nul_never_shifts_a_list() {
        let mut out = Vec::new();
        Writer::new(&mut out).str("a", b"x\0y").end();
        assert_eq!(out.as_bstr(), "a\0xy\0\0");
    }
}
