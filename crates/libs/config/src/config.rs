//! The configuration of one process: what main.cf and the command line define, over the registry's defaults.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::expand::expand_with;
use crate::main_cf::{self, Definition, split_assignment};
use crate::param::{Family, Int, Kind, Param, ParamRef, Row, Typed, Value};
use crate::params::TABLE;
use crate::value::convert;
use crate::{ConfigError, derived};

/// All parameters of a process. Made once; values are worked out when first asked for, and kept.
#[derive(Debug)]
pub struct Config {
    directory: PathBuf,
    defined: HashMap<String, Defined>,
    warnings: Vec<String>,
    kept: Vec<OnceLock<Value>>,
}

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A line of main.cf, from 1.
    MainCf(usize),
    /// `-o name=value`.
    CommandLine,
    /// The registry.
    Default,
}

#[derive(Debug, Clone)]
struct Defined {
    text: String,
    origin: Origin,
}

impl Config {
    /// Reads `directory`/main.cf; `overrides` are the `-o name=value` of the command line, the last one winning.
    pub fn load(directory: &Path, overrides: &[(String, String)]) -> Result<Config, ConfigError> {
        let file = directory.join("main.cf");
        let bytes = fs::read(&file)
            .map_err(|e| ConfigError::new(format!("open {}: {}", file.display(), sys::errno_text(&e))))?;
        Config::from_text(directory, &String::from_utf8_lossy(&bytes), overrides)
    }

    /// As [`Config::load`], from text that is already in memory.
    pub fn from_text(
        directory: &Path,
        text: &str,
        overrides: &[(String, String)],
    ) -> Result<Config, ConfigError> {
        let file = directory.join("main.cf");
        let (definitions, mut warnings) = main_cf::definitions(&file, text)?;
        let mut defined = HashMap::new();
        for Definition { name, value, line } in definitions {
            let new = Defined { text: value, origin: Origin::MainCf(line) };
            if let Some(old) = defined.insert(name.clone(), new) {
                let file = file.display();
                warnings.push(format!("{file}, line {line}: overriding earlier entry: {name}={}", old.text));
            }
        }
        for (name, value) in overrides {
            defined.insert(name.clone(), Defined { text: value.clone(), origin: Origin::CommandLine });
        }
        Ok(Config {
            directory: directory.into(),
            defined,
            warnings,
            kept: TABLE.iter().map(|_| OnceLock::new()).collect(),
        })
    }

    /// A configuration for tests: no file, only these definitions.
    pub fn from_pairs(pairs: &[(&str, &str)]) -> Config {
        let defined = pairs
            .iter()
            .map(|&(name, text)| (name.into(), Defined { text: text.into(), origin: Origin::CommandLine }))
            .collect();
        Config {
            directory: crate::directory::DEFAULT.into(),
            defined,
            warnings: Vec::new(),
            kept: TABLE.iter().map(|_| OnceLock::new()).collect(),
        }
    }

    /// Keeps this configuration for the life of the process.
    pub fn leak(self) -> &'static Config {
        Box::leak(Box::new(self))
    }

    /// A parameter's value. What was not checked at start ([`Config::check`]) and is unusable ends the process
    /// (see [`crate::on_fatal`]); it is never quietly replaced by the default.
    pub fn get<T: Typed>(&self, param: Param<T>) -> T::Value<'_> {
        match self.try_get(param) {
            Ok(value) => value,
            Err(why) => crate::error::fatal(&why),
        }
    }

    /// A parameter's value, or what is wrong with it.
    pub fn try_get<T: Typed>(&self, param: Param<T>) -> Result<T::Value<'_>, ConfigError> {
        let value = self.value(param.at(), param.row())?;
        T::take(value)
            .ok_or_else(|| ConfigError::new(format!("parameter {}: registry type mismatch", param.name())))
    }

    /// `get` of the smtp_ parameter, or of its lmtp_ twin.
    pub fn client<T: Typed>(&self, param: Param<T>, is_lmtp: bool) -> T::Value<'_> {
        self.get(param.client(is_lmtp))
    }

    /// An integer parameter that counts something: never negative.
    pub fn size(&self, param: Param<Int>) -> u64 {
        u64::try_from(self.get(param)).unwrap_or(0)
    }

    /// A service's member of a family: `<service>_destination_recipient_limit`, or the family's default.
    pub fn transport<T: Typed>(&self, family: Family<T>, service: &str) -> T::Value<'static>
    where
        T::Value<'static>: 'static,
    {
        match self.try_transport(family, service) {
            Ok(value) => value,
            Err(why) => crate::error::fatal(&why),
        }
    }

    /// As [`Config::transport`], or what is wrong with the value.
    pub fn try_transport<T: Typed>(
        &self,
        family: Family<T>,
        service: &str,
    ) -> Result<T::Value<'static>, ConfigError>
    where
        T::Value<'static>: 'static,
    {
        let name = family.member(service);
        let text = self.raw(&name).map_or_else(|| family.row.default.to_string(), str::to_string);
        let text = self.expand(&text).map_err(|why| self.blame(&name, &why))?;
        let value = convert(&name, &family.row, &text).map_err(|why| self.blame(&name, &why))?;
        // Families are few and read once a process, by the queue manager and the like: kept for its life.
        let value: &'static Value = Box::leak(Box::new(value));
        T::take(value).ok_or_else(|| ConfigError::new(format!("parameter {name}: registry type mismatch")))
    }

    /// Any name's value, the user's own names included, expanded as its type demands; None if undefined.
    pub fn text(&self, name: &str) -> Option<String> {
        match self.try_text(name) {
            Ok(value) => value,
            Err(why) => crate::error::fatal(&why),
        }
    }

    /// As [`Config::text`], or what is wrong with the expression.
    pub fn try_text(&self, name: &str) -> Result<Option<String>, ConfigError> {
        let Some(text) = self.unexpanded(name, true) else { return Ok(None) };
        if ParamRef::named(name).is_some_and(|p| p.row().kind == Kind::Raw) {
            return Ok(Some(text));
        }
        self.expand(&text).map(Some).map_err(|why| self.blame(name, &why))
    }

    /// Expands the `$name`s of a text that comes from elsewhere than main.cf (master.cf, a table's settings).
    pub fn expand(&self, text: &str) -> Result<String, ConfigError> {
        expand_with(text, true, &|name| self.unexpanded(name, true))
            .map_err(|why| ConfigError::new(why.to_string()))
    }

    /// The unexpanded text of a name: defined, or the registry's default (None if that is computed by code).
    pub fn raw(&self, name: &str) -> Option<&str> {
        match self.defined.get(name) {
            Some(defined) => Some(&defined.text),
            None => ParamRef::named(name).filter(|p| !p.row().computed).map(|p| p.row().default),
        }
    }

    /// Whether main.cf or the command line defines the name.
    pub fn is_set(&self, name: &str) -> bool {
        self.defined.contains_key(name)
    }

    /// What main.cf or the command line says, unexpanded.
    pub fn defined(&self, name: &str) -> Option<&str> {
        self.defined.get(name).map(|d| d.text.as_str())
    }

    /// The default that code works out for a name that nothing defines.
    pub fn computed(&self, name: &str) -> Option<String> {
        derived::value(self, name)
    }

    /// Where the name's value comes from.
    pub fn origin(&self, name: &str) -> Origin {
        self.defined.get(name).map_or(Origin::Default, |d| d.origin)
    }

    /// Whether the parameter has its default, and that is an old one which a compatibility_level of `level` would
    /// change: whoever relies on it is to be told.
    pub fn has_old_default(&self, name: &str, level: &str) -> bool {
        let present = self.text("compatibility_level").and_then(|text| crate::compat::parse(&text));
        !self.is_set(name) && present < crate::compat::parse(level)
    }

    /// Every definition: name, unexpanded text, where from; sorted by name.
    pub fn definitions(&self) -> BTreeMap<&str, (&str, Origin)> {
        self.defined.iter().map(|(name, d)| (name.as_str(), (d.text.as_str(), d.origin))).collect()
    }

    /// What the reference would warn of when it reads this main.cf.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The directory of main.cf and master.cf.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Works out the values of these parameters; the error says the first that is unusable.
    pub fn check(&self, params: &[ParamRef]) -> Result<(), ConfigError> {
        for param in params {
            self.value(param.at(), param.row())?;
        }
        Ok(())
    }

    fn value(&self, at: usize, row: &'static Row) -> Result<&Value, ConfigError> {
        // Every row has its cell: `kept` is as long as the table.
        let cell = &self.kept[at];
        if let Some(value) = cell.get() {
            return Ok(value);
        }
        let mut text = self.try_text(row.name)?.unwrap_or_default();
        if row.name == "myorigin" && text.starts_with('/') {
            text = origin_from_file(&text).map_err(|why| self.blame(row.name, &why))?;
        }
        let value = convert(row.name, row, &text).map_err(|why| self.blame(row.name, &why))?;
        Ok(cell.get_or_init(|| value))
    }

    /// The text that `$name` stands for. `derive` allows the computed defaults, whose own working out must not
    /// lead back to them.
    pub(crate) fn unexpanded(&self, name: &str, derive: bool) -> Option<String> {
        if let Some(defined) = self.defined.get(name) {
            return Some(defined.text.clone());
        }
        match ParamRef::named(name) {
            Some(param) if param.row().computed => derive.then(|| derived::value(self, name)).flatten(),
            Some(param) => Some(param.row().default.to_string()),
            None => None,
        }
    }

    /// The value of `name` as it is before the computed defaults are known.
    pub(crate) fn early(&self, name: &str) -> Option<String> {
        let text = self.unexpanded(name, false)?;
        expand_with(&text, true, &|name| self.unexpanded(name, false)).ok()
    }

    fn blame(&self, name: &str, why: &dyn std::fmt::Display) -> ConfigError {
        match self.origin(name) {
            Origin::MainCf(line) => ConfigError::at(&self.directory.join("main.cf"), line, why),
            Origin::CommandLine => ConfigError::new(format!("-o {name}: {why}")),
            Origin::Default => ConfigError::new(why.to_string()),
        }
    }
}

// compat: Debian's Postfix takes the domain from the first line of a file (/etc/mailname) when myorigin is a path.
fn origin_from_file(path: &str) -> Result<String, String> {
    let bytes = fs::read(path).map_err(|e| format!("{path}: cannot open file: {}", sys::errno_text(&e)))?;
    let text = String::from_utf8_lossy(&bytes);
    match text.lines().next().map(str::trim) {
        Some(domain) if !domain.is_empty() => Ok(domain.into()),
        _ => Err(format!("myorigin file {path} is empty")),
    }
}

/// Splits a `-o` argument: `name=value`, or `{ name = value }` with its braces on or off.
pub fn parse_override(argument: &str) -> Result<(String, String), ConfigError> {
    let inner = argument.strip_prefix('{').and_then(|a| a.strip_suffix('}')).unwrap_or(argument);
    let (name, value) = split_assignment(inner)
        .map_err(|why| ConfigError::new(format!("invalid \"-o {argument}\" option value: {why}")))?;
    Ok((name.into(), value.into()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::params::*;

    fn load(text: &str) -> Config {
        Config::from_text(Path::new("/etc/postfix"), text, &[]).unwrap()
    }

    #[test]
    fn values_have_their_types() {
        let cf =
            load("smtpd_timeout = 2m\nmyhostname = mx.a.test\nsoft_bounce = YES\nmy_own = <$mydomain>\n");
        assert_eq!(cf.get(SMTPD_TIMEOUT), Duration::from_secs(120));
        assert_eq!(cf.get(MYORIGIN), "mx.a.test");
        assert_eq!(cf.get(MYDOMAIN), "a.test");
        assert!(cf.get(SOFT_BOUNCE));
        assert_eq!(cf.get(DEFAULT_PROCESS_LIMIT), 100);
        assert_eq!(cf.text("my_own").as_deref(), Some("<a.test>"));
        assert_eq!(cf.text("nothing"), None);
        assert_eq!(cf.get(MAIL_VERSION), "3.11.7");
    }

    #[test]
    fn defaults_expand() {
        let cf = load("stress = yes\n");
        assert_eq!(cf.get(SMTPD_TIMEOUT), Duration::from_secs(10));
        assert_eq!(load("").get(SMTPD_TIMEOUT), Duration::from_secs(300));
        assert!(load("").get(APPEND_DOT_MYDOMAIN));
        assert!(!load("compatibility_level = 3.6\n").get(APPEND_DOT_MYDOMAIN));
    }

    #[test]
    fn old_defaults() {
        let cf = load("compatibility_level = 2\nrelay_domains =\n");
        assert!(cf.has_old_default("smtp_tls_security_level", "3.11"));
        assert!(!cf.has_old_default("mynetworks_style", "2"));
        assert!(!cf.has_old_default("relay_domains", "3"), "it is set");
    }

    #[test]
    fn the_last_definition_wins() {
        let cf = Config::from_text(
            Path::new("/x"),
            "a = 1\na = 2\nb = 1\n",
            &[("b".into(), "2".into()), ("b".into(), "3".into())],
        )
        .unwrap();
        assert_eq!((cf.text("a"), cf.text("b")), (Some("2".into()), Some("3".into())));
        assert_eq!((cf.origin("a"), cf.origin("b")), (Origin::MainCf(2), Origin::CommandLine));
    }

    #[test]
    fn unusable_values_say_where() {
        for (text, param, why) in [
            (
                "\nsmtpd_timeout = soon\n",
                SMTPD_TIMEOUT.into(),
                "line 2: parameter smtpd_timeout: bad time value or unit: soon",
            ),
            (
                "soft_bounce = maybe",
                SOFT_BOUNCE.into(),
                "line 1: bad boolean configuration: soft_bounce = maybe",
            ),
            (
                "line_length_limit = 5",
                LINE_LENGTH_LIMIT.into(),
                "line 1: invalid line_length_limit parameter value 5 < 512",
            ),
            (
                "default_process_limit = x",
                ParamRef::from(DEFAULT_PROCESS_LIMIT),
                "line 1: bad numerical configuration: default_process_limit = x",
            ),
            ("myorigin =", MYORIGIN.into(), "line 1: bad string length 0 < 1: myorigin = "),
            (
                "myorigin = $myorigin",
                MYORIGIN.into(),
                "line 1: unreasonable macro call nesting: \"myorigin\"",
            ),
        ] {
            let why = format!("/etc/postfix/main.cf, {why}");
            assert_eq!(load(text).check(&[param]).unwrap_err().to_string(), why);
        }
    }

    #[test]
    fn every_default_is_usable() {
        for text in ["", "compatibility_level = 3.11\n", "stress = yes\n"] {
            let cf = load(text);
            // virtual(8) wants virtual_mailbox_base set, as the reference's does.
            for param in ParamRef::all().filter(|p| p.row().name != "virtual_mailbox_base") {
                assert_eq!(cf.check(&[param]), Ok(()), "{}", param.row().name);
            }
            for row in &FAMILIES {
                let value = cf.expand(row.default).unwrap();
                assert!(convert(row.name, row, &value).is_ok(), "{}: {value}", row.name);
            }
        }
    }

    #[test]
    fn families_and_twins() {
        let cf = load(
            "default_destination_recipient_limit = 7\nrelay_destination_recipient_limit = 9\nlmtp_lhlo_timeout = 5s\n",
        );
        let limit = |service| cf.transport(TRANSPORT_DESTINATION_RECIPIENT_LIMIT, service);
        assert_eq!((limit("smtp"), limit("relay"), limit("local")), (7, 9, 1));
        assert_eq!(cf.client(SMTP_HELO_TIMEOUT, true), Duration::from_secs(5));
        assert_eq!(cf.client(SMTP_HELO_TIMEOUT, false), Duration::from_secs(300));
    }

    #[test]
    fn myorigin_may_name_a_file() {
        let path = std::env::temp_dir().join(format!("mailname-{}", std::process::id()));
        let file = path.display().to_string();
        fs::write(&path, " a.test \nb.test\n").unwrap();
        assert_eq!(load(&format!("myorigin = {file}")).get(MYORIGIN), "a.test");
        fs::write(&path, "\n").unwrap();
        let why = load(&format!("myorigin = {file}")).check(&[MYORIGIN.into()]).unwrap_err().to_string();
        assert_eq!(why, format!("/etc/postfix/main.cf, line 1: myorigin file {file} is empty"));
        fs::remove_file(&path).unwrap();
        let why = load(&format!("myorigin = {file}")).check(&[MYORIGIN.into()]).unwrap_err().to_string();
        assert!(why.ends_with("cannot open file: No such file or directory"), "{why}");
    }

    #[test]
    fn overrides() {
        for (argument, want) in [
            ("a=b", Some(("a", "b"))),
            ("{ a = b c }", Some(("a", "b c"))),
            ("a = b c ", Some(("a", "b c"))),
            ("a", None),
            ("=b", None),
        ] {
            let got = parse_override(argument).ok();
            assert_eq!(got.as_ref().map(|(n, v)| (n.as_str(), v.as_str())), want, "{argument}");
        }
    }
}
