//! Names and addresses as the system knows them: hosts file, nsswitch, DNS (getaddrinfo(3), getnameinfo(3)).

use std::fmt;
use std::net::IpAddr;

use crate::Families;
use sys::resolver::{Family, LookupError};

/// Why the system found nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NativeError {
    /// Ask again later; otherwise the name or address is unknown.
    pub try_again: bool,
    /// The system's text ("Name or service not known").
    pub text: String,
}

impl fmt::Display for NativeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for NativeError {}

impl From<LookupError> for NativeError {
    fn from(err: LookupError) -> NativeError {
        NativeError { try_again: !err.not_found, text: err.text }
    }
}

/// The addresses of a host name or of an address literal, in the system's order, without repeats.
pub fn addresses_of(name: &[u8], families: Families) -> Result<Vec<IpAddr>, NativeError> {
    let family = match families {
        Families::Ipv4 => Family::Ipv4,
        Families::Ipv6 => Family::Ipv6,
        Families::Both | Families::BothIpv6First => Family::Any,
    };
    Ok(sys::resolver::addresses_of(name, family)?)
}

/// The name of a host, by its address; an address without a name is an error.
pub fn name_of(addr: IpAddr) -> Result<String, NativeError> {
    Ok(sys::resolver::name_of(addr)?)
}

/// The number of a TCP service: a number stands for itself, a name is looked up in the system's services.
pub fn tcp_port(service: &str) -> Option<u16> {
    match service.parse::<u16>() {
        Ok(port) => Some(port),
        Err(_) if service.bytes().all(|b| b.is_ascii_digit()) => None,
        Err(_) => sys::resolver::service_port(service),
    }
}
