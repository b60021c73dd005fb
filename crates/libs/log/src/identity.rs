//! Who logs, and where to.

use std::path::PathBuf;

/// What kind of program this is: it decides about stderr, the fallback file and the pause of a fatal error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// Logs only; `fatal!` pauses a second.
    Daemon,
    /// Also writes to stderr, as `program: text`.
    #[default]
    Command,
}

/// What to do while `maillog_file` is set but postlogd's socket does not answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fallback {
    /// The line is lost, apart from what goes to stderr.
    #[default]
    Drop,
    /// Append to the file itself: master(8), postfix(1), postlog(1), postsuper(1), when they may write it.
    Append,
}

/// Everything `log` needs to know; filled from main.cf by the daemon and command runtimes.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The program's name without directory: `smtpd`.
    pub program: String,
    /// `syslog_name`: `postfix`, `postfix/submission`, … The tag is `syslog_name/program`.
    pub syslog_name: String,
    /// The whole tag instead of `syslog_name/program` (postlog -t).
    pub tag: Option<String>,
    /// `syslog_facility`: `mail`.
    pub syslog_facility: String,
    /// Daemon or command.
    pub kind: Kind,
    /// `maillog_file`, empty for syslog.
    pub maillog_file: String,
    /// `maillog_file_permissions`.
    pub maillog_mode: u32,
    /// `$queue_directory/public/$postlog_service_name`.
    pub postlog_socket: PathBuf,
    /// `myhostname`; its first label stands in the lines of `maillog_file`.
    pub hostname: String,
    /// What to do when postlogd's socket does not answer.
    pub fallback: Fallback,
    /// The name before `: text` on stderr where it is not `program` (postlog shows its tag).
    pub stderr_name: Option<String>,
    /// `smtputf8_enable`: valid UTF-8 is printable.
    pub utf8: bool,
}

impl Default for Identity {
    fn default() -> Identity {
        Identity {
            program: String::from("unknown"),
            syslog_name: String::from("postfix"),
            tag: None,
            syslog_facility: String::from("mail"),
            kind: Kind::Command,
            maillog_file: String::new(),
            maillog_mode: 0o600,
            postlog_socket: PathBuf::new(),
            hostname: String::new(),
            fallback: Fallback::Drop,
            stderr_name: None,
            utf8: true,
        }
    }
}

impl Identity {
    /// The tag of a line: `postfix/smtpd`.
    pub fn full_tag(&self) -> String {
        match &self.tag {
            Some(tag) => tag.clone(),
            None => format!("{}/{}", self.syslog_name, self.program),
        }
    }
}
