//! postfix(1): checks, starts, stops and reloads the mail system.
//!
//! | module | does |
//! |---|---|
//! | [`instance`] | where everything is, and whether a master runs |
//! | [`control`] | start, stop, abort, reload, flush, status, drain |
//! | [`check`] | what `check` and `start` look at |
//! | [`manifest`] | postfix-files: the files and directories with their owners and modes |
//! | [`permissions`] | creates missing directories, sets owners and modes |
//! | [`rotate`] | logrotate |
//! | [`tls`] | keys, certificates, and switching TLS on |
//! | [`upgrade`] | services that a master.cf of an older release lacks |

mod check;
mod control;
mod instance;
mod manifest;
mod migration;
mod permissions;
mod rotate;
mod tls;
mod upgrade;

use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

use config::Config;
use config::params::*;
use instance::Instance;

fn cli() -> clap::Command {
    cli::table("postfix", "Controls the mail system.")
        .args([
            cli::config_dir(),
            cli::flag('D', "debug", "with start: run daemons under debugger_command"),
            cli::verbose(),
            cli::operands("command", "what to do, and its arguments"),
        ])
        .after_help(
            "Commands: check, start, start-fg, stop, abort, drain, reload, flush, status,\n\
             set-permissions [name=value...], upgrade-configuration [name=value...], logrotate, tls subcommand.",
        )
}

fn main() -> ExitCode {
    sys::fs::umask(0o022);
    cli::begin("postfix", cli);
    if sys::host::is_set_id() {
        log::fatal!("the postfix command must not run as a set-uid process");
    }
    let options = cli::parse(cli, "usage: postfix [-c config_dir] [-Dv] command");
    let directory = cli::text(&options, "config_dir");
    if directory.is_some_and(|directory| !directory.as_encoded_bytes().starts_with(b"/")) {
        log::fatal!("-c requires absolute pathname");
    }
    let single = directory.is_some() || std::env::var_os(config::directory::VARIABLE).is_some();
    let config = command::configure("postfix", directory);
    let words: Vec<String> =
        cli::texts(&options, "command").iter().map(|word| word.to_string_lossy().into_owned()).collect();

    let instance = Instance::new(config, options.get_flag("debug"), options.get_count("verbose").into());
    if !instance.may_run() {
        log::error!("to submit mail, use the Postfix sendmail command");
        log::fatal!("the postfix command is reserved for the superuser");
    }
    // Others than the administrator have no business in the log file, nor any right to it.
    let mut identity = command::identity("postfix", config);
    identity.tag = Some(String::from("postfix"));
    identity.fallback = log::Fallback::Append;
    log::init(identity.clone());
    remind_of_compatibility(config);
    if !single && !config.get(MULTI_INSTANCE_DIRECTORIES).trim().is_empty() {
        hand_over(config, &words);
    }
    let daemons = config.get(DAEMON_DIRECTORY);
    if let Err(error) = std::env::set_current_dir(daemons) {
        log::fatal!("chdir({daemons}): {}", sys::errno_text(&error));
    }
    let script =
        if words.first().is_some_and(|word| word == "tls") { "postfix-tls-script" } else { "postfix-script" };
    identity.tag = Some(format!("{}/{script}", identity.syslog_name));
    identity.stderr_name = Some(format!("{}/postlog", identity.syslog_name));
    log::init(identity);
    instance.enter();
    dispatch(&instance, &words)
}

fn dispatch(instance: &Instance, words: &[String]) -> ExitCode {
    let (name, arguments) = match words.split_first() {
        Some((name, arguments)) => (name.as_str(), arguments),
        None => ("", &[][..]),
    };
    match name {
        "start" => control::start(instance, false),
        "start-fg" => control::start(instance, true),
        "stop" => control::stop(instance),
        "quick-stop" => control::quick_stop(instance),
        "abort" => control::abort(instance),
        "drain" => control::drain(instance),
        "reload" => control::reload(instance),
        "flush" => control::flush(instance),
        "status" => control::status(instance),
        "check" => check::run(instance),
        "set-permissions" => permissions::set_permissions(instance, arguments),
        "upgrade-configuration" => upgrade::run(instance, arguments),
        "logrotate" => rotate::run(instance, arguments),
        "tls" => tls::run(instance, arguments),
        "non-bdb" => migration::run(instance, arguments),
        other => log::fatal!(
            "unknown command: '{other}'. Usage: postfix start (or stop, reload, abort, flush, check, status, \
             set-permissions, upgrade-configuration, logrotate, tls, non-bdb)"
        ),
    }
}

fn remind_of_compatibility(config: &Config) {
    const LAST: &str = "3.11";
    let old = config.expand(&format!("${{{{$compatibility_level}} <level {{{LAST}}} ? {{y}} : {{n}}}}"));
    if old.is_ok_and(|old| old == "y") {
        log::info!("Postfix is using backwards-compatible default settings");
        log::info!("See https://www.postfix.org/COMPATIBILITY_README.html for details");
        log::info!(
            "To disable backwards compatibility use \"postconf compatibility_level={LAST}\" and \"postfix reload\""
        );
    }
}

/// Several instances: the manager that main.cf names runs the command in each.
fn hand_over(config: &Config, words: &[String]) -> ! {
    let mut wrapper = config.get(MULTI_INSTANCE_WRAPPER).split_whitespace();
    let Some(program) = wrapper.next() else {
        log::fatal!("multi-instance support is requested, but multi_instance_wrapper is empty")
    };
    let error = Command::new(program).args(wrapper).args(words).exec();
    log::fatal!("{program}: {}", sys::errno_text(&error))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_options_are_the_references() {
        super::cli().debug_assert();
        assert_eq!(cli::letters(&super::cli()), "c:Dv");
    }
}
