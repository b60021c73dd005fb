//! The table of cases.

use super::case::Case;
use super::{idle, large, load, queue};

const DISCARD: &str = "default_transport = discard:\nlocal_recipient_maps =";
const RELAY: &str = "local_recipient_maps =";
const ONE_MAILDIR: &str = "local_recipient_maps =";
const ONE_MBOX: &str =
    "local_recipient_maps =\nmail_spool_directory = $queue_directory/../mail\nmailbox_size_limit = 0";
const MANY_MAILDIRS: &str = "virtual_mailbox_domains = box.test\nvirtual_mailbox_base = $queue_directory/../mail\n\
     virtual_mailbox_maps = regexp:{ {/^(.*)@/ $1/} }\nvirtual_uid_maps = static:65534\n\
     virtual_gid_maps = static:65534\nvirtual_mailbox_limit = 0";
/// Mail for far.test waits, mail for near.test goes.
const WAITING: &str = "transport_maps = inline:{ {far.test = smtp:[127.0.0.1]:1}, {near.test = discard:} }\nlocal_recipient_maps =";

const fn ingest(name: &'static str, messages: u64, sessions: u32, size: u32) -> Case {
    let about = "SMTP in, thrown away by discard(8)";
    Case { name, about, messages, sessions, size, main: DISCARD, sink: false, long: false, run: load::flow }
}

const fn relay(name: &'static str, messages: u64, sessions: u32, size: u32) -> Case {
    let about = "SMTP in, SMTP out to a sink";
    Case { name, about, messages, sessions, size, main: RELAY, sink: true, long: false, run: load::flow }
}

const fn mailbox(name: &'static str, about: &'static str, main: &'static str) -> Case {
    Case {
        name,
        about,
        messages: 3000,
        sessions: 10,
        size: 1024,
        main,
        sink: false,
        long: false,
        run: load::mailbox,
    }
}

pub const CASES: &[Case] = &[
    ingest("ingest-1K-1", 2000, 1, 1024),
    ingest("ingest-1K-10", 5000, 10, 1024),
    ingest("ingest-1K-50", 5000, 50, 1024),
    ingest("ingest-1K-100", 5000, 100, 1024),
    ingest("ingest-100K-10", 1500, 10, 100 << 10),
    relay("relay-1K-1", 2000, 1, 1024),
    relay("relay-1K-10", 5000, 10, 1024),
    relay("relay-1K-50", 5000, 50, 1024),
    relay("relay-1K-100", 5000, 100, 1024),
    relay("relay-100K-10", 1500, 10, 100 << 10),
    Case {
        name: "sendmail",
        about: "one sendmail(1) after the other; CPU of the commands included",
        messages: 500,
        sessions: 1,
        size: 1024,
        main: DISCARD,
        sink: false,
        long: false,
        run: load::sendmail,
    },
    mailbox("mbox", "local(8) to one mailbox file", ONE_MBOX),
    mailbox("maildir", "local(8) to one Maildir; only ours syncs its directory", ONE_MAILDIR),
    mailbox("maildir-dirsync", "the same, the file system syncs the directory for both", ONE_MAILDIR),
    mailbox("maildir-many", "virtual(8) to a Maildir for each of 10 users; only ours syncs", MANY_MAILDIRS),
    Case {
        name: "rcpt-10000",
        about: "one message to 10,000 recipients",
        messages: 10_000,
        sessions: 1,
        size: 1024,
        main: "default_transport = discard:\nlocal_recipient_maps =\nsmtpd_recipient_limit = 20000",
        sink: false,
        long: false,
        run: load::many_recipients,
    },
    Case {
        name: "large-100M",
        about: "messages of 100 MB, one at a time, relayed to a sink",
        messages: 3,
        sessions: 1,
        size: 100 << 20,
        main: "local_recipient_maps =\nmessage_size_limit = 0\nmailbox_size_limit = 0",
        sink: true,
        long: false,
        run: large::run,
    },
    Case {
        name: "idle-1000",
        about: "plain sessions that said EHLO and wait",
        messages: 1000,
        sessions: 1000,
        size: 0,
        main: "default_process_limit = 1100",
        sink: false,
        long: false,
        run: idle::run,
    },
    Case {
        name: "deferred-20000",
        about: "a queue of 20,000 deferred messages: list, start, flush, delete",
        messages: 20_000,
        sessions: 1,
        size: 1024,
        main: WAITING,
        sink: false,
        long: false,
        run: queue::deferred,
    },
    Case {
        name: "deferred-1000000",
        about: "start with 1,000,000 deferred files whose time has not come",
        messages: 1_000_000,
        sessions: 1,
        size: 1024,
        main: WAITING,
        sink: false,
        long: true,
        run: queue::million,
    },
];
