//! A child's birth: descriptors 3 and 4 (flow control), 5 (status), 6 and up (listeners), the filtered
//! environment, the command line.

use std::ffi::OsString;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Instant;

use config::Config;
use config::params::*;
use ipc::master_status::GENERATION;
use sys::spawn::Spawn;

use crate::service::Service;

const FLOW_READ: i32 = 3;
const FLOW_WRITE: i32 = 4;
const STATUS: i32 = 5;
const LISTEN: i32 = 6;

/// What all children share.
pub struct Birth {
    /// Tokens that senders put in and receivers take out, so that receiving does not outrun sending.
    flow: (OwnedFd, OwnedFd),
    environment: Vec<(String, OsString)>,
    generation: u32,
}

impl Birth {
    /// The flow pipe and the environment by main.cf.
    pub fn new(config: &Config) -> io::Result<Birth> {
        let flow = sys::fd::pipe()?;
        sys::fd::set_nonblocking(&flow.0, true)?;
        sys::fd::set_nonblocking(&flow.1, true)?;
        Ok(Birth { flow, environment: environment(config), generation: 0 })
    }

    /// Main.cf was read again.
    pub fn reload(&mut self, config: &Config) {
        self.environment = environment(config);
    }

    /// Starts a child with so many slots. Returns its process id and generation.
    pub fn start(&mut self, service: &Service, slots: u32) -> io::Result<(i32, u32)> {
        self.generation = self.generation.wrapping_add(1);
        let mut spawn = Spawn::new(&service.plan.program, service.argv(Instant::now()))?;
        for (name, value) in &self.environment {
            spawn = spawn.env(name, value)?;
        }
        spawn = spawn.env(GENERATION, format!("{:o}", self.generation))?;
        if slots > 1 {
            spawn = spawn.env("SLOTS", slots.to_string())?;
        }
        spawn =
            spawn.descriptor(self.flow.0.as_fd(), FLOW_READ)?.descriptor(self.flow.1.as_fd(), FLOW_WRITE)?;
        spawn = spawn.descriptor(service.status.theirs.as_fd(), STATUS)?;
        for (listener, number) in service.listeners.iter().zip(LISTEN..) {
            spawn = spawn.descriptor(listener.fd.as_fd(), number)?;
        }
        Ok((spawn.start()?, self.generation))
    }
}

/// The environment of children: what import_environment lets through, and what leads a child to our configuration and log.
fn environment(config: &Config) -> Vec<(String, OsString)> {
    let mut kept: Vec<(String, OsString)> = Vec::new();
    let mut set = |name: &str, value: OsString| {
        kept.retain(|(known, _)| known != name);
        kept.push((name.to_owned(), value));
    };
    for item in items(config.get(IMPORT_ENVIRONMENT)) {
        match item.split_once('=') {
            Some((name, value)) => set(name.trim(), value.trim().into()),
            None => {
                if let Some(value) = std::env::var_os(&item) {
                    set(&item, value);
                }
            }
        }
    }
    set("MAIL_CONFIG", config.directory().into());
    set("MAIL_LOGTAG", config.get(SYSLOG_NAME).into());
    if config.get(MAILLOG_FILE).is_empty() {
        kept.retain(|(name, _)| name != "POSTLOG_SERVICE" && name != "POSTLOG_HOSTNAME");
    } else {
        set("POSTLOG_SERVICE", crate::startup::postlog_socket(config).into());
        set("POSTLOG_HOSTNAME", config.get(MYHOSTNAME).into());
    }
    kept
}

/// `name`, `name=value` and `{ name = value with spaces }`, separated by commas and white space.
fn items(list: &str) -> Vec<String> {
    let mut items = Vec::new();
    let mut rest = list;
    let is_separator = |c: char| matches!(c, ',' | ' ' | '\t' | '\r' | '\n');
    loop {
        rest = rest.trim_start_matches(is_separator);
        if rest.is_empty() {
            return items;
        }
        let (item, tail) = match rest.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
            Some(braced) => braced,
            None => rest.split_at(rest.find(is_separator).unwrap_or(rest.len())),
        };
        items.push(item.trim().to_owned());
        rest = tail;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn environment_lists() {
        assert_eq!(
            items("MAIL_CONFIG, TZ\tLANG=C {A = b c} X"),
            ["MAIL_CONFIG", "TZ", "LANG=C", "A = b c", "X"]
        );
        assert!(items(" , ").is_empty());
    }

    #[test]
    fn only_what_is_named_passes() {
        let pairs = [
            ("import_environment", "HOME LANG=C {A = b c}"),
            ("queue_directory", "/q"),
            ("maillog_file", "/var/log/x"),
            ("myhostname", "mx.test"),
            ("syslog_name", "postfix-out"),
        ];
        let found = environment(&Config::from_pairs(&pairs));
        let value = |name: &str| {
            found.iter().find(|(known, _)| known == name).map(|(_, value)| value.to_str().unwrap())
        };
        assert_eq!(value("A"), Some("b c"));
        assert_eq!(value("LANG"), Some("C"));
        assert_eq!(value("PATH"), None);
        assert_eq!(value("MAIL_LOGTAG"), Some("postfix-out"));
        assert_eq!(value("POSTLOG_SERVICE"), Some("/q/public/postlog"));
        assert_eq!(value("POSTLOG_HOSTNAME"), Some("mx.test"));
    }
}
