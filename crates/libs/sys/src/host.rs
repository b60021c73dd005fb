//! This host: its name and its network interfaces' addresses.

use std::io;
use std::net::IpAddr;

use nix::ifaddrs::{InterfaceAddress, getifaddrs};
use nix::net::if_::InterfaceFlags;
use nix::sys::socket::SockaddrStorage;

/// The name that the kernel gives this host.
pub fn hostname() -> io::Result<String> {
    let name = nix::unistd::gethostname()?;
    Ok(name.to_string_lossy().into_owned())
}

/// An address of an interface that is up, and the length of its network's prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocalAddress {
    pub address: IpAddr,
    pub prefix: u8,
    /// The interface is the loopback.
    pub loopback: bool,
}

/// The addresses of all interfaces that are up.
pub fn local_addresses() -> io::Result<Vec<LocalAddress>> {
    Ok(getifaddrs()?.filter(|i| i.flags.contains(InterfaceFlags::IFF_UP)).filter_map(|i| local(&i)).collect())
}

fn local(interface: &InterfaceAddress) -> Option<LocalAddress> {
    let address = ip(interface.address.as_ref()?)?;
    let mask = interface.netmask.as_ref().and_then(ip);
    let prefix = match mask {
        Some(IpAddr::V4(mask)) => mask.to_bits().leading_ones(),
        Some(IpAddr::V6(mask)) => mask.to_bits().leading_ones(),
        None if address.is_ipv4() => 32,
        None => 128,
    };
    Some(LocalAddress {
        address,
        prefix: u8::try_from(prefix).unwrap_or(128),
        loopback: interface.flags.contains(InterfaceFlags::IFF_LOOPBACK),
    })
}

fn ip(address: &SockaddrStorage) -> Option<IpAddr> {
    if let Some(v4) = address.as_sockaddr_in() {
        return Some(v4.ip().into());
    }
    address.as_sockaddr_in6().map(|v6| v6.ip().into())
}

/// Whether this process runs with more rights than its caller has: set-uid or set-gid.
pub fn is_set_id() -> bool {
    use nix::unistd::{getegid, geteuid, getgid, getuid};
    let root = getuid().is_root() && geteuid().is_root();
    !root && (getuid() != geteuid() || getgid() != getegid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_there() {
        let all = local_addresses().unwrap();
        assert!(
            all.iter().any(|a| a.loopback && a.address.to_string() == "127.0.0.1" && a.prefix == 8),
            "{all:?}"
        );
        assert!(!hostname().unwrap().is_empty());
    }
}
