//! What a name stands for: globally, and inside one master.cf service.

use std::collections::BTreeMap;

use config::main_cf::split_assignment;
use config::{Config, ConfigError, Origin, ParamRef, expand_with};

use crate::options::Options;
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
            if let Some(explicit) = &options.explicit_directory {
                overrides.push(("config_directory".into(), explicit.display().to_string()));
            }
            let mut bad = None;
            for text in &options.overrides {
                match split_assignment(text) {
                    Ok((name, value)) => overrides.push((name.into(), value.into())),
                    Err(why) => bad = bad.or(Some(format!("invalid parameter override: {text}: {why}"))),
                }
            }
            let config = Config::load(&directory, &overrides).map_err(|e| e.to_string())?;
            for warning in config.warnings() {
                log::warning!("{warning}");
            }
            match bad {
                Some(why) => return Err(why),
                None => config,
            }
        };
        Ok(Settings { config, service_defaults: BTreeMap::new() })
    }

    /// What main.cf or the command line says.
    pub fn set(&self, name: &str) -> Option<&str> {
        self.config.defined(name)
    }

    /// The default, unexpanded: built in, computed, or of a service-defined name.
    pub fn default(&self, name: &str) -> Option<String> {
        if let Some(param) = ParamRef::named(name) {
            if name == "process_name" {
                return Some("postconf".into());
            }
            return if param.row().computed {
                self.config.computed(name)
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
            log::warning!("{why}");
            ConfigError::new("macro processing error").to_string()
        })
    }

    /// The names that main.cf and the command line define.
    pub fn defined(&self) -> BTreeMap<&str, &str> {
        self.config.definitions().into_iter().map(|(name, (text, _))| (name, text)).collect()
    }

    /// Whether a name was set by the user (`-c` sets config_directory by itself).
    pub fn is_user_set(&self, name: &str) -> bool {
        name != "config_directory" || !matches!(self.config.origin(name), Origin::CommandLine)
    }
}
