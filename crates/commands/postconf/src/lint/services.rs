//! master.cf: entries that replace each other, fields that the program cannot work with, programs and transports that
//! are not there.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::Finding;
use super::nearest::hint;
use super::source::{Entry, Source, words};
use crate::services::FIELDS;

/// The daemons that come with the mail system.
const PROGRAMS: [&str; 28] = [
    "anvil",
    "bounce",
    "cleanup",
    "discard",
    "dnsblog",
    "error",
    "flush",
    "lmtp",
    "local",
    "nqmgr",
    "oqmgr",
    "pickup",
    "pipe",
    "postlogd",
    "postscreen",
    "proxymap",
    "qmgr",
    "qmqpd",
    "scache",
    "showq",
    "smtp",
    "smtpd",
    "spawn",
    "tlsmgr",
    "tlsproxy",
    "trivial-rewrite",
    "verify",
    "virtual",
];

/// Programs of which one process at most may run.
const SINGLE: [&str; 8] = ["qmgr", "nqmgr", "pickup", "tlsmgr", "verify", "scache", "anvil", "postlogd"];

/// Programs that must start with root's rights.
const PRIVILEGED: [&str; 4] = ["local", "virtual", "pipe", "spawn"];

/// Programs that cannot do their work in a chroot.
const FREE: [&str; 5] = ["local", "virtual", "pipe", "spawn", "proxymap"];

/// Services that other programs look for by name.
const NEEDED: [(&str, &str); 8] = [
    ("cleanup", "cleanup_service_name"),
    ("qmgr", "queue_service_name"),
    ("rewrite", "rewrite_service_name"),
    ("bounce", "bounce_service_name"),
    ("defer", "defer_service_name"),
    ("trace", "trace_service_name"),
    ("error", "error_service_name"),
    ("pickup", "pickup_service_name"),
];

/// Looks at all entries.
pub fn check(source: &Source, found: &mut BTreeSet<Finding>) {
    let mut seen: BTreeMap<(String, String), usize> = BTreeMap::new();
    for entry in &source.entries {
        let service = &entry.service;
        let key = (endpoint(service.field(0), service.field(1)), service.field(1).to_string());
        if let Some(earlier) = seen.insert(key, entry.line) {
            let what = format!(
                "{}: the entry at {}:{} replaces this one",
                service.name(),
                source.master,
                entry.line
            );
            found.insert(source.master_finding(earlier, "", what));
        }
        fields(source, entry, found);
        arguments(source, entry, found);
    }
    if !source.entries.is_empty() {
        needed(source, found);
        transports(source, found);
    }
}

/// Names that mean the same port are the same.
fn endpoint(name: &str, kind: &str) -> String {
    if kind != "inet" {
        return name.to_string();
    }
    let (host, port) = match name.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port),
        _ => ("", name),
    };
    let port = match port {
        "smtp" => "25",
        "submission" => "587",
        "smtps" | "submissions" => "465",
        "lmtp" => "24",
        "qmqp" => "628",
        other => other,
    };
    format!("{host}:{port}")
}

fn fields(source: &Source, entry: &Entry, found: &mut BTreeSet<Finding>) {
    let service = &entry.service;
    let command = service.field(FIELDS - 1);
    let program = command.rsplit('/').next().unwrap_or(command);
    let name = service.name();
    let mut say = |word: &str, text: String| {
        found.insert(source.master_finding(entry.line, word, format!("{name}: {text}")));
    };
    if !command.contains('/') && !PROGRAMS.contains(&command) {
        let near = hint(command, PROGRAMS.into_iter());
        let folder = source.config.try_text("daemon_directory").ok().flatten().unwrap_or_default();
        if !std::path::Path::new(&folder).join(command).exists() {
            say(command, format!("there is no daemon {command}{near}"));
        }
    }
    let limit = service.field(6);
    if SINGLE.contains(&program) && limit != "1" {
        say("", format!("the process limit must be 1, {program} works alone"));
    }
    if service.field(0) == "proxywrite" && limit != "1" {
        say("", "the process limit must be 1, so that one process has all tables that are written".into());
    }
    if service.field(1) == "inet" && service.field(2) != "n" {
        say("", "an inet service cannot be private; write n in the third field".into());
    }
    if PRIVILEGED.contains(&program) && service.field(3) != "n" {
        say("", format!("{program} needs root's rights to become other users; write n in the fourth field"));
    }
    if FREE.contains(&program) && service.field(4) == "y" {
        say("", format!("{program} cannot work in a chroot; write n in the fifth field"));
    }
    let wakeup = service.field(5);
    if matches!(program, "pickup") && matches!(wakeup, "-" | "0") {
        say("", "without a wakeup time, mail in the maildrop may wait for ever".into());
    }
    if matches!(program, "qmgr" | "nqmgr") && matches!(wakeup, "-" | "0") {
        say("", "without a wakeup time, deferred mail is never tried again".into());
    }
}

fn arguments(source: &Source, entry: &Entry, found: &mut BTreeSet<Finding>) {
    let service = &entry.service;
    let program = service.field(FIELDS - 1).rsplit('/').next().unwrap_or_default();
    let all = service.arguments();
    let name = service.name();
    let mut say = |word: &str, text: String| {
        found.insert(source.master_finding(entry.line, word, format!("{name}: {text}")));
    };
    let mut at = 0;
    while all.get(at).is_some_and(|a| a.starts_with('-') && a != "--") {
        at += if all.get(at).is_some_and(|a| a == "-o") { 2 } else { 1 };
    }
    let rest = all.get(at..).unwrap_or_default();
    if matches!(program, "pipe" | "spawn") {
        let attribute = |name: &str| rest.iter().find_map(|a| a.strip_prefix(name));
        match attribute("user=") {
            None => say("", format!("{program} needs user=")),
            Some(user) if user.split(':').next() == Some("root") => {
                say("user", format!("{program} refuses to run commands as root"));
            }
            Some(_) => {}
        }
        if attribute("argv=").is_none() {
            say("", format!("{program} needs argv="));
        }
    } else if let Some(stray) = rest.iter().find(|a| *a != "--") {
        let word = stray.split('=').next().unwrap_or(stray);
        // `-o a = b`: the -o has been complained of.
        if stray.starts_with('=')
            && !at.checked_sub(1).and_then(|i| all.get(i)).is_some_and(|b| b.contains('='))
        {
            return;
        }
        let before = at.checked_sub(1).and_then(|i| all.get(i)).cloned().unwrap_or_default();
        let what = if stray == "=" || stray.starts_with('=') || before.ends_with('=') {
            format!("{stray:?} is no option; write -o name=value without blanks, or -o {{ name = value }}")
        } else {
            format!("{program} takes no argument like {stray:?}; options behind it are not read")
        };
        say(if word.is_empty() { &before } else { word }, what);
    }
}

fn needed(source: &Source, found: &mut BTreeSet<Finding>) {
    for (usual, parameter) in NEEDED {
        let name = source.config.try_text(parameter).ok().flatten().unwrap_or_else(|| usual.into());
        if !source.entries.iter().any(|e| e.service.field(0) == name) {
            let text = format!("there is no service {name}, without which no mail is delivered");
            found.insert(Finding { file: source.master.clone(), line: 1, text });
        }
    }
}

/// Transports that main.cf names, and master.cf does not have.
fn transports(source: &Source, found: &mut BTreeSet<Finding>) {
    const NAMED: [&str; 9] = [
        "default_transport",
        "local_transport",
        "relay_transport",
        "virtual_transport",
        "error_transport",
        "mailbox_transport",
        "fallback_transport",
        "content_filter",
        "best_mx_transport",
    ];
    let names: BTreeSet<&str> =
        source.entries.iter().filter(|e| e.service.field(1) == "unix").map(|e| e.service.field(0)).collect();
    for setting in source.settings.iter().chain(&source.local) {
        if !NAMED.contains(&setting.name.as_str()) {
            continue;
        }
        let Ok(value) = source.config_of(setting.service).expand(&setting.value) else { continue };
        let Some(word) = words(&value).into_iter().next() else { continue };
        let transport = word.split(':').next().unwrap_or(&word);
        if !transport.is_empty() && !names.contains(transport) {
            let near = hint(transport, names.iter().copied());
            let what = format!("{}: master.cf has no transport {transport}{near}", setting.name);
            found.insert(source.finding(setting, transport, what));
        }
    }
}
