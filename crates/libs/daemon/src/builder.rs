//! What a daemon's `main` says.

use std::marker::PhantomData;
use std::process::ExitCode;

use config::{ConfigError, ParamRef};

use crate::event_loop::EventLoop;
use crate::start::{Context, Need, Plan, Setup, start};
use crate::{agent as alone, pool, triggers};

/// Marks [`sessions`].
pub enum Sessions {}
/// Marks [`agent`].
pub enum Agent {}
/// Marks [`triggered`].
pub enum Triggered {}
/// Marks [`events`].
pub enum Events {}

/// A daemon in the making.
pub struct Builder<M> {
    plan: Plan,
    model: PhantomData<M>,
}

/// Each connection is served on a thread of a bounded pool.
pub fn sessions(name: &str) -> Builder<Sessions> {
    Builder::new(name, false)
}

/// One connection at a time, on the main thread.
pub fn agent(name: &str) -> Builder<Agent> {
    Builder::new(name, true)
}

/// Serves trigger bytes: short messages that say only that there is work.
pub fn triggered(name: &str) -> Builder<Triggered> {
    Builder::new(name, true)
}

/// A loop of the daemon's own.
pub fn events(name: &str) -> Builder<Events> {
    Builder::new(name, true)
}

impl<M> Builder<M> {
    fn new(name: &str, single: bool) -> Builder<M> {
        let plan = Plan {
            name: name.to_string(),
            parameters: Vec::new(),
            need: Need::Nothing,
            privileged: false,
            single,
            many: false,
            most: None,
            persistent: false,
        };
        Builder { plan, model: PhantomData }
    }

    /// The parameters that it reads: their values are checked before anything else happens.
    pub fn parameters(mut self, parameters: &[ParamRef]) -> Self {
        self.plan.parameters.extend_from_slice(parameters);
        self
    }

    /// Its master.cf entry must have process limit 1.
    pub fn solitary(mut self) -> Self {
        self.plan.need = Need::Solitary;
        self
    }

    /// Its master.cf entry must have no process limit.
    pub fn unlimited(mut self) -> Self {
        self.plan.need = Need::Unlimited;
        self
    }

    /// It does not end for lack of work or after many requests: what it knows would be lost.
    pub fn persistent(mut self) -> Self {
        self.plan.persistent = true;
        self
    }

    /// It acts for users: the real user stays root, the effective one is the mail owner except
    /// where the daemon takes on a recipient's identity.
    pub fn privileged(mut self) -> Self {
        self.plan.privileged = true;
        self
    }

    /// Opens tables, TLS files and whatever else is out of reach later: still with the
    /// privileges of master(8), and outside the jail.
    pub fn before_jail<T, F>(self, open: F) -> Ready<M, T, F>
    where
        F: FnOnce(&Setup) -> Result<T, ConfigError>,
    {
        Ready { plan: self.plan, open, changed: None, model: PhantomData }
    }
}

/// Looks whether what `before_jail` opened has changed since; names it.
pub(crate) type Changed<T> = fn(&T) -> Option<String>;

/// A daemon that only lacks its function.
pub struct Ready<M, T, F> {
    plan: Plan,
    open: F,
    changed: Option<Changed<T>>,
    model: PhantomData<M>,
}

impl<M, T, F: FnOnce(&Setup) -> Result<T, ConfigError>> Ready<M, T, F> {
    /// Asks before a connection is served (once a second at most) whether a table has changed;
    /// the process then finishes what it has and makes room for a new one.
    pub fn watch(mut self, changed: Changed<T>) -> Self {
        self.changed = Some(changed);
        self
    }
}

impl Builder<Sessions> {
    /// One process serves all clients that come, and they keep their connections: its process limit
    /// does not bound its sessions (tlsmgr, anvil, verify, proxymap and the like).
    pub fn many(mut self) -> Self {
        self.plan.many = true;
        self
    }

    /// At most so many sessions in one process, however many the master offers: for a daemon whose death
    /// in the middle of a session costs others something.
    pub fn at_most(mut self, sessions: usize) -> Self {
        self.plan.most = Some(sessions);
        self
    }
}

impl<T, F> Ready<Sessions, T, F>
where
    T: Send + Sync + 'static,
    F: FnOnce(&Setup) -> Result<T, ConfigError>,
{
    /// Serves connections, many at once.
    pub fn serve(self, session: fn(&Context<T>, net::Stream)) -> ExitCode {
        let (context, inherited) = start(self.plan, self.open);
        pool::run(context, inherited, self.changed, session)
    }
}

impl<T, F: FnOnce(&Setup) -> Result<T, ConfigError>> Ready<Agent, T, F> {
    /// Serves connections, one at a time.
    pub fn serve(self, session: fn(&mut Context<T>, net::Stream)) -> ExitCode {
        let (context, inherited) = start(self.plan, self.open);
        alone::run(context, inherited, self.changed, session)
    }
}

impl<T, F: FnOnce(&Setup) -> Result<T, ConfigError>> Ready<Triggered, T, F> {
    /// Serves triggers; the bytes of several may come in one call.
    pub fn on_trigger(self, work: fn(&mut Context<T>, &[u8])) -> ExitCode {
        let (context, inherited) = start(self.plan, self.open);
        triggers::run(context, inherited, self.changed, work)
    }
}

impl<T, F: FnOnce(&Setup) -> Result<T, ConfigError>> Ready<Events, T, F> {
    /// Hands over to the daemon's own loop.
    pub fn run(self, work: fn(Context<T>, EventLoop) -> ExitCode) -> ExitCode {
        let (context, inherited) = start(self.plan, self.open);
        match EventLoop::new(inherited, &context) {
            Ok(events) => work(context, events),
            Err(err) => log::fatal!("event loop: {}", sys::errno_text(&err)),
        }
    }
}
