//! Queue files: records and what is in them; the bounce, defer and trace logs.

use std::io::Cursor;

use spool::record::Follower;
use spool::status_log::{self, Entry};
use spool::submission::{Gate, Verdict};
use spool::{QueueId, Reader, SizeRecord, fields, kind, record};

use crate::Target;
use crate::input::Input;

pub const RECORDS: Target = Target {
    name: "queue-records",
    about: "queue file records: what is written reads the same, pointers always end, no length is believed",
    check: records,
    seeds: || {
        let mut message = Vec::new();
        let size = SizeRecord { message_size: 10, data_offset: 200, recipients: 1, ..SizeRecord::default() };
        record::put(&mut message, b'C', &size.format());
        record::put(&mut message, b'T', b"1700000000 123456");
        record::put(&mut message, b'A', b"encoding=8bit");
        record::put(&mut message, b'S', b"a@b");
        record::put(&mut message, b'R', b"c@d");
        record::put(&mut message, b'p', &fields::format_pointer(0));
        record::put(&mut message, b'M', b"");
        record::put(&mut message, b'N', b"Subject: x");
        record::put(&mut message, b'N', &[b'x'; 200]);
        record::put(&mut message, b'X', b"");
        record::put(&mut message, b'E', b"");
        let mut looping = Vec::new();
        record::put(&mut looping, b'p', &fields::format_pointer(17));
        record::put(&mut looping, b'p', &fields::format_pointer(0));
        record::put(&mut looping, b'p', &fields::format_pointer(1));
        vec![message, looping, b"3F2A1C8D7E4".to_vec(), b"4Sdk2y1lXQz1xL".to_vec()]
    },
};

/// More pointers than any file may have that is read to its end.
const STEPS_MAX: usize = 2_000_000;

fn records(bytes: &[u8]) {
    let mut reader = Reader::new(bytes);
    let mut written = Vec::new();
    let mut sound = 0;
    while let Ok(Some(record)) = reader.next_record() {
        assert_eq!(record.offset, sound, "records stand one behind the other");
        let before = written.len();
        record::put(&mut written, record.kind, record.data);
        let mut again = Reader::new(written.get(before..).unwrap_or_default());
        let same = again.next_record().expect("what was written can be read");
        assert_eq!(same.map(|r| (r.kind, r.data)), Some((record.kind, record.data)));
        inside(record.data);
        sound = reader.offset();
    }
    // A length may be written longer than needed, never shorter.
    assert!(written.len() as u64 <= sound);

    let mut follower = Follower::new(Reader::new(Cursor::new(bytes)));
    let mut steps = 0;
    while let Ok(Some(_)) = follower.next_record() {
        steps += 1;
        assert!(steps < STEPS_MAX, "reading ends");
    }

    if let Some(id) = QueueId::parse(bytes) {
        assert_eq!(id.as_bytes(), bytes);
        assert!(!bytes.contains(&b'/') && !bytes.contains(&b'.'), "an id is no path");
        assert!(!spool::id::hash_text(bytes).contains(&b'/'));
        if let Some(inode) = id.inode() {
            assert_eq!(id.with_inode(inode).inode(), Some(inode));
        }
    }
}

fn inside(data: &[u8]) {
    if let Some(size) = SizeRecord::parse(data) {
        assert_eq!(SizeRecord::parse(&size.format()), Some(size));
    }
    if let Some(time) = fields::parse_time(data) {
        assert_eq!(fields::parse_time(&fields::format_time(time)), Some(time));
    }
    if let Some(offset) = fields::pointer(data) {
        assert_eq!(fields::pointer(&fields::format_pointer(offset)), Some(offset));
    }
    if let Some(number) = fields::parse_number(data) {
        assert_eq!(fields::parse_number(&fields::format_warn(number)), Some(number));
    }
    if let Some((name, value)) = fields::attribute(data) {
        assert_eq!([name, b"=", value].concat(), data);
    }
}

pub const SUBMISSION: Target = Target {
    name: "submission",
    about: "what a local user hands to postdrop: only a user's records come through, and pickup takes all that do",
    check: submission,
    seeds: || {
        let mut message = Vec::new();
        for (kind, data) in [
            (b'C', &b"0 0 0 0 0 1"[..]),
            (b'A', b"encoding=8bit"),
            (b'A', b"log_client_name=forged"),
            (b'A', b"trace_flags=512"),
            (b'F', b"Joe User"),
            (b'S', b"a@b"),
            (b'R', b"c@d"),
            (b'M', b""),
            (b'L', b"Subject: "),
            (b'N', b"x\0y"),
            (b'X', b""),
            (b'R', b"e@f"),
            (b'E', b""),
        ] {
            record::put(&mut message, kind, data);
        }
        vec![message]
    },
};

fn submission(bytes: &[u8]) {
    let mut reader = Reader::new(bytes).limit(2048);
    let mut gate = Gate::new();
    let mut taken: Vec<(u8, Vec<u8>)> = Vec::new();
    let mut skipped = 0;
    while let Ok(Some(record)) = reader.next_record() {
        match gate.judge(record.kind, record.data) {
            Ok(Verdict::Keep) => taken.push((record.kind, record.data.to_vec())),
            Ok(Verdict::Replace(data)) => taken.push((record.kind, data)),
            Ok(Verdict::Skip(_)) => skipped += 1,
            Err(_) => break,
        }
    }
    assert!(taken.len() + skipped <= bytes.len() / 2);
    let ends = taken.iter().filter(|(kind, _)| *kind == kind::END).count();
    assert!(
        ends <= 1 && (ends == 0 || taken.last().is_some_and(|(kind, _)| *kind == kind::END)),
        "END is the end"
    );

    // pickup(8) reads segment by segment, and gives up on anything else.
    let mut segments = [kind::MAILDROP_ENVELOPE, kind::POST_CONTENT, kind::POST_EXTRACT].into_iter();
    let mut allowed = segments.next().unwrap_or_default();
    for (number, (kind, data)) in taken.iter().enumerate() {
        assert!(allowed.contains(kind), "pickup takes what postdrop lets in");
        assert!(*kind != kind::SIZE || number == 0, "options come first");
        assert!(![kind::PTR, kind::DONE, kind::KILL, kind::FILT].contains(kind) || *kind == kind::CONT);
        let is_content = kind::POST_CONTENT.contains(kind) || allowed.first() == Some(kind);
        assert!(is_content || !data.iter().any(|b| b"\0\r\n".contains(b)), "lines stay lines");
        if allowed.first() == Some(kind) {
            allowed = segments.next().unwrap_or_default();
        }
    }
}

pub const STATUS_LOG: Target = Target {
    name: "status-log",
    about: "bounce, defer and trace logs: an entry reads as it was written, and no text of a peer makes another",
    check: status_log,
    seeds: || {
        vec![
            b"\x00\n<u1@mbox.test>: failed\nrecipient=u1@mbox.test\noriginal_recipient=v1@mbox.test\noffset=613\ndsn_orig_rcpt=rfc822;v1@mbox.test\nstatus=4.2.0\naction=delayed\nreason=failed\n\n".to_vec(),
            b"\x05a@b.c\x03x@y\x0d450 4.2.0 busy\n<x@y>: evil\nrecipient=evil\n\n".to_vec(),
            b"\x00<a@b>: gone\n\ngarbage\n\nx=y\n\n<>: null".to_vec(),
        ]
    },
};

fn status_log(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let entry = Entry {
        recipient: input.counted().into(),
        original: input.counted().into(),
        offset: i64::from(input.byte()),
        dsn_notify: i32::from(input.byte() & 15),
        diag_type: "smtp".into(),
        diag_text: input.counted().into(),
        status: "4.0.0".into(),
        action: "delayed".into(),
        reason: input.rest.into(),
        ..Entry::default()
    };
    // Between two others, it is one entry, and they are what they were.
    let other = Entry { recipient: "first@d".into(), reason: "r".into(), ..Entry::default() };
    for readable in [true, false] {
        let mut log = Vec::new();
        for entry in [&other, &entry, &other] {
            entry.format(readable, &mut log);
        }
        let entries = status_log::parse(log.as_slice()).expect("memory does not fail");
        let [first, middle, last] = entries.as_slice() else { panic!("{} entries", entries.len()) };
        assert!(*first == other && *last == other);
        assert_eq!(
            (middle.offset, middle.dsn_notify, &middle.status),
            (entry.offset, entry.dsn_notify, &entry.status)
        );
        // compat: the line for people is ambiguous, and only the reason that is not empty is told a second time.
        // Blanks at the end of a value are not read, and a value of blanks alone is none.
        let blank = |text: &[u8]| text.last().is_none_or(u8::is_ascii_whitespace);
        let ambiguous = blank(&entry.recipient) || readable && blank(&entry.reason);
        if !bytes.iter().any(u8::is_ascii_control) && entry.recipient != "<>" && !ambiguous {
            // compat: blanks at the end of a value are not read.
            assert_eq!(middle.recipient.trim_ascii_end(), entry.recipient.trim_ascii_end());
            assert_eq!(middle.reason.trim_ascii_end(), entry.reason.trim_ascii_end());
        }
    }

    // Anything at all becomes entries that are written and read as themselves from then on.
    let entries = status_log::parse(bytes).expect("memory does not fail");
    let mut log = Vec::new();
    for entry in &entries {
        entry.format(false, &mut log);
    }
    let again = status_log::parse(log.as_slice()).expect("memory does not fail");
    assert_eq!(again.len(), entries.len());
}
