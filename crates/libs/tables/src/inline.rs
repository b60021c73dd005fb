//! `inline:{ key = value, { key = value with blanks } }`.

use std::sync::Arc;

use bstr::BString;

use crate::braces;
use crate::file::Folding;
use crate::registry::{Spec, TableType};
use crate::table::{Entries, Flags, OpenError, Owner, Table, TableError};
use crate::text::Ordered;

/// The row of `inline:`.
pub const TYPE: TableType = TableType { name: "inline", open, can_create: false };

struct Inline {
    entries: Ordered,
    folding: Folding,
}

fn open(spec: &Spec<'_>) -> Result<Arc<dyn Table>, OpenError> {
    let what = if spec.flags.has(Flags::VALUE_IS_FILE) { "filename" } else { "value" };
    let unavailable = |why: String| {
        OpenError::Unavailable(format!("{why}: \"{}\"; need \"inline:{{name={what}...}}\"", spec.text))
    };
    let members = braces::list(spec.name).ok().filter(|members| !members.is_empty());
    let members = members.ok_or_else(|| unavailable("bad syntax".to_owned()))?;
    let folding = Folding::of(spec.flags);
    let mut entries = Ordered::default();
    for member in &members {
        let pair =
            if member.starts_with('{') { braces::inside(member).map_err(unavailable)? } else { member };
        let (name, value) = split(pair).map_err(|why| unavailable(why.to_owned()))?;
        let value = if spec.flags.has(Flags::VALUE_IS_FILE) {
            crate::encoded::file_contents(value.trim().as_bytes()).map_err(unavailable)?
        } else {
            BString::from(value.trim())
        };
        entries.insert(BString::from(folding.fold(name.as_bytes()).into_owned()), value);
    }
    Ok(Arc::new(Inline { entries, folding }))
}

/// A key is one word, also inside braces; quotes and backslashes protect blanks and `=`, and stay in it.
fn split(pair: &str) -> Result<(&str, &str), &'static str> {
    let pair = pair.trim_start();
    let (mut quoted, mut protected) = (false, false);
    let end = pair.find(|c: char| {
        let ends = !quoted && !protected && (c == '=' || c.is_ascii_whitespace());
        quoted ^= c == '"' && !protected;
        protected = c == '\\' && !protected;
        ends
    });
    if quoted {
        return Err("unbalanced '\"'");
    }
    let (name, rest) = pair.split_at(end.unwrap_or(pair.len()));
    let value = rest.trim_start().strip_prefix('=').ok_or("missing '=' after attribute name")?;
    if name.is_empty() { Err("missing attribute name") } else { Ok((name, value)) }
}

impl Table for Inline {
    fn lookup(&self, key: &[u8]) -> Result<Option<BString>, TableError> {
        Ok(self.entries.get(&self.folding.fold(key)).cloned())
    }

    fn entries(&self) -> Result<Entries<'_>, TableError> {
        Ok(Box::new(self.entries.iter()))
    }

    fn owner(&self) -> Owner {
        Owner::Trusted
    }
}

#[cfg(test)]
mod tests {
    use crate::{Flags, open};

    #[test]
    fn short_and_long_members() {
        let table = open("inline:{A=x, b=y { c = e f }}", Flags::LOOKUP).unwrap();
        for (key, value) in [("a", Some("x")), ("B", Some("y")), ("c", Some("e f")), ("z", None)] {
            assert_eq!(table.lookup(key.as_bytes()).unwrap().map(|v| v.to_string()).as_deref(), value);
        }
        let quoted = open(r#"inline:{{"q =u"@b = c d} {a\ b=x}}"#, Flags::LOOKUP).unwrap();
        assert_eq!(quoted.lookup(br#""q =u"@b"#).unwrap().unwrap(), "c d");
        assert_eq!(quoted.lookup(br"a\ b").unwrap().unwrap(), "x");
        for bad in ["inline:{}", "inline:{a}", "inline:a=b", "inline:{{a b = c}}", "inline:{{\"a = c}}"] {
            assert!(open(bad, Flags::LOOKUP).is_err(), "{bad}");
        }
    }
}
