//! One question to the configured name servers: UDP with retries, TCP where an answer does not fit.

use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use domain::base::iana::{Rcode, Rtype};

use crate::Conf;
use crate::codec::{Flags, Match, Query};

const DATAGRAM_MAX: usize = 4096;

/// What came of asking.
pub enum Asked {
    Reply(Vec<u8>),
    /// The server understands neither the query nor the query without EDNS0.
    FormErr,
    /// No server gave a usable answer.
    Silence,
    /// The name cannot be sent at all.
    BadName,
}

/// Asks each server in turn, up to `attempts` rounds.
pub fn ask(conf: &Conf, name: &str, rtype: Rtype, flags: Flags) -> Asked {
    static ROTATION: AtomicUsize = AtomicUsize::new(0);
    let first = if conf.rotate { ROTATION.fetch_add(1, Ordering::Relaxed) } else { 0 };
    let count = conf.servers.len();
    for attempt in 0..conf.attempts {
        for at in 0..count {
            let Some(&server) = conf.servers.get((first + at) % count) else {
                continue;
            };
            let timeout = patience(conf.timeout, attempt, count);
            match ask_one(server, conf.use_vc, name, rtype, flags, timeout) {
                Ok(One::Next) | Err(_) => {}
                Ok(One::Done(asked)) => return asked,
            }
        }
    }
    Asked::Silence
}

/// The C library's: doubled each round, and the rounds after the first shared among the servers.
fn patience(timeout: Duration, attempt: u32, servers: usize) -> Duration {
    let whole = timeout.saturating_mul(1 << attempt.min(5));
    let shared = if attempt > 0 { whole / u32::try_from(servers.max(1)).unwrap_or(1) } else { whole };
    shared.max(Duration::from_secs(1))
}

enum One {
    Done(Asked),
    Next,
}

fn ask_one(
    server: SocketAddr,
    tcp: bool,
    name: &str,
    rtype: Rtype,
    flags: Flags,
    timeout: Duration,
) -> io::Result<One> {
    let mut flags = flags;
    loop {
        let Some(query) = Query::new(name, rtype, flags, random_id()) else {
            return Ok(One::Done(Asked::BadName));
        };
        let (bytes, matched) =
            if tcp { by_tcp(server, &query, timeout)? } else { by_udp(server, &query, timeout)? };
        match matched {
            Match::Answer => return Ok(One::Done(Asked::Reply(bytes))),
            Match::Truncated if tcp => return Ok(One::Done(Asked::Reply(bytes))),
            Match::Truncated => {
                let (bytes, matched) = by_tcp(server, &query, timeout)?;
                return Ok(match matched {
                    Match::Answer | Match::Truncated => One::Done(Asked::Reply(bytes)),
                    Match::Refused(_) | Match::Stranger => One::Next,
                });
            }
            Match::Refused(Rcode::FORMERR) if flags.edns0 => {
                flags = Flags { edns0: false, dnssec_ok: false, ..flags }
            }
            Match::Refused(Rcode::FORMERR) => return Ok(One::Done(Asked::FormErr)),
            Match::Refused(_) | Match::Stranger => return Ok(One::Next),
        }
    }
}

/// A connected socket on a port of the kernel's choice: datagrams from others never arrive.
fn by_udp(server: SocketAddr, query: &Query, timeout: Duration) -> io::Result<(Vec<u8>, Match)> {
    let any = match server {
        SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    };
    let socket = UdpSocket::bind((any, 0))?;
    socket.connect(server)?;
    socket.send(&query.bytes)?;
    let deadline = Instant::now() + timeout;
    let mut buf = vec![0; DATAGRAM_MAX];
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        socket.set_read_timeout(Some(left))?;
        let len = match socket.recv(&mut buf) {
            Ok(len) => len,
            Err(err) if err.kind() == io::ErrorKind::Interrupted => continue,
            Err(err) => return Err(err),
        };
        let Some(datagram) = buf.get(..len) else {
            continue;
        };
        match query.matches(datagram) {
            Match::Stranger => {}
            matched => return Ok((datagram.to_vec(), matched)),
        }
    }
}

fn by_tcp(server: SocketAddr, query: &Query, timeout: Duration) -> io::Result<(Vec<u8>, Match)> {
    let deadline = Instant::now() + timeout;
    let mut stream = TcpStream::connect_timeout(&server, timeout)?;
    stream.set_write_timeout(Some(timeout))?;
    let len = u16::try_from(query.bytes.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    let mut framed = len.to_be_bytes().to_vec();
    framed.extend_from_slice(&query.bytes);
    stream.write_all(&framed)?;
    let mut len = [0; 2];
    fill(&mut stream, &mut len, deadline)?;
    let mut bytes = vec![0; usize::from(u16::from_be_bytes(len))];
    fill(&mut stream, &mut bytes, deadline)?;
    let matched = query.matches(&bytes);
    Ok((bytes, matched))
}

/// `read_exact` with one deadline for all of it.
fn fill(stream: &mut TcpStream, mut buf: &mut [u8], deadline: Instant) -> io::Result<()> {
    while !buf.is_empty() {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        stream.set_read_timeout(Some(left))?;
        match stream.read(buf) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(n) => buf = buf.get_mut(n..).unwrap_or_default(),
            Err(err) if err.kind() == io::ErrorKind::Interrupted => {}
            Err(err) => return Err(err),
        }
    }
    Ok(())
}

fn random_id() -> u16 {
    let mut bytes = [0; 2];
    sys::rand::fill(&mut bytes);
    u16::from_ne_bytes(bytes)
}
