//! `cargo xtask bench`: the reference and ours in turn, same configuration, same disk, same load.
//!
//! The load tools are ours for both (smtp-source, smtp-sink; sendmail is the subject's own). Figures are of all
//! processes below an instance's master: CPU from /proc (dead children included), system calls from a second, traced
//! run, context switches and proportional memory from /proc. Medians over the rounds.
//!
//! `bench tls` counts handshakes per CPU second, `bench tables` builds and asks lookup tables.

mod case;
mod cases;
mod disk;
mod goals;
mod idle;
mod large;
mod load;
mod meter;
mod queue;
mod report;
mod tables;
mod tls;

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Command};
use testkit::Subject;

use crate::demo::check;
use case::{Bench, Case};
use cases::CASES;
use disk::{Disk, Kind};
use report::Results;

pub fn command() -> Command {
    Command::new("bench")
        .about("Measure ours against the reference in the same run")
        .long_about(
            "Measure ours against the reference in the same run. Needs root, the accounts postfix and postdrop, and \
             a reference: the installed Postfix, or one in a root named by FERROPOST_REFERENCE_ROOT. With --image, \
             queues and mailboxes are on a journaled ext4 file system in a loop-mounted file.",
        )
        .args(common())
        .arg(
            Arg::new("case")
                .long("case")
                .action(ArgAction::Append)
                .help("Only cases whose name contains this; long cases must be named in full"),
        )
        .arg(Arg::new("list").long("list").action(ArgAction::SetTrue).help("Name the cases and end"))
        .arg(Arg::new("image").long("image").action(ArgAction::SetTrue).help("Use a fresh ext4 image"))
        .arg(Arg::new("trace").long("trace").action(ArgAction::SetTrue).help("Also count system calls (strace)"))
        .arg(
            Arg::new("goals")
                .long("goals")
                .action(ArgAction::SetTrue)
                .help("In the end, say of each goal whether it was reached"),
        )
        .arg(Arg::new("o").short('o').action(ArgAction::Append).help("A main.cf line for both sides"))
        .subcommand(
            Command::new("tls").about("TLS handshakes per CPU second, full and resumed").args(common()).arg(
                Arg::new("seconds").long("seconds").default_value("2").help("How long each kind is measured"),
            ),
        )
        .subcommand(
            Command::new("tables")
                .about("Lookup tables: build, and look up")
                .args(common())
                .arg(
                    Arg::new("entries").long("entries").default_value("1000000").help("Entries of a table"),
                )
                .arg(Arg::new("type").long("type").action(ArgAction::Append).help("Only these types")),
        )
}

/// Options of every kind of measurement.
fn common() -> [Arg; 4] {
    [
        Arg::new("rounds").long("rounds").default_value("3").help("How often each case is run on each side"),
        Arg::new("ours").long("ours").action(ArgAction::SetTrue).help("Leave the reference out"),
        Arg::new("no-build")
            .long("no-build")
            .action(ArgAction::SetTrue)
            .help("Take the programs beside this tool, as they are"),
        Arg::new("dir").long("dir").default_value("/tmp/ferropost-bench").help("Where to work"),
    ]
}

/// What [`common`] says.
struct Common {
    rounds: usize,
    subjects: Vec<Subject>,
    dir: PathBuf,
}

impl Common {
    fn read(args: &ArgMatches) -> Result<Common, String> {
        check(testkit::is_root(), || "run as root: the reference cannot run otherwise".into())?;
        if !args.get_flag("no-build") {
            crate::demo::build(true)?;
        }
        Ok(Common {
            rounds: number(args, "rounds")?,
            subjects: subjects(args.get_flag("ours"))?,
            dir: PathBuf::from(args.get_one::<String>("dir").map_or("", String::as_str)),
        })
    }
}

pub fn run(args: &ArgMatches) -> Result<(), String> {
    match args.subcommand() {
        Some(("tls", args)) => {
            let Common { rounds, subjects, dir } = Common::read(args)?;
            return tls::run(&dir, &subjects, rounds, number(args, "seconds")?);
        }
        Some(("tables", args)) => {
            let Common { rounds, subjects, dir } = Common::read(args)?;
            let types: Vec<&String> = args.get_many("type").into_iter().flatten().collect();
            return tables::run(&dir, &subjects, rounds, number(args, "entries")?, &types);
        }
        _ => {}
    }
    if args.get_flag("list") {
        CASES.iter().for_each(|case| println!("{:<16} {}", case.name, case.about));
        return Ok(());
    }
    let Common { rounds, subjects, dir } = Common::read(args)?;
    let wanted: Vec<&String> = args.get_many("case").into_iter().flatten().collect();
    let extra: Vec<String> = args.get_many::<String>("o").into_iter().flatten().cloned().collect();
    let cases: Vec<&Case> = CASES.iter().filter(|case| case.is_wanted(&wanted)).collect();
    let kind = match (args.get_flag("image"), cases.iter().any(|case| case.long)) {
        (false, _) => Kind::Folder,
        (true, false) => Kind::Image,
        (true, true) => Kind::LargeImage,
    };
    let disk = Disk::prepare(&dir, kind)?;

    println!("{}", report::heading(&disk, &subjects));
    let mut results = Results::default();
    for case in cases {
        let mut figures = vec![Vec::new(); subjects.len()];
        for round in 0..rounds {
            for (subject, figures) in subjects.iter().zip(&mut figures) {
                let traced = args.get_flag("trace") && round == 0;
                let bench = Bench { disk: &disk, subject, case, extra: &extra, traced };
                figures.push((case.run)(&bench).map_err(|why| format!("{}: {subject:?}: {why}", case.name))?);
            }
        }
        println!("{}", results.add(case.name, &figures));
    }
    if args.get_flag("goals") {
        println!("\n{}", goals::summary(&results));
    }
    Ok(())
}

fn subjects(ours_only: bool) -> Result<Vec<Subject>, String> {
    let mut all = Vec::new();
    if !ours_only {
        all.push(
            testkit::reference()
                .ok_or("no reference: install Debian's postfix, or set FERROPOST_REFERENCE_ROOT")?,
        );
    }
    let ours = testkit::ours().into_iter().find(|s| *s == Subject::Rooted);
    all.push(ours.ok_or("ours as root needs the accounts postfix and postdrop")?);
    Ok(all)
}

fn number<T: std::str::FromStr>(args: &ArgMatches, name: &str) -> Result<T, String> {
    let text = args.get_one::<String>(name).map_or("", String::as_str);
    text.parse().map_err(|_| format!("--{name}: not a number: {text}"))
}
