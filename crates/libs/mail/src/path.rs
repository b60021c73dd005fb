//! The argument of SMTP's MAIL FROM and RCPT TO: the path, and the words around it.

use crate::rfc822::{self, Token};
use bstr::BString;

/// How strict to be about a path.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rules {
    /// `<>` is fine (MAIL FROM).
    pub allow_empty: bool,
    /// strict_rfc821_envelopes: angle brackets needed, no phrases, no comments, no route.
    pub strict: bool,
}

/// Why a path was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathError {
    /// Not one address: the reference logs "Illegal address syntax from … in … command: …".
    Syntax,
    /// An empty address where there must be one, or a route under strict rules.
    Refused,
}

/// The internal form of the address in `path` (`<joe@d>`, with loose rules also `joe@d` or
/// `Joe <joe@d>`); a source route is kept for the rewriter to resolve.
pub fn address(path: &[u8], rules: Rules) -> Result<BString, PathError> {
    let tokens = rfc822::parse(path, 0);
    let mut found = None;
    let mut others = 0;
    for token in &tokens {
        match token {
            Token::Address(_) if found.is_some() => return Err(PathError::Syntax),
            Token::Address(parts) => found = Some(parts),
            Token::Op(b'<' | b'>') => {}
            _ => others += 1,
        }
    }
    if rules.strict && (others > 0 || !path.starts_with(b"<")) {
        return Err(PathError::Syntax);
    }
    let address = found.map(|parts| rfc822::internal_address(parts)).unwrap_or_default();
    if (address.is_empty() && !rules.allow_empty) || (rules.strict && address.starts_with(b"@")) {
        return Err(PathError::Refused);
    }
    Ok(address)
}

/// The words of a command line: separated by blanks, but `<…>` and `"…"` hold together, and a
/// colon ends a word (`FROM:<a@b>` is two).
pub fn words(line: &[u8]) -> Vec<&[u8]> {
    let mut words = Vec::new();
    let mut rest = line.trim_ascii_start();
    while let Some(first) = rest.first() {
        let length = match first {
            b'<' => bracketed(rest),
            _ => word(rest),
        };
        let (one, tail) = rest.split_at(length.clamp(1, rest.len()));
        words.push(one);
        rest = tail.trim_ascii_start();
    }
    words
}

/// Length of `<…>`, quotes inside respected; all of the text when the bracket never closes.
fn bracketed(text: &[u8]) -> usize {
    let mut quoted = false;
    let mut escaped = false;
    for (index, byte) in text.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => quoted = !quoted,
            b'>' if !quoted => return index + 1,
            _ => {}
        }
    }
    text.len()
}

fn word(text: &[u8]) -> usize {
    let mut quoted = false;
    let mut escaped = false;
    for (index, byte) in text.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => quoted = !quoted,
            b':' if !quoted => return index + 1,
            b' ' | b'\t' if !quoted => return index,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        let loose = Rules { allow_empty: false, strict: false };
        let strict = Rules { allow_empty: false, strict: true };
        let good = [
            ("<joe@d>", "joe@d"),
            ("<\"a b\"@d>", "a b@d"),
            ("<@r:joe@d>", "@r:joe@d"),
            ("joe@d", "joe@d"),
            ("Joe <joe@d>", "joe@d"),
        ];
        for (path, expected) in good {
            assert_eq!(address(path.as_bytes(), loose).unwrap(), expected.as_bytes(), "{path}");
        }
        assert_eq!(address(b"<a@b>,<c@d>", loose), Err(PathError::Syntax));
        assert_eq!(address(b"<>", loose), Err(PathError::Refused));
        assert_eq!(address(b"<>", Rules { allow_empty: true, strict: true }).unwrap(), "");
        for path in ["joe@d", "Joe <joe@d>", "<joe@d> (c)"] {
            assert_eq!(address(path.as_bytes(), strict), Err(PathError::Syntax), "{path}");
        }
        assert_eq!(address(b"<@r:joe@d>", strict), Err(PathError::Refused));
    }

    #[test]
    fn command_words() {
        assert_eq!(words(b"MAIL FROM:<a b@c> SIZE=1"), [&b"MAIL"[..], b"FROM:", b"<a b@c>", b"SIZE=1"]);
        assert_eq!(words(b"RCPT TO: <\"a>b\"@c>"), [&b"RCPT"[..], b"TO:", b"<\"a>b\"@c>"]);
        assert_eq!(words(b" <x"), [&b"<x"[..]]);
        assert!(words(b"  ").is_empty());
    }
}
