//! From a request to results: over next hops, servers and addresses, until every recipient has one.

use std::net::{IpAddr, SocketAddr};

use bstr::ByteSlice;
use delivery::Delivery;
use mail::dsn::{Outcome, Status};
use tls::policy::{SecureName, Target};
use tls::{Level, Policy};

use crate::destination::Destination;
use crate::features::Features;
use crate::hello::{self, Opened};
use crate::job::{Job, Mark};
use crate::lookup::{self, Found, NoServer, Server};
use crate::pool::{self, Key, Wanted};
use crate::require_tls::{Rule, level_objection};
use crate::session::Session;
use crate::settings::words;
use crate::state::State;
use crate::transfer;

const SMTP_PORT: u16 = 25;
const SMTPS_PORT: u16 = 465;

/// Delivers to all recipients of the request.
pub fn deliver(cx: &State, delivery: &Delivery<'_>) {
    let mut job = Job::new(cx, delivery);
    let nexthop = delivery.nexthop.to_str_lossy();
    let mut sites: Vec<&str> = words(&nexthop).collect();
    let own_sites = sites.len();
    if !cx.set.is_lmtp || !nexthop.starts_with("unix:") {
        sites.extend(cx.set.fallback_relay.iter().map(String::as_str).filter(|relay| *relay != nexthop));
    }
    if sites.is_empty() {
        log::warning!("{}: empty nexthop hostname", job.queue_id());
        job.final_server = true;
        job.session_failed(Outcome::new(Status::new(4, 3, 5), "empty nexthop hostname"));
        return;
    }
    let mut tried = 0;
    for (at, site) in sites.iter().enumerate() {
        if !job.is_unfinished() {
            return;
        }
        tried = at;
        let place =
            Place { site, is_first: at == 0, is_fallback: at >= own_sites, is_final: at + 1 == sites.len() };
        if try_site(&mut job, &place) == After::Stop {
            break;
        }
    }
    if job.is_unfinished() {
        give_up(&mut job, &sites, tried >= own_sites);
    }
}

/// Whether the next hops behind this one may be asked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum After {
    GoOn,
    Stop,
}

/// A next hop and its place among those of the request.
struct Place<'a> {
    site: &'a str,
    is_first: bool,
    is_fallback: bool,
    is_final: bool,
}

fn try_site(job: &mut Job<'_>, place: &Place<'_>) -> After {
    let set = &job.cx.set;
    match Destination::parse(place.site, &set.ports, set.is_lmtp) {
        Ok(Destination::Unix(path)) => {
            job.final_server = place.is_final;
            let key = key(job, place.site);
            if !reuse(job, &key, place, true).is_empty() && !job.is_unfinished() {
                return After::GoOn;
            }
            job.final_server = place.is_final;
            let addr = path.to_string_lossy();
            let target = Target {
                nexthop: &addr,
                host: set.myhostname,
                port: None,
                name: None,
                mx: None,
                tls_not_required: job.tls_not_required(),
            };
            if !choose_policy(job, &target, set.myhostname) {
                return After::GoOn;
            }
            if job.policy.level == Level::May {
                log::warning!(
                    "smtp_connect_local: opportunistic TLS encryption is not appropriate for unix-domain destinations."
                );
                job.policy = Policy::none();
            }
            match net::connect_unix(&path, Some(set.timeouts.connect)) {
                Ok(stream) => {
                    let finality = Finality { opening: place.is_final, transfer: place.is_final };
                    let manner = Manner { detect_loop: false, finality };
                    let mut session = Session::new(stream, set.myhostname, &addr, None);
                    session.tls_nexthop = set.myhostname.to_owned();
                    session.destination = addr.clone().into_owned();
                    talk(job, session, &key, manner);
                }
                Err(err) => unreachable_server(job, &format!("{}[{}]", set.myhostname, path.display()), &err),
            }
        }
        Ok(Destination::Inet { host, port, use_mx }) => {
            if set.helpful_warnings && !set.tls_wrapper && port == SMTPS_PORT {
                let prefix = if set.is_lmtp { "lmtp" } else { "smtp" };
                log::info!(
                    "SMTPS wrappermode (TCP port 465) requires setting \"{prefix}_tls_wrappermode = yes\", \
                     and \"{prefix}_tls_security_level = encrypt\" (or stronger)"
                );
            }
            let alone = host.parse::<IpAddr>().is_ok();
            let key = key(job, place.site);
            let used = reuse(job, &key, place, alone);
            if !job.is_unfinished() {
                return After::GoOn;
            }
            // Elsewhere than on the usual port it is our other self that answers.
            let detect_loop = !set.is_lmtp && !place.is_fallback && port == SMTP_PORT;
            let found = if use_mx {
                lookup::domain(job.cx, &host, detect_loop)
            } else {
                lookup::host(job.cx, &host, detect_loop)
            };
            match found {
                Ok(Found { mut servers, mx, i_am_mx }) => {
                    servers.retain(|server| !used.contains(&(server.addr, port)));
                    let place = Place { is_final: place.is_final || i_am_mx, ..*place };
                    let hop = Hop { domain: &host, port, mx: mx.as_ref(), detect_loop };
                    try_servers(job, &place, &key, &servers, &hop);
                    if i_am_mx {
                        return After::Stop;
                    }
                }
                Err(NoServer { outcome, loops, i_am_mx }) => {
                    job.why = Some(*outcome);
                    job.loops = loops;
                    if i_am_mx {
                        return After::Stop;
                    }
                }
            }
        }
        Err(why) => {
            log::warning!("{}: {why}", job.queue_id());
            job.why =
                Some(Outcome::new(Status::new(4, 3, 5), format!("mail system configuration error: {why}")));
        }
    }
    After::GoOn
}

fn key(job: &Job<'_>, site: &str) -> Key {
    Key { nexthop: site.to_ascii_lowercase(), wish: job.wish() }
}

/// Uses sessions that an earlier request left. Returns the servers that have been asked this way, and need not be asked again.
fn reuse(job: &mut Job<'_>, key: &Key, place: &Place<'_>, alone: bool) -> Vec<(IpAddr, u16)> {
    let mut used = Vec::new();
    if !place.is_first || !job.wants_cached_session() {
        return used;
    }
    while job.is_unfinished() {
        let Some(session) = job.cx.pool.take_by_nexthop(key) else { break };
        // Other servers of a domain can still be asked; a single address has no others.
        job.final_server = place.is_final && alone;
        let endpoint = session.endpoint;
        if used.iter().any(|e| Some(*e) == endpoint) {
            end(job, session, key);
            continue;
        }
        if again(job, session, key) {
            used.extend(endpoint);
        }
    }
    used
}

/// A domain or host that has servers.
struct Hop<'a> {
    /// Without brackets and port.
    domain: &'a str,
    port: u16,
    mx: Option<&'a SecureName>,
    detect_loop: bool,
}

/// Decides how to speak TLS with a server. False: it cannot be decided, or the server cannot do, and it is passed over.
/// `domain` is the next hop without brackets and port.
fn choose_policy(job: &mut Job<'_>, target: &Target<'_>, domain: &str) -> bool {
    let cx = job.cx;
    let why = match cx.policies.find(&cx.resolver, target) {
        Ok(policy) => {
            let rule = cx.require_tls.rule(job.wants_require_tls(), domain);
            job.policy = policy;
            let level = job.policy.level;
            match rule {
                Ok(rule) => {
                    job.rule = rule;
                    job.features = Features::begin(level, rule > Rule::Disable);
                    let Some((outcome, got)) = level_objection(rule, level, target.host) else { return true };
                    job.features.require_tls(got, false);
                    outcome
                }
                Err(_) => {
                    job.features = Features::begin(level, false);
                    let reason = format!(
                        "REQUIRETLS policy configuration error. The last attempted server was {}",
                        target.host
                    );
                    Outcome::new(Status::new(4, 7, 10), reason)
                }
            }
        }
        Err(why) => {
            job.features = Features::unknown();
            *why
        }
    };
    log::warning!("TLS policy lookup for {}/{}: {}", target.nexthop, target.host, why.reason);
    job.why = Some(why);
    false
}

fn try_servers(job: &mut Job<'_>, place: &Place<'_>, key: &Key, servers: &[Server], hop: &Hop<'_>) {
    let (port, detect_loop) = (hop.port, hop.detect_loop);
    let set = &job.cx.set;
    let limit = if set.mx_address_limit == 0 { servers.len() } else { set.mx_address_limit };
    let servers = servers.get(..limit.min(servers.len())).unwrap_or(servers);
    let mut sessions = 0;
    let mut plain = false;
    let mut at = 0;
    while let Some(server) = servers.get(at) {
        if !job.is_unfinished() {
            return;
        }
        let last_session = set.mx_session_limit != 0 && sessions + 1 >= set.mx_session_limit;
        let is_last = at + 1 == servers.len();
        // A server that does not get beyond its greeting counts as an address, not as a session.
        let finality = Finality {
            opening: place.is_final && is_last,
            transfer: place.is_final && (is_last || last_session),
        };
        let target = Target {
            nexthop: place.site,
            host: &server.host,
            port: Some(port),
            name: Some(&server.name),
            mx: hop.mx,
            tls_not_required: job.tls_not_required(),
        };
        if !choose_policy(job, &target, hop.domain) {
            at += 1;
            continue;
        }
        if set.tls_wrapper && job.policy.level < Level::Encrypt {
            let prefix = if set.is_lmtp { "lmtp" } else { "smtp" };
            log::warning!(
                "{prefix}_tls_wrappermode requires \"{prefix}_tls_security_level = encrypt\" (or stronger)"
            );
            at += 1;
            continue;
        }
        if plain {
            job.policy = Policy::none();
        }
        if place.is_first && job.wants_cached_session() && !plain {
            let wanted =
                Wanted { policy: &job.policy, nexthop: hop.domain, wish: job.wish(), rule: job.rule };
            let kept = job.cx.pool.take_by_endpoint(server.addr, port, &wanted);
            if let Some(session) = kept {
                job.final_server = finality.transfer;
                if again(job, session, key) {
                    sessions += 1;
                    at += 1;
                    continue;
                }
                // The connection had died while it was idle: a new one to the same server.
            }
        }
        let spoken = match open(job, server, port) {
            Some(mut session) => {
                session.tls_nexthop = hop.domain.to_owned();
                session.destination = place.site.to_owned();
                talk(job, session, key, Manner { detect_loop, finality })
            }
            None => Spoken::Nothing,
        };
        match spoken {
            // The server takes no TLS that we can speak, and need not.
            Spoken::RetryPlain if !plain => {
                plain = true;
                continue;
            }
            Spoken::Session => sessions += 1,
            _ => {}
        }
        if set.mx_session_limit != 0 && sessions >= set.mx_session_limit {
            return;
        }
        plain = false;
        at += 1;
    }
}

fn open(job: &mut Job<'_>, server: &Server, port: u16) -> Option<Session> {
    let set = &job.cx.set;
    let source = if server.addr.is_ipv6() { set.bind[1] } else { set.bind[0] };
    // A loopback address is not reached from an address of the outside.
    let source =
        source.filter(|source| set.bind_enforce || source.is_loopback() == server.addr.is_loopback());
    match net::connect_inet(SocketAddr::new(server.addr, port), source, Some(set.timeouts.connect)) {
        Ok(stream) => {
            let mut session =
                Session::new(stream, &server.host, &server.addr.to_string(), Some((server.addr, port)));
            session.is_best_mx = server.is_best;
            Some(session)
        }
        Err(err) => {
            unreachable_server(job, &format!("{}[{}]:{port}", server.host, server.addr), &err);
            None
        }
    }
}

fn unreachable_server(job: &mut Job<'_>, server: &str, err: &std::io::Error) {
    let text = match err.kind() {
        std::io::ErrorKind::TimedOut => "Connection timed out".to_owned(),
        _ => sys::errno_text(err),
    };
    let reason = format!("connect to {server}: {text}");
    log::info!("{reason}");
    job.why = Some(Outcome::new(Status::new(4, 4, 1), reason));
}

/// Whether what a server says goes, since nobody else will be asked: at the opening of the session, and after it.
#[derive(Clone, Copy)]
struct Finality {
    opening: bool,
    transfer: bool,
}

/// How to speak to a server.
#[derive(Clone, Copy)]
struct Manner {
    detect_loop: bool,
    finality: Finality,
}

/// How far a session came.
enum Spoken {
    /// Not to a transaction.
    Nothing,
    Session,
    RetryPlain,
}

/// A new session from greeting to good-bye.
fn talk(job: &mut Job<'_>, mut session: Session, key: &Key, manner: Manner) -> Spoken {
    job.begin_session();
    job.delivery.restart();
    job.retry_plain = false;
    session.policy = job.policy.clone();
    job.final_server = manner.finality.opening;
    match hello::open(job, &mut session, manner.detect_loop) {
        Opened::Ready => {}
        Opened::Failed => {
            end(job, session, key);
            return if job.retry_plain { Spoken::RetryPlain } else { Spoken::Nothing };
        }
        Opened::RetryPlain => return Spoken::RetryPlain,
    }
    (session.rule, session.features) = (job.rule, job.features);
    job.delivery.connected(0);
    job.final_server = manner.finality.transfer;
    transfer::run(job, &mut session);
    end(job, session, key);
    if job.retry_plain { Spoken::RetryPlain } else { Spoken::Session }
}

/// Another transaction over a session that has waited. False: the server had ended it, and nothing has happened.
fn again(job: &mut Job<'_>, mut session: Session, key: &Key) -> bool {
    session.uses += 1;
    job.begin_session();
    job.delivery.restart();
    job.retry_plain = false;
    job.policy = session.policy.clone();
    job.rule = session.rule;
    job.features = session.features;
    if let (Some(summary), Some(tls)) = (&session.tls, &job.cx.tls) {
        tls.log_reuse(summary, &session.namaddrport);
    }
    job.delivery.connected(session.uses);
    if !transfer::run_again(job, &mut session) {
        log::debug!("{}: kept connection is gone", session.namaddrport);
        return false;
    }
    end(job, session, key);
    true
}

/// After a session: it waits for another request, or ends.
fn end(job: &mut Job<'_>, mut session: Session, key: &Key) {
    let cx = job.cx;
    let wanted =
        (cx.set.cache_on_demand && job.wants_session_kept()) || cx.cache_destinations.contains(&key.nexthop);
    let wanted = wanted && !(session.tls.is_some() && session.policy.connection_reuse == Some(false));
    let orderly = !session.spoilt && transfer::reset(cx, &mut session);
    if wanted && orderly && cx.pool.would_keep(&session) {
        session.stream.set_deadline(None);
        match cx.pool.put(key.clone(), session) {
            None => return,
            Some(back) => session = back,
        }
    }
    if cx.set.skip_quit_response {
        pool::quit(session, cx.set.timeouts.quit);
    } else if session.stream.is_fresh() {
        session.limit(cx, cx.set.timeouts.quit);
        let _ = session.ask(cx, "QUIT");
    }
}

/// No server is left to ask: what is left gets the last reason.
fn give_up(job: &mut Job<'_>, sites: &[&str], by_fallback: bool) {
    let mut why = job.why.take().unwrap_or_else(|| {
        Outcome::new(Status::new(4, 3, 0), "server unavailable or unable to receive mail")
    });
    if why.status.class == 5 {
        let cx = job.cx;
        if by_fallback {
            log::warning!("smtp_fallback_relay configuration problem");
            why.status = Status::new(4, 3, 5);
        } else if sites.first().is_some_and(|site| *site == cx.set.relayhost) {
            log::warning!("relayhost configuration problem");
            why.status = Status::new(4, 3, 5);
        } else if job.loops && !cx.set.best_mx_transport.is_empty() {
            pass(job);
            return;
        }
    }
    job.begin_session();
    job.final_server = true;
    job.session_failed(why);
}

/// `best_mx_transport`: mail for a domain whose best mail exchanger we are.
fn pass(job: &mut Job<'_>) {
    job.begin_session();
    for at in 0..job.left.len() {
        if let Some(recipient) = job.recipient(at) {
            let _ = delivery::pass::deliver(job.delivery, job.cx.set.best_mx_transport.as_bytes(), recipient);
            job.mark(at, Mark::Done);
        }
    }
}
