//! The table types: one row each. What `postconf -m` lists and [`crate::open`] dispatches on.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError, Weak};

use bstr::BString;

use crate::checked::Checked;
use crate::migration;
use crate::service::client;
use crate::table::{Flags, Kind, OpenError, Table, TableError};
use crate::{
    bdb, cdb, cidr, compose, debug, inline, lmdb, memcache, pcre, plain, proxy, regexp, sdbm, settings,
    socketmap, system, tcp, text,
};

/// One table type.
pub struct TableType {
    /// The name before the colon.
    pub name: &'static str,
    /// Opens an existing table for lookups.
    pub open: fn(&Spec<'_>) -> Result<Arc<dyn Table>, OpenError>,
    /// Whether postmap and postalias can build it.
    pub can_create: bool,
}

/// What stands after the colon, with how to open it.
pub struct Spec<'a> {
    /// The whole `type:name`, for messages.
    pub text: &'a str,
    /// The part after the type.
    pub name: &'a str,
    /// How to open and ask it.
    pub flags: Flags,
}

/// All types, in name order.
static TYPES: [TableType; 29] = [
    bdb::BTREE,
    cdb::TYPE,
    cidr::TYPE,
    debug::TYPE,
    plain::ENVIRON,
    plain::FAIL,
    bdb::HASH,
    inline::TYPE,
    plain::INTERNAL,
    client::LDAP,
    lmdb::TYPE,
    memcache::TYPE,
    MONGODB,
    client::MYSQL,
    system::NIS,
    pcre::TYPE,
    client::PGSQL,
    compose::PIPE,
    proxy::TYPE,
    compose::RANDOM,
    regexp::TYPE,
    sdbm::TYPE,
    socketmap::TYPE,
    client::SQLITE,
    plain::STATIC,
    tcp::TYPE,
    text::TEXTHASH,
    compose::UNION,
    system::UNIX,
];

/// All types that main.cf may name, in name order.
pub fn types() -> impl Iterator<Item = &'static TableType> {
    TYPES.iter().filter(|row| row.name != MONGODB.name && !client::is_missing(row.name))
}

/// `mongodb:` is known, and not there yet.
const MONGODB: TableType = TableType {
    name: "mongodb",
    open: |spec| Err(OpenError::Config(format!("{}: mongodb tables are not implemented yet", spec.text))),
    can_create: false,
};

/// By `type:name` and flags.
type OpenTables = HashMap<(String, Flags), Weak<dyn Table>>;

/// Tables that are open now: the same `type:name` with the same flags is one table, whoever asks.
static OPEN: LazyLock<Mutex<OpenTables>> = LazyLock::new(Mutex::default);

/// Opens `type:name`.
pub fn open(text: &str, flags: Flags) -> Result<Arc<dyn Table>, OpenError> {
    let (kind, name) = text
        .split_once(':')
        .filter(|(kind, name)| !kind.is_empty() && !name.is_empty())
        .ok_or_else(|| {
            OpenError::Config(format!("open dictionary: expecting \"type:name\" form instead of \"{text}\""))
        })?;
    if let Some(other) = migration::redirect(kind, name)? {
        return open(&format!("{other}:{name}"), flags);
    }
    let key = (text.to_owned(), flags);
    let known = OPEN.lock().unwrap_or_else(PoisonError::into_inner).get(&key).and_then(Weak::upgrade);
    if let Some(table) = known.filter(|table| !table.changed()) {
        return Ok(table);
    }
    let row = TYPES.iter().find(|row| row.name == kind);
    if client::is_missing(kind) {
        return Err(OpenError::Unavailable(format!(
            "unsupported dictionary type: {kind}. Its client, table-{kind}, is not installed in {}",
            settings().daemon_directory
        )));
    }
    let row = row.ok_or_else(|| OpenError::Unavailable(format!("unsupported dictionary type: {kind}")))?;
    let mut table = (row.open)(&Spec { text, name, flags })?;
    // Who answers for `proxy:` checks there.
    if settings().utf8 && !flags.has(Flags::NO_UTF8) && kind != proxy::TYPE.name {
        table = Checked::guard(text, table);
    }
    let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    open.retain(|_, table| table.strong_count() > 0);
    open.insert(key, Arc::downgrade(&table));
    Ok(table)
}

/// As [`open`], for daemons: a table that is away now is logged, and answers every lookup with an error.
pub fn open_or_fail(text: &str, flags: Flags) -> Result<Arc<dyn Table>, OpenError> {
    match open(text, flags) {
        Err(OpenError::Unavailable(reason)) => {
            log::error!("{reason}");
            Ok(away(text.to_owned(), reason))
        }
        opened => opened,
    }
}

/// Stands in for what could not be opened: each look at it fails, and says why.
pub fn away(name: String, reason: String) -> Arc<dyn Table> {
    Arc::new(Away { name, reason })
}

/// Stands in for a table that could not be opened.
struct Away {
    name: String,
    reason: String,
}

impl Table for Away {
    fn lookup(&self, _key: &[u8]) -> Result<Option<BString>, TableError> {
        log::warning!("{} is unavailable. {}", self.name, self.reason);
        Err(TableError::new(self.reason.clone()))
    }

    // compat: both kinds of search meet the error.
    fn kind(&self) -> Kind {
        Kind::Fixed
    }
}
