//! A new queue file, and its commit: the only way to a queue id that may be reported.
//!
//! The order is the promise: create under a temporary name, rename to the queue id, write, then
//! in [`NewFile::commit`] set the mode that says "complete" and sync. A file without that mode is
//! nobody's mail; it is removed by its maker or, a week later, by postsuper(1).

use crate::id::QueueId;
use crate::queue::{Queue, Spool};
use crate::record;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::PoisonError;
use std::time::{SystemTime, UNIX_EPOCH};

/// Bytes gathered before a write. Most messages fit, and take one write.
const BUFFER: usize = 64 * 1024;

/// Room for a short message. Buffers that have not grown much beyond it are used again: as many as `SPARE`.
const SMALL: usize = 8 * 1024;
const SPARE: usize = 16;

/// Tries to find a free temporary name; a name taken means another thread in the same microsecond.
const TRIES: u32 = 1000;

/// A queue file being written. Dropped without [`NewFile::commit`], it is removed.
#[derive(Debug)]
pub struct NewFile {
    spool: Spool,
    file: File,
    queue: Queue,
    id: QueueId,
    created: SystemTime,
    buffer: Vec<u8>,
    written: u64,
    committed: bool,
}

/// What a commit yields.
#[derive(Debug)]
pub struct Committed {
    /// The queue id, now to be reported.
    pub id: QueueId,
    /// Where the file is.
    pub queue: Queue,
    /// Its size in bytes.
    pub length: u64,
}

impl Spool {
    /// Makes a new queue file in `queue`.
    pub fn create(&self, queue: Queue) -> io::Result<NewFile> {
        // Threads that want the directory's lock wait better here than spinning in the kernel.
        let _turn = self.inner.creating.lock().unwrap_or_else(PoisonError::into_inner);
        let (file, temporary) = self.create_temporary(queue)?;
        let cleanup = |error| {
            let _ = fs::remove_file(&temporary);
            error
        };
        let inode = file.metadata().map_err(cleanup)?.ino();
        for _ in 0..TRIES {
            let created = SystemTime::now();
            let since = created.duration_since(UNIX_EPOCH).unwrap_or_default();
            let id = match self.inner.long_ids {
                true => QueueId::long(since.as_secs(), since.subsec_micros(), inode),
                false => QueueId::short(since.subsec_micros(), inode),
            };
            let path = self.path(queue, &id);
            match fs::rename(&temporary, &path) {
                Ok(()) => {
                    let buffer = self.inner.spare.lock().unwrap_or_else(PoisonError::into_inner).pop();
                    let buffer = buffer.unwrap_or_else(|| Vec::with_capacity(SMALL));
                    let spool = self.clone();
                    return Ok(NewFile {
                        spool,
                        file,
                        queue,
                        id,
                        created,
                        buffer,
                        written: 0,
                        committed: false,
                    });
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    self.make_directories(queue, id.as_ref()).map_err(cleanup)?;
                }
                Err(error) => return Err(cleanup(named(&path, error))),
            }
        }
        Err(cleanup(io::ErrorKind::AlreadyExists.into()))
    }

    fn create_temporary(&self, queue: Queue) -> io::Result<(File, PathBuf)> {
        let directory = self.directory(queue);
        let mut tries = 0;
        loop {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            let path = directory.join(format!("{}.{}", since.subsec_micros(), std::process::id()));
            match OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path) {
                Ok(file) => return Ok((file, path)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && tries < TRIES => tries += 1,
                Err(error) => return Err(named(&path, error)),
            }
        }
    }
}

/// The error with its path, of the same kind.
fn named(path: &Path, error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("create file {}: {}", path.display(), sys::errno_text(&error)))
}

impl NewFile {
    /// The queue id. Not to be reported as queued before the commit.
    pub fn id(&self) -> &QueueId {
        &self.id
    }

    /// The queue it is in.
    pub fn queue(&self) -> Queue {
        self.queue
    }

    /// Its path.
    pub fn path(&self) -> PathBuf {
        self.spool.path(self.queue, &self.id)
    }

    /// When it was made: the time in the id.
    pub fn created(&self) -> SystemTime {
        self.created
    }

    /// Where the next record goes.
    pub fn offset(&self) -> u64 {
        self.written + self.buffer.len() as u64
    }

    /// Appends a record.
    pub fn record(&mut self, kind: u8, data: &[u8]) -> io::Result<()> {
        if self.buffer.len() + data.len() > BUFFER {
            self.flush()?;
        }
        record::put(&mut self.buffer, kind, data);
        Ok(())
    }

    /// Overwrites bytes that were written before, for example the size record's data.
    pub fn patch(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let beyond = || io::Error::new(io::ErrorKind::InvalidInput, "patch beyond the end");
        let end = offset.checked_add(bytes.len() as u64).filter(|&end| end <= self.offset());
        end.ok_or_else(beyond)?;
        if let Some(at) = offset.checked_sub(self.written) {
            let at = usize::try_from(at).map_err(|_| beyond())?;
            let place = self.buffer.get_mut(at..at + bytes.len());
            place.ok_or_else(beyond)?.copy_from_slice(bytes);
            return Ok(());
        }
        self.flush()?;
        self.file.write_all_at(bytes, offset)
    }

    /// Writes what is gathered to the file.
    pub fn flush(&mut self) -> io::Result<()> {
        if !self.buffer.is_empty() {
            self.file.write_all_at(&self.buffer, self.written)?;
            self.written += self.buffer.len() as u64;
            self.buffer.clear();
        }
        Ok(())
    }

    /// The file, to read back what was flushed.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Moves the file to another queue, for mail that is put on hold.
    pub fn move_to(&mut self, queue: Queue) -> io::Result<()> {
        self.spool.rename(&self.id, self.queue, queue)?;
        self.queue = queue;
        Ok(())
    }

    /// Sets the time before which the queue manager leaves the file alone.
    pub fn delay_until(&self, time: SystemTime) -> io::Result<()> {
        self.file.set_modified(time)
    }

    /// Makes the message the mail system's: everything written, marked complete and on disk
    /// under its name, or an error. `extra_mode` is OR-ed to 0700 (0044 for `maildrop`).
    pub fn commit(mut self, extra_mode: u32) -> io::Result<Committed> {
        self.flush()?;
        self.file.set_permissions(Permissions::from_mode(0o700 | extra_mode))?;
        self.file.sync_all()?;
        if !self.names_follow_fsync() {
            File::open(self.spool.directory_of(self.queue, self.id.as_ref()))?.sync_all()?;
        }
        self.committed = true;
        Ok(Committed { id: self.id.clone(), queue: self.queue, length: self.written })
    }

    fn names_follow_fsync(&self) -> bool {
        let asked = &self.spool.inner.names_follow_fsync;
        *asked.get_or_init(|| sys::file::names_follow_fsync(&self.file).unwrap_or(false))
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if !self.committed {
            let _ = fs::remove_file(self.path());
        }
        let mut buffer = std::mem::take(&mut self.buffer);
        if buffer.capacity() <= 2 * SMALL {
            buffer.clear();
            let mut spare = self.spool.inner.spare.lock().unwrap_or_else(PoisonError::into_inner);
            if spare.len() < SPARE {
                spare.push(buffer);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Reader, kind};

    #[test]
    fn commit_leaves_a_complete_file_and_drop_leaves_none() {
        let root = std::env::temp_dir().join(format!("spool-create.{}", std::process::id()));
        fs::create_dir_all(root.join("incoming")).unwrap();
        for (names, long) in [("", false), ("incoming", true)] {
            let spool = Spool::at(&root, names, 2, long);
            let mut file = spool.create(Queue::Incoming).unwrap();
            file.record(kind::SIZE, b"old").unwrap();
            file.record(kind::NORM, &vec![b'x'; BUFFER]).unwrap();
            file.record(kind::NORM, b"tail").unwrap();
            file.patch(2, b"new").unwrap();
            let at = file.offset();
            file.record(kind::END, b"").unwrap();
            file.patch(at - 4, b"TAIL").unwrap();
            assert!(file.patch(at + 1, b"xx").is_err());
            let path = file.path();
            assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
            let done = file.commit(0o044).unwrap();
            let meta = fs::metadata(&path).unwrap();
            assert_eq!((meta.mode() & 0o777, meta.len()), (0o744, done.length));
            assert_eq!(done.id.inode(), Some(meta.ino()));
            let bytes = fs::read(&path).unwrap();
            let mut reader = Reader::new(bytes.as_slice());
            assert_eq!(reader.next_record().unwrap().unwrap().data, b"new");
            assert_eq!(reader.next_record().unwrap().unwrap().data.len(), BUFFER);
            assert_eq!(reader.next_record().unwrap().unwrap().data, b"TAIL");

            let dropped = spool.create(Queue::Incoming).unwrap();
            let path = dropped.path();
            assert!(path.exists());
            drop(dropped);
            assert!(!path.exists());
        }
        fs::remove_dir_all(root).unwrap();
    }
}
