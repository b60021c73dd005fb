//! `cargo xtask registry`: how much of it is done. The parameter registry, `man/params/*.params`: one stanza a parameter, `field: value` lines, the prose after `text:`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, ArgMatches, Command};

/// One parameter, as its stanza says.
#[derive(Debug, Clone, Default)]
pub struct Param {
    /// The name in main.cf; `transport_…` for a family.
    pub name: String,
    /// bool, nbool, int, nint, long, time, str, raw, or `enum` followed by its words.
    pub kind: String,
    /// Lower bound: of the number, or of the text's length. 0: none.
    pub min: i64,
    /// Upper bound, likewise.
    pub max: i64,
    /// The default, unexpanded; `computed` is worked out by code.
    pub default: String,
    /// `_destination_…`: the name is a pattern, one member a service.
    pub family: Option<String>,
    /// Not listed by `postconf -d`.
    pub hidden: bool,
    /// Programs of the reference that read it.
    pub in_postfix: String,
    /// Programs and libraries of ours that read it (kept by `xtask gen`).
    pub read_by: String,
    /// First release of Postfix that had it.
    pub since: String,
    /// `planned`, or `read` when code reads it (kept by `xtask gen`).
    pub status: String,
    /// What it does, in our words.
    pub text: String,
    /// The file that holds the stanza.
    pub file: PathBuf,
}

impl Param {
    /// The name of its handle in `config::params`.
    pub fn handle(&self) -> String {
        let upper = self.name.to_ascii_uppercase();
        if upper.starts_with(|c: char| c.is_ascii_digit()) { format!("_{upper}") } else { upper }
    }
}

/// The command line.
pub fn command() -> Command {
    Command::new("registry").about("Counts the parameters: read by code, planned, all of Postfix 3.11").arg(
        Arg::new("planned")
            .long("planned")
            .action(ArgAction::SetTrue)
            .help("List those that nothing reads yet"),
    )
}

/// Prints the counts by file, and their sum.
pub fn run(args: &ArgMatches) -> Result<(), String> {
    let all = load(&crate::generate::root())?;
    let mut files: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let ours = |p: &&Param| p.file.file_stem().is_some_and(|stem| stem == "ferropost");
    for param in all.iter().filter(|p| !ours(p)) {
        let file = param.file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let (read, planned) = files.entry(file).or_default();
        if param.status == "planned" {
            *planned += 1;
            if args.get_flag("planned") {
                println!("{}", param.name);
            }
        } else {
            *read += 1;
        }
    }
    if args.get_flag("planned") {
        return Ok(());
    }
    println!("{:<18} {:>5} {:>8} {:>6}", "registry", "read", "planned", "total");
    let (mut read, mut planned) = (0, 0);
    for (file, (r, p)) in &files {
        println!("{file:<18} {r:>5} {p:>8} {:>6}", r + p);
        read += r;
        planned += p;
    }
    println!("{:<18} {read:>5} {planned:>8} {:>6}", "Postfix 3.11", read + planned);
    println!("{:<18} {:>5}", "our own", all.iter().filter(ours).count());
    Ok(())
}

/// Every parameter, sorted by name.
pub fn load(root: &Path) -> Result<Vec<Param>, String> {
    let mut all = Vec::new();
    for file in files(root)? {
        let text = fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
        all.extend(parse(&file, &text)?);
    }
    all.sort_by(|a, b| a.name.cmp(&b.name));
    for (a, b) in all.iter().zip(all.iter().skip(1)) {
        if a.name == b.name {
            return Err(format!("{} is in {} and in {}", a.name, a.file.display(), b.file.display()));
        }
    }
    Ok(all)
}

/// The registry's files, sorted.
pub fn files(root: &Path) -> Result<Vec<PathBuf>, String> {
    let dir = root.join("man/params");
    let entries = fs::read_dir(&dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    let mut files: Vec<PathBuf> = entries
        .flatten()
        .map(|e| e.path())
        .filter(|p| p.extension().is_some_and(|e| e == "params"))
        .collect();
    files.sort();
    Ok(files)
}

/// The stanzas of one file.
pub fn parse(file: &Path, text: &str) -> Result<Vec<Param>, String> {
    let mut all: Vec<Param> = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let wrong = |what: &str| format!("{}:{}: {what}: {line}", file.display(), at + 1);
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(more) = line.strip_prefix(' ') {
            let last = all.last_mut().ok_or_else(|| wrong("text before a name"))?;
            if !last.text.is_empty() {
                last.text.push('\n');
            }
            last.text.push_str(more.trim());
            continue;
        }
        let (field, value) = line.split_once(':').ok_or_else(|| wrong("no `field:`"))?;
        let value = value.trim();
        if field == "name" {
            all.push(Param { name: value.into(), file: file.into(), ..Param::default() });
            continue;
        }
        let last = all.last_mut().ok_or_else(|| wrong("field before a name"))?;
        let number = || value.parse::<i64>().map_err(|_| wrong("not a number"));
        match field {
            "type" => last.kind = value.into(),
            "min" => last.min = number()?,
            "max" => last.max = number()?,
            "default" => last.default = value.into(),
            "family" => last.family = Some(value.into()),
            "hidden" => last.hidden = value == "yes",
            "in-postfix" => last.in_postfix = value.into(),
            "read-by" => last.read_by = value.into(),
            "since" => last.since = value.into(),
            "status" => last.status = value.into(),
            "text" => last.text = value.into(),
            _ => return Err(wrong("unknown field")),
        }
    }
    Ok(all)
}
