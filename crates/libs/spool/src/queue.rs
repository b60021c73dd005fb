//! The queue directories: where the file of a queue id is, moving it, removing it.

use crate::id::{self, QueueId};
use std::fmt;
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

/// A queue or log directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Queue {
    /// Local submissions before pickup(8).
    Maildrop,
    /// Kept until somebody releases it.
    Hold,
    /// Accepted, not seen by the queue manager yet.
    Incoming,
    /// Being delivered.
    Active,
    /// To be tried again.
    Deferred,
    /// Damaged files.
    Corrupt,
    /// Logs: why recipients failed.
    Bounce,
    /// Logs: why recipients wait.
    Defer,
    /// Logs: delivery reports.
    Trace,
    /// Queue ids by site.
    Flush,
}

impl Queue {
    /// All of them.
    pub const ALL: [Queue; 10] = [
        Queue::Maildrop,
        Queue::Hold,
        Queue::Incoming,
        Queue::Active,
        Queue::Deferred,
        Queue::Corrupt,
        Queue::Bounce,
        Queue::Defer,
        Queue::Trace,
        Queue::Flush,
    ];

    /// The directory's name.
    pub fn name(self) -> &'static str {
        match self {
            Queue::Maildrop => "maildrop",
            Queue::Hold => "hold",
            Queue::Incoming => "incoming",
            Queue::Active => "active",
            Queue::Deferred => "deferred",
            Queue::Corrupt => "corrupt",
            Queue::Bounce => "bounce",
            Queue::Defer => "defer",
            Queue::Trace => "trace",
            Queue::Flush => "flush",
        }
    }

    /// The queue of this name.
    pub fn named(name: &[u8]) -> Option<Queue> {
        Queue::ALL.into_iter().find(|queue| queue.name().as_bytes() == name)
    }
}

impl fmt::Display for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The spool: how its directories are laid out.
#[derive(Debug, Clone)]
pub struct Spool {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    root: PathBuf,
    hashed: Vec<String>,
    depth: usize,
    pub(crate) long_ids: bool,
    /// Buffers of files that are done.
    pub(crate) spare: Mutex<Vec<Vec<u8>>>,
    /// Held while a file is made under its name.
    pub(crate) creating: Mutex<()>,
    pub(crate) names_follow_fsync: OnceLock<bool>,
}

/// More levels than this make no sense and no parameter allows them.
const DEPTH_MAX: usize = 16;

impl Spool {
    /// The spool below the current directory. `hash_queue_names` as in main.cf, `depth` from
    /// `hash_queue_depth`, `long_ids` from `enable_long_queue_ids`.
    pub fn new(hash_queue_names: &str, depth: i64, long_ids: bool) -> Spool {
        Spool::at(Path::new(""), hash_queue_names, depth, long_ids)
    }

    /// A spool below another directory.
    pub fn at(root: &Path, hash_queue_names: &str, depth: i64, long_ids: bool) -> Spool {
        let separators = |c: char| c == ',' || c.is_ascii_whitespace();
        let hashed = hash_queue_names.split(separators).filter(|n| !n.is_empty()).map(String::from).collect();
        let depth = usize::try_from(depth).unwrap_or(0).min(DEPTH_MAX);
        let inner = Inner {
            root: root.into(),
            hashed,
            depth,
            long_ids,
            spare: Mutex::default(),
            creating: Mutex::default(),
            names_follow_fsync: OnceLock::new(),
        };
        Spool { inner: Arc::new(inner) }
    }

    /// A queue's directory.
    pub fn directory(&self, queue: Queue) -> PathBuf {
        self.inner.root.join(queue.name())
    }

    /// Levels of directories in a queue.
    pub fn depth(&self, queue: Queue) -> usize {
        if self.inner.hashed.iter().any(|name| name == queue.name()) { self.inner.depth } else { 0 }
    }

    /// The directory of an id's file.
    pub fn directory_of(&self, queue: Queue, name: &[u8]) -> PathBuf {
        let mut path = self.directory(queue);
        let depth = self.depth(queue);
        if depth > 0 {
            // Flush logs have site names, everything else ids.
            let text = if queue == Queue::Flush { name.into() } else { id::hash_text(name) };
            for level in 0..depth {
                let letter =
                    text.get(level).copied().filter(|&b| b.is_ascii_graphic() && b != b'.' && b != b'/');
                path.push(std::ffi::OsStr::from_bytes(&[letter.unwrap_or(b'_')]));
            }
        }
        path
    }

    /// The path of an id's file.
    pub fn path(&self, queue: Queue, name: impl AsRef<[u8]>) -> PathBuf {
        let name = name.as_ref();
        let mut path = self.directory_of(queue, name);
        path.push(std::ffi::OsStr::from_bytes(name));
        path
    }

    /// Makes the directories of an id's file, mode 0700.
    pub fn make_directories(&self, queue: Queue, name: &[u8]) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(self.directory_of(queue, name))
    }

    /// Moves a file to another queue under the same name.
    pub fn rename(&self, id: &QueueId, from: Queue, to: Queue) -> io::Result<()> {
        self.rename_as(from, id.as_ref(), to, id.as_ref())
    }

    /// Moves a file to another queue or name, making directories as needed.
    pub fn rename_as(&self, from: Queue, old: &[u8], to: Queue, new: &[u8]) -> io::Result<()> {
        let (source, target) = (self.path(from, old), self.path(to, new));
        match fs::rename(&source, &target) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && self.depth(to) > 0 => {
                // Either the source is gone or the target's directory was never made.
                fs::symlink_metadata(&source)?;
                self.make_directories(to, new)?;
                fs::rename(&source, &target)
            }
            other => other,
        }
    }

    /// Removes a file.
    pub fn remove(&self, queue: Queue, name: impl AsRef<[u8]>) -> io::Result<()> {
        fs::remove_file(self.path(queue, name))
    }

    /// Is there a file of that name, or something that cannot be looked at?
    pub fn holds(&self, queue: Queue, name: impl AsRef<[u8]>) -> bool {
        !matches!(fs::symlink_metadata(self.path(queue, name)), Err(error) if error.kind() == io::ErrorKind::NotFound)
    }

    /// Sets the root of relative paths, for messages.
    pub fn root(&self) -> &Path {
        &self.inner.root
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashed_paths() {
        let spool = Spool::new("deferred, defer,hold", 2, false);
        for (queue, name, path) in [
            (Queue::Deferred, "5E11098C1A8", "deferred/5/E/5E11098C1A8"),
            (Queue::Incoming, "5E11098C1A8", "incoming/5E11098C1A8"),
            (Queue::Hold, "5", "hold/5/_/5"),
            (Queue::Defer, "4z/x", "defer/4/z/4z/x"),
        ] {
            assert_eq!(spool.path(queue, name), PathBuf::from(path));
        }
        let long = QueueId::long(1_795_316_080, 385_296, 7);
        assert!(spool.path(Queue::Deferred, &long).starts_with("deferred/5/E"));
    }

    #[test]
    fn moving_makes_directories() {
        let root = std::env::temp_dir().join(format!("spool-queue.{}", std::process::id()));
        let spool = Spool::at(&root, "deferred", 1, false);
        let id = QueueId::parse(b"5E1").unwrap();
        spool.make_directories(Queue::Incoming, b"5E1").unwrap();
        fs::create_dir_all(spool.directory(Queue::Deferred)).unwrap();
        fs::write(spool.path(Queue::Incoming, &id), b"x").unwrap();
        spool.rename(&id, Queue::Incoming, Queue::Deferred).unwrap();
        assert!(spool.path(Queue::Deferred, &id).ends_with("deferred/5/5E1"));
        assert_eq!(
            spool.rename(&id, Queue::Incoming, Queue::Deferred).unwrap_err().kind(),
            io::ErrorKind::NotFound
        );
        spool.remove(Queue::Deferred, &id).unwrap();
        fs::remove_dir_all(root).unwrap();
    }
}
