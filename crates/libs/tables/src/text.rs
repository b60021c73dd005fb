//! Table source text: logical lines, `key whitespace value`, and the in-memory `texthash:`.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::sync::Arc;

use bstr::{BString, ByteSlice};

use crate::file::{Folding, Stamp, cannot_open};
use crate::registry::{Spec, TableType};
use crate::table::{Entries, Entry, Flags, OpenError, Owner, Table, TableError};

/// The row of `texthash:`.
pub const TEXTHASH: TableType = TableType { name: "texthash", open, can_create: false };

/// Calls `each` with the logical lines of `text`: the number of the first physical line, and the bytes. Comments and
/// blank lines are left out, also in the middle of a line; a line that begins with white space goes on with the one
/// before. `name` is for warnings.
pub fn for_each_line(name: &str, text: &[u8], mut each: impl FnMut(usize, &[u8])) {
    /// Where the line stands that is being put together: in the text as it is, or joined.
    enum Open<'a> {
        Nothing,
        Whole(usize, &'a [u8]),
        Joined(usize, Vec<u8>),
    }
    let mut open = Open::Nothing;
    for (index, raw) in text.lines_with_terminator().enumerate() {
        let mut line = raw.strip_suffix(b"\n").unwrap_or(raw);
        if let Some(end) = memchr::memchr(0, line) {
            log::warning!("{name}, line {}: text after null byte may be ignored", index + 1);
            line = line.get(..end).unwrap_or(line);
        }
        match line.iter().find(|b| !is_space(**b)) {
            None | Some(b'#') => continue,
            Some(_) => {}
        }
        if !line.first().is_some_and(|b| is_space(*b)) {
            match std::mem::replace(&mut open, Open::Whole(index + 1, line)) {
                Open::Nothing => {}
                Open::Whole(number, line) => each(number, line),
                Open::Joined(number, line) => each(number, &line),
            }
            continue;
        }
        open = match open {
            Open::Nothing => {
                let shown: BString = line.iter().take(30).copied().collect();
                log::warning!("{name}: logical line must not start with whitespace: \"{shown}\"");
                Open::Nothing
            }
            Open::Whole(number, start) => Open::Joined(number, [start, line].concat()),
            Open::Joined(number, mut start) => {
                start.extend_from_slice(line);
                Open::Joined(number, start)
            }
        };
    }
    match open {
        Open::Nothing => {}
        Open::Whole(number, line) => each(number, line),
        Open::Joined(number, line) => each(number, &line),
    }
}

/// As [`for_each_line`], all lines at once.
pub fn logical_lines(name: &str, text: &[u8]) -> Vec<(usize, BString)> {
    let mut lines = Vec::new();
    for_each_line(name, text, |number, line| lines.push((number, BString::from(line))));
    lines
}

/// C's isspace.
pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | 0x0b | 0x0c | b'\r')
}

/// `bytes` without white space at both ends.
pub(crate) fn trim(bytes: &[u8]) -> &[u8] {
    trim_end(trim_start(bytes))
}

pub(crate) fn trim_start(bytes: &[u8]) -> &[u8] {
    let start = bytes.iter().position(|b| !is_space(*b)).unwrap_or(bytes.len());
    bytes.get(start..).unwrap_or_default()
}

pub(crate) fn trim_end(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|b| !is_space(*b)).map_or(0, |at| at + 1);
    bytes.get(..end).unwrap_or_default()
}

/// One entry of a `key whitespace value` text.
#[derive(Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// As written; quotes stay.
    pub key: &'a [u8],
    /// Without white space around it.
    pub value: &'a [u8],
}

/// Splits a logical line at its first white space outside double quotes; logs what is wrong with it, in the words of
/// the reference. `None`: the line is to be passed over.
pub fn record<'a>(name: &str, line_number: usize, line: &'a [u8], utf8: bool) -> Option<Record<'a>> {
    split(name, line_number, line, utf8, "")
}

fn split<'a>(
    name: &str,
    line_number: usize,
    line: &'a [u8],
    utf8: bool,
    ignoring: &str,
) -> Option<Record<'a>> {
    if utf8 && !line.is_ascii() && std::str::from_utf8(line).is_err() {
        log::warning!(
            "{name}, line {line_number}: non-UTF-8 input \"{}\" -- ignoring this line",
            line.as_bstr()
        );
        return None;
    }
    let mut quoted = false;
    let mut bytes = line.iter().enumerate();
    let mut end = line.len();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\\' => {
                bytes.next();
            }
            b'"' => quoted = !quoted,
            byte if is_space(*byte) && !quoted => {
                end = at;
                break;
            }
            _ => {}
        }
    }
    if quoted {
        log::warning!(
            "{name}, line {line_number}: unbalanced '\"' in '{}' -- ignoring this line",
            line.as_bstr()
        );
        return None;
    }
    let (key, rest) = line.split_at(end);
    let value = trim(rest);
    if key.is_empty() || value.is_empty() {
        log::warning!("{name}, line {line_number}: expected format: key whitespace value{ignoring}");
        return None;
    }
    if key.ends_with(b":") {
        log::warning!(
            "{name}, line {line_number}: record is in \"key: value\" format; is this an alias file?"
        );
    }
    Some(Record { key, value })
}

/// Entries in memory, in the order they came.
#[derive(Default)]
pub(crate) struct Ordered {
    index: HashMap<BString, usize>,
    entries: Vec<Entry>,
}

impl Ordered {
    pub fn get(&self, key: &[u8]) -> Option<&BString> {
        let at = *self.index.get(key.as_bstr())?;
        self.entries.get(at).map(|(_, value)| value)
    }

    /// A key that is there already takes the new value.
    pub fn insert(&mut self, key: BString, value: BString) {
        if let Some(entry) = self.index.get(&key).and_then(|at| self.entries.get_mut(*at)) {
            entry.1 = value;
            return;
        }
        self.index.insert(key.clone(), self.entries.len());
        self.entries.push((key, value));
    }

    pub fn iter(&self) -> impl Iterator<Item = Result<Entry, TableError>> {
        self.entries.iter().cloned().map(Ok)
    }
}

struct TextHash {
    entries: Ordered,
    folding: Folding,
    file: File,
    stamp: Stamp,
}

fn open(spec: &Spec<'_>) -> Result<Arc<dyn Table>, OpenError> {
    let (file, stamp, text) = read(spec.name, "database")?;
    let folding = Folding::of(spec.flags);
    let mut entries = Ordered::default();
    for (number, line) in logical_lines(spec.name, &text) {
        let found = split(spec.name, number, &line, false, " -- ignoring this line");
        let Some(Record { key: written, value }) = found else { continue };
        let value = match spec.flags.has(Flags::VALUE_IS_FILE) {
            false => BString::from(value),
            true => match crate::encoded::file_contents(value) {
                Ok(value) => value,
                Err(why) => {
                    log::warning!("{}, line {number}: {why}: skipping this entry", spec.name);
                    continue;
                }
            },
        };
        let key = BString::from(folding.fold(written).into_owned());
        if entries.get(&key).is_some() && !spec.flags.has(Flags::DUP_REPLACE) {
            if !spec.flags.has(Flags::DUP_IGNORE) {
                // compat: daemons open tables without a rule for repetitions, and then refuse the whole table.
                let why = format!("{}, line {number}: duplicate entry: \"{}\"", spec.name, written.as_bstr());
                if !spec.flags.has(Flags::DUP_WARN) {
                    return Err(OpenError::Unavailable(why));
                }
                log::warning!("{why}");
            }
            continue;
        }
        entries.insert(key, value);
    }
    Ok(Arc::new(TextHash { entries, folding, file, stamp }))
}

/// Reads a source file whole.
pub(crate) fn read(path: &str, what: &str) -> Result<(File, Stamp, Vec<u8>), OpenError> {
    let failed = |error| cannot_open(what, path, &error);
    let mut file = File::open(path).map_err(failed)?;
    let stamp = Stamp::of(&file).map_err(failed)?;
    let mut text = Vec::new();
    file.read_to_end(&mut text).map_err(failed)?;
    Ok((file, stamp, text))
}

impl Table for TextHash {
    fn lookup(&self, key: &[u8]) -> Result<Option<BString>, TableError> {
        Ok(self.entries.get(&self.folding.fold(key)).cloned())
    }

    fn entries(&self) -> Result<Entries<'_>, TableError> {
        Ok(Box::new(self.entries.iter()))
    }

    fn owner(&self) -> Owner {
        self.stamp.owner()
    }

    fn changed(&self) -> bool {
        self.stamp.changed(&self.file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_joined_and_numbered() {
        let lines = logical_lines("t", b"# c\n\nfoo bar\n# in between\n  baz\nx y\n");
        assert_eq!(lines, [(3, BString::from("foo bar  baz")), (6, BString::from("x y"))]);
    }

    #[test]
    fn records() {
        let record = |line: &'static str| record("t", 1, line.as_bytes(), true).map(|r| (r.key, r.value));
        assert_eq!(record("k  v w "), Some((&b"k"[..], &b"v w"[..])));
        assert_eq!(record("\"a b\"@c v"), Some((&b"\"a b\"@c"[..], &b"v"[..])));
        assert_eq!(record("a\\ b v"), Some((&b"a\\ b"[..], &b"v"[..])));
        assert_eq!(record("k"), None);
        assert_eq!(record("\"k v"), None);
    }
}
