//! The tables that settings name: types that this build has, files that are there, built, and no older than their source.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use config::{ParamRef, param::Kind};

use super::Finding;
use super::nearest::hint;
use super::source::{Setting, Source, words};

/// Types that postmap builds from a source file, with what it adds to the name.
const BUILT: [(&str, &str); 6] = [
    ("hash", ".db"),
    ("btree", ".db"),
    ("lmdb", ".lmdb"),
    ("cdb", ".cdb"),
    ("sdbm", ".pag"),
    ("dbm", ".pag"),
];

/// Types whose name is a file that is read as it is.
const FILES: [&str; 9] =
    ["regexp", "pcre", "cidr", "texthash", "ldap", "mysql", "pgsql", "sqlite", "memcache"];

/// Parameters that name caches: their owner makes them.
const CACHES: [&str; 5] = [
    "_session_cache_database",
    "address_verify_map",
    "postscreen_cache_map",
    "_cache_db_type",
    "sasl_auth_cache_name",
];

/// Looks at every table of every setting.
pub fn check(source: &Source, found: &mut BTreeSet<Finding>) {
    for setting in source.settings.iter().chain(&source.local) {
        let raw = ParamRef::named(&setting.name).is_some_and(|p| p.row().kind == Kind::Raw);
        let cache = CACHES.iter().any(|c| setting.name.ends_with(c));
        if raw || cache || !takes_tables(&setting.name) {
            continue;
        }
        if let Ok(value) = source.config_of(setting.service).expand(&setting.value) {
            list(source, setting, &value, found);
        }
    }
}

/// Whether `word:word` in such a value is a table, and not a transport or an endpoint.
fn takes_tables(name: &str) -> bool {
    const NOT: [&str; 12] = [
        "_transport",
        "_milters",
        "relayhost",
        "content_filter",
        "_fallback_relay",
        "smtpd_proxy_filter",
        "debugger_command",
        "_service_name",
        "_path",
        "mailbox_command",
        "_banner",
        "_random_source",
    ];
    !NOT.iter().any(|end| name.ends_with(end)) && !name.ends_with("_filter_nexthop")
}

fn list(source: &Source, setting: &Setting, value: &str, found: &mut BTreeSet<Finding>) {
    let mut after_policy = false;
    for word in words(value) {
        if std::mem::replace(&mut after_policy, word == "check_policy_service") {
            continue;
        }
        if let Some(inside) = word.strip_prefix('{').and_then(|w| w.strip_suffix('}')) {
            if inside.contains(':') && !inside.contains('=') {
                list(source, setting, inside, found);
            }
            continue;
        }
        let mut table = word.trim_start_matches('!');
        while let Some(local) = table.strip_prefix("proxy:") {
            table = local;
        }
        let Some((kind, name)) = table.split_once(':') else { continue };
        if !kind.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
            || kind.is_empty()
            || name.is_empty()
        {
            continue;
        }
        one(source, setting, kind, name, found);
    }
}

fn one(source: &Source, setting: &Setting, kind: &str, name: &str, found: &mut BTreeSet<Finding>) {
    let mut say = |text: String| {
        found.insert(source.finding(setting, &format!("{kind}:{name}"), format!("{}: {text}", setting.name)));
    };
    if matches!(kind, "unionmap" | "pipemap") {
        if let Some(inside) = name.strip_prefix('{').and_then(|n| n.strip_suffix('}')) {
            list(source, setting, inside, found);
        }
        return;
    }
    let types: Vec<&str> = tables::types().map(|t| t.name).collect();
    let built = BUILT.iter().find(|(known, _)| *known == kind);
    if !types.contains(&kind) {
        // `host:port` and `transport:nexthop` are no tables.
        let looks_like_a_file = name.starts_with('/') || name.starts_with('{');
        let planned = matches!(kind, "mongodb" | "nis" | "nisplus" | "dbm");
        if planned || built.is_some() || FILES.contains(&kind) {
            say(format!("this build has no tables of type {kind}"));
        } else if looks_like_a_file {
            say(format!("unknown type of table {kind}{}", hint(kind, types.into_iter())));
        }
        return;
    }
    if name.starts_with('{') {
        return;
    }
    let relative = !name.starts_with('/');
    if relative && built.is_some() {
        say(format!("{kind}:{name} is looked for where the program happens to be; give the whole path"));
        return;
    }
    if shipped(source, name) {
        return;
    }
    if let Some((_, end)) = built {
        let (origin, file) = (PathBuf::from(name), PathBuf::from(format!("{name}{end}")));
        match (modified(&origin), modified(&file)) {
            (None, None) => say(format!("neither {name} nor {} exists", file.display())),
            (Some(_), None) => {
                say(format!("{name} is not built; run {} {kind}:{name}", builder(&setting.name)))
            }
            (Some(text), Some(table)) if text > table => {
                say(format!(
                    "{name} is newer than {}; run {} {kind}:{name}",
                    file.display(),
                    builder(&setting.name)
                ));
            }
            _ => {}
        }
    } else if FILES.contains(&kind) && !relative && modified(Path::new(name)).is_none() {
        say(format!("{name} does not exist"));
    }
}

fn modified(path: &Path) -> Option<std::time::SystemTime> {
    fs::metadata(path).and_then(|m| m.modified()).ok()
}

fn builder(parameter: &str) -> &'static str {
    if parameter.starts_with("alias_") { "postalias" } else { "postmap" }
}

/// Files that distributions name and make later; in a configuration that is not the system's they say nothing.
fn shipped(source: &Source, name: &str) -> bool {
    name == "/etc/aliases" && !source.is_the_systems()
}
