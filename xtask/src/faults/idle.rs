//! Connections that say nothing, and connections that say nonsense, on every local socket: mail flows on.

use std::io::Write;
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use super::Run;
use super::ledger::{Ledger, Told};
use super::load::{Message, send_one, submit};
use super::random::Random;
use super::report::Row;
use super::sink::Sink;
use super::system::System;

/// Connections to each socket.
const EACH: usize = 60;

pub fn run(run: &Run) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    for (name, folders) in [
        ("public sockets", &["public"][..]),
        ("private sockets", &["private"]),
        ("all sockets", &["public", "private"]),
    ] {
        if run.wants(name) && (!run.quick || folders.len() == 2) {
            rows.push(one(run, name, folders)?.print());
        }
    }
    Ok(rows)
}

fn one(run: &Run, name: &str, folders: &[&str]) -> Result<Row, String> {
    let root = run.folder(&format!("idle-{name}"))?;
    let (port, ledger) = (testkit::free_port(), Arc::new(Ledger::default()));
    let _sink = Sink::listen(port, &ledger, Duration::ZERO)?;
    let system = System::create(run, System::setup(run, &root, port));
    system.start()?;
    let sockets: Vec<PathBuf> =
        folders.iter().flat_map(|folder| sockets(&system.mx.spool().join(folder))).collect();
    let mut random = Random::new(run.seed);
    let mut sent = 0;
    for socket in &sockets {
        sent += garbage(socket, &mut random);
    }
    let held = Held::open(&sockets);
    let connected = held.wait();
    let (limit, count) = (Duration::from_secs(if run.quick { 30 } else { 120 }), 20);
    let mut accepted = Duration::ZERO;
    for n in 0..count {
        let start = Instant::now();
        // By both ways in, and to both ways out.
        let to = if n % 4 < 2 { "u9@sink.test".to_owned() } else { format!("u{}@box.test", n % 8) };
        let message = Message::new(format!("idle-{n}"), &to);
        let told = match n % 2 {
            0 => send_one(&system, &ledger, &message, limit),
            _ => submit(&system, &ledger, &message),
        };
        if told == Told::Accepted {
            accepted = accepted.max(start.elapsed());
        }
    }
    let mut row = Row::new("idle", name);
    let boxes = system.mx.root.join("mail");
    let start = Instant::now();
    let missing = || {
        let found = Ledger::default();
        super::mailbox::read(&boxes, &found);
        let of = |n: usize| {
            if n % 4 < 2 {
                ledger.copies(&format!("idle-{n}"), "u9@sink.test")
            } else {
                found.copies(&format!("idle-{n}"), &format!("u{}@box.test", n % 8))
            }
        };
        (0..count).filter(|n| of(*n) == 0).count()
    };
    while missing() > 0 && start.elapsed() < limit {
        std::thread::sleep(Duration::from_millis(100));
    }
    let rest = start.elapsed();
    let left = missing();
    super::mailbox::read(&boxes, &ledger);
    row.note(format!(
        "{sent} times garbage, {connected} idle, slowest accepted after {:.1} s, all there {:.1} s later",
        accepted.as_secs_f64(),
        rest.as_secs_f64()
    ));
    let kept = ledger.count(Told::Accepted);
    row.accepted = kept;
    row.gate(kept == count, || format!("only {kept} of {count} were accepted"));
    row.gate(accepted < Duration::from_secs(5), || "accepting took over 5 s".into());
    row.gate(left == 0 && rest < Duration::from_secs(5), || {
        format!("{left} messages were missing {:.0} s after the last was accepted", rest.as_secs_f64())
    });
    drop(held);
    let left = system.drain(Duration::from_secs(60));
    row.gate(left == 0, || format!("{left} files are still in the queue"));
    let trouble = system.trouble();
    row.gate(trouble.is_empty(), || format!("{trouble:#?}"));
    system.stop();
    Ok(row)
}

fn sockets(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let sockets = entries.filter(|e| e.file_type().is_ok_and(|t| t.is_socket()));
    let mut all: Vec<PathBuf> = sockets.map(|e| e.path()).collect();
    all.sort();
    all
}

fn is_datagram(socket: &Path) -> bool {
    socket.file_name().is_some_and(|name| name == "postlog")
}

/// Says nonsense, and leaves.
pub fn garbage(socket: &Path, random: &mut Random) -> usize {
    let noise = random.bytes(3000);
    let pieces: [&[u8]; 9] = [
        b"",
        b"\0",
        &[0xff; 70_000],
        &[b'A'; 300_000],
        b"\0\0\0\0",
        &b"name\0".repeat(9000),
        b"request\0x\0\0",
        &[b'W'; 5000],
        &noise,
    ];
    let mut sent = 0;
    for piece in pieces {
        if is_datagram(socket) {
            let done = UnixDatagram::unbound().and_then(|s| {
                s.set_write_timeout(Some(Duration::from_millis(500)))?;
                s.send_to(piece, socket)
            });
            sent += usize::from(done.is_ok());
        } else if let Ok(mut stream) = UnixStream::connect(socket) {
            let _ = stream.set_write_timeout(Some(Duration::from_millis(500)));
            // Nobody has to listen to all of it.
            let _ = stream.write_all(piece);
            sent += 1;
        }
    }
    sent
}

/// Connections that are held open until this goes. A connection that nobody takes waits in a thread of its own.
struct Held {
    taken: Receiver<Connection>,
    wanted: usize,
    kept: std::cell::RefCell<Vec<Connection>>,
}

enum Connection {
    Stream(#[expect(dead_code, reason = "held open, never used")] UnixStream),
    Datagram(#[expect(dead_code, reason = "held open, never used")] UnixDatagram),
}

impl Held {
    fn open(sockets: &[PathBuf]) -> Held {
        let (give, taken) = channel();
        for socket in sockets {
            let (give, socket) = (give.clone(), socket.clone());
            std::thread::spawn(move || {
                for _ in 0..EACH {
                    let connection = if is_datagram(&socket) {
                        UnixDatagram::unbound()
                            .and_then(|s| s.connect(&socket).map(|()| Connection::Datagram(s)))
                    } else {
                        UnixStream::connect(&socket).map(Connection::Stream)
                    };
                    let Ok(connection) = connection else { return };
                    if give.send(connection).is_err() {
                        return;
                    }
                }
            });
        }
        Held { taken, wanted: sockets.len() * EACH, kept: Vec::new().into() }
    }

    /// Until all are connected, or no more come.
    fn wait(&self) -> usize {
        let mut kept = self.kept.borrow_mut();
        while kept.len() < self.wanted {
            match self.taken.recv_timeout(Duration::from_secs(3)) {
                Ok(connection) => kept.push(connection),
                Err(_) => break,
            }
        }
        kept.len()
    }
}
