//! main.cf parameters: `postconf`, `postconf -n`, `postconf -d`, `postconf name`.

use crate::names::{Class, Names};
use crate::options::Options;
use crate::output;
use crate::scope::Settings;

/// Prints the parameters asked for, or all.
pub fn show(options: &Options, settings: &Settings, names: &Names) -> Result<(), String> {
    if options.operands.is_empty() {
        let mut text = String::new();
        // compat: that the files are where they always are is no setting.
        let usual = options.only_set
            && settings.set("config_directory").is_some_and(|d| d == config::directory::DEFAULT);
        for (name, class) in &names.global {
            if class.is_in(options.classes) && !(usual && name == "config_directory") {
                one(options, settings, name, *class, &mut text)?;
            }
        }
        return output::print(&text);
    }
    for name in &options.operands {
        let mut text = String::new();
        match names.global.get(name) {
            Some(class) => one(options, settings, name, *class, &mut text)?,
            None => log::warning!("{name}: unknown parameter"),
        }
        output::print(&text)?;
    }
    Ok(())
}

fn one(
    options: &Options,
    settings: &Settings,
    name: &str,
    class: Class,
    text: &mut String,
) -> Result<(), String> {
    let set = if options.defaults { None } else { settings.set(name) };
    let value = match set {
        Some(value) => value.to_string(),
        None if options.only_set || class == Class::User => return Ok(()),
        None => settings.default(name).unwrap_or_default(),
    };
    let raw = config::ParamRef::named(name).is_some_and(|p| p.row().kind == config::param::Kind::Raw);
    let value = if options.expand && !raw { settings.expand(&value, None)? } else { value };
    text.push_str(&output::setting(options, name, &value));
    Ok(())
}
