//! `proxy:type:name` – a table that proxymap(8) opens for us, outside our chroot.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bstr::BString;
use ipc::proxymap::{Found, Opened, PROTOCOL, Request, Table as Remote, stat};
use ipc::{Client, Place};

use crate::registry::{Spec, TableType};
use crate::settings;
use crate::table::{Flags, Kind, OpenError, Table, TableError};

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
fn place() -> Place {
    let service = settings().proxymap_service.as_str();
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
    // The service is told the table's own name; a proxy of a proxy is the same proxy.
    let table = spec.name.trim_start_matches("proxy:");
    let bits = wire::encode(spec.flags);
    let client = Client::new(place(), PROTOCOL).keep(Duration::from_secs(100), Duration::from_secs(1000));
    let opened: Opened = client
        .ask(&Request::Open { table: table.into(), instance_flags: bits })
        .map_err(|e| OpenError::Unavailable(format!("{}: {}", spec.text, trouble(&e))))?;
    match opened.status {
        stat::OK => {}
        stat::DENY => {
            return Err(OpenError::Config(format!(
                "{} service is not configured for table \"{table}\"",
                settings().proxymap_service
            )));
        }
        status => return Err(OpenError::Unavailable(format!("open table {table}: {}", meaning(status)))),
    }
    let kind = if opened.flags & wire::PATTERN == 0 { Kind::Fixed } else { Kind::Pattern };
    Ok(Arc::new(ProxyTable {
        client,
        remote: Remote { table: table.into(), instance_flags: bits, flags: bits },
        kind,
    }))
}

impl Table for ProxyTable {
    fn lookup(&self, key: &[u8]) -> Result<Option<BString>, TableError> {
        let request = Request::Lookup { table: self.remote.clone(), key: key.into() };
        let found: Found = self.client.ask(&request).map_err(|e| TableError::new(trouble(&e)))?;
        match found.status {
            stat::OK => Ok(Some(found.value)),
            stat::NO_KEY => Ok(None),
            status => {
                Err(TableError::new(format!("{} for table \"{}\"", meaning(status), self.remote.table)))
            }
        }
    }

    fn kind(&self) -> Kind {
        self.kind
    }
}

fn trouble(error: &io::Error) -> String {
    format!("problem talking to service {}: {}", settings().proxymap_service, sys::errno_text(error))
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
