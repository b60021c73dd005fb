//! The client that a process's threads share: it keeps connections, and for half a minute the answers.

use super::{PROTOCOL, Request, Resolved, Rewritten, flag};
use crate::peer::{Client, Place};
use bstr::{BString, ByteSlice};
use std::collections::HashMap;
use std::hash::Hash;
use std::io;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long an answer is good (the reference's client keeps its last one as long).
const LIFE: Duration = Duration::from_secs(30);
/// How many answers are kept; then all are forgotten.
const KEPT: usize = 2000;
/// How often a request is tried, one second apart: the server may be about to start.
const ATTEMPTS: u32 = 10;

/// A client of trivial-rewrite(8) for all threads of a process.
pub struct Rewriter {
    client: Client,
    rewritten: Answers<(BString, BString), BString>,
    resolved: Answers<(bool, BString, BString), Resolved>,
}

impl Rewriter {
    /// A client of the service (`rewrite_service_name`).
    pub fn new(service: &str) -> Rewriter {
        Rewriter {
            client: Client::new(Place::private(service), PROTOCOL),
            rewritten: Answers::default(),
            resolved: Answers::default(),
        }
    }

    /// The canonical form of an address in the context `local` or `remote`; both in external form.
    pub fn rewrite(&self, context: &str, address: &[u8]) -> io::Result<BString> {
        if is_canonical(address) {
            return Ok(address.into());
        }
        let address: BString = if address.is_empty() { "\"\"".into() } else { address.into() };
        let key = (context.into(), address);
        if let Some(known) = self.rewritten.get(&key) {
            return Ok(known);
        }
        let (rule, address) = key.clone();
        let reply: Rewritten = self.ask(&Request::Rewrite { rule, address })?;
        self.rewritten.put(key, reply.address.clone());
        Ok(reply.address)
    }

    /// The canonical form of an address; both in internal form.
    pub fn rewrite_internal(&self, context: &str, address: &[u8]) -> io::Result<BString> {
        let external = self.rewrite(context, &mail::quote::quote_822_local(address))?;
        Ok(mail::quote::unquote_822_local(&external))
    }

    /// Where mail from `sender` to `address` goes (internal forms). `verify`: asked on behalf of an address probe.
    pub fn resolve(&self, verify: bool, sender: &[u8], address: &[u8]) -> io::Result<Resolved> {
        let key = (verify, sender.into(), address.into());
        if let Some(known) = self.resolved.get(&key) {
            return Ok(known);
        }
        let (verify, sender, address) = key.clone();
        let reply: Resolved = self.ask(&Request::Resolve { verify, sender, address })?;
        if reply.flags & flag::FAIL == 0 {
            self.resolved.put(key, reply.clone());
        }
        Ok(reply)
    }

    fn ask<R: crate::Message>(&self, request: &Request) -> io::Result<R> {
        for attempt in 1.. {
            match self.client.ask(request) {
                Ok(reply) => return Ok(reply),
                Err(error) if attempt >= ATTEMPTS => return Err(error),
                Err(error) => {
                    let name = &self.client.place().name;
                    log::warning!("problem talking to service {name}: {}", sys::errno_text(&error));
                    std::thread::sleep(Duration::from_secs(1));
                }
            }
        }
        Err(io::ErrorKind::TimedOut.into())
    }
}

/// Whether an address is in canonical form beyond doubt, whatever the configuration: `local@do.main` of plain
/// characters. Rewriting completes what lacks a domain or a dot, removes routes and a dot at the end, and turns `!`
/// and `%` around; it has nothing to do here. Most addresses are of that kind, and asking takes longer than everything
/// else that is done with a recipient.
fn is_canonical(address: &[u8]) -> bool {
    let Some((local, domain)) = address.split_once_str("@") else { return false };
    let plain = |text: &[u8], others: &[u8]| {
        text.split(|byte| *byte == b'.').all(|atom| {
            !atom.is_empty() && atom.iter().all(|byte| byte.is_ascii_alphanumeric() || others.contains(byte))
        })
    };
    plain(local, b"+-_=/#$&*'~") && plain(domain, b"-") && domain.contains(&b'.')
}

/// Answers by question, each with its birth.
struct Answers<K, V>(Mutex<HashMap<K, (Instant, V)>>);

impl<K, V> Default for Answers<K, V> {
    fn default() -> Self {
        Answers(Mutex::new(HashMap::new()))
    }
}

impl<K: Eq + Hash, V: Clone> Answers<K, V> {
    fn get(&self, key: &K) -> Option<V> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (born, value) = known.get(key)?;
        (born.elapsed() < LIFE).then(|| value.clone())
    }

    fn put(&self, key: K, value: V) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= KEPT {
            known.retain(|_, (born, _)| born.elapsed() < LIFE);
        }
        if known.len() >= KEPT {
            known.clear();
        }
        known.insert(key, (Instant::now(), value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_beyond_doubt() {
        for yes in ["user@example.com", "a.b+c=d@x-y.example.org", "1@1.2"] {
            assert!(is_canonical(yes.as_bytes()), "{yes}");
        }
        for no in [
            "",
            "@",
            "user",
            "user@",
            "@a.b",
            "user@host",
            "user@host.",
            "user@.host",
            "user@a..b",
            "u!v@a.b",
            "u%v@a.b",
            "a..b@c.d",
            ".a@c.d",
            "a.@c.d",
            "\"a b\"@c.d",
            "u@[1.2.3.4]",
            "@r.s:u@a.b",
            "u@v@a.b",
            "u@a.b (x)",
            "u@a.b,v@c.d",
            "\u{e9}@a.b",
            "u@a_b.c",
            "u:v@a.b",
        ] {
            assert!(!is_canonical(no.as_bytes()), "{no}");
        }
    }

    #[test]
    fn answers_are_bounded() {
        let answers = Answers::default();
        for number in 0..=KEPT {
            answers.put(number, number);
        }
        assert_eq!(answers.get(&KEPT), Some(KEPT));
        assert_eq!(answers.get(&0), None);
    }
}
