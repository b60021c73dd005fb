//! Lines as they arrive from the network: where they end says as much as what they hold.

use memchr::memchr;

/// How a line ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// CR LF, as SMTP wants it.
    CrLf,
    /// LF alone: a client that speaks its system's line endings, or one that smuggles.
    Lf,
    /// No ending within the limit: the rest of the line is still to come.
    Long,
    /// The stream ended first; an empty text is a clean end.
    Eof,
}

/// One line without its ending. A carriage return that is not part of the ending stays in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    pub text: &'a [u8],
    pub ending: Ending,
}

impl Line<'_> {
    /// Is there a carriage return that no line feed follows?
    pub fn has_bare_cr(&self) -> bool {
        memchr(b'\r', self.text).is_some()
    }

    /// Did the stream end before this line began?
    pub fn is_end(&self) -> bool {
        self.ending == Ending::Eof && self.text.is_empty()
    }
}

/// Where a line found in a buffer ends: length of the text, length with the ending, kind of ending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub text: usize,
    pub total: usize,
    pub ending: Ending,
}

/// Looks for a line's end in `data`, of which the first `seen` bytes are known to hold none.
/// A text longer than `max` is cut there. `None`: more input is needed.
pub(crate) fn find(data: &[u8], seen: usize, max: usize) -> Option<Found> {
    if let Some(at) = memchr(b'\n', data.get(seen..).unwrap_or_default()) {
        let at = seen + at;
        let (text, ending) = match at.checked_sub(1).and_then(|before| data.get(before)) {
            Some(b'\r') => (at - 1, Ending::CrLf),
            _ => (at, Ending::Lf),
        };
        if text <= max {
            return Some(Found { text, total: at + 1, ending });
        }
    }
    // One byte more than the limit may be the CR of a line that just fits.
    let fits = data.len() <= max || (data.len() == max + 1 && data.last() == Some(&b'\r'));
    if fits { None } else { Some(Found { text: max, total: max, ending: Ending::Long }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_ends() {
        let found = |text, total, ending| Some(Found { text, total, ending });
        let cases: &[(&[u8], usize, Option<Found>)] = &[
            (b"", 10, None),
            (b"abc", 10, None),
            (b"abc\r", 10, None),
            (b"abc\r\n", 10, found(3, 5, Ending::CrLf)),
            (b"abc\n", 10, found(3, 4, Ending::Lf)),
            (b"\n", 10, found(0, 1, Ending::Lf)),
            (b"\r\n", 0, found(0, 2, Ending::CrLf)),
            (b"a\rb\r\r\nx", 10, found(4, 6, Ending::CrLf)),
            (b"abc\r\n", 3, found(3, 5, Ending::CrLf)),
            (b"abc\r", 3, None),
            (b"abcd\r\n", 3, found(3, 3, Ending::Long)),
            (b"abcd", 3, found(3, 3, Ending::Long)),
            (b"abc\rd", 3, found(3, 3, Ending::Long)),
        ];
        for (data, max, expected) in cases {
            assert_eq!(find(data, 0, *max), *expected, "{:?} max {max}", data.escape_ascii().to_string());
        }
        assert_eq!(find(b"abc\r\n", 4, 10), found(3, 5, Ending::CrLf));
    }
}
