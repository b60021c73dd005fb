//! What several requests carry: a recipient, a delivery status, a message's time stamps.

use crate::attr::{Cursor, Fault, Writer};
use bstr::BString;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A recipient of a queued message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recipient {
    /// Where its record is in the queue file; -1 or 0 when it has none.
    pub offset: i64,
    /// ORCPT as `type;address`, or empty.
    pub dsn_orcpt: BString,
    /// NOTIFY, as [`notify`] bits.
    pub dsn_notify: i32,
    /// The address before aliases were expanded, or empty.
    pub original: BString,
    /// The address to deliver to.
    pub address: BString,
}

/// Bits of [`Recipient::dsn_notify`].
pub mod notify {
    /// Never.
    pub const NEVER: i32 = 1 << 0;
    /// When delivered.
    pub const SUCCESS: i32 = 1 << 1;
    /// When delayed.
    pub const DELAY: i32 = 1 << 3;
    /// When it failed.
    pub const FAILURE: i32 = 1 << 2;
}

/// Values of the RET parameter (`ret_flags`).
pub mod ret {
    /// Return the whole message.
    pub const FULL: i32 = 1 << 0;
    /// Return only its header.
    pub const HDRS: i32 = 1 << 1;
}

impl Recipient {
    /// Appends the attributes without ending the list.
    pub fn put(&self, out: &mut Writer<'_>) {
        out.str("original_recipient", &self.original)
            .str("recipient", &self.address)
            .long("offset", self.offset)
            .str("dsn_orig_rcpt", &self.dsn_orcpt)
            .int("notify_flags", self.dsn_notify);
    }

    /// Takes the attributes.
    pub fn take(from: &mut Cursor<'_>) -> Result<Self, Fault> {
        Ok(Recipient {
            original: from.string("original_recipient")?,
            address: from.string("recipient")?,
            offset: from.long("offset")?,
            dsn_orcpt: from.string("dsn_orig_rcpt")?,
            dsn_notify: from.int("notify_flags")?,
        })
    }
}

/// The fields of a delivery status, as RFC 3464 groups them; all empty means none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dsn {
    /// `5.1.1`.
    pub status: BString,
    /// `failed`, `delayed`, `delivered`, `relayed`, `expanded`.
    pub action: BString,
    /// Diagnostic type: `smtp`, `x-unix`.
    pub diag_type: BString,
    /// Diagnostic text.
    pub diag_text: BString,
    /// Remote MTA type: `dns`.
    pub mta_type: BString,
    /// Remote MTA name.
    pub mta_name: BString,
    /// Free text for people and the log.
    pub reason: BString,
}

impl Dsn {
    /// Appends the attributes without ending the list.
    pub fn put(&self, out: &mut Writer<'_>) {
        out.str("status", &self.status)
            .str("diag_type", &self.diag_type)
            .str("diag_text", &self.diag_text)
            .str("mta_type", &self.mta_type)
            .str("mta_mname", &self.mta_name)
            .str("action", &self.action)
            .str("reason", &self.reason);
    }

    /// Takes the attributes.
    pub fn take(from: &mut Cursor<'_>) -> Result<Self, Fault> {
        Ok(Dsn {
            status: from.string("status")?,
            diag_type: from.string("diag_type")?,
            diag_text: from.string("diag_text")?,
            mta_type: from.string("mta_type")?,
            mta_name: from.string("mta_mname")?,
            action: from.string("action")?,
            reason: from.string("reason")?,
        })
    }
}

/// When a message passed each station: the raw material of `delay=` and `delays=`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MsgStats {
    /// It arrived (the queue file's time record).
    pub incoming_arrival: Option<SystemTime>,
    /// The queue manager took it.
    pub active_arrival: Option<SystemTime>,
    /// A delivery agent took it.
    pub agent_handoff: Option<SystemTime>,
    /// The connection to the remote side was set up.
    pub conn_setup_done: Option<SystemTime>,
    /// The delivery was over.
    pub deliver_done: Option<SystemTime>,
    /// How often the connection had been used before (`conn_use=`).
    pub reuse_count: i32,
}

impl MsgStats {
    /// The length of the reference's memory image on 64-bit machines: five `timeval`, an `int`
    /// and its padding.
    pub const IMAGE: usize = 5 * 16 + 8;

    /// Appends the attribute `time` (the reference sends its structure as it lies in memory).
    pub fn put(&self, out: &mut Writer<'_>) {
        let mut image = Vec::with_capacity(Self::IMAGE);
        for stamp in self.stamps() {
            let since = stamp.and_then(|t| t.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
            image.extend(since.as_secs().to_ne_bytes());
            image.extend(u64::from(since.subsec_micros()).to_ne_bytes());
        }
        image.extend(self.reuse_count.to_ne_bytes());
        image.extend([0; 4]);
        out.data("time", &image);
    }

    /// Takes the attribute `time`.
    pub fn take(from: &mut Cursor<'_>) -> Result<Self, Fault> {
        let image = from.data("time")?;
        if image.len() != Self::IMAGE {
            return Err(Fault::BadValue("time"));
        }
        let word = |n: usize| -> u64 {
            let bytes = image.get(n * 8..n * 8 + 8).and_then(|b| b.try_into().ok());
            u64::from_ne_bytes(bytes.unwrap_or_default())
        };
        let stamp = |n: usize| -> Option<SystemTime> {
            let (secs, micros) = (word(2 * n), word(2 * n + 1));
            let whole = Duration::from_secs(secs).checked_add(Duration::from_micros(micros))?;
            (secs != 0).then_some(())?;
            UNIX_EPOCH.checked_add(whole)
        };
        let reuse = image.get(80..84).and_then(|b| b.try_into().ok());
        Ok(MsgStats {
            incoming_arrival: stamp(0),
            active_arrival: stamp(1),
            agent_handoff: stamp(2),
            conn_setup_done: stamp(3),
            deliver_done: stamp(4),
            reuse_count: i32::from_ne_bytes(reuse.unwrap_or_default()),
        })
    }

    fn stamps(&self) -> [Option<SystemTime>; 5] {
        [
            self.incoming_arrival,
            self.active_arrival,
            self.agent_handoff,
            self.conn_setup_done,
            self.deliver_done,
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A `time` attribute as a 3.11 queue manager sent it.
    const CAPTURED: &str = "cFkCawAAAADE3AQAAAAAAHBZAmsAAAAAbSEFAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==";

    #[test]
    fn time_stamps_as_the_reference_sends_them() {
        let mut wire = format!("time\0{CAPTURED}\0").into_bytes();
        wire.push(0);
        let stats = MsgStats::take(&mut Cursor::new(&wire)).unwrap();
        let expect =
            |micros: u64| UNIX_EPOCH.checked_add(Duration::from_micros(1_795_316_080 * 1_000_000 + micros));
        assert_eq!(stats.incoming_arrival, expect(318_660));
        assert_eq!(stats.active_arrival, expect(336_237));
        assert_eq!(stats.agent_handoff, None);
        let mut out = Vec::new();
        let mut writer = Writer::new(&mut out);
        stats.put(&mut writer);
        writer.end();
        assert_eq!(out, wire);
    }
}
