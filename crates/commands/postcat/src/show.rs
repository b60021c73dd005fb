//! One queue file, as text.

use bstr::ByteSlice;
use spool::record::{self, Follower, kind};
use spool::{Damaged, ReadError, Reader, fields};
use std::fmt;
use std::io::{self, BufRead, BufReader, Read, Seek, Write};

/// The parts wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Select {
    pub envelope: bool,
    pub header: bool,
    pub body: bool,
}

/// How to show.
#[derive(Debug, Clone)]
pub struct Show {
    pub select: Select,
    /// The name of each record's type, for content too.
    pub names: bool,
    /// Its decimal type.
    pub types: bool,
    /// Its offset.
    pub offsets: bool,
    /// Pointers are shown, not followed.
    pub raw: bool,
    /// Where to begin, if not at the beginning.
    pub start: Option<u64>,
}

/// Why a file could not be shown to its end.
#[derive(Debug)]
pub enum Trouble {
    NotAQueueFile(String),
    OutOfOrder(String, &'static str),
    ManySizes,
    BadSize(String),
    Damaged(Damaged),
    Seek(io::Error),
    Read(io::Error),
    Output(io::Error),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trouble::NotAQueueFile(name) => write!(f, "{name}: input is not a valid queue file"),
            Trouble::OutOfOrder(name, what) => write!(f, "{name}: out-of-order {what} marker"),
            Trouble::ManySizes => write!(f, "file contains multiple size records"),
            Trouble::BadSize(text) => write!(f, "invalid size record: {text:.100}"),
            Trouble::Damaged(damage) => write!(f, "{damage}"),
            Trouble::Seek(error) => {
                write!(f, "seek error after reading END record: {}", sys::errno_text(error))
            }
            Trouble::Read(error) => f.write_str(&sys::errno_text(error)),
            Trouble::Output(error) => write!(f, "write error: {}", sys::errno_text(error)),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Envelope,
    Header,
    Body,
    Extracted,
}

impl Show {
    /// Shows a file from its first record to its last.
    pub fn file(&self, file: impl Read + Seek, name: &str, out: &mut impl Write) -> Result<(), Trouble> {
        let mut reader = Reader::new(BufReader::new(file));
        if let Some(start) = self.start {
            reader.seek(start).map_err(Trouble::Read)?;
        }
        // compat: the first byte decides; what follows it is not looked at
        let first = reader.get_mut().fill_buf().map_err(Trouble::Read)?.first().copied();
        if self.start.is_none() && first.is_none_or(|kind| !kind::ENVELOPE.contains(&kind)) {
            return Err(Trouble::NotAQueueFile(name.to_owned()));
        }
        let mut input = if self.raw { Follower::plain(reader) } else { Follower::new(reader) };
        let mut page =
            Page { show: self, name, out, part: Part::Envelope, line_begins: true, sizes: 0, records: 0 };
        loop {
            match input.next_record() {
                Ok(Some(record)) if record.kind == kind::END && !self.raw => {
                    let (data, offset) = (record.data.to_vec(), record.offset);
                    // compat: the end of a file is a place to return to; in a pipe there is none
                    let back = input.reader().offset();
                    input.reader().seek(back).map_err(Trouble::Seek)?;
                    return page.record(kind::END, &data, offset);
                }
                Ok(Some(record)) => page.record(record.kind, record.data, record.offset)?,
                Ok(None) if self.raw && page.records > 0 => return Ok(()),
                Ok(None) => return Err(Trouble::NotAQueueFile(name.to_owned())),
                Err(ReadError::Damaged(damage)) => return Err(Trouble::Damaged(damage)),
                Err(ReadError::Io(error)) => return Err(Trouble::Read(error)),
            }
        }
    }
}

struct Page<'a, W> {
    show: &'a Show,
    name: &'a str,
    out: &'a mut W,
    part: Part,
    /// The next content record begins a line.
    line_begins: bool,
    sizes: u32,
    records: u64,
}

impl<W: Write> Page<'_, W> {
    fn title(&mut self) -> Result<(), Trouble> {
        if self.show.select.envelope {
            writeln!(self.out, "*** ENVELOPE RECORDS {} ***", self.name).map_err(Trouble::Output)?;
        }
        Ok(())
    }

    fn record(&mut self, kind: u8, data: &[u8], offset: u64) -> Result<(), Trouble> {
        let out_of_order = |what| Err(Trouble::OutOfOrder(self.name.to_owned(), what));
        if self.records == 0 && !kind::ENVELOPE.contains(&kind) && self.show.start.is_none() {
            return Err(Trouble::NotAQueueFile(self.name.to_owned()));
        }
        if self.records == 0 {
            self.title()?;
        }
        self.records += 1;
        match kind {
            kind::MESG if self.part != Part::Envelope => return out_of_order("message content"),
            kind::XTRA if !matches!(self.part, Part::Header | Part::Body) => {
                return out_of_order("extracted segment");
            }
            kind::END if self.part != Part::Extracted => return out_of_order("message end"),
            _ => {}
        }
        match kind {
            kind::MESG => {
                self.part = Part::Header;
                self.marker("MESSAGE CONTENTS", kind, offset)
            }
            kind::XTRA => {
                self.part = Part::Extracted;
                self.marker("HEADER EXTRACTED", kind, offset)
            }
            kind::END => self.marker("MESSAGE FILE END", kind, offset),
            // The letter of unfinished lines means a filter in the envelope.
            kind::CONT | kind::NORM | kind::DTXT if self.is_content() => self.text(kind, data, offset),
            _ => self.envelope(kind, data, offset),
        }
        .map_err(Trouble::Output)?;
        if kind == kind::SIZE {
            self.sizes += 1;
            if self.sizes > 1 {
                return Err(Trouble::ManySizes);
            }
            let has_two = data.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).count() >= 2;
            if !has_two {
                return Err(Trouble::BadSize(data.as_bstr().to_string()));
            }
        }
        Ok(())
    }

    fn is_content(&self) -> bool {
        matches!(self.part, Part::Header | Part::Body)
    }

    fn prefix(&mut self, kind: u8, offset: u64) -> io::Result<()> {
        if self.show.offsets {
            write!(self.out, "{offset:9} ")?;
        }
        if self.show.types {
            write!(self.out, "{kind:3} ")?;
        }
        Ok(())
    }

    fn marker(&mut self, text: &str, kind: u8, offset: u64) -> io::Result<()> {
        if !self.show.select.envelope {
            return Ok(());
        }
        self.prefix(kind, offset)?;
        writeln!(self.out, "*** {text} {} ***", self.name)
    }

    fn text(&mut self, kind: u8, data: &[u8], offset: u64) -> io::Result<()> {
        if self.part == Part::Header && self.line_begins && kind != kind::DTXT {
            let continues = matches!(data.first(), Some(b' ' | b'\t'));
            if !continues && !mail::header::is_header(data) {
                self.part = Part::Body;
            }
        }
        let begins = self.line_begins;
        self.line_begins = kind != kind::CONT;
        let wanted = if self.part == Part::Header { self.show.select.header } else { self.show.select.body };
        if !wanted {
            return Ok(());
        }
        if self.show.names {
            self.prefix(kind, offset)?;
            write!(self.out, "{}: ", record::name(kind))?;
            self.out.write_all(data)?;
            return writeln!(self.out);
        }
        if begins {
            self.prefix(kind, offset)?;
        }
        self.out.write_all(data)?;
        if kind == kind::CONT { Ok(()) } else { writeln!(self.out) }
    }

    fn envelope(&mut self, kind: u8, data: &[u8], offset: u64) -> io::Result<()> {
        if !self.show.select.envelope {
            return Ok(());
        }
        self.prefix(kind, offset)?;
        match kind {
            kind::TIME => {
                let time = fields::parse_time(data).map_or(data.as_bstr().to_string(), date);
                writeln!(self.out, "{}: {time}", record::name(kind))
            }
            kind::WARN => {
                let seconds = fields::parse_number(data).and_then(|seconds| u64::try_from(seconds).ok());
                let time = seconds
                    .and_then(|s| std::time::UNIX_EPOCH.checked_add(std::time::Duration::from_secs(s)));
                writeln!(self.out, "{}: {}", record::name(kind), time.map_or_else(String::new, date))
            }
            kind::ATTR => match fields::attribute(data) {
                Some((name, value)) if name == fields::attr::CREATE_TIME.as_bytes() => {
                    let time = fields::parse_time(value).map_or(value.as_bstr().to_string(), date);
                    writeln!(self.out, "{}: {time}", fields::attr::CREATE_TIME)
                }
                _ => self.plain(kind, data),
            },
            _ => self.plain(kind, data),
        }
    }

    fn plain(&mut self, kind: u8, data: &[u8]) -> io::Result<()> {
        write!(self.out, "{}: ", record::name(kind))?;
        self.out.write_all(data)?;
        writeln!(self.out)
    }
}

/// `Sun Nov 22 03:56:24 2026`, local time.
fn date(time: std::time::SystemTime) -> String {
    let since = time.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let local = sys::clock::local(i64::try_from(since.as_secs()).unwrap_or(i64::MAX));
    let name = |names: &[&'static str], number: u32| {
        usize::try_from(number).ok().and_then(|n| names.get(n).copied()).unwrap_or("???")
    };
    let weekday = name(&sys::clock::WEEKDAYS, local.weekday);
    let month = name(&sys::clock::MONTHS, local.month);
    format!(
        "{weekday} {month} {:2} {:02}:{:02}:{:02} {}",
        local.day, local.hour, local.minute, local.second, local.year
    )
}
