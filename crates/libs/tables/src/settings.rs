//! The few main.cf values that table types need, set once by the process's start.

use std::collections::HashMap;
use std::sync::OnceLock;

use config::Config;
use config::params::{
    DAEMON_DIRECTORY, DEFAULT_CACHE_DB_TYPE, DEFAULT_DATABASE_TYPE, LMDB_MAP_SIZE, MAIL_OWNER,
    NON_BDB_CUSTOM_MAPPING, NON_BDB_MIGRATION_LEVEL, NON_BDB_MIGRATION_LOG_REDIRECT, PROXYMAP_SERVICE_NAME,
    PROXYWRITE_SERVICE_NAME, QUEUE_DIRECTORY, SMTPUTF8_ENABLE, SOCKETMAP_MAX_REPLY_SIZE,
};

use crate::migration::Migration;

/// What main.cf says about tables in general.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `default_database_type`
    pub default_type: String,
    /// `lmdb_map_size`, in bytes
    pub lmdb_map_size: u64,
    /// `queue_directory`, where `private/proxymap` is
    pub queue_directory: String,
    /// `proxymap_service_name`
    pub proxymap_service: String,
    /// `proxywrite_service_name`
    pub proxywrite_service: String,
    /// `smtputf8_enable`: keys and values that are not UTF-8 are passed over
    pub utf8: bool,
    /// `socketmap_max_reply_size`, in bytes
    pub socketmap_max_reply: usize,
    /// What stands for `hash:` and `btree:`
    pub migration: Migration,
    /// `daemon_directory`, where the helpers of table types are
    pub daemon_directory: String,
    /// `mail_owner`, whose rights helpers take; `None`: they keep those of this process.
    pub helper_owner: Option<String>,
    /// What main.cf sets and no program knows: parameters of tables that are configured there (`mysql:x`, `x_hosts`).
    pub parameters: HashMap<String, String>,
}

impl Settings {
    /// The value of a parameter that is a table's own.
    pub fn parameter(&self, name: &str) -> Option<String> {
        self.parameters.get(name).cloned()
    }
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            default_type: "hash".to_owned(),
            lmdb_map_size: 16 << 20,
            queue_directory: "/var/spool/postfix".to_owned(),
            proxymap_service: "proxymap".to_owned(),
            proxywrite_service: "proxywrite".to_owned(),
            utf8: true,
            socketmap_max_reply: 100_000,
            migration: Migration::default(),
            daemon_directory: "/usr/lib/postfix/sbin".to_owned(),
            helper_owner: None,
            parameters: HashMap::new(),
        }
    }
}

impl From<&Config> for Settings {
    fn from(cf: &Config) -> Settings {
        Settings {
            default_type: cf.get(DEFAULT_DATABASE_TYPE).to_owned(),
            lmdb_map_size: cf.size(LMDB_MAP_SIZE),
            queue_directory: cf.get(QUEUE_DIRECTORY).to_owned(),
            proxymap_service: cf.get(PROXYMAP_SERVICE_NAME).to_owned(),
            proxywrite_service: cf.get(PROXYWRITE_SERVICE_NAME).to_owned(),
            utf8: cf.get(SMTPUTF8_ENABLE),
            socketmap_max_reply: usize::try_from(cf.get(SOCKETMAP_MAX_REPLY_SIZE)).unwrap_or(usize::MAX),
            migration: Migration {
                level: cf.get(NON_BDB_MIGRATION_LEVEL).to_owned(),
                mapping: cf.get(NON_BDB_CUSTOM_MAPPING).to_owned(),
                log: cf.get(NON_BDB_MIGRATION_LOG_REDIRECT),
                cache_type: cf.get(DEFAULT_CACHE_DB_TYPE).to_owned(),
            },
            daemon_directory: cf.get(DAEMON_DIRECTORY).to_owned(),
            helper_owner: Some(cf.get(MAIL_OWNER).to_owned()),
            parameters: cf
                .definitions()
                .into_iter()
                .filter(|(name, _)| config::ParamRef::named(name).is_none())
                .filter_map(|(name, (text, _))| Some((name.to_owned(), cf.expand(text).ok()?)))
                .collect(),
        }
    }
}

static SETTINGS: OnceLock<Settings> = OnceLock::new();

/// Sets the process's values. Later calls change nothing.
pub fn configure(settings: Settings) {
    let _ = SETTINGS.set(settings);
}

/// The process's values, or the defaults.
pub fn settings() -> &'static Settings {
    SETTINGS.get_or_init(Settings::default)
}
