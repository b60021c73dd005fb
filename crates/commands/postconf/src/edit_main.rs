//! `postconf -e name=value`, `-X name`, `-# name`: main.cf is copied with the changes, then renamed into place.

use std::path::Path;

use bstr::ByteSlice;
use config::main_cf::split_assignment;

use crate::edit_file;
use crate::options::{Action, Options};
use crate::output;

/// A request, and how often its name was met.
struct Request {
    name: String,
    /// The new value; None removes or comments out.
    value: Option<String>,
    found: usize,
}

/// Edits main.cf.
pub fn run(options: &Options, action: Action) -> Result<(), String> {
    let mut requests: Vec<Request> = Vec::new();
    for operand in operands(options, action, "-e, -X, or -# accepts")? {
        let (name, value) = if action == Action::Edit {
            let (name, value) = split_assignment(operand).map_err(|why| format!("{why}: \"{operand}\""))?;
            (name, Some(value.to_string()))
        } else {
            if operand.is_empty() {
                return Err("-X or -# requires non-blank parameter names".into());
            }
            if operand.contains('=') {
                return Err("-X or -# requires parameter names without value".into());
            }
            (operand, None)
        };
        if let Some(at) = requests.iter().position(|r| r.name == name) {
            if let Some(earlier) = requests.remove(at).value {
                log::warning!("ignoring earlier request: '{name} = {earlier}'");
            }
        }
        requests.push(Request { name: name.into(), value, found: 0 });
    }
    requests.sort_by(|a, b| a.name.cmp(&b.name));
    let path = options.directory().join("main.cf");
    edit_file::replace(&path, |old| Ok(rewrite(&path, old, action, &mut requests)))
}

/// The operands without white space in front, checked as both kinds of editing want them. `who` begins the complaints.
pub fn operands<'a>(options: &'a Options, action: Action, who: &str) -> Result<Vec<&'a str>, String> {
    if options.operands.is_empty() {
        return Err(match action {
            Action::Edit => "-e requires name=value argument".into(),
            _ => "missing service argument".into(),
        });
    }
    let mut all = Vec::new();
    for operand in &options.operands {
        if operand.contains('\n') {
            return Err(format!("{who} no multi-line input"));
        }
        let operand = operand.trim_start();
        if operand.starts_with('#') {
            return Err(format!("{who} no comment input"));
        }
        all.push(operand);
    }
    Ok(all)
}

fn rewrite(path: &Path, old: &[u8], action: Action, requests: &mut [Request]) -> Vec<u8> {
    let mut new = Vec::with_capacity(old.len());
    let mut touched = false;
    for line in old.lines_with_terminator() {
        let whole = line.ends_with(b"\n");
        let body = line.trim_ascii_start();
        if body.is_empty() || body.starts_with(b"#") {
            new.extend_from_slice(line);
            end_line(&mut new, whole);
            continue;
        }
        let continued = body.len() < line.len();
        if !continued {
            let end = body.find_byteset(b" \t\r\n=").unwrap_or(body.len());
            let name = body.get(..end).unwrap_or_default();
            touched = false;
            if let Some(request) = requests.iter_mut().find(|r| output::bytes(&r.name) == name) {
                touched = true;
                request.found += 1;
                if request.found == 2 {
                    log::warning!("{}: multiple entries for \"{}\"", path.display(), request.name);
                }
                if let Some(value) = &request.value {
                    new.extend(output::bytes(&format!("{} = {value}\n", request.name)));
                    continue;
                }
            }
        }
        if !touched {
            new.extend_from_slice(line);
        } else if action == Action::CommentOut {
            new.push(b'#');
            new.extend_from_slice(line);
        } else {
            continue;
        }
        end_line(&mut new, whole);
    }
    for request in requests.iter().filter(|r| r.found == 0) {
        if let Some(value) = &request.value {
            new.extend(output::bytes(&format!("{} = {value}\n", request.name)));
        }
    }
    new
}

/// Ends a line that had no end of its own, as the last of a file may.
pub fn end_line(text: &mut Vec<u8>, whole: bool) {
    if !whole {
        text.push(b'\n');
    }
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
