//! pickup(8): brings mail from the maildrop queue to cleanup(8).
//!
//! Awake when postdrop(1) says so, and once a minute. What lies in the maildrop was put there by
//! users, so a file is trusted in nothing: not its type, not its records. A file that is no mail
//! is removed or passed over with a warning and never keeps the others waiting.

mod copy;
mod options;

use config::params::{
    CLEANUP_SERVICE_NAME, CONTENT_FILTER, INFO_LOG_ADDRESS_FORMAT, LINE_LENGTH_LIMIT, MAIL_NAME, MYHOSTNAME,
    RECEIVE_OVERRIDE_OPTIONS, SMTPUTF8_AUTODETECT_CLASSES, SMTPUTF8_ENABLE,
};
use copy::{Fate, Source};
use daemon::Context;
use ipc::Peer;
use spool::{Queue, QueueId, Ready, Spool};
use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

struct State {
    spool: Spool,
    /// What cleanup(8) shall do with this mail.
    flags: i32,
    /// Whose files come out of another queue (`postsuper -r`).
    mail_owner: u32,
}

fn main() -> ExitCode {
    daemon::triggered("pickup")
        .parameters(&[
            CLEANUP_SERVICE_NAME.into(),
            CONTENT_FILTER.into(),
            INFO_LOG_ADDRESS_FORMAT.into(),
            LINE_LENGTH_LIMIT.into(),
            MAIL_NAME.into(),
            MYHOSTNAME.into(),
            RECEIVE_OVERRIDE_OPTIONS.into(),
            SMTPUTF8_AUTODETECT_CLASSES.into(),
            SMTPUTF8_ENABLE.into(),
        ])
        .solitary()
        .before_jail(|setup| {
            if let Some(argument) = setup.args.first() {
                return Err(config::ConfigError::new(format!(
                    "unexpected command-line argument: {argument}"
                )));
            }
            let owner = setup.config.get(config::params::MAIL_OWNER);
            let mail_owner = sys::user::by_name(owner).ok().flatten().map_or(u32::MAX, |user| user.uid);
            Ok(State {
                spool: layout(setup.config),
                flags: options::cleanup_flags(setup.config)?,
                mail_owner,
            })
        })
        .on_trigger(service)
}

fn layout(config: &config::Config) -> Spool {
    use config::params::{ENABLE_LONG_QUEUE_IDS, HASH_QUEUE_DEPTH, HASH_QUEUE_NAMES};
    Spool::new(config.get(HASH_QUEUE_NAMES), config.get(HASH_QUEUE_DEPTH), config.get(ENABLE_LONG_QUEUE_IDS))
}

/// Goes through the queue until a whole pass brings nothing.
fn service(context: &mut Context<State>, _why: &[u8]) {
    // One connection for all messages of a run; closed afterwards, for others need the server too.
    let mut kept = None;
    loop {
        let mut moved = 0;
        for found in context.state.spool.scan(Queue::Maildrop) {
            match found {
                Ok(found) => moved += usize::from(file(context, &found.id, &mut kept)),
                Err(error) => {
                    log::warning!("open directory maildrop: {}", sys::errno_text(&error));
                    return;
                }
            }
        }
        if moved == 0 {
            return;
        }
    }
}

/// Takes one file on; true when it is gone from the queue.
fn file(context: &Context<State>, id: &QueueId, kept: &mut Option<Peer>) -> bool {
    let spool = &context.state.spool;
    match spool.ready(Queue::Maildrop, id) {
        Ok(Ready::Yes { .. }) => {}
        Ok(Ready::NotComplete) | Err(_) => return false,
        Ok(Ready::NotOurs(why)) => {
            log::warning!("{why}");
            return false;
        }
    }
    let source = match open(context, id) {
        Ok(source) => source,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return false,
        Err(error) => {
            log::warning!("open input file maildrop/{id}: {}", sys::errno_text(&error));
            return false;
        }
    };
    warn_about_date(id, source.modified);
    match copy::copy(context.config, context.state.flags, source, kept) {
        Fate::Keep => false,
        Fate::Remove => match spool.remove(Queue::Maildrop, id) {
            Ok(()) => true,
            Err(error) => {
                log::warning!(
                    "remove {}: {}",
                    spool.path(Queue::Maildrop, id).display(),
                    sys::errno_text(&error)
                );
                false
            }
        },
    }
}

fn open(context: &Context<State>, id: &QueueId) -> io::Result<Source> {
    let path = context.state.spool.path(Queue::Maildrop, id);
    // Not to follow a link, and not to wait for somebody at the other end of a FIFO.
    let flags = sys::file::O_NOFOLLOW | sys::file::O_NONBLOCK;
    let file = OpenOptions::new().read(true).custom_flags(flags).open(&path)?;
    let meta = file.metadata()?;
    if !meta.is_file() || meta.nlink() != 1 {
        return Err(io::Error::other("not a regular file with one link"));
    }
    let modified = meta.modified()?;
    // What the system wrote is closed to others, what postdrop wrote is not: where one user is both, that tells.
    let requeued = meta.uid() == context.state.mail_owner && meta.mode() & 0o004 == 0;
    Ok(Source { file, path, name: id.clone(), uid: meta.uid(), modified, requeued })
}

/// Mail dated ahead is not held back here, but says that a clock is wrong; old mail, that nobody
/// ran the mail system.
fn warn_about_date(id: &QueueId, modified: SystemTime) {
    const DAY: Duration = Duration::from_secs(86_400);
    let now = SystemTime::now();
    match modified.duration_since(now) {
        Ok(ahead) if ahead > Duration::from_secs(2) => {
            log::warning!("maildrop: message {id} dated {} seconds into the future", ahead.as_secs());
        }
        Ok(_) => {}
        Err(behind) if behind.duration() > DAY => {
            log::warning!(
                "maildrop: message {id} has been queued for {} days",
                behind.duration().as_secs() / DAY.as_secs()
            );
        }
        Err(_) => {}
    }
}
