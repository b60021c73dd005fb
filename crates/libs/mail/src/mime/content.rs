//! What Content-Type and Content-Transfer-Encoding say.

use crate::rfc822::comment_length;
use bstr::BString;

/// The main type, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Main {
    Text,
    Message,
    Multipart,
    Other,
}

/// The subtype, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sub {
    Plain,
    Rfc822,
    Partial,
    ExternalBody,
    Digest,
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Type {
    pub(super) main: Main,
    pub(super) sub: Sub,
}

impl Type {
    pub(super) const PLAIN: Type = Type { main: Main::Text, sub: Sub::Plain };
    pub(super) const OTHER: Type = Type { main: Main::Other, sub: Sub::Other };

    /// What the parts of this multipart are whose headers do not say.
    pub(super) fn default_of_parts(self) -> Type {
        match self.sub {
            Sub::Digest => Type { main: Main::Message, sub: Sub::Rfc822 },
            _ => Type::PLAIN,
        }
    }

    /// Holds other content: must not be encoded itself.
    pub(super) fn is_composite(self) -> bool {
        matches!(self.main, Main::Message | Main::Multipart)
    }

    /// May content of this type have that encoding?
    pub(super) fn allows(self, encoding: Encoding) -> bool {
        match (self.main, self.sub) {
            (Main::Message, Sub::Partial | Sub::ExternalBody) => encoding.domain() == Encoding::SevenBit,
            (Main::Message | Main::Multipart, _) => encoding.domain() == encoding,
            _ => true,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    SevenBit,
    EightBit,
    Binary,
    QuotedPrintable,
    Base64,
}

impl Encoding {
    const ALL: [Encoding; 5] = [
        Encoding::SevenBit,
        Encoding::EightBit,
        Encoding::Binary,
        Encoding::Base64,
        Encoding::QuotedPrintable,
    ];

    /// From the header's value; unknown names change nothing.
    pub(super) fn from_header(value: &[u8]) -> Option<Encoding> {
        let word = match tokens(value, b"", 1, 0).0.pop()? {
            Token::Word(word) => word,
            _ => return None,
        };
        Encoding::ALL.into_iter().find(|encoding| word.eq_ignore_ascii_case(encoding.name().as_bytes()))
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Encoding::SevenBit => "7bit",
            Encoding::EightBit => "8bit",
            Encoding::Binary => "binary",
            Encoding::QuotedPrintable => "quoted-printable",
            Encoding::Base64 => "base64",
        }
    }

    /// The kind of data behind the encoding, on the wire.
    pub(super) fn domain(self) -> Encoding {
        match self {
            Encoding::EightBit => Encoding::EightBit,
            Encoding::Binary => Encoding::Binary,
            _ => Encoding::SevenBit,
        }
    }
}

/// A Content-Type header taken apart.
pub(super) struct Parsed {
    pub(super) content: Type,
    /// Every boundary it names: several are wrong, but what is hidden behind any must be found.
    pub(super) boundaries: Vec<BString>,
}

pub(super) fn parse_type(value: &[u8]) -> Parsed {
    const SPECIALS: &[u8] = b"()<>@,;:\\\"/[]?=";
    const TOKENS: usize = 3;
    let (head, mut rest) = tokens(value, SPECIALS, TOKENS, b';');
    let main = match head.first() {
        Some(Token::Word(word)) => match word.to_ascii_lowercase().as_slice() {
            b"text" => Main::Text,
            b"message" => Main::Message,
            b"multipart" => Main::Multipart,
            _ => Main::Other,
        },
        _ => Main::Other,
    };
    let sub = match head.as_slice() {
        [_, Token::Special(b'/'), Token::Word(word)] => match (main, word.to_ascii_lowercase().as_slice()) {
            (Main::Text, b"plain") => Sub::Plain,
            (Main::Message, b"rfc822") => Sub::Rfc822,
            (Main::Message, b"partial") => Sub::Partial,
            (Main::Message, b"external-body") => Sub::ExternalBody,
            (Main::Multipart, b"digest") => Sub::Digest,
            _ => Sub::Other,
        },
        _ => Sub::Other,
    };
    let mut boundaries = Vec::new();
    while main == Main::Multipart && !rest.is_empty() {
        let parameter;
        (parameter, rest) = tokens(rest, SPECIALS, TOKENS, b';');
        if let [Token::Word(name), Token::Special(b'='), Token::Word(value) | Token::Quoted(value)] =
            parameter.as_slice()
            && name.eq_ignore_ascii_case(b"boundary")
        {
            boundaries.push(value.clone());
        }
    }
    Parsed { content: Type { main, sub }, boundaries }
}

#[derive(Debug)]
enum Token {
    Word(BString),
    Quoted(BString),
    Special(u8),
}

/// Up to `count` tokens of a structured header, up to a `stop` byte (0: none), which is consumed;
/// more tokens before it are skipped. Comments do not count.
fn tokens<'a>(text: &'a [u8], specials: &[u8], count: usize, stop: u8) -> (Vec<Token>, &'a [u8]) {
    let specials = if specials.is_empty() { b"()<>@,;:\\\".[]".as_slice() } else { specials };
    let mut out = Vec::new();
    let mut rest = text;
    while let [first, tail @ ..] = rest {
        let token = match first {
            byte if byte.is_ascii_whitespace() => {
                rest = tail;
                continue;
            }
            byte if stop != 0 && *byte == stop => return (out, tail),
            b'(' => {
                rest = skip_comment(tail);
                continue;
            }
            b'"' => {
                let (word, after) = quoted(tail);
                rest = after;
                Token::Quoted(word)
            }
            byte if specials.contains(byte) => {
                rest = tail;
                Token::Special(*byte)
            }
            byte if byte.is_ascii_control() => {
                rest = tail;
                continue;
            }
            _ => {
                let length = rest
                    .iter()
                    .position(|b| b.is_ascii_whitespace() || b.is_ascii_control() || specials.contains(b))
                    .unwrap_or(rest.len());
                let (word, after) = rest.split_at(length);
                rest = after;
                Token::Word(word.into())
            }
        };
        if out.len() < count {
            out.push(token);
        } else if stop == 0 {
            break;
        }
    }
    (out, rest)
}

fn quoted(text: &[u8]) -> (BString, &[u8]) {
    let mut word = BString::default();
    let mut rest = text;
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (first, tail) {
            (b'"', _) => break,
            (b'\\', [escaped, after @ ..]) => {
                word.push(*escaped);
                rest = after;
            }
            (b'\n', _) => {}
            (other, _) => word.push(*other),
        }
    }
    (word, rest)
}

fn skip_comment(text: &[u8]) -> &[u8] {
    text.get(comment_length(text)..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types() {
        let parsed = parse_type(b"Multipart/Mixed; charset=x (c;d); boundary=\"a\\\"b\"; BOUNDARY=c");
        assert_eq!(parsed.content.main, Main::Multipart);
        assert_eq!(parsed.boundaries, ["a\"b", "c"]);
        assert_eq!(parse_type(b"message / rfc822").content.sub, Sub::Rfc822);
        assert_eq!(parse_type(b"multipart/digest").content.default_of_parts().sub, Sub::Rfc822);
        assert_eq!(parse_type(b"").content, Type::OTHER);
        assert_eq!(parse_type(b"text").content.main, Main::Text);
        assert!(parse_type(b"text/plain; boundary=x").boundaries.is_empty());
    }

    #[test]
    fn encodings() {
        assert_eq!(Encoding::from_header(b"8BIT"), Some(Encoding::EightBit));
        assert_eq!(Encoding::from_header(b" (c) base64; x"), Some(Encoding::Base64));
        assert_eq!(Encoding::from_header(b"x-uuencode"), None);
        assert!(!Type { main: Main::Multipart, sub: Sub::Other }.allows(Encoding::Base64));
        assert!(Type::PLAIN.allows(Encoding::Base64));
    }
}
