//! `cargo xtask install --root DIR`: stages an installation as a package would hold it, by the list in postfix-files.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command as Process;

use clap::{Arg, ArgAction, ArgMatches, Command};

use crate::completion;
use crate::generate::root;

/// The command line.
pub fn command() -> Command {
    Command::new("install")
        .about("Stages programs, configuration and manual pages under a directory")
        .arg(Arg::new("root").long("root").value_name("DIR").required(true).help("Where to stage"))
        .arg(
            Arg::new("layout")
                .long("layout")
                .value_parser(["debian", "redhat"])
                .default_value("debian")
                .help("Whose directories to use"),
        )
        .arg(
            Arg::new("profile")
                .long("profile")
                .value_parser(["release", "dev"])
                .default_value("release")
                .help("Which build to take"),
        )
        .arg(
            Arg::new("no-build")
                .long("no-build")
                .action(ArgAction::SetTrue)
                .help("Take the programs as they are"),
        )
}

/// Builds, unless told not to, and stages.
pub fn run(args: &ArgMatches) -> Result<(), String> {
    let text = |name: &str| args.get_one::<String>(name).map(String::as_str).unwrap_or_default();
    let profile = text("profile");
    if !args.get_flag("no-build") {
        build(profile)?;
    }
    let layout = if text("layout") == "redhat" { Layout::redhat() } else { Layout::debian() };
    let staged = stage(Path::new(text("root")), &layout, &programs(profile))?;
    println!("staged {staged} files and directories under {}", text("root"));
    Ok(())
}

/// One `name:type:owner:group:mode:flags` line.
#[derive(Debug, PartialEq, Eq)]
struct Item {
    path: PathBuf,
    kind: Kind,
    owner: String,
    group: String,
    mode: u32,
}

#[derive(Debug, PartialEq, Eq)]
enum Kind {
    Directory,
    File,
    HardLink(PathBuf),
    SymbolicLink(PathBuf),
}

/// Where an operating system keeps mail software.
struct Layout {
    values: HashMap<&'static str, &'static str>,
    /// What main.cf must say because it is not the built-in default.
    settings: &'static [&'static str],
}

impl Layout {
    fn debian() -> Layout {
        Layout {
            values: HashMap::from([
                ("config_directory", "/etc/postfix"),
                ("meta_directory", "/usr/share/postfix"),
                ("daemon_directory", "/usr/lib/postfix/sbin"),
                ("command_directory", "/usr/sbin"),
                ("queue_directory", "/var/spool/postfix"),
                ("data_directory", "/var/lib/postfix"),
                ("sendmail_path", "/usr/sbin/sendmail"),
                ("mailq_path", "/usr/bin/mailq"),
                ("newaliases_path", "/usr/bin/newaliases"),
                ("manpage_directory", "/usr/share/man"),
                ("mail_owner", "postfix"),
                ("setgid_group", "postdrop"),
            ]),
            settings: &[],
        }
    }

    fn redhat() -> Layout {
        let mut layout = Layout::debian();
        layout.values.extend([
            ("meta_directory", "/etc/postfix"),
            ("daemon_directory", "/usr/libexec/postfix"),
            ("sendmail_path", "/usr/sbin/sendmail.postfix"),
            ("mailq_path", "/usr/bin/mailq.postfix"),
            ("newaliases_path", "/usr/bin/newaliases.postfix"),
        ]);
        layout.settings =
            &["daemon_directory", "meta_directory", "sendmail_path", "mailq_path", "newaliases_path"];
        layout
    }

    fn expand(&self, text: &str) -> Result<String, String> {
        let Some(rest) = text.strip_prefix('$') else { return Ok(text.into()) };
        let (name, tail) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let value = self.values.get(name).ok_or_else(|| format!("postfix-files: unknown ${name}"))?;
        Ok(format!("{value}{tail}"))
    }
}

fn manifest(text: &str, layout: &Layout) -> Result<Vec<Item>, String> {
    let mut items: Vec<Item> = Vec::new();
    for line in text.lines().filter(|l| !l.is_empty() && !l.starts_with('#')) {
        let fields: Vec<&str> = line.split(':').collect();
        let &[name, kind, owner, group, mode, ..] = fields.as_slice() else {
            return Err(format!("postfix-files: bad line: {line}"));
        };
        let path = PathBuf::from(layout.expand(name)?);
        let owner = layout.expand(owner)?;
        let kind = match kind {
            "d" => Kind::Directory,
            "f" => Kind::File,
            "h" => Kind::HardLink(owner.clone().into()),
            "l" => Kind::SymbolicLink(owner.clone().into()),
            _ => return Err(format!("postfix-files: bad type: {line}")),
        };
        let mode = match mode {
            "-" => 0,
            octal => u32::from_str_radix(octal, 8).map_err(|_| format!("postfix-files: bad mode: {line}"))?,
        };
        // Two names may be one place in some layout (meta_directory, config_directory).
        if !items.iter().any(|i| i.path == path) {
            items.push(Item { path, kind, owner, group: layout.expand(group)?, mode });
        }
    }
    Ok(items)
}

fn stage(target: &Path, layout: &Layout, programs: &Path) -> Result<usize, String> {
    let list = root().join("postfix-files");
    let text = fs::read_to_string(&list).map_err(|e| format!("{}: {e}", list.display()))?;
    let items = manifest(&text, layout)?;
    let owners = Owners::load();
    for item in &items {
        let place = under(target, &item.path);
        let failed = |e: io::Error| format!("{}: {e}", place.display());
        if let Some(parent) = place.parent() {
            fs::create_dir_all(parent).map_err(failed)?;
        }
        match &item.kind {
            Kind::Directory => fs::create_dir_all(&place).map_err(failed)?,
            Kind::File => {
                let from = source(&item.path, layout, programs);
                remove(&place)?;
                fs::copy(&from, &place).map_err(|e| format!("{}: {e}", from.display()))?;
                if item.path.ends_with("main.cf") {
                    adapt_main_cf(&place, layout).map_err(failed)?;
                }
            }
            Kind::HardLink(to) => {
                remove(&place)?;
                fs::hard_link(under(target, to), &place).map_err(failed)?;
            }
            Kind::SymbolicLink(to) => {
                remove(&place)?;
                symlink(to, &place).map_err(failed)?;
            }
        }
        if item.mode != 0 {
            owners.apply(&place, item).map_err(failed)?;
            fs::set_permissions(&place, fs::Permissions::from_mode(item.mode)).map_err(failed)?;
        }
    }
    Ok(items.len() + completions(target, programs)?)
}

/// Puts each shell's completion in place: one file, which every command finds under its own name.
fn completions(target: &Path, programs: &Path) -> Result<usize, String> {
    let tools = completion::tools(programs)?;
    let mut count = 0;
    for shell in &completion::SHELLS {
        let mut first: Option<PathBuf> = None;
        for tool in &tools {
            let path = Path::new("/usr").join(shell.place.replace("{}", &tool.name));
            let place = under(target, &path);
            let failed = |e: io::Error| format!("{}: {e}", place.display());
            fs::create_dir_all(place.parent().unwrap_or(target)).map_err(failed)?;
            remove(&place)?;
            match &first {
                Some(file) => symlink(file.file_name().unwrap_or_default(), &place).map_err(failed)?,
                None => {
                    fs::write(&place, (shell.write)(&tools)).map_err(failed)?;
                    fs::set_permissions(&place, fs::Permissions::from_mode(0o644)).map_err(failed)?;
                    first = Some(path);
                }
            }
            count += 1;
        }
    }
    Ok(count)
}

/// Where a file of the installation comes from.
fn source(path: &Path, layout: &Layout, programs: &Path) -> PathBuf {
    let value = |name: &str| Path::new(layout.values.get(name).copied().unwrap_or_default());
    let name = path.file_name().unwrap_or_default();
    if path == value("sendmail_path") {
        return programs.join("sendmail");
    }
    if let Ok(page) = path.strip_prefix(value("manpage_directory")) {
        return root().join("man").join(page);
    }
    if path.starts_with(value("config_directory")) || path.starts_with(value("meta_directory")) {
        return root().join(name);
    }
    programs.join(name)
}

/// A layout's directories that are not the defaults go into main.cf.
fn adapt_main_cf(path: &Path, layout: &Layout) -> io::Result<()> {
    let mut text = fs::read_to_string(path)?;
    for name in layout.settings {
        let value = layout.values.get(name).copied().unwrap_or_default();
        let label = format!("{name} = ");
        match text.lines().find(|l| l.starts_with(&label)).map(str::to_string) {
            Some(line) => text = text.replace(&line, &format!("{label}{value}")),
            None => text.push_str(&format!("{label}{value}\n")),
        }
    }
    fs::write(path, text)
}

fn under(target: &Path, path: &Path) -> PathBuf {
    target.join(path.strip_prefix("/").unwrap_or(path))
}

fn remove(place: &Path) -> Result<(), String> {
    match fs::remove_file(place) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(format!("{}: {e}", place.display())),
        _ => Ok(()),
    }
}

/// Numeric ids of the owners that exist here. An ordinary user stages everything as himself.
struct Owners {
    users: HashMap<String, u32>,
    groups: HashMap<String, u32>,
    root: bool,
}

impl Owners {
    fn load() -> Owners {
        let table = |file: &str| -> HashMap<String, u32> {
            let text = fs::read_to_string(file).unwrap_or_default();
            text.lines()
                .filter_map(|line| {
                    let mut fields = line.split(':');
                    Some((fields.next()?.to_string(), fields.nth(1)?.parse().ok()?))
                })
                .collect()
        };
        use std::os::unix::fs::MetadataExt;
        let root = fs::metadata("/proc/self").is_ok_and(|m| m.uid() == 0);
        Owners { users: table("/etc/passwd"), groups: table("/etc/group"), root }
    }

    fn apply(&self, place: &Path, item: &Item) -> io::Result<()> {
        if !self.root {
            return Ok(());
        }
        let user = self.users.get(&item.owner).copied();
        let group = self.groups.get(&item.group).copied();
        std::os::unix::fs::chown(place, user, group)
    }
}

fn programs(profile: &str) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    target.join(if profile == "dev" { "debug" } else { profile })
}

fn build(profile: &str) -> Result<(), String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let done = Process::new(cargo)
        .args(["build", "--workspace", "--bins", "--profile", profile])
        .current_dir(root())
        .status()
        .map_err(|e| format!("cargo: {e}"))?;
    if done.success() { Ok(()) } else { Err("the build failed".into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list() -> String {
        fs::read_to_string(root().join("postfix-files")).expect("postfix-files")
    }

    #[test]
    fn both_layouts_expand() {
        for layout in [Layout::debian(), Layout::redhat()] {
            let items = manifest(&list(), &layout).expect("a good list");
            assert!(items.iter().any(|i| i.path.ends_with("smtpd") && i.mode == 0o755));
            assert!(items.iter().any(|i| i.path.ends_with("postdrop") && i.mode == 0o2755));
            assert!(items.iter().all(|i| i.path.is_absolute()));
        }
    }

    /// Who adds a program adds its line.
    #[test]
    fn every_program_is_listed() {
        let list = list();
        for kind in ["daemons", "commands"] {
            for entry in fs::read_dir(root().join("crates").join(kind)).expect("crates") {
                let name = entry.expect("entry").file_name().into_string().expect("UTF-8");
                let listed = name == "sendmail"
                    || list
                        .lines()
                        .any(|l| l.split(':').next().is_some_and(|n| n.ends_with(&format!("/{name}"))));
                assert!(listed, "{name} is not in postfix-files");
            }
        }
    }

    #[test]
    fn redhat_settings_are_written() {
        let path = std::env::temp_dir().join(format!("xtask-main-{}.cf", std::process::id()));
        fs::write(&path, "daemon_directory = /x\nmail_owner = postfix\n").unwrap();
        adapt_main_cf(&path, &Layout::redhat()).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        fs::remove_file(&path).unwrap();
        assert!(
            text.starts_with("daemon_directory = /usr/libexec/postfix\nmail_owner = postfix\n"),
            "{text}"
        );
        assert!(text.contains("\nmailq_path = /usr/bin/mailq.postfix\n"), "{text}");
    }
}
