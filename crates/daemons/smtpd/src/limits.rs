//! Limits on what one client may do in a time, counted by anvil(8) for all smtpd processes together.

use std::net::IpAddr;

use bstr::BString;
use config::Config;
use config::params::*;
use ipc::anvil::{Connected, Event, PROTOCOL, Rate, Request, SERVICE, Status, stat};
use ipc::{Peer, Place, plain};

use crate::setup::Server;

/// A session's line to anvil. anvil counts by connection, so that the counts of a server that dies are taken back:
/// each session has one of its own.
pub struct Limits {
    ident: BString,
    peer: Option<Peer>,
    connected: bool,
}

impl Limits {
    /// For a client; `None` when there is nothing to limit.
    pub fn of(
        cf: &Config,
        server: &Server,
        service: &str,
        name: &[u8],
        address: &[u8],
        ip: Option<IpAddr>,
    ) -> Option<Limits> {
        let any = [
            SMTPD_CLIENT_CONNECTION_COUNT_LIMIT,
            SMTPD_CLIENT_CONNECTION_RATE_LIMIT,
            SMTPD_CLIENT_MESSAGE_RATE_LIMIT,
            SMTPD_CLIENT_RECIPIENT_RATE_LIMIT,
            SMTPD_CLIENT_NEW_TLS_SESSION_RATE_LIMIT,
            SMTPD_CLIENT_AUTH_RATE_LIMIT,
        ]
        .into_iter()
        .any(|limit| cf.get(limit) > 0);
        // A list that cannot be asked exempts nobody.
        if !any || server.limit_exceptions.matches_host(name, address).unwrap_or(false) {
            return None;
        }
        let ident = cat!(service, ":", network(cf, address, ip));
        Some(Limits { ident, peer: None, connected: false })
    }

    /// Counts a connection: connections now, and in the time unit. `None`: anvil does not answer.
    pub fn connect(&mut self) -> Option<Connected> {
        let reply: Connected = self.ask(Event::Connect)?;
        self.connected = true;
        (reply.status == stat::OK).then_some(reply)
    }

    /// Counts an event, or only asks: how many in the time unit.
    pub fn rate(&mut self, event: Event) -> Option<i64> {
        let reply: Rate = self.ask(event)?;
        (reply.status == stat::OK).then_some(i64::from(reply.rate))
    }

    /// Ends the connection's count.
    pub fn disconnect(&mut self) {
        if self.connected {
            self.connected = false;
            let _: Option<Status> = self.ask(Event::Disconnect);
        }
    }

    fn ask<R: ipc::Message>(&mut self, event: Event) -> Option<R> {
        // The server may just have been replaced: one more try.
        for _ in 0..2 {
            if self.peer.is_none() {
                let opened = ipc::connect(&Place::private(SERVICE)).and_then(|mut peer| {
                    plain::expect(&mut peer, PROTOCOL)?;
                    Ok(peer)
                });
                match opened {
                    Ok(peer) => self.peer = Some(peer),
                    Err(error) => {
                        log::warning!("problem talking to service {SERVICE}: {}", sys::errno_text(&error));
                        return None;
                    }
                }
            }
            let request = Request { event, ident: self.ident.clone() };
            let peer = self.peer.as_mut()?;
            match plain::send(peer, &request).and_then(|()| plain::receive(peer)) {
                Ok(reply) => return Some(reply),
                Err(_) => self.peer = None,
            }
        }
        None
    }
}

/// The network that a client is counted with: its address, cut as smtpd_client_ipv4_prefix_length and its
/// IPv6 brother say.
fn network(cf: &Config, address: &[u8], ip: Option<IpAddr>) -> BString {
    let cut = |length: i64, full: u32| u32::try_from(length).ok().filter(|&length| length < full);
    match ip {
        Some(IpAddr::V4(ip)) => match cut(cf.get(SMTPD_CLIENT_IPV4_PREFIX_LENGTH), 32) {
            Some(length) => {
                let mask = u32::MAX.checked_shl(32 - length).unwrap_or(0);
                cat!(std::net::Ipv4Addr::from_bits(ip.to_bits() & mask).to_string(), "/", length.to_string())
            }
            None => address.into(),
        },
        Some(IpAddr::V6(ip)) => match cut(cf.get(SMTPD_CLIENT_IPV6_PREFIX_LENGTH), 128) {
            Some(length) => {
                let mask = u128::MAX.checked_shl(128 - length).unwrap_or(0);
                cat!(std::net::Ipv6Addr::from_bits(ip.to_bits() & mask).to_string(), "/", length.to_string())
            }
            None => address.into(),
        },
        None => address.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_are_counted_by_network() {
        let cf = Config::from_pairs(&[
            ("smtpd_client_ipv6_prefix_length", "64"),
            ("smtpd_client_ipv4_prefix_length", "24"),
        ]);
        let network = |text: &str| network(&cf, text.as_bytes(), text.parse().ok());
        assert_eq!(network("2001:db8::1:2"), "2001:db8::/64");
        assert_eq!(network("192.0.2.77"), "192.0.2.0/24");
        assert_eq!(
            super::network(&Config::from_pairs(&[]), b"192.0.2.77", "192.0.2.77".parse().ok()),
            "192.0.2.77"
        );
    }
}
