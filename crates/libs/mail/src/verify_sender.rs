//! The sender of address probes, which may change with time (`address_verify_sender_ttl`), so that
//! it is of no use to those who collect addresses.

use crate::address::split_domain;
use bstr::BString;

/// Digits that form no words, whatever their case.
const DIGITS: &[u8] = b"0123456789BCDFGHJKLMNPQRSTVWXYZ";

/// The sender for the moment `now` (both in seconds): `sender`, with the number of the current
/// period behind its local part when there are periods. Empty and `<>` are the null sender.
pub fn current(sender: &[u8], ttl: u64, now: u64) -> BString {
    if sender == b"<>" || sender.is_empty() {
        return BString::default();
    }
    match now.checked_div(ttl) {
        Some(period) => with_period(sender, period),
        None => sender.into(),
    }
}

/// Is `address` the probe sender, now or a period ago or ahead (clocks differ, and probes take time)?
pub fn is_current(sender: &[u8], ttl: u64, now: u64, address: &[u8]) -> bool {
    let near = [now, now.saturating_sub(ttl), now.saturating_add(ttl)];
    near.iter().any(|moment| {
        let one = current(sender, ttl, *moment);
        !one.is_empty() && one.eq_ignore_ascii_case(address)
    })
}

fn with_period(sender: &[u8], period: u64) -> BString {
    let (local, domain) = split_domain(sender);
    let mut out = BString::from(local);
    out.extend(digits(period));
    if let Some(domain) = domain {
        out.push(b'@');
        out.extend_from_slice(domain);
    }
    out
}

fn digits(number: u64) -> Vec<u8> {
    let base = DIGITS.len() as u64;
    let mut rest = number;
    let mut out = Vec::new();
    loop {
        let digit = usize::try_from(rest % base).ok().and_then(|at| DIGITS.get(at));
        out.extend(digit);
        rest /= base;
        if rest == 0 {
            break;
        }
    }
    out.reverse();
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods() {
        assert_eq!(current(b"double-bounce@x", 0, 1000), "double-bounce@x");
        assert_eq!(current(b"<>", 10, 1000), "");
        assert_eq!(current(b"d@x", 10, 320), "d11@x");
        assert!(is_current(b"d@x", 10, 329, b"D11@x"));
        assert!(is_current(b"d@x", 10, 330, b"d11@x"));
        assert!(!is_current(b"d@x", 10, 350, b"d11@x"));
    }
}
