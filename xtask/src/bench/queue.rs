//! Long queues: files are made by the bench itself, as copies of a message that the subject deferred.

use std::fs::{self, File, FileTimes};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use testkit::Instance;

use super::case::{Bench, Figures, drained, wait};
use super::load::{command_seconds, source};
use super::meter;

pub const LIST: &str = "postqueue -p s";
pub const JSON: &str = "postqueue -j s";
pub const START: &str = "postfix start s";
pub const FIRST: &str = "start to new mail s";
pub const FIRST_DUE: &str = "start to first due s";
pub const FLUSH: &str = "flush s";
pub const DELETE: &str = "postsuper -d ALL s";
pub const QMGR: &str = "qmgr PSS MiB";

/// Deferred messages with their logs: everything that an administrator does to them.
pub fn deferred(bench: &Bench) -> Result<Figures, String> {
    let mx = bench.create("")?;
    let sample = Sample::take(&mx)?;
    let mut figures = Figures::default();
    sample.fill(&mx, bench.case.messages, Due::Later, true)?;
    let (start, first) = start(&mx)?;
    figures.set(START, start);
    figures.set(FIRST, first);
    figures.set(LIST, command_seconds(&mx, "postqueue", &["-p"])?);
    figures.set(JSON, command_seconds(&mx, "postqueue", &["-j"])?);

    deliver_all(&mx)?;
    let flush = Instant::now();
    expect(&mx, "postqueue", &["-f"])?;
    drained(&mx, &["deferred", "active", "incoming"])?;
    figures.set(FLUSH, flush.elapsed().as_secs_f64());

    sample.fill(&mx, bench.case.messages, Due::Later, true)?;
    figures.set(DELETE, command_seconds(&mx, "postsuper", &["-d", "ALL"])?);
    drained(&mx, &["deferred", "defer"])?;

    mx.stop();
    sample.fill(&mx, bench.case.messages, Due::Now, true)?;
    let lines = sent(&mx);
    let due = Instant::now();
    expect(&mx, "postfix", &["start"])?;
    wait(|| sent(&mx) > lines).ok_or("nothing is delivered after the start")?;
    figures.set(FIRST_DUE, due.elapsed().as_secs_f64());
    drained(&mx, &["deferred", "active", "incoming"])?;
    figures.set("start to all delivered s", due.elapsed().as_secs_f64());
    bench.healthy(&mx)?;
    Ok(figures)
}

/// So many deferred files that walking over them takes time.
pub fn million(bench: &Bench) -> Result<Figures, String> {
    let mx = bench.create("")?;
    let sample = Sample::take(&mx)?;
    let mut figures = Figures::default();
    sample.fill(&mx, bench.case.messages, Due::Later, false)?;
    let (start, first) = start(&mx)?;
    figures.set(START, start);
    figures.set(FIRST, first);
    let master = mx.master_pid().ok_or("no master runs")?;
    let qmgr = meter::named(master, "qmgr").into_iter().max_by(f64::total_cmp).ok_or("no qmgr runs")?;
    figures.set(QMGR, qmgr);
    bench.healthy(&mx)?;
    mx.stop();
    // A million files more would not fit beside these.
    fs::remove_dir_all(mx.spool()).map_err(|err| format!("remove the queue: {err}"))?;
    Ok(figures)
}

/// Starts, and sends a new message as soon as that is possible. Seconds of the command, and until the message is
/// delivered.
fn start(mx: &Instance) -> Result<(f64, f64), String> {
    let begun = Instant::now();
    expect(mx, "postfix", &["start"])?;
    let start = begun.elapsed().as_secs_f64();
    source(mx, &["-s", "1", "-m", "1"], "new@near.test")?;
    let is_sent =
        || mx.log().text().lines().any(|l| l.contains("new@near.test") && l.contains("status=sent"));
    wait(is_sent).ok_or("new mail is not delivered")?;
    Ok((start, begun.elapsed().as_secs_f64()))
}

/// Deferred mail can go from now on.
fn deliver_all(mx: &Instance) -> Result<(), String> {
    let path = mx.etc().join("main.cf");
    let text = fs::read_to_string(&path).map_err(|err| format!("{}: {err}", path.display()))?;
    let text = text.replace("far.test = smtp:[127.0.0.1]:1", "far.test = discard:");
    fs::write(&path, text).map_err(|err| format!("{}: {err}", path.display()))?;
    expect(mx, "postfix", &["reload"])?;
    mx.log().wait(&["reload -- version"]);
    // The queue manager that knew the old configuration has gone when a message takes the new way.
    source(mx, &["-s", "1", "-m", "1"], "reloaded@far.test")?;
    let is_sent =
        || mx.log().text().lines().any(|l| l.contains("reloaded@far.test") && l.contains("status=sent"));
    wait(is_sent).ok_or_else(|| "the new configuration does not work".into())
}

fn expect(mx: &Instance, program: &str, args: &[&str]) -> Result<(), String> {
    let done = mx.run(program, args, b"");
    if done.code == 0 { Ok(()) } else { Err(format!("{program} {args:?}: {done:?}")) }
}

fn sent(mx: &Instance) -> usize {
    mx.log().lines(&["@far.test", "status=sent"]).len()
}

/// When messages are to be tried again.
#[derive(Clone, Copy, PartialEq)]
enum Due {
    Now,
    Later,
}

/// A deferred message of the subject's own making.
struct Sample {
    message: Vec<u8>,
    log: Vec<u8>,
}

impl Sample {
    /// Lets the subject defer one message; leaves it stopped, with an empty queue.
    fn take(mx: &Instance) -> Result<Sample, String> {
        mx.start();
        source(mx, &["-s", "1", "-m", "1"], "to@far.test")?;
        let file = |queue: &str| files(&mx.spool().join(queue)).into_iter().next();
        wait(|| file("deferred").is_some() && file("active").is_none()).ok_or("no message is deferred")?;
        mx.stop();
        let take = |queue: &str| {
            let path = file(queue).ok_or_else(|| format!("nothing is in {queue}"))?;
            let bytes = fs::read(&path).map_err(|err| format!("{}: {err}", path.display()))?;
            fs::remove_file(&path).map_err(|err| format!("{}: {err}", path.display()))?;
            Ok::<_, String>(bytes)
        };
        Ok(Sample { message: take("deferred")?, log: take("defer")? })
    }

    /// Makes `count` copies with good names, and their logs where these are wanted.
    fn fill(&self, mx: &Instance, count: u64, due: Due, logs: bool) -> Result<(), String> {
        let spool = mx.spool();
        let at = match due {
            Due::Now => SystemTime::now() - Duration::from_secs(60),
            Due::Later => SystemTime::now() + Duration::from_secs(7200),
        };
        for queue in ["deferred", "defer"] {
            for digit in "0123456789ABCDEF".chars() {
                let folder = spool.join(queue).join(digit.to_string());
                fs::create_dir_all(&folder).map_err(|err| format!("{}: {err}", folder.display()))?;
                fs::set_permissions(&folder, fs::Permissions::from_mode(0o700))
                    .and_then(|()| own(mx, &folder))
                    .map_err(|err| format!("{}: {err}", folder.display()))?;
            }
        }
        for number in 0..count {
            self.copy(mx, &spool, number, at, logs).map_err(|err| format!("make a queue file: {err}"))?;
        }
        Ok(())
    }

    /// A queue id is five digits for microseconds, and the file's inode.
    fn copy(
        &self,
        mx: &Instance,
        spool: &Path,
        number: u64,
        at: SystemTime,
        logs: bool,
    ) -> std::io::Result<()> {
        let temporary = spool.join("deferred/bench");
        let mut file = File::create(&temporary)?;
        file.write_all(&self.message)?;
        file.set_permissions(fs::Permissions::from_mode(0o700))?;
        own(mx, &temporary)?;
        file.set_times(FileTimes::new().set_accessed(at).set_modified(at))?;
        // Spread over the folders, as the microseconds of real mail are.
        let id = format!("{:05X}{:X}", number * 7919 % 1_000_000, file.metadata()?.ino());
        let place = |queue: &str| spool.join(queue).join(id.get(..1).unwrap_or("0")).join(&id);
        fs::rename(&temporary, place("deferred"))?;
        if logs {
            fs::write(place("defer"), &self.log)?;
            fs::set_permissions(place("defer"), fs::Permissions::from_mode(0o600))?;
            own(mx, &place("defer"))?;
        }
        Ok(())
    }
}

fn own(mx: &Instance, path: &Path) -> std::io::Result<()> {
    chown(path, Some(mx.who.uid), Some(mx.who.gid))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => found.extend(files(&entry.path())),
            _ => found.push(entry.path()),
        }
    }
    found
}
