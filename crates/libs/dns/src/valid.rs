//! What may stand as a host name or address in a query or an answer.

use mail::host::HostnameError;

/// Whether this is a host or domain name; its first label may be `*` (RFC 1034 §4.3.3).
pub fn valid_hostname(name: &[u8]) -> bool {
    check_hostname(name).is_ok()
}

/// The same, with what is wrong.
pub fn check_hostname(name: &[u8]) -> Result<(), HostnameError<'_>> {
    mail::host::check_hostname(name.strip_prefix(b"*.").unwrap_or(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_names() {
        for good in ["example.com", "*.example.com", "_25._tcp.mx.example", "3com.com"] {
            assert!(valid_hostname(good.as_bytes()), "{good}");
        }
        for bad in ["", "ex..com", "a.*.example.com", "-a.com", "1.2.3.4", "a b", "*."] {
            assert!(!valid_hostname(bad.as_bytes()), "{bad}");
        }
    }
}
