//! The cases: what is sent, how much of it, and over how many connections.

use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use testkit::{Instance, eventually, free_port};

use super::meter;

/// One row of the benchmark.
pub struct Case {
    pub name: &'static str,
    /// Messages (or sessions, or recipients) that the figures are divided by.
    pub messages: u64,
    pub sessions: u32,
    /// Bytes of a message.
    pub size: u32,
    pub main: &'static str,
    pub sink: bool,
    pub run: fn(&Instance, &Case) -> Result<(), String>,
}

const DISCARD: &str = "default_transport = discard:\nlocal_recipient_maps =";
const RELAY: &str = "local_recipient_maps =";

const fn ingest(name: &'static str, messages: u64, sessions: u32, size: u32) -> Case {
    Case { name, messages, sessions, size, main: DISCARD, sink: false, run: smtp }
}

const fn relay(name: &'static str, messages: u64, sessions: u32, size: u32) -> Case {
    Case { name, messages, sessions, size, main: RELAY, sink: true, run: smtp }
}

pub const CASES: &[Case] = &[
    ingest("ingest-1K-1", 400, 1, 1024),
    ingest("ingest-1K-10", 2000, 10, 1024),
    ingest("ingest-1K-50", 3000, 50, 1024),
    ingest("ingest-100K-10", 400, 10, 100 << 10),
    relay("relay-1K-1", 400, 1, 1024),
    relay("relay-1K-10", 2000, 10, 1024),
    relay("relay-1K-50", 3000, 50, 1024),
    relay("relay-100K-10", 400, 10, 100 << 10),
    Case {
        name: "sendmail",
        messages: 300,
        sessions: 1,
        size: 1024,
        main: DISCARD,
        sink: false,
        run: sendmail,
    },
    Case {
        name: "maildir",
        messages: 1000,
        sessions: 10,
        size: 1024,
        main: "local_recipient_maps =",
        sink: false,
        run: maildir,
    },
    Case {
        name: "idle-500",
        messages: 500,
        sessions: 500,
        size: 0,
        main: "default_process_limit = 600",
        sink: false,
        run: idle,
    },
    Case {
        name: "rcpt-10000",
        messages: 10_000,
        sessions: 1,
        size: 1024,
        main: "default_transport = discard:\nlocal_recipient_maps =\nsmtpd_recipient_limit = 20000",
        sink: false,
        run: many_recipients,
    },
];

/// A running smtp-sink.
pub struct Sink {
    pub port: u16,
    child: Child,
}

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where relayed mail goes.
pub fn sink(case: &Case) -> Result<Option<Sink>, String> {
    if !case.sink {
        return Ok(None);
    }
    let port = free_port();
    let child = Command::new(tool("smtp-sink"))
        .args(["-u", "nobody", &format!("127.0.0.1:{port}"), "1000"])
        .stdout(Stdio::null())
        .spawn()
        .map_err(|err| format!("smtp-sink: {err}"))?;
    let sink = Sink { port, child };
    eventually(|| TcpStream::connect(("127.0.0.1", port)).ok()).ok_or("smtp-sink does not listen")?;
    Ok(Some(sink))
}

/// Our load tool, for both sides.
fn tool(name: &str) -> std::path::PathBuf {
    testkit::stage().join("sbin").join(name)
}

/// A few messages before the clock starts.
pub fn warm_up(mx: &Instance, case: &Case) -> Result<(), String> {
    if case.size == 0 {
        return Ok(());
    }
    source(
        mx,
        &["-s", &case.sessions.min(50).to_string(), "-m", &(case.sessions * 2).to_string()],
        &recipient(mx, case),
    )
}

fn recipient(mx: &Instance, case: &Case) -> String {
    if case.name == "maildir" { format!("{}@mx.test", user(mx)) } else { "to@far.test".into() }
}

/// A local user that mail may be delivered to.
fn user(_: &Instance) -> &'static str {
    "nobody"
}

fn source(mx: &Instance, args: &[&str], to: &str) -> Result<(), String> {
    let done = Command::new(tool("smtp-source"))
        .args(args)
        .args(["-f", "from@mx.test", "-t", to, &format!("127.0.0.1:{}", mx.port)])
        .output()
        .map_err(|err| format!("smtp-source: {err}"))?;
    if done.status.success() {
        Ok(())
    } else {
        Err(format!("smtp-source {args:?}: {}", String::from_utf8_lossy(&done.stderr)))
    }
}

fn smtp(mx: &Instance, case: &Case) -> Result<(), String> {
    let (sessions, messages, size) =
        (case.sessions.to_string(), case.messages.to_string(), case.size.to_string());
    source(mx, &["-s", &sessions, "-m", &messages, "-l", &size], &recipient(mx, case))
}

fn maildir(mx: &Instance, case: &Case) -> Result<(), String> {
    smtp(mx, case)
}

fn sendmail(mx: &Instance, case: &Case) -> Result<(), String> {
    let text =
        format!("Subject: bench\n\n{}", "0123456789abcdef0123456789abcde\n".repeat(case.size as usize / 32));
    for _ in 0..case.messages {
        let sent = mx.sendmail(&["-f", "from@mx.test", "to@far.test"], &text);
        if sent.code != 0 {
            return Err(format!("sendmail: {sent:?}"));
        }
    }
    Ok(())
}

fn many_recipients(mx: &Instance, case: &Case) -> Result<(), String> {
    source(
        mx,
        &["-s", "1", "-m", "1", "-r", &case.messages.to_string(), "-l", &case.size.to_string()],
        "to@far.test",
    )
}

fn idle(mx: &Instance, case: &Case) -> Result<(), String> {
    drop(open_sessions(mx, case)?);
    Ok(())
}

fn open_sessions(mx: &Instance, case: &Case) -> Result<Vec<testkit::Client>, String> {
    Ok((0..case.sessions).map(|_| mx.connect().hello()).collect())
}

/// KiB that one idle session costs, for the case that asks for it.
pub fn idle_memory(mx: &Instance, case: &Case) -> Result<Option<f64>, String> {
    if case.size != 0 {
        return Ok(None);
    }
    let master = mx.master_pid().ok_or("no master runs")?;
    let sessions = open_sessions(mx, case)?;
    let total = meter::memory(master);
    let cost = total * 1024.0 / sessions.len() as f64;
    Ok(Some(cost))
}
