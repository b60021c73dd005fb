//! Timed, buffered streams: what every session daemon and client speaks through.
//!
//! A [`Stream`] is a buffered duplex over a [`Transport`] (TCP, a Unix-domain socket, a pair of files,
//! later TLS put in its place by [`Stream::upgrade`]). Each operation has a time limit; a request can have
//! a deadline of its own. Descriptors are blocking; the kernel's socket timeouts do the timing, so a read that
//! finds data costs one system call.

mod line;
mod stream;
mod transport;

pub use line::{Ending, Line};
pub use stream::{Deadline, Stream};
pub use transport::{Pair, Transport};

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::time::Duration;

/// Opens a TCP connection within `limit`, leaving from `source` where one is given.
/// The stream's time limit is `limit` until it is set otherwise.
pub fn connect_inet(to: SocketAddr, source: Option<IpAddr>, limit: Option<Duration>) -> io::Result<Stream> {
    let socket = sys::socket::connect_inet(to, source, limit)?;
    Ok(Stream::connected(Box::new(socket), limit))
}

/// Opens a connection to the Unix-domain socket at `path` within `limit`.
/// The stream's time limit is `limit` until it is set otherwise.
pub fn connect_unix(path: impl AsRef<Path>, limit: Option<Duration>) -> io::Result<Stream> {
    let socket = sys::socket::connect_unix(path.as_ref(), limit)?;
    Ok(Stream::connected(Box::new(socket), limit))
}

/// Two streams joined to each other, for tests.
pub fn pair() -> io::Result<(Stream, Stream)> {
    let (a, b) = std::os::unix::net::UnixStream::pair()?;
    Ok((Stream::from(a), Stream::from(b)))
}
