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
    let mut kib = 0;
    for pid in below(master) {
        let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
        let pss = text.lines().find_map(|l| l.strip_prefix("Pss:"));
        kib += pss.and_then(|v| v.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0);
    }
    kib as f64 / 1024.0
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
