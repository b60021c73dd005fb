//! The MIME state machine: told a message line by line, it tells headers from bodies.
//!
//! It knows that multipart bodies hold parts with headers of their own and that message bodies
//! hold messages, keeps a stack of boundaries, and can convert 8-bit content to quoted-printable.
//! It buffers at most one header; bodies pass through piece by piece. Who calls gets everything
//! through a [`Sink`], in the order of the message.

use crate::header::{self, Info, Kind};
use bstr::{BString, ByteSlice};

mod content;
mod encode;

/// Where a header stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Block {
    /// The message's own header.
    Primary,
    /// The header of a body part.
    Multipart,
    /// The header of an attached message.
    Nested,
}

/// What an input line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A whole line, or the last piece of one.
    Line,
    /// A piece of a line that goes on.
    Part,
    /// No text: the message ends here.
    End,
}

/// What to do besides telling headers from bodies.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Everything behind the primary header is one body.
    pub disable_mime: bool,
    /// Report 8-bit data in headers.
    pub report_8bit_in_header: bool,
    /// Report 8-bit data in bodies that claim 7 bits.
    pub report_8bit_in_7bit_body: bool,
    /// Report message and multipart bodies that claim a content encoding.
    pub report_encoding_domain: bool,
    /// Report headers that are cut.
    pub report_truncated_header: bool,
    /// Report too many levels of parts.
    pub report_nesting: bool,
    /// Parse the headers of every message/* type, not only message/rfc822.
    pub recurse_all_messages: bool,
    /// Convert 8-bit content to 7 bits.
    pub downgrade: bool,
    /// Report a primary header that ends with a line that is neither header nor empty.
    pub report_unterminated_header: bool,
    /// Put a MIME-Error header at the end of such a header.
    pub mark_unterminated_header: bool,
}

/// Bounds of what is kept in memory.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// header_size_limit: bytes of one header.
    pub header_size: usize,
    /// mime_nesting_limit: levels of parts.
    pub nesting: usize,
    /// mime_boundary_length_limit: bytes of a boundary that are compared.
    pub boundary_length: usize,
}

/// Something wrong with the message. The order is that in which the reference names one of several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Too many levels of parts.
    Nesting,
    /// A header was cut.
    TruncatedHeader,
    /// 8-bit data in a header.
    EightBitInHeader,
    /// 8-bit data in a 7-bit body.
    EightBitInBody,
    /// A message or multipart body with a content encoding.
    EncodingDomain,
    /// The primary header ends with text.
    UnterminatedHeader,
}

impl Fault {
    const ALL: [Fault; 6] = [
        Fault::Nesting,
        Fault::TruncatedHeader,
        Fault::EightBitInHeader,
        Fault::EightBitInBody,
        Fault::EncodingDomain,
        Fault::UnterminatedHeader,
    ];

    fn bit(self) -> u8 {
        match self {
            Fault::Nesting => 1,
            Fault::TruncatedHeader => 2,
            Fault::EightBitInHeader => 4,
            Fault::EightBitInBody => 8,
            Fault::EncodingDomain => 16,
            Fault::UnterminatedHeader => 32,
        }
    }

    /// The enhanced status code and the text of a refusal.
    pub fn detail(self) -> (crate::dsn::Status, &'static str) {
        use crate::dsn::Status;
        match self {
            Fault::Nesting => (Status::new(5, 6, 0), "MIME nesting exceeds safety limit"),
            Fault::TruncatedHeader => (Status::new(5, 6, 0), "message header length exceeds safety limit"),
            Fault::EightBitInHeader => (Status::new(5, 6, 0), "improper use of 8-bit data in message header"),
            Fault::EightBitInBody => (Status::new(5, 6, 0), "improper use of 8-bit data in message body"),
            Fault::EncodingDomain => {
                (Status::new(5, 6, 0), "invalid message/* or multipart/* encoding domain")
            }
            Fault::UnterminatedHeader => {
                (Status::new(5, 6, 0), "message header was terminated with non-empty line")
            }
        }
    }
}

/// A set of faults.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults(u8);

impl Faults {
    /// Adds one.
    pub fn add(&mut self, fault: Fault) {
        self.0 |= fault.bit();
    }

    /// Without one.
    pub fn without(self, fault: Fault) -> Faults {
        Faults(self.0 & !fault.bit())
    }

    /// Is it there?
    pub fn contains(self, fault: Fault) -> bool {
        self.0 & fault.bit() != 0
    }

    /// The most important one.
    pub fn first(self) -> Option<Fault> {
        Fault::ALL.into_iter().find(|fault| self.contains(*fault))
    }
}

/// Who wants to know. Offsets count bytes from the start of the block or body, a line feed a line.
pub trait Sink {
    /// One header, its lines joined by line feeds; blanks between name and colon are gone.
    fn header(&mut self, block: Block, info: Option<&'static Info>, text: &mut BString, offset: u64);
    /// The primary header is over.
    fn headers_end(&mut self);
    /// One piece of body, boundary lines and the empty line behind a header included.
    fn body(&mut self, piece: Piece, text: &[u8], offset: u64);
    /// The message is over.
    fn body_end(&mut self) {}
    /// A fault, and the text it was found in.
    fn fault(&mut self, _fault: Fault, _text: &[u8]) {}
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Header(Block),
    Body,
}

/// One level of parts.
#[derive(Debug)]
struct Level {
    boundary: BString,
    /// What a part is whose header does not say.
    default: content::Type,
}

/// The machine; one for each message.
#[derive(Debug)]
pub struct Machine {
    options: Options,
    limits: Limits,
    state: State,
    content: content::Type,
    encoding: content::Encoding,
    levels: Vec<Level>,
    previous: Option<Piece>,
    /// The header that is being collected, or the quoted-printable line.
    buffer: BString,
    head_offset: u64,
    body_offset: u64,
    faults: Faults,
}

impl Machine {
    /// A machine at the start of a message.
    pub fn new(options: Options, limits: Limits) -> Self {
        Machine {
            options,
            limits,
            state: State::Header(Block::Primary),
            content: content::Type::PLAIN,
            encoding: content::Encoding::SevenBit,
            levels: Vec::new(),
            previous: None,
            buffer: BString::default(),
            head_offset: 0,
            body_offset: 0,
            faults: Faults::default(),
        }
    }

    /// The faults found so far.
    pub fn faults(&self) -> Faults {
        self.faults
    }

    /// Takes the next piece of the message.
    pub fn update(&mut self, piece: Piece, text: &[u8], sink: &mut impl Sink) -> Faults {
        if piece == Piece::End && self.previous == Some(Piece::Part) {
            self.update(Piece::Line, b"", sink);
        }
        let taken = match self.state {
            State::Header(block) => self.header_input(block, piece, text, sink),
            State::Body => false,
        };
        if !taken {
            self.body_input(piece, text, sink);
        }
        self.previous = Some(piece);
        self.faults
    }

    /// Input while in a header; false when the header is over and the input belongs to the body.
    fn header_input(&mut self, block: Block, piece: Piece, text: &[u8], sink: &mut impl Sink) -> bool {
        if !self.buffer.is_empty() {
            if piece != Piece::End && self.previous == Some(Piece::Part) {
                self.extend_header(b"", text, sink);
                return true;
            }
            if piece != Piece::End && text.first().is_some_and(|b| *b == b' ' || *b == b'\t') {
                self.extend_header(b"\n", text, sink);
                return true;
            }
            self.finish_header(block, text.len(), sink);
        }
        if piece != Piece::End
            && let Some(length) = header::name_length(text)
        {
            let (name, rest) = text.split_at(length);
            self.buffer.extend_from_slice(name);
            self.buffer.extend_from_slice(rest.trim_start_with(|c| c == ' ' || c == '\t'));
            return true;
        }
        self.finish_block(block, piece, text, sink);
        false
    }

    fn extend_header(&mut self, glue: &[u8], text: &[u8], sink: &mut impl Sink) {
        if self.buffer.len() < self.limits.header_size {
            self.buffer.extend_from_slice(glue);
            self.buffer.extend_from_slice(text);
        } else if self.options.report_truncated_header {
            let header = std::mem::take(&mut self.buffer);
            self.report(Fault::TruncatedHeader, &header, sink);
            self.buffer = header;
        }
    }

    /// A header is complete: notes what it says about the content and hands it on.
    fn finish_header(&mut self, block: Block, _next: usize, sink: &mut impl Sink) {
        let mut text = std::mem::take(&mut self.buffer);
        let info = header::find_in(&text);
        let kind = info.map(|info| info.kind);
        if !self.options.disable_mime {
            match kind {
                Some(Kind::ContentType) => self.note_content_type(&text, sink),
                Some(Kind::ContentTransferEncoding) => {
                    if let Some(encoding) = content::Encoding::from_header(header::value(&text)) {
                        self.encoding = encoding;
                    }
                }
                _ => {}
            }
        }
        if self.options.report_8bit_in_header
            && !self.faults.contains(Fault::EightBitInHeader)
            && !text.is_ascii()
        {
            self.report(Fault::EightBitInHeader, &text, sink);
        }
        // With a conversion ahead, the encoding header waits for the end of the block, when the
        // content type is known.
        let withheld = kind == Some(Kind::ContentTransferEncoding) && self.converts();
        let length = text.len();
        if !withheld {
            self.put_header(block, info, &mut text, length, sink);
        }
        self.previous = None;
    }

    fn put_header(
        &mut self,
        block: Block,
        info: Option<&'static Info>,
        text: &mut BString,
        length: usize,
        sink: &mut impl Sink,
    ) {
        let offset = self.head_offset;
        sink.header(block, info, text, offset);
        self.head_offset = offset.saturating_add(length as u64 + 1);
    }

    fn note_content_type(&mut self, text: &[u8], sink: &mut impl Sink) {
        let parsed = content::parse_type(header::value(text));
        self.content = parsed.content;
        for boundary in parsed.boundaries {
            // compat: the reference starts to count at the second level below the message (test: limits_hold).
            if self.levels.len() > self.limits.nesting + 1 {
                if self.options.report_nesting {
                    self.report(Fault::Nesting, text, sink);
                }
                continue;
            }
            let length = boundary.len().min(self.limits.boundary_length);
            self.levels.push(Level {
                boundary: boundary.get(..length).unwrap_or_default().into(),
                default: parsed.content.default_of_parts(),
            });
        }
    }

    /// A block of headers is over, with `text` the first line that is no header.
    fn finish_block(&mut self, block: Block, piece: Piece, text: &[u8], sink: &mut impl Sink) {
        if self.converts() {
            let name = if self.content.is_composite() { "7bit" } else { "quoted-printable" };
            let mut line = BString::from(format!("Content-Transfer-Encoding: {name}"));
            let length = line.len();
            self.put_header(block, None, &mut line, length, sink);
        }
        if block == Block::Primary {
            sink.headers_end();
        }
        if block == Block::Primary && piece != Piece::End && !text.is_empty() {
            if self.options.report_unterminated_header {
                self.report(Fault::UnterminatedHeader, text, sink);
            } else if self.options.mark_unterminated_header {
                let mut line = BString::from("MIME-Error: message header was not terminated by empty line");
                let length = line.len();
                self.put_header(block, None, &mut line, length, sink);
            }
        }
        if self.options.report_encoding_domain && !self.content.allows(self.encoding) {
            self.report(Fault::EncodingDomain, self.encoding.name().as_bytes(), sink);
        }
        self.state = State::Body;
        match piece {
            Piece::End => {}
            _ if text.is_empty() => {
                self.body_offset = 0;
                self.enter_body();
            }
            // No empty line between header and body: add one, but change nothing inside of an attachment.
            _ if block != Block::Primary => {}
            _ => self.put_body(Piece::Line, b"", sink),
        }
    }

    /// What follows the empty line: a body, a nested header, or the prologue of a multipart.
    fn enter_body(&mut self) {
        if self.content.main == content::Main::Message {
            if self.content.sub == content::Sub::Rfc822 || self.options.recurse_all_messages {
                self.enter(State::Header(Block::Nested), content::Type::PLAIN);
            }
        } else if self.content.main == content::Main::Multipart {
            self.enter(State::Body, content::Type::OTHER);
        }
    }

    fn enter(&mut self, state: State, content: content::Type) {
        self.state = state;
        self.content = content;
        self.encoding = content::Encoding::SevenBit;
        if state != State::Body {
            self.head_offset = 0;
        }
    }

    fn body_input(&mut self, piece: Piece, text: &[u8], sink: &mut impl Sink) {
        if piece == Piece::End {
            sink.body_end();
            return;
        }
        if self.options.report_8bit_in_7bit_body
            && self.encoding == content::Encoding::SevenBit
            && !self.faults.contains(Fault::EightBitInBody)
            && !text.is_ascii()
        {
            self.report(Fault::EightBitInBody, text, sink);
        }
        if self.previous != Some(Piece::Part)
            && !self.levels.is_empty()
            && let Some(rest) = text.strip_prefix(b"--")
        {
            self.boundary(rest);
        }
        if self.converts() {
            self.convert(piece, text, sink);
        } else {
            self.put_body(piece, text, sink);
        }
    }

    /// A line that starts with two hyphens may end a part, whichever level it is of.
    fn boundary(&mut self, rest: &[u8]) {
        let found = self.levels.iter().rposition(|level| rest.starts_with(&level.boundary));
        let Some(index) = found else { return };
        self.levels.truncate(index + 1);
        let Some(level) = self.levels.last() else {
            return;
        };
        let ends = rest.get(level.boundary.len()..).is_some_and(|tail| tail.starts_with(b"--"));
        let default = level.default;
        if ends {
            self.levels.pop();
            self.enter(State::Body, content::Type::OTHER);
        } else {
            self.enter(State::Header(Block::Multipart), default);
        }
    }

    fn converts(&self) -> bool {
        self.options.downgrade && self.encoding.domain() != content::Encoding::SevenBit
    }

    fn put_body(&mut self, piece: Piece, text: &[u8], sink: &mut impl Sink) {
        sink.body(piece, text, self.body_offset);
        self.body_offset = self.body_offset.saturating_add(text.len() as u64 + 1);
    }

    fn report(&mut self, fault: Fault, text: &[u8], sink: &mut impl Sink) {
        self.faults.add(fault);
        sink.fault(fault, text);
    }
}

#[cfg(test)]
mod tests;
