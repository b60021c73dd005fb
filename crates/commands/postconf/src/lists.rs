//! What this build supports: `-a -A -l -m -T`, bounce templates by the bounce daemon (`-b -t`), and the
//! parameters that a table's name brings with it.

use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::options::Options;
use crate::output;
use crate::scope::Settings;
use crate::services::Service;

/// Runs the option of that letter.
pub fn run(options: &Options, letter: char) -> Result<(), String> {
    match letter {
        // No SASL plug-in is built in yet.
        'a' | 'A' => Ok(()),
        'l' => output::print("flock\nfcntl\ndotlock\n"),
        'm' => {
            let names: Vec<&str> = tables::types().map(|t| t.name).collect();
            output::print(&names.iter().map(|n| format!("{n}\n")).collect::<String>())
        }
        'T' => match options.mode.as_str() {
            "compile-version" | "run-version" => {
                output::print(&format!("{}\n", sys::openssl::version_text()))
            }
            other => {
                log::warning!("unknown 'postconf -T' mode: {other}");
                std::process::exit(1)
            }
        },
        _ => templates(options, if letter == 'b' { "-SVnexpand_templates" } else { "-SVndump_templates" }),
    }
}

/// bounce(8) knows its templates; it prints them when run by hand like this.
fn templates(options: &Options, mode: &str) -> Result<(), String> {
    let settings = Settings::load(options)?;
    let mut overrides = vec!["queue_directory=.".to_string()];
    match options.operands.as_slice() {
        [] => {}
        [file] => overrides.insert(0, format!("bounce_template_file={file}")),
        _ => return Err("options -b and -t require at most one template file".into()),
    }
    let program = format!("{}/bounce", settings.expand("$daemon_directory", None)?);
    let mut bounce = Command::new(&program);
    bounce.arg(mode).env(config::directory::VARIABLE, options.directory());
    for value in overrides {
        bounce.arg("-o").arg(value);
    }
    let why = bounce.exec();
    Err(format!("execute {program}: {}", sys::errno_text(&why)))
}

const LDAP: &[&str] = &[
    "bind",
    "bind_dn",
    "bind_pw",
    "cache",
    "cache_expiry",
    "cache_size",
    "chase_referrals",
    "debuglevel",
    "dereference",
    "domain",
    "expansion_limit",
    "leaf_result_attribute",
    "lookup_wildcards",
    "query_filter",
    "recursion_limit",
    "result_attribute",
    "result_filter",
    "result_format",
    "sasl_authz_id",
    "sasl_mechs",
    "sasl_minssf",
    "sasl_realm",
    "scope",
    "search_base",
    "server_host",
    "server_port",
    "size_limit",
    "special_result_attribute",
    "start_tls",
    "terminal_result_attribute",
    "timeout",
    "tls_ca_cert_dir",
    "tls_ca_cert_file",
    "tls_cert",
    "tls_cipher_suite",
    "tls_key",
    "tls_random_file",
    "tls_require_cert",
    "version",
];
const MYSQL: &[&str] = &[
    "additional_conditions",
    "charset",
    "dbname",
    "domain",
    "expansion_limit",
    "hosts",
    "idle_interval",
    "option_file",
    "option_group",
    "password",
    "query",
    "require_result_set",
    "result_format",
    "retry_interval",
    "select_field",
    "table",
    "tls_CAfile",
    "tls_CApath",
    "tls_cert_file",
    "tls_ciphers",
    "tls_key_file",
    "tls_verify_cert",
    "user",
    "where_field",
];
const PGSQL: &[&str] = &[
    "additional_conditions",
    "dbname",
    "domain",
    "encoding",
    "expansion_limit",
    "hosts",
    "idle_interval",
    "password",
    "query",
    "result_format",
    "retry_interval",
    "select_field",
    "select_function",
    "table",
    "user",
    "where_field",
];
const SQLITE: &[&str] = &[
    "additional_conditions",
    "dbpath",
    "domain",
    "expansion_limit",
    "query",
    "result_format",
    "select_field",
    "table",
    "where_field",
];
const MEMCACHE: &[&str] = &[
    "backup",
    "data_size_limit",
    "domain",
    "flags",
    "key_digest",
    "key_format",
    "line_size_limit",
    "max_try",
    "memcache",
    "retry_pause",
    "timeout",
    "ttl",
];
const MONGODB: &[&str] = &[
    "collection",
    "dbname",
    "domain",
    "expansion_limit",
    "filter",
    "options",
    "projection",
    "query_filter",
    "result_attribute",
    "result_format",
    "uri",
];

/// The main.cf names that a value's tables read: `ldap:accounts` reads accounts_server_host and so on.
pub fn table_parameters(settings: &Settings, value: &str, service: Option<&Service>) -> Vec<String> {
    if !value.contains(':') {
        return Vec::new();
    }
    let value = settings.expand(value, service).unwrap_or_else(|_| value.into());
    let mut found = Vec::new();
    for word in value.split([' ', '\t', '\r', '\n', ',', '{', '}']) {
        let word = word.trim_start_matches("proxy:");
        let Some((kind, name)) = word.split_once(':') else { continue };
        let suffixes = match kind {
            "ldap" => LDAP,
            "mysql" => MYSQL,
            "pgsql" => PGSQL,
            "sqlite" => SQLITE,
            "memcache" => MEMCACHE,
            "mongodb" => MONGODB,
            _ => continue,
        };
        if !name.is_empty() && !name.starts_with(['/', '.']) {
            found.extend(suffixes.iter().map(|suffix| format!("{name}_{suffix}")));
        }
    }
    found
}
