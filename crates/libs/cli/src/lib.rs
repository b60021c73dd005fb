//! Command lines of the tools: each has one `clap` table of its options, and that says everything.
//!
//! | from the table | for |
//! |---|---|
//! | [`letters`] | getopt, which is the only one to read what the user typed |
//! | [`begin`], [`answer`] | `--help` and `--version` |
//! | [`parse`] | matches: the program reads what was given by name |
//! | [`walk`] | the options in the order given, for programs in which a later one builds on an earlier |
//!
//! compat: clap would take the `=` of `-f=me` for its own, give `-q` the recipient behind it, find options behind
//! operands, and exit with 2. So it gets what getopt understood, in the canonical form: each option a word, its
//! value the next, `--`, operands.
//!
//! The set-gid tools use `command` alone.
//!
//! ```
//! use clap::Command;
//!
//! fn cli() -> Command {
//!     cli::table("postkick", "Wakes a service.")
//!         .args([cli::config_dir(), cli::verbose(), cli::operands("words", "what is sent")])
//! }
//! assert_eq!(cli::letters(&cli()), "c:v");
//! ```

pub mod maps;

use clap::builder::ValueParser;
use clap::{Arg, ArgAction, ArgMatches, Command};
use command::getopt::{self, Options};
use std::env;
use std::ffi::{OsStr, OsString};

/// An empty table for a tool that does what `about` says.
pub fn table(name: &'static str, about: &'static str) -> Command {
    // Letters are all the reference's, `-h` and `-V` too; an option given again replaces the one before.
    Command::new(name)
        .about(about)
        .disable_help_flag(true)
        .disable_version_flag(true)
        .args_override_self(true)
}

/// An option without value.
pub fn flag(letter: char, name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).short(letter).action(ArgAction::SetTrue).help(help)
}

/// An option beyond the reference's, which has no letter; the program looks for it itself.
pub fn long(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
}

/// An option with a value, called `what` in the help text.
pub fn value(letter: char, name: &'static str, what: &'static str, help: &'static str) -> Arg {
    Arg::new(name)
        .short(letter)
        .value_name(what)
        .value_parser(ValueParser::os_string())
        .allow_hyphen_values(true)
        .help(help)
}

/// `-c config_dir`, as nearly all tools have it.
pub fn config_dir() -> Arg {
    value('c', "config_dir", "config_dir", "directory of main.cf and master.cf")
}

/// `-v`, as nearly all tools have it.
pub fn verbose() -> Arg {
    flag('v', "verbose", "log more; may be repeated").action(ArgAction::Count)
}

/// An operand that must be there.
pub fn operand(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).required(true).value_parser(ValueParser::os_string()).help(help)
}

/// Any number of operands, as the last of the table; `.required(true)` asks for one at least.
pub fn operands(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).num_args(1..).value_parser(ValueParser::os_string()).help(help)
}

/// First thing in a tool's main: see [`command::begin`]; answers `--help` and `--version`.
pub fn begin(program: &'static str, table: fn() -> Command) {
    command::begin(program);
    answer(table);
}

/// Answers `--help` and `--version` where one is the first argument: prints and exits.
pub fn answer(table: fn() -> Command) {
    let first = env::args_os().nth(1);
    let Some(wish @ ("--help" | "--version")) = first.as_deref().and_then(OsStr::to_str) else { return };
    if let Err(answer) = with_answers(table()).try_get_matches_from(["", wish]) {
        answer.exit()
    }
}

fn with_answers(table: Command) -> Command {
    table.version(command::version()).args([
        Arg::new("help").long("help").action(ArgAction::Help).help("print this text"),
        Arg::new("version").long("version").action(ArgAction::Version).help("print the version"),
    ])
}

/// The table's option letters as getopt wants them: a colon behind those that take a value.
pub fn letters(table: &Command) -> String {
    let mut letters = String::new();
    for option in table.get_arguments() {
        letters.extend(option.get_short());
        if option.get_short().is_some() && option.get_action().takes_values() {
            letters.push(':');
        }
    }
    letters
}

/// Parses the command line; a bad one is fatal with `usage`. Each `-v` raises the verbosity.
pub fn parse(table: fn() -> Command, usage: &str) -> ArgMatches {
    parse_or_exit(table, 1, usage)
}

/// As [`parse`]; a bad command line exits with this status.
pub fn parse_or_exit(table: fn() -> Command, status: i32, usage: &str) -> ArgMatches {
    let table = table();
    let name = table.get_name().to_owned();
    let given = getopt::parse(&letters(&table), env::args_os().skip(1)).unwrap_or_else(|error| {
        // compat: as the C library says it, for people only
        eprintln!("{name}: {error}");
        log::fatal_status!(status, "{usage}")
    });
    let verbose = given.count('v');
    if verbose > 0 {
        log::set_verbose(verbose);
    }
    matches(table, &given).unwrap_or_else(|_| log::fatal_status!(status, "{usage}"))
}

/// The options in the order given, and the operands; a bad command line is fatal with `usage`.
pub fn walk(table: fn() -> Command, arguments: impl IntoIterator<Item = OsString>, usage: &str) -> Options {
    let table = table();
    getopt::parse(&letters(&table), arguments).unwrap_or_else(|error| {
        eprintln!("{}: {error}", table.get_name());
        log::fatal!("{usage}")
    })
}

/// What clap makes of what getopt understood. Only the number of operands can still be wrong.
fn matches(table: Command, given: &Options) -> Result<ArgMatches, clap::Error> {
    let mut canonical = vec![OsString::new()];
    for (letter, value) in &given.options {
        canonical.push(format!("-{letter}").into());
        canonical.extend(value.clone());
    }
    canonical.push("--".into());
    canonical.extend(given.operands.iter().cloned());
    table.try_get_matches_from(canonical)
}

/// The value given to an option or operand.
pub fn text<'a>(matches: &'a ArgMatches, name: &str) -> Option<&'a OsStr> {
    matches.get_one::<OsString>(name).map(OsString::as_os_str)
}

/// All values given to an option that appends, or to operands.
pub fn texts<'a>(matches: &'a ArgMatches, name: &str) -> Vec<&'a OsStr> {
    matches.get_many::<OsString>(name).unwrap_or_default().map(OsString::as_os_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Command {
        table("sample", "Shows how it is done.").args([
            flag('a', "all", "everything"),
            flag('4', "four", "a digit").overrides_with("hash"),
            flag('#', "hash", "a sign").overrides_with("four"),
            value('q', "query", "key", "ask").action(ArgAction::Append),
            flag('p', "old", "nothing").hide(true),
            config_dir(),
            verbose(),
            operand("first", "one"),
            operands("rest", "more"),
        ])
    }

    fn given(line: &str) -> Result<ArgMatches, clap::Error> {
        let words = line.split(' ').map(OsString::from);
        matches(sample(), &getopt::parse(&letters(&sample()), words).unwrap())
    }

    #[test]
    fn the_table_gives_the_letters() {
        sample().debug_assert();
        assert_eq!(letters(&sample()), "a4#q:pc:v");
        assert_eq!(letters(&with_answers(sample())), letters(&sample()));
    }

    #[test]
    fn values_and_operands_are_what_getopt_says() {
        let found = given("-avq=me -c -- -q -x -v op -a --help").unwrap();
        assert!(found.get_flag("all") && !found.get_flag("old"));
        assert_eq!(found.get_count("verbose"), 2);
        assert_eq!(texts(&found, "query"), ["=me", "-x"]);
        assert_eq!(text(&found, "config_dir"), Some(OsStr::new("--")));
        assert_eq!(text(&found, "first"), Some(OsStr::new("op")));
        assert_eq!(texts(&found, "rest"), ["-a", "--help"]);
        let found = given("-aa -c x -c  -- ").unwrap();
        assert_eq!(text(&found, "config_dir"), Some(OsStr::new("")));
        assert_eq!(texts(&found, "first"), [""]);
        assert!(given("-a").is_err());
    }

    #[test]
    fn the_last_of_a_group_wins() {
        for (line, four, hash) in [("-4#4 x", true, false), ("-4 -4 -# x", false, true), ("x", false, false)]
        {
            let found = given(line).unwrap();
            assert_eq!((found.get_flag("four"), found.get_flag("hash")), (four, hash), "{line}");
        }
    }

    #[test]
    fn help_and_version() {
        let said = |wish: &str| with_answers(sample()).try_get_matches_from(["", wish]).unwrap_err();
        assert_eq!(
            said("--version").to_string(),
            format!("sample (ferropost) {}, as of Postfix {}\n", config_version(), "3.11.7")
        );
        let help = said("--help").to_string();
        assert!(
            help.starts_with("Shows how it is done.\n\nUsage: sample [OPTIONS] <first> [rest]...\n"),
            "{help}"
        );
        assert!(help.contains("  -q <key>") && help.contains("--version") && !help.contains("-p"), "{help}");
        assert_eq!((said("--help").exit_code(), said("--help").use_stderr()), (0, false));
    }

    fn config_version() -> &'static str {
        env!("CARGO_PKG_VERSION")
    }
}
