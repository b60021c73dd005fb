//! The triggered model: connections (or a FIFO) that carry a few bytes, which say that there is
//! work. Nobody gets to hold up the others by connecting and saying nothing.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use config::params::{MAX_IDLE, MAX_USE};

use crate::builder::Changed;
use crate::event_loop::{EventLoop, Happening};
use crate::start::{Context, Inherited};

pub(crate) fn run<T>(
    mut context: Context<T>,
    inherited: Inherited,
    changed: Option<Changed<T>>,
    work: fn(&mut Context<T>, &[u8]),
) -> ExitCode {
    let max_idle = context.config.get(MAX_IDLE);
    let mut uses_left = context.config.get(MAX_USE).max(1);
    let mut events = match EventLoop::new(inherited, &context) {
        Ok(events) => events,
        Err(err) => log::fatal!("event loop: {}", sys::errno_text(&err)),
    };
    events.triggers_only();
    let mut happenings = Vec::new();
    let mut last = Instant::now();
    loop {
        let left = max_idle.saturating_sub(last.elapsed()).max(Duration::from_millis(1));
        if let Err(err) = events.wait(Some(left), &mut happenings) {
            log::fatal!("event loop: {}", sys::errno_text(&err));
        }
        let mut bytes = Vec::new();
        for happening in happenings.drain(..) {
            match happening {
                Happening::MasterGone => return ExitCode::SUCCESS,
                Happening::Trigger(more) => bytes.extend(more),
                _ => {}
            }
        }
        if !bytes.is_empty() {
            events.taken();
            if let Some(table) = changed.and_then(|changed| changed(&context.state)) {
                log::info!("table {table} has changed -- restarting");
                uses_left = 1;
            }
            work(&mut context, &bytes);
            uses_left -= 1;
            last = Instant::now();
            if uses_left <= 0 || !events.available() {
                return ExitCode::SUCCESS;
            }
        } else if last.elapsed() >= max_idle {
            // compat: pickup has process limit 1 and still ends when idle; master starts it again.
            return ExitCode::SUCCESS;
        }
    }
}
