//! master.cf as postconf sees it: every field as written, arguments in one canonical form.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use config::main_cf::{LogicalLine, logical_lines, split_assignment};

use crate::output;
use crate::scope::is_read_only;

/// How many fields come before the command's arguments.
pub const FIELDS: usize = 8;

/// The fields' names, as `postconf -F` shows them.
pub const FIELD_NAMES: [&str; FIELDS] =
    ["service", "type", "private", "unprivileged", "chroot", "wakeup", "process_limit", "command"];

/// One entry of master.cf.
#[derive(Debug, Clone)]
pub struct Service {
    /// The eight fields, `-` where the default is meant, then the arguments without braces.
    pub fields: Vec<String>,
    /// What its `-o` define.
    pub parameters: BTreeMap<String, String>,
}

/// All entries, in order.
#[derive(Debug, Default)]
pub struct Services {
    pub all: Vec<Service>,
    /// Settings of parameters that cannot be set: `name=value`.
    pub refused: Vec<String>,
    /// The file, for messages.
    pub path: String,
}

impl Services {
    /// Reads master.cf. A file that is not there is fatal only if it is what the user asked about.
    pub fn load(directory: &Path, required: bool) -> Result<Services, String> {
        let path = directory.join("master.cf");
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(why) => {
                let why = format!("open {}: {}", path.display(), sys::errno_text(&why));
                if required {
                    return Err(why);
                }
                log::warning!("{why}");
                return Ok(Services { path: path.display().to_string(), ..Services::default() });
            }
        };
        let mut all = Vec::new();
        for line in logical_lines(&output::text(&bytes)) {
            if let Some(warning) = line.trouble(&path) {
                log::warning!("{warning}");
                continue;
            }
            let LogicalLine { text, line } = line;
            let service = Service::parse(&text).map_err(|why| match why {
                EntryError::FieldCount => format!("file {}: line {line}: bad field count", path.display()),
                EntryError::Field(text) => text,
            })?;
            all.push(service);
        }
        share_parameters(&mut all);
        let given = all.iter().flat_map(|s| &s.parameters).filter(|(name, _)| is_read_only(name));
        let refused = given.map(|(name, value)| format!("{name}={value}")).collect();
        all.iter_mut().for_each(|s| s.parameters.retain(|name, _| !is_read_only(name)));
        Ok(Services { all, refused, path: path.display().to_string() })
    }
}

/// compat: entries of the same name and type have their parameters in common; the last value counts.
fn share_parameters(all: &mut [Service]) {
    let mut shared: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for service in all.iter() {
        shared.entry(service.name()).or_default().extend(service.parameters.clone());
    }
    for service in all {
        service.parameters = shared.get(&service.name()).cloned().unwrap_or_default();
    }
}

/// Why an entry cannot be used.
#[derive(Debug)]
pub enum EntryError {
    FieldCount,
    Field(String),
}

impl Service {
    /// Parses one logical line.
    pub fn parse(text: &str) -> Result<Service, EntryError> {
        let mut fields = split(text);
        if fields.len() < FIELDS {
            return Err(EntryError::FieldCount);
        }
        check(&fields, text).map_err(EntryError::Field)?;
        normalize(&mut fields);
        let parameters = parameters(&fields);
        Ok(Service { fields, parameters })
    }

    /// `smtp/inet`.
    pub fn name(&self) -> String {
        format!("{}/{}", self.field(0), self.field(1))
    }

    /// One of the eight fields.
    pub fn field(&self, at: usize) -> &str {
        self.fields.get(at).map_or("", String::as_str)
    }

    /// The arguments after the command.
    pub fn arguments(&self) -> &[String] {
        self.fields.get(FIELDS..).unwrap_or_default()
    }

    /// What a name means in this service only.
    pub fn lookup(&self, name: &str) -> Option<String> {
        if let Some(value) = self.parameters.get(name) {
            return Some(value.clone());
        }
        let command = self.field(FIELDS - 1);
        match name {
            "process_name" => Some(command.rsplit('/').next().unwrap_or(command).into()),
            "service_name" => Some(self.field(0).into()),
            _ => None,
        }
    }

    /// Sets, or with None removes, an `-o` of this service.
    pub fn set_parameter(&mut self, name: &str, value: Option<&str>) {
        let mut at = FIELDS;
        let mut found = false;
        while let Some(argument) = self.fields.get(at) {
            if !is_option(argument) {
                break;
            }
            if argument != "-o" {
                at += 1;
                continue;
            }
            let matches = self
                .fields
                .get(at + 1)
                .and_then(|v| split_assignment(v).ok())
                .is_some_and(|(n, _)| n == name);
            match value {
                Some(value) if matches => {
                    if let Some(slot) = self.fields.get_mut(at + 1) {
                        *slot = format!("{name}={value}");
                    }
                    found = true;
                    at += 2;
                }
                None if matches => {
                    self.fields.drain(at..at + 2);
                }
                _ => at += 2,
            }
        }
        if let (Some(value), false) = (value, found) {
            let at = at.min(self.fields.len());
            self.fields.splice(at..at, ["-o".to_string(), format!("{name}={value}")]);
        }
        self.parameters = parameters(&self.fields);
    }

    /// Replaces a field; the command takes its arguments with it.
    pub fn set_field(&mut self, at: usize, value: &str) {
        if at + 1 == FIELDS {
            self.fields.truncate(at);
            self.fields.extend(split(value));
            if self.fields.len() > FIELDS {
                normalize(&mut self.fields);
            }
        } else if let Some(field) = self.fields.get_mut(at) {
            *field = value.into();
        }
        self.parameters = parameters(&self.fields);
    }

    /// Complains as [`Service::parse`] would; `text` is what the user gave.
    pub fn validate(&self, text: &str) -> Result<(), String> {
        check(&self.fields, text)
    }
}

/// Splits at white space outside braces.
fn split(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut level = 0usize;
    for c in text.chars() {
        match c {
            ' ' | '\t' | '\r' | '\n' if level == 0 => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                continue;
            }
            '{' => level += 1,
            '}' => level = level.saturating_sub(1),
            _ => {}
        }
        word.push(c);
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

fn check(fields: &[String], text: &str) -> Result<(), String> {
    let bad = |at: usize, value: &str| {
        let name = FIELD_NAMES.get(at).copied().unwrap_or_default();
        Err(format!("invalid {name} field \"{value}\" in \"{text}\"").replace('\n', " "))
    };
    for (at, value) in fields.iter().enumerate().take(FIELDS - 1) {
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        let good = match at {
            1 => config::master::ServiceType::named(value).is_some(),
            2..=4 => matches!(value.as_str(), "y" | "n" | "-"),
            5 => {
                let number = value.strip_suffix('?').unwrap_or(value);
                number == "-" || digits(number)
            }
            6 => value == "-" || digits(value),
            _ => true,
        };
        if !good {
            return bad(at, value);
        }
    }
    Ok(())
}

/// Options apart (`-vo a=b` is `-v -o a=b`), braces off, `-o { a = b }` as `a=b`.
fn normalize(fields: &mut Vec<String>) {
    let arguments = fields.split_off(FIELDS);
    let mut rest = arguments.into_iter();
    let mut options = true;
    while let Some(argument) = rest.next() {
        if options && is_option(&argument) {
            let (flags, value) = match argument.find('o') {
                None => {
                    fields.push(argument);
                    continue;
                }
                Some(at) => {
                    (argument.get(1..at).unwrap_or_default(), argument.get(at + 1..).unwrap_or_default())
                }
            };
            if !flags.is_empty() {
                fields.push(format!("-{flags}"));
            }
            fields.push("-o".into());
            let value = if value.is_empty() { rest.next() } else { Some(value.to_string()) };
            if let Some(value) = value {
                fields.push(if value.starts_with('{') { assignment(unbrace(&value)) } else { value });
            }
        } else {
            options = false;
            fields.push(if argument.starts_with('{') { unbrace(&argument) } else { argument });
        }
    }
}

fn assignment(text: String) -> String {
    match split_assignment(&text) {
        Ok((name, value)) => format!("{name}={value}"),
        Err(why) => {
            log::warning!("master.cf: {why}: \"{text}\"");
            text
        }
    }
}

/// The inside of `{ text }`.
fn unbrace(text: &str) -> String {
    let mut level = 0usize;
    let end = text.char_indices().find_map(|(at, c)| {
        match c {
            '{' => level += 1,
            '}' => level = level.saturating_sub(1),
            _ => {}
        }
        (level == 0).then_some(at)
    });
    let inner = match end {
        None => {
            log::warning!("master.cf: missing '}}' in \"{text}\"");
            text.get(1..).unwrap_or_default().to_string()
        }
        Some(end) => {
            let tail = text.get(end + 1..).unwrap_or_default();
            if !tail.trim().is_empty() {
                log::warning!("master.cf: syntax error after '}}' in \"{text}\"");
            }
            text.get(1..end).unwrap_or_default().to_string()
        }
    };
    inner.trim().to_string()
}

fn is_option(argument: &str) -> bool {
    argument.starts_with('-') && argument != "--"
}

fn parameters(fields: &[String]) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut rest = fields.iter().skip(FIELDS);
    while let Some(argument) = rest.next() {
        if !is_option(argument) {
            break;
        }
        if argument == "-o" {
            if let Some(Ok((name, value))) = rest.next().map(|v| split_assignment(v)) {
                found.insert(name.into(), value.into());
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(text: &str) -> Vec<String> {
        Service::parse(&format!("s unix n - n - - {text}")).unwrap().arguments().to_vec()
    }

    #[test]
    fn canonical_arguments() {
        for (text, want) in [
            ("smtpd -o { a = b c } {x y}", vec!["-o", "a=b c", "x y"]),
            ("smtpd -o{a=b}", vec!["-o", "a=b"]),
            ("smtpd -vo a=b -o c=d x -o e=f", vec!["-v", "-o", "a=b", "-o", "c=d", "x", "-o", "e=f"]),
            ("smtpd -oa=b -v", vec!["-o", "a=b", "-v"]),
            ("smtpd -o", vec!["-o"]),
            ("smtpd -v -- -o a=b", vec!["-v", "--", "-o", "a=b"]),
        ] {
            assert_eq!(arguments(text), want, "{text}");
        }
    }

    #[test]
    fn parameters_are_set_and_removed() {
        let parse = || Service::parse("s unix n - n - - x -o a=1 -v -o b=2 rest").unwrap();
        let mut service = parse();
        service.set_parameter("a", Some("9"));
        service.set_parameter("c", Some("3"));
        assert_eq!(service.arguments(), ["-o", "a=9", "-v", "-o", "b=2", "-o", "c=3", "rest"]);
        service.set_parameter("a", None);
        assert_eq!(service.arguments(), ["-v", "-o", "b=2", "-o", "c=3", "rest"]);
        assert_eq!(service.parameters.len(), 2);
    }
}
