//! postcat(1): shows the contents of queue files.

mod show;

use command::exit;
use show::{Select, Show, Trouble};
use spool::{Queue, QueueId, Spool};
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "usage: postcat [-b (body text)] [-c config_dir] [-d (decimal record type)] \
    [-e (envelope records)] [-h (header text)] [-q (access queue)] [-v] [file(s)...]";

/// Where a queue id is looked for.
const QUEUES: [Queue; 6] =
    [Queue::Maildrop, Queue::Active, Queue::Incoming, Queue::Deferred, Queue::Hold, Queue::Corrupt];

fn cli() -> clap::Command {
    cli::table("postcat", "Shows queue files; without one of -b -e -h all of each.").args([
        cli::flag('b', "body", "the message body"),
        cli::config_dir(),
        cli::flag('d', "types", "the type of each record, in decimal"),
        cli::flag('e', "envelope", "the envelope"),
        cli::flag('f', "old", "nothing").hide(true),
        cli::flag('h', "header", "the message header"),
        cli::flag('o', "offsets", "the offset of each record"),
        cli::flag('q', "queue", "files are queue ids, looked for in all queues"),
        cli::flag('r', "raw", "records in file order; pointers are not followed"),
        cli::value('s', "start", "offset", "begin there, at a record's offset"),
        cli::verbose().help("the name of each record's type; repeated: log more"),
        cli::operands("file", "queue files; standard input if none"),
    ])
}

fn main() -> ExitCode {
    cli::begin("postcat", cli);
    let options = cli::parse(cli, USAGE);
    // One -v is for the output, more are for the log.
    log::set_verbose(u32::from(options.get_count("verbose")).saturating_sub(1));
    let config = command::configure("postcat", cli::text(&options, "config_dir"));
    let named = Select {
        envelope: options.get_flag("envelope"),
        header: options.get_flag("header"),
        body: options.get_flag("body"),
    };
    let everything = Select { envelope: true, header: true, body: true };
    let show = Show {
        select: if named == Select::default() { everything } else { named },
        names: options.get_count("verbose") > 0,
        types: options.get_flag("types"),
        offsets: options.get_flag("offsets"),
        raw: options.get_flag("raw"),
        start: start_offset(cli::text(&options, "start")),
    };
    let files = cli::texts(&options, "file");
    let mut out = BufWriter::new(io::stdout().lock());
    if options.get_flag("queue") {
        command::enter_queue_directory(config);
        let spool = command::spool(config);
        for name in files {
            let (file, path) = open_id(&spool, name);
            one(&show, file, &path.to_string_lossy(), &mut out);
        }
    } else if files.is_empty() {
        match io::stdin().as_fd().try_clone_to_owned() {
            Ok(input) => one(&show, File::from(input), "stdin", &mut out),
            Err(error) => log::fatal!("stdin: {}", sys::errno_text(&error)),
        }
    } else {
        for name in files {
            match File::open(name) {
                Ok(file) => one(&show, file, &name.to_string_lossy(), &mut out),
                Err(error) => log::fatal!("open {}: {}", Path::new(name).display(), sys::errno_text(&error)),
            }
        }
    }
    match out.flush() {
        Ok(()) => ExitCode::from(exit::OK),
        Err(error) => log::fatal!("write error: {}", sys::errno_text(&error)),
    }
}

fn start_offset(value: Option<&OsStr>) -> Option<u64> {
    let value = value?;
    match value.to_str().and_then(|text| text.parse().ok()) {
        Some(offset) => Some(offset),
        None => log::fatal!("bad offset: {}", Path::new(value).display()),
    }
}

fn one(show: &Show, file: impl Read + io::Seek, name: &str, out: &mut impl Write) {
    let Err(trouble) = show.file(file, name, out) else { return };
    // What could be read comes before what is wrong with the rest.
    let _ = out.flush();
    match trouble {
        // compat: the next file may be one
        Trouble::NotAQueueFile(_) | Trouble::OutOfOrder(..) => log::warning!("{trouble}"),
        Trouble::Read(_) => log::warning!("close {name}: {trouble}"),
        Trouble::Damaged(_) | Trouble::Seek(_) => {
            log::warning!("{name}: {trouble}");
            log::fatal!("record read error");
        }
        _ => log::fatal!("{trouble}"),
    }
}

fn open_id(spool: &Spool, name: &OsStr) -> (File, PathBuf) {
    let Some(id) = QueueId::parse(name.as_bytes()) else {
        log::fatal!("bad mail queue ID: {}", Path::new(name).display());
    };
    // The file may change queue while we look: look twice.
    for queue in QUEUES.iter().chain(&QUEUES) {
        let path = spool.path(*queue, &id);
        match File::open(&path) {
            Ok(file) => return (file, path),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => log::fatal!("open {}: {}", path.display(), sys::errno_text(&error)),
        }
    }
    log::fatal!("open queue file {id}: {}", sys::strerror(2))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_options_are_the_references() {
        super::cli().debug_assert();
        assert_eq!(cli::letters(&super::cli()), "bc:defhoqrs:v");
    }
}
