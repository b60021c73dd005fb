//! Connection and request counts and rates by anvil(8), private service `anvil`. It speaks [`crate::plain`].

use crate::attr::{Cursor, Fault, Message, Writer};
use bstr::BString;

/// The server's announcement.
pub const PROTOCOL: &str = "anvil_protocol";
/// The service's name, class private.
pub const SERVICE: &str = "anvil";

/// Values of `status`.
pub mod stat {
    /// Counted.
    pub const OK: i32 = 0;
    /// The request was malformed.
    pub const FAIL: i32 = -1;
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A client connected.
    Connect,
    /// A client left; the answer has no figures.
    Disconnect,
    /// A message was begun.
    Message,
    /// A recipient was named.
    Recipient,
    /// A TLS session was negotiated from scratch.
    NewTls,
    /// Ask for the TLS rate without counting.
    NewTlsStatus,
    /// AUTH was tried.
    Auth,
    /// Ask for everything.
    Lookup,
}

const NAMES: [(Event, &str); 8] = [
    (Event::Connect, "connect"),
    (Event::Disconnect, "disconnect"),
    (Event::Message, "message"),
    (Event::Recipient, "recipient"),
    (Event::NewTls, "newtls"),
    (Event::NewTlsStatus, "newtls_status"),
    (Event::Auth, "auth"),
    (Event::Lookup, "lookup"),
];

/// One event of one client of one service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// What happened.
    pub event: Event,
    /// `service:address`.
    pub ident: BString,
}

impl Message for Request {
    fn put(&self, out: &mut Writer<'_>) {
        let name = NAMES.iter().find(|(event, _)| *event == self.event).map_or("", |(_, name)| name);
        out.str("request", name).str("ident", &self.ident).end();
    }
    fn take(from: &mut Cursor<'_>) -> Result<Self, Fault> {
        let kind = from.str("request")?;
        let (event, _) = NAMES.iter().find(|(_, name)| kind == *name).ok_or(Fault::BadValue("request"))?;
        let ident = from.string("ident")?;
        from.end()?;
        Ok(Request { event: *event, ident })
    }
}

/// The answer to [`Event::Connect`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Connected {
    /// [`stat`].
    pub status: i32,
    /// Connections now.
    pub count: i32,
    /// Connections in the time unit.
    pub rate: i32,
}

impl Message for Connected {
    fn put(&self, out: &mut Writer<'_>) {
        out.int("status", self.status).int("count", self.count).int("rate", self.rate).end();
    }
    fn take(from: &mut Cursor<'_>) -> Result<Self, Fault> {
        let reply =
            Connected { status: from.int("status")?, count: from.int("count")?, rate: from.int("rate")? };
        from.end()?;
        Ok(reply)
    }
}

/// The answer to message, recipient, newtls, `newtls_status` and auth.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rate {
    /// [`stat`].
    pub status: i32,
    /// Events in the time unit.
    pub rate: i32,
}

impl Message for Rate {
    fn put(&self, out: &mut Writer<'_>) {
        out.int("status", self.status).int("rate", self.rate).end();
    }
    fn take(from: &mut Cursor<'_>) -> Result<Self, Fault> {
        let reply = Rate { status: from.int("status")?, rate: from.int("rate")? };
        from.end()?;
        Ok(reply)
    }
}

/// The answer to [`Event::Disconnect`].
pub use crate::bounce::Status;

/// The answer to [`Event::Lookup`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct All {
    /// [`stat`].
    pub status: i32,
    /// Connections now.
    pub count: i32,
    /// Connections in the time unit.
    pub rate: i32,
    /// Messages.
    pub mail: i32,
    /// Recipients.
    pub rcpt: i32,
    /// New TLS sessions.
    pub newtls: i32,
    /// AUTH commands.
    pub auth: i32,
}

impl Message for All {
    fn put(&self, out: &mut Writer<'_>) {
        out.int("status", self.status)
            .int("count", self.count)
            .int("rate", self.rate)
            .int("mail", self.mail)
            .int("rcpt", self.rcpt)
            .int("newtls", self.newtls)
            .int("auth", self.auth)
            .end();
    }
    fn take(from: &mut Cursor<'_>) -> Result<Self, Fault> {
        let reply = All {
            status: from.int("status")?,
            count: from.int("count")?,
            rate: from.int("rate")?,
            mail: from.int("mail")?,
            rcpt: from.int("rcpt")?,
            newtls: from.int("newtls")?,
            auth: from.int("auth")?,
        };
        from.end()?;
        Ok(reply)
    }
}
