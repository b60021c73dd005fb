//! Local parts between internal form (`a b@d`) and external form (`"a b"@d`).
//! Headers and table keys use the RFC 822 rules, SMTP commands those of RFC 821.

use bstr::{BString, ByteSlice};

/// What stays unquoted.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// Leave bytes above 127 alone.
    pub eight_bit_clean: bool,
    /// The text is a local part only: an `@` in it needs quoting.
    pub bare_local_part: bool,
}

const HEADER: Rules = Rules { eight_bit_clean: true, bare_local_part: false };

/// `local@domain` to external form for headers and table keys; the domain is copied as it is.
pub fn quote_822_local(address: &[u8]) -> BString {
    quote_822(address, HEADER)
}

/// The same under other rules.
pub fn quote_822(address: &[u8], rules: Rules) -> BString {
    quote(address, rules, b"\"\\\r")
}

/// `local@domain` to external form for SMTP commands. The null address stays empty.
pub fn quote_821(address: &[u8]) -> BString {
    if address.is_empty() {
        return BString::default();
    }
    quote(address, HEADER, b"\"\\\r\n")
}

/// External form back to internal form: quotes and backslashes of the local part go.
pub fn unquote_822_local(address: &[u8]) -> BString {
    let end = address.rfind_byte(b'@').unwrap_or(address.len());
    let (local, domain) = address.split_at(end);
    let mut out = BString::from(Vec::with_capacity(address.len()));
    let mut bytes = local.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => {}
            b'\\' => out.extend(bytes.next()),
            other => out.push(*other),
        }
    }
    out.extend_from_slice(domain);
    out
}

fn quote(address: &[u8], rules: Rules, escaped: &[u8]) -> BString {
    let (route, address) = split_route(address);
    let end = match address.rfind_byte(b'@') {
        Some(at) if !rules.bare_local_part => at,
        _ => address.len(),
    };
    let (local, domain) = address.split_at(end);
    let mut out = BString::from(Vec::with_capacity(route.len() + address.len() + 2));
    out.extend_from_slice(route);
    if is_dot_string(local, rules) {
        out.extend_from_slice(address);
        return out;
    }
    out.push(b'"');
    for byte in local {
        if escaped.contains(byte) || (*byte > 127 && !rules.eight_bit_clean) {
            out.push(b'\\');
        }
        out.push(*byte);
    }
    out.push(b'"');
    out.extend_from_slice(domain);
    out
}

/// `@relay,@relay:` in front of an address, which is never quoted.
fn split_route(address: &[u8]) -> (&[u8], &[u8]) {
    match address.find_byte(b':') {
        Some(colon) if address.starts_with(b"@") => address.split_at(colon + 1),
        _ => (b"", address),
    }
}

/// Atoms separated by single dots.
fn is_dot_string(local: &[u8], rules: Rules) -> bool {
    !local.is_empty()
        && !local.starts_with(b".")
        && !local.ends_with(b".")
        && !local.contains_str("..")
        && local.iter().all(|byte| match byte {
            b' ' | b'(' | b')' | b'<' | b'>' | b'@' | b',' | b';' | b':' | b'\\' | b'"' | b'[' | b']' => {
                false
            }
            0..=31 | 127 => false,
            128.. => rules.eight_bit_clean,
            _ => true,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways() {
        let cases = [
            ("joe@d", "joe@d"),
            ("a.b@d", "a.b@d"),
            ("a b@d", "\"a b\"@d"),
            ("a@b@d", "\"a@b\"@d"),
            (".a@d", "\".a\"@d"),
            ("a.@d", "\"a.\"@d"),
            ("a..b@d", "\"a..b\"@d"),
            ("a\"b@d", "\"a\\\"b\"@d"),
            ("a\\b", "\"a\\\\b\""),
            ("", "\"\""),
            ("@d", "\"\"@d"),
            ("@r1,@r2:a b@d", "@r1,@r2:\"a b\"@d"),
            ("\u{e9}@d", "\u{e9}@d"),
        ];
        for (internal, external) in cases {
            assert_eq!(quote_822_local(internal.as_bytes()), external.as_bytes());
            assert_eq!(unquote_822_local(external.as_bytes()), internal.as_bytes());
        }
        assert_eq!(quote_821(b""), "");
        let strict = Rules { eight_bit_clean: false, bare_local_part: true };
        assert_eq!(quote_822(b"a@b", strict), "\"a@b\"");
        assert_eq!(quote_822(b"\xe9", strict), b"\"\\\xe9\"".as_bstr());
        assert_eq!(unquote_822_local(b"a\\"), "a");
    }
}
