//! `regexp:` – POSIX expressions of the C library.

use std::ffi::CString;
use std::sync::Arc;

use bstr::BString;
use sys::regex::{Options, Regex};

use crate::filter::{self, Needs, Syntax};
use crate::registry::{Spec, TableType};
use crate::rules::{Dialect, Groups, Place, Rules, delimited, in_order, letters, load};
use crate::table::{Kind, OpenError, Owner, Table, TableError};

/// The row of `regexp:`.
pub const TYPE: TableType = TableType { name: "regexp", open, can_create: false };

struct Posix;

/// An expression, its options, and whether `!` stands before it.
type Scanned = (bool, Vec<u8>, Options);

/// `/first/!/second/`: both must hold.
struct Pattern {
    first: (bool, Regex),
    second: Option<(bool, Regex)>,
    needs: Option<Needs>,
}

impl Dialect for Posix {
    type Scanned = (Scanned, Option<Scanned>);
    type Pattern = Pattern;

    fn label(&self) -> &'static str {
        "regexp"
    }

    fn scan(&self, at: &Place<'_>, text: &mut &[u8], condition: bool) -> Option<Self::Scanned> {
        let first = scan(at, text)?;
        // compat: a condition is one expression.
        let second = if !condition && text.first() == Some(&b'!') { Some(scan(at, text)?) } else { None };
        Some((first, second))
    }

    fn compile(&self, at: &Place<'_>, (first, second): Self::Scanned) -> Option<Pattern> {
        let needs = if first.2.extended { filter::needs(&first.1, Syntax::Extended) } else { None };
        let second = match second {
            Some(second) => Some(compile(at, second)?),
            None => None,
        };
        Some(Pattern { first: compile(at, first)?, second, needs })
    }

    fn groups(&self, pattern: &Pattern) -> Groups {
        if pattern.first.0 { Groups::Negated } else { Groups::Count(pattern.first.1.groups()) }
    }

    fn needs(&self, pattern: &Pattern) -> Option<Needs> {
        pattern.needs.clone()
    }

    fn results_first(&self) -> bool {
        true
    }
}

fn scan(at: &Place<'_>, text: &mut &[u8]) -> Option<Scanned> {
    let (negated, expression) = delimited(at, text, "skipping")?;
    let mut options = Options { extended: true, ignore_case: true, newline: false };
    for letter in letters(text, true) {
        match letter {
            b'i' => options.ignore_case = !options.ignore_case,
            b'm' => options.newline = !options.newline,
            b'x' => options.extended = !options.extended,
            other => {
                at.warn(format_args!("unknown regexp option \"{}\": skipping this rule", char::from(*other)));
                return None;
            }
        }
    }
    Some((negated, expression.to_vec(), options))
}

fn compile(at: &Place<'_>, (negated, expression, options): Scanned) -> Option<(bool, Regex)> {
    Regex::new(&expression, options)
        .map_err(|why| at.warn(format_args!("{why}")))
        .ok()
        .map(|regex| (negated, regex))
}

struct RegexpTable {
    name: String,
    rules: Rules<Pattern>,
}

fn open(spec: &Spec<'_>) -> Result<Arc<dyn Table>, OpenError> {
    Ok(Arc::new(RegexpTable { name: spec.name.to_owned(), rules: load(spec, &Posix)? }))
}

impl Table for RegexpTable {
    fn lookup(&self, key: &[u8]) -> Result<Option<BString>, TableError> {
        let end = memchr::memchr(0, key).unwrap_or(key.len());
        let subject = CString::new(key.get(..end).unwrap_or(key)).unwrap_or_default();
        let test =
            |line: usize, (negated, regex): &(bool, Regex), want: usize| match regex.find(&subject, want) {
                Ok(Some(groups)) => (!negated).then_some(groups),
                Ok(None) => negated.then(Vec::new),
                Err(why) => {
                    Place { label: "regexp", name: &self.name, line }.warn(format_args!("{why}"));
                    None
                }
            };
        Ok(self.rules.search(key, in_order, |rule, pattern, template, possible| {
            let groups = if possible {
                test(rule.line, &pattern.first, template.highest.unwrap_or(0))?
            } else {
                pattern.first.0.then(Vec::new)?
            };
            if let Some(second) = &pattern.second {
                test(rule.line, second, 0)?;
            }
            Some(groups)
        }))
    }

    fn kind(&self) -> Kind {
        Kind::Pattern
    }

    fn owner(&self) -> Owner {
        self.rules.source.owner()
    }

    fn changed(&self) -> bool {
        self.rules.source.changed()
    }
}

#[cfg(test)]
mod tests {
    use crate::{Flags, open};

    #[test]
    fn rules_conditions_and_groups() {
        let table = open(
            "regexp:{ {/^(.+)@b\\.test$/ $1@c.test}, {if /^x/}, {/y/ both}, {!/z/ none}, {endif}, {/Q/i exact} , {/p/!/r/ two}}",
            Flags::LOOKUP,
        )
        .unwrap();
        for (key, value) in [
            ("Joe@B.test", Some("Joe@c.test")),
            ("xy", Some("both")),
            ("xa", Some("none")),
            ("xz", None),
            ("y", None),
            ("Q", Some("exact")),
            ("q", None),
            ("p", Some("two")),
            ("pr", None),
        ] {
            let found = table.lookup(key.as_bytes()).unwrap();
            assert_eq!(found.as_ref().map(|v| v.to_string()).as_deref(), value, "{key}");
        }
    }
}
