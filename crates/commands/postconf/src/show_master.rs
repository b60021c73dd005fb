//! master.cf: `postconf -M` (entries), `-F` (fields), `-P` (parameters).

use std::collections::BTreeSet;

use config::ParamRef;

use crate::names::{Names, is_ours};
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
    if patterns.iter().any(|p| p.len() == 0 || p.len() > limit) {
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
        let text = each(&patterns, service, |pattern| match options.target {
            Target::Entries => {
                pattern.map(Pattern::hit);
                entry(options, settings, service)
            }
            Target::Fields => {
                pattern.map(Pattern::hit);
                let item = pattern.filter(|p| !p.is_for_all()).and_then(Pattern::item);
                let fields = (0..FIELDS).filter(|&at| item.is_none_or(|i| FIELD_NAMES.get(at) == Some(&i)));
                fields.map(|at| field(options, settings, service, at)).collect()
            }
            _ => {
                let item = pattern.filter(|p| !p.is_for_all()).and_then(Pattern::item);
                let known = known(options, service, names, pattern.is_some());
                let wanted = known.into_iter().filter(|name| item.is_none_or(|i| i == *name));
                let mut text = String::new();
                for name in wanted {
                    pattern.map(Pattern::hit);
                    text += &parameter(options, settings, service, name)?;
                }
                Ok(text)
            }
        })?;
        output::print(&text)?;
    }
    report_unmatched(&patterns);
    Ok(())
}

/// `show` for each request that means the service, or once if nothing in particular is wanted.
fn each(
    patterns: &[Pattern],
    service: &Service,
    mut show: impl FnMut(Option<&Pattern>) -> Result<String, String>,
) -> Result<String, String> {
    if patterns.is_empty() {
        return show(None);
    }
    patterns.iter().filter(|p| p.is_for(service)).map(|pattern| show(Some(pattern))).collect()
}

fn entry(options: &Options, settings: &Settings, service: &Service) -> Result<String, String> {
    let arguments = arguments(options, settings, service)?;
    if options.json {
        let parts: Vec<&str> = (0..FIELDS).map(|at| service.field(at)).collect();
        let value = output::plain_command(&parts, &arguments);
        return Ok(format!("{{{}: {}}}\n", output::json(&service.name()), output::json(&value)));
    }
    Ok(output::entry(service, &arguments, options.fold, false))
}

fn field(options: &Options, settings: &Settings, service: &Service, at: usize) -> Result<String, String> {
    let field = FIELD_NAMES.get(at).copied().unwrap_or_default();
    let name = format!("{}/{field}", service.name());
    if at + 1 < FIELDS || options.hide_values {
        return Ok(output::setting(options, &name, service.field(at)));
    }
    let arguments = arguments(options, settings, service)?;
    let command = service.field(at);
    if options.json {
        let value = output::plain_command(&[command], &arguments);
        return Ok(output::setting(options, &name, &value));
    }
    let label = if options.hide_names { String::new() } else { format!("{name} = ") };
    Ok(output::command_field(&label, command, &arguments, options.fold, false))
}

fn parameter(
    options: &Options,
    settings: &Settings,
    service: &Service,
    name: &str,
) -> Result<String, String> {
    let Some(value) = service.lookup(name).or_else(|| settings.raw(name)) else { return Ok(String::new()) };
    let value = if options.expand { settings.expand(&value, Some(service))? } else { value };
    Ok(output::setting(options, &format!("{}/{name}", service.name()), &value))
}

/// The parameters that a request can mean: those of master.cf, with `-PP` all.
fn known<'a>(options: &Options, service: &'a Service, names: &'a Names, asked: bool) -> BTreeSet<&'a str> {
    let mut known: BTreeSet<&str> = service.parameters.keys().map(String::as_str).collect();
    if options.all_parameters {
        known.extend(names.global.keys().map(String::as_str));
        // compat: the obsolete ones are shown, too, where one service is asked for.
        known.extend(ParamRef::all().map(|p| p.row().name).filter(|name| asked && !is_ours(name)));
    }
    known
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
