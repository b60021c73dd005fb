//! Who the client is: address, and name by forward and reverse lookup.

use std::net::{IpAddr, SocketAddr};

use bstr::BString;
use config::Config;
use config::params::*;
use dns::Families;
use net::Stream;

/// What came of a name lookup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NameStatus {
    Found,
    /// Try again.
    Unavailable,
    /// There is none.
    Missing,
    /// There is one, and it does not lead back.
    Forged,
}

/// A client, as far as it is known.
#[derive(Clone, Debug)]
pub struct Client {
    /// Verified name, or "unknown".
    pub name: BString,
    pub name_status: NameStatus,
    /// Name by the address alone, or "unknown".
    pub reverse_name: BString,
    pub reverse_status: NameStatus,
    /// Address without brackets or prefix.
    pub address: BString,
    /// The same with "IPv6:" where that applies.
    pub rfc_address: BString,
    pub port: BString,
    /// The number of the address family, as queue files have it.
    pub family: u32,
    /// Our end.
    pub server_address: BString,
    pub server_port: BString,
    /// `name[address]`, or `name[address]:port`.
    pub name_address: BString,
    pub ip: Option<IpAddr>,
}

const UNKNOWN: &str = "unknown";
const INET: u32 = 2;
const INET6: u32 = 10;

impl Client {
    /// The peer of a connection; `standalone`: whoever runs `sendmail -bs`.
    pub fn of(cf: &Config, stream: &Stream, standalone: bool) -> Client {
        match (stream.peer_addr(), standalone) {
            (Some(peer), _) => Client::inet(cf, peer, stream.local_addr()),
            (None, true) => Client::local(),
            // The client has gone before we looked.
            (None, false) => Client::gone(cf),
        }
    }

    fn inet(cf: &Config, peer: SocketAddr, local: Option<SocketAddr>) -> Client {
        let ip = peer.ip().to_canonical();
        let address = ip.to_string();
        let (rfc_address, family) =
            if ip.is_ipv4() { (address.clone(), INET) } else { (format!("IPv6:{address}"), INET6) };
        let (name, reverse) = names(cf, ip);
        let part = |f: fn(SocketAddr) -> String| local.map_or_else(|| UNKNOWN.to_string(), f);
        let mut client = Client {
            name: name.0,
            name_status: name.1,
            reverse_name: reverse.0,
            reverse_status: reverse.1,
            address: address.into(),
            rfc_address: rfc_address.into(),
            port: peer.port().to_string().into(),
            family,
            server_address: part(|local| local.ip().to_canonical().to_string()).into(),
            server_port: part(|local| local.port().to_string()).into(),
            name_address: BString::default(),
            ip: Some(ip),
        };
        client.join(cf);
        client
    }

    fn local() -> Client {
        Client {
            name: "localhost".into(),
            name_status: NameStatus::Found,
            reverse_name: "localhost".into(),
            reverse_status: NameStatus::Found,
            address: "127.0.0.1".into(),
            rfc_address: "127.0.0.1".into(),
            port: "0".into(),
            family: 0,
            server_address: "127.0.0.1".into(),
            server_port: "0".into(),
            name_address: "localhost[127.0.0.1]".into(),
            ip: None,
        }
    }

    fn gone(cf: &Config) -> Client {
        let mut client = Client {
            name: UNKNOWN.into(),
            name_status: NameStatus::Missing,
            reverse_name: UNKNOWN.into(),
            reverse_status: NameStatus::Missing,
            address: UNKNOWN.into(),
            rfc_address: UNKNOWN.into(),
            port: UNKNOWN.into(),
            family: 0,
            server_address: UNKNOWN.into(),
            server_port: UNKNOWN.into(),
            name_address: BString::default(),
            ip: None,
        };
        client.join(cf);
        client
    }

    fn join(&mut self, cf: &Config) {
        self.name_address = cat!(self.name, "[", self.address, "]");
        if cf.get(SMTPD_CLIENT_PORT_LOGGING) {
            self.name_address = cat!(self.name_address, ":", self.port);
        }
    }
}

type Named = (BString, NameStatus);

/// The verified name, and the name by the address alone.
fn names(cf: &Config, ip: IpAddr) -> (Named, Named) {
    let unknown = |status| (BString::from(UNKNOWN), status);
    if !cf.get(SMTPD_PEERNAME_LOOKUP) {
        return (unknown(NameStatus::Missing), unknown(NameStatus::Missing));
    }
    let status = |error: &dns::native::NativeError, otherwise| {
        if error.try_again { NameStatus::Unavailable } else { otherwise }
    };
    let name = match dns::native::name_of(ip) {
        Ok(name) if mail::host::is_hostname(name.as_bytes()) && !mail::host::is_address(name.as_bytes()) => {
            name
        }
        Ok(_) => return (unknown(NameStatus::Missing), unknown(NameStatus::Missing)),
        Err(error) => {
            let status = status(&error, NameStatus::Missing);
            return (unknown(status), unknown(status));
        }
    };
    let reverse = (BString::from(name.as_str()), NameStatus::Found);
    let families = if ip.is_ipv4() { Families::Ipv4 } else { Families::Ipv6 };
    match dns::native::addresses_of(name.as_bytes(), families) {
        Ok(addresses) if addresses.iter().any(|address| address.to_canonical() == ip) => {
            (reverse.clone(), reverse)
        }
        Ok(_) => {
            log::warning!("hostname {name} does not resolve to address {ip}");
            (unknown(NameStatus::Forged), reverse)
        }
        Err(error) => {
            log::warning!("hostname {name} does not resolve to address {ip}: {error}");
            (unknown(status(&error, NameStatus::Forged)), reverse)
        }
    }
}
