//! `proxy:type:name` – a table that proxymap(8) opens for us, outside our chroot.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bstr::BString;
use ipc::proxymap::{Changed, Found, Opened, PROTOCOL, Pair, Request, Table as Remote, stat};
use ipc::{Client, Place};

use crate::file::Folding;
use crate::registry::{Spec, TableType};
use crate::settings;
use crate::table::{Entries, Flags, Kind, OpenError, Table, TableError};
use crate::writer::{WriteError, Writer};

/// The row of `proxy:`.
pub const TYPE: TableType = TableType { name: "proxy", open, can_create: false };

/// The reference's flag bits, as the protocol carries them.
pub mod wire {
    use crate::table::Flags;

    /// Keys of the table are fixed strings.
    pub const FIXED: i32 = 1 << 4;
    /// Keys of the table are patterns.
    pub const PATTERN: i32 = 1 << 5;
    const BITS: [(Flags, i32); 9] = [
        (Flags::DUP_WARN, 1),
        (Flags::DUP_IGNORE, 1 << 1),
        (Flags::DUP_REPLACE, 1 << 7),
        (Flags::NO_SUBSTITUTION, 1 << 11),
        (Flags::NO_PROXY, 1 << 12),
        (Flags::NO_UNAUTH, 1 << 13),
        (Flags::FOLD, 1 << 14),
        (Flags::FOLD_PATTERNS, 1 << 15),
        (Flags::VALUE_IS_FILE, 1 << 21),
    ];
    const LOCK: i32 = 1 << 6;
    const UTF8: i32 = 1 << 19;

    /// The server checks keys and values for UTF-8, so that clients need not.
    const UTF8_ACTIVE: i32 = 1 << 20;

    /// What a server says of a table that was opened with `requested`: clients take these flags over as the table's.
    pub fn opened(requested: i32, kind: super::Kind) -> i32 {
        let kind = if kind == super::Kind::Pattern { PATTERN } else { FIXED };
        let active = if requested & UTF8 == 0 { 0 } else { UTF8_ACTIVE };
        requested | kind | active
    }

    /// Our flags as the protocol's.
    pub fn encode(flags: Flags) -> i32 {
        let utf8 = if flags.has(Flags::NO_UTF8) { 0 } else { UTF8 };
        BITS.iter().filter(|(ours, _)| flags.has(*ours)).fold(LOCK | utf8, |bits, (_, theirs)| bits | theirs)
    }

    /// The protocol's flags as ours.
    pub fn decode(bits: i32) -> Flags {
        let utf8 = if bits & UTF8 == 0 { Flags::NO_UTF8 } else { Flags::NONE };
        BITS.iter().filter(|(_, theirs)| bits & theirs != 0).fold(utf8, |flags, (ours, _)| flags | *ours)
    }
}

struct ProxyTable {
    client: Client,
    remote: Remote,
    kind: Kind,
}

/// The service's socket. Daemons work in the queue directory, perhaps in a jail; tools anywhere.
fn place(service: &str) -> Place {
    let here = Place::private(service);
    if here.path().exists() {
        return here;
    }
    let whole = std::path::Path::new(&settings().queue_directory).join(here.path());
    Place::private(whole.to_string_lossy())
}

fn open(spec: &Spec<'_>) -> Result<Arc<dyn Table>, OpenError> {
    if spec.flags.has(Flags::NO_PROXY) {
        return Err(OpenError::Unavailable(format!(
            "{}: not allowed for security-sensitive data",
            spec.text
        )));
    }
    connect(&settings().proxymap_service, spec.name, spec.flags).map(|table| Arc::new(table) as _)
}

fn connect(service: &'static str, name: &str, flags: Flags) -> Result<ProxyTable, OpenError> {
    // The service is told the table's own name; a proxy of a proxy is the same proxy.
    let table = name.trim_start_matches("proxy:");
    let bits = wire::encode(flags);
    let client =
        Client::new(place(service), PROTOCOL).keep(Duration::from_secs(100), Duration::from_secs(1000));
    let opened: Opened = client
        .ask(&Request::Open { table: table.into(), instance_flags: bits })
        .map_err(|e| OpenError::Unavailable(format!("proxy:{name}: {}", trouble(service, &e))))?;
    match opened.status {
        stat::OK => {}
        stat::DENY => {
            return Err(OpenError::Config(format!(
                "{service} service is not configured for table \"{table}\""
            )));
        }
        status => return Err(OpenError::Unavailable(format!("open table {table}: {}", meaning(status)))),
    }
    let kind = if opened.flags & wire::PATTERN == 0 { Kind::Fixed } else { Kind::Pattern };
    Ok(ProxyTable { client, remote: Remote { table: table.into(), instance_flags: bits, flags: bits }, kind })
}

impl ProxyTable {
    fn failed(&self, status: i32) -> TableError {
        TableError::new(format!("{} for table \"{}\"", meaning(status), self.remote.table))
    }
}

/// Begins to change a table through the writing service.
pub(crate) fn change(name: &str, flags: Flags) -> Result<Change, OpenError> {
    connect(&settings().proxywrite_service, name, flags)
        .map(|table| Change { table, folding: Folding::of(flags) })
}

/// Changes that the writing service makes, one by one.
pub(crate) struct Change {
    table: ProxyTable,
    folding: Folding,
}

impl Change {
    fn ask(&self, request: &Request) -> Result<bool, WriteError> {
        let changed: Changed = self.table.client.ask(request).map_err(|error| {
            WriteError::Failed(TableError::new(trouble(&settings().proxywrite_service, &error)))
        })?;
        match changed.status {
            stat::OK => Ok(true),
            stat::NO_KEY => Ok(false),
            status => Err(WriteError::Failed(self.table.failed(status))),
        }
    }
}

impl Writer for Change {
    fn put(&mut self, key: &[u8], value: &[u8]) -> Result<bool, WriteError> {
        let key = self.folding.fold(key).into_owned().into();
        self.ask(&Request::Update { table: self.table.remote.clone(), key, value: value.into() })
    }

    fn put_raw(&mut self, key: &[u8], value: &[u8]) {
        if let Err(error) = self.put(key, value) {
            log::warning!("{}", error.text(&self.table.remote.table.to_string(), "write"));
        }
    }

    fn delete(&mut self, key: &[u8]) -> Result<bool, WriteError> {
        let key = self.folding.fold(key).into_owned().into();
        self.ask(&Request::Delete { table: self.table.remote.clone(), key })
    }

    fn replace_duplicates(&mut self) {}

    fn finish(self: Box<Self>) -> Result<(), WriteError> {
        Ok(())
    }
}

impl Table for ProxyTable {
    fn lookup(&self, key: &[u8]) -> Result<Option<BString>, TableError> {
        let request = Request::Lookup { table: self.remote.clone(), key: key.into() };
        let found: Found = self
            .client
            .ask(&request)
            .map_err(|e| TableError::new(trouble(&settings().proxymap_service, &e)))?;
        match found.status {
            stat::OK => Ok(Some(found.value)),
            stat::NO_KEY => Ok(None),
            status => Err(self.failed(status)),
        }
    }

    fn kind(&self) -> Kind {
        self.kind
    }

    fn entries(&self) -> Result<Entries<'_>, TableError> {
        let mut function = 0;
        let mut ended = false;
        Ok(Box::new(std::iter::from_fn(move || {
            if ended {
                return None;
            }
            let request = Request::Sequence { table: self.remote.clone(), function };
            function = 1;
            let pair = self.client.ask::<_, Pair>(&request);
            let entry = match pair {
                Ok(pair) if pair.status == stat::OK => return Some(Ok((pair.key, pair.value))),
                Ok(pair) if pair.status == stat::NO_KEY => None,
                Ok(pair) => Some(Err(self.failed(pair.status))),
                Err(error) => Some(Err(TableError::new(trouble(&settings().proxymap_service, &error)))),
            };
            ended = true;
            entry
        })))
    }
}

fn trouble(service: &str, error: &io::Error) -> String {
    format!("problem talking to service {service}: {}", sys::errno_text(error))
}

fn meaning(status: i32) -> &'static str {
    match status {
        stat::BAD => "bad request",
        stat::DENY => "access denied",
        stat::CONFIG => "table or service configuration error",
        _ => "try again",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_go_there_and_back() {
        for flags in [Flags::LOOKUP, Flags::NONE, Flags::LOOKUP | Flags::NO_SUBSTITUTION | Flags::NO_UTF8] {
            assert_eq!(wire::decode(wire::encode(flags)), flags);
        }
        assert_eq!(wire::encode(Flags::LOOKUP), 1 << 6 | 1 << 14 | 1 << 15 | 1 << 19);
    }
}
