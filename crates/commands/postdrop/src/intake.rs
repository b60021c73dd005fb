//! From records of an untrusted program to a queue file.

use crate::sender::Senders;
use config::Config;
use config::params::{LINE_LENGTH_LIMIT, MESSAGE_SIZE_LIMIT};
use spool::fields;
use spool::record::kind;
use spool::submission::{Gate, Verdict};
use spool::{NewFile, ReadError, Reader};
use std::io::{self, BufRead};
use std::time::SystemTime;

/// Why there is no mail.
#[derive(Debug)]
pub enum Refused {
    /// The sender went away before the end: as if it had never come.
    Canceled,
    /// The input is not what sendmail(1) sends.
    Malformed(String),
    /// The user may not use this envelope sender.
    Sender(Vec<u8>),
    /// Larger than `message_size_limit`.
    TooBig,
    /// The queue file could not be written.
    Write(io::Error),
}

/// A message on its way in.
pub struct Intake {
    file: NewFile,
    uid: u32,
    size_limit: Option<u64>,
    line_limit: usize,
    senders: Senders,
}

impl Intake {
    /// Takes a message of `uid`, who may use `senders`, into `file`.
    pub fn new(file: NewFile, config: &Config, uid: u32, senders: Senders) -> Intake {
        let size_limit = u64::try_from(config.get(MESSAGE_SIZE_LIMIT)).ok().filter(|&limit| limit > 0);
        let line_limit = usize::try_from(config.get(LINE_LENGTH_LIMIT)).unwrap_or(2048);
        Intake { file, uid, size_limit, line_limit, senders }
    }

    /// Copies all records; the result still has to be committed.
    pub fn copy(mut self, input: impl BufRead) -> Result<NewFile, Refused> {
        let mut reader = Reader::new(input).limit(self.line_limit);
        let time = fields::format_time(SystemTime::now());
        self.put(kind::TIME, &time)?;
        let mut gate = Gate::new();
        loop {
            let record = match reader.next_record() {
                Ok(Some(record)) => record,
                Ok(None) => return Err(Refused::Canceled),
                Err(error) => {
                    if let ReadError::Damaged(damage) = &error {
                        log::warning!("stdin: {damage}");
                    }
                    return Err(Refused::Malformed("malformed input".to_owned()));
                }
            };
            let (kind, data) = (record.kind, record.data);
            let verdict = gate.judge(kind, data).map_err(Refused::Malformed)?;
            if kind == kind::FROM && !self.senders.allow(data) {
                return Err(Refused::Sender(data.to_vec()));
            }
            match verdict {
                Verdict::Keep => self.put(kind, data)?,
                Verdict::Replace(data) => self.put(kind, &data)?,
                Verdict::Skip(why) => log::warning!("uid={}: {why}", self.uid),
            }
            if kind == kind::END {
                return Ok(self.file);
            }
        }
    }

    fn put(&mut self, kind: u8, data: &[u8]) -> Result<(), Refused> {
        let length = self.file.offset() + data.len() as u64;
        if self.size_limit.is_some_and(|limit| length > limit) {
            return Err(Refused::TooBig);
        }
        self.file.record(kind, data).map_err(Refused::Write)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use spool::{Queue, Spool, record};

    fn take(records: &[(u8, &[u8])]) -> Result<Vec<u8>, Refused> {
        static NUMBER: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let root = std::env::temp_dir().join(format!("postdrop-intake.{}.{number}", std::process::id()));
        std::fs::create_dir_all(root.join("maildrop")).unwrap();
        let spool = Spool::at(&root, "", 0, false);
        let config = Config::from_pairs(&[("message_size_limit", "2000")]);
        let mut wire = Vec::new();
        for (kind, data) in records {
            record::put(&mut wire, *kind, data);
        }
        let taken = Intake::new(spool.create(Queue::Maildrop).unwrap(), &config, 7, Senders::Any)
            .copy(wire.as_slice());
        let result = taken.map(|mut file| {
            file.flush().unwrap();
            let mut all = Vec::new();
            let bytes = std::fs::read(file.path()).unwrap();
            let mut reader = Reader::new(bytes.as_slice());
            while let Some(record) = reader.next_record().unwrap() {
                all.push(record.kind);
            }
            all
        });
        std::fs::remove_dir_all(root).unwrap();
        result
    }

    #[test]
    fn what_is_taken() {
        let records: &[(u8, &[u8])] = &[
            (b'A', b"encoding=8bit"),
            (b'A', b"log_client_name=forged"),
            (b'A', b"trace_flags=256"),
            (b'A', b"trace_flags=512"),
            (b'S', b"a@b"),
            (b'R', b"c@d"),
            (b'M', b""),
            (b'N', b"x\0y"),
            (b'X', b""),
            (b'R', b"e@f"),
            (b'E', b""),
        ];
        assert_eq!(take(records).unwrap(), b"TAASRMNXRE");
    }

    #[test]
    fn what_is_refused() {
        assert!(matches!(take(&[(b'S', b"a")]), Err(Refused::Canceled)));
        assert!(matches!(take(&[(b'S', b"a\nb")]), Err(Refused::Malformed(_))));
        assert!(matches!(take(&[(b'D', b"a")]), Err(Refused::Malformed(_))));
        assert!(matches!(take(&[(b'S', b"a"), (b'C', b"1 2")]), Err(Refused::Malformed(_))));
        assert!(matches!(take(&[(b'M', b""), (b'N', &[b'x'; 2049])]), Err(Refused::Malformed(_))));
        assert!(matches!(take(&[(b'M', b""), (b'N', &[b'x'; 1999])]), Err(Refused::TooBig)));
    }
}
