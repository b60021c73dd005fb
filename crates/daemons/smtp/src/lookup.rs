//! The servers of a next hop, in the order to try them: mail exchangers by preference, hosts by address.

use std::net::IpAddr;

use dns::{Data, DnsError, Families, Reason, RecordType};
use mail::dsn::{Outcome, Status};
use tls::policy::SecureName;

use crate::settings::{Preference, Settings};
use crate::state::State;

/// One address to try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    pub host: String,
    pub addr: IpAddr,
    pub preference: u16,
    /// No mail exchanger of the domain is better.
    pub is_best: bool,
    /// How the name was looked up, for DANE.
    pub name: SecureName,
}

/// The servers of a next hop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub servers: Vec<Server>,
    /// How the mail exchangers were looked up; `None`: there are none.
    pub mx: Option<SecureName>,
    /// We are a mail exchanger of the domain ourselves: only better ones may be asked, and no fallback.
    pub i_am_mx: bool,
}

/// Why there is no server to try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoServer {
    pub outcome: Box<Outcome>,
    /// The mail would come back to us.
    pub loops: bool,
    /// We are a mail exchanger of the domain ourselves.
    pub i_am_mx: bool,
}

impl NoServer {
    fn new(status: Status, reason: impl Into<bstr::BString>) -> NoServer {
        NoServer { outcome: Box::new(Outcome::new(status, reason)), loops: false, i_am_mx: false }
    }

    fn looping(name: &str) -> NoServer {
        let reason = format!("mail for {name} loops back to myself");
        NoServer { outcome: Box::new(Outcome::new(Status::new(5, 4, 6), reason)), loops: true, i_am_mx: true }
    }

    fn is_hard(&self) -> bool {
        self.outcome.status.class == 5
    }
}

/// The servers of a mail domain: its mail exchangers, or the host itself where it has none.
/// With `detect_loop`, servers that are no better than ourselves are left out.
pub fn domain(cx: &State, name: &str, detect_loop: bool) -> Result<Found, NoServer> {
    if !cx.set.lookup.dns {
        return host(cx, name, detect_loop);
    }
    let exchangers = match cx.resolver.lookup(name.as_bytes(), RecordType::Mx, cx.set.dns_options()) {
        Ok(answer) => answer,
        Err(err) if err.not_found() => return host(cx, name, detect_loop),
        Err(err) => {
            let ignored = matches!(err.reason, Reason::TryAgain | Reason::Invalid | Reason::Fail);
            if cx.set.ignore_mx_error && ignored {
                return host(cx, name, detect_loop);
            }
            return Err(from_dns(&err));
        }
    };
    let mx = exchangers.records.first().map(|record| SecureName {
        asked: record.asked.clone(),
        found: record.owner.clone(),
        secure: record.secure,
    });
    let mut names: Vec<(u16, String)> = exchangers
        .records
        .into_iter()
        .filter_map(|record| match record.data {
            Data::Mx { preference, host } => Some((preference, host)),
            _ => None,
        })
        .collect();
    names.sort_by_key(|(preference, _)| *preference);
    let best_named = names.first().map_or(0, |(preference, _)| *preference);
    let mut servers = Vec::new();
    let mut why = None;
    for (preference, host) in names {
        match addresses(cx, &host) {
            Ok(found) => servers.extend(found.into_iter().map(|address| address.server(cx, preference))),
            // A lookup that may succeed later says more than one that will not.
            Err(err) if why.as_ref().is_none_or(NoServer::is_hard) => why = Some(err),
            Err(_) => {}
        }
    }
    let Some(best_found) = servers.first().map(|server| server.preference) else {
        log::warning!("no MX host for {name} has a valid address record");
        let mut why = why.unwrap_or_else(|| {
            NoServer::new(Status::new(4, 4, 4), format!("unable to find primary relay for {name}"))
        });
        if cx.set.defer_without_mx_address {
            why.outcome.status = why.outcome.status.with_class(4);
        }
        return Err(why);
    };
    servers.iter_mut().for_each(|server| server.is_best = server.preference == best_found);
    let own = if detect_loop { own_preference(cx, &servers) } else { None };
    if let Some(own) = own {
        servers.retain(|server| server.preference < own);
        if servers.is_empty() && best_named == best_found {
            return Err(NoServer::looping(name));
        }
        if servers.is_empty() {
            let why = NoServer::new(Status::new(4, 4, 4), format!("unable to find primary relay for {name}"));
            return Err(NoServer { i_am_mx: true, ..why });
        }
    }
    arrange(&cx.set, &mut servers);
    Ok(Found { servers, mx, i_am_mx: own.is_some() })
}

/// The servers of a host name or address.
pub fn host(cx: &State, name: &str, detect_loop: bool) -> Result<Found, NoServer> {
    let mut servers: Vec<Server> = addresses(cx, name)?
        .into_iter()
        .map(|address| Server { is_best: true, ..address.server(cx, 0) })
        .collect();
    if detect_loop && own_preference(cx, &servers).is_some() {
        return Err(NoServer::looping(name));
    }
    arrange(&cx.set, &mut servers);
    Ok(Found { servers, mx: None, i_am_mx: false })
}

/// The best preference at which we are a server ourselves.
fn own_preference(cx: &State, servers: &[Server]) -> Option<u16> {
    servers.iter().filter(|server| cx.own.contains(&server.addr)).map(|server| server.preference).min()
}

/// An address, and the name that has it.
struct Address {
    addr: IpAddr,
    name: SecureName,
}

impl Address {
    /// Of a name that was not looked up in the DNS.
    fn of(addr: IpAddr, host: &str) -> Address {
        Address { addr, name: SecureName { asked: host.to_owned(), found: host.to_owned(), secure: false } }
    }

    fn server(self, cx: &State, preference: u16) -> Server {
        let Address { addr, name } = self;
        let host = if cx.set.cname_overrides { &name.found } else { &name.asked }.clone();
        Server { host, addr, preference, is_best: false, name }
    }
}

fn addresses(cx: &State, host: &str) -> Result<Vec<Address>, NoServer> {
    let Some(families) = cx.set.families else {
        return Err(NoServer::new(Status::new(4, 3, 5), "no network protocol is enabled (inet_protocols)"));
    };
    if let Ok(addr) = host.parse::<IpAddr>() {
        let usable = match families {
            Families::Ipv4 => addr.is_ipv4(),
            Families::Ipv6 => addr.is_ipv6(),
            Families::Both | Families::BothIpv6First => true,
        };
        return match usable {
            true => Ok(vec![Address::of(addr, host)]),
            false => Err(NoServer::new(
                Status::new(5, 4, 4),
                format!("unable to look up host {host}: Address family for hostname not supported"),
            )),
        };
    }
    let lookup = cx.set.lookup;
    if lookup.dns {
        match cx.resolver.addresses(host.as_bytes(), families, cx.set.dns_options()) {
            Ok(answer) => {
                let found = answer.records.into_iter().filter_map(|record| match record.data {
                    Data::Address(addr) => Some(Address {
                        addr,
                        name: SecureName { asked: record.asked, found: record.owner, secure: record.secure },
                    }),
                    _ => None,
                });
                return Ok(found.collect());
            }
            // Only a name that is not in the DNS is looked for elsewhere.
            Err(err) if err.not_found() && lookup.native => {}
            Err(err) => return Err(from_dns(&err)),
        }
    }
    let found = dns::native::addresses_of(host.as_bytes(), families).map_err(|err| {
        let status = if err.try_again { Status::new(4, 4, 3) } else { Status::new(5, 4, 4) };
        NoServer::new(status, format!("unable to look up host {host}: {err}"))
    })?;
    Ok(found.into_iter().map(|addr| Address::of(addr, host)).collect())
}

fn from_dns(err: &DnsError) -> NoServer {
    let status = match err.reason {
        Reason::TryAgain => Status::new(4, 4, 3),
        Reason::Fail => Status::new(5, 4, 3),
        Reason::Invalid | Reason::NoName | Reason::NoData | Reason::NullSrv => Status::new(5, 4, 4),
        Reason::NullMx => Status::new(5, 1, 0),
    };
    NoServer::new(status, err.text.clone())
}

/// By preference; equals in random order, then by address family.
fn arrange(set: &Settings, servers: &mut Vec<Server>) {
    if set.randomize {
        for at in (1..servers.len()).rev() {
            servers.swap(at, sys::rand::below(at + 1));
        }
    }
    servers.sort_by_key(|server| {
        let second = match set.preference {
            Preference::Any => false,
            Preference::Ipv4 => server.addr.is_ipv6(),
            Preference::Ipv6 => server.addr.is_ipv4(),
        };
        (server.preference, second)
    });
    if set.balance && set.preference == Preference::Any {
        balance(servers, set.mx_address_limit);
    }
}

/// Where both families have servers, neither takes all the places of `limit`: the other's best takes the last ones.
fn balance(servers: &mut Vec<Server>, limit: usize) {
    if limit < 2 || servers.len() <= limit {
        return;
    }
    let half = limit / 2;
    let chosen = |v6: bool| servers.iter().take(limit).filter(|s| s.addr.is_ipv6() == v6).count();
    for v6 in [false, true] {
        let total = servers.iter().filter(|s| s.addr.is_ipv6() == v6).count();
        let missing = half.min(total).saturating_sub(chosen(v6));
        if missing > 0 {
            let mut late: Vec<usize> =
                (limit..servers.len()).filter(|&n| servers[n].addr.is_ipv6() == v6).collect();
            late.truncate(missing);
            let moved: Vec<Server> = late.iter().rev().map(|&n| servers.remove(n)).collect();
            let at = limit - missing;
            for server in moved {
                servers.insert(at, server);
            }
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(addr: &str, preference: u16) -> Server {
        let name = SecureName::default();
        Server { host: "mx.test".into(), addr: addr.parse().unwrap(), preference, is_best: false, name }
    }

    fn order(servers: &[Server]) -> Vec<String> {
        servers.iter().map(|s| s.addr.to_string()).collect()
    }

    #[test]
    fn preferences_come_before_chance_and_family() {
        let config = config::Config::from_pairs(&[("smtp_address_preference", "ipv6")]).leak();
        let set = Settings::new(config, false).unwrap();
        for _ in 0..20 {
            let mut servers = vec![
                server("192.0.2.2", 20),
                server("192.0.2.1", 10),
                server("2001:db8::1", 10),
                server("2001:db8::2", 20),
            ];
            arrange(&set, &mut servers);
            assert_eq!(order(&servers), ["2001:db8::1", "192.0.2.1", "2001:db8::2", "192.0.2.2"]);
        }
    }

    #[test]
    fn both_families_get_a_place() {
        let mut servers: Vec<Server> = (1..=6).map(|n| server(&format!("2001:db8::{n}"), 10)).collect();
        servers.extend([server("192.0.2.1", 20), server("192.0.2.2", 30), server("192.0.2.3", 40)]);
        balance(&mut servers, 5);
        assert_eq!(
            order(&servers)[..5],
            ["2001:db8::1", "2001:db8::2", "2001:db8::3", "192.0.2.1", "192.0.2.2"]
        );
        assert_eq!(servers.len(), 9);
    }
}
