//! A blocking connection to another Postfix program, and clients that keep connections.
//!
//! Paths are `public/name` and `private/name` below the current directory: every program that
//! talks to another has changed to `queue_directory`, inside its jail or not.

use crate::attr::{self, Cursor, Decoded, Fault, Message, Writer};
use std::io::{self, BufRead, Read, Write};
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The two classes of services; the directory's mode is the guard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Reachable for set-gid commands.
    Public,
    /// For daemons only.
    Private,
}

/// A service's place: class and master.cf name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The directory.
    pub class: Class,
    /// The socket's name.
    pub name: String,
}

impl Place {
    /// A service below `private`.
    pub fn private(name: impl Into<String>) -> Place {
        Place { class: Class::Private, name: name.into() }
    }

    /// A service below `public`.
    pub fn public(name: impl Into<String>) -> Place {
        Place { class: Class::Public, name: name.into() }
    }

    /// The socket's path, relative to the queue directory.
    pub fn path(&self) -> PathBuf {
        let class = match self.class {
            Class::Public => "public",
            Class::Private => "private",
        };
        PathBuf::from(class).join(&self.name)
    }
}

static TIMEOUT_MS: AtomicU64 = AtomicU64::new(3_600_000);

/// Sets what [`connect`] uses as time limit for each read and write: the process's `ipc_timeout`.
pub fn set_default_timeout(limit: Duration) {
    TIMEOUT_MS.store(u64::try_from(limit.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
}

/// The process's `ipc_timeout`.
pub fn default_timeout() -> Duration {
    Duration::from_millis(TIMEOUT_MS.load(Ordering::Relaxed))
}

/// Connects to a service, with the default time limit on everything that follows.
pub fn connect(place: &Place) -> io::Result<Peer> {
    let limit = Some(default_timeout());
    let path = place.path();
    let mut stream = net::connect_unix(&path, limit).map_err(|e| {
        io::Error::new(e.kind(), format!("connect to {}: {}", path.display(), sys::errno_text(&e)))
    })?;
    stream.set_timeout(limit);
    Ok(Peer { stream })
}

/// The other end of a conversation.
pub struct Peer {
    stream: net::Stream,
}

impl From<net::Stream> for Peer {
    fn from(stream: net::Stream) -> Peer {
        Peer { stream }
    }
}

impl Peer {
    /// Buffers a message, to be sent with what follows.
    pub fn put<M: Message>(&mut self, message: &M) -> io::Result<()> {
        let mut wire = Vec::with_capacity(256);
        attr::encode(message, &mut wire);
        self.stream.write(&wire)
    }

    /// Sends a message and everything buffered before it.
    pub fn send<M: Message>(&mut self, message: &M) -> io::Result<()> {
        self.put(message)?;
        self.stream.flush()
    }

    /// Sends what is buffered.
    pub fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }

    /// The next message; `None` when the peer closed instead of beginning one.
    pub fn next_message<M: Message>(&mut self) -> io::Result<Option<M>> {
        loop {
            match attr::decode(self.stream.buffered()) {
                Ok(Decoded::Complete(message, taken)) => {
                    self.stream.consume(taken);
                    return Ok(Some(message));
                }
                Ok(Decoded::NeedMore) => {}
                Err(fault) => return Err(io::Error::new(io::ErrorKind::InvalidData, fault)),
            }
            if self.stream.read_more()? == 0 {
                return match self.stream.buffered() {
                    [] => Ok(None),
                    _ => Err(io::ErrorKind::UnexpectedEof.into()),
                };
            }
        }
    }

    /// The next message, where a close is an error.
    pub fn receive<M: Message>(&mut self) -> io::Result<M> {
        self.next_message()?.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }

    /// A server's opening line.
    pub fn announce(&mut self, protocol: &'static str) -> io::Result<()> {
        self.send(&Announcement(protocol))
    }

    /// Reads the server's opening line and insists on its protocol.
    pub fn expect(&mut self, protocol: &'static str) -> io::Result<()> {
        let list = self.receive::<Heard>()?;
        match list.0 == protocol {
            true => Ok(()),
            false => Err(io::Error::new(io::ErrorKind::InvalidData, Fault::OtherProtocol(list.0))),
        }
    }

    /// Whether a kept connection still stands: the peer has neither closed nor said anything.
    pub fn is_fresh(&self) -> bool {
        self.stream.is_fresh()
    }

    /// The stream below, for time limits, descriptors and raw bytes.
    pub fn stream(&mut self) -> &mut net::Stream {
        &mut self.stream
    }

    /// The stream below.
    pub fn into_stream(self) -> net::Stream {
        self.stream
    }

    /// Waits until the peer closes; some requests end that way.
    pub fn wait_close(&mut self) -> io::Result<()> {
        while self.stream.read_more()? > 0 {
            let waiting = self.stream.buffered().len();
            self.stream.consume(waiting);
        }
        Ok(())
    }
}

impl Read for Peer {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut waiting = self.stream.fill()?;
        let taken = waiting.read(into)?;
        self.stream.consume(taken);
        Ok(taken)
    }
}

impl BufRead for Peer {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.stream.fill()
    }
    fn consume(&mut self, taken: usize) {
        self.stream.consume(taken);
    }
}

impl Write for Peer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.write(bytes)?;
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

struct Announcement(&'static str);

impl Message for Announcement {
    fn put(&self, out: &mut Writer<'_>) {
        out.str("protocol", self.0).end();
    }
    fn take(_: &mut Cursor<'_>) -> Result<Self, Fault> {
        Err(Fault::Garbage) // heard through Heard
    }
}

struct Heard(bstr::BString);

impl Message for Heard {
    fn put(&self, out: &mut Writer<'_>) {
        out.str("protocol", &self.0).end();
    }
    fn take(from: &mut Cursor<'_>) -> Result<Self, Fault> {
        let name = from.string("protocol")?;
        from.end()?;
        Ok(Heard(name))
    }
}

/// Takes the `protocol` attribute of an announcement that carries more than that.
pub(crate) fn check_protocol(from: &mut Cursor<'_>, protocol: &'static str) -> Result<(), Fault> {
    match from.str("protocol")? {
        name if name == protocol => Ok(()),
        name => Err(Fault::OtherProtocol(name.into())),
    }
}

/// A client of a request-reply service, for all threads of a process.
///
/// Connections are kept between requests up to `idle` and `life` (`ipc_idle`, `ipc_ttl`). When a
/// kept connection turns out to be closed, the request goes over a new one.
pub struct Client {
    place: Place,
    protocol: &'static str,
    idle: Duration,
    life: Duration,
    kept: Mutex<Vec<Kept>>,
}

struct Kept {
    peer: Peer,
    born: Instant,
    used: Instant,
}

/// More connections than this are not kept.
const KEPT_LIMIT: usize = 64;

impl Client {
    /// A client that connects when first asked.
    pub fn new(place: Place, protocol: &'static str) -> Client {
        Client {
            place,
            protocol,
            idle: Duration::from_secs(5),
            life: Duration::from_secs(1000),
            kept: Mutex::new(Vec::new()),
        }
    }

    /// Sets how long connections are kept (`ipc_idle`, `ipc_ttl`).
    pub fn keep(mut self, idle: Duration, life: Duration) -> Client {
        self.idle = idle;
        self.life = life;
        self
    }

    /// The service asked.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Sends a request and returns the reply.
    pub fn ask<Q: Message, R: Message>(&self, request: &Q) -> io::Result<R> {
        while let Some(mut kept) = self.take_kept() {
            if let Ok(reply) = exchange(&mut kept.peer, request) {
                self.keep_peer(kept);
                return Ok(reply);
            }
        }
        let mut peer = connect(&self.place)?;
        peer.expect(self.protocol)?;
        let reply = exchange(&mut peer, request)?;
        let now = Instant::now();
        self.keep_peer(Kept { peer, born: now, used: now });
        Ok(reply)
    }

    fn take_kept(&self) -> Option<Kept> {
        let mut kept = self.kept.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        loop {
            let last = kept.pop()?;
            if last.used.elapsed() < self.idle && last.born.elapsed() < self.life && last.peer.is_fresh() {
                return Some(last);
            }
        }
    }

    fn keep_peer(&self, mut kept: Kept) {
        kept.used = Instant::now();
        let mut all = self.kept.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if all.len() < KEPT_LIMIT {
            all.push(kept);
        }
    }
}

fn exchange<Q: Message, R: Message>(peer: &mut Peer, request: &Q) -> io::Result<R> {
    peer.send(request)?;
    peer.receive()
}
