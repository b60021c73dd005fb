//! Replies of an SMTP server: `250-text`, …, `250 2.0.0 text`.

use bstr::BString;

/// An enhanced status code (RFC 3463): class.subject.detail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnhancedCode {
    pub class: u8,
    pub subject: u16,
    pub detail: u16,
}

impl EnhancedCode {
    /// Reads the code that `text` begins with, and says how many bytes it takes.
    /// It must be followed by white space or the end.
    pub fn parse(text: &[u8]) -> Option<(EnhancedCode, usize)> {
        let class = match text.first()? {
            digit @ (b'2' | b'4' | b'5') => digit - b'0',
            _ => return None,
        };
        let (subject, after) = number(text, 1)?;
        let (detail, end) = number(text, after)?;
        match text.get(end) {
            None | Some(b' ' | b'\t') => Some((EnhancedCode { class, subject, detail }, end)),
            Some(_) => None,
        }
    }
}

/// A dot and one to three digits at `at`.
fn number(text: &[u8], at: usize) -> Option<(u16, usize)> {
    if text.get(at) != Some(&b'.') {
        return None;
    }
    let digits = text.get(at + 1..)?.iter().take_while(|b| b.is_ascii_digit()).count();
    if !(1..=3).contains(&digits) {
        return None;
    }
    let value =
        text.get(at + 1..at + 1 + digits)?.iter().fold(0u16, |sum, digit| sum * 10 + u16::from(digit - b'0'));
    Some((value, at + 1 + digits))
}

impl std::fmt::Display for EnhancedCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

/// A complete reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Usually 200 to 599; servers are met that say otherwise.
    pub code: u16,
    /// The lines as they came, code included, without line endings.
    pub lines: Vec<BString>,
}

impl Reply {
    /// First digit of the code: 2 done, 3 go on, 4 later, 5 never.
    pub fn class(&self) -> u16 {
        self.code / 100
    }

    pub fn is_ok(&self) -> bool {
        self.class() == 2
    }

    /// The lines' texts behind the code.
    pub fn texts(&self) -> impl Iterator<Item = &[u8]> {
        self.lines.iter().map(|line| line.get(4..).unwrap_or_default())
    }

    /// The enhanced status code of the last line that has one, if its class fits the reply's.
    pub fn enhanced(&self) -> Option<EnhancedCode> {
        self.texts()
            .filter_map(|text| EnhancedCode::parse(text.trim_ascii_start()))
            .map(|(code, _)| code)
            .filter(|code| u16::from(code.class) == self.class())
            .last()
    }

    /// All lines, joined by spaces: what logs and notices quote.
    pub fn joined(&self) -> BString {
        bstr::join(" ", &self.lines).into()
    }
}

/// Why bytes from a server are no reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplyError {
    /// Not three digits and a separator.
    Garbage(BString),
    /// More lines than a reply can reasonably have.
    TooLong,
}

impl std::fmt::Display for ReplyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ReplyError::Garbage(line) => write!(f, "non-SMTP response: {line}"),
            ReplyError::TooLong => f.write_str("reply has too many lines"),
        }
    }
}

impl std::error::Error for ReplyError {}

/// Most lines of one reply.
const MOST_LINES: usize = 1000;

/// Puts a reply together from its lines.
#[derive(Debug, Default)]
pub struct ReplyParser {
    lines: Vec<BString>,
}

impl ReplyParser {
    pub fn new() -> ReplyParser {
        ReplyParser::default()
    }

    /// Takes one line without its ending; `Ok(Some(_))` when it was the last. The last line's code counts.
    /// After garbage the parser waits for a proper line again, as servers that talk between the lines are met.
    pub fn line(&mut self, line: &[u8]) -> Result<Option<Reply>, ReplyError> {
        let digits = line.get(..3).filter(|digits| digits.iter().all(u8::is_ascii_digit));
        let separator = line.get(3).copied();
        let (Some(&[hundreds, tens, ones]), None | Some(b' ' | b'-')) = (digits, separator) else {
            return Err(ReplyError::Garbage(line.into()));
        };
        if self.lines.len() >= MOST_LINES {
            return Err(ReplyError::TooLong);
        }
        self.lines.push(line.into());
        if separator == Some(b'-') {
            return Ok(None);
        }
        let digit = |byte: u8| u16::from(byte - b'0');
        let code = digit(hundreds) * 100 + digit(tens) * 10 + digit(ones);
        Ok(Some(Reply { code, lines: std::mem::take(&mut self.lines) }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_of_several_lines() {
        let mut parser = ReplyParser::new();
        assert_eq!(parser.line(b"250-mx.example"), Ok(None));
        assert_eq!(parser.line(b"250-SIZE 1000"), Ok(None));
        let reply = parser.line(b"250 DSN").unwrap().unwrap();
        assert_eq!((reply.code, reply.class(), reply.is_ok()), (250, 2, true));
        assert_eq!(reply.texts().collect::<Vec<_>>(), [&b"mx.example"[..], b"SIZE 1000", b"DSN"]);
        assert_eq!(reply.joined(), "250-mx.example 250-SIZE 1000 250 DSN");
        assert_eq!(parser.line(b"354").unwrap().unwrap().code, 354);
    }

    #[test]
    fn garbage_is_no_reply() {
        for line in ["", "25", "2x0 ok", "250_ok", "hello", "\u{0661}50 x"] {
            let result = ReplyParser::new().line(line.as_bytes());
            assert_eq!(result, Err(ReplyError::Garbage(line.into())), "{line}");
        }
        let mut parser = ReplyParser::new();
        let end = (0..2 * MOST_LINES).find_map(|_| parser.line(b"250-more").err());
        assert_eq!(end, Some(ReplyError::TooLong));
    }

    #[test]
    fn enhanced_codes() {
        let cases = [
            ("550 5.1.1 no such user", "5.1.1"),
            ("550 5.1.1", "5.1.1"),
            ("250 2.1.5", "2.1.5"),
            ("550 4.1.1 class differs", ""),
            ("550 5.1.1: punctuation", ""),
            ("550 5.1234.1 long", ""),
            ("550 5.1 short", ""),
            ("550 no code", ""),
        ];
        for (line, expected) in cases {
            let reply = ReplyParser::new().line(line.as_bytes()).unwrap().unwrap();
            let code = reply.enhanced().map(|code| code.to_string()).unwrap_or_default();
            assert_eq!(code, expected, "{line}");
        }
    }
}
