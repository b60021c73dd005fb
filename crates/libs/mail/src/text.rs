//! Bytes as text: case folding, printable forms, and whether data are ASCII or UTF-8.

use bstr::{BString, ByteSlice};

/// Lower case for lookups and comparisons: all of Unicode in valid UTF-8, else ASCII letters only.
pub fn fold_case(text: &[u8]) -> BString {
    match std::str::from_utf8(text) {
        Ok(valid) if !text.is_ascii() => valid.to_lowercase().into(),
        _ => text.to_ascii_lowercase().into(),
    }
}

/// A copy in which control characters and, unless the text is valid UTF-8 and `utf8` is set,
/// bytes above 126 are replaced.
pub fn printable(text: &[u8], replacement: u8, utf8: bool) -> BString {
    let keep_high = utf8 && std::str::from_utf8(text).is_ok();
    text.iter()
        .map(|byte| match byte {
            b' '..=b'~' => *byte,
            0x80.. if keep_high => *byte,
            _ => replacement,
        })
        .collect::<Vec<u8>>()
        .into()
}

/// A copy in which each of `bad` is replaced.
pub fn neuter(text: &[u8], bad: &[u8], replacement: u8) -> BString {
    text.iter().map(|byte| if bad.contains(byte) { replacement } else { *byte }).collect::<Vec<u8>>().into()
}

/// Only bytes 1…127? (Does not need SMTPUTF8.)
pub fn is_ascii(text: &[u8]) -> bool {
    text.is_ascii()
}

/// Valid UTF-8 (ASCII included)?
pub fn is_utf8(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok()
}

/// Only printable ASCII, blank included? (DSN envelope ids must be.)
pub fn is_printable(text: &[u8]) -> bool {
    text.iter().all(|byte| (b' '..=b'~').contains(byte))
}

/// At least one byte and only decimal digits?
pub fn is_digits(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_digit)
}

/// The first `limit` bytes: what `%.100s` shows in a log line.
pub fn excerpt(text: &[u8], limit: usize) -> &[u8] {
    text.get(..limit).unwrap_or(text)
}

/// `name = value` split at the first `=`, blanks around both gone; the error is the reference's text.
pub fn split_name_value(text: &[u8]) -> Result<(&[u8], &[u8]), &'static str> {
    let text = text.trim_ascii_start();
    if text.is_empty() {
        return Err("missing attribute name");
    }
    let Some(at) = text.find_byte(b'=') else {
        return Err("missing '=' after attribute name");
    };
    let (name, value) = text.split_at(at);
    let name = name.trim_ascii_end();
    if name.is_empty() {
        return Err("missing attribute name");
    }
    if name.iter().any(u8::is_ascii_whitespace) {
        return Err("missing '=' after attribute name");
    }
    Ok((name, value.get(1..).unwrap_or_default().trim_ascii()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding() {
        assert_eq!(fold_case(b"ABC"), "abc");
        assert_eq!(fold_case("É".as_bytes()), "é");
        assert_eq!(fold_case(b"A\xff"), b"a\xff".as_bstr());
    }

    #[test]
    fn printable_text() {
        assert_eq!(printable(b"a\x07b\x7f", b'?', true), "a?b?");
        assert_eq!(printable("é".as_bytes(), b'?', true), "é");
        assert_eq!(printable("é".as_bytes(), b'?', false), "??");
        assert_eq!(printable(b"\xff", b'?', true), "?");
    }

    #[test]
    fn names_and_values() {
        assert_eq!(split_name_value(b"a=b=c"), Ok((&b"a"[..], &b"b=c"[..])));
        assert_eq!(split_name_value(b" a = b "), Ok((&b"a"[..], &b"b"[..])));
        assert_eq!(split_name_value(b"a="), Ok((&b"a"[..], &b""[..])));
        assert_eq!(split_name_value(b"=x"), Err("missing attribute name"));
        assert_eq!(split_name_value(b"x"), Err("missing '=' after attribute name"));
    }
}
