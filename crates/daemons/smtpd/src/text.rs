//! Bytes put together: what clients send is quoted in replies and logs as it came, valid UTF-8 or not.

/// Joins anything that is bytes to one `BString`.
macro_rules! cat {
    ($($part:expr),* $(,)?) => {
        bstr::BString::from([$( AsRef::<[u8]>::as_ref(&$part) ),*].concat())
    };
}

/// At most `most` bytes of `text`.
pub fn head(text: &[u8], most: usize) -> &[u8] {
    text.get(..most).unwrap_or(text)
}

/// What cannot be shown becomes `?`; UTF-8 stays as it is.
pub fn printable(text: &[u8]) -> bstr::BString {
    mail::text::printable(text, b'?', true)
}

/// Characters that could change the meaning of a header or log line, in names that clients give.
pub fn neuter(text: &[u8]) -> bstr::BString {
    mail::text::neuter(&printable(text), b" <>()\\\";@", b'?')
}

/// Backslash escapes for what a log line would not show.
pub fn escape(text: &[u8]) -> String {
    let mut out = String::new();
    for &byte in text {
        match byte {
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            0x07 => out.push_str("\\a"),
            0x08 => out.push_str("\\b"),
            0x0b => out.push_str("\\v"),
            0x0c => out.push_str("\\f"),
            0x20..=0x7e => out.push(char::from(byte)),
            _ => out.push_str(&format!("\\{byte:03o}")),
        }
    }
    out
}

/// Takes C escapes for what they mean: `\t`, `\\`, `\40`.
pub fn unescape(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        let Some((&next, tail)) = rest.split_first().filter(|_| byte == b'\\') else {
            out.push(byte);
            continue;
        };
        let digits = rest.iter().take(3).take_while(|digit| (b'0'..=b'7').contains(digit)).count();
        let octal =
            rest.iter().take(digits).fold(0u8, |sum, digit| sum.wrapping_mul(8).wrapping_add(digit - b'0'));
        out.push(match next {
            b'a' => 0x07,
            b'b' => 0x08,
            b'f' => 0x0c,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'v' => 0x0b,
            b'0'..=b'7' => octal,
            other => other,
        });
        rest = if digits == 0 { tail } else { rest.get(digits..).unwrap_or_default() };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_break_out() {
        assert_eq!(neuter(b"a b<c>(d)\"e\\f;g@h\r\n"), "a?b?c??d??e?f?g?h??");
        assert_eq!(neuter(b"[127.0.0.1]"), "[127.0.0.1]");
    }

    #[test]
    fn escapes() {
        assert_eq!(unescape(b"\\t\\40!\\\\x\\q\\"), b"\t !\\xq\\");
        assert_eq!(escape(b"QUIT\r\n\0\x80"), "QUIT\\r\\n\\000\\200");
    }
}
