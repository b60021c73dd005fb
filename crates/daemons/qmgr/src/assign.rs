//! From recipients to destinations: what the resolver says, with content filters, redirects,
//! deferred transports and dead destinations taken into account.

use bstr::{BStr, BString, ByteSlice};
use ipc::Recipient;
use ipc::delivery::flag;
use ipc::rewrite::{Resolved, flag as class};
use mail::dsn::{Outcome, Status};

use crate::manager::Manager;
use crate::message::Message;
use crate::queue::{Queue, State};
use crate::resolve::{Answer, Key};
use crate::slab::Id;

/// Questions that one message may have in the air.
const AHEAD: usize = 8;
const RETRY: &str = "retry";
const ERROR: &str = "error";

impl Manager {
    /// Gives destinations to the message's recipients, as far as the resolver's answers go.
    pub fn advance(&mut self, id: Id<Message>) {
        while let Some(message) = self.messages.get_mut(id) {
            message.waiting = false;
            let Some(recipient) = message.unresolved.front() else {
                return self.place_all(id);
            };
            if message.envelope.redirect.is_some() && message.redirected {
                message.unresolved.clear();
                continue;
            }
            let crowded = self.probes > self.settings.probe_limit;
            let fixed = Self::refusal(message, recipient, crowded).or_else(|| {
                Self::fixed_route(&self.settings.filter_nexthop, &self.settings.hostname, message, recipient)
            });
            let Some(route) = fixed.or_else(|| self.known_route(id)) else { return };
            let Some(message) = self.messages.get_mut(id) else { return };
            if let Some(mut recipient) = message.unresolved.pop_front() {
                if message.envelope.redirect.is_some() {
                    message.redirected = true;
                    message.next_recipient = None;
                }
                recipient.address = route.recipient.clone();
                message.assigned.push((recipient, route));
            }
        }
    }

    /// Hands all recipients to the scheduler at once, so that those for one destination travel in
    /// one request.
    fn place_all(&mut self, id: Id<Message>) {
        let Some(message) = self.messages.get_mut(id) else { return };
        for (recipient, route) in std::mem::take(&mut message.assigned) {
            self.place(id, recipient, route);
        }
        self.all_assigned(id);
    }

    /// The round may be over before it began: all recipients were done.
    fn all_assigned(&mut self, id: Id<Message>) {
        let Some(message) = self.messages.get(id) else { return };
        if message.requests == 0 && !message.is_reading() {
            self.round_done(id);
        }
    }

    /// Mail that is not to be tried: given up by the administrator, or a probe too many.
    fn refusal(message: &Message, recipient: &Recipient, crowded: bool) -> Option<Resolved> {
        let why = if message.envelope.forced_expire {
            "4.7.0 message is administratively expired"
        } else if crowded && message.envelope.trace_flags & flag::MTA_VERIFY != 0 {
            "4.3.2 Too many address verification requests"
        } else {
            return None;
        };
        let mut route = Resolved { recipient: recipient.address.clone(), ..Resolved::default() };
        redirect(&mut route, RETRY, why);
        Some(route)
    }

    /// A content filter overrides the resolver, except for probes.
    fn fixed_route(
        nexthop: &str,
        hostname: &str,
        message: &Message,
        recipient: &Recipient,
    ) -> Option<Resolved> {
        let filter = &message.envelope.filter;
        if filter.is_empty()
            || message.envelope.redirect.is_some()
            || message.envelope.trace_flags & flag::TRACE_ONLY != 0
        {
            return None;
        }
        let (transport, given) = filter.split_once_str(":").unwrap_or((filter, b""));
        let domain = recipient.address.rfind_byte(b'@').and_then(|at| recipient.address.get(at + 1..));
        let nexthop: &[u8] = if !given.is_empty() {
            given
        } else if !nexthop.is_empty() {
            nexthop.as_bytes()
        } else {
            domain.filter(|domain| !domain.is_empty()).unwrap_or(hostname.as_bytes())
        };
        Some(Resolved {
            transport: transport.into(),
            nexthop: nexthop.into(),
            recipient: recipient.address.clone(),
            ..Resolved::default()
        })
    }

    /// The resolver's answer for the first recipient, if it is known; asks if not.
    fn known_route(&mut self, id: Id<Message>) -> Option<Resolved> {
        let message = self.messages.get(id)?;
        let envelope = &message.envelope;
        let verify = envelope.trace_flags & flag::MTA_VERIFY != 0;
        let sender = if self.settings.by_sender { envelope.sender.clone() } else { BString::default() };
        let question =
            |address: &BString| Key::Resolve { verify, sender: sender.clone(), address: address.clone() };
        let address = match &envelope.redirect {
            None => message.unresolved.front()?.address.clone(),
            Some(redirect) => {
                let key = Key::Rewrite(redirect.clone());
                match self.resolver.known(&key).as_deref() {
                    Some(Answer::Address(address)) => address.clone(),
                    _ => {
                        self.wait_for(id, key);
                        return None;
                    }
                }
            }
        };
        let key = question(&address);
        let Some(answer) = self.resolver.known(&key) else {
            let redirected = envelope.redirect.is_some();
            let ahead: Vec<Key> =
                message.unresolved.iter().skip(1).take(AHEAD).map(|next| question(&next.address)).collect();
            self.wait_for(id, key);
            for key in ahead.into_iter().filter(|_| !redirected) {
                if self.resolver.known(&key).is_none() {
                    self.ask(key, None);
                }
            }
            return None;
        };
        let Answer::Route(route) = answer.as_ref() else { return None };
        let mut route = route.clone();
        if route.flags & class::FAIL != 0 {
            redirect(&mut route, RETRY, "4.3.0 address resolver failure");
        } else if route.flags & class::ERROR != 0 {
            redirect(&mut route, ERROR, "5.1.3 bad address syntax");
        }
        if route.transport.is_empty() {
            redirect(&mut route, RETRY, "4.3.0 address resolver failure");
        }
        if route.recipient.is_empty() && !address.is_empty() {
            route.recipient = address;
        }
        Some(route)
    }

    fn wait_for(&mut self, id: Id<Message>, key: Key) {
        if let Some(message) = self.messages.get_mut(id) {
            message.waiting = true;
        }
        self.ask(key, Some(id));
    }

    /// Gives a recipient to its destination, or defers it where that is dead.
    fn place(&mut self, id: Id<Message>, recipient: Recipient, mut route: Resolved) {
        let Some(message) = self.messages.get(id) else { return };
        let flush = message.flush;
        if recipient.address.is_empty() {
            redirect(&mut route, ERROR, "5.1.3 null recipient address");
        }
        if route.flags & class::LOCAL != 0 && self.is_double_bounce(&route.recipient) {
            return self.drop_double_bounce(id, &recipient);
        }
        if !flush && self.settings.defer_transports.iter().any(|name| route.transport == name.as_str()) {
            redirect(&mut route, RETRY, "4.3.2 deferred transport");
        }
        let mut transport = self.transport_named(route.transport.as_bstr());
        if flush {
            self.revive_transport(transport);
        }
        if let Some(why) = self.transports.get(transport).and_then(|transport| transport.dead.clone()) {
            match self.retry_transport() {
                Some(retry) => {
                    transport = retry;
                    route.nexthop = nexthop_of(&why);
                    route.transport = RETRY.into();
                }
                None => return self.defer_recipient(id, recipient, &why),
            }
        }
        let limit = self.transports.get(transport).map_or(1, |transport| transport.limits.recipient_limit);
        let own_queue = limit == 1 && route.transport != RETRY && route.transport != ERROR;
        let delimiters = Delimiters {
            characters: self.settings.delimiters.as_bytes(),
            roles: self.settings.owner_request_special,
            reserved: self.settings.double_bounce_sender.as_bytes(),
        };
        let name = queue_name(&route, own_queue, &delimiters);
        let Some(mut queue) = self.queue_named(transport, name, route.nexthop) else { return };
        if flush && matches!(self.queues.get(queue).map(|queue| &queue.state), Some(State::Throttled(_))) {
            self.unthrottle_queue(queue);
        }
        if let Some(State::Throttled(why)) = self.queues.get(queue).map(|queue| queue.state.clone()) {
            match self.retry_queue(&why) {
                Some(retry) => queue = retry,
                None => return self.defer_recipient(id, recipient, &why),
            }
        }
        self.enqueue(id, queue, recipient);
    }

    fn retry_transport(&mut self) -> Option<Id<crate::transport::Transport>> {
        let retry = self.transport_named(BStr::new(RETRY));
        self.transports.get(retry).filter(|transport| transport.dead.is_none()).map(|_| retry)
    }

    /// The destination of the retry service that defers mail for the reason `why`.
    pub fn retry_queue(&mut self, why: &Outcome) -> Option<Id<Queue>> {
        let retry = self.retry_transport()?;
        let nexthop = nexthop_of(why);
        let queue = self.queue_named(retry, nexthop.clone(), nexthop)?;
        let alive = matches!(self.queues.get(queue)?.state, State::Ready(_));
        alive.then_some(queue)
    }

    fn is_double_bounce(&self, recipient: &[u8]) -> bool {
        let local = recipient.rfind_byte(b'@').and_then(|at| recipient.get(..at)).unwrap_or(recipient);
        local.eq_ignore_ascii_case(self.settings.double_bounce_sender.as_bytes())
    }

    /// Mail to the sender of double bounces goes nowhere, so that this host needs no mailbox for it.
    fn drop_double_bounce(&mut self, id: Id<Message>, recipient: &Recipient) {
        let why = Outcome::new(Status::SENT, "undeliverable postmaster notification discarded");
        if !self.record_sent(id, recipient, &why) {
            return;
        }
        let Some(message) = self.messages.get_mut(id) else { return };
        let offset = u64::try_from(recipient.offset).unwrap_or(0);
        let marked = self
            .spool
            .open(spool::Queue::Active, &message.id)
            .and_then(|file| if offset > 0 { file.mark_done(offset) } else { Ok(()) });
        if let Err(error) = marked {
            log::warning!("{}: update queue file: {}", message.id, sys::errno_text(&error));
            message.unfinished = true;
        }
    }
}

fn redirect(route: &mut Resolved, transport: &str, nexthop: &str) {
    route.flags = 0;
    route.transport = transport.into();
    route.nexthop = nexthop.into();
}

/// The text that error(8) takes as a next hop.
fn nexthop_of(why: &Outcome) -> BString {
    let mut nexthop = BString::from(why.status.to_string());
    nexthop.push(b' ');
    nexthop.extend_from_slice(&why.reason);
    nexthop
}

/// How address extensions are told from users.
struct Delimiters<'a> {
    characters: &'a [u8],
    /// `owner-list` and `list-request` stay whole.
    roles: bool,
    reserved: &'a [u8],
}

/// The name of the destination: the next hop, or `user@nexthop` for agents that take one recipient
/// at a time, so that deliveries to different users run in parallel and to one user in turn.
/// Address extensions do not make another user.
fn queue_name(route: &Resolved, own_queue: bool, delimiters: &Delimiters<'_>) -> BString {
    let mut name = BString::default();
    if own_queue {
        let recipient = &route.recipient;
        let local = recipient.rfind_byte(b'@').and_then(|at| recipient.get(..at)).unwrap_or(recipient);
        let split = mail::address::split_extension(
            local,
            delimiters.characters,
            delimiters.roles,
            delimiters.reserved,
        );
        let user = split.map_or(local, |(user, _)| user);
        name.extend_from_slice(user);
        name.push(b'@');
    }
    name.extend_from_slice(&route.nexthop);
    name.make_ascii_lowercase();
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn destinations_by_nexthop_or_by_user() {
        let route = |recipient: &str| Resolved {
            nexthop: "Mx.Test".into(),
            recipient: recipient.into(),
            ..Resolved::default()
        };
        for (recipient, own, name) in [
            ("Joe+list@a.test", false, "mx.test"),
            ("Joe+list@a.test", true, "joe@mx.test"),
            ("joe@b.test", true, "joe@mx.test"),
            ("joe", true, "joe@mx.test"),
        ] {
            let delimiters = Delimiters { characters: b"+", roles: true, reserved: b"double-bounce" };
            assert_eq!(queue_name(&route(recipient), own, &delimiters), name, "{recipient}");
        }
    }
}
