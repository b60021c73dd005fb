//! A connection to another program of the mail system that never makes the queue manager wait:
//! what cannot be written is kept for later, what has arrived is kept until it is whole.

use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;

use bstr::BString;
use ipc::{Cursor, Decoded, Fault, Message, Place, Writer};

/// One connection.
pub struct Connection {
    stream: UnixStream,
    out: Vec<u8>,
    sent: usize,
    input: Vec<u8>,
    closed: bool,
    unread: bool,
}

/// The opening of every service: the name of its protocol.
pub struct Announcement(pub BString);

impl Message for Announcement {
    fn put(&self, out: &mut Writer<'_>) {
        out.str("protocol", &self.0).end();
    }

    fn take(from: &mut Cursor<'_>) -> Result<Announcement, Fault> {
        let name = from.string("protocol")?;
        from.end()?;
        Ok(Announcement(name))
    }
}

impl Connection {
    /// Connects without waiting; `WouldBlock` when the service has too many callers already.
    pub fn open(place: &Place) -> io::Result<Connection> {
        let stream = sys::socket::connect_unix_now(&place.path())?;
        Ok(Connection::over(stream))
    }

    fn over(stream: UnixStream) -> Connection {
        Connection { stream, out: Vec::new(), sent: 0, input: Vec::new(), closed: false, unread: false }
    }

    /// The descriptor to watch.
    pub fn fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }

    /// Sends a message as far as it goes now.
    pub fn send(&mut self, message: &impl Message) -> io::Result<()> {
        ipc::encode(message, &mut self.out);
        self.flush()
    }

    /// Sends what is left to send.
    pub fn flush(&mut self) -> io::Result<()> {
        while let Some(rest) = self.out.get(self.sent..).filter(|rest| !rest.is_empty()) {
            match self.stream.write(rest) {
                Ok(count) => self.sent += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        self.out.clear();
        self.sent = 0;
        Ok(())
    }

    /// Something waits for the far end to read.
    pub fn has_output(&self) -> bool {
        self.sent < self.out.len()
    }

    /// Takes in what has arrived by one read. True when that was all: no need to look again before
    /// more arrives.
    pub fn receive(&mut self) -> io::Result<bool> {
        let mut piece = [0u8; 4096];
        match self.stream.read(&mut piece) {
            Ok(0) => self.closed = true,
            Ok(count) => {
                self.input.extend_from_slice(piece.get(..count).unwrap_or_default());
                return Ok(count < piece.len());
            }
            Err(error) if matches!(error.kind(), io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock) => {}
            // The far end closed with something of ours unread: its last words were read before.
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => {
                (self.closed, self.unread) = (true, true);
            }
            Err(error) => return Err(error),
        }
        Ok(false)
    }

    /// The far end has closed.
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    /// The far end left without having read all that was sent to it.
    pub fn left_unread(&self) -> bool {
        self.unread
    }

    /// The next message, once it is whole.
    pub fn take<M: Message>(&mut self) -> Result<Option<M>, Fault> {
        match ipc::decode(&self.input)? {
            Decoded::Complete(message, length) => {
                self.input.drain(..length);
                Ok(Some(message))
            }
            Decoded::NeedMore => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_arrive_in_any_pieces() {
        let (near, far) = UnixStream::pair().unwrap();
        near.set_nonblocking(true).unwrap();
        let mut connection = Connection::over(near);
        let mut wire = Vec::new();
        ipc::encode(&Announcement("a".into()), &mut wire);
        ipc::encode(&Announcement("b".into()), &mut wire);
        let mut seen = Vec::new();
        for piece in wire.chunks(3) {
            (&far).write_all(piece).unwrap();
            connection.receive().unwrap();
            while let Some(Announcement(name)) = connection.take().unwrap() {
                seen.push(name);
            }
        }
        assert_eq!(seen, ["a", "b"]);
        assert!(!connection.is_closed());
        drop(far);
        connection.receive().unwrap();
        assert!(connection.is_closed() && !connection.left_unread());
    }

    #[test]
    fn a_peer_that_leaves_unread_bytes_behind_is_told_from_one_that_has_read_them() {
        for reads in [true, false] {
            let (near, far) = UnixStream::pair().unwrap();
            near.set_nonblocking(true).unwrap();
            let mut connection = Connection::over(near);
            connection.send(&Announcement("a".into())).unwrap();
            if reads {
                let _ = (&far).read(&mut [0; 100]).unwrap();
            }
            drop(far);
            connection.receive().unwrap();
            assert!(connection.is_closed());
            assert_eq!(connection.left_unread(), !reads);
        }
    }

    #[test]
    fn a_slow_reader_stops_nobody() {
        let (near, far) = UnixStream::pair().unwrap();
        near.set_nonblocking(true).unwrap();
        let mut connection = Connection::over(near);
        let big = Announcement(vec![b'x'; 4_000_000].into());
        connection.send(&big).unwrap();
        assert!(connection.has_output());
        let reader = std::thread::spawn(move || {
            let mut all = Vec::new();
            (&far).read_to_end(&mut all).unwrap();
            all.len()
        });
        while connection.has_output() {
            connection.flush().unwrap();
            std::thread::yield_now();
        }
        drop(connection);
        assert!(reader.join().unwrap() > 4_000_000);
    }
}
