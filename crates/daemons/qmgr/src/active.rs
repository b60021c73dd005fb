//! The active queue: how messages get in, and what becomes of one when all its recipients have
//! been tried.
//!
//! ```text
//! feed ─> recipients ─> destinations ─> … ─> round_done
//!   marked corrupt? moved away
//!   bounce log? returned to the sender      after_bounce
//!   more recipients on file? another round
//!   report wanted? sent                     after_trace
//!   too old? the rest returned              after_expiry
//!   time for a warning? sent                after_warning
//!   something left? deferred : removed      finish
//! ```
//! Trouble with one file never ends the program: the file rests, or moves to `corrupt`.

use std::fs::{File, FileTimes};
use std::io;
use std::time::{Duration, SystemTime};

use ipc::bounce::{About, PROTOCOL, Request as Status, flag as about_flag};
use ipc::delivery::flag;
use mail::dsn::Notify;
use spool::fields::queue_opts;
use spool::open::{EXPIRE, Ready, UNTHROTTLE};
use spool::{Queue, QueueFile, QueueId};
use sys::file::Lock;

use crate::call::{Question, Then};
use crate::envelope::{self, Batch, Trouble};
use crate::manager::Manager;
use crate::message::{Message, QUEUE};
use crate::slab::Id;

/// Rest of a file that somebody still delivers.
const BUSY_REST: Duration = Duration::from_secs(60);
/// Recipients that are read at once, so that nobody waits long for the next event.
const READ_AT_ONCE: usize = 5000;

impl Manager {
    /// Takes a message into the active queue, if its time has come. `all`: in any case; `flush`:
    /// even if its destinations look dead. True when it came in.
    pub fn feed(&mut self, from: Queue, id: QueueId, all: bool, flush: bool) -> bool {
        let (modified, mode) = match self.spool.ready(from, &id) {
            Ok(Ready::Yes { modified, mode, .. }) => (modified, mode),
            Ok(Ready::NotComplete) => return false,
            Ok(Ready::NotOurs(why)) => {
                log::warning!("{why}");
                return false;
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => return false,
            Err(error) => {
                log::warning!("stat {} {id}: {}", from.name(), sys::errno_text(&error));
                return false;
            }
        };
        if !all && modified > sys::clock::now() + 1 {
            return false;
        }
        if let Err(error) = self.spool.rename(&id, from, Queue::Active) {
            log::warning!("{id}: rename from {} to {QUEUE}: {}", from.name(), sys::errno_text(&error));
            return false;
        }
        let flush = flush || mode & UNTHROTTLE != 0;
        match self.read_new(&id, mode) {
            Ok(Some((envelope, batch))) => {
                self.admit(id, envelope, batch, flush);
                true
            }
            Ok(None) => {
                log::info_line(&log::lines::skipped_still_delivered(&id.to_string()));
                self.put_back(&id, Queue::Incoming, BUSY_REST);
                false
            }
            Err(trouble) => {
                self.refuse(&id, &trouble);
                false
            }
        }
    }

    /// Reads a file that has just become active; `None`: an agent still has it.
    fn read_new(
        &mut self,
        id: &QueueId,
        mode: u32,
    ) -> Result<Option<(crate::message::Envelope, Batch)>, Trouble> {
        let file = self.spool.open(Queue::Active, id)?;
        match file.lock(Lock::Exclusive) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
            other => other?,
        }
        let limit = self.settings.recipient_limit.saturating_sub(self.recipients);
        let limit = limit.max(self.settings.recipient_minimum).min(READ_AT_ONCE);
        let (mut envelope, batch) = envelope::read(&mut file.follow(0), &id.to_string(), limit)?;
        if mode & UNTHROTTLE != 0 {
            use std::os::unix::fs::PermissionsExt;
            file.file().set_permissions(std::fs::Permissions::from_mode(mode & !UNTHROTTLE))?;
        }
        if mode & EXPIRE != 0 {
            envelope.forced_expire = true;
            let log = self.spool.path(Queue::Defer, id);
            if std::fs::metadata(log).is_ok_and(|log| log.len() > 0) {
                // What was the matter is known: nobody is tried again, the log goes to the sender.
                return Ok(Some((envelope, Batch::default())));
            }
        }
        // What the last round's defer log says is about recipients that are tried again now. Looking takes no lock on
        // the directory, and new mail has no log.
        if self.spool.holds(Queue::Defer, id)
            && let Err(error) = self.spool.remove(Queue::Defer, id)
            && error.kind() != io::ErrorKind::NotFound
        {
            // Something strange in that directory is no reason to keep mail back.
            log::warning!("remove defer {id}: {}", sys::errno_text(&error));
        }
        Ok(Some((envelope, batch)))
    }

    fn admit(&mut self, id: QueueId, mut envelope: crate::message::Envelope, batch: Batch, flush: bool) {
        // A warning that was sent has left a zero.
        if self.settings.confirm_delay_cleared && envelope.warn_offset.is_some() && envelope.warn_time == 0 {
            envelope.trace_flags |= flag::RECORD_DELAYED;
        }
        let size = u64::try_from(envelope.size.content_length).unwrap_or(0);
        let count = u64::try_from(envelope.size.recipients).unwrap_or(0);
        log::info_line(&log::lines::queue_active(
            &id.to_string(),
            &self.shown(&envelope.sender),
            size,
            count,
        ));
        self.probes += usize::from(envelope.trace_flags & flag::MTA_VERIFY != 0);
        let mut message = Message::new(id, envelope, flush);
        message.unfinished = message.envelope.forced_expire;
        let message = self.messages.insert(message);
        self.take_batch(message, batch);
        self.advance(message);
    }

    fn take_batch(&mut self, id: Id<Message>, mut batch: Batch) {
        let Some(message) = self.messages.get_mut(id) else { return };
        let success = i32::from(Notify::SUCCESS.bits());
        message.notifies_success |= message.envelope.size.queue_opts & queue_opts::NOTIFY_SUCCESS != 0;
        message.notifies_success |=
            batch.recipients.iter().any(|recipient| recipient.dsn_notify & success != 0);
        message.next_recipient = batch.next;
        if batch.recipients.len() > 1 {
            // Recipients of one domain share a request where they can.
            batch.recipients.sort_by_cached_key(|recipient| {
                let at = recipient.address.iter().rposition(|b| *b == b'@').unwrap_or(0);
                recipient.address.get(at..).unwrap_or_default().to_ascii_lowercase()
            });
        }
        message.unresolved.extend(batch.recipients);
    }

    /// Reads more recipients of a message whose earlier ones are (nearly) done.
    pub fn refill(&mut self, id: Id<Message>) {
        let Some(message) = self.messages.get(id) else { return };
        let Some(from) = message.next_recipient else { return };
        let limit = self.settings.recipient_limit.saturating_sub(self.recipients);
        let limit = limit.max(self.settings.recipient_minimum).min(READ_AT_ONCE);
        let read = self.spool.open(Queue::Active, &message.id).map_err(Trouble::from).and_then(|file| {
            envelope::read_more(&mut file.follow(0), &message.id.to_string(), from, limit, &message.envelope)
        });
        match read {
            Ok(batch) => {
                self.take_batch(id, batch);
                self.advance(id);
            }
            Err(trouble) => {
                if let Some(message) = self.messages.get_mut(id) {
                    message.next_recipient = None;
                    message.unfinished = true;
                    if message.requests > 0 {
                        // Requests of this message are under way; its file is judged when they are done.
                        log::warning!("{}: read recipients: {trouble}", message.id);
                        return;
                    }
                }
                if let Some(message) = self.forget(id) {
                    self.refuse(&message.id, &trouble);
                }
            }
        }
    }

    /// A file that cannot be read: corrupt for good, or a matter of time.
    fn refuse(&mut self, id: &QueueId, trouble: &Trouble) {
        match trouble {
            Trouble::Corrupt(why) => self.save_corrupt(id, why),
            Trouble::Io(error) => {
                log::warning!("read {QUEUE} {id}: {}", sys::errno_text(error));
                self.put_back(id, Queue::Deferred, self.settings.minimal_backoff);
            }
        }
    }

    fn save_corrupt(&mut self, id: &QueueId, why: &str) {
        log::warning!("{QUEUE}/{id}: {why}");
        log::warning!("saving corrupt file \"{id}\" from queue \"{QUEUE}\" to queue \"corrupt\"");
        self.remover.move_to(id, Queue::Corrupt);
    }

    /// Moves an active file to a queue where it rests for a while.
    fn put_back(&mut self, id: &QueueId, to: Queue, rest: Duration) {
        let wake = SystemTime::now() + rest;
        let path = self.spool.path(Queue::Active, id);
        let stamped = File::open(&path)
            .and_then(|file| file.set_times(FileTimes::new().set_accessed(wake).set_modified(wake)));
        if let Err(error) = stamped {
            log::warning!("update {} time stamps: {}", path.display(), sys::errno_text(&error));
        }
        self.remover.move_to(id, to);
    }

    /// A result that the queue manager recorded itself is on disk, or is not.
    pub fn recorded(&mut self, id: Id<Message>) {
        let Some(message) = self.messages.get_mut(id) else { return };
        message.requests -= 1;
        if message.requests == 0 && !message.is_reading() {
            self.round_done(id);
        }
    }

    /// All recipients in memory have been tried.
    pub fn round_done(&mut self, id: Id<Message>) {
        let Some(message) = self.messages.get_mut(id) else { return };
        message.closing = true;
        // An agent marks a file that it found damaged, and pretends that delivery was deferred.
        if message.unfinished
            && matches!(self.spool.ready(Queue::Active, &message.id), Ok(Ready::NotComplete))
        {
            if let Some(message) = self.forget(id) {
                self.save_corrupt(&message.id, "marked by a delivery agent");
            }
            return;
        }
        match std::fs::metadata(self.spool.path(Queue::Bounce, &message.id)) {
            Ok(log) if log.len() > 0 => {
                let place = self.settings.bounce.clone();
                let question = self.notice(id, 0, true);
                self.call_notice(place, question, Then::Bounced(id));
            }
            // An empty log is what a failed bounce(8) left; the agent has deferred the recipient.
            Ok(_) => {
                if let Err(error) = self.spool.remove(Queue::Bounce, &message.id) {
                    log::warning!("remove bounce {}: {}", message.id, sys::errno_text(&error));
                }
                self.after_bounce(id, 0);
            }
            Err(_) => self.after_bounce(id, 0),
        }
    }

    /// The sender has been told of the recipients that failed, or could not be.
    pub fn after_bounce(&mut self, id: Id<Message>, status: i32) {
        let Some(message) = self.messages.get_mut(id) else { return };
        if status != 0 {
            log::info!("{}: status=deferred (bounce failed)", message.id);
            message.unfinished = true;
        }
        if message.next_recipient.is_some() {
            message.closing = false;
            return self.refill(id);
        }
        let reports = flag::USER_VERIFY | flag::RECORD | flag::RECORD_DELAYED;
        let wanted = message.envelope.trace_flags & reports != 0 || message.notifies_success;
        if wanted && self.spool.path(Queue::Trace, &message.id).exists() {
            let place = self.settings.trace.clone();
            let flags = message.envelope.trace_flags;
            let question = self.about(id, flags).map(Status::Trace);
            self.call_notice(place, question, Then::Traced(id));
        } else {
            self.after_trace(id, 0);
        }
    }

    /// The sender has the report that was asked for, or will ask in vain.
    pub fn after_trace(&mut self, id: Id<Message>, status: i32) {
        let Some(message) = self.messages.get_mut(id) else { return };
        if status != 0 {
            message.unfinished = true;
        } else if let Some(offset) = message.envelope.trace_offset.take() {
            // One report is enough.
            patch(&self.spool, &message.id, |file| file.patch(offset, &[spool::kind::KILL]));
        }
        if message.unfinished {
            let envelope = &message.envelope;
            let now = sys::clock::now();
            let lifetime = if envelope.sender.is_empty() {
                self.settings.bounce_lifetime
            } else {
                self.settings.queue_lifetime
            };
            let expired = now >= envelope.create_time.saturating_add(lifetime);
            if expired || envelope.forced_expire {
                let what: &[u8] = if expired {
                    b"status=expired, returned to sender"
                } else {
                    b"status=force-expired, returned to sender"
                };
                let sender = envelope.sender.clone();
                log::info_line(&log::lines::from(&message.id.to_string(), &self.shown(&sender), what));
                let place = self.settings.defer.clone();
                let question = self.notice(id, about_flag::DELETE_RECIPIENTS, true);
                return self.call_notice(place, question, Then::Expired(id));
            }
            if envelope.warn_time > 0 && now >= envelope.warn_time - 1 {
                let place = self.settings.defer.clone();
                let question = self.about(id, 0).map(Status::Warn);
                return self.call_notice(place, question, Then::Warned(id));
            }
        }
        self.finish(id);
    }

    /// The recipients that waited too long have been returned, or could not be.
    pub fn after_expiry(&mut self, id: Id<Message>, status: i32) {
        if let Some(message) = self.messages.get_mut(id) {
            message.unfinished = status != 0;
        }
        self.finish(id);
    }

    /// The sender knows of the delay, or will be told later.
    pub fn after_warning(&mut self, id: Id<Message>, status: i32) {
        if status == 0
            && let Some(message) = self.messages.get(id)
            && let Some(offset) = message.envelope.warn_offset
        {
            // Behind the record's type and length.
            patch(&self.spool, &message.id, |file| file.patch(offset + 2, &spool::fields::format_warn(0)));
        }
        self.finish(id);
    }

    /// Every recipient is done with, or some are tried again later.
    fn finish(&mut self, id: Id<Message>) {
        let Some(message) = self.forget(id) else { return };
        if message.unfinished {
            let age = sys::clock::now().saturating_sub(message.envelope.create_time);
            let rest = backoff(age, self.settings.minimal_backoff, self.settings.maximal_backoff);
            self.put_back(&message.id, Queue::Deferred, rest);
            return;
        }
        self.remover.remove(message.id);
    }

    /// Takes a message out of memory.
    fn forget(&mut self, id: Id<Message>) -> Option<Message> {
        let message = self.messages.remove(id)?;
        self.probes -= usize::from(message.envelope.trace_flags & flag::MTA_VERIFY != 0);
        Some(message)
    }

    /// What a notice is about.
    fn about(&self, id: Id<Message>, flags: i32) -> Option<About> {
        let message = self.messages.get(id)?;
        Some(About {
            flags,
            queue_name: QUEUE.into(),
            queue_id: message.id.as_bytes().into(),
            encoding: message.envelope.encoding.clone(),
            sendopts: i32::try_from(message.envelope.size.sendopts).unwrap_or(0),
            sender: message.envelope.sender.clone(),
            dsn_envid: message.envelope.dsn_envid.clone(),
            dsn_ret: message.envelope.dsn_ret,
        })
    }

    /// A request to return a log to the sender, in VERP style where the message asks for that.
    fn notice(&self, id: Id<Message>, flags: i32, verp: bool) -> Option<Status> {
        let about = self.about(id, flags)?;
        let delimiters = &self.messages.get(id)?.envelope.verp;
        if verp && !delimiters.is_empty() && !self.settings.disable_verp {
            Some(Status::Verp { about, delimiters: delimiters.clone() })
        } else {
            Some(Status::Flush(about))
        }
    }

    fn call_notice(&mut self, place: ipc::Place, question: Option<Status>, then: Then) {
        if let Some(question) = question {
            self.call(place, PROTOCOL, Question::Status(Box::new(question)), then);
        }
    }
}

/// How long a deferred message rests: as long as it is old, within bounds.
fn backoff(age: i64, shortest: Duration, longest: Duration) -> Duration {
    Duration::from_secs(u64::try_from(age).unwrap_or(0)).min(longest).max(shortest)
}

fn patch(spool: &spool::Spool, id: &QueueId, change: impl FnOnce(&QueueFile) -> io::Result<()>) {
    if let Err(error) = spool.open(Queue::Active, id).and_then(|file| change(&file)) {
        log::warning!("update queue file {QUEUE} {id}: {}", sys::errno_text(&error));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rest_grows_with_age_within_bounds() {
        let bounds = (Duration::from_secs(300), Duration::from_secs(4000));
        for (age, rest) in [(-5, 300), (0, 300), (299, 300), (1000, 1000), (4001, 4000), (1_000_000, 4000)] {
            assert_eq!(backoff(age, bounds.0, bounds.1), Duration::from_secs(rest), "{age}");
        }
    }
}
