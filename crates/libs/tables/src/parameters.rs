//! The configuration of a networked table: a file of its own (`mysql:/etc/postfix/x.cf`), or, as in old times,
//! parameters of main.cf that begin with its name (`mysql:x`, `x_hosts = …`).

use std::collections::HashMap;

use bstr::{BString, ByteSlice};

use crate::settings;
use crate::table::{OpenError, Owner};

/// The settings of one table.
#[derive(Clone, Debug)]
pub struct Parameters {
    /// `mysql:/etc/postfix/x.cf`, for messages.
    pub table: String,
    source: Source,
    owner: Owner,
}

#[derive(Clone, Debug)]
enum Source {
    File(String, HashMap<String, String>),
    Main(String),
    /// Main.cf's parameters with this prefix, as another process read them.
    Given(String, HashMap<String, String>),
}

impl Parameters {
    /// Reads those of `kind:name`.
    pub fn open(kind: &str, name: &str) -> Result<Parameters, OpenError> {
        let table = format!("{kind}:{name}");
        if !name.starts_with(['/', '.']) {
            return Ok(Parameters { table, source: Source::Main(name.to_owned()), owner: Owner::Trusted });
        }
        let (_, stamp, text) = crate::text::read(name, "")?;
        let text = String::from_utf8_lossy(&text);
        let mut values = HashMap::new();
        for line in config::main_cf::logical_lines(&text) {
            match config::main_cf::split_assignment(&line.text) {
                Ok((name, value)) => {
                    values.insert(name.to_owned(), value.to_owned());
                }
                Err(why) => return Err(OpenError::Config(format!("{name}, line {}: {why}", line.line))),
            }
        }
        Ok(Parameters { table, source: Source::File(name.to_owned(), values), owner: stamp.owner() })
    }

    /// All of them, for a helper: table, kind of source, its name, and each name and value.
    pub(crate) fn fields(&self) -> Vec<BString> {
        let (kind, place, values): (&str, &str, Vec<(String, String)>) = match &self.source {
            Source::File(file, values) => ("file", file, values.clone().into_iter().collect()),
            Source::Main(prefix) => {
                let start = format!("{prefix}_");
                let own = settings()
                    .parameters
                    .iter()
                    .filter_map(|(name, value)| Some((name.strip_prefix(&start)?.to_owned(), value.clone())));
                ("main.cf", prefix, own.collect())
            }
            Source::Given(prefix, values) => ("main.cf", prefix, values.clone().into_iter().collect()),
        };
        let mut fields: Vec<BString> = vec![self.table.as_str().into(), kind.into(), place.into()];
        for (name, value) in values {
            fields.extend([BString::from(name), BString::from(value)]);
        }
        fields
    }

    /// What [`Parameters::fields`] gave.
    pub(crate) fn from_fields(fields: &[BString]) -> Parameters {
        let text =
            |index: usize| fields.get(index).map(|f| f.to_str_lossy().into_owned()).unwrap_or_default();
        let pairs = fields.get(3..).unwrap_or_default().chunks_exact(2);
        let values: HashMap<String, String> =
            pairs.filter_map(|pair| Some((pair.first()?.to_string(), pair.last()?.to_string()))).collect();
        let source =
            if text(1) == "file" { Source::File(text(2), values) } else { Source::Given(text(2), values) };
        Parameters { table: text(0), source, owner: Owner::Unknown }
    }

    /// Whose words these are.
    pub fn owner(&self) -> Owner {
        self.owner
    }

    /// The value of `name` as it was set.
    pub fn text(&self, name: &str) -> Option<String> {
        match &self.source {
            Source::File(_, values) | Source::Given(_, values) => values.get(name).cloned(),
            Source::Main(prefix) => settings().parameter(&format!("{prefix}_{name}")),
        }
    }

    /// Whether it was set at all.
    pub fn is_set(&self, name: &str) -> bool {
        self.text(name).is_some()
    }

    /// The value of `name`, of at least `least` bytes.
    pub fn string(&self, name: &str, default: &str, least: usize) -> Result<String, OpenError> {
        let value = self.text(name).unwrap_or_else(|| default.to_owned());
        if value.len() < least {
            return Err(OpenError::Config(match &self.source {
                Source::File(file, _) => {
                    format!("{file}: bad string length {} < {least}: {name} = {value}", value.len())
                }
                Source::Main(prefix) | Source::Given(prefix, _) => {
                    format!("bad string length {} < {least}: {prefix}_{name} = {value}", value.len())
                }
            }));
        }
        Ok(value)
    }

    /// The value of `name` as a number of at least `least`.
    pub fn number(&self, name: &str, default: u32, least: u32) -> Result<u32, OpenError> {
        let Some(text) = self.text(name) else { return Ok(default) };
        let number = text.trim().parse::<u32>().map_err(|_| {
            OpenError::Config(format!("{}: bad numerical configuration: {name} = {text}", self.shown()))
        })?;
        if number < least {
            return Err(OpenError::Config(format!(
                "{}: invalid {name} parameter value {number} < {least}",
                self.shown()
            )));
        }
        Ok(number)
    }

    /// The value of `name` as yes or no.
    pub fn flag(&self, name: &str, default: bool) -> Result<bool, OpenError> {
        match self.text(name).as_deref().map(str::trim) {
            None => Ok(default),
            Some(word) if word.eq_ignore_ascii_case("yes") => Ok(true),
            Some(word) if word.eq_ignore_ascii_case("no") => Ok(false),
            Some(word) => Err(OpenError::Config(format!(
                "{}: bad boolean configuration: {name} = {word}",
                self.shown()
            ))),
        }
    }

    fn shown(&self) -> &str {
        match &self.source {
            Source::File(file, _) => file,
            Source::Main(_) | Source::Given(..) => &self.table,
        }
    }
}
