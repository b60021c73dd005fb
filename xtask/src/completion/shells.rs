//! One writer for each shell.

use std::fmt::Write as _;

use super::{Tool, Value};

/// A shell whose completion we write.
pub struct Shell {
    pub name: &'static str,
    /// The file of all tools.
    pub write: fn(&[Tool]) -> String,
    /// Where the shell looks for a command's completion, below the prefix; `{}` stands for the command. Every command
    /// finds the same file there.
    pub place: &'static str,
}

/// The shells.
pub const SHELLS: [Shell; 3] = [
    Shell { name: "bash", write: bash, place: "share/bash-completion/completions/{}" },
    Shell { name: "zsh", write: zsh, place: "share/zsh/vendor-completions/_{}" },
    Shell { name: "fish", write: fish, place: "share/fish/vendor_completions.d/{}.fish" },
];

/// Names of main.cf, the user's own included.
const PARAMETERS: &str = "postconf -H 2>/dev/null || postconf -dH 2>/dev/null";
/// Types of tables.
const TYPES: &str = "postconf -m 2>/dev/null";
/// Ids of all messages.
const QUEUE_IDS: &str = r#"postqueue -j 2>/dev/null | sed -n 's/.*"queue_id": "\([^"]*\)".*/\1/p'"#;

const HEAD: &str =
    "# Completion of the mail system's commands, made by cargo xtask from what they say to --help.\n";

fn bash(tools: &[Tool]) -> String {
    let mut out = HEAD.to_owned();
    out.push_str(
        "_ferropost() {\n    local tool=${COMP_WORDS[0]##*/} cur=${COMP_WORDS[COMP_CWORD]} prev= options= values= operands= kind= word=\n    \
         [ \"$COMP_CWORD\" -gt 0 ] && prev=${COMP_WORDS[COMP_CWORD-1]}\n    COMPREPLY=()\n    case $tool in\n",
    );
    for tool in tools {
        let names: Vec<&str> = tool.options.iter().map(|option| option.name.as_str()).collect();
        let values: String = tool
            .options
            .iter()
            .filter(|o| o.takes)
            .map(|o| format!(" {}={}", o.name, kind(o.value)))
            .collect();
        let _ = writeln!(
            out,
            "    {}) options='{}' values='{} ' operands='{}' ;;",
            tool.name,
            names.join(" "),
            values,
            operand_words(tool)
        );
    }
    out.push_str("    *) return ;;\n    esac\n    kind=$operands\n");
    out.push_str(
        "    case $values in *\" $prev=\"*) kind=${values#*\" $prev=\"}; kind=${kind%% *} ;; *)\n        \
         case $cur in -*) COMPREPLY=($(compgen -W \"$options\" -- \"$cur\")); return ;; esac ;;\n    esac\n    case $kind in\n",
    );
    let _ = writeln!(out, "    parameter) COMPREPLY=($(compgen -W \"$({PARAMETERS})\" -- \"$cur\"))");
    out.push_str(
        "        for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do case $word in -[a-zA-Z]*e*|-e)\n            \
         COMPREPLY=(\"${COMPREPLY[@]/%/=}\"); compopt -o nospace 2>/dev/null; break ;; esac; done ;;\n",
    );
    let _ = writeln!(out, "    queue_id) COMPREPLY=($(compgen -W \"$({QUEUE_IDS}) ALL\" -- \"$cur\")) ;;");
    let _ = writeln!(
        out,
        "    table) COMPREPLY=($(compgen -S : -W \"$({TYPES})\" -- \"$cur\") $(compgen -f -- \"${{cur#*:}}\")); compopt -o nospace 2>/dev/null ;;"
    );
    out.push_str(
        "    file) COMPREPLY=($(compgen -f -- \"$cur\")); compopt -o filenames 2>/dev/null ;;\n    \
         directory) COMPREPLY=($(compgen -d -- \"$cur\")); compopt -o filenames 2>/dev/null ;;\n    \
         free) ;;\n    *) COMPREPLY=($(compgen -W \"${kind//:/ }\" -- \"$cur\")) ;;\n    esac\n}\n",
    );
    let names: Vec<&str> = tools.iter().map(|tool| tool.name.as_str()).collect();
    let _ = writeln!(out, "complete -F _ferropost {}", names.join(" "));
    out
}

/// How the bash function calls what may follow; words are joined by colons.
fn kind(value: Value) -> String {
    match value {
        Value::Free | Value::Action => "free".to_owned(),
        Value::File => "file".to_owned(),
        Value::Directory => "directory".to_owned(),
        Value::Parameter => "parameter".to_owned(),
        Value::Table => "table".to_owned(),
        Value::QueueId => "queue_id".to_owned(),
        Value::Words(words) => words.replace(' ', ":"),
    }
}

fn operand_words(tool: &Tool) -> String {
    if tool.operands == Value::Action { tool.actions.join(":") } else { kind(tool.operands) }
}

fn zsh(tools: &[Tool]) -> String {
    let names: Vec<&str> = tools.iter().map(|tool| tool.name.as_str()).collect();
    let mut out = format!("#compdef {}\n{HEAD}", names.join(" "));
    let _ = write!(
        out,
        "_ferropost_parameters() {{ local -a all; all=(${{(f)\"$({PARAMETERS})\"}})\n    \
         if [[ ${{words[(r)-e]}} = -e ]]; then compadd -S = -a all; else compadd -a all; fi }}\n\
         _ferropost_queue_ids() {{ local -a all; all=(${{(f)\"$({QUEUE_IDS})\"}} ALL); compadd -a all }}\n\
         _ferropost_tables() {{ local -a all; all=(${{(f)\"$({TYPES})\"}})\n    \
         if compset -P '*:'; then _files; else compadd -S : -a all; _files; fi }}\n\
         case $service in\n"
    );
    for tool in tools {
        let _ = write!(out, "{}) _arguments -s", tool.name);
        for option in &tool.options {
            let help = option
                .help
                .replace('\'', "'\\''")
                .replace('[', "\\[")
                .replace(']', "\\]")
                .replace(':', "\\:");
            let action = if option.takes {
                format!(":value:{}", zsh_action(option.value, &[]))
            } else {
                String::new()
            };
            let _ = write!(out, " \\\n    '*{}[{help}]{action}'", option.name);
        }
        let _ = writeln!(out, " \\\n    '*:operand:{}' ;;", zsh_action(tool.operands, &tool.actions));
    }
    out.push_str("esac\n");
    out
}

fn zsh_action(value: Value, actions: &[String]) -> String {
    match value {
        Value::Free => " ".to_owned(),
        Value::File => "_files".to_owned(),
        Value::Directory => "_files -/".to_owned(),
        Value::Parameter => "_ferropost_parameters".to_owned(),
        Value::Table => "_ferropost_tables".to_owned(),
        Value::QueueId => "_ferropost_queue_ids".to_owned(),
        Value::Words(words) => format!("({words})"),
        Value::Action => format!("({})", actions.join(" ")),
    }
}

fn fish(tools: &[Tool]) -> String {
    let mut out = HEAD.to_owned();
    for tool in tools {
        let name = &tool.name;
        for option in &tool.options {
            let option_name = match option.name.strip_prefix("--") {
                Some(long) => format!("-l {long}"),
                None => format!("-s '{}'", option.name.trim_start_matches('-')),
            };
            let value = match (option.takes, option.value) {
                (false, _) => String::new(),
                (true, Value::File) => " -r -F".to_owned(),
                (true, value) => format!(" -x{}", fish_words(value, &[])),
            };
            let _ = writeln!(
                out,
                "complete -c {name} {option_name}{value} -d '{}'",
                option.help.replace('\'', "\\'")
            );
        }
        match tool.operands {
            Value::Free | Value::File | Value::Directory => {}
            // Names of files may follow the type.
            Value::Table => {
                let _ = writeln!(out, "complete -c {name}{}", fish_words(Value::Table, &[]));
            }
            operands => {
                let _ = writeln!(out, "complete -c {name} -f{}", fish_words(operands, &tool.actions));
            }
        }
    }
    out
}

fn fish_words(value: Value, actions: &[String]) -> String {
    match value {
        Value::Free | Value::File => String::new(),
        Value::Directory => " -a '(__fish_complete_directories)'".to_owned(),
        Value::Parameter => format!(" -a '({PARAMETERS})'"),
        Value::Table => format!(" -a '({TYPES} | sed \"s/\\$/:/\")'"),
        Value::QueueId => format!(" -a '({} ) ALL'", QUEUE_IDS.replace('\\', "\\\\").replace('\'', "\\'")),
        Value::Words(words) => format!(" -a '{words}'"),
        Value::Action => format!(" -a '{}'", actions.join(" ")),
    }
}
