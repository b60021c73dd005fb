//! The end of a message: commit, hold, discard or bounce.

use crate::message::{CANNOT_BOUNCE, Message};
use bstr::BString;
use ipc::cleanup::{flag, stat};
use spool::Queue;

/// What the client is told.
pub struct Verdict {
    /// [`stat`] bits; zero: the message is on disk.
    pub status: i32,
    /// Why not.
    pub reason: BString,
}

impl Message<'_> {
    /// Puts the message into the queue, or says why not. Without a commit the file is removed.
    pub fn finish(mut self) -> Verdict {
        if self.ok() {
            if self.recipient.is_none() {
                self.errors |= stat::RCPT;
            }
            if !self.end_seen {
                self.errors |= stat::BAD;
            }
        }
        if self.flags & flag::DISCARD != 0 {
            self.errors = 0;
        }
        self.apply_default_milter_action();
        if self.ok() {
            self.write_size();
        }
        let can_bounce = self.errors & CANNOT_BOUNCE == 0 && self.sender.is_some();
        if self.errors != 0 && can_bounce && self.flags & flag::BOUNCE != 0 {
            self.bounce();
        }
        let reason = self.reason.take().unwrap_or_default();
        if self.errors == 0 && self.flags & flag::DISCARD == 0 {
            return self.commit(reason);
        }
        let why = if self.flags & flag::DISCARD != 0 { "discarded" } else { "canceled" };
        log::info!("{}: removed ({why})", self.id());
        if self.trace_written {
            // Nobody will send what the log says about this message.
            let _ = self.service.spool.remove(Queue::Trace, self.file.id());
        }
        Verdict { status: self.errors, reason }
    }

    /// Fills the size record in.
    fn write_size(&mut self) {
        // The record's type and length take two bytes.
        const DATA: u64 = 2;
        let size = self.size.format();
        if let Err(error) = self.file.patch(DATA, &size) {
            self.write_failed(&error);
        }
    }

    fn commit(mut self, reason: BString) -> Verdict {
        let service = self.service;
        let hold = self.flags & flag::HOLD != 0;
        if hold && let Err(error) = self.file.move_to(Queue::Hold) {
            log::warning!("{}: move to hold queue: {}", self.id(), sys::errno_text(&error));
            return Verdict { status: stat::WRITE, reason };
        }
        let id = self.id().to_owned();
        let Message { file, errors, .. } = self;
        match file.commit(0) {
            Ok(_) if hold => {
                // The queue manager will not take this one, nor put the token back.
                daemon::flow::put(1);
                Verdict { status: errors, reason }
            }
            Ok(_) => {
                service.waker.wake();
                Verdict { status: errors, reason }
            }
            Err(error) => {
                let status =
                    if error.kind() == std::io::ErrorKind::FileTooLarge { stat::SIZE } else { stat::WRITE };
                log::warning!("{id}: write queue file: {}", sys::errno_text(&error));
                Verdict { status, reason }
            }
        }
    }

    /// Milters that main.cf names cannot be spoken to yet, which is what `milter_default_action` is for.
    fn apply_default_milter_action(&mut self) {
        let options = &self.service.options;
        let wanted = self.flags & flag::MILTER != 0 && !self.milters_known && !options.milters.is_empty();
        if !wanted || self.errors != 0 || self.flags & flag::DISCARD != 0 {
            return;
        }
        let action = options.milter_default_action.as_str();
        log::warning!("{}: milters are not supported yet, using milter_default_action = {action}", self.id());
        match action {
            "accept" => {}
            "quarantine" => self.flags |= flag::HOLD,
            "reject" => {
                self.errors |= stat::CONT;
                self.reason = Some("5.5.0 Service unavailable".into());
            }
            _ => self.defer("4.7.1 Service unavailable - try again later"),
        }
    }
}
