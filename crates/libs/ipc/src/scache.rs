//! Idle SMTP connections kept by scache(8), private service `scache`.
//!
//! Descriptors travel between the attribute lists: after `save_endp` the server says
//! [`Ready`], the client passes the descriptor, the server answers; after a find that
//! succeeded the server passes the descriptor and the client says [`Ready`].

use crate::attr::{Cursor, Fault, Message, Writer};
use bstr::BString;

/// The server's announcement.
pub const PROTOCOL: &str = "connection_cache_protocol";
/// The service's usual name (`connection_cache_service_name`), class private.
pub const SERVICE: &str = "scache";

/// Values of `status`.
pub mod stat {
    /// Done.
    pub const OK: i32 = 0;
    /// The request was malformed.
    pub const BAD: i32 = 1;
    /// Not found, or failed.
    pub const FAIL: i32 = 2;
}

/// What a client asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Keep a connection under its endpoint.
    SaveEndpoint {
        /// Seconds.
        ttl: i32,
        /// The endpoint's label.
        label: BString,
        /// What the endpoint can do.
        property: BString,
    },
    /// Find a connection by endpoint.
    FindEndpoint {
        /// The endpoint's label.
        label: BString,
    },
    /// Bind a destination to an endpoint.
    SaveDestination {
        /// Seconds.
        ttl: i32,
        /// The destination's label.
        label: BString,
        /// What the destination says.
        property: BString,
        /// The endpoint's label.
        endpoint: BString,
    },
    /// Find a connection by destination.
    FindDestination {
        /// The destination's label.
        label: BString,
    },
}

impl Message for Request {
    fn put(&self, out: &mut Writer<'_>) {
        match self {
            Request::SaveEndpoint { ttl, label, property } => {
                out.str("request", "save_endp")
                    .int("ttl", *ttl)
                    .str("label", label)
                    .str("property", property)
                    .end();
            }
            Request::FindEndpoint { label } => out.str("request", "find_endp").str("label", label).end(),
            Request::SaveDestination { ttl, label, property, endpoint } => out
                .str("request", "save_dest")
                .int("ttl", *ttl)
                .str("label", label)
                .str("property", property)
                .str("label", endpoint)
                .end(),
            Request::FindDestination { label } => out.str("request", "find_dest").str("label", label).end(),
        }
    }
    fn take(from: &mut Cursor<'_>) -> Result<Self, Fault> {
        let kind = from.str("request")?;
        let request = match kind.as_ref() as &[u8] {
            b"save_endp" => Request::SaveEndpoint {
                ttl: from.int("ttl")?,
                label: from.string("label")?,
                property: from.string("property")?,
            },
            b"find_endp" => Request::FindEndpoint { label: from.string("label")? },
            b"save_dest" => Request::SaveDestination {
                ttl: from.int("ttl")?,
                label: from.string("label")?,
                property: from.string("property")?,
                endpoint: from.string("label")?,
            },
            b"find_dest" => Request::FindDestination { label: from.string("label")? },
            _ => return Err(Fault::BadValue("request")),
        };
        from.end()?;
        Ok(request)
    }
}

/// The answer to [`Request::FindEndpoint`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Endpoint {
    /// [`stat`].
    pub status: i32,
    /// What the endpoint can do.
    pub property: BString,
}

impl Message for Endpoint {
    fn put(&self, out: &mut Writer<'_>) {
        out.int("status", self.status).str("property", &self.property).end();
    }
    fn take(from: &mut Cursor<'_>) -> Result<Self, Fault> {
        let reply = Endpoint { status: from.int("status")?, property: from.string("property")? };
        from.end()?;
        Ok(reply)
    }
}

/// The answer to [`Request::FindDestination`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Destination {
    /// [`stat`].
    pub status: i32,
    /// What the destination says.
    pub property: BString,
    /// What the endpoint can do.
    pub endpoint: BString,
}

impl Message for Destination {
    fn put(&self, out: &mut Writer<'_>) {
        out.int("status", self.status).str("property", &self.property).str("property", &self.endpoint).end();
    }
    fn take(from: &mut Cursor<'_>) -> Result<Self, Fault> {
        let reply = Destination {
            status: from.int("status")?,
            property: from.string("property")?,
            endpoint: from.string("property")?,
        };
        from.end()?;
        Ok(reply)
    }
}

/// "Your turn", around a descriptor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ready;

impl Message for Ready {
    fn put(&self, out: &mut Writer<'_>) {
        out.str("dummy", "").end();
    }
    fn take(from: &mut Cursor<'_>) -> Result<Self, Fault> {
        from.str("dummy")?;
        from.end()?;
        Ok(Ready)
    }
}

/// The answer to the saves.
pub use crate::bounce::Status;
