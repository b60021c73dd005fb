//! Repair of the queue, as every start does it.

use spool::repair::{self, Event, Job};
use spool::{Queue, Spool};

/// The queues that are looked through when none is named.
const QUEUES: [Queue; 8] = [
    Queue::Maildrop,
    Queue::Incoming,
    Queue::Active,
    Queue::Deferred,
    Queue::Hold,
    Queue::Bounce,
    Queue::Defer,
    Queue::Trace,
];

/// Repairs; returns how many messages were renamed.
pub fn run(spool: &Spool, queues: Option<&[Queue]>, job: Job) -> u32 {
    let done = repair::run(spool, queues.unwrap_or(&QUEUES), job, &mut |event| match event {
        Event::Removed(path) => log::debug!("removed file {}", path.display()),
        Event::Renamed(from, to) => log::debug!("renamed file {} as {}", from.display(), to.display()),
        Event::Bogus(path) => log::warning!("bogus file name: {}", path.display()),
        Event::Mismatch(path) => log::debug!("name/inode mismatch: {}", path.display()),
        Event::Failed(what, path, error) => {
            log::warning!("{what} file {}: {}", path.display(), sys::errno_text(error));
        }
    });
    done.renamed
}
