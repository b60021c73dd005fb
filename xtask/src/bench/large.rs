//! Large messages: how fast, and what the largest process takes.

use std::time::Instant;

use super::case::{self, Bench, CPU, Figures, RATE};
use super::load;
use super::meter::{self, Usage};

/// The most that any process had in memory above what it has when idle.
pub const PEAK: &str = "largest MiB over idle";

pub fn run(bench: &Bench) -> Result<Figures, String> {
    let case = bench.case;
    let sink = load::sink(case)?;
    let mx = bench.create(&load::relayhost(&sink))?;
    mx.start();
    let master = mx.master_pid().ok_or("no master runs")?;
    let empty = || case::drained(&mx, &["incoming", "active", "deferred"]);
    load::source(&mx, &["-s", "1", "-m", "5"], "to@far.test")?;
    empty()?;
    let idle = meter::resident(master);
    let (before, start) = (Usage::of(master), Instant::now());
    let (messages, size) = (case.messages.to_string(), case.size.to_string());
    load::source(&mx, &["-s", "1", "-m", &messages, "-l", &size], "to@far.test")?;
    empty()?;
    let seconds = start.elapsed().as_secs_f64();
    let used = Usage::of(master).since(&before);

    let mut figures = Figures::default();
    figures.set(RATE, case.messages as f64 / seconds);
    figures.set(CPU, used.cpu_seconds * 1000.0 / case.messages as f64);
    figures.set(PEAK, meter::peak_over(master, &idle));
    bench.healthy(&mx)?;
    Ok(figures)
}
