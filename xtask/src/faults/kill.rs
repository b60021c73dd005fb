//! Processes killed under load: daemons at random, the master, and the administrator's own reload, stop and start.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use super::Run;
use super::ledger::{Event, Ledger, Told};
use super::load::{Kind, Load};
use super::random::Random;
use super::report::Row;
use super::sink::Sink;
use super::system::{Process, System, signal};
use super::{mailbox, report};

/// What happens, and how often.
struct Case {
    name: &'static str,
    /// Programs that are killed; empty: all.
    only: &'static [&'static str],
    /// Mean seconds between kills; 0: none.
    every: f64,
    /// Mean seconds between reloads, and between stop and start; 0: never.
    reload: f64,
    restart: f64,
    domain: &'static str,
    /// Mean milliseconds between two messages of a sender.
    pace: u64,
    /// The most repeats for each kill.
    most: Option<f64>,
}

const BASE: Case = Case {
    name: "",
    only: &[],
    every: 0.25,
    reload: 0.0,
    restart: 0.0,
    domain: "sink.test",
    pace: 20,
    most: None,
};

/// What is under way when a process is killed grows with the load: a rate of repeats means something at a given rate of
/// messages only. This pace makes about 65 a second, as the measurements of Postfix were made at.
const PACE: u64 = 60;

const CASES: [Case; 7] = [
    Case { name: "any daemon", ..BASE },
    Case { name: "smtp and qmgr", only: &["smtp", "qmgr"], pace: PACE, most: Some(0.25), ..BASE },
    // Agents go on without the queue manager, and mark what they have delivered.
    Case { name: "qmgr", only: &["qmgr"], most: Some(0.0), ..BASE },
    Case {
        name: "virtual and qmgr",
        only: &["virtual", "qmgr"],
        domain: "box.test",
        most: Some(0.25),
        ..BASE
    },
    Case { name: "local and qmgr", only: &["local", "qmgr"], domain: "mx.test", most: Some(0.25), ..BASE },
    Case {
        name: "master, reload, restart",
        only: &["master"],
        every: 2.5,
        reload: 3.0,
        restart: 8.0,
        ..BASE
    },
    // Nothing is killed: what is under way is finished.
    Case { name: "reload", every: 0.0, reload: 0.5, most: Some(0.0), ..BASE },
];

pub fn run(run: &Run) -> Result<Vec<Row>, String> {
    let cases = CASES.iter().filter(|case| run.wants(case.name));
    cases.map(|case| one(run, case).map(Row::print)).collect()
}

fn one(run: &Run, case: &Case) -> Result<Row, String> {
    let root = run.folder(&format!("kill-{}", case.name))?;
    let (port, ledger) = (testkit::free_port(), Arc::new(Ledger::default()));
    let _sink = Sink::listen(port, &ledger, Duration::from_millis(50))?;
    let setup = System::setup(run, &root, port);
    let system = System::create(run, setup);
    system.start()?;
    let mut killer = Killer {
        system: &system,
        random: Random::new(run.seed),
        events: Vec::new(),
        kills: BTreeMap::new(),
        restarts: 0,
        reloads: 0,
    };
    let kind = Kind {
        domain: case.domain,
        pace: Duration::from_millis(case.pace),
        recipients: if case.domain == "mx.test" { 1 } else { 3 },
        ..Kind::default()
    };
    let load = Load::start(&system, &ledger, "kill", &kind, run.seed);
    let result = killer.work(case, Duration::from_secs(u64::from(run.amount(6, 40))));
    load.stop();
    result?;
    if system.mx.master_pid().is_none() {
        system.start()?;
    }
    let left = system.drain(Duration::from_secs(120));
    super::load::settle(&ledger, Duration::from_secs(5));
    if case.domain != "sink.test" {
        mailbox::read(&system.mx.root.join("mail"), &ledger);
    }
    let Killer { events, kills, restarts, reloads, .. } = killer;
    let audit = ledger.audit(&events);
    let mut row = report::Row::new("kill", case.name);
    row.audit(&audit);
    let total: usize = kills.values().sum();
    if total > 0 {
        row.note(format!("{total} kills"));
    }
    if restarts + reloads > 0 {
        row.note(format!("{restarts} restarts, {reloads} reloads"));
    }
    let rate = audit.repeated as f64 / total.max(1) as f64;
    if total > 0 {
        row.note(format!("{rate:.2} repeats a kill"));
    }
    if audit.unknown > 0 {
        row.note(format!("{} unanswered", audit.unknown));
    }
    // A handful of kills proves nothing about a rate.
    if let Some(most) = case.most.filter(|most| *most == 0.0 || total >= 50) {
        row.gate(rate <= most, || format!("{rate:.2} repeats a kill, more than {most}"));
    }
    row.gate(ledger.count(Told::Accepted) > 0, || "nothing was accepted".into());
    row.gate(left == 0, || format!("{left} files are still in the queue"));
    let trouble = system.trouble();
    row.gate(trouble.is_empty(), || format!("{trouble:#?}"));
    Ok(row)
}

struct Killer<'a> {
    system: &'a System,
    random: Random,
    events: Vec<Event>,
    kills: BTreeMap<String, usize>,
    restarts: usize,
    reloads: usize,
}

impl Killer<'_> {
    fn work(&mut self, case: &Case, time: Duration) -> Result<(), String> {
        let start = Instant::now();
        let next = |mean: f64, random: &mut Random| (mean > 0.0).then(|| Instant::now() + random.wait(mean));
        let mut kill = next(case.every, &mut self.random);
        let mut reload = next(case.reload, &mut self.random);
        let mut restart = next(case.restart, &mut self.random);
        let due = |at: &Option<Instant>| at.is_some_and(|at| at <= Instant::now());
        while start.elapsed() < time {
            let first = [kill, reload, restart].into_iter().flatten().min();
            let wait = first.map_or(time, |at| at.saturating_duration_since(Instant::now()));
            std::thread::sleep(wait.min(time.saturating_sub(start.elapsed())));
            if due(&reload) {
                self.system.command("postfix", &["reload"]);
                self.reloads += 1;
                reload = next(case.reload, &mut self.random);
            }
            if due(&restart) {
                self.event("stop");
                self.system.stop();
                self.event("stop");
                self.system.start()?;
                self.restarts += 1;
                restart = next(case.restart, &mut self.random);
            }
            if due(&kill) {
                self.kill(case.only)?;
                kill = next(case.every, &mut self.random);
            }
        }
        Ok(())
    }

    fn event(&mut self, what: &str) {
        self.events.push(Event { when: SystemTime::now(), what: what.to_owned() });
    }

    /// Kills one process: its program is chosen first, so that rare ones get their share.
    fn kill(&mut self, only: &[&str]) -> Result<(), String> {
        let mut by_name: BTreeMap<String, Vec<Process>> = BTreeMap::new();
        let master = self.system.mx.master_pid().map(|pid| Process { pid, name: "master".into() });
        let master = master.filter(|_| only.contains(&"master"));
        for process in self.system.processes().into_iter().chain(master) {
            if only.is_empty() || only.contains(&process.name.as_str()) {
                by_name.entry(process.name.clone()).or_default().push(process);
            }
        }
        let names: Vec<&String> = by_name.keys().collect();
        let Some(name) = self.random.pick(&names) else { return Ok(()) };
        let Some(process) = by_name.get(*name).and_then(|all| self.random.pick(all)) else { return Ok(()) };
        signal(std::slice::from_ref(process), "KILL");
        self.event(&process.name);
        *self.kills.entry(process.name.clone()).or_default() += 1;
        if process.name == "master" {
            self.system.start()?;
            self.restarts += 1;
        }
        Ok(())
    }
}
