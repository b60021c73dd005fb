//! A next hop with its servers, and what DNSSEC says of them.

use std::net::IpAddr;

use config::Config;
use config::params::*;
use dns::{Data, Families, Options, RecordType, Resolver};
use tls::policy::SecureName;

/// A next hop.
pub struct Site {
    /// Without brackets and port.
    pub domain: String,
    pub port: u16,
    /// A domain that may have mail exchangers, not a host in brackets or an address.
    pub is_domain: bool,
    /// How the mail exchangers were looked up.
    pub mx: Option<SecureName>,
    /// The best first.
    pub hosts: Vec<Host>,
}

/// A server.
pub struct Host {
    pub name: SecureName,
    pub preference: u16,
    pub addresses: Vec<IpAddr>,
}

const DNSSEC: Options = Options { search: false, append_domain: false, dnssec: true };

impl Site {
    /// Looks the next hop up; the error is why mail for it could not be sent now.
    pub fn find(config: &Config, resolver: &Resolver, nexthop: &str) -> Result<Site, String> {
        let (host, service, brackets) = match nexthop.strip_prefix('[') {
            Some(rest) => {
                let (host, after) =
                    rest.split_once(']').ok_or_else(|| format!("missing \"]\" in {nexthop}"))?;
                (host, after.strip_prefix(':'), true)
            }
            None => match nexthop.split_once(':') {
                Some((host, service)) => (host, Some(service), false),
                None => (nexthop, None, false),
            },
        };
        let service = service.unwrap_or(config.get(SMTP_TCP_PORT));
        let port = dns::native::tcp_port(service).or((service == "smtp").then_some(25));
        let port = port.ok_or_else(|| format!("unknown service: {service}/tcp"))?;
        let domain = config::idna::to_ascii(host).unwrap_or_else(|| host.to_owned());
        let is_domain = !brackets && domain.parse::<IpAddr>().is_err();
        let mut site = Site { domain, port, is_domain, mx: None, hosts: Vec::new() };
        if is_domain {
            site.exchangers(resolver)?;
        }
        if site.mx.is_none() {
            let host = Host::find(resolver, &site.domain, 0)?;
            site.hosts.push(host);
        }
        site.hosts.sort_by_key(|host| host.preference);
        Ok(site)
    }

    fn exchangers(&mut self, resolver: &Resolver) -> Result<(), String> {
        let answer = match resolver.lookup(self.domain.as_bytes(), RecordType::Mx, DNSSEC) {
            Ok(answer) => answer,
            Err(err) if err.not_found() => return Ok(()),
            Err(err) => return Err(err.text),
        };
        for record in answer.records {
            let Data::Mx { preference, host } = record.data else { continue };
            self.mx.get_or_insert(SecureName {
                asked: record.asked,
                found: record.owner,
                secure: record.secure,
            });
            match Host::find(resolver, &host, preference) {
                Ok(host) => self.hosts.push(host),
                Err(why) => println!("host {host}: {why}"),
            }
        }
        Ok(())
    }
}

impl Host {
    fn find(resolver: &Resolver, host: &str, preference: u16) -> Result<Host, String> {
        let mut name = SecureName { asked: host.to_owned(), found: host.to_owned(), secure: false };
        if let Ok(address) = host.parse::<IpAddr>() {
            return Ok(Host { name, preference, addresses: vec![address] });
        }
        match resolver.addresses(host.as_bytes(), Families::Both, DNSSEC) {
            Ok(answer) => {
                if let Some(record) = answer.records.first() {
                    (name.found, name.secure) = (record.owner.clone(), record.secure);
                }
                Ok(Host { name, preference, addresses: answer.addresses().collect() })
            }
            Err(err) => match dns::native::addresses_of(host.as_bytes(), Families::Both) {
                Ok(addresses) => Ok(Host { name, preference, addresses }),
                Err(_) => Err(err.text),
            },
        }
    }
}
