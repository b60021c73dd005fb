//! What postmap and postalias share: asking, listing and changing tables from the command line, and reading a source
//! file as its owner. Everything that goes wrong is fatal, in the words of the reference.

use std::fs::File;
use std::io::{self, BufRead, IsTerminal, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::sync::Arc;
use std::time::Instant;

use bstr::{BString, ByteSlice};

use crate::table::{Flags, Table};
use crate::writer::{Start, Writer};
use crate::{encoded, open, settings, writer};

/// A table on the command line, `type:name` or a name of the default type; opened when it is first asked.
pub struct Named {
    /// Always `type:name`.
    pub text: String,
    table: Option<Arc<dyn Table>>,
}

impl Named {
    /// Reads an operand.
    pub fn new(operand: &str) -> Named {
        let text = match operand.split_once(':') {
            Some(_) => operand.to_owned(),
            None => format!("{}:{operand}", settings().default_type),
        };
        Named { text, table: None }
    }

    /// Type and name.
    pub fn parts(&self) -> (&str, &str) {
        self.text.split_once(':').unwrap_or((&self.text, ""))
    }

    fn open(&mut self, flags: Flags) -> &Arc<dyn Table> {
        let text = &self.text;
        self.table.get_or_insert_with(|| open(text, flags).unwrap_or_else(|error| log::fatal!("{error}")))
    }

    /// compat: a table under `debug:` speaks of itself by its own name.
    fn listed(&self) -> &str {
        self.text.trim_start_matches("debug:")
    }

    /// Asks for `key`. A value that stands for a file is given decoded.
    pub fn query(&mut self, key: &[u8], flags: Flags) -> Option<BString> {
        let found = self.open(flags).lookup(key).unwrap_or_else(|error| {
            log::fatal!("table {}: query error{}", self.text, error.suffix());
        })?;
        if found.is_empty() {
            self.warn_empty(key);
        }
        Some(self.decoded(key, found, flags))
    }

    fn decoded(&self, key: &[u8], value: BString, flags: Flags) -> BString {
        if !flags.has(Flags::VALUE_IS_FILE) {
            return value;
        }
        encoded::decode(&value).unwrap_or_else(|| {
            let shown: BString = value.iter().take(30).copied().collect();
            log::warning!("table {}: key {}: malformed BASE64 value: {shown}", self.text, key.as_bstr());
            log::fatal!("table {}: query error", self.text)
        })
    }

    fn warn_empty(&self, key: &[u8]) {
        log::warning!("table {}: key {}: empty string result is not allowed", self.text, key.as_bstr());
        log::warning!("table {} should return NO RESULT in case of NOT FOUND", self.text);
    }
}

/// How answers and entries are printed.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Between key and value.
    pub separator: &'static str,
    /// `-j`: one JSON object a line.
    pub json: bool,
}

impl Style {
    fn line(self, key: &[u8], value: &[u8]) -> Vec<u8> {
        if self.json {
            return format!("{{{}: {}}}\n", quoted(key), quoted(value)).into_bytes();
        }
        [key, self.separator.as_bytes(), value, b"\n"].concat()
    }
}

/// A JSON string; bytes that are no UTF-8 stay out of it.
fn quoted(text: &[u8]) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for letter in text.to_str_lossy().chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            letter if letter < ' ' => out.push_str(&format!("\\u{:04X}", u32::from(letter))),
            letter => out.push(letter),
        }
    }
    out.push('"');
    out
}

/// Asks each table for `key` until one answers; prints the value. `-q key`
pub fn query_one(tables: &mut [Named], key: &[u8], flags: Flags, style: Style) -> bool {
    let Some(mut value) = tables.iter_mut().find_map(|table| table.query(key, flags)) else { return false };
    if style.json {
        value = BString::from(style.line(key, &value));
    } else {
        value.push(b'\n');
    }
    print(&mut io::stdout().lock(), &value);
    true
}

/// Asks for one key out of several; prints `key separator value`.
pub fn query_and_show(tables: &mut [Named], key: &[u8], flags: Flags, style: Style) -> bool {
    let Some(value) = tables.iter_mut().find_map(|table| table.query(key, flags)) else { return false };
    print(&mut io::stdout().lock(), &style.line(key, &value));
    true
}

/// Asks for each line of standard input. `-q -`
pub fn query_lines(tables: &mut [Named], flags: Flags, style: Style) -> bool {
    let mut found = false;
    for key in lines_of_stdin() {
        found |= query_and_show(tables, &key, flags, style);
    }
    found
}

/// Prints all entries of the first table. `-s`
pub fn list(table: &mut Named, flags: Flags, style: Style) {
    let opened = Arc::clone(table.open(flags));
    let entries = opened.entries().unwrap_or_else(|error| log::fatal!("table {}: {error}", table.listed()));
    let mut out = io::BufWriter::new(io::stdout().lock());
    for entry in entries {
        let (key, value) = entry.unwrap_or_else(|error| {
            // What was read before the trouble is shown.
            let _ = out.flush();
            log::fatal!("table {}: sequence error{}", table.text, error.suffix())
        });
        if key.is_empty() {
            log::warning!("table {}: empty lookup key value is not allowed", table.text);
        } else if value.is_empty() {
            table.warn_empty(&key);
        }
        let value = table.decoded(&key, value, flags);
        print(&mut out, &style.line(&key, &value));
    }
    if let Err(error) = out.flush() {
        log::fatal!("write error: {}", sys::errno_text(&error));
    }
}

/// Removes keys from every table; true when at least one was there. `-d key`, `-d -`
pub fn delete(tables: &[Named], key: &[u8], flags: Flags) -> bool {
    let mut writers: Vec<(&Named, Box<dyn Writer>)> =
        tables.iter().map(|table| (table, begin(table, Start::Existing, flags))).collect();
    let keys: Box<dyn Iterator<Item = BString>> =
        if key == b"-" { Box::new(lines_of_stdin()) } else { Box::new(std::iter::once(BString::from(key))) };
    let mut found = false;
    for key in keys {
        for (table, writer) in &mut writers {
            found |= writer
                .delete(&key)
                .unwrap_or_else(|error| log::fatal!("{}", error.text(&table.text, "delete")));
        }
    }
    if found {
        for (table, writer) in writers {
            finish(table, writer);
        }
    }
    found
}

/// Begins to build or change a table.
pub fn begin(table: &Named, start: Start, flags: Flags) -> Box<dyn Writer> {
    let (kind, name) = table.parts();
    if kind == "proxy" && start == Start::Empty {
        log::fatal!("can't create maps via the proxy service");
    }
    writer::create(kind, name, start, flags).unwrap_or_else(|error| log::fatal!("{error}"))
}

/// Adds an entry; false when it was a repetition.
pub fn put(table: &Named, writer: &mut dyn Writer, key: &[u8], value: &[u8]) -> bool {
    writer.put(key, value).unwrap_or_else(|error| log::fatal!("{}", error.text(&table.text, "write")))
}

/// Publishes the table.
pub fn finish(table: &Named, writer: Box<dyn Writer>) {
    if let Err(error) = writer.finish() {
        log::fatal!("{}", error.text(&table.text, "write"));
    }
}

/// What a person at a terminal is told when a table is made: how many entries, and what was left out.
#[derive(Clone, Copy, Debug)]
pub struct Count {
    entries: u64,
    repeated: u64,
    since: Instant,
}

impl Count {
    /// Begins to count.
    pub fn start() -> Count {
        Count { entries: 0, repeated: 0, since: Instant::now() }
    }

    /// One more entry, or a repetition.
    pub fn add(&mut self, new: bool) {
        if new { self.entries += 1 } else { self.repeated += 1 }
    }

    /// Says it, if standard error is a terminal.
    pub fn show(&self, table: &Named) {
        if !io::stderr().is_terminal() {
            return;
        }
        let repeated = match self.repeated {
            0 => String::new(),
            count => format!(", {count} repeated keys left out"),
        };
        eprintln!(
            "{}: {} entries{repeated}, {:.1} s",
            table.text,
            self.entries,
            self.since.elapsed().as_secs_f64()
        );
    }
}

/// Reads a source file whole, then becomes its owner and takes over its permissions as the options say.
pub struct Source {
    /// `stdin`, or the path.
    pub name: String,
    /// What it holds.
    pub text: Vec<u8>,
    mask: Option<u32>,
}

impl Source {
    /// Standard input (`-i`), or the file at `path`. `as_owner`: root becomes its owner. `keep_mode`: a new table is
    /// no more readable than its source.
    pub fn open(path: Option<&str>, as_owner: bool, keep_mode: bool) -> Source {
        let mut text = Vec::new();
        let Some(path) = path else {
            if let Err(error) = io::stdin().lock().read_to_end(&mut text) {
                log::fatal!("read stdin: {}", sys::errno_text(&error));
            }
            return Source { name: "stdin".to_owned(), text, mask: None };
        };
        let failed = |error: io::Error| -> ! { log::fatal!("open {path}: {}", sys::errno_text(&error)) };
        let mut file = File::open(path).unwrap_or_else(|e| failed(e));
        let metadata = file.metadata().unwrap_or_else(|e| failed(e));
        file.read_to_end(&mut text).unwrap_or_else(|e| failed(e));
        let mut mask = None;
        if keep_mode && metadata.is_file() {
            mask = Some(sys::fs::umask(0o022 | !metadata.mode() & 0o077));
        }
        let mine = (sys::user::effective_uid(), sys::user::effective_gid());
        let theirs = (metadata.uid(), metadata.gid());
        if as_owner && sys::user::real_uid() == 0 && theirs != mine {
            let identity = sys::user::Identity::plain(theirs.0, theirs.1);
            if let Err(error) = sys::user::become_effective(&identity) {
                log::fatal!("cannot run as the owner of {path}: {}", sys::errno_text(&error));
            }
        }
        Source { name: path.to_owned(), text, mask }
    }

    /// The table is made: permissions are as usual again.
    pub fn done(self) {
        if let Some(mask) = self.mask {
            sys::fs::umask(mask);
        }
    }
}

fn lines_of_stdin() -> impl Iterator<Item = BString> {
    io::stdin().lock().split(b'\n').map(|line| match line {
        Ok(line) => BString::from(line),
        Err(error) => log::fatal!("read stdin: {}", sys::errno_text(&error)),
    })
}

fn print(out: &mut dyn Write, line: &[u8]) {
    if let Err(error) = out.write_all(line) {
        log::fatal!("write error: {}", sys::errno_text(&error));
    }
}
