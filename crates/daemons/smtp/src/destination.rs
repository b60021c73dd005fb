//! Next hops as transport maps and relayhost write them: `domain`, `[host]`, `host:port`, `[192.0.2.1]:port`, and for LMTP
//! `unix:path` and `inet:host`.

use std::fmt;
use std::path::PathBuf;

use crate::settings::Ports;

/// Where to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// A socket of the local file system, relative to the queue directory or absolute.
    Unix(PathBuf),
    Inet {
        /// Domain, host or address, without brackets.
        host: String,
        port: u16,
        /// No brackets: the domain's mail exchangers are meant.
        use_mx: bool,
    },
}

/// What is wrong with a next hop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadDestination {
    Syntax(String),
    Service(String),
}

impl fmt::Display for BadDestination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BadDestination::Syntax(text) => write!(f, "bad syntax in server description: {text}"),
            BadDestination::Service(name) => write!(f, "unknown service: {name}/tcp"),
        }
    }
}

impl Destination {
    /// Reads one next hop.
    pub fn parse(text: &str, ports: &Ports, is_lmtp: bool) -> Result<Destination, BadDestination> {
        if is_lmtp {
            if let Some(path) = text.strip_prefix("unix:") {
                return Ok(Destination::Unix(PathBuf::from(path)));
            }
        }
        let text = if is_lmtp { text.strip_prefix("inet:").unwrap_or(text) } else { text };
        let syntax = || BadDestination::Syntax(text.to_owned());
        let (host, named, use_mx) = match text.strip_prefix('[') {
            Some(rest) => {
                let (host, after) = rest.split_once(']').ok_or_else(syntax)?;
                let named = match after {
                    "" => None,
                    _ => Some(after.strip_prefix(':').ok_or_else(syntax)?),
                };
                (bare(host), named, false)
            }
            None => match text.split_once(':') {
                // An IPv6 address has no place outside brackets.
                Some((_, rest)) if rest.contains(':') => return Err(syntax()),
                Some((host, named)) => (host, Some(named), true),
                None => (text, None, true),
            },
        };
        if host.is_empty() || named == Some("") {
            return Err(syntax());
        }
        let service = named.unwrap_or(ports.default_service());
        let port = ports.number(service).ok_or_else(|| BadDestination::Service(service.to_owned()))?;
        Ok(Destination::Inet { host: host.to_owned(), port, use_mx: use_mx && !is_lmtp })
    }
}

fn bare(host: &str) -> &str {
    match host.get(..5) {
        Some(tag) if tag.eq_ignore_ascii_case("ipv6:") => host.get(5..).unwrap_or_default(),
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inet(host: &str, port: u16, use_mx: bool) -> Result<Destination, BadDestination> {
        Ok(Destination::Inet { host: host.to_owned(), port, use_mx })
    }

    #[test]
    fn forms() {
        let ports = Ports::new("25", "");
        let parse = |text| Destination::parse(text, &ports, false);
        assert_eq!(parse("a.test"), inet("a.test", 25, true));
        assert_eq!(parse("a.test:2525"), inet("a.test", 2525, true));
        assert_eq!(parse("[a.test]"), inet("a.test", 25, false));
        assert_eq!(parse("[192.0.2.1]:26"), inet("192.0.2.1", 26, false));
        assert_eq!(parse("[IPv6:2001:db8::1]:26"), inet("2001:db8::1", 26, false));
        assert_eq!(parse("[2001:db8::1]"), inet("2001:db8::1", 25, false));
        for bad in ["", "[a", "[a]x", "[a]:", "a:", ":25", "2001:db8::1", "[]"] {
            assert!(matches!(parse(bad), Err(BadDestination::Syntax(_))), "{bad}");
        }
        assert_eq!(parse("a:nosuchservice"), Err(BadDestination::Service("nosuchservice".into())));
        assert_eq!(parse("a:99999"), Err(BadDestination::Service("99999".into())));
    }

    #[test]
    fn lmtp_forms() {
        let ports = Ports::new("24", "");
        let parse = |text| Destination::parse(text, &ports, true);
        assert_eq!(parse("unix:private/lmtp"), Ok(Destination::Unix("private/lmtp".into())));
        assert_eq!(parse("inet:a.test"), inet("a.test", 24, false));
        assert_eq!(parse("a.test:2003"), inet("a.test", 2003, false));
    }
}
