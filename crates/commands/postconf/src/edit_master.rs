//! Editing master.cf: `-M -e`, `-M -#`, `-M -X`, `-F -e`, `-P -e`, `-P -X`.

use bstr::ByteSlice;
use config::main_cf::split_assignment;

use crate::edit_file;
use crate::edit_main::operands;
use crate::options::{Action, Options, Target};
use crate::output;
use crate::pattern::Pattern;
use crate::services::{EntryError, FIELD_NAMES, Service};

struct Request {
    operand: String,
    pattern: Pattern,
    /// `-M -e`: the entry to put in place.
    entry: Option<Service>,
    value: Option<String>,
}

/// Edits master.cf.
pub fn run(options: &Options, action: Action) -> Result<(), String> {
    let action = if action == Action::Show { Action::Edit } else { action };
    let requests: Result<Vec<Request>, String> =
        operands(options, action)?.iter().map(|operand| request(options.target, action, operand)).collect();
    let requests = requests?;
    let path = options.directory().join("master.cf");
    edit_file::replace(&path, |old| rewrite(options.target, action, old, &requests))?;
    if action == Action::Edit {
        for request in requests.iter().filter(|r| r.pattern.is_unused() && r.entry.is_none()) {
            log::warning!("unmatched service_name/type: \"{}\"", request.operand);
        }
    }
    Ok(())
}

fn request(target: Target, action: Action, operand: &str) -> Result<Request, String> {
    let (name, value) = if action == Action::Edit {
        let (name, value) = split_assignment(operand).map_err(|why| format!("{why}: \"{operand}\""))?;
        (name, Some(value))
    } else {
        if operand.contains('=') {
            return Err("-X or -# requires names without value".into());
        }
        (operand.trim_end(), None)
    };
    let pattern = Pattern::parse(name);
    let (parts, usage) = match target {
        Target::Entries => (2, "-Me, -MX or -M# requires service_name/type"),
        Target::Fields => (3, "-Fe requires service_name/type/field"),
        _ => (3, "-Pe or -PX requires service_name/type/parameter"),
    };
    if pattern.len() != parts {
        return Err(usage.into());
    }
    let mut entry = None;
    match (target, value) {
        (Target::Entries, Some(value)) => {
            entry = Some(Service::parse(value).map_err(|why| match why {
                EntryError::FieldCount => format!("bad field count: \"{value}\""),
                EntryError::Field(text) => text,
            })?);
        }
        (Target::Fields, _) => {
            let field = pattern.item().unwrap_or_default();
            if !FIELD_NAMES.contains(&field) {
                return Err(format!("invalid service attribute name: \"{field}\""));
            }
        }
        (_, Some(value)) if value.contains([' ', '\t', '\r', '\n']) => {
            return Err("-Pe does not accept whitespace in parameter value".into());
        }
        _ => {}
    }
    Ok(Request { operand: operand.into(), pattern, entry, value: value.map(str::to_string) })
}

/// The file with the changes. A logical line's comments stay before what replaces it.
fn rewrite(target: Target, action: Action, old: &[u8], requests: &[Request]) -> Result<Vec<u8>, String> {
    let lines: Vec<&[u8]> = old.lines_with_terminator().collect();
    let mut new = Vec::with_capacity(old.len());
    let mut at = 0;
    while let Some(&first) = lines.get(at) {
        if is_comment(first) {
            new.extend_from_slice(first);
            at += 1;
            continue;
        }
        let mut end = at + 1;
        while lines.get(end).is_some_and(|l| is_comment(l) || l.starts_with(b" ") || l.starts_with(b"\t")) {
            end += 1;
        }
        // Comments after the last continuation line belong to what follows.
        while end > at + 1 && lines.get(end - 1).is_some_and(|l| is_comment(l)) {
            end -= 1;
        }
        let entry = lines.get(at..end).unwrap_or_default();
        match edited(target, action, entry, requests)? {
            Change::None => entry.iter().for_each(|l| new.extend_from_slice(l)),
            Change::Replace(text) => {
                entry.iter().filter(|l| is_comment(l)).for_each(|l| new.extend_from_slice(l));
                new.extend_from_slice(text.as_bytes());
            }
            Change::CommentOut => {
                for line in entry {
                    if !is_comment(line) {
                        new.push(b'#');
                    }
                    new.extend_from_slice(line);
                }
            }
        }
        at = end;
    }
    for request in requests.iter().filter(|r| r.pattern.is_unused()) {
        if let Some(entry) = &request.entry {
            new.extend_from_slice(output::entry(entry, entry.arguments(), true, true).as_bytes());
        }
    }
    Ok(new)
}

enum Change {
    None,
    Replace(String),
    CommentOut,
}

fn edited(target: Target, action: Action, lines: &[&[u8]], requests: &[Request]) -> Result<Change, String> {
    let text: Vec<u8> = lines.iter().filter(|l| !is_comment(l)).flat_map(|l| l.iter().copied()).collect();
    let text = String::from_utf8_lossy(&text).replace('\n', " ");
    let mut service = match Service::parse(&text) {
        Ok(service) => service,
        Err(EntryError::FieldCount) => return Err(format!("bad field count: \"{}\"", text.trim_end())),
        Err(EntryError::Field(why)) => return Err(why),
    };
    let mut changed = false;
    let asked = service.clone();
    for request in requests.iter().filter(|r| r.pattern.is_for(&asked)) {
        request.pattern.hit();
        changed = true;
        let item = request.pattern.item().unwrap_or_default();
        match (target, action) {
            (Target::Entries, Action::Remove) => return Ok(Change::Replace(String::new())),
            (Target::Entries, Action::CommentOut) => return Ok(Change::CommentOut),
            (Target::Entries, _) => {
                if let Some(entry) = &request.entry {
                    service = entry.clone();
                }
            }
            (Target::Fields, _) => {
                let at = FIELD_NAMES.iter().position(|f| *f == item).unwrap_or_default();
                service.set_field(at, request.value.as_deref().unwrap_or_default());
            }
            _ => service.set_parameter(item, request.value.as_deref()),
        }
    }
    if !changed {
        return Ok(Change::None);
    }
    service.validate()?;
    Ok(Change::Replace(output::entry(&service, service.arguments(), true, true)))
}

fn is_comment(line: &[u8]) -> bool {
    let body = line.trim_ascii_start();
    body.is_empty() || body.starts_with(b"#")
}
