//! What `regexp:`, `pcre:` and `cidr:` tables share: rules in order, `if … endif`, `$number` in results.

use std::fs::File;

use bstr::{BString, ByteSlice};

use crate::file::Stamp;
use crate::filter::{Candidates, Filter, Needs};
use crate::registry::Spec;
use crate::table::{Flags, OpenError, Owner};
use crate::text::{self, is_space, logical_lines, trim, trim_end, trim_start};

/// A table of rules; `P` is a compiled pattern.
pub(crate) struct Rules<P> {
    pub rules: Vec<Rule<P>>,
    pub source: Source,
    filter: Option<Filter>,
}

/// One statement, with its line for messages.
pub(crate) struct Rule<P> {
    pub line: usize,
    pub step: Step<P>,
}

pub(crate) enum Step<P> {
    Match(P, Template),
    /// Goes on after the rule at this index when the pattern does not match; without an `endif`, the search ends.
    If(P, Option<usize>),
    EndIf,
}

/// Where the rules came from.
pub(crate) enum Source {
    File(File, Stamp),
    Inline,
}

impl Source {
    pub fn owner(&self) -> Owner {
        match self {
            Source::File(_, stamp) => stamp.owner(),
            Source::Inline => Owner::Trusted,
        }
    }

    pub fn changed(&self) -> bool {
        match self {
            Source::File(file, stamp) => stamp.changed(file),
            Source::Inline => false,
        }
    }
}

/// How a table type reads and compiles what stands between the delimiters or before the result.
pub(crate) trait Dialect {
    /// A pattern as it was read.
    type Scanned;
    type Pattern;
    /// `regexp`, for messages.
    fn label(&self) -> &'static str;
    /// Takes a pattern off the front of `text`; the rest is left. Logs and returns `None` when it cannot.
    fn scan(&self, at: &Place<'_>, text: &mut &[u8], condition: bool) -> Option<Self::Scanned>;
    /// Compiles it. Logs and returns `None` when it cannot.
    fn compile(&self, at: &Place<'_>, scanned: Self::Scanned) -> Option<Self::Pattern>;
    /// The groups that a result may name, or why it may name none.
    fn groups(&self, pattern: &Self::Pattern) -> Groups;
    /// Texts without which the pattern cannot match.
    fn needs(&self, pattern: &Self::Pattern) -> Option<Needs>;
    /// Whether results are looked at before patterns are compiled: it is what the log then says first.
    fn results_first(&self) -> bool {
        false
    }
    /// cidr: results are plain, and conditions are read more strictly.
    fn plain(&self) -> bool {
        false
    }
}

pub(crate) enum Groups {
    Count(usize),
    Negated,
}

/// A line of a table, for messages.
pub(crate) struct Place<'a> {
    pub label: &'static str,
    pub name: &'a str,
    pub line: usize,
}

impl Place<'_> {
    pub fn warn(&self, what: std::fmt::Arguments<'_>) {
        log::warning!("{} map {}, line {}: {what}", self.label, self.name, self.line);
    }
}

impl<P> Rules<P> {
    /// The first rule that matches: its result, with groups from `matches`, which says whether and where a pattern
    /// matches; it is told whether the pattern can match this subject at all. `jump` may say that the rules from one on
    /// to another do not match.
    pub fn search(
        &self,
        subject: &[u8],
        jump: impl Fn(usize) -> Option<usize>,
        mut matches: impl FnMut(&Rule<P>, &P, &Template, bool) -> Option<Vec<Option<(usize, usize)>>>,
    ) -> Option<BString> {
        let candidates =
            self.filter.as_ref().map_or_else(Candidates::all, |filter| filter.candidates(subject));
        let none = Template { parts: Vec::new(), highest: None };
        let mut at = jump(0).unwrap_or(0);
        while let Some(rule) = self.rules.get(at) {
            match &rule.step {
                Step::Match(pattern, template) => {
                    if let Some(groups) = matches(rule, pattern, template, candidates.has(at)) {
                        return Some(template.expand(subject, &groups));
                    }
                }
                Step::If(pattern, end) => {
                    if matches(rule, pattern, &none, candidates.has(at)).is_none() {
                        at = (*end)?;
                    }
                }
                Step::EndIf => {}
            }
            at += 1;
            at = jump(at).unwrap_or(at);
        }
        None
    }
}

/// For [`Rules::search`]: no rule can be passed over.
pub(crate) fn in_order(_: usize) -> Option<usize> {
    None
}

/// Reads the table that `spec` names: a file, or `{ { rule }, … }` in the name itself.
pub(crate) fn load<D: Dialect>(spec: &Spec<'_>, dialect: &D) -> Result<Rules<D::Pattern>, OpenError> {
    let (text, source) = if spec.name.starts_with('{') {
        (inline_text(spec, dialect.label())?, Source::Inline)
    } else {
        let (file, stamp, text) = text::read(spec.name, "")?;
        (text, Source::File(file, stamp))
    };
    let mut rules: Vec<Rule<D::Pattern>> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    for (line, bytes) in logical_lines(spec.name, &text) {
        let at = Place { label: dialect.label(), name: spec.name, line };
        let Some(step) = parse(dialect, &at, trim_end(&bytes), spec.flags, !open.is_empty()) else {
            continue;
        };
        match step {
            Step::If(..) => open.push(rules.len()),
            Step::EndIf => {
                let end = rules.len();
                if let Some(Step::If(_, target)) =
                    open.pop().and_then(|at| rules.get_mut(at)).map(|rule| &mut rule.step)
                {
                    *target = Some(end);
                }
            }
            Step::Match(..) => {}
        }
        rules.push(Rule { line, step });
    }
    for at in open.iter().rev() {
        let line = rules.get(*at).map_or(0, |rule| rule.line);
        Place { label: dialect.label(), name: spec.name, line }
            .warn(format_args!("IF has no matching ENDIF"));
    }
    let needs: Vec<Option<Needs>> = rules
        .iter()
        .map(|rule| match &rule.step {
            Step::Match(pattern, _) | Step::If(pattern, _) => dialect.needs(pattern),
            Step::EndIf => Some(Needs::default()),
        })
        .collect();
    Ok(Rules { rules, source, filter: Filter::new(&needs) })
}

fn inline_text(spec: &Spec<'_>, label: &str) -> Result<Vec<u8>, OpenError> {
    let failed = |why: String| {
        OpenError::Unavailable(format!(
            "{label} map: {}",
            why.replace("missing '{' in", "no '{' at start of text in")
        ))
    };
    let mut text = Vec::new();
    for rule in crate::braces::list(spec.name).map_err(failed)? {
        text.extend_from_slice(crate::braces::inside(&rule).map_err(failed)?.as_bytes());
        text.push(b'\n');
    }
    Ok(text)
}

fn parse<D: Dialect>(
    dialect: &D,
    at: &Place<'_>,
    line: &[u8],
    flags: Flags,
    nested: bool,
) -> Option<Step<D::Pattern>> {
    if let Some(mut rest) = keyword(line, b"if") {
        let scanned = dialect.scan(at, &mut rest, true)?;
        let extra = trim_start(rest);
        if !extra.is_empty() {
            at.warn(format_args!("ignoring extra text after IF statement: \"{}\"", extra.as_bstr()));
            at.warn(format_args!("do not prepend whitespace to statements between IF and ENDIF"));
        }
        return Some(Step::If(dialect.compile(at, scanned)?, None));
    }
    if let Some(rest) = keyword(line, b"endif") {
        return endif(dialect.plain(), at, rest, nested);
    }
    if !dialect.plain() && line.first().is_some_and(u8::is_ascii_alphanumeric) {
        at.warn(format_args!("ignoring unrecognized request"));
        return None;
    }
    let mut rest = line;
    let scanned = dialect.scan(at, &mut rest, false)?;
    let result = trim(rest);
    if dialect.plain() {
        let pattern = dialect.compile(at, scanned)?;
        if result.is_empty() {
            at.warn(format_args!("no lookup result: skipping this rule"));
            return None;
        }
        return Some(Step::Match(pattern, Template::literal(file_value(at, result, flags)?)));
    }
    if result.is_empty() {
        at.warn(format_args!("no replacement text: using empty string"));
    }
    let template = || Template::parse(at, &file_value(at, result, flags)?, dialect.results_first());
    let (pattern, template) = if dialect.results_first() {
        let template = template()?;
        (dialect.compile(at, scanned)?, template)
    } else {
        (dialect.compile(at, scanned)?, template()?)
    };
    allowed(&template, &dialect.groups(&pattern), at, flags).then_some(Step::Match(pattern, template))
}

fn endif<P>(plain: bool, at: &Place<'_>, rest: &[u8], nested: bool) -> Option<Step<P>> {
    if !nested {
        at.warn(format_args!(
            "{}",
            if plain { "ENDIF without IF: skipping this rule" } else { "ignoring ENDIF without matching IF" }
        ));
        return None;
    }
    if !rest.is_empty() {
        if plain {
            at.warn(format_args!("garbage after ENDIF: skipping this rule"));
            return None;
        }
        at.warn(format_args!("ignoring extra text after ENDIF"));
    }
    Some(Step::EndIf)
}

/// Whether the groups that a result names are there and may be used.
fn allowed(template: &Template, groups: &Groups, at: &Place<'_>, flags: Flags) -> bool {
    let Some(highest) = template.highest else { return true };
    match groups {
        Groups::Negated => {
            at.warn(format_args!("$number found in negative match replacement text: skipping this rule"));
        }
        _ if flags.has(Flags::NO_SUBSTITUTION) => {
            at.warn(format_args!("regular expression substitution is not allowed: skipping this rule"));
        }
        Groups::Count(count) if highest > *count => {
            at.warn(format_args!("out of range replacement index \"{highest}\": skipping this rule"));
        }
        Groups::Count(_) => return true,
    }
    false
}

fn file_value(at: &Place<'_>, value: &[u8], flags: Flags) -> Option<BString> {
    if !flags.has(Flags::VALUE_IS_FILE) {
        return Some(BString::from(value));
    }
    crate::encoded::file_contents(value)
        .map_err(|why| at.warn(format_args!("{why}: skipping this rule")))
        .ok()
}

/// What follows `word` at the start of `line`, without blanks; the word ends where letters and digits end.
fn keyword<'a>(line: &'a [u8], word: &[u8]) -> Option<&'a [u8]> {
    let (head, rest) = line.split_at_checked(word.len())?;
    let whole = head.eq_ignore_ascii_case(word) && !rest.first().is_some_and(u8::is_ascii_alphanumeric);
    whole.then(|| trim_start(rest))
}

/// A result with `$1 ${1} $(1)` and `$$`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Template {
    parts: Vec<Part>,
    /// The largest group it names.
    pub highest: Option<usize>,
}

#[derive(Debug, PartialEq, Eq)]
enum Part {
    Text(BString),
    Group(usize),
}

impl Template {
    pub fn literal(text: BString) -> Template {
        Template { parts: vec![Part::Text(text)], highest: None }
    }

    /// Reads a result. `hyphen`: the word in which the regexp type complains of numbers below one.
    fn parse(at: &Place<'_>, text: &[u8], hyphen: bool) -> Option<Template> {
        let mut parts = Vec::new();
        let mut literal = BString::default();
        let mut rest = text;
        while let Some(dollar) = memchr::memchr(b'$', rest) {
            let (before, after) = rest.split_at(dollar);
            literal.extend_from_slice(before);
            let after = after.get(1..).unwrap_or_default();
            if let Some(after) = after.strip_prefix(b"$") {
                literal.push(b'$');
                rest = after;
                continue;
            }
            let (name, after) = group_name(after)
                .map_err(|what| {
                    log::warning!("{what}: \"{}\"", text.as_bstr());
                    at.warn(format_args!("bad replacement syntax: skipping this rule"));
                })
                .ok()?;
            let index = std::str::from_utf8(name).ok().filter(|n| n.bytes().all(|b| b.is_ascii_digit()));
            let Some(index) = index.and_then(|n| n.parse::<usize>().ok()) else {
                at.warn(format_args!("non-numeric replacement index \"{}\"", name.as_bstr()));
                at.warn(format_args!("bad replacement syntax: skipping this rule"));
                return None;
            };
            if index < 1 {
                let range = if hyphen { "out-of-range" } else { "out of range" };
                at.warn(format_args!("{range} replacement index \"{}\"", name.as_bstr()));
                at.warn(format_args!("bad replacement syntax: skipping this rule"));
                return None;
            }
            if !literal.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut literal)));
            }
            parts.push(Part::Group(index));
            rest = after;
        }
        literal.extend_from_slice(rest);
        parts.push(Part::Text(literal));
        let highest = parts.iter().filter_map(|p| if let Part::Group(n) = p { Some(*n) } else { None }).max();
        Some(Template { parts, highest })
    }

    /// The result for a match of `subject` with these groups.
    pub fn expand(&self, subject: &[u8], groups: &[Option<(usize, usize)>]) -> BString {
        let mut result = BString::default();
        for part in &self.parts {
            match part {
                Part::Text(text) => result.extend_from_slice(text),
                Part::Group(index) => {
                    let range = groups.get(*index).copied().flatten();
                    result.extend_from_slice(
                        range.and_then(|(start, end)| subject.get(start..end)).unwrap_or_default(),
                    );
                }
            }
        }
        result
    }
}

/// The name after a `$`, and what follows it.
fn group_name(text: &[u8]) -> Result<(&[u8], &[u8]), &'static str> {
    let close = match text.first() {
        Some(b'{') => b'}',
        Some(b'(') => b')',
        _ => {
            let end =
                text.iter().position(|b| !b.is_ascii_alphanumeric() && *b != b'_').unwrap_or(text.len());
            return if end > 0 { Ok(text.split_at(end)) } else { Err("empty macro name") };
        }
    };
    let inside = text.get(1..).unwrap_or_default();
    let end = memchr::memchr(close, inside).ok_or("truncated macro reference")?;
    let (name, after) = inside.split_at(end);
    if name.is_empty() { Err("empty macro name") } else { Ok((name, after.get(1..).unwrap_or_default())) }
}

/// Takes `!`, blanks and a delimited expression off `text`: (negated, expression). Logs and returns `None` when there is none.
pub(crate) fn delimited<'a>(at: &Place<'_>, text: &mut &'a [u8], verb: &str) -> Option<(bool, &'a [u8])> {
    let start = text.iter().position(|b| *b != b'!' && !is_space(*b)).unwrap_or(text.len());
    let negated = text.iter().take(start).filter(|b| **b == b'!').count() % 2 == 1;
    let Some((delimiter, body)) = text.get(start..).and_then(|t| t.split_first()) else {
        at.warn(format_args!("no regexp: skipping this rule"));
        return None;
    };
    let mut bytes = body.iter().enumerate();
    while let Some((index, byte)) = bytes.next() {
        if *byte == b'\\' {
            bytes.next();
        } else if byte == delimiter {
            *text = body.get(index + 1..).unwrap_or_default();
            return Some((negated, body.get(..index).unwrap_or_default()));
        }
    }
    at.warn(format_args!("no closing regexp delimiter \"{}\": {verb} this rule", char::from(*delimiter)));
    None
}

/// Takes the option letters that follow a closing delimiter.
pub(crate) fn letters<'a>(text: &mut &'a [u8], stop_at_bang: bool) -> &'a [u8] {
    let end = text.iter().position(|b| is_space(*b) || stop_at_bang && *b == b'!').unwrap_or(text.len());
    let (letters, rest) = text.split_at(end);
    *text = rest;
    letters
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Place<'static> = Place { label: "regexp", name: "t", line: 1 };

    #[test]
    fn templates() {
        let template = Template::parse(&AT, b"a$1-${2}$(1)$$x", true).unwrap();
        assert_eq!(template.highest, Some(2));
        assert_eq!(template.expand(b"pq", &[Some((0, 2)), Some((0, 1)), None]), "ap-p$x");
        assert_eq!(Template::parse(&AT, b"$x", false), None);
        assert_eq!(Template::parse(&AT, b"$0", false), None);
        assert_eq!(Template::parse(&AT, b"${1", false), None);
    }

    #[test]
    fn delimiters_respect_backslashes() {
        let mut text: &[u8] = b"! /a\\/b/i x";
        assert_eq!(delimited(&AT, &mut text, "skipping"), Some((true, &b"a\\/b"[..])));
        assert_eq!(letters(&mut text, true), b"i");
        assert_eq!(text, b" x");
    }
}
