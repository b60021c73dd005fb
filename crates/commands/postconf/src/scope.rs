//! What a name stands for: globally, and inside one master.cf service.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use config::main_cf::split_assignment;
use config::{Config, ConfigError, Origin, ParamRef, expand_with};

use crate::options::Options;
use crate::output;
use crate::services::Service;

/// main.cf with the command line's overrides over it, and the defaults of service-defined names.
pub struct Settings {
    pub config: Config,
    /// `slow_destination_concurrency_limit` and the like: names that exist because of a service, with defaults.
    pub service_defaults: BTreeMap<String, &'static str>,
}

impl Settings {
    /// Reads main.cf, unless only defaults are wanted.
    pub fn load(options: &Options) -> Result<Settings, String> {
        let directory = options.directory();
        let config = if options.defaults {
            // compat: the defaults are those of the default directory, whatever -c says.
            Config::from_text(config::directory::DEFAULT.as_ref(), "", &[]).map_err(|e| e.to_string())?
        } else {
            let mut overrides = Vec::new();
            let mut bad = None;
            for text in &options.overrides {
                match split_assignment(text) {
                    Ok((name, value)) => overrides.push((name.into(), value.into())),
                    Err(why) => bad = bad.or(Some(format!("invalid parameter override: {text}: {why}"))),
                }
            }
            let config = load(&directory, overrides)?;
            match bad {
                Some(why) => return Err(why),
                None => config,
            }
        };
        Ok(Settings { config, service_defaults: BTreeMap::new() })
    }

    /// What main.cf or the command line says.
    pub fn set(&self, name: &str) -> Option<&str> {
        self.config.defined(name).filter(|_| !is_read_only(name))
    }

    /// The default, unexpanded: built in, computed, or of a service-defined name.
    pub fn default(&self, name: &str) -> Option<String> {
        if let Some(param) = ParamRef::named(name) {
            if name == "process_name" {
                return Some("postconf".into());
            }
            return if param.row().computed {
                // compat: each network is followed by a blank, which -j shows.
                let end = if name == "mynetworks" { " " } else { "" };
                self.config.computed(name).map(|value| value + end)
            } else {
                Some(param.row().default.into())
            };
        }
        self.service_defaults.get(name).map(|default| (*default).to_string())
    }

    /// The unexpanded value in effect.
    pub fn raw(&self, name: &str) -> Option<String> {
        self.set(name).map(str::to_string).or_else(|| self.default(name))
    }

    /// Expands a value, for one service if given.
    pub fn expand(&self, text: &str, service: Option<&Service>) -> Result<String, String> {
        let lookup = |name: &str| match service.and_then(|s| s.lookup(name)) {
            Some(value) => Some(value),
            None => self.raw(name),
        };
        expand_with(text, true, &lookup).map_err(|why| {
            // compat: this one ends the reference by itself.
            if why.0.starts_with("mac_exp_eval: ") {
                return why.0;
            }
            log::warning!("{why}");
            ConfigError::new("macro processing error").to_string()
        })
    }

    /// What main.cf and the command line define.
    pub fn defined(&self) -> BTreeMap<&str, &str> {
        let all = self.config.definitions().into_iter();
        all.filter(|(name, _)| !is_read_only(name)).map(|(name, (text, _))| (name, text)).collect()
    }
}

/// Parameters that no setting changes.
pub fn is_read_only(name: &str) -> bool {
    matches!(name, "process_id" | "process_name")
}

/// Reads main.cf, where config_directory is what the command line or the environment said, unless the file says otherwise.
fn load(directory: &Path, overrides: Vec<(String, String)>) -> Result<Config, String> {
    let file = directory.join("main.cf");
    let bytes = fs::read(&file).map_err(|why| {
        let what = if why.kind() == std::io::ErrorKind::IsADirectory { "read" } else { "open" };
        format!("{what} {}: {}", file.display(), sys::errno_text(&why))
    })?;
    let text = output::text(&bytes);
    let place = directory.display().to_string();
    let plain = Config::from_text(directory, &text, &[]).map_err(|e| e.to_string())?;
    let mut all = vec![];
    match plain.origin("config_directory") {
        Origin::MainCf(line) => log::warning!(
            "{}, line {line}: overriding earlier entry: config_directory={place}",
            file.display()
        ),
        _ => all.push(("config_directory".to_string(), place)),
    }
    for warning in plain.warnings() {
        log::warning!("{warning}");
    }
    all.extend(overrides);
    let config = Config::from_text(directory, &text, &all).map_err(|e| e.to_string())?;
    for name in config.definitions().keys().filter(|name| is_read_only(name)) {
        let value = config.defined(name).unwrap_or_default();
        log::warning!("{}: read-only parameter assignment: {name}={value}", file.display());
    }
    Ok(config)
}
