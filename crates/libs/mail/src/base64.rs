//! Base 64 (RFC 4648): SASL exchanges, milter and Dovecot protocols.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Encodes with padding and without line breaks.
pub fn encode(data: &[u8]) -> String {
    let mut out = String::with_capacity(data.len().div_ceil(3) * 4);
    for chunk in data.chunks(3) {
        let mut word = 0u32;
        for (index, byte) in chunk.iter().enumerate() {
            word |= u32::from(*byte) << (16 - 8 * index);
        }
        for digit in 0..4 {
            if digit <= chunk.len() {
                let six = (word >> (18 - 6 * digit)) & 63;
                let letter = usize::try_from(six).ok().and_then(|at| ALPHABET.get(at));
                out.push(char::from(*letter.unwrap_or(&b'=')));
            } else {
                out.push('=');
            }
        }
    }
    out
}

/// Decodes padded text; `None` for anything else (line breaks, wrong length, foreign letters).
pub fn decode(text: &[u8]) -> Option<Vec<u8>> {
    if text.len() % 4 != 0 {
        return None;
    }
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let groups = text.len() / 4;
    for (index, group) in text.chunks(4).enumerate() {
        let padding = group.iter().rev().take_while(|byte| **byte == b'=').count();
        if padding > 2 || (padding > 0 && index + 1 != groups) {
            return None;
        }
        let mut word = 0u32;
        for byte in group.iter().take(4 - padding) {
            word = word << 6 | u32::from(digit(*byte)?);
        }
        word <<= 6 * padding;
        let [_, first, second, third] = word.to_be_bytes();
        out.extend([first, second, third].into_iter().take(3 - padding));
    }
    Some(out)
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways() {
        for (plain, coded) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(encode(plain.as_bytes()), coded);
            assert_eq!(decode(coded.as_bytes()).as_deref(), Some(plain.as_bytes()));
        }
    }

    #[test]
    fn damage_is_refused() {
        for bad in ["Z", "Zg", "Zg=", "Zg==Zg==", "Z===", "Zm9\n", "=m9v"] {
            assert_eq!(decode(bad.as_bytes()), None, "{bad}");
        }
    }
}
