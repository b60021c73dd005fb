//! postmap(1): builds, changes, asks and lists lookup tables.

mod message;

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::process::ExitCode;

use clap::{ArgAction, ArgMatches, Command};
use config::Config;
use tables::tool::{self, Named, Source};
use tables::writer::Start;
use tables::{Flags, Settings, encoded, text};

const USAGE: &str = "usage: postmap [-bfFhimnNoprsuUvw] [-c config_dir] [-d key] [-q key] [map_type:]file...";

/// What the command line asks for.
struct Request {
    flags: Flags,
    as_owner: bool,
    keep_mode: bool,
    incremental: bool,
    keys: message::Keys,
    tables: Vec<Named>,
}

fn cli() -> Command {
    cli::table("postmap", "Builds, changes, asks and lists lookup tables.").args([
        cli::flag('N', "with-nul", "keys and values end with a null byte").overrides_with("without-nul"),
        cli::flag('b', "body", "with \"-q -\": look up the lines of the message's body"),
        cli::config_dir(),
        cli::value('d', "delete", "key", "delete the key; status 0 if there was one")
            .action(ArgAction::Append),
        cli::flag('f', "keep-case", "keys are not folded to lower case"),
        cli::flag('h', "header", "with \"-q -\": look up the headers of the message"),
        cli::flag('i', "incremental", "read entries from standard input and add them to the table")
            .action(ArgAction::Count),
        cli::flag('F', "file-values", "values are names of files, whose contents are stored in base64"),
        cli::flag('m', "mime", "with -b or -h: parse MIME structure"),
        cli::flag('n', "without-nul", "keys and values end without a null byte").overrides_with("with-nul"),
        cli::flag('o', "as-root", "keep root's rights though the source file is not root's"),
        cli::flag('p', "new-mode", "do not copy the source file's permissions"),
        cli::value(
            'q',
            "query",
            "key",
            "look up the key, or those on standard input (\"-\"); status 0 if found",
        )
        .action(ArgAction::Append),
        cli::flag('r', "replace", "a key that comes twice replaces the one before").overrides_with("ignore"),
        cli::flag('s', "list", "list all entries").action(ArgAction::Count),
        cli::flag('u', "bytes", "keys and values need not be UTF-8"),
        cli::flag('U', "force-utf8", "with -b or -h: keys must be UTF-8 nevertheless"),
        cli::verbose(),
        cli::flag('w', "ignore", "a key that comes twice is ignored without a warning")
            .overrides_with("replace"),
        cli::operands("file", "tables, each as [map_type:]file"),
    ])
}

fn main() -> ExitCode {
    sys::fs::umask(0o022);
    cli::begin("postmap", cli);
    let options = cli::parse(cli, USAGE);
    let keys = cli::texts(&options, "delete").len() + cli::texts(&options, "query").len();
    if keys + usize::from(options.get_count("list")) + usize::from(options.get_count("incremental")) > 1 {
        log::fatal!("specify only one of -d -i -q or -s");
    }
    let cf = command::configure("postmap", cli::text(&options, "config_dir"));
    tables::configure(Settings::from(cf));

    let mut request = Request {
        flags: flags(cf, &options),
        as_owner: !options.get_flag("as-root"),
        keep_mode: !options.get_flag("new-mode"),
        incremental: options.get_count("incremental") > 0,
        keys: message::Keys {
            header: options.get_flag("header"),
            body: options.get_flag("body"),
            mime: options.get_flag("mime"),
        },
        tables: cli::texts(&options, "file")
            .iter()
            .map(|operand| Named::new(&operand.to_string_lossy()))
            .collect(),
    };
    if request.tables.is_empty() {
        log::fatal!("{USAGE}");
    }
    if request.keys.any() && cli::text(&options, "query") != Some(OsStr::new("-")) {
        log::fatal!("specify -b -h or -m only with \"-q -\"");
    }
    if request.keys.mime && !request.keys.header && !request.keys.body {
        log::warning!("ignoring -m option without -b or -h");
        request.keys.mime = false;
    }

    let done = if let Some(key) = cli::text(&options, "delete") {
        tool::delete(&request.tables, key.as_bytes(), request.flags)
    } else if let Some(key) = cli::text(&options, "query") {
        query(&mut request, key.as_bytes(), cf)
    } else if options.get_count("list") > 0 {
        // compat: only the first operand is listed.
        request.tables.first_mut().map(|table| tool::list(table, request.flags, "\t")).is_some()
    } else {
        request.tables.iter().for_each(|table| build(&request, table));
        true
    };
    if done { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// How tables are opened and filled, as the options say.
fn flags(cf: &Config, options: &ArgMatches) -> Flags {
    let mut flags = Flags::FOLD | Flags::DUP_WARN;
    if options.get_flag("keep-case") {
        flags = flags.without(Flags::FOLD);
    }
    if options.get_flag("replace") || options.get_flag("ignore") {
        flags = flags.without(Flags::DUP_WARN);
    }
    for (name, flag) in [
        ("with-nul", Flags::WITH_NUL),
        ("without-nul", Flags::WITHOUT_NUL),
        ("replace", Flags::DUP_REPLACE),
        ("ignore", Flags::DUP_IGNORE),
        ("bytes", Flags::NO_UTF8),
        ("file-values", Flags::VALUE_IS_FILE),
    ] {
        if options.get_flag(name) {
            flags |= flag;
        }
    }
    // Message text as keys need not be UTF-8.
    if !cf.get(config::params::SMTPUTF8_ENABLE)
        || (options.get_flag("body") || options.get_flag("header")) && !options.get_flag("force-utf8")
    {
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

#[cfg(test)]
mod tests {
    #[test]
    fn the_options_are_the_references() {
        super::cli().debug_assert();
        assert_eq!(cli::letters(&super::cli()), "Nbc:d:fhiFmnopq:rsuUvw");
    }
}
