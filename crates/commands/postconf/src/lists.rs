//! What this build supports: `-a -A -l -m -T`, and bounce templates by the bounce daemon (`-b -t`).

use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::options::Options;
use crate::output;
use crate::scope::Settings;

/// Runs the option of that letter.
pub fn run(options: &Options, letter: char) -> Result<(), String> {
    match letter {
        // No SASL plug-in is built in yet.
        'a' | 'A' => Ok(()),
        'l' => output::print("flock\nfcntl\ndotlock\n"),
        'm' => {
            let settings = Settings::load(options)?;
            // Some types are there when their client programs are.
            tables::configure(tables::Settings::from(&settings.config));
            let names: Vec<&str> = tables::types().map(|t| t.name).collect();
            output::print(&names.iter().map(|n| format!("{n}\n")).collect::<String>())
        }
        'T' => match options.mode.as_str() {
            "compile-version" | "run-version" => {
                output::print(&format!("{}\n", sys::openssl::version_text()))
            }
            "public-key-algorithms" => {
                let names: Vec<&str> = sys::openssl::public_key_algorithms().collect();
                output::print(&names.iter().map(|n| format!("{n}\n")).collect::<String>())
            }
            other => {
                log::warning!("unknown 'postconf -T' mode: {other}");
                std::process::exit(1)
            }
        },
        _ => templates(options, if letter == 'b' { "-SVnexpand_templates" } else { "-SVndump_templates" }),
    }
}

/// bounce(8) knows its templates; it prints them when run by hand like this.
fn templates(options: &Options, mode: &str) -> Result<(), String> {
    let settings = Settings::load(options)?;
    let mut overrides = vec!["queue_directory=.".to_string()];
    match options.operands.as_slice() {
        [] => {}
        [file] => overrides.insert(0, format!("bounce_template_file={file}")),
        _ => return Err("options -b and -t require at most one template file".into()),
    }
    let program = format!("{}/bounce", settings.expand("$daemon_directory", None)?);
    let mut bounce = Command::new(&program);
    bounce.arg(mode).env(config::directory::VARIABLE, options.directory());
    for value in overrides {
        bounce.arg("-o").arg(value);
    }
    let why = bounce.exec();
    Err(format!("execute {program}: {}", sys::errno_text(&why)))
}
