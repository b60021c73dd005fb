//! xtext (RFC 3461 §4): `+XX` for whatever is not a plain printable character.

use bstr::BString;

/// Encodes `text`; bytes in `special` are encoded too.
pub fn quote(text: &[u8], special: &[u8]) -> BString {
    let mut out = BString::default();
    for &byte in text {
        if byte.is_ascii_graphic() && byte != b'+' && byte != b'=' && !special.contains(&byte) {
            out.push(byte);
        } else {
            out.extend_from_slice(format!("+{byte:02X}").as_bytes());
        }
    }
    out
}

/// Decodes `text`; `None` if a `+` is not followed by two hexadecimal digits.
pub fn unquote(text: &[u8]) -> Option<BString> {
    let mut out = BString::default();
    let mut rest = text.iter().copied();
    while let Some(byte) = rest.next() {
        if byte == b'+' {
            let high = char::from(rest.next()?).to_digit(16)?;
            let low = char::from(rest.next()?).to_digit(16)?;
            out.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            out.push(byte);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        assert_eq!(quote(b"a+b=c d\xff", b""), "a+2Bb+3Dc+20d+FF");
        assert_eq!(quote(b"a;b", b";"), "a+3Bb");
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(unquote(&quote(&all, b"")).unwrap(), all);
        for bad in ["+", "+4", "+4G", "a+-1"] {
            assert_eq!(unquote(bad.as_bytes()), None, "{bad}");
        }
    }
}
