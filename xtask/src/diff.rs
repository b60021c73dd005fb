//! `cargo xtask diff`: the same dialogue, message, command line or table given to the reference and to ours.
//!
//! Cases are data files below `tests/diff`, one configuration a file. What each side answers, logs, delivers and exits
//! with is normalised (queue ids, times, ports, paths) and compared line by line. Differences that we want are listed,
//! with their reason, in `tests/differences.md`; any other makes the run fail.

mod cases;
mod commands;
mod dialogues;
mod messages;
mod normalise;
mod pair;
mod postconf;
mod report;

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use clap::{Arg, ArgAction, ArgMatches, Command};
use testkit::Subject;

use crate::demo::check;
use cases::CaseFile;
use report::{Accepted, Outcome};

/// The kinds of case, each with its folder below `tests/diff`.
const KINDS: [&str; 5] = ["dialogues", "messages", "commands", "postconf", "tables"];

pub fn command() -> Command {
    Command::new("diff")
        .about("Compare ours with the reference: dialogues, messages and command lines")
        .long_about(
            "Compare ours with the reference: dialogues, messages and command lines. Needs root, the accounts postfix \
             and postdrop, and a reference: the installed Postfix (3.7), or one in a root directory named by \
             FERROPOST_REFERENCE_ROOT (3.11). Accepted differences are listed in tests/differences.md.",
        )
        .arg(Arg::new("kind").value_parser(KINDS).help("Only cases of this kind"))
        .arg(Arg::new("name").help("Only cases whose KIND/FILE/CASE contains this"))
        .arg(
            Arg::new("reference")
                .long("reference")
                .value_parser(["3.7", "3.11"])
                .help("Which reference: the installed one, or the one in FERROPOST_REFERENCE_ROOT"),
        )
        .arg(Arg::new("show").long("show").action(ArgAction::SetTrue).help("Show what both sides said, also when equal"))
        .arg(
            Arg::new("jobs")
                .long("jobs")
                .value_parser(clap::value_parser!(usize))
                .default_value("4")
                .help("Configurations at a time"),
        )
        .arg(Arg::new("no-build").long("no-build").action(ArgAction::SetTrue).help("Take the programs as they are"))
}

/// Which cases, against whom, how.
pub struct Plan {
    pub reference: Subject,
    pub ours: Subject,
    name: Option<String>,
}

impl Plan {
    /// Whether this case is wanted.
    pub fn wants(&self, full_name: &str) -> bool {
        self.name.as_ref().is_none_or(|name| full_name.contains(name.as_str()))
    }
}

pub fn run(args: &ArgMatches) -> Result<(), String> {
    check(testkit::is_root(), || "run as root: the reference cannot run otherwise".into())?;
    let plan = Plan {
        reference: reference(args.get_one::<String>("reference").map(String::as_str))?,
        ours: testkit::ours()
            .into_iter()
            .find(|s| *s == Subject::Rooted)
            .ok_or("ours as root needs the accounts postfix and postdrop")?,
        name: args.get_one::<String>("name").cloned(),
    };
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let accepted = Accepted::read(&top.join("tests/differences.md"))?;
    let kind = args.get_one::<String>("kind").map(String::as_str);
    let mut files = Vec::new();
    for name in KINDS {
        if kind.is_none_or(|k| k == name) {
            files.extend(case_files(&top.join("tests/diff").join(name), name)?);
        }
    }
    files.retain(|file| file.names().iter().any(|name| plan.wants(name)));
    check(!files.is_empty(), || "no such case".into())?;
    if !args.get_flag("no-build") {
        crate::demo::build(false)?;
    }

    let jobs = args.get_one::<usize>("jobs").copied().unwrap_or(1).max(1);
    let outcomes = in_parallel(&plan, &files, jobs);
    let _ = std::fs::remove_dir_all(testkit::stage());
    report::print(&outcomes, &accepted, args.get_flag("show"));
    let whole = kind.is_none() && plan.name.is_none();
    let failed = report::summary(&outcomes, &accepted, whole);
    check(!failed, || "ours and the reference differ".into())
}

fn reference(wanted: Option<&str>) -> Result<Subject, String> {
    let rooted = || match testkit::reference() {
        Some(found @ Subject::ReferenceRoot(_)) => Ok(found),
        _ => Err("no reference 3.11: FERROPOST_REFERENCE_ROOT must name a root directory with Postfix in it"),
    };
    let found = match wanted {
        Some("3.7") => Subject::Reference,
        Some(_) => rooted()?,
        None => {
            testkit::reference().ok_or("no reference: install postfix, or set FERROPOST_REFERENCE_ROOT")?
        }
    };
    Ok(found)
}

fn case_files(folder: &Path, kind: &'static str) -> Result<Vec<CaseFile>, String> {
    let listed = std::fs::read_dir(folder).map_err(|err| format!("{}: {err}", folder.display()))?;
    let mut paths: Vec<PathBuf> = listed.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ext| ext == "txt"));
    paths.sort();
    let common = std::fs::read_to_string(folder.join("common.cf")).unwrap_or_default();
    paths.iter().map(|path| CaseFile::read(path, kind, &common)).collect()
}

/// Runs all files, some at a time; outcomes in the order of the files.
fn in_parallel(plan: &Plan, files: &[CaseFile], jobs: usize) -> Vec<Outcome> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, Vec<Outcome>)>> = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(file) = files.get(at) else { break };
                    let start = Instant::now();
                    let outcomes = one_file(plan, file);
                    let seconds = start.elapsed().as_secs_f64();
                    eprintln!("{}/{}: {} cases in {seconds:.1} s", file.kind, file.name, outcomes.len());
                    done.lock().expect("no worker panicked with the lock").push((at, outcomes));
                }
            });
        }
    });
    let mut done = done.into_inner().expect("no worker panicked with the lock");
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().flat_map(|(_, outcomes)| outcomes).collect()
}

/// A configuration that does not start is a difference of all its cases, not the end of the run.
fn one_file(plan: &Plan, file: &CaseFile) -> Vec<Outcome> {
    let ran = std::panic::catch_unwind(|| match file.kind {
        "dialogues" => dialogues::run(plan, file),
        "messages" => messages::run(plan, file),
        "postconf" => postconf::run(plan, file),
        _ => commands::run(plan, file),
    });
    ran.unwrap_or_else(|_| {
        let broken = vec!["the file's run broke off".to_string()];
        vec![Outcome { name: format!("{}/{}", file.kind, file.name), reference: Vec::new(), ours: broken }]
    })
}
