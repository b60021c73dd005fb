//! postalias(1): builds, changes, asks and lists alias tables.

use std::os::unix::ffi::OsStrExt;
use std::process::ExitCode;

use bstr::BString;
use clap::{ArgAction, ArgMatches, Command};
use config::params::{MYHOSTNAME, SMTPUTF8_ENABLE};
use mail::rfc822::{self, Token};
use tables::tool::{self, Named, Source};
use tables::writer::Start;
use tables::{Flags, Settings, text};

const USAGE: &str = "usage: postalias [-Nfinoprsuvw] [-c config_dir] [-d key] [-q key] [map_type:]file...";

fn cli() -> Command {
    cli::table("postalias", "Builds, changes, asks and lists alias tables.").args([
        cli::flag('N', "with-nul", "keys and values end with a null byte").overrides_with("without-nul"),
        cli::config_dir(),
        cli::value('d', "delete", "key", "delete the key; status 0 if there was one")
            .action(ArgAction::Append),
        cli::flag('f', "keep-case", "keys are not folded to lower case"),
        cli::flag('i', "incremental", "read entries from standard input and add them to the table"),
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
        cli::verbose(),
        cli::flag('w', "ignore", "a key that comes twice is ignored without a warning")
            .overrides_with("replace"),
        cli::operands("file", "tables, each as [map_type:]file"),
    ])
}

fn main() -> ExitCode {
    sys::fs::umask(0o022);
    cli::begin("postalias", cli);
    let options = cli::parse(cli, USAGE);
    let keys = cli::texts(&options, "delete").len() + cli::texts(&options, "query").len();
    if keys + usize::from(options.get_count("list")) > 1 {
        log::fatal!("specify only one of -s -q or -d");
    }
    let cf = command::configure("postalias", cli::text(&options, "config_dir"));
    tables::configure(Settings::from(cf));
    let mut flags = flags(&options);
    if !cf.get(SMTPUTF8_ENABLE) {
        flags |= Flags::NO_UTF8;
    }
    let mut tables: Vec<Named> =
        cli::texts(&options, "file").iter().map(|operand| Named::new(&operand.to_string_lossy())).collect();
    if tables.is_empty() {
        log::fatal!("{USAGE}");
    }
    let done = if let Some(key) = cli::text(&options, "delete") {
        tool::delete(&tables, key.as_bytes(), flags)
    } else if let Some(key) = cli::text(&options, "query") {
        match key.as_bytes() {
            b"-" => tool::query_lines(&mut tables, flags, ":\t"),
            key => tool::query_one(&mut tables, key, flags),
        }
    } else if options.get_count("list") > 0 {
        tables.first_mut().map(|table| tool::list(table, flags, ":\t")).is_some()
    } else {
        for table in &tables {
            let (_, name) = table.parts();
            let incremental = options.get_flag("incremental");
            let source = Source::open(
                (!incremental).then_some(name),
                !options.get_flag("as-root"),
                !options.get_flag("new-mode"),
            );
            build(table, &source, incremental, flags, cf.get(MYHOSTNAME));
            source.done();
        }
        true
    };
    if done { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// How tables are opened and filled, as the options say.
fn flags(options: &ArgMatches) -> Flags {
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
    ] {
        if options.get_flag(name) {
            flags |= flag;
        }
    }
    flags
}

fn build(table: &Named, source: &Source, incremental: bool, flags: Flags, hostname: &str) {
    let start = if incremental { Start::Present } else { Start::Empty };
    let mut writer = tool::begin(table, start, flags);
    for (number, line) in text::logical_lines(&source.name, &source.text) {
        if !flags.has(Flags::NO_UTF8) && std::str::from_utf8(&line).is_err() {
            log::warning!("{}, line {number}: non-UTF-8 input \"{line}\" -- ignoring this line", source.name);
            continue;
        }
        match alias(&line) {
            Ok(Some((name, value))) => tool::put(table, &mut *writer, &name, &value),
            Ok(None) => {}
            Err(why) => log::warning!("{}, line {number}: {why}", source.name),
        }
    }
    if incremental {
        writer.replace_duplicates();
    }
    // Marks for sendmail and NIS clients: the table is complete; when and where it was made.
    tool::put(table, &mut *writer, b"@", b"@");
    writer.put_raw(b"YP_LAST_MODIFIED", format!("{:010}", sys::clock::now()).as_bytes());
    writer.put_raw(b"YP_MASTER_NAME", hostname.as_bytes());
    tool::finish(table, writer);
}

/// Splits `name: value, …` at its colon: the name in internal, the value in external form. Blank: `None`.
fn alias(line: &[u8]) -> Result<Option<(BString, BString)>, &'static str> {
    let tokens = rfc822::scan(line, 0);
    if tokens.is_empty() {
        return Ok(None);
    }
    let is = |token: &Token, op: u8| *token == Token::Op(op);
    let need = "need name:value pair";
    let colon = tokens.iter().position(|token| is(token, b':')).ok_or(need)?;
    let (name, rest) = tokens.split_at(colon);
    let value = rest.get(1..).unwrap_or_default();
    if name.is_empty() || value.is_empty() || name.iter().any(|token| is(token, b',')) {
        return Err(need);
    }
    if name.iter().any(|token| is(token, b'@') || is(token, b'%')) {
        return Err("name must be local and have no domain");
    }
    Ok(Some((rfc822::internal(name), rfc822::external(value, false))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_options_are_the_references() {
        super::cli().debug_assert();
        assert_eq!(cli::letters(&super::cli()), "Nc:d:finopq:rsuvw");
    }

    #[test]
    fn aliases() {
        let both = |line: &str| {
            alias(line.as_bytes())
                .map(|found| found.map(|(name, value)| (name.to_string(), value.to_string())))
        };
        let found = |name: &str, value: &str| Ok(Some((name.to_owned(), value.to_owned())));
        assert_eq!(both("root: joe"), found("root", "joe"));
        assert_eq!(both("\"a b\": \"|prog arg\", :include:/x"), found("a b", "\"|prog arg\", :include:/x"));
        assert_eq!(both("x:/dev/null"), found("x", "/dev/null"));
        for (line, why) in [
            ("nocolon", "need name:value pair"),
            ("a:", "need name:value pair"),
            (":b", "need name:value pair"),
            ("a,b: c", "need name:value pair"),
            ("a@b: c", "name must be local and have no domain"),
        ] {
            assert_eq!(both(line), Err(why), "{line}");
        }
        assert_eq!(both(""), Ok(None));
    }
}
