//! Transparency of the DATA phase (RFC 5321 §4.5.2): a dot in front of lines that begin with one, a lone dot at the end.

use memchr::memchr;

/// The end of the DATA phase.
pub const END: &[u8] = b".\r\n";

/// Appends one line of content (without its ending), with a dot in front where it needs one, and CR LF.
pub fn stuff_line(out: &mut Vec<u8>, line: &[u8]) {
    if line.first() == Some(&b'.') {
        out.push(b'.');
    }
    out.extend_from_slice(line);
    out.extend_from_slice(b"\r\n");
}

/// Stuffs dots into content whose lines already end in CR LF, given in any pieces.
#[derive(Clone, Copy, Debug)]
pub struct Stuffer {
    line_start: bool,
}

impl Default for Stuffer {
    fn default() -> Stuffer {
        Stuffer { line_start: true }
    }
}

impl Stuffer {
    pub fn new() -> Stuffer {
        Stuffer::default()
    }

    /// Appends a piece of content.
    pub fn push(&mut self, out: &mut Vec<u8>, mut piece: &[u8]) {
        while let Some(&first) = piece.first() {
            if self.line_start && first == b'.' {
                out.push(b'.');
            }
            let length = memchr(b'\n', piece).map_or(piece.len(), |at| at + 1);
            let (line, rest) = piece.split_at_checked(length).unwrap_or((piece, b""));
            self.line_start = line.last() == Some(&b'\n');
            out.extend_from_slice(line);
            piece = rest;
        }
    }

    /// Appends the end of the data, after a line ending if the content had no last one.
    pub fn finish(self, out: &mut Vec<u8>) {
        if !self.line_start {
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(END);
    }
}

/// Where a receiver stands in a DATA phase it does not look into: only CR LF dot CR LF ends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum EndFinder {
    /// Behind CR LF (or at the very beginning).
    #[default]
    LineStart,
    Inside,
    Cr,
    Dot,
    DotCr,
}

impl EndFinder {
    /// Looks through a piece of data; `Some(n)` when the data end within it, with its first `n` bytes.
    pub fn push(&mut self, piece: &[u8]) -> Option<usize> {
        let mut at = 0;
        while let Some(&byte) = piece.get(at) {
            *self = match (*self, byte) {
                (EndFinder::LineStart, b'.') => EndFinder::Dot,
                (EndFinder::Cr, b'\n') => EndFinder::LineStart,
                (EndFinder::Dot, b'\r') => EndFinder::DotCr,
                (EndFinder::DotCr, b'\n') => return Some(at + 1),
                (_, b'\r') => EndFinder::Cr,
                _ => {
                    // Nothing happens before the next carriage return.
                    match memchr(b'\r', piece.get(at..).unwrap_or_default()) {
                        Some(skip) => {
                            at += skip;
                            EndFinder::Cr
                        }
                        None => {
                            *self = EndFinder::Inside;
                            return None;
                        }
                    }
                }
            };
            at += 1;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_are_doubled_whatever_the_pieces() {
        let content = b".a\r\nb.\r\n..\r\n\r\n.";
        for size in 1..content.len() {
            let mut out = Vec::new();
            let mut stuffer = Stuffer::new();
            for piece in content.chunks(size) {
                stuffer.push(&mut out, piece);
            }
            stuffer.finish(&mut out);
            assert_eq!(
                out.escape_ascii().to_string(),
                "..a\\r\\nb.\\r\\n...\\r\\n\\r\\n..\\r\\n.\\r\\n",
                "pieces of {size}"
            );
        }
        let mut out = Vec::new();
        Stuffer::new().finish(&mut out);
        stuff_line(&mut out, b".x");
        stuff_line(&mut out, b"");
        assert_eq!(out, b".\r\n..x\r\n\r\n");
    }

    #[test]
    fn only_the_proper_end_ends() {
        let cases: &[(&[u8], Option<usize>)] = &[
            (b".\r\n", Some(3)),
            (b".\r\nQUIT\r\n", Some(3)),
            (b"a\r\n.\r\nb", Some(6)),
            (b"a\n.\r\n", None),
            (b"a\r\n.\n", None),
            (b"a\r.\r\n", None),
            (b"..\r\n", None),
            (b"a\r\n..\r\n.\r\n", Some(10)),
            (b"\r\r\n.\r\n", Some(6)),
            (b".\r\r\n.\r\n", Some(7)),
            (b"", None),
        ];
        for (data, expected) in cases {
            for size in 1..=data.len().max(1) {
                let mut finder = EndFinder::default();
                let mut before = 0;
                let mut found = None;
                for piece in data.chunks(size) {
                    if let Some(at) = finder.push(piece) {
                        found = Some(before + at);
                        break;
                    }
                    before += piece.len();
                }
                assert_eq!(found, *expected, "{} in pieces of {size}", data.escape_ascii());
            }
        }
    }
}
