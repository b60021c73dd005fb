//! Runs over a queue directory, one file at a time. A run that is asked for while one is going on
//! follows it.

use spool::scan::Scan as Walk;
use spool::{Queue, QueueId, Spool};

/// The runs over one queue.
pub struct Scan {
    queue: Queue,
    walk: Option<Walk>,
    /// Time stamps in the future do not count, in this run.
    pub all: bool,
    /// Dead destinations and `defer_transports` do not count, in this run.
    pub flush: bool,
    again: bool,
    next_all: bool,
    next_flush: bool,
}

/// What somebody asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// Begin a run.
    pub start: bool,
    /// Files whose time has not come, too.
    pub all: bool,
    /// Mail for dead destinations, too.
    pub flush: bool,
}

impl Scan {
    /// No run yet.
    pub fn new(queue: Queue) -> Scan {
        Scan { queue, walk: None, all: false, flush: false, again: false, next_all: false, next_flush: false }
    }

    /// The queue.
    pub fn queue(&self) -> Queue {
        self.queue
    }

    /// A run is going on.
    pub fn is_running(&self) -> bool {
        self.walk.is_some()
    }

    /// Takes a request: a run that is going on honours its modifiers at once, too.
    pub fn request(&mut self, request: Request, spool: &Spool) {
        self.next_all |= request.all;
        self.next_flush |= request.flush;
        if self.walk.is_some() {
            self.all |= request.all;
            self.flush |= request.flush;
            self.again |= request.start;
        } else if request.start {
            self.begin(spool);
        }
    }

    fn begin(&mut self, spool: &Spool) {
        self.walk = Some(spool.scan(self.queue));
        self.all = std::mem::take(&mut self.next_all);
        self.flush = std::mem::take(&mut self.next_flush);
        self.again = false;
    }

    /// The next file of the run, if one is going on.
    pub fn next(&mut self, spool: &Spool) -> Option<QueueId> {
        loop {
            match self.walk.as_mut()?.next() {
                Some(Ok(found)) => return Some(found.id),
                Some(Err(error)) => {
                    log::warning!("open directory {}: {}", self.queue.name(), sys::errno_text(&error));
                    self.walk = None;
                    return None;
                }
                None if self.again => self.begin(spool),
                None => {
                    self.walk = None;
                    return None;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_meet_a_run() {
        let root = std::env::temp_dir().join(format!("qmgr-scan.{}", std::process::id()));
        std::fs::create_dir_all(root.join("incoming")).unwrap();
        for name in ["A1", "A2"] {
            std::fs::write(root.join("incoming").join(name), "").unwrap();
        }
        let spool = Spool::at(&root, "", 1, false);
        let mut scan = Scan::new(Queue::Incoming);
        assert_eq!(scan.next(&spool), None);
        scan.request(Request { all: true, ..Request::default() }, &spool);
        assert!(!scan.is_running(), "a modifier begins nothing");
        scan.request(Request { start: true, ..Request::default() }, &spool);
        assert!(scan.is_running() && scan.all);
        let mut seen = 0;
        while scan.next(&spool).is_some() {
            seen += 1;
            if seen == 1 {
                scan.request(Request { start: true, flush: true, ..Request::default() }, &spool);
                assert!(scan.flush);
            }
            if seen == 3 {
                assert!(!scan.all && scan.flush, "the next run has only what was asked of it");
            }
        }
        assert_eq!(seen, 4);
        std::fs::remove_dir_all(root).unwrap();
    }
}
