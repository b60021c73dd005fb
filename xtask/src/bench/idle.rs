//! Many sessions that wait: how fast they are opened, and what they cost.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

use testkit::Instance;

use super::case::{Bench, Figures, MEMORY};
use super::meter;

/// Seconds until all sessions have said EHLO and were answered.
pub const OPEN: &str = "seconds to open all";

pub fn run(bench: &Bench) -> Result<Figures, String> {
    // A descriptor for each session, beside a few others.
    let limit = format!("--nofile={}:", bench.case.sessions + 200);
    let _ = Command::new("prlimit").args(["--pid", &std::process::id().to_string(), &limit]).status();
    let mx = bench.create("")?;
    mx.start();
    let master = mx.master_pid().ok_or("no master runs")?;
    drop(open(&mx)?);

    let start = Instant::now();
    let sessions = (0..bench.case.sessions).map(|_| open(&mx)).collect::<Result<Vec<_>, String>>()?;
    let seconds = start.elapsed().as_secs_f64();
    let memory = meter::memory(master);

    let mut figures = Figures::default();
    figures.set(OPEN, seconds);
    figures.set(MEMORY, memory);
    figures.set("KiB a session", memory * 1024.0 / sessions.len() as f64);
    bench.healthy(&mx)?;
    Ok(figures)
}

/// One session, with one descriptor.
fn open(mx: &Instance) -> Result<TcpStream, String> {
    let said = |err: std::io::Error| format!("session: {err}");
    let mut stream = TcpStream::connect(("127.0.0.1", mx.port)).map_err(said)?;
    stream.set_read_timeout(Some(Duration::from_secs(60))).map_err(said)?;
    reply(&mut stream, "220 ").map_err(said)?;
    stream.write_all(b"EHLO client.test\r\n").map_err(said)?;
    reply(&mut stream, "250 ").map_err(said)?;
    Ok(stream)
}

/// Reads up to the end of the line that begins with `last`.
fn reply(stream: &mut TcpStream, last: &str) -> std::io::Result<()> {
    let mut text = Vec::new();
    let mut buffer = [0; 1024];
    loop {
        let got = stream.read(&mut buffer)?;
        text.extend_from_slice(buffer.get(..got).unwrap_or_default());
        let whole = text.strip_suffix(b"\r\n").and_then(|lines| lines.split(|b| *b == b'\n').next_back());
        match whole {
            Some(line) if line.starts_with(last.as_bytes()) => return Ok(()),
            _ if got == 0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            _ => {}
        }
    }
}
