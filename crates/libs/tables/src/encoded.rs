//! Values that are files (`postmap -F`): their contents in base64, and back.

use bstr::BString;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The contents of the files that `names` lists (comma or blank separated), a newline between files, in base64.
pub fn file_contents(names: &[u8]) -> Result<BString, String> {
    let names = std::str::from_utf8(names).map_err(|_| "file name is not UTF-8".to_owned())?;
    let mut contents = Vec::new();
    for (index, name) in names.split(|c: char| c == ',' || c.is_ascii_whitespace()).filter(|n| !n.is_empty()).enumerate() {
        if index > 0 {
            contents.push(b'\n');
        }
        contents.extend(std::fs::read(name).map_err(|e| format!("open {name}: {}", sys::errno_text(&e)))?);
    }
    if contents.is_empty() {
        return Err("empty pathname list: >>".to_owned() + names + "<<'");
    }
    Ok(encode(&contents))
}

/// Base64 without line breaks.
pub fn encode(bytes: &[u8]) -> BString {
    let mut text = Vec::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().fold(0u32, |group, byte| group << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let digit = group >> (18 - 6 * place) & 63;
            text.push(if place > chunk.len() { b'=' } else { ALPHABET.get(digit as usize).copied().unwrap_or(b'=') });
        }
    }
    BString::from(text)
}

/// The bytes of base64 `text`, or `None` when it is none.
pub fn decode(text: &[u8]) -> Option<BString> {
    if text.len() % 4 != 0 {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    for (index, chunk) in text.chunks(4).enumerate() {
        let padding = chunk.iter().rev().take_while(|b| **b == b'=').count();
        if padding > 2 || padding > 0 && (index + 1) * 4 != text.len() {
            return None;
        }
        let mut group = 0u32;
        for byte in chunk.iter().take(4 - padding) {
            group = group << 6 | u32::try_from(ALPHABET.iter().position(|a| a == byte)?).ok()?;
        }
        group <<= 6 * padding;
        bytes.extend(group.to_be_bytes().iter().skip(1).take(3 - padding));
    }
    Some(BString::from(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        for (plain, coded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(encode(plain.as_bytes()), coded);
            assert_eq!(decode(coded.as_bytes()).unwrap(), plain);
        }
        assert_eq!(decode(b"Zg=a"), None);
        assert_eq!(decode(b"Z"), None);
    }
}
