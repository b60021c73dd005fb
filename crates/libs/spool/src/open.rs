//! An existing queue file: opened for delivery, locked, marked.

use crate::id::QueueId;
use crate::queue::{Queue, Spool};
use crate::record::{Follower, Reader, kind};
use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::os::unix::fs::{FileExt, FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::sync::Arc;

/// A queue file, for all threads that deliver it.
#[derive(Debug, Clone)]
pub struct QueueFile {
    file: Arc<File>,
    queue: Queue,
    id: QueueId,
}

/// Permission bit of a file that flush(8) wants delivered although its destination looks dead.
pub const UNTHROTTLE: u32 = 0o040;
/// Permission bit of a file that `postsuper -e` wants returned to its sender without another try.
pub const EXPIRE: u32 = 0o010;

/// What a look at a queue file before opening it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ready {
    /// A complete message.
    Yes {
        /// Last change, seconds since 1970: the queue manager leaves files alone that are dated ahead.
        modified: i64,
        /// Bytes.
        length: u64,
        /// Permission bits; [`UNTHROTTLE`] among them asks for delivery in any case.
        mode: u32,
    },
    /// Still being written, or marked corrupt.
    NotComplete,
    /// No queue file at all; the text says why.
    NotOurs(String),
}

impl Spool {
    /// Looks whether an id's file is a complete message.
    pub fn ready(&self, queue: Queue, id: &QueueId) -> io::Result<Ready> {
        let path = self.path(queue, id);
        let meta = std::fs::symlink_metadata(&path)?;
        if !meta.is_file() {
            let what = if meta.file_type().is_fifo() { "a FIFO" } else { "not a regular file" };
            return Ok(Ready::NotOurs(format!("{}: uid {}: {what}", path.display(), meta.uid())));
        }
        if meta.mode() & 0o100 == 0 {
            return Ok(Ready::NotComplete);
        }
        if meta.nlink() > 1 {
            return Ok(Ready::NotOurs(format!("{}: file has {} hard links", path.display(), meta.nlink())));
        }
        Ok(Ready::Yes { modified: meta.mtime(), length: meta.len(), mode: meta.mode() & 0o7777 })
    }

    /// Opens an id's file for reading and marking.
    pub fn open(&self, queue: Queue, id: &QueueId) -> io::Result<QueueFile> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(sys::file::O_NOFOLLOW)
            .open(self.path(queue, id))?;
        Ok(QueueFile { file: Arc::new(file), queue, id: id.clone() })
    }
}

impl QueueFile {
    /// The queue it was opened in.
    pub fn queue(&self) -> Queue {
        self.queue
    }

    /// The queue id.
    pub fn id(&self) -> &QueueId {
        &self.id
    }

    /// The file.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Locks the file as long as any clone lives: shared for a delivery, exclusive for the queue
    /// manager's first look. Held by another, it is `WouldBlock`.
    pub fn lock(&self, lock: sys::file::Lock) -> io::Result<()> {
        sys::file::flock(&*self.file, lock, false)
    }

    /// The records from `offset` on, as they are.
    pub fn records(&self, offset: u64) -> Reader<BufReader<FileCursor>> {
        let cursor = FileCursor { file: Arc::clone(&self.file), offset };
        Reader::at(BufReader::with_capacity(READ_SIZE, cursor), offset)
    }

    /// The records from `offset` on, with pointers followed.
    pub fn follow(&self, offset: u64) -> Follower<BufReader<FileCursor>> {
        Follower::new(self.records(offset))
    }

    /// Marks the recipient whose record is at `offset` done. One byte in place: a crash leaves it
    /// either to do or done.
    pub fn mark_done(&self, offset: u64) -> io::Result<()> {
        let mut found = [0];
        self.file.read_exact_at(&mut found, offset)?;
        match found {
            [kind::RCPT] => self.file.write_all_at(&[kind::DONE], offset),
            [kind::DONE] => Ok(()),
            _ => Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("no recipient record at offset {offset}"),
            )),
        }
    }

    /// Overwrites data of fixed width in place (warning time, size record).
    pub fn patch(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.file.write_all_at(data, offset)
    }

    /// Marks the file as one that the queue manager shall move to `corrupt`.
    pub fn mark_corrupt(&self) -> io::Result<()> {
        self.file.set_permissions(Permissions::from_mode(0o400))
    }
}

const READ_SIZE: usize = 32 * 1024;

/// Reads a shared file from a place of its own.
#[derive(Debug)]
pub struct FileCursor {
    file: Arc<File>,
    offset: u64,
}

impl Read for FileCursor {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read_at(into, self.offset)?;
        self.offset += count as u64;
        Ok(count)
    }
}

impl Seek for FileCursor {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::Current(step) => self.offset.checked_add_signed(step),
            SeekFrom::End(step) => self.file.metadata()?.len().checked_add_signed(step),
        };
        self.offset = target.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_mark_and_lock() {
        let root = std::env::temp_dir().join(format!("spool-open.{}", std::process::id()));
        std::fs::create_dir_all(root.join("incoming")).unwrap();
        let spool = Spool::at(&root, "", 0, false);
        let mut new = spool.create(Queue::Incoming).unwrap();
        let at = new.offset();
        new.record(kind::RCPT, b"a@b").unwrap();
        new.record(kind::END, b"").unwrap();
        new.flush().unwrap();
        let id = new.id().clone();
        assert_eq!(spool.ready(Queue::Incoming, &id).unwrap(), Ready::NotComplete);
        new.commit(0).unwrap();
        assert!(matches!(spool.ready(Queue::Incoming, &id).unwrap(), Ready::Yes { length: 7, .. }));
        let file = spool.open(Queue::Incoming, &id).unwrap();
        file.lock(sys::file::Lock::Shared).unwrap();
        let other = spool.open(Queue::Incoming, &id).unwrap();
        assert_eq!(other.lock(sys::file::Lock::Exclusive).unwrap_err().kind(), io::ErrorKind::WouldBlock);
        file.mark_done(at).unwrap();
        file.mark_done(at).unwrap();
        assert!(file.mark_done(at + 1).is_err());
        assert_eq!(file.records(0).next_record().unwrap().unwrap().kind, kind::DONE);
        file.mark_corrupt().unwrap();
        assert_eq!(spool.ready(Queue::Incoming, &id).unwrap(), Ready::NotComplete);
        let second = root.join("incoming/x1");
        std::fs::hard_link(spool.path(Queue::Incoming, &id), &second).unwrap();
        std::fs::set_permissions(&second, Permissions::from_mode(0o700)).unwrap();
        assert!(matches!(spool.ready(Queue::Incoming, &id).unwrap(), Ready::NotOurs(_)));
        std::fs::remove_dir_all(root).unwrap();
    }
}
