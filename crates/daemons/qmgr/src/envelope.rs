//! Reads the envelope of a queue file, content skipped. Anything that does not add up makes the
//! file corrupt; nothing here ends the program.

use std::io::{self, BufRead, Seek};

use bstr::{BString, ByteSlice};
use ipc::Recipient;
use ipc::delivery::flag;
use mail::dsn::{Notify, Return};
use spool::fields::{self, attr, queue_opts};
use spool::record::{Follower, ReadError, kind};

use crate::message::Envelope;

/// Why a file was not read.
#[derive(Debug)]
pub enum Trouble {
    /// It makes no sense.
    Corrupt(String),
    /// The disk's fault.
    Io(io::Error),
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Trouble::Corrupt(why) => f.write_str(why),
            Trouble::Io(error) => f.write_str(&sys::errno_text(error)),
        }
    }
}

impl From<ReadError> for Trouble {
    fn from(error: ReadError) -> Trouble {
        match error {
            ReadError::Io(error) => Trouble::Io(error),
            ReadError::Damaged(damage) => Trouble::Corrupt(damage.to_string()),
        }
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Trouble {
        Trouble::Io(error)
    }
}

/// What one reading found.
#[derive(Debug, Default)]
pub struct Batch {
    /// Recipients to deliver to, with the offsets of their records.
    pub recipients: Vec<Recipient>,
    /// Where to go on reading, when `limit` was reached.
    pub next: Option<u64>,
}

/// Attributes that belong to the recipient that follows them.
#[derive(Default)]
struct Pending {
    original: Option<BString>,
    orcpt: Option<BString>,
    notify: i32,
}

/// Reads a whole envelope, and up to `limit` recipients.
pub fn read<R: BufRead + Seek>(
    records: &mut Follower<R>,
    id: &str,
    limit: usize,
) -> Result<(Envelope, Batch), Trouble> {
    let mut envelope = Envelope { rewrite_context: "local".into(), ..Envelope::default() };
    let mut seen = Seen::default();
    let mut batch = Batch::default();
    scan(records, id, limit, &mut batch, Some((&mut envelope, &mut seen)))?;
    let missing = |what: &str| Err(Trouble::Corrupt(format!("missing {what} record")));
    if !seen.arrival {
        return missing("arrival time");
    }
    if !seen.sender {
        return missing("sender");
    }
    if !seen.size {
        return missing("size");
    }
    if envelope.create_time == 0 {
        let since = envelope.arrival.and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
        envelope.create_time = since.and_then(|since| i64::try_from(since.as_secs()).ok()).unwrap_or(0);
    }
    Ok((envelope, batch))
}

/// Reads up to `limit` more recipients, from where an earlier reading stopped.
pub fn read_more<R: BufRead + Seek>(
    records: &mut Follower<R>,
    id: &str,
    from: u64,
    limit: usize,
    envelope: &Envelope,
) -> Result<Batch, Trouble> {
    records.reader().seek(from)?;
    let mut batch = Batch::default();
    let mut again = envelope.clone();
    let mut seen = Seen { all: true, size: true, ..Seen::default() };
    scan(records, id, limit, &mut batch, Some((&mut again, &mut seen)))?;
    Ok(batch)
}

/// What of the envelope has been met.
#[derive(Default)]
struct Seen {
    size: bool,
    arrival: bool,
    sender: bool,
    /// The log_… attributes override the older names from now on.
    log_client: bool,
    /// All records but recipients were met by an earlier reading.
    all: bool,
}

fn scan<R: BufRead + Seek>(
    records: &mut Follower<R>,
    id: &str,
    limit: usize,
    batch: &mut Batch,
    mut into: Option<(&mut Envelope, &mut Seen)>,
) -> Result<(), Trouble> {
    let mut pending = Pending::default();
    loop {
        let at = records.reader().offset();
        if let Some((envelope, seen)) = &into
            && seen.size
            && Some(at) == u64::try_from(envelope.size.data_offset).ok()
        {
            let size = u64::try_from(envelope.size.message_size).unwrap_or(0);
            records.reader().seek(at.saturating_add(size))?;
        }
        let full = batch.recipients.len() >= limit;
        if full && batch.next.is_none() {
            batch.next = Some(records.reader().offset());
            if into.as_ref().is_some_and(|(_, seen)| seen.all) {
                return Ok(());
            }
        }
        let Some(record) = records.next_record()? else {
            return Err(Trouble::Corrupt("missing end record".into()));
        };
        let (offset, mut kind, mut data) = (record.offset, record.kind, record.data);
        if kind == kind::END {
            break;
        }
        let mut name: &[u8] = b"";
        if kind == kind::ATTR {
            let Some((attribute, value)) = fields::attribute(data) else {
                return Err(Trouble::Corrupt(format!("bad attribute: {:.200}", data.as_bstr())));
            };
            (name, data) = (attribute, value);
            kind = pseudo_kind(attribute).unwrap_or(kind);
        }
        match kind {
            kind::NORM => {
                return Err(Trouble::Corrupt("message content is not where the size record says".into()));
            }
            kind::RCPT if full => {}
            kind::RCPT => batch.recipients.push(Recipient {
                offset: i64::try_from(offset).unwrap_or(0),
                dsn_orcpt: pending.orcpt.take().unwrap_or_default(),
                dsn_notify: std::mem::take(&mut pending.notify),
                original: pending.original.take().unwrap_or_default(),
                address: data.into(),
            }),
            kind::DONE | kind::DRCP => pending = Pending::default(),
            _ if full && matches!(kind, kind::ORCP | kind::DSN_ORCPT | kind::DSN_NOTIFY) => {}
            kind::ORCP => {
                if let Some(lost) = pending.original.replace(data.into()) {
                    log::warning!("{id}: ignoring out-of-order original recipient <{lost:.200}>");
                }
            }
            kind::DSN_ORCPT => {
                if let Some(lost) = pending.orcpt.replace(data.into()) {
                    log::warning!("{id}: ignoring out-of-order DSN original recipient address <{lost:.200}>");
                }
            }
            kind::DSN_NOTIFY => match fields::parse_number(data).and_then(Notify::from_bits) {
                Some(notify) if !notify.is_none() => pending.notify = i32::from(notify.bits()),
                _ => log::warning!("{id}: ignoring malformed DSN notify flags <{:.200}>", data.as_bstr()),
            },
            _ => {
                if let Some((envelope, seen)) = &mut into
                    && !seen.all
                {
                    other(id, envelope, seen, offset, kind, name, data)?;
                }
            }
        }
        // Recipients that are read again later bring their attributes with them.
        if full {
            pending = Pending::default();
        }
    }
    Ok(())
}

/// Named attributes that stand for records.
fn pseudo_kind(name: &[u8]) -> Option<u8> {
    let pairs: [(&str, u8); 5] = [
        (attr::DSN_ORCPT, kind::DSN_ORCPT),
        (attr::DSN_NOTIFY, kind::DSN_NOTIFY),
        (attr::DSN_ENVID, kind::DSN_ENVID),
        (attr::DSN_RET, kind::DSN_RET),
        (attr::CREATE_TIME, kind::CTIME),
    ];
    pairs.iter().find(|(text, _)| text.as_bytes() == name).map(|(_, kind)| *kind)
}

fn other(
    id: &str,
    envelope: &mut Envelope,
    seen: &mut Seen,
    offset: u64,
    record: u8,
    name: &[u8],
    data: &[u8],
) -> Result<(), Trouble> {
    match record {
        kind::SIZE if !seen.size => {
            let bad = || Trouble::Corrupt(format!("invalid size record: {:.100}", data.as_bstr()));
            let size = spool::SizeRecord::parse(data).ok_or_else(bad)?;
            if size.data_offset <= 0 || size.message_size <= 0 || size.queue_opts & !queue_opts::ALL != 0 {
                return Err(bad());
            }
            envelope.size = size;
            seen.size = true;
        }
        kind::TIME if !seen.arrival => {
            let time = fields::parse_time(data)
                .ok_or_else(|| Trouble::Corrupt(format!("invalid time record: {:.100}", data.as_bstr())))?;
            envelope.arrival = Some(time);
            seen.arrival = time > std::time::UNIX_EPOCH;
        }
        kind::CTIME if envelope.create_time == 0 => {
            envelope.create_time = fields::parse_number(data).unwrap_or(0);
        }
        kind::FROM if !seen.sender => {
            envelope.sender = data.into();
            seen.sender = true;
        }
        kind::FILT => envelope.filter = data.into(),
        kind::RDR => envelope.redirect = Some(data.into()),
        kind::DSN_ENVID if envelope.dsn_envid.is_empty() => envelope.dsn_envid = data.into(),
        kind::DSN_RET if envelope.dsn_ret == 0 => {
            match fields::parse_number(data).and_then(Return::from_bits) {
                Some(ret) => envelope.dsn_ret = i32::from(ret.bits()),
                None => log::warning!(
                    "{id}: ignoring malformed DSN RET flags in queue file record:{:.100}",
                    data.as_bstr()
                ),
            }
        }
        kind::WARN if envelope.warn_offset.is_none() => {
            envelope.warn_offset = Some(offset);
            envelope.warn_time = fields::parse_number(data).unwrap_or(0);
        }
        kind::VERP if envelope.verp.is_empty() => {
            if envelope.sender.is_empty() {
                log::warning!("{id}: ignoring VERP request for null sender");
            } else if data.len() != 2 {
                log::warning!("{id}: ignoring bad VERP request: \"{:.100}\"", data.as_bstr());
            } else {
                envelope.verp = data.into();
            }
        }
        kind::ATTR => attribute(id, envelope, seen, offset, name, data),
        _ => {}
    }
    Ok(())
}

fn attribute(id: &str, envelope: &mut Envelope, seen: &mut Seen, offset: u64, name: &[u8], value: &[u8]) {
    let Ok(name) = name.to_str() else { return };
    let once = |slot: &mut BString| {
        if slot.is_empty() {
            *slot = value.into();
        } else {
            log::warning!("{id}: ignoring multiple {name} attribute: {}", value.as_bstr());
        }
    };
    match name {
        attr::ENCODING => envelope.encoding = value.into(),
        attr::LOG_CLIENT_NAME => (envelope.client_name, seen.log_client) = (value.into(), true),
        attr::LOG_CLIENT_ADDR => (envelope.client_addr, seen.log_client) = (value.into(), true),
        attr::LOG_CLIENT_PORT => (envelope.client_port, seen.log_client) = (value.into(), true),
        attr::LOG_PROTO_NAME => (envelope.client_proto, seen.log_client) = (value.into(), true),
        attr::LOG_HELO_NAME => (envelope.client_helo, seen.log_client) = (value.into(), true),
        // compat: files made before 2.3 have only these; they must not mix with the others.
        attr::CLIENT_NAME if !seen.log_client => envelope.client_name = value.into(),
        attr::CLIENT_ADDR if !seen.log_client => envelope.client_addr = value.into(),
        attr::CLIENT_PORT if !seen.log_client => envelope.client_port = value.into(),
        attr::PROTO_NAME if !seen.log_client => envelope.client_proto = value.into(),
        attr::HELO_NAME if !seen.log_client => envelope.client_helo = value.into(),
        attr::SASL_METHOD => once(&mut envelope.sasl_method),
        attr::SASL_USERNAME => once(&mut envelope.sasl_username),
        attr::SASL_SENDER => once(&mut envelope.sasl_sender),
        attr::LOG_IDENT => once(&mut envelope.log_ident),
        attr::REWRITE_CONTEXT => envelope.rewrite_context = value.into(),
        attr::FORCED_EXPIRE => envelope.forced_expire = fields::parse_number(value).is_some_and(|n| n != 0),
        attr::TRACE_FLAGS => {
            let bits = fields::parse_number(value).and_then(|bits| i32::try_from(bits).ok()).unwrap_or(0);
            envelope.trace_flags = bits & (flag::RECORD_MASK | flag::RECORD_DELAYED);
            // A report is sent once: its request is killed when the report is on its way.
            envelope.trace_offset = (envelope.trace_flags == flag::RECORD).then_some(offset);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use spool::record::{Reader, put};
    use std::io::Cursor;

    fn file(edit: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
        let mut wire = Vec::new();
        let content = {
            let mut content = Vec::new();
            put(&mut content, kind::NORM, b"Subject: x");
            put(&mut content, kind::NORM, b"");
            content
        };
        let mut head = Vec::new();
        put(&mut head, kind::TIME, b"1795316080 318660");
        put(&mut head, kind::ATTR, b"rewrite_context=remote");
        put(&mut head, kind::FROM, b"a@b.test");
        put(&mut head, kind::ATTR, b"notify_flags=2");
        put(&mut head, kind::ORCP, b"alias@c.test");
        put(&mut head, kind::RCPT, b"u1@c.test");
        put(&mut head, kind::DONE, b"u2@c.test");
        put(&mut head, kind::RCPT, b"u3@c.test");
        put(&mut head, kind::MESG, b"");
        let size = spool::SizeRecord {
            message_size: i64::try_from(content.len()).unwrap(),
            data_offset: i64::try_from(97 + head.len()).unwrap(),
            recipients: 3,
            content_length: 12,
            ..Default::default()
        };
        put(&mut wire, kind::SIZE, &size.format());
        assert_eq!(wire.len(), 97);
        wire.extend(head);
        wire.extend(content);
        put(&mut wire, kind::XTRA, b"");
        put(&mut wire, kind::RCPT, b"u4@c.test");
        put(&mut wire, kind::ATTR, b"encoding=7bit");
        put(&mut wire, kind::END, b"");
        edit(&mut wire);
        wire
    }

    fn reading(wire: &[u8], limit: usize) -> Result<(Envelope, Batch), Trouble> {
        read(&mut Follower::new(Reader::new(Cursor::new(wire))), "ID", limit)
    }

    #[test]
    fn a_whole_envelope() {
        let wire = file(|_| {});
        let (envelope, batch) = reading(&wire, 100).unwrap();
        assert_eq!(envelope.sender, "a@b.test");
        assert_eq!(envelope.rewrite_context, "remote");
        assert_eq!(envelope.encoding, "7bit");
        assert_eq!(envelope.create_time, 1_795_316_080);
        let names: Vec<_> = batch.recipients.iter().map(|r| r.address.to_string()).collect();
        assert_eq!(names, ["u1@c.test", "u3@c.test", "u4@c.test"]);
        let first = batch.recipients.first().unwrap();
        assert_eq!((first.original.as_bstr(), first.dsn_notify), ("alias@c.test".into(), 2));
        assert_eq!(wire.get(usize::try_from(first.offset).unwrap()), Some(&b'R'));
        assert_eq!(batch.recipients.get(1).unwrap().dsn_notify, 0);
        assert_eq!(batch.next, None);
    }

    #[test]
    fn recipients_in_batches() {
        let wire = file(|_| {});
        let (envelope, first) = reading(&wire, 1).unwrap();
        assert_eq!(envelope.encoding, "7bit", "the rest of the envelope is read all the same");
        let mut all: Vec<_> = first.recipients.iter().map(|r| r.address.to_string()).collect();
        let mut next = first.next;
        while let Some(from) = next {
            let mut records = Follower::new(Reader::new(Cursor::new(&wire)));
            let batch = read_more(&mut records, "ID", from, 1, &envelope).unwrap();
            all.extend(batch.recipients.iter().map(|r| r.address.to_string()));
            next = batch.next;
        }
        assert_eq!(all, ["u1@c.test", "u3@c.test", "u4@c.test"]);
    }

    #[test]
    fn damage_is_corrupt_and_nothing_else() {
        let cut = |n: usize| file(|wire| wire.truncate(wire.len() - n));
        let first = |byte: u8| file(|wire| *wire.first_mut().unwrap() = byte);
        let digit = |at: usize, byte: u8| file(|wire| *wire.get_mut(at).unwrap() = byte);
        for (what, wire) in [
            ("no end", cut(2)),
            ("cut record", cut(5)),
            ("no size", first(b'T')),
            ("size is text", digit(16, b'x')),
            ("offset beyond the file", digit(20, b'9')),
            ("empty", Vec::new()),
        ] {
            assert!(matches!(reading(&wire, 10), Err(Trouble::Corrupt(_))), "{what}");
        }
        // Every single damaged byte: read or refused, never more than that.
        let sound = file(|_| {});
        for at in 0..sound.len() {
            for bit in 0..8 {
                let mut wire = sound.clone();
                if let Some(byte) = wire.get_mut(at) {
                    *byte ^= 1 << bit;
                }
                let _ = reading(&wire, 10);
            }
        }
    }
}
