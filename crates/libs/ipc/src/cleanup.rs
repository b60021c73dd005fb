//! Handing a message to cleanup(8), public service `cleanup`.
//!
//! ```text
//! server: protocol=cleanup_protocol queue_id=…      client: flags=…
//! client: records (envelope, content, extracted, END)
//! server: status=… reason=…
//! ```
//! After the status the reference's client closes. A client of ours that keeps the connection
//! waits for the next announcement, which a server of ours sends only when it is asked: see
//! [`Again`].

use crate::attr::{Cursor, Fault, Message, Writer};
use bstr::BString;

/// The server's announcement.
pub const PROTOCOL: &str = "cleanup_protocol";
/// The service's name, class public.
pub const SERVICE: &str = "cleanup";

/// What the client wants done, bits of [`Flags`].
pub mod flag {
    /// Bounce messages that cannot be delivered.
    pub const BOUNCE: i32 = 1 << 0;
    /// Run header and body checks.
    pub const FILTER: i32 = 1 << 1;
    /// Place the message on hold.
    pub const HOLD: i32 = 1 << 2;
    /// Discard the message silently.
    pub const DISCARD: i32 = 1 << 3;
    /// Apply automatic BCC.
    pub const BCC_OK: i32 = 1 << 4;
    /// Apply canonical, masquerade and virtual alias mapping.
    pub const MAP_OK: i32 = 1 << 5;
    /// Apply milters.
    pub const MILTER: i32 = 1 << 6;
    /// Accept milter replies that only an SMTP session can give.
    pub const SMTP_REPLY: i32 = 1 << 7;
    /// The message needs the queue manager's SMTPUTF8 care.
    pub const SMTPUTF8: i32 = 1 << 8;
    /// Detect whether SMTPUTF8 is needed.
    pub const AUTOUTF8: i32 = 1 << 9;
    /// The sender asked for TLS all the way (RFC 8689).
    pub const REQUIRETLS: i32 = 1 << 10;
    /// Everything that comes from outside: external mail.
    pub const EXTERNAL: i32 = FILTER | BCC_OK | MAP_OK | MILTER;
    /// Mail made by the system that is not looked at again.
    pub const INTERNAL: i32 = MAP_OK;
}

/// Why a message was not queued, bits of [`Status::status`].
pub mod stat {
    /// Queued.
    pub const OK: i32 = 0;
    /// The client broke the protocol.
    pub const BAD: i32 = 1 << 0;
    /// The queue file could not be written.
    pub const WRITE: i32 = 1 << 1;
    /// Message file too big.
    pub const SIZE: i32 = 1 << 2;
    /// Message content rejected.
    pub const CONT: i32 = 1 << 3;
    /// Too many hops.
    pub const HOPS: i32 = 1 << 4;
    /// No recipients.
    pub const RCPT: i32 = 1 << 6;
    /// Proxy rejected it.
    pub const PROXY: i32 = 1 << 7;
    /// Deferred by a milter or table.
    pub const DEFER: i32 = 1 << 8;
    /// The milter or action cannot be expressed to the sender: do not bounce.
    pub const NOPERM: i32 = 1 << 9;
    /// Address mapping failed.
    pub const MAPPING: i32 = 1 << 10;
    /// Bare line feed received.
    pub const BARE_LF: i32 = 1 << 11;
}

/// The server's opening: the name of the queue file it made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// The queue id.
    pub queue_id: BString,
}

impl Message for Opening {
    fn put(&self, out: &mut Writer<'_>) {
        out.str("protocol", PROTOCOL).str("queue_id", &self.queue_id).end();
    }
    fn take(from: &mut Cursor<'_>) -> Result<Self, Fault> {
        crate::peer::check_protocol(from, PROTOCOL)?;
        let queue_id = from.string("queue_id")?;
        from.end()?;
        Ok(Opening { queue_id })
    }
}

/// The client's opening; the records follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flags {
    /// [`flag`] bits.
    pub flags: i32,
}

impl Message for Flags {
    fn put(&self, out: &mut Writer<'_>) {
        out.int("flags", self.flags).end();
    }
    fn take(from: &mut Cursor<'_>) -> Result<Self, Fault> {
        let flags = from.int("flags")?;
        from.end()?;
        Ok(Flags { flags })
    }
}

/// The server's verdict once it read the END record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Status {
    /// [`stat`] bits; zero means the queue file is on disk.
    pub status: i32,
    /// Text for the client, perhaps empty.
    pub reason: BString,
}

impl Message for Status {
    fn put(&self, out: &mut Writer<'_>) {
        out.int("status", self.status).str("reason", &self.reason).end();
    }
    fn take(from: &mut Cursor<'_>) -> Result<Self, Fault> {
        let status = from.int("status")?;
        let reason = from.string("reason")?;
        from.end()?;
        Ok(Status { status, reason })
    }
}

/// Our extension: after the status, the client asks the same connection for another queue file.
/// A reference server has closed by then, and the client connects anew; a reference client
/// closes, and the server sees the end of the stream instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Again;

impl Message for Again {
    fn put(&self, out: &mut Writer<'_>) {
        out.str("request", "again").end();
    }
    fn take(from: &mut Cursor<'_>) -> Result<Self, Fault> {
        match from.str("request")? {
            value if value == "again" => from.end().map(|()| Again),
            _ => Err(Fault::BadValue("request")),
        }
    }
}

/// How a failure is told to people: SMTP reply code, enhanced status code, text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Detail {
    /// The reply code.
    pub reply: u16,
    /// The enhanced status code.
    pub dsn: &'static str,
    /// The text.
    pub text: &'static str,
}

/// The failure to report when several bits of [`stat`] are set, the most important first.
const DETAILS: [(i32, Detail); 9] = [
    (stat::DEFER, Detail { reply: 451, dsn: "4.7.1", text: "service unavailable" }),
    (stat::PROXY, Detail { reply: 451, dsn: "4.3.0", text: "queue file write error" }),
    (stat::BAD, Detail { reply: 451, dsn: "4.3.0", text: "internal protocol error" }),
    (stat::RCPT, Detail { reply: 550, dsn: "5.1.0", text: "no recipients specified" }),
    (stat::HOPS, Detail { reply: 554, dsn: "5.4.0", text: "too many hops" }),
    (stat::SIZE, Detail { reply: 552, dsn: "5.3.4", text: "message file too big" }),
    (stat::CONT, Detail { reply: 550, dsn: "5.7.1", text: "message content rejected" }),
    (stat::WRITE, Detail { reply: 451, dsn: "4.3.0", text: "queue file write error" }),
    (stat::NOPERM, Detail { reply: 550, dsn: "5.7.1", text: "service denied" }),
];

/// What a failed [`Status`] means, when it comes without a reason.
pub fn detail(status: i32) -> Detail {
    let found = DETAILS.iter().find(|(bit, _)| status & bit != 0);
    // An unknown bit is treated as the reference's clients do: try again.
    found.map_or(Detail { reply: 451, dsn: "4.3.0", text: "internal protocol error" }, |(_, detail)| *detail)
}
