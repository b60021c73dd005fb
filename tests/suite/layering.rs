//! The architecture, held by tests: who may import whom, and where unsafe code may be.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The layers, lowest first; a crate may import from layers below its own, and its neighbours
/// where the architecture puts several into one row.
const LAYERS: [&[&str]; 6] = [
    &["sys"],
    &["config", "mail", "wire", "net", "log"],
    &["tables", "ipc", "spool", "dns", "cache"],
    &["daemon", "tls", "command", "cli"],
    &["delivery"],
    &["daemons", "commands"],
];

/// Crates from outside, each with the only ones of ours that may name it.
const OWNERS: [(&str, &[&str]); 18] = [
    ("nix", &["sys"]),
    ("libc", &["sys"]),
    ("openssl-sys", &["sys"]),
    ("pcre2-sys", &["sys"]),
    ("lmdb-master-sys", &["sys"]),
    ("mio", &["daemon"]),
    ("signal-hook", &["daemon"]),
    ("openssl", &["tls", "sys"]),
    ("sled", &["cache"]),
    ("syslog", &["log"]),
    ("domain", &["dns"]),
    ("aho-corasick", &["tables"]),
    ("rusqlite", &["table-sqlite"]),
    ("mysql", &["table-mysql"]),
    ("postgres", &["table-pgsql"]),
    ("postgres-native-tls", &["table-pgsql"]),
    ("ldap3", &["table-ldap"]),
    ("native-tls", &["table-ldap", "table-pgsql"]),
];

fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

fn crates() -> Vec<(String, String, PathBuf)> {
    let mut all = Vec::new();
    for kind in ["libs", "daemons", "commands"] {
        for entry in fs::read_dir(top().join("crates").join(kind)).unwrap().flatten() {
            all.push((kind.to_string(), entry.file_name().to_string_lossy().into_owned(), entry.path()));
        }
    }
    all
}

/// Names below `[dependencies]`.
fn dependencies(folder: &Path) -> Vec<String> {
    let text = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
    let mut inside = false;
    let mut found = Vec::new();
    for line in text.lines() {
        if line.starts_with('[') {
            inside = line == "[dependencies]";
        } else if inside {
            let name = line.split(['.', ' ', '=']).next().unwrap_or("");
            if !name.is_empty() && !name.starts_with('#') {
                found.push(name.to_string());
            }
        }
    }
    found
}

fn layer(kind: &str, name: &str) -> usize {
    let wanted = if kind == "libs" { name } else { kind };
    LAYERS.iter().position(|l| l.contains(&wanted)).unwrap_or_else(|| panic!("{name} has no layer"))
}

#[test]
fn imports_point_down() {
    let ours: BTreeMap<String, String> = crates().into_iter().map(|(kind, name, _)| (name, kind)).collect();
    let mut wrong = Vec::new();
    for (kind, name, folder) in crates() {
        for dependency in dependencies(&folder) {
            let Some(other) = ours.get(&dependency) else { continue };
            let fine = other == "libs" && layer(other, &dependency) <= layer(&kind, &name);
            if !fine {
                wrong.push(format!("{kind}/{name} imports {dependency}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn outside_crates_have_one_owner() {
    let mut wrong = Vec::new();
    for (kind, name, folder) in crates() {
        for dependency in dependencies(&folder) {
            if let Some((_, owners)) = OWNERS.iter().find(|(c, _)| *c == dependency) {
                // Clients of databases are programs of their own.
                let place = kind == "libs" || name.starts_with("table-");
                if !place || !owners.contains(&name.as_str()) {
                    wrong.push(format!("{kind}/{name} names {dependency}"));
                }
            }
            // Set-gid tools link no more than they need; other commands have their options from clap.
            let lean = ["postdrop", "postqueue", "postlog"].contains(&name.as_str());
            let may_clap = kind == "commands" || name == "cli";
            if dependency == "clap" && !may_clap
                || lean && ["clap", "cli", "tls"].contains(&dependency.as_str())
            {
                wrong.push(format!("{kind}/{name} names {dependency}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn unsafe_code_is_in_sys_only() {
    fn files(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                files(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push(path);
            }
        }
    }
    for (kind, name, folder) in crates() {
        if kind == "libs" && name == "sys" {
            continue;
        }
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
        assert!(manifest.contains("[lints]\nworkspace = true"), "{name} does not take the workspace's lints");
        let mut all = Vec::new();
        files(&folder, &mut all);
        for file in all {
            let text = fs::read_to_string(&file).unwrap();
            let word = ["un", "safe"].concat();
            let used = text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|w| w == word);
            assert!(!used, "{} speaks of {word} code", file.display());
        }
    }
    let workspace = fs::read_to_string(top().join("Cargo.toml")).unwrap();
    assert!(workspace.contains("unsafe_code = \"forbid\""));
}
