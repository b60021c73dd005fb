//! The tables that a parameter's value names, as `type:name` words: main.cf names that they read their settings from
//! (`ldap:accounts` reads accounts_server_host and so on), settings in their files that they do not know, and comments
//! that are none.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use config::main_cf::definitions;

const SEPARATORS: [char; 5] = [' ', ',', '\t', '\r', '\n'];

/// Goes through values; each file is looked at once.
pub struct Tables {
    /// Say what is unknown in their files.
    report: bool,
    /// Say nothing at all, and look into no file.
    quiet: bool,
    seen: BTreeSet<String>,
}

impl Tables {
    pub fn new(report: bool) -> Tables {
        Tables { report, quiet: false, seen: BTreeSet::new() }
    }

    /// For those who only want names.
    pub fn quiet() -> Tables {
        Tables { report: false, quiet: true, seen: BTreeSet::new() }
    }

    /// The main.cf names that may belong to tables of this value, which is expanded already. `blame` is the file that has
    /// the value.
    pub fn names(&mut self, value: &str, blame: &str) -> Vec<String> {
        let mut found = Vec::new();
        self.words(value, blame, true, &mut found);
        found
    }

    /// compat: whether a word is a table or some other text is anybody's guess; the reference's guess is this.
    fn words(&mut self, text: &str, blame: &str, nested: bool, found: &mut Vec<String>) {
        let mut rest = text;
        while let Some(word) = next_word(&mut rest) {
            if word.starts_with('#') {
                self.say(format_args!(
                    "{blame}: #comment after other text is not allowed: {word} {rest:.20}..."
                ));
                return;
            }
            if word.starts_with('{') {
                let inside = self.unbraced(word, blame);
                if nested {
                    self.words(inside, blame, nested, found);
                }
                continue;
            }
            let mut word = word;
            while let Some(local) = word.strip_prefix("proxy:") {
                word = local;
            }
            let Some((kind, name)) = word.split_once(':') else { continue };
            let client = SUFFIXES.iter().find(|(known, _)| *known == kind);
            match (name.chars().next(), client) {
                (Some('{'), _) => {
                    // Patterns of such a table may well have a number sign in them.
                    let nested = nested && !matches!(kind, "regexp" | "pcre");
                    let inside = self.unbraced(name, blame);
                    self.words(inside, blame, nested, found);
                }
                (Some('/'), Some((_, known))) => self.file(kind, name, known),
                (Some('/' | '.'), _) | (_, None) => {}
                (_, Some((_, suffixes))) => {
                    found.extend(suffixes.iter().map(|suffix| format!("{name}_{suffix}")));
                }
            }
        }
    }

    /// Looks for settings in a table's own file that such a table does not know.
    fn file(&mut self, kind: &str, name: &str, known: &[&str]) {
        let table = format!("{kind}:{name}");
        if self.quiet || !self.seen.insert(table.clone()) {
            return;
        }
        let path = Path::new(name);
        match fs::metadata(path) {
            Ok(meta) if !meta.is_file() => {
                log::warning!("open \"{kind}\" configuration \"{name}\": not a regular file");
                return;
            }
            _ => {}
        }
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            // A file with a password is not for everybody.
            Err(why) if why.kind() == std::io::ErrorKind::PermissionDenied => return,
            Err(why) => {
                log::warning!("open \"{kind}\" configuration \"{name}\": {}", sys::errno_text(&why));
                return;
            }
        };
        let text = String::from_utf8_lossy(&bytes);
        let (all, warnings) = match definitions(path, &text) {
            Ok(found) => found,
            Err(why) => log::fatal!("{why}"),
        };
        for warning in warnings {
            log::warning!("{warning}");
        }
        let mut settings = BTreeMap::new();
        for setting in all {
            if let Some(old) = settings.insert(setting.name.clone(), setting.value) {
                let (line, name) = (setting.line, setting.name);
                log::warning!("{}, line {line}: overriding earlier entry: {name}={old}", path.display());
            }
        }
        for (name, value) in settings.iter().filter(|_| self.report) {
            if !known.contains(&name.as_str()) {
                log::warning!("{table}: unused parameter: {name}={value}");
            }
        }
    }

    /// The inside of `{text}`.
    fn unbraced<'a>(&self, word: &'a str, blame: &str) -> &'a str {
        let mut level = 0usize;
        let end = word.find(|c: char| {
            match c {
                '{' => level += 1,
                '}' => level = level.saturating_sub(1),
                _ => {}
            }
            level == 0
        });
        let inside = word.get(1..end.unwrap_or(word.len())).unwrap_or_default();
        match end.map(|end| word.get(end + 1..).unwrap_or_default()) {
            None => self.say(format_args!("{blame}: missing '}}' in \"{word}\"")),
            Some("") => {}
            Some(_) => self.say(format_args!("{blame}: syntax error after '}}' in \"{word}\"")),
        }
        inside
    }

    fn say(&self, text: std::fmt::Arguments) {
        if !self.quiet {
            log::warning!("{text}");
        }
    }
}

/// The next word outside braces; what follows its separator stays in `rest`.
fn next_word<'a>(rest: &mut &'a str) -> Option<&'a str> {
    let text = rest.trim_start_matches(SEPARATORS);
    if text.is_empty() {
        return None;
    }
    let mut level = 0usize;
    let end = text.find(|c: char| {
        match c {
            '{' => level += 1,
            '}' => level = level.saturating_sub(1),
            _ => {}
        }
        level == 0 && SEPARATORS.contains(&c)
    });
    match end {
        None => {
            *rest = "";
            Some(text)
        }
        Some(end) => {
            let (word, tail) = text.split_at(end);
            *rest = tail.get(1..).unwrap_or_default();
            Some(word)
        }
    }
}

/// What the settings of each type of table are called.
const SUFFIXES: [(&str, &[&str]); 6] = [
    ("ldap", LDAP),
    ("mysql", MYSQL),
    ("pgsql", PGSQL),
    ("sqlite", SQLITE),
    ("memcache", MEMCACHE),
    ("mongodb", MONGODB),
];

const LDAP: &[&str] = &[
    "bind",
    "bind_dn",
    "bind_pw",
    "cache",
    "cache_expiry",
    "cache_size",
    "chase_referrals",
    "debuglevel",
    "dereference",
    "domain",
    "expansion_limit",
    "leaf_result_attribute",
    "lookup_wildcards",
    "query_filter",
    "recursion_limit",
    "result_attribute",
    "result_filter",
    "result_format",
    "sasl_authz_id",
    "sasl_mechs",
    "sasl_minssf",
    "sasl_realm",
    "scope",
    "search_base",
    "server_host",
    "server_port",
    "size_limit",
    "special_result_attribute",
    "start_tls",
    "terminal_result_attribute",
    "timeout",
    "tls_ca_cert_dir",
    "tls_ca_cert_file",
    "tls_cert",
    "tls_cipher_suite",
    "tls_key",
    "tls_random_file",
    "tls_require_cert",
    "version",
];
const MYSQL: &[&str] = &[
    "additional_conditions",
    "charset",
    "dbname",
    "domain",
    "expansion_limit",
    "hosts",
    "idle_interval",
    "option_file",
    "option_group",
    "password",
    "query",
    "require_result_set",
    "result_format",
    "retry_interval",
    "select_field",
    "table",
    "tls_CAfile",
    "tls_CApath",
    "tls_cert_file",
    "tls_ciphers",
    "tls_key_file",
    "tls_verify_cert",
    "user",
    "where_field",
];
const PGSQL: &[&str] = &[
    "additional_conditions",
    "dbname",
    "domain",
    "encoding",
    "expansion_limit",
    "hosts",
    "idle_interval",
    "password",
    "query",
    "result_format",
    "retry_interval",
    "select_field",
    "select_function",
    "table",
    "user",
    "where_field",
];
const SQLITE: &[&str] = &[
    "additional_conditions",
    "dbpath",
    "domain",
    "expansion_limit",
    "query",
    "result_format",
    "select_field",
    "table",
    "where_field",
];
const MEMCACHE: &[&str] = &[
    "backup",
    "data_size_limit",
    "domain",
    "flags",
    "key_digest",
    "key_format",
    "line_size_limit",
    "max_try",
    "memcache",
    "retry_pause",
    "timeout",
    "ttl",
];
const MONGODB: &[&str] = &[
    "collection",
    "dbname",
    "domain",
    "expansion_limit",
    "filter",
    "options",
    "projection",
    "query_filter",
    "result_attribute",
    "result_format",
    "uri",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_bring_names() {
        for (value, want) in [
            ("ldap:a, hash:/x", "a_bind"),
            ("proxy:ldap:a", "a_bind"),
            ("unionmap:{ldap:a, {static:b}}", "a_bind"),
            ("pipemap:{static:{x}, {ldap:a}}", "a_bind"),
            ("ldap:./a hash:a x", ""),
            ("# ldap:a", ""),
        ] {
            let found = Tables::new(false).names(value, "main.cf");
            assert_eq!(found.first().map_or("", String::as_str), want, "{value}");
        }
    }

    #[test]
    fn words_keep_braces_together() {
        let mut rest = " a,{b c},d{e f}g h";
        let words: Vec<&str> = std::iter::from_fn(|| next_word(&mut rest)).collect();
        assert_eq!(words, ["a", "{b c}", "d{e f}g", "h"]);
    }
}
