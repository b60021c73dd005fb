//! `-h`, `-b`, `-m` with `-q -`: a message on standard input, of which each header or body line is a key.

use std::io::Read;

use bstr::{BString, ByteSlice};
use config::Config;
use config::params::{HEADER_SIZE_LIMIT, MIME_BOUNDARY_LENGTH_LIMIT, MIME_NESTING_LIMIT};
use mail::header::Info;
use mail::mime::{Block, Limits, Machine, Options, Piece, Sink};
use tables::Flags;
use tables::tool::{self, Named, Style};

/// Which parts of a message become keys.
#[derive(Clone, Copy)]
pub struct Keys {
    /// `-h`
    pub header: bool,
    /// `-b`
    pub body: bool,
    /// `-m`: with MIME structure; else all after the first header is body.
    pub mime: bool,
}

impl Keys {
    /// Whether a message is read at all.
    pub fn any(self) -> bool {
        self.header || self.body || self.mime
    }
}

struct Lookup<'a> {
    tables: &'a mut [Named],
    flags: Flags,
    keys: Keys,
    style: Style,
    headers_done: bool,
    found: bool,
}

impl Sink for Lookup<'_> {
    fn header(&mut self, _block: Block, _info: Option<&'static Info>, text: &mut BString, _offset: u64) {
        if self.keys.header {
            self.ask(text);
        }
    }

    fn headers_end(&mut self) {
        // Without -b and -m the rest of the message is of no use.
        self.headers_done = !self.keys.body && !self.keys.mime;
    }

    fn body(&mut self, _piece: Piece, text: &[u8], _offset: u64) {
        if self.keys.body {
            self.ask(text);
        }
    }
}

impl Lookup<'_> {
    fn ask(&mut self, key: &[u8]) {
        self.found |= tool::query_and_show(self.tables, key, self.flags, self.style);
    }
}

/// Reads the message and asks the tables; true when any key was found.
pub fn query(tables: &mut [Named], flags: Flags, keys: Keys, style: Style, cf: &Config) -> bool {
    let mut text = Vec::new();
    if let Err(error) = std::io::stdin().lock().read_to_end(&mut text) {
        log::fatal!("read stdin: {}", sys::errno_text(&error));
    }
    let size = |value: u64| usize::try_from(value).unwrap_or(usize::MAX);
    let limits = Limits {
        header_size: size(cf.size(HEADER_SIZE_LIMIT)),
        nesting: size(cf.size(MIME_NESTING_LIMIT)),
        boundary_length: size(cf.size(MIME_BOUNDARY_LENGTH_LIMIT)),
    };
    let mut machine = Machine::new(Options { disable_mime: !keys.mime, ..Options::default() }, limits);
    let mut lookup = Lookup { tables, flags, keys, style, headers_done: false, found: false };
    for line in text.lines_with_terminator() {
        machine.update(Piece::Line, line.strip_suffix(b"\n").unwrap_or(line), &mut lookup);
        if lookup.headers_done {
            break;
        }
    }
    let faults = machine.update(Piece::End, b"", &mut lookup);
    if let Some(fault) = faults.first() {
        log::fatal!("message format error: {}", fault.detail().1);
    }
    lookup.found
}
