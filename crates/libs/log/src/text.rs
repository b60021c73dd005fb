//! What may reach a log: printable ASCII and, unless `smtputf8_enable = no`, valid UTF-8.

use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, Ordering};

static UTF8: AtomicBool = AtomicBool::new(true);

/// Is UTF-8 printable? Follows `smtputf8_enable`.
pub(crate) fn set_utf8(on: bool) {
    UTF8.store(on, Ordering::Relaxed);
}

/// For programs that never ask whether UTF-8 is enabled: none is printable.
pub fn ascii_only() {
    set_utf8(false);
}

/// The text with each byte that is neither printable ASCII nor part of valid UTF-8 replaced by `?`.
pub fn printable(text: &[u8]) -> Cow<'_, [u8]> {
    clean(text, UTF8.load(Ordering::Relaxed))
}

fn clean(text: &[u8], utf8: bool) -> Cow<'_, [u8]> {
    if text.iter().all(|byte| matches!(byte, b' '..=b'~')) {
        return Cow::Borrowed(text);
    }
    let mut clean = Vec::with_capacity(text.len());
    if utf8 {
        for chunk in text.utf8_chunks() {
            for letter in chunk.valid().chars() {
                match letter {
                    ' '..='~' => clean.push(letter as u8),
                    // Bytes formatted as text arrive with this in place of what was invalid.
                    '\u{fffd}' => clean.push(b'?'),
                    _ if letter.is_ascii() => clean.push(b'?'),
                    _ => clean.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes()),
                }
            }
            clean.extend(chunk.invalid().iter().map(|_| b'?'));
        }
    } else {
        clean.extend(text.iter().map(|&byte| if matches!(byte, b' '..=b'~') { byte } else { b'?' }));
    }
    Cow::Owned(clean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_printables_pass() {
        let cases: [(&[u8], &str, &str); 6] = [
            (b"plain text", "plain text", "plain text"),
            (b"tab\tnl\nnul\0del\x7f", "tab?nl?nul?del?", "tab?nl?nul?del?"),
            ("gr\u{fc}n".as_bytes(), "gr\u{fc}n", "gr??n"),
            (b"\xff\xc3x\x80", "??x?", "??x?"),
            ("\u{fffd}".as_bytes(), "?", "???"),
            (b"", "", ""),
        ];
        for (text, utf8, ascii) in cases {
            assert_eq!(clean(text, true), utf8.as_bytes(), "{text:?}");
            assert_eq!(clean(text, false), ascii.as_bytes(), "{text:?}");
        }
    }
}
