//! Quoting of keys: in search filters (RFC 4515 section 3) and in distinguished names (RFC 4514 section 2.4).

/// For a filter's value: what has a meaning there is `\XX`.
pub fn filter(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for byte in text {
        match byte {
            b'*' | b'(' | b')' | b'\\' | 0 => out.extend(format!("\\{byte:02x}").into_bytes()),
            byte => out.push(*byte),
        }
    }
    out
}

/// For a value in a name.
pub fn name(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let last = text.len().saturating_sub(1);
    for (at, byte) in text.iter().enumerate() {
        let edge = (at == 0 && matches!(byte, b' ' | b'#')) || (at == last && *byte == b' ');
        match byte {
            b'"' | b'+' | b',' | b';' | b'<' | b'>' | b'\\' | b'=' => out.extend([b'\\', *byte]),
            0 => out.extend(b"\\00"),
            byte if edge => out.extend([b'\\', *byte]),
            byte => out.push(*byte),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_its_place() {
        assert_eq!(filter(b"a*(b)\\\0"), b"a\\2a\\28b\\29\\5c\\00");
        assert_eq!(name(b" a,b=c "), b"\\ a\\,b\\=c\\ ");
        assert_eq!(name(b"#x"), b"\\#x");
    }
}
