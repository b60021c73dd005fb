//! postalias(1): builds, changes, asks and lists alias tables.

use std::process::ExitCode;

use bstr::{BString, ByteSlice};
use clap::Command;
use cli::maps::{self, Action};
use config::params::MYHOSTNAME;
use mail::rfc822::{self, Token};
use tables::tool::{self, Count, Named, Source};
use tables::writer::Writer;
use tables::{Flags, text};

const USAGE: &str = "usage: postalias [-Nfinoprsuvw] [-c config_dir] [-d key] [-q key] [map_type:]file...";

fn cli() -> Command {
    cli::table("postalias", "Builds, changes, asks and lists alias tables.").args(maps::options())
}

fn main() -> ExitCode {
    sys::fs::umask(0o022);
    cli::begin("postalias", cli);
    let options = cli::parse(cli, USAGE);
    let (cf, request) = maps::begin("postalias", &options, USAGE, ":\t");
    let flags = request.flags;
    let incremental = matches!(request.action, Action::Build(true));
    let done = request.run(&|table, source, writer, count| {
        fill(table, source, writer, count, flags);
        if incremental {
            writer.replace_duplicates();
        }
        // Marks for sendmail and NIS clients: the table is complete; when and where it was made.
        tool::put(table, writer, b"@", b"@");
        writer.put_raw(b"YP_LAST_MODIFIED", format!("{:010}", sys::clock::now()).as_bytes());
        writer.put_raw(b"YP_MASTER_NAME", cf.get(MYHOSTNAME).as_bytes());
    });
    if done { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Puts the entries of an alias file into a table.
fn fill(table: &Named, source: &Source, writer: &mut dyn Writer, count: &mut Count, flags: Flags) {
    text::for_each_line(&source.name, &source.text, |number, line| {
        if !flags.has(Flags::NO_UTF8) && std::str::from_utf8(line).is_err() {
            let line = line.as_bstr();
            log::warning!("{}, line {number}: non-UTF-8 input \"{line}\" -- ignoring this line", source.name);
            return;
        }
        match alias(line) {
            Ok(Some((name, value))) => count.add(tool::put(table, writer, &name, &value)),
            Ok(None) => {}
            Err(why) => log::warning!("{}, line {number}: {why}", source.name),
        }
    });
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
        let mut letters: Vec<char> = cli::letters(&super::cli()).chars().filter(|c| *c != ':').collect();
        letters.sort_unstable();
        assert_eq!(letters.into_iter().collect::<String>(), "Ncdfijnopqrsuvw");
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
