//! A message's content as a server takes it apart: the lines of DATA up to the lone dot, the chunks of BDAT.
//!
//! Pure framing. What the lines mean is the caller's business; where the content ends is decided here and nowhere
//! else, since an end that only one of two servers sees lets a client smuggle a second message past the first.

use memchr::memchr;

/// How a piece of a line that was read ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineEnd {
    /// CR LF.
    Proper,
    /// LF alone.
    Bare,
    /// Not yet: the line is longer than a reader takes at once.
    GoesOn,
}

/// What a line of the DATA phase is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken<'a> {
    /// Content, its transparency dot and carriage returns taken off; not `whole` when the line goes on.
    Text { text: &'a [u8], whole: bool },
    /// A lone dot that others might take for the end: left out, so that nobody will.
    Dropped,
    /// The end of the content.
    End,
}

/// Where a server stands in the DATA phase.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    strict: bool,
    /// The last piece ended its line.
    whole: bool,
    /// The last line ended in CR LF. The DATA command did, or this would not be its content.
    proper_before: bool,
}

impl Frame {
    /// At the start of the content. A `strict` frame ends at CR LF dot CR LF only; otherwise a bare line feed is as
    /// good (smtpd_forbid_bare_newline).
    pub fn new(strict: bool) -> Frame {
        Frame { strict, whole: true, proper_before: true }
    }

    /// Takes a line without its ending, or a piece of a long one.
    pub fn take<'a>(&mut self, mut text: &'a [u8], end: LineEnd) -> Taken<'a> {
        let whole = end != LineEnd::GoesOn;
        let proper = end == LineEnd::Proper;
        if whole {
            // compat: carriage returns before the line's end have no meaning of their own.
            text = without_carriage_returns(text);
        }
        if self.whole {
            if let Some(rest) = text.strip_prefix(b".") {
                if rest.is_empty() && whole {
                    if !self.strict || (proper && self.proper_before) {
                        return Taken::End;
                    }
                    self.proper_before = proper;
                    return Taken::Dropped;
                }
                text = rest;
            }
        }
        self.proper_before = proper;
        self.whole = whole;
        Taken::Text { text, whole }
    }
}

/// Lines out of chunks that are cut anywhere, also amid a line ending.
#[derive(Clone, Debug)]
pub struct Chunks {
    line_limit: usize,
    /// A line whose end is still to come.
    partial: Vec<u8>,
    /// A line ended in a bare line feed.
    pub bare_newline: bool,
}

impl Chunks {
    /// Lines longer than `line_limit` are given in pieces of that length.
    pub fn new(line_limit: usize) -> Chunks {
        Chunks { line_limit, partial: Vec::new(), bare_newline: false }
    }

    /// Bytes of a line whose end is still to come.
    pub fn unfinished(&self) -> usize {
        self.partial.len()
    }

    /// Takes a piece of content; `line` gets each line without its ending, and whether it is whole.
    pub fn push(&mut self, mut piece: &[u8], mut line: impl FnMut(&[u8], bool)) {
        while !piece.is_empty() {
            let end = memchr(b'\n', piece);
            let take = end.map_or(piece.len(), |at| at + 1);
            let room = self.line_limit.saturating_add(1).saturating_sub(self.partial.len()).max(1);
            let (now, rest) = piece.split_at_checked(take.min(room)).unwrap_or((piece, b""));
            self.partial.extend_from_slice(now);
            piece = rest;
            if let Some(text) = self.partial.strip_suffix(b"\n") {
                self.bare_newline |= text.last() != Some(&b'\r');
                line(without_carriage_returns(text), true);
                self.partial.clear();
            } else if self.partial.len() > self.line_limit {
                // One byte more than the limit was waited for: it may be the carriage return of a line that just fits.
                let last = self.partial.pop();
                line(&self.partial, false);
                self.partial.clear();
                self.partial.extend(last);
            }
        }
    }

    /// The content is over, perhaps without a line ending.
    pub fn finish(&mut self, mut line: impl FnMut(&[u8], bool)) {
        if !self.partial.is_empty() {
            line(&self.partial, true);
            self.partial.clear();
        }
    }
}

fn without_carriage_returns(mut text: &[u8]) -> &[u8] {
    while let Some(rest) = text.strip_suffix(b"\r") {
        text = rest;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The content's lines and whether its end was seen.
    fn data(strict: bool, lines: &[(&str, LineEnd)]) -> (String, bool) {
        let mut frame = Frame::new(strict);
        let mut out = String::new();
        for (text, end) in lines {
            match frame.take(text.as_bytes(), *end) {
                Taken::Text { text, whole } => {
                    out.push_str(std::str::from_utf8(text).unwrap());
                    out.push(if whole { '|' } else { '+' });
                }
                Taken::Dropped => out.push('!'),
                Taken::End => return (out, true),
            }
        }
        (out, false)
    }

    #[test]
    fn where_content_ends() {
        use LineEnd::{Bare, GoesOn, Proper};
        type Case<'a> = (&'a [(&'a str, LineEnd)], (&'a str, bool), (&'a str, bool));
        let cases: &[Case<'_>] = &[
            (&[("a", Proper), (".", Proper)], ("a|", true), ("a|", true)),
            (&[(".", Proper)], ("", true), ("", true)),
            (&[("a", Bare), (".", Proper)], ("a|!", false), ("a|", true)),
            (&[("a", Proper), (".", Bare)], ("a|!", false), ("a|", true)),
            (&[("..", Proper), (".b", Bare)], (".|b|", false), (".|b|", false)),
            (&[("a", GoesOn), (".", Proper)], ("a+.|", false), ("a+.|", false)),
            (&[("a\r", Proper), (".\r", Proper)], ("a|", true), ("a|", true)),
            (&[("a", Bare), (".", Proper), (".", Proper)], ("a|!", true), ("a|", true)),
        ];
        for (lines, strict, lenient) in cases {
            for (is_strict, (text, end)) in [(true, strict), (false, lenient)] {
                assert_eq!(
                    data(is_strict, lines),
                    ((*text).to_owned(), *end),
                    "{lines:?} strict {is_strict}"
                );
            }
        }
    }

    #[test]
    fn chunks_may_be_cut_anywhere() {
        let content = b"one\r\ntwo\nlong line\r\n\r\r\nlast";
        for size in 1..content.len() {
            let mut chunks = Chunks::new(8);
            let mut lines = Vec::new();
            let mut put = |text: &[u8], whole: bool| {
                lines.push(format!("{}{}", text.escape_ascii(), if whole { "|" } else { "+" }));
            };
            for piece in content.chunks(size) {
                chunks.push(piece, &mut put);
            }
            chunks.finish(&mut put);
            assert_eq!(lines.concat(), "one|two|long lin+e||last|", "pieces of {size}");
            assert!(chunks.bare_newline);
        }
    }
}
