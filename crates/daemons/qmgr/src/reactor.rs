//! What the queue manager waits for: descriptors and deadlines, by what they are for.

use std::io;
use std::os::fd::BorrowedFd;
use std::time::Duration;

use daemon::poller::Wish;
use daemon::timers::Timers;
use daemon::{EventLoop, Happening};

use crate::agent::Agent;
use crate::call::Call;
use crate::queue::Queue;
use crate::resolve::Link;
use crate::slab::{Id, Slab};
use crate::transport::Transport;

/// What a descriptor is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A connection to a delivery agent.
    Agent(Id<Agent>),
    /// A request to a delivery status service.
    Call(Id<Call>),
    /// A connection to the address resolver.
    Link(Id<Link>),
}

/// What a deadline is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Alarm {
    /// Time for a run over the deferred queue.
    QueueRun,
    /// A dead or resting destination wakes up.
    Queue(Id<Queue>),
    /// A dead transport is tried again.
    Transport(Id<Transport>),
    /// A transport has rested enough (`transport_rate_delay`).
    Rest(Id<Transport>),
    /// Look again whether something may start.
    Look,
    /// A delivery agent has been silent, or idle, for too long.
    Agent(Id<Agent>),
    /// A status service has been silent for too long.
    Call(Id<Call>),
    /// The resolver has been silent for too long, or is to be tried again.
    Resolver,
}

impl Source {
    fn token(self) -> usize {
        let (kind, bits) = match self {
            Source::Agent(id) => (1, id.to_bits()),
            Source::Call(id) => (2, id.to_bits()),
            Source::Link(id) => (3, id.to_bits()),
        };
        // Ids leave the upper bits free.
        usize::try_from(bits | kind << 60).unwrap_or(usize::MAX)
    }

    /// The source of a token.
    pub fn named(token: usize) -> Option<Source> {
        let token = token as u64;
        let bits = token & ((1 << 60) - 1);
        match token >> 60 {
            1 => Some(Source::Agent(Slab::<Agent>::id_from_bits(bits))),
            2 => Some(Source::Call(Slab::<Call>::id_from_bits(bits))),
            3 => Some(Source::Link(Slab::<Link>::id_from_bits(bits))),
            _ => None,
        }
    }
}

/// Descriptors and deadlines.
pub struct Reactor {
    events: EventLoop,
    timers: Timers<Alarm>,
}

impl Reactor {
    /// Over the runtime's loop.
    pub fn new(events: EventLoop) -> Reactor {
        Reactor { events, timers: Timers::new() }
    }

    /// Watches a descriptor; failure to do so is left to its owner's deadline.
    pub fn watch(&mut self, fd: BorrowedFd<'_>, source: Source, output: bool) {
        if let Err(error) = self.events.poller().add(fd, source.token(), wish(output)) {
            log::warning!("watch connection: {}", sys::errno_text(&error));
        }
    }

    /// Watches for room to write, too, or no longer.
    pub fn output(&mut self, source: Source, output: bool) {
        if let Err(error) = self.events.poller().change(source.token(), wish(output)) {
            log::warning!("watch connection: {}", sys::errno_text(&error));
        }
    }

    /// Forgets a descriptor, before it is closed.
    pub fn unwatch(&mut self, source: Source) {
        self.events.poller().remove(source.token());
    }

    /// Everything that has arrived was read.
    pub fn drained(&mut self, source: Source) {
        self.events.poller().drained(source.token());
    }

    /// Sets a deadline, or moves it.
    pub fn after(&mut self, delay: Duration, alarm: Alarm) {
        self.timers.set(alarm, delay);
    }

    /// Takes a deadline back.
    pub fn cancel(&mut self, alarm: Alarm) {
        self.timers.cancel(&alarm);
    }

    /// Waits for something to happen; not at all when there is more to do.
    pub fn wait(&mut self, busy: bool, out: &mut Vec<Happening>) -> io::Result<()> {
        let limit = if busy { Some(Duration::ZERO) } else { self.timers.next_in() };
        self.events.wait(limit, out)
    }

    /// A deadline that has passed.
    pub fn expired(&mut self) -> Option<Alarm> {
        self.timers.expired()
    }
}

fn wish(output: bool) -> Wish {
    if output { Wish::Both } else { Wish::Read }
}
