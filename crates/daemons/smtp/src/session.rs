//! One connection to a server, and what is known of it.

use std::net::IpAddr;
use std::time::Instant;

use net::Stream;
use tls::{Policy, Summary};
use wire::{Capabilities, Feature};

use crate::features::Features;
use crate::require_tls::Rule;

/// An SMTP or LMTP session.
pub struct Session {
    pub stream: Stream,
    /// The server's name.
    pub host: String,
    /// Its address, or the path of a local socket.
    pub addr: String,
    /// `name[address]`.
    pub namaddr: String,
    /// `name[address]:port`; without a port for a local socket.
    pub namaddrport: String,
    /// What tells the server from others, for the pool; `None` for a local socket.
    pub endpoint: Option<(IpAddr, u16)>,
    /// The server said what it can do.
    pub capabilities: Capabilities,
    /// EHLO rather than HELO.
    pub esmtp: bool,
    /// What the server called itself in its answer to EHLO.
    pub helo: String,
    pub tls: Option<Summary>,
    /// By which TLS was to be made, and for which domain.
    pub policy: Policy,
    pub tls_nexthop: String,
    /// The next hop as it was written.
    pub destination: String,
    /// What REQUIRETLS meant when it was opened, and what came of TLS.
    pub rule: Rule,
    pub features: Features,
    /// The server spoke right after the handshake, without being asked.
    pub spoke_early: bool,
    /// Bytes of pipelined commands that may be on their way.
    pub window: usize,
    /// This is one of the best mail exchangers of the domain.
    pub is_best_mx: bool,
    /// Transactions over this connection before the present one.
    pub uses: u32,
    pub born: Instant,
    /// May not serve another request.
    pub spoilt: bool,
    /// An unfinished transaction has to be taken back first.
    pub needs_reset: bool,
}

/// Commands on their way never fill more than this of the socket's buffers, so that neither side waits for the other.
const WINDOW: usize = 4096;

impl Session {
    pub fn new(stream: Stream, host: &str, addr: &str, endpoint: Option<(IpAddr, u16)>) -> Session {
        let namaddr = format!("{host}[{addr}]");
        let namaddrport = match endpoint {
            Some((_, port)) => format!("{namaddr}:{port}"),
            None => namaddr.clone(),
        };
        Session {
            stream,
            host: host.to_owned(),
            addr: addr.to_owned(),
            namaddr,
            namaddrport,
            endpoint,
            capabilities: Capabilities::default(),
            esmtp: false,
            helo: String::new(),
            tls: None,
            policy: Policy::none(),
            tls_nexthop: String::new(),
            destination: String::new(),
            rule: Rule::Disable,
            features: Features::default(),
            spoke_early: false,
            window: WINDOW,
            is_best_mx: false,
            uses: 0,
            born: Instant::now(),
            spoilt: false,
            needs_reset: false,
        }
    }

    pub fn has(&self, feature: Feature) -> bool {
        self.capabilities.has(feature)
    }
}
