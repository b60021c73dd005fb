//! Where to connect: destinations as transport maps write them, and the addresses behind them.

use std::net::IpAddr;
use std::path::PathBuf;

use dns::{Data, Families, Reason, RecordType, Resolver};
use tls::policy::SecureName;

use crate::options::Options;

/// A destination.
pub enum Destination {
    Unix(PathBuf),
    Inet {
        /// Domain, host or address, without brackets.
        host: String,
        port: u16,
        /// No brackets.
        use_mx: bool,
    },
}

/// One address to try.
#[derive(Clone, Debug)]
pub struct Server {
    pub host: String,
    pub addr: IpAddr,
    pub port: u16,
    pub name: SecureName,
    preference: u16,
}

/// Reads the destination, or says what is wrong and exits.
pub fn parse(options: &Options) -> Destination {
    let text = options.destination.as_str();
    if options.lmtp {
        if let Some(path) = text.strip_prefix("unix:") {
            return Destination::Unix(path.into());
        }
    }
    let text = text.strip_prefix("inet:").unwrap_or(text);
    let bad = || -> ! { log::fatal!("bad syntax in server description: {text}") };
    let (host, service, use_mx) = match text.strip_prefix('[') {
        Some(rest) => {
            let Some((host, after)) = rest.split_once(']') else {
                log::fatal!("missing \"]\" in server description: {text}")
            };
            let service = match after.strip_prefix(':') {
                None if after.is_empty() => None,
                None => bad(),
                some => some,
            };
            (host, service, false)
        }
        None => match text.split_once(':') {
            Some((_, rest)) if rest.contains(':') => bad(),
            Some((host, service)) => (host, Some(service), true),
            None => (text, None, true),
        },
    };
    let host = match host.get(..5) {
        Some(tag) if tag.eq_ignore_ascii_case("ipv6:") => host.get(5..).unwrap_or_default(),
        _ => host,
    };
    if host.is_empty() {
        bad();
    }
    let service = service.unwrap_or(if options.lmtp { "24" } else { "smtp" });
    let port = dns::native::tcp_port(service).or((service == "smtp").then_some(25));
    let Some(port) = port.filter(|port| *port != 0) else { log::fatal!("unknown service: {service}/tcp") };
    let use_mx = use_mx && !options.lmtp && host.parse::<IpAddr>().is_err();
    Destination::Inet { host: host.to_owned(), port, use_mx }
}

/// The servers of a host or domain, the best first, and how its mail exchangers were looked up; the error is what to say.
pub fn find(
    options: &Options,
    resolver: &Resolver,
    host: &str,
    port: u16,
    use_mx: bool,
) -> Result<(Vec<Server>, Option<SecureName>), String> {
    let asking = dns::Options { dnssec: true, ..dns::Options::default() };
    let ascii = config::idna::to_ascii(host).unwrap_or_else(|| host.to_owned());
    let mut mx = None;
    let mut servers = Vec::new();
    let mut why = None;
    let (name, rtype) = match options.srv {
        true => (format!("_{}._tcp.{ascii}", if options.lmtp { "lmtp" } else { "smtp" }), RecordType::Srv),
        false => (ascii.clone(), RecordType::Mx),
    };
    let found = if (use_mx || options.srv) && options.dns {
        match resolver.lookup(name.as_bytes(), rtype, asking) {
            Ok(answer) => Some(answer),
            Err(err) if err.not_found() && !options.srv => None,
            Err(err) => return Err(err.text),
        }
    } else {
        None
    };
    let Some(answer) = found else {
        servers.extend(addresses(options, resolver, &ascii, port, 0)?);
        arrange(options, &mut servers);
        return Ok((servers, None));
    };
    for record in &answer.records {
        mx.get_or_insert(SecureName {
            asked: record.asked.clone(),
            found: record.owner.clone(),
            secure: record.secure,
        });
        let (host, port, preference) = match &record.data {
            Data::Mx { preference, host } => (host, port, *preference),
            Data::Srv { priority, port, host, .. } => (host, *port, *priority),
            _ => continue,
        };
        match addresses(options, resolver, host, port, preference) {
            Ok(more) => servers.extend(more),
            Err(text) => why = Some(text),
        }
    }
    if servers.is_empty() {
        let kind = if options.srv { "SRV" } else { "MX" };
        log::warning!("no {kind} host for {host} has a valid address record");
        return Err(why.unwrap_or_else(|| format!("unable to find primary relay for {host}")));
    }
    arrange(options, &mut servers);
    Ok((servers, mx))
}

fn arrange(options: &Options, servers: &mut [Server]) {
    servers.sort_by_key(|server| {
        let second = match options.family.as_str() {
            "ipv4" => server.addr.is_ipv6(),
            "ipv6" => server.addr.is_ipv4(),
            _ => false,
        };
        (second, server.preference)
    });
}

fn addresses(
    options: &Options,
    resolver: &Resolver,
    host: &str,
    port: u16,
    preference: u16,
) -> Result<Vec<Server>, String> {
    let plain = |addr| Server {
        host: host.to_owned(),
        addr,
        port,
        name: SecureName { asked: host.to_owned(), found: host.to_owned(), secure: false },
        preference,
    };
    if let Ok(addr) = host.parse::<IpAddr>() {
        return Ok(vec![plain(addr)]);
    }
    if options.dns {
        let asking = dns::Options { dnssec: true, ..dns::Options::default() };
        match resolver.addresses(host.as_bytes(), Families::BothIpv6First, asking) {
            Ok(answer) => {
                let servers = answer.records.into_iter().filter_map(|record| match record.data {
                    Data::Address(addr) => Some(Server {
                        host: record.asked.clone(),
                        addr,
                        port,
                        name: SecureName { asked: record.asked, found: record.owner, secure: record.secure },
                        preference,
                    }),
                    _ => None,
                });
                return Ok(servers.collect());
            }
            Err(err) if options.native && err.reason <= Reason::NoName => {}
            Err(err) => return Err(err.text),
        }
    }
    dns::native::addresses_of(host.as_bytes(), Families::BothIpv6First)
        .map(|found| found.into_iter().map(plain).collect())
        .map_err(|err| format!("unable to look up host {host}: {err}"))
}
