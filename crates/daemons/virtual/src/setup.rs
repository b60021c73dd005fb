//! What main.cf says about virtual mailboxes, and the tables it names.

use config::params::*;
use config::{Config, ConfigError, ParamRef};
use daemon::Setup;
use delivery::mailbox::Locking;
use delivery::{Agent, Privileges};
use tables::{Flags, Maps, configured};

/// All that requests share.
pub struct Virtual {
    pub agent: Agent,
    pub privileges: Privileges,
    pub mailboxes: Maps,
    pub uids: Maps,
    pub gids: Maps,
    pub base: &'static str,
    pub minimum_uid: i64,
    pub locking: Locking,
    pub strict_ownership: bool,
    pub delimiter: &'static str,
    pub owner_request_special: bool,
    pub double_bounce: &'static str,
}

/// The parameters that this agent reads.
pub fn parameters() -> Vec<ParamRef> {
    let mut all = delivery::agent::parameters();
    all.extend::<[ParamRef; 18]>([
        DELIVER_LOCK_ATTEMPTS.into(),
        DELIVER_LOCK_DELAY.into(),
        DOUBLE_BOUNCE_SENDER.into(),
        MAIL_OWNER.into(),
        MESSAGE_SIZE_LIMIT.into(),
        OWNER_REQUEST_SPECIAL.into(),
        RECIPIENT_DELIMITER.into(),
        SMTPUTF8_ENABLE.into(),
        STALE_LOCK_TIME.into(),
        STRICT_MAILBOX_OWNERSHIP.into(),
        VIRTUAL_DELIVERY_STATUS_FILTER.into(),
        VIRTUAL_GID_MAPS.into(),
        VIRTUAL_MAILBOX_BASE.into(),
        VIRTUAL_MAILBOX_LIMIT.into(),
        VIRTUAL_MAILBOX_LOCK.into(),
        VIRTUAL_MAILBOX_MAPS.into(),
        VIRTUAL_MINIMUM_UID.into(),
        VIRTUAL_UID_MAPS.into(),
    ]);
    all
}

/// Opens everything, with the privileges of master(8).
pub fn open(setup: &Setup) -> Result<Virtual, ConfigError> {
    let config = setup.config;
    limit_files(config)?;
    let base = config.get(VIRTUAL_MAILBOX_BASE);
    if !base.is_empty() && !base.starts_with('/') {
        return Err(ConfigError::new(format!(
            "do not specify relative pathname: {} = {base}",
            VIRTUAL_MAILBOX_BASE.name()
        )));
    }
    // What a table says becomes a path, a user and a group: nothing of the recipient's may get into it, and nobody but
    // the administrator may answer.
    let flags = Flags::LOOKUP | Flags::NO_SUBSTITUTION | Flags::NO_PROXY | Flags::NO_UNAUTH;
    Ok(Virtual {
        agent: Agent::open(config, VIRTUAL_DELIVERY_STATUS_FILTER.name())?,
        privileges: Privileges::new(config),
        mailboxes: configured::maps(config, VIRTUAL_MAILBOX_MAPS, flags)?,
        uids: configured::maps(config, VIRTUAL_UID_MAPS, flags)?,
        gids: configured::maps(config, VIRTUAL_GID_MAPS, flags)?,
        base,
        minimum_uid: config.get(VIRTUAL_MINIMUM_UID),
        locking: Locking::new(config, VIRTUAL_MAILBOX_LOCK.name(), config.get(VIRTUAL_MAILBOX_LOCK))?,
        strict_ownership: config.get(STRICT_MAILBOX_OWNERSHIP),
        delimiter: config.get(RECIPIENT_DELIMITER),
        owner_request_special: config.get(OWNER_REQUEST_SPECIAL),
        double_bounce: config.get(DOUBLE_BOUNCE_SENDER),
    })
}

impl Virtual {
    /// The name of the first table whose file changed since it was opened.
    pub fn changed(&self) -> Option<&str> {
        [&self.mailboxes, &self.uids, &self.gids].into_iter().find_map(Maps::changed)
    }
}

/// No mailbox grows beyond virtual_mailbox_limit.
fn limit_files(config: &Config) -> Result<(), ConfigError> {
    let limit = config.size(VIRTUAL_MAILBOX_LIMIT);
    if limit == 0 {
        return Ok(());
    }
    if limit < config.size(MESSAGE_SIZE_LIMIT) || config.size(MESSAGE_SIZE_LIMIT) == 0 {
        return Err(ConfigError::new(format!(
            "main.cf configuration error: {} is smaller than {}",
            VIRTUAL_MAILBOX_LIMIT.name(),
            MESSAGE_SIZE_LIMIT.name()
        )));
    }
    sys::limit::file_size(limit).map_err(|e| ConfigError::new(format!("setrlimit: {}", sys::errno_text(&e))))
}
