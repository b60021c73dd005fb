//! What is in the mailboxes in the end.

use std::fs;
use std::path::Path;

use super::ledger::Ledger;
use super::sink::id_of;

/// Enters every message of the Maildirs and mailbox files below `folder` into the ledger.
pub fn read(folder: &Path, ledger: &Ledger) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            if path.file_name().is_some_and(|name| name != "tmp") {
                read(&path, ledger);
            }
            continue;
        }
        let Ok(bytes) = fs::read(&path) else { continue };
        let is_file = path.extension().is_some_and(|e| e == "mbox");
        let when = if is_file { None } else { entry.metadata().and_then(|m| m.modified()).ok() };
        for message in messages(&bytes, is_file) {
            if let (Some(id), Some(to)) = (id_of(message), recipient(message)) {
                ledger.arrived(&id, &[to], when);
            }
        }
    }
}

fn messages(bytes: &[u8], is_file: bool) -> Vec<&[u8]> {
    if !is_file {
        return vec![bytes];
    }
    let mut starts: Vec<usize> =
        bytes.windows(7).enumerate().filter(|(_, w)| w == b"\n\nFrom ").map(|(at, _)| at + 2).collect();
    starts.insert(0, 0);
    starts.push(bytes.len());
    starts.windows(2).filter_map(|pair| bytes.get(*pair.first()?..*pair.last()?)).collect()
}

/// Whom it was sent to: with aliases the address before them.
fn recipient(message: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(message);
    let head = text.split("\n\n").next().unwrap_or("");
    let field = |name: &str| head.lines().find_map(|l| l.strip_prefix(name)).map(|v| v.trim().to_owned());
    field("X-Original-To:").or_else(|| field("Delivered-To:"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mailbox_files_are_split_and_recipients_found() {
        let text =
            b"From a  Mon\nX-Original-To: u0@mx.test\nDelivered-To: joe@mx.test\nX-Fault-Id: one\n\nx\n\n\
            From b  Mon\nDelivered-To: joe@mx.test\nX-Fault-Id: two\n\ny\n\n";
        let found = messages(text, true);
        let said: Vec<_> = found.iter().map(|m| (id_of(m), recipient(m))).collect();
        let pair = |id: &str, to: &str| (Some(id.to_owned()), Some(to.to_owned()));
        assert_eq!(said, [pair("one", "u0@mx.test"), pair("two", "joe@mx.test")]);
        assert_eq!(messages(text, false).len(), 1);
    }
}
