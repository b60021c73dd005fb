//! Damaged queue files: real ones cut short, with bits flipped, with lengths and pointers that lie, and noise. No daemon may
//! stop at one, and good mail must flow meanwhile.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Run;
use super::ledger::Ledger;
use super::load::{Kind, Load, Message, send_one};
use super::random::Random;
use super::report::Row;
use super::sink::Sink;
use super::system::System;

pub fn run(run: &Run) -> Result<Vec<Row>, String> {
    let cases = [("incoming", "incoming"), ("deferred", "deferred"), ("maildrop", "maildrop")];
    let cases = cases.iter().filter(|(name, _)| run.wants(name));
    cases.map(|(name, queue)| one(run, name, queue).map(Row::print)).collect()
}

fn one(run: &Run, name: &str, queue: &str) -> Result<Row, String> {
    let root = run.folder(&format!("damage-{name}"))?;
    let (port, ledger) = (testkit::free_port(), Arc::new(Ledger::default()));
    let system = System::create(run, System::setup(run, &root, port));
    system.start()?;
    let mut random = Random::new(run.seed);
    let seeds = seeds(&system, queue)?;
    let count = run.amount(200, if queue == "incoming" { 2000 } else { 400 });
    let mut damaged = BTreeSet::new();
    for n in 0..count {
        let Some(seed) = random.pick(&seeds).cloned() else { return Err("no files to damage".into()) };
        let bytes = spoil(&mut random, seed, n as usize);
        damaged.insert(plant(&system, queue, &bytes, &mut random)?);
    }
    let sink = Sink::listen(port, &ledger, Duration::ZERO)?;
    let start = Instant::now();
    system.start()?;
    good_mail(&system, &ledger, 50);
    let mut blockers = BTreeSet::new();
    let limit = Duration::from_secs(if run.quick { 60 } else { 180 });
    let mut poked = Instant::now();
    while start.elapsed() < limit {
        let busy = ["incoming", "active"].iter().any(|q| !system.files(q).is_empty());
        if !ledger.is_owed() && !busy {
            break;
        }
        std::thread::sleep(Duration::from_millis(300));
        if poked.elapsed() > Duration::from_secs(4) {
            system.command("postqueue", &["-f"]);
            poked = Instant::now();
        }
        remove_blockers(&system, &damaged, &mut blockers);
    }
    let (delays, missing) = ledger.delays("good");
    let middle = delays.get(delays.len() / 2).copied().unwrap_or_default().as_secs_f64();
    let mut row = Row::new("damage", &format!("{count} files in {name}"));
    // Damaged files that still are sound messages arrive as strangers; only the good ones are counted.
    row.accepted = delays.len() + missing;
    row.lost = missing;
    row.gate(missing == 0, || format!("{missing} good messages have not arrived"));
    row.note(format!("good mail p50 {middle:.2} s"));
    row.gate(middle <= 2.0, || format!("good mail took {middle:.1} s at the median"));
    let fatal = system.logged(&[" fatal: "]);
    row.note(format!(
        "{} files corrupt, {} fatal lines, {} blockers, {} arrivals of damaged",
        system.files("corrupt").len(),
        fatal,
        blockers.len(),
        sink.others().len()
    ));
    row.gate(blockers.is_empty(), || format!("{} files stop the queue", blockers.len()));
    let stuck = ["incoming", "active"].iter().map(|q| system.files(q).len()).sum::<usize>();
    row.gate(stuck == 0, || format!("{stuck} files are stuck"));
    let trouble = system.trouble();
    row.gate(trouble.is_empty(), || format!("{trouble:#?}"));
    if run.subject.is_ours() {
        row.gate(fatal == 0, || format!("{fatal} fatal lines"));
    }
    system.stop();
    Ok(row)
}

/// Good queue files of many kinds; the system is stopped, and its queue empty, when they are taken.
fn seeds(system: &Arc<System>, queue: &str) -> Result<Vec<Vec<u8>>, String> {
    if queue == "maildrop" {
        system.stop();
        for n in 0..6 {
            let message = Message {
                size: [200, 3000, 20_000][n % 3],
                ..Message::new(format!("seed-{n}"), "u0@sink.test")
            };
            let args = ["-f", "from@sink.test", "-N", "delay,failure", "u0@sink.test", "u1@sink.test"];
            let sent = system.mx.run("sendmail", &args, message.text().as_bytes());
            if sent.code != 0 {
                return Err(format!("sendmail: {sent:?}"));
            }
        }
    } else {
        // Nobody listens yet: what is sent is deferred.
        for n in 0..8 {
            let to = (0..=n % 4).map(|who| format!("u{who}@sink.test")).collect();
            let size = [200, 3000, 20_000][n % 3];
            let message = Message { to, size, ..Message::new(format!("seed-{n}"), "u0@sink.test") };
            send_one(system, &Ledger::default(), &message, Duration::from_secs(30));
        }
        testkit::eventually(|| (system.files("deferred").len() >= 8).then_some(()))
            .ok_or("mail is not deferred")?;
        system.stop();
    }
    let from = if queue == "maildrop" { "maildrop" } else { "deferred" };
    let files = system.files(from);
    let seeds = files.iter().filter_map(|file| fs::read(file).ok()).collect();
    for file in files.iter().chain(&system.files("defer")) {
        fs::remove_file(file).map_err(|err| format!("{}: {err}", file.display()))?;
    }
    Ok(seeds)
}

/// Damages a file in one of many ways.
fn spoil(random: &mut Random, mut bytes: Vec<u8>, n: usize) -> Vec<u8> {
    let near = |random: &mut Random, bytes: &[u8]| random.below(bytes.len().min(600));
    match n % 10 {
        0 | 1 => {
            let at = random.below(bytes.len());
            flip(&mut bytes, at, random.below(8));
        }
        2..=4 => {
            let at = near(random, &bytes);
            flip(&mut bytes, at, random.below(8));
        }
        5 | 6 => bytes.truncate(if n % 20 == 5 { n % 40 } else { random.below(bytes.len()) }),
        // A length without end.
        7 => {
            let at = near(random, &bytes);
            bytes.splice(at..at + 1, [255; 9]);
        }
        8 => {
            let at = near(random, &bytes);
            let noise = random.bytes(20);
            bytes.splice(at..at, noise);
        }
        _ => match n / 10 % 6 {
            0 => bytes = bytes.repeat(3),
            // Sizes and offsets beyond everything.
            1 => bytes.iter_mut().skip(2).take(70).filter(|b| b.is_ascii_digit()).for_each(|b| *b = b'9'),
            2 => {
                bytes = {
                    let count = 1 + random.below(5000);
                    random.bytes(count)
                }
            }
            3 => bytes = vec![0; 4096],
            4 => bytes = [b"C".as_slice(), &[0x80; 100]].concat(),
            _ => bytes.clear(),
        },
    }
    bytes
}

fn flip(bytes: &mut [u8], at: usize, bit: usize) {
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= 1 << bit;
    }
}

/// A queue file whose name fits its inode, as the queue expects; gives the name.
fn plant(system: &System, queue: &str, bytes: &[u8], random: &mut Random) -> Result<String, String> {
    let who = &system.mx.who;
    let folder = system.mx.spool().join(queue);
    let failed = |err: std::io::Error| format!("{}: {err}", folder.display());
    let temporary = folder.join(format!("{}.{}", random.below(1_000_000), std::process::id()));
    let mut file =
        fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary).map_err(failed)?;
    file.write_all(bytes).map_err(failed)?;
    fchown(&file, Some(who.uid), Some(who.gid)).map_err(failed)?;
    let mode = if queue == "maildrop" { 0o744 } else { 0o700 };
    file.set_permissions(PermissionsExt::from_mode(mode)).map_err(failed)?;
    let inode = file.metadata().map_err(failed)?.ino();
    let name = format!("{:05X}{inode:X}", random.below(1_000_000));
    let mut place = folder.clone();
    if queue == "deferred" {
        place.push(name.get(..1).unwrap_or("0"));
        if !place.exists() {
            fs::DirBuilder::new().mode(0o700).create(&place).map_err(failed)?;
            std::os::unix::fs::chown(&place, Some(who.uid), Some(who.gid)).map_err(failed)?;
        }
    }
    fs::rename(&temporary, place.join(&name)).map_err(failed)?;
    Ok(name)
}

/// Sends mail at a steady pace.
pub fn good_mail(system: &Arc<System>, ledger: &Arc<Ledger>, count: usize) {
    for n in 0..count {
        let message = Message::new(format!("good-{n}"), "u9@sink.test");
        for _ in 0..20 {
            if send_one(system, ledger, &message, Duration::from_secs(60)) == super::ledger::Told::Accepted {
                break;
            }
            std::thread::sleep(Duration::from_millis(500));
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// A file that a daemon dies on again and again is counted and taken out, so that the rest can be seen.
fn remove_blockers(system: &System, damaged: &BTreeSet<String>, blockers: &mut BTreeSet<String>) {
    let log = system.mx.log().text();
    let fatal: Vec<&str> = log.lines().filter(|line| line.contains(" fatal: ")).collect();
    let names: BTreeSet<&str> = fatal
        .iter()
        .flat_map(|line| line.split(|c: char| !c.is_ascii_alphanumeric()))
        .filter(|word| damaged.contains(*word) && !blockers.contains(*word))
        .collect();
    for name in names {
        if fatal.iter().filter(|line| line.contains(name)).count() >= 3 {
            blockers.insert(name.to_owned());
            for file in ["incoming", "active", "deferred"].iter().flat_map(|q| system.files(q)) {
                if is_named(&file, name) {
                    let _ = fs::remove_file(file);
                }
            }
        }
    }
}

fn is_named(file: &Path, name: &str) -> bool {
    file.file_name().is_some_and(|n| n == name)
}

/// Ordinary load for a while, for families that only look whether mail flows.
pub fn some_load(system: &Arc<System>, ledger: &Arc<Ledger>, time: Duration, seed: u64) {
    let kind = Kind { clients: 2, ..Kind::default() };
    let load = Load::start(system, ledger, "load", &kind, seed);
    std::thread::sleep(time);
    load.stop();
}
