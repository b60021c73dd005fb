//! Developer tasks: `cargo xtask gen|registry|install|demo|bench|diff|faults|fuzz|instructions`.

mod bench;
mod completion;
mod demo;
mod diff;
mod faults;
mod fuzz;
mod generate;
mod install;
mod instructions;
mod manual;
mod readers;
mod registry;

use std::process::ExitCode;

use clap::Command;

fn main() -> ExitCode {
    let matches = Command::new("xtask")
        .about("Ferropost's developer tasks")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(generate::command())
        .subcommand(install::command())
        .subcommand(completion::command())
        .subcommand(demo::command())
        .subcommand(bench::command())
        .subcommand(diff::command())
        .subcommand(registry::command())
        .subcommand(fuzz::command())
        .subcommand(instructions::command())
        .subcommand(faults::command())
        .get_matches();
    let done = match matches.subcommand() {
        Some(("gen", args)) => generate::run(args),
        Some(("install", args)) => install::run(args),
        Some(("completion", args)) => completion::run(args),
        Some(("demo", args)) => demo::run(args),
        Some(("bench", args)) => bench::run(args),
        Some(("diff", args)) => diff::run(args),
        Some(("registry", args)) => registry::run(args),
        Some(("fuzz", args)) => fuzz::run(args),
        Some(("instructions", args)) => instructions::run(args),
        Some(("faults", args)) => faults::run(args),
        _ => Err("no such task".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("xtask: {why}");
            ExitCode::FAILURE
        }
    }
}
