//! `*_tls_protocols`: which protocol versions a side may speak.

use openssl::ssl::{SslOptions, SslVersion};

/// The versions that OpenSSL can be told to leave out, with their option bits. SSLv2 is long gone.
const KNOWN: [(&str, u16, SslOptions); 6] = [
    ("SSLv2", 0x0002, SslOptions::empty()),
    ("SSLv3", 0x0300, SslOptions::NO_SSLV3),
    ("TLSv1", 0x0301, SslOptions::NO_TLSV1),
    ("TLSv1.1", 0x0302, SslOptions::NO_TLSV1_1),
    ("TLSv1.2", 0x0303, SslOptions::NO_TLSV1_2),
    ("TLSv1.3", 0x0304, SslOptions::NO_TLSV1_3),
];

/// A parsed list: versions left out, and the ends of the range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Protocols {
    pub excluded: SslOptions,
    pub lowest: Option<SslVersion>,
    pub highest: Option<SslVersion>,
    /// A limit by a number that is no version: "min" or "max", and the number.
    pub odd: Option<(&'static str, u32)>,
}

impl Protocols {
    /// Reads a list such as `>=TLSv1.2`, `!SSLv2, !SSLv3` or `TLSv1.2 TLSv1.3`. `None`: it is invalid.
    pub fn parse(list: &str) -> Option<Protocols> {
        let (mut lowest, mut highest, mut odd) = (None, None, None);
        let (mut included, mut excluded) = (SslOptions::empty(), SslOptions::empty());
        let mut any_included = false;
        for word in
            list.split(|c: char| c.is_ascii_whitespace() || c == ',' || c == ':').filter(|w| !w.is_empty())
        {
            if let Some(name) = word.strip_prefix(">=") {
                lowest = limit(name, "min", &mut odd)?;
            } else if let Some(name) = word.strip_prefix("<=") {
                highest = limit(name, "max", &mut odd)?;
            } else if let Some(name) = word.strip_prefix('!') {
                excluded |= option(name)?;
            } else {
                included |= option(word)?;
                any_included = true;
            }
        }
        if any_included {
            for (_, _, bit) in KNOWN {
                if !included.contains(bit) {
                    excluded |= bit;
                }
            }
        }
        Some(Protocols { excluded, lowest, highest, odd })
    }

    /// A text that is equal for equal lists, for the session cache's key.
    pub fn fingerprint(&self) -> String {
        format!("{:x}.{:?}.{:?}", self.excluded.bits(), self.lowest, self.highest)
    }
}

fn known(name: &str) -> Option<&'static (&'static str, u16, SslOptions)> {
    KNOWN.iter().find(|(known, _, _)| known.eq_ignore_ascii_case(name))
}

fn option(name: &str) -> Option<SslOptions> {
    known(name).map(|row| row.2)
}

/// A version by name or by its hexadecimal number, with or without `0x`; 0 is no limit.
fn limit(name: &str, end: &'static str, odd: &mut Option<(&'static str, u32)>) -> Option<Option<SslVersion>> {
    let number = match known(name).filter(|row| row.1 != 0x0002) {
        Some(row) => u32::from(row.1),
        None if name.eq_ignore_ascii_case("none") => 0,
        None => u32::from_str_radix(name.strip_prefix("0x").unwrap_or(name), 16).ok()?,
    };
    Some(match number {
        0 => None,
        0x0300 => Some(SslVersion::SSL3),
        0x0301 => Some(SslVersion::TLS1),
        0x0302 => Some(SslVersion::TLS1_1),
        0x0303 => Some(SslVersion::TLS1_2),
        0x0304 => Some(SslVersion::TLS1_3),
        _ => {
            *odd = Some((end, number));
            None
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists() {
        let range = Protocols::parse(">=TLSv1.2, <=TLSv1.3").unwrap();
        assert_eq!((range.lowest, range.highest), (Some(SslVersion::TLS1_2), Some(SslVersion::TLS1_3)));
        assert!(range.excluded.is_empty());
        let without = Protocols::parse("!SSLv2:!SSLv3 !TLSv1").unwrap();
        assert_eq!(without.excluded, SslOptions::NO_SSLV3 | SslOptions::NO_TLSV1);
        let only = Protocols::parse("TLSv1.2").unwrap();
        assert!(only.excluded.contains(SslOptions::NO_TLSV1_3 | SslOptions::NO_TLSV1_1));
        assert!(!only.excluded.contains(SslOptions::NO_TLSV1_2));
        assert_eq!(Protocols::parse("").unwrap().lowest, None);
        assert_eq!(Protocols::parse(">=0x0303").unwrap().lowest, Some(SslVersion::TLS1_2));
        assert_eq!(Protocols::parse(">=303").unwrap().lowest, Some(SslVersion::TLS1_2));
        assert_eq!(Protocols::parse("<=0399").unwrap().odd, Some(("max", 0x399)));
        assert_eq!(Protocols::parse("TLSv9"), None);
        assert_eq!(Protocols::parse(">=TLSv9"), None);
    }
}
