//! The words of an SMTP command line, as a server takes them apart.
//!
//! White space separates, except within `<…>` and `"…"`; `TO:` and `FROM:` end a word of their own, so that
//! `MAIL FROM:<a@b>` and `MAIL FROM: <a@b>` read alike. Words keep their quotes and brackets.

use bstr::BString;

/// One word of a command line.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Token {
    pub text: BString,
    /// A quote or bracket in it was never closed.
    pub malformed: bool,
}

impl Token {
    /// Is the word `word`, in whatever case?
    pub fn is(&self, word: &str) -> bool {
        self.text.eq_ignore_ascii_case(word.as_bytes())
    }
}

/// Takes a command line (without its line ending) apart.
pub fn tokenize(line: &[u8]) -> Vec<Token> {
    // The reference's strings end at a null byte; a command with one in it must not read differently here.
    let line = line.split(|&b| b == 0).next().unwrap_or_default();
    let mut input = Input { rest: line };
    let mut words = Vec::new();
    while let Some(token) = input.token() {
        words.push(token);
    }
    words
}

/// Joins the words from `from` on with single spaces: a HELO name or VRFY address that holds blanks.
pub fn collapse(words: &[Token], from: usize) -> BString {
    let mut all = BString::default();
    for word in words.get(from..).unwrap_or_default() {
        if !all.is_empty() {
            all.push(b' ');
        }
        all.extend_from_slice(&word.text);
    }
    all
}

/// C's `isspace`, which also counts the vertical tab.
pub fn is_space(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == 0x0b
}

struct Input<'a> {
    rest: &'a [u8],
}

impl Input<'_> {
    fn next(&mut self) -> Option<u8> {
        let (&first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    fn token(&mut self) -> Option<Token> {
        let mut token = Token::default();
        while let Some(byte) = self.next() {
            match byte {
                byte if is_space(byte) => {
                    if !token.text.is_empty() {
                        break;
                    }
                }
                b'<' => self.quoted(&mut token, b'<', b'>'),
                b'"' => self.quoted(&mut token, b'"', b'"'),
                b':' => {
                    token.text.push(b':');
                    if token.is("to:") || token.is("from:") {
                        break;
                    }
                }
                b'\\' => {
                    token.text.push(b'\\');
                    match self.next() {
                        Some(escaped) => token.text.push(escaped),
                        None => break,
                    }
                }
                other => token.text.push(other),
            }
        }
        (!token.text.is_empty()).then_some(token)
    }

    /// Takes the rest of `<…>` or `"…"`. Within brackets, quotes and further brackets nest; within quotes nothing does.
    fn quoted(&mut self, token: &mut Token, open: u8, close: u8) {
        token.text.push(open);
        let mut wanted = vec![close];
        while let Some(byte) = self.next() {
            token.text.push(byte);
            let innermost = wanted.last().copied();
            if byte == b'\\' {
                match self.next() {
                    Some(escaped) => token.text.push(escaped),
                    None => break,
                }
            } else if Some(byte) == innermost {
                wanted.pop();
                if wanted.is_empty() {
                    return;
                }
            } else if byte == b'"' {
                wanted.push(b'"');
            } else if byte == b'<' && innermost == Some(b'>') {
                wanted.push(b'>');
            }
        }
        token.malformed = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_commands() {
        let cases: &[(&str, &[&str])] = &[
            ("", &[]),
            ("   ", &[]),
            ("NOOP", &["NOOP"]),
            ("  EHLO \t mx.example ", &["EHLO", "mx.example"]),
            ("MAIL FROM:<a@b> SIZE=1", &["MAIL", "FROM:", "<a@b>", "SIZE=1"]),
            ("mail from: <a@b>", &["mail", "from:", "<a@b>"]),
            ("RCPT TO:a@b NOTIFY=NEVER", &["RCPT", "TO:", "a@b", "NOTIFY=NEVER"]),
            ("RCPT TO:<\"a b>\"@c>", &["RCPT", "TO:", "<\"a b>\"@c>"]),
            ("RCPT TO:<a\\>b@c>", &["RCPT", "TO:", "<a\\>b@c>"]),
            ("MAIL FROM:<<a@b>>", &["MAIL", "FROM:", "<<a@b>>"]),
            ("XCLIENT ADDR=IPv6:::1", &["XCLIENT", "ADDR=IPv6:::1"]),
            ("\"a b\"c d", &["\"a b\"c", "d"]),
            ("DATA\0hidden", &["DATA"]),
        ];
        for (line, expected) in cases {
            let words: Vec<String> = tokenize(line.as_bytes())
                .iter()
                .inspect(|t| assert!(!t.malformed))
                .map(|t| t.text.to_string())
                .collect();
            assert_eq!(words, *expected, "{line}");
        }
    }

    #[test]
    fn unclosed_words_are_marked() {
        for line in ["MAIL FROM:<a@b", "RCPT TO:<\"a@b>", "\"", "<a\\"] {
            assert!(tokenize(line.as_bytes()).last().is_some_and(|token| token.malformed), "{line}");
        }
    }

    #[test]
    fn names_with_blanks_come_together() {
        let words = tokenize(b"HELO my  own\thost");
        assert_eq!(collapse(&words, 1), "my own host");
        assert_eq!(collapse(&words, 9), "");
    }
}
