//! The message that a notice is about, as far as its queue file still tells: a notice is sent
//! without it rather than not at all.

use std::io;

use bstr::{BString, ByteSlice};
use delivery::content::Content;
use delivery::post::Letter;
use spool::fields::{self, attr};
use spool::record::kind;
use spool::{Queue, QueueFile, QueueId, SizeRecord, Spool};

/// What is known of it.
#[derive(Default)]
pub struct Original {
    /// Its queue file.
    pub file: Option<QueueFile>,
    /// Its arrival, in seconds; 0: not known.
    pub arrival: i64,
    /// Its sender, quoted.
    pub sender: BString,
    /// Its sizes and offsets.
    pub size: Option<SizeRecord>,
    /// Its Message-Id, for threads.
    pub message_id: BString,
}

impl Original {
    /// Reads the envelope; `daemon` stands for the null sender. A file that cannot be opened for any other reason than being gone is an
    /// error: the notice is better sent later.
    pub fn read(spool: &Spool, queue: Queue, id: &QueueId, daemon: &[u8]) -> io::Result<Original> {
        let file = match spool.open(queue, id) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Original::default()),
            Err(error) => return Err(error),
        };
        let mut original = Original::default();
        let mut records = file.follow(0);
        // A damaged envelope: what was read so far has to do.
        while let Ok(Some(record)) = records.next_record() {
            match record.kind {
                kind::SIZE if original.size.is_none() => original.size = SizeRecord::parse(record.data),
                kind::TIME if original.arrival == 0 => {
                    let since = fields::parse_time(record.data)
                        .and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
                    original.arrival =
                        since.and_then(|since| i64::try_from(since.as_secs()).ok()).unwrap_or(0);
                }
                kind::FROM if original.sender.is_empty() => {
                    let sender = if record.data.is_empty() { daemon } else { record.data };
                    original.sender = mail::quote::quote_822_local(sender);
                }
                kind::ATTR => {
                    if let Some((name, value)) = fields::attribute(record.data)
                        && name == attr::MESSAGE_ID.as_bytes()
                    {
                        original.message_id = value.into();
                    }
                }
                kind::MESG => {
                    let size = original.size.map(|size| (size.data_offset, size.message_size));
                    let Some((at, length)) = size else { break };
                    let end = u64::try_from(at.saturating_add(length)).unwrap_or(0);
                    if records.reader().offset() != u64::try_from(at).unwrap_or(0)
                        || records.reader().seek(end).is_err()
                    {
                        break;
                    }
                }
                kind::END => break,
                _ => {}
            }
        }
        original.file = Some(file);
        Ok(original)
    }

    /// Whether the content is longer than `limit` (0: no limit), or of unknown length.
    pub fn exceeds(&self, limit: i64) -> bool {
        limit > 0
            && self.file.is_some()
            && self.size.is_none_or(|size| size.message_size <= 0 || size.message_size > limit)
    }

    /// Copies the content, or its header only. False when there is nothing to copy.
    pub fn copy(&self, letter: &mut Letter, header_only: bool) -> io::Result<bool> {
        let (Some(file), Some(size)) = (&self.file, self.size) else { return Ok(false) };
        let Ok(offset @ 1..) = u64::try_from(size.data_offset) else { return Ok(false) };
        let sender = self.sender.as_bstr();
        letter.line(format!("Return-Path: <{sender}>"))?;
        let mut content = Content::new(file.file(), offset);
        // Damage further on ends the copy: as much as there is was sent.
        while let Ok(Some(piece)) = content.next_piece() {
            let folded = piece.data.first().is_some_and(|byte| matches!(byte, b' ' | b'\t'));
            if header_only && !folded && !mail::header::is_header(piece.data) {
                break;
            }
            letter.record(if piece.ends { kind::NORM } else { kind::CONT }, piece.data)?;
        }
        Ok(true)
    }
}
