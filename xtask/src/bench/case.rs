//! One case, and one run of it.

use std::time::{Duration, Instant};

use testkit::{Instance, Subject};

use super::disk::Disk;

/// One row of the benchmark.
pub struct Case {
    pub name: &'static str,
    /// What it measures, in a line.
    pub about: &'static str,
    /// Messages (or sessions, or recipients, or files) that the figures are divided by.
    pub messages: u64,
    pub sessions: u32,
    /// Bytes of a message.
    pub size: u32,
    /// Lines of main.cf.
    pub main: &'static str,
    /// Whether an smtp-sink takes mail for all domains.
    pub sink: bool,
    /// Too long to be run without being named.
    pub long: bool,
    pub run: fn(&Bench) -> Result<Figures, String>,
}

impl Case {
    /// Whether the names on the command line mean this one.
    pub fn is_wanted(&self, names: &[&String]) -> bool {
        let named =
            |name: &&&String| if self.long { self.name == **name } else { self.name.contains(**name) };
        names.iter().any(|name| named(&name)) || (names.is_empty() && !self.long)
    }
}

/// One run of one case on one side.
pub struct Bench<'a> {
    pub disk: &'a Disk,
    pub subject: &'a Subject,
    pub case: &'a Case,
    /// main.cf lines of the command line.
    pub extra: &'a [String],
    /// Whether system calls are counted, in a second pass.
    pub traced: bool,
}

impl Bench<'_> {
    /// An instance with the case's configuration, not yet running.
    pub fn create(&self, more: &str) -> Result<Instance, String> {
        let mut setup = Instance::new(self.subject.clone()).root(self.disk.fresh()?).main(self.case.main);
        if !more.is_empty() {
            setup = setup.main(more);
        }
        for line in self.extra {
            setup = setup.main(line);
        }
        Ok(setup.create())
    }

    /// The log must show a healthy run.
    pub fn healthy(&self, mx: &Instance) -> Result<(), String> {
        let trouble = mx.log().trouble();
        if trouble.is_empty() { Ok(()) } else { Err(format!("{trouble:#?}")) }
    }
}

/// What one run of one case showed: figures by name, in the order of the table.
#[derive(Clone, Debug, Default)]
pub struct Figures(Vec<(&'static str, f64)>);

impl Figures {
    pub fn set(&mut self, name: &'static str, value: f64) {
        self.0.push((name, value));
    }

    pub fn get(&self, name: &str) -> Option<f64> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }

    pub fn names(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.0.iter().map(|(name, _)| *name)
    }
}

/// Messages a second.
pub const RATE: &str = "msg/s";
/// CPU of all processes below master.
pub const CPU: &str = "CPU ms/msg";
/// Context switches.
pub const SWITCHES: &str = "switches/msg";
/// System calls.
pub const CALLS: &str = "calls/msg";
/// Proportional memory of all processes.
pub const MEMORY: &str = "PSS MiB";

/// Waits until all of the queues are empty.
pub fn drained(mx: &Instance, queues: &[&str]) -> Result<(), String> {
    let empty = || queues.iter().all(|queue| is_empty(&mx.spool().join(queue)));
    wait(empty).ok_or_else(|| format!("{queues:?} do not become empty"))
}

/// Polls often, for ten minutes at most: some cases are long.
pub fn wait(mut condition: impl FnMut() -> bool) -> Option<()> {
    let end = Instant::now() + Duration::from_secs(600);
    while Instant::now() < end {
        if condition() {
            return Some(());
        }
        std::thread::sleep(Duration::from_millis(3));
    }
    None
}

/// Whether no file is in or below a folder; ends at the first.
fn is_empty(folder: &std::path::Path) -> bool {
    std::fs::read_dir(folder).into_iter().flatten().flatten().all(|entry| match entry.file_type() {
        Ok(kind) => kind.is_dir() && is_empty(&entry.path()),
        Err(_) => true,
    })
}
