//! main.cf's lines: comments, continuation, `name = value`. Knows no parameter.

use std::path::Path;

use crate::ConfigError;

/// One logical line `name = value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    pub name: String,
    pub value: String,
    /// Where the logical line starts, from 1.
    pub line: usize,
}

/// A logical line: several physical ones that continue each other, joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogicalLine {
    pub text: String,
    /// Where it starts, from 1.
    pub line: usize,
}

/// Splits a file into logical lines: empty lines and comments are dropped (also amid a continuation), a line that
/// starts with white space continues the one before. Main.cf and master.cf share it.
pub fn logical_lines(text: &str) -> Vec<LogicalLine> {
    let mut lines: Vec<LogicalLine> = Vec::new();
    for (at, line) in text.split('\n').enumerate() {
        let trimmed = line.trim_start();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        match lines.last_mut() {
            Some(last) if line.starts_with(is_space) => last.text.push_str(line),
            _ => lines.push(LogicalLine { text: line.into(), line: at + 1 }),
        }
    }
    lines
}

/// The definitions of main.cf in order, and the warnings the reference would log.
pub fn definitions(file: &Path, text: &str) -> Result<(Vec<Definition>, Vec<String>), ConfigError> {
    let mut all = Vec::new();
    let mut warnings = Vec::new();
    for mut logical in logical_lines(text) {
        let line = logical.line;
        if let Some(warning) = logical.trouble(file) {
            warnings.push(warning);
            continue;
        }
        if let Some(end) = logical.text.find('\0') {
            warnings.push(format!("{}, line {line}: text after null byte may be ignored", file.display()));
            logical.text.truncate(end);
        }
        let text = &logical.text;
        let (name, value) = split_assignment(text)
            .map_err(|why| ConfigError::at(file, line, format_args!("{why}: \"{text}\"")))?;
        all.push(Definition { name: name.into(), value: value.into(), line });
    }
    Ok((all, warnings))
}

impl LogicalLine {
    /// A line with white space in front and nothing before it to continue is left out, with this warning.
    pub fn trouble(&self, file: &Path) -> Option<String> {
        let text = &self.text;
        text.starts_with(is_space).then(|| {
            format!("{}: logical line must not start with whitespace: \"{text:.30}\"", file.display())
        })
    }
}

/// `name = value`, both without the white space around them.
pub fn split_assignment(text: &str) -> Result<(&str, &str), &'static str> {
    let text = text.trim_matches(is_space);
    let end = text.find(|c: char| is_space(c) || c == '=').unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    if name.is_empty() {
        return Err("missing attribute name");
    }
    match rest.trim_start_matches(is_space).strip_prefix('=') {
        Some(value) => Ok((name, value.trim_start_matches(is_space))),
        None => Err("missing '=' after attribute name"),
    }
}

/// C's isspace.
pub(crate) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n' | '\x0b' | '\x0c')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Vec<(String, String, usize)>, String> {
        definitions(Path::new("main.cf"), text)
            .map(|(all, _)| all.into_iter().map(|d| (d.name, d.value, d.line)).collect())
            .map_err(|e| e.to_string())
    }

    #[test]
    fn lines_continue_over_comments() {
        let text = "# top\na = 1,\n# amid\n\n   2\n\t3  \n\nb=x=y\nc =\n";
        assert_eq!(parse("  a = 1\n b = 2\nc = 3\0x\n").unwrap(), [("c".to_string(), "3".to_string(), 3)]);
        let want = [("a", "1,   2\t3", 2), ("b", "x=y", 8), ("c", "", 9)];
        assert_eq!(parse(text).unwrap(), want.map(|(n, v, l)| (n.to_string(), v.to_string(), l)));
    }

    #[test]
    fn errors_name_file_and_line() {
        for (text, why) in [
            ("a=1\nfoo bar = x\n", "main.cf, line 2: missing '=' after attribute name: \"foo bar = x\""),
            ("foo", "main.cf, line 1: missing '=' after attribute name: \"foo\""),
            ("\n= x", "main.cf, line 2: missing attribute name: \"= x\""),
        ] {
            assert_eq!(parse(text).unwrap_err(), why);
        }
    }
}
