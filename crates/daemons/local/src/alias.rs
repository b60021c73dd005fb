//! Aliases: `name: member, member, …` of alias_maps, with owner- aliases for lists.

use bstr::{BString, ByteSlice};
use config::params::{EXPAND_OWNER_ALIAS, OWNER_REQUEST_SPECIAL, RESET_OWNER_ALIAS};
use delivery::{Fate, Status};
use ipc::delivery::flag;
use ipc::fields::notify;
use tables::{Owner, Table};

use crate::recipient::NESTING;
use crate::state::{Expansion, Job, Rights, State};
use crate::token;

/// Delivers to the members of alias `name`; `None` when there is no such alias.
pub fn deliver(job: &Job<'_>, mut state: State, name: &BString) -> Option<Fate> {
    state.level += 1;
    // An alias that lists its own name means the user.
    if state.expanded_from.as_ref().is_some_and(|from| from.eq_ignore_ascii_case(name)) {
        return None;
    }
    if state.level > NESTING {
        log::warning!("alias database loop for {name}");
        return Some(job.result(&state, Status::new(5, 4, 6), format!("alias database loop for {name}")));
    }
    state.expanded_from = Some(name.clone());
    for (table_name, table) in job.local.aliases.tables() {
        match table.lookup(name) {
            Ok(Some(members)) => return Some(expand(job, state, name, &members, table_name, table)),
            Ok(None) => log::debug!("deliver_alias: {table_name}: {name} not found"),
            Err(error) => {
                log::warning!("{table_name} lookup error for \"{name}\": {error}");
                return Some(unavailable(job, &state));
            }
        }
    }
    None
}

fn unavailable(job: &Job<'_>, state: &State) -> Fate {
    job.result(state, Status::new(4, 3, 0), "alias database unavailable")
}

fn expand(
    job: &Job<'_>,
    mut state: State,
    name: &BString,
    members: &BString,
    table_name: &str,
    table: &dyn Table,
) -> Fate {
    let cf = job.local.config;
    if job.delivery.flags & flag::MTA_VERIFY != 0 {
        return job.sent(&state, format!("aliased to {members}"));
    }
    state.expansion = Some(Expansion::Alias);
    state.rights = match rights(table_name, table) {
        Ok(rights) => rights,
        Err(what) => return job.result(&state, Status::new(4, 3, 0), what),
    };
    let owner = if cf.get(OWNER_REQUEST_SPECIAL) {
        match named_owner(job, name) {
            Ok(owner) => owner,
            Err(()) => return unavailable(job, &state),
        }
    } else {
        None
    };
    match &owner {
        Some(owner) => {
            state.sender = owner.clone();
            state.owner = Some(owner.clone());
        }
        None if cf.get(RESET_OWNER_ALIAS) => state.owner = None,
        None => {}
    }
    if !job.local.frozen_delivered_to {
        state.delivered = Some(state.recipient.address.clone());
    }
    // RFC 3461: members do not report success, the alias does; what a list passes on is a message of the list's.
    let original = state.clone();
    state.recipient.dsn_notify = without_success(state.recipient.dsn_notify);
    if owner.is_some() {
        state.envid = BString::default();
        state.ret = 0;
        state.recipient.dsn_orcpt = BString::default();
        state.recipient.original = BString::default();
    }
    let (count, fate) = token::deliver_text(job, &state, members);
    if count == 0 {
        log::warning!("no recipient in alias lookup result for {name}");
        return unavailable(job, &state);
    }
    if original.recipient.dsn_notify & notify::SUCCESS != 0 {
        job.report_expanded(&original, if owner.is_some() { "delivered" } else { "expanded" });
    }
    fate
}

/// NOTIFY for the members of an expansion.
pub fn without_success(wishes: i32) -> i32 {
    if wishes == notify::SUCCESS { notify::NEVER } else { wishes & !notify::SUCCESS }
}

/// Members that are commands or files have the rights of the table's owner; root's, those of default_privs.
fn rights(table_name: &str, table: &dyn Table) -> Result<Rights, &'static str> {
    match table.owner() {
        Owner::Trusted => Ok(Rights::default()),
        Owner::Unknown => {
            log::warning!("deliver_alias: no owner UID for alias database {table_name}");
            Err("mail system configuration error")
        }
        Owner::User(uid) => match sys::user::by_uid(uid) {
            Ok(Some(user)) => Ok(Rights::of(&user)),
            Ok(None) => {
                log::warning!("cannot find alias database owner for {table_name}");
                Err("cannot find alias database owner")
            }
            Err(error) => {
                log::warning!(
                    "cannot find alias database owner for {table_name}: {}",
                    sys::errno_text(&error)
                );
                Err("cannot find alias database owner")
            }
        },
    }
}

/// The canonical address of `owner-name`, or of what it stands for, if there is such an alias.
fn named_owner(job: &Job<'_>, name: &[u8]) -> Result<Option<BString>, ()> {
    let owner = [b"owner-", name].concat();
    let Some(members) = job.local.aliases.find(&owner).map_err(|_| ())? else { return Ok(None) };
    let address = if job.local.config.get(EXPAND_OWNER_ALIAS) { members.as_slice() } else { &owner };
    job.canonical(address).map(Some)
}

/// Who hears of failures of `address` itself: its owner- alias, or that of its user without extension.
pub fn owner_of(job: &Job<'_>, address: &[u8]) -> Result<Option<BString>, ()> {
    if !job.local.config.get(OWNER_REQUEST_SPECIAL) {
        return Ok(None);
    }
    let local = mail::address::local_part(address);
    if let Some(owner) = named_owner(job, local)? {
        return Ok(Some(owner));
    }
    match local.find_byteset(job.local.delimiter.as_bytes()) {
        Some(at) if at > 0 => named_owner(job, local.get(..at).unwrap_or_default()),
        _ => Ok(None),
    }
}
