//! One instance of the mail system: its directories, its users, and whether its master runs.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::process::Command;

use config::Config;
use config::params::*;
use sys::lock::Lock;

const PID_FILE: &str = "pid/master.pid";

/// Where everything is.
pub struct Instance {
    /// main.cf.
    pub config: &'static Config,
    /// `queue_directory`; also the working directory after [`Instance::enter`].
    pub queue: PathBuf,
    /// `daemon_directory`.
    pub daemons: PathBuf,
    /// `command_directory`.
    pub commands: PathBuf,
    /// Without the superuser's rights: everything belongs to this user, who is mail_owner.
    pub rootless: bool,
    owner: Option<u32>,
    debug: bool,
    verbose: u32,
}

impl Instance {
    /// By main.cf; `-D` and `-v` are passed on to the programs that are started.
    pub fn new(config: &'static Config, debug: bool, verbose: u32) -> Instance {
        let owner = match sys::user::by_name(config.get(MAIL_OWNER)) {
            Ok(user) => user.map(|user| user.uid),
            Err(error) => log::fatal!("mail_owner {}: {}", config.get(MAIL_OWNER), sys::errno_text(&error)),
        };
        Instance {
            config,
            queue: config.get(QUEUE_DIRECTORY).into(),
            daemons: config.get(DAEMON_DIRECTORY).into(),
            commands: config.get(COMMAND_DIRECTORY).into(),
            rootless: sys::user::real_uid() != 0,
            owner,
            debug,
            verbose,
        }
    }

    /// Root, or mail_owner without privileges.
    pub fn may_run(&self) -> bool {
        let uid = sys::user::real_uid();
        uid == 0 || Some(uid) == self.owner
    }

    /// Checks that the directories are there and goes to the queue directory.
    pub fn enter(&self) {
        let config = self.config.directory();
        let meta = self.config.get(META_DIRECTORY);
        let places = [
            (self.commands.as_path(), "no Postfix command directory"),
            (self.daemons.as_path(), "no Postfix daemon directory"),
            (config, "no Postfix configuration directory"),
            (Path::new(meta), "no Postfix meta directory"),
        ];
        for (place, complaint) in places {
            if !place.is_dir() {
                log::fatal!("{complaint} {}!", place.display());
            }
        }
        let master = self.daemons.join("master");
        if !master.is_file() {
            log::fatal!("no Postfix master program {}!", master.display());
        }
        if std::env::set_current_dir(&self.queue).is_err() {
            log::fatal!("no Postfix queue directory {}!", self.queue.display());
        }
    }

    /// The master's process id, while one runs: its lock says so.
    pub fn master(&self) -> Option<i32> {
        let path = self.queue.join(PID_FILE);
        let file = OpenOptions::new().read(true).write(true).open(&path).ok()?;
        if !matches!(sys::lock::flock(&file, Lock::Exclusive, false), Ok(false)) {
            return None;
        }
        std::fs::read_to_string(&path).ok()?.lines().next()?.trim().parse().ok().filter(|&pid: &i32| pid >= 1)
    }

    /// A command of this mail system, for this instance.
    pub fn command(&self, name: &str) -> Command {
        self.prepared(Command::new(self.commands.join(name)))
    }

    /// The master program.
    pub fn master_command(&self) -> Command {
        self.prepared(Command::new(self.daemons.join("master")))
    }

    fn prepared(&self, mut command: Command) -> Command {
        command.env(config::directory::VARIABLE, self.config.directory());
        command.env("MAIL_LOGTAG", self.config.get(SYSLOG_NAME));
        if self.debug {
            command.env("MAIL_DEBUG", "");
        }
        if self.verbose > 0 {
            command.env("MAIL_VERBOSE", "");
        }
        command
    }
}
