//! The events model: a daemon's own loop, with the runtime's share taken care of: accepting,
//! trigger connections, the master's end.

use std::collections::{HashMap, HashSet};
use std::io::{self, Read};
use std::os::fd::BorrowedFd;
use std::os::unix::net::UnixDatagram;
use std::time::{Duration, Instant};

use ipc::trigger::KEEP;

use crate::accept::Listener;
use crate::poller::{Event, Poller, Wish};
use crate::start::{Context, Inherited};
use crate::status::Status;
use crate::timers::Timers;

/// Tokens from here on belong to the runtime; a daemon's own are below.
const RUNTIME: usize = usize::MAX / 2;
const STATUS: usize = RUNTIME;
const LISTENER: usize = RUNTIME + 1;
const CALLER: usize = RUNTIME + (1 << 20);
/// Somebody who connected to trigger says so within this time.
const PATIENCE: Duration = Duration::from_secs(10);
/// Somebody who has triggered may keep the connection for the next time, for so long.
const SILENCE: Duration = Duration::from_secs(300);
/// Callers that are connected; beyond this the oldest is turned away.
const CALLERS: usize = 200;
/// What one trigger may say.
const TRIGGER: usize = 8192;

/// A connection that was just accepted, in blocking mode.
pub struct Client(pub net::Stream);

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Client")
    }
}

/// What a wait found.
#[derive(Debug)]
pub enum Happening {
    /// A descriptor of the daemon's own.
    Ready { token: usize, readable: bool, writable: bool, fault: bool },
    /// A client connected (after [`EventLoop::accept_streams`]).
    Connected(Client),
    /// Trigger bytes.
    Trigger(Vec<u8>),
    /// Datagrams wait on the service's socket: see [`EventLoop::datagrams`].
    Datagrams,
    /// The master has ended or wants this process replaced: finish and exit.
    MasterGone,
    /// A signal asked for with `poller().signals`.
    Signal(i32),
}

enum Mode {
    Triggers,
    Streams,
}

/// The loop's descriptors.
pub struct EventLoop {
    poller: Poller,
    listeners: Vec<Listener>,
    status: Status,
    mode: Mode,
    callers: HashMap<usize, net::Stream>,
    /// Those that will say more.
    kept: HashSet<usize>,
    next_caller: usize,
    patience: Timers<usize>,
    events: Vec<Event>,
}

impl EventLoop {
    pub(crate) fn new<T>(mut inherited: Inherited, _: &Context<T>) -> io::Result<EventLoop> {
        let mut poller = Poller::new()?;
        // When the master is gone already, the status pipe says so in the first wait.
        inherited.status.announce();
        if let Some(pipe) = inherited.status.watch() {
            poller.add(pipe, STATUS, Wish::Fault)?;
        }
        for (n, listener) in inherited.listeners.iter().enumerate() {
            poller.add(listener.fd(), LISTENER + n, Wish::Read)?;
        }
        Ok(EventLoop {
            poller,
            listeners: inherited.listeners,
            status: inherited.status,
            mode: Mode::Triggers,
            callers: HashMap::new(),
            kept: HashSet::new(),
            next_caller: CALLER,
            patience: Timers::new(),
            events: Vec::new(),
        })
    }

    pub(crate) fn triggers_only(&mut self) {
        self.mode = Mode::Triggers;
    }

    /// Clients hold conversations: they come as [`Happening::Connected`] instead of as triggers.
    pub fn accept_streams(&mut self) {
        self.mode = Mode::Streams;
    }

    /// For the daemon's own descriptors; tokens below `usize::MAX / 2`.
    pub fn poller(&mut self) -> &mut Poller {
        &mut self.poller
    }

    /// The datagram socket of a `unix-dgram` service.
    pub fn datagrams(&self) -> Option<&UnixDatagram> {
        self.listeners.iter().find_map(|l| match l {
            Listener::Datagram(socket) => Some(socket),
            _ => None,
        })
    }

    /// The service's listening descriptors.
    pub fn listening(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.listeners.iter().map(Listener::fd)
    }

    /// Tells the master that this process is busy; false when it is gone.
    pub fn taken(&mut self) -> bool {
        self.status.taken()
    }

    /// Tells the master that this process is free; false when it is gone.
    pub fn available(&mut self) -> bool {
        self.status.available()
    }

    /// Waits until something happens or the time is over; fills `out` anew.
    pub fn wait(&mut self, limit: Option<Duration>, out: &mut Vec<Happening>) -> io::Result<()> {
        out.clear();
        let limit = match (limit, self.patience.next_in()) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        let mut events = std::mem::take(&mut self.events);
        let waited = self.poller.wait(limit, &mut events);
        for event in events.drain(..) {
            match event {
                Event::Ready { token: STATUS, .. } => {
                    self.poller.remove(STATUS);
                    out.push(Happening::MasterGone);
                }
                Event::Ready { token, fault, .. } if token >= CALLER => self.hear(token, fault, out),
                Event::Ready { token, .. } if token >= LISTENER => self.open(token - LISTENER, out),
                Event::Ready { token, readable, writable, fault } => {
                    out.push(Happening::Ready { token, readable, writable, fault });
                }
                Event::Signal(number) => out.push(Happening::Signal(number)),
                Event::Woken => {}
            }
        }
        self.events = events;
        while let Some(caller) = self.patience.expired() {
            self.forget(caller);
        }
        waited
    }

    fn open(&mut self, n: usize, out: &mut Vec<Happening>) {
        // A few at a time, so that a flood of connections does not starve the daemon.
        for _ in 0..32 {
            let accepted = match self.listeners.get_mut(n) {
                None => return,
                Some(Listener::Datagram(_)) => return out.push(Happening::Datagrams),
                Some(Listener::Fifo(fifo)) => {
                    let mut bytes = vec![0; TRIGGER];
                    if let Ok(count @ 1..) = fifo.read(&mut bytes) {
                        bytes.truncate(count);
                        out.push(Happening::Trigger(bytes));
                    }
                    return;
                }
                Some(listener) => listener.accept(),
            };
            let stream = match accepted {
                Ok(Some(stream)) => stream,
                Ok(None) => return,
                Err(err) => {
                    log::warning!("accept connection: {}", sys::errno_text(&err));
                    return;
                }
            };
            match self.mode {
                Mode::Streams => out.push(Happening::Connected(Client(stream))),
                Mode::Triggers => self.listen_to(stream),
            }
        }
    }

    fn listen_to(&mut self, stream: net::Stream) {
        if self.callers.len() >= CALLERS {
            if let Some(oldest) = self.callers.keys().min().copied() {
                self.forget(oldest);
            }
        }
        let token = self.next_caller;
        self.next_caller = if token == usize::MAX - 16 { CALLER } else { token + 1 };
        let watched = stream.fd().and_then(|fd| {
            sys::fd::set_nonblocking(fd, true)?;
            self.poller.add(fd, token, Wish::Read)
        });
        match watched {
            Ok(()) => {
                self.callers.insert(token, stream);
                self.patience.set_at(token, Instant::now() + PATIENCE);
            }
            Err(err) => log::warning!("watch connection: {}", sys::errno_text(&err)),
        }
    }

    fn hear(&mut self, token: usize, ended: bool, out: &mut Vec<Happening>) {
        let Some(stream) = self.callers.get_mut(&token) else { return };
        let mut bytes = Vec::new();
        if stream.fill().is_ok() {
            bytes = stream.buffered().to_vec();
            stream.consume(bytes.len());
        }
        // postkick(1) waits for the end of its connection: that tells it that it was heard.
        let keep = self.kept.contains(&token) || bytes.contains(&KEEP);
        if ended || !keep || bytes.is_empty() || bytes.len() >= TRIGGER {
            self.forget(token);
        } else {
            self.kept.insert(token);
            self.poller.drained(token);
            self.patience.set_at(token, Instant::now() + SILENCE);
        }
        bytes.truncate(TRIGGER);
        if !bytes.is_empty() {
            out.push(Happening::Trigger(bytes));
        }
    }

    fn forget(&mut self, token: usize) {
        self.patience.cancel(&token);
        self.poller.remove(token);
        self.callers.remove(&token);
        self.kept.remove(&token);
    }
}
