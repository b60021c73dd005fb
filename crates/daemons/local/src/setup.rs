//! What main.cf says about local delivery, and the tables it names.

use std::time::Duration;

use config::params::*;
use config::{Config, ConfigError, ParamRef};
use daemon::Setup;
use delivery::mailbox::Locking;
use delivery::{Agent, Privileges};
use ipc::rewrite::Rewriter;
use tables::{Flags, Maps, configured};

use crate::state::Expansion;

/// All that requests share.
pub struct Local {
    pub agent: Agent,
    pub config: &'static Config,
    pub privileges: Privileges,
    pub rewriter: Rewriter,
    pub aliases: Maps,
    pub mailbox_transports: Maps,
    pub mailbox_commands: Maps,
    pub fallback_transports: Maps,
    /// Expansions whose members may be commands, and files.
    pub commands_allowed: Vec<Expansion>,
    pub files_allowed: Vec<Expansion>,
    /// Who inherits the extension that did not match.
    pub propagate: Propagate,
    /// Where Delivered-To is put in front.
    pub header: Headers,
    pub locking: Locking,
    pub default_uid: u32,
    pub default_gid: u32,
    pub delimiter: &'static str,
    pub duplicate_filter_limit: i64,
    pub frozen_delivered_to: bool,
    pub command_time_limit: Duration,
}

/// `propagate_unmatched_extensions`, as far as this agent is concerned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Propagate {
    pub alias: bool,
    pub forward: bool,
    pub include: bool,
}

/// `prepend_delivered_header`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Headers {
    pub command: bool,
    pub file: bool,
    pub forward: bool,
}

/// The parameters that this agent reads.
pub fn parameters() -> Vec<ParamRef> {
    let mut all = delivery::agent::parameters();
    all.extend::<[ParamRef; 47]>([
        ALIAS_MAPS.into(),
        ALLOW_MAIL_TO_COMMANDS.into(),
        ALLOW_MAIL_TO_FILES.into(),
        BIFF.into(),
        CLEANUP_SERVICE_NAME.into(),
        COMMAND_EXECUTION_DIRECTORY.into(),
        COMMAND_EXPANSION_FILTER.into(),
        COMMAND_TIME_LIMIT.into(),
        DEFAULT_PRIVS.into(),
        DELIVER_LOCK_ATTEMPTS.into(),
        DELIVER_LOCK_DELAY.into(),
        DOUBLE_BOUNCE_SENDER.into(),
        DUPLICATE_FILTER_LIMIT.into(),
        EXECUTION_DIRECTORY_EXPANSION_FILTER.into(),
        EXPAND_OWNER_ALIAS.into(),
        EXPORT_ENVIRONMENT.into(),
        FALLBACK_TRANSPORT.into(),
        FALLBACK_TRANSPORT_MAPS.into(),
        FORWARD_EXPANSION_FILTER.into(),
        FORWARD_PATH.into(),
        FROZEN_DELIVERED_TO.into(),
        HOME_MAILBOX.into(),
        LINE_LENGTH_LIMIT.into(),
        LOCAL_COMMAND_SHELL.into(),
        LOCAL_DELIVERY_STATUS_FILTER.into(),
        LUSER_RELAY.into(),
        MAIL_NAME.into(),
        MAIL_OWNER.into(),
        MAIL_SPOOL_DIRECTORY.into(),
        MAILBOX_COMMAND.into(),
        MAILBOX_COMMAND_MAPS.into(),
        MAILBOX_DELIVERY_LOCK.into(),
        MAILBOX_SIZE_LIMIT.into(),
        MAILBOX_TRANSPORT.into(),
        MAILBOX_TRANSPORT_MAPS.into(),
        MESSAGE_SIZE_LIMIT.into(),
        MYHOSTNAME.into(),
        OWNER_REQUEST_SPECIAL.into(),
        PREPEND_DELIVERED_HEADER.into(),
        PROPAGATE_UNMATCHED_EXTENSIONS.into(),
        RECIPIENT_DELIMITER.into(),
        REQUIRE_HOME_DIRECTORY.into(),
        RESET_OWNER_ALIAS.into(),
        REWRITE_SERVICE_NAME.into(),
        STALE_LOCK_TIME.into(),
        STRICT_MAILBOX_OWNERSHIP.into(),
        SMTPUTF8_ENABLE.into(),
    ]);
    all
}

/// Opens everything, with the privileges of master(8).
pub fn open(setup: &Setup) -> Result<Local, ConfigError> {
    let config = setup.config;
    limit_files(config)?;
    let (default_uid, default_gid) = default_rights(config)?;
    let substitution = Flags::LOOKUP | Flags::NO_SUBSTITUTION;
    let paranoid = substitution | Flags::NO_PROXY | Flags::NO_UNAUTH;
    let propagate = words(
        config,
        PROPAGATE_UNMATCHED_EXTENSIONS,
        &["canonical", "virtual", "alias", "forward", "include", "generic"],
    )?;
    let header = words(config, PREPEND_DELIVERED_HEADER, &["command", "file", "forward"])?;
    let has = |list: &[&str], name: &str| list.contains(&name);
    Ok(Local {
        agent: Agent::open(config, LOCAL_DELIVERY_STATUS_FILTER.name())?,
        config,
        privileges: Privileges::new(config),
        rewriter: Rewriter::new(config.get(REWRITE_SERVICE_NAME)),
        aliases: configured::maps(config, ALIAS_MAPS, paranoid)?,
        mailbox_transports: configured::maps(config, MAILBOX_TRANSPORT_MAPS, substitution)?,
        mailbox_commands: configured::maps(config, MAILBOX_COMMAND_MAPS, paranoid)?,
        fallback_transports: configured::maps(config, FALLBACK_TRANSPORT_MAPS, substitution)?,
        commands_allowed: expansions(config, ALLOW_MAIL_TO_COMMANDS)?,
        files_allowed: expansions(config, ALLOW_MAIL_TO_FILES)?,
        propagate: Propagate {
            alias: has(&propagate, "alias"),
            forward: has(&propagate, "forward"),
            include: has(&propagate, "include"),
        },
        header: Headers {
            command: has(&header, "command"),
            file: has(&header, "file"),
            forward: has(&header, "forward"),
        },
        locking: Locking::new(config, MAILBOX_DELIVERY_LOCK.name(), config.get(MAILBOX_DELIVERY_LOCK))?,
        default_uid,
        default_gid,
        delimiter: config.get(RECIPIENT_DELIMITER),
        duplicate_filter_limit: config.get(DUPLICATE_FILTER_LIMIT),
        frozen_delivered_to: config.get(FROZEN_DELIVERED_TO),
        command_time_limit: config.get(COMMAND_TIME_LIMIT),
    })
}

impl Local {
    /// The name of the first table whose file changed since it was opened.
    pub fn changed(&self) -> Option<&str> {
        [&self.aliases, &self.mailbox_transports, &self.mailbox_commands, &self.fallback_transports]
            .into_iter()
            .find_map(Maps::changed)
    }
}

/// No mailbox grows beyond mailbox_size_limit.
fn limit_files(config: &Config) -> Result<(), ConfigError> {
    let limit = config.size(MAILBOX_SIZE_LIMIT);
    if limit == 0 {
        return Ok(());
    }
    if limit < config.size(MESSAGE_SIZE_LIMIT) || config.size(MESSAGE_SIZE_LIMIT) == 0 {
        return Err(ConfigError::new(format!(
            "main.cf configuration error: {} is smaller than {}",
            MAILBOX_SIZE_LIMIT.name(),
            MESSAGE_SIZE_LIMIT.name()
        )));
    }
    sys::limit::file_size(limit).map_err(|e| ConfigError::new(format!("setrlimit: {}", sys::errno_text(&e))))
}

/// The rights of commands and files that root's aliases name.
fn default_rights(config: &Config) -> Result<(u32, u32), ConfigError> {
    let name = config.get(DEFAULT_PRIVS);
    let wrong = |what: String| {
        ConfigError::new(format!(
            "file {}/main.cf: parameter default_privs: {what}",
            config.directory().display()
        ))
    };
    match sys::user::by_name(name) {
        Ok(Some(user)) if user.uid == 0 => Err(wrong(format!("user {name} has privileged user ID"))),
        Ok(Some(user)) if user.gid == 0 => Err(wrong(format!("user {name} has privileged group ID"))),
        Ok(Some(user)) => Ok((user.uid, user.gid)),
        Ok(None) => Err(wrong(format!("unknown user name value: {name}"))),
        Err(error) => Err(wrong(sys::errno_text(&error))),
    }
}

fn expansions(config: &Config, parameter: config::Param<config::Str>) -> Result<Vec<Expansion>, ConfigError> {
    let kinds =
        [("alias", Expansion::Alias), ("forward", Expansion::Forward), ("include", Expansion::Include)];
    let named = words(config, parameter, &kinds.map(|(name, _)| name))?;
    Ok(kinds.into_iter().filter(|(name, _)| named.contains(name)).map(|(_, kind)| kind).collect())
}

/// The words of a list, each of which must be known.
fn words<'a>(
    config: &Config,
    parameter: config::Param<config::Str>,
    known: &[&'a str],
) -> Result<Vec<&'a str>, ConfigError> {
    let text = config.try_get(parameter)?;
    text.split(|c: char| c == ',' || c.is_ascii_whitespace())
        .filter(|word| !word.is_empty())
        .map(|word| {
            known.iter().find(|name| name.eq_ignore_ascii_case(word)).copied().ok_or_else(|| {
                ConfigError::new(format!("unknown {} value \"{word}\" in \"{text}\"", parameter.name()))
            })
        })
        .collect()
}
