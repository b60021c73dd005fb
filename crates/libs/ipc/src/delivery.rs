//! The queue manager hands a delivery request to a delivery agent, class private.
//!
//! ```text
//! agent: protocol=delivery_request_protocol
//! qmgr:  one list of common attributes, then one list for each recipient
//! agent: delivery status of the whole hop (empty when none), status=0 done / -1 some left
//! ```
//! Then the reference's queue manager closes. A connection that stays open carries the next
//! request without a new announcement.

use crate::attr::{Cursor, Fault, Message, Writer};
use crate::fields::{Dsn, MsgStats, Recipient};
use bstr::BString;

/// The agent's announcement.
pub const PROTOCOL: &str = "delivery_request_protocol";

/// Bits of [`Request::flags`].
pub mod flag {
    /// Mark delivered recipients done in the queue file.
    pub const SUCCESS: i32 = 1 << 0;
    /// Mark bounced recipients done.
    pub const BOUNCE: i32 = 1 << 1;
    /// Address probe by the system: nothing is delivered.
    pub const MTA_VERIFY: i32 = 1 << 8;
    /// Address probe by a user (`sendmail -bv`): nothing is delivered, a report is mailed.
    pub const USER_VERIFY: i32 = 1 << 9;
    /// Deliver and mail a report (`sendmail -v`).
    pub const RECORD: i32 = 1 << 10;
    /// Look for a kept connection.
    pub const CONN_LOAD: i32 = 1 << 11;
    /// Keep the connection afterwards.
    pub const CONN_STORE: i32 = 1 << 12;
    /// Report delivery of mail whose sender was told of its delay.
    pub const RECORD_DELAYED: i32 = 1 << 13;
    /// Report recipients to trace(8) although the sender did not ask.
    pub const RECORD_MASK: i32 = MTA_VERIFY | USER_VERIFY | RECORD;
    /// Nothing is delivered.
    pub const TRACE_ONLY: i32 = MTA_VERIFY | USER_VERIFY;
}

/// Bits of `sendopts`: what the next hop must be able to do.
pub mod sendopt {
    /// The sender asked for SMTPUTF8.
    pub const SMTPUTF8_REQUESTED: i32 = 1 << 0;
    /// A header needs SMTPUTF8.
    pub const SMTPUTF8_HEADER: i32 = 1 << 1;
    /// The sender address needs SMTPUTF8.
    pub const SMTPUTF8_SENDER: i32 = 1 << 2;
    /// A recipient address needs SMTPUTF8.
    pub const SMTPUTF8_RECIPIENT: i32 = 1 << 3;
    /// The message has `TLS-Required: no`.
    pub const REQUIRETLS_HEADER: i32 = 1 << 4;
    /// The sender asked for REQUIRETLS.
    pub const REQUIRETLS_ESMTP: i32 = 1 << 5;
    /// All SMTPUTF8 bits.
    pub const SMTPUTF8_ALL: i32 = 0xf;
}

/// One message and some of its recipients, all for one next hop.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// [`flag`] bits.
    pub flags: i32,
    /// `active`.
    pub queue_name: BString,
    /// The queue id.
    pub queue_id: BString,
    /// Where the content begins in the queue file.
    pub data_offset: i64,
    /// The message's size for `SIZE=`.
    pub data_size: i64,
    /// The next hop.
    pub nexthop: BString,
    /// `8bit`, `7bit` or empty.
    pub encoding: BString,
    /// [`sendopt`] bits.
    pub sendopts: i32,
    /// The envelope sender.
    pub sender: BString,
    /// ENVID.
    pub dsn_envid: BString,
    /// RET, [`crate::fields::ret`].
    pub dsn_ret: i32,
    /// The way so far.
    pub stats: MsgStats,
    /// The client that submitted the message: name.
    pub client_name: BString,
    /// Its address.
    pub client_addr: BString,
    /// Its port.
    pub client_port: BString,
    /// Its protocol.
    pub client_proto: BString,
    /// Its HELO name.
    pub client_helo: BString,
    /// SASL mechanism.
    pub sasl_method: BString,
    /// SASL user.
    pub sasl_username: BString,
    /// SASL sender.
    pub sasl_sender: BString,
    /// The queue id under which the message came in first.
    pub log_ident: BString,
    /// `local` or `remote`.
    pub rewrite_context: BString,
    /// Whom to deliver to; never empty.
    pub recipients: Vec<Recipient>,
}

/// A request with more recipients than this is refused; the reference sends some thousands at most.
const RECIPIENTS_MAX: i32 = 10_000_000;

impl Message for Request {
    fn put(&self, out: &mut Writer<'_>) {
        out.int("flags", self.flags)
            .str("queue_name", &self.queue_name)
            .str("queue_id", &self.queue_id)
            .long("offset", self.data_offset)
            .long("size", self.data_size)
            .str("nexthop", &self.nexthop)
            .str("encoding", &self.encoding)
            .int("sendopts", self.sendopts)
            .str("sender", &self.sender)
            .str("envelope_id", &self.dsn_envid)
            .int("ret_flags", self.dsn_ret);
        self.stats.put(out);
        out.str("log_client_name", &self.client_name)
            .str("log_client_address", &self.client_addr)
            .str("log_client_port", &self.client_port)
            .str("log_protocol_name", &self.client_proto)
            .str("log_helo_name", &self.client_helo)
            .str("sasl_method", &self.sasl_method)
            .str("sasl_username", &self.sasl_username)
            .str("sasl_sender", &self.sasl_sender)
            .str("log_ident", &self.log_ident)
            .str("rewrite_context", &self.rewrite_context)
            .int("recipient_count", i32::try_from(self.recipients.len()).unwrap_or(i32::MAX))
            .end();
        for recipient in &self.recipients {
            recipient.put(out);
            out.end();
        }
    }
    fn take(from: &mut Cursor<'_>) -> Result<Self, Fault> {
        let mut request = Request {
            flags: from.int("flags")?,
            queue_name: from.string("queue_name")?,
            queue_id: from.string("queue_id")?,
            data_offset: from.long("offset")?,
            data_size: from.long("size")?,
            nexthop: from.string("nexthop")?,
            encoding: from.string("encoding")?,
            // compat: 3.7 calls it smtputf8
            sendopts: match from.optional_int("smtputf8")? {
                Some(bits) => bits,
                None => from.int("sendopts")?,
            },
            sender: from.string("sender")?,
            dsn_envid: from.string("envelope_id")?,
            dsn_ret: from.int("ret_flags")?,
            stats: MsgStats::take(from)?,
            client_name: from.string("log_client_name")?,
            client_addr: from.string("log_client_address")?,
            client_port: from.string("log_client_port")?,
            client_proto: from.string("log_protocol_name")?,
            client_helo: from.string("log_helo_name")?,
            sasl_method: from.string("sasl_method")?,
            sasl_username: from.string("sasl_username")?,
            sasl_sender: from.string("sasl_sender")?,
            log_ident: from.string("log_ident")?,
            rewrite_context: from.string("rewrite_context")?,
            recipients: Vec::new(),
        };
        let count = from.int("recipient_count")?;
        from.end()?;
        if !(0..=RECIPIENTS_MAX).contains(&count) {
            return Err(Fault::BadValue("recipient_count"));
        }
        for _ in 0..count {
            request.recipients.push(Recipient::take(from)?);
            from.end()?;
        }
        Ok(request)
    }
}

/// The agent's report; what became of each recipient is in the queue file and the logs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reply {
    /// Why everything for this destination should wait; all fields empty when it need not.
    pub hop_status: Dsn,
    /// [`FINAL`] or [`DEFER`].
    pub status: i32,
}

/// Every recipient is delivered or bounced.
pub const FINAL: i32 = 0;
/// Some recipient is left.
pub const DEFER: i32 = -1;

impl Message for Reply {
    fn put(&self, out: &mut Writer<'_>) {
        self.hop_status.put(out);
        out.int("status", self.status).end();
    }
    fn take(from: &mut Cursor<'_>) -> Result<Self, Fault> {
        let reply = Reply { hop_status: Dsn::take(from)?, status: from.int("status")? };
        from.end()?;
        Ok(reply)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attr::{Decoded, decode, encode};

    #[test]
    fn request_and_reply_both_ways_at_every_cut() {
        let request = Request {
            flags: flag::SUCCESS | flag::BOUNCE,
            queue_name: "active".into(),
            sender: "a@b.test".into(),
            recipients: vec![
                Recipient { offset: 659, address: "u1@mbox.test".into(), ..Default::default() },
                Recipient::default(),
            ],
            ..Default::default()
        };
        let reply = Reply { status: DEFER, ..Default::default() };
        let mut wire = Vec::new();
        encode(&request, &mut wire);
        for cut in 0..wire.len() {
            assert_eq!(decode::<Request>(wire.get(..cut).unwrap()), Ok(Decoded::NeedMore));
        }
        assert_eq!(decode(&wire), Ok(Decoded::Complete(request, wire.len())));
        wire.clear();
        encode(&reply, &mut wire);
        assert!(wire.ends_with(b"status\x004294967295\0\0"));
        assert_eq!(decode(&wire), Ok(Decoded::Complete(reply, wire.len())));
    }
}
