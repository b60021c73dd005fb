//! `postconf --explain NAME`: what a parameter is for, and what it is here and why.

use config::ParamRef;

use crate::about;
use crate::deprecated;
use crate::lint::nearest;
use crate::lint::source::{Setting, Source};
use crate::names::service_defaults;
use crate::options::Options;
use crate::output;
use crate::services::{FIELDS, Services};

/// Text is at most this wide.
const WIDTH: usize = 78;

/// Explains each operand.
pub fn run(options: &Options) -> Result<(), String> {
    if options.operands.is_empty() {
        return Err("--explain requires a parameter name".into());
    }
    let source = Source::read(&options.directory(), &mut Default::default())?;
    let services =
        Services { all: source.entries.iter().map(|e| e.service.clone()).collect(), ..Services::default() };
    for (at, name) in options.operands.iter().enumerate() {
        if at > 0 {
            output::print("\n")?;
        }
        output::print(&one(name, &source, &services)?)?;
        output::flush()?;
    }
    Ok(())
}

fn one(name: &str, source: &Source, services: &Services) -> Result<String, String> {
    let set = source.settings.iter().chain(&source.local).any(|s| s.name == name);
    let about = about::find(name);
    let family = service_defaults(services).get(name).copied();
    let row = ParamRef::named(name).map(|p| p.row());
    if row.is_none() && family.is_none() && !set {
        let known = ParamRef::all().map(|p| p.row()).filter(|row| !row.hidden).map(|row| row.name);
        return Err(format!("{name}: unknown parameter{}", nearest::hint(name, known)));
    }
    let mut text = format!("{name}\n");
    let mut line = |label: &str, value: &str| {
        if !value.is_empty() {
            text += &wrapped(label, value);
        }
    };
    match (row, family, about) {
        (_, _, Some(about)) if row.is_some() || family.is_some() => {
            line("meaning", about.text);
            let members = config::params::FAMILIES.iter().find(|f| f.name == about.family);
            line("type", &row.or(members).map(about::bounds).unwrap_or_default());
            line("read by", &readers(about));
            line(
                "since",
                &Some(about.since)
                    .filter(|s| !s.is_empty())
                    .map(|s| format!("Postfix {s}"))
                    .unwrap_or_default(),
            );
        }
        _ => line("meaning", "a name of this configuration's own, for use as $name"),
    }
    if let Some(advice) = deprecated::advice(name) {
        line("note", &format!("will be removed from a later release; instead, {advice}"));
    }
    let default =
        row.map(
            |r| if r.computed { source.config.computed(name).unwrap_or_default() } else { r.default.into() },
        );
    if let Some(default) = default.or(family.map(str::to_string)) {
        line("default", &shown(&default, source, None));
    }
    match source.setting(name) {
        Some(setting) => {
            line("value", &shown(&setting.value, source, None));
            line("set at", &format!("{}:{}", source.main, setting.line));
        }
        None => line("value", "the default"),
    }
    for earlier in source.settings.iter().filter(|s| s.name == name).rev().skip(1) {
        line("replaced", &format!("{} at {}:{}", or_empty(&earlier.value), source.main, earlier.line));
    }
    for setting in source.local.iter().filter(|s| s.name == name) {
        line("for", &locally(setting, source));
    }
    Ok(text)
}

fn readers(about: &about::About) -> String {
    if about.planned {
        return "nothing yet: accepted, but not yet acted on by this version".into();
    }
    let programs: Vec<String> = about
        .readers
        .split(", ")
        .map(|reader| match reader.strip_prefix("lib:") {
            Some(library) => format!("whoever uses {library}"),
            None => reader.to_string(),
        })
        .collect();
    programs.join(", ")
}

fn locally(setting: &Setting, source: &Source) -> String {
    let entry = setting.service.and_then(|at| source.entries.get(at));
    let who =
        entry.map(|e| format!("{} ({})", e.service.name(), e.service.field(FIELDS - 1))).unwrap_or_default();
    let value = shown(&setting.value, source, setting.service);
    format!("{who}: {value}, set at {}", source.place(setting, &setting.name))
}

/// The text, and what it comes to if that differs.
fn shown(text: &str, source: &Source, service: Option<usize>) -> String {
    match source.config_of(service).expand(text) {
        Ok(value) if value != text => format!("{text} = {}", or_empty(&value)),
        _ => or_empty(text).to_string(),
    }
}

fn or_empty(text: &str) -> &str {
    if text.trim().is_empty() { "(empty)" } else { text }
}

fn wrapped(label: &str, value: &str) -> String {
    let mut text = format!("  {label:<9}");
    let mut length = text.len();
    for (at, word) in value.split_whitespace().enumerate() {
        if at > 0 && length + 1 + word.len() > WIDTH {
            text += &format!("\n{:11}", "");
            length = 11;
        } else if at > 0 {
            text.push(' ');
            length += 1;
        }
        text += word;
        length += word.len();
    }
    text.push('\n');
    text
}
