//! A service that runs: its plan, its listeners, its status pipe and its children.

use std::io::Read;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::time::Instant;

use ipc::master_status::{LENGTH, Report};

use crate::crew::Crew;
use crate::endpoint::Endpoint;
use crate::plan::Plan;
use crate::startup::Owner;

/// An open endpoint, and the poller's token for it.
pub struct Listener {
    /// Where.
    pub endpoint: Endpoint,
    /// The socket or FIFO.
    pub fd: OwnedFd,
    /// Its token.
    pub token: usize,
}

/// The pipe over which children report: two-way, so that children notice when the master is gone.
/// The children's end stays open here too, or the last child's death would look like an end.
pub struct StatusPipe {
    /// Read here.
    pub ours: UnixStream,
    /// Given to children as descriptor 5.
    pub theirs: UnixStream,
    /// Its token.
    pub token: usize,
}

/// One service.
pub struct Service {
    /// What master.cf says.
    pub plan: Plan,
    /// In the order of the plan's endpoints: the children's descriptors 6, 7, …
    pub listeners: Vec<Listener>,
    /// For the present children.
    pub status: StatusPipe,
    /// The processes.
    pub crew: Crew,
    /// The poller watches the listeners.
    pub watched: bool,
    /// No new process for now.
    pub throttled: bool,
    /// The wake-up timer starts with the first use.
    pub unused: bool,
    /// Until then children are told to hurry.
    pub stressed_until: Option<Instant>,
    /// When the process limit was last complained about.
    pub complained: Option<Instant>,
    /// Gone from master.cf; its children are finishing.
    pub retired: bool,
}

impl StatusPipe {
    /// A new pipe.
    pub fn new(token: usize) -> std::io::Result<StatusPipe> {
        let (ours, theirs) = UnixStream::pair()?;
        ours.set_nonblocking(true)?;
        Ok(StatusPipe { ours, theirs, token })
    }

    /// The reports that have come.
    pub fn reports(&mut self, service: &str) -> Vec<Report> {
        let mut bytes = [0; LENGTH * 64];
        let mut reports = Vec::new();
        loop {
            match self.ours.read(&mut bytes) {
                Ok(length) => {
                    let whole = bytes.get(..length).unwrap_or_default();
                    let (all, partial) = whole.as_chunks_of();
                    reports.extend(all.map(Report::decode));
                    if partial > 0 {
                        log::warning!(
                            "service {service}: child sent partial status update ({partial} bytes)"
                        );
                    }
                    if length < bytes.len() {
                        return reports;
                    }
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return reports,
                Err(error) => {
                    log::warning!("service {service}: read status: {}", sys::errno_text(&error));
                    return reports;
                }
            }
        }
    }
}

trait Chunks {
    fn as_chunks_of(&self) -> (impl Iterator<Item = &[u8; LENGTH]>, usize);
}

impl Chunks for [u8] {
    fn as_chunks_of(&self) -> (impl Iterator<Item = &[u8; LENGTH]>, usize) {
        let chunks = self.chunks_exact(LENGTH);
        let rest = chunks.remainder().len();
        (chunks.filter_map(|chunk| chunk.try_into().ok()), rest)
    }
}

impl Service {
    /// `private/bounce`, `127.0.0.1:25`.
    pub fn path_name(&self) -> &str {
        &self.plan.path_name
    }

    /// The command line of the next child.
    pub fn argv(&self, now: Instant) -> Vec<String> {
        let mut argv = self.plan.argv.clone();
        let stressed = self.stressed_until.is_some_and(|until| until > now);
        if let Some(word) = self.plan.stress.filter(|_| stressed).and_then(|place| argv.get_mut(place)) {
            word.push_str("yes");
        }
        argv
    }
}

/// Opens a plan's endpoints, taking over those of `old` that stay. What is left of `old` is to be closed.
pub fn open_listeners(
    plan: &Plan,
    old: &mut Vec<Listener>,
    owner: &Owner,
    mut token: impl FnMut() -> usize,
) -> Result<Vec<Listener>, String> {
    // First open what is new: when that fails, the old ones are still there.
    let mut fresh = Vec::new();
    for endpoint in &plan.endpoints {
        if !old.iter().any(|listener| listener.endpoint == *endpoint) {
            fresh.push(Listener {
                endpoint: endpoint.clone(),
                fd: endpoint.open(plan.backlog, owner)?,
                token: token(),
            });
        }
    }
    let mut take = |endpoint: &Endpoint| {
        let from =
            if old.iter().any(|listener| listener.endpoint == *endpoint) { &mut *old } else { &mut fresh };
        let place = from.iter().position(|listener| listener.endpoint == *endpoint)?;
        Some(from.swap_remove(place))
    };
    Ok(plan.endpoints.iter().filter_map(&mut take).collect())
}
