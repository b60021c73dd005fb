//! One recipient: split its address, look out for loops, and take the first way that there is.

use bstr::{BString, ByteSlice};
use config::params::{DOUBLE_BOUNCE_SENDER, OWNER_REQUEST_SPECIAL, REQUIRE_HOME_DIRECTORY};
use delivery::loops::{self, folded};
use delivery::{Fate, Outcome, Status};

use crate::state::{Expansion, Job, State};
use crate::{alias, dotforward, forward, mailbox, unknown};

/// Expansions nest at most this deep.
pub const NESTING: u32 = 100;

/// Delivers to `state.recipient`.
pub fn deliver(job: &Job<'_>, mut state: State) -> Fate {
    state.level += 1;
    let address = state.recipient.address.clone();
    if state.level > NESTING {
        log::warning!("recipient nesting limit exceeded for {address}");
        return job.result(&state, Status::new(5, 4, 6), "recipient nesting limit exceeded");
    }
    if job.seen(&format!("recipient {} {address}", state.level)) {
        return Fate::Settled;
    }
    // What came through here before must not come again; an owner- alias hears of it first.
    if loops::has_been(job.delivered_to, &address) {
        let outcome = Outcome::new(Status::new(5, 4, 6), format!("mail forwarding loop for {address}"));
        return job.report_to_owner(&state, &outcome);
    }
    if state.delivered.is_none() {
        state.delivered = Some(address.clone());
    }
    split(job, &mut state);
    if state.user.is_empty() {
        return job.result(&state, Status::new(5, 1, 3), format!("null username in \"{address}\""));
    }
    switch(job, state)
}

/// Takes the address apart: local part, user and extension, domain.
fn split(job: &Job<'_>, state: &mut State) {
    let whole = folded(&state.recipient.address);
    let (local, domain) = mail::address::split_domain(&whole);
    if domain.is_none() {
        log::warning!("no @ in recipient address: {}", local.as_bstr());
    }
    state.local = BString::from(local);
    state.domain = domain.map(BString::from);
    state.user = state.local.clone();
    state.extension = None;
    let cf = job.local.config;
    let parts = (!job.local.delimiter.is_empty())
        .then(|| {
            let special = cf.get(OWNER_REQUEST_SPECIAL);
            let double_bounce = cf.get(DOUBLE_BOUNCE_SENDER).as_bytes();
            mail::address::split_extension(local, job.local.delimiter.as_bytes(), special, double_bounce)
        })
        .flatten();
    if let Some((user, extension)) = parts {
        state.user = BString::from(user);
        if extension.contains(&b'/') {
            // It becomes part of file names: an extension may not lead elsewhere.
            log::warning!("{}: address with illegal extension: {}", job.delivery.queue_id, state.local);
            state.local = state.user.clone();
        } else {
            state.extension = Some(BString::from(extension));
        }
    }
    state.unmatched = state.extension.clone();
}

/// Alias, resubmission, .forward, mailbox, unknown: the first that applies.
fn switch(job: &Job<'_>, mut state: State) -> Fate {
    state.level += 1;
    if state.recipient.address.starts_with(b"\\") {
        // \user: neither alias nor .forward.
        for text in [&mut state.recipient.address, &mut state.local, &mut state.user] {
            text.remove(0);
        }
        return mailbox::deliver(job, state.clone()).unwrap_or_else(|| unknown::deliver(job, state));
    }
    let extension = state.extension.clone();
    state.unmatched = None;
    if let Some(fate) = alias::deliver(job, state.clone(), &state.local) {
        return fate;
    }
    if extension.is_some() {
        if job.local.propagate.alias {
            state.unmatched = extension.clone();
        }
        if let Some(fate) = alias::deliver(job, state.clone(), &state.user) {
            return fate;
        }
        state.unmatched = extension;
    }
    // Mail that somebody forwards to somebody else becomes a message of its own, so that each recipient has a record
    // in a queue file.
    let forwarded = state.owner.as_ref().is_some_and(|owner| folded(owner) != folded(&state.user));
    if forwarded || state.expansion == Some(Expansion::Include) {
        return forward::indirect(job, &state);
    }
    if job.local.config.get(REQUIRE_HOME_DIRECTORY) {
        if let Some(fate) = without_home(job, &state) {
            return fate;
        }
    }
    dotforward::deliver(job, state.clone())
        .or_else(|| mailbox::deliver(job, state.clone()))
        .unwrap_or_else(|| unknown::deliver(job, state))
}

/// Mail for a user whose home is not there (not mounted) waits.
fn without_home(job: &Job<'_>, state: &State) -> Option<Fate> {
    match user(job, state) {
        Err(fate) => Some(fate),
        Ok(None) => None,
        Ok(Some(user)) => {
            let there = job.local.privileges.run_as(user.uid, user.gid, || std::fs::metadata(&user.home));
            let why = match there {
                Ok(Ok(_)) => return None,
                Ok(Err(error)) => sys::errno_text(&error),
                Err(refused) => refused.to_string(),
            };
            let text = format!("cannot access home directory {}: {why}", user.home.display());
            Some(job.result(state, Status::new(4, 3, 0), text))
        }
    }
}

/// The user that the recipient is, or the result when that cannot be found out.
pub fn user(job: &Job<'_>, state: &State) -> Result<Option<sys::user::User>, Fate> {
    let Ok(name) = state.user.to_str() else { return Ok(None) };
    sys::user::by_name(name).map_err(|error| {
        log::warning!("error looking up passwd info for {name}: {}", sys::errno_text(&error));
        job.result(state, Status::new(4, 0, 0), "user lookup error")
    })
}
