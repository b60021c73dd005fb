//! Listening, accepting, passing descriptors, and who is at the other end.

use std::io::{self, IoSlice, IoSliceMut};
use std::net::{SocketAddr, TcpListener};
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::net::UnixStream;

use nix::cmsg_space;
use nix::sys::socket::{
    AddressFamily, Backlog, ControlMessage, ControlMessageOwned, MsgFlags, SockFlag, SockType,
    SockaddrStorage, bind, getsockopt, listen, recvmsg, sendmsg, setsockopt, socket, sockopt,
};

/// Who is at the other end of a Unix socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Credentials {
    pub pid: i32,
    pub uid: u32,
    pub gid: u32,
}

/// The identity that the peer of a Unix socket had when it connected.
pub fn peer_credentials(fd: impl AsFd) -> io::Result<Credentials> {
    let c = getsockopt(&fd.as_fd(), sockopt::PeerCredentials)?;
    Ok(Credentials { pid: c.pid(), uid: c.uid(), gid: c.gid() })
}

/// Listens on a TCP address: reusable at once, IPv6 sockets for IPv6 only.
pub fn listen_tcp(address: SocketAddr, backlog: i32) -> io::Result<TcpListener> {
    let family = if address.is_ipv4() { AddressFamily::Inet } else { AddressFamily::Inet6 };
    let fd = socket(family, SockType::Stream, SockFlag::SOCK_CLOEXEC, None)?;
    setsockopt(&fd, sockopt::ReuseAddr, &true)?;
    // A killed master's last children may hold the port for a moment longer; a new one need not wait.
    setsockopt(&fd, sockopt::ReusePort, &true)?;
    if address.is_ipv6() {
        setsockopt(&fd, sockopt::Ipv6V6Only, &true)?;
    }
    bind(fd.as_raw_fd(), &SockaddrStorage::from(address))?;
    listen(&fd, Backlog::new(backlog).unwrap_or(Backlog::MAXCONN))?;
    Ok(TcpListener::from(fd))
}

/// Starts a TCP connection without waiting for it; `from` is the local address to use.
/// The socket is non-blocking: wait until it can be written, then ask [`socket_error`].
pub fn start_connect_tcp(to: SocketAddr, from: Option<SocketAddr>) -> io::Result<OwnedFd> {
    let family = if to.is_ipv4() { AddressFamily::Inet } else { AddressFamily::Inet6 };
    let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
    let fd = socket(family, SockType::Stream, flags, None)?;
    if let Some(from) = from {
        bind(fd.as_raw_fd(), &SockaddrStorage::from(from))?;
    }
    match nix::sys::socket::connect(fd.as_raw_fd(), &SockaddrStorage::from(to)) {
        Ok(()) | Err(nix::errno::Errno::EINPROGRESS) => Ok(fd),
        Err(err) => Err(err.into()),
    }
}

/// Starts a connection to a Unix stream socket without waiting: the socket is non-blocking.
/// `WouldBlock` when the listener's backlog is full.
pub fn start_connect_unix(path: &std::path::Path) -> io::Result<OwnedFd> {
    let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
    let fd = socket(AddressFamily::Unix, SockType::Stream, flags, None)?;
    nix::sys::socket::connect(fd.as_raw_fd(), &nix::sys::socket::UnixAddr::new(path)?)?;
    Ok(fd)
}

/// The pending error of a socket, such as the outcome of a started connection.
pub fn socket_error(fd: impl AsFd) -> io::Result<()> {
    match getsockopt(&fd.as_fd(), sockopt::SocketError)? {
        0 => Ok(()),
        code => Err(io::Error::from_raw_os_error(code)),
    }
}

/// Sends one descriptor over a Unix socket, with one byte of data as Postfix does.
pub fn send_descriptor(over: impl AsFd, fd: impl AsFd) -> io::Result<()> {
    let raw = [fd.as_fd().as_raw_fd()];
    let data = [IoSlice::new(b"\0")];
    let rights = [ControlMessage::ScmRights(&raw)];
    sendmsg::<()>(over.as_fd().as_raw_fd(), &data, &rights, MsgFlags::MSG_NOSIGNAL, None)?;
    Ok(())
}

/// Receives one descriptor from a Unix socket; close-on-exec.
pub fn receive_descriptor(over: impl AsFd) -> io::Result<OwnedFd> {
    let mut byte = [0u8; 1];
    let mut data = [IoSliceMut::new(&mut byte)];
    let mut space = cmsg_space!([std::os::fd::RawFd; 1]);
    let flags = MsgFlags::MSG_CMSG_CLOEXEC;
    let message = recvmsg::<()>(over.as_fd().as_raw_fd(), &mut data, Some(&mut space), flags)?;
    if message.bytes == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let mut got = None;
    for control in message.cmsgs()? {
        if let ControlMessageOwned::ScmRights(fds) = control {
            for raw in fds {
                // SAFETY: the kernel just installed this descriptor for us; nobody else owns
                // it. Surplus ones are dropped, that is closed.
                let fd = unsafe { OwnedFd::from_raw_fd(raw) };
                got.get_or_insert(fd);
            }
        }
    }
    got.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "no descriptor was passed"))
}

/// What kind of socket an inherited descriptor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Inet,
    Unix,
    Other,
}

/// Tells an inherited socket's family.
pub fn kind(fd: impl AsFd) -> Kind {
    match nix::sys::socket::getsockname::<SockaddrStorage>(fd.as_fd().as_raw_fd()) {
        Ok(name) if name.as_sockaddr_in().is_some() || name.as_sockaddr_in6().is_some() => Kind::Inet,
        Ok(name) if name.as_unix_addr().is_some() => Kind::Unix,
        _ => Kind::Other,
    }
}

/// The other end's address of a connected inet socket; `None` for a Unix socket or a pipe.
pub fn peer_address(fd: impl AsFd) -> Option<SocketAddr> {
    inet(nix::sys::socket::getpeername::<SockaddrStorage>(fd.as_fd().as_raw_fd()).ok()?)
}

/// This end's address of an inet socket.
pub fn local_address(fd: impl AsFd) -> Option<SocketAddr> {
    inet(nix::sys::socket::getsockname::<SockaddrStorage>(fd.as_fd().as_raw_fd()).ok()?)
}

fn inet(name: SockaddrStorage) -> Option<SocketAddr> {
    if let Some(v4) = name.as_sockaddr_in() {
        return Some(SocketAddr::V4((*v4).into()));
    }
    name.as_sockaddr_in6().map(|v6| SocketAddr::V6((*v6).into()))
}

/// Turns small writes into packets at once (TCP_NODELAY).
pub fn no_delay(fd: impl AsFd) -> io::Result<()> {
    Ok(setsockopt(&fd.as_fd(), sockopt::TcpNoDelay, &true)?)
}

/// Accepts one connection from a listener of any family, without waiting for longer than the
/// descriptor's mode says. Close-on-exec, blocking.
pub fn accept(listener: impl AsFd) -> io::Result<OwnedFd> {
    let raw = nix::sys::socket::accept4(listener.as_fd().as_raw_fd(), SockFlag::SOCK_CLOEXEC)?;
    // SAFETY: accept4 just made this descriptor; nobody else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(raw) })
}

/// A connected pair of Unix stream sockets.
pub fn pair() -> io::Result<(UnixStream, UnixStream)> {
    UnixStream::pair()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};

    #[test]
    fn descriptors_travel() {
        let (a, b) = pair().unwrap();
        let (mut r, w) = {
            let (r, w) = crate::fd::pipe().unwrap();
            (std::fs::File::from(r), w)
        };
        send_descriptor(&a, &w).unwrap();
        drop(w);
        let mut got = std::fs::File::from(receive_descriptor(&b).unwrap());
        got.write_all(b"hello").unwrap();
        drop(got);
        let mut text = String::new();
        r.read_to_string(&mut text).unwrap();
        assert_eq!(text, "hello");
        assert_eq!(peer_credentials(&a).unwrap().pid, crate::proc::pid());
        assert_eq!(kind(&a), Kind::Unix);
    }

    #[test]
    fn listeners_accept() {
        let l = listen_tcp("127.0.0.1:0".parse().unwrap(), 5).unwrap();
        let to = l.local_addr().unwrap();
        let c = start_connect_tcp(to, None).unwrap();
        let s = accept(&l).unwrap();
        assert!(crate::poll::writable(&c, None).unwrap());
        socket_error(&c).unwrap();
        assert_eq!(peer_address(&s), local_address(&c));
        assert_eq!(kind(&s), Kind::Inet);
    }
}
