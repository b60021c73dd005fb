//! smtpd's restriction lists: names, arguments, and what is behind a restriction that always decides.

use std::collections::BTreeSet;

use super::Finding;
use super::nearest::hint;
use super::source::{Setting, Source, words};

/// The lists, in the order in which smtpd asks them.
pub const LISTS: [&str; 8] = [
    "smtpd_client_restrictions",
    "smtpd_helo_restrictions",
    "smtpd_sender_restrictions",
    "smtpd_relay_restrictions",
    "smtpd_recipient_restrictions",
    "smtpd_data_restrictions",
    "smtpd_end_of_data_restrictions",
    "smtpd_etrn_restrictions",
];

/// What stands behind a restriction.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    Nothing,
    Table,
    Domain,
    Number,
    Server,
}

const PLAIN: &str = "permit reject defer defer_if_permit defer_if_reject warn_if_reject reject_unauth_pipelining \
    reject_plaintext_session permit_mynetworks permit_inet_interfaces permit_sasl_authenticated permit_tls_clientcerts \
    permit_tls_all_clientcerts reject_unknown_client_hostname reject_unknown_client \
    reject_unknown_reverse_client_hostname reject_unknown_forward_client_hostname reject_invalid_helo_hostname \
    reject_invalid_hostname reject_non_fqdn_helo_hostname reject_non_fqdn_hostname reject_unknown_helo_hostname \
    reject_unknown_hostname reject_non_fqdn_sender reject_unknown_sender_domain reject_unknown_address \
    reject_unlisted_sender reject_unverified_sender reject_sender_login_mismatch \
    reject_authenticated_sender_login_mismatch reject_known_sender_login_mismatch \
    reject_unauthenticated_sender_login_mismatch permit_auth_destination reject_unauth_destination \
    defer_unauth_destination permit_mx_backup reject_non_fqdn_recipient reject_unknown_recipient_domain \
    reject_unlisted_recipient check_recipient_maps reject_unverified_recipient reject_multi_recipient_bounce";
const WITH_DOMAIN: &str = "reject_rbl_client reject_rhsbl_client reject_rhsbl_reverse_client permit_dnswl_client \
    permit_rhswl_client reject_rhsbl_helo reject_rhsbl_sender reject_rhsbl_recipient";
/// What `check_…_access` can be about.
const SUBJECTS: &str = "client reverse_client_hostname ccert sasl helo sender recipient etrn client_a client_mx client_ns \
    reverse_client_hostname_a reverse_client_hostname_mx reverse_client_hostname_ns helo_a helo_mx helo_ns sender_a \
    sender_mx sender_ns recipient_a recipient_mx recipient_ns";

/// What a restriction of this name takes; None if there is no such.
pub fn takes(name: &str) -> Option<Takes> {
    let name = name.to_ascii_lowercase();
    let is_in = |list: &str, name: &str| list.split_whitespace().any(|known| known == name);
    let subject = name.strip_prefix("check_").and_then(|n| n.strip_suffix("_access"));
    match name.as_str() {
        "sleep" => Some(Takes::Number),
        "check_policy_service" => Some(Takes::Server),
        _ if is_in(PLAIN, &name) => Some(Takes::Nothing),
        _ if is_in(WITH_DOMAIN, &name) => Some(Takes::Domain),
        _ if subject.is_some_and(|s| is_in(SUBJECTS, s)) => Some(Takes::Table),
        _ => None,
    }
}

fn known() -> Vec<String> {
    let access = SUBJECTS.split_whitespace().map(|subject| format!("check_{subject}_access"));
    let plain = PLAIN.split_whitespace().chain(WITH_DOMAIN.split_whitespace()).map(str::to_string);
    plain.chain(access).chain(["sleep".to_string(), "check_policy_service".to_string()]).collect()
}

/// The classes that a setting of smtpd_restriction_classes, seen by a service, names.
pub fn classes(source: &Source, service: Option<usize>) -> Vec<String> {
    let config = source.config_of(service);
    let value = config.try_text("smtpd_restriction_classes").ok().flatten().unwrap_or_default();
    words(&value)
}

/// Looks at every list and class of main.cf and master.cf.
pub fn check(source: &Source, found: &mut BTreeSet<Finding>) {
    for setting in source.settings.iter().chain(&source.local) {
        let classes = classes(source, setting.service);
        if setting.name == "smtpd_restriction_classes" {
            for class in &classes {
                if source.seen_by(class, setting.service).is_none() {
                    found.insert(source.finding(
                        setting,
                        class,
                        format!("restriction class {class} is nowhere defined"),
                    ));
                }
            }
        }
        if LISTS.contains(&setting.name.as_str()) || classes.contains(&setting.name) {
            one(source, setting, &classes, found);
        }
    }
}

fn one(source: &Source, setting: &Setting, classes: &[String], found: &mut BTreeSet<Finding>) {
    let config = source.config_of(setting.service);
    // A list that is built of others is looked at where they are; its own words are these.
    let Ok(value) = config.expand(&setting.value) else { return };
    let list = words(&value);
    let mut rest = list.iter().peekable();
    let mut decided: Option<&str> = None;
    let mut only_warns = false;
    let known = known();
    while let Some(word) = rest.next() {
        if let Some(first) = decided.take() {
            let what = format!("{}: {word} is never reached, {first} before it always decides", setting.name);
            found.insert(source.finding(setting, word, what));
            return;
        }
        let warns = std::mem::replace(&mut only_warns, word.eq_ignore_ascii_case("warn_if_reject"));
        if classes.contains(word) {
            continue;
        }
        let Some(takes) = takes(word) else {
            if word.contains(':') || word.starts_with('{') {
                // A table by itself stands for an access table of its list's kind.
                continue;
            }
            let names = known.iter().map(String::as_str).chain(classes.iter().map(String::as_str));
            let what = format!("{}: unknown restriction {word}{}", setting.name, hint(word, names));
            found.insert(source.finding(setting, word, what));
            continue;
        };
        let argument = if takes == Takes::Nothing { None } else { rest.peek().map(|w| w.as_str()) };
        let missing = match (takes, argument) {
            (Takes::Nothing, _) => None,
            (Takes::Table, Some(a)) if a.contains(':') || a.starts_with('{') => None,
            (Takes::Server, Some(a)) if a.contains(':') || a.starts_with('{') => None,
            (Takes::Number, Some(a)) if a.bytes().all(|b| b.is_ascii_digit()) => None,
            (Takes::Domain, Some(a)) if self::takes(a).is_none() => None,
            (Takes::Table, _) => Some("a table, type:name"),
            (Takes::Server, _) => Some("a server, such as unix:private/policy"),
            (Takes::Number, _) => Some("a number of seconds"),
            (Takes::Domain, _) => Some("a domain"),
        };
        match missing {
            Some(what) => {
                let what = format!("{}: {word} needs {what} behind it", setting.name);
                found.insert(source.finding(setting, word, what));
            }
            None if takes != Takes::Nothing => {
                rest.next();
            }
            None => {}
        }
        let always = matches!(word.to_ascii_lowercase().as_str(), "permit" | "reject" | "defer");
        if always && !warns {
            decided = Some(word);
        }
    }
    if only_warns {
        let what = format!("{}: warn_if_reject has nothing behind it", setting.name);
        found.insert(source.finding(setting, "warn_if_reject", what));
    }
}
