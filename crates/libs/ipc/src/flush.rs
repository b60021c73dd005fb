//! Mail queued for a site, by flush(8), public service `flush`.

use crate::attr::{Cursor, Fault, Message, Writer};
use bstr::BString;

/// The server's announcement.
pub const PROTOCOL: &str = "queue_flush_protocol";
/// The service's usual name (`flush_service_name`), class public.
pub const SERVICE: &str = "flush";

/// Values of the answer's status.
pub mod stat {
    /// Done.
    pub const OK: i32 = 0;
    /// Failed.
    pub const FAIL: i32 = 1;
    /// The request was malformed.
    pub const BAD: i32 = 2;
    /// The site is not eligible (`fast_flush_domains`).
    pub const DENY: i32 = 3;
    /// The caller may not use the service (a client's own verdict).
    pub const UNKNOWN: i32 = 4;
}

/// What a client asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Note that a message waits for a site.
    Add {
        /// The site.
        site: BString,
        /// The queue id.
        queue_id: BString,
    },
    /// Deliver what waits for a site.
    SendSite {
        /// The site.
        site: BString,
    },
    /// Deliver one message.
    SendFile {
        /// The queue id.
        queue_id: BString,
    },
    /// Refresh logs that are not used for long.
    Refresh,
    /// Refresh all logs.
    Purge,
}

impl Message for Request {
    fn put(&self, out: &mut Writer<'_>) {
        match self {
            Request::Add { site, queue_id } => {
                out.str("request", "add").str("site", site).str("queue_id", queue_id).end();
            }
            Request::SendSite { site } => out.str("request", "send_site").str("site", site).end(),
            Request::SendFile { queue_id } => out.str("request", "send_file").str("queue_id", queue_id).end(),
            Request::Refresh => out.str("request", "rfrsh").end(),
            Request::Purge => out.str("request", "purge").end(),
        }
    }
    fn take(from: &mut Cursor<'_>) -> Result<Self, Fault> {
        let kind = from.str("request")?;
        let request = match kind.as_ref() as &[u8] {
            b"add" => Request::Add { site: from.string("site")?, queue_id: from.string("queue_id")? },
            b"send_site" => Request::SendSite { site: from.string("site")? },
            b"send_file" => Request::SendFile { queue_id: from.string("queue_id")? },
            b"rfrsh" => Request::Refresh,
            b"purge" => Request::Purge,
            _ => return Err(Fault::BadValue("request")),
        };
        from.end()?;
        Ok(request)
    }
}

/// The answer: [`stat`].
pub use crate::bounce::Status;
