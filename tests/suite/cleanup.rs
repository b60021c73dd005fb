//! Messages handed to cleanup(8) record by record, and the queue files that come of them.
//!
//! The client puts every message on hold, so that the file can be read back at leisure.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::Duration;

use testkit::{Instance, Setup, Subject};

use crate::each;

const BOUNCE: i32 = 1;
const CHECKS: i32 = 1 << 1;
const HOLD: i32 = 1 << 2;
const BCC: i32 = 1 << 4;
const MAPS: i32 = 1 << 5;
/// Mail from outside, kept from delivery.
const OUTSIDE: i32 = CHECKS | HOLD | BCC | MAPS;

const TIME: (char, &str) = ('T', "1795317417 494356");
const LOCAL: (char, &str) = ('A', "rewrite_context=local");
const RECEIVED: &str = "Received: from x by y; now";

/// What cleanup answered, and the records of the file, if there is one.
struct Queued {
    status: i32,
    reason: String,
    records: Vec<String>,
}

impl Queued {
    /// The records of some types, as `type data`.
    fn of(&self, kinds: &str) -> Vec<&str> {
        let wanted = |record: &&String| record.chars().next().is_some_and(|kind| kinds.contains(kind));
        self.records.iter().filter(wanted).map(String::as_str).collect()
    }
}

fn setup(subject: Subject) -> Setup {
    Instance::new(subject).main(
        "recipient_delimiter = +\nappend_dot_mydomain = yes\nundisclosed_recipients_header = To: undisclosed-recipients:;\n\
         message_size_limit = 100000\n\
         virtual_alias_domains = alias.test\n\
         virtual_alias_maps = inline:{ {many@alias.test=a@r.test, b@r.test}, {self@alias.test=self@alias.test, c@r.test}, \
           one@alias.test=a@r.test, {endless@alias.test=endless1@alias.test x@r.test}, {endless1@alias.test=endless@alias.test y@r.test} }\n\
         canonical_maps = inline:{ old=new, old@r.test=new@s.test, @at.test=@moved.test }\n\
         sender_bcc_maps = inline:{ watched@r.test=copy@bcc.test }\n\
         masquerade_domains = !keep.masq.test masq.test\nmasquerade_exceptions = root\n\
         header_checks = regexp:{ {/^X-Hold:/ HOLD held}, {/^X-Reject:/ REJECT 5.7.9 no good}, {/^X-Later:/ REJECT 4.7.9 later}, \
           {/^X-Discard:/ DISCARD gone}, {/^X-Ignore:/ IGNORE}, {/^X-Prepend:/ PREPEND X-New: header}, \
           {/^X-Replace:/ REPLACE X-Replaced: yes}, {/^X-Filter:/ FILTER smtp:[127.0.0.1]:1}, {/^X-Redirect:/ REDIRECT o@place.test}, \
           {/^X-Bcc:/ BCC copy@place.test} }\n\
         body_checks = regexp:{ {/^ignore me/ IGNORE}, {/^replace me/ REPLACE replaced} }\n",
    )
}

fn submit(
    mx: &Instance,
    flags: i32,
    envelope: &[(char, &str)],
    content: &[&str],
    behind: &[(char, &str)],
) -> Queued {
    let mut stream = UnixStream::connect(mx.spool().join("public/cleanup")).expect("connect to cleanup");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("set timeout");
    let hello = attributes(&mut stream);
    let id = hello.last().expect("a queue id").clone();
    let mut wire = format!("flags\0{flags}\0\0").into_bytes();
    for (kind, data) in envelope {
        record(&mut wire, *kind, data);
    }
    record(&mut wire, 'M', "");
    for line in content {
        record(&mut wire, 'N', line);
    }
    record(&mut wire, 'X', "");
    for (kind, data) in behind {
        record(&mut wire, *kind, data);
    }
    record(&mut wire, 'E', "");
    stream.write_all(&wire).expect("send a message");
    let answer = attributes(&mut stream);
    let status = answer.get(1).and_then(|text| text.parse().ok()).expect("a status");
    let reason = answer.get(3).cloned().unwrap_or_default();
    let file: PathBuf = mx.spool().join("hold").join(&id);
    let records = fs::read(&file).map(|bytes| records(&bytes, &id)).unwrap_or_default();
    let _ = fs::remove_file(file);
    Queued { status, reason, records }
}

fn record(wire: &mut Vec<u8>, kind: char, data: &str) {
    wire.push(kind as u8);
    let mut length = data.len();
    while length > 127 {
        wire.push((length & 127) as u8 | 128);
        length >>= 7;
    }
    wire.push(length as u8);
    wire.extend_from_slice(data.as_bytes());
}

fn attributes(stream: &mut UnixStream) -> Vec<String> {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\0\0") {
        assert_eq!(stream.read(&mut byte).expect("an answer"), 1, "cleanup closed the connection");
        bytes.push(byte[0]);
    }
    let text = String::from_utf8_lossy(&bytes[..bytes.len() - 2]);
    text.split('\0').map(str::to_owned).collect()
}

/// The file's records as `type data`, with what differs from message to message made equal.
fn records(mut bytes: &[u8], id: &str) -> Vec<String> {
    let mut out = Vec::new();
    while let [kind, rest @ ..] = bytes {
        let (mut length, mut shift, mut used) = (0usize, 0, 0);
        for byte in rest {
            length |= usize::from(byte & 127) << shift;
            shift += 7;
            used += 1;
            if byte & 128 == 0 {
                break;
            }
        }
        let data = String::from_utf8_lossy(&rest[used..used + length]).replace(id, "ID");
        bytes = &rest[used + length..];
        let own = ["create_time=", "message_id="].iter().any(|own| data.starts_with(own));
        // compat: 3.7 does not store the message id
        if !own {
            let data = match data.find(".ID@") {
                Some(at) if at > 14 => format!("{}STAMP{}", &data[..at - 14], &data[at..]),
                _ => data,
            };
            let data = data
                .split_once(": ")
                .filter(|(name, _)| name.ends_with("Date"))
                .map_or(data.clone(), |(name, _)| format!("{name}: …"));
            out.push(format!("{} {data}", *kind as char).trim_end().to_owned());
        }
    }
    out
}

#[test]
fn a_bare_message_gets_what_it_lacks() {
    each(|subject| {
        let mx = setup(subject).start();
        let queued = submit(
            &mx,
            OUTSIDE,
            &[TIME, LOCAL, ('F', "Joe, \"User\""), ('S', "joe"), ('R', "a@r.test"), ('R', "b")],
            &[RECEIVED, "Subject: x", "", "body"],
            &[],
        );
        assert_eq!((queued.status, queued.reason.as_str()), (0, ""));
        let expected = [
            "T 1795317417 494356",
            "A rewrite_context=local",
            "F Joe, \"User\"",
            "S joe@mx.test",
            "A dsn_orig_rcpt=rfc822;a@r.test",
            "O a@r.test",
            "R a@r.test",
            "A dsn_orig_rcpt=rfc822;b@mx.test",
            "O b",
            "R b@mx.test",
            "M",
            "N Received: from x by y; now",
            "N Subject: x",
            "N Message-Id: <STAMP.ID@mx.test>",
            "N Date: …",
            "N From: \"Joe, \\\"User\\\"\" <joe@mx.test>",
            "N To: undisclosed-recipients:;",
            "N",
            "N body",
            "X",
            "E",
        ];
        assert_eq!(queued.records[1..], expected);
        let size: Vec<&str> = queued.records[0].split_ascii_whitespace().collect();
        assert_eq!((size[0], size[3], size[4]), ("C", "2", "0"), "{size:?}");
        assert_eq!(size[1], size[5], "{size:?}");
    });
}

#[test]
fn addresses_in_headers_and_envelope() {
    each(|subject| {
        let mx = setup(subject).start();
        let queued = submit(
            &mx,
            OUTSIDE,
            &[TIME, LOCAL, ('S', "old"), ('R', "old+ext@r.test"), ('R', "u%h"), ('R', "@r:u@c.d")],
            &[
                RECEIVED,
                "From: \"A B\" <old>, (c) x",
                "To: a,b, c <d@h>, grp: e, f@g;, old@r.test, x@at.test",
                "Cc: u@host.masq.test, root@host.masq.test, u@a.keep.masq.test",
                "Bcc: secret",
                "Reply-To : odd",
                "Return-Path: <x>",
                "Message-ID: <1@2>",
                "Date: now",
                "X-Folded: a",
                " b",
            ],
            &[],
        );
        assert_eq!(queued.of("SR"), ["S new@mx.test", "R new+ext@s.test", "R u@h.test", "R u@c.d"]);
        assert_eq!(
            queued.of("N"),
            [
                "N Received: from x by y; now",
                "N From: \"A B\" <new@mx.test>, x@mx.test (c)",
                "N To: a@mx.test, b@mx.test, c <d@h.test>, grp: e@mx.test, f@g.test;,",
                "N \tnew@s.test, x@moved.test",
                "N Cc: u@masq.test, root@host.masq.test, u@a.keep.masq.test",
                "N Reply-To: odd@mx.test",
                "N Message-ID: <1@2>",
                "N Date: …",
                "N X-Folded: a",
                "N  b",
            ]
        );
    });
}

#[test]
fn aliases_copies_and_duplicates() {
    each(|subject| {
        let mx = setup(subject).start();
        let to = |sender: &str, recipients: &[(char, &str)]| {
            let envelope: Vec<(char, &str)> =
                [TIME, LOCAL, ('S', sender)].iter().chain(recipients).copied().collect();
            submit(&mx, OUTSIDE, &envelope, &[RECEIVED, "", "x"], &[])
        };
        let queued =
            to("joe", &[('R', "many@alias.test"), ('R', "one+x@alias.test"), ('R', "self@alias.test")]);
        assert_eq!(
            queued.of("OR"),
            [
                "O many@alias.test",
                "R a@r.test",
                "O many@alias.test",
                "R b@r.test",
                "O one+x@alias.test",
                "R a+x@r.test",
                "O self@alias.test",
                "R self@alias.test",
                "O self@alias.test",
                "R c@r.test",
            ]
        );
        let queued =
            to("watched@r.test", &[('R', "a@r.test"), ('R', "A@R.test"), ('O', "other"), ('R', "a@r.test")]);
        assert_eq!(
            queued.of("SOR"),
            [
                "S watched@r.test",
                "O copy@bcc.test",
                "R copy@bcc.test",
                "O a@r.test",
                "R a@r.test",
                "O other",
                "R a@r.test"
            ]
        );
        let queued = to("joe", &[('R', "endless@alias.test")]);
        assert_eq!((queued.status, queued.reason.as_str()), (256, "4.6.0 Alias expansion error"));
        assert!(queued.records.is_empty());
    });
}

#[test]
fn notices_that_the_sender_wants() {
    each(|subject| {
        let mx = setup(subject).start();
        let queued = submit(
            &mx,
            OUTSIDE,
            &[
                TIME,
                LOCAL,
                ('A', "envelope_id=abc"),
                ('A', "ret_flags=1"),
                ('S', "joe"),
                ('A', "notify_flags=6"),
                ('A', "dsn_orig_rcpt=rfc822;foo"),
                ('O', "orig@x"),
                ('R', "a@r.test"),
                ('A', "notify_flags=3"),
                ('R', "b@r.test"),
            ],
            &[RECEIVED, "", "b"],
            &[],
        );
        assert_eq!(queued.status, 0);
        assert_eq!(
            queued.of("AOR"),
            [
                "A rewrite_context=local",
                "A envelope_id=abc",
                "A ret_flags=1",
                "A notify_flags=6",
                "A dsn_orig_rcpt=rfc822;foo",
                "O orig@x",
                "R a@r.test",
                "A dsn_orig_rcpt=rfc822;b@r.test",
                "O b@r.test",
                "R b@r.test",
            ]
        );
        mx.log().wait(&["ignoring malformed DSN notify record <notify_flags=3>"]);
        let size: Vec<&str> = queued.records[0].split_ascii_whitespace().collect();
        assert_eq!(size[4], "12", "NOTIFY is known to the queue manager: {size:?}");
    });
}

#[test]
fn header_and_body_checks_act() {
    each(|subject| {
        let mx = setup(subject).start();
        let with = |flags: i32, header: &str, body: &[&str]| {
            let mut content = vec![RECEIVED, header, ""];
            content.extend_from_slice(body);
            submit(&mx, flags, &[TIME, LOCAL, ('S', "joe"), ('R', "a@r.test")], &content, &[])
        };
        let queued = with(CHECKS | MAPS, "X-Hold: 1", &[]);
        assert_eq!(queued.status, 0);
        assert!(!queued.records.is_empty(), "not on hold");
        let queued = with(OUTSIDE, "X-Reject: 1", &[]);
        assert_eq!((queued.status, queued.reason.as_str()), (8, "5.7.9 no good"));
        assert!(queued.records.is_empty());
        let queued = with(OUTSIDE, "X-Later: 1", &[]);
        assert_eq!((queued.status, queued.reason.as_str()), (256, "4.7.9 later"));
        let queued = with(OUTSIDE, "X-Discard: 1", &[]);
        assert_eq!(queued.status, 0);
        assert!(queued.records.is_empty(), "not discarded");
        let queued = with(HOLD | MAPS, "X-Reject: 1", &[]);
        assert_eq!(queued.status, 0, "checks that the client did not ask for");
        mx.log().wait(&["hold: header X-Hold: 1 from local; from=<joe@mx.test> to=<a@r.test>: held"]);
        mx.log().wait(&[
            "reject: header X-Reject: 1 from local; from=<joe@mx.test> to=<a@r.test>: 5.7.9 no good",
        ]);

        let queued = submit(
            &mx,
            OUTSIDE,
            &[TIME, LOCAL, ('S', "joe"), ('R', "a@r.test")],
            &[
                RECEIVED,
                "X-Ignore: 1",
                "X-Prepend: 1",
                "X-Replace: 1",
                "X-Filter: 1",
                "X-Bcc: 1",
                "X-Redirect: 1",
                "Date: x",
                "From: x",
                "To: x",
                "Message-Id: <x>",
                "",
                "ignore me",
                "replace me",
                "keep me",
            ],
            &[],
        );
        assert_eq!(
            queued.of("N")[1..],
            [
                "N X-New: header",
                "N X-Prepend: 1",
                "N X-Replaced: yes",
                "N X-Filter: 1",
                "N X-Bcc: 1",
                "N X-Redirect: 1",
                "N Date: …",
                "N From: x@mx.test",
                "N To: x@mx.test",
                "N Message-Id: <x>",
                "N",
                "N ignore me",
                "N replace me",
                "N keep me",
            ],
            "REDIRECT ends all checks"
        );
        assert_eq!(queued.of("L>"), ["L smtp:[127.0.0.1]:1", "> o@place.test"]);
        assert!(queued.of("R").contains(&"R copy@place.test"));
        let queued = with(OUTSIDE, "X: y", &["ignore me", "replace me"]);
        assert_eq!(queued.of("N").last(), Some(&"N replaced"));
    });
}

#[test]
fn what_clients_must_not_do() {
    each(|subject| {
        let mx = setup(subject).start();
        let content = [RECEIVED, "", "x"];
        type Envelope<'a> = &'a [(char, &'a str)];
        let cases: [(&str, Envelope<'_>, i32); 8] = [
            ("no sender", &[TIME, ('R', "x")], 1),
            ("no time", &[('S', "x"), ('R', "x")], 1),
            ("two senders", &[TIME, ('S', "x"), ('S', "y"), ('R', "x")], 1),
            ("no recipient", &[TIME, ('S', "x")], 64),
            ("malformed attribute", &[TIME, ('A', "foo"), ('S', "x"), ('R', "x")], 1),
            ("content in the envelope", &[TIME, ('S', "x"), ('N', "x"), ('R', "x")], 1),
            ("bad context", &[TIME, ('A', "rewrite_context=foo"), ('S', "x"), ('R', "x")], 1),
            ("bad RET", &[TIME, ('A', "ret_flags=7"), ('S', "x"), ('R', "x")], 1),
        ];
        for (what, envelope, status) in cases {
            let queued = submit(&mx, OUTSIDE, envelope, &content, &[]);
            assert_eq!(queued.status, status, "{what}");
            assert!(queued.records.is_empty(), "{what}");
        }
        let sound = [TIME, LOCAL, ('S', "joe"), ('R', "a@r.test")];
        assert_eq!(submit(&mx, OUTSIDE, &sound, &["Subject: x", "", "x"], &[]).status, 1, "no Received");
        let hops: Vec<&str> = std::iter::repeat_n(RECEIVED, 60).collect();
        assert_eq!(submit(&mx, OUTSIDE, &sound, &hops, &[]).status, 16, "too many hops");
        let long = "x".repeat(1000);
        let mut big = vec![RECEIVED, ""];
        big.extend(std::iter::repeat_n(long.as_str(), 120));
        assert_eq!(submit(&mx, OUTSIDE, &sound, &big, &[]).status, 4, "too big");
        assert!(mx.queue("incoming").is_empty(), "a refused message leaves no file");
    });
}

#[test]
fn what_nobody_else_can_return_is_bounced() {
    each(|subject| {
        let mx = setup(subject).start();
        let user = mx.who.user.clone();
        let hops: Vec<&str> = std::iter::repeat_n(RECEIVED, 60).collect();
        let envelope = [TIME, LOCAL, ('S', user.as_str()), ('R', "a@r.test")];
        let queued = submit(&mx, CHECKS | MAPS | BOUNCE, &envelope, &hops, &[]);
        assert_eq!(queued.status, 0);
        mx.log().wait(&["postfix/cleanup", "to=<a@r.test>", "dsn=5.4.0, status=bounced (too many hops)"]);
        let notice = mx.maildir(&user).remove(0);
        assert!(notice.contains("Subject: Undelivered Mail Returned to Sender"), "{notice}");
        mx.drained();
    });
}

#[test]
fn recipients_behind_the_content() {
    each(|subject| {
        let mx = setup(subject).start();
        let queued = submit(
            &mx,
            OUTSIDE,
            &[TIME, LOCAL, ('S', "joe")],
            &[RECEIVED, "Content-Transfer-Encoding: 8bit", "", "\u{e9}"],
            &[('O', "orig"), ('R', "late@r.test"), ('R', "two")],
        );
        assert_eq!(queued.status, 0);
        let behind = queued.records.iter().skip_while(|record| *record != "X").map(String::as_str);
        assert_eq!(
            behind.collect::<Vec<_>>(),
            [
                "X",
                "A encoding=8bit",
                "A dsn_orig_rcpt=rfc822;late@r.test",
                "O orig",
                "R late@r.test",
                "A dsn_orig_rcpt=rfc822;two@mx.test",
                "O two",
                "R two@mx.test",
                "E",
            ]
        );
    });
}
