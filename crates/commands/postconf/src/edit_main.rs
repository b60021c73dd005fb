//! `postconf -e name=value`, `-X name`, `-# name`: main.cf is copied with the changes, then renamed into place.

use std::path::Path;

use bstr::ByteSlice;
use config::main_cf::split_assignment;

use crate::edit_file;
use crate::options::{Action, Options};

/// A request, and how often its name was met.
struct Request {
    name: String,
    /// The new value; None removes or comments out.
    value: Option<String>,
    found: usize,
}

/// Edits main.cf.
pub fn run(options: &Options, action: Action) -> Result<(), String> {
    let action = if action == Action::Show { Action::Edit } else { action };
    let mut requests = Vec::new();
    for operand in operands(options, action)? {
        let (name, value) = if action == Action::Edit {
            let (name, value) = split_assignment(&operand).map_err(|why| format!("{why}: \"{operand}\""))?;
            (name.to_string(), Some(value.to_string()))
        } else {
            (operand.trim().to_string(), None)
        };
        requests.retain(|r: &Request| r.name != name);
        requests.push(Request { name, value, found: 0 });
    }
    let path = options.directory().join("main.cf");
    edit_file::replace(&path, |old| Ok(rewrite(&path, old, action, &mut requests)))
}

/// The operands, checked as both kinds of editing want them.
pub fn operands(options: &Options, action: Action) -> Result<Vec<String>, String> {
    if options.operands.is_empty() {
        return Err(match action {
            Action::Edit => "-e requires name=value argument".into(),
            _ => "missing service argument".into(),
        });
    }
    let mut all = Vec::new();
    for operand in &options.operands {
        if operand.contains('\n') {
            return Err("-e, -X, or -# accepts no multi-line input".into());
        }
        let operand = operand.trim_start();
        if operand.starts_with('#') {
            return Err("-e, -X, or -# accepts no comment input".into());
        }
        if operand.is_empty() {
            return Err("-X or -# requires non-blank names".into());
        }
        all.push(operand.to_string());
    }
    Ok(all)
}

fn rewrite(path: &Path, old: &[u8], action: Action, requests: &mut [Request]) -> Vec<u8> {
    let mut new = Vec::with_capacity(old.len());
    let mut touched = false;
    for line in old.lines_with_terminator() {
        let body = line.trim_ascii_start();
        if body.is_empty() || body.starts_with(b"#") {
            new.extend_from_slice(line);
            continue;
        }
        let continued = body.len() < line.len();
        if !continued {
            let end = body.find_byteset(b" \t\r\n=").unwrap_or(body.len());
            let name = body.get(..end).unwrap_or_default();
            touched = false;
            if let Some(request) = requests.iter_mut().find(|r| r.name.as_bytes() == name) {
                touched = true;
                request.found += 1;
                if request.found == 2 {
                    log::warning!("{}: multiple entries for \"{}\"", path.display(), request.name);
                }
                if let Some(value) = &request.value {
                    new.extend_from_slice(format!("{} = {value}\n", request.name).as_bytes());
                    continue;
                }
            }
        }
        if !touched {
            new.extend_from_slice(line);
        } else if action == Action::CommentOut {
            new.push(b'#');
            new.extend_from_slice(line);
        }
    }
    if new.last().is_some_and(|&b| b != b'\n') {
        new.push(b'\n');
    }
    for request in requests.iter().filter(|r| r.found == 0) {
        if let Some(value) = &request.value {
            new.extend_from_slice(format!("{} = {value}\n", request.name).as_bytes());
        }
    }
    new
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(old: &str, action: Action, name: &str, value: Option<&str>) -> String {
        let mut requests = [Request { name: name.into(), value: value.map(str::to_string), found: 0 }];
        String::from_utf8(rewrite(Path::new("main.cf"), old.as_bytes(), action, &mut requests)).unwrap()
    }

    #[test]
    fn edits() {
        let old = "# a\nx = 1,\n# amid\n  2\ny=3\n";
        assert_eq!(edit(old, Action::Edit, "x", Some("9")), "# a\nx = 9\n# amid\ny=3\n");
        assert_eq!(edit(old, Action::Remove, "x", None), "# a\n# amid\ny=3\n");
        assert_eq!(edit(old, Action::CommentOut, "x", None), "# a\n#x = 1,\n# amid\n#  2\ny=3\n");
        assert_eq!(edit(old, Action::Edit, "z", Some("")), "# a\nx = 1,\n# amid\n  2\ny=3\nz = \n");
        assert_eq!(edit("a=1", Action::Edit, "z", Some("2")), "a=1\nz = 2\n");
    }
}
