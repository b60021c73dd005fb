//! The power goes: the file system under the queue, or under the mailboxes, is shut down while mail flows, mounted again,
//! and the mail system started again. Whatever a client was told before has to be there.
//!
//! All processes are stopped before the cut: a sync that is under way while the file system goes down may claim a success
//! that nobody would have heard of after a real cut. What the last case does shows that loss is seen.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::Run;
use super::disk::{Disk, Format};
use super::inject::Tracer;
use super::ledger::{Event, Ledger};
use super::load::{Kind, Load, settle};
use super::mailbox;
use super::random::Random;
use super::report::Row;
use super::sink::Sink;
use super::system::{Process, System, descendants, gone, signal};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Where {
    /// The queue is on the disk; what arrives elsewhere is asked.
    Queue,
    /// The mailboxes are.
    Mailboxes,
    /// Both are.
    Both,
}

struct Case {
    name: &'static str,
    format: Format,
    place: Where,
    domain: &'static str,
    submission: bool,
    /// Nobody receives until the last cut: every message has to survive in the queue.
    backlog: bool,
    /// Syncs do nothing: mail must be lost, or this tool sees nothing.
    control: bool,
}

const BASE: Case = Case {
    name: "",
    format: Format::Ext4,
    place: Where::Queue,
    domain: "sink.test",
    submission: false,
    backlog: false,
    control: false,
};

const CASES: [Case; 12] = [
    Case { name: "queue, ext4", ..BASE },
    Case { name: "queue, XFS", format: Format::Xfs, ..BASE },
    Case { name: "backlog, ext4", backlog: true, ..BASE },
    Case { name: "backlog, XFS", backlog: true, format: Format::Xfs, ..BASE },
    Case { name: "sendmail, ext4", submission: true, ..BASE },
    Case { name: "sendmail, XFS", submission: true, format: Format::Xfs, ..BASE },
    Case { name: "Maildir apart, ext4", place: Where::Mailboxes, domain: "box.test", ..BASE },
    Case {
        name: "Maildir apart, XFS",
        place: Where::Mailboxes,
        domain: "box.test",
        format: Format::Xfs,
        ..BASE
    },
    Case { name: "Maildir and queue, ext4", place: Where::Both, domain: "box.test", ..BASE },
    Case {
        name: "Maildir and queue, XFS",
        place: Where::Both,
        domain: "box.test",
        format: Format::Xfs,
        ..BASE
    },
    Case { name: "local Maildir apart, ext4", place: Where::Mailboxes, domain: "mx.test", ..BASE },
    Case { name: "control: syncs lie, ext4", control: true, backlog: true, ..BASE },
];

pub fn run(run: &Run) -> Result<Vec<Row>, String> {
    let quick = ["queue, ext4", "Maildir apart, ext4"];
    let skipped = |case: &Case| run.quick && run.cases.is_empty() && !quick.contains(&case.name);
    let cases = CASES.iter().filter(|case| run.wants(case.name) && !skipped(case));
    cases.map(|case| one(run, case).map(Row::print)).collect()
}

fn one(run: &Run, case: &Case) -> Result<Row, String> {
    let root = run.folder(&format!("power-{}", case.name))?;
    let mut disk = Disk::make(case.format, &root.join("disk.img"), &root.join("disk"))?;
    if case.place != Where::Mailboxes {
        disk.bind("spool", &root.join("spool"))?;
    }
    if case.place != Where::Queue {
        disk.bind("mail", &root.join("mail"))?;
    }
    let (port, ledger) = (testkit::free_port(), Arc::new(Ledger::default()));
    let delay = Duration::from_millis(20);
    let mut sink = if case.backlog { None } else { Some(Sink::listen(port, &ledger, delay)?) };
    let setup = System::setup(run, &root, port);
    let system = System::create(run, setup);
    super::system::tool("sync", &[])?;
    let mut random = Random::new(run.seed);
    let kind = Kind {
        clients: 3,
        pace: Duration::from_millis(10),
        recipients: 2,
        domain: case.domain,
        patience: Duration::from_secs(8),
        submission: case.submission,
        ..Kind::default()
    };
    let cuts = run.amount(2, 10);
    let mut events = Vec::new();
    let mut tracer = None;
    start(&system, case, &mut tracer)?;
    for cut in 0..cuts {
        let load = Load::start(&system, &ledger, &format!("cut{cut}"), &kind, run.seed + u64::from(cut));
        std::thread::sleep(Duration::from_secs_f64(0.8 + 2.5 * random.fraction()));
        load.halt();
        let stopped = freeze(&system);
        events.push(Event { when: SystemTime::now(), what: "power".into() });
        disk.cut()?;
        signal(&stopped, "KILL");
        drop(tracer.take());
        if !gone(&stopped, Duration::from_secs(10)) {
            return Err("processes survive SIGKILL".into());
        }
        load.stop();
        disk.replay()?;
        start(&system, case, &mut tracer)?;
    }
    if sink.is_none() {
        sink = Some(Sink::listen(port, &ledger, delay)?);
    }
    let left = system.drain(Duration::from_secs(120));
    if case.domain == "sink.test" {
        settle(&ledger, Duration::from_secs(3));
    } else {
        mailbox::read(&root.join("mail"), &ledger);
    }
    let audit = ledger.audit(&events);
    let mut row = Row::new("power", case.name);
    row.note(format!("{cuts} cuts, {} pairs", audit.pairs));
    if case.control {
        row.note(format!("lost {} of {}, as it must", audit.lost.len(), audit.pairs));
        row.gate(!audit.lost.is_empty(), || "a loss that was made is not seen".into());
    } else {
        row.audit(&audit);
    }
    row.gate(audit.accepted > 0, || "nothing was accepted".into());
    row.gate(left == 0, || format!("{left} files are still in the queue"));
    let corrupt = system.files("corrupt").len();
    row.gate(corrupt == 0 || case.control, || format!("{corrupt} files are corrupt"));
    let trouble = system.trouble();
    row.gate(trouble.is_empty(), || format!("{trouble:#?}"));
    drop(tracer);
    system.stop();
    if !row.failed.is_empty() {
        let kept = run.dir.join(format!("{}.log", case.name.replace([' ', ',', ':'], "-")));
        let _ = std::fs::write(&kept, system.mx.log().text());
        row.note(format!("its log: {}", kept.display()));
    }
    drop((sink, system, disk));
    Ok(row)
}

fn start(system: &System, case: &Case, tracer: &mut Option<Tracer>) -> Result<(), String> {
    system.start()?;
    if case.control {
        *tracer = Some(Tracer::attach(system, "fsync,fdatasync", "retval=0")?);
    }
    Ok(())
}

/// Stops every process of the instance, and commands that are on their way into it, so that none is missed and none is born.
fn freeze(system: &System) -> Vec<Process> {
    let mut all: Vec<Process> = Vec::new();
    all.extend(system.mx.master_pid().map(|pid| Process { pid, name: "master".into() }));
    signal(&all, "STOP");
    let here = i32::try_from(std::process::id()).unwrap_or(0);
    for _ in 0..2 {
        let commands =
            descendants(here).into_iter().filter(|p| ["sendmail", "postdrop"].contains(&p.name.as_str()));
        let new: Vec<Process> =
            system.processes().into_iter().chain(commands).filter(|p| !all.contains(p)).collect();
        signal(&new, "STOP");
        all.extend(new);
    }
    all
}
