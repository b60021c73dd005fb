//! Shell completion for the commands, in bash, zsh and fish, made from what each says to `--help`.
//!
//! Options and their purposes are the command's own words, so that nothing is told twice; what may stand behind an
//! option (a parameter of main.cf, a queue id, a service) is in [`VALUES`] and [`OPERANDS`]. Names that depend on the
//! installation are asked for when the user presses the key.

mod shells;

use std::path::Path;
use std::process::{Command as Process, Stdio};

use clap::{Arg, ArgMatches, Command};

use crate::generate::root;

pub use shells::SHELLS;

/// What an option's value or an operand can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// Anything: nothing is offered.
    Free,
    File,
    Directory,
    /// A parameter of main.cf.
    Parameter,
    /// A table, `type:file`.
    Table,
    /// A message in the queue, or ALL.
    QueueId,
    /// One of these.
    Words(&'static str),
    /// A command of postfix(1).
    Action,
}

/// An option of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opt {
    /// `-x` or `--long`.
    pub name: String,
    /// Whether a value follows.
    pub takes: bool,
    /// What may follow.
    pub value: Value,
    /// The purpose, one line.
    pub help: String,
}

/// A command as the shells need to know it.
#[derive(Clone, Debug)]
pub struct Tool {
    pub name: String,
    pub options: Vec<Opt>,
    pub operands: Value,
    /// The words of [`Value::Action`].
    pub actions: Vec<String>,
}

/// Option values, by command (`*`: every one) and letter.
const VALUES: &[(&str, char, Value)] = &[
    ("*", 'c', Value::Directory),
    ("sendmail", 'C', Value::Directory),
    ("sendmail", 'B', Value::Words("7BIT 8BITMIME")),
    ("sendmail", 'N', Value::Words("never success failure delay success,failure,delay")),
    ("sendmail", 'R', Value::Words("full hdrs")),
    ("postconf", 'C', Value::Words("builtin service user all")),
    ("postconf", 'T', Value::Words("compile-version run-version public-key-algorithms")),
    ("postconf", 't', Value::File),
    ("postlog", 'p', Value::Words("info warn error fatal panic")),
    ("postlock", 'l', Value::Words("fcntl flock dotlock")),
    ("postqueue", 'i', Value::QueueId),
    ("postsuper", 'd', Value::QueueId),
    ("postsuper", 'e', Value::QueueId),
    ("postsuper", 'f', Value::QueueId),
    ("postsuper", 'h', Value::QueueId),
    ("postsuper", 'H', Value::QueueId),
    ("postsuper", 'r', Value::QueueId),
    ("posttls-finger", 'A', Value::File),
    ("posttls-finger", 'F', Value::File),
    ("posttls-finger", 'H', Value::File),
    ("posttls-finger", 'K', Value::File),
    ("posttls-finger", 'P', Value::Directory),
    ("posttls-finger", 'a', Value::Words("any ipv4 ipv6")),
    ("posttls-finger", 'k', Value::File),
    ("posttls-finger", 'l', Value::Words("none may encrypt fingerprint dane dane-only verify secure")),
    ("smtp-source", 'F', Value::File),
    ("smtp-sink", 'R', Value::Directory),
];

/// Operands, by command.
const OPERANDS: &[(&str, Value)] = &[
    ("postconf", Value::Parameter),
    ("postmap", Value::Table),
    ("postalias", Value::Table),
    ("postcat", Value::File),
    ("postlock", Value::File),
    ("postfix", Value::Action),
    ("postkick", Value::Words("public private")),
    ("postsuper", Value::Words("hold incoming active deferred maildrop")),
];

pub fn command() -> Command {
    Command::new("completion").about("Print a shell's completion of all commands").arg(
        Arg::new("shell")
            .required(true)
            .value_parser(SHELLS.map(|shell| shell.name))
            .help("Whose; xtask install puts all of them in place"),
    )
}

/// Prints one shell's file, from the programs of the debug build.
pub fn run(args: &ArgMatches) -> Result<(), String> {
    crate::demo::build(false)?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), Into::into);
    let tools = tools(&target.join("debug"))?;
    let wanted = args.get_one::<String>("shell").map_or("", String::as_str);
    let shell = SHELLS.iter().find(|shell| shell.name == wanted).ok_or("no such shell")?;
    print!("{}", (shell.write)(&tools));
    Ok(())
}

/// All commands whose programs are in `programs`, each asked for its options.
pub fn tools(programs: &Path) -> Result<Vec<Tool>, String> {
    let folder = root().join("crates/commands");
    let entries = std::fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut names: Vec<String> =
        entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    names.iter().map(|name| Ok(read(name, &help(&programs.join(name))?))).collect()
}

fn help(program: &Path) -> Result<String, String> {
    let failed = |why: &dyn std::fmt::Display| format!("{} --help: {why}", program.display());
    let output =
        Process::new(program).arg("--help").stdin(Stdio::null()).output().map_err(|error| failed(&error))?;
    if !output.status.success() {
        return Err(failed(&output.status));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Reads the options out of a help text: lines of `-x`, perhaps a value's name, and two blanks or more before the
/// purpose.
pub fn read(name: &str, help: &str) -> Tool {
    let mut options: Vec<Opt> = Vec::new();
    for line in help.lines() {
        let text = line.trim_start();
        if text.len() + 2 > line.len() || !text.starts_with('-') {
            continue;
        }
        let (form, purpose) = text.split_once("  ").unwrap_or((text, ""));
        let (option, value) = form.split_once(' ').unwrap_or((form, ""));
        // Some help texts leave one blank only behind a value's name in capitals.
        let (value, rest) = value.split_once(' ').unwrap_or((value, ""));
        let purpose = if rest.is_empty() { purpose.to_owned() } else { format!("{rest}  {purpose}") };
        let option = option.trim_end_matches("...");
        if !option.chars().all(|c| c.is_ascii_graphic()) || option == "-" {
            continue;
        }
        let takes = !value.is_empty();
        let letter = option.chars().nth(1).filter(|_| option.len() == 2);
        let known = VALUES.iter().find(|(of, at, _)| (*of == "*" || *of == name) && Some(*at) == letter);
        let value = known.map_or(Value::Free, |(_, _, value)| *value);
        options.push(Opt { name: option.to_owned(), takes, value, help: purpose.trim().to_owned() });
    }
    for long in ["--help", "--version"] {
        if !options.iter().any(|option| option.name == long) {
            let help = if long == "--help" { "print this text" } else { "print the version" };
            options.push(Opt {
                name: long.to_owned(),
                takes: false,
                value: Value::Free,
                help: help.to_owned(),
            });
        }
    }
    let operands = OPERANDS.iter().find(|(of, _)| *of == name).map_or(Value::Free, |(_, value)| *value);
    Tool { name: name.to_owned(), options, operands, actions: actions(help) }
}

/// The words behind `Commands:`, up to the full stop.
fn actions(help: &str) -> Vec<String> {
    let Some((_, list)) = help.split_once("\nCommands: ") else { return Vec::new() };
    let list = list.split_once(".\n").map_or(list, |(list, _)| list);
    list.split(',').filter_map(|item| item.split_whitespace().next()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLAP: &str = "Shows things.\n\nUsage: postconf [OPTIONS] [name]...\n\nOptions:\n  -a               list all\n  \
        -c <config_dir>  directory of main.cf\n  -v...            log more\n  -#               comment out\n      \
        --help       print this text\n\nCommands: start, stop [now],\nset-permissions [x=y...].\n";

    #[test]
    fn options_of_a_help_text() {
        let tool = read("postconf", CLAP);
        let names: Vec<&str> = tool.options.iter().map(|option| option.name.as_str()).collect();
        assert_eq!(names, ["-a", "-c", "-v", "-#", "--help", "--version"]);
        let of = |name: &str| tool.options.iter().find(|option| option.name == name).unwrap();
        assert_eq!((of("-c").takes, of("-c").value), (true, Value::Directory));
        assert_eq!((of("-a").takes, of("-a").help.as_str()), (false, "list all"));
        assert_eq!(tool.operands, Value::Parameter);
        assert_eq!(tool.actions, ["start", "stop", "set-permissions"]);
        let plain =
            read("postqueue", "usage: postqueue -p\n  -c DIR  where\n  -s SITE try it\n  -p      list\n");
        let shown: Vec<_> =
            plain.options.iter().map(|o| (o.name.as_str(), o.takes, o.help.as_str())).collect();
        assert_eq!(
            shown.get(..3).unwrap(),
            [("-c", true, "where"), ("-s", true, "try it"), ("-p", false, "list")]
        );
    }

    /// What a shell offers, asked as a person would ask it.
    #[test]
    fn bash_completes() {
        let file = std::env::temp_dir().join(format!("completion-{}.bash", std::process::id()));
        let tools =
            [read("postconf", CLAP), read("postfix", CLAP), read("postsuper", "  -d <queue_id>  delete\n")];
        let bash = SHELLS.iter().find(|shell| shell.name == "bash").unwrap();
        std::fs::write(&file, (bash.write)(&tools)).unwrap();
        let ask = |line: &str| {
            let words: Vec<String> = line.split(' ').map(|word| format!("'{word}'")).collect();
            let script = format!(
                "postconf() {{ printf 'myhostname\\nmyorigin\\nmail_name\\n'; }}\n\
                 postqueue() {{ echo '{{\"queue_name\": \"hold\", \"queue_id\": \"4Sdk\", \"x\": 1}}'; }}\n\
                 source '{}'\nCOMP_WORDS=({}); COMP_CWORD={}; _ferropost; printf '%s ' \"${{COMPREPLY[@]}}\"",
                file.display(),
                words.join(" "),
                words.len() - 1
            );
            let output = Process::new("bash").args(["--norc", "-c", &script]).output().unwrap();
            assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
        };
        for (line, expected) in [
            ("postconf my", "myhostname myorigin"),
            ("postconf -e myh", "myhostname="),
            ("postconf -d -", "-a -c -v -# --help --version"),
            ("postfix s", "start stop set-permissions"),
            ("/usr/sbin/postsuper -d ", "4Sdk ALL"),
        ] {
            assert_eq!(ask(line), expected, "{line}");
        }
        std::fs::remove_file(file).unwrap();
    }
}
