//! The queue manager as a whole: everything it knows, and what it does in each turn of its loop.

use std::collections::{HashMap, VecDeque};

use bstr::BString;
use config::Config;
use config::params::{ENABLE_LONG_QUEUE_IDS, HASH_QUEUE_DEPTH, HASH_QUEUE_NAMES};
use daemon::Happening;
use spool::{Queue as Directory, Spool};

use crate::agent::Agent;
use crate::call::{Calls, Then};
use crate::entry::{Entry, Peer};
use crate::message::Message;
use crate::queue::{Queue, State};
use crate::reactor::{Alarm, Reactor, Source};
use crate::remover::Remover;
use crate::resolve::Resolver;
use crate::scan::{Request, Scan};
use crate::settings::Settings;
use crate::slab::{Id, Slab};
use crate::transport::Transport;
use crate::trigger;

/// All of it.
pub struct Manager {
    /// main.cf, for the limits of transports that are met later.
    pub config: &'static Config,
    /// The queue manager's own parameters.
    pub settings: Settings,
    /// Queue files.
    pub spool: Spool,
    /// Descriptors and deadlines.
    pub reactor: Reactor,
    /// The active queue.
    pub messages: Slab<Message>,
    /// Recipients in memory.
    pub recipients: usize,
    /// Messages in the active queue that are address probes.
    pub probes: usize,
    /// Transports.
    pub transports: Slab<Transport>,
    /// Transports by name.
    pub transport_names: HashMap<BString, Id<Transport>>,
    /// Transports in turn.
    pub transport_turn: VecDeque<Id<Transport>>,
    /// Destinations.
    pub queues: Slab<Queue>,
    /// Requests by message and destination.
    pub peers: Slab<Peer>,
    /// Requests.
    pub entries: Slab<Entry>,
    /// Delivery agents.
    pub agents: Slab<Agent>,
    /// Where mail goes.
    pub resolver: Resolver,
    /// Requests to status services.
    pub calls: Calls,
    /// Requests that could not even be made.
    pub failed_calls: VecDeque<Then>,
    incoming: Scan,
    deferred: Scan,
    tokens_owed: bool,
    pub(crate) remover: Remover,
}

/// Messages that a turn takes in, between two looks at what else happens.
const FEED: usize = 32;

impl Manager {
    /// Begins with an empty active queue: what an earlier process left there comes in again.
    pub fn new(config: &'static Config, reactor: Reactor) -> Manager {
        let spool = Spool::new(
            config.get(HASH_QUEUE_NAMES),
            config.get(HASH_QUEUE_DEPTH),
            config.get(ENABLE_LONG_QUEUE_IDS),
        );
        let remover = Remover::start(&spool);
        let mut manager = Manager {
            config,
            settings: Settings::configured(config),
            spool,
            reactor,
            messages: Slab::default(),
            recipients: 0,
            probes: 0,
            transports: Slab::default(),
            transport_names: HashMap::new(),
            transport_turn: VecDeque::new(),
            queues: Slab::default(),
            peers: Slab::default(),
            entries: Slab::default(),
            agents: Slab::default(),
            resolver: Resolver::default(),
            calls: Calls::default(),
            failed_calls: VecDeque::new(),
            incoming: Scan::new(Directory::Incoming),
            deferred: Scan::new(Directory::Deferred),
            tokens_owed: true,
            remover,
        };
        manager.reclaim();
        let start = Request { start: true, ..Request::default() };
        manager.incoming.request(start, &manager.spool);
        manager.run_deferred();
        manager
    }

    /// Moves what is in the active queue back to the incoming one.
    fn reclaim(&mut self) {
        for found in self.spool.scan(Directory::Active) {
            match found {
                Ok(found) => {
                    // Opening a FIFO would wait for ever; a link leads anywhere.
                    if !std::fs::symlink_metadata(&found.path).is_ok_and(|meta| meta.is_file()) {
                        log::warning!("{}: not a regular file", found.path.display());
                        continue;
                    }
                    let now = std::time::SystemTime::now();
                    let stamped = std::fs::File::open(&found.path).and_then(|file| file.set_modified(now));
                    if let Err(error) = stamped {
                        log::warning!(
                            "update {} time stamps: {}",
                            found.path.display(),
                            sys::errno_text(&error)
                        );
                    }
                    self.remover.move_to(&found.id, Directory::Incoming);
                }
                Err(error) => log::warning!("open directory active: {}", sys::errno_text(&error)),
            }
        }
    }

    fn run_deferred(&mut self) {
        self.deferred.request(Request { start: true, ..Request::default() }, &self.spool);
        self.reactor.after(self.settings.queue_run_delay, Alarm::QueueRun);
    }

    /// One turn: starts deliveries, lets messages in. True when there is more to do at once.
    pub fn turn(&mut self) -> bool {
        while let Some(then) = self.failed_calls.pop_front() {
            self.answered_call(then, -1);
        }
        let mut more = false;
        for _ in 0..FEED {
            let fed = self.feed_next(Which::Incoming) | self.feed_next(Which::Deferred);
            more = fed;
            if !fed {
                break;
            }
        }
        self.drain();
        self.pay_tokens();
        more || !self.failed_calls.is_empty()
    }

    fn has_room(&self) -> bool {
        self.messages.len() < self.settings.active_limit && self.recipients < self.settings.recipient_limit
    }

    /// Lets the next message of a run in. True when the run goes on.
    fn feed_next(&mut self, which: Which) -> bool {
        if !self.has_room() {
            return false;
        }
        let scan = match which {
            Which::Incoming => &mut self.incoming,
            Which::Deferred => &mut self.deferred,
        };
        let Some(id) = scan.next(&self.spool) else { return false };
        let (queue, all, flush) = (scan.queue(), scan.all, scan.flush);
        if self.feed(queue, id, all, flush) && queue == Directory::Incoming {
            self.tokens_owed = true;
            if self.settings.flow_tokens > 0 {
                daemon::flow::put(1);
            }
        }
        true
    }

    /// When arrivals are all taken in, cleanup(8) may go at full speed again.
    fn pay_tokens(&mut self) {
        let full = self.settings.flow_tokens;
        if full > 0 && self.tokens_owed && !self.incoming.is_running() {
            self.tokens_owed = false;
            // The pipe must not fill up beyond what it is to bring.
            daemon::flow::take(4096);
            daemon::flow::put(full);
        }
    }

    /// Something has happened.
    pub fn on_happening(&mut self, happening: Happening) {
        match happening {
            Happening::Ready { token, .. } => match Source::named(token) {
                Some(Source::Agent(id)) => self.on_agent(id),
                Some(Source::Call(id)) => self.on_call(id),
                Some(Source::Link(id)) => self.on_link(id),
                None => {}
            },
            Happening::Trigger(bytes) => self.on_trigger(&bytes),
            Happening::Connected(_) | Happening::Datagrams | Happening::MasterGone | Happening::Signal(_) => {
            }
        }
    }

    fn on_trigger(&mut self, bytes: &[u8]) {
        let wishes = trigger::read(bytes);
        if wishes.forgive {
            self.forgive();
        }
        self.incoming.request(wishes.incoming, &self.spool);
        self.deferred.request(wishes.deferred, &self.spool);
    }

    /// Nothing is dead any more.
    fn forgive(&mut self) {
        let transports: Vec<_> = self.transports.ids().collect();
        for transport in transports {
            self.revive_transport(transport);
        }
        let dead = |id: &Id<Queue>| {
            matches!(self.queues.get(*id).map(|queue| &queue.state), Some(State::Throttled(_)))
        };
        let queues: Vec<_> = self.queues.ids().filter(dead).collect();
        for queue in queues {
            self.wake_queue(queue);
        }
    }

    /// Deals with the deadlines that have passed.
    pub fn on_time(&mut self) {
        while let Some(alarm) = self.reactor.expired() {
            match alarm {
                Alarm::QueueRun => self.run_deferred(),
                Alarm::Queue(id) => self.wake_queue(id),
                Alarm::Transport(id) => self.revive_transport(id),
                // The turn that follows looks at everything.
                Alarm::Look | Alarm::Rest(_) => {}
                Alarm::Agent(id) => self.on_agent_alarm(id),
                Alarm::Call(id) => self.on_call_alarm(id),
                Alarm::Resolver => self.on_resolver_alarm(),
            }
        }
    }

    /// An address as logs show it.
    pub fn shown(&self, address: &[u8]) -> BString {
        let quote = self.settings.log_external && !address.is_empty();
        if quote { mail::quote::quote_822_local(address) } else { address.into() }
    }
}

#[derive(Clone, Copy)]
enum Which {
    Incoming,
    Deferred,
}
