//! postalias(1): builds, changes, asks and lists alias tables.

use std::os::unix::ffi::OsStrExt;
use std::process::ExitCode;

use bstr::BString;
use config::params::{MYHOSTNAME, SMTPUTF8_ENABLE};
use mail::rfc822::{self, Token};
use tables::tool::{self, Named, Source};
use tables::writer::Start;
use tables::{Flags, Settings, text};

const USAGE: &str = "postalias [-Nfinoprsuvw] [-c config_dir] [-d key] [-q key] [map_type:]file...";

fn main() -> ExitCode {
    sys::fs::umask(0o022);
    command::begin("postalias", USAGE);
    let usage = format!("usage: {USAGE}");
    let options = command::options_or("Nc:d:finopq:rsuvw", |error| {
        eprintln!("postalias: {error}");
        log::fatal!("{usage}")
    });
    let mut verbs = 0;
    for (letter, _) in &options.options {
        verbs += u32::from("dqs".contains(*letter));
        if verbs > 1 {
            log::fatal!("specify only one of -s -q or -d");
        }
    }
    let cf = command::configure("postalias", options.value('c'));
    tables::configure(Settings::from(cf));
    let mut flags = flags(&options);
    if !cf.get(SMTPUTF8_ENABLE) {
        flags |= Flags::NO_UTF8;
    }
    let mut tables: Vec<Named> =
        options.operands.iter().map(|operand| Named::new(&operand.to_string_lossy())).collect();
    if tables.is_empty() {
        log::fatal!("{usage}");
    }
    let done = if let Some(key) = options.value('d') {
        tool::delete(&tables, key.as_bytes(), flags)
    } else if let Some(key) = options.value('q') {
        match key.as_bytes() {
            b"-" => tool::query_lines(&mut tables, flags, ":\t"),
            key => tool::query_one(&mut tables, key, flags),
        }
    } else if options.has('s') {
        tables.first_mut().map(|table| tool::list(table, flags, ":\t")).is_some()
    } else {
        for table in &tables {
            let (_, name) = table.parts();
            let incremental = options.has('i');
            let source = Source::open((!incremental).then_some(name), !options.has('o'), !options.has('p'));
            build(table, &source, incremental, flags, cf.get(MYHOSTNAME));
            source.done();
        }
        true
    };
    if done { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// How tables are opened and filled, as the option letters say, the last of a group winning.
fn flags(options: &command::getopt::Options) -> Flags {
    const DUPLICATES: [Flags; 3] = [Flags::DUP_WARN, Flags::DUP_REPLACE, Flags::DUP_IGNORE];
    let duplicates =
        |flags: Flags, choice: Flags| DUPLICATES.into_iter().fold(flags, Flags::without) | choice;
    let mut flags = Flags::FOLD | Flags::DUP_WARN;
    for (letter, _) in &options.options {
        match letter {
            'N' => flags = flags.without(Flags::WITHOUT_NUL) | Flags::WITH_NUL,
            'n' => flags = flags.without(Flags::WITH_NUL) | Flags::WITHOUT_NUL,
            'f' => flags = flags.without(Flags::FOLD),
            'r' => flags = duplicates(flags, Flags::DUP_REPLACE),
            'w' => flags = duplicates(flags, Flags::DUP_IGNORE),
            'u' => flags |= Flags::NO_UTF8,
            _ => {}
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
