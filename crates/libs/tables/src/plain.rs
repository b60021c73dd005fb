//! `static:`, `environ:`, `fail:` – tables without data of their own.

use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::sync::Arc;

use bstr::BString;

use crate::braces;
use crate::file::Folding;
use crate::registry::{Spec, TableType};
use crate::table::{Entries, Flags, Kind, OpenError, Owner, Table, TableError};

/// The row of `static:` – every key finds the name.
pub const STATIC: TableType = TableType { name: "static", open: open_static, can_create: false };
/// The row of `environ:` – the process's environment.
pub const ENVIRON: TableType = TableType { name: "environ", open: open_environ, can_create: false };
/// The row of `fail:` – every lookup fails.
pub const FAIL: TableType = TableType { name: "fail", open: open_fail, can_create: true };

struct Static(BString);

fn open_static(spec: &Spec<'_>) -> Result<Arc<dyn Table>, OpenError> {
    // `static:{ text with blanks }` has its braces taken off.
    let text = if spec.name.starts_with('{') {
        braces::inside(spec.name)
            .map_err(|why| OpenError::Unavailable(format!("bad static:name syntax: {why}")))?
    } else {
        spec.name
    };
    let value = if spec.flags.has(Flags::VALUE_IS_FILE) {
        crate::encoded::file_contents(text.as_bytes()).map_err(OpenError::Unavailable)?
    } else {
        BString::from(text)
    };
    Ok(Arc::new(Static(value)))
}

impl Table for Static {
    fn lookup(&self, _key: &[u8]) -> Result<Option<BString>, TableError> {
        Ok(Some(self.0.clone()))
    }

    fn owner(&self) -> Owner {
        Owner::Trusted
    }
}

struct Environ(Folding);

fn open_environ(spec: &Spec<'_>) -> Result<Arc<dyn Table>, OpenError> {
    Ok(Arc::new(Environ(Folding::of(spec.flags))))
}

impl Table for Environ {
    fn lookup(&self, key: &[u8]) -> Result<Option<BString>, TableError> {
        let key = self.0.fold(key);
        if key.is_empty() || key.contains(&b'=') || key.contains(&0) {
            return Ok(None);
        }
        Ok(std::env::var_os(std::ffi::OsStr::from_bytes(&key)).map(|value| BString::from(value.into_vec())))
    }

    fn entries(&self) -> Result<Entries<'_>, TableError> {
        Ok(Box::new(
            std::env::vars_os()
                .map(|(key, value)| Ok((BString::from(key.into_vec()), BString::from(value.into_vec())))),
        ))
    }

    fn owner(&self) -> Owner {
        Owner::Trusted
    }
}

/// The row of `internal:` – a table that a program keeps for itself; in main.cf it is an empty one.
pub const INTERNAL: TableType = TableType { name: "internal", open: open_internal, can_create: false };

struct Internal;

fn open_internal(_spec: &Spec<'_>) -> Result<Arc<dyn Table>, OpenError> {
    Ok(Arc::new(Internal))
}

impl Table for Internal {
    fn lookup(&self, _key: &[u8]) -> Result<Option<BString>, TableError> {
        Ok(None)
    }

    fn entries(&self) -> Result<Entries<'_>, TableError> {
        Ok(Box::new(std::iter::empty()))
    }
}

struct Fail;

fn open_fail(_spec: &Spec<'_>) -> Result<Arc<dyn Table>, OpenError> {
    Ok(Arc::new(Fail))
}

impl Table for Fail {
    fn lookup(&self, _key: &[u8]) -> Result<Option<BString>, TableError> {
        Err(TableError::new("Application error"))
    }

    fn kind(&self) -> Kind {
        Kind::Pattern
    }

    fn entries(&self) -> Result<Entries<'_>, TableError> {
        Ok(Box::new(std::iter::once(Err(TableError::new("Application error")))))
    }
}

#[cfg(test)]
mod tests {
    use crate::{Flags, open};

    #[test]
    fn answers() {
        assert_eq!(open("static:x", Flags::LOOKUP).unwrap().lookup(b"a").unwrap().unwrap(), "x");
        assert_eq!(open("static:{ x y }", Flags::LOOKUP).unwrap().lookup(b"a").unwrap().unwrap(), "x y");
        assert!(open("fail:now", Flags::LOOKUP).unwrap().lookup(b"a").is_err());
        assert!(open("environ:", Flags::LOOKUP).is_err());
        assert!(open("environ:x", Flags::NONE).unwrap().lookup(b"PATH").unwrap().is_some());
        // compat: keys are folded like any table's, so upper-case variables are found only by `postmap -f`.
        assert!(open("environ:x", Flags::LOOKUP).unwrap().lookup(b"PATH").unwrap().is_none());
    }
}
