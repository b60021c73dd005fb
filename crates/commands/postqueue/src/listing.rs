//! The queue listing: from showq(8), or from the files when the mail system is down.

use crate::Caller;
use crate::json::Json;
use crate::table::Table;
use command::exit;
use config::Config;
use config::params::{AUTHORIZED_MAILQ_USERS, DAEMON_DIRECTORY, ENABLE_LONG_QUEUE_IDS, SHOWQ_SERVICE_NAME};
use ipc::showq::{Entry, Item, PROTOCOL, Recipient};
use ipc::{Peer, Place};
use std::io::{self, BufWriter, Write};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::ExitCode;

/// How to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Table,
    /// For programs.
    Json,
}

/// A printer, fed in the order of the listing.
pub trait Printer {
    fn message(&mut self, out: &mut dyn Write, entry: &Entry) -> io::Result<()>;
    fn recipient(&mut self, out: &mut dyn Write, recipient: &Recipient) -> io::Result<()>;
    fn end_of_message(&mut self, out: &mut dyn Write) -> io::Result<()>;
    fn end(&mut self, out: &mut dyn Write) -> io::Result<()>;
}

/// Prints the listing.
pub fn run(config: &Config, caller: &Caller, format: Format) -> ExitCode {
    caller.must_be_on(AUTHORIZED_MAILQ_USERS.name(), config.get(AUTHORIZED_MAILQ_USERS), "view");
    let mut child = None;
    let service = config.get(SHOWQ_SERVICE_NAME);
    let mut peer = match ipc::connect(&Place::public(service)) {
        Ok(peer) => peer,
        Err(error) => {
            let trouble = format!("(Connect to the Postfix {service} service: {})", reason(&error));
            if !caller.is_trusted {
                log::fatal_status!(
                    i32::from(exit::UNAVAILABLE),
                    "Queue report unavailable - mail system is down {trouble}"
                );
            }
            log::warning!("Mail system is down -- accessing queue directly {trouble}");
            let (peer, pid) = showq(config);
            child = Some(pid);
            peer
        }
    };
    let long_ids = config.get(ENABLE_LONG_QUEUE_IDS);
    let mut out = BufWriter::new(io::stdout().lock());
    let done = match format {
        Format::Table => print(&mut peer, &mut Table::new(long_ids), &mut out),
        Format::Json => print(&mut peer, &mut Json::default(), &mut out),
    };
    if let Err(Trouble::Output(error)) = done.and_then(|()| out.flush().map_err(Trouble::Output)) {
        log::fatal!("output write error: {}", sys::errno_text(&error));
    }
    if let Some(pid) = child {
        if !sys::proc::wait(pid).is_ok_and(sys::proc::Ended::success) {
            log::fatal_status!(i32::from(exit::UNAVAILABLE), "Error running showq");
        }
    }
    ExitCode::SUCCESS
}

enum Trouble {
    Output(io::Error),
}

fn print(peer: &mut Peer, printer: &mut dyn Printer, out: &mut dyn Write) -> Result<(), Trouble> {
    let malformed = |error: io::Error| -> ! {
        log::debug!("{}", sys::errno_text(&error));
        log::fatal_status!(i32::from(exit::UNAVAILABLE), "malformed showq server response")
    };
    if let Err(error) = peer.expect(PROTOCOL) {
        malformed(error);
    }
    let mut is_in_message = false;
    loop {
        let item = match peer.receive::<Item>() {
            Ok(item) => item,
            Err(error) => malformed(error),
        };
        let printed = match item {
            Item::Message(entry) => {
                is_in_message = true;
                printer.message(out, &entry)
            }
            Item::Recipient(recipient) => printer.recipient(out, &recipient),
            Item::End if is_in_message => {
                is_in_message = false;
                printer.end_of_message(out)
            }
            Item::End => return printer.end(out).map_err(Trouble::Output),
        };
        printed.map_err(Trouble::Output)?;
    }
}

/// The error of a failed connect without its path, which the message names in its own way.
fn reason(error: &io::Error) -> String {
    let text = sys::errno_text(error);
    text.rsplit_once(": ").map_or(text.clone(), |(_, last)| last.to_owned())
}

/// Runs showq(8) itself, over a pair of pipes.
fn showq(config: &Config) -> (Peer, i32) {
    let program = Path::new(config.get(DAEMON_DIRECTORY)).join("showq");
    let start = || -> io::Result<(OwnedFd, OwnedFd, i32)> {
        let (from, child_out) = sys::fd::pipe()?;
        let (child_in, to) = sys::fd::pipe()?;
        let mut spawn =
            sys::spawn::Spawn::new(&program, [program.as_os_str(), "-u".as_ref(), "-S".as_ref()])?
                .descriptor(child_in, 0)?
                .descriptor(child_out, 1)?;
        for (name, value) in command::environment::imported(config) {
            spawn = spawn.env(&name, value)?;
        }
        Ok((from, to, spawn.start()?))
    };
    match start() {
        Ok((from, to, pid)) => {
            let pair = net::Pair::new(from, to);
            (Peer::from(net::Stream::new(Box::new(pair))), pid)
        }
        Err(error) => log::fatal!("{}: {}", program.display(), sys::errno_text(&error)),
    }
}
