//! The settings of one kind of request: deliveries use `local_transport` and its like, address probes
//! `address_verify_local_transport` and its like.

use crate::transport::{Splitting, TransportMaps};
use bstr::BString;
use config::params::*;
use config::{Config, ConfigError, Param, Str};
use tables::{Flags, Maps};

/// A transport, and the parameter to blame when it is empty.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The parameter.
    pub name: String,
    /// `transport` or `transport:nexthop`.
    pub value: BString,
}

/// One kind's settings.
pub struct Plan {
    /// `local_transport`
    pub local_transport: Setting,
    /// `virtual_transport`
    pub virtual_transport: Setting,
    /// `relay_transport`
    pub relay_transport: Setting,
    /// `default_transport`
    pub default_transport: Setting,
    /// `relayhost`
    pub relayhost: BString,
    /// `transport_maps`, if there are any.
    pub transport_maps: Option<TransportMaps>,
    /// `sender_dependent_relayhost_maps`
    pub sender_relayhost_maps: Maps,
    /// `sender_dependent_default_transport_maps`
    pub sender_transport_maps: Maps,
}

/// Which parameters a plan is made of.
pub struct Names {
    local_transport: Param<Str>,
    virtual_transport: Param<Str>,
    relay_transport: Param<Str>,
    default_transport: Param<Str>,
    relayhost: Param<Str>,
    transport_maps: Param<Str>,
    sender_relayhost_maps: Param<Str>,
    sender_transport_maps: Param<Str>,
}

/// Deliveries.
pub const REGULAR: Names = Names {
    local_transport: LOCAL_TRANSPORT,
    virtual_transport: VIRTUAL_TRANSPORT,
    relay_transport: RELAY_TRANSPORT,
    default_transport: DEFAULT_TRANSPORT,
    relayhost: RELAYHOST,
    transport_maps: TRANSPORT_MAPS,
    sender_relayhost_maps: SENDER_DEPENDENT_RELAYHOST_MAPS,
    sender_transport_maps: SENDER_DEPENDENT_DEFAULT_TRANSPORT_MAPS,
};

/// Address probes.
pub const PROBE: Names = Names {
    local_transport: ADDRESS_VERIFY_LOCAL_TRANSPORT,
    virtual_transport: ADDRESS_VERIFY_VIRTUAL_TRANSPORT,
    relay_transport: ADDRESS_VERIFY_RELAY_TRANSPORT,
    default_transport: ADDRESS_VERIFY_DEFAULT_TRANSPORT,
    relayhost: ADDRESS_VERIFY_RELAYHOST,
    transport_maps: ADDRESS_VERIFY_TRANSPORT_MAPS,
    sender_relayhost_maps: ADDRESS_VERIFY_SENDER_DEPENDENT_RELAYHOST_MAPS,
    sender_transport_maps: ADDRESS_VERIFY_SENDER_DEPENDENT_DEFAULT_TRANSPORT_MAPS,
};

impl Plan {
    /// Opens the tables and reads the settings.
    pub fn open(cf: &Config, names: &Names, splitting: &Splitting) -> Result<Plan, ConfigError> {
        let setting =
            |param: Param<Str>| Setting { name: param.name().to_owned(), value: cf.get(param).into() };
        // A sender or recipient must not choose the route through a pattern's substitution.
        let flags = Flags::LOOKUP | Flags::NO_SUBSTITUTION;
        let open = |param: Param<Str>| tables::configured::maps(cf, param, flags);
        let transport_maps = open(names.transport_maps)?;
        let parents = tables::parents_of(cf.get(PARENT_DOMAIN_MATCHES_SUBDOMAINS), TRANSPORT_MAPS.name());
        Ok(Plan {
            local_transport: setting(names.local_transport),
            virtual_transport: setting(names.virtual_transport),
            relay_transport: setting(names.relay_transport),
            default_transport: setting(names.default_transport),
            relayhost: cf.get(names.relayhost).into(),
            transport_maps: (!transport_maps.is_empty())
                .then(|| TransportMaps::new(transport_maps, parents, splitting)),
            sender_relayhost_maps: open(names.sender_relayhost_maps)?,
            sender_transport_maps: open(names.sender_transport_maps)?,
        })
    }

    /// The name of the first table whose file changed.
    pub fn changed(&self) -> Option<&str> {
        self.transport_maps
            .as_ref()
            .and_then(TransportMaps::changed)
            .or_else(|| self.sender_relayhost_maps.changed())
            .or_else(|| self.sender_transport_maps.changed())
    }
}
