//! Table servers by name: `inet:host:port`, `unix:path`; and a store of connections to one of them.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use net::Stream;

/// Where a server is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Inet { host: String, port: String },
    Unix(PathBuf),
}

impl Endpoint {
    /// Reads `inet:host:port` or `unix:path`. The error is the reference's text.
    pub fn parse(text: &str) -> Result<Endpoint, String> {
        match text.split_once(':') {
            Some(("inet", place)) => Endpoint::inet(place),
            Some(("unix", path)) => Ok(Endpoint::Unix(PathBuf::from(path))),
            Some((kind, _)) => Err(format!("invalid transport name: {kind} in service: {text}")),
            None => Err(format!("missing transport name: {text}")),
        }
    }

    /// Reads `host:port` or `[host]:port`; a port alone is this machine's.
    pub fn inet(text: &str) -> Result<Endpoint, String> {
        let (host, port) = match text.strip_prefix('[').and_then(|open| open.split_once(']')) {
            Some((host, after)) => (host, after.strip_prefix(':').unwrap_or_default()),
            None => text.rsplit_once(':').unwrap_or(("localhost", text)),
        };
        let digits = port.starts_with(|c: char| c.is_ascii_digit());
        if digits && !port.bytes().all(|b| b.is_ascii_digit()) {
            return Err(format!("{text}: garbage after numerical service"));
        }
        if port.is_empty() {
            return Err(format!("{text}: missing service"));
        }
        let host = if host.is_empty() { "localhost" } else { host };
        Ok(Endpoint::Inet { host: host.to_owned(), port: port.to_owned() })
    }

    /// Connects within `limit`; the first address that answers.
    pub fn connect(&self, limit: Duration) -> io::Result<Stream> {
        match self {
            Endpoint::Unix(path) => net::connect_unix(path, Some(limit)),
            Endpoint::Inet { host, port } => {
                let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
                for address in addresses(host, port)? {
                    match net::connect_inet(address, None, Some(limit)) {
                        Ok(stream) => return Ok(stream),
                        Err(error) => last = error,
                    }
                }
                Err(last)
            }
        }
    }
}

fn addresses(host: &str, port: &str) -> io::Result<Vec<SocketAddr>> {
    let number = match port.parse::<u16>() {
        Ok(number) => number,
        Err(_) => sys::services::tcp_port(port)
            .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, format!("service {port} not found")))?,
    };
    Ok((host, number).to_socket_addrs()?.collect())
}

/// Connections to one server, each used by one lookup at a time.
pub(crate) struct Connections {
    endpoint: Endpoint,
    /// As the log shows the server.
    pub shown: String,
    timeout: Duration,
    idle: Duration,
    life: Duration,
    kept: Mutex<Vec<Connection>>,
}

/// One of them.
pub(crate) struct Connection {
    pub stream: Stream,
    born: Instant,
    used: Instant,
    /// It was used before: the server may have closed it meanwhile.
    pub old: bool,
}

/// More are not kept.
const KEPT: usize = 64;

impl Connections {
    /// To `endpoint`; each operation is done within `timeout`, a connection is kept for `idle` unused and `life` at all.
    pub fn new(
        endpoint: Endpoint,
        shown: &str,
        timeout: Duration,
        idle: Duration,
        life: Duration,
    ) -> Connections {
        Connections { endpoint, shown: shown.to_owned(), timeout, idle, life, kept: Mutex::default() }
    }

    /// One that was kept, or a new one.
    pub fn take(&self) -> io::Result<Connection> {
        let now = Instant::now();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|known| now - known.used < self.idle && now - known.born < self.life);
        if let Some(known) = kept.pop() {
            return Ok(known);
        }
        drop(kept);
        self.fresh()
    }

    /// A new one.
    pub fn fresh(&self) -> io::Result<Connection> {
        let mut stream = self.endpoint.connect(self.timeout)?;
        stream.set_timeout(Some(self.timeout));
        let now = Instant::now();
        Ok(Connection { stream, born: now, used: now, old: false })
    }

    /// Keeps one whose last answer was read to its end.
    pub fn keep(&self, mut connection: Connection) {
        connection.used = Instant::now();
        connection.old = true;
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < KEPT {
            kept.push(connection);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_servers() {
        let inet = |host: &str, port: &str| Ok(Endpoint::Inet { host: host.into(), port: port.into() });
        for (text, wanted) in [
            ("inet:a.test:25", inet("a.test", "25")),
            ("inet:[::1]:25", inet("::1", "25")),
            ("inet:smtp", inet("localhost", "smtp")),
            ("unix:/a/b", Ok(Endpoint::Unix("/a/b".into()))),
            ("inet:1.2.3.4", Err("1.2.3.4: garbage after numerical service".to_owned())),
            ("foo:bar", Err("invalid transport name: foo in service: foo:bar".to_owned())),
            ("x", Err("missing transport name: x".to_owned())),
        ] {
            assert_eq!(Endpoint::parse(text), wanted, "{text}");
        }
    }
}
