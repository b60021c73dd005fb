//! Lookup tables: what postmap writes and says, and files that go between us and the reference.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use testkit::{Instance, Subject};

use crate::each;

/// Source text with every kind of entry, long ones included.
fn source() -> String {
    let mut text: String = (0..3000)
        .map(|n| format!("user{n}@example{}.com\tvalue {n} {}\n", n % 37, "x".repeat(n % 50)))
        .collect();
    for n in 0..12 {
        text += &format!("long{n} {}\n", "y".repeat(700 + n * 900));
    }
    text + "Mixed.Case Value\n\"quoted key\" v\n# comment\nlast one\n  continued\n"
}

/// An instance that is only configured, with `t` and `u` beside main.cf.
fn configured(subject: Subject) -> Instance {
    let mx = Instance::new(subject).create();
    fs::set_permissions(mx.etc(), fs::Permissions::from_mode(0o777)).unwrap();
    fs::write(mx.etc().join("t"), source()).unwrap();
    mx
}

fn listing(mx: &Instance, table: &str) -> Vec<String> {
    let out = mx.run("postmap", &["-s", table], b"");
    assert_eq!(out.code, 0, "{table}: {}", out.err);
    let mut lines: Vec<String> = out.out.lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

#[test]
fn files_go_between_us_and_the_reference() {
    let Some(reference) = testkit::reference() else {
        testkit::skipped("no reference here");
        return;
    };
    // As root, where the reference is: each may then change the other's files.
    let Some(ours) = testkit::ours().pop() else { return };
    for kind in ["hash", "btree"] {
        let (here, there) = (configured(ours.clone()), configured(reference.clone()));
        let tables = [&here, &there].map(|mx| format!("{kind}:{}/t", mx.etc().display()));
        for (mx, table) in [(&here, &tables[0]), (&there, &tables[1])] {
            let built = mx.run("postmap", &[table], b"");
            assert_eq!(built.code, 0, "{table}: {}", built.err);
        }
        let expected = listing(&here, &tables[0]);
        assert_eq!(expected.len(), 3015);
        for mx in [&here, &there] {
            for table in &tables {
                assert_eq!(listing(mx, table), expected, "{table}");
                let keys = "user7@example7.com\nlong11\nmixed.case\n\"quoted key\"\nnobody\nlast\n";
                let found = mx.run("postmap", &["-q", "-", table], keys.as_bytes());
                assert_eq!((found.code, found.out.lines().count()), (0, 5), "{table}: {found:?}");
                assert!(found.out.ends_with("last\tone  continued\n"), "{}", found.out);
            }
        }
        // What the reference changes in our file, we read; and what we change in its.
        for (writer, table, reader) in [(&there, &tables[0], &here), (&here, &tables[1], &there)] {
            let added = writer.run("postmap", &["-i", table], b"added later\n");
            assert_eq!(added.code, 0, "{}", added.err);
            assert_eq!(writer.run("postmap", &["-d", "long3", table], b"").code, 0);
            assert_eq!(reader.run("postmap", &["-q", "added", table], b"").out, "later\n");
            assert_eq!(reader.run("postmap", &["-q", "long3", table], b"").code, 1);
            assert_eq!(listing(reader, table).len(), 3015);
        }
    }
}

#[test]
fn postmap_says_what_is_wrong() {
    each(|subject| {
        let mx = configured(subject);
        let path = mx.etc().join("u").display().to_string();
        fs::write(&path, "a b\nA c\nkey: value\nalone\n\"open x\n").unwrap();
        let table = format!("hash:{path}");
        let built = mx.run("postmap", &[&table], b"");
        assert_eq!(built.code, 0, "{}", built.err);
        for line in [
            format!("postmap: warning: {path}.db: duplicate entry: \"a\""),
            format!(
                "postmap: warning: {path}, line 3: record is in \"key: value\" format; is this an alias file?"
            ),
            format!("postmap: warning: {path}, line 4: expected format: key whitespace value"),
            format!("postmap: warning: {path}, line 5: unbalanced '\"' in '\"open x' -- ignoring this line"),
        ] {
            assert!(built.err.lines().any(|known| known == line), "{line} is not in\n{}", built.err);
        }
        assert_eq!(mx.run("postmap", &["-q", "A", &table], b"").out, "b\n");
        for (arguments, code, text) in [
            (vec!["-q", "x", &table], 1, ""),
            (
                vec!["-q", "x", "hash:/no/such"],
                1,
                "postmap: fatal: open database /no/such.db: No such file or directory",
            ),
            (vec!["/no/such"], 1, "postmap: fatal: open /no/such: No such file or directory"),
            (vec!["-x"], 1, "postmap: fatal: usage: postmap "),
            (vec!["-q", "x", "fail:x"], 1, "postmap: fatal: table fail:x: query error: Application error"),
        ] {
            let out = mx.run("postmap", &arguments, b"");
            assert_eq!(out.code, code, "{arguments:?}: {out:?}");
            assert!(text.is_empty() || out.err.contains(text), "{arguments:?}: {}", out.err);
        }
    });
}

#[test]
fn a_changed_table_is_noticed() {
    // The reference takes its time: ours only.
    for subject in testkit::ours() {
        let mx = configured(subject);
        let path = mx.etc().join("transport");
        fs::write(&path, "moving.test discard:first\n").unwrap();
        let table = format!("hash:{}", path.display());
        let main = mx.etc().join("main.cf");
        let text = fs::read_to_string(&main).unwrap() + &format!("transport_maps = {table}\n");
        fs::write(&main, text).unwrap();
        assert_eq!(mx.run("postmap", &[&table], b"").code, 0);
        mx.start();
        let mut probes = 0;
        for answer in ["first", "second"] {
            fs::write(&path, format!("moving.test discard:{answer}\n")).unwrap();
            assert_eq!(mx.run("postmap", &[&table], b"").code, 0);
            testkit::wait_for("the table's new answer", || {
                // Each probe is another address: the queue manager remembers answers for half a minute.
                probes += 1;
                let rcpt = format!("c{probes}@moving.test");
                assert_eq!(mx.sendmail(&["-f", "a@b.test", &rcpt], "Subject: x\n\nx\n").code, 0);
                mx.drained();
                !mx.log().lines(&[&format!("to=<{rcpt}>"), &format!("status=sent ({answer})")]).is_empty()
            });
        }
    }
}
