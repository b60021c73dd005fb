//! `/file` in an alias, a .forward file or a list; `/directory/` is a Maildir.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use bstr::{BString, ByteSlice};
use delivery::mailbox::{self, Mbox, Trouble};
use delivery::{Fate, Outcome, Status, copy};

use crate::state::{Job, State};

/// Appends to the file, or delivers to the Maildir.
pub fn deliver(job: &Job<'_>, mut state: State, path: &BString) -> Fate {
    state.level += 1;
    if job.seen(&format!("file {} {path}", state.rights.uid)) {
        return Fate::Settled;
    }
    if !state.expansion.is_some_and(|kind| job.local.files_allowed.contains(&kind)) {
        let outcome = Outcome::new(Status::new(5, 7, 1), "mail to file is restricted");
        return job.report_to_owner(&state, &outcome);
    }
    if job.delivery.is_probe() {
        return job.sent(&state, format!("delivers to file: {path}"));
    }
    choose_rights(job, &mut state);
    if mailbox::is_maildir(path) {
        return maildir(job, state, path);
    }
    let options = headers(job, &state, true);
    let name = Path::new(OsStr::from_bytes(path));
    let mbox = Mbox {
        path: name,
        owner: None,
        locking: job.local.locking,
        dotlock_may_fail: true,
        status: Status::new(5, 2, 0),
    };
    let append = || {
        let opened = mailbox::open(&mbox)?;
        if opened.metadata().is_file() && opened.metadata().mode() & 0o111 != 0 {
            return Err(Outcome::new(Status::new(5, 7, 1), "file is executable").into());
        }
        opened.write(job.delivery, &options)
    };
    match job.local.privileges.run_as(state.rights.uid, state.rights.gid, append) {
        Ok(Ok(())) => job.sent(&state, format!("delivered to file: {path}")),
        Ok(Err(Trouble::Corrupt)) => Fate::Kept,
        Ok(Err(Trouble::Failed(outcome))) => job
            .report_to_owner(&state, &prefixed(*outcome, &format!("cannot append message to file {path}: "))),
        Err(refused) => job.result(&state, Status::new(4, 3, 0), refused.to_string()),
    }
}

/// Delivers to a Maildir with the rights of the state.
pub fn maildir(job: &Job<'_>, state: State, path: &[u8]) -> Fate {
    if job.delivery.is_probe() {
        return job.sent(&state, "delivers to maildir");
    }
    let options = headers(job, &state, false);
    let path = Path::new(OsStr::from_bytes(path));
    let deliver = || mailbox::maildir(job.delivery, path, &options, Status::new(5, 2, 0));
    match job.local.privileges.run_as(state.rights.uid, state.rights.gid, deliver) {
        Ok(Ok(())) => job.sent(&state, "delivered to maildir"),
        Ok(Err(Trouble::Corrupt)) => Fate::Kept,
        Ok(Err(Trouble::Failed(outcome))) => {
            job.report(&state, &prefixed(*outcome, "maildir delivery failed: "))
        }
        Err(refused) => job.result(&state, Status::new(4, 3, 0), refused.to_string()),
    }
}

/// Without a user whose rights they are, commands and files have those of default_privs.
pub fn choose_rights(job: &Job<'_>, state: &mut State) {
    if state.rights.uid == 0 {
        state.rights.uid = job.local.default_uid;
    }
    if state.rights.gid == 0 {
        state.rights.gid = job.local.default_gid;
    }
}

/// What goes in front of the message in a mailbox file, or in a Maildir.
pub fn headers<'a>(job: &Job<'_>, state: &'a State, mbox: bool) -> copy::Options<'a> {
    let form = if mbox { copy::Options::mbox(&state.sender) } else { copy::Options::plain(&state.sender) };
    copy::Options {
        return_path: true,
        original_to: Some(&state.recipient.original),
        delivered_to: state.delivered.as_deref().map(|d| d.as_bytes()).filter(|_| job.local.header.file),
        ..form
    }
}

/// With what was being done before the reason.
pub fn prefixed(mut outcome: Outcome, what: &str) -> Outcome {
    let mut reason = BString::from(what);
    reason.extend_from_slice(&outcome.reason);
    outcome.reason = reason;
    outcome
}
