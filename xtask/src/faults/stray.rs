//! Files that have no business in a queue directory, of any name and any kind: the mail system starts all the same (also with
//! a log that only root may write), lists its queue, and delivers.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt, chown, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::Run;
use super::damage::some_load;
use super::ledger::Ledger;
use super::load::settle;
use super::report::Row;
use super::sink::Sink;
use super::system::{System, tail, tool};

const FOLDERS: [&str; 14] = [
    "maildrop", "incoming", "active", "deferred", "hold", "corrupt", "defer", "bounce", "trace", "flush",
    "saved", "pid", "public", "private",
];

pub fn run(run: &Run) -> Result<Vec<Row>, String> {
    let root = run.folder("stray")?;
    let (port, ledger) = (testkit::free_port(), Arc::new(Ledger::default()));
    let _sink = Sink::listen(port, &ledger, Duration::ZERO)?;
    let system = System::create(run, System::setup(run, &root, port));
    let mut row = Row::new("stray", "start");
    system.start()?;
    system.stop();
    // As distributions have it: the log is root's.
    let log = root.join("log/maillog");
    let own = |path: &Path, mode| {
        chown(path, Some(0), Some(0))?;
        fs::set_permissions(path, fs::Permissions::from_mode(mode))
    };
    own(&log, 0o600)
        .and_then(|()| own(&root.join("log"), 0o755))
        .map_err(|err| format!("{}: {err}", log.display()))?;
    let mut planted = 0;
    for folder in FOLDERS {
        planted +=
            plant(&system, &system.mx.spool().join(folder)).map_err(|err| format!("{folder}: {err}"))?;
    }
    row.note(format!("{planted} strange files in {} folders", FOLDERS.len()));
    let before = system.mx.log().text().len();
    for round in 1..=2 {
        if let Err(why) = system.start() {
            row.gate(false, || format!("start {round}: {why}"));
            return Ok(vec![row.print()]);
        }
        some_load(&system, &ledger, Duration::from_secs(u64::from(run.amount(2, 5))), run.seed + round);
        for (name, args) in
            [("postqueue", &["-p"][..]), ("postqueue", &["-j"]), ("postqueue", &["-f"]), ("postsuper", &[])]
        {
            let done = system.command(name, args);
            row.gate(done.code == 0, || format!("{name} {args:?}: {done:?}"));
        }
        let reload = system.command("postfix", &["reload"]);
        row.gate(reload.code == 0, || format!("postfix reload: {reload:?}"));
        settle(&ledger, Duration::from_secs(30));
        system.stop();
    }
    row.audit(&ledger.audit(&[]));
    let text = system.mx.log().text();
    let new = text.get(before..).unwrap_or("");
    let fatal: Vec<&str> = new.lines().filter(|l| l.contains(" fatal: ") || l.contains(" panic: ")).collect();
    row.gate(fatal.is_empty(), || tail(&fatal.join("\n")));
    row.note(format!("{} warnings", new.lines().filter(|l| l.contains(" warning: ")).count()));
    Ok(vec![row.print()])
}

/// Everything strange that a folder can hold; gives how much.
fn plant(system: &System, folder: &Path) -> std::io::Result<usize> {
    let who = &system.mx.who;
    let long = [b'n'; 255];
    let names: [&[u8]; 16] = [
        b"\xff\xfe\x80",
        b"two\nlines",
        &long,
        b"..hidden",
        b"-rf",
        b"core",
        b"A",
        b"with space",
        b"%s%n%s",
        b"123456.99999",
        b"4E1F2AAAAAA",
        b"4cZvBS0000zzzz",
        b"0000000000",
        b"#lock#",
        b"\x01\x02\x1b[31m",
        "gr\u{fc}\u{df}e".as_bytes(),
    ];
    let mut count = 0;
    for (n, name) in names.iter().enumerate() {
        let path = folder.join(OsStr::from_bytes(name));
        if path.exists() {
            continue;
        }
        let mode = [0o600, 0o700, 0o000, 0o666][n % 4];
        File::options().write(true).create_new(true).mode(0o600).open(&path)?;
        if n % 3 > 0 {
            fs::write(&path, random_text(n))?;
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(mode))?;
        if n % 2 == 0 {
            chown(&path, Some(who.uid), Some(who.gid))?;
        }
        count += 1;
    }
    let mut special = |name: &str, make: &dyn Fn(&Path) -> std::io::Result<()>| {
        count += usize::from(make(&folder.join(name)).is_ok());
    };
    special("a-folder", &|p| fs::create_dir(p));
    special("B", &|p| {
        fs::create_dir(p)?;
        fs::write(p.join("B123456789"), b"x")?;
        fs::write(p.join("odd\nname"), b"x")
    });
    special("C", &|p| {
        fs::create_dir(p)?;
        fs::set_permissions(p, fs::Permissions::from_mode(0o000))
    });
    special("D123456789", &|p| fs::create_dir(p));
    special("dangling", &|p| symlink("/nonexistent", p));
    special("E123456789", &|p| symlink("/etc/passwd", p));
    special("loop", &|p| symlink("loop", p));
    special("F123456789", &|p| {
        tool("mkfifo", &[&p.to_string_lossy()]).map(drop).map_err(std::io::Error::other)
    });
    special("a-socket", &|p| UnixListener::bind(p).map(drop));
    special("huge", &|p| File::create(p)?.set_len(1 << 40));
    Ok(count)
}

fn random_text(n: usize) -> Vec<u8> {
    super::random::Random::new(n as u64).bytes(n * 37)
}
