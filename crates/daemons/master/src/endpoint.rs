//! Listening sockets and FIFOs: inet ones for whoever may bind the port, local ones owned by mail_owner
//! and open to all (mode 666; the directory is the guard).

use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::os::unix::net::{UnixDatagram, UnixListener};
use std::path::{Path, PathBuf};

use crate::startup::{Owner, as_owner};

/// Where a service listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// A TCP address.
    Inet(SocketAddr),
    /// A Unix stream socket, below the queue directory.
    Stream(PathBuf),
    /// A Unix datagram socket.
    Datagram(PathBuf),
    /// A named pipe.
    Fifo(PathBuf),
}

impl Endpoint {
    /// Only this machine reaches it.
    pub fn is_loopback(&self) -> bool {
        match self {
            Endpoint::Inet(address) => address.ip().is_loopback(),
            _ => true,
        }
    }

    /// Opens it, non-blocking: workers that race for a connection must not hang in accept. An error is the text of a complaint.
    pub fn open(&self, backlog: i32, owner: &Owner) -> Result<OwnedFd, String> {
        let opened = match self {
            Endpoint::Inet(address) => {
                let opened = sys::listen::listen_tcp(*address, backlog).map(OwnedFd::from);
                return opened
                    .and_then(non_blocking)
                    .map_err(|error| inet_complaint(*address, &error, owner));
            }
            Endpoint::Stream(path) => {
                as_owner(owner, || open_local(path, |path| Ok(UnixListener::bind(path)?.into())))
            }
            Endpoint::Datagram(path) => {
                as_owner(owner, || open_local(path, |path| Ok(UnixDatagram::bind(path)?.into())))
            }
            Endpoint::Fifo(path) => as_owner(owner, || open_fifo(path)),
        };
        opened.and_then(non_blocking).map_err(|error| format!("{self}: {}", sys::errno_text(&error)))
    }
}

impl std::fmt::Display for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Endpoint::Inet(address) => write!(f, "{address}"),
            Endpoint::Stream(path) | Endpoint::Datagram(path) | Endpoint::Fifo(path) => {
                write!(f, "{}", path.display())
            }
        }
    }
}

fn inet_complaint(address: SocketAddr, error: &io::Error, owner: &Owner) -> String {
    let hint = if owner.rootless && address.port() < 1024 && error.kind() == io::ErrorKind::PermissionDenied {
        " (ports below 1024 are for the superuser)"
    } else {
        ""
    };
    format!("bind {} port {}: {}{hint}", address.ip(), address.port(), sys::errno_text(error))
}

fn open_local(path: &Path, bind: impl FnOnce(&Path) -> io::Result<OwnedFd>) -> io::Result<OwnedFd> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    // The mode comes from the mask, so that there is no moment, and no name, to change it by.
    let mask = sys::fs::umask(0o111);
    let bound = bind(path);
    sys::fs::umask(mask);
    bound
}

/// Opened for reading and writing: it never reports its end, and a writer finds a reader.
fn open_fifo(path: &Path) -> io::Result<OwnedFd> {
    match std::fs::symlink_metadata(path) {
        Ok(found) if found.file_type().is_fifo() => {}
        Ok(_) => {
            std::fs::remove_file(path)?;
            make_fifo(path)?;
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => make_fifo(path)?,
        Err(error) => return Err(error),
    }
    let mut options = std::fs::OpenOptions::new();
    options.read(true).write(true).custom_flags(sys::fs::NON_BLOCK | sys::fs::NO_FOLLOW);
    Ok(options.open(path)?.into())
}

fn make_fifo(path: &Path) -> io::Result<()> {
    let mask = sys::fs::umask(0);
    let made = sys::fs::make_fifo(path, 0o622);
    sys::fs::umask(mask);
    made
}

fn non_blocking(fd: OwnedFd) -> io::Result<OwnedFd> {
    sys::fd::set_nonblocking(fd.as_fd(), true)?;
    Ok(fd)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn me() -> Owner {
        let (uid, gid) = (sys::user::effective_uid(), sys::user::effective_gid());
        Owner { identity: sys::user::Identity::plain(uid, gid), rootless: true }
    }

    #[test]
    fn local_endpoints_have_their_modes_and_replace_old_ones() {
        let directory = std::env::temp_dir().join(format!("endpoint.{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let cases = [
            (Endpoint::Stream(directory.join("stream")), 0o666),
            (Endpoint::Datagram(directory.join("datagram")), 0o666),
            (Endpoint::Fifo(directory.join("fifo")), 0o622),
        ];
        for (endpoint, mode) in cases {
            let path = match &endpoint {
                Endpoint::Stream(path) | Endpoint::Datagram(path) | Endpoint::Fifo(path) => path.clone(),
                Endpoint::Inet(_) => unreachable!(),
            };
            std::fs::write(&path, "in the way").unwrap();
            for _ in 0..2 {
                endpoint.open(5, &me()).unwrap();
                let found = std::fs::symlink_metadata(&path).unwrap().permissions().mode() & 0o777;
                assert_eq!(found, mode, "{endpoint}");
            }
        }
        std::fs::remove_dir_all(directory).unwrap();
    }

    #[test]
    fn a_port_of_the_superuser_is_refused_with_the_reason() {
        let error = io::Error::from(io::ErrorKind::PermissionDenied);
        let text = inet_complaint("127.0.0.1:25".parse().unwrap(), &error, &me());
        assert!(text.contains("port 25") && text.contains("below 1024"), "{text}");
    }
}
