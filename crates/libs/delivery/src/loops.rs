//! Mail that comes back: the Delivered-To headers that the message has already.

use bstr::BString;

use crate::Delivery;

/// The addresses in the Delivered-To headers of the message, folded. A damaged queue file ends the list: whoever copies
/// the message will meet the damage.
pub fn delivered_to(delivery: &Delivery<'_>) -> Vec<BString> {
    let mut found = Vec::new();
    let mut content = delivery.content();
    let mut starts = true;
    while let Ok(Some(piece)) = content.next_piece() {
        let line = piece.data;
        if starts {
            let continues = line.first().is_some_and(|b| matches!(b, b' ' | b'\t'));
            if !continues && !mail::header::is_header(line) {
                break;
            }
            if !continues && named(line, b"delivered-to") {
                let address = mail::header::value(line);
                let start = address.iter().position(|b| !b.is_ascii_whitespace()).unwrap_or(address.len());
                let address = mail::quote::unquote_822_local(address.get(start..).unwrap_or_default());
                found.push(folded(&address));
            }
        }
        starts = piece.ends;
    }
    found
}

fn named(line: &[u8], name: &[u8]) -> bool {
    mail::header::name_length(line)
        .and_then(|length| line.get(..length))
        .is_some_and(|n| n.eq_ignore_ascii_case(name))
}

/// Whether the message has been delivered to this address before.
pub fn has_been(delivered_to: &[BString], address: &[u8]) -> bool {
    delivered_to.contains(&folded(address))
}

/// An address in lower case, as table keys are.
pub fn folded(text: &[u8]) -> BString {
    match std::str::from_utf8(text) {
        Ok(text) if !text.is_ascii() => BString::from(text.to_lowercase()),
        _ => BString::from(text.to_ascii_lowercase()),
    }
}
