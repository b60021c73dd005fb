//! A user of this machine who means harm: what he, and a program with the set-gid group's rights, must not be able to do; and
//! what he can put into maildrop, which must harm nobody.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, symlink};
use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use super::Run;
use super::damage::good_mail;
use super::idle::garbage;
use super::ledger::Ledger;
use super::load::settle;
use super::random::Random;
use super::report::Row;
use super::sink::{ID, Sink};
use super::system::System;

/// Folders of the queue: mode, whether the owner is the mail owner, whether the group is the set-gid one.
const FOLDERS: [(&str, u32, bool, bool); 15] = [
    ("", 0o755, false, false),
    ("pid", 0o755, false, false),
    ("maildrop", 0o730, true, true),
    ("public", 0o710, true, true),
    ("private", 0o700, true, false),
    ("active", 0o700, true, false),
    ("bounce", 0o700, true, false),
    ("corrupt", 0o700, true, false),
    ("defer", 0o700, true, false),
    ("deferred", 0o700, true, false),
    ("flush", 0o700, true, false),
    ("hold", 0o700, true, false),
    ("incoming", 0o700, true, false),
    ("saved", 0o700, true, false),
    ("trace", 0o700, true, false),
];

pub fn run(run: &Run) -> Result<Vec<Row>, String> {
    let root = run.folder("user")?;
    let (port, ledger) = (testkit::free_port(), Arc::new(Ledger::default()));
    let sink = Sink::listen(port, &ledger, Duration::ZERO)?;
    let system = System::create(run, System::setup(run, &root, port));
    system.start()?;
    let mut row = Row::new("user", "hostile local user");
    modes(run, &system, &mut row);
    let group = run.subject.postdrop().ok_or("there is no group postdrop")?;
    // The other user runs a copy of this program, where he can reach it.
    let program = root.join("attempts");
    let here = std::env::current_exe().map_err(|err| format!("this program's path: {err}"))?;
    fs::copy(&here, &program).map_err(|err| format!("{}: {err}", program.display()))?;
    let spool = system.mx.spool();
    let spool = spool.to_string_lossy();
    let processes: Vec<String> = system.processes().iter().map(|p| p.pid.to_string()).collect();
    let master = system.mx.master_pid().ok_or("no master runs")?.to_string();
    let mut args = vec!["attempts", &spool, &master];
    args.extend(processes.iter().map(String::as_str));
    let user = as_user(&program, 65534, &args)?;
    row.gate(user.is_empty(), || format!("any user could {user:?}"));
    let allowed = |what: &&String| what.starts_with("connect to public/") || **what == "create in maildrop";
    let did = as_user(&program, group, &args)?;
    let beyond: Vec<&String> = did.iter().filter(|what| !allowed(what)).collect();
    row.gate(beyond.is_empty(), || format!("the set-gid group could {beyond:?}"));
    row.gate(did.len() > beyond.len(), || "the set-gid group could not even submit".into());
    let planted = as_user(&program, group, &["plant", &spool])?.len();
    system.command("postqueue", &["-f"]);
    let sent = as_user(&program, group, &["garbage", &spool])?.len();
    row.note(format!(
        "{} attempts of the group allowed, {planted} plants in maildrop, {sent} sockets fed garbage",
        did.len()
    ));
    good_mail(&system, &ledger, 20);
    settle(&ledger, Duration::from_secs(60));
    let (delays, missing) = ledger.delays("good");
    let worst = delays.last().copied().unwrap_or_default().as_secs_f64();
    row.accepted = delays.len() + missing;
    row.lost = missing;
    row.note(format!("slowest delivery {worst:.1} s"));
    row.gate(missing == 0, || format!("{missing} good messages have not arrived"));
    row.gate(worst < 5.0, || format!("mail took {worst:.0} s"));
    row.gate(sink.smuggled() == 0, || format!("{} headers were smuggled in", sink.smuggled()));
    let trouble = system.trouble();
    row.gate(trouble.is_empty(), || format!("{trouble:#?}"));
    system.stop();
    Ok(vec![row.print()])
}

fn modes(run: &Run, system: &System, row: &mut Row) {
    let (who, group) = (&system.mx.who, run.subject.postdrop());
    for (name, mode, owned, grouped) in FOLDERS {
        let path = system.mx.spool().join(name);
        let Ok(meta) = fs::symlink_metadata(&path) else {
            row.gate(false, || format!("there is no folder {name}"));
            continue;
        };
        let fits = meta.mode() & 0o7777 == mode
            && meta.uid() == if owned { who.uid } else { 0 }
            && (!grouped || Some(meta.gid()) == group);
        row.gate(fits, || {
            format!("{name}: mode {:o}, user {}, group {}", meta.mode(), meta.uid(), meta.gid())
        });
    }
    let data = fs::metadata(system.mx.root.join("data")).map(|m| m.mode() & 0o077);
    let pid = fs::metadata(system.mx.spool().join("pid/master.pid")).map(|m| (m.uid(), m.mode() & 0o022));
    row.gate(matches!(pid, Ok((0, 0))), || format!("pid/master.pid: {pid:?}"));
    row.gate(data.is_ok(), || "there is no data folder".into());
}

/// Runs a task as nobody, with one group; the lines that it prints.
fn as_user(program: &Path, group: u32, task: &[&str]) -> Result<Vec<String>, String> {
    let done = Command::new("setpriv")
        .args(["--reuid=65534", &format!("--regid={group}"), "--clear-groups", "--"])
        .arg(program)
        .args(["faults", "--as-user"])
        .args(task)
        .output()
        .map_err(|err| format!("setpriv: {err}"))?;
    if !done.status.success() {
        return Err(format!("setpriv: {}", String::from_utf8_lossy(&done.stderr)));
    }
    Ok(String::from_utf8_lossy(&done.stdout).lines().map(str::to_owned).collect())
}

/// What the other user's copy of this program does; it prints what it managed to do.
pub fn attempts(task: &[&str]) {
    match task {
        ["attempts", spool, pids @ ..] => attempt(Path::new(spool), pids),
        ["plant", spool] => {
            println!("{}", vec!["plant"; plant(&Path::new(spool).join("maildrop"))].join("\n"))
        }
        ["garbage", spool] => {
            for socket in sockets(&Path::new(spool).join("public")) {
                if garbage(&socket, &mut Random::new(7)) > 0 {
                    println!("{}", socket.display());
                }
            }
        }
        _ => {}
    }
}

/// Names of sockets cannot be listed by everybody; they are known.
fn sockets(folder: &Path) -> Vec<std::path::PathBuf> {
    let known = [
        "bounce",
        "cleanup",
        "flush",
        "pickup",
        "postlog",
        "qmgr",
        "showq",
        "smtp",
        "local",
        "virtual",
        "rewrite",
        "defer",
        "trace",
        "proxymap",
        "proxywrite",
        "tlsmgr",
        "anvil",
        "verify",
        "retry",
        "error",
        "scache",
    ];
    known.iter().map(|name| folder.join(name)).collect()
}

fn attempt(spool: &Path, pids: &[&str]) {
    let did = |what: String, done: bool| {
        if done {
            println!("{what}");
        }
    };
    for (name, ..) in FOLDERS {
        let path = spool.join(name);
        if !["", "pid"].contains(&name) {
            did(format!("list {name}"), fs::read_dir(&path).is_ok());
        }
        did(format!("create in {name}"), File::create(path.join("xyz")).is_ok());
        let _ = fs::remove_file(path.join("xyz"));
    }
    for folder in ["public", "private"] {
        for socket in sockets(&spool.join(folder)) {
            let name = socket.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let stream = UnixStream::connect(&socket).is_ok();
            let datagram = UnixDatagram::unbound().and_then(|s| s.connect(&socket)).is_ok();
            did(format!("connect to {folder}/{name}"), stream || datagram);
        }
    }
    for pid in pids {
        let of = |what: &str| format!("/proc/{pid}/{what}");
        did(format!("read memory of {pid}"), File::open(of("mem")).is_ok());
        did(format!("read environment of {pid}"), fs::read(of("environ")).is_ok());
        did(format!("list descriptors of {pid}"), fs::read_dir(of("fd")).is_ok());
        let signalled = Command::new("kill").args(["-0", pid]).output();
        did(format!("signal {pid}"), signalled.is_ok_and(|o| o.status.success()));
    }
    let lock = spool.join("pid/master.pid");
    did("write the pid file".into(), OpenOptions::new().write(true).open(&lock).is_ok());
    did("read the pid file".into(), File::open(&lock).is_ok());
}

/// Hostile files in maildrop, as far as the set-gid group's rights go; gives how many.
fn plant(drop: &Path) -> usize {
    let mut random = Random::new(u64::from(std::process::id()));
    let mut name = || drop.join(format!("{:X}", random.number() >> 20));
    let put = |path: &Path, bytes: &[u8], mode: u32| -> std::io::Result<()> {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(bytes)?;
        file.set_permissions(fs::Permissions::from_mode(mode))
    };
    let mut count = 0;
    for bytes in contents() {
        count += usize::from(put(&name(), &bytes, 0o744).is_ok());
    }
    for target in ["/etc/shadow", "/dev/zero", "/proc/self/mem", "..", "/nonexistent"] {
        count += usize::from(symlink(target, name()).is_ok());
    }
    let fifo = Command::new("mkfifo").args(["-m", "744"]).arg(name()).status();
    count += usize::from(fifo.is_ok_and(|s| s.success()));
    count += usize::from(fs::create_dir(name()).is_ok());
    count += usize::from(fs::create_dir(drop.join("a".repeat(200))).is_ok());
    count += usize::from(UnixListener::bind(name()).is_ok());
    let sparse = name();
    count += usize::from(
        put(&sparse, b"", 0o744)
            .and_then(|()| OpenOptions::new().write(true).open(&sparse)?.set_len(1 << 40))
            .is_ok(),
    );
    count += usize::from(put(&name(), b"x", 0o4744).is_ok());
    let twice = name();
    let _ = put(&twice, b"T", 0o744);
    count += usize::from(fs::hard_link(&twice, name()).is_ok());
    for _ in 0..300 {
        count += usize::from(put(&name(), b"", 0o600).is_ok());
    }
    count
}

/// Files that look like mail, and want something else.
fn contents() -> Vec<Vec<u8>> {
    let record = |kind: u8, data: &[u8]| {
        let mut all = vec![kind];
        let mut rest = data.len();
        while rest > 0x7f {
            all.push((rest & 0x7f) as u8 | 0x80);
            rest >>= 7;
        }
        all.push(rest as u8);
        all.extend_from_slice(data);
        all
    };
    let now =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default().as_secs();
    let good = [
        record(b'T', now.to_string().as_bytes()),
        record(b'A', b"rewrite_context=local"),
        record(b'F', b"x"),
        record(b'S', b"from@sink.test"),
    ]
    .concat();
    let text = |id: &str| {
        let header = format!("{ID}: plant-{id}");
        [
            record(b'M', b""),
            record(b'N', header.as_bytes()),
            record(b'N', b""),
            record(b'X', b""),
            record(b'E', b""),
        ]
        .concat()
    };
    let to = record(b'R', b"u1@sink.test");
    vec![
        Vec::new(),
        b"T".to_vec(),
        vec![0xff; 50],
        Random::new(3).bytes(3000),
        good.clone(),
        [good.clone(), record(b'R', b"evil@sink.test")].concat(),
        [good.clone(), record(b'R', b"evil@sink.test\nX-Evil: 1"), text("newline")].concat(),
        [record(b'C', &[b'9'; 60]), good.clone(), text("size")].concat(),
        [good.clone(), b"p\x11          9999999".to_vec(), text("pointer")].concat(),
        [good.clone(), b"p\x0f             0\0".to_vec()].concat(),
        [good.clone(), record(b'L', b"smtp:[127.0.0.1]:1"), to.clone(), text("filter")].concat(),
        [good.clone(), record(b'A', b"encoding=x\0y"), to.clone(), text("nul")].concat(),
        [good.clone(), record(b'A', b"create_time=99999999999"), to.clone(), text("time")].concat(),
        [good.clone(), b"\0\x05abcde".to_vec(), to.clone(), text("type")].concat(),
        [good.clone(), record(b'R', b"r@sink.test").repeat(5000)].concat(),
        [good, record(b'N', &[b'x'; 3000]).repeat(50)].concat(),
    ]
}
