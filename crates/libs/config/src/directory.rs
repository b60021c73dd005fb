//! Which directory holds main.cf: `-c`, the environment's MAIL_CONFIG, or /etc/postfix.

use std::env;
use std::path::{Path, PathBuf};

use crate::param::Param;
use crate::params::{ALTERNATE_CONFIG_DIRECTORIES, MULTI_INSTANCE_DIRECTORIES};
use crate::{Config, ConfigError, Str};

/// Where main.cf is when nobody says otherwise.
pub const DEFAULT: &str = "/etc/postfix";

/// The environment variable that names the directory, for the children too.
pub const VARIABLE: &str = "MAIL_CONFIG";

/// The configuration directory: `explicit` (from `-c`), else MAIL_CONFIG, else the default. A set-uid or
/// set-gid program accepts only the default and the directories that the default main.cf lists in
/// alternate_config_directories or multi_instance_directories.
pub fn directory(explicit: Option<&Path>) -> Result<PathBuf, ConfigError> {
    let wanted = match explicit {
        Some(path) => path.to_path_buf(),
        None => env::var_os(VARIABLE).map_or_else(|| PathBuf::from(DEFAULT), PathBuf::from),
    };
    if sys::host::is_set_id() && wanted != Path::new(DEFAULT) {
        let main = Config::load(Path::new(DEFAULT), &[])?;
        if !listed(&main, &wanted) {
            return Err(ConfigError::new(format!(
                "unauthorized configuration directory name: {}; specify \"alternate_config_directories = {}\" in {DEFAULT}/main.cf",
                wanted.display(),
                wanted.display()
            )));
        }
    }
    Ok(wanted)
}

fn listed(main: &Config, wanted: &Path) -> bool {
    let lists: [Param<Str>; 2] = [ALTERNATE_CONFIG_DIRECTORIES, MULTI_INSTANCE_DIRECTORIES];
    lists.into_iter().any(|list| {
        main.get(list)
            .split([' ', '\t', '\r', '\n', ','])
            .any(|entry| !entry.is_empty() && Path::new(entry) == wanted)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alternate_directories() {
        let cf = Config::from_pairs(&[
            ("alternate_config_directories", "/etc/postfix-out, /srv/x"),
            ("multi_instance_directories", "/etc/postfix-in"),
        ]);
        for (path, want) in [
            ("/etc/postfix-out", true),
            ("/srv/x", true),
            ("/etc/postfix-in", true),
            ("/srv", false),
            ("", false),
        ] {
            assert_eq!(listed(&cf, Path::new(path)), want, "{path}");
        }
    }
}
