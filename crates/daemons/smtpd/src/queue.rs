//! A message's records on their way into the queue: to cleanup(8), or to postdrop(1) when run by `sendmail -bs`.

use std::io;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use bstr::BString;
use ipc::cleanup::{Again, Flags, Opening, Status, stat};
use ipc::{Peer, Place};
use spool::record;

/// Connections to cleanup that wait for another message. Shared by all sessions of a process.
pub struct CleanupClient {
    place: Place,
    idle: Duration,
    kept: Mutex<Vec<(Peer, Instant)>>,
}

/// More are not kept.
const MOST_KEPT: usize = 64;

impl CleanupClient {
    /// A client of the service of that name.
    pub fn new(service: &str, idle: Duration) -> CleanupClient {
        CleanupClient { place: Place::public(service), idle, kept: Mutex::default() }
    }

    /// Begins a message with `ipc::cleanup::flag` bits.
    pub fn open(&self, flags: i32) -> io::Result<QueueStream> {
        let (mut peer, opening) = match self.reopen() {
            Some(both) => both,
            None => {
                let mut peer = ipc::connect(&self.place)?;
                let opening: Opening = peer.receive()?;
                (peer, opening)
            }
        };
        peer.put(&Flags { flags })?;
        Ok(QueueStream { to: To::Cleanup(peer), id: opening.queue_id, failed: false })
    }

    /// Another message over a kept connection, if there is one whose server still listens.
    fn reopen(&self) -> Option<(Peer, Opening)> {
        loop {
            let (mut peer, since) = self.kept.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
            if since.elapsed() >= self.idle || !peer.is_fresh() {
                continue;
            }
            if let Ok(opening) = peer.send(&Again).and_then(|()| peer.receive()) {
                return Some((peer, opening));
            }
        }
    }

    fn keep(&self, peer: Peer) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let idle = self.idle;
        kept.retain(|(_, since)| since.elapsed() < idle);
        if kept.len() < MOST_KEPT {
            kept.push((peer, Instant::now()));
        }
    }
}

enum To {
    Cleanup(Peer),
    Postdrop(Postdrop),
}

/// One message in the making. Dropped before [`QueueStream::finish`], it never was.
pub struct QueueStream {
    to: To,
    pub id: BString,
    failed: bool,
}

impl QueueStream {
    /// Begins a message for postdrop(1), which `directory` holds.
    pub fn postdrop(directory: &str) -> io::Result<QueueStream> {
        let mut command = Command::new(format!("{directory}/postdrop"));
        if log::verbose() > 0 {
            command.arg("-v");
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let output = child.stdout.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        let id = attribute(&read_attributes(output)?, "queue_id")?;
        Ok(QueueStream { to: To::Postdrop(Postdrop(child)), id, failed: false })
    }

    /// Adds a record. Trouble is remembered, and shows at the end.
    pub fn record(&mut self, kind: u8, data: &[u8]) {
        if self.failed {
            return;
        }
        let written = match &mut self.to {
            To::Cleanup(peer) => record::write(peer, kind, data),
            To::Postdrop(Postdrop(child)) => match &mut child.stdin {
                Some(input) => record::write(input, kind, data),
                None => Err(io::ErrorKind::BrokenPipe.into()),
            },
        };
        self.failed = written.is_err();
    }

    /// Adds a `name=value` record.
    pub fn attribute(&mut self, name: &str, value: &[u8]) {
        self.record(record::kind::ATTR, &cat!(name, "=", value));
    }

    /// Could everything be written so far?
    pub fn is_good(&self) -> bool {
        !self.failed
    }

    /// Ends the message and hears what became of it: `stat` bits, with a text for the client.
    pub fn finish(mut self, client: &CleanupClient) -> Status {
        self.record(record::kind::END, b"");
        let failure = Status { status: stat::WRITE, reason: BString::default() };
        if self.failed {
            return failure;
        }
        match self.to {
            To::Cleanup(mut peer) => {
                let status = peer.flush().and_then(|()| peer.receive::<Status>());
                match status {
                    Ok(status) => {
                        client.keep(peer);
                        status
                    }
                    Err(error) => {
                        log::warning!("cleanup service: {}: {}", self.id, sys::errno_text(&error));
                        failure
                    }
                }
            }
            To::Postdrop(mut postdrop) => {
                let child = &mut postdrop.0;
                drop(child.stdin.take());
                let status = child.stdout.as_mut().map(read_attributes);
                let done = child.wait();
                match (status, done) {
                    (Some(Ok(list)), Ok(_)) => Status {
                        status: attribute(&list, "status")
                            .ok()
                            .and_then(|text| text.to_string().parse().ok())
                            .unwrap_or(stat::WRITE),
                        reason: attribute(&list, "reason").unwrap_or_default(),
                    },
                    _ => failure,
                }
            }
        }
    }
}

/// postdrop(1), which goes when its input ends.
struct Postdrop(Child);

impl Drop for Postdrop {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

type Attributes = Vec<(BString, BString)>;

/// A list of attributes from postdrop: names and values ended by null bytes, the list by one more.
fn read_attributes(from: &mut impl io::Read) -> io::Result<Attributes> {
    let mut list = Attributes::new();
    let mut word = BString::default();
    let mut name: Option<BString> = None;
    let mut byte = [0u8; 1];
    loop {
        from.read_exact(&mut byte)?;
        if byte != [0] {
            if word.len() > 10_000 {
                return Err(io::ErrorKind::InvalidData.into());
            }
            word.extend_from_slice(&byte);
            continue;
        }
        match name.take() {
            None if word.is_empty() => return Ok(list),
            None => name = Some(std::mem::take(&mut word)),
            Some(name) => list.push((name, std::mem::take(&mut word))),
        }
    }
}

fn attribute(list: &Attributes, name: &str) -> io::Result<BString> {
    let found = list.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    found.ok_or_else(|| io::ErrorKind::InvalidData.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attribute_lists() {
        let mut wire: &[u8] = b"queue_id\0ABC\0status\x000\0\0rest";
        let list = read_attributes(&mut wire).unwrap();
        assert_eq!(attribute(&list, "queue_id").unwrap(), "ABC");
        assert_eq!(attribute(&list, "status").unwrap(), "0");
        assert!(attribute(&list, "reason").is_err());
        assert!(read_attributes(&mut &b"queue_id\0AB"[..]).is_err());
    }
}
