//! Services that cannot start: the master tries them again and again, and nobody else notices.

use std::sync::Arc;
use std::time::Duration;

use super::Run;
use super::damage::good_mail;
use super::ledger::Ledger;
use super::load::settle;
use super::report::Row;
use super::sink::Sink;
use super::system::System;

pub fn run(run: &Run) -> Result<Vec<Row>, String> {
    let root = run.folder("crash")?;
    let (port, ledger) = (testkit::free_port(), Arc::new(Ledger::default()));
    let _sink = Sink::listen(port, &ledger, Duration::ZERO)?;
    let mut setup = System::setup(run, &root, port);
    for n in 0..10 {
        // spawn(8) without a command is fatal at the start; it is woken every second.
        setup = setup.master(&format!("crash{n} unix - n n 1 10 spawn"));
    }
    let system = System::create(run, setup);
    system.start()?;
    let count = run.amount(30, 100);
    good_mail(&system, &ledger, count as usize);
    settle(&ledger, Duration::from_secs(60));
    let mut row = Row::new("crash", "ten services that fail");
    row.audit(&ledger.audit(&[]));
    let (delays, _) = ledger.delays("good");
    let middle = delays.get(delays.len() / 2).copied().unwrap_or_default().as_secs_f64();
    let worst = delays.last().copied().unwrap_or_default().as_secs_f64();
    let failures = system.logged(&["postfix/master", "bad command startup"]);
    row.note(format!("{failures} failed starts, delay p50 {middle:.2} s, most {worst:.2} s"));
    row.gate(failures > 0, || "nothing has crashed".into());
    row.gate(worst <= 2.0, || format!("mail took {worst:.1} s"));
    system.stop();
    Ok(vec![row.print()])
}
