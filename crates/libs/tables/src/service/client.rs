//! The daemon's end: starts a table's helper and asks it.

use std::collections::HashMap;
use std::io;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bstr::{BString, ByteSlice};

use super::frames::{BAD_CONFIGURATION, FOUND, Frame, LOOKUP, NOT_FOUND, OPEN};
use crate::file::Folding;
use crate::parameters::Parameters;
use crate::registry::{Spec, TableType};
use crate::settings;
use crate::table::{Kind, OpenError, Owner, Table, TableError};

/// The row of `mysql:`.
pub const MYSQL: TableType = TableType { name: "mysql", open, can_create: false };
/// The row of `pgsql:`.
pub const PGSQL: TableType = TableType { name: "pgsql", open, can_create: false };
/// The row of `sqlite:`.
pub const SQLITE: TableType = TableType { name: "sqlite", open, can_create: false };
/// The row of `ldap:`.
pub const LDAP: TableType = TableType { name: "ldap", open, can_create: false };

/// A helper that says nothing for so long has lost its way; servers' own limits are shorter.
const LIMIT: Duration = Duration::from_secs(100);

fn helper(kind: &str) -> PathBuf {
    PathBuf::from(&settings().daemon_directory).join(format!("table-{kind}"))
}

/// Whether `kind` is a type whose helper is not installed.
pub(crate) fn is_missing(kind: &str) -> bool {
    ["mysql", "pgsql", "sqlite", "ldap"].contains(&kind) && !helper(kind).exists()
}

/// The table, and its helper while it runs.
struct Service {
    kind: String,
    parameters: Parameters,
    folding: Folding,
    /// What the helper said of the table's keys.
    keys: Kind,
    helper: Mutex<Arc<Helper>>,
}

fn open(spec: &Spec<'_>) -> Result<Arc<dyn Table>, OpenError> {
    let kind = spec.text.split(':').next().unwrap_or_default();
    let parameters = Parameters::open(kind, spec.name)?;
    let (helper, keys) = Helper::start(kind, &parameters)?;
    Ok(Arc::new(Service {
        kind: kind.to_owned(),
        parameters,
        folding: Folding::of(spec.flags),
        keys,
        helper: Mutex::new(Arc::new(helper)),
    }))
}

impl Service {
    fn helper(&self) -> MutexGuard<'_, Arc<Helper>> {
        self.helper.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The helper, a new one where the last has ended.
    fn alive(&self) -> Result<Arc<Helper>, TableError> {
        let mut helper = self.helper();
        if helper.dead.load(Ordering::Relaxed) {
            let (new, _) = Helper::start(&self.kind, &self.parameters)
                .map_err(|error| TableError::new(error.to_string()))?;
            *helper = Arc::new(new);
        }
        Ok(Arc::clone(&helper))
    }
}

impl Table for Service {
    fn lookup(&self, key: &[u8]) -> Result<Option<BString>, TableError> {
        let key = self.folding.fold(key);
        let reply = self.alive()?.ask(vec![LOOKUP.into(), key.as_ref().into()]).map_err(|error| {
            let why =
                format!("{}: the client program failed: {}", self.parameters.table, sys::errno_text(&error));
            log::warning!("{why}");
            TableError::new(why)
        })?;
        for line in reply.fields.iter().skip(2) {
            log::warning!("{line}");
        }
        match reply.field(0) {
            FOUND => Ok(Some(reply.field(1).into())),
            NOT_FOUND => Ok(None),
            _ => Err(TableError::new(reply.field(1).to_str_lossy().into_owned())),
        }
    }

    fn kind(&self) -> Kind {
        self.keys
    }

    fn owner(&self) -> Owner {
        self.parameters.owner()
    }

    fn changed(&self) -> bool {
        // Inside a jail no other helper can be started: a new process can.
        self.helper().dead.load(Ordering::Relaxed)
    }
}

/// A running helper.
struct Helper {
    writer: Mutex<UnixStream>,
    /// Whoever waits for a reply and finds nobody reading reads for all.
    replies: Mutex<Replies>,
    arrived: Condvar,
    next: AtomicU64,
    dead: AtomicBool,
    child: i32,
}

#[derive(Default)]
struct Replies {
    reader: Option<UnixStream>,
    here: HashMap<u64, Frame>,
}

impl Helper {
    fn start(kind: &str, parameters: &Parameters) -> Result<(Helper, Kind), OpenError> {
        let failed = |error: io::Error| {
            OpenError::Unavailable(format!(
                "{}: cannot run {}: {}",
                parameters.table,
                helper(kind).display(),
                sys::errno_text(&error)
            ))
        };
        let (ours, theirs) = UnixStream::pair().map_err(failed)?;
        let path = helper(kind);
        let child = sys::spawn::Spawn::new(&path, [path.as_os_str()])
            .and_then(|spawn| spawn.descriptor(&theirs, 0))
            .and_then(sys::spawn::Spawn::start)
            .map_err(failed)?;
        drop(theirs);
        let reader = ours.try_clone().map_err(failed)?;
        let helper = Helper {
            writer: Mutex::new(ours),
            replies: Mutex::new(Replies { reader: Some(reader), here: HashMap::new() }),
            arrived: Condvar::new(),
            next: AtomicU64::new(1),
            dead: AtomicBool::new(false),
            child,
        };
        let mut fields: Vec<BString> = vec![OPEN.into()];
        fields.extend(identity().map_err(OpenError::Unavailable)?);
        fields.extend(parameters.fields());
        let reply = helper.ask(fields).map_err(failed)?;
        for line in reply.fields.iter().skip(2) {
            log::warning!("{line}");
        }
        let text = reply.field(1).to_str_lossy().into_owned();
        match reply.field(0) {
            FOUND if text == "pattern" => Ok((helper, Kind::Pattern)),
            FOUND => Ok((helper, Kind::Fixed)),
            BAD_CONFIGURATION => Err(OpenError::Config(text)),
            _ => Err(OpenError::Unavailable(text)),
        }
    }

    fn ask(&self, fields: Vec<BString>) -> io::Result<Frame> {
        let answer = self.exchange(fields);
        if answer.is_err() {
            self.dead.store(true, Ordering::Relaxed);
            self.arrived.notify_all();
        }
        answer
    }

    fn exchange(&self, fields: Vec<BString>) -> io::Result<Frame> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let request = Frame { number, fields };
        {
            let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
            writer.set_write_timeout(Some(LIMIT))?;
            request.write(&mut *writer)?;
        }
        let end = Instant::now() + LIMIT;
        let mut replies = self.replies.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(reply) = replies.here.remove(&number) {
                return Ok(reply);
            }
            if self.dead.load(Ordering::Relaxed) {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(io::ErrorKind::TimedOut.into());
            }
            let Some(mut reader) = replies.reader.take() else {
                let waited = self.arrived.wait_timeout(replies, left);
                replies = waited.unwrap_or_else(PoisonError::into_inner).0;
                continue;
            };
            drop(replies);
            let read = reader.set_read_timeout(Some(left)).and_then(|()| Frame::read(&mut reader));
            replies = self.replies.lock().unwrap_or_else(PoisonError::into_inner);
            replies.reader = Some(reader);
            match read {
                Ok(Some(frame)) => {
                    replies.here.insert(frame.number, frame);
                    self.arrived.notify_all();
                }
                Ok(None) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    return Err(io::ErrorKind::TimedOut.into());
                }
                Err(error) => return Err(error),
            }
        }
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        // At the end of its input the helper ends.
        let writer = self.writer.get_mut().unwrap_or_else(PoisonError::into_inner);
        let _ = writer.shutdown(std::net::Shutdown::Both);
        let _ = sys::proc::wait(self.child);
    }
}

/// User and group that the helper takes once the table is open: empty fields for a process that keeps its own.
fn identity() -> Result<[BString; 2], String> {
    let Some(name) = settings().helper_owner.as_deref().filter(|_| sys::user::effective_uid() == 0) else {
        return Ok([BString::default(), BString::default()]);
    };
    match sys::user::by_name(name) {
        Ok(Some(user)) => Ok([user.uid.to_string().into(), user.gid.to_string().into()]),
        Ok(None) => Err(format!("mail_owner: unknown user {name}")),
        Err(error) => Err(format!("mail_owner {name}: {}", sys::errno_text(&error))),
    }
}
