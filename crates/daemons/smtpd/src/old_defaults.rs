//! Defaults that a newer compatibility_level changes: where a decision rests on one that nobody has chosen, the log says
//! so, before the change comes as a surprise.

use bstr::ByteSlice;
use config::params::*;
use config::{Config, ConfigError};
use tables::{Against, MatchList, Parents};

use crate::client::Client;

/// Which old defaults are in force.
pub struct OldDefaults {
    /// smtputf8_enable is off.
    pub smtputf8: bool,
    /// smtpd_relay_restrictions is empty.
    pub relay_restrictions: bool,
    /// smtpd_relay_before_recipient_restrictions is off.
    order: bool,
    /// fast_flush_domains is $relay_domains, and that:
    flush_domains: bool,
    /// relay_domains is $mydestination.
    relay_domains: bool,
    /// mynetworks are subnets: these are the narrower ones of the new default.
    networks: Option<MatchList>,
    style: String,
}

impl OldDefaults {
    /// Looks which are in force.
    pub fn open(cf: &Config) -> Result<OldDefaults, ConfigError> {
        let old_networks = !cf.is_set(MYNETWORKS.name()) && cf.has_old_default(MYNETWORKS_STYLE.name(), "2");
        let networks = || -> Result<MatchList, ConfigError> {
            let text = config::networks_in_style(cf, "host")?;
            MatchList::open(MYNETWORKS.name(), &text, Against::NameOrAddress, Parents::Dotted)
                .map_err(|error| ConfigError::new(error.to_string()))
        };
        Ok(OldDefaults {
            smtputf8: cf.has_old_default(SMTPUTF8_ENABLE.name(), "1"),
            relay_restrictions: cf.has_old_default(SMTPD_RELAY_RESTRICTIONS.name(), "1"),
            order: cf.has_old_default(SMTPD_RELAY_BEFORE_RECIPIENT_RESTRICTIONS.name(), "3.6"),
            flush_domains: cf.has_old_default(RELAY_DOMAINS.name(), "2")
                && !cf.is_set(FAST_FLUSH_DOMAINS.name()),
            relay_domains: cf.has_old_default(RELAY_DOMAINS.name(), "2"),
            networks: if old_networks { Some(networks()?) } else { None },
            style: cf.get(MYNETWORKS_STYLE).into(),
        })
    }

    /// A client is permitted as one of mynetworks.
    pub fn tell_of_network(&self, client: &Client) {
        let Some(networks) = &self.networks else { return };
        if matches!(networks.matches_host(&client.name, &client.address), Ok(false)) {
            log::info!(
                "using backwards-compatible default setting mynetworks_style={} to permit request from client \"{}\"",
                self.style,
                client.name_address
            );
        }
    }

    /// A recipient is accepted as one of relay_domains.
    pub fn tell_of_relay_domain(&self, recipient: &[u8]) {
        if self.relay_domains {
            let domain = mail::address::domain(recipient).unwrap_or_default();
            log::info!(
                "using backwards-compatible default setting relay_domains=$mydestination to accept mail for domain \
                 \"{}\"",
                domain.as_bstr()
            );
        }
    }

    /// An address that no table lists is taken, as one of relay_domains.
    pub fn tell_of_relay_address(&self, address: &[u8]) {
        if self.relay_domains {
            log::info!(
                "using backwards-compatible default setting relay_domains=$mydestination to accept mail for address \
                 \"{}\"",
                address.as_bstr()
            );
        }
    }

    /// A site may ask for its mail, as one of relay_domains.
    pub fn tell_of_flush(&self, site: &[u8]) {
        if self.flush_domains {
            log::info!(
                "using backwards-compatible default setting relay_domains=$mydestination to flush mail for domain \
                 \"{}\"",
                site.as_bstr()
            );
        }
    }

    /// A recipient is refused by smtpd_recipient_restrictions, before smtpd_relay_restrictions were asked.
    pub fn tell_of_order(&self, recipient: &[u8], client: &Client) {
        if self.order {
            log::info!(
                "using backwards-compatible default setting smtpd_relay_before_recipient_restrictions=no to reject \
                 recipient \"{}\" from client \"{}\"",
                recipient.as_bstr(),
                client.name_address
            );
        }
    }

    /// A recipient is accepted that the new smtpd_relay_restrictions would refuse.
    pub fn tell_of_relaying(&self, recipient: &[u8], client: &Client) {
        log::info!(
            "using backwards-compatible default setting \"smtpd_relay_restrictions = (empty)\" to avoid \"Relay access \
             denied\" error for recipient \"{}\" from client \"{}\"",
            recipient.as_bstr(),
            client.name_address
        );
    }
}
