//! The guard around every table of a UTF-8 mail system: keys that are no UTF-8 are not asked for, values that are none
//! are errors.

use std::sync::Arc;

use bstr::{BString, ByteSlice};

use crate::table::{Entries, Kind, Owner, Table, TableError};

/// A table whose keys and values are checked.
pub(crate) struct Checked {
    name: String,
    inner: Arc<dyn Table>,
}

impl Checked {
    /// Guards the table that `name` (`type:name`) opened.
    pub fn guard(name: &str, inner: Arc<dyn Table>) -> Arc<dyn Table> {
        Arc::new(Checked { name: name.to_owned(), inner })
    }
}

impl Table for Checked {
    fn lookup(&self, key: &[u8]) -> Result<Option<BString>, TableError> {
        const WHY: &str = "malformed UTF-8 or invalid codepoint";
        if std::str::from_utf8(key).is_err() {
            log::warning!("{}: non-UTF-8 key \"{}\": {WHY}", self.name, key.as_bstr());
            return Ok(None);
        }
        let found = self.inner.lookup(key)?;
        if let Some(value) = found.as_ref().filter(|value| std::str::from_utf8(value).is_err()) {
            log::warning!("{}: key \"{}\": non-UTF-8 value \"{value}\": {WHY}", self.name, key.as_bstr());
            return Err(TableError::logged());
        }
        Ok(found)
    }

    fn kind(&self) -> Kind {
        self.inner.kind()
    }

    fn entries(&self) -> Result<Entries<'_>, TableError> {
        self.inner.entries()
    }

    fn owner(&self) -> Owner {
        self.inner.owner()
    }

    fn changed(&self) -> bool {
        self.inner.changed()
    }
}
