//! .forward files: the first of forward_path that is there.

use std::ffi::OsStr;
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use config::params::{FORWARD_EXPANSION_FILTER, FORWARD_PATH};
use delivery::privilege::Refused;
use delivery::{Fate, Status};
use ipc::delivery::flag;
use ipc::fields::notify;

use crate::alias::without_success;
use crate::state::{Expansion, Job, Rights, State};
use crate::{expand, recipient, token};

/// Delivers as the user's .forward file says; `None` when there is none, or none that may be used.
pub fn deliver(job: &Job<'_>, mut state: State) -> Option<Fate> {
    state.level += 1;
    let paths = job.local.config.get(FORWARD_PATH);
    if paths.is_empty() {
        return None;
    }
    // The mailbox finds out about failures of the user database.
    let user = recipient::user(job, &state).ok().flatten()?;
    if !job.local.frozen_delivered_to {
        state.delivered = Some(state.recipient.address.clone());
    }
    state.rights = Rights::of(&user);
    state.expansion = Some(Expansion::Forward);
    // Mail that goes on to others becomes a message of its own.
    state.owner = Some(state.user.clone());

    let (path, metadata) = match find(job, &mut state, paths) {
        Ok(found) => found?,
        Err(refused) => return Some(job.result(&state, Status::new(4, 3, 0), refused.to_string())),
    };
    if job.delivery.flags & flag::MTA_VERIFY != 0 {
        return Some(job.sent(&state, format!("forward via file: {}", path.display())));
    }
    let done = format!("forward-done {}", path.display());
    if job.seen(&format!("forward {}", path.display())) {
        // Again: done already, or this is the user in her own file, who wants the mailbox.
        return job.was_seen(&done).then_some(Fate::Settled);
    }
    state.expanded_from = Some(state.local.clone());
    let text = read(job, &state, &path, &metadata)?;
    let wishes = state.recipient.dsn_notify;
    state.recipient.dsn_notify = without_success(wishes);
    let (count, fate) = token::deliver_lines(job, &state, &text);
    if count == 0 {
        return None;
    }
    job.seen(&done);
    if fate == Fate::Settled && wishes & notify::SUCCESS != 0 {
        state.recipient.dsn_notify = wishes;
        job.report_expanded(&state, "expanded");
    }
    Some(fate)
}

/// The first file of forward_path that exists. Where its name has the extension, members do not inherit it.
fn find(job: &Job<'_>, state: &mut State, paths: &str) -> Result<Option<(PathBuf, Metadata)>, Refused> {
    let filter = job.local.config.get(FORWARD_EXPANSION_FILTER);
    for pattern in paths.split(|c: char| c == ',' || c.is_ascii_whitespace()).filter(|p| !p.is_empty()) {
        let Some(expanded) = expand::text(job, state, pattern, Some(filter)) else { continue };
        if expanded.incomplete {
            continue;
        }
        let path = PathBuf::from(OsStr::from_bytes(&expanded.text));
        let look = || std::fs::symlink_metadata(&path);
        if let Ok(metadata) = job.local.privileges.run_as(state.rights.uid, state.rights.gid, look)? {
            if expanded.has_extension || !job.local.propagate.forward {
                state.unmatched = None;
            }
            return Ok(Some((path, metadata)));
        }
    }
    Ok(None)
}

/// Reads the file as the user, if it is the user's.
fn read(job: &Job<'_>, state: &State, path: &Path, metadata: &Metadata) -> Option<Vec<u8>> {
    let shown = path.display();
    if !metadata.is_file() {
        log::warning!("file {shown} is not a regular file");
        return None;
    }
    if metadata.uid() != 0 && metadata.uid() != state.rights.uid {
        log::warning!("file {shown} has bad owner uid {}", metadata.uid());
        return None;
    }
    if metadata.mode() & 0o002 != 0 {
        log::warning!("file {shown} is world writable");
        return None;
    }
    let open = || -> io::Result<Vec<u8>> {
        let mut text = Vec::new();
        File::open(path)?.read_to_end(&mut text)?;
        Ok(text)
    };
    match job.local.privileges.run_as(state.rights.uid, state.rights.gid, open) {
        Ok(Ok(text)) => Some(text),
        Ok(Err(error)) => {
            log::warning!("cannot open file {shown}: {}", sys::errno_text(&error));
            None
        }
        Err(refused) => {
            log::warning!("cannot open file {shown}: {refused}");
            None
        }
    }
}
