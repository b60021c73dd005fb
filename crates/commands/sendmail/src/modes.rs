//! Everything that another program does: listing and flushing the queue, aliases, SMTP, starting.

use crate::fatal;
use crate::options::{Mode, Options};
use config::Config;
use config::params::{ALIAS_DATABASE, COMMAND_DIRECTORY, DAEMON_DIRECTORY};
use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

/// Hands over to the program for the mode.
pub fn run(options: &Options, config: &Config) -> ExitCode {
    let word = OsString::from;
    let queue = |arguments: &[&OsString]| {
        let mut argv = vec![word("postqueue")];
        argv.extend(verbosity(options));
        argv.extend(arguments.iter().map(|&argument| argument.clone()));
        become_program(config, config.get(COMMAND_DIRECTORY), argv)
    };
    if let Some(site) = &options.flush_site {
        return queue(&[&word("-s"), site]);
    }
    if let Some(id) = &options.flush_file {
        return queue(&[&word("-i"), id]);
    }
    match &options.mode {
        Mode::Ignore | Mode::Enqueue | Mode::Verify => ExitCode::SUCCESS,
        Mode::List => queue(&[&word("-p")]),
        Mode::Flush => queue(&[&word("-f")]),
        Mode::Aliases => aliases(options, config),
        Mode::Daemon => {
            become_program(config, config.get(COMMAND_DIRECTORY), vec![word("postfix"), word("start")])
        }
        Mode::StandAlone => {
            let mut argv = vec![word("smtpd"), word("-S")];
            argv.extend(verbosity(options));
            become_program(config, config.get(DAEMON_DIRECTORY), argv)
        }
    }
}

fn aliases(options: &Options, config: &Config) -> ExitCode {
    let mut argv = vec![OsString::from("postalias")];
    argv.extend(verbosity(options));
    let fixed = argv.len();
    match options.aliases.as_slice() {
        [] => {
            let separators = |c: char| c == ',' || c.is_ascii_whitespace();
            let names = config.get(ALIAS_DATABASE).split(separators).filter(|name| !name.is_empty());
            argv.extend(names.map(OsString::from));
        }
        named => argv.extend(named.iter().cloned()),
    }
    if argv.len() == fixed {
        return ExitCode::SUCCESS;
    }
    become_program(config, config.get(COMMAND_DIRECTORY), argv)
}

fn verbosity(options: &Options) -> impl Iterator<Item = OsString> {
    (0..options.verbose).map(|_| OsString::from("-v"))
}

fn become_program(config: &Config, directory: &str, argv: Vec<OsString>) -> ExitCode {
    let name = argv.first().cloned().unwrap_or_default();
    let path = Path::new(directory).join(name);
    let mut argv = argv;
    if let Some(first) = argv.first_mut() {
        *first = path.clone().into_os_string();
    }
    let error = sys::spawn::replace(&path, &argv, command::environment::imported(config));
    fatal(format_args!("{}: {}", path.display(), sys::errno_text(&error)))
}
