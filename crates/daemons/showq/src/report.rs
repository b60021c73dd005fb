//! One message of the listing.

use bstr::BString;
use ipc::Peer;
use ipc::showq::{Entry, Item, Recipient};
use spool::record::{Follower, kind};
use spool::{Queue, QueueId, Reader, SizeRecord, Spool, fields};
use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufReader};
use std::os::unix::fs::MetadataExt;
use std::time::UNIX_EPOCH;

/// How a listing looks.
pub struct Style {
    /// How many recipients are remembered as seen; 0: all.
    pub seen_limit: usize,
    /// Addresses in quoted form (`info_log_address_format`).
    pub external: bool,
}

impl Style {
    fn shown(&self, address: BString) -> BString {
        if self.external && !address.is_empty() { mail::quote::quote_822_local(&address) } else { address }
    }
}

/// Sends a message and its recipients: first those that a log tells the reason of, then the rest.
/// An error is the client's; a damaged or vanished file ends its own entry only.
pub fn message(
    spool: &Spool,
    queue: Queue,
    id: &QueueId,
    length: u64,
    style: &Style,
    peer: &mut Peer,
) -> io::Result<()> {
    let Ok(file) = File::open(spool.path(queue, id)) else { return Ok(()) };
    let forced_expire = i32::from(file.metadata().is_ok_and(|meta| meta.mode() & EXPIRE != 0));
    let modified = file.metadata().and_then(|meta| meta.modified()).unwrap_or(UNIX_EPOCH);
    let mut entry = Entry {
        queue_name: queue.name().into(),
        queue_id: id.as_bytes().into(),
        time: seconds(modified),
        size: i64::try_from(length).unwrap_or(i64::MAX),
        forced_expire,
        sender: BString::default(),
    };
    let mut size = None;
    let mut has_sender = false;
    let mut original = BString::default();
    let mut seen = HashSet::new();
    let mut records = Follower::new(Reader::new(BufReader::new(file)));
    while let Ok(Some(record)) = records.next_record() {
        match record.kind {
            kind::TIME => entry.time = fields::parse_time(record.data).map_or(entry.time, seconds),
            kind::SIZE if size.is_none() => {
                // A submission in the maildrop carries options in a size record without a size.
                size = SizeRecord::parse(record.data);
                entry.size = size.map_or(entry.size, |size| size.message_size);
            }
            kind::FROM if has_sender => {
                let sender = BString::from(record.data);
                log::warning!("{id}: duplicate sender address: {sender} -- skipping remainder of this file");
                break;
            }
            kind::FROM => {
                has_sender = true;
                entry.sender = if record.data.is_empty() {
                    "MAILER-DAEMON".into()
                } else {
                    style.shown(record.data.into())
                };
                peer.put(&Item::Message(entry.clone()))?;
                reasons(spool, id, style, &mut seen, peer)?;
            }
            kind::ORCP => original = record.data.into(),
            kind::RCPT if !has_sender => {
                let recipient = BString::from(record.data);
                log::warning!("{id}: missing sender address: {recipient} -- skipping remainder of this file");
                break;
            }
            kind::RCPT => {
                let original = std::mem::take(&mut original);
                if seen.contains(record.data) {
                    continue;
                }
                let address = BString::from(record.data);
                let original = if original.is_empty() { address.clone() } else { original };
                let (original, address) = (style.shown(original), style.shown(address));
                let recipient = Recipient { original, address, ..Recipient::default() };
                peer.put(&Item::Recipient(recipient))?;
            }
            kind::DONE | kind::DRCP => original.clear(),
            kind::MESG => {
                // The content is of no interest here; recipients may stand behind it.
                if let Some(size) = size.filter(|size| size.data_offset > 0) {
                    let behind = size.data_offset.saturating_add(size.content_length);
                    let reader = records.reader();
                    let ahead = u64::try_from(behind).ok().filter(|&behind| behind >= reader.offset());
                    if ahead.is_some_and(|behind| behind < length) {
                        reader.seek(ahead.unwrap_or_default())?;
                    }
                }
            }
            kind::END => break,
            _ => {}
        }
    }
    if has_sender { peer.put(&Item::End) } else { Ok(()) }
}

/// The mode bit that `postsuper -e` sets.
const EXPIRE: u32 = 0o010;

fn seconds(time: std::time::SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// What the defer and bounce logs say about recipients.
fn reasons(
    spool: &Spool,
    id: &QueueId,
    style: &Style,
    seen: &mut HashSet<Vec<u8>>,
    peer: &mut Peer,
) -> io::Result<()> {
    for queue in [Queue::Bounce, Queue::Defer] {
        let Ok(entries) = spool.read_status(queue, id) else { continue };
        for entry in entries {
            let address = mail::quote::unquote_822_local(&entry.recipient);
            if style.seen_limit == 0 || seen.len() < style.seen_limit {
                seen.insert(address.to_vec());
            }
            let original = mail::quote::unquote_822_local(&entry.original);
            let (original, address) = (style.shown(original), style.shown(address));
            let log_class = queue.name().into();
            peer.put(&Item::Recipient(Recipient { original, address, log_class, reason: entry.reason }))?;
        }
    }
    Ok(())
}
