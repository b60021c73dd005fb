//! The buffered duplex stream.
//!
//! Buffers are made when the first byte needs them and can be given back while a session idles
//! ([`Stream::release`]), so that hundreds of waiting sessions cost next to nothing.

use std::io;
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::fd::BorrowedFd;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use sys::socket::{Idle, Interest};

use crate::line::{Ending, Found, Line, find};
use crate::transport::{Pair, Transport};

/// A first read takes this much; a peer that fills it gets twice as much the next time.
const SMALL: usize = 4096;
/// The most a read asks for, and the amount of output that is sent without waiting for a flush.
const LARGE: usize = 65536;
/// Room for output at first.
const FIRST: usize = 512;

/// A limit for one whole request, however slowly its bytes trickle in or out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline {
    /// Time for the request.
    pub limit: Duration,
    /// Bytes a second that earn the time they took back (0: none do), never beyond `limit`.
    pub min_rate: u64,
}

/// A buffered, timed duplex stream over any [`Transport`].
pub struct Stream {
    transport: Option<Box<dyn Transport>>,
    input: Vec<u8>,
    /// What of `input` has been taken already.
    taken: usize,
    /// Size of the next read.
    ask: usize,
    output: Vec<u8>,
    ended: bool,
    limit: Option<Duration>,
    read_limit: Option<Duration>,
    write_limit: Option<Duration>,
    deadline: Option<Deadline>,
    until: Option<Instant>,
    peer: Option<SocketAddr>,
}

impl Stream {
    /// A stream over any transport, without time limits yet.
    pub fn new(transport: Box<dyn Transport>) -> Stream {
        Stream {
            transport: Some(transport),
            input: Vec::new(),
            taken: 0,
            ask: SMALL,
            output: Vec::new(),
            ended: false,
            limit: None,
            read_limit: None,
            write_limit: None,
            deadline: None,
            until: None,
            peer: None,
        }
    }

    /// A connection that a listener accepted from `peer` (which spares asking the kernel for it).
    pub fn accepted(socket: TcpStream, peer: SocketAddr) -> Stream {
        // Replies leave in whole groups; a socket that refuses the option only is slower.
        let _ = socket.set_nodelay(true);
        let mut stream = Stream::new(Box::new(socket));
        stream.peer = Some(peer);
        stream
    }

    /// A stream over a socket whose send timeout is `limit` already.
    pub(crate) fn connected(transport: Box<dyn Transport>, limit: Option<Duration>) -> Stream {
        let mut stream = Stream::new(transport);
        stream.limit = limit;
        stream.write_limit = limit;
        stream
    }

    /// The limit of each read and write; a passed one is an error of kind `TimedOut`.
    pub fn set_timeout(&mut self, limit: Option<Duration>) {
        self.limit = limit;
    }

    /// The limit set by [`Stream::set_timeout`].
    pub fn timeout(&self) -> Option<Duration> {
        self.limit
    }

    /// From now on (`Some`), all reads and writes together have to be done before the deadline. `None` ends it.
    pub fn set_deadline(&mut self, deadline: Option<Deadline>) {
        self.deadline = deadline;
        self.until = deadline.map(|deadline| Instant::now() + deadline.limit);
    }

    /// Address and port of the far end of a TCP connection.
    pub fn peer_addr(&self) -> Option<SocketAddr> {
        self.peer.or_else(|| self.transport.as_ref()?.peer_addr())
    }

    /// Address and port of our end of a TCP connection.
    pub fn local_addr(&self) -> Option<SocketAddr> {
        self.transport.as_ref()?.local_addr()
    }

    /// The descriptor underneath, to wait on or to hand over.
    pub fn fd(&self) -> io::Result<BorrowedFd<'_>> {
        Ok(self.transport.as_ref().ok_or(io::ErrorKind::NotConnected)?.as_fd())
    }

    // ---- input

    /// Input that has arrived and not been taken, without waiting.
    pub fn buffered(&self) -> &[u8] {
        self.input.get(self.taken..).unwrap_or_default()
    }

    /// Untaken input, after waiting for some if there was none; empty at the end of the stream.
    pub fn fill(&mut self) -> io::Result<&[u8]> {
        if self.buffered().is_empty() {
            self.read_more()?;
        }
        Ok(self.buffered())
    }

    /// Takes `count` bytes of the untaken input.
    pub fn consume(&mut self, count: usize) {
        self.taken = self.taken.saturating_add(count).min(self.input.len());
    }

    /// Reads one more piece from the transport behind the untaken input; 0 bytes at the end.
    pub fn read_more(&mut self) -> io::Result<usize> {
        if self.ended {
            return Ok(0);
        }
        if self.taken == self.input.len() {
            self.input.clear();
        } else if self.taken > 0 {
            self.input.drain(..self.taken);
        }
        self.taken = 0;
        let limit = self.limit_now()?;
        let transport = self.transport.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        if limit != self.read_limit {
            transport.set_read_timeout(limit)?;
            self.read_limit = limit;
        }
        let old = self.input.len();
        self.input.resize(old + self.ask, 0);
        let result = loop {
            match transport.read(self.input.get_mut(old..).unwrap_or_default()) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        let count = *result.as_ref().unwrap_or(&0);
        self.input.truncate(old + count);
        let count = result?;
        self.ended = count == 0;
        if count == self.ask {
            self.ask = (self.ask * 2).min(LARGE);
        }
        self.earn(count);
        Ok(count)
    }

    /// Reads one line of at most `max` bytes, not counting its ending.
    pub fn read_line(&mut self, max: usize) -> io::Result<Line<'_>> {
        let mut seen = 0;
        let found = loop {
            let data = self.buffered();
            if let Some(found) = find(data, seen, max) {
                break found;
            }
            seen = data.len();
            if self.read_more()? == 0 {
                let length = self.buffered().len();
                break Found { text: length, total: length, ending: Ending::Eof };
            }
        };
        let start = self.taken;
        self.taken += found.total;
        let text = self.input.get(start..start + found.text).unwrap_or_default();
        Ok(Line { text, ending: found.ending })
    }

    /// Reads up to and with `byte` into `into` (which is not cleared); an end or more than `max` bytes before it is
    /// an error of kind `UnexpectedEof` or `InvalidData`.
    pub fn read_until(&mut self, byte: u8, max: usize, into: &mut Vec<u8>) -> io::Result<()> {
        let mut room = max;
        loop {
            let data = self.fill()?;
            if data.is_empty() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let at = memchr::memchr(byte, data);
            let take = at.map_or(data.len(), |at| at + 1);
            if take > room {
                return Err(io::ErrorKind::InvalidData.into());
            }
            room -= take;
            into.extend_from_slice(data.get(..take).unwrap_or_default());
            self.consume(take);
            if at.is_some() {
                return Ok(());
            }
        }
    }

    /// Fills `into`; an end before that is an error of kind `UnexpectedEof`.
    pub fn read_exact(&mut self, mut into: &mut [u8]) -> io::Result<()> {
        while !into.is_empty() {
            let data = self.fill()?;
            if data.is_empty() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let take = data.len().min(into.len());
            let (now, later) = into.split_at_mut(take);
            now.copy_from_slice(data.get(..take).unwrap_or_default());
            into = later;
            self.consume(take);
        }
        Ok(())
    }

    /// Has input arrived (or the end), here or in the kernel, before `limit` has passed?
    pub fn readable(&mut self, limit: Duration) -> io::Result<bool> {
        if !self.buffered().is_empty() || self.ended {
            return Ok(true);
        }
        let transport = self.transport.as_ref().ok_or(io::ErrorKind::NotConnected)?;
        if transport.pending() > 0 {
            return Ok(true);
        }
        sys::socket::wait(transport.as_fd(), Interest::Read, Some(limit))
    }

    /// Is this kept connection fit for another request: the peer still there, with nothing unread?
    pub fn is_fresh(&self) -> bool {
        match &self.transport {
            Some(transport) => {
                self.buffered().is_empty()
                    && !self.ended
                    && transport.pending() == 0
                    && sys::socket::peek(transport.as_fd()) == Idle::Quiet
            }
            None => false,
        }
    }

    /// Throws away input that has arrived here, and says how much it was.
    pub fn discard_input(&mut self) -> usize {
        let count = self.buffered().len();
        self.input.clear();
        self.taken = 0;
        count
    }

    // ---- output

    /// Adds to the output, which goes out with [`Stream::flush`] (or before, in large pieces).
    pub fn write(&mut self, data: &[u8]) -> io::Result<()> {
        if self.output.len() + data.len() > LARGE {
            self.flush()?;
            if data.len() >= LARGE {
                return self.send(data);
            }
        }
        if self.output.capacity() == 0 {
            self.output.reserve(FIRST.max(data.len()));
        }
        self.output.extend_from_slice(data);
        Ok(())
    }

    /// The same as [`Stream::write`], by the name that generic code uses.
    pub fn write_all(&mut self, data: &[u8]) -> io::Result<()> {
        self.write(data)
    }

    /// Output waiting for a flush.
    pub fn unsent(&self) -> usize {
        self.output.len()
    }

    /// Sends all output: one system call as long as the peer keeps up.
    pub fn flush(&mut self) -> io::Result<()> {
        if self.output.is_empty() {
            return Ok(());
        }
        let mut output = std::mem::take(&mut self.output);
        let result = self.send(&output);
        output.clear();
        self.output = output;
        result
    }

    fn send(&mut self, mut data: &[u8]) -> io::Result<()> {
        while !data.is_empty() {
            let limit = self.limit_now()?;
            let transport = self.transport.as_mut().ok_or(io::ErrorKind::NotConnected)?;
            if limit != self.write_limit {
                transport.set_write_timeout(limit)?;
                self.write_limit = limit;
            }
            match transport.write(data) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => {
                    data = data.get(count..).unwrap_or_default();
                    self.earn(count);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    // ---- the whole

    /// Gives the buffers' memory back before a long wait. Untaken input and unsent output stay.
    pub fn release(&mut self) {
        if self.buffered().is_empty() {
            self.input = Vec::new();
            self.taken = 0;
            self.ask = SMALL;
        }
        if self.output.is_empty() {
            self.output = Vec::new();
        }
    }

    /// Gives back what a burst has made the buffers grow to; small ones stay.
    pub fn shrink(&mut self) {
        if self.buffered().is_empty() && self.input.capacity() > 4 * SMALL {
            self.input = Vec::new();
            self.taken = 0;
        }
        self.ask = SMALL;
        if self.output.is_empty() && self.output.capacity() > 4 * SMALL {
            self.output = Vec::new();
        }
    }

    /// Ends one or both directions, after sending what is unsent.
    pub fn shutdown(&mut self, how: Shutdown) -> io::Result<()> {
        let flushed = self.flush();
        if let Some(transport) = self.transport.as_mut() {
            transport.shutdown(how)?;
        }
        flushed
    }

    /// Puts another transport in place of the present one: STARTTLS.
    ///
    /// Input that arrived before is thrown away, never carried over (a plaintext command behind STARTTLS would
    /// otherwise be executed as if it had come encrypted); `Ok` says how many bytes that were. Unsent output goes
    /// first; if it cannot, `wrap` is given a transport that will fail too. After an error the stream has no
    /// transport any more: all that is left is to drop it.
    pub fn upgrade<E>(
        &mut self,
        wrap: impl FnOnce(Box<dyn Transport>) -> Result<Box<dyn Transport>, E>,
    ) -> Result<usize, E> {
        // A peer that is gone shows in the handshake.
        let _ = self.flush();
        let discarded = self.discard_input();
        let Some(transport) = self.transport.take() else {
            return Ok(discarded);
        };
        self.peer = self.peer.or_else(|| transport.peer_addr());
        self.transport = Some(wrap(transport)?);
        self.ended = false;
        // The new layer may keep timeouts of its own.
        self.read_limit = None;
        self.write_limit = None;
        Ok(discarded)
    }

    /// The transport itself; buffered bytes are lost.
    pub fn into_transport(mut self) -> Option<Box<dyn Transport>> {
        self.transport.take()
    }

    fn limit_now(&self) -> io::Result<Option<Duration>> {
        let Some(until) = self.until else {
            return Ok(self.limit);
        };
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        Ok(Some(self.limit.map_or(left, |limit| limit.min(left))))
    }

    // A peer that keeps up the minimal data rate never meets the deadline.
    fn earn(&mut self, count: usize) {
        if let (Some(deadline), Some(until)) = (self.deadline, self.until) {
            if let Some(micros) = (count as u64).saturating_mul(1_000_000).checked_div(deadline.min_rate) {
                let latest = Instant::now() + deadline.limit;
                self.until = Some((until + Duration::from_micros(micros)).min(latest));
            }
        }
    }
}

impl From<TcpStream> for Stream {
    fn from(socket: TcpStream) -> Stream {
        Stream::new(Box::new(socket))
    }
}

impl From<UnixStream> for Stream {
    fn from(socket: UnixStream) -> Stream {
        Stream::new(Box::new(socket))
    }
}

impl From<Pair> for Stream {
    fn from(pair: Pair) -> Stream {
        Stream::new(Box::new(pair))
    }
}

impl io::Read for Stream {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let data = self.fill()?;
        let take = data.len().min(into.len());
        if let (Some(into), Some(data)) = (into.get_mut(..take), data.get(..take)) {
            into.copy_from_slice(data);
        }
        self.consume(take);
        Ok(take)
    }
}

impl io::Write for Stream {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        Stream::write(self, data)?;
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Stream::flush(self)
    }
}

impl std::fmt::Debug for Stream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stream").field("peer", &self.peer).field("buffered", &self.buffered().len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pair;

    #[test]
    fn lines_come_apart_whatever_the_pieces() {
        let text = b"one\r\ntwo\nthree\rfour\r\n\r\nlonglonglong\r\nrest";
        for piece in [1, 2, 3, 7, 100] {
            let (mut a, b) = pair().unwrap();
            let writer = std::thread::spawn(move || {
                let mut b = b;
                for part in text.chunks(piece) {
                    b.write(part).unwrap();
                    b.flush().unwrap();
                }
            });
            let mut seen = Vec::new();
            loop {
                let line = a.read_line(10).unwrap();
                seen.push((line.text.to_vec(), line.ending));
                if line.ending == Ending::Eof {
                    break;
                }
            }
            writer.join().unwrap();
            let expected: Vec<(Vec<u8>, Ending)> = [
                (&b"one"[..], Ending::CrLf),
                (b"two", Ending::Lf),
                (b"three\rfour", Ending::CrLf),
                (b"", Ending::CrLf),
                (b"longlonglo", Ending::Long),
                (b"ng", Ending::CrLf),
                (b"rest", Ending::Eof),
            ]
            .map(|(text, ending)| (text.to_vec(), ending))
            .to_vec();
            assert_eq!(seen, expected, "pieces of {piece}");
            assert!(a.read_line(10).unwrap().is_end());
        }
    }

    #[test]
    fn time_limits_hold() {
        let (mut a, mut b) = pair().unwrap();
        a.set_timeout(Some(Duration::from_millis(30)));
        let begin = Instant::now();
        assert_eq!(a.read_line(10).unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert!(begin.elapsed() >= Duration::from_millis(25));
        // Output that nobody reads.
        b.set_timeout(Some(Duration::from_millis(30)));
        let kind =
            (0..1000).find_map(|_| b.write(&[0; LARGE]).and_then(|()| b.flush()).err().map(|e| e.kind()));
        assert_eq!(kind, Some(io::ErrorKind::TimedOut));
    }

    #[test]
    fn a_trickle_meets_the_deadline_and_a_steady_flow_does_not() {
        for (min_rate, fails) in [(0, true), (10, false)] {
            let (mut a, mut b) = pair().unwrap();
            let writer = std::thread::spawn(move || {
                for _ in 0..10 {
                    std::thread::sleep(Duration::from_millis(20));
                    if b.write(b"x").and_then(|()| b.flush()).is_err() {
                        return;
                    }
                }
                let _ = b.write(b"\r\n").and_then(|()| b.flush());
            });
            a.set_timeout(Some(Duration::from_secs(5)));
            a.set_deadline(Some(Deadline { limit: Duration::from_millis(100), min_rate }));
            let result = a.read_line(100).map(|line| line.text.len());
            match result {
                Ok(length) => assert!(!fails && length == 10),
                Err(error) => assert!(fails && error.kind() == io::ErrorKind::TimedOut),
            }
            drop(a);
            writer.join().unwrap();
        }
    }

    #[test]
    fn plaintext_before_an_upgrade_is_lost() {
        let (mut a, mut b) = pair().unwrap();
        b.write(b"STARTTLS\r\nMAIL FROM:<evil>\r\n").unwrap();
        b.flush().unwrap();
        assert_eq!(a.read_line(100).unwrap().text, b"STARTTLS");
        assert_eq!(a.upgrade(Ok::<_, io::Error>).unwrap(), 18);
        b.write(b"EHLO\r\n").unwrap();
        b.flush().unwrap();
        assert_eq!(a.read_line(100).unwrap().text, b"EHLO");
        assert!(a.upgrade(|_| Err("no")).is_err());
        assert_eq!(a.read_line(100).unwrap_err().kind(), io::ErrorKind::NotConnected);
    }

    #[test]
    fn kept_connections_show_their_state() {
        let (mut a, mut b) = pair().unwrap();
        assert!(a.is_fresh());
        assert!(!a.readable(Duration::from_millis(1)).unwrap());
        b.write(b"hello\0world\0").unwrap();
        b.flush().unwrap();
        assert!(!a.is_fresh());
        assert!(a.readable(Duration::from_millis(1)).unwrap());
        let mut word = Vec::new();
        a.read_until(0, 100, &mut word).unwrap();
        assert_eq!(word, b"hello\0");
        assert_eq!(a.read_until(0, 3, &mut word).unwrap_err().kind(), io::ErrorKind::InvalidData);
        let mut rest = [0; 6];
        a.read_exact(&mut rest).unwrap();
        assert_eq!(&rest, b"world\0");
        a.release();
        assert!(a.is_fresh());
        drop(b);
        assert!(!a.is_fresh());
        assert!(a.fill().unwrap().is_empty());
    }

    #[test]
    fn two_descriptors_are_a_stream() {
        let (input, mut to) = UnixStream::pair().unwrap();
        let (mut from, output) = UnixStream::pair().unwrap();
        let mut stream = Stream::from(Pair::new(input.into(), output.into()));
        stream.set_timeout(Some(Duration::from_millis(20)));
        io::Write::write_all(&mut to, b"QUIT\r\n").unwrap();
        assert_eq!(stream.read_line(10).unwrap().text, b"QUIT");
        assert_eq!(stream.read_line(10).unwrap_err().kind(), io::ErrorKind::TimedOut);
        stream.write(b"221 bye\r\n").unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let mut said = String::new();
        io::Read::read_to_string(&mut from, &mut said).unwrap();
        assert_eq!(said, "221 bye\r\n");
    }
}
