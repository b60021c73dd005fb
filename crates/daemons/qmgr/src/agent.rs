//! Connections to delivery agents. An agent announces itself, gets a request, and reports; ours
//! then announce themselves again and get the next request on the same connection, the
//! reference's are let go.

use std::io;
use std::time::{Duration, Instant};

use ipc::Place;
use ipc::delivery::{FINAL, PROTOCOL, Reply};
use mail::dsn::{Outcome, Status};

use crate::connection::{Announcement, Connection};
use crate::entry::Entry;
use crate::manager::Manager;
use crate::queue::State;
use crate::reactor::{Alarm, Source};
use crate::schedule::From;
use crate::slab::Id;
use crate::transport::Transport;

/// A connection to an agent.
pub struct Agent {
    connection: Connection,
    transport: Id<Transport>,
    stage: Stage,
}

enum Stage {
    /// Not announced yet.
    Called,
    /// Ready for another request.
    Idle,
    /// At work. `again`: it had a request before this one.
    Working { entry: Id<Entry>, again: bool },
}

/// Agents of one transport that have been called and are not there yet.
const PENDING: u32 = 4;
/// An agent that waits for longer is let go: others may need it.
const IDLE: Duration = Duration::from_secs(2);
/// When a service has too many callers, it is called again after this.
const CROWDED: Duration = Duration::from_millis(100);

impl Manager {
    /// Starts whatever can be started.
    pub fn drain(&mut self) {
        let now = Instant::now();
        for _ in 0..self.transport_turn.len() {
            let Some(id) = self.transport_turn.pop_front() else { return };
            self.transport_turn.push_back(id);
            self.drain_transport(id, now);
        }
    }

    fn drain_transport(&mut self, id: Id<Transport>, now: Instant) {
        while self.has_work(id) {
            let Some(transport) = self.transports.get_mut(id).filter(|transport| transport.is_open(now))
            else {
                return;
            };
            if let Some(agent) = transport.idle.pop() {
                self.employ(agent, now);
            } else if transport.pending < PENDING && u64::from(transport.pending) < self.startable(id) {
                if !self.call_agent(id) {
                    return;
                }
            } else {
                return;
            }
        }
    }

    /// About how many requests could start now: no more agents than that are called.
    fn startable(&self, id: Id<Transport>) -> u64 {
        let Some(transport) = self.transports.get(id) else { return 0 };
        if !transport.limits.transport_rate_delay.is_zero() {
            return 1;
        }
        let count = |queue: &crate::queue::Queue| match queue.state {
            State::Ready(window) => u64::from(queue.todo.min(window.saturating_sub(queue.busy))),
            _ => 0,
        };
        let enough = usize::try_from(PENDING).unwrap_or(1);
        transport.line.iter().take(enough).filter_map(|queue| self.queues.get(*queue)).map(count).sum()
    }

    /// Calls an agent; false when there is no point in calling another now.
    fn call_agent(&mut self, id: Id<Transport>) -> bool {
        let Some(transport) = self.transports.get_mut(id) else { return false };
        let place = Place::private(transport.name.to_string());
        match Connection::open(&place) {
            Ok(connection) => {
                transport.pending += 1;
                let agent = self.agents.insert(Agent { connection, transport: id, stage: Stage::Called });
                if let Some(agent_ref) = self.agents.get(agent) {
                    self.reactor.watch(agent_ref.connection.fd(), Source::Agent(agent), false);
                }
                self.reactor.after(self.settings.daemon_timeout, Alarm::Agent(agent));
                true
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.reactor.after(CROWDED, Alarm::Look);
                false
            }
            Err(error) => {
                log::warning!("connect to transport {}: {}", place.path().display(), sys::errno_text(&error));
                self.throttle_transport(id, &unavailable());
                false
            }
        }
    }

    /// Gives an agent that is ready its next request, or keeps it for a while if there is none.
    fn employ(&mut self, id: Id<Agent>, now: Instant) {
        let Some(agent) = self.agents.get(id) else { return };
        let (transport, again) = (agent.transport, !matches!(agent.stage, Stage::Called));
        let open = self.transports.get(transport).is_some_and(|transport| transport.is_open(now));
        let entry = if open { self.select(transport, now) } else { None };
        let Some(entry) = entry else {
            if again {
                self.park(id)
            } else {
                self.dismiss(id)
            };
            return;
        };
        self.rest_transport(transport, now);
        let request = self.entries.get(entry).and_then(|waiting| {
            Some(self.messages.get(waiting.message)?.request(waiting, self.queues.get(waiting.queue)?))
        });
        let (Some(request), Some(agent)) = (request, self.agents.get_mut(id)) else { return };
        agent.stage = Stage::Working { entry, again };
        match agent.connection.send(&request) {
            Ok(()) => {
                if agent.connection.has_output() {
                    self.reactor.output(Source::Agent(id), true);
                }
                self.reactor.after(self.settings.daemon_timeout, Alarm::Agent(id));
            }
            Err(error) => {
                self.dismiss(id);
                self.unselect(entry);
                if !again {
                    let name = self.transports.get(transport).map(|transport| transport.name.clone());
                    log::warning!(
                        "write to process ({}): {}",
                        name.unwrap_or_default(),
                        sys::errno_text(&error)
                    );
                    self.throttle_transport(transport, &unavailable());
                }
            }
        }
    }

    fn park(&mut self, id: Id<Agent>) {
        if let Some(agent) = self.agents.get_mut(id)
            && let Some(transport) = self.transports.get_mut(agent.transport)
        {
            agent.stage = Stage::Idle;
            transport.idle.push(id);
            self.reactor.after(IDLE, Alarm::Agent(id));
        }
    }

    /// Ends a connection.
    fn dismiss(&mut self, id: Id<Agent>) {
        self.reactor.unwatch(Source::Agent(id));
        self.reactor.cancel(Alarm::Agent(id));
        if let Some(agent) = self.agents.remove(id)
            && let Some(transport) = self.transports.get_mut(agent.transport)
        {
            match agent.stage {
                Stage::Called => {}
                Stage::Idle => transport.idle.retain(|idle| *idle != id),
                Stage::Working { .. } => {}
            }
        }
    }

    /// An agent has something to say, or room for more.
    pub fn on_agent(&mut self, id: Id<Agent>) {
        let Some(agent) = self.agents.get_mut(id) else { return };
        let moved = agent.connection.flush().and_then(|()| agent.connection.receive());
        let broken = moved.is_err() || agent.connection.is_closed();
        if matches!(moved, Ok(true)) {
            self.reactor.drained(Source::Agent(id));
        }
        match agent.stage {
            Stage::Called => self.on_announcement(id, broken),
            // It has nothing to say now: it is gone.
            Stage::Idle => self.dismiss(id),
            Stage::Working { entry, again } => self.on_report(id, entry, again, broken),
        }
    }

    fn on_announcement(&mut self, id: Id<Agent>, broken: bool) {
        let Some(agent) = self.agents.get_mut(id) else { return };
        let transport = agent.transport;
        let what = match agent.connection.take::<Announcement>() {
            Ok(Some(Announcement(name))) if name == PROTOCOL => None,
            Ok(None) if !broken => return,
            Ok(None) => Some("premature disconnect"),
            Ok(Some(_)) | Err(_) => Some("malformed response"),
        };
        if let Some(owner) = self.transports.get_mut(transport) {
            owner.pending = owner.pending.saturating_sub(1);
            if let Some(what) = what {
                log::warning!("private/{} socket: {what}", owner.name);
            }
        }
        if what.is_some() {
            self.dismiss(id);
            self.throttle_transport(transport, &unavailable());
        } else {
            self.employ(id, Instant::now());
        }
    }

    fn on_report(&mut self, id: Id<Agent>, entry: Id<Entry>, again: bool, broken: bool) {
        let Some(agent) = self.agents.get_mut(id) else { return };
        let transport = agent.transport;
        match agent.connection.take::<Reply>() {
            Ok(Some(reply)) => {
                let ready = !broken
                    && matches!(agent.connection.take::<Announcement>(), Ok(Some(Announcement(name))) if name == PROTOCOL);
                let now = Instant::now();
                if ready {
                    self.park(id);
                } else {
                    self.dismiss(id);
                }
                self.settle(entry, reply, now);
                // Work for the same agent is often there already: no need to go around for it.
                if ready && self.agents.get(id).is_some() && self.has_work(transport) {
                    self.unpark(transport, id);
                    self.employ(id, now);
                }
            }
            Ok(None) if !broken => {
                let output = agent.connection.has_output();
                self.reactor.output(Source::Agent(id), output);
            }
            // It left between requests and never saw this one. (One that had read it has crashed.)
            Ok(None) if again && agent.connection.left_unread() => {
                self.dismiss(id);
                self.unselect(entry);
            }
            Ok(None) => self.agent_crashed(id, entry, "premature disconnect"),
            Err(_) => self.agent_crashed(id, entry, "malformed response"),
        }
    }

    fn unpark(&mut self, transport: Id<Transport>, id: Id<Agent>) {
        if let Some(owner) = self.transports.get_mut(transport) {
            owner.idle.retain(|idle| *idle != id);
        }
    }

    /// What an agent reports of a request: for the message, its destination and its transport.
    fn settle(&mut self, entry: Id<Entry>, reply: Reply, now: Instant) {
        let Some(Entry { message, queue, .. }) = self.entries.get(entry) else { return };
        let (message, queue) = (*message, *queue);
        let hop = &reply.hop_status;
        if reply.status != FINAL {
            if let Some(message) = self.messages.get_mut(message) {
                message.unfinished = true;
            }
            if !hop.status.is_empty() {
                let status = Status::parse(&hop.status).unwrap_or(Status::new(4, 0, 0));
                let mut reason = bstr::BString::from("delivery temporarily suspended: ");
                reason.extend_from_slice(if hop.reason.is_empty() { b"unknown error" } else { &hop.reason });
                self.throttle_queue(queue, &Outcome::new(status, reason));
            }
        }
        if hop.reason.is_empty() {
            if let Some(transport) = self.queues.get(queue).map(|queue| queue.transport) {
                self.revive_transport(transport);
            }
            self.unthrottle_queue(queue);
        }
        self.entry_done(entry, From::Busy, now);
    }

    /// The agent failed, though it may have delivered: its transport rests, and all that waits
    /// for it is deferred, this request included.
    fn agent_crashed(&mut self, id: Id<Agent>, entry: Id<Entry>, what: &str) {
        let Some(agent) = self.agents.get(id) else { return };
        let transport = agent.transport;
        let name = self.transports.get(transport).map(|transport| transport.name.clone()).unwrap_or_default();
        log::warning!("private/{name} socket: {what}");
        log::warning!(
            "transport {name} failure -- see a previous warning/fatal/panic logfile record for the problem description"
        );
        self.dismiss(id);
        if let Some(message) = self.entries.get(entry).map(|entry| entry.message)
            && let Some(message) = self.messages.get_mut(message)
        {
            message.unfinished = true;
        }
        self.unselect(entry);
        self.throttle_transport(
            transport,
            &Outcome::new(Status::new(4, 3, 0), "unknown mail transport error"),
        );
    }

    /// An agent was silent for too long, or has nothing to do.
    pub fn on_agent_alarm(&mut self, id: Id<Agent>) {
        let Some(agent) = self.agents.get(id) else { return };
        let transport = agent.transport;
        match agent.stage {
            Stage::Idle => self.dismiss(id),
            Stage::Called => {
                let name = self
                    .transports
                    .get(transport)
                    .map(|transport| transport.name.clone())
                    .unwrap_or_default();
                log::warning!("timeout connecting to transport: {name}");
                if let Some(owner) = self.transports.get_mut(transport) {
                    owner.pending = owner.pending.saturating_sub(1);
                }
                self.dismiss(id);
                self.throttle_transport(transport, &unavailable());
            }
            Stage::Working { entry, .. } => {
                self.agent_crashed(id, entry, "timeout receiving delivery status")
            }
        }
    }
}

fn unavailable() -> Outcome {
    Outcome::new(Status::new(4, 3, 0), "mail transport unavailable")
}
