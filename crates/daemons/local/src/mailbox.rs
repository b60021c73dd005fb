//! A user's own mailbox: handed to another transport, given to a command, or written as file or Maildir.

use std::ffi::OsStr;
use std::net::UdpSocket;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use bstr::{BString, ByteSlice};
use config::params::{
    BIFF, HOME_MAILBOX, MAIL_SPOOL_DIRECTORY, MAILBOX_COMMAND, MAILBOX_TRANSPORT, STRICT_MAILBOX_OWNERSHIP,
};
use delivery::mailbox::{self, Mbox, Trouble};
use delivery::{Fate, Outcome, Status, pass};
use tables::Maps;

use crate::state::{Job, Rights, State};
use crate::{command, file, recipient};

/// Delivers to the user's mailbox; `None` when there is no such user.
pub fn deliver(job: &Job<'_>, mut state: State) -> Option<Fate> {
    state.level += 1;
    if job.seen(&format!("mailbox {}", state.local)) {
        return Some(Fate::Settled);
    }
    let cf = job.local.config;
    match lookup(job, &state, &job.local.mailbox_transports) {
        Ok(Some(transport)) => return Some(pass_on(job, state, &transport)),
        Ok(None) => {}
        Err(fate) => return Some(fate),
    }
    let transport = cf.get(MAILBOX_TRANSPORT);
    if !transport.is_empty() {
        return Some(pass_on(job, state, transport.as_bytes()));
    }
    let user = match recipient::user(job, &state) {
        Ok(user) => user?,
        Err(fate) => return Some(fate),
    };
    state.rights = Rights::of(&user);
    let line = match lookup(job, &state, &job.local.mailbox_commands) {
        Ok(Some(line)) => Some(line),
        Ok(None) => Some(BString::from(cf.get(MAILBOX_COMMAND))).filter(|line| !line.is_empty()),
        Err(fate) => return Some(fate),
    };
    if let Some(line) = line {
        return Some(command::deliver(job, state, &line));
    }
    let home_mailbox = cf.get(HOME_MAILBOX);
    let spool = cf.get(MAIL_SPOOL_DIRECTORY);
    if home_mailbox.is_empty() && spool.ends_with('/') {
        let path = [spool.as_bytes(), &state.user, b"/"].concat();
        return Some(file::maildir(job, state, &path));
    }
    let path = if home_mailbox.is_empty() {
        [spool.as_bytes(), b"/", &state.user].concat()
    } else {
        let home = state.rights.home.clone().unwrap_or_default();
        [&home, b"/".as_slice(), home_mailbox.as_bytes()].concat()
    };
    Some(if mailbox::is_maildir(&path) {
        file::maildir(job, state, &path)
    } else {
        mailbox_file(job, state, &path, home_mailbox.is_empty().then_some(spool))
    })
}

/// A per-user setting; a table that fails defers.
pub fn lookup(job: &Job<'_>, state: &State, maps: &Maps) -> Result<Option<BString>, Fate> {
    maps.find(&state.user).map_err(|_| job.result(state, Status::new(4, 3, 0), "table lookup failure"))
}

/// Hands the recipient to another transport. Its record is marked here when everything is done, not there.
pub fn pass_on(job: &Job<'_>, mut state: State, transport: &[u8]) -> Fate {
    state.recipient.offset = -1;
    pass::deliver(job.delivery, transport, &state.recipient)
}

/// The rights to open a mailbox with, and to whom a new one is given.
struct Opening {
    uid: u32,
    gid: u32,
    owner: Option<(u32, u32)>,
}

impl Opening {
    /// In a home directory, and in a spool that everybody may write: the user's. In a spool of a group: the user with
    /// that group. Else root's, and the file is given away. Rootless: what we are.
    fn choose(job: &Job<'_>, state: &State, spool: Option<&str>) -> Opening {
        let rights = &state.rights;
        let user = Opening { uid: rights.uid, gid: rights.gid, owner: None };
        let Some(Ok(metadata)) = spool.map(std::fs::metadata) else { return user };
        if metadata.mode() & 0o002 != 0 || job.local.privileges.may(0).is_err() {
            return user;
        }
        if metadata.mode() & 0o020 != 0 {
            return Opening { gid: metadata.gid(), ..user };
        }
        Opening { uid: 0, gid: 0, owner: Some((rights.uid, rights.gid)) }
    }
}

fn mailbox_file(job: &Job<'_>, mut state: State, path: &[u8], spool: Option<&str>) -> Fate {
    if job.delivery.is_probe() {
        return job.sent(&state, "delivers to mailbox");
    }
    if !job.local.frozen_delivered_to {
        state.delivered = Some(state.recipient.address.clone());
    }
    let shown = path.as_bstr();
    let name = Path::new(OsStr::from_bytes(path));
    let opening = Opening::choose(job, &state, spool);
    let status = Status::new(5, 2, 0);
    let mbox = Mbox {
        path: name,
        owner: opening.owner,
        locking: job.local.locking,
        dotlock_may_fail: false,
        status,
    };
    let privileges = &job.local.privileges;
    let options = file::headers(job, &state, true);
    // Opened and locked with the spool's rights, written with the user's, so that quotas count.
    let result = privileges.run_as(opening.uid, opening.gid, || mailbox::open(&mbox)).and_then(|opened| {
        let opened = match opened {
            Ok(opened) => opened,
            Err(trouble) => return Ok(Err(trouble)),
        };
        let written = privileges.run_as(state.rights.uid, state.rights.gid, || {
            suitable(job, &state, opened.metadata(), &shown.to_string())?;
            opened.write(job.delivery, &options).map(|()| opened.metadata().len())
        });
        privileges.run_as(opening.uid, opening.gid, || drop(opened))?;
        written
    });
    match result {
        Ok(Ok(end)) => {
            let fate = job.sent(&state, "delivered to mailbox");
            if job.local.config.get(BIFF) {
                biff(&state, end);
            }
            fate
        }
        Ok(Err(Trouble::Corrupt)) => Fate::Kept,
        Ok(Err(Trouble::Failed(outcome))) => {
            let what = format!("cannot update mailbox {shown} for user {}. ", state.user);
            job.report(&state, &file::prefixed(*outcome, &what))
        }
        Err(refused) => job.result(&state, Status::new(4, 3, 0), refused.to_string()),
    }
}

/// Whether an opened mailbox is a file, and the user's.
fn suitable(job: &Job<'_>, state: &State, metadata: &std::fs::Metadata, path: &str) -> Result<(), Trouble> {
    if !metadata.is_file() {
        return Err(
            Outcome::new(Status::new(5, 2, 0), format!("destination {path} is not a regular file")).into()
        );
    }
    if job.local.config.get(STRICT_MAILBOX_OWNERSHIP) && metadata.uid() != state.rights.uid {
        log::warning!(
            "specify \"{} = no\" to ignore mailbox ownership mismatch",
            STRICT_MAILBOX_OWNERSHIP.name()
        );
        return Err(Outcome::new(
            Status::new(4, 2, 0),
            format!("destination {path} is not owned by recipient"),
        )
        .into());
    }
    Ok(())
}

/// The port of comsat(8).
const BIFF_PORT: u16 = 512;

/// Tells a comsat server on this machine, if there is one, that mail has come. Nothing depends on it.
fn biff(state: &State, offset: u64) {
    let Some(login) = &state.rights.login else { return };
    let text = format!("{login}@{offset}\0");
    if let Ok(socket) = UdpSocket::bind(("127.0.0.1", 0)) {
        let _ = socket.send_to(text.as_bytes(), ("127.0.0.1", BIFF_PORT));
    }
}
