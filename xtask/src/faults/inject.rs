//! System calls that fail, by strace: the error comes at the n-th call of a process and every m-th after it. Afterwards
//! everything that was promised must arrive, and new mail must flow.

use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use super::Run;
use super::ledger::{Ledger, Told};
use super::load::{Kind, Load, settle};
use super::report::Row;
use super::sink::Sink;
use super::system::System;

/// What fails, how, and when.
const CASES: [(&str, &str, &str, &str); 11] = [
    ("fsync EIO", "fsync,fdatasync", "EIO", "2+3"),
    ("write EIO", "write,writev,pwrite64", "EIO", "30+40"),
    ("write ENOSPC", "write,writev,pwrite64", "ENOSPC", "30+40"),
    ("write EDQUOT", "write,writev,pwrite64", "EDQUOT", "20+25"),
    ("read EIO", "read,pread64", "EIO", "40+60"),
    ("rename, unlink EIO", "rename,renameat,renameat2,unlink,unlinkat", "EIO", "3+7"),
    ("open, accept EMFILE", "open,openat,accept,accept4,socket", "EMFILE", "5+9"),
    ("open ENFILE", "open,openat", "ENFILE", "7+11"),
    ("open ENOSPC", "open,openat", "ENOSPC", "7+11"),
    ("memory ENOMEM", "brk,mmap,clone,clone3,epoll_ctl", "ENOMEM", "40+60"),
    ("chmod, lock EIO", "fchmod,chmod,flock,fcntl", "EIO", "9+17"),
];

pub fn run(run: &Run) -> Result<Vec<Row>, String> {
    let quick = ["fsync EIO", "open, accept EMFILE", "rename, unlink EIO"];
    let skipped = |name: &str| run.quick && run.cases.is_empty() && !quick.contains(&name);
    let cases = CASES.iter().filter(|(name, ..)| run.wants(name) && !skipped(name));
    cases.map(|case| one(run, *case).map(Row::print)).collect()
}

fn one(run: &Run, (name, calls, error, when): (&str, &str, &str, &str)) -> Result<Row, String> {
    let root = run.folder(&format!("inject-{name}"))?;
    let (port, ledger) = (testkit::free_port(), Arc::new(Ledger::default()));
    let _sink = Sink::listen(port, &ledger, Duration::ZERO)?;
    let system = System::create(run, System::setup(run, &root, port));
    system.start()?;
    let kind = Kind {
        clients: 3,
        recipients: 2,
        sizes: (1000, 60_000),
        patience: Duration::from_secs(12),
        ..Kind::default()
    };
    let tracer = Tracer::attach(&system, calls, &format!("error={error}:when={when}"))?;
    let load = Load::start(&system, &ledger, "during", &kind, run.seed);
    std::thread::sleep(Duration::from_secs(u64::from(run.amount(5, 20))));
    load.stop();
    let during = (ledger.count(Told::Accepted), ledger.count(Told::Refused), ledger.count(Told::Unknown));
    let alive = system.mx.master_pid().is_some();
    drop(tracer);
    let mut row = Row::new("inject", name);
    row.note(format!("meanwhile {} accepted, {} refused, {} unanswered", during.0, during.1, during.2));
    row.gate(alive, || "the master has ended".into());
    if !alive {
        system.start()?;
    }
    afterwards(&system, &ledger, &mut row);
    // A repeat has its reason: the call that failed may have been the mark's.
    let power = super::ledger::Event { when: std::time::UNIX_EPOCH, what: "power".into() };
    let mut audit = ledger.audit(&[power]);
    audit.unexplained.clear();
    row.audit(&audit);
    system.stop();
    Ok(row)
}

/// The trouble is over: what was promised arrives, and new mail is taken.
pub fn afterwards(system: &Arc<System>, ledger: &Arc<Ledger>, row: &mut Row) {
    let before = ledger.count(Told::Accepted);
    let kind = Kind { clients: 1, recipients: 1, ..Kind::default() };
    let load = Load::start(system, ledger, "after", &kind, 1);
    let end = std::time::Instant::now() + Duration::from_secs(60);
    while ledger.count(Told::Accepted) < before + 20 && std::time::Instant::now() < end {
        std::thread::sleep(Duration::from_millis(50));
    }
    load.stop();
    let after = ledger.count(Told::Accepted) - before;
    row.gate(after >= 20, || format!("only {after} messages were accepted afterwards"));
    let left = system.drain(Duration::from_secs(90));
    settle(ledger, Duration::from_secs(5));
    row.gate(left == 0, || format!("{left} files are still in the queue"));
    let trouble = system.trouble();
    row.gate(trouble.is_empty(), || format!("{trouble:#?}"));
}

/// An strace that changes the results of system calls of a whole instance.
pub struct Tracer(Child);

impl Tracer {
    /// `how` as in strace's option `-e inject=CALLS:HOW`. postlogd is left alone, so that there is a log.
    pub fn attach(system: &System, calls: &str, how: &str) -> Result<Tracer, String> {
        // A call that this machine's kernel does not have is no reason to do nothing ("?").
        let calls: Vec<String> = calls.split(',').map(|call| format!("?{call}")).collect();
        let calls = calls.join(",");
        let mut strace = Command::new("strace");
        strace.args(["-f", "-q", "-o", "/dev/null", "-e", "signal=none"]);
        strace.args(["-e", &format!("trace={calls}"), "-e", &format!("inject={calls}:{how}")]);
        let master = system.mx.master_pid().ok_or("no master runs")?;
        strace.args(["-p", &master.to_string()]);
        for process in system.processes().iter().filter(|p| p.name != "postlogd") {
            strace.args(["-p", &process.pid.to_string()]);
        }
        let strace = strace.stderr(Stdio::null()).spawn().map_err(|err| format!("strace: {err}"))?;
        let traced = || {
            let status = std::fs::read_to_string(format!("/proc/{master}/status")).unwrap_or_default();
            status.lines().any(|l| l.strip_prefix("TracerPid:").is_some_and(|v| v.trim() != "0"))
        };
        let tracer = Tracer(strace);
        testkit::eventually(|| traced().then_some(())).ok_or("strace does not attach")?;
        Ok(tracer)
    }
}

impl Drop for Tracer {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-INT", &self.0.id().to_string()]).status();
        if testkit::eventually(|| self.0.try_wait().ok().flatten()).is_none() {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }
}
