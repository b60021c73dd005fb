//! The listening sockets that master(8) passes, from descriptor 6 on.

use std::io;
use std::net::TcpListener;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::{UnixDatagram, UnixListener};

const FIRST: i32 = 6;

/// One listening socket.
pub(crate) enum Listener {
    Inet(TcpListener),
    Unix(UnixListener),
    Datagram(UnixDatagram),
    Fifo(std::fs::File),
}

impl Listener {
    /// Takes over `count` listeners of one kind; a missing one is fatal.
    pub fn inherit_all(count: usize, transport: &str) -> Vec<Listener> {
        (FIRST..)
            .take(count)
            .map(|number| match sys::fd::inherited(number) {
                Some(fd) => Listener::of(fd, transport),
                None => log::fatal!(
                    "no listening socket on descriptor {number}: this program is run by master(8), not by hand"
                ),
            })
            .collect()
    }

    fn of(fd: OwnedFd, transport: &str) -> Listener {
        let ready = sys::fd::set_cloexec(&fd, true).and_then(|()| sys::fd::set_nonblocking(&fd, true));
        if let Err(err) = ready {
            log::fatal!("listening socket: {}", sys::errno_text(&err));
        }
        match transport {
            "inet" => Listener::Inet(fd.into()),
            "unix" => Listener::Unix(fd.into()),
            "unix-dgram" => Listener::Datagram(fd.into()),
            "fifo" => Listener::Fifo(fd.into()),
            "pass" => log::fatal!(
                "service type \"pass\" is not implemented in this version: it needs postscreen(8)"
            ),
            other => log::fatal!("unsupported transport type: {other}"),
        }
    }

    pub fn fd(&self) -> BorrowedFd<'_> {
        match self {
            Listener::Inet(l) => l.as_fd(),
            Listener::Unix(l) => l.as_fd(),
            Listener::Datagram(l) => l.as_fd(),
            Listener::Fifo(l) => l.as_fd(),
        }
    }

    /// A connection that waits, or `None`.
    pub fn accept(&self) -> io::Result<Option<net::Stream>> {
        let accepted = match self {
            Listener::Inet(l) => l.accept().map(|(socket, peer)| net::Stream::accepted(socket, peer)),
            Listener::Unix(l) => l.accept().map(|(socket, _)| net::Stream::new(Box::new(socket))),
            Listener::Datagram(_) | Listener::Fifo(_) => return Ok(None),
        };
        match accepted {
            Ok(stream) => Ok(Some(stream)),
            Err(err) if transient(&err) => Ok(None),
            Err(err) => Err(err),
        }
    }
}

/// Errors after which the next connection may well be there: another worker took this one, or
/// its client has given up.
fn transient(err: &io::Error) -> bool {
    matches!(
        err.kind(),
        io::ErrorKind::WouldBlock
            | io::ErrorKind::Interrupted
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}
