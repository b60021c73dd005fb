//! `cargo xtask instructions`: counts the instructions of small deterministic pieces of work (package
//! `tests/instructions`) under callgrind, and compares them with the recorded figures.
//!
//! Times on a shared machine are noise, instructions are not: the same compiler, C library and processor features give
//! the same count within a few parts in a thousand. Where one of those differs from the record, the comparison is
//! shown and decides nothing.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::{Arg, ArgAction, ArgMatches};

/// A case may grow by this much, in percent, before the check fails: hash seeds and the lengths of paths move some
/// counts by less than one, the layout of memory one of them by five.
const TOLERANCE: f64 = 10.0;

/// Rounds of the first runs, whose difference says roughly what a round costs.
const FEW: u32 = 5;
/// Instructions of the work in the last run: enough to drown what differs in its preparation.
const ENOUGH: u64 = 40_000_000;

pub fn command() -> clap::Command {
    clap::Command::new("instructions")
        .about("Count instructions of the pure crates and compare with the record")
        .long_about(
            "Count instructions of the pure crates under callgrind (xtask/setup --checks installs valgrind) and \
             compare with tests/instructions/recorded.txt. Fails when a case needs 10 % more than recorded; with \
             another compiler, C library or processor than the record's, it only reports.",
        )
        .arg(Arg::new("case").num_args(0..).help("Only cases whose name contains one of these"))
        .arg(Arg::new("record").long("record").action(ArgAction::SetTrue).help("Write the figures into the record"))
}

pub fn run(args: &ArgMatches) -> Result<(), String> {
    let program = build()?;
    let wanted: Vec<&String> = args.get_many("case").into_iter().flatten().collect();
    let list = output(Command::new(&program))?;
    let names = list
        .lines()
        .filter(|name| wanted.is_empty() || wanted.iter().any(|part| name.contains(part.as_str())));
    let here = circumstances()?;
    let path = crate::generate::root().join("tests/instructions/recorded.txt");
    let record = Record::read(&path);
    let comparable = record.circumstances == here;
    if !comparable && !args.get_flag("record") {
        println!("recorded elsewhere, so this decides nothing:");
        for (name, value) in &here {
            let then = record.circumstances.get(name).map_or("nothing", String::as_str);
            if then != value {
                println!("  {name}: {value}, recorded with {then}");
            }
        }
    }
    println!("{:24} {:>14} {:>14} {:>8}", "instructions a round", "recorded", "now", "");
    let mut figures = record.figures.clone();
    let (mut good, mut worse) = (0, Vec::new());
    for name in names {
        let now = count(&program, name)?;
        let before = record.figures.get(name).copied();
        let change = before.map(|before| 100.0 * (now as f64 - before as f64) / before.max(1) as f64);
        let shown = change.map_or_else(|| "new".to_owned(), |change| format!("{change:+.1} %"));
        println!(
            "{name:24} {:>14} {now:>14} {shown:>8}",
            before.map_or_else(|| "-".to_owned(), |n| n.to_string())
        );
        figures.insert(name.to_owned(), now);
        match change {
            Some(change) if change <= TOLERANCE => good += 1,
            _ => worse.push(name.to_owned()),
        }
    }
    if args.get_flag("record") {
        Record { circumstances: here, figures }.write(&path)?;
        println!("recorded in {}", path.display());
        return Ok(());
    }
    println!("instructions: {good} passed, {} failed", if comparable { worse.len() } else { 0 });
    if comparable && !worse.is_empty() {
        return Err(format!(
            "more instructions than recorded (or no record): {}; if that is meant, `cargo xtask instructions --record`",
            worse.join(" ")
        ));
    }
    Ok(())
}

fn build() -> Result<PathBuf, String> {
    let top = crate::generate::root();
    let status = Command::new("cargo")
        .args(["build", "-q", "--release", "-p", "ferropost-instructions"])
        .current_dir(&top)
        .status()
        .map_err(|error| format!("cargo: {error}"))?;
    if !status.success() {
        return Err("the build failed".into());
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| top.join("target"), PathBuf::from);
    Ok(target.join("release/ferropost-instructions"))
}

/// Instructions of one round.
fn count(program: &Path, case: &str) -> Result<u64, String> {
    let base = total(program, case, FEW)?;
    let rough = total(program, case, 5 * FEW)?.saturating_sub(base) / u64::from(4 * FEW);
    let rounds = u32::try_from(ENOUGH / rough.max(1)).unwrap_or(u32::MAX).clamp(20, 20_000);
    Ok(total(program, case, FEW + rounds)?.saturating_sub(base) / u64::from(rounds))
}

/// Instructions of a whole run.
fn total(program: &Path, case: &str, rounds: u32) -> Result<u64, String> {
    let result = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args([case, &rounds.to_string()])
        .stdin(Stdio::null())
        .env_remove("RUST_BACKTRACE")
        .output()
        .map_err(|error| format!("valgrind: {error} (xtask/setup --checks installs it)"))?;
    let text = String::from_utf8_lossy(&result.stderr);
    let counted = text.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok());
    match counted {
        Some(counted) if result.status.success() => Ok(counted),
        _ => Err(format!("{case} under valgrind: {text}")),
    }
}

/// What the figures depend on besides the code.
fn circumstances() -> Result<BTreeMap<String, String>, String> {
    let first = |mut command: Command, arguments: &[&str]| {
        command.args(arguments);
        output(command).map(|text| text.lines().next().unwrap_or("").to_owned())
    };
    let processor = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let flags = processor.lines().find(|line| line.starts_with("flags")).unwrap_or("");
    let features = ["sse4_2", "avx2", "avx512bw", "erms", "fsrm"]
        .map(|name| (name, flags.split(' ').any(|f| f == name)));
    let features: Vec<&str> = features.iter().filter(|(_, there)| *there).map(|(name, _)| *name).collect();
    Ok(BTreeMap::from([
        ("compiler".to_owned(), first(Command::new("rustc"), &["-V"])?),
        ("library".to_owned(), first(Command::new("ldd"), &["--version"])?),
        ("counter".to_owned(), first(Command::new("valgrind"), &["--version"])?),
        ("processor".to_owned(), format!("{} {}", std::env::consts::ARCH, features.join(" "))),
    ]))
}

fn output(mut command: Command) -> Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let result = command.output().map_err(|error| format!("{name}: {error}"))?;
    if !result.status.success() {
        return Err(format!("{name}: {}", String::from_utf8_lossy(&result.stderr)));
    }
    Ok(String::from_utf8_lossy(&result.stdout).into_owned())
}

/// The record: lines `# name: value` say what it was made with, lines `case count` what was counted.
#[derive(Default)]
struct Record {
    circumstances: BTreeMap<String, String>,
    figures: BTreeMap<String, u64>,
}

impl Record {
    fn read(path: &Path) -> Record {
        let mut record = Record::default();
        for line in fs::read_to_string(path).unwrap_or_default().lines() {
            if let Some((name, value)) = line.strip_prefix("# ").and_then(|rest| rest.split_once(": ")) {
                record.circumstances.insert(name.to_owned(), value.to_owned());
            } else if let Some((name, count)) = line.split_once(' ') {
                if let Ok(count) = count.trim().parse() {
                    record.figures.insert(name.to_owned(), count);
                }
            }
        }
        record
    }

    fn write(&self, path: &Path) -> Result<(), String> {
        let mut text = String::new();
        for (name, value) in &self.circumstances {
            let _ = writeln!(text, "# {name}: {value}");
        }
        for (name, count) in &self.figures {
            let _ = writeln!(text, "{name:24} {count:>12}");
        }
        fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
    }
}
