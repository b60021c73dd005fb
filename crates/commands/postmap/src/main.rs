//! postmap(1): builds, changes, asks and lists lookup tables.

mod message;

use std::process::ExitCode;

use clap::{ArgMatches, Command};
use cli::maps::{self, Action};
use tables::tool::{self, Count, Named, Source};
use tables::writer::Writer;
use tables::{Flags, encoded, text};

const USAGE: &str = "usage: postmap [-bfFhimnNoprsuUvw] [-c config_dir] [-d key] [-q key] [map_type:]file...";

fn cli() -> Command {
    cli::table("postmap", "Builds, changes, asks and lists lookup tables.").args(maps::options()).args([
        cli::flag('b', "body", "with \"-q -\": look up the lines of the message's body"),
        cli::flag('h', "header", "with \"-q -\": look up the headers of the message"),
        cli::flag('F', "file-values", "values are names of files, whose contents are stored in base64"),
        cli::flag('m', "mime", "with -b or -h: parse MIME structure"),
        cli::flag('U', "force-utf8", "with -b or -h: keys must be UTF-8 nevertheless"),
    ])
}

fn main() -> ExitCode {
    sys::fs::umask(0o022);
    cli::begin("postmap", cli);
    let options = cli::parse(cli, USAGE);
    let (cf, mut request) = maps::begin("postmap", &options, USAGE, "\t");
    if options.get_flag("file-values") {
        request.flags |= Flags::VALUE_IS_FILE;
    }
    let keys = message_keys(&options, &request.action);
    // Message text as keys need not be UTF-8.
    if (keys.body || keys.header) && !options.get_flag("force-utf8") {
        request.flags |= Flags::NO_UTF8;
    }
    let flags = request.flags;
    let done = match &request.action {
        Action::Query(key) if key == b"-" && keys.any() => {
            message::query(&mut request.tables, flags, keys, request.style, cf)
        }
        _ => request.run(&|table, source, writer, count| fill(table, source, writer, count, flags)),
    };
    if done { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn message_keys(options: &ArgMatches, action: &Action) -> message::Keys {
    let mut keys = message::Keys {
        header: options.get_flag("header"),
        body: options.get_flag("body"),
        mime: options.get_flag("mime"),
    };
    if keys.any() && !matches!(action, Action::Query(key) if key == b"-") {
        log::fatal!("specify -b -h or -m only with \"-q -\"");
    }
    if keys.mime && !keys.header && !keys.body {
        log::warning!("ignoring -m option without -b or -h");
        keys.mime = false;
    }
    keys
}

/// Puts the entries of a `key whitespace value` text into a table.
fn fill(table: &Named, source: &Source, writer: &mut dyn Writer, count: &mut Count, flags: Flags) {
    let utf8 = !flags.has(Flags::NO_UTF8);
    text::for_each_line(&source.name, &source.text, |number, line| {
        let Some(record) = text::record(&source.name, number, line, utf8) else { return };
        if !flags.has(Flags::VALUE_IS_FILE) {
            count.add(tool::put(table, writer, record.key, record.value));
            return;
        }
        match encoded::file_contents(record.value) {
            Ok(value) => count.add(tool::put(table, writer, record.key, &value)),
            Err(why) => log::warning!("{}, line {number}: {why}: skipping this entry", source.name),
        }
    });
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_options_are_the_references() {
        super::cli().debug_assert();
        let mut letters: Vec<char> = cli::letters(&super::cli()).chars().filter(|c| *c != ':').collect();
        letters.sort_unstable();
        assert_eq!(letters.into_iter().collect::<String>(), "FNUbcdfhijmnopqrsuvw");
    }
}
