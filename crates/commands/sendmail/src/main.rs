//! sendmail(1): the mail submission command that every Unix program knows; also as mailq(1) and
//! newaliases(1).
//!
//! ```text
//! options   the command line of Sendmail, as far as Postfix understands it
//! enqueue   a message from standard input into records, for postdrop(1)
//! extract   recipients from the header (-t)
//! submit    the conversation with postdrop(1)
//! modes     everything that another program does: queue listing and flushing, aliases, SMTP
//! ```
//! compat: after the options are understood every failure exits with "try again later" (75), so
//! that callers keep their mail.

mod enqueue;
mod extract;
mod modes;
mod options;
mod submit;

use command::exit;
use config::params::AUTHORIZED_SUBMIT_USERS;
use options::Options;
use std::process::ExitCode;

fn main() -> ExitCode {
    let name = std::env::args_os().next().unwrap_or_default();
    let name = std::path::Path::new(&name).file_name().unwrap_or_default().to_string_lossy().into_owned();
    cli::begin("sendmail", options::cli);
    log::set_fatal_status(i32::from(exit::TEMP_FAIL));
    // A set-uid sendmail would hand its privilege to whoever asks.
    if sys::user::effective_uid() == 0 && sys::user::real_uid() != 0 {
        log::error!("the Postfix sendmail command has set-uid root file permissions");
        log::error!("or the command is run from a set-uid root process");
        fatal(format_args!(
            "the Postfix sendmail command must be installed without set-uid root file permissions"
        ));
    }
    let directory = options::config_directory(std::env::args_os().skip(1));
    let config = command::configure("sendmail", directory.as_deref());
    let options = match Options::parse(std::env::args_os().skip(1), &name) {
        Ok(options) => options,
        Err(why) => fatal(format_args!("{why}")),
    };
    if let Some(level) = options.verbose_level() {
        log::set_verbose(level);
    }
    let uid = sys::user::real_uid();
    if options.submits() {
        let users = config.get(AUTHORIZED_SUBMIT_USERS);
        match command::access::is_listed(AUTHORIZED_SUBMIT_USERS.name(), users, uid) {
            Ok(true) => {}
            Ok(false) => {
                let name = command::access::user_name(uid);
                fatal(format_args!("User {name}({uid}) is not allowed to submit mail"));
            }
            Err(error) => fatal(format_args!("{error}")),
        }
        enqueue::run(&options, config, uid)
    } else {
        modes::run(&options, config)
    }
}

/// Logs `fatal:` and exits with "try again later".
pub fn fatal(text: std::fmt::Arguments<'_>) -> ! {
    log::fatal_status!(i32::from(exit::TEMP_FAIL), "{text}")
}
