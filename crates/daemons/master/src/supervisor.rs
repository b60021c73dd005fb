//! The loop: connections that nobody waits for, reports, deaths, timers and signals.

use std::collections::{BTreeMap, HashMap};
use std::os::fd::AsFd;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use config::Config;
use daemon::poller::{Event, Poller, Wish};
use daemon::timers::Timers;
use sys::proc::Ended;

use crate::crew::{Crew, Verdict};
use crate::options::Options;
use crate::plan::Plan;
use crate::service::{Service, StatusPipe, open_listeners};
use crate::spawn::Birth;
use crate::startup::{Locks, Owner};
use crate::wakeup;

/// A service's number, for as long as this process lives.
pub type Id = usize;

/// How long a service stays in stress mode after its limit was last reached, and how long a complaint is not repeated.
const STRESS_TIME: Duration = Duration::from_secs(1000);

/// Slots a worker may have at most.
const SLOTS_MOST: u32 = 64;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Timer {
    Wake(Id),
    Unthrottle(Id),
    Exit,
}

#[derive(Clone, Copy)]
enum Source {
    Listener(Id),
    Status(Id),
}

/// Everything the process knows.
pub struct Supervisor {
    pub(crate) options: Options,
    pub(crate) config: Config,
    pub(crate) owner: Owner,
    pub(crate) services: BTreeMap<Id, Service>,
    pub(crate) birth: Birth,
    poller: Poller,
    timers: Timers<Timer>,
    sources: HashMap<usize, Source>,
    pids: HashMap<i32, Id>,
    next_token: usize,
    next_id: Id,
}

impl Supervisor {
    /// Nothing runs yet.
    pub fn new(options: &Options, config: Config, owner: Owner) -> Supervisor {
        let made = Poller::new().and_then(|mut poller| {
            use sys::signal::{CHLD, HUP, INT, QUIT, TERM};
            poller.signals(&[HUP, CHLD, TERM, INT, QUIT])?;
            Ok((poller, Birth::new(&config)?))
        });
        let (poller, birth) = made.unwrap_or_else(|error| log::fatal!("pipe: {}", sys::errno_text(&error)));
        let mut timers = Timers::new();
        if let Some(time) = options.exit_time {
            timers.set(Timer::Exit, time);
        }
        Supervisor {
            options: options.clone(),
            config,
            owner,
            services: BTreeMap::new(),
            birth,
            poller,
            timers,
            sources: HashMap::new(),
            pids: HashMap::new(),
            next_token: 0,
            next_id: 0,
        }
    }

    /// The configuration in force.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Starts the services of master.cf; a mistake in it, or an endpoint that cannot be had, is fatal.
    pub fn start(&mut self) {
        let plans = self.plans().unwrap_or_else(|error| log::fatal!("{error}"));
        for plan in plans {
            if let Err(complaint) = self.start_service(plan) {
                log::fatal!("{complaint}");
            }
        }
    }

    /// Runs until a signal, or the exit time, ends it.
    pub fn run(mut self, _locks: Locks) -> ExitCode {
        let mut events = Vec::new();
        loop {
            let limit = self.timers.next_in();
            if let Err(error) = self.poller.wait(limit, &mut events) {
                log::fatal!("poll: {}", sys::errno_text(&error));
            }
            // Reports and deaths first: they say whether a connection needs a new process at all.
            let (mut hang_up, mut death) = (false, false);
            let mut connections = Vec::new();
            for event in &events {
                match *event {
                    Event::Ready { token, .. } => match self.sources.get(&token) {
                        Some(&Source::Status(id)) => self.reports(id),
                        Some(&Source::Listener(id)) => connections.push(id),
                        None => {}
                    },
                    Event::Signal(sys::signal::HUP) => hang_up = true,
                    Event::Signal(sys::signal::CHLD) => death = true,
                    Event::Signal(signal) => return self.terminate(signal),
                    Event::Woken => {}
                }
            }
            if death {
                self.reap();
            }
            for id in connections {
                self.connection(id);
            }
            if hang_up {
                self.reload();
            }
            while let Some(timer) = self.timers.expired() {
                match timer {
                    Timer::Wake(id) => self.wake(id),
                    Timer::Unthrottle(id) => self.unthrottle(id),
                    Timer::Exit => {
                        log::info!("master exit time has arrived");
                        return ExitCode::SUCCESS;
                    }
                }
            }
        }
    }

    /// Opens a service's endpoints and begins to watch them.
    pub(crate) fn start_service(&mut self, plan: Plan) -> Result<(), String> {
        let id = self.next_id;
        self.next_id += 1;
        let Supervisor { owner, next_token, .. } = self;
        let listeners = open_listeners(&plan, &mut Vec::new(), owner, || {
            *next_token += 1;
            *next_token
        })?;
        let status = self.status_pipe()?;
        for listener in &listeners {
            self.sources.insert(listener.token, Source::Listener(id));
        }
        self.sources.insert(status.token, Source::Status(id));
        self.poller
            .add(status.ours.as_fd(), status.token, Wish::Read)
            .map_err(|error| format!("watch status: {}", sys::errno_text(&error)))?;
        let unused = plan.wakeup.only_if_used;
        let service = Service {
            plan,
            listeners,
            status,
            crew: Crew::default(),
            watched: false,
            throttled: false,
            unused,
            stressed_until: None,
            complained: None,
            retired: false,
        };
        self.services.insert(id, service);
        self.balance(id);
        self.wake(id);
        Ok(())
    }

    /// Gives a service that stays what master.cf says now; its children finish and leave.
    pub(crate) fn change_service(&mut self, id: Id, plan: Plan) -> Result<(), String> {
        self.unwatch(id);
        let Supervisor { owner, next_token, services, sources, .. } = self;
        let Some(service) = services.get_mut(&id) else { return Ok(()) };
        let mut old = std::mem::take(&mut service.listeners);
        let opened = open_listeners(&plan, &mut old, owner, || {
            *next_token += 1;
            *next_token
        });
        match opened {
            Ok(listeners) => {
                for gone in &old {
                    sources.remove(&gone.token);
                }
                for listener in &listeners {
                    sources.insert(listener.token, Source::Listener(id));
                }
                service.listeners = listeners;
            }
            Err(complaint) => {
                service.listeners = old;
                self.balance(id);
                return Err(complaint);
            }
        }
        service.unused = plan.wakeup.only_if_used;
        service.plan = plan;
        service.throttled = false;
        self.timers.cancel(&Timer::Unthrottle(id));
        self.dismiss(id);
        self.balance(id);
        self.wake(id);
        Ok(())
    }

    /// Stops a service that master.cf no longer names: no new connections; children finish what they do.
    pub(crate) fn retire_service(&mut self, id: Id) {
        self.unwatch(id);
        self.timers.cancel(&Timer::Wake(id));
        self.timers.cancel(&Timer::Unthrottle(id));
        self.dismiss(id);
        let Some(service) = self.services.get_mut(&id) else { return };
        service.retired = true;
        for gone in service.listeners.drain(..) {
            self.sources.remove(&gone.token);
        }
        self.forget_if_gone(id);
    }

    /// New children of this service run anew; present ones notice that their status pipe ended.
    fn dismiss(&mut self, id: Id) {
        let fresh = match self.status_pipe() {
            Ok(fresh) => fresh,
            Err(complaint) => {
                log::warning!("{complaint}");
                return;
            }
        };
        let Some(service) = self.services.get_mut(&id) else { return };
        service.crew.dismiss();
        self.poller.remove(service.status.token);
        self.sources.remove(&service.status.token);
        service.status = fresh;
        let (fd, token) = (service.status.ours.as_fd(), service.status.token);
        if let Err(error) = self.poller.add(fd, token, Wish::Read) {
            log::warning!("service {}: watch status: {}", service.path_name(), sys::errno_text(&error));
        }
        self.sources.insert(token, Source::Status(id));
    }

    fn status_pipe(&mut self) -> Result<StatusPipe, String> {
        self.next_token += 1;
        StatusPipe::new(self.next_token).map_err(|error| format!("pipe: {}", sys::errno_text(&error)))
    }

    /// Watches a service's listeners exactly while no child does and one more may be started.
    fn balance(&mut self, id: Id) {
        let Some(service) = self.services.get_mut(&id) else { return };
        let room = service.crew.room(service.plan.limit, service.plan.share).is_some();
        let wanted = !service.throttled && !service.retired && !service.crew.any_available();
        if wanted && !room && service.plan.stress.is_some() {
            complain(service);
        }
        match (wanted && room, service.watched) {
            (true, false) => self.watch(id),
            (false, true) => self.unwatch(id),
            _ => {}
        }
    }

    fn watch(&mut self, id: Id) {
        let Some(service) = self.services.get_mut(&id) else { return };
        for listener in &service.listeners {
            if let Err(error) = self.poller.add(listener.fd.as_fd(), listener.token, Wish::Read) {
                log::warning!(
                    "service {}: watch {}: {}",
                    service.path_name(),
                    listener.endpoint,
                    sys::errno_text(&error)
                );
            }
        }
        service.watched = true;
    }

    fn unwatch(&mut self, id: Id) {
        let Some(service) = self.services.get_mut(&id) else { return };
        if std::mem::take(&mut service.watched) {
            for listener in &service.listeners {
                self.poller.remove(listener.token);
            }
        }
    }

    /// A connection that no child waits for.
    fn connection(&mut self, id: Id) {
        let Some(service) = self.services.get_mut(&id) else { return };
        if !service.watched {
            return; // A report in the same batch of events made it unnecessary.
        }
        let plan = &service.plan;
        let Some(slots) = service.crew.room(plan.limit, plan.share) else { return };
        if plan.stress.is_some() && service.crew.held().saturating_add(slots) >= plan.limit {
            let now = Instant::now();
            let calm = service.stressed_until.is_none_or(|until| until < now);
            service.stressed_until = Some(now + STRESS_TIME);
            if calm {
                self.dismiss(id);
            }
        }
        self.spawn(id, slots);
    }

    fn spawn(&mut self, id: Id, slots: u32) {
        let Some(service) = self.services.get_mut(&id) else { return };
        match self.birth.start(service, slots) {
            Ok((pid, generation)) => {
                log::debug!("spawn command {}; pid {pid}", service.plan.program.display());
                service.crew.add(pid, generation, slots);
                self.pids.insert(pid, id);
                if std::mem::take(&mut service.unused) {
                    self.wake(id);
                }
                self.balance(id);
            }
            Err(error) => {
                let program = service.plan.program.display();
                log::warning!("exec {program}: {}", sys::errno_text(&error));
                log::warning!("{program}: bad command startup -- throttling");
                self.throttle(id);
            }
        }
    }

    fn reports(&mut self, id: Id) {
        let Some(service) = self.services.get_mut(&id) else { return };
        for report in service.status.reports(&service.plan.path_name) {
            log::debug!("status: pid {} gen {} avail {}", report.pid, report.generation, report.available);
            service.crew.report(report.pid, report.generation, report.available, SLOTS_MOST);
        }
        self.balance(id);
    }

    fn reap(&mut self) {
        while let Some((pid, how)) = sys::proc::reap() {
            // As process 1 this one inherits strangers.
            let Some(id) = self.pids.remove(&pid) else { continue };
            // What it said before it died still counts.
            self.reports(id);
            let Some(service) = self.services.get_mut(&id) else { continue };
            let program = service.plan.program.display();
            match how {
                Ended::Exit(0) => {}
                Ended::Exit(status) => log::warning!("process {program} pid {pid} exit status {status}"),
                Ended::Signal(signal) => {
                    log::warning!("process {program} pid {pid} killed by signal {signal}")
                }
            }
            let missed = !how.success() || service.crew.is_dismissed(pid);
            let verdict = service.crew.remove(pid, how);
            let alone = service.crew.is_empty();
            if verdict == Verdict::BadStart && !service.throttled && !service.retired {
                log::warning!("{program}: bad command startup -- throttling");
                self.throttle(id);
            }
            self.balance(id);
            if missed && alone {
                // It may have taken a wake-up with it; its successor should not wait for the next one.
                self.wake(id);
            }
            self.forget_if_gone(id);
        }
    }

    fn forget_if_gone(&mut self, id: Id) {
        if self.services.get(&id).is_some_and(|service| service.retired && service.crew.is_empty()) {
            if let Some(service) = self.services.remove(&id) {
                self.poller.remove(service.status.token);
                self.sources.remove(&service.status.token);
            }
        }
    }

    /// Leaves this service, and only this one, alone for a while.
    fn throttle(&mut self, id: Id) {
        let Some(service) = self.services.get_mut(&id) else { return };
        service.throttled = true;
        self.timers.set(Timer::Unthrottle(id), service.plan.throttle);
        self.balance(id);
    }

    fn unthrottle(&mut self, id: Id) {
        if let Some(service) = self.services.get_mut(&id) {
            log::debug!("throttle released for command {}", service.plan.program.display());
            service.throttled = false;
        }
        self.balance(id);
    }

    /// Wakes a service that has a timer, now and again later.
    fn wake(&mut self, id: Id) {
        let Some(service) = self.services.get(&id) else { return };
        let seconds = service.plan.wakeup.seconds;
        if seconds == 0 || service.unused || service.retired {
            self.timers.cancel(&Timer::Wake(id));
            return;
        }
        if !service.throttled {
            if let Err(error) = wakeup::send(service) {
                let (name, path) = (&service.plan.name, service.path_name());
                log::warning!("wakeup: service {name}({path}): {}", sys::errno_text(&error));
            }
        }
        self.timers.set(Timer::Wake(id), Duration::from_secs(seconds.into()));
    }

    /// The whole mail system goes down with this process.
    fn terminate(&mut self, signal: i32) -> ExitCode {
        use sys::signal::{KILL, TERM};
        // postlogd goes with the others.
        log::straight_to_file();
        log::info!("terminating on signal {signal}");
        if sys::proc::leads_group() || sys::proc::pid() == 1 {
            // Our own copy of the signal does nothing: it is delivered as an event, and no event is read any more.
            let _ = sys::proc::kill(-sys::proc::pid(), TERM);
        } else {
            for pid in self.services.values().flat_map(|service| service.crew.pids()) {
                let _ = sys::proc::kill(pid, TERM);
            }
        }
        if sys::proc::pid() == 1 {
            return ExitCode::SUCCESS; // Process 1 cannot die of its own signal.
        }
        let _ = sys::signal::default(signal);
        let _ = sys::proc::kill(sys::proc::pid(), signal);
        let _ = sys::proc::kill(sys::proc::pid(), KILL);
        ExitCode::FAILURE
    }
}

fn complain(service: &mut Service) {
    let now = Instant::now();
    if service.complained.is_some_and(|last| now.duration_since(last) < STRESS_TIME) {
        return;
    }
    service.complained = Some(now);
    let (name, path, limit) = (&service.plan.name, &service.plan.path_name, service.plan.limit);
    log::warning!(
        "service \"{name}\" ({path}) has reached its process limit \"{limit}\": new clients may experience noticeable delays"
    );
    log::warning!(
        "to avoid this condition, increase the process count in master.cf or reduce the service time per client"
    );
    log::warning!(
        "see https://www.postfix.org/STRESS_README.html for examples of stress-adapting configuration settings"
    );
}
