//! `upgrade-configuration`: adds services that this release needs and an older master.cf does not name.

use std::fs::OpenOptions;
use std::io::Write;
use std::process::ExitCode;

use config::master::ServiceType;

use crate::instance::Instance;
use crate::permissions;

/// Services that other programs rely on, as a new installation has them.
const NEEDED: [(&str, ServiceType, &str); 12] = [
    ("tlsmgr", ServiceType::Unix, "tlsmgr    unix  -       -       n       1000?   1       tlsmgr"),
    ("flush", ServiceType::Unix, "flush     unix  n       -       n       1000?   0       flush"),
    ("trace", ServiceType::Unix, "trace     unix  -       -       n       -       0       bounce"),
    ("verify", ServiceType::Unix, "verify    unix  -       -       n       -       1       verify"),
    ("proxymap", ServiceType::Unix, "proxymap  unix  -       -       n       -       -       proxymap"),
    ("proxywrite", ServiceType::Unix, "proxywrite unix -       -       n       -       1       proxymap"),
    ("relay", ServiceType::Unix, "relay     unix  -       -       n       -       -       smtp"),
    ("retry", ServiceType::Unix, "retry     unix  -       -       n       -       -       error"),
    ("discard", ServiceType::Unix, "discard   unix  -       -       n       -       -       discard"),
    ("scache", ServiceType::Unix, "scache    unix  -       -       n       -       1       scache"),
    ("anvil", ServiceType::Unix, "anvil     unix  -       -       n       -       1       anvil"),
    ("postlog", ServiceType::UnixDgram, "postlog   unix-dgram n  -       n       -       1       postlogd"),
];

/// Adds what is missing, after writing the settings that were given.
pub fn run(instance: &Instance, settings: &[String]) -> ExitCode {
    if !settings.is_empty() {
        permissions::edit(instance, settings);
    }
    let directory = instance.config.directory();
    let entries = config::master::load(directory).unwrap_or_else(|error| log::fatal!("{error}"));
    let missing: Vec<&str> = NEEDED
        .iter()
        .filter(|(name, kind, _)| {
            !entries.iter().any(|entry| entry.name == *name && entry.service_type == *kind)
        })
        .map(|(name, _, line)| {
            log::info!("Editing {}/master.cf, adding missing entry for {name} service", directory.display());
            *line
        })
        .collect();
    if !missing.is_empty() {
        let file = directory.join("master.cf");
        let added = OpenOptions::new()
            .append(true)
            .open(&file)
            .and_then(|mut file| file.write_all(format!("\n{}\n", missing.join("\n")).as_bytes()));
        if let Err(error) = added {
            log::fatal!("{}: {}", file.display(), sys::errno_text(&error));
        }
    }
    if permissions::create_missing(instance) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
