//! Delivery status records and notices: bounce(8) as the private services `bounce`, `defer`
//! and `trace`.

use crate::attr::{Cursor, Fault, Message, Writer};
use crate::fields::{Dsn, Recipient};
use bstr::BString;

/// The server's announcement.
pub const PROTOCOL: &str = "delivery_status_protocol";

/// Bits of `flags`.
pub mod flag {
    /// Remove the log when the request fails.
    pub const CLEAN: i32 = 1 << 0;
    /// Mark the recipients done in the queue file.
    pub const DELETE_RECIPIENTS: i32 = 1 << 1;
}

/// The message a notice is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// [`flag`] bits.
    pub flags: i32,
    /// The queue that holds it.
    pub queue_name: BString,
    /// The queue id.
    pub queue_id: BString,
    /// `8bit`, `7bit` or empty.
    pub encoding: BString,
    /// [`crate::delivery::sendopt`] bits.
    pub sendopts: i32,
    /// The envelope sender: who gets the notice.
    pub sender: BString,
    /// ENVID.
    pub dsn_envid: BString,
    /// RET, [`crate::fields::ret`].
    pub dsn_ret: i32,
}

impl About {
    fn put(&self, out: &mut Writer<'_>) {
        out.int("flags", self.flags)
            .str("queue_name", &self.queue_name)
            .str("queue_id", &self.queue_id)
            .str("encoding", &self.encoding)
            .int("sendopts", self.sendopts)
            .str("sender", &self.sender)
            .str("envelope_id", &self.dsn_envid)
            .int("ret_flags", self.dsn_ret);
    }
    fn take(from: &mut Cursor<'_>) -> Result<Self, Fault> {
        Ok(About {
            flags: from.int("flags")?,
            queue_name: from.string("queue_name")?,
            queue_id: from.string("queue_id")?,
            encoding: from.string("encoding")?,
            // compat: 3.7 calls it smtputf8
            sendopts: match from.optional_int("smtputf8")? {
                Some(bits) => bits,
                None => from.int("sendopts")?,
            },
            sender: from.string("sender")?,
            dsn_envid: from.string("envelope_id")?,
            dsn_ret: from.int("ret_flags")?,
        })
    }
}

/// What a client asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Add one recipient's status to the message's log.
    Append {
        /// [`flag`] bits.
        flags: i32,
        /// The queue id.
        queue_id: BString,
        /// Who.
        recipient: Recipient,
        /// What happened.
        dsn: Dsn,
    },
    /// Send the log to the sender and remove it.
    Flush(About),
    /// Send a delay warning; the log stays.
    Warn(About),
    /// Send one notice for each recipient, with VERP sender addresses.
    Verp {
        /// The message.
        about: About,
        /// The two delimiters.
        delimiters: BString,
    },
    /// Send a notice about one recipient, without a log.
    One {
        /// The message.
        about: About,
        /// Who.
        recipient: Recipient,
        /// What happened.
        dsn: Dsn,
    },
    /// Send a delivery report from the trace log.
    Trace(About),
}

mod code {
    pub const APPEND: i32 = 0;
    pub const FLUSH: i32 = 1;
    pub const WARN: i32 = 2;
    pub const VERP: i32 = 3;
    pub const ONE: i32 = 4;
    pub const TRACE: i32 = 5;
}

impl Message for Request {
    fn put(&self, out: &mut Writer<'_>) {
        match self {
            Request::Append { flags, queue_id, recipient, dsn } => {
                out.int("nrequest", code::APPEND).int("flags", *flags).str("queue_id", queue_id);
                recipient.put(out);
                dsn.put(out);
            }
            Request::Flush(about) => about.put(out.int("nrequest", code::FLUSH)),
            Request::Warn(about) => about.put(out.int("nrequest", code::WARN)),
            Request::Trace(about) => about.put(out.int("nrequest", code::TRACE)),
            Request::Verp { about, delimiters } => {
                about.put(out.int("nrequest", code::VERP));
                out.str("verp_delimiters", delimiters);
            }
            Request::One { about, recipient, dsn } => {
                about.put(out.int("nrequest", code::ONE));
                recipient.put(out);
                dsn.put(out);
            }
        }
        out.end();
    }
    fn take(from: &mut Cursor<'_>) -> Result<Self, Fault> {
        let request = match from.int("nrequest")? {
            code::APPEND => Request::Append {
                flags: from.int("flags")?,
                queue_id: from.string("queue_id")?,
                recipient: Recipient::take(from)?,
                dsn: Dsn::take(from)?,
            },
            code::FLUSH => Request::Flush(About::take(from)?),
            code::WARN => Request::Warn(About::take(from)?),
            code::TRACE => Request::Trace(About::take(from)?),
            code::VERP => {
                Request::Verp { about: About::take(from)?, delimiters: from.string("verp_delimiters")? }
            }
            code::ONE => Request::One {
                about: About::take(from)?,
                recipient: Recipient::take(from)?,
                dsn: Dsn::take(from)?,
            },
            _ => return Err(Fault::BadValue("nrequest")),
        };
        from.end()?;
        Ok(request)
    }
}

/// The answer to each request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status(
    /// Zero, or -1 when the request was not carried out.
    pub i32,
);

impl Message for Status {
    fn put(&self, out: &mut Writer<'_>) {
        out.int("status", self.0).end();
    }
    fn take(from: &mut Cursor<'_>) -> Result<Self, Fault> {
        let status = from.int("status")?;
        from.end()?;
        Ok(Status(status))
    }
}
