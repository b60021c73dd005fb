//! What may stand as a host name or address in a query or an answer.

/// The longest text of a domain name that the mail system takes.
const NAME_MAX: usize = 255;
const LABEL_MAX: usize = 63;

/// A host or domain name: labels of letters, digits, hyphen and underscore, none empty, none with a hyphen at its edge, not all
/// digits. With `wildcard`, the first label may be `*`.
pub fn valid_hostname(name: &[u8], wildcard: bool) -> bool {
    if name.is_empty() || name.len() > NAME_MAX {
        return false;
    }
    let mut letters = false;
    for (at, label) in name.split(|&b| b == b'.').enumerate() {
        if at == 0 && wildcard && label == b"*" {
            letters = true;
            continue;
        }
        let edge = |b: Option<&u8>| b == Some(&b'-');
        if label.is_empty() || label.len() > LABEL_MAX || edge(label.first()) || edge(label.last()) {
            return false;
        }
        for &b in label {
            match b {
                b'0'..=b'9' => {}
                b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'-' => letters = true,
                _ => return false,
            }
        }
    }
    letters
}

/// An IPv4 or IPv6 address in its usual text form.
pub fn valid_hostaddr(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok_and(|t| t.parse::<std::net::IpAddr>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_names() {
        let table: &[(&str, bool)] = &[
            ("example.com", true),
            ("a", true),
            ("_25._tcp.mx.example", true),
            ("3com.com", true),
            ("", false),
            ("ex..com", false),
            (".com", false),
            ("com.", false),
            ("-a.com", false),
            ("a-.com", false),
            ("1.2.3.4", false),
            ("123", false),
            ("a b", false),
            ("*.example.com", false),
            ("caf\u{e9}.fr", false),
        ];
        for (name, want) in table {
            assert_eq!(valid_hostname(name.as_bytes(), false), *want, "{name}");
        }
        assert!(valid_hostname(b"*.example.com", true));
        assert!(!valid_hostname(b"a.*.example.com", true));
        assert!(!valid_hostname(&[b'a'; 64], false));
        assert!(!valid_hostname("a.".repeat(200).as_bytes(), false));
    }

    #[test]
    fn addresses() {
        for good in ["1.2.3.4", "::1", "2001:db8::1"] {
            assert!(valid_hostaddr(good.as_bytes()));
        }
        for bad in ["1.2.3", "1.2.3.4.5", "a", "", "[::1]"] {
            assert!(!valid_hostaddr(bad.as_bytes()));
        }
    }
}
