//! Editing master.cf: `-M -e`, `-M -#`, `-M -X`, `-F -e`, `-P -e`, `-P -X`.
//!
//! compat: what nobody asked about is copied as it is, be it right or wrong. Comments and empty lines amid or behind the
//! lines of an entry end up in front of it when a field or parameter of it changes, and behind its first line when the
//! entry is replaced (cases `master` of `xtask diff postconf`).

use std::path::Path;

use bstr::ByteSlice;
use config::main_cf::split_assignment;

use crate::edit_file;
use crate::edit_main::{end_line, operands};
use crate::options::{Action, Options, Target};
use crate::output;
use crate::pattern::Pattern;
use crate::services::{EntryError, FIELD_NAMES, FIELDS, Service};

/// The options, as complaints name them.
const OPTIONS: &str = "-Me, -Fe, -Pe, -X, or -#";

struct Request<'a> {
    operand: &'a str,
    pattern: Pattern,
    value: Option<&'a str>,
}

/// Edits master.cf.
pub fn run(options: &Options, action: Action) -> Result<(), String> {
    let target = options.target;
    let requests = operands(options, action, &format!("{OPTIONS} accept"))?
        .into_iter()
        .map(|operand| request(target, action, operand))
        .collect::<Result<Vec<_>, _>>()?;
    let path = options.directory().join("master.cf");
    edit_file::replace(&path, |old| Edit { path: &path, target, action, requests: &requests }.rewrite(old))
}

fn request(target: Target, action: Action, operand: &str) -> Result<Request<'_>, String> {
    let (name, value) = if action == Action::Edit {
        let (name, value) = split_assignment(operand).map_err(|why| format!("{why}: \"{operand}\""))?;
        (name, Some(value))
    } else {
        if operand.contains('=') {
            return Err("-X or -# requires names without value".into());
        }
        (operand, None)
    };
    let pattern = Pattern::parse(name);
    let blank = value.is_some_and(|value| value.contains([' ', '\t', '\r', '\n']));
    let (parts, usage) = match target {
        Target::Entries => (2, "-Me, -MX or -M# requires service_name/type"),
        Target::Fields => (3, "-Fe or -FX requires service_name/type/field_name"),
        _ => (3, "-Pe or -PX requires service_name/type/parameter"),
    };
    let item = pattern.item().unwrap_or_default();
    let wrong = match target {
        _ if pattern.len() != parts => usage,
        Target::Fields if item == "*" => "-Fe does not accept wild-card field name",
        Target::Fields if !FIELD_NAMES.contains(&item) => {
            return Err(format!("invalid service attribute name: \"{item}\""));
        }
        Target::Fields if blank && item != "command" => "-Fe does not accept whitespace in non-command field",
        Target::Parameters if item == "*" => "-Pe does not accept wild-card parameter name",
        Target::Parameters if blank => "-Pe does not accept whitespace in parameter value",
        _ => return Ok(Request { operand, pattern, value }),
    };
    Err(wrong.into())
}

struct Edit<'a> {
    path: &'a Path,
    target: Target,
    action: Action,
    requests: &'a [Request<'a>],
}

impl Edit<'_> {
    /// The file with the changes.
    fn rewrite(&self, old: &[u8]) -> Result<Vec<u8>, String> {
        // Whole entries: parsed before anything is changed, used where they fit.
        let entries: Vec<Option<Service>> =
            self.requests.iter().map(|request| self.entry(request)).collect::<Result<_, _>>()?;
        let lines: Vec<&[u8]> = old.lines_with_terminator().collect();
        let mut new = Vec::with_capacity(old.len());
        let mut touched = false;
        let mut at = 0;
        while let Some(&line) = lines.get(at) {
            at += 1;
            let whole = line.ends_with(b"\n");
            if is_comment(line) {
                new.extend_from_slice(line);
                end_line(&mut new, whole);
                continue;
            }
            if !is_continuation(line) {
                let (name, kind) = self.heading(line, at)?;
                match self.edited(&name, &kind, &lines, &mut at, &entries, &mut new)? {
                    Change::None => touched = false,
                    Change::Dropped => touched = true,
                    Change::New(service) => {
                        touched = true;
                        new.extend(output::bytes(&output::entry(&service, service.arguments(), true, true)));
                        continue;
                    }
                }
            }
            if touched && self.action != Action::CommentOut {
                continue;
            }
            if touched {
                new.push(b'#');
            }
            new.extend_from_slice(line);
            end_line(&mut new, whole);
        }
        for (request, entry) in self.requests.iter().zip(&entries).filter(|(r, _)| r.pattern.is_unused()) {
            match (self.target, entry) {
                (_, Some(entry)) => {
                    new.extend(output::bytes(&output::entry(entry, entry.arguments(), true, true)));
                }
                (Target::Entries, None) => {}
                _ => log::warning!("unmatched service_name/type: \"{}\"", request.operand),
            }
        }
        Ok(new)
    }

    /// The entry that a request puts in place, if it is of that kind.
    fn entry(&self, request: &Request) -> Result<Option<Service>, String> {
        match (self.target, request.value) {
            (Target::Entries, Some(value)) => match Service::parse(value) {
                Ok(service) => Ok(Some(service)),
                Err(EntryError::FieldCount) => Err(format!("bad field count: \"{}\"", request.operand)),
                Err(EntryError::Field(why)) => Err(why),
            },
            _ => Ok(None),
        }
    }

    /// The service's name and type, which its first line must have.
    fn heading(&self, line: &[u8], number: usize) -> Result<(String, String), String> {
        let place = || format!("file {}: line {number}", self.path.display());
        let text = output::text(line);
        let mut words = text.split([' ', '\t', '\r', '\n']).filter(|word| !word.is_empty());
        let (Some(name), Some(kind)) = (words.next(), words.next()) else {
            return Err(format!("{}: specify service name and type on the same line", place()));
        };
        if name.contains('=') {
            return Err(format!("{}: service name syntax \"{name}\" is unsupported with {OPTIONS}", place()));
        }
        if kind.contains(['=', '/']) {
            return Err(format!("{}: service type syntax \"{kind}\" is unsupported with {OPTIONS}", place()));
        }
        Ok((name.into(), kind.into()))
    }

    /// What becomes of the entry whose first line ends before `at`. Its other lines are taken, too, where it is parsed.
    fn edited(
        &self,
        name: &str,
        kind: &str,
        lines: &[&[u8]],
        at: &mut usize,
        entries: &[Option<Service>],
        new: &mut Vec<u8>,
    ) -> Result<Change, String> {
        let mut change = Change::None;
        for (request, entry) in self.requests.iter().zip(entries) {
            let names_it = entry.as_ref().is_some_and(|e| e.field(0) == name && e.field(1) == kind);
            if !request.pattern.means(name, kind) && !names_it {
                continue;
            }
            let first = request.pattern.hit();
            let parsed = match (self.target, &mut change) {
                (Target::Entries, _) => {
                    match entry.as_ref().filter(|_| first) {
                        Some(entry) => change = Change::New(Box::new(entry.clone())),
                        None if matches!(change, Change::None) => change = Change::Dropped,
                        None => {}
                    }
                    continue;
                }
                (_, Change::New(service)) => service,
                (_, other) => {
                    let text = logical_line(lines, at, new);
                    let place = || format!("file {}: line {at}", self.path.display());
                    *other = Change::New(Box::new(Service::parse(&text).map_err(|why| match why {
                        EntryError::FieldCount => format!("{}: bad field count", place()),
                        EntryError::Field(why) => why,
                    })?));
                    match other {
                        Change::New(service) => service,
                        _ => continue,
                    }
                }
            };
            let item = request.pattern.item().unwrap_or_default();
            if self.target == Target::Fields {
                let value = request.value.unwrap_or_default();
                let field = FIELD_NAMES.iter().position(|f| *f == item).unwrap_or_default();
                parsed.set_field(field, value);
                if parsed.fields.len() < FIELDS || parsed.fields.iter().take(FIELDS).any(String::is_empty) {
                    return Err(format!("empty {item} field in \"{}\"", request.operand));
                }
                parsed.validate(value)?;
            } else {
                parsed.set_parameter(item, request.value);
            }
        }
        Ok(change)
    }
}

enum Change {
    None,
    /// Taken out, or commented out.
    Dropped,
    New(Box<Service>),
}

/// The text of the entry that begins in the line before `at`. Comments on the way, and behind it, are passed on.
fn logical_line(lines: &[&[u8]], at: &mut usize, new: &mut Vec<u8>) -> String {
    let mut text = lines.get(at.saturating_sub(1)).copied().unwrap_or_default().to_vec();
    while let Some(&line) = lines.get(*at).filter(|line| line.starts_with(b"#") || is_continuation(line)) {
        *at += 1;
        if is_comment(line) {
            new.extend_from_slice(line);
            end_line(new, line.ends_with(b"\n"));
        } else {
            text.extend_from_slice(line);
        }
    }
    output::text(&text)
}

fn is_comment(line: &[u8]) -> bool {
    let body = line.trim_ascii_start();
    body.is_empty() || body.starts_with(b"#")
}

fn is_continuation(line: &[u8]) -> bool {
    line.first().is_some_and(u8::is_ascii_whitespace)
}
