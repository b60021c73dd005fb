//! The command line, and which options go together.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::output;

/// What a command line asks for.
#[derive(Debug, Default)]
pub struct Options {
    pub target: Target,
    pub action: Action,
    /// `-c` or MAIL_CONFIG, if given.
    pub explicit_directory: Option<PathBuf>,
    /// `-d`
    pub defaults: bool,
    /// `-n`
    pub only_set: bool,
    /// `-h`
    pub hide_names: bool,
    /// `-H`
    pub hide_values: bool,
    /// `-x`
    pub expand: bool,
    /// `-f`
    pub fold: bool,
    /// `-j`
    pub json: bool,
    /// `-q`
    pub quiet: bool,
    /// `-P` more than once: parameters that master.cf does not set, too.
    pub all_parameters: bool,
    /// `-C`
    pub classes: Classes,
    /// `-o`
    pub overrides: Vec<String>,
    /// `-T`'s mode.
    pub mode: String,
    /// The operands.
    pub operands: Vec<String>,
}

/// What is shown or edited.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    #[default]
    Main,
    /// `-M`
    Entries,
    /// `-F`
    Fields,
    /// `-P`
    Parameters,
    /// `-a -A -b -l -m -t -T`
    List(char),
    /// `--lint`
    Lint,
    /// `--explain`
    Explain,
}

/// What is done with it.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    #[default]
    Show,
    /// `-e`
    Edit,
    /// `-X`
    Remove,
    /// `-#`
    CommentOut,
}

/// Which parameters `-C` selects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Classes {
    pub builtin: bool,
    pub service: bool,
    pub user: bool,
}

impl Default for Classes {
    fn default() -> Classes {
        Classes { builtin: true, service: true, user: true }
    }
}

impl Options {
    /// Where main.cf and master.cf are.
    pub fn directory(&self) -> PathBuf {
        match &self.explicit_directory {
            None => PathBuf::from(config::directory::DEFAULT),
            // compat: with no name at all, the files are those in the root directory.
            Some(none) if none.as_os_str().is_empty() => PathBuf::from("/"),
            Some(directory) => directory.clone(),
        }
    }
}

/// The options.
pub fn cli() -> clap::Command {
    let value = cli::value;
    let flag = cli::flag;
    cli::table("postconf", "Shows and edits main.cf and master.cf.").args([
        flag('a', "server-sasl", "list the SASL types of the server"),
        flag('A', "client-sasl", "list the SASL types of the client"),
        flag('b', "bounce-templates", "show the bounce templates, expanded"),
        cli::config_dir(),
        value('C', "class", "classes", "only parameters of these classes: builtin, service, user, all"),
        flag('d', "defaults", "show the defaults"),
        flag('e', "edit", "edit: name=value, or with -M -F -P the fields of master.cf"),
        flag('E', "none", "nothing").hide(true),
        flag('f', "fold", "fold long lines"),
        flag('F', "fields", "the fields of master.cf, one a line"),
        flag('h', "no-names", "without names"),
        flag('H', "no-values", "without values"),
        flag('j', "json", "one JSON object a line"),
        flag('l', "locks", "list the ways to lock a mailbox"),
        flag('m', "maps", "list the types of lookup table"),
        flag('M', "entries", "the services of master.cf"),
        flag('n', "set", "only what main.cf sets"),
        value('o', "override", "name=value", "as if main.cf had this"),
        flag('p', "main", "parameters of main.cf (the default)"),
        flag('P', "parameters", "the parameters that master.cf sets; twice: all of each service"),
        flag('q', "quiet", "without warnings"),
        flag('t', "templates", "show the bounce templates as they are"),
        value('T', "tls", "mode", "TLS library: compile-version, run-version, public-key-algorithms"),
        cli::verbose(),
        flag('x', "expand", "expand $name in values"),
        flag('X', "exclude", "remove what is named"),
        flag('#', "comment-out", "comment out what is named"),
        cli::long("lint", "report what is probably a mistake, with file, line and remedy"),
        cli::long("explain", "tell what a parameter is for, its value, and where it was set"),
        cli::operands("name", "parameters or services; all if none"),
    ])
}

/// The command line in short, as the reference has it; `--help` says all.
const USAGE: &str = "usage: postconf [-a (server SASL types)] [-A (client SASL types)] [-b (bounce templates)] \
    [-c config_dir] [-c param_class] [-d (parameter defaults)] [-e (edit configuration)] [-f (fold lines)] \
    [-F (master.cf fields)] [-h (no names)] [-H (no values)] [-j (streaming JSON) ] [-l (lock types)] \
    [-m (map types)] [-M (master.cf)] [-n (non-default parameters)] [-o name=value (override parameter value)] \
    [-p (main.cf, default)] [-P (master.cf parameters)] [-t (bounce templates)] \
    [-T compile-version|run-version|public-key-algorithms] [-v (verbose)] [-x (expand parameter values)] \
    [-X (exclude)] [-# (comment-out)] [name...]";

/// Options of which at most one may be given. `2` is -P given twice.
const EXCLUSIVE: [&str; 7] = ["aAbFlmMpPtT", "denX#", "efX#", "exX#", "deoX#", "ehHX#", "eX#2"];

/// Options, and the only others that go with each. `-c -C -q -v` go with all.
const COMPANIONS: [(char, &str); 12] = [
    ('a', ""),
    ('A', ""),
    ('b', ""),
    ('l', ""),
    ('m', ""),
    ('T', ""),
    ('t', ""),
    ('p', "eX#fhxdnoHj"),
    ('M', "eX#foxj"),
    ('F', "efhoxHj"),
    ('P', "eXfhoxHj2"),
    ('j', "pMFPdnox"),
];

/// The order in which complaints name options.
const ORDER: &str = "aAbdefFhHjlmMnopPtTxX#2";

/// Parses the command line; what is wrong with it ends the program.
pub fn parse(mut arguments: Vec<OsString>) -> Options {
    let mut beyond = None;
    if let Some(at) = arguments.iter().position(|a| a == "--lint" || a == "--explain") {
        let lint = arguments.remove(at) == "--lint";
        beyond = Some(if lint { Target::Lint } else { Target::Explain });
    }
    let parsed = cli::walk(cli, arguments, USAGE);
    let mut options = Options { explicit_directory: environment_directory(), ..Options::default() };
    let mut letters = String::new();
    let mut verbose = 0;
    for (letter, value) in parsed.options {
        let value = value.map(|v| output::text(v.as_bytes())).unwrap_or_default();
        if letter == 'P' && letters.contains('P') {
            options.all_parameters = true;
            letters.push('2');
        }
        if letter == 'T' && letters.contains('T') {
            log::fatal!("At most one -T <mode> option may be specified");
        }
        if matches!((letter, options.target), ('b' | 't', Target::List('b' | 't'))) {
            log::fatal!("specify one of -b and -t");
        }
        letters.push(letter);
        match letter {
            'a' | 'A' | 'b' | 'l' | 'm' | 't' => options.target = Target::List(letter),
            'T' => {
                options.target = Target::List(letter);
                options.mode = value;
            }
            'c' => options.explicit_directory = Some(value.into()),
            'C' => options.classes = classes(&value),
            'd' => options.defaults = true,
            'e' => options.action = Action::Edit,
            'X' => options.action = Action::Remove,
            '#' => options.action = Action::CommentOut,
            'f' => options.fold = true,
            'F' => options.target = Target::Fields,
            'M' => options.target = Target::Entries,
            'P' => options.target = Target::Parameters,
            'h' => options.hide_names = true,
            'H' => options.hide_values = true,
            'j' => options.json = true,
            'n' => options.only_set = true,
            'o' => options.overrides.push(value),
            'q' => options.quiet = true,
            'v' => {
                verbose += 1;
                log::set_verbose(verbose);
            }
            'x' => options.expand = true,
            'p' => {}
            _ => log::fatal!("{USAGE}"),
        }
    }
    options.operands = parsed.operands.into_iter().map(|o| output::text(o.as_bytes())).collect();
    if let Some(target) = beyond {
        if let Some(other) = letters.chars().find(|letter| !"cqv".contains(*letter)) {
            log::fatal!("with --lint or --explain, do not specify -{other}");
        }
        options.target = target;
        return options;
    }
    if options.target == Target::Main && !letters.contains('p') {
        letters.push('p');
    }
    // `postconf name=value` edits without being told so.
    if !matches!(options.target, Target::List(_)) && options.operands.first().is_some_and(|o| o.contains('='))
    {
        letters.push('e');
        if options.action == Action::Show {
            options.action = Action::Edit;
        }
    }
    check(&letters);
    options
}

/// MAIL_CONFIG, unless this program runs with borrowed rights.
fn environment_directory() -> Option<PathBuf> {
    if sys::host::is_set_id() {
        return None;
    }
    std::env::var_os(config::directory::VARIABLE).map(|d| Path::new(&d).to_path_buf())
}

fn classes(text: &str) -> Classes {
    let mut classes = Classes { builtin: false, service: false, user: false };
    for word in text.split([',', ' ', '\t']).filter(|w| !w.is_empty()) {
        match word {
            "builtin" => classes.builtin = true,
            "service" => classes.service = true,
            "user" => classes.user = true,
            "all" => classes = Classes::default(),
            _ => log::fatal!("unknown -C option value \"{word}\" in \"{text}\""),
        }
    }
    classes
}

fn check(letters: &str) {
    for set in EXCLUSIVE {
        let found = given(letters, |letter| set.contains(letter));
        if found.len() > 1 {
            log::fatal!("specify one of {}", list(&found));
        }
    }
    for (letter, companions) in COMPANIONS {
        let excess = given(letters, |other| other != letter && !companions.contains(other));
        if letters.contains(letter) && !excess.is_empty() {
            log::fatal!("with option -{letter}, do not specify {}", list(&excess));
        }
    }
}

/// Those of the options given that are `wanted`, in the order of complaints.
fn given(letters: &str, wanted: impl Fn(char) -> bool) -> Vec<char> {
    ORDER.chars().filter(|&letter| letters.contains(letter) && wanted(letter)).collect()
}

fn list(letters: &[char]) -> String {
    let name = |letter: &char| if *letter == '2' { "-PP".to_string() } else { format!("-{letter}") };
    letters.iter().map(name).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_options_are_the_references() {
        cli().debug_assert();
        assert_eq!(cli::letters(&cli()), "aAbc:C:deEfFhHjlmMno:pPqtT:vxX#");
    }
}
