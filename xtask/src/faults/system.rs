//! A mail system that is to suffer: an instance, its processes, its queue.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use testkit::{Instance, Setup};

use super::Run;

/// Queues whose complete files are somebody's mail.
pub const MAIL_QUEUES: [&str; 4] = ["maildrop", "incoming", "active", "deferred"];

pub struct System {
    pub mx: Instance,
}

/// A process below the master.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    pub pid: i32,
    pub name: String,
}

impl System {
    /// The configuration of an instance in `root` that sends everything to `sink` on this machine, tries again soon, and
    /// has mailboxes `u0@box.test` (Maildir) and `m0@box.test` (file) and so on below `ROOT/mail`. `u0@mx.test` and so on are
    /// users of this machine.
    pub fn setup(run: &Run, root: &Path, sink: u16) -> Setup {
        let (uid, gid) = (run.subject.who().uid, run.subject.who().gid);
        let user = run.subject.who().user;
        let boxes: Vec<String> = (0..8)
            .map(|n| format!("{{u{n}@box.test = u{n}/Maildir/}}, {{m{n}@box.test = m{n}.mbox}}"))
            .collect();
        let mut setup = Instance::new(run.subject.clone()).root(root).main(&format!(
            "relayhost = [127.0.0.1]:{sink}\nlocal_recipient_maps =\nqueue_run_delay = 5s\n\
             minimal_backoff_time = 5s\nmaximal_backoff_time = 10s\nservice_throttle_time = 2s\nipc_timeout = 60s\n\
             smtpd_error_sleep_time = 0\nsmtpd_client_connection_rate_limit = 0\n\
             default_destination_concurrency_failed_cohort_limit = 100\n\
             virtual_mailbox_domains = box.test\nvirtual_mailbox_base = {}/mail\n\
             virtual_mailbox_maps = inline:{{{}}}\nvirtual_uid_maps = static:{uid}\n\
             virtual_gid_maps = static:{gid}\nrecipient_delimiter = +\n\
             virtual_alias_maps = inline:{{{{u0@mx.test = {user}@mx.test}}, {{u1@mx.test = nobody@mx.test}}, \
             {{u2@mx.test = {user}+2@mx.test}}}}",
            root.display(),
            boxes.join(", ")
        ));
        for line in &run.extra {
            setup = setup.main(line);
        }
        setup
    }

    /// Writes the instance's files; starts nothing.
    pub fn create(run: &Run, setup: Setup) -> Arc<System> {
        let mut mx = setup.create();
        if run.keep {
            mx.keep_files();
        }
        Arc::new(System { mx })
    }

    /// Starts it. What is left of a killed master may hold its lock for a moment.
    pub fn start(&self) -> Result<(), String> {
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            let started = self.command("postfix", &["start"]);
            if started.code == 0 {
                return self.answers(end);
            }
            if Instant::now() > end {
                return Err(format!("postfix start: {started:?}\n{}", tail(&self.mx.log().text())));
            }
            std::thread::sleep(Duration::from_millis(300));
        }
    }

    fn answers(&self, end: Instant) -> Result<(), String> {
        while std::net::TcpStream::connect(("127.0.0.1", self.mx.port)).is_err() {
            if Instant::now() > end {
                return Err(format!("it does not listen\n{}", tail(&self.mx.log().text())));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Stops it, and waits until its processes are gone.
    pub fn stop(&self) -> bool {
        let mut all = self.processes();
        all.extend(self.mx.master_pid().map(|pid| Process { pid, name: "master".into() }));
        self.command("postfix", &["stop"]);
        gone(&all, Duration::from_secs(20))
    }

    /// Runs one of its commands, for a minute at most: in the middle of a fault some wait for what never comes.
    pub fn command(&self, name: &str, args: &[&str]) -> testkit::Output {
        let plain = self.mx.subject.command(name);
        let done = Command::new("timeout")
            .args(["--kill-after=5", "60"])
            .arg(plain.get_program())
            .args(plain.get_args())
            .args(args)
            .env("MAIL_CONFIG", self.mx.etc())
            .stdin(Stdio::null())
            .output();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        match done {
            Ok(done) => testkit::Output {
                code: done.status.code().unwrap_or(-1),
                out: text(&done.stdout),
                err: text(&done.stderr),
            },
            Err(err) => testkit::Output { code: -1, out: String::new(), err: err.to_string() },
        }
    }

    /// The live descendants of this instance's master, and of it alone.
    pub fn processes(&self) -> Vec<Process> {
        self.mx.master_pid().map(descendants).unwrap_or_default()
    }

    /// Every file of a queue.
    pub fn files(&self, queue: &str) -> Vec<PathBuf> {
        let mut found = Vec::new();
        walk(&self.mx.spool().join(queue), &mut found);
        found
    }

    /// Complete queue files that are not done with. Without the owner's execute bit a file was never finished, and nobody
    /// was promised anything.
    pub fn waiting(&self) -> usize {
        let files = MAIL_QUEUES.iter().flat_map(|queue| self.files(queue));
        files.filter(|f| fs::metadata(f).is_ok_and(|m| m.permissions().mode() & 0o100 != 0)).count()
    }

    /// Flushes until no mail waits; gives what is left in the end.
    pub fn drain(&self, limit: Duration) -> usize {
        let end = Instant::now() + limit;
        let mut flushed: Option<Instant> = None;
        loop {
            let left = self.waiting();
            if left == 0 || Instant::now() > end {
                return left;
            }
            if flushed.is_none_or(|at| at.elapsed() > Duration::from_secs(3)) {
                self.command("postqueue", &["-f"]);
                flushed = Some(Instant::now());
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// Lines of the log that no fault excuses: panics, and programs that ended by a fault of their own.
    pub fn trouble(&self) -> Vec<String> {
        let text = self.mx.log().text();
        text.lines().filter(|line| is_trouble(line)).map(str::to_owned).collect()
    }

    /// How many lines of the log contain all of these.
    pub fn logged(&self, parts: &[&str]) -> usize {
        self.mx.log().lines(parts).len()
    }
}

impl Drop for System {
    /// Nothing of it goes on, whatever state it is in.
    fn drop(&mut self) {
        let Some(master) = self.mx.master_pid() else { return };
        self.command("postfix", &["stop"]);
        if self.mx.master_pid().is_some() {
            let mut all = descendants(master);
            all.push(Process { pid: master, name: "master".into() });
            signal(&all, "KILL");
            gone(&all, Duration::from_secs(5));
        }
    }
}

fn is_trouble(line: &str) -> bool {
    let signals = [4, 6, 7, 8, 11, 31].map(|n| format!("signal {n}"));
    line.contains("panic:")
        || line.contains("panicked at")
        || signals.iter().any(|s| line.ends_with(s.as_str()))
}

/// The end of a log, for a complaint.
pub fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines.get(lines.len().saturating_sub(12)..).unwrap_or_default().join("\n")
}

/// The live descendants of a process.
pub fn descendants(root: i32) -> Vec<Process> {
    let mut all: BTreeMap<i32, (i32, String)> = BTreeMap::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|n| n.parse().ok()) else { continue };
        let Ok(text) = fs::read_to_string(entry.path().join("stat")) else { continue };
        let (Some(open), Some(close)) = (text.find('('), text.rfind(')')) else { continue };
        let mut rest = text.get(close + 2..).unwrap_or("").split(' ');
        let (state, parent) = (rest.next(), rest.next().and_then(|p| p.parse().ok()));
        if let (Some(parent), true) = (parent, state != Some("Z")) {
            all.insert(pid, (parent, text.get(open + 1..close).unwrap_or("").to_owned()));
        }
    }
    let below = |mut pid: i32| {
        while let Some((parent, _)) = all.get(&pid) {
            if *parent == root {
                return true;
            }
            pid = *parent;
        }
        false
    };
    let found = all.iter().filter(|(pid, _)| below(**pid));
    found.map(|(pid, (_, name))| Process { pid: *pid, name: name.clone() }).collect()
}

/// Sends a signal to all of them at once; those that are gone are no matter.
pub fn signal(processes: &[Process], name: &str) {
    if !processes.is_empty() {
        let pids = processes.iter().map(|p| p.pid.to_string());
        let _ = Command::new("kill").arg(format!("-{name}")).args(pids).stderr(Stdio::null()).status();
    }
}

/// Waits until processes are gone.
pub fn gone(processes: &[Process], limit: Duration) -> bool {
    let end = Instant::now() + limit;
    let lives = |p: &Process| {
        let stat = fs::read_to_string(format!("/proc/{}/stat", p.pid)).unwrap_or_default();
        let state = stat.rfind(')').and_then(|at| stat.get(at + 2..at + 3));
        state.is_some_and(|state| state != "Z")
    };
    while processes.iter().any(lives) {
        if Instant::now() > end {
            return false;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    true
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|t| t.is_dir()) {
            walk(&entry.path(), found);
        } else {
            found.push(entry.path());
        }
    }
}

/// Runs a tool of the machine.
pub fn tool(name: &str, args: &[&str]) -> Result<String, String> {
    let done = Command::new(name).args(args).output().map_err(|err| format!("{name}: {err}"))?;
    if done.status.success() {
        return Ok(String::from_utf8_lossy(&done.stdout).into_owned());
    }
    Err(format!("{name} {}: {}", args.join(" "), String::from_utf8_lossy(&done.stderr).trim()))
}
