//! A disk without room, and one without inodes: mail piles up until it no longer fits. What was accepted stays, what does not
//! fit is refused for now, and with room again everything flows.

use std::sync::Arc;
use std::time::Duration;

use super::Run;
use super::disk::Memory;
use super::inject::afterwards;
use super::ledger::{Ledger, Told};
use super::load::{Kind, Load};
use super::report::Row;
use super::sink::Sink;
use super::system::System;

const CASES: [(&str, &str); 2] =
    [("no room", "size=3m,nr_inodes=100000"), ("no inodes", "size=200m,nr_inodes=120")];

pub fn run(run: &Run) -> Result<Vec<Row>, String> {
    let cases = CASES.iter().filter(|(name, _)| run.wants(name));
    cases.map(|(name, options)| one(run, name, options).map(Row::print)).collect()
}

fn one(run: &Run, name: &str, options: &str) -> Result<Row, String> {
    let root = run.folder(&format!("full-{name}"))?;
    let disk = Memory::mount(&root.join("spool"), options)?;
    let (port, ledger) = (testkit::free_port(), Arc::new(Ledger::default()));
    let system = System::create(run, System::setup(run, &root, port).main("message_size_limit = 1000000"));
    system.start()?;
    let kind = Kind {
        clients: 3,
        recipients: 2,
        sizes: (1000, 60_000),
        patience: Duration::from_secs(12),
        ..Kind::default()
    };
    let load = Load::start(&system, &ledger, "during", &kind, run.seed);
    std::thread::sleep(Duration::from_secs(u64::from(run.amount(6, 20))));
    load.stop();
    let mut row = Row::new("full", name);
    let (kept, refused) = (ledger.count(Told::Accepted), ledger.count(Told::Refused));
    row.note(format!("meanwhile {kept} accepted, {refused} refused"));
    row.gate(refused > 0, || "the disk has never been full".into());
    row.gate(system.mx.master_pid().is_some(), || "the master has ended".into());
    disk.resize("size=200m,nr_inodes=100000")?;
    let _sink = Sink::listen(port, &ledger, Duration::ZERO)?;
    afterwards(&system, &ledger, &mut row);
    row.audit(&ledger.audit(&[]));
    system.stop();
    drop(system);
    drop(disk);
    Ok(row)
}
