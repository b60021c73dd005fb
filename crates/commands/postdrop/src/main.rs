//! postdrop(1): puts a message into the maildrop queue, for users who may not write there.
//!
//! Runs set-gid, started by sendmail(1) with the message as records on its standard input; the
//! answer goes to standard output as attributes. Nothing of the input is believed: records are of
//! the types that a user's mail may have, attributes of the names that a user may set, sizes are
//! counted, and a file that does not reach its end is removed.

mod intake;
mod sender;

use bstr::{BString, ByteSlice};
use config::params::{AUTHORIZED_SUBMIT_USERS, PICKUP_SERVICE_NAME};
use intake::{Intake, Refused};
use ipc::cleanup::{Status, stat};
use ipc::postdrop::Opening;
use spool::Queue;
use std::io::{self, BufReader, Write};
use std::process::ExitCode;

const HELP: &str = "postdrop [-c config_dir] [-rv]\n\
    Creates a file in the maildrop queue from records on standard input.\n  \
    -c DIR  configuration directory\n  \
    -r      accepted for compatibility: input is always records\n  \
    -v      verbose logging, for the super-user";

fn main() -> ExitCode {
    command::begin("postdrop");
    command::answer("postdrop", HELP);
    // Mail is either complete or removed: what a terminal or a limit sends does not end us halfway.
    // The sender's death does, as the end of the input.
    for signal in
        [sys::signal::HUP, sys::signal::INT, sys::signal::QUIT, sys::signal::TERM, sys::signal::PIPE]
    {
        let _ = sys::signal::ignore(signal);
    }
    let _ = sys::signal::ignore(sys::signal::XFSZ);
    sys::fs::umask(0o022);

    let usage = "usage: postdrop [-c config_dir] [-v]";
    // compat: operands are of no concern
    let options = command::options("c:rv", usage);
    let uid = sys::user::real_uid();
    if uid != 0 {
        log::set_verbose(0);
    }
    let config = command::configure("postdrop", options.value('c'));
    command::enter_queue_directory(config);
    // The caller's environment is not ours: nothing below consults it.
    match command::access::is_listed(AUTHORIZED_SUBMIT_USERS.name(), config.get(AUTHORIZED_SUBMIT_USERS), uid)
    {
        Ok(true) => {}
        Ok(false) => {
            let name = command::access::user_name(uid);
            log::fatal!("User {name}({uid}) is not allowed to submit mail");
        }
        Err(error) => log::fatal!("{error}"),
    }

    let senders = sender::Senders::of(config, uid).unwrap_or_else(|why| log::fatal!("uid={uid}: {why}"));

    let file = match command::spool(config).create(Queue::Maildrop) {
        Ok(file) => file,
        Err(error) => log::fatal!("uid={uid}: {}", sys::errno_text(&error)),
    };
    if reply(&Opening { queue_id: file.id().as_bytes().into() }).is_err() {
        return ExitCode::FAILURE;
    }
    let intake = Intake::new(file, config, uid, senders);
    let mut reason = BString::default();
    let status = match intake.copy(BufReader::with_capacity(64 * 1024, io::stdin().lock())) {
        Ok(file) => commit(file),
        Err(Refused::Canceled) => return ExitCode::SUCCESS,
        Err(Refused::Malformed(why)) => log::fatal!("uid={uid}: {why}"),
        Err(Refused::TooBig) => {
            log::warning!("uid={uid}: {}", sys::strerror(sys::FILE_TOO_LARGE));
            stat::SIZE
        }
        Err(Refused::Sender(sender)) => {
            reason = format!("not authorized to use sender='{}'", sender.as_bstr()).into();
            log::warning!("uid={uid}: {reason}");
            stat::NOPERM
        }
        Err(Refused::Write(error)) => {
            log::warning!("uid={uid}: {}", sys::errno_text(&error));
            stat::WRITE
        }
    };
    if status == stat::OK {
        let pickup = ipc::Place::public(config.get(PICKUP_SERVICE_NAME));
        // The queue is looked through once a minute anyway; without a mail system running nobody listens.
        let _ = ipc::trigger::send(&pickup, &[ipc::trigger::WAKEUP]);
    }
    match reply(&Status { status, reason }) {
        Ok(()) => ExitCode::from(u8::try_from(status & 0xff).unwrap_or(1)),
        Err(_) => ExitCode::FAILURE,
    }
}

/// pickup(8) may run with another identity in a jail; whoever may enter the directory may read.
const MODE: u32 = 0o044;

fn commit(file: spool::NewFile) -> i32 {
    match file.commit(MODE) {
        Ok(_) => stat::OK,
        Err(error) => {
            log::warning!("write queue file: {}", sys::errno_text(&error));
            stat::WRITE
        }
    }
}

fn reply(message: &impl ipc::Message) -> io::Result<()> {
    let mut wire = Vec::new();
    ipc::encode(message, &mut wire);
    let mut out = io::stdout().lock();
    out.write_all(&wire)?;
    out.flush()
}
