//! All queue ids of a queue, one after another, in whatever directories they lie.

use crate::id::QueueId;
use crate::queue::{Queue, Spool};
use std::fs::{self, DirEntry, ReadDir};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

/// A walk through a queue. Holds one open directory a level; files may come and go meanwhile.
#[derive(Debug)]
pub struct Scan {
    walk: Walk,
}

/// An entry that [`Scan`] came upon.
#[derive(Debug)]
pub struct Found {
    /// The id.
    pub id: QueueId,
    /// Where it really lies, which need not be where it belongs.
    pub path: PathBuf,
}

impl Spool {
    /// Walks through a queue. Names that are no queue ids are passed over.
    pub fn scan(&self, queue: Queue) -> Scan {
        Scan { walk: Walk::new(self.directory(queue)) }
    }
}

impl Iterator for Scan {
    type Item = io::Result<Found>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.walk.next()? {
                Err(error) => return Some(Err(error)),
                Ok(entry) => {
                    if let Some(id) = QueueId::parse(entry.file_name().as_bytes()) {
                        return Some(Ok(Found { id, path: entry.path() }));
                    }
                }
            }
        }
    }
}

/// A walk over everything in a queue but its directories of hashed names.
#[derive(Debug)]
pub(crate) struct Walk {
    levels: Vec<ReadDir>,
    start: Option<PathBuf>,
}

/// Directories inside directories before a walk turns back.
const LEVELS_MAX: usize = 64;

impl Walk {
    pub(crate) fn new(directory: PathBuf) -> Walk {
        Walk { levels: Vec::new(), start: Some(directory) }
    }
}

impl Iterator for Walk {
    type Item = io::Result<DirEntry>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(start) = self.start.take() {
            match fs::read_dir(&start) {
                Ok(level) => self.levels.push(level),
                Err(error) => return Some(Err(error)),
            }
        }
        while let Some(level) = self.levels.last_mut() {
            let entry = match level.next() {
                None => {
                    self.levels.pop();
                    continue;
                }
                Some(Err(error)) => {
                    self.levels.pop();
                    return Some(Err(error));
                }
                Some(Ok(entry)) => entry,
            };
            // One letter is a directory of hashed names; queue ids are longer.
            if entry.file_name().len() == 1 {
                if self.levels.len() < LEVELS_MAX && entry.file_type().is_ok_and(|t| t.is_dir()) {
                    // It may have gone, or not be ours to read: then there is nothing in it for us.
                    if let Ok(level) = fs::read_dir(entry.path()) {
                        self.levels.push(level);
                    }
                }
                continue;
            }
            return Some(Ok(entry));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walks_hashed_and_misplaced_files() {
        let root = std::env::temp_dir().join(format!("spool-scan.{}", std::process::id()));
        for dir in ["deferred/A/B", "deferred/C"] {
            fs::create_dir_all(root.join(dir)).unwrap();
        }
        for file in ["deferred/A/B/AB1", "deferred/C/C22", "deferred/XYZ", "deferred/12.34", "deferred/_"] {
            fs::write(root.join(file), b"").unwrap();
        }
        let spool = Spool::at(&root, "deferred", 1, false);
        let mut ids: Vec<String> = spool.scan(Queue::Deferred).map(|f| f.unwrap().id.to_string()).collect();
        ids.sort();
        assert_eq!(ids, ["AB1", "C22", "XYZ"]);
        assert!(spool.scan(Queue::Hold).next().unwrap().is_err());
        fs::remove_dir_all(root).unwrap();
    }
}
