//! The resolver as main.cf describes it. Runs before the jail: tables are opened here.

use crate::plan::{self, Plan};
use crate::resolve::{Options, Resolver};
use crate::rewrite::{Context, Rules};
use crate::transport::Splitting;
use config::params::*;
use config::{Config, ConfigError, ParamRef};
use tables::{Against, Flags, LocalDomains, configured};

/// What is read besides the parameters of [`plan`].
pub fn parameters() -> Vec<ParamRef> {
    vec![
        SWAP_BANGPATH.into(),
        ALLOW_PERCENT_HACK.into(),
        APPEND_AT_MYORIGIN.into(),
        APPEND_DOT_MYDOMAIN.into(),
        MYORIGIN.into(),
        MYDOMAIN.into(),
        MYHOSTNAME.into(),
        REMOTE_HEADER_REWRITE_DOMAIN.into(),
        EMPTY_ADDRESS_RECIPIENT.into(),
        EMPTY_ADDRESS_RELAYHOST_MAPS_LOOKUP_KEY.into(),
        EMPTY_ADDRESS_DEFAULT_TRANSPORT_MAPS_LOOKUP_KEY.into(),
        RECIPIENT_DELIMITER.into(),
        OWNER_REQUEST_SPECIAL.into(),
        DOUBLE_BOUNCE_SENDER.into(),
        RESOLVE_DEQUOTED_ADDRESS.into(),
        RESOLVE_NULL_DOMAIN.into(),
        RESOLVE_NUMERIC_DOMAIN.into(),
        SHOW_USER_UNKNOWN_TABLE_NAME.into(),
        ALLOW_MIN_USER.into(),
        HELPFUL_WARNINGS.into(),
        SMTPUTF8_ENABLE.into(),
        MYDESTINATION.into(),
        VIRTUAL_ALIAS_DOMAINS.into(),
        VIRTUAL_MAILBOX_DOMAINS.into(),
        RELAY_DOMAINS.into(),
        RELOCATED_MAPS.into(),
        RELOCATED_PREFIX_ENABLE.into(),
    ]
}

/// Both engines: what rewrites, in either context, and what resolves.
pub struct Engines {
    /// The resolver, with the rules and the local context.
    pub resolver: Resolver,
    /// The context of mail from elsewhere.
    pub remote: Context,
}

/// Opens the tables and reads the settings.
pub fn open(cf: &Config) -> Result<Engines, ConfigError> {
    let splitting = Splitting {
        delimiters: cf.get(RECIPIENT_DELIMITER).into(),
        owner_request_special: cf.get(OWNER_REQUEST_SPECIAL),
        double_bounce: cf.get(DOUBLE_BOUNCE_SENDER).into(),
    };
    let options = Options {
        myhostname: cf.get(MYHOSTNAME).into(),
        empty_address_recipient: cf.get(EMPTY_ADDRESS_RECIPIENT).into(),
        null_relayhost_key: cf.get(EMPTY_ADDRESS_RELAYHOST_MAPS_LOOKUP_KEY).into(),
        null_transport_key: cf.get(EMPTY_ADDRESS_DEFAULT_TRANSPORT_MAPS_LOOKUP_KEY).into(),
        delimiters: cf.get(RECIPIENT_DELIMITER).into(),
        owner_request_special: cf.get(OWNER_REQUEST_SPECIAL),
        double_bounce: cf.get(DOUBLE_BOUNCE_SENDER).into(),
        dequote: cf.get(RESOLVE_DEQUOTED_ADDRESS),
        null_domain: cf.get(RESOLVE_NULL_DOMAIN),
        numeric_domain: cf.get(RESOLVE_NUMERIC_DOMAIN),
        show_table: cf.get(SHOW_USER_UNKNOWN_TABLE_NAME),
        allow_min_user: cf.get(ALLOW_MIN_USER),
        relocated_prefix: cf.get(RELOCATED_PREFIX_ENABLE),
        helpful_warnings: cf.get(HELPFUL_WARNINGS),
        utf8: cf.get(SMTPUTF8_ENABLE),
        config_directory: cf.directory().display().to_string(),
    };
    let resolver = Resolver {
        rules: Rules {
            swap_bangpath: cf.get(SWAP_BANGPATH),
            percent_hack: cf.get(ALLOW_PERCENT_HACK),
            append_at_myorigin: cf.get(APPEND_AT_MYORIGIN),
            append_dot_mydomain: cf.get(APPEND_DOT_MYDOMAIN),
            tell_of_dot: cf.has_old_default(APPEND_DOT_MYDOMAIN.name(), "1"),
        },
        context: Context::new(cf.get(MYORIGIN), cf.get(MYDOMAIN)),
        local: LocalDomains::open(cf).map_err(|e| ConfigError::new(e.to_string()))?,
        alias_domains: configured::list(cf, VIRTUAL_ALIAS_DOMAINS, Against::String)?,
        mailbox_domains: configured::list(cf, VIRTUAL_MAILBOX_DOMAINS, Against::String)?,
        relay_domains: configured::list(cf, RELAY_DOMAINS, Against::Domain)?,
        relocated: configured::maps(cf, RELOCATED_MAPS, Flags::LOOKUP)?,
        regular: Plan::open(cf, &plan::REGULAR, &splitting)?,
        probe: Plan::open(cf, &plan::PROBE, &splitting)?,
        options,
    };
    let remote = cf.get(REMOTE_HEADER_REWRITE_DOMAIN);
    Ok(Engines { resolver, remote: Context::new(remote, remote) })
}
