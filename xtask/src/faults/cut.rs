//! Connections that break off. As a server: clients leave after every byte of a session, in three ways; a message without its
//! end must never be delivered, one with its 250 must be once. As a client: servers that leave after every byte of every
//! reply, or answer with nonsense, once, and then behave; each message ends up delivered, returned, or in the queue.

use std::io::{BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::Run;
use super::fake::{self, Fake};
use super::ledger::{Ledger, Told};
use super::load::{Message, reply, send_one, settle};
use super::report::Row;
use super::sink::{ID, Sink};
use super::system::System;

pub fn run(run: &Run) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    for (name, script) in
        [("as server, DATA", by_data as fn(&str) -> Vec<Vec<u8>>), ("as server, BDAT", by_bdat)]
    {
        if run.wants(name) {
            rows.push(server(run, name, script)?.print());
        }
    }
    if run.wants("as client") {
        rows.push(client(run)?.print());
    }
    Ok(rows)
}

/// How a client leaves.
#[derive(Clone, Copy, Debug)]
enum How {
    Closed,
    Reset,
    /// It says no more, and listens to the end.
    HalfClosed,
}

fn message(id: &str) -> Vec<u8> {
    format!("From: <from@sink.test>\r\nSubject: x\r\n{ID}: {id}\r\n\r\nbody\r\n").into_bytes()
}

/// A session in pieces: after each, a reply. The last but one ends the message.
fn by_data(id: &str) -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> =
        ["EHLO cut.test", "MAIL FROM:<from@sink.test>", "RCPT TO:<u0@sink.test>", "DATA"]
            .iter()
            .map(|line| format!("{line}\r\n").into_bytes())
            .collect();
    all.push([message(id), b"..dot\r\n.\r\n".to_vec()].concat());
    all.push(b"QUIT\r\n".to_vec());
    all
}

fn by_bdat(id: &str) -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = ["EHLO cut.test", "MAIL FROM:<from@sink.test>", "RCPT TO:<u0@sink.test>"]
        .iter()
        .map(|line| format!("{line}\r\n").into_bytes())
        .collect();
    let (text, more) = (message(id), b"more\r\n");
    all.push([format!("BDAT {}\r\n", text.len()).into_bytes(), text].concat());
    all.push([format!("BDAT {} LAST\r\n", more.len()).into_bytes(), more.to_vec()].concat());
    all.push(b"QUIT\r\n".to_vec());
    all
}

fn server(run: &Run, name: &str, script: fn(&str) -> Vec<Vec<u8>>) -> Result<Row, String> {
    let root = run.folder(&format!("cut-{name}"))?;
    let (port, ledger) = (testkit::free_port(), Arc::new(Ledger::default()));
    let _sink = Sink::listen(port, &ledger, Duration::ZERO)?;
    let system = System::create(run, System::setup(run, &root, port));
    system.start()?;
    let total: usize = script("cut-0-00000").iter().map(Vec::len).sum();
    let step = if run.quick { 7 } else { 1 };
    let mut cases = Vec::new();
    for (n, how) in [How::Closed, How::Reset, How::HalfClosed].into_iter().enumerate() {
        cases.extend((0..=total).step_by(step).map(|at| (format!("cut-{n}-{at:05}"), how, at)));
    }
    let (next, slowest, count) = (AtomicUsize::new(0), AtomicUsize::new(0), cases.len());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some((id, how, at)) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let start = Instant::now();
                    let told = session(system.mx.port, &script(id), *how, *at);
                    ledger.told(id, told, &["u0@sink.test".to_owned()]);
                    let spent = usize::try_from(start.elapsed().as_millis()).unwrap_or(usize::MAX);
                    slowest.fetch_max(spent, Ordering::Relaxed);
                }
            });
        }
    });
    let left = system.drain(Duration::from_secs(60));
    settle(&ledger, Duration::from_secs(5));
    let audit = ledger.audit(&[]);
    let mut row = Row::new("cut", name);
    row.note(format!("{count} sessions, slowest {} ms", slowest.into_inner()));
    row.audit(&audit);
    row.gate(audit.refused_delivered == 0, || {
        format!("{} half messages were delivered", audit.refused_delivered)
    });
    row.gate(audit.accepted > 0, || "nothing was accepted".into());
    row.gate(left == 0, || format!("{left} files are still in the queue"));
    let trouble = system.trouble();
    row.gate(trouble.is_empty(), || format!("{trouble:#?}"));
    system.stop();
    Ok(row)
}

/// A session that ends after `at` bytes; what the client may believe of its message.
fn session(port: u16, script: &[Vec<u8>], how: How, at: usize) -> Told {
    let end: usize = script.iter().rev().skip(1).map(Vec::len).sum();
    let mut told = if at >= end { Told::Unknown } else { Told::Refused };
    // What goes wrong here is what was asked for.
    let _ = converse(port, script, how, at, &mut told);
    told
}

fn converse(
    port: u16,
    script: &[Vec<u8>],
    how: How,
    at: usize,
    told: &mut Told,
) -> Result<(), super::load::Failure> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    reply(&mut reader)?;
    let mut left = at;
    for (n, part) in script.iter().enumerate() {
        let piece = part.get(..left.min(part.len())).unwrap_or(part);
        stream.write_all(piece)?;
        left -= piece.len();
        if piece.len() < part.len() || left == 0 && matches!(how, How::Reset) {
            break;
        }
        let text = reply(&mut reader)?;
        if n + 2 == script.len() && text.starts_with('2') {
            *told = Told::Accepted;
        }
    }
    match how {
        How::Closed => {}
        // Closing with something unread resets the connection; the reply to this is never read.
        How::Reset => {
            stream.write_all(b"")?;
            reset(&stream);
        }
        How::HalfClosed => {
            stream.shutdown(Shutdown::Write)?;
            let mut rest = Vec::new();
            reader.read_to_end(&mut rest)?;
        }
    }
    Ok(())
}

/// Makes closing the connection a reset, as far as that goes without setting SO_LINGER: something is left unread.
fn reset(stream: &TcpStream) {
    let _ = stream.set_read_timeout(Some(Duration::from_millis(30)));
    let mut byte = [0];
    let _ = stream.peek(&mut byte);
}

fn client(run: &Run) -> Result<Row, String> {
    let root = run.folder("cut-client")?;
    let (port, ledger) = (testkit::free_port(), Arc::new(Ledger::default()));
    let sink = Sink::listen(port, &ledger, Duration::ZERO)?;
    let cases = fake::cases(if run.quick { 5 } else { 1 });
    let fakes: Vec<Arc<Fake>> =
        cases.into_iter().map(|case| Fake::listen(case, &ledger)).collect::<Result<_, _>>()?;
    let limits: Vec<String> =
        ["connect", "helo", "mail", "rcpt", "data_init", "data_xfer", "data_done", "quit", "rset"]
            .iter()
            .map(|step| format!("smtp_{step}_timeout = 6s"))
            .collect();
    let setup = System::setup(run, &root, port)
        .main(&limits.join("\n"))
        .main(&format!("transport_maps = texthash:{}/etc/transport", root.display()));
    let system = System::create(run, setup);
    let routes: String =
        fakes.iter().enumerate().map(|(n, f)| format!("c{n}.test smtp:[127.0.0.1]:{}\n", f.port)).collect();
    std::fs::write(system.mx.etc().join("transport"), routes).map_err(|err| format!("transport: {err}"))?;
    system.start()?;
    let to = |n: usize| format!("u@c{n}.test");
    for n in 0..fakes.len() {
        let message = Message {
            from: format!("back-{n:05}@sink.test"),
            ..Message::new(format!("case-{n:05}"), &to(n))
        };
        send_one(&system, &ledger, &message, Duration::from_secs(30));
    }
    let left = system.drain(Duration::from_secs(240));
    std::thread::sleep(Duration::from_millis(300));
    let queue = system.command("postqueue", &["-p"]).out;
    let mut row = Row::new("cut", "as client");
    let returned: Vec<String> = sink.others().into_iter().flat_map(|(to, _)| to).collect();
    let (mut delivered, mut back, mut waiting, mut again) = (0, 0, 0, 0);
    for (n, fake) in fakes.iter().enumerate() {
        let (id, sender) = (format!("case-{n:05}"), format!("back-{n:05}@sink.test"));
        let copies = ledger.copies(&id, &to(n));
        // A notice carries the original header, so the sink may know it by its id.
        let bounced = returned.contains(&sender) || ledger.copies(&id, &sender) > 0;
        let queued = queue.contains(&to(n));
        delivered += usize::from(copies > 0);
        back += usize::from(bounced);
        waiting += usize::from(queued);
        row.accepted += 1;
        if copies > 0 && fake.took_without_yes() {
            // It had the whole message, and its yes did not get through: another copy is right.
            again += 1;
        }
        if copies > 1 || copies > 0 && bounced {
            row.repeated += 1;
            row.unexplained += 1;
            row.gate(false, || format!("{}: {copies} copies, returned: {bounced}", fake.case));
        }
        if copies == 0 && !bounced && !queued && !fake.took_without_yes() && !fake.case.answers_in_advance() {
            row.lost += 1;
            row.gate(false, || format!("{}: lost", fake.case));
        }
        row.gate(fake.reached(), || format!("{}: never reached", fake.case));
    }
    row.note(format!(
        "{} servers: {delivered} delivered, {back} returned, {waiting} waiting, {again} again after an unheard yes",
        fakes.len()
    ));
    row.gate(left == 0 || waiting == left, || format!("{left} files are still in the queue"));
    let trouble = system.trouble();
    row.gate(trouble.is_empty(), || format!("{trouble:#?}"));
    system.stop();
    Ok(row)
}
