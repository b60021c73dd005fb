//! Small deterministic pieces of work of the pure crates, whose instructions `cargo xtask instructions` counts.
//!
//! `ferropost-instructions` lists the cases, `ferropost-instructions CASE ROUNDS` prepares a case and runs its work so
//! many times. The difference between two numbers of rounds is the work alone.

mod mail_cases;
mod protocol_cases;
mod queue_cases;
mod table_cases;

use std::process::ExitCode;

/// One round of a case's work; what it returns is looked at, so that it cannot be left out.
type Work = Box<dyn FnMut() -> usize>;

/// A case.
struct Case {
    name: &'static str,
    /// Makes what the work needs.
    prepare: fn() -> Work,
}

const ALL: [&[Case]; 4] = [mail_cases::CASES, protocol_cases::CASES, queue_cases::CASES, table_cases::CASES];

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let cases = || ALL.iter().copied().flatten();
    let Some(name) = arguments.next() else {
        cases().for_each(|case| println!("{}", case.name));
        return ExitCode::SUCCESS;
    };
    let rounds = arguments.next().and_then(|text| text.parse::<u32>().ok());
    let (Some(case), Some(rounds)) = (cases().find(|case| case.name == name), rounds) else {
        eprintln!("usage: ferropost-instructions [CASE ROUNDS]");
        return ExitCode::FAILURE;
    };
    let mut work = (case.prepare)();
    let mut total = 0usize;
    for _ in 0..rounds {
        total = total.wrapping_add(std::hint::black_box(work()));
    }
    println!("{total}");
    ExitCode::SUCCESS
}
