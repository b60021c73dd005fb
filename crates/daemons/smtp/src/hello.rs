//! The opening of a session: greeting, EHLO, STARTTLS.

use std::time::{Duration, SystemTime};

use mail::dsn::Status;
use tls::{ClientSession, Level, TlsError};
use wire::{Capabilities, Feature};

use crate::chat::{Answer, Trouble};
use crate::job::{Job, TlsStatus};
use crate::session::Session;
use crate::settings::discarded;
use crate::trouble::{local, refused_to_start_tls, refused_to_talk};

/// How the opening went.
pub enum Opened {
    Ready,
    /// The recipients have been told, or wait for the next server.
    Failed,
    /// The TLS handshake failed, and policy permits to try without.
    RetryPlain,
}

/// Why an opening stops.
enum Stop {
    Trouble(Trouble, &'static str),
    Failed,
    RetryPlain,
}

type Step = Result<(), Stop>;

fn at(doing: &'static str) -> impl Fn(Trouble) -> Stop {
    move |trouble| Stop::Trouble(trouble, doing)
}

/// Opens the session. With `plain`, TLS is left out although the level would have it.
pub fn open(job: &mut Job<'_>, session: &mut Session, plain: bool, detect_loop: bool) -> Opened {
    match steps(job, session, plain, detect_loop) {
        Ok(()) => Opened::Ready,
        Err(Stop::Failed) => Opened::Failed,
        Err(Stop::RetryPlain) => Opened::RetryPlain,
        Err(Stop::Trouble(trouble, doing)) => {
            job.conversation_failed(session, trouble, doing);
            Opened::Failed
        }
    }
}

fn steps(job: &mut Job<'_>, session: &mut Session, plain: bool, detect_loop: bool) -> Step {
    let cx = job.cx;
    let wrapped = cx.set.tls_wrapper && job.level > Level::None;
    if wrapped {
        start_tls(job, session)?;
    }
    greeting(job, session, detect_loop)?;
    hello(job, session, detect_loop)?;
    let offered = session.has(Feature::StartTls);
    if job.level == Level::None {
        job.tls_status = TlsStatus::Kept;
        if offered && cx.set.note_starttls {
            log::info!("Host offered STARTTLS: [{}]", session.host);
        }
        return Ok(());
    }
    if wrapped {
        return Ok(());
    }
    if !offered || plain {
        if job.level >= Level::Encrypt {
            job.tls_status = TlsStatus::Violated;
            let reason = format!("TLS is required, but was not offered by host {}", session.namaddr);
            return failed(job, session, Status::new(4, 7, 4), reason);
        }
        job.tls_status = TlsStatus::Plaintext;
        return Ok(());
    }
    if cx.tls.is_none() {
        if job.level >= Level::Encrypt {
            let reason = "TLS is required, but our TLS engine is unavailable".to_owned();
            return failed(job, session, Status::new(4, 7, 5), reason);
        }
        job.tls_status = TlsStatus::Plaintext;
        return Ok(());
    }
    session.limit(cx, cx.set.timeouts.starttls);
    let answer = session.ask(cx, "STARTTLS").map_err(at("receiving the STARTTLS response"))?;
    if answer.class() != 2 {
        if job.level >= Level::Encrypt {
            job.tls_status = TlsStatus::Violated;
            let outcome = refused_to_start_tls(session, &answer);
            job.site_failed(session, outcome);
            return Err(Stop::Failed);
        }
        job.tls_status = TlsStatus::Plaintext;
        return Ok(());
    }
    start_tls(job, session)?;
    // What was said in the clear may have been said by anybody.
    session.capabilities = Capabilities::default();
    hello(job, session, detect_loop)
}

fn greeting(job: &mut Job<'_>, session: &mut Session, detect_loop: bool) -> Step {
    let cx = job.cx;
    session.limit(cx, cx.set.timeouts.helo);
    let mut answer = session.answer(cx).map_err(at("receiving the initial server greeting"))?;
    if answer.class() != 2 {
        if answer.class() == 5 && cx.set.skip_5xx_greeting {
            answer.status = answer.status.with_class(4);
        }
        let outcome = refused_to_talk(session, &answer);
        job.site_failed(session, outcome);
        return Err(Stop::Failed);
    }
    let words: Vec<&[u8]> = answer.reply.texts().flat_map(words).collect();
    let offers = words.iter().any(|word| word.eq_ignore_ascii_case(b"ESMTP"));
    session.esmtp = !cx.set.never_ehlo && (cx.set.always_ehlo || offers);
    let own = cx.set.myhostname;
    if detect_loop && words.iter().any(|word| word.eq_ignore_ascii_case(own.as_bytes())) {
        log::warning!("host {} greeted me with my own hostname {own}", session.namaddrport);
    }
    Ok(())
}

fn words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|b| b.is_ascii_whitespace()).filter(|word| !word.is_empty())
}

/// EHLO, or HELO where the server does not know that; LHLO to LMTP servers.
fn hello(job: &mut Job<'_>, session: &mut Session, detect_loop: bool) -> Step {
    let cx = job.cx;
    let name = cx.set.helo_name;
    session.limit(cx, cx.set.timeouts.helo);
    if cx.set.is_lmtp {
        let answer = session.ask(cx, &format!("LHLO {name}")).map_err(at("performing the LHLO handshake"))?;
        if answer.class() != 2 {
            let outcome = refused_to_talk(session, &answer);
            job.site_failed(session, outcome);
            return Err(Stop::Failed);
        }
        features(job, session, &answer);
        return Ok(());
    }
    if session.esmtp {
        let answer = session.ask(cx, &format!("EHLO {name}")).map_err(at("performing the EHLO handshake"))?;
        if answer.class() == 2 {
            features(job, session, &answer);
            return check_name(job, session, &answer, detect_loop);
        }
        if answer.code == 421 {
            let outcome = refused_to_talk(session, &answer);
            job.site_failed(session, outcome);
            return Err(Stop::Failed);
        }
        session.esmtp = false;
    }
    let answer = session.ask(cx, &format!("HELO {name}")).map_err(at("performing the HELO handshake"))?;
    if answer.class() != 2 {
        let outcome = refused_to_talk(session, &answer);
        job.site_failed(session, outcome);
        return Err(Stop::Failed);
    }
    check_name(job, session, &answer, detect_loop)
}

/// A best mail exchanger that calls itself by our name is ourselves.
fn check_name(job: &mut Job<'_>, session: &mut Session, answer: &Answer, detect_loop: bool) -> Step {
    let own = job.cx.set.myhostname;
    let first = answer.reply.texts().next().and_then(|text| words(text).next());
    if !detect_loop || !first.is_some_and(|word| word.eq_ignore_ascii_case(own.as_bytes())) {
        return Ok(());
    }
    log::warning!("host {} replied to HELO/EHLO with my own hostname {own}", session.namaddrport);
    if !session.is_best_mx {
        return Ok(());
    }
    let reason = format!("mail for {} loops back to myself", job.delivery.nexthop);
    failed(job, session, Status::new(5, 4, 6), reason)
}

/// What the server can do, less what we were told to overlook.
fn features(job: &Job<'_>, session: &mut Session, answer: &Answer) {
    let cx = job.cx;
    let from_map = match cx.discard_maps.find(session.addr.as_bytes()) {
        Ok(found) => found.map(|words| words.to_string()),
        Err(err) => {
            log::warning!("{err}");
            None
        }
    };
    let (ignored, silent) = discarded(from_map.as_deref().unwrap_or(cx.set.discard_keywords));
    session.capabilities = Capabilities::from_reply(&answer.reply, |feature| ignored.contains(&feature));
    if !ignored.is_empty() && !silent {
        let all = Capabilities::from_reply(&answer.reply, |_| false);
        let names: Vec<&str> = Feature::ALL
            .iter()
            .filter(|(feature, _)| all.has(*feature) && ignored.contains(feature))
            .map(|(_, name)| *name)
            .collect();
        if !names.is_empty() {
            log::info!("discarding EHLO keywords: {}", names.join(" "));
        }
    }
}

fn failed(job: &mut Job<'_>, session: &mut Session, status: Status, reason: String) -> Step {
    job.site_failed(session, local(status, reason));
    Err(Stop::Failed)
}

fn start_tls(job: &mut Job<'_>, session: &mut Session) -> Step {
    let cx = job.cx;
    let Some(tls) = &cx.tls else {
        let reason = "TLS is required, but our TLS engine is unavailable".to_owned();
        return failed(job, session, Status::new(4, 7, 5), reason);
    };
    let service = if cx.set.is_lmtp { "lmtp" } else { "smtp" };
    let port = session.endpoint.map_or(0, |(_, port)| port);
    let server_id = format!("{service}&{}&{}&{port}", session.host, session.addr);
    session.stream.set_deadline(None);
    let wanted = ClientSession {
        level: job.level,
        namaddr: &session.namaddrport,
        host: &session.host,
        server_id: &server_id,
        timeout: cx.set.timeouts.starttls,
    };
    match tls.connect(&mut session.stream, &wanted) {
        Ok(summary) => {
            session.tls = Some(summary);
            job.tls_status = TlsStatus::Kept;
            Ok(())
        }
        Err(error) => {
            // After an error the connection is of no use.
            session.spoilt = true;
            if job.level == Level::May && error != TlsError::Unavailable && plaintext_after_failure(job) {
                return Err(Stop::RetryPlain);
            }
            let reason = match error {
                TlsError::Untrusted => "Server certificate not trusted".to_owned(),
                _ => "Cannot start TLS: handshake failure".to_owned(),
            };
            failed(job, session, Status::new(4, 7, 5), reason)
        }
    }
}

/// A message that has waited for a while goes out in the clear rather than not at all.
fn plaintext_after_failure(job: &Job<'_>) -> bool {
    let stats = job.delivery.stats();
    let waited = match (stats.incoming_arrival, stats.active_arrival) {
        (Some(arrival), Some(active)) => active.duration_since(arrival).unwrap_or_default(),
        (Some(arrival), None) => SystemTime::now().duration_since(arrival).unwrap_or_default(),
        _ => Duration::ZERO,
    };
    waited >= job.cx.set.min_backoff
}
