//! The agent model: one connection at a time, on the main thread.

use std::process::ExitCode;
use std::time::Instant;

use config::params::{MAX_IDLE, MAX_USE};

use crate::builder::Changed;
use crate::poller::{Event, Poller, Wish};
use crate::start::{Context, Inherited};

const STATUS: usize = 0;
const FIRST_LISTENER: usize = 1;

pub(crate) fn run<T>(
    mut context: Context<T>,
    mut inherited: Inherited,
    changed: Option<Changed<T>>,
    session: fn(&mut Context<T>, net::Stream),
) -> ExitCode {
    if context.standard {
        session(&mut context, crate::pool::standard_stream());
        return ExitCode::SUCCESS;
    }
    let max_idle = context.config.get(MAX_IDLE);
    let mut uses_left = context.config.get(MAX_USE).max(1);
    let watched = || -> std::io::Result<Poller> {
        let mut poller = Poller::new()?;
        if let Some(pipe) = inherited.status.watch() {
            poller.add(pipe, STATUS, Wish::Fault)?;
        }
        for (n, listener) in inherited.listeners.iter().enumerate() {
            poller.add(listener.fd(), n + FIRST_LISTENER, Wish::Read)?;
        }
        Ok(poller)
    };
    let mut poller = match watched() {
        Ok(poller) => poller,
        Err(err) => log::fatal!("event loop: {}", sys::errno_text(&err)),
    };
    if !inherited.status.announce() {
        return ExitCode::SUCCESS;
    }
    let mut events = Vec::new();
    let mut last = Instant::now();
    loop {
        if let Err(err) = poller.wait(Some(max_idle), &mut events) {
            log::fatal!("event loop: {}", sys::errno_text(&err));
        }
        if events.is_empty() && last.elapsed() >= max_idle && !inherited.lonely {
            return ExitCode::SUCCESS;
        }
        for event in &events {
            let Event::Ready { token, .. } = *event else { continue };
            if token == STATUS {
                return ExitCode::SUCCESS;
            }
            let Some(listener) = inherited.listeners.get(token - FIRST_LISTENER) else { continue };
            let stream = match listener.accept() {
                Ok(Some(stream)) => stream,
                Ok(None) => continue,
                Err(err) => {
                    log::warning!("accept connection: {}", sys::errno_text(&err));
                    std::thread::sleep(std::time::Duration::from_millis(500));
                    continue;
                }
            };
            if let Some(table) = changed.and_then(|changed| changed(&context.state)) {
                // compat: this request is still served with what is open.
                log::info!("table {table} has changed -- restarting");
                uses_left = 1;
            }
            if !inherited.status.taken() {
                uses_left = 1;
            }
            session(&mut context, stream);
            last = Instant::now();
            uses_left -= 1;
            if uses_left <= 0 && !inherited.lonely || !inherited.status.available() {
                return ExitCode::SUCCESS;
            }
        }
    }
}
