//! Who is served next, and what becomes of destinations and transports: the queue manager's
//! bookkeeping of transports, destinations, peers and requests. Nothing here does I/O.
//!
//! Fair and simple: a transport serves its destinations in turn, a destination its messages in
//! turn. A destination waits in its transport's line only while it may start a delivery, so
//! choosing takes no search however many are blocked.

use std::time::{Duration, Instant};

use bstr::{BStr, BString};
use ipc::Recipient;
use mail::dsn::Outcome;

use crate::entry::{Entry, Peer};
use crate::manager::Manager;
use crate::message::Message;
use crate::queue::{Queue, State};
use crate::reactor::Alarm;
use crate::slab::Id;
use crate::transport::{Limits, Transport};

/// Where an entry was when it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    /// It had waited for its turn.
    Todo,
    /// An agent had it.
    Busy,
}

impl Manager {
    /// The transport of that name, made if it is new.
    pub fn transport_named(&mut self, name: &BStr) -> Id<Transport> {
        if let Some(id) = self.transport_names.get(name) {
            return *id;
        }
        let limits = Limits::configured(self.config, &String::from_utf8_lossy(name));
        let id = self.transports.insert(Transport::new(name.to_owned(), limits));
        self.transport_names.insert(name.to_owned(), id);
        self.transport_turn.push_back(id);
        id
    }

    /// The transport's destination of that name, made if it is new.
    pub fn queue_named(
        &mut self,
        transport: Id<Transport>,
        name: BString,
        nexthop: BString,
    ) -> Option<Id<Queue>> {
        let owner = self.transports.get_mut(transport)?;
        if let Some(id) = owner.queues.get(&name) {
            return Some(*id);
        }
        let id = self.queues.insert(Queue::new(transport, name.clone(), nexthop, &owner.limits));
        owner.queues.insert(name, id);
        Some(id)
    }

    /// Adds a recipient to the message's last request for that destination, or to a new one.
    pub fn enqueue(&mut self, message: Id<Message>, queue: Id<Queue>, recipient: Recipient) {
        let Some(owner) = self.queues.get_mut(queue) else { return };
        let limit =
            self.transports.get(owner.transport).map_or(1, |transport| transport.limits.recipient_limit);
        let Some(mail) = self.messages.get_mut(message) else { return };
        mail.in_core += 1;
        self.recipients += 1;
        let peer = *mail.peers.entry(queue).or_insert_with(|| {
            let id = self.peers.insert(Peer { message, entries: Default::default() });
            owner.peers.push_back(id);
            id
        });
        let Some(peer) = self.peers.get_mut(peer) else { return };
        if !mail.single_recipient
            && let Some(last) = peer.entries.back()
            && let Some(last) = self.entries.get_mut(*last)
            && (limit == 0 || last.recipients.len() < limit)
        {
            last.recipients.push(recipient);
            return;
        }
        mail.requests += 1;
        owner.todo += 1;
        peer.entries.push_back(self.entries.insert(Entry { message, queue, recipients: vec![recipient] }));
        self.warn_if_clogged(queue);
        self.get_in_line(queue);
    }

    /// Puts a destination into its transport's line if it can be served and is not there yet.
    pub fn get_in_line(&mut self, queue: Id<Queue>) {
        if let Some(owner) = self.queues.get_mut(queue)
            && !owner.in_line
            && owner.can_start()
            && let Some(transport) = self.transports.get_mut(owner.transport)
        {
            owner.in_line = true;
            transport.line.push_back(queue);
        }
    }

    /// Whether the transport has a request that may start now.
    pub fn has_work(&mut self, transport: Id<Transport>) -> bool {
        while let Some(first) = self.transports.get(transport).and_then(|owner| owner.line.front().copied()) {
            match self.queues.get_mut(first) {
                Some(queue) if queue.can_start() => return true,
                Some(queue) => queue.in_line = false,
                None => {}
            }
            if let Some(owner) = self.transports.get_mut(transport) {
                owner.line.pop_front();
            }
        }
        false
    }

    /// Takes the next request of a transport; it counts as busy from now on.
    pub fn select(&mut self, transport: Id<Transport>, now: Instant) -> Option<Id<Entry>> {
        if !self.has_work(transport) {
            return None;
        }
        let queue_id = self.transports.get_mut(transport)?.line.pop_front()?;
        let queue = self.queues.get_mut(queue_id)?;
        queue.in_line = false;
        let peer_id = queue.peers.pop_front()?;
        let peer = self.peers.get_mut(peer_id)?;
        let entry = peer.entries.pop_front()?;
        if peer.entries.is_empty() {
            if let Some(mail) = self.messages.get_mut(peer.message) {
                mail.peers.remove(&queue_id);
            }
            self.peers.remove(peer_id);
        } else {
            queue.peers.push_back(peer_id);
        }
        queue.start(now);
        self.get_in_line(queue_id);
        Some(entry)
    }

    /// Gives a request back whose agent never took it: it is the first of its destination again.
    pub fn unselect(&mut self, entry: Id<Entry>) {
        let Some(Entry { message, queue: queue_id, .. }) = self.entries.get(entry) else { return };
        let (message, queue_id) = (*message, *queue_id);
        let (Some(queue), Some(mail)) = (self.queues.get_mut(queue_id), self.messages.get_mut(message))
        else {
            return;
        };
        queue.busy -= 1;
        queue.todo += 1;
        let peer = *mail.peers.entry(queue_id).or_insert_with(|| {
            let id = self.peers.insert(Peer { message, entries: Default::default() });
            queue.peers.push_front(id);
            id
        });
        if let Some(peer) = self.peers.get_mut(peer) {
            peer.entries.push_front(entry);
        }
        self.get_in_line(queue_id);
    }

    /// A request is over, whatever came of it. The last one of a message ends the message's round.
    pub fn entry_done(&mut self, entry: Id<Entry>, from: From, now: Instant) {
        let Some(entry) = self.entries.remove(entry) else { return };
        let count = entry.recipients.len();
        self.recipients = self.recipients.saturating_sub(count);
        if let Some(queue) = self.queues.get_mut(entry.queue) {
            let limits = self.transports.get(queue.transport).map(|transport| transport.limits);
            match (from, limits) {
                (From::Busy, Some(limits)) => {
                    queue.finish(now);
                    if !limits.rate_delay.is_zero() {
                        queue.unthrottle_if_dead(&limits);
                        if matches!(queue.state, State::Ready(_)) {
                            queue.state = State::Suspended;
                            self.reactor.after(limits.rate_delay, Alarm::Queue(entry.queue));
                        }
                    }
                }
                _ => queue.todo = queue.todo.saturating_sub(1),
            }
        }
        self.drop_if_idle(entry.queue);
        self.get_in_line(entry.queue);
        let Some(mail) = self.messages.get_mut(entry.message) else { return };
        mail.in_core = mail.in_core.saturating_sub(count);
        mail.requests -= 1;
        let low =
            mail.in_core < self.settings.refill_below && self.recipients < self.settings.recipient_limit;
        if mail.requests == 0 && !mail.is_reading() {
            self.round_done(entry.message);
        } else if mail.more_on_file() && low && !mail.is_reading() {
            self.refill(entry.message);
        }
    }

    /// Forgets a destination with nothing to do, unless it is dead or resting: that is worth
    /// remembering, as long as there are not too many.
    fn drop_if_idle(&mut self, id: Id<Queue>) {
        let crowded = self.queues.len() > 2 * self.settings.recipient_limit;
        let Some(queue) = self.queues.get(id).filter(|queue| queue.is_empty()) else { return };
        let forget = match queue.state {
            State::Ready(_) => true,
            State::Throttled(_) => crowded,
            State::Suspended => false,
        };
        if forget && let Some(queue) = self.queues.remove(id) {
            if let Some(owner) = self.transports.get_mut(queue.transport) {
                owner.queues.remove(&queue.name);
            }
        }
    }

    /// A delivery to this destination went well, or nothing is held against it any more.
    pub fn unthrottle_queue(&mut self, id: Id<Queue>) {
        if let Some(queue) = self.queues.get_mut(id)
            && let Some(owner) = self.transports.get(queue.transport)
        {
            queue.unthrottle(&owner.limits);
            self.get_in_line(id);
        }
    }

    /// This destination is in trouble. When that kills it, what waits for it is deferred.
    pub fn throttle_queue(&mut self, id: Id<Queue>, why: &Outcome) {
        let Some(queue) = self.queues.get_mut(id) else { return };
        let Some(owner) = self.transports.get(queue.transport) else { return };
        if queue.throttle(&owner.limits, why) {
            self.reactor.after(self.settings.minimal_backoff, Alarm::Queue(id));
            self.defer_todo(id, why);
        }
    }

    /// The timer of a dead or resting destination has run out.
    pub fn wake_queue(&mut self, id: Id<Queue>) {
        let Some(queue) = self.queues.get_mut(id) else { return };
        match queue.state {
            State::Ready(_) => return,
            State::Suspended => queue.state = State::Ready(1),
            State::Throttled(_) => {
                if let Some(owner) = self.transports.get(queue.transport) {
                    queue.unthrottle(&owner.limits);
                }
            }
        }
        self.drop_if_idle(id);
        self.get_in_line(id);
    }

    /// Agents of this transport cannot be had, or break: leave it alone for a while, and defer
    /// what waits for it.
    pub fn throttle_transport(&mut self, id: Id<Transport>, why: &Outcome) {
        let Some(transport) = self.transports.get_mut(id) else { return };
        if transport.dead.is_none() {
            transport.dead = Some(why.clone());
            self.reactor.after(self.settings.transport_retry, Alarm::Transport(id));
        }
        let queues: Vec<_> = transport.queues.values().copied().collect();
        for queue in queues {
            self.defer_todo(queue, why);
        }
    }

    /// The transport works, or is to be tried again.
    pub fn revive_transport(&mut self, id: Id<Transport>) {
        if let Some(transport) = self.transports.get_mut(id) {
            transport.dead = None;
        }
    }

    /// Takes all requests that wait for a destination.
    pub fn take_todo(&mut self, id: Id<Queue>) -> Vec<Id<Entry>> {
        let Some(queue) = self.queues.get_mut(id) else { return Vec::new() };
        let mut all = Vec::new();
        for peer in std::mem::take(&mut queue.peers) {
            if let Some(peer) = self.peers.remove(peer) {
                if let Some(mail) = self.messages.get_mut(peer.message) {
                    mail.peers.remove(&id);
                }
                all.extend(peer.entries);
            }
        }
        all
    }

    /// Moves a waiting request, which [`Manager::take_todo`] has taken, to another destination.
    pub fn move_entry(&mut self, entry: Id<Entry>, to: Id<Queue>) {
        let Some(moved) = self.entries.get_mut(entry) else { return };
        let from = std::mem::replace(&mut moved.queue, to);
        let message = moved.message;
        if let Some(queue) = self.queues.get_mut(from) {
            queue.todo = queue.todo.saturating_sub(1);
        }
        if let (Some(queue), Some(mail)) = (self.queues.get_mut(to), self.messages.get_mut(message)) {
            queue.todo += 1;
            let peer = *mail.peers.entry(to).or_insert_with(|| {
                let id = self.peers.insert(Peer { message, entries: Default::default() });
                queue.peers.push_back(id);
                id
            });
            if let Some(peer) = self.peers.get_mut(peer) {
                peer.entries.push_back(entry);
            }
        }
        self.drop_if_idle(from);
        self.get_in_line(to);
    }

    /// Warns when one destination fills much of the active queue: other mail may have to wait.
    fn warn_if_clogged(&mut self, id: Id<Queue>) {
        let every = self.settings.clog_warn_time;
        let active = self.messages.len();
        let Some(queue) = self.queues.get_mut(id) else { return };
        let length = queue.todo + queue.busy;
        let now = Instant::now();
        let due = queue.warn_after.is_none_or(|after| after <= now);
        if every.is_zero() || (length as usize) <= self.settings.active_limit / 5 || !due {
            return;
        }
        queue.warn_after = Some(now + every);
        let share = f64::from(length) / f64::from(u32::try_from(active).unwrap_or(u32::MAX).max(1));
        log::warning!("mail for {} is using up {length} of {active} active queue entries", queue.name);
        if share < 0.9 {
            log::warning!("this may slow down other mail deliveries");
        }
        let Some(transport) = self.transports.get(queue.transport) else { return };
        let limit = transport.limits.window_limit;
        if limit > 0 && limit <= queue.busy + 1 {
            log::warning!(
                "you may need to increase the main.cf {}_destination_concurrency_limit from {limit}",
                transport.name
            );
        } else if matches!(queue.state, State::Ready(window) if f64::from(window) > share * self.settings.active_limit as f64)
        {
            log::warning!(
                "you may need to increase the main.cf qmgr_message_active_limit from {}",
                self.settings.active_limit
            );
        } else if transport.queues.len() > 1 {
            log::warning!("you may need a separate master.cf transport for {}", queue.name);
        } else if limit / 2 > queue.busy {
            log::warning!("you may need to increase the master.cf {} process limit", transport.name);
        }
        log::warning!(
            "please avoid flushing the whole queue when you have lots of deferred mail, that is bad for performance"
        );
        log::warning!("to turn off these warnings specify: qmgr_clog_warn_time = 0");
    }

    /// After `transport_rate_delay`, the transport may start another delivery.
    pub fn rest_transport(&mut self, id: Id<Transport>, now: Instant) {
        if let Some(transport) = self.transports.get_mut(id) {
            let rest: Duration = transport.limits.transport_rate_delay;
            if !rest.is_zero() {
                transport.rest_until = Some(now + rest);
                self.reactor.after(rest, Alarm::Rest(id));
            }
        }
    }
}
