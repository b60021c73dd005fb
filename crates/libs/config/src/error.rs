//! The configuration's fault, with the place to look.

use std::fmt;
use std::path::Path;
use std::sync::OnceLock;

/// Something in main.cf, master.cf or on the command line that cannot be used. Its `Display` is the text
/// after `fatal: `.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    text: String,
}

impl ConfigError {
    /// A complaint with no particular line.
    pub fn new(text: impl Into<String>) -> ConfigError {
        ConfigError { text: text.into() }
    }

    /// `FILE, line N: what`, as the reference writes it.
    pub fn at(file: &Path, line: usize, what: impl fmt::Display) -> ConfigError {
        ConfigError { text: format!("{}, line {line}: {what}", file.display()) }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for ConfigError {}

static FATAL: OnceLock<fn(&ConfigError) -> !> = OnceLock::new();

/// Says what becomes of a process that reads a parameter whose value is unusable and was not checked at start.
/// Until it is called such a process complains on standard error and exits with 1.
pub fn on_fatal(handler: fn(&ConfigError) -> !) {
    let _ = FATAL.set(handler);
}

pub(crate) fn fatal(error: &ConfigError) -> ! {
    if let Some(handler) = FATAL.get() {
        handler(error)
    }
    eprintln!("fatal: {error}");
    std::process::exit(1)
}
