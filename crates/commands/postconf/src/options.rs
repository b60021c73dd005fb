//! The command line, and which options go together.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

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
        self.explicit_directory.clone().unwrap_or_else(|| PathBuf::from(config::directory::DEFAULT))
    }

    /// `postconf name=value` edits without being told so.
    pub fn is_assignment(&self) -> bool {
        self.action == Action::Show
            && !self.defaults
            && !self.only_set
            && self.operands.first().is_some_and(|o| o.contains('='))
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
        cli::operands("name", "parameters or services; all if none"),
    ])
}

/// The command line in short.
const USAGE: &str = "usage: postconf [-a (server SASL types)] [-A (client SASL types)] [-b (bounce templates)] \
    [-c config_dir] [-C param_class] [-d (parameter defaults)] [-e (edit configuration)] [-f (fold lines)] \
    [-F (master.cf fields)] [-h (no names)] [-H (no values)] [-j (streaming JSON)] [-l (lock types)] \
    [-m (map types)] [-M (master.cf)] [-n (non-default parameters)] [-o name=value (override parameter value)] \
    [-p (main.cf, default)] [-P (master.cf parameters)] [-q (no warnings)] [-t (bounce templates)] \
    [-T compile-version|run-version|public-key-algorithms] [-v (verbose)] [-x (expand parameter values)] \
    [-X (exclude)] [-# (comment-out)] [--version] [name...]";

/// Options of which at most one may be given.
const EXCLUSIVE: [&str; 3] = ["AFMPTablmpt", "Xden#", "Hh"];

/// Options that make no sense with the first letter.
const CONFLICTS: [(char, &str); 11] = [
    ('F', "#CXdn"),
    ('M', "CHdhn"),
    ('P', "#Cdn"),
    ('j', "Hfh"),
    ('a', "#CHXdefhjnox"),
    ('b', "#CHXdefhjnox"),
    ('t', "#CHXdefhjnox"),
    ('A', "#CHXdefhjnox"),
    ('l', "#CHXdefhjnox"),
    ('m', "#CHXdefhjnox"),
    ('T', "#CHXdefhjnox"),
];

/// Parses the command line; what is wrong with it ends the program.
pub fn parse(arguments: Vec<OsString>) -> Options {
    let parsed = cli::walk(cli, arguments, USAGE);
    let mut options = Options { explicit_directory: environment_directory(), ..Options::default() };
    let mut letters = String::new();
    let mut verbose = 0;
    for (letter, value) in parsed.options {
        let value = value.map(|v| v.to_string_lossy().into_owned()).unwrap_or_default();
        if letter == 'P' && letters.contains('P') {
            options.all_parameters = true;
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
    options.operands = parsed.operands.into_iter().map(|o| o.to_string_lossy().into_owned()).collect();
    check(&letters, &options);
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

fn check(letters: &str, options: &Options) {
    for set in EXCLUSIVE {
        exclusive(&given(letters, set));
    }
    let mut edits = given(letters, "X#");
    if options.is_assignment()
        || options.operands.first().is_some_and(|o| o.contains('=')) && !edits.is_empty()
    {
        edits.insert(0, 'e');
    }
    exclusive(&edits);
    let editing = given(letters, "e");
    if let (Some(_), Some(other)) = (editing.first(), given(letters, "CHfhjqx").first()) {
        if matches!(other, 'H' | 'f' | 'h' | 'j' | 'x') {
            log::fatal!("specify one of -e, -{other}");
        }
    }
    for (letter, others) in CONFLICTS {
        if !letters.contains(letter) {
            continue;
        }
        let others = given(letters, others);
        // compat: -M hides nothing, yet -C is ignored rather than refused.
        if let Some(other) = others.iter().find(|&&o| o != 'C' || matches!(letter, 'j')) {
            log::fatal!("with option -{letter}, do not specify -{other}");
        }
    }
}

fn given(letters: &str, set: &str) -> Vec<char> {
    let mut found: Vec<char> = set.chars().filter(|&c| letters.contains(c)).collect();
    found.sort_by_key(|c| (*c == '#', c.to_ascii_lowercase(), c.is_ascii_uppercase()));
    found
}

fn exclusive(found: &[char]) {
    if found.len() > 1 {
        let list: Vec<String> = found.iter().map(|c| format!("-{c}")).collect();
        log::fatal!("specify one of {}", list.join(", "));
    }
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
