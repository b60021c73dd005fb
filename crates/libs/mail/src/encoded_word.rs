//! Encoded words (RFC 2047): text that is not ASCII, for a header.

use crate::base64;
use std::fmt::Write;

/// Is this a character set name that an encoded word can carry?
pub fn is_charset(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_graphic() && !b"()<>@,;:\"/[]?.=".contains(&byte))
}

/// The longest encoded word.
const WORD_MAX: usize = 75;

/// Encodes `text` for a phrase: quoted where that is short or readable, else in base 64; words are separated by line
/// feeds (where a header may be folded). `None` when `charset` is no character set name.
pub fn encode(charset: &str, text: &[u8]) -> Option<String> {
    if !is_charset(charset) {
        return None;
    }
    let overhead = charset.len() + "=??q??=".len();
    let room = WORD_MAX.checked_sub(overhead).filter(|room| *room >= 12)?;
    let quoted_length: usize = text.iter().map(|byte| if is_plain(*byte) { 1 } else { 3 }).sum();
    let plain = text.iter().filter(|byte| is_plain(**byte)).count();
    let use_base64 = quoted_length > room && plain < text.len() / 2;
    let mut words = Vec::new();
    for piece in pieces(text, |piece| {
        let length: usize = piece.iter().map(|byte| if is_plain(*byte) { 1 } else { 3 }).sum();
        if use_base64 { piece.len().div_ceil(3) * 4 <= room } else { length <= room }
    }) {
        let (letter, coded) = if use_base64 { ('B', base64::encode(piece)) } else { ('Q', quoted(piece)) };
        words.push(format!("=?{charset}?{letter}?{coded}?="));
    }
    Some(words.join("\n"))
}

/// Cuts text into the longest pieces that fit, between characters where it is UTF-8.
fn pieces(text: &[u8], fits: impl Fn(&[u8]) -> bool) -> Vec<&[u8]> {
    let mut out = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let mut end = 1;
        for candidate in 1..=rest.len() {
            if !rest.get(..candidate).is_some_and(&fits) {
                break;
            }
            let in_character = rest.get(candidate).is_some_and(|byte| byte & 0xc0 == 0x80);
            if !in_character {
                end = candidate;
            }
        }
        let (piece, tail) = rest.split_at(end);
        out.push(piece);
        rest = tail;
    }
    out
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b" !*+-/".contains(&byte)
}

fn quoted(piece: &[u8]) -> String {
    let mut out = String::new();
    for byte in piece {
        match byte {
            b' ' => out.push('_'),
            plain if is_plain(*plain) => out.push(char::from(*plain)),
            // Writing to a String cannot fail.
            other => drop(write!(out, "={other:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        assert_eq!(encode("utf-8", "J\u{f6}rg M".as_bytes()).unwrap(), "=?utf-8?Q?J=C3=B6rg_M?=");
        assert_eq!(encode("utf-8", "\u{4f8b}\u{4f8b}".as_bytes()).unwrap(), "=?utf-8?Q?=E4=BE=8B=E4=BE=8B?=");
        assert_eq!(encode("utf 8", b"x"), None);
        let long = "\u{4f8b}".repeat(40);
        let coded = encode("utf-8", long.as_bytes()).unwrap();
        assert!(coded.split('\n').all(|word| word.len() <= WORD_MAX));
        let back: Vec<u8> = coded
            .split('\n')
            .flat_map(|word| {
                base64::decode(word.trim_start_matches("=?utf-8?B?").trim_end_matches("?=").as_bytes())
                    .unwrap()
            })
            .collect();
        assert_eq!(back, long.as_bytes());
    }
}
