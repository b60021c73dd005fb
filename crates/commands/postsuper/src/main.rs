//! postsuper(1): removes, holds, releases, requeues and expires messages; repairs the queue.
//!
//! For the super-user (or, in a rootless system, the mail owner). Works on a running mail system: a
//! message may change queue or be delivered while it is looked for.

mod act;
mod structure;

use act::{Action, Tally};
use bstr::ByteSlice;
use config::params::MAIL_OWNER;
use spool::Queue;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::process::ExitCode;

const USAGE: &str = "usage: postsuper [-c config_dir] [-d queue_id (delete)] [-e queue_id (expire)] \
    [-f queue_id (expire and/or un-hold)] [-h queue_id (hold)] [-H queue_id (un-hold)] [-p (purge temporary files)] \
    [-r queue_id (requeue)] [-s (structure fix)] [-S (redundant structure fix)][-v (verbose)] [queue...]";

fn cli() -> clap::Command {
    cli::table("postsuper", "Maintains the mail queue; without options, -s and -p.")
        .args([
            cli::config_dir(),
            cli::value('d', "delete", "queue_id", "delete the message"),
            cli::value('e', "expire", "queue_id", "return it to the sender at the next delivery attempt"),
            cli::value('f', "force-expire", "queue_id", "as -e, and release from hold"),
            cli::value('h', "hold", "queue_id", "put on hold"),
            cli::value('H', "release", "queue_id", "release from hold"),
            cli::flag('p', "purge", "remove old unfinished files"),
            cli::value('r', "requeue", "queue_id", "treat it as new mail"),
            cli::flag('s', "structure", "repair names and places of files"),
            cli::flag('S', "structure-again", "the same, for a queue that was just repaired"),
            cli::verbose(),
            cli::operands("queue", "hold incoming active deferred maildrop (bounce defer trace flush)"),
        ])
        .after_help("A queue_id of \"-\" reads ids from standard input, ALL is every message.")
}

fn main() -> ExitCode {
    cli::begin("postsuper", cli);
    if sys::user::effective_uid() != sys::user::real_uid() {
        log::fatal!("this postfix command must not run as a set-uid process");
    }
    let options = cli::walk(cli, std::env::args_os().skip(1), USAGE);
    log::set_verbose(options.count('v'));
    if options.value('c').is_some_and(|directory| !directory.as_bytes().starts_with(b"/")) {
        log::fatal!("-c requires absolute pathname");
    }
    let config = command::configure("postsuper", options.value('c'));
    become_owner(config.get(MAIL_OWNER));
    command::enter_queue_directory(config);
    let spool = command::spool(config);
    let queues = queues(&options.operands);

    let mut tally = Tally::default();
    for (letter, value) in &options.options {
        let Some(action) = Action::of(*letter) else { continue };
        let value = value.as_deref().unwrap_or_default();
        act::run(&spool, action, value.as_bytes(), queues.as_deref(), &mut tally);
    }
    let acted = options.options.iter().any(|(letter, _)| Action::of(*letter).is_some());
    let job = spool::repair::Job { purge: options.has('p'), structure: options.has('s') || options.has('S') };
    let job = match (acted, job) {
        (false, spool::repair::Job { purge: false, structure: false }) => {
            Some(spool::repair::Job { purge: true, structure: true })
        }
        (_, spool::repair::Job { purge: false, structure: false }) => None,
        (_, job) => Some(job),
    };
    let renamed = job.map_or(0, |job| structure::run(&spool, queues.as_deref(), job));
    tally.tell();
    if renamed > 0 {
        log::info!("Renamed to match inode number: {renamed} message{}", act::plural(renamed));
        log::warning!("QUEUE FILE NAMES WERE CHANGED TO MATCH INODE NUMBERS");
        if acted {
            log::fatal!("CHECK YOUR QUEUE IDS AND RE-ISSUE THE COMMAND");
        }
    }
    ExitCode::SUCCESS
}

/// The queues named on the command line, if any.
fn queues(operands: &[OsString]) -> Option<Vec<Queue>> {
    let named = operands.iter().map(|name| match Queue::named(name.as_bytes()) {
        Some(queue) => queue,
        None => log::fatal!("invalid directory name: {}", name.as_bytes().as_bstr()),
    });
    let named: Vec<Queue> = named.collect();
    (!named.is_empty()).then_some(named)
}

/// New files and directories shall be the mail owner's, and nothing here needs more privilege.
fn become_owner(name: &str) {
    let owner = match sys::user::by_name(name) {
        Ok(Some(owner)) => owner,
        Ok(None) => log::fatal!("mail_owner: user {name}: not found"),
        Err(error) => log::fatal!("mail_owner: user {name}: {}", sys::errno_text(&error)),
    };
    let uid = sys::user::real_uid();
    if uid == 0 {
        let changed = sys::user::become_for_good(&sys::user::Identity::plain(owner.uid, owner.gid));
        if let Err(error) = changed {
            log::fatal!("change identity to {name}: {}", sys::errno_text(&error));
        }
    } else if uid != owner.uid {
        log::fatal!("use of this command is reserved for the superuser");
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_options_are_the_references() {
        super::cli().debug_assert();
        assert_eq!(cli::letters(&super::cli()), "c:d:e:f:h:H:pr:sSv");
    }
}
