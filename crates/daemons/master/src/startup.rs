//! From the command line to a process that holds the locks, in the background if so wanted.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use config::params::*;
use config::{Config, ConfigError};
use sys::lock::Lock;
use sys::user::Identity;

use crate::options::{self, Options};

/// How long `-w` waits for the background process.
const INITIALISATION_LIMIT: Duration = Duration::from_secs(100);

const PID_FILE: &str = "pid/master.pid";
const DATA_LOCK: &str = "master.lock";

/// The user that owns the queue.
pub struct Owner {
    /// Its ids.
    pub identity: Identity,
    /// This process is that ordinary user, and cannot become another one.
    pub rootless: bool,
}

/// Logging, descriptors, options.
pub fn first_steps() -> Options {
    sys::fs::umask(0o077);
    // Programs that start a master may leak descriptors into it; nobody must wait for us to close them.
    sys::fd::close_from(3);
    if let Err(error) = sys::fd::fill_standard() {
        log::fatal!("open /dev/null: {}", sys::errno_text(&error));
    }
    log::init_early("master", log::Kind::Daemon);
    log::to_stderr("postfix/master");
    if sys::host::is_set_id() {
        log::fatal!("the master command must not run as a set-uid process");
    }
    let mut options = options::parse(std::env::args().skip(1)).unwrap_or_else(|what| {
        // compat: as the C library says it, for people only
        eprintln!("{}: {what}", std::env::args().next().unwrap_or_default());
        log::fatal!("usage: master [-c config_dir] [-D (debug)] [-d (don't detach from terminal)] [-e exit_time] [-i (init mode)] [-s (keep stdout)] [-t (test lock)] [-v] [-w (wait for initialization)]")
    });
    options.debug |= std::env::var_os("MAIL_DEBUG").is_some();
    if options.verbose == 0 && std::env::var_os("MAIL_VERBOSE").is_some() {
        options.verbose = 1;
    }
    if options.init && sys::proc::pid() != 1 {
        log::fatal!("-i is allowed only if the process id equals 1");
    }
    log::set_verbose(options.verbose);
    options
}

/// Reads main.cf and sets up logging by it.
pub fn configure(options: &Options) -> Config {
    let loaded =
        config::directory(options.config_directory.as_deref()).and_then(|directory| load(&directory));
    match loaded {
        Ok(config) => {
            set_up_log(&config);
            log::straight_to_file();
            log::to_stderr("postfix/master");
            for warning in config.warnings() {
                log::warning!("{warning}");
            }
            if let Err(error) = config::general::check(&config) {
                log::fatal!("{error}");
            }
            config
        }
        Err(error) => log::fatal!("{error}"),
    }
}

/// Reads main.cf and checks what this program reads of it.
pub fn load(directory: &Path) -> Result<Config, ConfigError> {
    let config = Config::load(directory, &[])?;
    config.check(&[
        QUEUE_DIRECTORY.into(),
        DATA_DIRECTORY.into(),
        DAEMON_DIRECTORY.into(),
        MAIL_OWNER.into(),
        DEFAULT_PROCESS_LIMIT.into(),
        SERVICE_THROTTLE_TIME.into(),
        IMPORT_ENVIRONMENT.into(),
        INET_INTERFACES.into(),
        INET_PROTOCOLS.into(),
        MASTER_SERVICE_DISABLE.into(),
        SERVICE_WORKERS.into(),
        SYSLOG_NAME.into(),
        SYSLOG_FACILITY.into(),
        MYHOSTNAME.into(),
        MAILLOG_FILE.into(),
        MAILLOG_FILE_PERMISSIONS.into(),
        MAILLOG_FILE_PREFIXES.into(),
        POSTLOG_SERVICE_NAME.into(),
        SMTPUTF8_ENABLE.into(),
    ])?;
    Ok(config)
}

/// Logs as main.cf says, from now on.
pub fn set_up_log(config: &Config) {
    log::init(log::Identity {
        program: String::from("master"),
        syslog_name: config.get(SYSLOG_NAME).to_owned(),
        syslog_facility: config.get(SYSLOG_FACILITY).to_owned(),
        kind: log::Kind::Daemon,
        maillog_file: config.get(MAILLOG_FILE).to_owned(),
        maillog_mode: u32::from_str_radix(config.get(MAILLOG_FILE_PERMISSIONS), 8).unwrap_or(0o600),
        postlog_socket: postlog_socket(config),
        hostname: config.get(MYHOSTNAME).to_owned(),
        fallback: log::Fallback::Append,
        utf8: config.get(SMTPUTF8_ENABLE),
        ..log::Identity::default()
    });
}

/// Where postlogd listens.
pub fn postlog_socket(config: &Config) -> PathBuf {
    Path::new(config.get(QUEUE_DIRECTORY)).join("public").join(config.get(POSTLOG_SERVICE_NAME))
}

/// Looks up mail_owner, and whether this process may act for it.
pub fn owner(config: &Config) -> Owner {
    let name = config.get(MAIL_OWNER);
    let user = match sys::user::by_name(name) {
        Ok(Some(user)) => user,
        Ok(None) => log::fatal!(
            "file {}/main.cf: parameter mail_owner: unknown user name value: {name}",
            config.directory().display()
        ),
        Err(error) => log::fatal!("mail_owner {name}: {}", sys::errno_text(&error)),
    };
    let uid = sys::user::effective_uid();
    if uid != 0 && uid != user.uid {
        log::fatal!(
            "the master command is reserved for the superuser (or, without its privileges, for mail_owner, which is {name})"
        );
    }
    if uid == 0 && user.uid == 0 {
        log::fatal!(
            "file {}/main.cf: parameter mail_owner: user {name} has privileged user ID: 0",
            config.directory().display()
        );
    }
    Owner { identity: Identity::plain(user.uid, user.gid), rootless: uid != 0 }
}

/// Everything below is named relative to the queue directory.
pub fn enter_queue_directory(config: &Config) {
    let queue = config.get(QUEUE_DIRECTORY);
    if let Err(error) = std::env::set_current_dir(queue) {
        log::fatal!("chdir {queue}: {}", sys::errno_text(&error));
    }
}

/// `-t`: success when no master runs.
pub fn test_lock() -> ExitCode {
    let Ok(file) = OpenOptions::new().read(true).write(true).open(PID_FILE) else {
        // No file is no lock; one that cannot be opened is somebody else's.
        return if Path::new(PID_FILE).exists() { ExitCode::FAILURE } else { ExitCode::SUCCESS };
    };
    match sys::lock::flock(&file, Lock::Exclusive, false) {
        Ok(true) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

/// `-w`: goes on in a background process, while this one waits to hear how it started. The result is to be told
/// through the pipe.
pub fn wait_for_background(options: &Options) -> Option<OwnedFd> {
    if !options.wait {
        return None;
    }
    let outcome = sys::fd::pipe().and_then(|pipe| Ok((pipe, sys::proc::fork()?)));
    match outcome {
        Err(error) => log::fatal!("cannot start the background process: {}", sys::errno_text(&error)),
        Ok(((_, verdict), sys::proc::Fork::Child)) => Some(verdict),
        Ok(((hear, verdict), sys::proc::Fork::Parent { child })) => {
            drop(verdict);
            match sys::poll::readable(&hear, Some(INITIALISATION_LIMIT)) {
                Ok(true) => {}
                _ => {
                    let _ = sys::proc::kill(child, sys::signal::KILL);
                    log::fatal!("daemon initialization timeout -- killed process {child}");
                }
            }
            match File::from(hear).read(&mut [0]) {
                Ok(1) => std::process::exit(0),
                _ => {
                    // The child has said why.
                    log::silence_stderr();
                    log::fatal!("daemon initialization failure -- see logs for details");
                }
            }
        }
    }
}

/// A session of its own, so that "postfix stop" can end all processes of the mail system and no other.
pub fn leave_terminal(options: &Options) {
    if options.attached || options.init {
        return;
    }
    if let Err(error) = sys::proc::new_session() {
        if !sys::proc::leads_group() {
            log::fatal!("unable to set session and process group ID: {}", sys::errno_text(&error));
        }
    }
}

/// Files whose locks say that a master runs: one a queue directory, one a data directory.
pub struct Locks {
    _pid: File,
    _data: File,
}

/// Takes the locks and writes the process id.
pub fn lock(config: &Config, owner: &Owner) -> Locks {
    let pid = lock_file(Path::new(PID_FILE));
    let data = Path::new(config.get(DATA_DIRECTORY)).join(DATA_LOCK);
    // The data directory belongs to mail_owner, who may have put anything there: no privileges for that.
    let data = as_owner(owner, || lock_file(&data));
    Locks { _pid: pid, _data: data }
}

fn lock_file(path: &Path) -> File {
    let fail = |why: &str| -> ! { log::fatal!("open lock file {}: {why}", path.display()) };
    let mut options = OpenOptions::new();
    options
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o644)
        .custom_flags(sys::file::O_NOFOLLOW);
    let mut file = options.open(path).unwrap_or_else(|error| {
        fail(&format!("cannot open file: {}", sys::errno_text(&error)));
    });
    match sys::lock::flock(&file, Lock::Exclusive, false) {
        Ok(true) => {}
        Ok(false) => fail("unable to set exclusive lock: Resource temporarily unavailable"),
        Err(error) => fail(&format!("unable to set exclusive lock: {}", sys::errno_text(&error))),
    }
    let line = format!("{:>32}\n", sys::proc::pid());
    let written = file.set_len(0).and_then(|()| file.write_all(line.as_bytes()));
    if let Err(error) = written {
        log::fatal!("cannot update lock file {}: {}", path.display(), sys::errno_text(&error));
    }
    file
}

/// Runs `work` with mail_owner's rights.
pub fn as_owner<T>(owner: &Owner, work: impl FnOnce() -> T) -> T {
    if owner.rootless {
        return work();
    }
    become_effective(&owner.identity);
    let result = work();
    become_effective(&Identity { uid: 0, gid: 0, groups: vec![0] });
    result
}

fn become_effective(identity: &Identity) {
    if let Err(error) = sys::user::become_effective(identity) {
        log::fatal!("set effective user {}: {}", identity.uid, sys::errno_text(&error));
    }
}

/// `-D`: runs debugger_command, which finds this process by `$process_id`, and gives it time to attach.
pub fn debugger(options: &Options, config: &Config) {
    if !options.debug {
        return;
    }
    let command = config.text("debugger_command").unwrap_or_default();
    if command.is_empty() {
        log::fatal!("no debugger_command variable set up");
    }
    let mut shell = std::process::Command::new("/bin/sh");
    shell.arg("-c").arg(&command);
    match shell.status() {
        Ok(_) => std::thread::sleep(Duration::from_secs(5)),
        Err(error) => log::warning!("debugger_command: {}", sys::errno_text(&error)),
    }
}

/// Says that all went well: in the log, to whoever waits, and by letting go of the terminal.
pub fn announce(options: &Options, config: &Config, verdict: Option<OwnedFd>) {
    let (version, directory) = (config::MAIL_VERSION, config.directory().display());
    if !options.attached {
        log::silence_stderr();
        if let Err(error) = redirect(options) {
            log::fatal!("open /dev/null: {}", sys::errno_text(&error));
        }
    }
    log::info!("daemon started -- version {version}, configuration {directory}");
    log::reopen();
    if let Some(verdict) = verdict {
        // Nobody waits any more when this fails; that does not matter to the mail system.
        let _ = File::from(verdict).write_all(&[0]);
    }
}

fn redirect(options: &Options) -> io::Result<()> {
    let null = OpenOptions::new().read(true).write(true).open("/dev/null")?;
    sys::fd::replace_standard(&null, 0)?;
    if !options.keep_stdout && !options.init {
        sys::fd::replace_standard(&null, 1)?;
    }
    sys::fd::replace_standard(&null, 2)
}
