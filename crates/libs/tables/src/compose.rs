//! Tables made of tables: `unionmap:`, `pipemap:`, `randmap:`.

use std::sync::Arc;

use bstr::BString;

use crate::braces;
use crate::registry::{Spec, TableType};
use crate::table::{Flags, Kind, OpenError, Owner, Table, TableError};

/// The row of `unionmap:{a, b}` – all answers, comma separated.
pub const UNION: TableType = TableType { name: "unionmap", open: open_union, can_create: false };
/// The row of `pipemap:{a, b}` – each answer is the next one's key.
pub const PIPE: TableType = TableType { name: "pipemap", open: open_pipe, can_create: false };
/// The row of `randmap:{x, y}` – any key finds one member, at random.
pub const RANDOM: TableType = TableType { name: "randmap", open: open_random, can_create: false };

struct Members(Vec<Arc<dyn Table>>);

fn members(spec: &Spec<'_>) -> Result<Members, OpenError> {
    let names = names(spec, "type:name...")?;
    if names.iter().any(|name| !name.contains(':')) {
        return Err(bad_syntax(spec, "type:name..."));
    }
    names.iter().map(|name| crate::open(name, spec.flags)).collect::<Result<_, _>>().map(Members)
}

fn names(spec: &Spec<'_>, form: &str) -> Result<Vec<String>, OpenError> {
    braces::list(spec.name).ok().filter(|names| !names.is_empty()).ok_or_else(|| bad_syntax(spec, form))
}

fn bad_syntax(spec: &Spec<'_>, form: &str) -> OpenError {
    let kind = spec.text.split(':').next().unwrap_or_default();
    OpenError::Unavailable(format!("bad syntax: \"{}\"; need \"{kind}:{{{form}}}\"", spec.text))
}

impl Members {
    fn kind(&self) -> Kind {
        if self.0.iter().any(|table| table.kind() == Kind::Pattern) { Kind::Pattern } else { Kind::Fixed }
    }

    /// The least trusted member's.
    fn owner(&self) -> Owner {
        let owners = self.0.iter().map(|table| table.owner());
        owners
            .reduce(|a, b| if a == Owner::Trusted || b == Owner::Unknown { b } else { a })
            .unwrap_or(Owner::Unknown)
    }

    fn changed(&self) -> bool {
        self.0.iter().any(|table| table.changed())
    }
}

struct Union(Members);

fn open_union(spec: &Spec<'_>) -> Result<Arc<dyn Table>, OpenError> {
    members(spec).map(|members| Arc::new(Union(members)) as _)
}

impl Table for Union {
    fn lookup(&self, key: &[u8]) -> Result<Option<BString>, TableError> {
        let mut all: Option<BString> = None;
        for table in &self.0.0 {
            let Some(value) = table.lookup(key)? else { continue };
            match &mut all {
                Some(all) => {
                    all.push(b',');
                    all.extend_from_slice(&value);
                }
                None => all = Some(value),
            }
        }
        Ok(all)
    }

    fn kind(&self) -> Kind {
        self.0.kind()
    }

    fn owner(&self) -> Owner {
        self.0.owner()
    }

    fn changed(&self) -> bool {
        self.0.changed()
    }
}

struct Pipe(Members);

fn open_pipe(spec: &Spec<'_>) -> Result<Arc<dyn Table>, OpenError> {
    members(spec).map(|members| Arc::new(Pipe(members)) as _)
}

impl Table for Pipe {
    fn lookup(&self, key: &[u8]) -> Result<Option<BString>, TableError> {
        let mut value = BString::from(key);
        for table in &self.0.0 {
            match table.lookup(&value)? {
                Some(next) => value = next,
                None => return Ok(None),
            }
        }
        Ok(Some(value))
    }

    fn kind(&self) -> Kind {
        self.0.kind()
    }

    fn owner(&self) -> Owner {
        self.0.owner()
    }

    fn changed(&self) -> bool {
        self.0.changed()
    }
}

struct Random(Vec<BString>);

fn open_random(spec: &Spec<'_>) -> Result<Arc<dyn Table>, OpenError> {
    let values = names(spec, "value...")?
        .iter()
        .map(|name| {
            // compat: braces inside are part of the value.
            if spec.flags.has(Flags::VALUE_IS_FILE) {
                crate::encoded::file_contents(name.as_bytes())
            } else {
                Ok(BString::from(name.as_str()))
            }
        })
        .collect::<Result<Vec<_>, _>>()
        .map_err(OpenError::Unavailable)?;
    Ok(Arc::new(Random(values)))
}

impl Table for Random {
    fn lookup(&self, _key: &[u8]) -> Result<Option<BString>, TableError> {
        Ok(self.0.get(sys::rand::below(self.0.len())).cloned())
    }

    fn owner(&self) -> Owner {
        Owner::Trusted
    }
}

#[cfg(test)]
mod tests {
    use crate::{Flags, open};

    #[test]
    fn composition() {
        let union = open("unionmap:{static:a, inline:{k=b}}", Flags::LOOKUP).unwrap();
        assert_eq!(union.lookup(b"k").unwrap().unwrap(), "a,b");
        assert_eq!(union.lookup(b"l").unwrap().unwrap(), "a");
        let pipe = open("pipemap:{inline:{k=b}, inline:{b=c}}", Flags::LOOKUP).unwrap();
        assert_eq!(pipe.lookup(b"k").unwrap().unwrap(), "c");
        assert_eq!(pipe.lookup(b"b").unwrap(), None);
        let random = open("randmap:{x, {y z}}", Flags::LOOKUP).unwrap();
        let value = random.lookup(b"k").unwrap().unwrap();
        assert!(value == "x" || value == "{y z}");
    }
}
