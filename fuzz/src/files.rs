//! Indexed table files: damaged ones, and what our writers make of any entries.

use std::path::PathBuf;
use std::sync::LazyLock;

use tables::Flags;
use tables::writer::{self, Start};

use crate::Target;
use crate::input::Input;

pub const HASH: Target = Target {
    name: "hash-file",
    about: "Berkeley DB hash files: any bytes are answers or errors, and a listing ends",
    check: |bytes| damaged("hash", bytes),
    seeds: || sound("hash"),
};

pub const BTREE: Target = Target {
    name: "btree-file",
    about: "Berkeley DB btree files: any bytes are answers or errors, and a listing ends",
    check: |bytes| damaged("btree", bytes),
    seeds: || sound("btree"),
};

pub const CDB: Target = Target {
    name: "cdb-file",
    about: "cdb files: any bytes are answers or errors, and a listing ends",
    check: |bytes| damaged("cdb", bytes),
    seeds: || sound("cdb"),
};

pub const SDBM: Target = Target {
    name: "sdbm-file",
    about: "sdbm files, both of a table: any bytes are answers or errors, and a listing ends",
    check: |bytes| {
        // The first byte says how much is the .dir file, the rest is the .pag file.
        let mut input = Input::new(bytes);
        let splits = input.counted();
        std::fs::write(format!("{}.dir", scratch("sdbm")), splits).expect("the file is written");
        damaged("sdbm", input.rest);
    },
    seeds: || {
        let pages = sound("sdbm").into_iter().map(|pages| [&[1, 0][..], &pages].concat());
        pages.chain([vec![3, 1, 3, 7]]).collect()
    },
};

pub const BUILD: Target = Target {
    name: "table-build",
    about: "hash, btree, cdb and sdbm files of ours: each entry that was put is found again, and nothing else",
    check: build,
    seeds: || vec![b"\x01a\x01b\x03key\x05value\x01a\x01c".to_vec(), vec![7; 300], vec![200; 2000]],
};

/// A folder in memory, of this process and thread.
static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let shared = PathBuf::from("/dev/shm");
    let base = if shared.is_dir() { shared } else { std::env::temp_dir() };
    let folder = base.join(format!("ferropost-fuzz.{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for tables");
    folder
});

/// A file name that no other thread of this process uses.
pub fn scratch(name: &str) -> String {
    let thread = format!("{:?}", std::thread::current().id());
    let digits: String = thread.chars().filter(char::is_ascii_digit).collect();
    FOLDER.join(format!("{name}.{digits}")).to_str().expect("names are text").to_owned()
}

/// Files of up to these many entries are built at once.
const ENTRIES_MAX: usize = 2000;

fn damaged(kind: &str, bytes: &[u8]) {
    let base = scratch(kind);
    let path = writer::file_name(kind, &base).expect("a type with files");
    std::fs::write(&path, bytes).expect("the file is written");
    if let Ok(table) = tables::open(&format!("{kind}:{base}"), Flags::LOOKUP) {
        for key in [&b"user1@example.test"[..], b"k", b"", b"nobody"] {
            let _ = table.lookup(key);
        }
        if let Ok(entries) = table.entries() {
            let mut count = 0;
            for entry in entries {
                count += 1;
                assert!(count <= 4 * bytes.len() + 16, "a listing ends");
                if entry.is_err() {
                    break;
                }
            }
        }
    }
    // Removed here, so that nothing is left whatever ends the run.
    std::fs::remove_file(&path).expect("the file was there");
}

/// A file of that type with few and one with more entries.
fn sound(kind: &str) -> Vec<Vec<u8>> {
    let base = scratch("seed");
    let path = writer::file_name(kind, &base).expect("a type with files");
    // sdbm keeps nothing that does not fit into a page of its own.
    let longest = if kind == "sdbm" { 900 } else { 1500 };
    let file = |count: usize| {
        let mut table =
            writer::create(kind, &base, Start::Empty, Flags::FOLD).unwrap_or_else(|why| panic!("{why}"));
        for number in 0..count {
            let (key, value) = (format!("user{number}@example.test"), "v".repeat(1 + number * 37 % longest));
            table.put(key.as_bytes(), value.as_bytes()).expect("an entry");
        }
        table.finish().expect("a file");
        let bytes = std::fs::read(&path).expect("the file");
        std::fs::remove_file(&path).expect("the file");
        bytes
    };
    let large = file(40);
    vec![file(0), file(1), file(4), large]
}

fn build(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let kind =
        ["hash", "btree", "cdb", "sdbm"].into_iter().nth(usize::from(input.byte() % 4)).unwrap_or("hash");
    let base = scratch("build");
    let mut table = writer::create(kind, &base, Start::Empty, Flags::FOLD | Flags::DUP_IGNORE)
        .unwrap_or_else(|why| panic!("{why}"));
    let mut wanted = Vec::new();
    while !input.rest.is_empty() && wanted.len() < ENTRIES_MAX {
        // Long values every now and then: they leave their page.
        let (key, value) = (input.counted(), input.counted());
        let value = if value.len() == 200 && kind != "sdbm" { value.repeat(30) } else { value.to_vec() };
        if key.contains(&0) || value.contains(&0) || key.is_empty() || value.is_empty() {
            continue;
        }
        let key = key.to_ascii_lowercase();
        // What is not UTF-8 is refused by writers and readers both.
        if !key.is_ascii() || std::str::from_utf8(&value).is_err() {
            continue;
        }
        let is_new = table.put(&key, &value).expect("an entry");
        assert_eq!(is_new, !wanted.iter().any(|(known, _)| *known == key));
        if is_new {
            wanted.push((key, value));
        }
    }
    table.finish().expect("a file");
    let table = tables::open(&format!("{kind}:{base}"), Flags::LOOKUP).unwrap_or_else(|why| panic!("{why}"));
    for (key, value) in &wanted {
        assert_eq!(table.lookup(key).expect("an answer").as_ref().map(|v| &v[..]), Some(&value[..]));
    }
    let listed = table.entries().expect("a listing").collect::<Result<Vec<_>, _>>().expect("a sound file");
    // compat: cdb keeps repeated keys in the file, behind the one that is found.
    assert!(listed.len() == wanted.len() || kind == "cdb" && listed.len() > wanted.len());
    std::fs::remove_file(writer::file_name(kind, &base).expect("a type with files")).expect("the file");
}
