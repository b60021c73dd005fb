//! inet_protocols, inet_interfaces, proxy_interfaces and the default of mynetworks.

use std::fmt;
use std::net::{IpAddr, ToSocketAddrs};

use sys::host::{LocalAddress, local_addresses};

use crate::params::{INET_INTERFACES, INET_PROTOCOLS, MYNETWORKS_STYLE};
use crate::{Config, ConfigError};

/// Which families inet_protocols allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Protocols {
    pub ipv4: bool,
    pub ipv6: bool,
}

impl Protocols {
    /// Whether the address is of an allowed family.
    pub fn allow(self, address: IpAddr) -> bool {
        if address.is_ipv4() { self.ipv4 } else { self.ipv6 }
    }
}

/// An address block, printed as mynetworks wants it: `192.0.2.0/24`, `[2001:db8::]/64`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Network {
    pub address: IpAddr,
    pub prefix: u8,
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.address {
            IpAddr::V4(address) => write!(f, "{address}/{}", self.prefix),
            IpAddr::V6(address) => write!(f, "[{address}]/{}", self.prefix),
        }
    }
}

impl Network {
    /// The block of `prefix` bits that holds the address.
    pub fn around(address: IpAddr, prefix: u8) -> Network {
        let address = match address {
            IpAddr::V4(v4) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(prefix.min(32))).unwrap_or(0);
                IpAddr::V4((v4.to_bits() & mask).into())
            }
            IpAddr::V6(v6) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(prefix.min(128))).unwrap_or(0);
                IpAddr::V6((v6.to_bits() & mask).into())
            }
        };
        Network { address, prefix }
    }
}

/// The families of inet_protocols; `all` is what this host has.
pub fn protocols(cf: &Config) -> Result<Protocols, ConfigError> {
    let text = cf.try_get(INET_PROTOCOLS)?;
    let mut found = Protocols { ipv4: false, ipv6: false };
    for word in words(text) {
        match word {
            "all" => found = Protocols { ipv4: true, ipv6: has_ipv6() },
            "ipv4" => found.ipv4 = true,
            "ipv6" => found.ipv6 = true,
            _ => {
                return Err(ConfigError::new(format!(
                    "unknown inet_protocols value \"{word}\" in \"{text}\""
                )));
            }
        }
    }
    Ok(found)
}

/// The addresses that inet_interfaces names, sorted, each with its network's prefix length.
pub fn own_addresses(cf: &Config) -> Result<Vec<LocalAddress>, ConfigError> {
    let protocols = protocols(cf)?;
    let local = local_addresses()
        .map_err(|e| ConfigError::new(format!("network interfaces: {}", sys::errno_text(&e))))?;
    let local: Vec<LocalAddress> = local.into_iter().filter(|a| protocols.allow(a.address)).collect();
    let mut own = match cf.try_get(INET_INTERFACES)? {
        all if all.eq_ignore_ascii_case("all") => local,
        loopback if loopback.eq_ignore_ascii_case("loopback-only") => {
            local.into_iter().filter(|a| a.address.is_loopback()).collect()
        }
        list => {
            let mut own = Vec::new();
            for host in words(list) {
                own.extend(resolve(host, protocols, &local)?);
            }
            own
        }
    };
    own.sort_by_key(|a| (a.address.is_ipv6(), a.address));
    own.dedup();
    Ok(own)
}

/// The addresses of a host name or literal of inet_interfaces or proxy_interfaces.
pub fn host_addresses(parameter: &str, host: &str, protocols: Protocols) -> Result<Vec<IpAddr>, ConfigError> {
    let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
    let bare = bare.strip_prefix("IPv6:").or_else(|| bare.strip_prefix("ipv6:")).unwrap_or(bare);
    if let Ok(address) = bare.parse::<IpAddr>() {
        return Ok(vec![address]);
    }
    let mut found: Vec<IpAddr> = match (bare, 0).to_socket_addrs() {
        Ok(all) => all.map(|a| a.ip()).filter(|&a| protocols.allow(a)).collect(),
        Err(_) => Vec::new(),
    };
    found.dedup();
    if found.is_empty() {
        return Err(ConfigError::new(format!("config variable {parameter}: host not found: {host}")));
    }
    Ok(found)
}

fn resolve(
    host: &str,
    protocols: Protocols,
    local: &[LocalAddress],
) -> Result<Vec<LocalAddress>, ConfigError> {
    let found = host_addresses("inet_interfaces", host, protocols)?;
    found
        .into_iter()
        .filter(|&a| protocols.allow(a))
        .map(|address| {
            local.iter().find(|l| l.address == address).copied().ok_or_else(|| {
                let what = "parameter inet_interfaces: no local interface found for";
                ConfigError::new(format!("{what} {address}"))
            })
        })
        .collect()
}

/// The default of mynetworks: our own addresses, widened as mynetworks_style says.
pub fn local_networks(cf: &Config) -> Result<String, ConfigError> {
    let style = cf.try_text(MYNETWORKS_STYLE.name())?.unwrap_or_default();
    if words(&style).count() != 1 {
        let what = format!("bad mynetworks_style value: {style}; specify exactly one value");
        return Err(ConfigError::new(what));
    }
    networks_in_style(cf, &style)
}

/// As [`local_networks`], for another style than mynetworks_style.
pub fn networks_in_style(cf: &Config, style: &str) -> Result<String, ConfigError> {
    let mut networks: Vec<Network> = Vec::new();
    for own in own_addresses(cf)? {
        let host = if own.address.is_ipv4() { 32 } else { 128 };
        let prefix = match style {
            "host" => host,
            "subnet" => own.prefix,
            "class" => class(own.address).unwrap_or(own.prefix),
            _ => {
                return Err(ConfigError::new(format!(
                    "unknown mynetworks mask style value \"{style}\" in \"{style}\""
                )));
            }
        };
        let network = Network::around(own.address, prefix);
        if !networks.contains(&network) {
            networks.push(network);
        }
    }
    Ok(networks.iter().map(Network::to_string).collect::<Vec<_>>().join(" "))
}

/// The prefix length of the address's class, for those who still think in classes.
fn class(address: IpAddr) -> Option<u8> {
    let IpAddr::V4(v4) = address else { return None };
    Some(match v4.octets()[0] {
        0..=127 => 8,
        128..=191 => 16,
        192..=223 => 24,
        _ => 32,
    })
}

fn has_ipv6() -> bool {
    std::path::Path::new("/proc/net/if_inet6").exists() || std::net::UdpSocket::bind("[::]:0").is_ok()
}

fn words(list: &str) -> impl Iterator<Item = &str> {
    list.split([' ', '\t', '\r', '\n', ',']).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles() {
        for (style, want) in [("host", "127.0.0.1/32"), ("subnet", "127.0.0.0/8"), ("class", "127.0.0.0/8")] {
            let cf = Config::from_pairs(&[("inet_interfaces", "127.0.0.1"), ("mynetworks_style", style)]);
            assert_eq!(local_networks(&cf).unwrap(), want, "{style}");
        }
    }

    #[test]
    fn blocks() {
        for (address, prefix, want) in
            [("192.0.2.77", 24, "192.0.2.0/24"), ("10.1.2.3", 0, "0.0.0.0/0"), ("fd00::2", 64, "[fd00::]/64")]
        {
            assert_eq!(Network::around(address.parse().unwrap(), prefix).to_string(), want);
        }
    }

    #[test]
    fn unknown_words() {
        let cf = Config::from_pairs(&[("inet_protocols", "ipv4, ipv9")]);
        let why = protocols(&cf).unwrap_err().to_string();
        assert_eq!(why, "unknown inet_protocols value \"ipv9\" in \"ipv4, ipv9\"");
    }
}
