//! The sessions model: the threads of a bounded pool accept and serve.
//!
//! A thread that is done waits for the next connection itself, so that a connection costs one wake-up. The main
//! thread only watches: the master's end, idle time, a full worker's opening again.

use std::collections::VecDeque;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

use config::params::{MAX_IDLE, MAX_USE};
use sys::arrivals::Arrivals;

use crate::accept::Listener;
use crate::builder::Changed;
use crate::poller::{Event, Poller, Wake, Wish};
use crate::start::{Context, Inherited};
use crate::status::Status;

const STATUS: usize = 0;
/// Sessions are shallow: no large buffers and no deep recursion on the stack.
const STACK: usize = 256 << 10;
/// After a failed accept (too many open files, say) others get a moment to finish.
const PAUSE: Duration = Duration::from_millis(500);
/// How long a worker that was full may take to open again while few of its slots are free.
const REST: Duration = Duration::from_millis(10);

struct Shared<T: 'static> {
    context: Context<T>,
    session: fn(&Context<T>, net::Stream),
    changed: Option<Changed<T>>,
    arrivals: Arrivals,
    /// Empty once the worker drains. Locked before `work`.
    listeners: RwLock<Vec<Listener>>,
    work: Mutex<Work>,
    wake: Wake,
    lonely: bool,
    slots: usize,
}

struct Work {
    status: Status,
    /// Accepted by a thread that has one to serve already.
    waiting: VecDeque<net::Stream>,
    /// Threads that wait for connections.
    idle: usize,
    /// Connections accepted and not yet ended.
    active: usize,
    uses_left: u64,
    /// When a connection came or ended last.
    last: Instant,
    /// When the tables were last looked at.
    looked: Option<Instant>,
    /// All slots are taken, and the master knows.
    full: bool,
    /// No new sessions come: each end may be the last.
    leaving: bool,
    /// The worker is to end: its master has gone, its uses are over, a table has changed, a session panicked.
    leave: bool,
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
    match Worker::new(context, inherited, changed, session) {
        Ok(worker) => worker.run(),
        Err(err) => log::fatal!("event loop: {}", sys::errno_text(&err)),
    }
}

/// The main thread's side.
struct Worker<T: 'static> {
    shared: Arc<Shared<T>>,
    poller: Poller,
    max_idle: Duration,
    /// When a worker that was full opens again, however few of its slots are free.
    reopen: Option<Instant>,
}

/// Free slots that open a full worker at once.
fn enough(slots: usize) -> usize {
    (slots / 8).max(1)
}

impl<T: Send + Sync + 'static> Worker<T> {
    fn new(
        context: Context<T>,
        inherited: Inherited,
        changed: Option<Changed<T>>,
        session: fn(&Context<T>, net::Stream),
    ) -> io::Result<Worker<T>> {
        let mut poller = Poller::new()?;
        if let Some(pipe) = inherited.status.watch() {
            poller.add(pipe, STATUS, Wish::Fault)?;
        }
        let slots = inherited.status.slots();
        let config = context.config;
        let max_idle = config.get(MAX_IDLE);
        let work = Work {
            status: inherited.status,
            waiting: VecDeque::new(),
            idle: 0,
            active: 0,
            uses_left: (config.get(MAX_USE).max(1) as u64).saturating_mul(slots as u64),
            last: Instant::now(),
            looked: None,
            full: false,
            leaving: false,
            leave: false,
        };
        let shared = Shared {
            context,
            session,
            changed,
            arrivals: Arrivals::new()?,
            listeners: inherited.listeners.into(),
            work: work.into(),
            wake: poller.waker()?,
            lonely: inherited.lonely,
            slots,
        };
        Ok(Worker { shared: Arc::new(shared), poller, max_idle, reopen: None })
    }

    fn run(mut self) -> ExitCode {
        {
            let listeners = self.shared.listeners.read().unwrap_or_else(PoisonError::into_inner);
            let mut work = lock(&self.shared.work);
            if !work.status.announce() {
                return ExitCode::SUCCESS;
            }
            self.shared.listen(&listeners, true);
            work.idle = 1;
        }
        if let Err(err) = start_thread(&self.shared) {
            log::fatal!("start thread: {}", sys::errno_text(&err));
        }
        let mut events = Vec::new();
        loop {
            let limit = match self.next_look() {
                Some(limit) => limit,
                None => return ExitCode::SUCCESS,
            };
            if let Err(err) = self.poller.wait(Some(limit), &mut events) {
                log::fatal!("event loop: {}", sys::errno_text(&err));
            }
            for event in events.drain(..) {
                // The master has ended, or has replaced this generation of processes.
                if let Event::Ready { token: STATUS, .. } = event {
                    self.poller.remove(STATUS);
                    self.drain();
                }
            }
        }
    }

    /// Does what is due, and says when to look again; `None`: the worker is done.
    fn next_look(&mut self) -> Option<Duration> {
        let work = lock(&self.shared.work);
        if work.leaving && work.active == 0 {
            return None;
        }
        let rests = work.last.elapsed();
        if work.leave && !work.leaving {
            drop(work);
            self.drain();
            return self.next_look();
        }
        if work.active == 0 && rests >= self.max_idle && !self.shared.lonely && !work.leaving {
            drop(work);
            self.drain();
            return self.next_look();
        }
        let limit = self.max_idle.checked_sub(rests).filter(|left| !left.is_zero()).unwrap_or(self.max_idle);
        let full = work.full;
        drop(work);
        if full {
            self.open_again();
        }
        Some(self.reopen.map_or(limit, |at| at.saturating_duration_since(Instant::now())))
    }

    /// A full worker takes connections again when enough of its slots are free, or a few for long enough:
    /// else a busy worker would close and open with every session, and tell the master each time.
    fn open_again(&mut self) {
        let listeners = self.shared.listeners.read().unwrap_or_else(PoisonError::into_inner);
        let mut work = lock(&self.shared.work);
        let free = self.shared.slots.saturating_sub(work.active);
        if free == 0 || work.leaving {
            self.reopen = None;
            return;
        }
        if free < enough(self.shared.slots) && self.reopen.is_none_or(|at| at > Instant::now()) {
            self.reopen.get_or_insert_with(|| Instant::now() + REST);
            return;
        }
        self.reopen = None;
        work.full = false;
        if work.status.available() {
            self.shared.listen(&listeners, true);
        } else {
            work.leave = true;
            self.shared.wake.wake();
        }
    }

    /// No new connections; the process ends with its last session.
    fn drain(&mut self) {
        let mut listeners = self.shared.listeners.write().unwrap_or_else(PoisonError::into_inner);
        let mut work = lock(&self.shared.work);
        if !work.full {
            self.shared.listen(&listeners, false);
        }
        // A listener that nobody accepts from must not stay open: after the master's death the next
        // master binds the same port, and the kernel would still hand this one its part of the connections.
        listeners.clear();
        work.leaving = true;
        let busy = work.active;
        let _ = work.status.leaving(busy);
    }
}

impl<T: Send + Sync + 'static> Shared<T> {
    /// A thread of the pool.
    fn serve(self: Arc<Self>) {
        loop {
            let stream = self.next();
            let outcome = catch_unwind(AssertUnwindSafe(|| (self.session)(&self.context, stream)));
            let mut work = lock(&self.work);
            work.active -= 1;
            work.idle += 1;
            work.last = Instant::now();
            if let Err(cause) = outcome {
                report(&*cause);
                work.leave = true;
            }
            let free = self.slots.saturating_sub(work.active);
            let news = free == 1 || free == enough(self.slots);
            let tell = work.leave || work.leaving || work.full && news;
            drop(work);
            if tell {
                self.wake.wake();
            }
        }
    }

    /// The next connection for a thread that has been counted as idle.
    fn next(self: &Arc<Self>) -> net::Stream {
        loop {
            if let Some(stream) = self.take(None) {
                return stream;
            }
            let accepted = match self.arrivals.wait() {
                Ok(Some(listener)) => self.accept(listener),
                // Something was left to do.
                Ok(None) => self.take(None).or_else(|| self.accept_any()),
                Err(err) => log::fatal!("event loop: {}", sys::errno_text(&err)),
            };
            if let Some(stream) = accepted {
                return stream;
            }
        }
    }

    fn accept_any(self: &Arc<Self>) -> Option<net::Stream> {
        let count = self.listeners.read().unwrap_or_else(PoisonError::into_inner).len();
        (0..count).find_map(|listener| self.accept(listener))
    }

    /// Accepts all that waits at a listener: one connection to serve, the others for other threads.
    fn accept(self: &Arc<Self>, listener: usize) -> Option<net::Stream> {
        let mut mine = None;
        loop {
            let listeners = self.listeners.read().unwrap_or_else(PoisonError::into_inner);
            if lock(&self.work).full {
                return mine;
            }
            let accepted = match listeners.get(listener) {
                Some(listener) => listener.accept(),
                None => return mine,
            };
            match accepted {
                Ok(None) => return mine,
                Ok(Some(stream)) => {
                    self.count(&listeners);
                    drop(listeners);
                    if mine.is_none() {
                        mine = self.take(Some(stream));
                    } else {
                        lock(&self.work).waiting.push_back(stream);
                        let _ = self.arrivals.nudge();
                    }
                }
                Err(err) => {
                    drop(listeners);
                    log::warning!("accept connection: {}", sys::errno_text(&err));
                    if mine.is_some() {
                        let _ = self.arrivals.nudge();
                        return mine;
                    }
                    std::thread::sleep(PAUSE);
                }
            }
        }
    }

    /// A connection has been accepted.
    fn count(&self, listeners: &[Listener]) {
        let mut work = lock(&self.work);
        work.active += 1;
        work.last = Instant::now();
        work.uses_left = work.uses_left.saturating_sub(1);
        if work.active >= self.slots && !work.full {
            work.full = true;
            self.listen(listeners, false);
            work.leave |= !work.status.taken();
        }
        work.leave |= work.uses_left == 0 && !self.lonely || self.table_changed(&mut work);
        if work.leave {
            self.wake.wake();
        }
    }

    /// Takes a connection, given or waiting, off the hands of those that wait. The last idle thread starts another
    /// first: somebody has to wait for the next connection.
    fn take(self: &Arc<Self>, given: Option<net::Stream>) -> Option<net::Stream> {
        let mut work = lock(&self.work);
        let stream = given.or_else(|| work.waiting.pop_front())?;
        work.idle -= 1;
        // Not one for the last slot: nobody could use it.
        let start = work.idle == 0 && (work.active < self.slots || !work.waiting.is_empty());
        if start {
            work.idle = 1;
        } else if !work.waiting.is_empty() {
            // Nudges that come close together are one.
            let _ = self.arrivals.nudge();
        }
        drop(work);
        if start {
            if let Err(err) = start_thread(self) {
                // This thread comes back.
                log::warning!("start thread: {}", sys::errno_text(&err));
                lock(&self.work).idle -= 1;
            }
        }
        Some(stream)
    }

    fn listen(&self, listeners: &[Listener], on: bool) {
        for (number, listener) in listeners.iter().enumerate() {
            let fd = listener.fd();
            let done = if on { self.arrivals.add(fd, number) } else { self.arrivals.remove(fd) };
            if let Err(err) = done {
                log::fatal!("watch listening socket: {}", sys::errno_text(&err));
            }
        }
    }

    fn table_changed(&self, work: &mut Work) -> bool {
        let Some(changed) = self.changed else { return false };
        if work.looked.is_some_and(|at| at.elapsed() < Duration::from_secs(1)) {
            return false;
        }
        work.looked = Some(Instant::now());
        match changed(&self.context.state) {
            None => false,
            Some(table) => {
                log::info!("table {table} has changed -- restarting");
                true
            }
        }
    }
}

/// A thread that counts as idle already.
fn start_thread<T: Send + Sync + 'static>(shared: &Arc<Shared<T>>) -> io::Result<()> {
    let shared = shared.clone();
    let name = shared.context.service.chars().take(15).collect();
    std::thread::Builder::new().name(name).stack_size(STACK).spawn(move || shared.serve()).map(drop)
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
