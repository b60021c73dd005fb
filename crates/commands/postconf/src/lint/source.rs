//! The two files as they are written: every setting and every service with its line, whatever else is wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use config::Config;
use config::main_cf::{logical_lines, split_assignment};

use super::Finding;
use crate::output;
use crate::services::{EntryError, Service};

/// One `name = value` of main.cf, or one `-o` of master.cf.
#[derive(Debug, Clone)]
pub struct Setting {
    pub name: String,
    pub value: String,
    /// Where it begins, from 1.
    pub line: usize,
    /// Which entry of master.cf has it.
    pub service: Option<usize>,
}

/// An entry of master.cf.
#[derive(Debug)]
pub struct Entry {
    pub service: Service,
    pub line: usize,
}

/// Both files.
pub struct Source {
    pub directory: PathBuf,
    pub main: String,
    pub master: String,
    main_lines: Vec<String>,
    master_lines: Vec<String>,
    /// main.cf's settings in order, also those that a later one replaces.
    pub settings: Vec<Setting>,
    pub entries: Vec<Entry>,
    /// master.cf's `-o` settings.
    pub local: Vec<Setting>,
    /// What main.cf makes of it all.
    pub config: Config,
}

impl Source {
    /// Reads both; lines that cannot be understood are findings.
    pub fn read(directory: &Path, found: &mut BTreeSet<Finding>) -> Result<Source, String> {
        let text = |name: &str| {
            let path = directory.join(name);
            let bytes =
                fs::read(&path).map_err(|e| format!("open {}: {}", path.display(), sys::errno_text(&e)))?;
            Ok::<_, String>((path.display().to_string(), output::text(&bytes)))
        };
        let (main, main_text) = text("main.cf")?;
        let (master, master_text) = text("master.cf")?;
        let mut source = Source {
            directory: directory.into(),
            main_lines: main_text.lines().map(str::to_string).collect(),
            master_lines: master_text.lines().map(str::to_string).collect(),
            settings: main_settings(&main, &main_text, found),
            main,
            master,
            entries: Vec::new(),
            local: Vec::new(),
            config: Config::from_pairs(&[]),
        };
        source.read_master(&master_text, found);
        source.config = source.config_of(None);
        Ok(source)
    }

    fn read_master(&mut self, text: &str, found: &mut BTreeSet<Finding>) {
        for logical in logical_lines(text) {
            let at = |line: usize, text: String| Finding { file: self.master.clone(), line, text };
            if logical.text.starts_with([' ', '\t']) {
                let what = "this line continues nothing and is ignored; remove the white space in front";
                found.insert(at(logical.line, what.into()));
                continue;
            }
            let service = match Service::parse(&logical.text) {
                Ok(service) => service,
                Err(EntryError::FieldCount) => {
                    let what = "an entry needs service, type, private, unprivileged, chroot, wakeup, process limit, and command";
                    found.insert(at(logical.line, what.into()));
                    continue;
                }
                Err(EntryError::Field(why)) => {
                    let why = why.split(" in \"").next().unwrap_or(&why).to_string();
                    found.insert(at(logical.line, why));
                    continue;
                }
            };
            let number = self.entries.len();
            let mut arguments = service.arguments().iter();
            while let Some(argument) = arguments.next().filter(|a| a.starts_with('-') && *a != "--") {
                if argument != "-o" {
                    continue;
                }
                let Some(given) = arguments.next() else {
                    found.insert(at(logical.line, "-o at the end has no name=value behind it".into()));
                    break;
                };
                match split_assignment(given) {
                    Ok((name, value)) => {
                        let line = locate(&self.master_lines, logical.line, name).unwrap_or(logical.line);
                        let (name, value) = (name.to_string(), value.to_string());
                        self.local.push(Setting { name, value, line, service: Some(number) });
                    }
                    Err(why) => {
                        let line = locate(&self.master_lines, logical.line, given).unwrap_or(logical.line);
                        let what = format!(
                            "-o {given}: {why}; write -o name=value without blanks, or -o {{ name = value }}"
                        );
                        found.insert(at(line, what));
                    }
                }
            }
            self.entries.push(Entry { service, line: logical.line });
        }
    }

    /// The configuration that a service sees, or main.cf's alone.
    pub fn config_of(&self, service: Option<usize>) -> Config {
        let directory = self.directory.display().to_string();
        let mut all = BTreeMap::from([("config_directory", directory.as_str())]);
        all.extend(self.settings.iter().map(|s| (s.name.as_str(), s.value.as_str())));
        let local = self.local.iter().filter(|s| s.service.is_some() && s.service == service);
        all.extend(local.map(|s| (s.name.as_str(), s.value.as_str())));
        Config::from_pairs(&all.into_iter().collect::<Vec<_>>())
    }

    /// Whether this is the configuration of this machine, whose files must be there.
    pub fn is_the_systems(&self) -> bool {
        self.directory == Path::new(config::directory::DEFAULT)
    }

    /// The setting of main.cf that counts.
    pub fn setting(&self, name: &str) -> Option<&Setting> {
        self.settings.iter().rfind(|s| s.name == name)
    }

    /// As a service sees it.
    pub fn seen_by(&self, name: &str, service: Option<usize>) -> Option<&Setting> {
        let local = self.local.iter().rfind(|s| s.name == name && s.service == service && service.is_some());
        local.or_else(|| self.setting(name))
    }

    /// A finding about a word of a setting, in the line where the word stands.
    pub fn finding(&self, setting: &Setting, word: &str, text: impl Into<String>) -> Finding {
        let (file, lines) = match setting.service {
            Some(_) => (&self.master, &self.master_lines),
            None => (&self.main, &self.main_lines),
        };
        let line = locate(lines, setting.line, word).unwrap_or(setting.line);
        Finding { file: file.clone(), line, text: text.into() }
    }

    /// Where a setting's word is: `FILE:LINE`.
    pub fn place(&self, setting: &Setting, word: &str) -> String {
        let finding = self.finding(setting, word, "");
        format!("{}:{}", finding.file, finding.line)
    }

    /// A finding about a line of master.cf; `word` may be in one of those that continue it.
    pub fn master_finding(&self, line: usize, word: &str, text: impl Into<String>) -> Finding {
        let line = locate(&self.master_lines, line, word).unwrap_or(line);
        Finding { file: self.master.clone(), line, text: text.into() }
    }
}

/// The first of the lines from `start` on, as far as they continue it, that has the word; else none.
fn locate(lines: &[String], start: usize, word: &str) -> Option<usize> {
    let first = start.checked_sub(1)?;
    for (at, line) in lines.iter().enumerate().skip(first) {
        let body = line.trim_start();
        let skipped = body.is_empty() || body.starts_with('#');
        if at > first && !skipped && body.len() == line.len() {
            return None;
        }
        if !skipped && has_word(line, word) {
            return Some(at + 1);
        }
    }
    None
}

/// Whether the word stands there by itself.
fn has_word(line: &str, word: &str) -> bool {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    !word.is_empty()
        && line.match_indices(word).any(|(at, _)| {
            let before = line.get(..at).and_then(|s| s.chars().next_back());
            let after = line.get(at + word.len()..).and_then(|s| s.chars().next());
            !before.is_some_and(part) && !after.is_some_and(part)
        })
}

fn main_settings(file: &str, text: &str, found: &mut BTreeSet<Finding>) -> Vec<Setting> {
    let mut all: Vec<Setting> = Vec::new();
    for logical in logical_lines(text) {
        let line = logical.line;
        let mut say = |text: String| {
            found.insert(Finding { file: file.into(), line, text });
        };
        if logical.text.starts_with([' ', '\t']) {
            say("this line continues nothing and is ignored; remove the white space in front".into());
            continue;
        }
        if logical.text.contains('\0') {
            say("what follows the NUL byte is ignored".into());
        }
        if logical.text.contains('\r') {
            say("the line ends with a carriage return; save the file with Unix line ends".into());
        }
        let body = logical.text.split('\0').next().unwrap_or_default();
        match split_assignment(body) {
            Ok((name, value)) => {
                if let Some(comment) = comment_in(value) {
                    say(format!(
                        "\"{comment:.20}\" is no comment but part of the value; comments have lines of their own"
                    ));
                }
                let (name, value) = (name.to_string(), value.to_string());
                all.push(Setting { name, value, line, service: None });
            }
            Err(why) => say(format!("{why}: \"{body:.60}\"; every program refuses this file")),
        }
    }
    all
}

/// What looks like a comment in a value, outside braces.
fn comment_in(value: &str) -> Option<&str> {
    let mut level = 0i32;
    let mut before = ' ';
    for (at, c) in value.char_indices() {
        match c {
            '{' => level += 1,
            '}' => level -= 1,
            '#' if level == 0 && matches!(before, ' ' | '\t' | ',') => return value.get(at..),
            _ => {}
        }
        before = c;
    }
    None
}

/// The words of a list: separated by white space and commas, braces kept together.
pub fn words(value: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut word = String::new();
    let mut level = 0i32;
    for c in value.chars() {
        match c {
            '{' => level += 1,
            '}' => level -= 1,
            ' ' | '\t' | '\r' | '\n' | ',' if level <= 0 => {
                all.extend(Some(std::mem::take(&mut word)).filter(|w| !w.is_empty()));
                continue;
            }
            _ => {}
        }
        word.push(c);
    }
    all.extend(Some(word).filter(|w| !w.is_empty()));
    all
}
