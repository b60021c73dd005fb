//! SMTP dialogues: the same client lines to both, their replies and smtpd's and cleanup's log lines.
//!
//! A line is sent, with CRLF, when the reply to the one before is there. `|` before a line sends it together with the
//! one above. After a 354, everything to a line `.` is sent at once. `!close` ends the connection, `!finish` only our
//! side of it, `!read` reads until the server closes, `!pause SECONDS` waits. Without one of these at the end, the
//! session ends with QUIT.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use super::Plan;
use super::cases::{Case, CaseFile, bytes};
use super::pair::{Pair, Side};
use super::report::Outcome;

pub fn run(plan: &Plan, file: &CaseFile) -> Vec<Outcome> {
    let pair = Pair::create(plan, file);
    pair.start();
    let wanted = file.cases.iter().filter(|case| plan.wants(&file.full_name(case)));
    wanted.map(|case| pair.compare(file.full_name(case), |side| one(side, case))).collect()
}

fn one(side: &Side, case: &Case) -> Vec<String> {
    let start = side.log_end();
    let mut shown = match talk(side, case) {
        Ok(shown) => shown,
        Err(err) => vec![format!("the connection broke: {err}")],
    };
    over(side, start);
    let ids: Vec<String> = side.raw_log_since(start).iter().filter_map(|line| queue_id(line)).collect();
    let raw = side.raw_log_since(start);
    for program in ["smtpd", "cleanup", "trivial-rewrite"] {
        let ours = |line: &&String| match program {
            // A file given up is removed some time later.
            "cleanup" => {
                !line.contains("removed (canceled)") && ids.iter().any(|id| line.contains(id.as_str()))
            }
            _ => true,
        };
        let lines = raw.iter().filter(|line| line.contains(&format!("/{program}["))).filter(ours);
        shown.extend(lines.map(|line| format!("log {}", side.facts.log_line(line))));
    }
    shown
}

/// The queue id that smtpd got for a message.
fn queue_id(line: &str) -> Option<String> {
    let (head, _) = line.split_once(": client=")?;
    head.rsplit(' ').next().map(str::to_string)
}

/// Waits until the session's last line is logged, and what cleanup has to say about its messages.
fn over(side: &Side, start: usize) {
    let end = Instant::now() + Duration::from_secs(10);
    loop {
        let log = side.log_since(start);
        if log.iter().any(|line| line.starts_with("smtpd: disconnect from")) || Instant::now() > end {
            if log.iter().any(|line| line.contains(": client=")) {
                side.log_at_rest(Duration::from_millis(40));
            }
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

struct Session {
    stream: TcpStream,
    heard: Vec<u8>,
    closed: bool,
}

fn talk(side: &Side, case: &Case) -> std::io::Result<Vec<String>> {
    let stream = TcpStream::connect(("127.0.0.1", side.facts.port))?;
    let mut session = Session { stream, heard: Vec::new(), closed: false };
    let mut code = session.reply()?;
    let mut lines = case.lines.iter().map(String::as_str).peekable();
    let mut finished = false;
    while let Some(line) = lines.next() {
        if session.closed {
            break;
        }
        if let Some(order) = line.strip_prefix('!') {
            finished |= !order.starts_with("pause");
            session.order(order)?;
            continue;
        }
        let mut group = vec![line];
        if code == Some(354) {
            let mut last = line;
            while last != "." {
                let Some(next) = lines.next_if(|next| !next.starts_with('!')) else { break };
                last = next;
                group.push(next);
            }
            // Text without its end gets no reply.
            let answered = group.last() == Some(&".") || group.iter().any(|line| line.contains("\\n.\\r\\n"));
            session.send(&group)?;
            code = if answered { session.reply()? } else { None };
            continue;
        }
        while let Some(next) = lines.next_if(|next| next.starts_with('|')) {
            group.push(next.get(1..).unwrap_or(""));
        }
        session.send(&group)?;
        code = session.reply()?;
        if group.len() > 1 || group.iter().any(|line| line.contains("\\n")) {
            session.until_quiet(Duration::from_millis(150))?;
            code = None;
        }
    }
    if !finished && !session.closed {
        session.send(&["QUIT"])?;
        session.until_closed()?;
    }
    let text = side.facts.text(&String::from_utf8_lossy(&session.heard));
    let mut shown: Vec<String> = text.split("\r\n").filter(|l| !l.is_empty()).map(str::to_string).collect();
    if session.closed {
        shown.push("(closed)".into());
    }
    Ok(shown)
}

impl Session {
    fn send(&mut self, lines: &[&str]) -> std::io::Result<()> {
        let mut out = Vec::new();
        for line in lines {
            let (text, end) = bytes(line);
            out.extend_from_slice(&text);
            if end {
                out.extend_from_slice(b"\r\n");
            }
        }
        // The server may have closed: what it said before is what counts.
        if self.stream.write_all(&out).is_err() {
            self.closed = true;
        }
        Ok(())
    }

    fn order(&mut self, order: &str) -> std::io::Result<()> {
        match order.split_once(' ').unwrap_or((order, "")) {
            ("close", _) => self.stream.shutdown(Shutdown::Both),
            ("finish", _) => {
                self.stream.shutdown(Shutdown::Write)?;
                self.until_closed()
            }
            ("read", _) => self.until_closed(),
            ("pause", seconds) => {
                let seconds = seconds.parse().unwrap_or(1.0);
                self.until_quiet(Duration::from_secs_f64(seconds))
            }
            _ => Err(std::io::Error::other(format!("unknown order !{order}"))),
        }
    }

    /// Reads until one more reply is whole; its code.
    fn reply(&mut self) -> std::io::Result<Option<u16>> {
        let start = self.heard.len();
        self.stream.set_read_timeout(Some(Duration::from_secs(8)))?;
        loop {
            let new = self.heard.get(start..).unwrap_or(&[]);
            let last = new.strip_suffix(b"\r\n").and_then(|text| text.rsplit(|b| *b == b'\n').next());
            if let Some(line) = last.filter(|line| line.get(3) != Some(&b'-')) {
                let code = line.get(..3).and_then(|code| std::str::from_utf8(code).ok());
                return Ok(code.and_then(|code| code.parse().ok()));
            }
            if !self.more()? {
                if !self.closed {
                    self.heard.extend_from_slice(b"(no reply)\r\n");
                    self.closed = true;
                }
                return Ok(None);
            }
        }
    }

    fn until_quiet(&mut self, quiet: Duration) -> std::io::Result<()> {
        self.stream.set_read_timeout(Some(quiet))?;
        while self.more()? {}
        Ok(())
    }

    fn until_closed(&mut self) -> std::io::Result<()> {
        self.stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        while self.more()? {}
        Ok(())
    }

    /// Reads what is there; false at the end, or when nothing came in time.
    fn more(&mut self) -> std::io::Result<bool> {
        let mut buffer = [0; 4096];
        match self.stream.read(&mut buffer) {
            Ok(0) => {
                self.closed = true;
                Ok(false)
            }
            Ok(count) => {
                self.heard.extend_from_slice(buffer.get(..count).unwrap_or(&[]));
                Ok(true)
            }
            Err(err)
                if matches!(err.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) =>
            {
                Ok(false)
            }
            Err(_) => {
                self.closed = true;
                Ok(false)
            }
        }
    }
}
