//! Host names and host addresses as mail writes them: syntax only, no look-ups.

use bstr::ByteSlice;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A host name's longest form, RFC 1035 §2.3.4.
pub const HOSTNAME_MAX: usize = 255;
/// A label's longest form.
pub const LABEL_MAX: usize = 63;

/// Why a name is no host name. Displays as the reference's log line about `name`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostnameError<'a> {
    /// The text that was refused.
    pub name: &'a [u8],
    /// What is wrong with it.
    pub fault: HostnameFault,
}

/// What is wrong with a host name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostnameFault {
    /// No text at all.
    Empty,
    /// A label of more than 63 bytes.
    LabelTooLong,
    /// More than 255 bytes.
    TooLong,
    /// An empty label: a dot at either end, or two in a row.
    MisplacedDelimiter,
    /// A label that starts or ends with a hyphen.
    MisplacedHyphen,
    /// A byte that no host name has; its value.
    InvalidCharacter(u8),
    /// Digits and dots only: an address, not a name.
    Numeric,
}

impl fmt::Display for HostnameError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = crate::text::excerpt(self.name, 100).as_bstr();
        match self.fault {
            HostnameFault::Empty => write!(f, "valid_hostname: empty hostname"),
            HostnameFault::LabelTooLong => {
                write!(f, "valid_hostname: hostname label too long: {name}")
            }
            HostnameFault::TooLong => write!(f, "valid_hostname: bad length {} for {name}", self.name.len()),
            HostnameFault::MisplacedDelimiter => {
                write!(f, "valid_hostname: misplaced delimiter: {name}")
            }
            HostnameFault::MisplacedHyphen => write!(f, "valid_hostname: misplaced hyphen: {name}"),
            HostnameFault::InvalidCharacter(byte) => {
                write!(f, "valid_hostname: invalid character {byte}(decimal): {name}")
            }
            HostnameFault::Numeric => write!(f, "valid_hostname: numeric hostname: {name}"),
        }
    }
}

/// Is `name` a host name? Underscores pass (compat: the reference allows them); bytes above 126
/// do not, convert internationalised names first.
pub fn check_hostname(name: &[u8]) -> Result<(), HostnameError<'_>> {
    hostname_fault(name).map_or(Ok(()), |fault| Err(HostnameError { name, fault }))
}

fn hostname_fault(name: &[u8]) -> Option<HostnameFault> {
    if name.is_empty() {
        return Some(HostnameFault::Empty);
    }
    let mut numeric = true;
    for label in name.split_str(".") {
        if label.is_empty() {
            return Some(HostnameFault::MisplacedDelimiter);
        }
        if label.len() > LABEL_MAX {
            return Some(HostnameFault::LabelTooLong);
        }
        for byte in label {
            match byte {
                b'0'..=b'9' => {}
                b'-' | b'_' | b'a'..=b'z' | b'A'..=b'Z' => numeric = false,
                other => return Some(HostnameFault::InvalidCharacter(*other)),
            }
        }
        if label.starts_with(b"-") || label.ends_with(b"-") {
            return Some(HostnameFault::MisplacedHyphen);
        }
    }
    if numeric {
        return Some(HostnameFault::Numeric);
    }
    (name.len() > HOSTNAME_MAX).then_some(HostnameFault::TooLong)
}

/// Is `name` a host name?
pub fn is_hostname(name: &[u8]) -> bool {
    hostname_fault(name).is_none()
}

/// Is `name` an internationalised host name in UTF-8? Each label must be acceptable ASCII or hold letters outside
/// ASCII; conversion to its ASCII form is left to whoever looks it up.
pub fn is_utf8_hostname(name: &[u8]) -> bool {
    if name.is_ascii() || name.len() > 4 * HOSTNAME_MAX {
        return false;
    }
    let Ok(text) = std::str::from_utf8(name) else { return false };
    text.split(['.', '\u{3002}', '\u{ff0e}', '\u{ff61}']).all(|label| {
        !label.is_empty()
            && label.chars().all(|c| match c {
                'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' => true,
                other => !other.is_ascii() && !other.is_control() && !other.is_whitespace(),
            })
    })
}

/// An IPv4 or IPv6 address in its plain text form, without brackets.
pub fn parse_address(text: &[u8]) -> Option<IpAddr> {
    if text.contains(&b':') { parse_ipv6(text).map(IpAddr::V6) } else { parse_ipv4(text).map(IpAddr::V4) }
}

/// Is `text` an IPv4 or IPv6 address?
pub fn is_address(text: &[u8]) -> bool {
    parse_address(text).is_some()
}

/// Four decimal octets. `0.x.x.x` is refused, except 0.0.0.0 (compat: the reference's rule).
pub fn parse_ipv4(text: &[u8]) -> Option<Ipv4Addr> {
    let mut octets = [0u8; 4];
    let mut parts = text.split_str(".");
    for octet in &mut octets {
        let part = parts.next()?;
        if part.is_empty() || !part.iter().all(u8::is_ascii_digit) {
            return None;
        }
        *octet = part.to_str().ok()?.parse().ok()?;
    }
    if parts.next().is_some() {
        return None;
    }
    (octets[0] != 0 || octets == [0; 4]).then(|| Ipv4Addr::from(octets))
}

/// An IPv6 address, without scope.
pub fn parse_ipv6(text: &[u8]) -> Option<Ipv6Addr> {
    text.to_str().ok()?.parse().ok()
}

/// The address form behind `[` and before `]` of a mail domain: `192.0.2.1` or `IPv6:2001:db8::1`.
/// An IPv6 address must say that it is one.
pub fn parse_mail_address(text: &[u8]) -> Option<IpAddr> {
    match text.get(..5) {
        Some(tag) if tag.eq_ignore_ascii_case(b"IPv6:") => parse_ipv6(text.get(5..)?).map(IpAddr::V6),
        _ => parse_ipv4(text).map(IpAddr::V4),
    }
}

/// The address of a mail domain literal, brackets included.
pub fn parse_literal(text: &[u8]) -> Option<IpAddr> {
    parse_mail_address(text.strip_prefix(b"[")?.strip_suffix(b"]")?)
}

/// An address as a mail domain literal shows it, without brackets: `192.0.2.1`, `IPv6:2001:db8::1`.
pub fn literal_text(address: IpAddr) -> String {
    match address {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => format!("IPv6:{v6}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostnames() {
        use HostnameFault::*;
        let long = "a".repeat(64);
        let cases: &[(&str, Option<HostnameFault>)] = &[
            ("example.com", None),
            ("a_b.example", None),
            ("1.example", None),
            ("x--y.test", None),
            ("localhost", None),
            ("", Some(Empty)),
            (".", Some(MisplacedDelimiter)),
            ("a..b", Some(MisplacedDelimiter)),
            ("a.", Some(MisplacedDelimiter)),
            ("-a.b", Some(MisplacedHyphen)),
            ("a-.b", Some(MisplacedHyphen)),
            ("a b", Some(InvalidCharacter(32))),
            ("127.0.0.1", Some(Numeric)),
            ("12", Some(Numeric)),
            (&long, Some(LabelTooLong)),
        ];
        for (name, fault) in cases {
            assert_eq!(hostname_fault(name.as_bytes()), *fault, "{name}");
        }
        assert_eq!(
            check_hostname(b"a..b").unwrap_err().to_string(),
            "valid_hostname: misplaced delimiter: a..b"
        );
    }

    #[test]
    fn internationalised_names() {
        for good in ["b\u{fc}cher.example", "\u{4f8b}.test"] {
            assert!(is_utf8_hostname(good.as_bytes()), "{good}");
        }
        for bad in ["example.com", "b\u{fc}cher..example", "b\u{fc} cher.example", "\u{fc}/x"] {
            assert!(!is_utf8_hostname(bad.as_bytes()), "{bad}");
        }
        assert!(!is_utf8_hostname(b"\xff.example"));
    }

    #[test]
    fn addresses_and_literals() {
        for good in ["192.0.2.1", "0.0.0.0", "::1", "2001:db8::1", "::ffff:192.0.2.1"] {
            assert!(is_address(good.as_bytes()), "{good}");
        }
        for bad in ["", "1.2.3", "1.2.3.4.5", "256.1.1.1", "0.1.2.3", "1.2.3.x", ":::", "1::2::3"] {
            assert!(!is_address(bad.as_bytes()), "{bad}");
        }
        assert_eq!(parse_literal(b"[192.0.2.1]"), Some("192.0.2.1".parse().unwrap()));
        assert_eq!(parse_literal(b"[ipv6:::1]"), Some("::1".parse().unwrap()));
        assert_eq!(parse_literal(b"[::1]"), None);
        assert_eq!(parse_literal(b"192.0.2.1"), None);
        assert_eq!(literal_text("::1".parse().unwrap()), "IPv6:::1");
    }
}
