//! What an instance's processes have used, from outside.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Ticks a second of /proc's times.
const TICKS: f64 = 100.0;

/// CPU and context switches of a master and everything below it.
#[derive(Default)]
pub struct Usage {
    pub cpu_seconds: f64,
    pub switches: u64,
}

impl Usage {
    pub fn of(master: i32) -> Usage {
        let mut usage = Usage::default();
        for pid in below(master) {
            usage.cpu_seconds += cpu(pid).unwrap_or(0.0);
            usage.switches += switches(pid);
        }
        usage
    }

    pub fn since(&self, before: &Usage) -> Usage {
        Usage {
            cpu_seconds: self.cpu_seconds - before.cpu_seconds,
            switches: self.switches.saturating_sub(before.switches),
        }
    }
}

/// The master and its descendants.
fn below(master: i32) -> Vec<i32> {
    let mut parent: BTreeMap<i32, i32> = BTreeMap::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|n| n.parse().ok()) else { continue };
        if let Some(up) = stat(pid).and_then(|f| f.get(1)?.parse().ok()) {
            parent.insert(pid, up);
        }
    }
    let mut found = BTreeSet::from([master]);
    loop {
        let more: Vec<i32> = parent
            .iter()
            .filter(|(p, up)| found.contains(up) && !found.contains(p))
            .map(|(p, _)| *p)
            .collect();
        if more.is_empty() {
            return found.into_iter().collect();
        }
        found.extend(more);
    }
}

/// The fields of /proc/PID/stat from the state on.
fn stat(pid: i32) -> Option<Vec<String>> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let rest = text.get(text.rfind(')')? + 2..)?;
    Some(rest.split_whitespace().map(str::to_string).collect())
}

/// User and system time, of ended children too.
fn cpu(pid: i32) -> Option<f64> {
    let fields = stat(pid)?;
    let ticks: u64 = fields.get(11..15)?.iter().filter_map(|f| f.parse::<u64>().ok()).sum();
    Some(ticks as f64 / TICKS)
}

fn switches(pid: i32) -> u64 {
    let mut sum = 0;
    for task in fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten() {
        let text = fs::read_to_string(task.path().join("status")).unwrap_or_default();
        for line in text.lines().filter(|l| l.contains("ctxt_switches")) {
            sum += line.rsplit(char::is_whitespace).next().and_then(|n| n.parse::<u64>().ok()).unwrap_or(0);
        }
    }
    sum
}

/// MiB of proportional memory of all processes.
pub fn memory(master: i32) -> f64 {
    below(master).into_iter().map(pss).sum::<u64>() as f64 / 1024.0
}

/// MiB of proportional memory of each process that runs this program.
pub fn named(master: i32, program: &str) -> Vec<f64> {
    let runs = |pid: &i32| name(*pid) == program;
    below(master).into_iter().filter(runs).map(|pid| pss(pid) as f64 / 1024.0).collect()
}

/// KiB that each process has in memory.
pub fn resident(master: i32) -> BTreeMap<i32, u64> {
    below(master).into_iter().map(|pid| (pid, status(pid, "VmRSS:"))).collect()
}

/// MiB by which any process has ever been larger than it was at `idle`; one that is new, than another of its program.
pub fn peak_over(master: i32, idle: &BTreeMap<i32, u64>) -> f64 {
    let peak = |pid: i32| {
        let known = idle.get(&pid).copied();
        let like = || idle.iter().filter(|(other, _)| name(**other) == name(pid)).map(|(_, kib)| *kib).min();
        status(pid, "VmHWM:").saturating_sub(known.or_else(like).unwrap_or(0))
    };
    below(master).into_iter().map(peak).max().unwrap_or(0) as f64 / 1024.0
}

/// Seconds of CPU of all children of this process that have ended.
pub fn children_cpu() -> f64 {
    let pid = i32::try_from(std::process::id()).unwrap_or(0);
    let ticks = stat(pid)
        .and_then(|f| Some(f.get(13..15)?.iter().filter_map(|f| f.parse::<u64>().ok()).sum::<u64>()));
    ticks.unwrap_or(0) as f64 / TICKS
}

fn name(pid: i32) -> String {
    fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default().trim_end().to_string()
}

/// A field of /proc/PID/status, in KiB.
fn status(pid: i32, field: &str) -> u64 {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    kib(&text, field)
}

fn pss(pid: i32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    kib(&text, "Pss:")
}

fn kib(text: &str, field: &str) -> u64 {
    let value = text.lines().find_map(|line| line.strip_prefix(field));
    value.and_then(|v| v.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

/// System calls that all processes make while `work` runs.
pub fn calls(master: i32, work: impl FnOnce() -> Result<(), String>) -> Result<u64, String> {
    let summary = std::env::temp_dir().join(format!("ferropost-strace-{}", std::process::id()));
    let mut strace = Command::new("strace");
    strace.args(["-f", "-c", "-q", "-o"]).arg(&summary).stderr(Stdio::null());
    for pid in below(master) {
        strace.args(["-p", &pid.to_string()]);
    }
    let mut strace = strace.spawn().map_err(|err| format!("strace: {err}"))?;
    std::thread::sleep(Duration::from_secs(2));
    let done = work();
    let _ = Command::new("kill").args(["-INT", &strace.id().to_string()]).status();
    let _ = strace.wait();
    done?;
    let text = fs::read_to_string(&summary).map_err(|err| format!("strace's summary: {err}"))?;
    let _ = fs::remove_file(&summary);
    let total = text.lines().rev().find(|l| l.trim_end().ends_with("total")).unwrap_or("");
    total.split_whitespace().nth(3).and_then(|n| n.parse().ok()).ok_or(format!("strace's summary: {text}"))
}
