//! One file from the maildrop to cleanup(8).

use bstr::{BString, ByteSlice};
use config::Config;
use config::params::{
    CLEANUP_SERVICE_NAME, CONTENT_FILTER, INFO_LOG_ADDRESS_FORMAT, LINE_LENGTH_LIMIT, MAIL_NAME, MYHOSTNAME,
};
use ipc::cleanup::{self, Again, Flags, Opening, Status, flag, stat};
use ipc::{Peer, Place};
use spool::record::{self, Follower, kind};
use spool::{Damaged, QueueId, ReadError, Reader, fields};
use std::fs::File;
use std::io::{self, BufReader};
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

/// A file that is open and looks like mail.
pub struct Source {
    pub file: File,
    pub path: PathBuf,
    pub name: QueueId,
    pub uid: u32,
    pub modified: SystemTime,
    /// It came here from another queue, by an administrator's hand: its records are the system's own.
    pub requeued: bool,
}

/// What shall become of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is queued, or is no mail.
    Remove,
    /// Try again later.
    Keep,
}

/// Why a copy ended before the END record.
enum Stopped {
    /// The file is no mail.
    Bad(Option<u8>),
    /// The file is damaged.
    Damaged(Damaged),
    /// There is no sender.
    NoSender,
    /// The file or cleanup(8) failed.
    Io(io::Error),
}

impl From<io::Error> for Stopped {
    fn from(error: io::Error) -> Self {
        Stopped::Io(error)
    }
}

impl From<ReadError> for Stopped {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Io(error) => Stopped::Io(error),
            ReadError::Damaged(damage) => Stopped::Damaged(damage),
        }
    }
}

/// Hands the message to cleanup(8), over the connection that served the message before if it
/// still stands.
pub fn copy(config: &Config, flags: i32, source: Source, kept: &mut Option<Peer>) -> Fate {
    // Requeued mail has been through the filters of its content once.
    let flags = if source.requeued { flags & !(flag::MILTER | flag::AUTOUTF8) } else { flags };
    let opened = again(kept.take()).map_or_else(|| connect(config), Ok).and_then(|(mut peer, queue_id)| {
        peer.put(&Flags { flags })?;
        Ok((peer, queue_id))
    });
    let (mut peer, queue_id) = match opened {
        Ok(opened) => opened,
        Err(error) => {
            log::warning!("connect to cleanup service: {}", sys::errno_text(&error));
            return Fate::Keep;
        }
    };
    let uid = source.uid;
    let path = source.path.clone();
    let copied = Copy { config, source, queue_id: queue_id.clone(), peer: &mut peer }.run();
    let keep = |status: i32, reason: &[u8]| {
        // With a reason, cleanup(8) has logged it.
        if reason.is_empty() {
            let text = cleanup::detail(status).text;
            log::warning!("{}: error writing {queue_id}: {text}", path.display());
        }
        if status & stat::BAD != 0 { Fate::Remove } else { Fate::Keep }
    };
    match copied {
        Ok(()) => match peer.receive::<Status>() {
            Ok(Status { status: stat::OK, .. }) => {
                *kept = Some(peer);
                Fate::Remove
            }
            Ok(Status { status, reason }) => keep(status, &reason),
            Err(_) => keep(stat::WRITE, b""),
        },
        Err(Stopped::Bad(found)) => {
            let number = found.map_or(-1, i32::from);
            log::warning!("uid={uid}: unexpected or malformed record type {number}");
            Fate::Remove
        }
        Err(Stopped::Damaged(damage)) => {
            log::warning!("{}: {damage}", path.display());
            log::warning!("uid={uid}: unexpected or malformed record type -1");
            Fate::Remove
        }
        Err(Stopped::NoSender) => {
            log::warning!("{queue_id}: uid={uid}: no envelope sender");
            Fate::Remove
        }
        Err(Stopped::Io(error)) => {
            log::debug!("{}: {}", path.display(), sys::errno_text(&error));
            keep(stat::WRITE, b"")
        }
    }
}

fn connect(config: &Config) -> io::Result<(Peer, BString)> {
    let mut peer = ipc::connect(&Place::public(config.get(CLEANUP_SERVICE_NAME)))?;
    let opening: Opening = peer.receive()?;
    Ok((peer, opening.queue_id))
}

/// Another message over a kept connection; `None` when the server has closed it, as the
/// reference's does.
fn again(kept: Option<Peer>) -> Option<(Peer, BString)> {
    let mut peer = kept.filter(Peer::is_fresh)?;
    let opening: Opening = peer.send(&Again).and_then(|()| peer.receive()).ok()?;
    Some((peer, opening.queue_id))
}

struct Copy<'a> {
    config: &'a Config,
    source: Source,
    queue_id: BString,
    peer: &'a mut Peer,
}

impl Copy<'_> {
    fn run(mut self) -> Result<(), Stopped> {
        let limit = usize::try_from(self.config.get(LINE_LENGTH_LIMIT)).unwrap_or(2048);
        // Records that the system itself wrote, such as long headers, may be longer than a user's.
        let limit = if self.source.requeued { record::DATA_MAX } else { limit };
        let input = BufReader::with_capacity(64 * 1024, self.source.file.try_clone()?);
        let reader = Reader::new(input).limit(limit);
        let mut input = if self.source.requeued { Follower::new(reader) } else { Follower::plain(reader) };
        let sets = match self.source.requeued {
            true => [kind::ENVELOPE, kind::CONTENT, kind::EXTRACT],
            false => [kind::MAILDROP_ENVELOPE, kind::POST_CONTENT, kind::POST_EXTRACT],
        };
        let mut sender = None;
        let [envelope, content, extract] = sets;
        let filter = self.config.get(CONTENT_FILTER);
        if !filter.is_empty() {
            self.put(kind::FILT, filter.as_bytes())?;
        }
        self.segment(&mut input, envelope, true, &mut sender)?;
        let Some(sender) = sender else { return Err(Stopped::NoSender) };
        self.put(kind::MESG, b"")?;
        self.log(&sender);
        self.received()?;
        self.segment(&mut input, content, false, &mut None)?;
        self.put(kind::XTRA, b"")?;
        self.segment(&mut input, extract, true, &mut None)?;
        self.put(kind::END, b"")?;
        Ok(self.peer.flush()?)
    }

    /// Copies records of `allowed` types up to the one that ends the segment.
    fn segment(
        &mut self,
        input: &mut Follower<BufReader<File>>,
        allowed: &[u8],
        is_envelope: bool,
        sender: &mut Option<BString>,
    ) -> Result<(), Stopped> {
        loop {
            let is_learned = allowed.first() == Some(&kind::END);
            let Some(found) = input.next_record()? else { return Err(Stopped::Bad(None)) };
            let kind = found.kind;
            if !allowed.contains(&kind) {
                return Err(Stopped::Bad(Some(kind)));
            }
            if allowed.first() == Some(&kind) {
                return Ok(());
            }
            if is_envelope && !self.source.requeued && found.data.find_byteset(b"\0\r\n").is_some() {
                return Err(Stopped::Bad(Some(kind)));
            }
            match kind {
                kind::FROM => *sender = Some(found.data.into()),
                // What cleanup(8) learned from the content, it learns again.
                kind::ATTR if is_learned && !is_of_recipient(found.data) => continue,
                // Filters and redirections are as main.cf says now; done and warned is of the past.
                kind::FILT | kind::INSP | kind::RDR | kind::DONE | kind::WARN | kind::KILL | kind::DRCP
                    if is_envelope =>
                {
                    continue;
                }
                _ => {}
            }
            record::write(self.peer, kind, found.data)?;
        }
    }

    fn put(&mut self, kind: u8, data: &[u8]) -> io::Result<()> {
        record::write(self.peer, kind, data)
    }

    fn log(&self, sender: &BString) {
        let Source { uid, requeued, name, .. } = &self.source;
        let queue_id = &self.queue_id;
        let external = self.config.get(INFO_LOG_ADDRESS_FORMAT) == "external" && !sender.is_empty();
        let sender = if external { mail::quote::quote_822_local(sender) } else { sender.clone() };
        match requeued {
            true => log::info!("{queue_id}: uid={uid} from=<{sender}> orig_id={name}"),
            false => log::info!("{queue_id}: uid={uid} from=<{sender}>"),
        }
    }

    fn received(&mut self) -> io::Result<()> {
        let (host, name) = (self.config.get(MYHOSTNAME), self.config.get(MAIL_NAME));
        let by = format!("Received: by {host} ({name}, from userid {})", self.source.uid);
        self.put(kind::NORM, by.as_bytes())?;
        let since = self.source.modified.duration_since(UNIX_EPOCH).unwrap_or_default();
        let date = mail::date::header(i64::try_from(since.as_secs()).unwrap_or(0));
        self.put(kind::NORM, format!("\tid {}; {date}", self.queue_id).as_bytes())
    }
}

fn is_of_recipient(attribute: &[u8]) -> bool {
    let ours = [fields::attr::DSN_ORCPT, fields::attr::DSN_NOTIFY];
    fields::attribute(attribute).is_some_and(|(name, _)| ours.iter().any(|known| known.as_bytes() == name))
}
