//! `:include:/file`: a file of members.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use bstr::ByteSlice;
use delivery::{Fate, Status};

use crate::recipient::NESTING;
use crate::state::{Expansion, Job, Rights, State};
use crate::token;

/// Delivers to the members in the file.
pub fn deliver(job: &Job<'_>, mut state: State, name: &[u8]) -> Fate {
    state.level += 1;
    let shown = name.as_bstr();
    let path = Path::new(OsStr::from_bytes(name));
    if state.level > NESTING {
        log::warning!(":include: nesting limit exceeded for {shown}");
        return job.result(&state, Status::new(5, 4, 6), ":include: nesting limit exceeded");
    }
    if job.seen(&format!("include {} {shown}", state.rights.uid)) {
        return Fate::Settled;
    }
    state.expanded_from = Some(state.local.clone());
    let misconfigured = |state: &State, class: u8| {
        job.result(state, Status::new(class, 3, 5), "mail system configuration error")
    };
    if !path.is_absolute() {
        log::warning!(":include:{shown} uses a relative path");
        return misconfigured(&state, 5);
    }
    // Opened with the rights we have so far: root's, when an alias of root's names the file.
    let read = |rights: &Rights| {
        job.local.privileges.run_as(rights.uid_or_own(), rights.gid, || {
            std::fs::metadata(path).map(|metadata| (metadata, std::fs::read(path)))
        })
    };
    let (metadata, text) = match read(&state.rights) {
        Ok(Ok(found)) => found,
        Ok(Err(error)) => {
            log::warning!("unable to lookup :include: file {shown}: {}", sys::errno_text(&error));
            return misconfigured(&state, 5);
        }
        Err(refused) => return job.result(&state, Status::new(4, 3, 0), refused.to_string()),
    };
    if !metadata.is_file() {
        log::warning!(":include: file {shown} is not a regular file");
        return misconfigured(&state, 5);
    }
    if metadata.mode() & 0o002 != 0 {
        log::warning!(":include: file {shown} is world writable");
        return misconfigured(&state, 5);
    }
    state.expansion = Some(Expansion::Include);
    // A user's list in an alias of root's: with the user's rights, not with those of default_privs.
    if state.rights.uid == 0 {
        match sys::user::by_uid(metadata.uid()) {
            Ok(Some(user)) if user.uid != 0 => state.rights = Rights::of(&user),
            Ok(Some(_)) => {}
            Ok(None) | Err(_) => {
                log::warning!("cannot find username for uid {}", metadata.uid());
                log::warning!("{shown}: cannot find :include: file owner username");
                return misconfigured(&state, 4);
            }
        }
    }
    // From here on local recipients are forwarded.
    if state.owner.is_none() {
        state.owner = Some(state.recipient.address.clone());
    }
    let text = match text {
        Ok(text) => text,
        Err(error) => {
            log::warning!("cannot open include file {shown}: {}", sys::errno_text(&error));
            return misconfigured(&state, 5);
        }
    };
    if !job.local.propagate.include {
        state.unmatched = None;
    }
    token::deliver_lines(job, &state, &text).1
}

impl Rights {
    /// The user to open files as: without a chosen one, root, or whoever runs the mail system.
    pub fn uid_or_own(&self) -> u32 {
        if self.uid == 0 && sys::user::real_uid() != 0 { sys::user::effective_uid() } else { self.uid }
    }
}
