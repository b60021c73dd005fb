//! Queue files: records, names, directories and the one way to commit.
//!
//! A spool belongs to Postfix or to us, at any time: records, file names, modes and the
//! bounce/defer/trace logs are the reference's.
//!
//! ```text
//! record   type byte, length, data; reader and writer over any stream; what the letters mean
//! fields   the records with structure: size, time, named attribute, pointer, warning time
//! id       queue ids, short and long
//! queue    the directories, where an id's file is, moving and removing
//! create   a new queue file and its commit        open   an existing one, locked, to deliver
//! scan     all ids of a queue                     status_log   bounce, defer and trace logs
//! repair   what is put right before a start      submission   what a user may put into maildrop
//! ```
//!
//! Paths are relative to `queue_directory`, where every daemon and queue command runs.

pub mod create;
pub mod fields;
pub mod id;
pub mod open;
pub mod queue;
pub mod record;
pub mod repair;
pub mod scan;
pub mod space;
pub mod status_log;
pub mod submission;

pub use create::NewFile;
pub use fields::SizeRecord;
pub use id::QueueId;
pub use open::{QueueFile, Ready};
pub use queue::{Queue, Spool};
pub use record::{Damaged, Flaw, ReadError, Reader, Record, kind};
