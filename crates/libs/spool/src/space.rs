//! Whether there is room for a message.

use std::io;
use std::path::Path;

/// Room left in the queue's file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Bytes free for ordinary users.
    pub bytes: u64,
    /// Whether another file can be made.
    pub files: bool,
}

/// The room left where `path` is.
pub fn room(path: &Path) -> io::Result<Room> {
    let space = sys::file::free_space(path)?;
    Ok(Room {
        bytes: space.block_size.saturating_mul(space.blocks_free),
        files: space.inodes == 0 || space.inodes_free > 0,
    })
}
