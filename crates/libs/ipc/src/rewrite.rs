//! Address rewriting and resolving by trivial-rewrite(8), private service `rewrite`.

use crate::attr::{Cursor, Fault, Message, Writer};
use bstr::BString;

mod client;
pub use client::Rewriter;

/// The server's announcement.
pub const PROTOCOL: &str = "trivial_rewrite_protocol";
/// The service's usual name (`rewrite_service_name`), class private.
pub const SERVICE: &str = "rewrite";

/// Bits of [`Resolved::flags`].
pub mod flag {
    /// Final destination.
    pub const FINAL: i32 = 1 << 0;
    /// Sender-specified relay routing.
    pub const ROUTED: i32 = 1 << 1;
    /// Bad destination syntax.
    pub const ERROR: i32 = 1 << 2;
    /// The request failed, try again.
    pub const FAIL: i32 = 1 << 3;
    /// Class: `mydestination`, `inet_interfaces`.
    pub const LOCAL: i32 = 1 << 8;
    /// Class: `virtual_alias_domains`.
    pub const ALIAS: i32 = 1 << 9;
    /// Class: `virtual_mailbox_domains`.
    pub const VIRTUAL: i32 = 1 << 10;
    /// Class: `relay_domains`.
    pub const RELAY: i32 = 1 << 11;
    /// Class: everything else.
    pub const DEFAULT: i32 = 1 << 12;
}

/// What a client asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Bring an address to canonical form.
    Rewrite {
        /// The context: `local`, `remote` or `double-bounce`.
        rule: BString,
        /// The address in external form.
        address: BString,
    },
    /// Find transport, next hop and recipient.
    Resolve {
        /// Asked by address verification: its `address_verify_*` settings apply.
        verify: bool,
        /// The envelope sender, for sender-dependent settings.
        sender: BString,
        /// The address in internal form.
        address: BString,
    },
}

impl Message for Request {
    fn put(&self, out: &mut Writer<'_>) {
        match self {
            Request::Rewrite { rule, address } => {
                out.str("request", "rewrite").str("rule", rule).str("address", address).end();
            }
            Request::Resolve { verify, sender, address } => {
                let kind = if *verify { "verify" } else { "resolve" };
                out.str("request", kind).str("sender", sender).str("address", address).end();
            }
        }
    }
    fn take(from: &mut Cursor<'_>) -> Result<Self, Fault> {
        let kind = from.str("request")?;
        let request = match kind.as_ref() as &[u8] {
            b"rewrite" => Request::Rewrite { rule: from.string("rule")?, address: from.string("address")? },
            b"resolve" | b"verify" => Request::Resolve {
                verify: kind == "verify",
                sender: from.string("sender")?,
                address: from.string("address")?,
            },
            _ => return Err(Fault::BadValue("request")),
        };
        from.end()?;
        Ok(request)
    }
}

/// The answer to [`Request::Rewrite`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rewritten {
    /// Not zero when the server's configuration changed and clients should forget what they know.
    pub server_flags: i32,
    /// The canonical form.
    pub address: BString,
}

impl Message for Rewritten {
    fn put(&self, out: &mut Writer<'_>) {
        out.int("flags", self.server_flags).str("address", &self.address).end();
    }
    fn take(from: &mut Cursor<'_>) -> Result<Self, Fault> {
        let server_flags = from.int("flags")?;
        let address = from.string("address")?;
        from.end()?;
        Ok(Rewritten { server_flags, address })
    }
}

/// The answer to [`Request::Resolve`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resolved {
    /// As in [`Rewritten`].
    pub server_flags: i32,
    /// The master.cf transport.
    pub transport: BString,
    /// The next hop.
    pub nexthop: BString,
    /// The recipient as it goes to the delivery agent.
    pub recipient: BString,
    /// [`flag`] bits.
    pub flags: i32,
}

impl Message for Resolved {
    fn put(&self, out: &mut Writer<'_>) {
        out.int("flags", self.server_flags)
            .str("transport", &self.transport)
            .str("nexthop", &self.nexthop)
            .str("recipient", &self.recipient)
            .int("flags", self.flags)
            .end();
    }
    fn take(from: &mut Cursor<'_>) -> Result<Self, Fault> {
        let reply = Resolved {
            server_flags: from.int("flags")?,
            transport: from.string("transport")?,
            nexthop: from.string("nexthop")?,
            recipient: from.string("recipient")?,
            flags: from.int("flags")?,
        };
        from.end()?;
        Ok(reply)
    }
}
