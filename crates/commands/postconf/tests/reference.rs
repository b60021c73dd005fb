//! postconf against recorded output of Postfix 3.11.7: the same files, the same command lines.
//!
//! Left out are command lines whose answer depends on the machine or the build (`-m -a -A -T`, process_id), and these
//! accepted differences: several new parameters at once are appended in the order given (the reference: in a random
//! one); an argument with white space keeps its braces when master.cf is edited (the reference drops them from the
//! first one, which changes its meaning).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

#[test]
fn shows_what_the_reference_shows() {
    compare("show", include_str!("reference/show.txt"));
}

#[test]
fn edits_as_the_reference_edits() {
    compare("edit", include_str!("reference/edit.txt"));
}

fn compare(kind: &str, recorded: &str) {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference").join(kind);
    let scratch = std::env::temp_dir().join(format!("postconf-{kind}-{}", std::process::id()));
    let mut wrong = Vec::new();
    let mut count = 0;
    for case in recorded.split("$ postconf ").skip(1) {
        let (line, want) = case.split_once('\n').expect("a command line");
        let got = run(&fixture, &scratch, line);
        if got != want {
            wrong.push(format!("postconf {line}\n{}", difference(want, &got)));
        }
        count += 1;
    }
    fs::remove_dir_all(&scratch).expect("scratch directory");
    assert!(count > 30, "only {count} cases");
    assert!(wrong.is_empty(), "{} of {count} differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// What the recording has: exit status, both outputs, and what changed in the files.
fn run(fixture: &Path, scratch: &PathBuf, line: &str) -> String {
    fs::create_dir_all(scratch).expect("scratch directory");
    for file in ["main.cf", "master.cf"] {
        fs::copy(fixture.join(file), scratch.join(file)).expect("copy");
    }
    let output = Command::new(env!("CARGO_BIN_EXE_postconf"))
        .arg("-c")
        .arg(scratch)
        .args(words(line))
        .env_remove("MAIL_CONFIG")
        .output()
        .expect("postconf runs");
    let mut text = format!(
        "rc={}\n--stdout\n{}--stderr\n{}",
        output.status.code().unwrap_or(-1),
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
    .replace(&scratch.display().to_string(), "@DIR@");
    for file in ["main.cf", "master.cf"] {
        let old = fs::read_to_string(fixture.join(file)).expect("fixture");
        let new = fs::read_to_string(scratch.join(file)).expect("result");
        if old != new {
            text.push_str(&format!("--{file}\n{new}"));
        }
    }
    text
}

/// Shell words: blanks separate, single quotes protect.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '\'' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            ' ' if !quoted => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

fn difference(want: &str, got: &str) -> String {
    let mut text = String::new();
    for line in want.lines().filter(|l| !got.lines().any(|g| g == *l)) {
        text.push_str(&format!("  want {line}\n"));
    }
    for line in got.lines().filter(|l| !want.lines().any(|w| w == *l)) {
        text.push_str(&format!("  got  {line}\n"));
    }
    text
}
