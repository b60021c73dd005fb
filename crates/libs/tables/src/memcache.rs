//! `memcache:file` – a memcached server, with a table behind it that keeps what the cache forgets; see
//! memcache_table(5).

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bstr::{BString, ByteSlice};

use crate::endpoint::{Connection, Connections, Endpoint};
use crate::file::Folding;
use crate::parameters::Parameters;
use crate::registry::{Spec, TableType};
use crate::table::{Entries, Flags, Kind, OpenError, Owner, Table, TableError};
use crate::template::Common;
use crate::writer::{Start, WriteError, Writer};

/// The row of `memcache:`.
pub const TYPE: TableType = TableType { name: "memcache", open, can_create: false };

struct Memcache {
    text: String,
    server: Connections,
    common: Common,
    backup: Option<Arc<dyn Table>>,
    backup_name: Option<String>,
    folding: Folding,
    settings: Limits,
    timeout: Duration,
    owner: Owner,
}

struct Limits {
    line: usize,
    data: usize,
    tries: u32,
    pause: Duration,
    ttl: u32,
    flags: u32,
}

fn open(spec: &Spec<'_>) -> Result<Arc<dyn Table>, OpenError> {
    Ok(Arc::new(read(spec.text, spec.name, spec.flags, true)?))
}

fn read(text: &str, name: &str, flags: Flags, open_backup: bool) -> Result<Memcache, OpenError> {
    let parameters = Parameters::open("memcache", name)?;
    if parameters.text("key_digest").is_some_and(|digest| !digest.trim().is_empty()) {
        return Err(OpenError::Config(format!("{text}: key_digest is not supported in this build")));
    }
    let place = parameters.text("memcache").unwrap_or_else(|| "inet:localhost:11211".to_owned());
    let endpoint = Endpoint::parse(place.trim()).map_err(OpenError::Config)?;
    let shown = place.trim().split_once(':').map_or(place.as_str(), |(_, rest)| rest).to_owned();
    let seconds = |name, default| parameters.number(name, default, 0).map(|n| Duration::from_secs(n.into()));
    let timeout = seconds("timeout", 2)?.max(Duration::from_secs(1));
    let query = parameters.text("key_format").unwrap_or_else(|| "%s".to_owned());
    let backup_name = parameters.text("backup").filter(|name| !name.trim().is_empty());
    let backup = match &backup_name {
        Some(name) if open_backup => Some(crate::open(name.trim(), flags)?),
        _ => None,
    };
    let size = |name, default| parameters.number(name, default, 1).map(|n| n as usize);
    Ok(Memcache {
        text: text.to_owned(),
        server: Connections::new(
            endpoint,
            &shown,
            timeout,
            Duration::from_secs(100),
            Duration::from_secs(1000),
        ),
        common: Common::open(&parameters, &query, "")?,
        backup,
        backup_name,
        folding: Folding::of(flags),
        settings: Limits {
            line: size("line_size_limit", 1024)?,
            data: size("data_size_limit", 10240)?,
            tries: parameters.number("max_try", 2, 1)?,
            pause: seconds("retry_pause", 1)?,
            ttl: parameters.number("ttl", 3600, 0)?,
            flags: parameters.number("flags", 0, 0)?,
        },
        timeout,
        owner: parameters.owner(),
    })
}

impl Memcache {
    /// The key as the server gets it; `None`: it is not to be asked for.
    fn key(&self, key: &[u8]) -> Result<Option<BString>, TableError> {
        if !self.common.wants(key)? {
            return Ok(None);
        }
        let Some(formatted) = self.common.query.query(key, &<[u8]>::to_vec) else { return Ok(None) };
        if formatted.is_empty() || formatted.iter().any(|b| b.is_ascii_control() || *b == b' ') {
            // compat: what the protocol cannot say is not in the cache.
            log::debug!("{}: key cannot be asked for: {formatted}", self.text);
            return Ok(None);
        }
        Ok(Some(formatted))
    }

    /// Does `work` with a connection, again on a new one when the server lets go of it.
    fn exchange<T>(&self, work: impl Fn(&mut Connection) -> io::Result<T>) -> Result<T, TableError> {
        let mut last = io::Error::from(io::ErrorKind::BrokenPipe);
        for attempt in 0..self.settings.tries.max(1) {
            if attempt > 0 {
                std::thread::sleep(self.settings.pause);
            }
            let mut connection = self.server.take().map_err(|error| {
                log::warning!("connect to {}: {}", self.server.shown, sys::errno_text(&error));
                TableError::new(sys::errno_text(&error))
            })?;
            connection.stream.set_deadline(Some(net::Deadline { limit: self.timeout, min_rate: 0 }));
            match work(&mut connection) {
                Ok(answer) => {
                    self.server.keep(connection);
                    return Ok(answer);
                }
                Err(error) => {
                    if !connection.old {
                        log::warning!("{}: {}", self.server.shown, trouble(&error));
                    }
                    last = error;
                }
            }
        }
        Err(TableError::new(trouble(&last)))
    }

    fn get(&self, key: &[u8]) -> Result<Option<BString>, TableError> {
        self.exchange(|connection| {
            send(connection, &[b"get ", key, b"\r\n"].concat())?;
            let head = line(connection, self.settings.line)?;
            if head == b"END" {
                return Ok(None);
            }
            let words: Vec<&[u8]> = head.split_str(" ").collect();
            let length = match words.as_slice() {
                [b"VALUE", name, _, length, ..] if *name == key => {
                    std::str::from_utf8(length).ok().and_then(|n| n.parse::<usize>().ok())
                }
                _ => None,
            };
            let length = length.ok_or_else(|| unexpected(&head))?;
            if length > self.settings.data {
                return Err(io::Error::other(format!(
                    "memcache data length {length} exceeds limit {}",
                    self.settings.data
                )));
            }
            let mut value = vec![0; length];
            connection.stream.read_exact(&mut value)?;
            for wanted in [&b""[..], b"END"] {
                let end = line(connection, self.settings.line)?;
                if end != wanted {
                    return Err(unexpected(&end));
                }
            }
            Ok(Some(BString::from(value)))
        })
    }

    fn set(&self, key: &[u8], value: &[u8]) -> Result<(), TableError> {
        if value.len() > self.settings.data {
            return Err(TableError::new(format!(
                "memcache data length {} exceeds limit {}",
                value.len(),
                self.settings.data
            )));
        }
        let Limits { flags, ttl, .. } = self.settings;
        let head = format!(" {flags} {ttl} {}\r\n", value.len());
        self.exchange(|connection| {
            send(connection, &[b"set ", key, head.as_bytes(), value, b"\r\n"].concat())?;
            let reply = line(connection, self.settings.line)?;
            if reply == b"STORED" { Ok(()) } else { Err(unexpected(&reply)) }
        })
    }

    fn delete(&self, key: &[u8]) -> Result<bool, TableError> {
        self.exchange(|connection| {
            send(connection, &[b"delete ", key, b"\r\n"].concat())?;
            match line(connection, self.settings.line)?.as_slice() {
                b"DELETED" => Ok(true),
                b"NOT_FOUND" => Ok(false),
                reply => Err(unexpected(reply)),
            }
        })
    }
}

impl Table for Memcache {
    fn lookup(&self, key: &[u8]) -> Result<Option<BString>, TableError> {
        let key = self.folding.fold(key);
        let Some(name) = self.key(&key)? else { return Ok(None) };
        let cached = self.get(&name);
        let Some(backup) = &self.backup else { return cached };
        if let Ok(Some(value)) = cached {
            return Ok(Some(value));
        }
        // What the cache lost, or cannot say now, the backup knows; it goes back into the cache.
        let found = backup.lookup(&key)?;
        if let (Some(value), Ok(_)) = (&found, &cached) {
            if let Err(error) = self.set(&name, value) {
                log::debug!("{}: {error}", self.text);
            }
        }
        Ok(found)
    }

    fn kind(&self) -> Kind {
        self.common.kind()
    }

    fn entries(&self) -> Result<Entries<'_>, TableError> {
        match &self.backup {
            Some(backup) => backup.entries(),
            None => {
                log::warning!("database {}: first/next support requires backup database", self.text);
                Ok(Box::new(std::iter::empty()))
            }
        }
    }

    fn owner(&self) -> Owner {
        self.owner
    }
}

fn send(connection: &mut Connection, request: &[u8]) -> io::Result<()> {
    connection.stream.write_all(request)?;
    connection.stream.flush()
}

/// A reply line, without its end.
fn line(connection: &mut Connection, limit: usize) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    connection.stream.read_until(b'\n', limit, &mut text)?;
    while text.last().is_some_and(|b| matches!(b, b'\n' | b'\r')) {
        text.pop();
    }
    Ok(text)
}

fn unexpected(reply: &[u8]) -> io::Error {
    let shown: BString = reply.iter().take(30).copied().collect();
    io::Error::new(io::ErrorKind::InvalidData, format!("unexpected memcache server reply: {shown}"))
}

fn trouble(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => "EOF receiving memcache server reply".to_owned(),
        _ => sys::errno_text(error),
    }
}

/// Begins to change the cache, and its backup with it.
pub(crate) fn change(name: &str, flags: Flags) -> Result<Change, OpenError> {
    let text = format!("memcache:{name}");
    let cache = read(&text, name, flags, false)?;
    let backup = match cache.backup_name.as_deref().map(str::trim) {
        None => None,
        Some(backup) => {
            let (kind, file) = backup
                .split_once(':')
                .ok_or_else(|| OpenError::Config(format!("bad backup database: {backup}")))?;
            Some(crate::writer::create(kind, file, Start::Present, flags)?)
        }
    };
    Ok(Change { cache, backup })
}

/// Changes that go to the cache and its backup.
pub(crate) struct Change {
    cache: Memcache,
    backup: Option<Box<dyn Writer>>,
}

impl Change {
    fn key(&self, key: &[u8], doing: &str) -> Result<Option<BString>, WriteError> {
        let key = self.cache.folding.fold(key);
        let name = self.cache.key(&key).map_err(WriteError::Failed)?;
        if name.is_none() {
            log::warning!("{}: skipping {doing} of key \"{}\"", self.cache.text, key.as_bstr());
        }
        Ok(name)
    }
}

impl Writer for Change {
    fn put(&mut self, key: &[u8], value: &[u8]) -> Result<bool, WriteError> {
        let Some(name) = self.key(key, "update")? else { return Ok(false) };
        if let Some(backup) = &mut self.backup {
            backup.put(key, value)?;
        }
        match self.cache.set(&name, value) {
            // The backup has it: the cache will.
            Err(error) if self.backup.is_none() => Err(WriteError::Failed(error)),
            _ => Ok(true),
        }
    }

    fn put_raw(&mut self, key: &[u8], value: &[u8]) {
        if let Err(error) = self.put(key, value) {
            log::warning!("{}", error.text(&self.cache.text, "write"));
        }
    }

    fn delete(&mut self, key: &[u8]) -> Result<bool, WriteError> {
        let Some(name) = self.key(key, "delete")? else { return Ok(false) };
        let cached = self.cache.delete(&name);
        match &mut self.backup {
            Some(backup) => backup.delete(key),
            None => cached.map_err(WriteError::Failed),
        }
    }

    fn replace_duplicates(&mut self) {
        if let Some(backup) = &mut self.backup {
            backup.replace_duplicates();
        }
    }

    fn finish(self: Box<Self>) -> Result<(), WriteError> {
        self.backup.map_or(Ok(()), |backup| backup.finish())
    }
}
