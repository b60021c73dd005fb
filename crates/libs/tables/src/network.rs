//! Address patterns: `1.2.3.4`, `1.2.3.0/24`, `[::1]/128`, with any number of `!` before them.

use std::net::IpAddr;

/// A network, or its complement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
    negated: bool,
}

impl Network {
    /// Parses a pattern. The error is the reference's text.
    pub fn parse(pattern: &str) -> Result<Network, String> {
        let bare = pattern.trim_start_matches('!');
        let negated = (pattern.len() - bare.len()) % 2 == 1;
        if bare.is_empty() {
            return Err("no pattern".to_owned());
        }
        let (address, prefix) = split(bare)?;
        let network = match prefix {
            None => {
                let parsed =
                    parse_address(address).ok_or_else(|| format!("bad address pattern: \"{address}\""))?;
                Network { address: parsed, prefix: width(parsed), negated }
            }
            Some(prefix) => {
                let bad = |what: &str| format!("bad {what} in \"{address}/{prefix}\"");
                let digits = !prefix.is_empty() && prefix.bytes().all(|b| b.is_ascii_digit());
                let length =
                    prefix.parse::<u32>().ok().filter(|_| digits).ok_or_else(|| bad("mask value"))?;
                let parsed = parse_address(address).ok_or_else(|| bad("network value"))?;
                let length = u8::try_from(length).ok().filter(|n| *n <= width(parsed));
                let length = length.ok_or_else(|| bad("mask length"))?;
                let network = masked(parsed, length);
                if network != parsed {
                    return Err(format!(
                        "non-null host address bits in \"{address}/{prefix}\", perhaps you should use \"{network}/{length}\" instead"
                    ));
                }
                Network { address: network, prefix: length, negated }
            }
        };
        Ok(network)
    }

    /// The masked address and the length of its mask, where no `!` turns the pattern round.
    pub(crate) fn plain(&self) -> Option<(IpAddr, u8)> {
        (!self.negated).then_some((self.address, self.prefix))
    }

    /// Whether `address` is in it (for `!` patterns: is of the same family and not in it).
    pub fn matches(&self, address: IpAddr) -> bool {
        self.address.is_ipv4() == address.is_ipv4()
            && (masked(address, self.prefix) == self.address) != self.negated
    }
}

/// Takes `[addr]/len`, `[addr/len]`, `addr/len` or `addr` apart.
fn split(pattern: &str) -> Result<(&str, Option<&str>), String> {
    let Some(open) = pattern.strip_prefix('[') else {
        return Ok(pattern
            .split_once('/')
            .map_or((pattern, None), |(address, prefix)| (address, Some(prefix))));
    };
    let (inside, after) =
        open.split_once(']').ok_or_else(|| format!("missing ']' character after \"[{open}\""))?;
    if let Some(prefix) = after.strip_prefix('/') {
        return Ok((inside, Some(prefix)));
    }
    if !after.is_empty() {
        return Err(format!("garbage after \"[{inside}]\""));
    }
    Ok(inside.split_once('/').map_or((inside, None), |(address, prefix)| (address, Some(prefix))))
}

/// An address as the C library's inet_pton reads it.
pub fn parse_address(text: &str) -> Option<IpAddr> {
    if text.contains(':') { text.parse().ok().map(IpAddr::V6) } else { text.parse().ok().map(IpAddr::V4) }
}

fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// `address` with all but its first `prefix` bits zero.
pub(crate) fn masked(address: IpAddr, prefix: u8) -> IpAddr {
    match address {
        IpAddr::V4(v4) => IpAddr::V4(
            (v4.to_bits() & u32::MAX.checked_shl(32 - u32::from(prefix.min(32))).unwrap_or(0)).into(),
        ),
        IpAddr::V6(v6) => IpAddr::V6(
            (v6.to_bits() & u128::MAX.checked_shl(128 - u32::from(prefix.min(128))).unwrap_or(0)).into(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, address, matches) in [
            ("1.2.3.0/24", "1.2.3.255", true),
            ("1.2.3.0/24", "1.2.4.0", false),
            ("0.0.0.0/0", "9.9.9.9", true),
            ("0.0.0.0/0", "::1", false),
            ("[::1]/128", "::1", true),
            ("[fe80::/10]", "fe80::5", true),
            ("!10.0.0.0/8", "11.0.0.1", true),
            ("!!10.0.0.0/8", "11.0.0.1", false),
            ("1.2.3.4", "1.2.3.4", true),
        ] {
            assert_eq!(
                Network::parse(pattern).unwrap().matches(address.parse().unwrap()),
                matches,
                "{pattern} {address}"
            );
        }
    }

    #[test]
    fn faults_are_named() {
        for (pattern, why) in [
            (
                "1.2.3.4/24",
                "non-null host address bits in \"1.2.3.4/24\", perhaps you should use \"1.2.3.0/24\" instead",
            ),
            ("1.2.3/24", "bad network value in \"1.2.3/24\""),
            ("1.2.3.0/33", "bad mask length in \"1.2.3.0/33\""),
            ("[::1", "missing ']' character after \"[::1\""),
            ("[::1]x", "garbage after \"[::1]\""),
            ("x", "bad address pattern: \"x\""),
            ("!", "no pattern"),
        ] {
            assert_eq!(Network::parse(pattern).unwrap_err(), why);
        }
    }
}
