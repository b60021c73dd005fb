//! A TLS connection as a [`net::Transport`].

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::os::fd::BorrowedFd;
use std::time::{Duration, Instant};

use net::Transport;
use openssl::ssl::{ErrorCode, Ssl, SslStream};

use crate::TlsError;
use crate::dump::{self, Way};
use crate::loglevel::LogMask;

/// How long a good-bye may take: it is short, and the peer may be gone.
const GOODBYE: Duration = Duration::from_secs(2);

/// The transport below, as OpenSSL sees it: "took too long" looks like "not ready yet", so that the connection survives it and
/// a last word can still be said.
pub struct Below {
    inner: Box<dyn Transport>,
    /// For the whole handshake.
    until: Option<Instant>,
    /// All bytes go to the log too.
    dumped: bool,
}

impl Below {
    fn left(&self) -> io::Result<Option<Duration>> {
        match self.until {
            None => Ok(None),
            Some(until) => match until.saturating_duration_since(Instant::now()) {
                Duration::ZERO => Err(io::ErrorKind::WouldBlock.into()),
                left => Ok(Some(left)),
            },
        }
    }
}

fn blocked(result: io::Result<usize>) -> io::Result<usize> {
    match result {
        Err(err) if err.kind() == io::ErrorKind::TimedOut => Err(io::ErrorKind::WouldBlock.into()),
        other => other,
    }
}

impl Read for Below {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if let Some(left) = self.left()? {
            self.inner.set_read_timeout(Some(left))?;
        }
        let result = blocked(self.inner.read(buf));
        if self.dumped {
            dump::transfer(Way::Read, std::ptr::from_ref(self).addr(), buf, &result);
        }
        result
    }
}

impl Write for Below {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        if let Some(left) = self.left()? {
            self.inner.set_write_timeout(Some(left))?;
        }
        let result = blocked(self.inner.write(data));
        if self.dumped {
            dump::transfer(Way::Write, std::ptr::from_ref(self).addr(), data, &result);
        }
        result
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The encrypted layer. Says good-bye when it is dropped, unless the connection has failed.
pub struct Encrypted {
    stream: SslStream<Below>,
    failed: bool,
    closed: bool,
}

/// Which part we play.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Client,
    Server,
}

/// A handshake that failed: what it was, and the peer's or the library's words for the log.
pub struct Failure {
    pub error: TlsError,
    /// "lost connection", "Connection timed out", or -1 where the library has more to say.
    pub text: String,
    /// The library's own error lines.
    pub problems: Vec<String>,
}

/// Shakes hands over `inner` within `timeout`.
pub fn handshake(
    ssl: Ssl,
    inner: Box<dyn Transport>,
    side: Side,
    timeout: Duration,
    mask: LogMask,
) -> Result<Encrypted, Failure> {
    let until = Some(Instant::now() + timeout);
    let below = Below { inner, until, dumped: mask.handshake_bytes };
    let mut stream = match SslStream::new(ssl, below) {
        Ok(stream) => stream,
        Err(stack) => return Err(library(&stack, "-1")),
    };
    let result = match side {
        Side::Client => stream.connect(),
        Side::Server => stream.accept(),
    };
    match result {
        Ok(()) => {
            let below = stream.get_mut();
            below.until = None;
            below.dumped = mask.all_bytes;
            Ok(Encrypted { stream, failed: false, closed: false })
        }
        Err(err) => Err(failure(&err)),
    }
}

fn failure(err: &openssl::ssl::Error) -> Failure {
    match (err.code(), err.io_error(), err.ssl_error()) {
        (_, _, Some(stack)) if !stack.errors().is_empty() => library(stack, "-1"),
        (ErrorCode::WANT_READ | ErrorCode::WANT_WRITE, _, _) => {
            plain(TlsError::Timeout, "Connection timed out")
        }
        (_, Some(io), _) if io.kind() != io::ErrorKind::UnexpectedEof && io.raw_os_error().is_some() => {
            plain(TlsError::Lost, &sys::errno_text(io))
        }
        _ => plain(TlsError::Lost, "lost connection"),
    }
}

fn plain(error: TlsError, text: &str) -> Failure {
    Failure { error, text: text.to_owned(), problems: Vec::new() }
}

fn library(stack: &openssl::error::ErrorStack, text: &str) -> Failure {
    Failure { error: TlsError::Handshake, text: text.to_owned(), problems: problems(stack) }
}

/// "TLS library problem: error:0A000126:SSL routines::unexpected eof while reading:../ssl/record/rec_layer_s3.c:320:"
pub fn problems(stack: &openssl::error::ErrorStack) -> Vec<String> {
    stack
        .errors()
        .iter()
        .map(|err| {
            let mut line = format!(
                "TLS library problem: error:{:08X}:{}::{}:{}:{}:",
                err.code(),
                err.library().unwrap_or("lib(0)"),
                err.reason().unwrap_or("reason(0)"),
                AsRef::<str>::as_ref(&err.file()),
                err.line()
            );
            if let Some(data) = err.data() {
                line.push_str(data);
                line.push(':');
            }
            line
        })
        .collect()
}

impl Encrypted {
    pub fn ssl(&self) -> &openssl::ssl::SslRef {
        self.stream.ssl()
    }

    fn said<T>(&mut self, result: io::Result<T>) -> io::Result<T> {
        match result {
            Err(err) if err.kind() == io::ErrorKind::WouldBlock => Err(io::ErrorKind::TimedOut.into()),
            Err(err) => {
                self.failed = true;
                Err(err)
            }
            ok => ok,
        }
    }

    /// close_notify, once; the peer's is not waited for (`tls_fast_shutdown_enable`), yet counts as come, so that the session
    /// stays good for the cache.
    fn goodbye(&mut self) {
        if self.closed || self.failed {
            return;
        }
        self.closed = true;
        let _ = self.stream.get_mut().inner.set_write_timeout(Some(GOODBYE));
        let _ = self.stream.shutdown();
    }
}

impl Transport for Encrypted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let result = self.stream.read(buffer);
        self.said(result)
    }

    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let result = self.stream.write(data);
        self.said(result)
    }

    fn set_read_timeout(&mut self, limit: Option<Duration>) -> io::Result<()> {
        self.stream.get_mut().inner.set_read_timeout(limit)
    }

    fn set_write_timeout(&mut self, limit: Option<Duration>) -> io::Result<()> {
        self.stream.get_mut().inner.set_write_timeout(limit)
    }

    fn shutdown(&mut self, how: Shutdown) -> io::Result<()> {
        if how != Shutdown::Read {
            self.goodbye();
        }
        self.stream.get_mut().inner.shutdown(how)
    }

    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.get_ref().inner.as_fd()
    }

    fn pending(&self) -> usize {
        self.stream.ssl().pending()
    }

    fn peer_addr(&self) -> Option<SocketAddr> {
        self.stream.get_ref().inner.peer_addr()
    }

    fn local_addr(&self) -> Option<SocketAddr> {
        self.stream.get_ref().inner.local_addr()
    }
}

impl Drop for Encrypted {
    fn drop(&mut self) {
        self.goodbye();
    }
}
