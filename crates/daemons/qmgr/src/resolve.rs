//! Asks trivial-rewrite(8) where mail goes, without waiting for it: several connections, one
//! question at a time on each, and answers remembered for half a minute.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::rc::Rc;
use std::time::{Duration, Instant};

use bstr::BString;
use ipc::rewrite::{self, Resolved, Rewritten};

use crate::connection::{Announcement, Connection};
use crate::manager::Manager;
use crate::message::Message;
use crate::reactor::{Alarm, Source};
use crate::slab::{Id, Slab};

/// A question.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// An address in canonical form.
    Rewrite(BString),
    /// Transport, next hop and recipient.
    Resolve {
        /// For a probe.
        verify: bool,
        /// The sender, if the answer depends on it.
        sender: BString,
        /// The recipient.
        address: BString,
    },
}

/// An answer.
#[derive(Debug)]
pub enum Answer {
    /// To [`Key::Rewrite`].
    Address(BString),
    /// To [`Key::Resolve`].
    Route(Resolved),
}

/// One connection.
pub struct Link {
    connection: Connection,
    announced: bool,
    /// It has answered before, so that its end is nothing to worry about.
    proven: bool,
    job: Option<(Key, Instant)>,
}

/// Questions, answers and connections.
#[derive(Default)]
pub struct Resolver {
    links: Slab<Link>,
    idle: Vec<Id<Link>>,
    waiting: VecDeque<Key>,
    asked: HashMap<Key, Vec<Id<Message>>>,
    known: HashMap<Key, (Rc<Answer>, Instant)>,
    broken: bool,
}

const LINKS: usize = 4;
const REMEMBER: Duration = Duration::from_secs(30);
const REMEMBERED: usize = 20_000;
const RETRY: Duration = Duration::from_secs(1);

impl Resolver {
    /// What is known already.
    pub fn known(&self, key: &Key) -> Option<Rc<Answer>> {
        let (answer, since) = self.known.get(key)?;
        (since.elapsed() < REMEMBER).then(|| Rc::clone(answer))
    }
}

impl Manager {
    /// Asks for the sake of `message`, which [`Manager::advance`] is called for when the answer is there.
    pub fn ask(&mut self, key: Key, message: Option<Id<Message>>) {
        let resolver = &mut self.resolver;
        let new = !resolver.asked.contains_key(&key);
        let waiters = resolver.asked.entry(key.clone()).or_default();
        waiters.extend(message.filter(|message| !waiters.contains(message)));
        if new {
            resolver.waiting.push_back(key);
            self.ask_next();
        }
    }

    /// Puts questions on connections that are free, or on new ones.
    pub fn ask_next(&mut self) {
        while !self.resolver.broken && !self.resolver.waiting.is_empty() {
            let link = match self.resolver.idle.pop() {
                Some(link) => link,
                None if self.resolver.links.len() < LINKS => match self.open_link() {
                    Ok(link) => link,
                    Err(error) => return self.resolver_trouble(&error),
                },
                None => return,
            };
            let Some(owner) = self.resolver.links.get_mut(link) else { continue };
            let Some(key) = self.resolver.waiting.pop_front() else { return };
            let sent = owner.connection.send(&question(&key));
            owner.job = Some((key, Instant::now()));
            match sent {
                Ok(()) => self.reactor.output(Source::Link(link), owner.connection.has_output()),
                Err(error) => self.link_failed(link, Some(&error)),
            }
        }
    }

    fn open_link(&mut self) -> io::Result<Id<Link>> {
        let connection = Connection::open(&self.settings.rewrite)?;
        let link =
            self.resolver.links.insert(Link { connection, announced: false, proven: false, job: None });
        if let Some(owner) = self.resolver.links.get(link) {
            self.reactor.watch(owner.connection.fd(), Source::Link(link), false);
        }
        self.reactor.after(self.settings.ipc_timeout, Alarm::Resolver);
        Ok(link)
    }

    /// A connection to the resolver has something to say, or room for more.
    pub fn on_link(&mut self, id: Id<Link>) {
        let Some(link) = self.resolver.links.get_mut(id) else { return };
        let moved = link.connection.flush().and_then(|()| link.connection.receive());
        match moved {
            Ok(true) => self.reactor.drained(Source::Link(id)),
            Ok(false) => {}
            Err(error) => return self.link_failed(id, Some(&error)),
        }
        if !link.announced {
            match link.connection.take::<Announcement>() {
                Ok(Some(Announcement(name))) if name == rewrite::PROTOCOL => link.announced = true,
                Ok(None) if !link.connection.is_closed() => return,
                Ok(None) => return self.link_failed(id, None),
                Ok(Some(_)) | Err(_) => {
                    let error = io::Error::new(io::ErrorKind::InvalidData, "unexpected protocol");
                    return self.link_failed(id, Some(&error));
                }
            }
        }
        let answer = match &link.job {
            None => None,
            Some((Key::Rewrite(_), _)) => link
                .connection
                .take::<Rewritten>()
                .map(|reply| reply.map(|reply| (reply.server_flags, Answer::Address(reply.address))))
                .transpose(),
            Some((Key::Resolve { .. }, _)) => link
                .connection
                .take::<Resolved>()
                .map(|reply| reply.map(|reply| (reply.server_flags, Answer::Route(reply))))
                .transpose(),
        };
        match answer {
            Some(Ok((server_flags, answer))) => {
                link.proven = true;
                let Some((key, _)) = link.job.take() else { return };
                let closed = link.connection.is_closed();
                if closed {
                    self.drop_link(id);
                } else {
                    self.reactor.output(Source::Link(id), false);
                    self.resolver.idle.push(id);
                }
                self.answered(key, answer, server_flags);
                self.ask_next();
            }
            Some(Err(fault)) => {
                let error = io::Error::new(io::ErrorKind::InvalidData, fault);
                self.link_failed(id, Some(&error));
            }
            None if link.connection.is_closed() => self.link_failed(id, None),
            None => {
                let output = link.connection.has_output();
                self.reactor.output(Source::Link(id), output);
            }
        }
    }

    fn answered(&mut self, key: Key, answer: Answer, server_flags: i32) {
        let resolver = &mut self.resolver;
        if server_flags != 0 || resolver.known.len() >= REMEMBERED {
            resolver.known.clear();
        }
        let waiters = resolver.asked.remove(&key).unwrap_or_default();
        resolver.known.insert(key, (Rc::new(answer), Instant::now()));
        for message in waiters {
            self.advance(message);
        }
    }

    fn drop_link(&mut self, id: Id<Link>) -> Option<Link> {
        self.reactor.unwatch(Source::Link(id));
        self.resolver.idle.retain(|idle| *idle != id);
        self.resolver.links.remove(id)
    }

    /// A connection is of no more use; its question is asked again.
    fn link_failed(&mut self, id: Id<Link>, error: Option<&io::Error>) {
        let Some(link) = self.drop_link(id) else { return };
        let Some((key, _)) = link.job else { return };
        self.resolver.waiting.push_front(key);
        if link.proven {
            self.ask_next();
        } else {
            let closed = io::Error::new(io::ErrorKind::UnexpectedEof, "premature disconnect");
            self.resolver_trouble(error.unwrap_or(&closed));
        }
    }

    /// Mail waits until the resolver is back: nothing is returned for its sake.
    fn resolver_trouble(&mut self, error: &io::Error) {
        log::warning!(
            "problem talking to service {}: {}",
            self.settings.rewrite.name,
            sys::errno_text(error)
        );
        self.resolver.broken = true;
        self.reactor.after(RETRY, Alarm::Resolver);
    }

    /// Time to try again, or to give up on a question that was never answered.
    pub fn on_resolver_alarm(&mut self) {
        self.resolver.broken = false;
        let limit = self.settings.ipc_timeout;
        let stuck: Vec<_> = self
            .resolver
            .links
            .ids()
            .filter(|id| {
                let job = self.resolver.links.get(*id).and_then(|link| link.job.as_ref());
                job.is_some_and(|(_, since)| since.elapsed() >= limit)
            })
            .collect();
        for id in stuck {
            let error = io::Error::from(io::ErrorKind::TimedOut);
            if let Some(link) = self.resolver.links.get_mut(id) {
                link.proven = false;
            }
            self.link_failed(id, Some(&error));
        }
        if self.resolver.links.len() > 0 && !self.resolver.broken {
            self.reactor.after(limit, Alarm::Resolver);
        }
        self.ask_next();
    }
}

fn question(key: &Key) -> rewrite::Request {
    match key {
        Key::Rewrite(address) => rewrite::Request::Rewrite { rule: "local".into(), address: address.clone() },
        Key::Resolve { verify, sender, address } => {
            rewrite::Request::Resolve { verify: *verify, sender: sender.clone(), address: address.clone() }
        }
    }
}
