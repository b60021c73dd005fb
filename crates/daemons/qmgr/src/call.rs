//! Requests to the status services (bounce, defer, trace, flush, verify) that nobody waits for:
//! the answer comes as an event.

use std::collections::VecDeque;
use std::io;

use ipc::{Fault, Message as Wire, Place, Writer};

use crate::connection::{Announcement, Connection};
use crate::manager::Manager;
use crate::message::Message;
use crate::reactor::{Alarm, Source};
use crate::slab::{Id, Slab};

/// What is asked.
pub enum Question {
    /// Of bounce, defer or trace.
    Status(Box<ipc::bounce::Request>),
    /// Of flush.
    Flush(ipc::flush::Request),
    /// Of verify.
    Verify(ipc::verify::Request),
}

impl Wire for Question {
    fn put(&self, out: &mut Writer<'_>) {
        match self {
            Question::Status(request) => request.put(out),
            Question::Flush(request) => request.put(out),
            Question::Verify(request) => request.put(out),
        }
    }

    fn take(_: &mut ipc::Cursor<'_>) -> Result<Question, Fault> {
        // The queue manager only asks.
        Err(Fault::Garbage)
    }
}

/// What the answer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// Nothing depends on it.
    Nothing,
    /// A result of the message is recorded.
    Appended(Id<Message>),
    /// The message's bounces are on their way.
    Bounced(Id<Message>),
    /// The message's report is on its way.
    Traced(Id<Message>),
    /// The message's deferred recipients are returned.
    Expired(Id<Message>),
    /// The sender is told of the delay.
    Warned(Id<Message>),
}

/// A request under way.
pub struct Call {
    connection: Connection,
    announced: bool,
    place: Place,
    protocol: &'static str,
    then: Then,
}

/// Requests under way, and those that wait for their turn.
#[derive(Default)]
pub struct Calls {
    running: Slab<Call>,
    waiting: VecDeque<(Place, &'static str, Question, Then)>,
}

/// Requests at once: the services have process limits, too.
const RUNNING: usize = 20;

impl Manager {
    /// Asks a service; [`Manager::answered_call`] hears the answer.
    pub fn call(&mut self, place: Place, protocol: &'static str, question: Question, then: Then) {
        if self.calls.running.len() >= RUNNING {
            self.calls.waiting.push_back((place, protocol, question, then));
            return;
        }
        let opened = Connection::open(&place).and_then(|mut connection| {
            connection.send(&question)?;
            Ok(connection)
        });
        match opened {
            Ok(connection) => {
                let output = connection.has_output();
                let call = Call { connection, announced: false, place, protocol, then };
                let id = self.calls.running.insert(call);
                if let Some(call) = self.calls.running.get(id) {
                    self.reactor.watch(call.connection.fd(), Source::Call(id), output);
                }
                self.reactor.after(self.settings.daemon_timeout, Alarm::Call(id));
            }
            Err(error) => {
                log::warning!("connect to {}: {}", place.path().display(), sys::errno_text(&error));
                // Not at once: whoever asks is in the middle of something.
                self.failed_calls.push_back(then);
            }
        }
    }

    /// A service has something to say, or room for more.
    pub fn on_call(&mut self, id: Id<Call>) {
        let Some(call) = self.calls.running.get_mut(id) else { return };
        let moved = call.connection.flush().and_then(|()| call.connection.receive());
        if let Err(error) = moved {
            return self.call_failed(id, &error);
        }
        let mut answer = Ok(None);
        if !call.announced {
            match call.connection.take::<Announcement>() {
                Ok(Some(Announcement(name))) if name == call.protocol => call.announced = true,
                Ok(Some(_)) => answer = Err(Fault::Garbage),
                Ok(None) => {}
                Err(fault) => answer = Err(fault),
            }
        }
        if call.announced {
            answer = call.connection.take::<ipc::bounce::Status>();
        }
        let output = call.connection.has_output();
        match answer {
            Ok(Some(status)) => self.end_call(id, status.0),
            Ok(None) if call.connection.is_closed() => {
                self.call_failed(id, &io::ErrorKind::UnexpectedEof.into());
            }
            Ok(None) => self.reactor.output(Source::Call(id), output),
            Err(fault) => self.call_failed(id, &io::Error::new(io::ErrorKind::InvalidData, fault)),
        }
    }

    /// A service took too long.
    pub fn on_call_alarm(&mut self, id: Id<Call>) {
        self.call_failed(id, &io::ErrorKind::TimedOut.into());
    }

    fn call_failed(&mut self, id: Id<Call>, error: &io::Error) {
        if let Some(call) = self.calls.running.get(id) {
            log::warning!("{}: {}", call.place.path().display(), sys::errno_text(error));
        }
        self.end_call(id, -1);
    }

    fn end_call(&mut self, id: Id<Call>, status: i32) {
        self.reactor.unwatch(Source::Call(id));
        self.reactor.cancel(Alarm::Call(id));
        if let Some(call) = self.calls.running.remove(id) {
            self.answered_call(call.then, status);
        }
        if let Some((place, protocol, question, then)) = self.calls.waiting.pop_front() {
            self.call(place, protocol, question, then);
        }
    }

    /// Goes on with what waited for an answer.
    pub fn answered_call(&mut self, then: Then, status: i32) {
        match then {
            Then::Nothing => {}
            Then::Appended(message) => self.recorded(message),
            Then::Bounced(message) => self.after_bounce(message, status),
            Then::Traced(message) => self.after_trace(message, status),
            Then::Expired(message) => self.after_expiry(message, status),
            Then::Warned(message) => self.after_warning(message, status),
        }
    }
}
