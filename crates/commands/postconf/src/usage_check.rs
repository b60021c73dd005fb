//! Warnings about names that nothing reads, and about names on their way out.

use std::sync::atomic::{AtomicBool, Ordering};

use config::ParamRef;

use crate::deprecated;
use crate::names::Names;
use crate::scope::Settings;
use crate::services::Services;

static ADVICE: AtomicBool = AtomicBool::new(false);

/// Looks at main.cf's definitions.
pub fn main_cf(settings: &Settings, names: &Names) {
    let file = settings.config.directory().join("main.cf").display().to_string();
    for (name, value) in settings.defined() {
        check(&file, name, value, names.global.contains_key(name));
    }
}

/// Looks at the `-o` of master.cf's services.
pub fn master_cf(_settings: &Settings, services: &Services, names: &Names) {
    for (service, local) in services.all.iter().zip(&names.local) {
        for (name, value) in &service.parameters {
            let known = local.contains(name)
                || names.global.contains_key(name)
                || ParamRef::named(name).is_some_and(|p| p.row().hidden);
            check(&services.path, name, value, known);
        }
    }
}

/// Where to read more, if some name is on its way out.
pub fn advise() {
    if ADVICE.load(Ordering::Relaxed) {
        log::warning!("See https://www.postfix.org/DEPRECATION_README.html for details");
    }
}

fn check(file: &str, name: &str, value: &str, known: bool) {
    match (deprecated::advice(name), deprecated::gone(name)) {
        (Some(advice), _) => {
            log::warning!("{file}: support for parameter \"{name}\" will be removed; instead, {advice}");
            ADVICE.store(true, Ordering::Relaxed);
        }
        (None, Some(advice)) => {
            log::warning!("{file}: support for parameter {name} has been removed; instead, {advice}");
            ADVICE.store(true, Ordering::Relaxed);
        }
        (None, None) if !known => log::warning!("{file}: unused parameter: {name}={value}"),
        (None, None) => {}
    }
}
