//! Takes files out of the active queue beside the loop. An unlink waits for the journal that cleanup's syncs keep
//! busy (1 ms measured on ext4), and scheduling does not have to. And what could not be moved or removed at once is
//! tried again here: nobody else looks into the active queue before the next start.
//!
//! Every recipient of a file that is removed is marked done on disk, so one that a crash leaves behind is removed by
//! the next queue manager, and never delivered again.

use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use spool::{Queue, QueueId, Spool};

/// How long a file rests after trouble with it.
const REST: Duration = Duration::from_secs(5);

/// What is to become of a file of the active queue.
#[derive(Debug, PartialEq, Eq)]
struct Job {
    id: QueueId,
    /// `None`: remove it.
    to: Option<Queue>,
}

/// Removes and moves files of the active queue.
pub struct Remover {
    /// `None` when no thread could be had: then files are removed at once.
    to: Option<Sender<Job>>,
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
        let job = Job { id, to: None };
        let left = match &self.to {
            Some(to) => to.send(job).err().map(|unsent| unsent.0),
            None => Some(job),
        };
        if let Some(job) = left {
            first(&self.spool, &job);
        }
    }

    /// Moves a file now, or when it can be done: the disk may be full, or in trouble.
    pub fn move_to(&self, id: &QueueId, queue: Queue) {
        let job = Job { id: id.clone(), to: Some(queue) };
        if !first(&self.spool, &job)
            && let Some(to) = &self.to
        {
            // Without the thread the next start of the queue manager finds it.
            let _ = to.send(job);
        }
    }
}

fn work(spool: &Spool, from: &Receiver<Job>) {
    // These lines are the queue manager's, not a session's.
    sys::thread::adopt_process_id();
    let mut left = Vec::new();
    loop {
        let next = match left.is_empty() {
            true => from.recv().map_err(RecvTimeoutError::from),
            false => from.recv_timeout(REST),
        };
        match next {
            Ok(job) if job.to.is_some() => left.push(job),
            Ok(job) => {
                if !first(spool, &job) {
                    left.push(job);
                }
            }
            Err(RecvTimeoutError::Timeout) => left.retain(|job| !settled(job, perform(spool, job))),
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

fn perform(spool: &Spool, job: &Job) -> io::Result<()> {
    match job.to {
        None => spool.remove(Queue::Active, &job.id),
        Some(queue) => spool.rename(&job.id, Queue::Active, queue),
    }
}

/// Does a job for the first time, and complains. False: it is to be tried again.
fn first(spool: &Spool, job: &Job) -> bool {
    let result = perform(spool, job);
    if let Err(error) = &result {
        let (id, why) = (&job.id, sys::errno_text(error));
        match job.to {
            None => log::warning!("remove active {id}: {why}"),
            Some(queue) => log::warning!("{id}: rename from active to {}: {why}", queue.name()),
        }
    }
    settled(job, result)
}

fn settled(job: &Job, result: io::Result<()>) -> bool {
    match result {
        Ok(()) if job.to.is_none() => log::info_line(&log::lines::removed(&job.id.to_string())),
        Ok(()) => {}
        // Somebody else took it away.
        Err(error) => return error.kind() == io::ErrorKind::NotFound,
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_moved_is_tried_again() {
        let root = std::env::temp_dir().join(format!("qmgr-remover.{}", std::process::id()));
        std::fs::create_dir_all(root.join("active")).unwrap();
        let spool = Spool::at(&root, "", 0, false);
        let id = QueueId::parse(b"5E1").unwrap();
        std::fs::write(spool.path(Queue::Active, &id), b"x").unwrap();
        let job = Job { id: id.clone(), to: Some(Queue::Deferred) };
        // A file stands where the directory should be.
        std::fs::write(root.join("deferred"), b"").unwrap();
        assert!(!first(&spool, &job));
        std::fs::remove_file(root.join("deferred")).unwrap();
        std::fs::create_dir(root.join("deferred")).unwrap();
        assert!(settled(&job, perform(&spool, &job)));
        assert!(spool.path(Queue::Deferred, &id).exists());
        assert!(first(&spool, &job), "what is gone is nobody's any more");
        std::fs::remove_dir_all(root).unwrap();
    }
}
