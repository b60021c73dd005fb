//! The queue listing by showq(8), public service `showq`.
//!
//! One list for each message, its recipients inside, then an empty list. A message may have a
//! million recipients, so both sides handle [`Item`]s smaller than a list.

use crate::attr::{Cursor, Fault, Message, Writer};
use bstr::BString;

/// The server's announcement.
pub const PROTOCOL: &str = "mail_queue_list_protocol";
/// The service's usual name (`showq_service_name`), class public.
pub const SERVICE: &str = "showq";

/// A piece of the listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// A message begins.
    Message(Entry),
    /// One of its recipients.
    Recipient(Recipient),
    /// The message is over; a second one in a row ends the listing.
    End,
}

/// A message in the queue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// The queue that holds it.
    pub queue_name: BString,
    /// The queue id.
    pub queue_id: BString,
    /// Arrival, seconds since 1970.
    pub time: i64,
    /// Content bytes.
    pub size: i64,
    /// Not zero after `postsuper -e`.
    pub forced_expire: i32,
    /// The envelope sender; `MAILER-DAEMON` stands for the null sender.
    pub sender: BString,
}

/// A recipient in the queue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recipient {
    /// The address before aliases were expanded, empty when it is the same.
    pub original: BString,
    /// The address.
    pub address: BString,
    /// The log that told the reason: `defer`, `bounce` or empty.
    pub log_class: BString,
    /// Why it is still here, perhaps empty.
    pub reason: BString,
}

impl Message for Item {
    fn put(&self, out: &mut Writer<'_>) {
        match self {
            Item::Message(entry) => {
                out.str("queue_name", &entry.queue_name)
                    .str("queue_id", &entry.queue_id)
                    .long("time", entry.time)
                    .long("size", entry.size)
                    .int("forced_expire", entry.forced_expire)
                    .str("sender", &entry.sender);
            }
            Item::Recipient(recipient) => {
                out.str("original_recipient", &recipient.original)
                    .str("recipient", &recipient.address)
                    .str("log_class", &recipient.log_class)
                    .str("reason", &recipient.reason);
            }
            Item::End => out.end(),
        }
    }
    fn take(from: &mut Cursor<'_>) -> Result<Self, Fault> {
        match from.peek()? {
            None => from.end().map(|()| Item::End),
            Some(b"queue_name") => Ok(Item::Message(Entry {
                queue_name: from.string("queue_name")?,
                queue_id: from.string("queue_id")?,
                time: from.long("time")?,
                size: from.long("size")?,
                forced_expire: from.optional_int("forced_expire")?.unwrap_or_default(),
                sender: from.string("sender")?,
            })),
            Some(_) => {
                let original = from.string("original_recipient")?;
                let address = from.string("recipient")?;
                let log_class = from.optional("log_class")?.unwrap_or_default().into();
                Ok(Item::Recipient(Recipient {
                    original,
                    address,
                    log_class,
                    reason: from.string("reason")?,
                }))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attr::{Decoded, decode, encode};

    #[test]
    fn a_listing_in_items() {
        let wire = b"queue_name\0deferred\0queue_id\x005E1\0time\x001795316080\0size\x00236\0forced_expire\x000\0sender\0me@here.test\0\
            original_recipient\0\0recipient\0x@c2.test\0log_class\0defer\0reason\0refused\0\0\0";
        let mut at = 0;
        let mut items: Vec<Item> = Vec::new();
        while let Some(rest) = wire.get(at..).filter(|r| !r.is_empty()) {
            match decode(rest) {
                Ok(Decoded::Complete(item, taken)) => {
                    items.push(item);
                    at += taken;
                }
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(items.len(), 4);
        let mut again = Vec::new();
        for item in &items {
            encode(item, &mut again);
        }
        assert_eq!(again, wire);
    }
}
