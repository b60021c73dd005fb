//! A list of tables, as a parameter such as `virtual_alias_maps` names them, asked in order.

use std::sync::Arc;

use bstr::BString;

use crate::{Flags, Kind, OpenError, Table, TableError};

/// The tables of one parameter. The first that knows the key answers; an error ends the search.
pub struct Maps {
    title: String,
    tables: Vec<(String, Arc<dyn Table>)>,
}

impl Maps {
    /// Opens each `type:name` of `text` (comma or blank separated, `{…}` groups, `$name` already expanded).
    /// `title` is the parameter's name, for the log. A table that is away now answers with errors, and was logged.
    pub fn open(title: &str, text: &str, flags: Flags) -> Result<Maps, OpenError> {
        let _ = (title, text, flags);
        todo!()
    }

    /// True when the parameter names no table.
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty()
    }

    /// The parameter's name.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Asks all tables.
    pub fn find(&self, key: &[u8]) -> Result<Option<BString>, TableError> {
        let _ = key;
        todo!()
    }

    /// Asks only the tables of one kind: parts of a key are never tried on patterns.
    pub fn find_only(&self, kind: Kind, key: &[u8]) -> Result<Option<BString>, TableError> {
        let _ = (kind, key);
        todo!()
    }

    /// The name of the first table whose file changed since it was opened.
    pub fn changed(&self) -> Option<&str> {
        self.tables.iter().find(|(_, table)| table.changed()).map(|(name, _)| name.as_str())
    }
}
