//! One delivery request with its open queue file: what an agent gets, and how it reports.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::time::{Duration, SystemTime};

pub use ipc::MsgStats;
pub use ipc::Recipient;
pub use ipc::delivery::Request;
use ipc::delivery::flag;
use mail::dsn::Outcome;
use spool::QueueFile;

use crate::report::{Attempt, Envelope, Fate};
use crate::{Agent, Content};

/// A request of the queue manager, its queue file open and locked, and what came of it so far.
///
/// `Deref`s to the [`Request`]: `delivery.sender`, `delivery.nexthop`, `delivery.recipients`.
pub struct Delivery<'a> {
    /// What all requests of this agent share.
    pub agent: &'a Agent,
    /// What the queue manager said.
    pub request: Request,
    file: QueueFile,
    stats: Cell<MsgStats>,
    kept: Cell<bool>,
    hop: RefCell<Option<Outcome>>,
    /// Where records are that have been marked.
    marked: RefCell<BTreeSet<u64>>,
}

impl std::ops::Deref for Delivery<'_> {
    type Target = Request;

    fn deref(&self) -> &Request {
        &self.request
    }
}

impl<'a> Delivery<'a> {
    pub(crate) fn new(agent: &'a Agent, request: Request, file: QueueFile) -> Delivery<'a> {
        let stats = MsgStats { agent_handoff: Some(SystemTime::now()), ..request.stats };
        Delivery {
            agent,
            request,
            file,
            stats: Cell::new(stats),
            kept: Cell::new(false),
            hop: RefCell::new(None),
            marked: RefCell::new(BTreeSet::new()),
        }
    }

    /// Delivered: records, logs and marks the recipient done.
    pub fn sent(&self, recipient: &Recipient, relay: &[u8], outcome: &Outcome) -> Fate {
        self.note_sent(recipient);
        self.settle(recipient, self.agent.reporter.sent(&self.attempt(recipient, relay, b"", outcome)))
    }

    /// Undeliverable: records, logs and marks the recipient done.
    pub fn bounced(&self, recipient: &Recipient, relay: &[u8], outcome: &Outcome) -> Fate {
        self.settle(recipient, self.agent.reporter.bounced(&self.attempt(recipient, relay, b"", outcome)))
    }

    /// To be tried again: records and logs; the recipient stays in the queue file.
    pub fn deferred(&self, recipient: &Recipient, relay: &[u8], outcome: &Outcome) -> Fate {
        self.settle(recipient, self.agent.reporter.deferred(&self.attempt(recipient, relay, b"", outcome)))
    }

    /// Sent, deferred or bounced, by the class of the outcome's status. `tls` is the log line's
    /// `tls=` text, or empty.
    pub fn report(&self, recipient: &Recipient, relay: &[u8], tls: &[u8], outcome: &Outcome) -> Fate {
        if outcome.status.is_success() {
            self.note_sent(recipient);
        }
        self.settle(recipient, self.agent.reporter.by_class(&self.attempt(recipient, relay, tls, outcome)))
    }

    /// A failure that another address than the envelope sender is told of, at once (owner aliases).
    pub fn bounced_to(&self, sender: &[u8], recipient: &Recipient, relay: &[u8], outcome: &Outcome) -> Fate {
        let envelope = Envelope {
            queue_name: &self.request.queue_name,
            encoding: &self.request.encoding,
            sendopts: self.request.sendopts,
            sender,
            envid: &self.request.dsn_envid,
            ret: self.request.dsn_ret,
        };
        let attempt = self.attempt(recipient, relay, b"", outcome);
        self.settle(recipient, self.agent.reporter.bounced_to(&attempt, &envelope))
    }

    /// What a [`crate::Reporter`] needs to know of one result. For agents that report without marking (an
    /// alias member: the recipient is done only when all members are).
    pub fn attempt<'b>(
        &'b self,
        recipient: &'b Recipient,
        relay: &'b [u8],
        tls: &'b [u8],
        outcome: &'b Outcome,
    ) -> Attempt<'b> {
        Attempt {
            flags: self.trace_flags(),
            queue_id: &self.request.queue_id,
            stats: self.stats(),
            recipient,
            relay,
            tls,
            outcome,
        }
    }

    /// The flags that results are recorded with.
    pub fn trace_flags(&self) -> i32 {
        self.request.flags & (flag::RECORD_MASK | flag::RECORD_DELAYED)
    }

    /// Nothing is to be delivered: an address probe (`sendmail -bv` or address verification).
    /// Agents report what they would do.
    pub fn is_probe(&self) -> bool {
        self.request.flags & flag::TRACE_ONLY != 0
    }

    /// The receiver has said yes. The recipient is marked in the queue file at once, before anything is logged: whatever
    /// ends this process between the yes and the mark makes the receiver get the same mail twice. Not where a record
    /// elsewhere (trace log, verify database) has to come first, or where the result must be known before the mark.
    pub fn note_sent(&self, recipient: &Recipient) {
        if self.marks() && !self.agent.reporter.records_success(self.trace_flags(), recipient) {
            self.mark_done(recipient);
        }
    }

    /// Whether the queue manager wants recipients marked.
    fn marks(&self) -> bool {
        self.request.flags & (flag::SUCCESS | flag::BOUNCE) != 0
    }

    /// Marks the recipient done when `fate` says so, remembers the request as unfinished when not.
    pub fn settle(&self, recipient: &Recipient, fate: Fate) -> Fate {
        match fate {
            Fate::Kept => self.keep(),
            Fate::Settled if self.marks() => self.mark_done(recipient),
            Fate::Settled => {}
        }
        fate
    }

    /// Marks the recipient done in the queue file, once.
    pub fn mark_done(&self, recipient: &Recipient) {
        // Offset -1: a recipient without a record of its own.
        let Ok(offset @ 1..) = u64::try_from(recipient.offset) else { return };
        if !self.marked.borrow_mut().insert(offset) {
            return;
        }
        if let Err(error) = insist(|| self.file.file().write_all_at(b"D", offset)) {
            log::fatal!("update queue file {}: {}", self.request.queue_id, sys::errno_text(&error));
        }
    }

    /// Leaves something in the queue: the request's final status becomes "try again".
    pub fn keep(&self) {
        self.kept.set(true);
    }

    /// Marks the queue file as damaged; the queue manager will move it away.
    pub fn mark_corrupt(&self) {
        if let Err(error) = self.file.mark_corrupt() {
            log::warning!("{}: chmod: {}", self.request.queue_id, sys::errno_text(&error));
        }
        self.keep();
    }

    /// Tells the queue manager that the whole destination is in trouble: it will rest for a while.
    pub fn hop_failed(&self, why: Outcome) {
        *self.hop.borrow_mut() = Some(why);
    }

    /// Notes that the connection to the receiver is ready, `reused` times used before.
    pub fn connected(&self, reused: u32) {
        let reuse_count = i32::try_from(reused).unwrap_or(i32::MAX);
        self.stats.set(MsgStats {
            conn_setup_done: Some(SystemTime::now()),
            reuse_count,
            ..self.stats.get()
        });
    }

    /// Notes that the transfer is over, so that all results that follow show the same delay.
    pub fn finished(&self) {
        self.stats.set(MsgStats { deliver_done: Some(SystemTime::now()), ..self.stats.get() });
    }

    /// Forgets connection and transfer times of an earlier attempt (next host, next transaction).
    pub fn restart(&self) {
        self.stats.set(MsgStats {
            conn_setup_done: None,
            deliver_done: None,
            reuse_count: 0,
            ..self.stats.get()
        });
    }

    /// The times of the stages so far.
    pub fn stats(&self) -> MsgStats {
        self.stats.get()
    }

    /// The queue file, open for reading and writing; its position is nobody's.
    pub fn file(&self) -> &File {
        self.file.file()
    }

    /// The message content. Each call starts anew.
    pub fn content(&self) -> Content<'_> {
        Content::new(self.file.file(), u64::try_from(self.request.data_offset).unwrap_or(0))
    }

    pub(crate) fn is_kept(&self) -> bool {
        self.kept.get()
    }

    pub(crate) fn take_hop(&self) -> Option<Outcome> {
        self.hop.borrow_mut().take()
    }
}

/// Tries again what fails, for about a second: a recipient whose mark is missing gets the same mail twice, and the
/// mark needs no room on the disk.
fn insist(mut work: impl FnMut() -> io::Result<()>) -> io::Result<()> {
    for pause in [10, 200, 800] {
        match work() {
            Err(_) => std::thread::sleep(Duration::from_millis(pause)),
            done => return done,
        }
    }
    work()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_that_passes_costs_no_mark() {
        for (failures, good) in [(0, true), (1, true), (3, true), (4, false)] {
            let mut left = failures;
            let result = insist(|| match left {
                0 => Ok(()),
                _ => {
                    left -= 1;
                    Err(io::ErrorKind::Other.into())
                }
            });
            assert_eq!(result.is_ok(), good, "{failures}");
        }
    }
}
