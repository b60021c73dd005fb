//! Sessions that wait for another request of the same destination, for a moment.
//!
//! The reference hands idle connections to scache(8); here they stay in the process, TLS and all.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tls::Policy;

use crate::require_tls::Rule;
use crate::session::Session;

/// What makes two requests want the same sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The next hop as it was written, in lower case.
    pub nexthop: String,
    /// The message wants more of TLS, or less, than other messages to the same place.
    pub wish: Wish,
}

/// What a message asks of the way that it goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// `TLS-Required: no`.
    pub tls_not_required: bool,
    /// REQUIRETLS.
    pub require_tls: bool,
}

/// What a session to a server must be like.
pub struct Wanted<'a> {
    pub policy: &'a Policy,
    /// Without brackets and port.
    pub nexthop: &'a str,
    pub wish: Wish,
    pub rule: Rule,
}

struct Idle {
    key: Key,
    session: Session,
    since: Instant,
}

/// More idle sessions than this are not kept.
const IDLE_MAX: usize = 64;

pub struct Pool {
    idle: Arc<Mutex<Idles>>,
    /// How long a session waits.
    wait: Duration,
    /// How old it may become.
    life: Duration,
    /// How often it may be used; 0: as often as its life allows.
    uses: u32,
    quit: Duration,
}

#[derive(Default)]
struct Idles {
    sessions: Vec<Idle>,
    /// A thread looks after them.
    tended: bool,
}

impl Pool {
    pub fn new(wait: Duration, life: Duration, uses: u32, quit: Duration) -> Pool {
        Pool { idle: Arc::default(), wait, life, uses, quit }
    }

    /// A session to the next hop, the latest one first.
    pub fn take_by_nexthop(&self, key: &Key) -> Option<Session> {
        self.take(|idle| idle.key == *key)
    }

    /// A session to this server by the same policy, whatever next hop it was made for.
    pub fn take_by_endpoint(&self, addr: IpAddr, port: u16, wanted: &Wanted<'_>) -> Option<Session> {
        self.take(|idle| {
            let session = &idle.session;
            session.endpoint == Some((addr, port))
                && idle.key.wish == wanted.wish
                && session.rule == wanted.rule
                && session.policy == *wanted.policy
                // The names in its certificate were compared with this one.
                && (!wanted.policy.level.must_match() || session.tls_nexthop == wanted.nexthop)
        })
    }

    fn take(&self, fits: impl Fn(&Idle) -> bool) -> Option<Session> {
        let mut stale = Vec::new();
        let found = loop {
            let mut idle = lock(&self.idle);
            let Some(at) = idle.sessions.iter().rposition(&fits) else { break None };
            let candidate = idle.sessions.swap_remove(at);
            drop(idle);
            if candidate.since.elapsed() < self.wait && candidate.session.stream.is_fresh() {
                break Some(candidate.session);
            }
            stale.push(candidate.session);
        };
        stale.into_iter().for_each(|session| quit(session, self.quit));
        found
    }

    /// Whether the session may be used once more.
    pub fn would_keep(&self, session: &Session) -> bool {
        !session.spoilt
            && !self.wait.is_zero()
            && session.born.elapsed() < self.life
            && (self.uses == 0 || session.uses + 1 < self.uses)
    }

    /// Lets a session wait for another request; gives it back where there is no room.
    pub fn put(&self, key: Key, session: Session) -> Option<Session> {
        let mut idle = lock(&self.idle);
        if idle.sessions.len() >= IDLE_MAX {
            return Some(session);
        }
        idle.sessions.push(Idle { key, session, since: Instant::now() });
        if !idle.tended {
            idle.tended = true;
            drop(idle);
            self.tend();
        }
        None
    }

    /// Says good-bye to sessions that nobody wants, as long as there are any.
    fn tend(&self) {
        let (idle, wait, limit) = (Arc::clone(&self.idle), self.wait, self.quit);
        let pause = (wait / 4).max(Duration::from_millis(50));
        let started =
            std::thread::Builder::new().name("idle".into()).stack_size(128 << 10).spawn(move || {
                loop {
                    std::thread::sleep(pause);
                    let mut all = lock(&idle);
                    let (old, young) = std::mem::take(&mut all.sessions)
                        .into_iter()
                        .partition::<Vec<_>, _>(|i| i.since.elapsed() >= wait);
                    all.sessions = young;
                    if all.sessions.is_empty() {
                        all.tended = false;
                    }
                    let done = all.sessions.is_empty();
                    drop(all);
                    old.into_iter().for_each(|idle| quit(idle.session, limit));
                    if done {
                        return;
                    }
                }
            });
        if started.is_err() {
            lock(&self.idle).tended = false;
        }
    }
}

/// Ends a session in good order, without waiting for the server's last word.
pub fn quit(mut session: Session, limit: Duration) {
    session.stream.set_deadline(None);
    session.stream.set_timeout(Some(limit));
    if session.stream.is_fresh() {
        let _ = session.command("QUIT").and_then(|()| session.stream.flush().map_err(Into::into));
    }
}

fn lock(idle: &Mutex<Idles>) -> MutexGuard<'_, Idles> {
    idle.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session() -> (Session, net::Stream) {
        let (near, far) = net::pair().unwrap();
        let addr: IpAddr = "192.0.2.1".parse().unwrap();
        (Session::new(near, "mx.test", "192.0.2.1", Some((addr, 25))), far)
    }

    fn key(nexthop: &str) -> Key {
        Key { nexthop: nexthop.into(), wish: Wish::default() }
    }

    fn pool(wait: u64) -> Pool {
        Pool::new(Duration::from_millis(wait), Duration::from_secs(100), 3, Duration::from_secs(1))
    }

    #[test]
    fn sessions_are_found_by_nexthop_and_by_server() {
        let pool = pool(10_000);
        let (one, _far) = session();
        assert!(pool.put(key("a.test"), one).is_none());
        assert!(pool.take_by_nexthop(&key("b.test")).is_none());
        let wish = Wish { require_tls: true, ..Wish::default() };
        let other = Key { wish, ..key("a.test") };
        assert!(pool.take_by_nexthop(&other).is_none(), "never with less TLS than asked for");
        let again = pool.take_by_nexthop(&key("a.test")).unwrap();
        assert!(pool.put(key("a.test"), again).is_none());
        let addr = "192.0.2.1".parse().unwrap();
        let (none, secure) = (Policy::none(), Policy { level: tls::Level::Secure, ..Policy::none() });
        let take = |port, policy| {
            let wanted = Wanted { policy, nexthop: "b.test", wish: Wish::default(), rule: Rule::Disable };
            pool.take_by_endpoint(addr, port, &wanted)
        };
        assert!(take(26, &none).is_none());
        assert!(take(25, &secure).is_none());
        assert!(take(25, &none).is_some());
        assert!(pool.take_by_nexthop(&key("a.test")).is_none(), "taken");
    }

    #[test]
    fn dead_and_old_sessions_are_not_given_out() {
        let pool = pool(10_000);
        let (dead, far) = session();
        assert!(pool.put(key("a.test"), dead).is_none());
        drop(far);
        assert!(pool.take_by_nexthop(&key("a.test")).is_none());
        let (mut used, _far) = session();
        assert!(pool.would_keep(&used));
        used.uses = 2;
        assert!(!pool.would_keep(&used), "used up");
        used.uses = 0;
        used.spoilt = true;
        assert!(!pool.would_keep(&used));
    }

    #[test]
    fn a_session_that_nobody_wants_ends_with_quit() {
        let pool = pool(60);
        let (one, mut far) = session();
        assert!(pool.put(key("a.test"), one).is_none());
        far.set_timeout(Some(Duration::from_secs(5)));
        assert_eq!(far.read_line(100).unwrap().text, b"QUIT");
        assert!(far.read_line(100).unwrap().is_end());
    }
}
