//! `$name` and its relatives: the expression language of main.cf values.
//!
//! `$name ${name} $(name)`, `$$`, `${name?text} ${name:text} ${name?{a}:{b}}`, comparisons
//! `${{a} == {b} ? {c} : {d}}` (also `<level` and so on, which compare compatibility levels),
//! functions `${name{text}}`. Pure: callers supply the values of names.

use std::cmp::Ordering;
use std::fmt;

use crate::main_cf::is_space;
use crate::{compat, idna};

/// Deeper nesting than this is taken for a definition that refers to itself.
const MAX_DEPTH: usize = 101;

/// What is wrong with an expression: the reference's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpandError(pub String);

impl fmt::Display for ExpandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Expands `text`. `lookup` gives a name's raw text, which is expanded in turn when `recurse`; None is an
/// undefined name and expands to nothing.
pub fn expand_with(
    text: &str,
    recurse: bool,
    lookup: &dyn Fn(&str) -> Option<String>,
) -> Result<String, ExpandError> {
    let mut out = String::with_capacity(text.len());
    Expander { recurse, lookup }.text(text, 0, &mut out)?;
    Ok(out)
}

/// The names that an expression mentions, in either arm of a conditional; with what is wrong with it, if it is.
pub fn names(text: &str) -> (Vec<String>, Option<ExpandError>) {
    let mut found = Vec::new();
    let why = collect(text, 0, &mut found).err();
    (found, why)
}

struct Expander<'a> {
    recurse: bool,
    lookup: &'a dyn Fn(&str) -> Option<String>,
}

/// A piece of text.
enum Piece<'a> {
    Literal(&'a str),
    /// The inside of `${…}`, or the name after a bare `$`.
    Expression(&'a str),
}

impl Expander<'_> {
    fn text(&self, text: &str, depth: usize, out: &mut String) -> Result<(), ExpandError> {
        let mut rest = text;
        while let Some((piece, tail)) = next_piece(text, rest)? {
            match piece {
                Piece::Literal(literal) => out.push_str(literal),
                Piece::Expression(expression) => self.expression(expression, depth + 1, out)?,
            }
            rest = tail;
        }
        Ok(())
    }

    fn expression(&self, expression: &str, depth: usize, out: &mut String) -> Result<(), ExpandError> {
        if depth > MAX_DEPTH {
            return error(format!("unreasonable macro call nesting: \"{expression}\""));
        }
        let (value, rest) = match split_expression(expression)? {
            Split::Comparison { left, op, right, rest } => {
                let truth = self.compare(left, op, right, depth)?;
                (Some(if truth { "true".to_string() } else { String::new() }), rest)
            }
            Split::Function { name, argument } => {
                let mut inner = String::new();
                self.text(argument.trim_matches(is_space), depth, &mut inner)?;
                match function(name) {
                    Some(call) => out.push_str(&call(&inner)?),
                    None => {
                        return error(format!("unknown function \"{name}\" at\"...>>>{expression:.20}\""));
                    }
                }
                return Ok(());
            }
            Split::Name { name, rest } => ((self.lookup)(name), rest),
        };
        let truth = value.as_deref().is_some_and(|v| !v.is_empty());
        match split_choice(rest)? {
            Choice::Value => match value {
                Some(value) if self.recurse => self.text(&value, depth, out),
                Some(value) => {
                    out.push_str(&value);
                    Ok(())
                }
                None => Ok(()),
            },
            Choice::Arms { yes, no } => match if truth { yes } else { no } {
                Some(arm) => self.text(arm, depth, out),
                None => Ok(()),
            },
        }
    }

    fn compare(&self, left: &str, op: Operator<'_>, right: &str, depth: usize) -> Result<bool, ExpandError> {
        let (mut a, mut b) = (String::new(), String::new());
        self.text(left, depth, &mut a)?;
        self.text(right, depth, &mut b)?;
        let order = match op.suffix {
            "" if digits(&a) && digits(&b) => {
                let number = |text: &str| {
                    text.parse::<i64>()
                        .map_err(|_| ExpandError(format!("mac_exp_eval: bad conversion: {text}")))
                };
                number(&a)?.cmp(&number(&b)?)
            }
            "" => a.as_bytes().cmp(b.as_bytes()),
            _ => {
                let level = |text: &str| {
                    compat::parse(text).ok_or_else(|| {
                        ExpandError(format!("malformed compatibility level syntax: \"{text}\""))
                    })
                };
                level(&a)?.cmp(&level(&b)?)
            }
        };
        Ok(match op.relation {
            "==" => order == Ordering::Equal,
            "!=" => order != Ordering::Equal,
            "<" => order == Ordering::Less,
            "<=" => order != Ordering::Greater,
            ">=" => order != Ordering::Less,
            _ => order == Ordering::Greater,
        })
    }
}

fn collect(text: &str, depth: usize, found: &mut Vec<String>) -> Result<(), ExpandError> {
    if depth > MAX_DEPTH {
        return error(format!("unreasonable macro call nesting: \"{text:.60}\""));
    }
    let mut rest = text;
    while let Some((piece, tail)) = next_piece(text, rest)? {
        rest = tail;
        let Piece::Expression(expression) = piece else { continue };
        let after = match split_expression(expression)? {
            Split::Comparison { left, right, rest, .. } => {
                collect(left, depth + 1, found)?;
                collect(right, depth + 1, found)?;
                rest
            }
            Split::Function { argument, .. } => {
                collect(argument, depth + 1, found)?;
                ""
            }
            Split::Name { name, rest } => {
                found.push(name.into());
                rest
            }
        };
        if let Choice::Arms { yes, no } = split_choice(after)? {
            for arm in [yes, no].into_iter().flatten() {
                collect(arm, depth + 1, found)?;
            }
        }
    }
    Ok(())
}

/// The next piece of `rest`, and what follows it. `whole` is for the complaint.
fn next_piece<'a>(whole: &str, rest: &'a str) -> Result<Option<(Piece<'a>, &'a str)>, ExpandError> {
    if rest.is_empty() {
        return Ok(None);
    }
    let Some(after) = rest.strip_prefix('$') else {
        let (literal, tail) = rest.split_at(rest.find('$').unwrap_or(rest.len()));
        return Ok(Some((Piece::Literal(literal), tail)));
    };
    if let Some(tail) = after.strip_prefix('$') {
        return Ok(Some((Piece::Literal("$"), tail)));
    }
    let (expression, tail) = match after.chars().next() {
        Some(open @ ('{' | '(')) => {
            let body = &after[1..];
            let close = if open == '{' { '}' } else { ')' };
            match balanced(body, open, close) {
                Some(end) => (&body[..end], &body[end + 1..]),
                None => return error(format!("truncated macro reference: \"{whole}\"")),
            }
        }
        _ => after.split_at(after.find(|c: char| !is_name(c)).unwrap_or(after.len())),
    };
    if expression.is_empty() {
        return error(format!("empty macro name: \"{whole}\""));
    }
    Ok(Some((Piece::Expression(expression), tail)))
}

struct Operator<'a> {
    relation: &'a str,
    /// Empty, or `level`.
    suffix: &'a str,
}

enum Split<'a> {
    Name { name: &'a str, rest: &'a str },
    Comparison { left: &'a str, op: Operator<'a>, right: &'a str, rest: &'a str },
    Function { name: &'a str, argument: &'a str },
}

fn split_expression(expression: &str) -> Result<Split<'_>, ExpandError> {
    if let Some((left, rest)) = braced(expression)? {
        let (op, rest) = operator(left, rest)?;
        let Some((right, rest)) = braced(rest)? else {
            return error(format!(
                "\"{{expression}}\" expected at: \"...{{{left}}} {}{}>>>{rest:.20}\"",
                op.relation, op.suffix
            ));
        };
        return match rest.chars().next() {
            None | Some('?' | ':') => Ok(Split::Comparison { left, op, right, rest }),
            Some(_) => error(format!("\"?\" or \":\" expected at: \"...}}>>>{rest:.20}\"")),
        };
    }
    let expression = expression.trim_start_matches(is_space);
    let end = expression.find(|c: char| !is_name(c)).unwrap_or(expression.len());
    let (name, after) = expression.split_at(end);
    let rest = after.trim_start_matches(is_space);
    match rest.chars().next() {
        None | Some('?' | ':') => Ok(Split::Name { name, rest }),
        Some('{') if !name.is_empty() => match braced(rest)? {
            Some((argument, "")) => Ok(Split::Function { name, argument }),
            Some((argument, tail)) => error(format!("unexpected input at: \"...{argument}}}>>>{tail:.20}\"")),
            None => error(format!("attribute name syntax error at: \"...{name}>>>{after:.20}\"")),
        },
        Some(_) => error(format!("attribute name syntax error at: \"...{name}>>>{after:.20}\"")),
    }
}

fn operator<'a>(left: &str, rest: &'a str) -> Result<(Operator<'a>, &'a str), ExpandError> {
    let end = rest.find(|c: char| !"<>!=?+-*/~&|%".contains(c)).unwrap_or(rest.len());
    let (relation, tail) = rest.split_at(end);
    if !["==", "!=", "<", "<=", ">=", ">"].contains(&relation) {
        // compat: the stray quotes are the reference's.
        return error(format!(
            "\"==\" or \"!=\"\" or \"<\"\" or \"<=\"\" or \">=\"\" or \">\" expected at: \"...{left}}}>>>{rest:.20}\""
        ));
    }
    let end = tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len());
    let (suffix, tail) = tail.split_at(end);
    if !["", "level"].contains(&suffix) {
        return error(format!("bad operator suffix at: \"...{relation}>>>{suffix}\""));
    }
    Ok((Operator { relation, suffix }, tail))
}

enum Choice<'a> {
    /// No `?` or `:`: the value itself.
    Value,
    Arms {
        yes: Option<&'a str>,
        no: Option<&'a str>,
    },
}

fn split_choice(rest: &str) -> Result<Choice<'_>, ExpandError> {
    let (mut yes, mut no) = (None, None);
    let after = match (rest.strip_prefix('?'), rest.strip_prefix(':')) {
        (Some(tail), _) => {
            let (arm, tail) = operand(tail)?;
            yes = Some(arm);
            match tail.strip_prefix(':') {
                Some(tail) => Some(tail),
                None if tail.is_empty() => None,
                None => return error(format!("\":\" expected at: \"...{arm}}}>>>{tail:.20}\"")),
            }
        }
        (None, Some(tail)) => Some(tail),
        (None, None) => return Ok(Choice::Value),
    };
    if let Some(tail) = after {
        let (arm, tail) = operand(tail)?;
        no = Some(arm);
        if !tail.is_empty() {
            return error(format!("unexpected input at: \"...{arm}}}>>>{tail:.20}\""));
        }
    }
    Ok(Choice::Arms { yes, no })
}

/// `{text}` with white space around, or else all that is left.
fn operand(text: &str) -> Result<(&str, &str), ExpandError> {
    Ok(braced(text)?.unwrap_or((text, "")))
}

/// The inside of a leading `{…}` and what follows, white space skipped before and after. None: no brace.
fn braced(text: &str) -> Result<Option<(&str, &str)>, ExpandError> {
    let text = text.trim_start_matches(is_space);
    let Some(body) = text.strip_prefix('{') else { return Ok(None) };
    match balanced(body, '{', '}') {
        Some(end) => Ok(Some((&body[..end], body[end + 1..].trim_start_matches(is_space)))),
        None => error(format!("unbalanced {{}} in attribute expression: \"{text}\"")),
    }
}

/// Where the bracket opened before `body` closes.
fn balanced(body: &str, open: char, close: char) -> Option<usize> {
    let mut level = 1usize;
    for (at, c) in body.char_indices() {
        if c == open {
            level += 1;
        } else if c == close {
            level -= 1;
            if level == 0 {
                return Some(at);
            }
        }
    }
    None
}

type Function = fn(&str) -> Result<String, ExpandError>;

/// The functions of `${name{text}}`.
fn function(name: &str) -> Option<Function> {
    match name {
        "domain_to_ascii" => Some(domain_to_ascii),
        "domain_to_utf8" => Some(domain_to_utf8),
        _ => None,
    }
}

fn domain_to_ascii(domain: &str) -> Result<String, ExpandError> {
    match idna::to_ascii(domain) {
        Some(ascii) if !domain.is_empty() => Ok(ascii),
        _ => error(format!("bad domain argument in: 'domain_to_ascii{{{domain}}}'")),
    }
}

fn domain_to_utf8(domain: &str) -> Result<String, ExpandError> {
    match idna::to_utf8(domain) {
        Some(text) if !domain.is_empty() => Ok(text),
        _ => error(format!("bad domain argument in: 'domain_to_utf8{{{domain}}}'")),
    }
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn error<T>(text: String) -> Result<T, ExpandError> {
    Err(ExpandError(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expand(text: &str) -> Result<String, String> {
        let lookup = |name: &str| match name {
            "a" => Some("A".to_string()),
            "ref" => Some("<$a>".to_string()),
            "empty" => Some(String::new()),
            "loop" => Some("$loop".to_string()),
            _ => None,
        };
        expand_with(text, true, &lookup).map_err(|e| e.0)
    }

    #[test]
    fn values() {
        for (text, want) in [
            ("$a ${a} $(a) $$a $$", "A A A $a $"),
            ("$ref.$none|", "<A>.|"),
            ("${a?yes}${empty?yes}${none:no}${a:no}", "yesno"),
            ("${a?{x}:{y}}${empty?{x}:{y}}${none?{x}:y}", "xyy"),
            ("${a??foo:{b}ar}", "?foo:{b}ar"),
            ("${{$a} == {A} ? {1} : {2}}", "1"),
            ("${{10} > {9}}${{10} > {9a}}", "true"),
            ("${{3.10} >=level {3.9} ? {new} : {old}}", "new"),
            ("${a? { $ref } : {}}", " <A> "),
            ("${domain_to_ascii{ ex.org }}", "ex.org"),
            ("${domain_to_utf8{xn--mnchen-3ya.example}}", "münchen.example"),
        ] {
            assert_eq!(expand(text).as_deref(), Ok(want), "{text}");
        }
    }

    #[test]
    fn complaints() {
        for (text, want) in [
            ("${a", "truncated macro reference: \"${a\""),
            ("$ x", "empty macro name: \"$ x\""),
            ("${$x}", "attribute name syntax error at: \"...>>>$x\""),
            ("${a b}", "attribute name syntax error at: \"...a>>> b\""),
            ("$loop", "unreasonable macro call nesting: \"loop\""),
            ("${{a} <lev {b} ? {x}}", "bad operator suffix at: \"...<>>>lev\""),
            ("${{a} == {b} x}", "\"?\" or \":\" expected at: \"...}>>>x\""),
            ("${a?{a}b}", "\":\" expected at: \"...a}>>>b\""),
        ] {
            assert_eq!(expand(text), Err(want.to_string()), "{text}");
        }
    }

    #[test]
    fn mentions() {
        let (found, why) = names("$a ${b?{$c}:{$d}} ${{$e} == {f} ? {$g}}");
        assert_eq!((found.join(" ").as_str(), why), ("a b c d e g", None));
        let deep = format!("{}x{}", "${a?{".repeat(5000), "}}".repeat(5000));
        assert!(names(&deep).1.is_some() && expand(&deep).is_err());
    }
}
