//! `socketmap:inet:host:port:name`, `socketmap:unix:path:name` – netstrings; see socketmap_table(5).

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bstr::{BString, ByteSlice};

use crate::endpoint::{Connection, Connections, Endpoint};
use crate::file::Folding;
use crate::registry::{Spec, TableType};
use crate::settings;
use crate::table::{Flags, Kind, OpenError, Table, TableError};

/// The row of `socketmap:`.
pub const TYPE: TableType = TableType { name: "socketmap", open, can_create: false };

const TIMEOUT: Duration = Duration::from_secs(100);
const IDLE: Duration = Duration::from_secs(10);
const LIFE: Duration = Duration::from_secs(100);

struct Socketmap {
    text: String,
    server: Connections,
    /// What the server calls this table.
    name: String,
    folding: Folding,
}

fn open(spec: &Spec<'_>) -> Result<Arc<dyn Table>, OpenError> {
    if spec.flags.has(Flags::NO_UNAUTH) {
        return Err(OpenError::Unavailable(format!(
            "{} map is not allowed for security-sensitive data",
            spec.text
        )));
    }
    let (server, name) = spec
        .name
        .rsplit_once(':')
        .filter(|(server, _)| server.contains(':'))
        .ok_or_else(|| OpenError::Config("socketmap requires server:socketmap argument".to_owned()))?;
    let endpoint = Endpoint::parse(server).map_err(OpenError::Config)?;
    // compat: the log shows the place without its kind.
    let shown = server.split_once(':').map_or(server, |(_, place)| place);
    Ok(Arc::new(Socketmap {
        text: spec.text.to_owned(),
        server: Connections::new(endpoint, shown, TIMEOUT, IDLE, LIFE),
        name: name.to_owned(),
        folding: Folding::of(spec.flags),
    }))
}

/// Why an exchange failed.
enum Trouble {
    Io(io::Error),
    /// The server's words are no socketmap protocol.
    Protocol(&'static str),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Trouble {
        Trouble::Io(error)
    }
}

impl Table for Socketmap {
    fn lookup(&self, key: &[u8]) -> Result<Option<BString>, TableError> {
        let key = self.folding.fold(key);
        let request = [self.name.as_bytes(), b" ", &key].concat();
        let failed = |error: &io::Error| {
            let why = sys::errno_text(error);
            log::warning!("table {} lookup error: {why}", self.text);
            TableError::new(why)
        };
        let connect = |made: io::Result<Connection>| {
            made.map_err(|error| {
                log::warning!("connect to {}: {}", self.server.shown, sys::errno_text(&error));
                failed(&error)
            })
        };
        let mut connection = connect(self.server.take())?;
        let mut reply = ask(&mut connection, &request);
        if reply.is_err() && connection.old {
            // The server may close what it has not heard from for a while.
            connection = connect(self.server.fresh())?;
            reply = ask(&mut connection, &request);
        }
        let reply = match reply {
            Ok(reply) => reply,
            Err(Trouble::Io(error)) => return Err(failed(&error)),
            Err(Trouble::Protocol(what)) => {
                log::warning!("table {} lookup error: {what}", self.text);
                return Err(TableError::new(what));
            }
        };
        let answer = self.answer(&reply)?;
        self.server.keep(connection);
        Ok(answer)
    }

    // Never asked for parts of a key.
    fn kind(&self) -> Kind {
        Kind::Pattern
    }
}

impl Socketmap {
    fn answer(&self, reply: &[u8]) -> Result<Option<BString>, TableError> {
        let (status, text) = reply.split_once_str(" ").unwrap_or((reply, b""));
        let said = |what: &str| {
            let colon = if text.is_empty() { "" } else { ": " };
            let text: BString = text.iter().take(200).copied().collect();
            log::warning!("{} socketmap server {what} error{colon}{text}", self.text);
            TableError::new(format!("{what} error"))
        };
        match status {
            b"OK" => Ok(Some(BString::from(text))),
            b"NOTFOUND" => Ok(None),
            b"TEMP" => Err(said("temporary")),
            b"TIMEOUT" => Err(said("timeout")),
            b"PERM" => Err(said("permanent")),
            _ => {
                let shown: BString = reply.iter().take(100).copied().collect();
                log::warning!("{} socketmap server unexpected reply: {shown}", self.text);
                Err(TableError::new("unexpected reply"))
            }
        }
    }
}

/// Sends a netstring and reads one.
fn ask(connection: &mut Connection, request: &[u8]) -> Result<Vec<u8>, Trouble> {
    let stream = &mut connection.stream;
    // All of it within the limit, however slowly the server sends.
    stream.set_deadline(Some(net::Deadline { limit: TIMEOUT, min_rate: 0 }));
    stream.write_all(&[format!("{}:", request.len()).as_bytes(), request, b","].concat())?;
    stream.flush()?;
    let limit = settings().socketmap_max_reply;
    let mut length = Vec::new();
    stream.read_until(b':', 10, &mut length).map_err(|error| match error.kind() {
        io::ErrorKind::FileTooLarge | io::ErrorKind::InvalidData => {
            Trouble::Protocol("netstring format error while receiving netstring")
        }
        _ => Trouble::Io(error),
    })?;
    length.pop();
    let digits = std::str::from_utf8(&length).ok().filter(|t| t.bytes().all(|b| b.is_ascii_digit()));
    let length: usize = digits
        .and_then(|digits| digits.parse().ok())
        .ok_or(Trouble::Protocol("netstring format error while receiving netstring"))?;
    if length > limit {
        return Err(Trouble::Protocol("netstring size limit exceeded while receiving netstring"));
    }
    let mut reply = vec![0; length + 1];
    stream.read_exact(&mut reply)?;
    if reply.pop() != Some(b',') {
        return Err(Trouble::Protocol("netstring format error while receiving netstring"));
    }
    Ok(reply)
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    use crate::{Flags, open};

    /// A server that gives this answer to each connection's first request, and closes.
    fn server(answer: Vec<u8>) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            for stream in listener.incoming().take(4).flatten() {
                let mut stream = stream;
                let _ = stream.read(&mut [0; 1000]);
                let _ = stream.write_all(&answer);
            }
        });
        port
    }

    #[test]
    fn hostile_servers_are_errors_and_never_not_found() {
        let huge = [b"999999:".to_vec(), vec![b'x'; 1 << 20]].concat();
        for answer in [
            &b""[..],
            b"5:OK a",
            b"4:OK a;",
            b"-1:x,",
            b"99999999999999999999:x,",
            b"abc",
            b"0:,",
            b"9:WHATEVER ,",
            b"10:TEMP later,",
            &huge,
        ] {
            let table = format!("socketmap:inet:127.0.0.1:{}:name", server(answer.to_vec()));
            let table = open(&table, Flags::LOOKUP).unwrap();
            assert!(table.lookup(b"key").is_err(), "{:?}", answer.get(..20));
            let tcp = format!("tcp:127.0.0.1:{}", server(answer.to_vec()));
            assert!(open(&tcp, Flags::LOOKUP).unwrap().lookup(b"key").is_err(), "{:?}", answer.get(..20));
        }
        let table = format!("socketmap:inet:127.0.0.1:{}:name", server(b"6:OK a b,".to_vec()));
        assert_eq!(open(&table, Flags::LOOKUP).unwrap().lookup(b"key").unwrap().unwrap(), "a b");
        let table = format!("tcp:127.0.0.1:{}", server(b"200 a%20b\n".to_vec()));
        assert_eq!(open(&table, Flags::LOOKUP).unwrap().lookup(b"key").unwrap().unwrap(), "a b");
    }
}
