//! xtext (RFC 3461 §4): printable text where `+XX` stands for any other byte.

use bstr::BString;

const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// Encodes `plain`; `+`, the bytes of `special`, and all that is not printable ASCII become `+XX`.
pub fn quote(plain: &[u8], special: &[u8]) -> BString {
    let mut out = BString::from(Vec::with_capacity(plain.len()));
    for byte in plain {
        if *byte != b'+' && byte.is_ascii_graphic() && !special.contains(byte) {
            out.push(*byte);
        } else {
            out.push(b'+');
            out.push(hex(byte >> 4));
            out.push(hex(byte & 15));
        }
    }
    out
}

fn hex(nibble: u8) -> u8 {
    HEX.get(usize::from(nibble)).copied().unwrap_or(b'0')
}

/// Decodes; `None` when a `+` is not followed by two hexadecimal digits.
pub fn unquote(coded: &[u8]) -> Option<BString> {
    let mut out = BString::from(Vec::with_capacity(coded.len()));
    let mut bytes = coded.iter();
    while let Some(byte) = bytes.next() {
        if *byte == b'+' {
            let high = char::from(*bytes.next()?).to_digit(16)?;
            let low = char::from(*bytes.next()?).to_digit(16)?;
            out.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            out.push(*byte);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways() {
        for (plain, coded) in
            [("a b", "a+20b"), ("a+b", "a+2Bb"), ("x=y", "x+3Dy"), ("\u{e9}", "+C3+A9"), ("", "")]
        {
            assert_eq!(quote(plain.as_bytes(), b"="), coded.as_bytes());
            assert_eq!(unquote(coded.as_bytes()).unwrap(), plain.as_bytes());
        }
        for bad in ["+", "+1", "+1g", "a+"] {
            assert_eq!(unquote(bad.as_bytes()), None);
        }
    }
}
