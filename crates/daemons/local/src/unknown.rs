//! Recipients that are neither alias nor user.

use config::params::{FALLBACK_TRANSPORT, LUSER_RELAY};
use delivery::{Fate, Status};

use crate::state::{Job, State};
use crate::{expand, mailbox, token};

/// fallback_transport, luser_relay, or a bounce.
pub fn deliver(job: &Job<'_>, mut state: State) -> Fate {
    state.level += 1;
    if job.seen(&format!("deliver_unknown {}", state.local)) {
        return Fate::Settled;
    }
    let cf = job.local.config;
    match mailbox::lookup(job, &state, &job.local.fallback_transports) {
        Ok(Some(transport)) => return mailbox::pass_on(job, state, &transport),
        Ok(None) => {}
        Err(fate) => return fate,
    }
    let transport = cf.get(FALLBACK_TRANSPORT);
    if !transport.is_empty() {
        return mailbox::pass_on(job, state, transport.as_bytes());
    }
    let relay = cf.get(LUSER_RELAY);
    if !relay.is_empty() {
        // An address only: |command and /file mean nothing here.
        state.unmatched = None;
        return match expand::text(job, &state, relay, None) {
            Some(address) => token::resolve(job, state, &address.text),
            None => job.result(&state, Status::new(4, 3, 5), "mail system configuration error"),
        };
    }
    // Mail to those who must exist is not worth a bounce that might come back.
    if [mail::address::MAILER_DAEMON, mail::address::POSTMASTER]
        .iter()
        .any(|name| state.user.eq_ignore_ascii_case(name))
    {
        log::warning!("required alias not found: {}", state.user);
        return job.sent(&state, "discarded");
    }
    let text = format!("unknown user: \"{}\"", state.user);
    job.result(&state, Status::new(5, 1, 1), text)
}
