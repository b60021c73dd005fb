//! Wake-up bytes for pickup(8), qmgr(8) and flush(8).
//!
//! A trigger is a connection over which the client writes its bytes and closes, or writes again; a FIFO
//! service takes them from the FIFO. Nothing comes back.

use crate::peer::Place;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::os::unix::net::UnixStream;
use std::time::Duration;

/// Any service: wake up.
pub const WAKEUP: u8 = b'W';
/// Queue manager: look through the deferred queue.
pub const SCAN_DEFERRED: u8 = b'D';
/// Queue manager: look through the incoming queue.
pub const SCAN_INCOMING: u8 = b'I';
/// Queue manager: forget which destinations are dead.
pub const FLUSH_DEAD: u8 = b'F';
/// Queue manager: ignore time stamps.
pub const SCAN_ALL: u8 = b'A';

/// A server of ours: more may come over this connection. Others know no such request, and close.
pub const KEEP: u8 = b'K';

/// The queue manager's service name, class public.
pub const QMGR: &str = "qmgr";
/// The pickup service's name, class public.
pub const PICKUP: &str = "pickup";

/// How long a trigger may take (`trigger_timeout`).
pub const LIMIT: Duration = Duration::from_secs(10);

/// Bytes a server takes from one connection.
pub const REQUEST_MAX: usize = 1024;

/// A connection for triggers that is kept: each of them costs a write only. A server that takes one trigger a
/// connection closes it, and then there is a new one; what it reads after a write covers that write.
#[derive(Debug)]
pub struct Kept {
    place: Place,
    open: Option<UnixStream>,
}

impl Kept {
    /// Connects at the first trigger.
    pub fn new(place: Place) -> Kept {
        Kept { place, open: None }
    }

    /// Sends `bytes`, as [`send`] does.
    pub fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        if let Some(open) = &mut self.open {
            match open.write(bytes) {
                Ok(count) if count == bytes.len() => return Ok(()),
                // So much is on its way that this adds nothing.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                _ => self.open = None,
            }
        }
        let path = self.place.path();
        let stream = match net::connect_unix(&path, Some(LIMIT)) {
            Ok(stream) => stream,
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                return send(&self.place, bytes);
            }
            Err(error) => return Err(error),
        };
        let mut open = UnixStream::from(stream.fd()?.try_clone_to_owned()?);
        open.set_nonblocking(true)?;
        open.write_all(&[&[KEEP], bytes].concat())?;
        self.open = Some(open);
        Ok(())
    }
}

/// Sends `bytes` to a service. Callers that wake a service up may ignore the error: it looks
/// at its queue by itself in time.
pub fn send(place: &Place, bytes: &[u8]) -> io::Result<()> {
    let path = place.path();
    let mut stream = match net::connect_unix(&path, Some(LIMIT)) {
        Ok(stream) => stream,
        // A FIFO is no socket, and says so in the same words as a socket that nobody listens on.
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused && is_fifo(&path) => {
            let nonblocking = sys::file::O_NONBLOCK;
            let mut fifo = OpenOptions::new().write(true).custom_flags(nonblocking).open(&path)?;
            return fifo.write_all(bytes);
        }
        Err(error) => return Err(error),
    };
    stream.set_timeout(Some(LIMIT));
    stream.write(bytes)?;
    stream.flush()
}

fn is_fifo(path: &std::path::Path) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|found| found.file_type().is_fifo())
}
