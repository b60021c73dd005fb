//! spawn(8): runs a command for each connection, with the client as its standard input, output and error.

mod attributes;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use config::ConfigError;
use config::params::*;
use daemon::{Context, Setup};
use sys::proc::Ended;
use sys::spawn::Spawn;

use attributes::Attributes;

/// How often a running command is looked at; also what a fast command costs at most.
const GLANCE: Duration = Duration::from_millis(20);

struct Service {
    attributes: Attributes,
    limit: Duration,
    environment: Vec<(String, String)>,
}

fn main() -> ExitCode {
    daemon::agent("spawn")
        .parameters(&[COMMAND_TIME_LIMIT.into(), EXPORT_ENVIRONMENT.into(), MAIL_OWNER.into()])
        .privileged()
        .before_jail(prepare)
        .serve(session)
}

fn prepare(setup: &Setup) -> Result<Service, ConfigError> {
    let cf = setup.config;
    let owner = sys::user::by_name(cf.get(MAIL_OWNER))
        .ok()
        .flatten()
        .ok_or_else(|| ConfigError::new(format!("unknown mail_owner: {}", cf.get(MAIL_OWNER))))?;
    let rootless = sys::user::effective_uid() != 0;
    let attributes = attributes::parse(&setup.args, &owner, rootless).map_err(ConfigError::new)?;
    let own_limit = cf.text(&format!("{}_time_limit", setup.service));
    let limit = match own_limit {
        Some(text) => config::parse_time(&text, 's')
            .and_then(|seconds| u64::try_from(seconds).ok())
            .map(Duration::from_secs)
            .ok_or_else(|| ConfigError::new(format!("bad {}_time_limit: {text}", setup.service)))?,
        None => cf.get(COMMAND_TIME_LIMIT),
    };
    Ok(Service { attributes, limit, environment: environment(cf.get(EXPORT_ENVIRONMENT)) })
}

/// What export_environment lets through, and a path.
fn environment(list: &str) -> Vec<(String, String)> {
    let mut kept = vec![(String::from("PATH"), String::from("/usr/bin:/bin:/usr/sbin:/sbin"))];
    for item in list.split([',', ' ', '\t', '\r', '\n']).filter(|item| !item.is_empty()) {
        let pair = match item.split_once('=') {
            Some((name, value)) => Some((name.to_owned(), value.to_owned())),
            None => std::env::var(item).ok().map(|value| (item.to_owned(), value)),
        };
        if let Some((name, value)) = pair {
            kept.retain(|(known, _)| *known != name);
            kept.push((name, value));
        }
    }
    kept
}

fn session(context: &mut Context<Service>, client: net::Stream) {
    let service = &context.state;
    let program = service.attributes.argv.first().cloned().unwrap_or_default();
    let child = match start(service, &program, &client) {
        Ok(child) => child,
        Err(error) => {
            log::warning!("exec {program}: {}", sys::errno_text(&error));
            return;
        }
    };
    // The client's end of connection must be the command's, not ours.
    drop(client);
    match wait(child, service.limit) {
        Ended::Exit(0) => {}
        Ended::Exit(status) => log::warning!("command {program} exit status {status}"),
        Ended::Signal(signal) => log::warning!("command {program} killed by signal {signal}"),
    }
}

fn start(service: &Service, program: &str, client: &net::Stream) -> std::io::Result<i32> {
    let fd = client.fd()?;
    sys::fd::set_nonblocking(fd, false)?;
    let mut spawn = Spawn::new(&find(program), &service.attributes.argv)?.new_group();
    for number in 0..3 {
        spawn = spawn.descriptor(fd, number)?;
    }
    for (name, value) in &service.environment {
        spawn = spawn.env(name, value)?;
    }
    if let Some(identity) = &service.attributes.identity {
        spawn = spawn.identity(identity.clone());
    }
    spawn.start()
}

/// A command without a directory is looked for where the command's own path leads.
fn find(program: &str) -> PathBuf {
    if program.contains('/') {
        return PathBuf::from(program);
    }
    ["/usr/bin", "/bin", "/usr/sbin", "/sbin"]
        .iter()
        .map(|directory| Path::new(directory).join(program))
        .find(|path| path.is_file())
        .unwrap_or_else(|| PathBuf::from(program))
}

/// Waits for the command, and kills it and what it started when its time is over.
fn wait(child: i32, limit: Duration) -> Ended {
    let end = Instant::now() + limit;
    loop {
        match sys::proc::try_wait(child) {
            Ok(Some(ended)) => return ended,
            Ok(None) => {}
            Err(error) => log::fatal!("wait for process {child}: {}", sys::errno_text(&error)),
        }
        if Instant::now() >= end {
            log::warning!("process {child}: command time limit exceeded");
            kill_as_owner(child);
            return sys::proc::wait(child).unwrap_or(Ended::Signal(sys::signal::KILL));
        }
        std::thread::sleep(GLANCE);
    }
}

/// The command runs as another user, whom only root may kill.
fn kill_as_owner(child: i32) {
    let (uid, gid) = (sys::user::effective_uid(), sys::user::effective_gid());
    let root = sys::user::Identity { uid: 0, gid: 0, groups: vec![0] };
    let switched = sys::user::real_uid() == 0 && uid != 0 && sys::user::become_effective(&root).is_ok();
    let _ = sys::proc::kill(-child, sys::signal::KILL);
    if switched {
        if let Err(error) = sys::user::become_effective(&sys::user::Identity::plain(uid, gid)) {
            log::fatal!("set effective user {uid}: {}", sys::errno_text(&error));
        }
    }
}
