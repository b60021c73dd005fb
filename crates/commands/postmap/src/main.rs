//! postmap(1): builds, changes, asks and lists lookup tables.

mod message;

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::process::ExitCode;

use config::Config;
use tables::tool::{self, Named, Source};
use tables::writer::Start;
use tables::{Flags, Settings, encoded, text};

const USAGE: &str = "postmap [-bfFhimnNoprsuUvw] [-c config_dir] [-d key] [-q key] [map_type:]file...";

/// What the command line asks for.
struct Request {
    flags: Flags,
    as_owner: bool,
    keep_mode: bool,
    incremental: bool,
    keys: message::Keys,
    tables: Vec<Named>,
}

fn main() -> ExitCode {
    sys::fs::umask(0o022);
    command::begin("postmap", USAGE);
    let usage = format!("usage: {USAGE}");
    let options = command::options_or("Nbc:d:fhiFmnopq:rsuUvw", |error| {
        eprintln!("postmap: {error}");
        log::fatal!("{usage}")
    });
    let mut verbs = 0;
    for (letter, _) in &options.options {
        verbs += u32::from("diqs".contains(*letter));
        if verbs > 1 {
            log::fatal!("specify only one of -d -i -q or -s");
        }
    }
    let cf = command::configure("postmap", options.value('c'));
    tables::configure(Settings::from(cf));

    let mut request = Request {
        flags: flags(cf, &options),
        as_owner: !options.has('o'),
        keep_mode: !options.has('p'),
        incremental: options.has('i'),
        keys: message::Keys { header: options.has('h'), body: options.has('b'), mime: options.has('m') },
        tables: options.operands.iter().map(|operand| Named::new(&operand.to_string_lossy())).collect(),
    };
    if request.tables.is_empty() {
        log::fatal!("{usage}");
    }
    if request.keys.any() && options.value('q') != Some(OsStr::new("-")) {
        log::fatal!("specify -b -h or -m only with \"-q -\"");
    }
    if request.keys.mime && !request.keys.header && !request.keys.body {
        log::warning!("ignoring -m option without -b or -h");
        request.keys.mime = false;
    }

    let done = if let Some(key) = options.value('d') {
        tool::delete(&request.tables, key.as_bytes(), request.flags)
    } else if let Some(key) = options.value('q') {
        query(&mut request, key.as_bytes(), cf)
    } else if options.has('s') {
        // compat: only the first operand is listed.
        request.tables.first_mut().map(|table| tool::list(table, request.flags, "\t")).is_some()
    } else {
        request.tables.iter().for_each(|table| build(&request, table));
        true
    };
    if done { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// How tables are opened and filled, as the option letters say, the last of a group winning.
fn flags(cf: &Config, options: &command::getopt::Options) -> Flags {
    const DUPLICATES: [Flags; 3] = [Flags::DUP_WARN, Flags::DUP_REPLACE, Flags::DUP_IGNORE];
    let duplicates =
        |flags: Flags, choice: Flags| DUPLICATES.into_iter().fold(flags, Flags::without) | choice;
    let mut flags = Flags::FOLD | Flags::DUP_WARN;
    let mut force_utf8 = false;
    for (letter, _) in &options.options {
        match letter {
            'N' => flags = flags.without(Flags::WITHOUT_NUL) | Flags::WITH_NUL,
            'n' => flags = flags.without(Flags::WITH_NUL) | Flags::WITHOUT_NUL,
            'f' => flags = flags.without(Flags::FOLD),
            'F' => flags |= Flags::VALUE_IS_FILE,
            'r' => flags = duplicates(flags, Flags::DUP_REPLACE),
            'w' => flags = duplicates(flags, Flags::DUP_IGNORE),
            'u' => flags |= Flags::NO_UTF8,
            'U' => force_utf8 = true,
            _ => {}
        }
    }
    // Message text as keys need not be UTF-8.
    if !cf.get(config::params::SMTPUTF8_ENABLE) || (options.has('b') || options.has('h')) && !force_utf8 {
        flags |= Flags::NO_UTF8;
    }
    flags
}

fn query(request: &mut Request, key: &[u8], cf: &Config) -> bool {
    match key {
        b"-" if request.keys.any() => message::query(&mut request.tables, request.flags, request.keys, cf),
        b"-" => tool::query_lines(&mut request.tables, request.flags, "\t"),
        key => tool::query_one(&mut request.tables, key, request.flags),
    }
}

/// Makes or adds to one table.
fn build(request: &Request, table: &Named) {
    let (kind, name) = table.parts();
    if kind == "proxy" && !request.incremental {
        log::fatal!("can't create maps via the proxy service");
    }
    let source = Source::open((!request.incremental).then_some(name), request.as_owner, request.keep_mode);
    let start = if request.incremental { Start::Present } else { Start::Empty };
    let mut writer = tool::begin(table, start, request.flags);
    let utf8 = !request.flags.has(Flags::NO_UTF8);
    for (number, line) in text::logical_lines(&source.name, &source.text) {
        let Some(record) = text::record(&source.name, number, &line, utf8) else { continue };
        if !request.flags.has(Flags::VALUE_IS_FILE) {
            tool::put(table, &mut *writer, record.key, record.value);
            continue;
        }
        match encoded::file_contents(record.value) {
            Ok(value) => tool::put(table, &mut *writer, record.key, &value),
            Err(why) => log::warning!("{}, line {number}: {why}: skipping this entry", source.name),
        }
    }
    tool::finish(table, writer);
    source.done();
}
