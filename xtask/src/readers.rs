//! Which code reads which parameter, found in the sources: a handle that stands in a program's or library's
//! code is read there. Comments and test modules do not count.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::registry::Param;

/// For each handle the crates that use it: program names, and `lib:` with a library's name.
pub type Readers = BTreeMap<String, BTreeSet<String>>;

/// Scans all of `crates`.
pub fn scan(root: &Path, params: &[Param]) -> Result<Readers, String> {
    let handles: BTreeMap<String, &Param> = params.iter().map(|p| (p.handle(), p)).collect();
    let mut readers = Readers::new();
    for (kind, prefix) in [("daemons", ""), ("commands", ""), ("libs", "lib:")] {
        let base = root.join("crates").join(kind);
        for entry in list(&base)? {
            let name = entry.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if kind == "libs" && name == "config" {
                own_reads(&entry, &handles, &mut readers)?;
                continue;
            }
            for file in sources(&entry.join("src"))? {
                note(&file, &format!("{prefix}{name}"), &handles, &mut readers)?;
            }
        }
    }
    pass_on(params, &mut readers);
    Ok(readers)
}

/// Who reads a parameter reads those that its default mentions, too; who reads a family reads its members that have stanzas
/// of their own. What is computed is there for `$name`.
fn pass_on(params: &[Param], readers: &mut Readers) {
    let by_name: BTreeMap<&str, &Param> = params.iter().map(|p| (p.name.as_str(), p)).collect();
    loop {
        let mut more: Vec<(String, BTreeSet<String>)> = Vec::new();
        for param in params {
            if param.default == "computed" {
                more.push((param.handle(), BTreeSet::from(["lib:config".to_string()])));
            }
            let Some(who) = readers.get(&param.handle()) else { continue };
            if param.name.starts_with("proxy_") {
                // What tables proxymap may open says nothing about who opens them.
                continue;
            }
            for name in mentioned(&param.default) {
                more.extend(by_name.get(name).map(|p| (p.handle(), who.clone())));
            }
            if let Some(suffix) = &param.family {
                let members =
                    params.iter().filter(|p| p.family.is_none() && p.name.ends_with(suffix.as_str()));
                more.extend(
                    members.filter(|p| !p.name.starts_with("default_")).map(|p| (p.handle(), who.clone())),
                );
            }
        }
        let count = |readers: &Readers| readers.values().map(BTreeSet::len).sum::<usize>();
        let before = count(readers);
        for (handle, who) in more {
            readers.entry(handle).or_default().extend(who);
        }
        if count(readers) == before {
            return;
        }
    }
}

/// The names behind the `$` of a default.
fn mentioned(default: &str) -> impl Iterator<Item = &str> {
    default.split('$').skip(1).filter_map(|rest| {
        let rest = rest.trim_start_matches(['{', '(']);
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
        rest.get(..end).filter(|name| !name.is_empty())
    })
}

/// config itself reads a few (interfaces, directories); its generated table is no reader.
fn own_reads(entry: &Path, handles: &BTreeMap<String, &Param>, readers: &mut Readers) -> Result<(), String> {
    for file in sources(&entry.join("src"))? {
        if !file.ends_with("params.rs") {
            note(&file, "lib:config", handles, readers)?;
        }
    }
    Ok(())
}

fn note(
    file: &Path,
    reader: &str,
    handles: &BTreeMap<String, &Param>,
    readers: &mut Readers,
) -> Result<(), String> {
    let text = fs::read_to_string(file).map_err(|e| format!("{}: {e}", file.display()))?;
    let code = code(&text);
    // Where a file asks for LMTP's twin at all, its smtp_ handles stand for both.
    let both = [".client(", ".lmtp()", "is_lmtp"].iter().any(|sign| code.contains(sign));
    for word in code.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')) {
        if !handles.contains_key(word) {
            continue;
        }
        readers.entry(word.into()).or_default().insert(reader.into());
        if let (true, Some(twin)) = (both, crate::generate::twin(&word.to_ascii_lowercase())) {
            if let Some(handle) = Some(twin.to_ascii_uppercase()).filter(|h| handles.contains_key(h)) {
                readers.entry(handle).or_default().insert(reader.into());
            }
        }
    }
    Ok(())
}

/// The text without comments and without what follows `#[cfg(test)]`.
fn code(text: &str) -> String {
    let end = text.find("#[cfg(test)]").unwrap_or(text.len());
    let text = text.get(..end).unwrap_or(text);
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

fn list(directory: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir(directory).map_err(|e| format!("{}: {e}", directory.display()))?;
    let mut all: Vec<PathBuf> = entries.flatten().map(|e| e.path()).collect();
    all.sort();
    Ok(all)
}

fn sources(directory: &Path) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    if !directory.is_dir() {
        return Ok(found);
    }
    for path in list(directory)? {
        if path.is_dir() {
            found.extend(sources(&path)?);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    Ok(found)
}

/// The registry file's text with every stanza's `read-by` and `status` as the code has it.
pub fn mark(text: &str, readers: &Readers) -> String {
    let mut out = String::with_capacity(text.len());
    let mut who: Option<&BTreeSet<String>> = None;
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("name: ") {
            let param = Param { name: name.into(), ..Param::default() };
            who = readers.get(&param.handle());
        }
        if line.starts_with("read-by:") {
            continue;
        }
        if line.starts_with("status:") {
            match who {
                Some(who) => {
                    let who: Vec<&str> = who.iter().map(String::as_str).collect();
                    out.push_str(&format!("read-by: {}\nstatus: read\n", who.join(", ")));
                }
                None => out.push_str("status: planned\n"),
            }
            continue;
        }
        out.push_str(line);
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_code_counts() {
        let text = "use config::params::A_B; // C_D\nf(A_B);\n#[cfg(test)]\nmod tests { E_F }";
        assert!(code(text).contains("A_B"));
        assert!(!code(text).contains("C_D") && !code(text).contains("E_F"));
    }

    #[test]
    fn defaults_and_families_are_read_by_who_reads_them() {
        let param = |name: &str, default: &str, family: Option<&str>| Param {
            name: name.into(),
            default: default.into(),
            family: family.map(str::to_string),
            ..Param::default()
        };
        let params = [
            param("a", "${b?{$c}:{x}}", None),
            param("b", "", None),
            param("c", "$d", None),
            param("d", "", None),
            param("transport_limit", "$default_limit", Some("_limit")),
            param("default_limit", "", None),
            param("local_limit", "2", None),
            param("other", "", None),
        ];
        let who = BTreeSet::from(["qmgr".to_string()]);
        let mut readers = Readers::from([("A".into(), who.clone()), ("TRANSPORT_LIMIT".into(), who)]);
        pass_on(&params, &mut readers);
        let names: Vec<&str> = readers.keys().map(String::as_str).collect();
        assert_eq!(names, ["A", "B", "C", "D", "DEFAULT_LIMIT", "LOCAL_LIMIT", "TRANSPORT_LIMIT"]);
    }

    #[test]
    fn stanzas_are_marked() {
        let readers =
            Readers::from([("A".to_string(), BTreeSet::from(["smtpd".to_string(), "lib:tls".to_string()]))]);
        let old = "name: a\nread-by: x\nstatus: planned\n\nname: b\nread-by: x\nstatus: read\n";
        assert_eq!(
            mark(old, &readers),
            "name: a\nread-by: lib:tls, smtpd\nstatus: read\n\nname: b\nstatus: planned\n"
        );
    }
}
