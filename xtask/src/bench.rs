//! `cargo xtask bench`: the reference and ours in turn, same configuration, same disk, same load.
//!
//! The load tools are ours for both (smtp-source, smtp-sink, sendmail is the subject's own). Figures are of all
//! processes below an instance's master: CPU from /proc (dead children included), system calls from a second, traced
//! run, context switches and proportional memory from /proc. Medians over the rounds.

mod disk;
mod load;
mod meter;
mod report;

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Command};
use testkit::{Instance, Subject};

use crate::demo::check;
use load::{CASES, Case};
use report::Figures;

pub fn command() -> Command {
    Command::new("bench")
        .about("Measure ours against the reference in the same run")
        .long_about(
            "Measure ours against the reference in the same run. Needs root, the accounts postfix and postdrop, and \
             a reference: the installed Postfix, or one in a root named by FERROPOST_REFERENCE_ROOT. With --image, \
             queues and mailboxes are on a journaled ext4 file system in a loop-mounted file.",
        )
        .arg(Arg::new("rounds").long("rounds").default_value("3").help("How often each case is run on each side"))
        .arg(Arg::new("case").long("case").action(ArgAction::Append).help("Only cases whose name contains this"))
        .arg(Arg::new("image").long("image").action(ArgAction::SetTrue).help("Use a fresh ext4 image"))
        .arg(Arg::new("trace").long("trace").action(ArgAction::SetTrue).help("Also count system calls (strace)"))
        .arg(Arg::new("ours").long("ours").action(ArgAction::SetTrue).help("Leave the reference out"))
        .arg(
            Arg::new("no-build")
                .long("no-build")
                .action(ArgAction::SetTrue)
                .help("Take the programs beside this tool, as they are"),
        )
        .arg(Arg::new("dir").long("dir").default_value("/tmp/ferropost-bench").help("Where to work"))
        .arg(Arg::new("o").short('o').action(ArgAction::Append).help("A main.cf line for both sides"))
}

pub fn run(args: &ArgMatches) -> Result<(), String> {
    check(testkit::is_root(), || "run as root: the reference cannot run otherwise".into())?;
    if !args.get_flag("no-build") {
        crate::demo::build(true)?;
    }
    let rounds: usize = number(args, "rounds")?;
    let dir = PathBuf::from(args.get_one::<String>("dir").map_or("", String::as_str));
    let disk = disk::Disk::prepare(&dir, args.get_flag("image"))?;
    let subjects = subjects(args.get_flag("ours"))?;
    let wanted: Vec<&String> = args.get_many("case").into_iter().flatten().collect();
    let extra: Vec<String> = args.get_many::<String>("o").into_iter().flatten().cloned().collect();

    println!("{}", report::heading(&disk, &subjects));
    for case in CASES.iter().filter(|c| wanted.is_empty() || wanted.iter().any(|w| c.name.contains(*w))) {
        let mut figures: Vec<Vec<Figures>> = vec![Vec::new(); subjects.len()];
        for round in 0..rounds {
            for (n, subject) in subjects.iter().enumerate() {
                let traced = args.get_flag("trace") && round == 0;
                figures[n].push(measure(&disk, subject, case, &extra, traced)?);
            }
        }
        println!("{}", report::row(case, &figures));
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

fn measure(
    disk: &disk::Disk,
    subject: &Subject,
    case: &Case,
    extra: &[String],
    traced: bool,
) -> Result<Figures, String> {
    let sink = load::sink(case)?;
    let mut setup = Instance::new(subject.clone()).root(disk.fresh()?).main(case.main);
    if let Some(sink) = &sink {
        setup = setup.main(&format!("relayhost = [127.0.0.1]:{}", sink.port));
    }
    for line in extra {
        setup = setup.main(line);
    }
    let mx = setup.start();
    let (master, main) = (mx.master_pid().ok_or("no master runs")?, &mx);
    // Processes are up and tables open before the clock starts.
    load::warm_up(main, case)?;
    mx.drained();
    let mut figures = Figures::default();
    let before = meter::Usage::of(master);
    let start = std::time::Instant::now();
    (case.run)(main, case)?;
    mx.drained();
    let seconds = start.elapsed().as_secs_f64();
    let used = meter::Usage::of(master).since(&before);
    figures.rate = case.messages as f64 / seconds;
    figures.cpu_ms = used.cpu_seconds * 1000.0 / case.messages as f64;
    figures.switches = used.switches as f64 / case.messages as f64;
    figures.memory_mib = meter::memory(master);
    figures.peak = load::idle_memory(main, case)?;
    if traced {
        figures.calls = Some(
            meter::calls(master, || (case.run)(main, case).map(|()| mx.drained()))? as f64
                / case.messages as f64,
        );
    }
    let trouble = mx.log().trouble();
    check(trouble.is_empty(), || format!("{}: {subject:?}: {trouble:#?}", case.name))?;
    Ok(figures)
}

fn number<T: std::str::FromStr>(args: &ArgMatches, name: &str) -> Result<T, String> {
    let text = args.get_one::<String>(name).map_or("", String::as_str);
    text.parse().map_err(|_| format!("--{name}: not a number: {text}"))
}
