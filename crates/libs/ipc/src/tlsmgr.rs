//! TLS session caches, ticket keys and entropy by tlsmgr(8), private service `tlsmgr`.

use crate::attr::{Cursor, Fault, Message, Writer};
use bstr::BString;

/// The server's announcement.
pub const PROTOCOL: &str = "tlsmgr_protocol";
/// The service's usual name (`tlsmgr_service_name`), class private.
pub const SERVICE: &str = "tlsmgr";

/// Values of `status`.
pub mod stat {
    /// Done.
    pub const OK: i32 = 0;
    /// Not found, or failed.
    pub const ERR: i32 = -1;
    /// Could not be carried out.
    pub const FAIL: i32 = -2;
}

/// What a client asks. `cache_type` is `smtpd`, `smtp` or `lmtp`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Random bytes.
    Seed {
        /// How many.
        size: i32,
    },
    /// Whether sessions may be cached, and for how long.
    Policy {
        /// Which cache.
        cache_type: BString,
    },
    /// A session.
    Lookup {
        /// Which cache.
        cache_type: BString,
        /// The session's key.
        cache_id: BString,
    },
    /// Keep a session.
    Update {
        /// Which cache.
        cache_type: BString,
        /// The session's key.
        cache_id: BString,
        /// Its DER form.
        session: Vec<u8>,
    },
    /// Forget a session.
    Delete {
        /// Which cache.
        cache_type: BString,
        /// The session's key.
        cache_id: BString,
    },
    /// A ticket key: the one of this name, or the current one when the name is empty.
    TicketKey {
        /// The key's name.
        name: Vec<u8>,
    },
}

impl Message for Request {
    fn put(&self, out: &mut Writer<'_>) {
        match self {
            Request::Seed { size } => out.str("request", "seed").int("size", *size).end(),
            Request::Policy { cache_type } => {
                out.str("request", "policy").str("cache_type", cache_type).end()
            }
            Request::Lookup { cache_type, cache_id } => {
                out.str("request", "lookup").str("cache_type", cache_type).str("cache_id", cache_id).end();
            }
            Request::Update { cache_type, cache_id, session } => {
                out.str("request", "update").str("cache_type", cache_type).str("cache_id", cache_id);
                out.data("session", session).end();
            }
            Request::Delete { cache_type, cache_id } => {
                out.str("request", "delete").str("cache_type", cache_type).str("cache_id", cache_id).end();
            }
            Request::TicketKey { name } => out.str("request", "tktkey").data("keyname", name).end(),
        }
    }
    fn take(from: &mut Cursor<'_>) -> Result<Self, Fault> {
        let kind = from.str("request")?;
        let request = match kind.as_ref() as &[u8] {
            b"seed" => Request::Seed { size: from.int("size")? },
            b"policy" => Request::Policy { cache_type: from.string("cache_type")? },
            b"lookup" => {
                Request::Lookup { cache_type: from.string("cache_type")?, cache_id: from.string("cache_id")? }
            }
            b"update" => Request::Update {
                cache_type: from.string("cache_type")?,
                cache_id: from.string("cache_id")?,
                session: from.data("session")?,
            },
            b"delete" => {
                Request::Delete { cache_type: from.string("cache_type")?, cache_id: from.string("cache_id")? }
            }
            b"tktkey" => Request::TicketKey { name: from.data("keyname")? },
            _ => return Err(Fault::BadValue("request")),
        };
        from.end()?;
        Ok(request)
    }
}

/// The answer to [`Request::Seed`], [`Request::Lookup`] and [`Request::TicketKey`] (the
/// attributes `seed`, `session`, `keybuf`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Data<const KIND: u8> {
    /// [`stat`].
    pub status: i32,
    /// The bytes, empty when there are none.
    pub bytes: Vec<u8>,
}

/// Random bytes.
pub type Seed = Data<0>;
/// A session.
pub type Session = Data<1>;
/// A ticket key as it lies in memory.
pub type TicketKey = Data<2>;

impl<const KIND: u8> Data<KIND> {
    const NAME: &'static str = match KIND {
        0 => "seed",
        1 => "session",
        _ => "keybuf",
    };
}

impl<const KIND: u8> Message for Data<KIND> {
    fn put(&self, out: &mut Writer<'_>) {
        out.int("status", self.status).data(Self::NAME, &self.bytes).end();
    }
    fn take(from: &mut Cursor<'_>) -> Result<Self, Fault> {
        let reply = Data { status: from.int("status")?, bytes: from.data(Self::NAME)? };
        from.end()?;
        Ok(reply)
    }
}

/// The answer to [`Request::Policy`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// [`stat`].
    pub status: i32,
    /// Whether there is a cache.
    pub cachable: i32,
    /// Life of a session, seconds.
    pub timeout: i32,
}

impl Message for Policy {
    fn put(&self, out: &mut Writer<'_>) {
        out.int("status", self.status).int("cachable", self.cachable).int("timeout", self.timeout).end();
    }
    fn take(from: &mut Cursor<'_>) -> Result<Self, Fault> {
        let reply = Policy {
            status: from.int("status")?,
            cachable: from.int("cachable")?,
            timeout: from.int("timeout")?,
        };
        from.end()?;
        Ok(reply)
    }
}

/// The answer to [`Request::Update`] and [`Request::Delete`].
pub use crate::bounce::Status;
