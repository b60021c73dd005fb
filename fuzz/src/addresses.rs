//! Mail addresses: lists in headers, single ones in both forms, host names and literals.

use bstr::{BString, ByteSlice};
use mail::{address, host, quote, rfc822, verp};

use crate::Target;
use crate::input::{Input, texts};

pub const LISTS: Target = Target {
    name: "address-lists",
    about: "address lists of headers: a list of any local parts reads as it was written, and nonsense does not grow",
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
    // compat: what makes no sense may be quoted once more each time, but no more than that.
    assert!(second.len() <= 2 * first.len() + 8, "rewriting does not grow");
    mailboxes(text);
    let lines = rfc822::external(&tokens, true);
    assert_eq!(crate::input::solid(&lines), crate::input::solid(&first), "lines differ in blanks only");
    for limit in [1, 7] {
        assert!(rfc822::scan(text, limit).len() <= limit);
    }
    assert!(rfc822::scan(text, 0).len() <= text.len());
}

/// Whatever local parts are made of, a list of them reads as it was written.
fn mailboxes(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let mut all: Vec<BString> = Vec::new();
    while !input.rest.is_empty() && all.len() < 8 {
        let local = input.counted();
        // Line ends and tabs become spaces: a header may be folded anywhere.
        // An at sign in front begins a source route, which is never quoted.
        if !local.is_empty() && !local.starts_with(b"@") && !local.iter().any(|b| b"\r\n\t".contains(b)) {
            all.push([local, b"@example.com"].concat().into());
        }
    }
    let quoted: Vec<BString> = all.iter().map(|address| quote::quote_822_local(address)).collect();
    let text = bstr::join(", ", &quoted);
    let found: Vec<BString> = rfc822::addresses(&rfc822::parse(&text, 0)).collect();
    assert_eq!(found, all, "{}", text.as_bstr());
    let rewritten = rfc822::external(&rfc822::parse(&text, 0), false);
    assert_eq!(rewritten.as_bstr(), text.as_bstr());
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
