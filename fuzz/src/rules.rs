//! Text tables: rules with patterns, networks, plain entries, inline tables.

use bstr::ByteSlice;
use tables::{Flags, Table};

use crate::Target;
use crate::files::scratch;
use crate::input::texts;

pub const REGEXP: Target = Target {
    name: "regexp-table",
    about: "regexp tables: rules, if/endif, substitution; an answer is the same twice",
    check: |bytes| {
        // The C library's own compiler takes time and memory without bound for nested repetitions.
        let costly = bytes.iter().filter(|b| b"{*+".contains(b)).count() > 4 || bytes.len() > 400;
        if !costly {
            file("regexp", bytes);
        }
    },
    seeds: pattern_seeds,
};

pub const PCRE: Target = Target {
    name: "pcre-table",
    about: "pcre tables: rules, flags, if/endif, substitution; an answer is the same twice",
    check: |bytes| {
        if bytes.len() <= 1000 {
            file("pcre", bytes);
        }
    },
    seeds: pattern_seeds,
};

fn pattern_seeds() -> Vec<Vec<u8>> {
    texts(&[
        "/^(.*)@example\\.(com|test)$/ ${1}@$2\n!/x/i OK\nif /a/\n  /b/m REJECT $0 $$ text\nendif\n",
        "# comment\n/a/ x\n\tcontinued\n!/(/ y\n/[/ z\n/a/q w\nendif\nif !/b/\n/$1/ $9\n",
    ])
}

pub const CIDR: Target = Target {
    name: "cidr-table",
    about: "cidr tables: networks, if/endif; an answer is the same twice",
    check: |bytes| file("cidr", bytes),
    seeds: || {
        texts(&[
            "192.0.2.0/24 REJECT\n!10.0.0.0/8 OK\n2001:db8::/32 x\nif 192.0.2.0/25\n192.0.2.1 y\nendif\n",
            "0.0.0.0/0 a\n::/0 b\n1.2.3.4/33 c\n[::1]/128 d\n1.2.3.4/8 e\n",
        ])
    },
};

pub const TEXTHASH: Target = Target {
    name: "texthash-table",
    about: "texthash files and the source of postmap: lines, quoted keys, continuation",
    check: |bytes| {
        file("texthash", bytes);
        for (number, line) in tables::text::logical_lines("source", bytes) {
            assert!(number > 0 && !line.is_empty() && !line.contains(&b'\n'));
            if let Some(record) = tables::text::record("source", number, &line, true) {
                assert!(record.key.len() + record.value.len() <= line.len());
            }
        }
    },
    seeds: || {
        texts(&["key value\n# comment\nother  more\n  continued\n\"quoted key\" x\nlonely\n:bad\na: b\n"])
    },
};

pub const INLINE: Target = Target {
    name: "inline-table",
    about: "tables written into main.cf: inline, unionmap, pipemap, randmap, static, with braces in braces",
    check: inline,
    seeds: || {
        texts(&[
            "inline:{a=b, { c = d e }, x=y}",
            "unionmap:{inline:{a=1},static:{2 3}}",
            "pipemap:{inline:{a=b},inline:{b=c}}",
            "randmap:{a,{b c}}",
            "static:{x",
        ])
    },
};

fn file(kind: &str, bytes: &[u8]) {
    let path = scratch(kind);
    std::fs::write(&path, bytes).expect("the file is written");
    if let Ok(table) = tables::open(&format!("{kind}:{path}"), Flags::LOOKUP) {
        ask(table.as_ref(), bytes);
    }
    std::fs::remove_file(&path).expect("the file was there");
}

/// Looks up some of the table's own words, and some that are always asked.
fn ask(table: &dyn Table, bytes: &[u8]) {
    let own =
        bytes.split(|b| !b.is_ascii_alphanumeric() && *b != b'.').filter(|word| !word.is_empty()).take(6);
    for key in own.chain([&b"joe@example.com"[..], b"192.0.2.1", b"2001:db8::1", b"a b", b""]) {
        let first = table.lookup(key).map_err(|why| why.to_string());
        let second = table.lookup(key).map_err(|why| why.to_string());
        assert_eq!(first, second);
    }
}

fn inline(bytes: &[u8]) {
    let Ok(text) = bytes.to_str() else { return };
    let _ = tables::braces::list(text);
    let pieces = tables::braces::split(text);
    assert!(pieces.iter().map(|piece| piece.len()).sum::<usize>() <= text.len());
    // Types that would open files, sockets or the password file of this machine are none of this target's.
    let memory = ["inline:", "unionmap:", "pipemap:", "randmap:", "static:"];
    let others = [
        "hash", "btree", "cdb", "lmdb", "regexp", "pcre", "cidr", "unix", "proxy", "environ", "nis", "fail",
        "debug",
    ];
    if !memory.iter().any(|kind| text.starts_with(kind)) || others.iter().any(|kind| text.contains(kind)) {
        return;
    }
    if let Ok(table) = tables::open(text, Flags::LOOKUP) {
        if !text.contains("randmap") {
            ask(table.as_ref(), bytes);
        }
        let _ = table.lookup(b"a");
    }
}
