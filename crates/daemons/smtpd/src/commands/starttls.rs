//! STARTTLS, and TLS from the first byte on (smtpd_tls_wrappermode).

use config::params::*;
use ipc::anvil::Event;
use tls::{Level, Trust};
use wire::{Feature, Token};

use crate::errors::{End, Step, class};
use crate::session::Session;

/// STARTTLS
pub fn starttls(session: &mut Session, words: &[Token]) -> Step {
    if words.len() != 1 {
        return session.refuse_protocol("501 5.5.4 Syntax: STARTTLS");
    }
    if session.tls.is_some() {
        return session.refuse_protocol("554 5.5.1 Error: TLS already active");
    }
    let level = session.server.tls_level;
    if level < Level::May || session.standalone || session.ehlo_discard.has(Feature::StartTls) {
        return session.refuse_protocol("502 5.5.1 Error: command not implemented");
    }
    if session.server.tls.is_none() {
        return session.refuse(class::SOFTWARE, "454 4.7.0 TLS not available due to local problem");
    }
    if over_rate(session, Event::NewTlsStatus).is_some() {
        let (client, service) = (session.client.name_address.clone(), session.service);
        log::warning!("Refusing STARTTLS request from {client} for service {service}");
        let text = cat!("454 4.7.0 Error: too many new TLS sessions from ", client);
        return session.refuse(class::POLICY, text);
    }
    session.reply("220 2.0.0 Ready to start TLS")?;
    session.stream.flush()?;
    session.helo = None;
    session.reset_mail();
    handshake(session)?;
    Ok(true)
}

impl Session<'_> {
    /// Wrapper mode: TLS before anything else. `Ok(false)`: there is no service.
    pub fn start_wrapped(&mut self) -> Step {
        let (client, service) = (self.client.name_address.clone(), self.service);
        if self.server.tls.is_none() {
            log::warning!(
                "Wrapper-mode request dropped from {client} for service {service}. TLS context initialization failed. \
                 For details see earlier warnings in your logs."
            );
            return Ok(false);
        }
        if over_rate(self, Event::NewTlsStatus).is_some() {
            self.error_mask |= class::POLICY;
            log::warning!("Refusing TLS service request from {client} for service {service}");
            return Ok(false);
        }
        handshake(self)?;
        Ok(true)
    }
}

/// The client's rate of new TLS sessions, if it is over the limit.
fn over_rate(session: &mut Session, event: Event) -> Option<i64> {
    let limit = session.cf.get(SMTPD_CLIENT_NEW_TLS_SESSION_RATE_LIMIT);
    if limit <= 0 {
        return None;
    }
    session.limits.as_mut()?.rate(event).filter(|rate| *rate > limit)
}

fn handshake(session: &mut Session) -> Result<(), End> {
    let Some(server) = &session.server.tls else { return Err(End::Quiet) };
    let client = session.client.name_address.clone();
    let limit = session.cf.get(SMTPD_STARTTLS_TIMEOUT);
    let result = server.accept(&mut session.stream, &client.to_string(), limit);
    let resumed = result.as_ref().is_ok_and(|summary| summary.resumed);
    let counted = if resumed { None } else { over_rate(session, Event::NewTls) };
    if let Some(rate) = counted {
        session.error_mask |= class::POLICY;
        let service = session.service;
        log::warning!("New TLS session rate limit exceeded: {rate} from {client} for service {service}");
        if result.is_ok() {
            let host = session.cf.get(MYHOSTNAME);
            session.reply(cat!("421 4.7.0 ", host, " Error: too many new TLS sessions from ", client))?;
        }
        return Err(End::Quiet);
    }
    // compat: there is no connection any more to talk about it, also when it took too long
    let summary = result.map_err(|_| End::Lost)?;
    let trust = summary.trust;
    session.tls = Some(summary);
    session.stream.set_timeout(Some(session.cf.get(SMTPD_TIMEOUT)));
    let must_know = session.cf.get(SMTPD_TLS_REQ_CCERT) && session.server.tls_level >= Level::Encrypt;
    if must_know && trust < Trust::Trusted {
        let why = if trust == Trust::Untrusted {
            "Client certificate not trusted"
        } else {
            "No client certificate presented"
        };
        log::info!("NOQUEUE: abort: TLS from {client}: {why}");
        session.query()?;
        session.error_mask |= class::POLICY;
        session.reply(format!("421 4.7.1 {} Error: {why}", session.cf.get(MYHOSTNAME)))?;
    }
    Ok(())
}
