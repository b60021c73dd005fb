//! All restrictions: one row each.

use super::{Answer, Call};
use super::{access, address, certificate, client, dnsbl, helo, listed, policy, recipient, server, verify};
use crate::session::Session;

/// What a restriction takes as argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    Nothing,
    /// `type:name`
    Table,
    /// A DNS list's domain, perhaps with `=address`.
    Domain,
    /// A number of seconds.
    Number,
    /// `transport:server`
    Service,
}

impl Takes {
    /// The argument, if it is one; a warning says what is wrong.
    pub fn check<'a>(self, name: &str, argument: Option<&'a str>) -> Option<&'a str> {
        let argument = argument.unwrap_or_default();
        match self {
            Takes::Nothing => Some(""),
            Takes::Table => {
                let good = argument.contains(':') || argument.starts_with('{');
                if !good {
                    log::warning!("restriction {name}: bad argument \"{argument}\": need maptype:mapname");
                }
                good.then_some(argument)
            }
            Takes::Domain => {
                if argument.is_empty() {
                    log::warning!("restriction {name} requires domain name argument");
                }
                (!argument.is_empty()).then_some(argument)
            }
            Takes::Number => {
                let good = !argument.is_empty() && argument.bytes().all(|b| b.is_ascii_digit());
                if !good {
                    log::warning!("restriction {name} must be followed by number");
                }
                good.then_some(argument)
            }
            Takes::Service => {
                let good = argument.contains(':');
                if !good {
                    log::warning!("restriction {name} must be followed by transport:server");
                }
                good.then_some(argument)
            }
        }
    }
}

/// A restriction.
pub struct Restriction {
    pub name: &'static str,
    pub takes: Takes,
    pub run: fn(&mut Session, &Call) -> Answer,
}

/// The restriction of that name, in any case.
pub fn find(name: &str) -> Option<&'static Restriction> {
    RESTRICTIONS.iter().find(|row| row.name.eq_ignore_ascii_case(name))
}

const fn row(name: &'static str, takes: Takes, run: fn(&mut Session, &Call) -> Answer) -> Restriction {
    Restriction { name, takes, run }
}

use Takes::{Domain, Nothing, Number, Service, Table};

/// All restrictions but warn_if_reject, which the walk itself understands.
pub const RESTRICTIONS: &[Restriction] = &[
    // Any stage.
    row("permit", Nothing, client::permit),
    row("reject", Nothing, client::reject),
    row("defer", Nothing, client::defer),
    row("defer_if_permit", Nothing, client::defer_if_permit),
    row("defer_if_reject", Nothing, client::defer_if_reject),
    row("sleep", Number, client::sleep),
    row("reject_unauth_pipelining", Nothing, client::reject_unauth_pipelining),
    row("reject_plaintext_session", Nothing, client::reject_plaintext_session),
    row("check_policy_service", Service, policy::check_policy_service),
    // Client.
    row("permit_mynetworks", Nothing, client::permit_mynetworks),
    row("permit_inet_interfaces", Nothing, client::permit_inet_interfaces),
    row("permit_sasl_authenticated", Nothing, client::permit_sasl_authenticated),
    row("permit_tls_clientcerts", Nothing, client::permit_tls_clientcerts),
    row("permit_tls_all_clientcerts", Nothing, client::permit_tls_all_clientcerts),
    row("reject_unknown_client_hostname", Nothing, client::reject_unknown_client_hostname),
    row("reject_unknown_client", Nothing, client::reject_unknown_client_hostname),
    row("reject_unknown_reverse_client_hostname", Nothing, client::reject_unknown_reverse_client_hostname),
    row("check_client_access", Table, access::check_client_access),
    row("check_reverse_client_hostname_access", Table, access::check_reverse_client_hostname_access),
    row("check_ccert_access", Table, certificate::check_ccert_access),
    row("check_sasl_access", Table, access::check_sasl_access),
    row("check_client_a_access", Table, server::check_client_a_access),
    row("check_client_mx_access", Table, server::check_client_mx_access),
    row("check_client_ns_access", Table, server::check_client_ns_access),
    row("check_reverse_client_hostname_a_access", Table, server::check_reverse_client_a_access),
    row("check_reverse_client_hostname_mx_access", Table, server::check_reverse_client_mx_access),
    row("check_reverse_client_hostname_ns_access", Table, server::check_reverse_client_ns_access),
    row("reject_rbl_client", Domain, dnsbl::reject_rbl_client),
    row("reject_rhsbl_client", Domain, dnsbl::reject_rhsbl_client),
    row("reject_rhsbl_reverse_client", Domain, dnsbl::reject_rhsbl_reverse_client),
    row("permit_dnswl_client", Domain, dnsbl::permit_dnswl_client),
    row("permit_rhswl_client", Domain, dnsbl::permit_rhswl_client),
    // HELO.
    row("check_helo_access", Table, access::check_helo_access),
    row("check_helo_a_access", Table, server::check_helo_a_access),
    row("check_helo_mx_access", Table, server::check_helo_mx_access),
    row("check_helo_ns_access", Table, server::check_helo_ns_access),
    row("reject_invalid_helo_hostname", Nothing, helo::reject_invalid_helo_hostname),
    row("reject_invalid_hostname", Nothing, helo::reject_invalid_helo_hostname),
    row("reject_non_fqdn_helo_hostname", Nothing, helo::reject_non_fqdn_helo_hostname),
    row("reject_non_fqdn_hostname", Nothing, helo::reject_non_fqdn_helo_hostname),
    row("reject_unknown_helo_hostname", Nothing, helo::reject_unknown_helo_hostname),
    row("reject_unknown_hostname", Nothing, helo::reject_unknown_helo_hostname),
    row("reject_rhsbl_helo", Domain, dnsbl::reject_rhsbl_helo),
    // Sender.
    row("check_sender_access", Table, access::check_sender_access),
    row("check_sender_a_access", Table, server::check_sender_a_access),
    row("check_sender_mx_access", Table, server::check_sender_mx_access),
    row("check_sender_ns_access", Table, server::check_sender_ns_access),
    row("reject_non_fqdn_sender", Nothing, address::reject_non_fqdn_sender),
    row("reject_unknown_sender_domain", Nothing, address::reject_unknown_sender_domain),
    row("reject_unknown_address", Nothing, address::reject_unknown_sender_domain),
    row("reject_unlisted_sender", Nothing, listed::reject_unlisted_sender),
    row("reject_unverified_sender", Nothing, verify::reject_unverified_sender),
    row("reject_rhsbl_sender", Domain, dnsbl::reject_rhsbl_sender),
    row("reject_sender_login_mismatch", Nothing, client::without_sasl),
    row("reject_authenticated_sender_login_mismatch", Nothing, client::without_sasl),
    row("reject_known_sender_login_mismatch", Nothing, client::without_sasl),
    row("reject_unauthenticated_sender_login_mismatch", Nothing, client::without_sasl),
    // Recipient.
    row("check_recipient_access", Table, access::check_recipient_access),
    row("check_recipient_a_access", Table, server::check_recipient_a_access),
    row("check_recipient_mx_access", Table, server::check_recipient_mx_access),
    row("check_recipient_ns_access", Table, server::check_recipient_ns_access),
    row("permit_auth_destination", Nothing, recipient::permit_auth_destination),
    row("reject_unauth_destination", Nothing, recipient::reject_unauth_destination),
    row("defer_unauth_destination", Nothing, recipient::defer_unauth_destination),
    row("permit_mx_backup", Nothing, recipient::permit_mx_backup),
    row("reject_non_fqdn_recipient", Nothing, address::reject_non_fqdn_recipient),
    row("reject_unknown_recipient_domain", Nothing, address::reject_unknown_recipient_domain),
    row("reject_unlisted_recipient", Nothing, listed::reject_unlisted_recipient),
    row("check_recipient_maps", Nothing, listed::reject_unlisted_recipient),
    row("reject_unverified_recipient", Nothing, verify::reject_unverified_recipient),
    row("reject_rhsbl_recipient", Domain, dnsbl::reject_rhsbl_recipient),
    row("reject_multi_recipient_bounce", Nothing, recipient::reject_multi_recipient_bounce),
    // ETRN.
    row("check_etrn_access", Table, access::check_etrn_access),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        for (number, row) in RESTRICTIONS.iter().enumerate() {
            assert_eq!(
                RESTRICTIONS.iter().position(|other| other.name == row.name),
                Some(number),
                "{}",
                row.name
            );
        }
        assert!(find("PERMIT_MyNetworks").is_some());
        assert!(find("permit_naked_ip_address").is_none(), "gone since 3.9");
    }

    #[test]
    fn arguments() {
        assert_eq!(Table.check("x", Some("hash:/f")), Some("hash:/f"));
        assert_eq!(Table.check("x", Some("reject")), None);
        assert_eq!(Number.check("sleep", Some("5")), Some("5"));
        assert_eq!(Number.check("sleep", Some("five")), None);
        assert_eq!(Domain.check("reject_rbl_client", None), None);
    }
}
