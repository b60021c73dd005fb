//! postconf(1): shows and edits main.cf and master.cf.

mod about;
#[rustfmt::skip]
mod about_table;
mod deprecated;
mod edit_file;
mod edit_main;
mod edit_master;
mod explain;
mod lint;
mod lists;
mod names;
mod options;
mod output;
mod pattern;
mod scope;
mod services;
mod show_main;
mod show_master;
mod tables_used;
mod usage_check;

use std::ffi::OsString;
use std::process::ExitCode;

use options::{Action, Options, Target};
use scope::Settings;
use services::Services;

fn main() -> ExitCode {
    cli::begin("postconf", options::cli);
    // compat: complaints go to standard error only, never to the mail log.
    log::own_writer(|_| {});
    log::ascii_only();
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let options = options::parse(arguments);
    match run(&options).and_then(|()| output::flush()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => log::fatal!("{why}"),
    }
}

fn run(options: &Options) -> Result<(), String> {
    match (options.target, options.action) {
        (Target::Main, Action::Show) => show_main(options),
        (Target::Main, action) => edit_main::run(options, action),
        (Target::Entries | Target::Fields | Target::Parameters, Action::Show) => show_master(options),
        (Target::Entries | Target::Fields | Target::Parameters, action) => edit_master::run(options, action),
        (Target::List(letter), _) => lists::run(options, letter),
        (Target::Explain, _) => explain::run(options),
        (Target::Lint, _) => match lint::run(options)? {
            true => output::flush().map(|()| std::process::exit(1)),
            false => Ok(()),
        },
    }
}

fn show_main(options: &Options) -> Result<(), String> {
    let mut settings = Settings::load(options)?;
    let services = Services::load(&options.directory(), false)?;
    settings.service_defaults = names::service_defaults(&services);
    let names = names::Names::collect(&settings, &services, options)?;
    show_main::show(options, &settings, &names)?;
    output::flush()?;
    let mixed = options.hide_names && values_would_be_mixed();
    if !options.defaults && !options.quiet && !mixed {
        usage_check::main_cf(&settings, &names);
        usage_check::master_cf(&settings, &services, &names);
        usage_check::advise();
    }
    Ok(())
}

fn show_master(options: &Options) -> Result<(), String> {
    let services = Services::load(&options.directory(), true)?;
    let mut settings = Settings::load(options)?;
    settings.service_defaults = names::service_defaults(&services);
    let names = names::Names::collect(&settings, &services, options)?;
    show_master::show(options, &settings, &services, &names)?;
    output::flush()?;
    if !options.quiet {
        usage_check::master_cf(&settings, &services, &names);
        usage_check::advise();
    }
    Ok(())
}

/// Do messages go where the values go? A script that reads `postconf -h name 2>&1` wants the value alone: a warning in
/// front of it, new in 3.11 for settings that work as ever, would become part of a path.
fn values_would_be_mixed() -> bool {
    let file = |number: u8| {
        use std::os::unix::fs::{FileTypeExt, MetadataExt};
        let meta = std::fs::metadata(format!("/proc/self/fd/{number}")).ok()?;
        let apart = meta.file_type().is_char_device();
        (!apart).then(|| (meta.dev(), meta.ino()))
    };
    file(1).is_some() && file(1) == file(2)
}
