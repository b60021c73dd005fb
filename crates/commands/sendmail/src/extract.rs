//! Recipients in the message header, for `-t`.
//!
//! The header goes out as it came in. When it has Resent- recipients, those are meant and the
//! others were served before.

use bstr::BString;
use mail::{header, rfc822};

/// Watches a header go by.
#[derive(Debug, Default)]
pub struct Extractor {
    current: Vec<u8>,
    plain: Vec<BString>,
    resent: Vec<BString>,
    is_resent: bool,
    limit: usize,
}

/// What a line is to the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// It belongs to the header.
    Header,
    /// The empty line behind the header.
    End,
    /// Text without an empty line before it.
    Body,
}

impl Extractor {
    /// Looks at `header_size_limit` bytes of each header.
    pub fn new(header_size_limit: i64) -> Extractor {
        Extractor { limit: usize::try_from(header_size_limit).unwrap_or(usize::MAX), ..Extractor::default() }
    }

    /// Takes a line of the header.
    pub fn line(&mut self, line: &[u8]) -> Line {
        if matches!(line.first(), Some(b' ' | b'\t')) && !self.current.is_empty() {
            self.current.push(b'\n');
            self.add(line);
            return Line::Header;
        }
        self.end_of_header();
        if line.is_empty() {
            return Line::End;
        }
        if header::is_header(line) {
            self.add(line);
            return Line::Header;
        }
        Line::Body
    }

    /// The recipients, once the header is over.
    pub fn recipients(mut self) -> Vec<BString> {
        self.end_of_header();
        if self.is_resent { self.resent } else { self.plain }
    }

    fn add(&mut self, line: &[u8]) {
        let room = self.limit.saturating_sub(self.current.len());
        self.current.extend_from_slice(line.get(..room).unwrap_or(line));
    }

    fn end_of_header(&mut self) {
        let text = std::mem::take(&mut self.current);
        let Some(info) = header::find_in(&text).filter(|info| info.extract) else { return };
        self.is_resent |= info.resent;
        let tokens = rfc822::parse(header::value(&text), 0);
        let found = rfc822::addresses(&tokens);
        if info.resent { self.resent.extend(found) } else { self.plain.extend(found) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extract(text: &str) -> Vec<String> {
        let mut extractor = Extractor::new(10_000);
        for line in text.lines() {
            if extractor.line(line.as_bytes()) != Line::Header {
                break;
            }
        }
        extractor.recipients().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn lists_groups_and_folding() {
        let text = "To: a@x.test, \"B b\" <b@y.test>\nCc: grp: c@z.test, d;\nBcc:\n sec@q.test\nSubject: e@f\n\nTo: no@x";
        assert_eq!(extract(text), ["a@x.test", "b@y.test", "c@z.test", "d", "sec@q.test"]);
    }

    #[test]
    fn resent_recipients_are_meant_instead() {
        assert_eq!(extract("To: a@x\nResent-To: b@x\nCc: c@x\nResent-Bcc: d@x"), ["b@x", "d@x"]);
        assert_eq!(extract("Resent-To:\nTo: a@x"), [""; 0]);
    }
}
