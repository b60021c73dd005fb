//! Addresses in internal (unquoted) form: local part, domain, extension.
//! The domain starts behind the *last* `@`: an internal local part may contain one itself.

use bstr::{BString, ByteSlice};

/// The bounce and notice senders, whose local parts are never split.
pub const MAILER_DAEMON: &[u8] = b"MAILER-DAEMON";
/// Who gets the postmaster notices.
pub const POSTMASTER: &[u8] = b"postmaster";

/// Splits `local@domain` at the last `@`; the domain is `None` when there is no `@`.
pub fn split_domain(address: &[u8]) -> (&[u8], Option<&[u8]>) {
    match address.rfind_byte(b'@') {
        Some(at) => {
            let (local, rest) = address.split_at(at);
            (local, rest.get(1..))
        }
        None => (address, None),
    }
}

/// The part in front of the last `@`.
pub fn local_part(address: &[u8]) -> &[u8] {
    split_domain(address).0
}

/// The part behind the last `@`, if there is one.
pub fn domain(address: &[u8]) -> Option<&[u8]> {
    split_domain(address).1
}

/// Splits a local part at the first of `delims` into user and extension (without the delimiter).
/// `None` when `local` must stay whole: nothing to split, an empty user, a reserved name
/// (postmaster, mailer-daemon, `double_bounce`), or, with `owner_request_special` and `-` among the
/// delimiters, `owner-list` and `list-request`.
pub fn split_extension<'a>(
    local: &'a [u8],
    delims: &[u8],
    owner_request_special: bool,
    double_bounce: &[u8],
) -> Option<(&'a [u8], &'a [u8])> {
    let reserved = [POSTMASTER, MAILER_DAEMON, double_bounce];
    if reserved.iter().any(|name| local.eq_ignore_ascii_case(name)) {
        return None;
    }
    if owner_request_special && delims.contains(&b'-') && is_list_role(local) {
        return None;
    }
    let at = local.find_byteset(delims)?;
    let (user, rest) = local.split_at_checked(at)?;
    if user.is_empty() {
        return None;
    }
    Some((user, rest.get(1..)?))
}

/// `owner-list` or `list-request`.
fn is_list_role(local: &[u8]) -> bool {
    let owner = local.get(..6).is_some_and(|head| head.eq_ignore_ascii_case(b"owner-"));
    let request = local
        .len()
        .checked_sub(8)
        .and_then(|at| local.get(at..))
        .is_some_and(|tail| tail.eq_ignore_ascii_case(b"-request"));
    owner || request
}

/// `user+ext@domain` without its extension: `(user@domain, "+ext")`, or `None` if nothing splits.
/// The second half keeps its delimiter, ready to be put back behind another local part.
pub fn strip_extension(
    address: &[u8],
    delims: &[u8],
    owner_request_special: bool,
    double_bounce: &[u8],
) -> Option<(BString, BString)> {
    let (local, domain) = split_domain(address);
    let (user, extension) = split_extension(local, delims, owner_request_special, double_bounce)?;
    let mut stripped = BString::from(user);
    if let Some(domain) = domain {
        stripped.push(b'@');
        stripped.extend_from_slice(domain);
    }
    let delimiter_and_extension = local.get(user.len()..).unwrap_or(extension);
    Some((stripped, delimiter_and_extension.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_at_splits() {
        assert_eq!(split_domain(b"a@b@c"), (&b"a@b"[..], Some(&b"c"[..])));
        assert_eq!(split_domain(b"a"), (&b"a"[..], None));
        assert_eq!(split_domain(b"a@"), (&b"a"[..], Some(&b""[..])));
    }

    /// Local part, delimiters, and what comes of them.
    type Case<'a> = (&'a str, &'a str, Option<(&'a str, &'a str)>);

    #[test]
    fn extensions() {
        let cases: &[Case<'_>] = &[
            ("joe+lists", "+", Some(("joe", "lists"))),
            ("joe-a+b", "+-", Some(("joe", "a+b"))),
            ("joe+", "+", Some(("joe", ""))),
            ("+lists", "+", None),
            ("joe", "+", None),
            ("owner-list", "-", None),
            ("list-request", "-", None),
            ("owner-list", "+-", None),
            ("owner+list", "+", Some(("owner", "list"))),
            ("Mailer-Daemon", "-", None),
            ("double-bounce", "-", None),
        ];
        for (local, delims, expected) in cases {
            let got = split_extension(local.as_bytes(), delims.as_bytes(), true, b"double-bounce");
            let expected = expected.map(|(user, ext)| (user.as_bytes(), ext.as_bytes()));
            assert_eq!(got, expected, "{local} by {delims}");
        }
    }

    #[test]
    fn stripping_keeps_the_domain() {
        assert_eq!(
            strip_extension(b"joe+x@d.test", b"+", true, b"double-bounce"),
            Some(("joe@d.test".into(), "+x".into()))
        );
    }
}
