//! Records: a type byte, a length in groups of seven bits (low group first, high bit says
//! "more"), data. Queue files and the streams between programs are made of them.
//!
//! Reading never panics and never believes a length: data are taken as they come.

use std::fmt;
use std::io::{self, BufRead, Seek, SeekFrom, Write};

/// The record types.
pub mod kind {
    /// Message size, content offset and more; first in a queue file ([`crate::SizeRecord`]).
    pub const SIZE: u8 = b'C';
    /// Arrival time, `seconds microseconds`.
    pub const TIME: u8 = b'T';
    /// Creation time (old).
    pub const CTIME: u8 = b'c';
    /// Sender's full name.
    pub const FULL: u8 = b'F';
    /// Inspection transport (old).
    pub const INSP: u8 = b'I';
    /// Content filter, `transport:destination`. Same letter as [`CONT`].
    pub const FILT: u8 = b'L';
    /// Envelope sender.
    pub const FROM: u8 = b'S';
    /// A recipient that is done with: written over [`RCPT`] in place.
    pub const DONE: u8 = b'D';
    /// A recipient to do.
    pub const RCPT: u8 = b'R';
    /// The recipient as it was before rewriting; stands before its recipient.
    pub const ORCP: u8 = b'O';
    /// A canceled recipient.
    pub const DRCP: u8 = b'/';
    /// When to send a delay warning; rewritten in place.
    pub const WARN: u8 = b'W';
    /// A named attribute, `name=value`.
    pub const ATTR: u8 = b'A';
    /// A killed record: was something else, is ignored.
    pub const KILL: u8 = b'K';
    /// Redirect target.
    pub const RDR: u8 = b'>';
    /// Cleanup flags.
    pub const FLGS: u8 = b'f';
    /// Delay before the first delivery.
    pub const DELAY: u8 = b'd';
    /// The content begins.
    pub const MESG: u8 = b'M';
    /// Content: a line goes on in the next record.
    pub const CONT: u8 = b'L';
    /// Content: a line, or its end.
    pub const NORM: u8 = b'N';
    /// Content: padding.
    pub const DTXT: u8 = b'w';
    /// The content is over, extracted information begins.
    pub const XTRA: u8 = b'X';
    /// Return-Receipt-To (old).
    pub const RRTO: u8 = b'r';
    /// Errors-To (old).
    pub const ERTO: u8 = b'e';
    /// Priority (old).
    pub const PRIO: u8 = b'P';
    /// Reading goes on at this offset; zero is a place to put a pointer.
    pub const PTR: u8 = b'p';
    /// VERP delimiters.
    pub const VERP: u8 = b'V';
    /// RET (as a named attribute since 2.3).
    pub const DSN_RET: u8 = b'<';
    /// ENVID.
    pub const DSN_ENVID: u8 = b'i';
    /// ORCPT.
    pub const DSN_ORCPT: u8 = b'o';
    /// NOTIFY.
    pub const DSN_NOTIFY: u8 = b'n';
    /// How many milters saw the message.
    pub const MILT_COUNT: u8 = b'm';
    /// The message is complete.
    pub const END: u8 = b'E';

    /// Types of the envelope segment; the first ends it.
    pub const ENVELOPE: &[u8] = b"MCTcFILSDRO/WVA>K<ion";
    /// Types of the content segment; the first ends it.
    pub const CONTENT: &[u8] = b"XLNw";
    /// Types of the extracted segment; the first ends it.
    pub const EXTRACT: &[u8] = b"EDRO/PreAFIL>Kon";
    /// What a user's program may put into the envelope.
    pub const POST_ENVELOPE: &[u8] = b"MFSRVAin";
    /// The envelope of a file in maildrop: what a user's program may put there, and what postdrop(1) adds.
    pub const MAILDROP_ENVELOPE: &[u8] = b"MTCFSRVAin";
    /// What a user's program may put into the content.
    pub const POST_CONTENT: &[u8] = b"XLN";
    /// What a user's program may put behind the content.
    pub const POST_EXTRACT: &[u8] = b"EAR";
}

/// The reference's name of a record type, as postcat(1) shows it.
pub fn name(kind: u8) -> &'static str {
    match kind {
        kind::SIZE => "message_size",
        kind::TIME => "message_arrival_time",
        kind::CTIME => "queue_file_create_time",
        kind::FULL => "sender_fullname",
        kind::INSP => "content_inspector",
        kind::FROM => "sender",
        kind::DONE => "done_recipient",
        kind::RCPT => "recipient",
        kind::ORCP => "original_recipient",
        kind::DRCP => "canceled_recipient",
        kind::WARN => "warning_message_time",
        kind::ATTR => "named_attribute",
        kind::KILL => "killed_record",
        kind::RDR => "redirect_to",
        kind::FLGS => "flags",
        kind::DELAY => "delay",
        kind::MESG => "message_content",
        kind::CONT => "unterminated_text",
        kind::NORM => "regular_text",
        kind::DTXT => "padding",
        kind::XTRA => "extracted_info",
        kind::RRTO => "return_receipt",
        kind::ERTO => "errors_to",
        kind::PRIO => "priority",
        kind::PTR => "pointer_record",
        kind::VERP => "verp_delimiters",
        kind::DSN_RET => "dsn_return_flags",
        kind::DSN_ENVID => "dsn_envelope_id",
        kind::DSN_ORCPT => "dsn_original_recipient",
        kind::DSN_NOTIFY => "dsn_notify_flags",
        kind::MILT_COUNT => "milter_message_event_count",
        kind::END => "message_end",
        _ => "unknown_record_type",
    }
}

/// One record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record<'a> {
    /// The type byte, one of [`kind`] in a sound file.
    pub kind: u8,
    /// The data.
    pub data: &'a [u8],
    /// Where the record begins.
    pub offset: u64,
}

/// Bytes that are no records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damaged {
    /// Where the bad record begins.
    pub offset: u64,
    /// What is wrong with it.
    pub why: Flaw,
}

/// What can be wrong with a record; the texts are the reference's, which administrators look up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// The file ends inside the length.
    NoLength { kind: u8 },
    /// The file ends inside the data.
    NoData { kind: u8, length: usize },
    /// The length has more bytes than any length needs.
    LongLength { kind: u8 },
    /// The length is beyond what this reader takes.
    TooLong { kind: u8, length: usize },
    /// A pointer record without a number.
    BadPointer,
    /// Pointers lead backwards without end.
    Reversals,
}

impl fmt::Display for Damaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.why {
            Flaw::NoLength { kind } => write!(f, "unexpected EOF reading length, record type {kind}"),
            Flaw::NoData { kind, length } => {
                write!(f, "unexpected EOF in data, record type {kind} length {length}")
            }
            Flaw::LongLength { kind } => write!(f, "too many length bits, record type {kind}"),
            Flaw::TooLong { kind, length } => write!(f, "illegal length {length}, record type {kind}"),
            Flaw::BadPointer => write!(f, "malformed pointer record value at offset {}", self.offset),
            Flaw::Reversals => write!(f, "too many pointer reversals at offset {}", self.offset),
        }
    }
}

impl std::error::Error for Damaged {}

/// Why a record could not be read: the disk's fault or the file's.
#[derive(Debug)]
pub enum ReadError {
    /// The stream failed.
    Io(io::Error),
    /// The content is damaged.
    Damaged(Damaged),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::Io(error) => write!(f, "{}", sys::errno_text(error)),
            ReadError::Damaged(damage) => damage.fmt(f),
        }
    }
}

impl std::error::Error for ReadError {}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        ReadError::Io(error)
    }
}

impl From<Damaged> for ReadError {
    fn from(damage: Damaged) -> Self {
        ReadError::Damaged(damage)
    }
}

/// The longest data a record may have unless a reader says otherwise. Programs make records of at
/// most `line_length_limit` (2048) for content and some tens of thousands for headers.
pub const DATA_MAX: usize = 64 * 1024 * 1024;

/// Backward jumps by pointer records before a file is called damaged.
const REVERSALS_MAX: u32 = 10_000;

/// Reads records from a stream, and follows nothing unless told to.
pub struct Reader<R> {
    from: R,
    data: Vec<u8>,
    offset: u64,
    limit: usize,
}

impl<R: BufRead> Reader<R> {
    /// A reader at the beginning of `from`.
    pub fn new(from: R) -> Self {
        Reader::at(from, 0)
    }

    /// A reader of a stream that stands at `offset`.
    pub fn at(from: R, offset: u64) -> Self {
        Reader { from, data: Vec::new(), offset, limit: DATA_MAX }
    }

    /// Refuses records with more data than `limit`.
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }

    /// Where the next record begins.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// The stream below.
    pub fn get_mut(&mut self) -> &mut R {
        &mut self.from
    }

    /// The stream below.
    pub fn into_inner(self) -> R {
        self.from
    }

    /// The next record, `None` at the end of the stream.
    pub fn next_record(&mut self) -> Result<Option<Record<'_>>, ReadError> {
        let offset = self.offset;
        Ok(self.read()?.map(|kind| Record { kind, data: &self.data, offset }))
    }

    /// Reads a record into `data` and returns its type.
    fn read(&mut self) -> Result<Option<u8>, ReadError> {
        let offset = self.offset;
        let damaged = |why| ReadError::Damaged(Damaged { offset, why });
        let Some(kind) = self.byte()? else {
            return Ok(None);
        };
        let mut length: u64 = 0;
        let mut shift = 0;
        loop {
            let byte = self.byte()?.ok_or_else(|| damaged(Flaw::NoLength { kind }))?;
            if shift >= 35 {
                return Err(damaged(Flaw::LongLength { kind }));
            }
            length |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                break;
            }
        }
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if length > self.limit {
            return Err(damaged(Flaw::TooLong { kind, length }));
        }
        self.data.clear();
        while self.data.len() < length {
            let waiting = fill(&mut self.from)?;
            let take = waiting.len().min(length - self.data.len());
            if take == 0 {
                return Err(damaged(Flaw::NoData { kind, length }));
            }
            self.data.extend_from_slice(waiting.get(..take).unwrap_or_default());
            self.from.consume(take);
            self.offset += take as u64;
        }
        Ok(Some(kind))
    }

    fn byte(&mut self) -> io::Result<Option<u8>> {
        let byte = fill(&mut self.from)?.first().copied();
        if byte.is_some() {
            self.from.consume(1);
            self.offset += 1;
        }
        Ok(byte)
    }
}

fn fill(from: &mut impl BufRead) -> io::Result<&[u8]> {
    // The second call finds the buffer filled; returning the first one's slice from inside the
    // loop is what the borrow checker cannot follow.
    loop {
        match from.fill_buf() {
            Ok(_) => return from.fill_buf(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

impl<R: BufRead + Seek> Reader<R> {
    /// Goes on reading at `offset`.
    pub fn seek(&mut self, offset: u64) -> io::Result<()> {
        self.from.seek(SeekFrom::Start(offset))?;
        self.offset = offset;
        Ok(())
    }
}

/// Reads the records of a queue file as a delivery sees them: pointers are followed, padding
/// and empty pointers are left out.
pub struct Follower<R> {
    reader: Reader<R>,
    reversals: u32,
    trusting: bool,
}

impl<R: BufRead + Seek> Follower<R> {
    /// Follows pointers from where `reader` stands.
    pub fn new(reader: Reader<R>) -> Self {
        Follower { reader, reversals: 0, trusting: true }
    }

    /// Follows nothing: pointers and padding come out as records. For files that users made.
    pub fn plain(reader: Reader<R>) -> Self {
        Follower { reader, reversals: 0, trusting: false }
    }

    /// The reader below.
    pub fn reader(&mut self) -> &mut Reader<R> {
        &mut self.reader
    }

    /// The reader below.
    pub fn into_reader(self) -> Reader<R> {
        self.reader
    }

    /// The next record that means something, `None` at the end of the file.
    pub fn next_record(&mut self) -> Result<Option<Record<'_>>, ReadError> {
        loop {
            let offset = self.reader.offset;
            let Some(kind) = self.reader.read()? else {
                return Ok(None);
            };
            match kind {
                kind::PTR if self.trusting => self.jump(offset)?,
                kind::DTXT if self.trusting => {}
                _ => {
                    return Ok(Some(Record { kind, data: &self.reader.data, offset }));
                }
            }
        }
    }

    fn jump(&mut self, from: u64) -> Result<(), ReadError> {
        let damaged = |why| ReadError::Damaged(Damaged { offset: from, why });
        let target = crate::fields::pointer(&self.reader.data).ok_or_else(|| damaged(Flaw::BadPointer))?;
        if target == 0 {
            return Ok(());
        }
        if target <= from {
            self.reversals += 1;
            if self.reversals > REVERSALS_MAX {
                return Err(damaged(Flaw::Reversals));
            }
        }
        Ok(self.reader.seek(target)?)
    }
}

/// Appends a record to a buffer.
pub fn put(out: &mut Vec<u8>, kind: u8, data: &[u8]) {
    match u8::try_from(data.len()) {
        // Nearly all records are short: one byte of length, and room made once.
        Ok(length @ ..0x80) => {
            out.reserve(data.len() + 2);
            out.extend_from_slice(&[kind, length]);
        }
        _ => {
            let (start, length) = head(kind, data.len());
            out.extend_from_slice(start.get(..length).unwrap_or(&start));
        }
    }
    out.extend_from_slice(data);
}

/// Writes a record to a buffered stream.
pub fn write(to: &mut impl Write, kind: u8, data: &[u8]) -> io::Result<()> {
    let (start, length) = head(kind, data.len());
    to.write_all(start.get(..length).unwrap_or(&start))?;
    to.write_all(data)
}

/// A record's kind and length as bytes, and how many those are.
fn head(kind: u8, length: usize) -> ([u8; 11], usize) {
    let mut out = [kind; 11];
    let mut used = 1;
    let mut rest = length;
    for place in out.iter_mut().skip(1) {
        let group = u8::try_from(rest & 0x7f).unwrap_or(0);
        rest >>= 7;
        *place = if rest == 0 { group } else { group | 0x80 };
        used += 1;
        if rest == 0 {
            break;
        }
    }
    (out, used)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn all(bytes: &[u8]) -> Result<Vec<(u8, Vec<u8>, u64)>, ReadError> {
        let mut reader = Reader::new(bytes);
        let mut records = Vec::new();
        while let Some(record) = reader.next_record()? {
            records.push((record.kind, record.data.to_vec(), record.offset));
        }
        Ok(records)
    }

    #[test]
    fn both_ways_at_the_length_steps() {
        for length in [0, 1, 127, 128, 129, 16_383, 16_384, 70_000] {
            let data = vec![b'x'; length];
            let mut wire = Vec::new();
            put(&mut wire, kind::NORM, &data);
            let mut written = Vec::new();
            write(&mut written, kind::NORM, &data).unwrap();
            assert_eq!(wire, written);
            assert_eq!(all(&wire).unwrap(), vec![(kind::NORM, data, 0)]);
        }
    }

    #[test]
    fn damage_is_an_error_with_its_place() {
        let cases: [(&[u8], &str); 5] = [
            (b"N", "unexpected EOF reading length, record type 78"),
            (b"N\x05abc", "unexpected EOF in data, record type 78 length 5"),
            (b"N\x80", "unexpected EOF reading length, record type 78"),
            (b"N\xff\xff\xff\xff\xff\xff\xff", "too many length bits, record type 78"),
            (b"N\xff\xff\xff\xff\x7f", "illegal length 34359738367, record type 78"),
        ];
        for (bytes, expect) in cases {
            let mut wire = b"N\x01a".to_vec();
            wire.extend_from_slice(bytes);
            match all(&wire) {
                Err(ReadError::Damaged(damage)) => {
                    assert_eq!((damage.offset, damage.to_string().as_str()), (3, expect))
                }
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn maildrop_holds_what_postdrop_lets_in() {
        for kind in kind::POST_ENVELOPE.iter().chain([&kind::TIME, &kind::SIZE]) {
            assert!(kind::MAILDROP_ENVELOPE.contains(kind));
        }
        assert_eq!(kind::MAILDROP_ENVELOPE.first(), Some(&kind::MESG));
    }

    #[test]
    fn noise_never_panics() {
        let mut seed = 12345u64;
        for round in 0..2000 {
            let mut bytes = Vec::new();
            for _ in 0..round % 97 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                bytes.push(seed.to_be_bytes().first().copied().unwrap());
            }
            let _ = all(&bytes);
            let mut follower = Follower::new(Reader::new(Cursor::new(&bytes)));
            while let Ok(Some(_)) = follower.next_record() {}
        }
    }

    #[test]
    fn pointers_are_followed_and_loops_end() {
        let mut wire = Vec::new();
        put(&mut wire, kind::NORM, b"one");
        put(&mut wire, kind::PTR, format!("{:15}", 40).as_bytes());
        put(&mut wire, kind::NORM, b"left out");
        let back = wire.len();
        put(&mut wire, kind::END, b"");
        wire.resize(40, 0);
        put(&mut wire, kind::DTXT, b"pad");
        put(&mut wire, kind::NORM, b"two");
        put(&mut wire, kind::PTR, format!("{back:15}").as_bytes());
        let mut follower = Follower::new(Reader::new(Cursor::new(&wire)));
        let mut seen = Vec::new();
        while let Some(record) = follower.next_record().unwrap() {
            seen.push((record.kind, record.data.to_vec()));
            if record.kind == kind::END {
                break;
            }
        }
        assert_eq!(seen, [(kind::NORM, b"one".to_vec()), (kind::NORM, b"two".to_vec()), (kind::END, vec![])]);

        let mut wire = Vec::new();
        put(&mut wire, kind::NORM, b"");
        put(&mut wire, kind::PTR, format!("{:15}", 2).as_bytes());
        let mut follower = Follower::new(Reader::new(Cursor::new(&wire)));
        follower.next_record().unwrap();
        assert!(matches!(follower.next_record(), Err(ReadError::Damaged(_))));
    }
}
