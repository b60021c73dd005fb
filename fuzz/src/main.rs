//! `ferropost-fuzz` lists the targets; `ferropost-fuzz TARGET FILE…` gives files to one, as a debugger wants it.

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(name) = arguments.next() else {
        for target in ferropost_fuzz::TARGETS {
            println!("{:16} {}", target.name, target.about);
        }
        return ExitCode::SUCCESS;
    };
    let Some(target) = ferropost_fuzz::target(&name) else {
        eprintln!("ferropost-fuzz: no target {name}");
        return ExitCode::FAILURE;
    };
    for file in arguments {
        match std::fs::read(&file) {
            Ok(bytes) => (target.check)(&bytes),
            Err(error) => {
                eprintln!("ferropost-fuzz: {file}: {error}");
                return ExitCode::FAILURE;
            }
        }
        println!("{file}: holds");
    }
    ExitCode::SUCCESS
}
