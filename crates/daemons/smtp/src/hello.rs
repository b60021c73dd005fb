//! The opening of a session: greeting, EHLO, STARTTLS.

use mail::dsn::Status;
use tls::{ClientSession, Level, Trust};
use wire::{Capabilities, Feature};

use crate::chat::{Answer, Trouble};
use crate::job::Job;
use crate::require_tls::Rule;
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

/// Opens the session, by the job's policy.
pub fn open(job: &mut Job<'_>, session: &mut Session, detect_loop: bool) -> Opened {
    match steps(job, session, detect_loop) {
        Ok(()) => Opened::Ready,
        Err(Stop::Failed) => Opened::Failed,
        Err(Stop::RetryPlain) => Opened::RetryPlain,
        Err(Stop::Trouble(trouble, doing)) => {
            job.conversation_failed(session, trouble, doing);
            Opened::Failed
        }
    }
}

fn steps(job: &mut Job<'_>, session: &mut Session, detect_loop: bool) -> Step {
    let cx = job.cx;
    let level = job.policy.level;
    if cx.set.tls_wrapper && level > Level::None {
        start_tls(job, session)?;
        greeting(job, session, detect_loop)?;
        hello(job, session, detect_loop)?;
        return require_tls_offered(job, session);
    }
    greeting(job, session, detect_loop)?;
    hello(job, session, detect_loop)?;
    let offered = session.has(Feature::StartTls);
    if level == Level::None && offered && cx.set.note_starttls {
        log::info!("Host offered STARTTLS: [{}]", session.host);
    }
    if level > Level::None && offered && cx.tls.is_some() {
        session.limit(cx, cx.set.timeouts.starttls);
        let answer = session.ask(cx, "STARTTLS").map_err(at("receiving the STARTTLS response"))?;
        if answer.class() == 2 {
            start_tls(job, session)?;
            // What was said in the clear may have been said by anybody.
            session.capabilities = Capabilities::default();
            session.esmtp = !cx.set.is_lmtp;
            hello(job, session, detect_loop)?;
            session.spoke_early = cx.set.tls_block_early_reply && !session.stream.is_fresh();
            return require_tls_offered(job, session);
        }
        if level >= Level::Encrypt || job.rule.wants_tls() {
            return no_tls(job, session, Some(&answer));
        }
    } else if level >= Level::Encrypt || job.rule.wants_tls() {
        return no_tls(job, session, None);
    }
    job.features.kept(Level::None);
    job.features.require_tls("none", true);
    Ok(())
}

/// There must be TLS, and there is none: the server does not offer it, or refused to begin.
fn no_tls(job: &mut Job<'_>, session: &mut Session, refusal: Option<&Answer>) -> Step {
    let has_engine = job.cx.tls.is_some();
    let is_offered = refusal.is_some() || (session.has(Feature::StartTls) && !has_engine);
    if job.policy.level >= Level::Encrypt && (refusal.is_some() || !is_offered) {
        job.features.violated();
    }
    if job.rule.wants_tls() && (refusal.is_some() || !is_offered) {
        job.features.require_tls("nostarttls", false);
        let (status, reason) = match refusal {
            Some(answer) => (
                Status::new(5, 7, 10),
                format!(
                    "Sender requested REQUIRETLS, but host {} refused to start TLS: {}",
                    session.namaddr, answer.text
                ),
            ),
            None => (
                Status::new(5, 7, 30),
                format!(
                    "Sender requested REQUIRETLS, but TLS service was not offered by host {}",
                    session.namaddr
                ),
            ),
        };
        job.wish_failed(session, local(status, reason));
        return Err(Stop::Failed);
    }
    match refusal {
        Some(answer) => {
            let outcome = refused_to_start_tls(session, answer);
            job.site_failed(session, outcome);
            Err(Stop::Failed)
        }
        None if is_offered => {
            let reason = "TLS is required, but our TLS engine is unavailable".to_owned();
            failed(job, session, Status::new(4, 7, 5), reason)
        }
        None => {
            let reason = format!("TLS is required, but was not offered by host {}", session.namaddr);
            failed(job, session, Status::new(4, 7, 4), reason)
        }
    }
}

/// With TLS, the server has said whether it passes REQUIRETLS on.
fn require_tls_offered(job: &mut Job<'_>, session: &mut Session) -> Step {
    if job.rule == Rule::Disable {
        return Ok(());
    }
    let (name, matched) = (session.namaddr.clone(), job.policy.level.must_match());
    match (session.has(Feature::RequireTls), job.rule) {
        (true, _) => {
            job.features.require_tls(if matched { "requiretls" } else { "nocertmatch" }, true);
            Ok(())
        }
        (false, Rule::Enforce) => {
            job.features.require_tls("none", false);
            let reason = format!(
                "Sender requested REQUIRETLS, but no server was found that supports REQUIRETLS. \
                 The last attempted server was {name}"
            );
            job.wish_failed(session, local(Status::new(5, 7, 30), reason));
            Err(Stop::Failed)
        }
        (false, _) => {
            job.features.require_tls("none", true);
            log::info!(
                "{}: Sender requested REQUIRETLS, but REQUIRETLS support was not offered by host {name}",
                job.queue_id()
            );
            Ok(())
        }
    }
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
    session.helo = first.map_or_else(String::new, |word| String::from_utf8_lossy(word).into_owned());
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
    let level = job.policy.level;
    let server_id =
        format!("{}&{}&{}&{}&{}&&", cx.service, session.destination, session.host, session.addr, level as u8);
    session.stream.set_deadline(None);
    let wanted = ClientSession {
        policy: &job.policy,
        namaddr: &session.namaddrport,
        host: &session.host,
        nexthop: &session.tls_nexthop,
        helo: &session.helo,
        server_id: &server_id,
        timeout: cx.set.timeouts.starttls,
        wants_chain: false,
    };
    let established = match tls.connect(&mut session.stream, &wanted) {
        Ok(established) => established,
        Err(_) => {
            // After an error the connection is of no use.
            session.spoilt = true;
            if job.may_retry_plain() {
                return Err(Stop::RetryPlain);
            }
            let outcome = local(Status::new(4, 7, 5), "Cannot start TLS: handshake failure");
            // One server's trouble with TLS is no reason to keep other mail from the destination.
            if level == Level::May {
                job.message_failed(session, outcome);
            } else {
                job.site_failed(session, outcome);
            }
            return Err(Stop::Failed);
        }
    };
    let is_good = established.is_good();
    let is_trusted = established.summary.trust >= Trust::Trusted;
    session.tls = Some(established.summary);
    if is_good {
        job.features.kept(established.level);
        return Ok(());
    }
    job.features.violated();
    if job.rule == Rule::Enforce {
        job.features.require_tls("nocertmatch", false);
        let what = if is_trusted { "matching" } else { "trusted" };
        let reason = format!(
            "Sender requested REQUIRETLS, but no {what} server certificate was found. \
             The last attempted server was {}",
            session.namaddr
        );
        job.wish_failed(session, local(Status::new(5, 7, 10), reason));
        return Err(Stop::Failed);
    }
    job.features.require_tls("nocertmatch", true);
    failed(job, session, Status::new(4, 7, 5), "Server certificate not verified".to_owned())
}
