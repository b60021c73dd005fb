//! What is done to single messages.

use bstr::ByteSlice;
use bstr::io::BufReadExt;
use spool::{Queue, QueueId, Spool};
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::SystemTime;

/// An action on a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    Delete,
    Expire,
    ExpireAndRelease,
    Hold,
    Release,
    Requeue,
}

impl Action {
    /// The action of an option letter.
    pub fn of(letter: char) -> Option<Action> {
        Some(match letter {
            'd' => Action::Delete,
            'e' => Action::Expire,
            'f' => Action::ExpireAndRelease,
            'h' => Action::Hold,
            'H' => Action::Release,
            'r' => Action::Requeue,
            _ => return None,
        })
    }

    /// The queues in which a message is looked for when the command line names none.
    fn queues(self) -> &'static [Queue] {
        match self {
            Action::Delete => {
                &[Queue::Maildrop, Queue::Hold, Queue::Incoming, Queue::Active, Queue::Deferred]
            }
            Action::Expire | Action::ExpireAndRelease => {
                &[Queue::Hold, Queue::Incoming, Queue::Active, Queue::Deferred]
            }
            Action::Hold => &[Queue::Incoming, Queue::Active, Queue::Deferred],
            Action::Release => &[Queue::Hold],
            Action::Requeue => &[Queue::Hold, Queue::Incoming, Queue::Active, Queue::Deferred],
        }
    }
}

/// How many messages were acted on; `None` where nobody asked.
#[derive(Debug, Default)]
pub struct Tally {
    requeued: Option<u32>,
    deleted: Option<u32>,
    expired: Option<u32>,
    held: Option<u32>,
    released: Option<u32>,
}

impl Tally {
    /// The summary.
    pub fn tell(&self) {
        for (what, count) in [
            ("Requeued", self.requeued),
            ("Deleted", self.deleted),
            ("Force-expired", self.expired),
            ("Placed on hold", self.held),
            ("Released from hold", self.released),
        ] {
            if let Some(count) = count {
                log::info!("{what}: {count} message{}", plural(count));
            }
        }
    }

    fn ask(&mut self, action: Action) {
        let asked: &mut [&mut Option<u32>] = match action {
            Action::Delete => &mut [&mut self.deleted],
            Action::Expire => &mut [&mut self.expired],
            Action::ExpireAndRelease => &mut [&mut self.expired, &mut self.released],
            Action::Hold => &mut [&mut self.held],
            Action::Release => &mut [&mut self.released],
            Action::Requeue => &mut [&mut self.requeued],
        };
        for count in asked {
            count.get_or_insert(0);
        }
    }
}

fn add(count: &mut Option<u32>) {
    *count = Some(count.unwrap_or(0) + 1);
}

/// The ending of a counted noun.
pub fn plural(count: u32) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// Acts on the message or messages that `value` names: an id, `-`, `ALL`.
pub fn run(spool: &Spool, action: Action, value: &[u8], named: Option<&[Queue]>, tally: &mut Tally) {
    tally.ask(action);
    let own = action.queues();
    // Of the queues that the command line names, those in which the action makes sense.
    let queues: Vec<Queue> = match named {
        Some(named) => named.iter().copied().filter(|queue| own.contains(queue)).collect(),
        None => own.to_vec(),
    };
    match value {
        b"ALL" => {
            for &queue in &queues {
                for found in spool.scan(queue) {
                    match found {
                        Ok(found) => one(spool, action, &[queue], &found.id, false, tally),
                        Err(error) => log::warning!("scan {queue}: {}", sys::errno_text(&error)),
                    }
                }
            }
        }
        b"-" => {
            let read = io::stdin().lock().for_byte_line(|line| {
                if !line.trim_ascii().is_empty() {
                    by_name(spool, action, &queues, line.trim_ascii(), tally);
                }
                Ok(true)
            });
            if let Err(error) = read {
                log::fatal!("standard input: {}", sys::errno_text(&error));
            }
        }
        name => by_name(spool, action, &queues, name, tally),
    }
}

fn by_name(spool: &Spool, action: Action, queues: &[Queue], name: &[u8], tally: &mut Tally) {
    match QueueId::parse(name) {
        Some(id) => one(spool, action, queues, &id, true, tally),
        None => log::warning!("invalid mail queue id: {}", name.as_bstr()),
    }
}

/// Acts on a message. compat: with ALL only the summary is told (`each` is false).
fn one(spool: &Spool, action: Action, queues: &[Queue], id: &QueueId, each: bool, tally: &mut Tally) {
    let tell = |what: &str| {
        if each {
            log::info!("{id}: {what}");
        }
    };
    match action {
        Action::Delete => {
            if delete(spool, queues, id) {
                tell("removed");
                add(&mut tally.deleted);
            }
        }
        Action::Hold => {
            if move_to(spool, queues, id, Queue::Hold) {
                tell("placed on hold");
                add(&mut tally.held);
            }
        }
        Action::Release => {
            if move_to(spool, queues, id, Queue::Deferred) {
                tell("released from hold");
                add(&mut tally.released);
            }
        }
        Action::Requeue => {
            if move_to(spool, queues, id, Queue::Maildrop) {
                // As new mail it has no history, and is due now.
                touch(&spool.path(Queue::Maildrop, id), id);
                tell("requeued");
                add(&mut tally.requeued);
            }
        }
        Action::Expire | Action::ExpireAndRelease => {
            if expire(spool, queues, id) {
                tell("expired");
                add(&mut tally.expired);
            }
            if action == Action::ExpireAndRelease && move_to(spool, &[Queue::Hold], id, Queue::Deferred) {
                tell("released from hold");
                add(&mut tally.released);
            }
        }
    }
}

/// Looks twice: a message that changes queue behind our back is found the second time.
fn find(
    queues: &[Queue],
    mut attempt: impl FnMut(Queue) -> io::Result<()>,
    told: &dyn Fn(Queue) -> String,
) -> bool {
    for &queue in queues.iter().chain(queues) {
        match attempt(queue) {
            Ok(()) => return true,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => log::warning!("{}: {}", told(queue), sys::errno_text(&error)),
        }
    }
    false
}

fn delete(spool: &Spool, queues: &[Queue], id: &QueueId) -> bool {
    // The logs first: without its message nobody would ever remove them.
    let exists = queues.iter().any(|&queue| spool.path(queue, id).symlink_metadata().is_ok());
    if exists {
        for log in spool::repair::LOGS {
            match spool.remove(log, id) {
                Ok(()) => log::debug!("removed file {}", spool.path(log, id).display()),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => {
                    log::warning!(
                        "remove file {}: {}",
                        spool.path(log, id).display(),
                        sys::errno_text(&error)
                    );
                }
            }
        }
    }
    find(queues, |queue| spool.remove(queue, id), &|queue| {
        format!("remove file {}", spool.path(queue, id).display())
    })
}

fn move_to(spool: &Spool, queues: &[Queue], id: &QueueId, target: Queue) -> bool {
    find(queues, |queue| spool.rename(id, queue, target), &|queue| {
        format!("rename file {} as {}", spool.path(queue, id).display(), spool.path(target, id).display())
    })
}

/// The group's execute bit tells the queue manager.
const EXPIRE: u32 = 0o010;

fn expire(spool: &Spool, queues: &[Queue], id: &QueueId) -> bool {
    let mut is_new = false;
    let mark = |queue| {
        let path = spool.path(queue, id);
        let mode = fs::symlink_metadata(&path)?.permissions().mode();
        match mode & EXPIRE {
            0 => fs::set_permissions(&path, Permissions::from_mode(mode | EXPIRE)).map(|()| is_new = true),
            _ => Ok(()),
        }
    };
    find(queues, mark, &|queue| format!("expire file {}", spool.path(queue, id).display())) && is_new
}

fn touch(path: &Path, id: &QueueId) {
    let touched =
        fs::File::options().write(true).open(path).and_then(|file| file.set_modified(SystemTime::now()));
    if let Err(error) = touched {
        log::warning!("{id}: reset time stamps: {}", sys::errno_text(&error));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_move_and_go_with_their_logs() {
        let root = std::env::temp_dir().join(format!("postsuper-act.{}", std::process::id()));
        for queue in Queue::ALL {
            fs::create_dir_all(root.join(queue.name())).unwrap();
        }
        let spool = Spool::at(&root, "deferred defer", 1, false);
        let id = QueueId::parse(b"5E1A").unwrap();
        let mut tally = Tally::default();
        fs::write(spool.path(Queue::Active, &id), b"").unwrap();
        for (action, place) in [
            (Action::Hold, Queue::Hold),
            (Action::Release, Queue::Deferred),
            (Action::Expire, Queue::Deferred),
            (Action::Requeue, Queue::Maildrop),
        ] {
            run(&spool, action, b"5E1A", None, &mut tally);
            assert!(spool.path(place, &id).exists(), "{action:?}");
        }
        spool.append_status(Queue::Defer, &id, &spool::status_log::Entry::default(), true).unwrap();
        run(&spool, Action::Delete, b"ALL", Some(&[Queue::Hold]), &mut tally);
        assert!(spool.path(Queue::Maildrop, &id).exists());
        run(&spool, Action::Delete, b"ALL", None, &mut tally);
        assert!(!spool.path(Queue::Maildrop, &id).exists() && !spool.path(Queue::Defer, &id).exists());
        run(&spool, Action::Delete, b"../x", None, &mut tally);
        let Tally { requeued, deleted, expired, held, released } = tally;
        assert_eq!([requeued, deleted, expired, held, released], [Some(1); 5]);
        fs::remove_dir_all(root).unwrap();
    }
}
