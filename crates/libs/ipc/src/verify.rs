//! Address verification results kept by verify(8), private service `verify`.

use crate::attr::{Cursor, Fault, Message, Writer};
use bstr::BString;

/// The server's announcement, in the reference's spelling.
pub const PROTOCOL: &str = "address_verification_prrotocol";
/// The service's usual name (`address_verify_service_name`), class private.
pub const SERVICE: &str = "verify";

/// Values of [`Answer::status`].
pub mod stat {
    /// The request was understood.
    pub const OK: i32 = 0;
    /// The request failed.
    pub const FAIL: i32 = -1;
    /// The request was malformed.
    pub const BAD: i32 = -2;
}

/// Values of `recipient_status`: the outcome of a probe.
pub mod outcome {
    /// Deliverable.
    pub const OK: i32 = 0;
    /// Undeliverable for now.
    pub const DEFER: i32 = 1;
    /// Undeliverable.
    pub const BOUNCE: i32 = 2;
    /// Being probed.
    pub const TODO: i32 = 3;
}

/// What a client asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// What is known about an address; an unknown one is probed.
    Query {
        /// The address.
        address: BString,
    },
    /// The outcome of a probe.
    Update {
        /// The address.
        address: BString,
        /// [`outcome`].
        recipient_status: i32,
        /// Why.
        reason: BString,
    },
}

impl Message for Request {
    fn put(&self, out: &mut Writer<'_>) {
        match self {
            Request::Query { address } => out.str("request", "query").str("address", address).end(),
            Request::Update { address, recipient_status, reason } => out
                .str("request", "update")
                .str("address", address)
                .int("recipient_status", *recipient_status)
                .str("reason", reason)
                .end(),
        }
    }
    fn take(from: &mut Cursor<'_>) -> Result<Self, Fault> {
        let kind = from.str("request")?;
        let request = match kind.as_ref() as &[u8] {
            b"query" => Request::Query { address: from.string("address")? },
            b"update" => Request::Update {
                address: from.string("address")?,
                recipient_status: from.int("recipient_status")?,
                reason: from.string("reason")?,
            },
            _ => return Err(Fault::BadValue("request")),
        };
        from.end()?;
        Ok(request)
    }
}

/// The answer to [`Request::Query`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// [`stat`].
    pub status: i32,
    /// [`outcome`].
    pub recipient_status: i32,
    /// Why.
    pub reason: BString,
}

impl Message for Answer {
    fn put(&self, out: &mut Writer<'_>) {
        out.int("status", self.status)
            .int("recipient_status", self.recipient_status)
            .str("reason", &self.reason)
            .end();
    }
    fn take(from: &mut Cursor<'_>) -> Result<Self, Fault> {
        let answer = Answer {
            status: from.int("status")?,
            recipient_status: from.int("recipient_status")?,
            reason: from.string("reason")?,
        };
        from.end()?;
        Ok(answer)
    }
}

/// The answer to [`Request::Update`]: [`stat`].
pub use crate::bounce::Status;
