//! Tables and lists as parameters name them, for a program's start.

use config::params::PARENT_DOMAIN_MATCHES_SUBDOMAINS;
use config::{Config, ConfigError, Param, Str};

use crate::{Against, Flags, Maps, MatchList, parents_of};

/// Opens the tables that `param` names.
pub fn maps(cf: &Config, param: Param<Str>, flags: Flags) -> Result<Maps, ConfigError> {
    Maps::open(param.name(), cf.try_get(param)?, flags).map_err(|e| ConfigError::new(e.to_string()))
}

/// Opens the match list that `param` is; domains match their parents as `parent_domain_matches_subdomains` says.
pub fn list(cf: &Config, param: Param<Str>, against: Against) -> Result<MatchList, ConfigError> {
    let parents = parents_of(cf.try_get(PARENT_DOMAIN_MATCHES_SUBDOMAINS)?, param.name());
    MatchList::open(param.name(), cf.try_get(param)?, against, parents)
        .map_err(|e| ConfigError::new(e.to_string()))
}
