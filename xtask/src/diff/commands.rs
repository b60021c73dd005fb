//! Command lines: the same shell lines run with both sides' commands; exit codes, outputs and the log.
//!
//! `[queue]` is run by the reference alone and its queue is copied to ours, so that both look at the same files. A
//! case is a shell script; `@ROOT@`, `@PORT@` and `@DAEMONS@` are the side's own, `@OTHER@` is the other side's root
//! (what an earlier case left there can be read). A file with a line `started` above
//! its cases (`[file started]`) has its mail system running.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;
use std::time::Duration;

use super::Plan;
use super::cases::{Case, CaseFile};
use super::pair::{Pair, Side};
use super::report::Outcome;

pub fn run(plan: &Plan, file: &CaseFile) -> Vec<Outcome> {
    let pair = Pair::create(plan, file);
    let started = file.files.iter().any(|(name, _)| name == "started");
    // The spool's folders are made by the first start.
    pair.start();
    if !started {
        pair.both(|side| side.mx.stop());
    }
    if !file.queue.is_empty() {
        let filled = pair.reference.script(&file.queue, b"");
        assert_eq!(filled.code, 0, "{}: the queue's script: {filled:?}", file.name);
        copy_queue(&pair.reference, &pair.ours);
    }
    let wanted = file.cases.iter().filter(|case| plan.wants(&file.full_name(case)));
    wanted.map(|case| pair.compare(file.full_name(case), |side| one(side, case))).collect()
}

fn one(side: &Side, case: &Case) -> Vec<String> {
    let start = side.log_end();
    let done = side.script(&case.lines.join("\n"), b"");
    let mut shown = vec![format!("exit {}", done.code)];
    for (name, text) in [("out", &done.out), ("err", &done.err)] {
        let text = side.facts.text(text);
        let mut lines: Vec<String> =
            text.lines().map(|line| format!("{name} {}", without_pid(line))).collect();
        if name == "err" {
            // Warnings about several things come in any order, and again from each child.
            lines.sort();
            lines.dedup();
        }
        shown.extend(lines);
    }
    if side.mx.master_pid().is_some() {
        side.log_at_rest(Duration::from_millis(60));
    }
    let mut log = side.log_since(start);
    log.retain(|line| !line.starts_with("postlogd: ") && !line.starts_with("master: "));
    log.sort();
    shown.extend(log.into_iter().map(|line| format!("log {line}")));
    shown
}

/// `postlog[77]: text` as `postlog: text`, and other process ids.
fn without_pid(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find(['[', ' ']) {
        let (head, tail) = rest.split_at(at);
        out += head;
        let digits = tail.get(1..).unwrap_or("");
        let length = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        if tail.starts_with('[') && length > 0 && digits.get(length..).is_some_and(|t| t.starts_with("]:")) {
            rest = digits.get(length + 1..).unwrap_or("");
        } else if tail.starts_with(' ') && out.ends_with("PID:") && length > 0 {
            out += " PID";
            rest = digits.get(length..).unwrap_or("");
        } else {
            out += tail.get(..1).unwrap_or("");
            rest = digits;
        }
    }
    out + rest
}

const QUEUES: [&str; 10] =
    ["maildrop", "incoming", "active", "deferred", "hold", "corrupt", "bounce", "defer", "trace", "flush"];

fn copy_queue(from: &Side, to: &Side) {
    for queue in QUEUES {
        copy(&from.mx.spool().join(queue), &to.mx.spool().join(queue), to.mx.who.uid);
    }
}

fn copy(from: &Path, to: &Path, owner: u32) {
    for entry in fs::read_dir(from).into_iter().flatten().flatten() {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        let Ok(known) = entry.metadata() else { continue };
        if known.is_dir() {
            let _ = fs::create_dir(&target);
            copy(&path, &target, owner);
        } else {
            fs::copy(&path, &target).expect("copy a queue file");
            let file = fs::File::options().write(true).open(&target).expect("open the copy");
            let times = known.modified().expect("the file system keeps times");
            file.set_modified(times).expect("set the copy's time");
        }
        fs::set_permissions(&target, known.permissions()).expect("set the copy's mode");
        debug_assert!(known.permissions().mode() != 0);
        chown(&target, Some(owner), None).expect("give the copy away");
    }
}

#[cfg(test)]
mod tests {
    use super::without_pid;

    #[test]
    fn process_ids_are_left_out() {
        assert_eq!(without_pid("postlog[77]: a [1] b"), "postlog: a [1] b");
        assert_eq!(without_pid("is running: PID: 123"), "is running: PID: PID");
    }
}
