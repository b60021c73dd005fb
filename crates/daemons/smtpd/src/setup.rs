//! What all sessions of a process share, opened before the jail.

use std::sync::Mutex;

use bstr::BString;
use config::params::*;
use config::{Config, ConfigError, Param, Str};
use dns::{Families, Resolver};
use ipc::Place;
use ipc::rewrite::Rewriter;
use tables::{Against, Flags, LocalDomains, Maps, MatchList, Parents, configured};
use tls::Level;

use crate::check::Restrictions;
use crate::errors::class;
use crate::old_defaults::OldDefaults;
use crate::queue::CleanupClient;
use crate::text;

/// What all sessions of a process share.
pub struct Server {
    pub restrictions: Restrictions,
    pub mynetworks: MatchList,
    pub old_defaults: OldDefaults,
    pub permit_mx_backup_networks: MatchList,
    pub recipients: RecipientMaps,
    pub local: LocalDomains,
    pub rbl_reply_maps: Maps,
    pub relay_clientcerts: Maps,
    pub log_permit: MatchList,
    pub noop_commands: MatchList,
    pub forbidden_commands: MatchList,
    pub verp_clients: MatchList,
    pub xclient_hosts: MatchList,
    pub xforward_hosts: MatchList,
    pub limit_exceptions: MatchList,
    pub bare_newline_exclusions: MatchList,
    pub debug_peers: MatchList,
    pub ehlo_discard_maps: Maps,
    pub command_filter: Maps,
    pub reject_footer_maps: Maps,
    pub expansion_filter: Vec<u8>,
    pub rewriter: Rewriter,
    pub cleanup: CleanupClient,
    pub flush: ipc::Client,
    pub flush_domains: MatchList,
    pub verify: ipc::Client,
    pub resolver: Resolver,
    pub families: Families,
    pub tls_level: Level,
    pub tls: Option<tls::Server>,
    pub notify: u32,
    pub transparent: Transparent,
    pub bare_newline: BareNewline,
    pub own_addresses: Vec<std::net::IpAddr>,
    /// Size limit and least free space of the queue, and when it was last looked at.
    pub room: Mutex<Option<(std::time::Instant, u64)>>,
}

/// Tables that know who exists.
pub struct RecipientMaps {
    pub local: Maps,
    pub virtual_mailbox: Maps,
    pub relay: Maps,
    pub virtual_alias: Maps,
    pub canonical: Maps,
    pub recipient_canonical: Maps,
    pub sender_canonical: Maps,
}

/// receive_override_options.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Transparent {
    pub unknown_recipients: bool,
    pub address_mappings: bool,
    pub header_body_checks: bool,
    pub milters: bool,
}

/// smtpd_forbid_bare_newline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BareNewline {
    /// A bare line feed is as good as any line ending.
    Allow,
    /// As [`BareNewline::Normalize`], and it is noted in the log.
    Note,
    /// The end of the data must be CR LF dot CR LF; other line endings are repaired.
    Normalize,
    /// The command or message is refused.
    Reject,
}

/// Opens everything.
pub fn open(setup: &daemon::Setup) -> Result<Server, ConfigError> {
    let cf = setup.config;
    refuse_unfinished(cf)?;
    // `sendmail -bs` runs as anybody, and opens nothing that it does not need.
    let standalone = setup.standard && sys::user::real_uid() != 0;
    let maps = |param| if standalone { no_maps() } else { configured::maps(cf, param, Flags::LOOKUP) };
    let namadr = |param| configured::list(cf, param, Against::NameOrAddress);
    let strings = |param: Param<Str>| {
        MatchList::open(param.name(), cf.get(param), Against::String, Parents::Dotted).map_err(config_error)
    };
    let recipients = RecipientMaps {
        local: maps(LOCAL_RECIPIENT_MAPS)?,
        virtual_mailbox: maps(VIRTUAL_MAILBOX_MAPS)?,
        relay: maps(RELAY_RECIPIENT_MAPS)?,
        virtual_alias: maps(VIRTUAL_ALIAS_MAPS)?,
        canonical: maps(CANONICAL_MAPS)?,
        recipient_canonical: maps(RECIPIENT_CANONICAL_MAPS)?,
        sender_canonical: maps(SENDER_CANONICAL_MAPS)?,
    };
    let filter = cf.get(SMTPD_COMMAND_FILTER);
    let (tls_level, tls) = open_tls(setup)?;
    warn_about_room(cf);
    Ok(Server {
        restrictions: if standalone { Restrictions::default() } else { Restrictions::open(cf)? },
        mynetworks: namadr(MYNETWORKS)?,
        old_defaults: OldDefaults::open(cf)?,
        permit_mx_backup_networks: namadr(PERMIT_MX_BACKUP_NETWORKS)?,
        recipients,
        local: LocalDomains::open(cf).map_err(config_error)?,
        rbl_reply_maps: maps(RBL_REPLY_MAPS)?,
        relay_clientcerts: maps(RELAY_CLIENTCERTS)?,
        log_permit: strings(SMTPD_LOG_ACCESS_PERMIT_ACTIONS)?,
        noop_commands: strings(SMTPD_NOOP_COMMANDS)?,
        forbidden_commands: strings(SMTPD_FORBIDDEN_COMMANDS)?,
        verp_clients: namadr(SMTPD_AUTHORIZED_VERP_CLIENTS)?,
        xclient_hosts: namadr(SMTPD_AUTHORIZED_XCLIENT_HOSTS)?,
        xforward_hosts: namadr(SMTPD_AUTHORIZED_XFORWARD_HOSTS)?,
        limit_exceptions: namadr(SMTPD_CLIENT_EVENT_LIMIT_EXCEPTIONS)?,
        bare_newline_exclusions: namadr(SMTPD_FORBID_BARE_NEWLINE_EXCLUSIONS)?,
        debug_peers: namadr(DEBUG_PEER_LIST)?,
        ehlo_discard_maps: maps(SMTPD_DISCARD_EHLO_KEYWORD_ADDRESS_MAPS)?,
        command_filter: Maps::open("smtpd_command_filter", filter, Flags::LOOKUP).map_err(config_error)?,
        reject_footer_maps: maps(SMTPD_REJECT_FOOTER_MAPS)?,
        expansion_filter: text::unescape(cf.get(SMTPD_EXPANSION_FILTER).as_bytes()),
        rewriter: Rewriter::new(cf.get(REWRITE_SERVICE_NAME)),
        cleanup: CleanupClient::new(cf.get(CLEANUP_SERVICE_NAME), cf.get(IPC_IDLE)),
        flush: ipc::Client::new(Place::public(cf.get(FLUSH_SERVICE_NAME)), ipc::flush::PROTOCOL),
        flush_domains: configured::list(cf, FAST_FLUSH_DOMAINS, Against::Domain)?,
        verify: ipc::Client::new(Place::private(cf.get(ADDRESS_VERIFY_SERVICE_NAME)), ipc::verify::PROTOCOL),
        resolver: Resolver::system(),
        families: families(cf)?,
        tls_level,
        tls,
        notify: class::parse(cf.get(NOTIFY_CLASSES))
            .map_err(|word| ConfigError::new(format!("unknown notify_classes value \"{word}\"")))?,
        transparent: transparent(cf)?,
        bare_newline: bare_newline(cf)?,
        own_addresses: config::own_addresses(cf)?.into_iter().map(|own| own.address).collect(),
        room: Mutex::new(None),
    })
}

impl Server {
    /// A table that has changed since it was opened.
    pub fn changed(&self) -> Option<String> {
        let r = &self.recipients;
        let maps =
            [&r.local, &r.virtual_mailbox, &r.relay, &r.virtual_alias, &r.canonical, &r.recipient_canonical];
        let more =
            [&r.sender_canonical, &self.rbl_reply_maps, &self.relay_clientcerts, &self.ehlo_discard_maps];
        let tables =
            maps.into_iter().chain(more).chain([&self.command_filter]).chain(self.restrictions.tables());
        let lists = [
            &self.mynetworks,
            &self.permit_mx_backup_networks,
            &self.verp_clients,
            &self.xclient_hosts,
            &self.xforward_hosts,
            &self.limit_exceptions,
            &self.bare_newline_exclusions,
        ];
        tables
            .filter_map(Maps::changed)
            .chain(lists.into_iter().filter_map(MatchList::changed))
            .chain(self.local.changed())
            .next()
            .map(str::to_owned)
    }

    /// How an address resolves: rewritten to its canonical form first.
    pub fn resolve(&self, sender: &[u8], address: &[u8]) -> std::io::Result<ipc::rewrite::Resolved> {
        let canonical = self.rewriter.rewrite_internal("local", address)?;
        self.rewriter.resolve(false, sender, &canonical)
    }

    /// The canonical form of a local address.
    pub fn canonical(&self, address: &str) -> BString {
        let form = self.rewriter.rewrite_internal("local", address.as_bytes());
        form.unwrap_or_else(|_| address.into())
    }
}

fn config_error(error: impl std::fmt::Display) -> ConfigError {
    ConfigError::new(error.to_string())
}

fn no_maps() -> Result<Maps, ConfigError> {
    Maps::open("none", "", Flags::LOOKUP).map_err(config_error)
}

/// What a configuration may ask for and this program does not do yet: better no service than a wrong one.
fn refuse_unfinished(cf: &Config) -> Result<(), ConfigError> {
    let texts = [
        SMTPD_PROXY_FILTER,
        SMTPD_MILTERS,
        SMTPD_MILTER_MAPS,
        SMTPD_UPSTREAM_PROXY_PROTOCOL,
        SMTPD_DNS_REPLY_FILTER,
        SMTPD_REJECT_FILTER_MAPS,
    ];
    let asked = texts.into_iter().find(|param| !cf.get(*param).is_empty()).map(Param::name);
    match asked.or_else(|| cf.get(SMTPD_SASL_AUTH_ENABLE).then(|| SMTPD_SASL_AUTH_ENABLE.name())) {
        Some(name) => Err(ConfigError::new(format!("parameter {name}: not implemented in this version"))),
        None => Ok(()),
    }
}

fn open_tls(setup: &daemon::Setup) -> Result<(Level, Option<tls::Server>), ConfigError> {
    let cf = setup.config;
    if setup.standard {
        return Ok((Level::None, None));
    }
    let level = if cf.get(SMTPD_TLS_WRAPPERMODE) {
        Level::Encrypt
    } else {
        Level::of_server(cf).map_err(|value| ConfigError::new(format!("Invalid TLS level \"{value}\"")))?
    };
    let context = if level >= Level::May { tls::Server::open(cf, level, &setup.service).ok() } else { None };
    Ok((level, context))
}

fn warn_about_room(cf: &Config) {
    let (free, most) = (cf.get(QUEUE_MINFREE), cf.get(MESSAGE_SIZE_LIMIT));
    if free > 0 && most > 0 && free.saturating_mul(2) / 3 < most {
        log::warning!("queue_minfree({free}) should be at least 1.5*message_size_limit({most})");
    }
}

fn families(cf: &Config) -> Result<Families, ConfigError> {
    let protocols = config::protocols(cf)?;
    Ok(match (protocols.ipv4, protocols.ipv6) {
        (true, false) => Families::Ipv4,
        (false, true) => Families::Ipv6,
        _ => Families::Both,
    })
}

fn transparent(cf: &Config) -> Result<Transparent, ConfigError> {
    let mut all = Transparent::default();
    for word in cf.get(RECEIVE_OVERRIDE_OPTIONS).split([',', ' ', '\t', '\r', '\n']).filter(|w| !w.is_empty())
    {
        match word {
            "no_unknown_recipient_checks" => all.unknown_recipients = true,
            "no_address_mappings" => all.address_mappings = true,
            "no_header_body_checks" => all.header_body_checks = true,
            "no_milters" => all.milters = true,
            _ => return Err(ConfigError::new(format!("unknown receive_override_options value \"{word}\""))),
        }
    }
    Ok(all)
}

fn bare_newline(cf: &Config) -> Result<BareNewline, ConfigError> {
    match cf.get(SMTPD_FORBID_BARE_NEWLINE).to_ascii_lowercase().as_str() {
        "normalize" | "yes" => Ok(BareNewline::Normalize),
        "reject" => Ok(BareNewline::Reject),
        "note" => Ok(BareNewline::Note),
        "no" => Ok(BareNewline::Allow),
        other => Err(ConfigError::new(format!("bad configuration: smtpd_forbid_bare_newline = {other}"))),
    }
}
