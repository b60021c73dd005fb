//! `cargo xtask fuzz`: lets libFuzzer look for bytes that break a parser's properties (package `fuzz`).
//!
//! Stable Rust: the compiler's coverage pass is switched on by flags, libFuzzer's own C++ comes with crate
//! libfuzzer-sys. The corpus grows in `target-fuzz/corpus/TARGET`; an input that breaks a property is copied to
//! `fuzz/regressions/TARGET`, where `cargo test` replays it for ever.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use clap::{Arg, ArgAction, ArgMatches};

/// What makes a program tell libFuzzer where it has been, and what it compared.
const COVERAGE: &[&str] = &[
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
];

/// One input may take this long, in seconds, and this much memory, in MiB.
const TIMEOUT: &str = "5";
const MEMORY: &str = "1024";
/// The longest input: what longer ones find, shorter ones do too. Table files come in pages of 4096 bytes.
fn longest(name: &str) -> usize {
    if name.ends_with("-file") { 10 * 4096 } else { 4096 }
}

pub fn command() -> clap::Command {
    clap::Command::new("fuzz")
        .about("Look for input that breaks a parser")
        .long_about(
            "Look for input that breaks a parser, with libFuzzer. Needs g++ (xtask/setup --checks). What breaks a \
             property is kept under fuzz/regressions and replayed by cargo test.",
        )
        .arg(Arg::new("target").num_args(0..).help("Targets, or all"))
        .arg(Arg::new("list").long("list").action(ArgAction::SetTrue).help("List the targets"))
        .arg(Arg::new("minutes").long("minutes").value_name("N").help("How long for each target"))
        .arg(Arg::new("seconds").long("seconds").value_name("N").help("How long for each target").default_value("60"))
        .arg(Arg::new("seed").long("seed").value_name("N").help("Seed of libFuzzer's choices, to repeat a run"))
}

pub fn run(args: &ArgMatches) -> Result<(), String> {
    let all = targets()?;
    let wanted: Vec<&String> = args.get_many("target").into_iter().flatten().collect();
    if args.get_flag("list") || wanted.is_empty() {
        for (name, about) in &all {
            println!("{name:16} {about}");
        }
        return Ok(());
    }
    let names: Vec<&str> = if wanted.iter().any(|name| *name == "all") {
        all.iter().map(|(name, _)| name.as_str()).collect()
    } else {
        wanted.iter().map(|name| name.as_str()).collect()
    };
    if let Some(unknown) = names.iter().find(|name| !all.iter().any(|(known, _)| known == *name)) {
        return Err(format!("no target {unknown}; --list shows them"));
    }
    let length = length(args)?;
    let program = build()?;
    let mut broken = Vec::new();
    for name in &names {
        if let Some(input) = fuzz(&program, name, length, args.get_one::<String>("seed"))? {
            broken.push(format!("{name}: {}", input.display()));
        }
    }
    println!("fuzz: {} passed, {} failed", names.len() - broken.len(), broken.len());
    if broken.is_empty() { Ok(()) } else { Err(format!("broken by\n  {}", broken.join("\n  "))) }
}

fn length(args: &ArgMatches) -> Result<Duration, String> {
    let number = |name: &str| {
        args.get_one::<String>(name)
            .map(|text| text.parse::<u64>().map_err(|_| format!("--{name} {text}: not a number")))
            .transpose()
    };
    let seconds = match number("minutes")? {
        Some(minutes) => minutes.saturating_mul(60),
        None => number("seconds")?.unwrap_or(60),
    };
    Ok(Duration::from_secs(seconds.max(1)))
}

/// Names and purposes, as the package itself tells them.
fn targets() -> Result<Vec<(String, String)>, String> {
    let output = Command::new("cargo")
        .args(["run", "-q", "-p", "ferropost-fuzz"])
        .current_dir(top())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cargo: {error}"))?;
    if !output.status.success() {
        return Err("the list of targets could not be made".into());
    }
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(name, about)| (name.to_owned(), about.trim().to_owned()))
        .collect())
}

/// Builds the instrumented program.
fn build() -> Result<PathBuf, String> {
    let host = host()?;
    let folder = top().join("target-fuzz");
    let flags = COVERAGE.join("\u{1f}");
    // The workspace's versions; what the fuzzer needs besides, its manifest pins.
    let lock = top().join("fuzz/libfuzzer/Cargo.lock");
    fs::copy(top().join("Cargo.lock"), &lock).map_err(|error| format!("{}: {error}", lock.display()))?;
    println!("fuzz: building with coverage");
    let status = Command::new("cargo")
        .args(["build", "-q", "--release", "--target", &host, "--target-dir"])
        .arg(&folder)
        .current_dir(top().join("fuzz/libfuzzer"))
        .env("CARGO_ENCODED_RUSTFLAGS", flags)
        .status()
        .map_err(|error| format!("cargo: {error}"))?;
    if !status.success() {
        return Err("the fuzzer could not be built (xtask/setup --checks installs g++)".into());
    }
    Ok(folder.join(host).join("release/ferropost-libfuzzer"))
}

/// The compiler's own target: naming it keeps the flags away from build scripts.
fn host() -> Result<String, String> {
    let output = Command::new("rustc").arg("-vV").output().map_err(|error| format!("rustc: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().find_map(|line| line.strip_prefix("host: "));
    line.map(str::to_owned).ok_or_else(|| "rustc names no host".to_owned())
}

/// Runs one target; the input that broke it, if one did.
fn fuzz(
    program: &Path,
    name: &str,
    length: Duration,
    seed: Option<&String>,
) -> Result<Option<PathBuf>, String> {
    let folder = top().join("target-fuzz");
    let (corpus, found) = (folder.join("corpus").join(name), folder.join("found").join(name));
    let kept = top().join("fuzz/regressions").join(name);
    for each in [&corpus, &found] {
        fs::create_dir_all(each).map_err(|error| format!("{}: {error}", each.display()))?;
    }
    let before = files(&found);
    let log = folder.join(format!("{name}.log"));
    let output = fs::File::create(&log).map_err(|error| format!("{}: {error}", log.display()))?;
    let mut command = Command::new(program);
    command
        .arg(&corpus)
        .args(kept.is_dir().then_some(&kept))
        .arg(format!("-artifact_prefix={}/", found.display()))
        .arg(format!("-max_total_time={}", length.as_secs()))
        .args([
            format!("-timeout={TIMEOUT}"),
            format!("-rss_limit_mb={MEMORY}"),
            format!("-max_len={}", longest(name)),
        ])
        .args(["-print_final_stats=1", "-use_value_profile=1"])
        .args(seed.map(|seed| format!("-seed={seed}")))
        .env("FERROPOST_FUZZ_TARGET", name)
        .env("FERROPOST_FUZZ_SEEDS", &corpus)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(output);
    let status = command.status().map_err(|error| format!("{}: {error}", program.display()))?;
    let text = fs::read(&log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let figure = |label: &str| {
        let line = text.lines().rev().find_map(|line| line.strip_prefix(label));
        line.map_or_else(|| "?".to_owned(), |value| value.trim().to_owned())
    };
    let covered = text.lines().rev().find_map(|line| line.split_once(" cov: ")?.1.split(' ').next());
    println!(
        "{name:16} {:>10} runs {:>8}/s {:>6} branches {:>5} MiB  {}",
        figure("stat::number_of_executed_units:"),
        figure("stat::average_exec_per_sec:"),
        covered.unwrap_or("?"),
        figure("stat::peak_rss_mb:"),
        if status.success() { "holds" } else { "BROKEN" }
    );
    if status.success() {
        return Ok(None);
    }
    let Some(input) = files(&found).into_iter().find(|file| !before.contains(file)) else {
        // Typically a stack that overflowed, or a program that ended itself.
        return Err(format!("{name}: {status} without an input to blame, see {}", log.display()));
    };
    let why = text.lines().find(|line| line.contains("panicked at") || line.contains("ERROR: libFuzzer"));
    println!("{:16} {}", "", why.unwrap_or("see the log"));
    fs::create_dir_all(&kept).map_err(|error| format!("{}: {error}", kept.display()))?;
    let place = kept.join(input.file_name().unwrap_or_default());
    fs::copy(&input, &place).map_err(|error| format!("{}: {error}", place.display()))?;
    Ok(Some(place))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.is_file()).collect()
}

fn top() -> PathBuf {
    crate::generate::root()
}
