//! `tcp:host:port` – a line asked, a line answered; see tcp_table(5).

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bstr::BString;

use crate::endpoint::{Connection, Connections, Endpoint};
use crate::file::Folding;
use crate::registry::{Spec, TableType};
use crate::table::{Flags, Kind, OpenError, Table, TableError};

/// The row of `tcp:`.
pub const TYPE: TableType = TableType { name: "tcp", open, can_create: false };

const TIMEOUT: Duration = Duration::from_secs(100);
/// The longest reply, its newline included.
const REPLY_LIMIT: usize = 4096;
const IDLE: Duration = Duration::from_secs(100);

struct Tcp {
    server: Connections,
    folding: Folding,
}

fn open(spec: &Spec<'_>) -> Result<Arc<dyn Table>, OpenError> {
    if spec.flags.has(Flags::NO_UNAUTH) {
        return Err(OpenError::Unavailable(format!(
            "{} map is not allowed for security sensitive data",
            spec.text
        )));
    }
    let endpoint = Endpoint::inet(spec.name).map_err(OpenError::Config)?;
    let server = Connections::new(endpoint, spec.name, TIMEOUT, IDLE, Duration::from_secs(1000));
    Ok(Arc::new(Tcp { server, folding: Folding::of(spec.flags) }))
}

impl Table for Tcp {
    fn lookup(&self, key: &[u8]) -> Result<Option<BString>, TableError> {
        let request = [b"get ", quoted(&self.folding.fold(key)).as_slice(), b"\n"].concat();
        let failed = |error: &io::Error| TableError::new(sys::errno_text(error));
        let connect = |made: io::Result<Connection>| {
            made.map_err(|error| {
                log::warning!("connect to TCP map {}: {}", self.server.shown, sys::errno_text(&error));
                failed(&error)
            })
        };
        let mut connection = connect(self.server.take())?;
        let line = match ask(&mut connection, &request) {
            Ok(line) => line,
            // The server may close what it has not heard from for a while.
            Err(_) if connection.old => {
                connection = connect(self.server.fresh())?;
                ask(&mut connection, &request).map_err(|error| self.trouble(&error))?
            }
            Err(error) => return Err(self.trouble(&error)),
        };
        let answer = self.answer(&line)?;
        self.server.keep(connection);
        Ok(answer)
    }

    // Never asked for parts of a key.
    fn kind(&self) -> Kind {
        Kind::Pattern
    }
}

impl Tcp {
    fn trouble(&self, error: &io::Error) -> TableError {
        let shown = &self.server.shown;
        match error.kind() {
            io::ErrorKind::FileTooLarge | io::ErrorKind::InvalidData => {
                log::warning!("read TCP map reply from {shown}: text longer than {REPLY_LIMIT}");
            }
            io::ErrorKind::UnexpectedEof => {
                log::warning!("read TCP map reply from {shown}: unexpected EOF ({})", sys::errno_text(error));
            }
            _ => log::warning!("read TCP map reply from {shown}: {}", sys::errno_text(error)),
        }
        TableError::new(sys::errno_text(error))
    }

    fn answer(&self, line: &[u8]) -> Result<Option<BString>, TableError> {
        let shown = &self.server.shown;
        let bad = |what: &str| {
            let text: BString = line.iter().take(100).copied().collect();
            log::warning!("read TCP map reply from {shown}: {what}: {text}");
            TableError::new("Bad message")
        };
        let (status, text) = line.split_at_checked(3).ok_or_else(|| bad("malformed reply"))?;
        let text = text.strip_prefix(b" ").or_else(|| text.strip_prefix(b"\t"));
        let text = text.filter(|_| status.iter().all(u8::is_ascii_digit));
        let text = text.ok_or_else(|| bad("malformed reply"))?;
        let text = unquoted(crate::text::trim_start(text)).ok_or_else(|| bad("malformed reply"))?;
        match status.first() {
            Some(b'2') => Ok(Some(text)),
            Some(b'5') => Ok(None),
            Some(b'4') => {
                log::debug!("TCP map {shown}: {text}");
                Err(TableError::new(text.to_string()))
            }
            _ => Err(bad("bad status code")),
        }
    }
}

/// Sends a request and reads the reply, without its end.
fn ask(connection: &mut Connection, request: &[u8]) -> io::Result<Vec<u8>> {
    // All of it within the limit, however slowly the server sends.
    let deadline = net::Deadline { limit: TIMEOUT, min_rate: 0 };
    connection.stream.set_deadline(Some(deadline));
    connection.stream.write_all(request)?;
    connection.stream.flush()?;
    let mut line = Vec::new();
    connection.stream.read_until(b'\n', REPLY_LIMIT, &mut line)?;
    while line.last().is_some_and(|b| matches!(b, b'\n' | b'\r')) {
        line.pop();
    }
    Ok(line)
}

/// `%XX` for `%`, blanks and what cannot be printed.
fn quoted(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for byte in text {
        if byte.is_ascii_graphic() && *byte != b'%' {
            out.push(*byte);
        } else {
            out.extend(format!("%{byte:02x}").into_bytes());
        }
    }
    out
}

fn unquoted(text: &[u8]) -> Option<BString> {
    let mut out = BString::default();
    let mut bytes = text.iter();
    while let Some(byte) = bytes.next() {
        if *byte != b'%' {
            out.push(*byte);
            continue;
        }
        let digits = [*bytes.next()?, *bytes.next()?];
        let text = std::str::from_utf8(&digits).ok()?;
        out.push(u8::from_str_radix(text, 16).ok().filter(|_| digits.iter().all(u8::is_ascii_hexdigit))?);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoting_goes_there_and_back() {
        assert_eq!(quoted(b"a b%\xe9"), b"a%20b%25%e9");
        assert_eq!(
            unquoted(b"a%20b%25%E9").unwrap(),
            "a b%\u{fffd}"
                .replace('\u{fffd}', "")
                .as_bytes()
                .iter()
                .chain(b"\xe9")
                .copied()
                .collect::<BString>()
        );
        for bad in [&b"%"[..], b"%2", b"%zz", b"%+1"] {
            assert_eq!(unquoted(bad), None);
        }
    }
}
