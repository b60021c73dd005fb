//! master.cf: `postconf -M` (entries), `-F` (fields), `-P` (parameters).

use std::collections::BTreeSet;

use crate::names::Names;
use crate::options::{Options, Target};
use crate::output;
use crate::pattern::{Pattern, report_unmatched};
use crate::scope::Settings;
use crate::services::{FIELD_NAMES, FIELDS, Service, Services};

/// Prints what was asked for.
pub fn show(
    options: &Options,
    settings: &Settings,
    services: &Services,
    names: &Names,
) -> Result<(), String> {
    let patterns: Vec<Pattern> = options.operands.iter().map(|o| Pattern::parse(o)).collect();
    let (limit, usage) = match options.target {
        Target::Entries => (2, "-M option requires service_name[/type]"),
        Target::Fields => (3, "-F option requires service_name[/type[/field]]"),
        _ => (3, "-P option requires service_name[/type[/parameter]]"),
    };
    if patterns.iter().any(|p| p.len() > limit) {
        return Err(usage.into());
    }
    if options.target == Target::Fields {
        for field in patterns.iter().filter_map(Pattern::item) {
            if field != "*" && !FIELD_NAMES.contains(&field) {
                return Err(format!("invalid service attribute name: \"{field}\""));
            }
        }
    }
    for service in &services.all {
        let text = match options.target {
            Target::Entries => entry(options, settings, service, &patterns)?,
            Target::Fields => fields(options, settings, service, &patterns)?,
            _ => parameters(options, settings, service, names, &patterns)?,
        };
        output::print(&text)?;
    }
    report_unmatched(&patterns);
    Ok(())
}

fn wanted(patterns: &[Pattern], service: &Service, item: &str) -> bool {
    // Each pattern counts its hits, so all are asked.
    let hits = patterns.iter().filter(|p| p.matches(service, item)).count();
    patterns.is_empty() || hits > 0
}

fn entry(
    options: &Options,
    settings: &Settings,
    service: &Service,
    patterns: &[Pattern],
) -> Result<String, String> {
    if !wanted(patterns, service, "") {
        return Ok(String::new());
    }
    let arguments = arguments(options, settings, service)?;
    if options.json {
        let parts: Vec<&str> = (0..FIELDS).map(|at| service.field(at)).collect();
        let value = output::plain_command(&parts, &arguments);
        return Ok(format!("{{{}: {}}}\n", output::json(&service.name()), output::json(&value)));
    }
    Ok(output::entry(service, &arguments, options.fold, false))
}

fn fields(
    options: &Options,
    settings: &Settings,
    service: &Service,
    patterns: &[Pattern],
) -> Result<String, String> {
    let mut text = String::new();
    for (at, field) in FIELD_NAMES.iter().enumerate() {
        if !wanted(patterns, service, field) {
            continue;
        }
        let name = format!("{}/{field}", service.name());
        if at + 1 < FIELDS || options.hide_values {
            text.push_str(&output::setting(options, &name, service.field(at)));
            continue;
        }
        let arguments = arguments(options, settings, service)?;
        let command = service.field(at);
        if options.json {
            let value = output::plain_command(&[command], &arguments);
            text.push_str(&output::setting(options, &name, &value));
        } else {
            let label = if options.hide_names { String::new() } else { format!("{name} = ") };
            text.push_str(&output::command_field(&label, command, &arguments, options.fold, false));
        }
    }
    Ok(text)
}

fn parameters(
    options: &Options,
    settings: &Settings,
    service: &Service,
    names: &Names,
    patterns: &[Pattern],
) -> Result<String, String> {
    let mut shown: BTreeSet<&str> = service.parameters.keys().map(String::as_str).collect();
    if options.all_parameters {
        shown.extend(names.global.keys().map(String::as_str));
    }
    let mut text = String::new();
    for name in shown {
        if !wanted(patterns, service, name) {
            continue;
        }
        let value = match service.lookup(name).or_else(|| settings.raw(name)) {
            Some(value) => value,
            None => continue,
        };
        let value = if options.expand { settings.expand(&value, Some(service))? } else { value };
        text.push_str(&output::setting(options, &format!("{}/{name}", service.name()), &value));
    }
    Ok(text)
}

/// The arguments, `-o` values expanded with `-x`.
fn arguments(options: &Options, settings: &Settings, service: &Service) -> Result<Vec<String>, String> {
    let mut all = service.arguments().to_vec();
    if options.expand {
        let mut at = 0;
        while all.get(at).is_some_and(|a| a.starts_with('-') && a != "--") {
            if all.get(at).is_some_and(|a| a == "-o") {
                if let Some(value) = all.get_mut(at + 1) {
                    *value = settings.expand(value, Some(service))?;
                }
                at += 1;
            }
            at += 1;
        }
    }
    Ok(all)
}
