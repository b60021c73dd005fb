//! What postmap(1) and postalias(1) have in common: their options, and what is done with them. They differ in how a
//! source is read and in how an entry is shown.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use clap::{Arg, ArgAction, ArgMatches};
use config::Config;
use tables::tool::{self, Count, Named, Source, Style};
use tables::writer::{Start, Writer};
use tables::{Flags, Settings};

use crate::{config_dir, flag, operands, text, texts, value, verbose};

/// The options that both have, for [`crate::table`].
pub fn options() -> Vec<Arg> {
    let many = |arg: Arg| arg.action(ArgAction::Append);
    vec![
        flag('N', "with-nul", "keys and values end with a null byte").overrides_with("without-nul"),
        config_dir(),
        many(value(
            'd',
            "delete",
            "key",
            "delete the key, or those on standard input (\"-\"); status 0 if there was one",
        )),
        flag('f', "keep-case", "keys are not folded to lower case"),
        flag('i', "incremental", "read entries from standard input and add them to the table")
            .action(ArgAction::Count),
        flag('j', "json", "with -q or -s: show entries as JSON"),
        flag('n', "without-nul", "keys and values end without a null byte").overrides_with("with-nul"),
        flag('o', "as-root", "keep root's rights though the source file is not root's"),
        flag('p', "new-mode", "do not copy the source file's permissions"),
        many(value(
            'q',
            "query",
            "key",
            "look up the key, or those on standard input (\"-\"); status 0 if found",
        )),
        flag('r', "replace", "a key that comes twice replaces the one before").overrides_with("ignore"),
        flag('s', "list", "list all entries").action(ArgAction::Count),
        flag('u', "bytes", "keys and values need not be UTF-8"),
        verbose(),
        flag('w', "ignore", "a key that comes twice is ignored without a warning").overrides_with("replace"),
        operands("file", "tables, each as [map_type:]file"),
    ]
}

/// What the command line asks for.
pub struct Request {
    /// How tables are opened and filled.
    pub flags: Flags,
    /// What is done.
    pub action: Action,
    /// The operands.
    pub tables: Vec<Named>,
    /// How answers are printed.
    pub style: Style,
    as_owner: bool,
    keep_mode: bool,
}

/// What is done with the tables.
pub enum Action {
    /// `-d key`
    Delete(Vec<u8>),
    /// `-q key`
    Query(Vec<u8>),
    /// `-s`
    List,
    /// Neither; with `-i` true.
    Build(bool),
}

/// Reads main.cf and the options that both programs have; all that is wrong with them is fatal.
pub fn begin(
    program: &'static str,
    matches: &ArgMatches,
    usage: &str,
    separator: &'static str,
) -> (&'static Config, Request) {
    let (delete, query) = (texts(matches, "delete"), texts(matches, "query"));
    let (list, incremental) = (matches.get_count("list"), matches.get_count("incremental"));
    if delete.len() + query.len() + usize::from(list) + usize::from(incremental) > 1 {
        log::fatal!("specify only one of -d -i -q or -s");
    }
    let json = matches.get_flag("json");
    if json && query.is_empty() && list == 0 {
        log::fatal!("option -j requires -q or -s");
    }
    let cf = command::configure(program, text(matches, "config_dir"));
    // What a helper may read is what this process may.
    tables::configure(Settings { helper_owner: None, ..Settings::from(cf) });
    let tables: Vec<Named> =
        texts(matches, "file").iter().map(|operand| Named::new(&operand.to_string_lossy())).collect();
    if tables.is_empty() {
        log::fatal!("{usage}");
    }
    let key = |given: &[&OsStr]| given.last().map(|key| key.as_bytes().to_vec());
    let action = match (key(&delete), key(&query)) {
        (Some(key), _) => Action::Delete(key),
        (_, Some(key)) => Action::Query(key),
        _ if list > 0 => Action::List,
        _ => Action::Build(incremental > 0),
    };
    let request = Request {
        flags: flags(cf, matches),
        action,
        tables,
        style: Style { separator, json },
        as_owner: !matches.get_flag("as-root"),
        keep_mode: !matches.get_flag("new-mode"),
    };
    (cf, request)
}

fn flags(cf: &Config, matches: &ArgMatches) -> Flags {
    let mut flags = Flags::FOLD | Flags::DUP_WARN;
    if matches.get_flag("keep-case") {
        flags = flags.without(Flags::FOLD);
    }
    if matches.get_flag("replace") || matches.get_flag("ignore") {
        flags = flags.without(Flags::DUP_WARN);
    }
    for (name, flag) in [
        ("with-nul", Flags::WITH_NUL),
        ("without-nul", Flags::WITHOUT_NUL),
        ("replace", Flags::DUP_REPLACE),
        ("ignore", Flags::DUP_IGNORE),
        ("bytes", Flags::NO_UTF8),
    ] {
        if matches.get_flag(name) {
            flags |= flag;
        }
    }
    if !cf.get(config::params::SMTPUTF8_ENABLE) {
        flags |= Flags::NO_UTF8;
    }
    flags
}

/// Fills a table from its source.
pub type Fill<'a> = dyn Fn(&Named, &Source, &mut dyn Writer, &mut Count) + 'a;

impl Request {
    /// Does what is asked; `fill` puts the entries of a source into a table. False: nothing was found.
    pub fn run(mut self, fill: &Fill<'_>) -> bool {
        match &self.action {
            Action::Delete(key) => tool::delete(&self.tables, key, self.flags),
            Action::Query(key) if key == b"-" => tool::query_lines(&mut self.tables, self.flags, self.style),
            Action::Query(key) => tool::query_one(&mut self.tables, key, self.flags, self.style),
            Action::List => {
                // compat: only the first operand is listed.
                self.tables.first_mut().map(|table| tool::list(table, self.flags, self.style)).is_some()
            }
            Action::Build(incremental) => {
                for table in &self.tables {
                    self.build(table, *incremental, fill);
                }
                true
            }
        }
    }

    /// Makes or adds to one table.
    fn build(&self, table: &Named, incremental: bool, fill: &Fill<'_>) {
        let (kind, name) = table.parts();
        if kind == "proxy" && !incremental {
            log::fatal!("can't create maps via the proxy service");
        }
        let mut count = Count::start();
        let source = Source::open((!incremental).then_some(name), self.as_owner, self.keep_mode);
        let start = if incremental { Start::Present } else { Start::Empty };
        let mut writer = tool::begin(table, start, self.flags);
        fill(table, &source, &mut *writer, &mut count);
        tool::finish(table, writer);
        source.done();
        count.show(table);
    }
}
