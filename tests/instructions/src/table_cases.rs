//! Lookup tables in memory and in files, lists of networks and domains.

use std::sync::Arc;

use tables::writer::{self, Start};
use tables::{Against, Flags, MatchList, Parents, Table};

use crate::Case;

pub const CASES: &[Case] = &[
    Case { name: "table-hash", prepare: || file("hash") },
    Case { name: "table-btree", prepare: || file("btree") },
    Case { name: "table-cdb", prepare: || file("cdb") },
    Case {
        name: "table-texthash",
        prepare: || text("texthash", |n| format!("user{n}@example.com value{n}\n")),
    },
    Case {
        name: "table-cidr",
        prepare: || text("cidr", |n| format!("10.{}.{}.0/24 value{n}\n", n / 250, n % 250)),
    },
    Case {
        name: "table-inline",
        prepare: || ask(open("inline:{ { user1@example.com = a b }, user2@example.com=c, 10.1.2.3=d }")),
    },
    Case {
        name: "list-networks",
        prepare: || {
            list(
                "127.0.0.0/8 [::1]/128 192.0.2.0/24 !10.1.2.3 10.0.0.0/8 [2001:db8::]/32",
                Against::Address,
                &[b"10.1.2.3", b"10.1.2.4", b"203.0.113.9", b"2001:db8::5"],
            )
        },
    },
    Case {
        name: "list-domains",
        prepare: || {
            list(
                "example.com, .example.org, !no.example.net, example.net, localhost",
                Against::Domain,
                &[b"mail.example.com", b"example.org", b"a.no.example.net", b"elsewhere.test"],
            )
        },
    },
];

/// Entries of a table that is looked up as a whole.
const ENTRIES: usize = 2000;

type Work = Box<dyn FnMut() -> usize>;

fn place(kind: &str) -> String {
    let folder = std::env::temp_dir().join("ferropost-instructions");
    std::fs::create_dir_all(&folder).expect("a folder for tables");
    folder.join(kind).to_str().expect("a name in text").to_owned()
}

fn open(name: &str) -> Arc<dyn Table> {
    tables::open(name, Flags::LOOKUP).unwrap_or_else(|why| panic!("{why}"))
}

fn file(kind: &str) -> Work {
    let base = place(kind);
    let mut table =
        writer::create(kind, &base, Start::Empty, Flags::FOLD).unwrap_or_else(|why| panic!("{why}"));
    for number in 0..ENTRIES {
        table.put(format!("user{number}@example.com").as_bytes(), b"value").expect("an entry");
    }
    table.finish().expect("a file");
    ask(open(&format!("{kind}:{base}")))
}

fn text(kind: &str, line: fn(usize) -> String) -> Work {
    let base = place(kind);
    std::fs::write(&base, (0..ENTRIES).map(line).collect::<String>()).expect("a file");
    ask(open(&format!("{kind}:{base}")))
}

fn ask(table: Arc<dyn Table>) -> Work {
    Box::new(move || {
        let keys: [&[u8]; 4] =
            [b"user1@example.com", b"User1999@example.com", b"nobody@example.com", b"10.7.249.9"];
        keys.iter().map(|key| table.lookup(key).ok().flatten().map_or(1, |value| value.len())).sum()
    })
}

fn list(value: &str, against: Against, subjects: &'static [&'static [u8]]) -> Work {
    let list =
        MatchList::open("list", value, against, Parents::Implied).unwrap_or_else(|why| panic!("{why}"));
    Box::new(move || subjects.iter().filter(|subject| list.matches(subject).unwrap_or(false)).count())
}
