//! check_policy_service: asks a server of somebody else's for an action (SMTPD_POLICY_README).

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use bstr::{BString, ByteSlice};
use config::params::*;
use config::{Config, ConfigError, parse_time};
use ipc::Peer;

use super::action::{Entry, apply};
use super::{Answer, Call};
use crate::session::{Session, place};

/// What a server's action stands for when it cannot be asked, while that is being applied already.
const LAST_RESORT: &str = "451 4.3.5 Server configuration problem";
/// Connections to one server that wait for another question.
const MOST_KEPT: usize = 64;
/// No reply is longer.
const MOST: usize = 65536;

/// A policy server, with its settings.
pub struct Policy {
    endpoint: Endpoint,
    timeout: Duration,
    max_idle: Duration,
    max_ttl: Duration,
    request_limit: i64,
    retry_delay: Duration,
    try_limit: i64,
    default_action: String,
    context: String,
    kept: Mutex<Vec<Kept>>,
}

enum Endpoint {
    Unix(String),
    Inet(String, u16),
}

struct Kept {
    peer: Peer,
    born: Instant,
    used: Instant,
    requests: i64,
}

/// All policy servers that restrictions name.
#[derive(Default)]
pub struct Policies(HashMap<String, Policy>);

impl Policies {
    /// Takes the settings of a server: `inet:host:port`, `unix:path`, or `{ server, name = value, … }`.
    pub fn add(&mut self, cf: &Config, spec: &str) -> Result<(), ConfigError> {
        if !self.0.contains_key(spec) {
            let policy = Policy::parse(cf, spec).map_err(ConfigError::new)?;
            self.0.insert(spec.to_owned(), policy);
        }
        Ok(())
    }

    pub(super) fn get(&self, spec: &str) -> Option<&Policy> {
        self.0.get(spec)
    }
}

impl Policy {
    fn parse(cf: &Config, spec: &str) -> Result<Policy, String> {
        let inside = spec.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        let words = match inside {
            Some(inside) => split_settings(inside),
            None => vec![spec.to_owned()],
        };
        let mut words = words.into_iter();
        let server = words.next().ok_or("empty policy service")?;
        let mut policy = Policy {
            endpoint: endpoint(&server)?,
            timeout: cf.get(SMTPD_POLICY_SERVICE_TIMEOUT),
            max_idle: cf.get(SMTPD_POLICY_SERVICE_MAX_IDLE),
            max_ttl: cf.get(SMTPD_POLICY_SERVICE_MAX_TTL),
            request_limit: cf.get(SMTPD_POLICY_SERVICE_REQUEST_LIMIT),
            retry_delay: cf.get(SMTPD_POLICY_SERVICE_RETRY_DELAY),
            try_limit: cf.get(SMTPD_POLICY_SERVICE_TRY_LIMIT),
            default_action: cf.get(SMTPD_POLICY_SERVICE_DEFAULT_ACTION).to_owned(),
            context: cf.get(SMTPD_POLICY_SERVICE_POLICY_CONTEXT).to_owned(),
            kept: Mutex::default(),
        };
        for word in words {
            policy.set(&word)?;
        }
        Ok(policy)
    }

    fn set(&mut self, setting: &str) -> Result<(), String> {
        let setting = setting.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(setting);
        let (name, value) = setting.split_once('=').ok_or("missing '=' after attribute name")?;
        let (name, value) = (name.trim(), value.trim());
        let seconds = || parse_time(value, 's').and_then(|seconds| u64::try_from(seconds).ok());
        let time = || seconds().map(Duration::from_secs).ok_or(format!("bad time: {setting}"));
        let number = || value.parse::<i64>().map_err(|_| format!("bad number: {setting}"));
        match name {
            "timeout" => self.timeout = time()?,
            "max_idle" => self.max_idle = time()?,
            "max_ttl" => self.max_ttl = time()?,
            "retry_delay" => self.retry_delay = time()?,
            "request_limit" => self.request_limit = number()?,
            "try_limit" => self.try_limit = number()?,
            "default_action" => self.default_action = value.to_owned(),
            "policy_context" => self.context = value.to_owned(),
            _ => return Err(format!("unknown attribute name: {name}")),
        }
        Ok(())
    }

    /// Sends a question and takes the action from the reply.
    fn ask(&self, question: &[u8]) -> io::Result<BString> {
        let mut attempt = 1;
        loop {
            match self.ask_once(question) {
                Ok(action) => return Ok(action),
                Err(error) => {
                    if attempt >= self.try_limit || !hung_up(&error) {
                        let why = match error.kind() {
                            io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData => {
                                "Application error".into()
                            }
                            _ => sys::errno_text(&error),
                        };
                        log::warning!("problem talking to server {}: {why}", self.name());
                    }
                    if attempt >= self.try_limit {
                        return Err(error);
                    }
                    attempt += 1;
                    std::thread::sleep(self.retry_delay);
                }
            }
        }
    }

    fn ask_once(&self, question: &[u8]) -> io::Result<BString> {
        while let Some(mut kept) = self.take_kept() {
            // A server may hang up whenever it likes; then a new connection gets the question.
            if let Ok(action) = self.exchange(&mut kept.peer, question) {
                kept.requests += 1;
                self.keep(kept);
                return Ok(action);
            }
        }
        let mut stream = self.connect().inspect_err(|error| {
            log::warning!("connect to {}: {}", self.name(), sys::errno_text(error));
        })?;
        stream.set_timeout(Some(self.timeout));
        let now = Instant::now();
        let mut kept = Kept { peer: Peer::from(stream), born: now, used: now, requests: 1 };
        let action = self.exchange(&mut kept.peer, question)?;
        self.keep(kept);
        Ok(action)
    }

    fn connect(&self) -> io::Result<net::Stream> {
        match &self.endpoint {
            Endpoint::Unix(path) => net::connect_unix(Path::new(path), Some(self.timeout)),
            Endpoint::Inet(host, port) => connect_inet(host, *port, Some(self.timeout)),
        }
    }

    /// One question, and the action of its reply.
    fn exchange(&self, peer: &mut Peer, question: &[u8]) -> io::Result<BString> {
        let stream = peer.stream();
        stream.write(question)?;
        stream.flush()?;
        let mut action = None;
        loop {
            let line = stream.read_line(MOST)?;
            match line.ending {
                net::Ending::Eof => return Err(io::ErrorKind::UnexpectedEof.into()),
                net::Ending::Long => return Err(io::ErrorKind::InvalidData.into()),
                _ if line.text.is_empty() => break,
                _ => {
                    if let Some(value) = line.text.strip_prefix(b"action=") {
                        action = Some(BString::from(value));
                    }
                }
            }
        }
        if action.is_none() {
            log::warning!("missing attribute action in input from {}", self.name());
        }
        action.ok_or(io::ErrorKind::InvalidData.into())
    }

    fn take_kept(&self) -> Option<Kept> {
        let mut all = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let kept = all.pop()?;
            let young = kept.used.elapsed() < self.max_idle && kept.born.elapsed() < self.max_ttl;
            let fit = self.request_limit == 0 || kept.requests < self.request_limit;
            if young && fit && kept.peer.is_fresh() {
                return Some(kept);
            }
        }
    }

    fn keep(&self, mut kept: Kept) {
        kept.used = Instant::now();
        let mut all = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() < MOST_KEPT {
            all.push(kept);
        }
    }

    fn name(&self) -> String {
        match &self.endpoint {
            Endpoint::Unix(path) => path.clone(),
            Endpoint::Inet(host, port) => format!("{host}:{port}"),
        }
    }
}

/// Servers may end a connection when they like; that another attempt follows is not worth a warning.
fn hung_up(error: &io::Error) -> bool {
    use io::ErrorKind::*;
    matches!(error.kind(), UnexpectedEof | InvalidData | BrokenPipe | NotFound | ConnectionReset)
}

/// The words of `{ server, name = value, { name = value }, … }`.
fn split_settings(inside: &str) -> Vec<String> {
    // Blanks around `=` belong to the setting.
    let mut words: Vec<String> = Vec::new();
    for word in super::words(inside) {
        let joins = word.starts_with('=') || words.last().is_some_and(|last| last.ends_with('='));
        match words.last_mut() {
            Some(last) if joins => last.push_str(&word),
            _ => words.push(word),
        }
    }
    words
}

fn need(what: &str, server: &str) -> String {
    format!("need service {what} instead of \"{server}\"")
}

fn endpoint(server: &str) -> Result<Endpoint, String> {
    if let Some(path) = server.strip_prefix("unix:") {
        return Ok(Endpoint::Unix(path.to_owned()));
    }
    let inet = server.strip_prefix("inet:").ok_or_else(|| need("transport:endpoint", server))?;
    let (host, port) = inet.rsplit_once(':').ok_or_else(|| need("inet:host:port", server))?;
    let host = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    let port = dns::native::tcp_port(port).ok_or(format!("unknown service: {port}"))?;
    Ok(Endpoint::Inet(if host.is_empty() { "localhost".into() } else { host.to_owned() }, port))
}

fn connect_inet(host: &str, port: u16, limit: Option<Duration>) -> io::Result<net::Stream> {
    let addresses = dns::native::addresses_of(host.as_bytes(), dns::Families::Both)
        .map_err(|error| io::Error::new(io::ErrorKind::NotFound, error.text))?;
    let mut last = io::ErrorKind::NotFound.into();
    for address in addresses {
        match net::connect_inet((address, port).into(), None, limit) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// check_policy_service transport:server
pub fn check_policy_service(session: &mut Session, call: &Call) -> Answer {
    let server = session.server;
    let Some(policy) = server.restrictions.policy(call.argument) else {
        log::warning!("check_policy_service: no client endpoint for server {}", call.argument);
        return session.server_error();
    };
    let question = question(session, &policy.context);
    let action = policy.ask(&question).ok().filter(|action| {
        let valid = !session.cf.get(SMTPUTF8_ENABLE) || action.is_ascii() || mail::text::is_utf8(action);
        if !valid {
            let server = call.argument;
            log::warning!(
                "malformed UTF-8 in policy server {server} response: \"{}\"",
                action.to_str_lossy()
            );
        }
        valid
    });
    let depth = session.check.policy_failures;
    let action = match action {
        Some(action) => action,
        // The default action may name another policy server, but not for ever.
        None if depth == 0 => policy.default_action.as_str().into(),
        None => LAST_RESORT.into(),
    };
    session.check.policy_failures = depth + 1;
    let entry = Entry { table: call.argument, value: &action, key: b"policy query" };
    let answer = apply(session, &entry, call.subject);
    session.check.policy_failures = depth;
    answer
}

/// What a server gets to know.
fn question(session: &Session, context: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(1024);
    let mut say = |name: &str, value: &[u8]| {
        out.extend_from_slice(name.as_bytes());
        out.push(b'=');
        // A line feed would begin another attribute.
        out.extend(value.iter().map(|&b| if b == b'\n' { b' ' } else { b }));
        out.push(b'\n');
    };
    let client = &session.client;
    let or_empty = |value: &Option<BString>| value.clone().unwrap_or_default();
    let state = if session.place == "BDAT" { "DATA" } else { session.place };
    let at_end = matches!(session.place, "DATA" | "BDAT" | place::END_OF_MESSAGE);
    let recipients = if at_end { session.mail.recipients } else { 0 };
    let size = if session.mail.received > 0 { session.mail.received } else { session.mail.announced };
    say("request", b"smtpd_access_policy");
    say("protocol_state", state.as_bytes());
    say("protocol_name", session.protocol.as_bytes());
    say("client_address", &client.address);
    say("client_name", &client.name);
    say("client_port", &client.port);
    say("reverse_client_name", &client.reverse_name);
    say("server_address", &client.server_address);
    say("server_port", &client.server_port);
    say("helo_name", &or_empty(&session.helo));
    say("sender", &or_empty(&session.sender));
    say("recipient", &or_empty(&session.recipient));
    say("recipient_count", recipients.to_string().as_bytes());
    say("queue_id", &or_empty(&session.mail.queue_id));
    say("instance", instance(session).as_bytes());
    say("size", size.to_string().as_bytes());
    say("etrn_domain", &or_empty(&session.etrn));
    say("stress", session.cf.get(STRESS).as_bytes());
    say("sasl_method", b"");
    say("sasl_username", b"");
    say("sasl_sender", b"");
    let tls = session.tls.as_ref();
    let trusted = tls.filter(|tls| tls.trust >= tls::Trust::Trusted);
    let coded =
        |name: Option<&String>| name.map(|n| wire::xtext::quote(n.as_bytes(), b"")).unwrap_or_default();
    say("ccert_subject", &coded(trusted.and_then(|tls| tls.peer_name.as_ref())));
    say("ccert_issuer", &coded(trusted.and_then(|tls| tls.issuer_name.as_ref())));
    say("ccert_fingerprint", tls.map_or(&b""[..], |tls| tls.certificate_fingerprint.as_bytes()));
    say("ccert_pubkey_fingerprint", tls.map_or(&b""[..], |tls| tls.key_fingerprint.as_bytes()));
    say("encryption_protocol", tls.map_or(&b""[..], |tls| tls.protocol.as_bytes()));
    say("encryption_cipher", tls.map_or(&b""[..], |tls| tls.cipher.as_bytes()));
    say("encryption_keysize", tls.map_or(0, |tls| tls.bits.0).to_string().as_bytes());
    say("policy_context", context.as_bytes());
    say("compatibility_level", session.cf.get(COMPATIBILITY_LEVEL).as_bytes());
    say("mail_version", session.cf.get(MAIL_VERSION).as_bytes());
    out.push(b'\n');
    out
}

/// A name for the message that is the same at all stages, before it has a queue id.
fn instance(session: &Session) -> String {
    let Some(arrival) = session.mail.arrival else { return String::new() };
    let since = arrival.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    format!(
        "{:x}.{:x}.{:x}.{:x}",
        std::process::id(),
        since.as_secs(),
        since.subsec_micros(),
        sys::thread::id()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_and_their_settings() {
        let cf = Config::from_pairs(&[]);
        let plain = Policy::parse(&cf, "inet:127.0.0.1:9998").unwrap();
        assert_eq!((plain.name().as_str(), plain.timeout), ("127.0.0.1:9998", Duration::from_secs(100)));
        let spec = "{ unix:private/policy, timeout=10s, default_action = DUNNO, { policy_context = a b } }";
        let tuned = Policy::parse(&cf, spec).unwrap();
        assert_eq!((tuned.name().as_str(), tuned.timeout), ("private/policy", Duration::from_secs(10)));
        assert_eq!((tuned.default_action.as_str(), tuned.context.as_str()), ("DUNNO", "a b"));
        for bad in ["tcp:x:1", "inet:nowhere", "{}", "{ unix:x, colour=red }", "{ unix:x, timeout }"] {
            assert!(Policy::parse(&cf, bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_reply_is_read_to_its_end() {
        let (a, mut b) = net::pair().unwrap();
        b.write(b"foo=bar\naction=REJECT no thanks\n\naction=DUNNO\n\nnothing=here\n\n").unwrap();
        b.flush().unwrap();
        let policy = Policy::parse(&Config::from_pairs(&[]), "unix:x").unwrap();
        let mut peer = Peer::from(a);
        assert_eq!(policy.exchange(&mut peer, b"request=x\n\n").unwrap(), "REJECT no thanks");
        assert_eq!(policy.exchange(&mut peer, b"request=x\n\n").unwrap(), "DUNNO");
        assert!(policy.exchange(&mut peer, b"request=x\n\n").is_err());
    }
}
