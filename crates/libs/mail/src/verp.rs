//! Variable envelope return paths: `owner+user=domain@list.test`.

use crate::address::split_domain;
use bstr::BString;

/// The sender address for one recipient; `delims` are the two XVERP characters (`+=`).
/// A sender or recipient without domain gets none in the result.
pub fn sender(sender: &[u8], delims: &[u8], recipient: &[u8]) -> BString {
    let (first, second) = match delims {
        [first, second, ..] => (*first, *second),
        _ => (b'+', b'='),
    };
    let (local, domain) = split_domain(sender);
    let (user, host) = split_domain(recipient);
    let mut out = BString::from(local);
    out.push(first);
    out.extend_from_slice(user);
    if let Some(host) = host {
        out.push(second);
        out.extend_from_slice(host);
    }
    if let Some(domain) = domain {
        out.push(b'@');
        out.extend_from_slice(domain);
    }
    out
}

/// Are these two characters, both among `filter` (verp_delimiter_filter)?
pub fn delimiters_ok(delims: &[u8], filter: &[u8]) -> bool {
    matches!(delims, [first, second] if filter.contains(first) && filter.contains(second))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rewrites_the_sender() {
        assert_eq!(sender(b"owner@l.test", b"+=", b"joe@d.test"), "owner+joe=d.test@l.test");
        assert_eq!(sender(b"owner", b"+=", b"joe"), "owner+joe");
        assert!(delimiters_ok(b"+=", b"-=+"));
        for bad in ["", "+", "+=+", "x="] {
            assert!(!delimiters_ok(bad.as_bytes(), b"-=+"), "{bad}");
        }
    }
}
