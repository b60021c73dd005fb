//! Mail that goes on: resubmitted to cleanup(8) as a message of its own, one for each sender and Delivered-To address.

use std::io;
use std::time::SystemTime;

use bstr::BString;
use config::params::{CLEANUP_SERVICE_NAME, MAIL_NAME, MYHOSTNAME};
use delivery::loops::folded;
use delivery::{ContentError, Fate, Outcome, Status};
use ipc::cleanup::{Flags, Opening, flag};
use ipc::{Peer, Place};
use spool::{fields, kind, record};

use crate::alias::without_success;
use crate::state::{Expansion, Job, State};

/// The messages that are being made for one recipient.
#[derive(Default)]
pub struct Forwards(Vec<Message>);

struct Message {
    delivered: BString,
    sender: BString,
    peer: Peer,
    id: BString,
}

/// Notes the recipient for resubmission.
pub fn indirect(job: &Job<'_>, state: &State) -> Fate {
    let address = &state.recipient.address;
    if job.seen(&format!("indirect {address}")) {
        return Fate::Settled;
    }
    if job.delivery.is_probe() {
        return job.sent(state, format!("forwards to {address}"));
    }
    match append(job, state) {
        Ok(()) => Fate::Settled,
        Err(error) => {
            log::warning!("{}: forward to cleanup: {}", job.delivery.queue_id, sys::errno_text(&error));
            job.result(state, Status::new(4, 3, 0), "unable to forward message")
        }
    }
}

fn append(job: &Job<'_>, state: &State) -> io::Result<()> {
    let delivered = state.delivered.clone().unwrap_or_default();
    let mut forwards = job.forwards.borrow_mut();
    let known = forwards.0.iter().position(|m| m.delivered == delivered && m.sender == state.sender);
    let at = match known {
        Some(at) => at,
        None => {
            let message = open(job, state, delivered)?;
            forwards.0.push(message);
            forwards.0.len() - 1
        }
    };
    let Some(message) = forwards.0.get_mut(at) else { return Ok(()) };
    let recipient = &state.recipient;
    if !recipient.dsn_orcpt.is_empty() {
        message.attribute(fields::attr::DSN_ORCPT, &recipient.dsn_orcpt)?;
    }
    if recipient.dsn_notify != 0 {
        message.attribute(fields::attr::DSN_NOTIFY, recipient.dsn_notify.to_string().as_bytes())?;
    }
    if !recipient.original.is_empty() {
        message.record(kind::ORCP, &recipient.original)?;
    }
    message.record(kind::RCPT, &recipient.address)
}

/// Begins a message: the envelope, with what is known of where the mail came from.
fn open(job: &Job<'_>, state: &State, delivered: BString) -> io::Result<Message> {
    let mut peer = ipc::connect(&Place::public(job.local.config.get(CLEANUP_SERVICE_NAME)))?;
    let id = peer.receive::<Opening>()?.queue_id;
    // Bad mail is bounced by cleanup: only it knows the recipients.
    peer.put(&Flags { flags: flag::BOUNCE | flag::INTERNAL })?;
    let mut message = Message { delivered, sender: state.sender.clone(), peer, id };
    message.record(kind::TIME, &fields::format_time(SystemTime::now()))?;
    message.record(kind::FROM, &state.sender)?;
    if state.ret != 0 {
        message.attribute(fields::attr::DSN_RET, state.ret.to_string().as_bytes())?;
    }
    let request = &job.delivery.request;
    for (name, value) in [
        (fields::attr::DSN_ENVID, &state.envid),
        (fields::attr::LOG_CLIENT_NAME, &request.client_name),
        (fields::attr::LOG_CLIENT_ADDR, &request.client_addr),
        (fields::attr::LOG_CLIENT_PORT, &request.client_port),
        (fields::attr::LOG_PROTO_NAME, &request.client_proto),
        (fields::attr::LOG_HELO_NAME, &request.client_helo),
        (fields::attr::SASL_METHOD, &request.sasl_method),
        (fields::attr::SASL_USERNAME, &request.sasl_username),
        (fields::attr::SASL_SENDER, &request.sasl_sender),
        (fields::attr::LOG_IDENT, &request.log_ident),
        (fields::attr::REWRITE_CONTEXT, &request.rewrite_context),
    ] {
        if !value.is_empty() {
            message.attribute(name, value)?;
        }
    }
    Ok(message)
}

impl Message {
    fn record(&mut self, kind: u8, data: &[u8]) -> io::Result<()> {
        record::write(&mut self.peer, kind, data)
    }

    fn attribute(&mut self, name: &str, value: &[u8]) -> io::Result<()> {
        self.record(kind::ATTR, &[name.as_bytes(), b"=", value].concat())
    }
}

/// Sends what was collected, if all else went well; what is not sent is never queued.
pub fn finish(job: &Job<'_>, state: State, fate: Fate) -> Fate {
    let messages = std::mem::take(&mut job.forwards.borrow_mut().0);
    let mut fate = fate;
    for message in messages {
        if fate == Fate::Settled {
            fate = send(job, &state, message);
        }
    }
    fate
}

fn send(job: &Job<'_>, state: &State, mut message: Message) -> Fate {
    let queued = match copy(job, &mut message) {
        Ok(()) => message.peer.flush().and_then(|()| message.peer.receive::<ipc::cleanup::Status>()),
        Err(Broken::Corrupt) => {
            job.delivery.mark_corrupt();
            return Fate::Kept;
        }
        Err(Broken::Io(error)) => Err(error),
    };
    match queued {
        Ok(status) if status.status == ipc::cleanup::stat::OK => {
            let mut state = state.clone();
            // One of perhaps several: the record is marked when all have been sent.
            state.expansion = Some(Expansion::Forward);
            // The expansion has told the sender already.
            state.recipient.dsn_notify = without_success(state.recipient.dsn_notify);
            let outcome =
                Outcome::new(Status::SENT, format!("forwarded as {}", message.id)).acting("relayed");
            job.report(&state, &outcome)
        }
        Ok(status) => {
            log::warning!(
                "{}: forward to cleanup: status {} {}",
                job.delivery.queue_id,
                status.status,
                status.reason
            );
            Fate::Kept
        }
        Err(error) => {
            log::warning!("{}: forward to cleanup: {}", job.delivery.queue_id, sys::errno_text(&error));
            Fate::Kept
        }
    }
}

enum Broken {
    Corrupt,
    Io(io::Error),
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Broken {
        Broken::Io(error)
    }
}

/// Our Received and Delivered-To headers, then the message as it is.
fn copy(job: &Job<'_>, message: &mut Message) -> Result<(), Broken> {
    let cf = job.local.config;
    message.record(kind::MESG, b"")?;
    message.record(
        kind::NORM,
        format!("Received: by {} ({})", cf.get(MYHOSTNAME), cf.get(MAIL_NAME)).as_bytes(),
    )?;
    let date = mail::date::header(sys::clock::now());
    message.record(kind::NORM, format!("\tid {}; {date}", message.id).as_bytes())?;
    if job.local.header.forward {
        let address = mail::quote::quote_822_local(&folded(&message.delivered));
        message.record(kind::NORM, format!("Delivered-To: {address}").as_bytes())?;
    }
    let mut content = job.delivery.content();
    loop {
        match content.next_piece() {
            Ok(Some(piece)) => {
                let kind = if piece.ends { kind::NORM } else { kind::CONT };
                record::write(&mut message.peer, kind, piece.data)?;
            }
            Ok(None) => break,
            Err(ContentError::Corrupt(why)) => {
                log::warning!("{}: {why}", message.id);
                return Err(Broken::Corrupt);
            }
            Err(ContentError::Io(error)) => return Err(error.into()),
        }
    }
    message.record(kind::XTRA, b"")?;
    message.record(kind::END, b"")?;
    message.peer.flush()?;
    Ok(())
}
