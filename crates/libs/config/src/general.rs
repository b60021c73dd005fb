//! What every program of the suite checks before it does anything, whether it needs the value or not: a mistake in
//! main.cf is found by the first command, and by all of them.

use crate::params::*;
use crate::{Config, ConfigError, ParamRef, owners, protocols};

/// Checks the parameters that are everybody's. The order is the reference's: it decides which of two faults is told.
pub fn check(cf: &Config) -> Result<(), ConfigError> {
    cf.check(&[COMPATIBILITY_LEVEL.into(), SYSLOG_FACILITY.into(), INET_PROTOCOLS.into()])?;
    if !FACILITIES.contains(&cf.try_get(SYSLOG_FACILITY)?) {
        return Err(bad(cf, "syslog_facility", "unrecognized value", cf.try_get(SYSLOG_FACILITY)?));
    }
    protocols(cf)?;
    for (name, host) in [("myhostname", cf.try_get(MYHOSTNAME)?), ("mydomain", cf.try_get(MYDOMAIN)?)] {
        if !is_host_name(host) {
            return Err(bad(cf, name, "bad parameter value", host));
        }
    }
    for param in EVERYBODYS.iter().filter_map(|name| ParamRef::named(name)) {
        cf.check(&[param])?;
    }
    owners::check(cf)?;
    let (host, relay) = (cf.try_get(MYHOSTNAME)?, cf.try_get(RELAYHOST)?);
    if host.eq_ignore_ascii_case(relay) {
        return Err(ConfigError::new(format!(
            "myhostname and relayhost parameter settings must not be identical: {host}"
        )));
    }
    for (name, value) in [("myorigin", cf.try_get(MYORIGIN)?), ("relayhost", relay)] {
        if value.contains([',', ' ', '\t', '\r', '\n']) {
            return Err(ConfigError::new(format!(
                "{name} parameter setting must not contain multiple values: {value}"
            )));
        }
    }
    let (delimiters, filter) = (cf.try_get(DEFAULT_VERP_DELIMITERS)?, cf.try_get(VERP_DELIMITER_FILTER)?);
    if delimiters.chars().count() != 2 || !delimiters.chars().all(|c| filter.contains(c)) {
        let why = if delimiters.chars().count() == 2 {
            "bad VERP delimiter character"
        } else {
            "bad VERP delimiter character count"
        };
        return Err(ConfigError::new(format!(
            "file {}/main.cf: parameters default_verp_delimiters and verp_delimiter_filter: {why}",
            cf.directory().display()
        )));
    }
    Ok(())
}

fn bad(cf: &Config, name: &str, what: &str, value: &str) -> ConfigError {
    ConfigError::new(format!("file {}/main.cf: parameter {name}: {what}: {value}", cf.directory().display()))
}

/// The values of `syslog_facility`, as syslog(3) knows them.
const FACILITIES: [&str; 20] = [
    "auth", "authpriv", "cron", "daemon", "ftp", "kern", "lpr", "mail", "news", "syslog", "user", "uucp",
    "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
];

/// A name that a host may have: labels of letters, digits, hyphens and underscores, not all of it numeric.
fn is_host_name(name: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80;
    let label = |label: &str| {
        let edges = [label.bytes().next(), label.bytes().next_back()];
        label.len() <= 63
            && edges.iter().all(|edge| edge.is_some_and(inner))
            && label.bytes().all(|byte| inner(byte) || byte == b'-')
    };
    name.len() <= 255
        && name.split('.').all(label)
        && !name.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// Parameters that every program of the reference reads, whatever it does. By name: to be checked is not to be used.
const EVERYBODYS: &[&str] = &[
    "mail_name",
    "syslog_name",
    "mail_owner",
    "setgid_group",
    "mydestination",
    "myorigin",
    "relayhost",
    "daemon_directory",
    "data_directory",
    "command_directory",
    "meta_directory",
    "queue_directory",
    "process_id_directory",
    "inet_interfaces",
    "proxy_interfaces",
    "double_bounce_sender",
    "default_privs",
    "alias_database",
    "default_database_type",
    "hash_queue_names",
    "recipient_delimiter",
    "relay_domains",
    "fast_flush_domains",
    "export_environment",
    "import_environment",
    "mynetworks_style",
    "default_verp_delimiters",
    "verp_delimiter_filter",
    "parent_domain_matches_subdomains",
    "bounce_service_name",
    "cleanup_service_name",
    "defer_service_name",
    "pickup_service_name",
    "queue_service_name",
    "rewrite_service_name",
    "showq_service_name",
    "error_service_name",
    "flush_service_name",
    "address_verify_service_name",
    "trace_service_name",
    "postlog_service_name",
    "default_process_limit",
    "max_use",
    "dont_remove",
    "line_length_limit",
    "hash_queue_depth",
    "fork_attempts",
    "deliver_lock_attempts",
    "header_size_limit",
    "header_address_token_limit",
    "mime_nesting_limit",
    "mime_boundary_length_limit",
    "delay_logging_resolution_limit",
    "message_size_limit",
    "lmdb_map_size",
    "soft_bounce",
    "owner_request_special",
    "strict_8bitmime",
    "strict_7bit_headers",
    "strict_8bitmime_body",
    "strict_mime_encoding_domain",
    "disable_mime_input_processing",
    "disable_mime_output_conversion",
    "address_verify_negative_cache",
    "backwards_bounce_logfile_compatibility",
    "helpful_warnings",
    "enable_long_queue_ids",
    "strict_smtputf8",
    "enable_original_recipient",
    "smtputf8_enable",
    "application_event_drain_time",
    "max_idle",
    "ipc_timeout",
    "ipc_idle",
    "ipc_ttl",
    "trigger_timeout",
    "fork_delay",
    "deliver_lock_delay",
    "stale_lock_time",
    "daemon_timeout",
    "in_flow_delay",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_told() {
        let me = sys::user::by_uid(sys::user::effective_uid()).unwrap().unwrap().name;
        for (name, value, why) in [
            ("max_use", "x", "-o max_use: bad numerical configuration: max_use = x"),
            ("soft_bounce", "x", "-o soft_bounce: bad boolean configuration: soft_bounce = x"),
            ("myhostname", "-", "file /etc/postfix/main.cf: parameter myhostname: bad parameter value: -"),
            (
                "syslog_facility",
                "post",
                "file /etc/postfix/main.cf: parameter syslog_facility: unrecognized value: post",
            ),
            ("max_idle", "0", "-o max_idle: invalid max_idle parameter value 0 < 1"),
        ] {
            let cf = Config::from_pairs(&[("mail_owner", &me), (name, value)]);
            assert_eq!(check(&cf).unwrap_err().to_string(), why);
        }
    }

    #[test]
    fn the_names_are_known() {
        for name in EVERYBODYS {
            assert!(ParamRef::named(name).is_some(), "{name}");
        }
    }

    #[test]
    fn host_names() {
        for (name, want) in [
            ("mx.test", true),
            ("localhost", true),
            ("a_b.test", true),
            ("1.2.3.4", false),
            ("a..b", false),
            ("a.", false),
            ("-a.b", false),
            ("a b", false),
            ("", false),
        ] {
            assert_eq!(is_host_name(name), want, "{name}");
        }
    }
}
