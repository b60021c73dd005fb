//! `bench tables`: what postmap(1) takes to build a table of many entries, and to look all of them up.
//!
//! Both sides read the same source file, in an order that no table likes, and get the same keys on standard input.

use std::fmt::Write;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use testkit::{Instance, Subject};

use super::case::Figures;
use super::meter::children_cpu;
use super::report::{self, Results};

/// Rules of a table that is searched from the top.
const RULES: u64 = 1000;
/// Lookups in such a table.
const RULE_LOOKUPS: u64 = 20_000;

/// A type of table.
struct Kind {
    name: &'static str,
    /// postmap(1) makes a file of it.
    built: bool,
    /// Line of entry `n`.
    entry: fn(u64) -> String,
    /// Key that entry `n` matches.
    key: fn(u64) -> String,
    /// Searched from the top: fewer entries and keys.
    rules: bool,
}

const fn plain(name: &'static str, built: bool) -> Kind {
    Kind { name, built, entry: address_entry, key: address, rules: false }
}

const fn rules(name: &'static str, entry: fn(u64) -> String, key: fn(u64) -> String) -> Kind {
    Kind { name, built: false, entry, key, rules: true }
}

const KINDS: &[Kind] = &[
    plain("hash", true),
    plain("btree", true),
    plain("lmdb", true),
    plain("cdb", true),
    plain("texthash", false),
    rules("regexp", pattern, address),
    rules("pcre", pattern, address),
    rules("cidr", network, host),
];

fn address(n: u64) -> String {
    format!("user{n}@domain{}.test", n % 997)
}

fn address_entry(n: u64) -> String {
    format!("{}\tbox{n}@inside.test", address(n))
}

fn pattern(n: u64) -> String {
    format!("/^user{n}@domain{}\\.test$/\tbox{n}", n % 997)
}

fn network(n: u64) -> String {
    format!("10.{}.{}.0/24\tnet{n}", n / 256, n % 256)
}

fn host(n: u64) -> String {
    format!("10.{}.{}.{}", n / 256, n % 256, n % 251)
}

pub fn run(
    dir: &Path,
    subjects: &[Subject],
    rounds: usize,
    entries: u64,
    types: &[&String],
) -> Result<(), String> {
    println!("{subjects:?} in turn, {entries} entries; medians (spread).\n{}", report::columns());
    let mut results = Results::default();
    for kind in KINDS.iter().filter(|k| types.is_empty() || types.iter().any(|t| *t == k.name)) {
        let mut figures = vec![Vec::new(); subjects.len()];
        for _ in 0..rounds {
            let mut answers = Vec::new();
            for (subject, figures) in subjects.iter().zip(&mut figures) {
                let root = dir.join(format!("tables-{}", kind.name));
                let _ = std::fs::remove_dir_all(&root);
                let mx = Instance::new(subject.clone()).root(&root).create();
                let files =
                    Files::write(&root, kind, entries).map_err(|err| format!("{}: {err}", root.display()))?;
                figures.push(
                    measure(&mx, kind, &files).map_err(|why| format!("{}: {subject:?}: {why}", kind.name))?,
                );
                answers.push(std::fs::read(&files.answers).map_err(|err| format!("answers: {err}"))?);
                let _ = std::fs::remove_dir_all(&root);
            }
            if answers.windows(2).any(|pair| pair.first() != pair.last()) {
                return Err(format!("{}: answers differ", kind.name));
            }
        }
        println!("{}", results.add(kind.name, &figures));
    }
    Ok(())
}

/// What postmap(1) reads and writes.
struct Files {
    source: PathBuf,
    keys: PathBuf,
    answers: PathBuf,
    count: u64,
    lookups: u64,
}

impl Files {
    fn write(root: &Path, kind: &Kind, entries: u64) -> std::io::Result<Files> {
        let (count, lookups) = if kind.rules { (RULES, RULE_LOOKUPS) } else { (entries, entries) };
        let files = Files {
            source: root.join("table"),
            keys: root.join("keys"),
            answers: root.join("answers"),
            count,
            lookups,
        };
        let mut text = String::new();
        for n in shuffled(count, 7919) {
            let _ = writeln!(text, "{}", (kind.entry)(n));
        }
        std::fs::write(&files.source, &text)?;
        // The reference waits until a text table is a few seconds old, so that it has all of it.
        let old = SystemTime::now() - Duration::from_secs(3600);
        File::options().write(true).open(&files.source)?.set_modified(old)?;
        text.clear();
        // Every tenth is not there.
        for (at, n) in shuffled(lookups, 104_729).enumerate() {
            let n = if at % 10 == 0 { count + 7 } else { n % count };
            let _ = writeln!(text, "{}", (kind.key)(n));
        }
        std::fs::write(&files.keys, &text)?;
        Ok(files)
    }
}

/// All numbers below `count`, in another order; `step` is a prime that does not divide it.
fn shuffled(count: u64, step: u64) -> impl Iterator<Item = u64> {
    (0..count).map(move |n| n.wrapping_mul(step) % count)
}

fn measure(mx: &Instance, kind: &Kind, files: &Files) -> Result<Figures, String> {
    let mut figures = Figures::default();
    let program = mx.subject.commands().join("postmap");
    let table = format!("{}:{}", kind.name, files.source.display());
    let timed = |script: &str| {
        let words = [
            "-c",
            script,
            "sh",
            &program.display().to_string(),
            &table,
            &files.keys.display().to_string(),
            &files.answers.display().to_string(),
        ];
        let (cpu, start) = (children_cpu(), Instant::now());
        let done = mx.run("/bin/sh", &words, b"");
        // The reference warns of hash and btree.
        let complains = done.err.lines().any(|line| !line.contains("warning: "));
        if done.code != 0 || complains {
            return Err(format!("postmap {table}: {done:?}"));
        }
        Ok((start.elapsed().as_secs_f64(), children_cpu() - cpu))
    };
    if kind.built {
        let (seconds, cpu) = timed("exec \"$1\" \"$2\"")?;
        figures.set("build s", seconds);
        figures.set("build CPU us/entry", cpu * 1e6 / files.count as f64);
    }
    let (seconds, cpu) = timed("\"$1\" -q - \"$2\" <\"$3\" >\"$4\"")?;
    figures.set("lookups s", seconds);
    figures.set("lookup CPU us each", cpu * 1e6 / files.lookups as f64);
    Ok(figures)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_comes_once() {
        for (count, step) in [(1_000_000, 7919), (RULES, 7919), (RULE_LOOKUPS, 104_729)] {
            let mut all: Vec<u64> = shuffled(count, step).collect();
            all.sort_unstable();
            assert!(all.iter().copied().eq(0..count), "{count}");
        }
    }
}
