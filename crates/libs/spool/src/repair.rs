//! What is put right before a mail system starts on a spool that was copied, restored or reshaped.
//!
//! - A file in the wrong directory (`hash_queue_names` or `hash_queue_depth` changed) moves to the
//!   right one.
//! - A message whose name does not have its inode number (the spool was copied) gets a name that
//!   has, and its logs with it. Two passes, so that names can change places: first everything is
//!   moved out of the way to `newname#FIX`, then the mark is taken off. A crash between leaves
//!   marked names, which the next run finishes.
//! - An unfinished file that nobody touched for a week is removed.
//!
//! Nothing here gives up because of one file: what cannot be put right is told and left.

use crate::id::{self, QueueId};
use crate::queue::{Queue, Spool};
use crate::scan::Walk;
use bstr::BString;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Queues of messages, whose names must have their inode numbers.
pub const MESSAGES: [Queue; 5] =
    [Queue::Maildrop, Queue::Incoming, Queue::Active, Queue::Deferred, Queue::Hold];

/// Logs that go by a message's name.
pub const LOGS: [Queue; 3] = [Queue::Bounce, Queue::Defer, Queue::Trace];

const MARK: &[u8] = b"#FIX";
const STALE: Duration = Duration::from_secs(7 * 86_400);

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Job {
    /// Remove unfinished files that are a week old.
    pub purge: bool,
    /// Put names and places right.
    pub structure: bool,
}

/// What happened, to be told.
#[derive(Debug)]
pub enum Event<'a> {
    /// A file was removed.
    Removed(&'a Path),
    /// A file was moved.
    Renamed(&'a Path, &'a Path),
    /// A name that no queue file has.
    Bogus(&'a Path),
    /// A message that will be renamed.
    Mismatch(&'a Path),
    /// Something could not be done.
    Failed(&'a str, &'a Path, &'a io::Error),
}

/// How much was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Done {
    /// Messages renamed to match their inode numbers.
    pub renamed: u32,
    /// Things that could not be done.
    pub failures: u32,
}

/// Goes through `queues` and tells `tell` what happens.
pub fn run(spool: &Spool, queues: &[Queue], job: Job, tell: &mut dyn FnMut(Event<'_>)) -> Done {
    let mut repair = Repair { spool, job, tell, done: Done::default(), marked: Vec::new() };
    for &queue in queues.iter().filter(|queue| MESSAGES.contains(queue)) {
        repair.queue(queue);
    }
    if job.structure {
        // Logs take the names that their messages got before they are looked at by themselves.
        repair.finish(queues);
    }
    for &queue in queues.iter().filter(|queue| !MESSAGES.contains(queue)) {
        repair.queue(queue);
    }
    repair.done
}

struct Repair<'a> {
    spool: &'a Spool,
    job: Job,
    tell: &'a mut dyn FnMut(Event<'_>),
    done: Done,
    /// Ids whose files carry the mark.
    marked: Vec<QueueId>,
}

impl Repair<'_> {
    fn queue(&mut self, queue: Queue) {
        for entry in Walk::new(self.spool.directory(queue)) {
            match entry {
                Ok(entry) => {
                    let name = BString::from(entry.file_name().as_bytes());
                    // Gone meanwhile: somebody else's business.
                    if let Ok(meta) = entry.metadata() {
                        self.file(queue, &entry.path(), &name, &meta);
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => self.failed("scan", &self.spool.directory(queue), &error),
            }
        }
    }

    fn file(&mut self, queue: Queue, path: &Path, name: &BString, meta: &Metadata) {
        if !meta.is_file() {
            return;
        }
        let is_message = MESSAGES.contains(&queue);
        let is_finished = meta.permissions().mode() & 0o100 != 0;
        if is_message && !is_finished {
            let age = meta.modified().ok().and_then(|then| SystemTime::now().duration_since(then).ok());
            if self.job.purge && age.is_some_and(|age| age > STALE) {
                self.remove(path);
            }
            return;
        }
        if !self.job.structure {
            return;
        }
        if let Some(id) = name.strip_suffix(MARK).and_then(QueueId::parse) {
            self.marked.push(id);
            return;
        }
        if queue == Queue::Flush {
            return; // named by site; a misplaced log is only a lost hint
        }
        if !id::is_legal(name) {
            (self.tell)(Event::Bogus(path));
            return;
        }
        let Some(id) = QueueId::parse(name) else { return };
        match id.inode() {
            // A name that no message ever had.
            None if is_message => (self.tell)(Event::Bogus(path)),
            // A long id is never given twice, so its inode number need not be the file's.
            Some(inode) if is_message && !id.is_long() && inode != meta.ino() => {
                self.mismatch(queue, path, &id, meta.ino())
            }
            _ => self.place(queue, path, name),
        }
    }

    /// Marks a message and its logs with the name to come.
    fn mismatch(&mut self, queue: Queue, path: &Path, old: &QueueId, inode: u64) {
        (self.tell)(Event::Mismatch(path));
        let new = old.with_inode(inode);
        let marked = [new.as_ref(), MARK].concat();
        // Logs first: as long as the message has its old name, a second run finds the rest.
        for log in LOGS {
            let from = self.spool.path(log, old);
            if from.exists() {
                self.rename(&from, log, &marked);
            }
        }
        if self.rename(path, queue, &marked) {
            self.done.renamed += 1;
        }
        self.marked.push(new);
    }

    /// Takes the marks off.
    fn finish(&mut self, queues: &[Queue]) {
        let mut marked = std::mem::take(&mut self.marked);
        marked.sort();
        marked.dedup();
        for id in marked {
            let name = [id.as_ref(), MARK].concat();
            for queue in LOGS.iter().chain(queues.iter().filter(|queue| MESSAGES.contains(queue))) {
                let from = self.spool.path(*queue, &name);
                if from.exists() {
                    self.rename(&from, *queue, id.as_ref());
                }
            }
        }
    }

    fn place(&mut self, queue: Queue, path: &Path, name: &[u8]) {
        if self.spool.path(queue, name) != path {
            self.rename(path, queue, name);
        }
    }

    fn rename(&mut self, from: &Path, queue: Queue, name: &[u8]) -> bool {
        let to: PathBuf = self.spool.path(queue, name);
        if to.symlink_metadata().is_ok() {
            // Never over another message.
            self.failed("rename", from, &io::ErrorKind::AlreadyExists.into());
            return false;
        }
        let moved = self.spool.make_directories(queue, name).and_then(|()| fs::rename(from, &to));
        match moved {
            Ok(()) => (self.tell)(Event::Renamed(from, &to)),
            Err(ref error) if error.kind() == io::ErrorKind::NotFound => return false,
            Err(ref error) => self.failed("rename", from, error),
        }
        moved.is_ok()
    }

    fn remove(&mut self, path: &Path) {
        match fs::remove_file(path) {
            Ok(()) => (self.tell)(Event::Removed(path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => self.failed("remove", path, &error),
        }
    }

    fn failed(&mut self, what: &str, path: &Path, error: &io::Error) {
        self.done.failures += 1;
        (self.tell)(Event::Failed(what, path, error));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::Permissions;

    const ALL: Job = Job { purge: true, structure: true };
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

    fn spool(name: &str) -> (PathBuf, Spool) {
        let root = std::env::temp_dir().join(format!("spool-repair-{name}.{}", std::process::id()));
        for queue in QUEUES {
            fs::create_dir_all(root.join(queue.name())).unwrap();
        }
        let spool = Spool::at(&root, "deferred defer", 1, false);
        (root, spool)
    }

    fn put(path: &Path, text: &str, mode: u32) -> u64 {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
        fs::metadata(path).unwrap().ino()
    }

    #[test]
    fn names_change_places_with_their_logs() {
        let (root, spool) = spool("swap");
        // Two messages that have each other's names, both with a log.
        let (a, b) = (root.join("x1"), root.join("x2"));
        let (ino_a, ino_b) = (put(&a, "a", 0o700), put(&b, "b", 0o700));
        let (id_a, id_b) = (QueueId::short(7, ino_a), QueueId::short(7, ino_b));
        for (file, id, log) in [(&a, &id_b, "log of a"), (&b, &id_a, "log of b")] {
            spool.make_directories(Queue::Deferred, id.as_ref()).unwrap();
            fs::rename(file, spool.path(Queue::Deferred, id)).unwrap();
            put(&spool.path(Queue::Defer, id), log, 0o600);
        }
        let done = run(&spool, &QUEUES, ALL, &mut |_| {});
        assert_eq!(done, Done { renamed: 2, failures: 0 });
        for (id, text, log) in [(&id_a, "a", "log of a"), (&id_b, "b", "log of b")] {
            assert_eq!(fs::read_to_string(spool.path(Queue::Deferred, id)).unwrap(), text);
            assert_eq!(fs::read_to_string(spool.path(Queue::Defer, id)).unwrap(), log);
        }
        assert_eq!(run(&spool, &QUEUES, ALL, &mut |_| panic!("nothing left")), Done::default());
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn long_ids_stay() {
        let (root, spool) = spool("long");
        let id = QueueId::long(1_795_316_080, 7, 1);
        put(&spool.path(Queue::Hold, &id), "m", 0o700);
        assert_eq!(run(&spool, &QUEUES, ALL, &mut |_| panic!("nothing to do")), Done::default());
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn a_crash_between_the_passes_is_finished() {
        let (root, spool) = spool("crash");
        let inode = put(&root.join("x"), "m", 0o700);
        let id = QueueId::short(7, inode);
        let marked = [id.as_ref(), MARK].concat();
        spool.make_directories(Queue::Deferred, &marked).unwrap();
        fs::rename(root.join("x"), spool.path(Queue::Deferred, &marked)).unwrap();
        put(&spool.path(Queue::Defer, &marked), "log", 0o600);
        run(&spool, &QUEUES, ALL, &mut |_| {});
        assert!(spool.path(Queue::Deferred, &id).exists() && spool.path(Queue::Defer, &id).exists());
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn places_strays_and_stale_files() {
        let (root, spool) = spool("places");
        let inode = put(&root.join("deferred/A/B/tmp"), "m", 0o700);
        let id = QueueId::short(0xabcde, inode);
        let wrong = root.join("deferred/A/B").join(id.to_string());
        fs::rename(root.join("deferred/A/B/tmp"), &wrong).unwrap();
        put(&root.join("incoming/bad.name"), "", 0o700);
        fs::create_dir(root.join("incoming/directory")).unwrap();
        let stale = root.join("incoming/123.456");
        put(&stale, "", 0o600);
        let old = SystemTime::now() - STALE - Duration::from_secs(60);
        fs::File::options().write(true).open(&stale).unwrap().set_modified(old).unwrap();
        let fresh = root.join("incoming/124.456");
        put(&fresh, "", 0o600);
        let mut bogus = 0;
        let done =
            run(&spool, &QUEUES, ALL, &mut |event| bogus += u32::from(matches!(event, Event::Bogus(_))));
        assert_eq!((done, bogus), (Done::default(), 1));
        assert!(spool.path(Queue::Deferred, &id).exists() && !wrong.exists());
        assert!(!stale.exists() && fresh.exists());
        fs::remove_dir_all(root).unwrap();
    }
}
