//! Which parameter names exist: built in, defined by a service, or of the user's own and used somewhere.

use std::collections::{BTreeMap, BTreeSet};

use config::ParamRef;
use config::param::Kind;

use crate::options::{Classes, Options};
use crate::scope::Settings;
use crate::services::{FIELDS, Service, Services};

/// Where a name comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    Builtin,
    Service,
    User,
}

impl Class {
    /// Whether `-C` selects it.
    pub fn is_in(self, classes: Classes) -> bool {
        match self {
            Class::Builtin => classes.builtin,
            Class::Service => classes.service,
            Class::User => classes.user,
        }
    }
}

/// All names that are good.
pub struct Names {
    /// main.cf's name space.
    pub global: BTreeMap<String, Class>,
    /// For each service, in master.cf's order, the names of its own `-o` that are used.
    pub local: Vec<BTreeSet<String>>,
}

/// Programs whose services have queue manager parameters, and those with a time limit.
const AGENTS: [&str; 6] = ["error", "lmtp", "local", "pipe", "smtp", "virtual"];
const TIMED: [&str; 2] = ["pipe", "spawn"];

/// Parameters of a service that have defaults of their own: they exist whatever master.cf says, and count as the
/// service's if there is one.
const OF_LOCAL: [&str; 2] = ["local_destination_concurrency_limit", "local_destination_recipient_limit"];

impl Names {
    /// Works out the names; warns of `$names` that are defined nowhere.
    pub fn collect(settings: &Settings, services: &Services, options: &Options) -> Names {
        let mut names = Names { global: BTreeMap::new(), local: Vec::new() };
        for param in ParamRef::all().filter(|p| !p.row().hidden && !is_ours(p.row().name)) {
            names.global.insert(param.row().name.into(), Class::Builtin);
        }
        for (name, _) in service_defaults(services) {
            names.global.entry(name).or_insert(Class::Service);
        }
        if services.all.iter().any(|s| s.field(0) == "local" && AGENTS.contains(&s.field(FIELDS - 1))) {
            for name in OF_LOCAL {
                names.global.insert(name.into(), Class::Service);
            }
        }
        if options.defaults {
            return names;
        }
        for name in ParamRef::all().map(|p| p.row().name) {
            let set = settings.set(name).is_some();
            if is_ours(name) && (set || options.operands.iter().any(|o| o == name)) {
                names.global.insert(name.into(), Class::Builtin);
            } else if set {
                // compat: obsolete names count as the user's own.
                names.global.entry(name.into()).or_insert(Class::User);
            }
        }
        names.users(settings, services);
        names
    }

    fn users(&mut self, settings: &Settings, services: &Services) {
        // Some defaults mention obsolete names: who still sets them is not told that they are unused.
        let known: Vec<String> = self.global.keys().filter(|n| settings.set(n).is_none()).cloned().collect();
        for name in known {
            if !is_raw(&name) {
                for mentioned in config::names(&settings.default(&name).unwrap_or_default()).0 {
                    self.flag(settings, None, &mentioned, None);
                }
            }
        }
        let classes = words(&settings.raw("smtpd_restriction_classes").unwrap_or_default(), settings, None);
        for class in &classes {
            self.flag(settings, None, class, None);
        }
        let file = settings.config.directory().join("main.cf").display().to_string();
        for (name, value) in settings.defined() {
            if is_raw(name) || !settings.is_user_set(name) {
                continue;
            }
            let (mentioned, wrong) = config::names(value);
            for mentioned in mentioned {
                self.flag(settings, None, &mentioned, Some(&file));
            }
            if let Some(why) = wrong {
                log::warning!("{why}");
                continue;
            }
            for candidate in crate::lists::table_parameters(settings, value, None) {
                self.flag(settings, None, &candidate, None);
            }
        }
        for service in &services.all {
            self.local.push(BTreeSet::new());
            let own = service
                .parameters
                .get("smtpd_restriction_classes")
                .map(|v| words(v, settings, Some(service)));
            for class in own.unwrap_or_default() {
                self.flag(settings, Some(service), &class, None);
            }
            for (name, value) in &service.parameters {
                if classes.contains(name) {
                    self.mark(name);
                }
                if is_raw(name) {
                    continue;
                }
                let (mentioned, wrong) = config::names(value);
                for mentioned in mentioned {
                    self.flag(settings, Some(service), &mentioned, Some(&services.path));
                }
                if let Some(why) = wrong {
                    log::warning!("{why}");
                    continue;
                }
                for candidate in crate::lists::table_parameters(settings, value, Some(service)) {
                    self.flag(settings, Some(service), &candidate, None);
                }
            }
        }
    }

    /// A name is mentioned: whoever defines it does so for a reason. With a file, one that nobody defines is
    /// worth a warning.
    fn flag(&mut self, settings: &Settings, service: Option<&Service>, name: &str, file: Option<&str>) {
        if service.is_some_and(|s| s.parameters.contains_key(name)) {
            self.mark(name);
        } else if settings.set(name).is_some() {
            self.global.entry(name.into()).or_insert(Class::User);
        } else if let Some(file) = file {
            if !self.global.contains_key(name) && ParamRef::named(name).is_none() {
                log::warning!("{file}: undefined parameter: {name}");
            }
        }
    }

    fn mark(&mut self, name: &str) {
        if let Some(last) = self.local.last_mut() {
            last.insert(name.into());
        }
    }
}

/// The service-defined names with their defaults.
pub fn service_defaults(services: &Services) -> BTreeMap<String, &'static str> {
    let mut found = BTreeMap::new();
    for service in &services.all {
        let command = service.field(FIELDS - 1);
        for family in &config::params::FAMILIES {
            let timed = family.name == "_time_limit";
            if if timed { TIMED.contains(&command) } else { AGENTS.contains(&command) } {
                let name = format!("{}{}", service.field(0), family.name);
                if ParamRef::named(&name).is_none() {
                    found.insert(name, family.default);
                }
            }
        }
    }
    found
}

/// Ferropost's own parameters are not in the reference's lists: shown when asked for or set.
fn is_ours(name: &str) -> bool {
    matches!(name, "ferropost_version" | "service_workers")
}

fn is_raw(name: &str) -> bool {
    ParamRef::named(name).is_some_and(|p| p.row().kind == Kind::Raw)
}

fn words(value: &str, settings: &Settings, service: Option<&Service>) -> Vec<String> {
    let value = settings.expand(value, service).unwrap_or_default();
    value.split([' ', '\t', '\r', '\n', ',']).filter(|w| !w.is_empty()).map(str::to_string).collect()
}
