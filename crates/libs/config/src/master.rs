//! master.cf: one service a logical line, eight fields and the command's arguments.

use std::fs;
use std::path::Path;

use crate::main_cf::{LogicalLine, logical_lines};
use crate::{Config, ConfigError};

/// What kind of endpoint a service listens on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ServiceType {
    Inet,
    Unix,
    UnixDgram,
    Fifo,
    Pass,
}

impl ServiceType {
    /// The word in master.cf, and after `-t` on a daemon's command line.
    pub fn word(self) -> &'static str {
        match self {
            ServiceType::Inet => "inet",
            ServiceType::Unix => "unix",
            ServiceType::UnixDgram => "unix-dgram",
            ServiceType::Fifo => "fifo",
            ServiceType::Pass => "pass",
        }
    }

    /// The type of that name.
    pub fn named(word: &str) -> Option<ServiceType> {
        use ServiceType::{Fifo, Inet, Pass, Unix, UnixDgram};
        [Inet, Unix, UnixDgram, Fifo, Pass].into_iter().find(|t| t.word() == word)
    }
}

/// One service. Fields that were `-` are None; the methods give what that stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where its logical line starts, from 1.
    pub line: usize,
    /// `smtp`, `127.0.0.1:2525`, `public/x`…: as written.
    pub name: String,
    pub service_type: ServiceType,
    pub private: Option<bool>,
    pub unprivileged: Option<bool>,
    pub chroot: Option<bool>,
    pub wakeup: Option<Wakeup>,
    pub process_limit: Option<u32>,
    /// The program, relative to daemon_directory.
    pub command: String,
    /// Its arguments, braces removed: `-o`, `a = b`.
    pub args: Vec<String>,
}

/// The wake-up field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wakeup {
    /// Seconds between wake-ups; 0 never.
    pub seconds: u32,
    /// `?`: not before the service has been used.
    pub only_if_used: bool,
}

impl Entry {
    /// Whether the endpoint is in private/, not public/.
    pub fn is_private(&self) -> bool {
        self.private.unwrap_or(true)
    }

    /// Whether it runs as mail_owner.
    pub fn is_unprivileged(&self) -> bool {
        self.unprivileged.unwrap_or(true)
    }

    /// Whether it runs in the queue directory as its root; the default depends on compatibility_level.
    pub fn is_chrooted(&self, cf: &Config) -> Result<bool, ConfigError> {
        match self.chroot {
            Some(chroot) => Ok(chroot),
            None => Ok(cf.expand("${{$compatibility_level} <level {1} ? {y} : {n}}")? == "y"),
        }
    }

    /// The wake-up timer, 0 seconds for none.
    pub fn wakeup(&self) -> Wakeup {
        self.wakeup.unwrap_or(Wakeup { seconds: 0, only_if_used: false })
    }

    /// How many processes may run at once, 0 for any number; the default is `$default_process_limit`.
    pub fn process_limit(&self, default: i64) -> u32 {
        self.process_limit.unwrap_or_else(|| u32::try_from(default).unwrap_or(0))
    }

    /// The parameters that the arguments' `-o` define, in order.
    pub fn overrides(&self) -> Result<Vec<(String, String)>, ConfigError> {
        let mut all = Vec::new();
        let mut args = self.args.iter();
        while let Some(arg) = args.next() {
            if arg == "--" || !arg.starts_with('-') {
                break;
            }
            if let Some(inline) = arg.strip_prefix("-o") {
                let value =
                    if inline.is_empty() { args.next().map(String::as_str).unwrap_or("") } else { inline };
                all.push(crate::config::parse_override(value)?);
            }
        }
        Ok(all)
    }
}

/// Reads and checks a master.cf. Of services with the same name and type the last one stays, in its own place.
pub fn load(directory: &Path) -> Result<Vec<Entry>, ConfigError> {
    let file = directory.join("master.cf");
    let bytes = fs::read(&file)
        .map_err(|e| ConfigError::new(format!("open {}: {}", file.display(), sys::errno_text(&e))))?;
    parse(&file, &String::from_utf8_lossy(&bytes))
}

/// Parses the text of a master.cf; `file` is for complaints.
pub fn parse(file: &Path, text: &str) -> Result<Vec<Entry>, ConfigError> {
    let mut entries: Vec<Entry> = Vec::new();
    for line in logical_lines(text) {
        // compat: left out; `postconf -M` says so.
        if line.trouble(file).is_some() {
            continue;
        }
        let entry = parse_line(&line)
            .map_err(|why| ConfigError::new(format!("{}: line {}: {why}", file.display(), line.line)))?;
        entries.retain(|e| (&e.name, e.service_type) != (&entry.name, entry.service_type));
        entries.push(entry);
    }
    Ok(entries)
}

fn parse_line(line: &LogicalLine) -> Result<Entry, String> {
    let mut fields = Fields { rest: &line.text };
    let name = fields.required("service name")?;
    let service_type = fields.required("transport type")?;
    let service_type =
        ServiceType::named(&service_type).ok_or_else(|| format!("bad transport type: {service_type}"))?;
    let private = fields.flag("private")?;
    if service_type == ServiceType::Inet && private != Some(false) {
        return Err("inet service cannot be private".into());
    }
    let entry = Entry {
        line: line.line,
        name,
        service_type,
        private,
        unprivileged: fields.flag("unprivileged")?,
        chroot: fields.flag("chroot")?,
        wakeup: fields.wakeup()?,
        process_limit: fields.number("max_proc")?,
        command: fields.required("command")?,
        args: fields.arguments()?,
    };
    Ok(entry)
}

struct Fields<'a> {
    rest: &'a str,
}

impl Fields<'_> {
    fn next(&mut self) -> Option<String> {
        let rest = self.rest.trim_start_matches(is_blank);
        if rest.is_empty() {
            return None;
        }
        let (word, rest) = rest.split_at(rest.find(is_blank).unwrap_or(rest.len()));
        self.rest = rest;
        Some(word.into())
    }

    /// The next field, None for `-`.
    fn field(&mut self, name: &str) -> Result<Option<String>, String> {
        let value = self.next().ok_or_else(|| format!("missing \"{name}\" field"))?;
        Ok((value != "-").then_some(value))
    }

    fn required(&mut self, name: &str) -> Result<String, String> {
        self.field(name)?.ok_or_else(|| format!("field \"{name}\" has no default value"))
    }

    fn flag(&mut self, name: &str) -> Result<Option<bool>, String> {
        match self.field(name)?.as_deref() {
            None => Ok(None),
            Some("y") => Ok(Some(true)),
            Some("n") => Ok(Some(false)),
            Some(other) => Err(format!("field \"{name}\": bad value: \"{other}\"")),
        }
    }

    fn number(&mut self, name: &str) -> Result<Option<u32>, String> {
        self.field(name)?
            .map(|text| number(&text).ok_or_else(|| format!("field \"{name}\": bad value: \"{text}\"")))
            .transpose()
    }

    fn wakeup(&mut self) -> Result<Option<Wakeup>, String> {
        let Some(text) = self.field("wakeup_time")? else { return Ok(None) };
        let digits = text.strip_suffix('?').unwrap_or(&text);
        let seconds =
            number(digits).ok_or_else(|| format!("field \"wakeup_time\": bad value: \"{text}\""))?;
        Ok(Some(Wakeup { seconds, only_if_used: digits.len() != text.len() }))
    }

    /// The command's arguments: words, or `{ text with white space }`.
    fn arguments(&mut self) -> Result<Vec<String>, String> {
        let mut all = Vec::new();
        loop {
            let rest = self.rest.trim_start_matches(is_blank);
            if rest.starts_with('{') {
                let end = closing_brace(rest).ok_or_else(|| format!("missing '}}' in \"{rest}\""))?;
                let (inner, tail) = (&rest[1..end], &rest[end + 1..]);
                if !tail.is_empty() && !tail.starts_with(is_blank) {
                    return Err(format!("syntax error after '}}' in \"{rest}\""));
                }
                all.push(inner.trim_matches(is_blank).into());
                self.rest = tail;
            } else if rest.starts_with("-o{") {
                // `-o{ name = value }` without the space is the same as with it.
                all.push("-o".into());
                self.rest = &rest[2..];
            } else {
                match self.next() {
                    Some(word) => all.push(word),
                    None => return Ok(all),
                }
            }
        }
    }
}

fn closing_brace(text: &str) -> Option<usize> {
    let mut level = 0usize;
    for (at, c) in text.char_indices() {
        match c {
            '{' => level += 1,
            '}' => {
                level = level.checked_sub(1)?;
                if level == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

fn number(text: &str) -> Option<u32> {
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok().filter(|&n| n <= i32::MAX as u32)
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Result<Entry, String> {
        let mut all = parse(Path::new("master.cf"), text).map_err(|e| e.to_string())?;
        all.pop().ok_or_else(|| "none".into())
    }

    #[test]
    fn fields_and_defaults() {
        let entry = one("# x\nqmgr unix n - n 300? 1 qmgr\n").unwrap();
        assert_eq!((entry.line, entry.name.as_str(), entry.service_type), (2, "qmgr", ServiceType::Unix));
        assert_eq!((entry.private, entry.unprivileged, entry.chroot), (Some(false), None, Some(false)));
        assert_eq!(entry.wakeup(), Wakeup { seconds: 300, only_if_used: true });
        assert_eq!((entry.process_limit(100), entry.command.as_str()), (1, "qmgr"));
        let entry = one("rewrite unix - - - - - trivial-rewrite").unwrap();
        assert!(entry.is_private() && entry.is_unprivileged());
        assert_eq!((entry.process_limit(100), entry.wakeup().seconds), (100, 0));
        let old = Config::from_pairs(&[]);
        let new = Config::from_pairs(&[("compatibility_level", "3.6")]);
        assert_eq!((entry.is_chrooted(&old), entry.is_chrooted(&new)), (Ok(true), Ok(false)));
    }

    #[test]
    fn arguments() {
        let text = "s inet n - n - - smtpd -v -o a=b\n # amid\n  -o { c = d e } -o{f=g}\n {x  y} {} z";
        let entry = one(text).unwrap();
        assert_eq!(entry.args, ["-v", "-o", "a=b", "-o", "c = d e", "-o", "f=g", "x  y", "", "z"]);
        let pairs = [("a", "b"), ("c", "d e"), ("f", "g")];
        assert_eq!(entry.overrides().unwrap(), pairs.map(|(n, v)| (n.to_string(), v.to_string())));
    }

    #[test]
    fn the_last_entry_stays() {
        let text = "a unix - - n - - x\nb unix - - n - - x\na unix - - n - - y\na fifo n - n - - z\n";
        let all = parse(Path::new("m"), text).unwrap();
        let commands: Vec<&str> = all.iter().map(|e| e.command.as_str()).collect();
        assert_eq!(commands, ["x", "y", "z"]);
    }

    #[test]
    fn complaints() {
        for (text, why) in [
            ("\na b c", "line 2: bad transport type: b"),
            ("a inet", "line 1: missing \"private\" field"),
            ("a inet y - n - - x", "line 1: inet service cannot be private"),
            ("a inet - - n - - x", "line 1: inet service cannot be private"),
            ("a unix x - n - - x", "line 1: field \"private\": bad value: \"x\""),
            ("a unix n - n 10x - x", "line 1: field \"wakeup_time\": bad value: \"10x\""),
            ("a unix n - n - -1 x", "line 1: field \"max_proc\": bad value: \"-1\""),
            ("a unix n - n - - -", "line 1: field \"command\" has no default value"),
            ("a unix n - n - -", "line 1: missing \"command\" field"),
            ("a unix n - n - - x { b", "line 1: missing '}' in \"{ b\""),
            ("a unix n - n - - x {b}c", "line 1: syntax error after '}' in \"{b}c\""),
        ] {
            assert_eq!(one(text).unwrap_err(), format!("master.cf: {why}"), "{text}");
        }
    }
}
