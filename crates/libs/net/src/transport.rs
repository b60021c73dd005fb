//! What carries a stream's bytes: a socket, a pair of files, or (in `tls`) an encrypted layer over one of them.

use std::fs::File;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use sys::socket::{Interest, wait};

/// A blocking byte channel whose reads and writes give up after a time limit.
///
/// A limit that has passed is an error of kind `TimedOut`; an interrupted call is repeated by the implementation
/// or reported as `Interrupted` (the stream repeats it).
pub trait Transport: Send {
    /// Reads what is there, waiting for the first byte; 0 is the end.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize>;

    /// Writes some of `data`.
    fn write(&mut self, data: &[u8]) -> io::Result<usize>;

    /// The limit of each later read; `None` waits for ever.
    fn set_read_timeout(&mut self, limit: Option<Duration>) -> io::Result<()>;

    /// The limit of each later write; `None` waits for ever.
    fn set_write_timeout(&mut self, limit: Option<Duration>) -> io::Result<()>;

    /// Ends one or both directions (an encrypted layer says good-bye first).
    fn shutdown(&mut self, how: Shutdown) -> io::Result<()>;

    /// The descriptor to wait on for input.
    fn as_fd(&self) -> BorrowedFd<'_>;

    /// Bytes that can be read without asking the kernel (an encrypted layer's decrypted rest).
    fn pending(&self) -> usize {
        0
    }

    /// The far end, where it has an address.
    fn peer_addr(&self) -> Option<SocketAddr> {
        None
    }

    /// Our end, where it has an address.
    fn local_addr(&self) -> Option<SocketAddr> {
        None
    }
}

/// Socket timeouts end as `EAGAIN`; callers see one kind for "took too long".
fn timed(result: io::Result<usize>) -> io::Result<usize> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Err(io::ErrorKind::TimedOut.into()),
        other => other,
    }
}

/// Zero would mean "for ever" to the kernel.
fn at_least_something(limit: Option<Duration>) -> Option<Duration> {
    limit.map(|limit| limit.max(Duration::from_millis(1)))
}

impl Transport for TcpStream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        timed(Read::read(self, buffer))
    }

    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        timed(Write::write(self, data))
    }

    fn set_read_timeout(&mut self, limit: Option<Duration>) -> io::Result<()> {
        TcpStream::set_read_timeout(self, at_least_something(limit))
    }

    fn set_write_timeout(&mut self, limit: Option<Duration>) -> io::Result<()> {
        TcpStream::set_write_timeout(self, at_least_something(limit))
    }

    fn shutdown(&mut self, how: Shutdown) -> io::Result<()> {
        TcpStream::shutdown(self, how)
    }

    fn as_fd(&self) -> BorrowedFd<'_> {
        AsFd::as_fd(self)
    }

    fn peer_addr(&self) -> Option<SocketAddr> {
        TcpStream::peer_addr(self).ok()
    }

    fn local_addr(&self) -> Option<SocketAddr> {
        TcpStream::local_addr(self).ok()
    }
}

impl Transport for UnixStream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        timed(Read::read(self, buffer))
    }

    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        timed(Write::write(self, data))
    }

    fn set_read_timeout(&mut self, limit: Option<Duration>) -> io::Result<()> {
        UnixStream::set_read_timeout(self, at_least_something(limit))
    }

    fn set_write_timeout(&mut self, limit: Option<Duration>) -> io::Result<()> {
        UnixStream::set_write_timeout(self, at_least_something(limit))
    }

    fn shutdown(&mut self, how: Shutdown) -> io::Result<()> {
        UnixStream::shutdown(self, how)
    }

    fn as_fd(&self) -> BorrowedFd<'_> {
        AsFd::as_fd(self)
    }
}

/// Two descriptors of any kind (pipes, terminals, files), one for each direction: `sendmail -bs` speaks SMTP over
/// its standard input and output. They have no timeouts of their own, so each call waits with poll(2) first.
pub struct Pair {
    input: File,
    output: Option<File>,
    read_limit: Option<Duration>,
    write_limit: Option<Duration>,
}

impl Pair {
    /// A transport that reads from one descriptor and writes to the other.
    pub fn new(input: OwnedFd, output: OwnedFd) -> Pair {
        Pair {
            input: File::from(input),
            output: Some(File::from(output)),
            read_limit: None,
            write_limit: None,
        }
    }
}

impl Transport for Pair {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.read_limit.is_some() && !wait(AsFd::as_fd(&self.input), Interest::Read, self.read_limit)? {
            return Err(io::ErrorKind::TimedOut.into());
        }
        self.input.read(buffer)
    }

    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let output = self.output.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        if self.write_limit.is_some() && !wait(AsFd::as_fd(output), Interest::Write, self.write_limit)? {
            return Err(io::ErrorKind::TimedOut.into());
        }
        output.write(data)
    }

    fn set_read_timeout(&mut self, limit: Option<Duration>) -> io::Result<()> {
        self.read_limit = limit;
        Ok(())
    }

    fn set_write_timeout(&mut self, limit: Option<Duration>) -> io::Result<()> {
        self.write_limit = limit;
        Ok(())
    }

    fn shutdown(&mut self, how: Shutdown) -> io::Result<()> {
        if how != Shutdown::Read {
            self.output = None;
        }
        Ok(())
    }

    fn as_fd(&self) -> BorrowedFd<'_> {
        AsFd::as_fd(&self.input)
    }
}
