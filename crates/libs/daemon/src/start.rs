//! From exec to the first request: options, main.cf, log, tables, confinement.

use std::path::Path;

use config::params::{
    IPC_TIMEOUT, MAIL_OWNER, MAILLOG_FILE, MAILLOG_FILE_PERMISSIONS, MYHOSTNAME, POSTLOG_SERVICE_NAME,
    QUEUE_DIRECTORY, SMTPUTF8_ENABLE, SYSLOG_FACILITY, SYSLOG_NAME,
};
use config::{Config, ConfigError, ParamRef};
use sys::user::Identity;

use crate::accept::Listener;
use crate::options::Options;
use crate::status::Status;

/// What a daemon's own preparation gets to see: before the jail, with the privileges that
/// master gave.
pub struct Setup {
    pub config: &'static Config,
    /// The service's name in master.cf.
    pub service: String,
    /// `inet`, `unix`, …; empty when run without a master.
    pub transport: String,
    /// Arguments that are the program's own.
    pub args: Vec<String>,
    /// Whether it serves standard input and output, without a master.
    pub standard: bool,
}

impl Setup {
    /// Does `work` as the mail owner where root could do it as well: for files that shall be the mail
    /// owner's, in directories that are.
    pub fn as_owner<R>(&self, work: impl FnOnce() -> R) -> R {
        if sys::user::effective_uid() != 0 {
            return work();
        }
        let change = |identity: &Identity| {
            if let Err(err) = sys::user::become_effective(identity) {
                log::fatal!("change effective user to {}: {}", identity.uid, sys::errno_text(&err));
            }
        };
        change(&mail_owner(self.config));
        let result = work();
        change(&Identity::plain(0, 0));
        result
    }
}

/// What requests get to see.
pub struct Context<T> {
    pub config: &'static Config,
    pub service: String,
    pub transport: String,
    pub args: Vec<String>,
    pub standard: bool,
    /// What the daemon opened before its jail.
    pub state: T,
}

/// What a daemon demands of its master.cf entry.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    Nothing,
    Solitary,
    Unlimited,
}

/// How a daemon presents itself to the runtime.
pub(crate) struct Plan {
    pub name: String,
    pub parameters: Vec<ParamRef>,
    pub need: Need,
    pub privileged: bool,
    pub single: bool,
    pub many: bool,
    pub most: Option<usize>,
    pub persistent: bool,
}

/// The descriptors that master passed.
pub(crate) struct Inherited {
    pub listeners: Vec<Listener>,
    pub status: Status,
    pub lonely: bool,
}

/// Does all that comes before the first request. A fault of the configuration is fatal.
pub(crate) fn start<T>(
    plan: Plan,
    open: impl FnOnce(&Setup) -> Result<T, ConfigError>,
) -> (Context<T>, Inherited) {
    log::init_early(&plan.name, log::Kind::Daemon);
    let _ = sys::fd::fill_standard();
    sys::fs::umask(0o077);
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(err) => log::fatal!("{err}"),
    };
    log::set_verbose(options.verbose);
    let config = configuration(&options);
    identify(&plan, config);
    if options.to_stderr || options.foreground {
        log::to_stderr(&format!("{}/{}", config.get(SYSLOG_NAME), plan.name));
    }
    config::on_fatal(|err| log::fatal!("{err}"));
    for warning in config.warnings() {
        log::warning!("{warning}");
    }
    if let Err(err) = config::general::check(config).and_then(|()| config.check(&plan.parameters)) {
        log::fatal!("{err}");
    }
    demand(&plan, &options);

    let queue = config.get(QUEUE_DIRECTORY);
    if let Err(err) = std::env::set_current_dir(queue) {
        log::fatal!("chdir(\"{queue}\"): {}", sys::errno_text(&err));
    }
    ipc::set_default_timeout(config.get(IPC_TIMEOUT));
    tables::configure(tables::Settings::from(config));
    let owner = mail_owner(config);
    let setup = Setup {
        config,
        service: options.service.clone().unwrap_or_else(|| plan.name.clone()),
        transport: options.transport.clone().unwrap_or_default(),
        args: options.rest.clone(),
        standard: options.standard,
    };

    // Descriptors first: what `open` opens must not land on a number that master promised.
    // Without a master those numbers are whatever this process has opened so far.
    let mastered = !options.standard && !options.foreground;
    let mut status = if mastered { Status::inherit() } else { Status::alone() };
    if plan.single {
        status.single();
    }
    if plan.many {
        status.many();
    }
    if let Some(most) = plan.most {
        status.at_most(most);
    }
    crate::flow::inherit(mastered);
    let listeners =
        if !mastered { Vec::new() } else { Listener::inherit_all(options.sockets, &setup.transport) };
    let state = match open(&setup) {
        Ok(state) => state,
        Err(err) => log::fatal!("{err}"),
    };
    sys::clock::load_zone();
    confine(&options, &plan, Path::new(queue), owner);

    let context = Context {
        config,
        service: setup.service,
        transport: setup.transport,
        args: setup.args,
        standard: setup.standard,
        state,
    };
    (context, Inherited { listeners, status, lonely: options.lonely || plan.persistent })
}

fn configuration(options: &Options) -> &'static Config {
    let mut overrides = options.overrides.clone();
    if let Some(service) = &options.service {
        overrides.push(("service_name".into(), service.clone()));
    }
    let loaded = config::directory(None).and_then(|dir| Config::load(&dir, &overrides));
    match loaded {
        Ok(config) => config.leak(),
        Err(err) => log::fatal!("{err}"),
    }
}

fn identify(plan: &Plan, config: &'static Config) {
    let socket = format!("{}/public/{}", config.get(QUEUE_DIRECTORY), config.get(POSTLOG_SERVICE_NAME));
    log::init(log::Identity {
        program: plan.name.clone(),
        syslog_name: config.get(SYSLOG_NAME).to_string(),
        syslog_facility: config.get(SYSLOG_FACILITY).to_string(),
        kind: log::Kind::Daemon,
        maillog_file: config.get(MAILLOG_FILE).to_string(),
        maillog_mode: u32::from_str_radix(config.get(MAILLOG_FILE_PERMISSIONS), 8).unwrap_or(0o600),
        postlog_socket: socket.into(),
        hostname: config.get(MYHOSTNAME).to_string(),
        utf8: config.get(SMTPUTF8_ENABLE),
        ..log::Identity::default()
    });
}

fn demand(plan: &Plan, options: &Options) {
    if options.standard || options.foreground {
        return;
    }
    match plan.need {
        Need::Solitary if !options.lonely => {
            log::fatal!("service {}: process limit must be 1", service(plan, options))
        }
        Need::Unlimited if !options.unlimited => {
            log::fatal!("service {}: process limit must be 0", service(plan, options))
        }
        _ => {}
    }
}

fn service<'a>(plan: &'a Plan, options: &'a Options) -> &'a str {
    options.service.as_deref().unwrap_or(&plan.name)
}

fn mail_owner(config: &'static Config) -> Identity {
    let name = config.get(MAIL_OWNER);
    match sys::user::by_name(name) {
        Ok(Some(user)) => Identity::plain(user.uid, user.gid),
        Ok(None) => log::fatal!(
            "file {}/main.cf: parameter mail_owner: user {name} not found",
            config.directory().display()
        ),
        Err(err) => log::fatal!("mail_owner {name}: {}", sys::errno_text(&err)),
    }
}

/// Gives up what the daemon does not need. Without root there is nothing to give up: the suite
/// then runs as its mail owner throughout, unconfined.
fn confine(options: &Options, plan: &Plan, queue: &Path, owner: Identity) {
    if sys::user::effective_uid() != 0 {
        if options.unprivileged && sys::user::effective_uid() != owner.uid {
            log::fatal!(
                "started by user id {}, but mail_owner is user id {}: start as root, or set mail_owner to the user that starts the mail system",
                sys::user::effective_uid(),
                owner.uid
            );
        }
        return;
    }
    if options.chroot {
        if let Err(err) = sys::fs::chroot(queue) {
            log::fatal!("chroot({}): {}", queue.display(), sys::errno_text(&err));
        }
    }
    if options.unprivileged {
        if let Err(err) = sys::user::become_for_good(&owner) {
            log::fatal!("set_ugid({}, {}): {}", owner.uid, owner.gid, sys::errno_text(&err));
        }
    } else if plan.privileged {
        if let Err(err) = sys::user::become_effective(&owner) {
            log::fatal!("set_eugid({}, {}): {}", owner.uid, owner.gid, sys::errno_text(&err));
        }
    }
}
