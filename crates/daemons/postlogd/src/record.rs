//! A record's parts: `Mmm dd hh:mm:ss host tag[id]: text`.

/// The tag with its id, and the text; `None` for what is not a record.
pub fn split(record: &[u8]) -> Option<(&str, &[u8])> {
    let mut rest = record;
    for _stamp_and_host in 0..4 {
        let end = rest.iter().position(|&byte| byte == b' ')?;
        rest = rest.get(end..)?.trim_ascii_start();
    }
    let end = rest.iter().position(|&byte| byte == b' ')?;
    let (tag, text) = rest.split_at_checked(end)?;
    let tag = std::str::from_utf8(tag.strip_suffix(b":")?).ok()?;
    Some((tag, text.get(1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_taken_apart() {
        let record = b"Nov 02 03:14:03 mx postfix/smtpd[202]: warning: x: y";
        assert_eq!(split(record), Some(("postfix/smtpd[202]", b"warning: x: y".as_slice())));
        for not_one in [b"".as_slice(), b"Nov 02", b"a b c d e f", b"Nov 02 03:14:03 mx tag\xff[1]: x"] {
            assert_eq!(split(not_one), None);
        }
    }
}
