//! Which parameter names exist: built in, defined by a service, or of the user's own and used somewhere.

use std::collections::{BTreeMap, BTreeSet};

use config::ParamRef;
use config::param::Kind;

use crate::options::{Classes, Options};
use crate::scope::Settings;
use crate::services::{FIELDS, Service, Services};
use crate::tables_used::Tables;

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

impl Names {
    /// Works out the names; warns of `$names` that are defined nowhere. A value whose `$` cannot be understood is an
    /// error.
    pub fn collect(settings: &Settings, services: &Services, options: &Options) -> Result<Names, String> {
        let mut names = Names { global: BTreeMap::new(), local: Vec::new() };
        for param in ParamRef::all().filter(|p| !p.row().hidden && !is_ours(p.row().name)) {
            names.global.insert(param.row().name.into(), Class::Builtin);
        }
        for name in service_names(services) {
            // Those of local that have defaults of their own count as the service's, too.
            names.global.insert(name, Class::Service);
        }
        if options.defaults {
            return Ok(names);
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
        let mut scan = Scan { names, settings, services, tables: Tables::new(!options.quiet) };
        scan.all()?;
        Ok(scan.names)
    }
}

/// The search for names that the user's values mention.
struct Scan<'a> {
    names: Names,
    settings: &'a Settings,
    services: &'a Services,
    tables: Tables,
}

impl Scan<'_> {
    fn all(&mut self) -> Result<(), String> {
        let (settings, services) = (self.settings, self.services);
        for refused in &services.refused {
            log::warning!("{}: read-only parameter assignment: {refused}", services.path);
        }
        self.names.local = services.all.iter().map(|_| BTreeSet::new()).collect();
        // What master.cf's entries define is shared by all of the same name and type: each is looked at once.
        let mut done = BTreeSet::new();
        let first: Vec<(usize, &Service)> =
            services.all.iter().enumerate().filter(|(_, s)| done.insert(s.name())).collect();
        let classes = words(&settings.raw("smtpd_restriction_classes").unwrap_or_default(), settings, None)?;
        for (at, service) in first {
            if let Some(own) = service.parameters.get("smtpd_restriction_classes") {
                for class in words(own, settings, Some(service))? {
                    self.flag(Some(at), &class, Certainty::Named);
                }
            }
            for (name, value) in &service.parameters {
                if classes.contains(name) {
                    self.mark(at, name);
                }
                self.value(Some(at), name, value)?;
            }
        }
        if settings.set("mynetworks").is_none() {
            // What it is made from, so that a mistake there is complained of as such.
            settings.expand("$mynetworks_style $inet_interfaces $inet_protocols", None)?;
            config::local_networks(&settings.config).map_err(|why| why.to_string())?;
        }
        // Some defaults mention obsolete names: who still sets them is not told that they are unused.
        let unset: Vec<String> =
            self.names.global.keys().filter(|n| settings.set(n).is_none() && !is_raw(n)).cloned().collect();
        for name in unset {
            for mentioned in config::names(&settings.default(&name).unwrap_or_default()).0 {
                self.flag(None, &mentioned, Certainty::Named);
            }
        }
        for class in &classes {
            self.flag(None, class, Certainty::Named);
        }
        for (name, value) in settings.defined() {
            self.value(None, name, value)?;
        }
        Ok(())
    }

    /// Looks for names in a value of main.cf, or of one of master.cf's services.
    fn value(&mut self, service: Option<usize>, name: &str, value: &str) -> Result<(), String> {
        if is_raw(name) {
            return Ok(());
        }
        let (mentioned, wrong) = config::names(value);
        for mentioned in mentioned {
            self.flag(service, &mentioned, Certainty::Named);
        }
        if let Some(why) = wrong {
            log::warning!("{why}");
        }
        // The user's own names are looked at where they are used.
        let own = matches!(self.names.global.get(name), None | Some(Class::User));
        if own && ParamRef::named(name).is_none() {
            return Ok(());
        }
        let expanded = self.settings.expand(value, service.and_then(|at| self.services.all.get(at)))?;
        let file = self.file(service);
        for candidate in self.tables.names(&expanded, &file) {
            self.flag(service, &candidate, Certainty::Guessed);
        }
        Ok(())
    }

    /// A name is mentioned: whoever defines it does so for a reason. One that nobody defines is worth a warning, unless
    /// it was only guessed.
    fn flag(&mut self, service: Option<usize>, name: &str, certainty: Certainty) {
        let here = service.and_then(|at| self.services.all.get(at));
        let mut defined = false;
        if here.is_some_and(|s| s.parameters.contains_key(name)) {
            service.into_iter().for_each(|at| self.mark(at, name));
            defined = true;
        } else if self.settings.set(name).is_some() {
            self.names.global.entry(name.into()).or_insert(Class::User);
            defined = true;
        }
        if service.is_none() {
            // main.cf speaks of what services define for themselves.
            for (at, service) in self.services.all.iter().enumerate() {
                if service.parameters.contains_key(name) {
                    self.mark(at, name);
                    defined = true;
                }
            }
        }
        let known = defined || self.names.global.contains_key(name) || ParamRef::named(name).is_some();
        if !known && matches!(certainty, Certainty::Named) {
            log::warning!("{}: undefined parameter: {name}", self.file(service));
        }
    }

    /// The name is good in every entry of this service's name and type.
    fn mark(&mut self, at: usize, name: &str) {
        let Some(service) = self.services.all.get(at) else { return };
        for (other, local) in self.services.all.iter().zip(&mut self.names.local) {
            if other.field(0) == service.field(0) && other.field(1) == service.field(1) {
                local.insert(name.into());
            }
        }
    }

    fn file(&self, service: Option<usize>) -> String {
        match service {
            Some(_) => self.services.path.clone(),
            None => self.settings.config.directory().join("main.cf").display().to_string(),
        }
    }
}

/// Is a name there for certain, or might it be one that a table reads?
#[derive(Clone, Copy)]
enum Certainty {
    Named,
    Guessed,
}

/// The names that exist because of services.
fn service_names(services: &Services) -> BTreeSet<String> {
    service_names_of(services.all.iter())
}

/// The names that exist because of these services.
pub fn service_names_of<'a>(services: impl Iterator<Item = &'a Service>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for service in services {
        let command = service.field(FIELDS - 1);
        for family in &config::params::FAMILIES {
            let timed = family.name == "_time_limit";
            if if timed { TIMED.contains(&command) } else { AGENTS.contains(&command) } {
                found.insert(format!("{}{}", service.field(0), family.name));
            }
        }
    }
    found
}

/// The service-defined names with their defaults.
pub fn service_defaults(services: &Services) -> BTreeMap<String, &'static str> {
    let all = service_names(services).into_iter().filter(|name| ParamRef::named(name).is_none());
    all.filter_map(|name| {
        let family = config::params::FAMILIES.iter().filter(|f| name.ends_with(f.name));
        let default = family.max_by_key(|f| f.name.len())?.default;
        Some((name, default))
    })
    .collect()
}

/// Ferropost's own parameters are not in the reference's lists: shown when asked for or set.
pub fn is_ours(name: &str) -> bool {
    matches!(name, "ferropost_version" | "service_workers")
}

fn is_raw(name: &str) -> bool {
    ParamRef::named(name).is_some_and(|p| p.row().kind == Kind::Raw)
}

fn words(value: &str, settings: &Settings, service: Option<&Service>) -> Result<Vec<String>, String> {
    let value = settings.expand(value, service)?;
    Ok(value.split([' ', '\t', '\r', '\n', ',']).filter(|w| !w.is_empty()).map(str::to_string).collect())
}
