//! bounce(8), also as defer and trace: keeps what became of each recipient, and tells senders and
//! the postmaster.
//!
//! ```text
//! send       who is told of what         notice     what a notice looks like
//! template   texts for people            original   the message that it is about
//! wrap       long lines
//! ```

mod notice;
mod original;
mod send;
mod template;
mod wrap;

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use bstr::{BString, ByteSlice};
use config::params::*;
use config::{Config, ConfigError, ParamRef};
use daemon::{Context, Setup};
use delivery::notice::Classes;
use ipc::bounce::{PROTOCOL, Request, Status, flag};
use ipc::{Dsn, Peer, Recipient};
use spool::status_log::Entry;
use spool::{Queue, QueueId, Spool};

use crate::send::Desk;
use crate::template::Templates;

fn main() -> ExitCode {
    daemon::sessions("bounce").parameters(&parameters()).unlimited().before_jail(open).serve(session)
}

fn parameters() -> Vec<ParamRef> {
    vec![
        BACKWARDS_BOUNCE_LOGFILE_COMPATIBILITY.into(),
        BOUNCE_NOTICE_RECIPIENT.into(),
        BOUNCE_SIZE_LIMIT.into(),
        BOUNCE_TEMPLATE_FILE.into(),
        CLEANUP_SERVICE_NAME.into(),
        DELAY_NOTICE_RECIPIENT.into(),
        DELAY_WARNING_TIME.into(),
        _2BOUNCE_NOTICE_RECIPIENT.into(),
        DOUBLE_BOUNCE_SENDER.into(),
        ENABLE_LONG_QUEUE_IDS.into(),
        ENABLE_THREADED_BOUNCES.into(),
        HASH_QUEUE_DEPTH.into(),
        HASH_QUEUE_NAMES.into(),
        HEADER_FROM_FORMAT.into(),
        INTERNAL_MAIL_FILTER_CLASSES.into(),
        MAIL_NAME.into(),
        MAXIMAL_QUEUE_LIFETIME.into(),
        MYHOSTNAME.into(),
        NOTIFY_CLASSES.into(),
        SMTPUTF8_ENABLE.into(),
    ]
}

fn open(setup: &Setup) -> Result<Desk, ConfigError> {
    let config = setup.config;
    if setup.standard {
        print_templates(setup)?;
    }
    let log = match Queue::named(setup.service.as_bytes()) {
        Some(log @ (Queue::Bounce | Queue::Defer | Queue::Trace)) => log,
        _ => return Err(ConfigError::new(format!("malformed service name: {}", setup.service))),
    };
    Ok(Desk {
        config,
        spool: Spool::new(
            config.get(HASH_QUEUE_NAMES),
            config.get(HASH_QUEUE_DEPTH),
            config.get(ENABLE_LONG_QUEUE_IDS),
        ),
        templates: checked(config)?,
        classes: Classes::configured(config)?,
        log,
    })
}

fn checked(config: &Config) -> Result<Templates, ConfigError> {
    let templates = Templates::configured(config)?;
    templates.expand(config)?;
    Ok(templates)
}

/// For postconf(1), which runs us by hand under one of two names.
fn print_templates(setup: &Setup) -> Result<(), ConfigError> {
    let text = match setup.service.as_str() {
        "dump_templates" => Templates::configured(setup.config)?.dump(),
        "expand_templates" => Templates::configured(setup.config)?.expand(setup.config)?,
        _ => return Ok(()),
    };
    match io::stdout().write_all(text.as_bytes()) {
        Ok(()) => std::process::exit(0),
        Err(error) => log::fatal!("write error: {}", sys::errno_text(&error)),
    }
}

/// How long a client may keep its connection without asking anything: there are more clients than
/// threads, and each would like to keep one.
const IDLE: Duration = Duration::from_secs(1);

fn session(cx: &Context<Desk>, stream: net::Stream) {
    let mut peer = Peer::from(stream);
    if peer.announce(PROTOCOL).is_err() {
        return;
    }
    loop {
        let request = match peer.next_message::<Request>() {
            Ok(Some(request)) => request,
            Ok(None) => return,
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                log::warning!("malformed request: {error}");
                let _ = peer.send(&Status(-1));
                return;
            }
            Err(_) => return,
        };
        let status = match work(&cx.state, &request) {
            Ok(()) => 0,
            Err(error) => {
                fail(&cx.state, &request, &error);
                -1
            }
        };
        if peer.send(&Status(status)).is_err() || !peer.stream().readable(IDLE).unwrap_or(false) {
            return;
        }
    }
}

fn work(desk: &Desk, request: &Request) -> io::Result<()> {
    match request {
        Request::Append { queue_id, recipient, dsn, .. } => append(desk, queue_id, recipient, dsn),
        Request::Flush(about) => desk.failure(about),
        Request::Warn(about) => desk.delay(about),
        Request::Verp { about, delimiters } if delimiters.len() == 2 => desk.verp(about, delimiters),
        Request::Verp { .. } => {
            Err(io::Error::new(io::ErrorKind::InvalidInput, "malformed verp delimiter string"))
        }
        Request::One { about, recipient, dsn } if desk.log == Queue::Bounce => {
            desk.one(about, entry(recipient, dsn))
        }
        Request::One { .. } => {
            Err(io::Error::new(io::ErrorKind::InvalidInput, "wrong service for one-recipient bouncing"))
        }
        Request::Trace(about) => desk.report(about),
    }
}

/// Once the record is on disk, the mail system makes no further attempt for this recipient: what
/// cannot be written is the client's to keep.
fn append(desk: &Desk, queue_id: &BString, recipient: &Recipient, dsn: &Dsn) -> io::Result<()> {
    let id = QueueId::parse(queue_id).ok_or_else(|| {
        io::Error::new(io::ErrorKind::InvalidInput, format!("malformed queue id: {queue_id}"))
    })?;
    let readable = desk.config.get(BACKWARDS_BOUNCE_LOGFILE_COMPATIBILITY);
    desk.spool.append_status(desk.log, &id, &entry(recipient, dsn), readable)
}

/// A status as the log has it: addresses quoted, and nothing that is not plain text.
fn entry(recipient: &Recipient, dsn: &Dsn) -> Entry {
    let quoted = |address: &BString| -> BString {
        let quoted =
            if address.is_empty() { BString::default() } else { mail::quote::quote_822_local(address) };
        plain(&quoted)
    };
    Entry {
        recipient: quoted(&recipient.address),
        original: quoted(&recipient.original),
        offset: recipient.offset,
        dsn_orcpt: plain(&recipient.dsn_orcpt),
        dsn_notify: recipient.dsn_notify,
        status: plain(&dsn.status),
        action: plain(&dsn.action),
        diag_type: plain(&dsn.diag_type),
        diag_text: plain(&dsn.diag_text),
        mta_type: plain(&dsn.mta_type),
        mta_name: plain(&dsn.mta_name),
        reason: plain(&dsn.reason),
    }
}

fn plain(text: &[u8]) -> BString {
    log::printable(text).as_ref().into()
}

fn fail(desk: &Desk, request: &Request, error: &io::Error) {
    let (id, flags) = match request {
        Request::Append { queue_id, flags, .. } => (queue_id, *flags),
        Request::Flush(about) | Request::Warn(about) | Request::Trace(about) => {
            (&about.queue_id, about.flags)
        }
        Request::Verp { about, .. } | Request::One { about, .. } => (&about.queue_id, about.flags),
    };
    log::warning!("{}: {} {}", log::printable(id).as_bstr(), desk.log.name(), sys::errno_text(error));
    if flags & flag::CLEAN != 0 {
        desk.clean(id);
    }
}
