//! Sockets beyond `std::net`: connecting with a time limit and a chosen source address,
//! waiting for readiness, and looking whether an idle peer has hung up.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout};
use nix::sys::socket::{
    self, AddressFamily, MsgFlags, SockFlag, SockType, SockaddrLike, SockaddrStorage, UnixAddr, setsockopt,
    sockopt,
};
use nix::sys::time::{TimeVal, TimeValLike};

/// What to wait for in [`wait`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interest {
    Read,
    Write,
}

/// Waits until `fd` is ready (or in error, or hung up) or `limit` has passed; `true` means ready.
pub fn wait(fd: BorrowedFd<'_>, interest: Interest, limit: Option<Duration>) -> io::Result<bool> {
    let until = limit.map(|limit| Instant::now() + limit);
    let flags = match interest {
        Interest::Read => PollFlags::POLLIN,
        Interest::Write => PollFlags::POLLOUT,
    };
    loop {
        let timeout = match until {
            None => PollTimeout::NONE,
            Some(until) => {
                let left = until.saturating_duration_since(Instant::now());
                // Round up: a wake-up a fraction of a millisecond early would spin.
                let millis = left.as_micros().div_ceil(1000).min(i32::MAX as u128);
                PollTimeout::try_from(i32::try_from(millis).unwrap_or(i32::MAX)).unwrap_or(PollTimeout::MAX)
            }
        };
        match nix::poll::poll(&mut [PollFd::new(fd, flags)], timeout) {
            Ok(0) => return Ok(false),
            Ok(_) => return Ok(true),
            Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
}

/// Opens a TCP connection, from `source` where one is given, giving up after `limit`.
/// The time limit is left on the socket as its send timeout.
pub fn connect_inet(
    to: SocketAddr,
    source: Option<IpAddr>,
    limit: Option<Duration>,
) -> io::Result<TcpStream> {
    let family = if to.is_ipv4() { AddressFamily::Inet } else { AddressFamily::Inet6 };
    let fd = socket::socket(family, SockType::Stream, SockFlag::SOCK_CLOEXEC, None)?;
    if let Some(source) = source {
        // Several connections may leave from one address and port as long as their far ends differ.
        setsockopt(&fd, sockopt::ReuseAddr, &true)?;
        socket::bind(fd.as_raw_fd(), &SockaddrStorage::from(SocketAddr::new(source, 0)))?;
    }
    // Callers write whole groups of commands or buffers at once: holding back the last short segment until the far
    // end's delayed acknowledgement gains nothing and costs 40 ms.
    setsockopt(&fd, sockopt::TcpNoDelay, &true)?;
    connect(&fd, &SockaddrStorage::from(to), limit)?;
    Ok(TcpStream::from(fd))
}

/// Opens a connection to the Unix-domain socket at `path`, giving up after `limit`.
/// The time limit is left on the socket as its send timeout.
pub fn connect_unix(path: &Path, limit: Option<Duration>) -> io::Result<UnixStream> {
    let fd = socket::socket(AddressFamily::Unix, SockType::Stream, SockFlag::SOCK_CLOEXEC, None)?;
    connect(&fd, &UnixAddr::new(path)?, limit)?;
    Ok(UnixStream::from(fd))
}

/// Opens a connection to the Unix-domain socket at `path` without waiting; the socket stays
/// non-blocking. A listener whose backlog is full is `WouldBlock`.
pub fn connect_unix_now(path: &Path) -> io::Result<UnixStream> {
    let fd = socket::socket(
        AddressFamily::Unix,
        SockType::Stream,
        SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK,
        None,
    )?;
    socket::connect(fd.as_raw_fd(), &UnixAddr::new(path)?)?;
    Ok(UnixStream::from(fd))
}

// The kernel bounds a blocking connect by the send timeout: no poll, no mode changes.
fn connect(fd: &OwnedFd, to: &dyn SockaddrLike, limit: Option<Duration>) -> io::Result<()> {
    if let Some(limit) = limit {
        set_timeout(fd, Direction::Send, Some(limit))?;
    }
    match socket::connect(fd.as_raw_fd(), to) {
        Ok(()) => Ok(()),
        // A Unix-domain listener with a full backlog, or a TCP peer that never answered.
        Err(Errno::EAGAIN | Errno::EINPROGRESS) => Err(Errno::ETIMEDOUT.into()),
        Err(Errno::EINTR) => {
            if !wait(fd.as_fd(), Interest::Write, limit)? {
                return Err(Errno::ETIMEDOUT.into());
            }
            match socket::getsockopt(fd, sockopt::SocketError)? {
                0 => Ok(()),
                code => Err(io::Error::from_raw_os_error(code)),
            }
        }
        Err(errno) => Err(errno.into()),
    }
}

enum Direction {
    Send,
}

fn set_timeout(fd: &OwnedFd, direction: Direction, limit: Option<Duration>) -> io::Result<()> {
    let micros = limit.map_or(0, |limit| i64::try_from(limit.as_micros()).unwrap_or(i64::MAX).max(1));
    let value = TimeVal::microseconds(micros);
    match direction {
        Direction::Send => setsockopt(fd, sockopt::SendTimeout, &value)?,
    }
    Ok(())
}

/// Sets the size of both socket buffers, which bounds the TCP window (to be done before data flow).
pub fn set_window(fd: BorrowedFd<'_>, size: usize) -> io::Result<()> {
    setsockopt(&fd, sockopt::SndBuf, &size)?;
    setsockopt(&fd, sockopt::RcvBuf, &size)?;
    Ok(())
}

/// What is there to read on an idle connection, without waiting and without taking it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Idle {
    /// Nothing: the peer is there and silent.
    Quiet,
    /// Bytes have arrived.
    Readable,
    /// The peer has closed, or the connection is broken.
    Closed,
}

/// Looks at an idle socket: the peer silent, talking, or gone.
pub fn peek(fd: BorrowedFd<'_>) -> Idle {
    let mut byte = [0u8; 1];
    loop {
        return match socket::recv(fd.as_raw_fd(), &mut byte, MsgFlags::MSG_PEEK | MsgFlags::MSG_DONTWAIT) {
            Ok(0) => Idle::Closed,
            Ok(_) => Idle::Readable,
            Err(Errno::EINTR) => continue,
            Err(Errno::EAGAIN) => Idle::Quiet,
            Err(_) => Idle::Closed,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::net::TcpListener;

    #[test]
    fn connects_from_a_chosen_address() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let source: IpAddr = "127.0.0.2".parse().unwrap();
        let client =
            connect_inet(listener.local_addr().unwrap(), Some(source), Some(Duration::from_secs(5))).unwrap();
        assert_eq!(client.local_addr().unwrap().ip(), source);
        assert_eq!(listener.accept().unwrap().1.ip(), source);
    }

    #[test]
    fn refused_connections_say_so() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let error = connect_inet(address, None, Some(Duration::from_secs(5))).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
        assert!(connect_unix(Path::new("/nonexistent/socket"), None).is_err());
    }

    #[test]
    fn idle_peers_are_told_apart() {
        let (mut here, there) = UnixStream::pair().unwrap();
        assert_eq!(peek(there.as_fd()), Idle::Quiet);
        assert!(!wait(there.as_fd(), Interest::Read, Some(Duration::from_millis(5))).unwrap());
        here.write_all(b"x").unwrap();
        assert_eq!(peek(there.as_fd()), Idle::Readable);
        assert!(wait(there.as_fd(), Interest::Read, None).unwrap());
        drop(here);
        let mut byte = [0u8; 1];
        io::Read::read_exact(&mut (&there), &mut byte).unwrap();
        assert_eq!(peek(there.as_fd()), Idle::Closed);
    }
}
