//! `inline:{ key = value, { key = value with blanks } }`.

use std::collections::HashMap;
use std::sync::Arc;

use bstr::{BString, ByteSlice};

use crate::braces;
use crate::file::Folding;
use crate::registry::{Spec, TableType};
use crate::table::{Entries, Flags, OpenError, Owner, Table, TableError};

/// The row of `inline:`.
pub const TYPE: TableType = TableType { name: "inline", open, can_create: false };

struct Inline {
    entries: HashMap<BString, BString>,
    folding: Folding,
}

fn open(spec: &Spec<'_>) -> Result<Arc<dyn Table>, OpenError> {
    let unavailable = |why: String| {
        OpenError::Unavailable(format!("{why}: \"{}\"; need \"inline:{{name=value...}}\"", spec.text))
    };
    let members = braces::list(spec.name).ok().filter(|members| !members.is_empty());
    let members = members.ok_or_else(|| unavailable("bad syntax".to_owned()))?;
    let folding = Folding::of(spec.flags);
    let mut entries = HashMap::new();
    for member in &members {
        let pair =
            if member.starts_with('{') { braces::inside(member).map_err(unavailable)? } else { member };
        let (name, value) =
            pair.split_once('=').ok_or_else(|| unavailable("missing '=' after attribute name".to_owned()))?;
        let name = name.trim_end();
        let value = if spec.flags.has(Flags::VALUE_IS_FILE) {
            crate::encoded::file_contents(value.trim().as_bytes()).map_err(unavailable)?
        } else {
            BString::from(value.trim())
        };
        entries.insert(BString::from(folding.fold(name.as_bytes()).into_owned()), value);
    }
    Ok(Arc::new(Inline { entries, folding }))
}

impl Table for Inline {
    fn lookup(&self, key: &[u8]) -> Result<Option<BString>, TableError> {
        Ok(self.entries.get(self.folding.fold(key).as_bstr()).cloned())
    }

    fn entries(&self) -> Result<Entries<'_>, TableError> {
        Ok(Box::new(self.entries.iter().map(|(key, value)| Ok((key.clone(), value.clone())))))
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
        let table = open("inline:{A=x, b=y { c d = e f }}", Flags::LOOKUP).unwrap();
        for (key, value) in [("a", Some("x")), ("B", Some("y")), ("c d", Some("e f")), ("z", None)] {
            assert_eq!(table.lookup(key.as_bytes()).unwrap().map(|v| v.to_string()).as_deref(), value);
        }
        for bad in ["inline:{}", "inline:{a}", "inline:a=b"] {
            assert!(open(bad, Flags::LOOKUP).is_err(), "{bad}");
        }
    }
}
