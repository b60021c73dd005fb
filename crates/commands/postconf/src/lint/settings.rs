//! Names and values of settings: unknown names, values of the wrong type, names that nobody defines, settings that do
//! nothing, and values that contradict each other.

use std::collections::{BTreeMap, BTreeSet};

use config::{Config, ParamRef, param::Kind};

use super::Finding;
use super::nearest::hint;
use super::restrictions::classes;
use super::source::{Setting, Source, words};
use crate::about;
use crate::deprecated;
use crate::names::service_names_of;
use crate::scope::is_read_only;
use crate::services::Service;
use crate::tables_used::Tables;

/// Looks at all settings.
pub fn check(source: &Source, found: &mut BTreeSet<Finding>) {
    let used = used(source);
    let services: Vec<&Service> = source.entries.iter().map(|e| &e.service).collect();
    let of_services = service_names_of(services.into_iter());
    let defined: BTreeSet<&str> =
        source.settings.iter().chain(&source.local).map(|s| s.name.as_str()).collect();
    shadowed(source, &source.settings, found);
    shadowed(source, &source.local, found);
    for setting in source.settings.iter().chain(&source.local) {
        let name = setting.name.as_str();
        let known = ParamRef::named(name).is_some() || of_services.contains(name) || name == "service_name";
        if is_read_only(name) {
            found.insert(source.finding(
                setting,
                name,
                format!("{name} is read-only; this setting does nothing"),
            ));
        } else if let Some(advice) = deprecated::advice(name) {
            let what = format!("{name} will be removed from a later release; instead, {advice}");
            found.insert(source.finding(setting, name, what));
        } else if !known && !used.contains(name) {
            let real = ParamRef::all().map(|p| p.row()).filter(|row| !row.hidden).map(|row| row.name);
            let near = hint(name, real.chain(of_services.iter().map(String::as_str)));
            let what = format!("{name} is no parameter, and nothing uses it as $name{near}");
            found.insert(source.finding(setting, name, what));
        }
        let clear = mentions(source, setting, &defined, &of_services, found);
        if clear && ParamRef::named(name).is_some() {
            value(source, setting, found);
        }
    }
    together(source, found);
}

/// Every name that the user's values, and the defaults, mention.
fn used(source: &Source) -> BTreeSet<String> {
    let mut used: BTreeSet<String> = ParamRef::all().flat_map(|p| config::names(p.row().default).0).collect();
    let mut tables = Tables::quiet();
    for setting in source.settings.iter().chain(&source.local) {
        used.extend(config::names(&setting.value).0);
        if let Ok(value) = source.config_of(setting.service).expand(&setting.value) {
            used.extend(tables.names(&value, ""));
        }
        if setting.name == "smtpd_restriction_classes" {
            used.extend(classes(source, setting.service));
        }
    }
    used
}

fn shadowed(source: &Source, settings: &[Setting], found: &mut BTreeSet<Finding>) {
    let mut last: BTreeMap<(Option<usize>, &str), &Setting> = BTreeMap::new();
    for setting in settings {
        let earlier = last.insert((setting.service, &setting.name), setting);
        if let Some(earlier) = earlier.filter(|earlier| earlier.value != setting.value) {
            let later = source.place(setting, if setting.service.is_some() { &setting.name } else { "" });
            let what = format!("{}: this value is replaced by the one at {later}", earlier.name);
            found.insert(Finding { text: what, ..source.finding(earlier, &earlier.name, "") });
        }
    }
}

/// The `$name`s of a value; false if it cannot be known what it comes to.
fn mentions(
    source: &Source,
    setting: &Setting,
    defined: &BTreeSet<&str>,
    of_services: &BTreeSet<String>,
    found: &mut BTreeSet<Finding>,
) -> bool {
    if ParamRef::named(&setting.name).is_some_and(|p| p.row().kind == Kind::Raw) {
        return true;
    }
    let (names, wrong) = config::names(&setting.value);
    let mut clear = wrong.is_none();
    if let Some(why) = wrong {
        found.insert(source.finding(setting, "", format!("{}: {why}", setting.name)));
    }
    for name in names {
        let known = defined.contains(name.as_str())
            || ParamRef::named(&name).is_some()
            || of_services.contains(&name)
            || name == "service_name";
        if !known {
            let near = hint(&name, ParamRef::all().map(|p| p.row().name).chain(defined.iter().copied()));
            let what = format!("{}: ${name} is nowhere defined and stands for nothing{near}", setting.name);
            found.insert(source.finding(setting, &name, what));
            clear = false;
        }
    }
    clear
}

/// Type, bounds, words; and whether any program here reads it.
fn value(source: &Source, setting: &Setting, found: &mut BTreeSet<Finding>) {
    let Some(param) = ParamRef::named(&setting.name) else { return };
    let config = source.config_of(setting.service);
    // Debian's file with the domain is made when the package is configured.
    if setting.name == "myorigin" && setting.value == "/etc/mailname" && !source.is_the_systems() {
        return;
    }
    if let Err(why) = config.check(&[param]) {
        let why = why.to_string();
        let prefix = format!("-o {}: ", setting.name);
        let why = why.strip_prefix(&prefix).unwrap_or(&why);
        let wanted = about::bounds(param.row());
        found.insert(source.finding(setting, "", format!("{}: {why}; wanted is {wanted}", setting.name)));
        return;
    }
    let Ok(text) = config.expand(&setting.value) else { return };
    if let Some(known) = vocabulary(&setting.name) {
        for word in words(&text) {
            let word = word.trim_start_matches('!');
            let fits = known.split_whitespace().any(|k| k.eq_ignore_ascii_case(word));
            if !fits {
                let what = format!(
                    "{}: {word} is none of {}{}",
                    setting.name,
                    known.split_whitespace().collect::<Vec<_>>().join(", "),
                    hint(word, known.split_whitespace())
                );
                found.insert(source.finding(setting, word, what));
            }
        }
    }
    if setting.name == "mynetworks" || setting.name.ends_with("_authorized_xclient_hosts") {
        words(&text).iter().for_each(|word| network(source, setting, word, found));
    }
    // Debian sets this one, which matters where SASL is used.
    let stock = setting.name == "cyrus_sasl_config_path" && setting.value == "/etc/postfix/sasl";
    if !stock
        && about::is_planned(&setting.name)
        && text.trim() != default_text(&setting.name, &config).trim()
    {
        let what = format!("{}: accepted, but not yet acted on by this version", setting.name);
        found.insert(source.finding(setting, "", what));
    }
}

fn default_text(name: &str, config: &Config) -> String {
    let default = ParamRef::named(name).map(|p| p.row().default).unwrap_or_default();
    config.expand(default).unwrap_or_default()
}

/// The words of parameters that are lists of them.
fn vocabulary(name: &str) -> Option<&'static str> {
    Some(match name {
        "notify_classes" => "bounce 2bounce data delay policy protocol resource software",
        "inet_protocols" => "all ipv4 ipv6",
        "mynetworks_style" => "class subnet host",
        "mailbox_delivery_lock" | "virtual_mailbox_lock" => "flock fcntl dotlock",
        "masquerade_classes"
        | "sender_canonical_classes"
        | "recipient_canonical_classes"
        | "canonical_classes" => "envelope_sender envelope_recipient header_sender header_recipient",
        "allow_mail_to_commands" | "allow_mail_to_files" => "alias forward include",
        "smtpd_tls_security_level" => "none may encrypt",
        "smtp_tls_security_level" | "lmtp_tls_security_level" => {
            "none may encrypt dane dane-only fingerprint verify secure"
        }
        "smtp_dns_support_level" => "disabled enabled dnssec",
        "smtp_host_lookup" | "lmtp_host_lookup" => "dns native",
        "smtp_address_preference" => "any ipv4 ipv6",
        _ => return None,
    })
}

fn network(source: &Source, setting: &Setting, word: &str, found: &mut BTreeSet<Finding>) {
    let bare = word.trim_start_matches('!');
    if bare.contains([':']) && !bare.starts_with('[') || bare.starts_with('/') || bare.contains('{') {
        return;
    }
    let Some((address, bits)) = bare.rsplit_once('/') else {
        if bare.starts_with(|c: char| c.is_ascii_digit()) && bare.parse::<std::net::IpAddr>().is_err() {
            let what = format!("{}: {bare} is no address", setting.name);
            found.insert(source.finding(setting, bare, what));
        }
        return;
    };
    let parsed = address.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
    let why = match (parsed, bits.parse::<u8>()) {
        (Err(_), _) => Some(format!("{bare} has no address in front of the slash")),
        (_, Err(_)) => Some(format!("{bare} has no number of bits behind the slash")),
        (Ok(ip), Ok(bits)) if bits > if ip.is_ipv4() { 32 } else { 128 } => {
            Some(format!("{bare} has more bits than an address"))
        }
        (Ok(ip), Ok(bits)) => {
            let network = config::Network::around(ip, bits);
            (network.address != ip).then(|| format!("{bare} has host bits; {network} is the network"))
        }
    };
    if let Some(why) = why {
        found.insert(source.finding(setting, bare, format!("{}: {why}", setting.name)));
    }
}

/// Settings that contradict each other.
fn together(source: &Source, found: &mut BTreeSet<Finding>) {
    let number =
        |name: &str| source.config.try_text(name).ok().flatten().and_then(|v| v.trim().parse::<i64>().ok());
    let seconds = |name: &str| {
        let text = source.config.try_text(name).ok().flatten()?;
        config::parse_time(text.trim(), 's')
    };
    let text = |name: &str| source.config.try_text(name).ok().flatten().unwrap_or_default();
    let mut say = |names: [&str; 2], what: String| {
        if let Some(setting) = names.iter().find_map(|name| source.setting(name)) {
            found.insert(source.finding(setting, "", what));
        }
    };
    for (small, large, what) in [
        (
            "message_size_limit",
            "mailbox_size_limit",
            "no mailbox takes a message of the largest size, local refuses to run",
        ),
        (
            "message_size_limit",
            "virtual_mailbox_limit",
            "no mailbox takes a message of the largest size, virtual refuses to run",
        ),
        ("smtpd_soft_error_limit", "smtpd_hard_error_limit", "clients are gone before they are slowed down"),
    ] {
        if let (Some(a), Some(b)) = (number(small), number(large)) {
            if b > 0 && (a > b || a == 0 && small == "message_size_limit") {
                say([large, small], format!("{small} ({a}) is more than {large} ({b}): {what}"));
            }
        }
    }
    for (small, large, what) in [
        ("minimal_backoff_time", "maximal_backoff_time", "the queue manager refuses to run"),
        ("queue_run_delay", "minimal_backoff_time", "deferred mail waits longer than it should"),
    ] {
        if let (Some(a), Some(b)) = (seconds(small), seconds(large)) {
            if a > b {
                say([large, small], format!("{small} ({a} s) is more than {large} ({b} s): {what}"));
            }
        }
    }
    let domains =
        |name: &str| words(&text(name)).into_iter().filter(|w| !w.contains([':', '/'])).collect::<Vec<_>>();
    let local = domains("mydestination");
    for other in ["virtual_alias_domains", "virtual_mailbox_domains", "relay_domains"] {
        let Some(setting) = source.setting(other) else { continue };
        for domain in domains(other).iter().filter(|d| local.contains(d)) {
            let what = format!("{domain} is in mydestination, too; a domain belongs to one of them");
            found.insert(source.finding(setting, domain, format!("{other}: {what}")));
        }
    }
    for name in ["mydestination", "relay_domains", "virtual_alias_domains", "virtual_mailbox_domains"] {
        let Some(setting) = source.setting(name) else { continue };
        for word in words(&setting.value).iter().filter(|w| w.contains('@') && !w.contains(':')) {
            found.insert(source.finding(
                setting,
                word,
                format!("{name}: {word} is an address, wanted are domains"),
            ));
        }
    }
    if let Some(setting) = source.setting("myhostname") {
        if !text("myhostname").contains('.') {
            let what = "myhostname has no domain; other hosts will refuse this name in HELO";
            found.insert(source.finding(setting, "", what));
        }
    }
    if let Some(setting) = source.setting("virtual_mailbox_domains") {
        let usual = text("virtual_transport") == "virtual";
        if usual && !text("virtual_mailbox_domains").trim().is_empty() {
            for needed in ["virtual_mailbox_maps", "virtual_uid_maps", "virtual_gid_maps"] {
                if text(needed).trim().is_empty() {
                    let what = format!("virtual_mailbox_domains needs {needed}, which is empty");
                    found.insert(source.finding(setting, "", what));
                }
            }
        }
    }
    if let Some(setting) = source.setting("relayhost") {
        let host = text("relayhost");
        if words(&host).len() > 1 {
            found.insert(source.finding(setting, "", "relayhost: one destination only"));
        }
    }
}
