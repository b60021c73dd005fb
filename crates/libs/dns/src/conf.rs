//! resolv.conf: which name servers to ask, and how patiently.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

const SERVERS_MAX: usize = 3;
const NDOTS_MAX: u32 = 15;
const TIMEOUT_MAX: u64 = 30;
const ATTEMPTS_MAX: u32 = 5;

/// The resolver's configuration (resolv.conf(5)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conf {
    /// Asked in this order; at most three, as the C library.
    pub servers: Vec<SocketAddr>,
    /// Domains to append, for the callers that ask for that.
    pub search: Vec<String>,
    /// A name with this many dots is tried as it is first.
    pub ndots: u32,
    pub timeout: Duration,
    pub attempts: u32,
    pub rotate: bool,
    /// Always send EDNS0.
    pub edns0: bool,
    /// Ask for and believe the AD bit even where the caller does not ask for DNSSEC.
    pub trust_ad: bool,
    /// TCP only.
    pub use_vc: bool,
}

impl Default for Conf {
    fn default() -> Conf {
        Conf {
            servers: vec![SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 53)],
            search: Vec::new(),
            ndots: 1,
            timeout: Duration::from_secs(5),
            attempts: 2,
            rotate: false,
            edns0: false,
            trust_ad: false,
            use_vc: false,
        }
    }
}

impl Conf {
    /// Reads the text of a resolv.conf; what it does not know, it skips, as the C library does.
    pub fn parse(text: &str) -> Conf {
        let mut conf = Conf::default();
        let mut servers = Vec::new();
        for line in text.lines() {
            if line.starts_with(['#', ';']) {
                continue;
            }
            let mut words = line.split_whitespace();
            match words.next() {
                Some("nameserver") => {
                    if let Some(addr) = words.next().and_then(server) {
                        servers.push(addr);
                    }
                }
                Some("domain") => conf.search = words.take(1).map(str::to_owned).collect(),
                Some("search") => conf.search = words.map(str::to_owned).collect(),
                Some("options") => words.for_each(|w| conf.option(w)),
                _ => {}
            }
        }
        if !servers.is_empty() {
            servers.truncate(SERVERS_MAX);
            conf.servers = servers;
        }
        conf
    }

    /// One word of `options` or of `$RES_OPTIONS`.
    pub(crate) fn option(&mut self, word: &str) {
        let number = |prefix: &str| word.strip_prefix(prefix).and_then(|n| n.parse::<u64>().ok());
        match word {
            "rotate" => self.rotate = true,
            "edns0" => self.edns0 = true,
            "trust-ad" => self.trust_ad = true,
            "use-vc" => self.use_vc = true,
            _ => {
                if let Some(n) = number("ndots:") {
                    self.ndots = u32::try_from(n).unwrap_or(NDOTS_MAX).min(NDOTS_MAX);
                } else if let Some(n) = number("timeout:") {
                    self.timeout = Duration::from_secs(n.clamp(1, TIMEOUT_MAX));
                } else if let Some(n) = number("attempts:") {
                    self.attempts = u32::try_from(n).unwrap_or(ATTEMPTS_MAX).clamp(1, ATTEMPTS_MAX);
                }
            }
        }
    }
}

/// An address as resolv.conf writes it; a link-local one may name its interface, which needs the kernel's number of it.
fn server(word: &str) -> Option<SocketAddr> {
    let (addr, scope) = word.split_once('%').map_or((word, None), |(a, s)| (a, Some(s)));
    match (addr.parse::<IpAddr>().ok()?, scope) {
        (IpAddr::V6(v6), Some(scope)) => {
            let index = scope.parse().ok().or_else(|| sys::resolver::interface_index(scope))?;
            Some(SocketAddr::V6(std::net::SocketAddrV6::new(v6, 53, 0, index)))
        }
        (addr, _) => Some(SocketAddr::new(addr, 53)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_usual_file() {
        let conf = Conf::parse(
            "# made by hand\n; and this\nnameserver 192.0.2.1\nnameserver 2001:db8::1\nnameserver bad\ndomain a.test\nsearch b.test c.test\n\
             options ndots:2 timeout:99 attempts:0 rotate edns0 trust-ad nonsense\n",
        );
        assert_eq!(conf.servers, ["192.0.2.1:53".parse().unwrap(), "[2001:db8::1]:53".parse().unwrap()]);
        assert_eq!(conf.search, ["b.test", "c.test"]);
        assert_eq!((conf.ndots, conf.timeout, conf.attempts), (2, Duration::from_secs(30), 1));
        assert!(conf.rotate && conf.edns0 && conf.trust_ad && !conf.use_vc);
    }

    #[test]
    fn an_empty_file_means_this_host() {
        assert_eq!(Conf::parse(""), Conf::default());
        let four = "nameserver 1.1.1.1\n".repeat(4);
        assert_eq!(Conf::parse(&four).servers.len(), 3);
    }
}
