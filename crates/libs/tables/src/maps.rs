//! A list of tables, as a parameter such as `virtual_alias_maps` names them, asked in order.

use std::sync::Arc;

use bstr::{BString, ByteSlice};

use crate::braces;
use crate::registry::open_or_fail;
use crate::table::{Flags, Kind, OpenError, Table, TableError};

/// The tables of one parameter. The first that knows the key answers; an error ends the search.
pub struct Maps {
    title: String,
    tables: Vec<(String, Arc<dyn Table>)>,
}

impl Maps {
    /// Opens each `type:name` of `text` (comma or blank separated, `{…}` groups, `$name` already expanded).
    /// `title` is the parameter's name, for the log. A table that is away now answers with errors, and was logged.
    pub fn open(title: &str, text: &str, flags: Flags) -> Result<Maps, OpenError> {
        let tables = braces::split(text)
            .into_iter()
            .map(|name| Ok((name.to_owned(), open_or_fail(name, flags)?)))
            .collect::<Result<_, OpenError>>()?;
        Ok(Maps { title: title.to_owned(), tables })
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
        self.search(None, key)
    }

    /// Asks only the tables of one kind: parts of a key are never tried on patterns.
    pub fn find_only(&self, kind: Kind, key: &[u8]) -> Result<Option<BString>, TableError> {
        self.search(Some(kind), key)
    }

    fn search(&self, kind: Option<Kind>, key: &[u8]) -> Result<Option<BString>, TableError> {
        if key.is_empty() {
            return Ok(None);
        }
        for (name, table) in &self.tables {
            if kind.is_some_and(|kind| kind != table.kind()) {
                continue;
            }
            match table.lookup(key) {
                Ok(Some(value)) if value.is_empty() => {
                    log::warning!(
                        "{} lookup of {} returns an empty string result",
                        self.title,
                        key.as_bstr()
                    );
                    log::warning!("{} should return NO RESULT in case of NOT FOUND", self.title);
                    return Err(TableError::new("empty lookup result"));
                }
                Ok(Some(value)) => {
                    log::debug!("maps_find: {}: {name}: {} = {value}", self.title, key.as_bstr());
                    return Ok(Some(value));
                }
                Ok(None) => {}
                Err(error) => {
                    let shown: BString = key.iter().take(100).copied().collect();
                    log::warning!("{name} lookup error for \"{shown}\"");
                    return Err(error);
                }
            }
        }
        log::debug!("maps_find: {}: {}: not found", self.title, key.as_bstr());
        Ok(None)
    }

    /// The tables in order, each with its `type:name`; for those who must know which one answers.
    pub fn tables(&self) -> impl Iterator<Item = (&str, &dyn Table)> {
        self.tables.iter().map(|(name, table)| (name.as_str(), &**table))
    }

    /// The name of the first table whose file changed since it was opened.
    pub fn changed(&self) -> Option<&str> {
        self.tables.iter().find(|(_, table)| table.changed()).map(|(name, _)| name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_answer_wins_and_errors_stop() {
        let maps = Maps::open("test_maps", "inline:{a=1}, inline:{a=2,b=3} regexp:{{/^r/ R}}", Flags::LOOKUP)
            .unwrap();
        assert_eq!(maps.find(b"A").unwrap().unwrap(), "1");
        assert_eq!(maps.find(b"b").unwrap().unwrap(), "3");
        assert_eq!(maps.find(b"r").unwrap().unwrap(), "R");
        assert_eq!(maps.find_only(Kind::Fixed, b"r").unwrap(), None);
        assert_eq!(maps.find(b"").unwrap(), None);
        let broken = Maps::open("test_maps", "fail:x inline:{a=1}", Flags::LOOKUP).unwrap();
        assert!(broken.find(b"a").is_err());
        let away = Maps::open("test_maps", "hash:/no/such/file", Flags::LOOKUP).unwrap();
        assert!(away.find(b"a").is_err());
        assert!(Maps::open("test_maps", "nocolon", Flags::LOOKUP).is_err());
    }
}
