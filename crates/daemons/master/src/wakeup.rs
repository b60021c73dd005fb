//! Wakes a service: one trigger byte to its own endpoint. Never waits: a service that cannot take it is busy anyway.

use std::fs::File;
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use ipc::trigger::WAKEUP;

use crate::endpoint::Endpoint;
use crate::service::Service;

/// Sends the byte; a full queue of connections is no error.
pub fn send(service: &Service) -> io::Result<()> {
    let Some(listener) = service.listeners.first() else { return Ok(()) };
    let outcome = match &listener.endpoint {
        Endpoint::Stream(path) => sys::listen::start_connect_unix(path).and_then(write),
        // Our own end of the FIFO is open for writing too: no name to be led astray by.
        Endpoint::Fifo(_) => listener.fd.try_clone().and_then(write),
        Endpoint::Inet(address) => {
            let mut address = *address;
            if address.ip().is_unspecified() {
                let local: IpAddr =
                    if address.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() };
                address.set_ip(local);
            }
            let connection = sys::listen::start_connect_tcp(address, None)?;
            sys::poll::writable(connection.as_fd(), Some(Duration::from_secs(1)))?;
            write(connection)
        }
        // A datagram is a message to such a service, not a trigger.
        Endpoint::Datagram(_) => Ok(()),
    };
    match outcome {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
        other => other,
    }
}

fn write(to: OwnedFd) -> io::Result<()> {
    File::from(to).write_all(&[WAKEUP])
}
