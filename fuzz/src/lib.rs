//! What must hold for any bytes from outside: one target for each parser, each a function that panics when a
//! property does not hold.
//!
//! The properties are ordinary code: `cargo test` runs them on the seeds below, on every input that ever broke one
//! (`regressions/TARGET/*`) and on some thousand mutations. `cargo xtask fuzz TARGET` lets libFuzzer look for more
//! (`libfuzzer/` is its program, a package of its own outside the workspace).

mod addresses;
mod attributes;
mod configuration;
mod content;
mod files;
mod input;
mod names;
mod queue;
mod rules;
mod servers;
mod smtp;

/// One parser's properties.
pub struct Target {
    /// As `cargo xtask fuzz` takes it, and the folder of its regressions.
    pub name: &'static str,
    /// What is parsed, and what must hold.
    pub about: &'static str,
    /// Panics when `input` breaks a property.
    pub check: fn(input: &[u8]),
    /// Sound inputs to start from.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// All targets.
pub static TARGETS: &[Target] = &[
    smtp::COMMANDS,
    smtp::DATA,
    smtp::REPLIES,
    addresses::LISTS,
    addresses::ADDRESSES,
    content::HEADERS,
    content::MIME,
    queue::RECORDS,
    queue::STATUS_LOG,
    queue::SUBMISSION,
    attributes::TARGET,
    configuration::MAIN_CF,
    configuration::MASTER_CF,
    files::HASH,
    files::BTREE,
    files::CDB,
    files::SDBM,
    files::BUILD,
    rules::REGEXP,
    rules::PCRE,
    rules::CIDR,
    rules::TEXTHASH,
    rules::INLINE,
    servers::TARGET,
    names::ANSWERS,
    names::RESOLV_CONF,
];

/// Takes the log over, for all targets of this process: lines are not written anywhere, but looked at.
pub fn watch_log() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        log::init_early("fuzz", log::Kind::Daemon);
        log::own_writer(|line| assert!(!line.iter().any(u8::is_ascii_control), "a log line is one line"));
    });
}

/// The target of that name.
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}
