//! Mail that flows: what is sent, and over how many connections.

use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use testkit::{Instance, Subject, eventually, free_port};

use super::case::{self, Bench, CALLS, CPU, Case, Figures, MEMORY, RATE, SWITCHES};
use super::meter::{self, Usage};

/// Mail by SMTP.
pub fn flow(bench: &Bench) -> Result<Figures, String> {
    measure(bench, smtp, |_| Ok(()))
}

/// Mail to mailboxes.
pub fn mailbox(bench: &Bench) -> Result<Figures, String> {
    measure(bench, smtp, |mx| {
        if bench.case.name.ends_with("dirsync") {
            let new = mx.root.join("mail/nobody/new");
            let done = Command::new("chattr").arg("+D").arg(&new).status();
            return match done {
                Ok(status) if status.success() => Ok(()),
                other => Err(format!("chattr +D {}: {other:?}", new.display())),
            };
        }
        Ok(())
    })
}

/// One message with many recipients.
pub fn many_recipients(bench: &Bench) -> Result<Figures, String> {
    let send = |mx: &Instance, case: &Case| {
        let (count, size) = (case.messages.to_string(), case.size.to_string());
        source(mx, &["-s", "1", "-m", "1", "-r", &count, "-l", &size], "to@far.test")
    };
    measure(bench, send, |_| Ok(()))
}

/// Mail by sendmail(1), from a loop where the subject lives: getting into the reference's root costs more than a
/// submission.
pub fn sendmail(bench: &Bench) -> Result<Figures, String> {
    let send = |mx: &Instance, case: &Case| {
        let text = mx.root.join("message");
        let line = "0123456789abcdef0123456789abcde\n".repeat(case.size as usize / 32);
        std::fs::write(&text, format!("Subject: bench\n\n{line}"))
            .map_err(|err| format!("{}: {err}", text.display()))?;
        let script = "n=$1; while [ $n -gt 0 ]; do \"$2\" -f from@mx.test to@far.test <\"$3\" || exit 1; n=$((n-1)); done";
        let program = mx.subject.commands().join("sendmail");
        let words = ["-c", script, "loop", &case.messages.to_string(), &shown(&program), &shown(&text)];
        let done = mx.run("/bin/sh", &words, b"");
        if done.code == 0 { Ok(()) } else { Err(format!("sendmail: {done:?}")) }
    };
    measure(bench, send, |_| Ok(()))
}

fn shown(path: &std::path::Path) -> String {
    path.display().to_string()
}

/// A warm instance, the load, and what it took.
fn measure(
    bench: &Bench,
    send: impl Fn(&Instance, &Case) -> Result<(), String>,
    prepare: impl Fn(&Instance) -> Result<(), String>,
) -> Result<Figures, String> {
    let case = bench.case;
    let sink = sink(case)?;
    let mx = bench.create(&relayhost(&sink))?;
    mx.start();
    let master = mx.master_pid().ok_or("no master runs")?;
    // Processes are up and tables open before the clock starts.
    let (sessions, messages) = (case.sessions.min(100).to_string(), (case.sessions * 2).to_string());
    source(&mx, &["-s", &sessions, "-m", &messages], recipient(case))?;
    let empty = || case::drained(&mx, &["maildrop", "incoming", "active", "deferred"]);
    empty()?;
    prepare(&mx)?;

    let (before, commands) = (Usage::of(master), meter::children_cpu());
    let start = Instant::now();
    send(&mx, case)?;
    empty()?;
    let seconds = start.elapsed().as_secs_f64();
    let used = Usage::of(master).since(&before);
    // The load tool's own time does not count; that of the subject's commands does.
    let commands = if case.name == "sendmail" { meter::children_cpu() - commands } else { 0.0 };

    let each = case.messages as f64;
    let mut figures = Figures::default();
    figures.set(RATE, each / seconds);
    figures.set(CPU, (used.cpu_seconds + commands) * 1000.0 / each);
    figures.set(SWITCHES, used.switches as f64 / each);
    figures.set(MEMORY, meter::memory(master));
    if bench.traced {
        let calls = meter::calls(master, || send(&mx, case).and_then(|()| empty()))?;
        figures.set(CALLS, calls as f64 / each);
    }
    bench.healthy(&mx)?;
    Ok(figures)
}

fn smtp(mx: &Instance, case: &Case) -> Result<(), String> {
    let (sessions, messages, size) =
        (case.sessions.to_string(), case.messages.to_string(), case.size.to_string());
    if case.name != "maildir-many" {
        return source(mx, &["-s", &sessions, "-m", &messages, "-l", &size], recipient(case));
    }
    // A session for each of ten users.
    let messages = (case.messages / 10).to_string();
    let users: Vec<String> = (0..10).map(|user| format!("u{user}@box.test")).collect();
    std::thread::scope(|scope| {
        let each: Vec<_> = users
            .iter()
            .map(|to| scope.spawn(|| source(mx, &["-s", "1", "-m", &messages, "-l", &size], to)))
            .collect();
        each.into_iter().try_for_each(|one| one.join().unwrap_or_else(|_| Err("a session died".into())))
    })
}

fn recipient(case: &Case) -> &'static str {
    match case.name {
        "maildir-many" => "u0@box.test",
        "mbox" | "maildir" | "maildir-dirsync" => "nobody@mx.test",
        _ => "to@far.test",
    }
}

/// Sends with smtp-source.
pub fn source(mx: &Instance, args: &[&str], to: &str) -> Result<(), String> {
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

/// A running smtp-sink.
pub struct Sink {
    port: u16,
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

/// The main.cf line that sends mail to the sink.
pub fn relayhost(sink: &Option<Sink>) -> String {
    sink.as_ref().map(|sink| format!("relayhost = [127.0.0.1]:{}", sink.port)).unwrap_or_default()
}

/// Our load tool, for both sides.
fn tool(name: &str) -> std::path::PathBuf {
    testkit::stage().join("sbin").join(name)
}

/// How long a command of the subject takes, without the way into its root.
pub fn command_seconds(mx: &Instance, program: &str, args: &[&str]) -> Result<f64, String> {
    let program = match mx.subject {
        Subject::Rooted | Subject::Reference => program.to_string(),
        _ => shown(&mx.subject.commands().join(program)),
    };
    let timed = |program: &str, args: &[&str]| {
        let start = Instant::now();
        let done = mx.run(program, args, b"");
        if done.code == 0 { Ok(start.elapsed().as_secs_f64()) } else { Err(format!("{program}: {done:?}")) }
    };
    let way = (0..5).map(|_| timed("/bin/true", &[])).collect::<Result<Vec<f64>, String>>()?;
    let way = way.into_iter().fold(f64::MAX, f64::min);
    Ok((timed(&program, args)? - way).max(0.0))
}
