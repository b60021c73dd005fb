//! `non_bdb_migration_level`: tables that are called `hash:` or `btree:` and are of another type by now.

use std::collections::HashSet;
use std::sync::{LazyLock, Mutex, PoisonError};

use crate::settings;
use crate::table::{Flags, OpenError};

/// What main.cf says of the migration.
#[derive(Clone, Debug)]
pub struct Migration {
    /// `non_bdb_migration_level`
    pub level: String,
    /// `non_bdb_custom_mapping`: tables from `hash` and `btree` to types
    pub mapping: String,
    /// `non_bdb_migration_log_redirect`
    pub log: bool,
    /// `default_cache_db_type`, which `btree` becomes
    pub cache_type: String,
}

impl Default for Migration {
    fn default() -> Migration {
        Migration {
            level: "disable".to_owned(),
            mapping: String::new(),
            log: true,
            cache_type: "lmdb".to_owned(),
        }
    }
}

/// Where there were such redirections, they were logged once each.
static LOGGED: LazyLock<Mutex<HashSet<String>>> = LazyLock::new(Mutex::default);

/// The type that stands for `kind`, when it is one of those to migrate from and migration is on.
pub(crate) fn redirect(kind: &str, name: &str) -> Result<Option<String>, OpenError> {
    let migration = &settings().migration;
    if !matches!(kind, "hash" | "btree") {
        return Ok(None);
    }
    match migration.level.as_str() {
        "disable" => return Ok(None),
        "enable-redirect" | "enable-reindex" => {}
        other => {
            return Err(OpenError::Config(format!("invalid non-Berkeley-DB migration level: '{other}'")));
        }
    }
    let wrong = |why: String| {
        OpenError::Config(format!("non_bdb migration mapping lookup error for '{kind}': {why}"))
    };
    let mut wanted = None;
    for table in crate::braces::split(&migration.mapping) {
        wanted =
            crate::open(table, Flags::LOOKUP)?.lookup(kind.as_bytes()).map_err(|e| wrong(e.to_string()))?;
        if wanted.is_some() {
            break;
        }
    }
    let wanted = wanted.map(|value| value.to_string()).unwrap_or_else(|| match kind {
        "hash" => settings().default_type.clone(),
        _ => migration.cache_type.clone(),
    });
    if matches!(wanted.as_str(), "hash" | "btree") {
        return Err(wrong(format!("mapping from '{kind}' to legacy type '{wanted}'")));
    }
    let line = format!("redirecting {kind}:{name} to {wanted}:{name}");
    let mut logged = LOGGED.lock().unwrap_or_else(PoisonError::into_inner);
    if migration.log && logged.insert(line.clone()) {
        log::info!("{line}");
    }
    Ok(Some(wanted))
}
