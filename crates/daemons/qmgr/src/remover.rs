//! Removes queue files that are done with, beside the loop: an unlink waits for the journal that cleanup's syncs keep
//! busy (1 ms measured on ext4), and scheduling does not have to.
//!
//! Every recipient of such a file is marked done on disk, so one that a crash leaves behind is removed by the next
//! queue manager, and never delivered again.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use spool::{Queue, QueueId, Spool};

/// Removes files of the active queue.
pub struct Remover {
    /// `None` when no thread could be had: then files are removed at once.
    to: Option<Sender<QueueId>>,
    spool: Spool,
}

impl Remover {
    /// Starts the thread.
    pub fn start(spool: &Spool) -> Remover {
        let (to, from) = channel();
        let theirs = spool.clone();
        let started = thread::Builder::new().name("qmgr".into()).spawn(move || work(&theirs, &from));
        Remover { to: started.is_ok().then_some(to), spool: spool.clone() }
    }

    /// Removes a file and says so in the log, soon.
    pub fn remove(&self, id: QueueId) {
        let left = match &self.to {
            Some(to) => to.send(id).err().map(|unsent| unsent.0),
            None => Some(id),
        };
        if let Some(id) = left {
            remove(&self.spool, &id);
        }
    }
}

fn work(spool: &Spool, from: &Receiver<QueueId>) {
    // These lines are the queue manager's, not a session's.
    sys::thread::adopt_process_id();
    while let Ok(id) = from.recv() {
        remove(spool, &id);
    }
}

fn remove(spool: &Spool, id: &QueueId) {
    match spool.remove(Queue::Active, id) {
        Ok(()) => log::info_line(&log::lines::removed(&id.to_string())),
        Err(error) => log::warning!("remove active {id}: {}", sys::errno_text(&error)),
    }
}
