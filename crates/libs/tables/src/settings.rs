//! The few main.cf values that table types need, set once by the process's start.

use std::sync::OnceLock;

use config::Config;
use config::params::{
    DEFAULT_DATABASE_TYPE, LMDB_MAP_SIZE, PROXYMAP_SERVICE_NAME, PROXYWRITE_SERVICE_NAME, QUEUE_DIRECTORY,
    SMTPUTF8_ENABLE,
};

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
