//! `pcre:` – Perl-compatible expressions.

use std::sync::Arc;

use bstr::BString;
use sys::pcre::{Options, Pcre};

use crate::filter::{self, Needs, Syntax};
use crate::registry::{Spec, TableType};
use crate::rules::{Dialect, Groups, Place, Rules, delimited, in_order, letters, load};
use crate::table::{Kind, OpenError, Owner, Table, TableError};

/// The row of `pcre:`.
pub const TYPE: TableType = TableType { name: "pcre", open, can_create: false };

struct Perl;

struct Pattern {
    negated: bool,
    pcre: Pcre,
    needs: Option<Needs>,
}

impl Dialect for Perl {
    type Scanned = (bool, Vec<u8>, Options);
    type Pattern = Pattern;

    fn label(&self) -> &'static str {
        "pcre"
    }

    fn scan(&self, at: &Place<'_>, text: &mut &[u8], _condition: bool) -> Option<Self::Scanned> {
        let (negated, expression) = delimited(at, text, "ignoring")?;
        let mut options = Options::CASELESS.toggle(Options::DOTALL);
        for letter in letters(text, false) {
            options = options.toggle(match letter {
                b'i' => Options::CASELESS,
                b'm' => Options::MULTILINE,
                b's' => Options::DOTALL,
                b'x' => Options::EXTENDED,
                b'A' => Options::ANCHORED,
                b'E' => Options::DOLLAR_ENDONLY,
                b'U' => Options::UNGREEDY,
                b'X' => {
                    at.warn(format_args!("ignoring obsolete regexp option \"X\""));
                    continue;
                }
                other => {
                    at.warn(format_args!(
                        "unknown regexp option \"{}\": skipping this rule",
                        char::from(*other)
                    ));
                    return None;
                }
            });
        }
        Some((negated, expression.to_vec(), options))
    }

    fn compile(&self, at: &Place<'_>, (negated, expression, options): Self::Scanned) -> Option<Pattern> {
        // Blanks in an extended pattern are not text.
        let plain = !options.has(Options::EXTENDED);
        let needs = if plain { filter::needs(&expression, Syntax::Perl) } else { None };
        Pcre::new(&expression, options)
            .map_err(|why| at.warn(format_args!("error in regex at offset {}: {why}", why.offset)))
            .ok()
            .map(|pcre| Pattern { negated, pcre, needs })
    }

    fn groups(&self, pattern: &Pattern) -> Groups {
        if pattern.negated { Groups::Negated } else { Groups::Count(pattern.pcre.groups()) }
    }

    fn needs(&self, pattern: &Pattern) -> Option<Needs> {
        pattern.needs.clone()
    }
}

struct PcreTable {
    name: String,
    rules: Rules<Pattern>,
}

fn open(spec: &Spec<'_>) -> Result<Arc<dyn Table>, OpenError> {
    Ok(Arc::new(PcreTable { name: spec.name.to_owned(), rules: load(spec, &Perl)? }))
}

impl Table for PcreTable {
    fn lookup(&self, key: &[u8]) -> Result<Option<BString>, TableError> {
        Ok(self.rules.search(key, in_order, |rule, Pattern { negated, pcre, .. }, _, possible| {
            if !possible {
                return negated.then(Vec::new);
            }
            match pcre.find(key) {
                Ok(Some(groups)) => (!negated).then_some(groups),
                Ok(None) => negated.then(Vec::new),
                Err(why) => {
                    // compat: a pattern that gives up does not match; the log tells.
                    Place { label: "pcre", name: &self.name, line: rule.line }.warn(format_args!("{why}"));
                    None
                }
            }
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
    fn rules_and_groups() {
        let table = open("pcre:{ {/^(?:a|b)(\\d+)$/ n$1}, {!/^c/ other} }", Flags::LOOKUP).unwrap();
        for (key, value) in [("A12", Some("n12")), ("cx", None), ("dx", Some("other"))] {
            let found = table.lookup(key.as_bytes()).unwrap();
            assert_eq!(found.as_ref().map(|v| v.to_string()).as_deref(), value, "{key}");
        }
    }
}
