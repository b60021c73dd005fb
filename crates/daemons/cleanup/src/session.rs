//! One client's connection: one message after another.

use crate::message::Message;
use crate::setup::Service;
use daemon::Context;
use ipc::Peer;
use ipc::cleanup::{Again, Flags, Opening, Status, stat};
use spool::{ReadError, Reader, kind};
use std::io;
use std::time::{Duration, Instant};

/// The longest record that is taken from a client. Programs send content in pieces of `line_length_limit`.
const RECORD_MAX: usize = 1 << 20;

/// How often a connection that is kept busy looks whether tables have changed.
const LOOK: Duration = Duration::from_secs(1);

/// Serves a client until it closes. A client of ours may ask for another queue file over the same connection.
pub fn serve(cx: &Context<Service>, stream: net::Stream) {
    if let Some(unexpected) = cx.args.first() {
        log::fatal!("unexpected command-line argument: {unexpected}");
    }
    let mut peer = Peer::from(stream);
    peer.stream().set_timeout(Some(ipc::default_timeout()));
    let mut looked = Instant::now();
    loop {
        if let Err(error) = one_message(&cx.state, &mut peer) {
            // The client is gone, and its file with the message.
            log::debug!("client: {}", sys::errno_text(&error));
            return;
        }
        if looked.elapsed() >= LOOK {
            if cx.state.changed().is_some() {
                return;
            }
            looked = Instant::now();
        }
        let waiting = peer.stream().readable(cx.state.keep).unwrap_or(false);
        if !waiting || !matches!(peer.next_message::<Again>(), Ok(Some(Again))) {
            return;
        }
    }
}

/// Opens a queue file, fills it, and reports.
fn one_message(service: &Service, peer: &mut Peer) -> io::Result<()> {
    service.pace();
    let mut message = match Message::open(service) {
        Ok(message) => message,
        Err(error) => {
            log::warning!("{}", sys::errno_text(&error));
            return Err(error);
        }
    };
    peer.send(&Opening { queue_id: message.id().into() })?;
    match peer.next_message::<Flags>() {
        Ok(Some(Flags { flags })) => message.control(flags),
        other => {
            message.errors |= stat::BAD;
            message.control(0);
            other?;
        }
    }
    let complete = receive(&mut message, peer);
    let verdict = message.finish();
    peer.send(&Status { status: verdict.status, reason: verdict.reason })?;
    // What follows a broken stream of records is no next message.
    if complete { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

/// Reads all records. False: the client broke off.
fn receive(message: &mut Message<'_>, peer: &mut Peer) -> bool {
    let mut reader = Reader::new(peer).limit(RECORD_MAX);
    loop {
        match reader.next_record() {
            Ok(Some(record)) => {
                // After an error the rest is read and thrown away, until the client listens for the answer.
                if message.ok() {
                    message.record(record.kind, record.data);
                }
                if record.kind == kind::END {
                    return true;
                }
            }
            Ok(None) => break,
            Err(ReadError::Io(error)) if error.kind() == io::ErrorKind::TimedOut => {
                log::warning!("{}: read timeout on client", message.id());
                break;
            }
            Err(error) => {
                log::debug!("{}: {error}", message.id());
                break;
            }
        }
    }
    message.errors |= stat::BAD;
    false
}
