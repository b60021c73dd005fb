//! `cargo xtask gen`: writes what is made from the parameter registry. `--check` only says what is stale.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, ArgMatches, Command};

use crate::manual;
use crate::readers;
use crate::registry::{self, Param};

/// The command line.
pub fn command() -> Command {
    Command::new("gen").about("Writes the files made from man/params").arg(
        Arg::new("check")
            .long("check")
            .action(ArgAction::SetTrue)
            .help("Write nothing; fail if a file is stale"),
    )
}

/// Writes, or with `--check` compares, every generated file.
pub fn run(args: &ArgMatches) -> Result<(), String> {
    let root = root();
    let stale = stale(&root)?;
    if args.get_flag("check") {
        let names: Vec<String> = stale.iter().map(|(path, _)| path.display().to_string()).collect();
        return if names.is_empty() {
            Ok(())
        } else {
            Err(format!("stale, run `cargo xtask gen`: {}", names.join(" ")))
        };
    }
    for silent in untold(&root)? {
        println!("{silent} is read by code and has no text in man/params");
    }
    for (path, text) in stale {
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|e| format!("{}: {e}", parent.display()))?;
        }
        fs::write(&path, text).map_err(|e| format!("{}: {e}", path.display()))?;
        println!("wrote {}", path.strip_prefix(&root).unwrap_or(&path).display());
    }
    Ok(())
}

/// Parameters that code reads and postconf(5) says nothing of.
fn untold(root: &Path) -> Result<Vec<String>, String> {
    let params = registry::load(root)?;
    let silent = params.iter().filter(|p| p.status != "planned" && !p.hidden && manual::text(p).is_empty());
    Ok(silent.map(|p| p.name.clone()).collect())
}

/// The generated files whose contents are not what they should be, with what they should be.
pub fn stale(root: &Path) -> Result<Vec<(PathBuf, String)>, String> {
    let params = registry::load(root)?;
    let readers = readers::scan(root, &params)?;
    let mut made = vec![(root.join("crates/libs/config/src/params.rs"), params_rs(&params)?)];
    let mut marked = Vec::new();
    for file in registry::files(root)? {
        let text = fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
        let text = readers::mark(&text, &readers);
        marked.extend(registry::parse(&file, &text)?);
        made.push((file, text));
    }
    marked.sort_by(|a, b| a.name.cmp(&b.name));
    made.push((root.join("crates/commands/postconf/src/about_table.rs"), about_rs(&marked)));
    made.extend(manual::pages(root, &marked)?);
    Ok(made
        .into_iter()
        .filter(|(path, text)| fs::read_to_string(path).ok().as_deref() != Some(text))
        .collect())
}

/// The top of the source tree.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

fn params_rs(params: &[Param]) -> Result<String, String> {
    let plain: Vec<&Param> = params.iter().filter(|p| p.family.is_none()).collect();
    let families: Vec<&Param> = params.iter().filter(|p| p.family.is_some()).collect();
    let mut out = String::from(
        "//! Handles and table of every parameter, made by `cargo xtask gen` from man/params. Do not edit.\n\n\
         use crate::param::{Bool, Family, Int, Kind, Param, Row, Str, Time};\n",
    );
    for (at, p) in plain.iter().enumerate() {
        let (marker, _) = kind(p)?;
        let _ = write!(
            out,
            "\n/// `{}`: {}.\npub const {}: Param<{marker}> = Param::new({at});\n",
            p.name,
            summary(p),
            p.handle()
        );
    }
    for p in &families {
        let (marker, variant) = kind(p)?;
        let suffix = p.family.as_deref().unwrap_or_default();
        let _ = write!(
            out,
            "\n/// `<transport>{suffix}`: {}.\npub const {}: Family<{marker}> = Family::new({});\n",
            summary(p),
            p.handle(),
            row_text(suffix, variant.as_str(), p)
        );
    }
    let _ = write!(
        out,
        "\n/// Every parameter that is not a family, sorted by name.\npub(crate) static TABLE: [Row; {}] = [\n",
        plain.len()
    );
    for p in &plain {
        let _ = writeln!(out, "    {},", row_text(&p.name, &kind(p)?.1, p));
    }
    out.push_str("];\n");
    let _ = write!(
        out,
        "\n/// The families: their names are suffixes.\npub static FAMILIES: [Row; {}] = [\n",
        families.len()
    );
    for p in &families {
        let _ = writeln!(out, "    {},", row_text(p.family.as_deref().unwrap_or_default(), &kind(p)?.1, p));
    }
    out.push_str("];\n");
    let _ = write!(
        out,
        "\n/// For each row the row of its lmtp_ twin, or its own.\npub(crate) static TWINS: [u16; {}] = [\n",
        plain.len()
    );
    for (at, p) in plain.iter().enumerate() {
        let twin = twin(&p.name).and_then(|t| plain.iter().position(|q| q.name == t)).unwrap_or(at);
        let _ = writeln!(out, "    {twin},");
    }
    out.push_str("];\n");
    Ok(out)
}

/// What `postconf --explain` tells.
fn about_rs(params: &[Param]) -> String {
    let mut out = format!(
        "//! What the registry tells about each parameter, made by `cargo xtask gen` from man/params. Do not edit.\n\n\
         use crate::about::About;\n\n\
         /// Every parameter and family, sorted by name.\npub static ABOUT: [About; {}] = [\n",
        params.len()
    );
    for p in params {
        let family = p.family.as_deref().unwrap_or_default();
        let name = if family.is_empty() { p.name.clone() } else { format!("<transport>{family}") };
        let text = p.text.split_whitespace().collect::<Vec<_>>().join(" ");
        let _ = writeln!(
            out,
            "    About {{ name: {name:?}, text: {text:?}, readers: {:?}, since: {:?}, planned: {}, family: {family:?} }},",
            p.read_by,
            p.since,
            p.status == "planned"
        );
    }
    out.push_str("];\n");
    out
}

fn summary(p: &Param) -> String {
    let what = p.text.split(". ").next().unwrap_or_default().replace('\n', " ");
    let what = what.trim_end_matches('.');
    let default = if p.default.is_empty() {
        "default empty".into()
    } else {
        format!("default `{}`", p.default.replace('`', "'"))
    };
    if what.is_empty() { default } else { format!("{what} ({default})") }
}

fn kind(p: &Param) -> Result<(&'static str, String), String> {
    Ok(match p.kind.as_str() {
        "bool" | "nbool" => ("Bool", "Kind::Bool".into()),
        "int" | "nint" => ("Int", "Kind::Int".into()),
        "long" => ("Int", "Kind::Long".into()),
        "time" => ("Time", format!("Kind::Time('{}')", time_unit(&p.default))),
        "str" => ("Str", "Kind::Str".into()),
        "raw" => ("Str", "Kind::Raw".into()),
        other => match other.strip_prefix("enum ") {
            Some(words) => {
                let words: Vec<String> = words.split_whitespace().map(|w| format!("{w:?}")).collect();
                ("Str", format!("Kind::Enum(&[{}])", words.join(", ")))
            }
            None => return Err(format!("{}: unknown type {other:?}", p.name)),
        },
    })
}

/// The unit of a bare number is the unit of the default.
fn time_unit(default: &str) -> char {
    match default.chars().last() {
        Some(unit @ ('s' | 'm' | 'h' | 'd' | 'w'))
            if !default.starts_with('$') || default.ends_with("}s") =>
        {
            unit
        }
        _ => 's',
    }
}

fn row_text(name: &str, kind: &str, p: &Param) -> String {
    format!(
        "Row {{ name: {name:?}, kind: {kind}, min: {}, max: {}, default: {:?}, computed: {}, hidden: {} }}",
        p.min,
        p.max,
        if p.default == "computed" { "" } else { &p.default },
        p.default == "computed",
        p.hidden
    )
}

/// `smtp_helo_timeout` is `lmtp_lhlo_timeout` for LMTP, and so on.
pub fn twin(name: &str) -> Option<String> {
    let rest = name.strip_prefix("smtp_")?;
    let rest = rest.replace("ehlo", "lhlo");
    let rest = rest.strip_prefix("helo").map_or(rest.clone(), |tail| format!("lhlo{tail}"));
    Some(format!("lmtp_{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_files_are_fresh() {
        let stale = stale(&root()).expect("registry");
        let names: Vec<_> = stale.iter().map(|(path, _)| path).collect();
        assert!(names.is_empty(), "run `cargo xtask gen`: {names:?}");
    }

    #[test]
    fn a_bare_number_has_the_defaults_unit() {
        for (default, unit) in
            [("5d", 'd'), ("300s", 's'), ("${stress?{10}:{300}}s", 's'), ("$queue_run_delay", 's')]
        {
            assert_eq!(time_unit(default), unit, "{default}");
        }
    }
}
