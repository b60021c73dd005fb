//! The loop: servers connect, send events, and hear the counts.

use std::collections::HashMap;
use std::io;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use bstr::{BString, ByteSlice};
use config::Config;
use config::params::{ANVIL_RATE_TIME_UNIT, ANVIL_STATUS_UPDATE_TIME, MAX_IDLE};
use daemon::poller::Wish;
use daemon::{EventLoop, Happening};
use ipc::anvil::{All, Connected, Event, PROTOCOL, Rate, Request, Status, stat};
use ipc::attr::{Decoded, Fault, Message};
use ipc::plain::{decode, encode};

use crate::clients::{Clients, Counts};
use crate::peaks::Peaks;

/// A server that does not take its replies for this long is dropped.
const PATIENCE: Duration = Duration::from_secs(5);
/// No request is longer.
const MOST: usize = 4096;

/// One server's connection.
struct Server {
    stream: net::Stream,
    /// Whose connection it serves now: taken back if it goes without saying.
    client: Option<BString>,
}

struct Anvil {
    clients: Clients,
    peaks: Peaks,
    servers: HashMap<usize, Server>,
    next: usize,
}

/// Serves until there is nobody left to serve, or the master wants otherwise.
pub fn run(cf: &'static Config, mut events: EventLoop) -> ExitCode {
    let unit = cf.get(ANVIL_RATE_TIME_UNIT);
    let idle_limit = cf.get(MAX_IDLE).max(unit);
    let report_every = cf.get(ANVIL_STATUS_UPDATE_TIME);
    let mut anvil =
        Anvil { clients: Clients::new(unit), peaks: Peaks::default(), servers: HashMap::new(), next: 0 };
    events.accept_streams();
    let mut happenings = Vec::new();
    let mut next_report = Instant::now() + report_every;
    let mut next_expiry = Instant::now() + unit;
    let mut idle_since = Instant::now();
    loop {
        let now = Instant::now();
        if now >= next_report {
            anvil.peaks.report(unit);
            next_report = now + report_every;
        }
        if now >= next_expiry {
            anvil.clients.expire(now);
            next_expiry = now + unit;
        }
        if !anvil.servers.is_empty() {
            idle_since = now;
        } else if now.duration_since(idle_since) >= idle_limit {
            break;
        }
        let mut due = next_report.min(next_expiry);
        if anvil.servers.is_empty() {
            due = due.min(idle_since + idle_limit);
        }
        if let Err(error) = events.wait(Some(due.saturating_duration_since(now)), &mut happenings) {
            log::fatal!("wait for events: {}", sys::errno_text(&error));
        }
        for happening in happenings.drain(..) {
            match happening {
                Happening::Connected(client) => anvil.welcome(&mut events, client.0),
                Happening::Ready { token, .. } => anvil.hear(&mut events, token),
                Happening::MasterGone => {
                    anvil.peaks.report(unit);
                    return ExitCode::SUCCESS;
                }
                Happening::Trigger(_) | Happening::Datagrams | Happening::Signal(_) => {}
            }
        }
    }
    anvil.peaks.report(unit);
    ExitCode::SUCCESS
}

impl Anvil {
    fn welcome(&mut self, events: &mut EventLoop, mut stream: net::Stream) {
        stream.set_timeout(Some(PATIENCE));
        let token = self.next;
        self.next += 1;
        let begun = greet(&mut stream).and_then(|()| events.poller().add(stream.fd()?, token, Wish::Read));
        match begun {
            Ok(()) => {
                self.servers.insert(token, Server { stream, client: None });
            }
            Err(error) => log::warning!("new client: {}", sys::errno_text(&error)),
        }
    }

    fn hear(&mut self, events: &mut EventLoop, token: usize) {
        let Some(mut server) = self.servers.remove(&token) else { return };
        if self.answer(&mut server).is_ok() {
            self.servers.insert(token, server);
            return;
        }
        events.poller().remove(token);
        if let Some(client) = server.client {
            self.clients.count(Event::Disconnect, client.as_bstr(), Instant::now());
        }
    }

    /// Answers all requests that have arrived; `Err`: the server is gone, or talks nonsense.
    fn answer(&mut self, server: &mut Server) -> io::Result<()> {
        if server.stream.read_more()? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        loop {
            let request: Request = match decode(server.stream.buffered()) {
                Ok(Decoded::Complete(request, taken)) => {
                    server.stream.consume(taken);
                    request
                }
                Ok(Decoded::NeedMore) if server.stream.buffered().len() <= MOST => break,
                Ok(Decoded::NeedMore) => return Err(io::ErrorKind::InvalidData.into()),
                Err(Fault::BadValue(what)) => {
                    log::warning!("unrecognized {what}, ignored");
                    reply(&mut server.stream, &Status(stat::FAIL))?;
                    server.stream.flush()?;
                    return Err(io::ErrorKind::InvalidData.into());
                }
                Err(fault) => return Err(io::Error::new(io::ErrorKind::InvalidData, fault)),
            };
            self.act(server, &request)?;
        }
        server.stream.flush()?;
        server.stream.shrink();
        Ok(())
    }

    fn act(&mut self, server: &mut Server, request: &Request) -> io::Result<()> {
        let (event, ident) = (request.event, request.ident.as_bstr());
        let now = Instant::now();
        if event == Event::Disconnect {
            // Only what this server had said to be connected.
            if server.client.as_deref().is_some_and(|client| client == ident) {
                server.client = None;
                self.clients.count(event, ident, now);
            }
            return reply(&mut server.stream, &Status(stat::OK));
        }
        if event == Event::Connect {
            if let Some(before) = server.client.replace(request.ident.clone()) {
                self.clients.count(Event::Disconnect, before.as_bstr(), now);
            }
        }
        let counts = self.clients.count(event, ident, now);
        self.peaks.note(event, ident, counts);
        self.peaks.note_size(self.clients.len());
        answer_with(&mut server.stream, event, counts)
    }
}

fn greet(stream: &mut net::Stream) -> io::Result<()> {
    stream.write(format!("protocol={PROTOCOL}\n\n").as_bytes())?;
    stream.flush()
}

fn answer_with(stream: &mut net::Stream, event: Event, counts: Counts) -> io::Result<()> {
    let status = stat::OK;
    let Counts { connections: count, rate, mail, rcpt, newtls, auth } = counts;
    match event {
        Event::Connect => reply(stream, &Connected { status, count, rate }),
        Event::Lookup => reply(stream, &All { status, count, rate, mail, rcpt, newtls, auth }),
        Event::Message => reply(stream, &Rate { status, rate: mail }),
        Event::Recipient => reply(stream, &Rate { status, rate: rcpt }),
        Event::NewTls | Event::NewTlsStatus => reply(stream, &Rate { status, rate: newtls }),
        Event::Auth => reply(stream, &Rate { status, rate: auth }),
        Event::Disconnect => reply(stream, &Status(status)),
    }
}

fn reply(stream: &mut net::Stream, message: &impl Message) -> io::Result<()> {
    let mut wire = Vec::new();
    encode(message, &mut wire);
    stream.write(&wire)
}
