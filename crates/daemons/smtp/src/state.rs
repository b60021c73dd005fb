//! What all sessions of the process share.

use std::net::IpAddr;

use config::params::*;
use config::{Config, ConfigError};
use daemon::Setup;
use delivery::Agent;
use dns::Resolver;
use tables::{Flags, Maps};
use tls::policy::DnsManner;
use tls::{Level, Policies};

use crate::checks::Checks;
use crate::generic::Generic;
use crate::pool::Pool;
use crate::require_tls::RequireTls;
use crate::settings::{Settings, is_lmtp, words};

pub struct State {
    pub agent: Agent,
    pub set: Settings,
    pub resolver: Resolver,
    /// The service's name in master.cf.
    pub service: String,
    /// TLS by destination.
    pub policies: Policies,
    pub require_tls: RequireTls,
    /// `None`: nobody needs it, or the engine could not be started.
    pub tls: Option<tls::Client>,
    /// Our own addresses, and those that others know us by (`proxy_interfaces`).
    pub own: Vec<IpAddr>,
    pub discard_maps: Maps,
    pub reply_filter: Maps,
    pub cache_destinations: Vec<String>,
    pub generic: Option<Generic>,
    pub checks: Option<Checks>,
    pub pool: Pool,
}

impl State {
    pub fn open(setup: &Setup) -> Result<State, ConfigError> {
        let cf = setup.config;
        let is_lmtp = is_lmtp();
        let set = Settings::new(cf, is_lmtp)?;
        let security = SMTP_TLS_SECURITY_LEVEL.client(is_lmtp).name();
        if cf.has_old_default(security, "3.11") {
            log::info!("using backwards-compatible default setting {security}=(empty)");
        }
        let manner = DnsManner {
            dnssec: set.lookup.dns && set.lookup.dnssec,
            searches: set.lookup.search || set.lookup.append_domain,
        };
        let policies = Policies::open(cf, is_lmtp, level(cf, is_lmtp)?, manner)
            .map_err(|err| ConfigError::new(err.to_string()))?;
        let tls = if policies.may_need_tls() { tls::Client::open(cf, is_lmtp).ok() } else { None };
        let maps = |param: config::Param<config::Str>, flags| {
            let param = param.client(is_lmtp);
            Maps::open(param.name(), cf.get(param), flags).map_err(|err| ConfigError::new(err.to_string()))
        };
        let filter = SMTP_DELIVERY_STATUS_FILTER.client(is_lmtp).name();
        Ok(State {
            agent: Agent::open(cf, filter)?,
            resolver: Resolver::system(),
            service: setup.service.clone(),
            policies,
            require_tls: RequireTls::open(cf, is_lmtp)?,
            tls,
            own: own_addresses(cf)?,
            discard_maps: maps(SMTP_DISCARD_EHLO_KEYWORD_ADDRESS_MAPS, Flags::NONE)?,
            reply_filter: maps(SMTP_REPLY_FILTER, Flags::NONE)?,
            cache_destinations: words(set.cache_destinations).map(str::to_ascii_lowercase).collect(),
            generic: Generic::open(cf, is_lmtp)?,
            checks: Checks::open(cf, is_lmtp)?,
            pool: Pool::new(set.cache_idle, set.reuse_time, set.reuse_count, set.timeouts.quit),
            set,
        })
    }

    /// A table that has changed since it was opened.
    pub fn changed(&self) -> Option<String> {
        let generic = self.generic.as_ref().map(|generic| &generic.maps);
        [&self.discard_maps, &self.reply_filter]
            .into_iter()
            .chain(generic)
            .chain(self.policies.tables())
            .chain(self.require_tls.tables())
            .chain(self.checks.iter().flat_map(Checks::tables))
            .find_map(|maps| maps.changed().map(str::to_owned))
    }
}

fn level(cf: &'static Config, is_lmtp: bool) -> Result<Level, ConfigError> {
    Level::of_client(cf, is_lmtp)
        .map_err(|value| ConfigError::new(format!("invalid tls security level: \"{value}\"")))
}

fn own_addresses(cf: &'static Config) -> Result<Vec<IpAddr>, ConfigError> {
    let mut own: Vec<IpAddr> = config::own_addresses(cf)?.into_iter().map(|a| a.address).collect();
    for host in words(cf.get(PROXY_INTERFACES)) {
        own.extend(config::host_addresses("proxy_interfaces", host, config::protocols(cf)?)?);
    }
    Ok(own)
}
