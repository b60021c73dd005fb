//! Looks after logs that nobody asks for: mail is tried once in a while, empty logs go.

use crate::State;
use crate::log_file::{self, DeadSites};
use config::params::FAST_FLUSH_PURGE_TIME;
use daemon::Context;
use spool::Queue;
use std::fs::{self, DirEntry};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// Goes through all logs: one that is empty and unchanged for `fast_flush_purge_time` is removed,
/// one that was not read for `age` has its mail delivered.
pub fn run(context: &Context<State>, age: Duration) {
    let mut directories = vec![context.state.spool.directory(Queue::Flush)];
    while let Some(directory) = directories.pop() {
        let entries = match fs::read_dir(&directory) {
            Ok(entries) => entries,
            Err(error) => {
                log::warning!("scan {}: {}", directory.display(), sys::errno_text(&error));
                continue;
            }
        };
        for entry in entries.flatten() {
            let is_directory = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_directory && entry.file_name().len() == 1 && directories.len() < 4096 {
                directories.push(entry.path());
            } else if !is_directory {
                one(context, &entry, age);
            }
        }
    }
}

fn one(context: &Context<State>, entry: &DirEntry, age: Duration) {
    let Ok(meta) = entry.metadata() else { return };
    let past = |time: std::io::Result<SystemTime>| {
        time.ok().and_then(|time| SystemTime::now().duration_since(time).ok()).unwrap_or_default()
    };
    let path = entry.path();
    if meta.len() == 0 {
        if past(meta.modified()) > context.config.get(FAST_FLUSH_PURGE_TIME) {
            remove(&path);
        }
    } else if past(meta.accessed()) >= age {
        log_file::send_named(context, entry.file_name().as_bytes(), DeadSites::Remember);
    }
}

fn remove(path: &Path) {
    match fs::remove_file(path) {
        Ok(()) => log::debug!("unlink {}, empty and unchanged", path.display()),
        Err(error) => log::warning!("remove logfile {}: {}", path.display(), sys::errno_text(&error)),
    }
}
