//! The sessions model: the main thread accepts, a bounded pool of threads serves.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use config::params::{MAX_IDLE, MAX_USE};

use crate::accept::Listener;
use crate::builder::Changed;
use crate::poller::{Event, Poller, Wake, Wish};
use crate::start::{Context, Inherited};
use crate::status::Status;

const STATUS: usize = 0;
const FIRST_LISTENER: usize = 1;
/// Sessions are shallow: no large buffers and no deep recursion on the stack.
const STACK: usize = 256 << 10;
/// After a failed accept (too many open files, say) others get a moment to finish.
const PAUSE: Duration = Duration::from_millis(500);
/// How long a worker that was full may take to open again while few of its slots are free.
const REST: Duration = Duration::from_millis(10);

struct Shared<T: 'static> {
    context: Context<T>,
    session: fn(&Context<T>, net::Stream),
    work: Mutex<Work>,
    more: Condvar,
    wake: Wake,
}

struct Work {
    waiting: VecDeque<net::Stream>,
    /// Threads that wait for work.
    idle: usize,
    /// Connections accepted and not yet ended.
    active: usize,
    /// The main thread wants to hear when a session ends.
    tell: bool,
    /// No new sessions come: each end may be the last.
    leaving: bool,
    slots: usize,
    panicked: bool,
}

/// Serves until told to stop: by the master's end, by limits, by a changed table.
pub(crate) fn run<T: Send + Sync + 'static>(
    context: Context<T>,
    inherited: Inherited,
    changed: Option<Changed<T>>,
    session: fn(&Context<T>, net::Stream),
) -> ExitCode {
    if context.standard {
        session(&context, standard_stream());
        return ExitCode::SUCCESS;
    }
    let slots = inherited.status.slots();
    let poller = match Poller::new() {
        Ok(poller) => poller,
        Err(err) => log::fatal!("event loop: {}", sys::errno_text(&err)),
    };
    let wake = match poller.waker() {
        Ok(wake) => wake,
        Err(err) => log::fatal!("event loop: {}", sys::errno_text(&err)),
    };
    let config = context.config;
    let work = Work {
        waiting: VecDeque::new(),
        idle: 0,
        active: 0,
        tell: false,
        leaving: false,
        slots,
        panicked: false,
    };
    let shared = Arc::new(Shared { context, session, work: work.into(), more: Condvar::new(), wake });
    let worker = Worker {
        max_idle: config.get(MAX_IDLE),
        uses_left: (config.get(MAX_USE).max(1) as u64).saturating_mul(slots as u64),
        lonely: inherited.lonely,
        slots,
        shared,
        poller,
        listeners: inherited.listeners,
        status: inherited.status,
        changed,
        looked: None,
        draining: false,
        full: false,
        reopen: None,
    };
    worker.run()
}

struct Worker<T: 'static> {
    shared: Arc<Shared<T>>,
    poller: Poller,
    listeners: Vec<Listener>,
    status: Status,
    changed: Option<Changed<T>>,
    looked: Option<Instant>,
    max_idle: Duration,
    uses_left: u64,
    lonely: bool,
    slots: usize,
    draining: bool,
    full: bool,
    /// When a worker that was full opens again, however few of its slots are free.
    reopen: Option<Instant>,
}

/// Free slots that open a full worker at once.
fn enough(slots: usize) -> usize {
    (slots / 8).max(1)
}

impl<T: Send + Sync + 'static> Worker<T> {
    fn run(mut self) -> ExitCode {
        if let Some(pipe) = self.status.watch() {
            if let Err(err) = self.poller.add(pipe, STATUS, Wish::Fault) {
                log::fatal!("watch status pipe: {}", sys::errno_text(&err));
            }
        }
        self.listen(true);
        if !self.status.announce() {
            return ExitCode::SUCCESS;
        }
        let mut events = Vec::new();
        let mut last = Instant::now();
        loop {
            if self.draining && self.active() == 0 {
                return ExitCode::SUCCESS;
            }
            let limit = self.reopen.map_or(self.max_idle, |at| at.saturating_duration_since(Instant::now()));
            if let Err(err) = self.poller.wait(Some(limit), &mut events) {
                log::fatal!("event loop: {}", sys::errno_text(&err));
            }
            if self.reopen.is_some_and(|at| at <= Instant::now()) {
                self.session_ended();
            }
            if events.is_empty() && last.elapsed() >= self.max_idle && self.active() == 0 && !self.lonely {
                return ExitCode::SUCCESS;
            }
            for event in events.drain(..) {
                last = Instant::now();
                match event {
                    // The master has ended, or has replaced this generation of processes.
                    Event::Ready { token: STATUS, .. } => {
                        self.poller.remove(STATUS);
                        self.drain();
                    }
                    Event::Ready { token, .. } => self.accept(token - FIRST_LISTENER),
                    Event::Woken => self.session_ended(),
                    Event::Signal(_) => {}
                }
            }
        }
    }

    fn accept(&mut self, listener: usize) {
        while !self.full && !self.draining {
            let Some(from) = self.listeners.get(listener) else { return };
            match from.accept() {
                Ok(None) => {
                    self.poller.drained(listener + FIRST_LISTENER);
                    return;
                }
                Ok(Some(stream)) => self.begin(stream),
                Err(err) => {
                    log::warning!("accept connection: {}", sys::errno_text(&err));
                    std::thread::sleep(PAUSE);
                    return;
                }
            }
        }
    }

    fn begin(&mut self, stream: net::Stream) {
        self.uses_left = self.uses_left.saturating_sub(1);
        let mut work = lock(&self.shared.work);
        work.active += 1;
        work.waiting.push_back(stream);
        let full = work.active >= self.slots;
        let start = work.idle < work.waiting.len();
        if full {
            work.tell = true;
        }
        drop(work);
        if start {
            self.start_thread();
        } else {
            self.shared.more.notify_one();
        }
        if full && !self.full {
            self.full = true;
            self.listen(false);
            if !self.status.taken() {
                self.drain();
            }
        }
        if self.uses_left == 0 && !self.lonely || self.table_changed() {
            self.drain();
        }
    }

    fn start_thread(&self) {
        let shared = self.shared.clone();
        let name = shared.context.service.chars().take(15).collect();
        let started = std::thread::Builder::new().name(name).stack_size(STACK).spawn(move || shared.serve());
        if let Err(err) = started {
            log::warning!("start thread: {}", sys::errno_text(&err));
            let mut work = lock(&self.shared.work);
            // Some other thread may take it; without any, the client is turned away.
            if work.active == work.waiting.len() {
                work.waiting.pop_back();
                work.active -= 1;
            }
        }
    }

    fn session_ended(&mut self) {
        let mut work = lock(&self.shared.work);
        if work.panicked && !self.draining {
            drop(work);
            self.drain();
            return;
        }
        if self.full && work.active < self.slots {
            let few = self.slots - work.active < enough(self.slots);
            if few && !self.draining && self.reopen.is_none_or(|at| at > Instant::now()) {
                // A busy worker would close and open with every session, and tell master each time.
                self.reopen.get_or_insert_with(|| Instant::now() + REST);
                return;
            }
            work.tell = false;
            drop(work);
            self.full = false;
            self.reopen = None;
            if !self.draining {
                if self.status.available() {
                    self.listen(true);
                } else {
                    self.drain();
                }
            }
        }
    }

    /// No new connections; the process ends with its last session.
    fn drain(&mut self) {
        if !self.draining {
            self.draining = true;
            lock(&self.shared.work).leaving = true;
            self.listen(false);
            // A listener that nobody accepts from must not stay open: after the master's death the next
            // master binds the same port, and the kernel would still hand this one its part of the connections.
            self.listeners.clear();
            let busy = self.active();
            let _ = self.status.leaving(busy);
        }
    }

    fn listen(&mut self, on: bool) {
        for (n, listener) in self.listeners.iter().enumerate() {
            let token = n + FIRST_LISTENER;
            self.poller.remove(token);
            if on {
                if let Err(err) = self.poller.add(listener.fd(), token, Wish::Read) {
                    log::fatal!("watch listening socket: {}", sys::errno_text(&err));
                }
            }
        }
    }

    fn active(&self) -> usize {
        lock(&self.shared.work).active
    }

    fn table_changed(&mut self) -> bool {
        let Some(changed) = self.changed else { return false };
        if self.looked.is_some_and(|at| at.elapsed() < Duration::from_secs(1)) {
            return false;
        }
        self.looked = Some(Instant::now());
        match changed(&self.shared.context.state) {
            None => false,
            Some(table) => {
                log::info!("table {table} has changed -- restarting");
                true
            }
        }
    }
}

impl<T> Shared<T> {
    /// A thread of the pool.
    fn serve(&self) {
        loop {
            let mut work = lock(&self.work);
            work.idle += 1;
            let stream = loop {
                if let Some(stream) = work.waiting.pop_front() {
                    break stream;
                }
                work = self.more.wait(work).unwrap_or_else(PoisonError::into_inner);
            };
            work.idle -= 1;
            drop(work);
            let outcome = catch_unwind(AssertUnwindSafe(|| (self.session)(&self.context, stream)));
            let mut work = lock(&self.work);
            work.active -= 1;
            if let Err(cause) = outcome {
                work.panicked = true;
                report(&*cause);
            }
            let free = work.slots.saturating_sub(work.active);
            let news = free == 1 || free == enough(work.slots);
            if work.panicked || work.leaving || work.tell && news {
                self.wake.wake();
            }
        }
    }
}

fn report(cause: &(dyn std::any::Any + Send)) {
    if cause.downcast_ref::<log::Logged>().is_none() {
        let text = cause
            .downcast_ref::<&str>()
            .map(|t| t.to_string())
            .or_else(|| cause.downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "unknown cause".into());
        log::error!("session ended by a fault in this program: {text}");
    }
}

fn lock(work: &Mutex<Work>) -> MutexGuard<'_, Work> {
    work.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Standard input and output as one stream.
pub(crate) fn standard_stream() -> net::Stream {
    match (sys::fd::inherited(0), sys::fd::inherited(1)) {
        (Some(input), Some(output)) => net::Stream::new(Box::new(net::Pair::new(input, output))),
        _ => log::fatal!("standard input or output is closed"),
    }
}
