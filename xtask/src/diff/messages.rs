//! Messages: the same text submitted to both; what is delivered to mailboxes and to other hosts, and the log.
//!
//! A case begins with lines about its submission, to an empty line: `sendmail ARGUMENTS` (with shell quoting), or
//! `smtp` with lines `from: ADDRESS`, `to: ADDRESS` and, after an address, ESMTP parameters. The text follows.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use super::Plan;
use super::cases::{Case, CaseFile, bytes};
use super::pair::{Pair, Side};
use super::report::Outcome;

pub fn run(plan: &Plan, file: &CaseFile) -> Vec<Outcome> {
    let pair = Pair::create(plan, file);
    pair.start();
    let wanted = file.cases.iter().filter(|case| plan.wants(&file.full_name(case)));
    wanted.map(|case| same_sizes(pair.compare(file.full_name(case), |side| one(side, case)))).collect()
}

fn one(side: &Side, case: &Case) -> Vec<String> {
    let start = side.log_end();
    let sent = side.sink.messages().len();
    let head = case.lines.iter().position(String::is_empty).unwrap_or(case.lines.len());
    let (how, text) = case.lines.split_at(head);
    let mut message = Vec::new();
    for line in text.iter().skip(1) {
        let (text, end) = bytes(line);
        message.extend_from_slice(&text);
        if end {
            message.push(b'\n');
        }
    }
    let mut shown = submit(side, how, &message);
    settled(side);
    side.log_at_rest(Duration::from_millis(80));

    let mut log = side.log_since(start);
    log.retain(|line| !line.contains("removed (canceled)"));
    let spoken = ["smtpd: connect from", "smtpd: disconnect from", "master: ", "postlogd: "];
    log.retain(|line| !spoken.iter().any(|start| line.starts_with(start)));
    let ids = id_length(&side.mx.log().text(), start);
    // Deliveries are concurrent: their order means nothing.
    log.sort();
    shown.extend(log.into_iter().map(|line| format!("log {line}")));
    shown.push(format!("{IDS}{ids}"));
    let mut mail = mailboxes(side);
    for message in side.sink.messages().iter().skip(sent) {
        let to = message.to.join(" ");
        let text = message.text.replace("\r\n", "\n");
        mail.push((format!("sink {} -> {to}", message.from), text));
    }
    let mut mail: Vec<(String, String)> =
        mail.into_iter().map(|(place, text)| (place, in_order(&side.facts.text(&text)))).collect();
    mail.sort();
    for (place, text) in mail {
        shown.push(format!("== {place}"));
        shown.extend(text.lines().map(|line| format!("| {line}")));
    }
    shown.extend(deferred(side));
    shown
}

const IDS: &str = "queue ids of length ";

/// Sizes count queue ids: they are comparable only where both sides' ids have the same length. Those of notices count
/// their wording, which is compared itself.
fn same_sizes(mut outcome: Outcome) -> Outcome {
    let ids = |lines: &[String]| lines.iter().find(|line| line.starts_with(IDS)).cloned();
    let same = ids(&outcome.reference) == ids(&outcome.ours);
    for lines in [&mut outcome.reference, &mut outcome.ours] {
        lines.retain(|line| !line.starts_with(IDS));
        for line in lines.iter_mut() {
            let notice = line.contains(": from=<>, size=") || line.contains(": from=<double-bounce@");
            if line.starts_with("log ") && (!same || notice) {
                *line = without_size(line);
            }
        }
    }
    outcome
}

fn without_size(line: &str) -> String {
    let Some((head, rest)) = line.split_once(" size=") else { return line.to_string() };
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    format!("{head} size=…{}", rest.get(end..).unwrap_or(""))
}

/// Lengths of the queue ids that the log names after a place.
fn id_length(log: &str, start: usize) -> String {
    let mut lengths: Vec<usize> = Vec::new();
    for line in log.get(start..).unwrap_or("").lines().filter(|line| line.contains("/qmgr[")) {
        let id = line.split(": ").nth(1).unwrap_or("");
        if id.bytes().all(|b| b.is_ascii_alphanumeric()) {
            lengths.push(id.len());
        }
    }
    lengths.sort_unstable();
    lengths.dedup();
    format!("{lengths:?}")
}

/// A notice's paragraphs about one recipient each, in the order of their text: deliveries are concurrent.
fn in_order(text: &str) -> String {
    let about_one = |part: &str| {
        (part.starts_with('<') && part.contains(">:"))
            || (part.starts_with('<') && part.contains("> (expanded from"))
            || part.starts_with("Final-Recipient:")
    };
    let mut parts: Vec<&str> = text.split("\n\n").collect();
    let mut start = 0;
    while start < parts.len() {
        let run = parts.iter().skip(start).take_while(|part| about_one(part)).count();
        if let Some(run) = parts.get_mut(start..start + run) {
            run.sort_unstable();
        }
        start += run + 1;
    }
    parts.join("\n\n")
}

fn submit(side: &Side, how: &[String], message: &[u8]) -> Vec<String> {
    let first = how.first().map_or("", String::as_str);
    if first.starts_with("sendmail") {
        let done = side.script(first, message);
        let mut shown = vec![format!("exit {}", done.code)];
        for text in [&done.out, &done.err] {
            shown.extend(side.facts.text(text).lines().map(str::to_string));
        }
        return shown;
    }
    let mut shown = Vec::new();
    let mut client = side.mx.connect().hello();
    for line in how.iter().skip(1) {
        let command = match line.split_once(": ") {
            Some(("from", path)) => format!("MAIL FROM:{path}"),
            Some(("to", path)) => format!("RCPT TO:{path}"),
            _ => line.clone(),
        };
        shown.push(client.say(&command).text);
    }
    let reply = client.say("DATA");
    if reply.code == 354 {
        for line in message.split_inclusive(|b| *b == b'\n') {
            let text = line.strip_suffix(b"\n").unwrap_or(line);
            client.send(if text.starts_with(b".") { b"." } else { b"" });
            client.send(text);
            client.send(b"\r\n");
        }
        shown.push(client.say(".").text);
    } else {
        shown.push(reply.text);
    }
    client.say("QUIT");
    shown.iter().map(|text| side.facts.text(text.trim_end())).collect()
}

/// Waits until all mail is delivered, sent back or deferred.
fn settled(side: &Side) {
    let end = Instant::now() + Duration::from_secs(20);
    let mut empty = 0;
    // A bounce is queued while its parent is still there: one look between the two may miss both.
    while empty < 3 && Instant::now() < end {
        let idle = ["maildrop", "incoming", "active"].iter().all(|queue| side.mx.queue(queue).is_empty());
        empty = if idle { empty + 1 } else { 0 };
        std::thread::sleep(Duration::from_millis(15));
    }
}

/// Takes all files from the mailboxes: where they were, and their text.
fn mailboxes(side: &Side) -> Vec<(String, String)> {
    let mut found = Vec::new();
    walk(&side.mx.root.join("mail"), &mut |path| {
        if let Ok(text) = fs::read(path) {
            let name = path.strip_prefix(&side.mx.root).unwrap_or(path);
            let folder = if name.components().any(|part| part.as_os_str() == "new") {
                name.parent()
            } else {
                Some(name)
            };
            let folder = folder.map(|folder| folder.display().to_string()).unwrap_or_default();
            // An mbox is emptied in place: its owner keeps it.
            found.push((folder, String::from_utf8_lossy(&text).into_owned()));
            let _ = fs::remove_file(path);
        }
    });
    found
}

/// What is left in the queues that wait, as the queue listing shows it; then removed.
fn deferred(side: &Side) -> Vec<String> {
    let waiting = ["deferred", "hold", "corrupt"].iter().any(|queue| !side.mx.queue(queue).is_empty());
    if !waiting {
        return Vec::new();
    }
    let listed = side.mx.run("postqueue", &["-p"], b"");
    let mut shown: Vec<String> = side.facts.text(&listed.out).lines().map(str::to_string).collect();
    for queue in ["deferred", "hold", "corrupt", "defer"] {
        walk(&side.mx.spool().join(queue), &mut |path| {
            let _ = fs::remove_file(path);
        });
    }
    shown.retain(|line| !line.is_empty());
    shown
}

fn walk(folder: &Path, act: &mut dyn FnMut(&Path)) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            walk(&entry.path(), act);
        } else {
            act(&entry.path());
        }
    }
}
