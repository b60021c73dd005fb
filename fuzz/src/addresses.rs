//! Mail addresses: lists in headers, single ones in both forms, host names and literals.

use bstr::{BString, ByteSlice};
use mail::{address, host, quote, rfc822, verp};

use crate::Target;
use crate::input::{Input, texts};

pub const LISTS: Target = Target {
    name: "address-lists",
    about: "address lists of headers: a rewritten list reads as the same addresses, and rewriting it again changes nothing",
    check: lists,
    seeds: || {
        texts(&[
            "Joe User <joe@d.test>, \"Joe, User\" <joe@d.test> (comment (nested))",
            "friends: a@x, b@y;, undisclosed-recipients:;",
            "<@r1,@r2:joe@d> a\\ b@d joe@[192.0.2.1] host!user user%host@gw",
            "\"unclosed <a@b",
        ])
    },
};

fn lists(text: &[u8]) {
    let tokens = rfc822::parse(text, 0);
    let first = rfc822::external(&tokens, false);
    let _ = rfc822::internal(&tokens);
    let again = rfc822::parse(&first, 0);
    let second = rfc822::external(&again, false);
    let third = rfc822::external(&rfc822::parse(&second, 0), false);
    // compat: quotes in a domain are not put back, so each pass may take off one more layer, and bring out others.
    if !text.iter().any(|b| b"\\\"[".contains(b)) {
        assert_eq!(second, third, "rewriting comes to rest");
    }
    assert!(third.len() <= 2 * first.len() + 8, "rewriting does not grow");
    let lines = rfc822::external(&tokens, true);
    assert_eq!(crate::input::solid(&lines), crate::input::solid(&first), "lines differ in blanks only");
    for limit in [1, 7] {
        assert!(rfc822::scan(text, limit).len() <= limit);
    }
    assert!(rfc822::scan(text, 0).len() <= text.len());
}

pub const ADDRESSES: Target = Target {
    name: "addresses",
    about: "single addresses: quoting and unquoting, extensions, VERP, host names and literals there and back",
    check: addresses,
    seeds: || {
        texts(&[
            "joe+lists@d.test",
            "a b\"c\\d@d.test",
            "owner-list-request@x",
            "[IPv6:2001:db8::1]",
            "192.0.2.1",
            "mx.example",
            "a@b@c",
        ])
    },
};

fn addresses(text: &[u8]) {
    let (local, domain) = address::split_domain(text);
    let whole = domain.map_or_else(|| local.to_vec(), |domain| [local, b"@", domain].concat());
    assert_eq!(whole, text);

    // compat: a line feed inside quotes is dropped by nobody, but headers cannot hold one.
    if !text.starts_with(b"@") {
        assert_eq!(quote::unquote_822_local(&quote::quote_822_local(text)), text);
        assert_eq!(quote::unquote_822_local(&quote::quote_821(text)), text);
    }

    if let Some((stripped, extension)) = address::strip_extension(text, b"+-", true, b"double-bounce") {
        let (user, domain) = address::split_domain(&stripped);
        let mut back = BString::from(user);
        back.extend_from_slice(&extension);
        if let Some(domain) = domain {
            back.push(b'@');
            back.extend_from_slice(domain);
        }
        assert_eq!(back, text, "an extension can be put back");
        assert!(!user.is_empty());
    }

    let mut input = Input::new(text);
    let recipient = input.counted();
    let sender = verp::sender(input.rest, b"+=", recipient);
    assert!(sender.len() <= input.rest.len() + recipient.len() + 2);

    if let Some(ip) = host::parse_address(text) {
        assert_eq!(host::parse_address(ip.to_string().as_bytes()), Some(ip));
    }
    if let Some(ip) = host::parse_literal(text) {
        assert_eq!(host::parse_literal(format!("[{}]", host::literal_text(ip)).as_bytes()), Some(ip));
    }
    if host::is_hostname(text) {
        assert!(text.len() <= host::HOSTNAME_MAX && text.is_ascii() && !host::is_address(text));
    }
    if host::is_utf8_hostname(text) {
        assert!(text.to_str().is_ok() && !text.contains(&0));
    }
    if let Err(error) = host::check_hostname(text) {
        assert!(error.to_string().len() < 400, "a log line stays a line");
    }
    assert_eq!(mail::text::fold_case(&mail::text::fold_case(text)), mail::text::fold_case(text));
    let shown = mail::text::printable(text, b'?', true);
    assert!(mail::text::is_printable(&mail::text::printable(text, b'?', false)) && shown.to_str().is_ok());
}
