//! Parameters that the reference means to remove, or has removed, and what to use instead.

/// Names that still work, with the advice.
pub const GOING: [(&str, &str); 35] = [
    ("authorized_verp_clients", "smtpd_authorized_verp_clients"),
    ("disable_dns_lookups", "smtp_dns_support_level"),
    ("fallback_relay", "smtp_fallback_relay"),
    ("lmtp_cname_overrides_servername", ""),
    ("lmtp_enforce_tls", "lmtp_tls_security_level"),
    ("lmtp_per_record_deadline", "lmtp_per_request_deadline"),
    ("lmtp_tls_enforce_peername", "lmtp_tls_security_level"),
    ("lmtp_tls_per_site", "lmtp_tls_policy_maps"),
    ("lmtp_use_tls", "lmtp_tls_security_level"),
    ("postscreen_blacklist_action", "postscreen_denylist_action"),
    ("postscreen_dnsbl_ttl", "postscreen_dnsbl_max_ttl"),
    ("postscreen_dnsbl_whitelist_threshold", "postscreen_dnsbl_allowlist_threshold"),
    ("postscreen_enforce_tls", "postscreen_tls_security_level"),
    ("postscreen_use_tls", "postscreen_tls_security_level"),
    ("postscreen_whitelist_interfaces", "postscreen_allowlist_interfaces"),
    ("smtp_cname_overrides_servername", ""),
    ("smtp_enforce_tls", "smtp_tls_security_level"),
    ("smtp_per_record_deadline", "smtp_per_request_deadline"),
    ("smtp_tls_enforce_peername", "smtp_tls_security_level"),
    ("smtp_tls_per_site", "smtp_tls_policy_maps"),
    ("smtp_use_tls", "smtp_tls_security_level"),
    ("smtpd_client_connection_limit_exceptions", "smtpd_client_event_limit_exceptions"),
    ("smtpd_enforce_tls", "smtpd_tls_security_level"),
    ("smtpd_per_record_deadline", "smtpd_per_request_deadline"),
    ("smtpd_tls_dh1024_param_file", "leave"),
    ("smtpd_tls_eecdh_grade", "leave"),
    ("smtpd_use_tls", "smtpd_tls_security_level"),
    ("tlsproxy_client_enforce_tls", "tlsproxy_client_security_level"),
    ("tlsproxy_client_level", "tlsproxy_client_security_level"),
    ("tlsproxy_client_per_site", "tlsproxy_client_policy_maps"),
    ("tlsproxy_client_policy", "tlsproxy_client_policy_maps"),
    ("tlsproxy_client_use_tls", "tlsproxy_client_security_level"),
    ("tlsproxy_enforce_tls", "tlsproxy_tls_security_level"),
    ("tlsproxy_use_tls", "tlsproxy_tls_security_level"),
    ("virtual_maps", "virtual_alias_maps"),
];

/// Names that are gone, with the advice: such a setting does nothing.
const GONE: [(&str, &str); 1] = [("deleted-test-only", "do not specify")];

/// What to do instead of setting `name`, if it is on its way out.
pub fn advice(name: &str) -> Option<String> {
    let at = GOING.binary_search_by(|(known, _)| (*known).cmp(name)).ok()?;
    GOING.get(at).map(|(known, instead)| match *instead {
        "" => "do not specify".to_string(),
        "leave" => "do not specify (leave at default)".to_string(),
        // compat: of this one the reference says only the name.
        other if *known == "lmtp_enforce_tls" => other.to_string(),
        other => format!("specify \"{other}\""),
    })
}

/// What to do instead of setting `name`, if it does nothing any more.
pub fn gone(name: &str) -> Option<&'static str> {
    GONE.iter().find(|(known, _)| *known == name).map(|(_, advice)| *advice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorted_and_known() {
        assert!(GOING.is_sorted());
        for (name, _) in GOING {
            assert!(config::ParamRef::named(name).is_some(), "{name} is not in the registry");
        }
        assert_eq!(advice("smtp_use_tls").as_deref(), Some("specify \"smtp_tls_security_level\""));
        assert_eq!(advice("myhostname"), None);
    }
}
