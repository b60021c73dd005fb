//! `debug:type:name` – a table whose every use is logged.

use std::sync::Arc;

use bstr::{BString, ByteSlice};

use crate::registry::{Spec, TableType};
use crate::table::{Entries, Kind, OpenError, Owner, Table, TableError};

/// The row of `debug:`.
pub const TYPE: TableType = TableType { name: "debug", open, can_create: false };

struct Debug {
    name: String,
    inner: Arc<dyn Table>,
}

fn open(spec: &Spec<'_>) -> Result<Arc<dyn Table>, OpenError> {
    let inner = crate::open(spec.name, spec.flags)?;
    Ok(Arc::new(Debug { name: spec.name.to_owned(), inner }))
}

impl Table for Debug {
    fn lookup(&self, key: &[u8]) -> Result<Option<BString>, TableError> {
        let found = self.inner.lookup(key);
        let shown = match &found {
            Ok(Some(value)) => value.as_bstr(),
            Ok(None) => b"not_found".as_bstr(),
            Err(_) => b"error".as_bstr(),
        };
        log::info!("{} lookup: \"{}\" = \"{shown}\"", self.name, key.as_bstr());
        found
    }

    fn kind(&self) -> Kind {
        self.inner.kind()
    }

    fn entries(&self) -> Result<Entries<'_>, TableError> {
        let mut entries = self.inner.entries()?;
        let mut ended = false;
        Ok(Box::new(std::iter::from_fn(move || {
            let entry = entries.next();
            match &entry {
                Some(Ok((key, value))) => log::info!("{} sequence: \"{key}\" = \"{value}\"", self.name),
                Some(Err(_)) => log::info!("{} sequence: found error", self.name),
                None if !ended => {
                    ended = true;
                    log::info!("{} sequence: found EOF", self.name);
                }
                None => {}
            }
            entry
        })))
    }

    fn owner(&self) -> Owner {
        self.inner.owner()
    }

    fn changed(&self) -> bool {
        self.inner.changed()
    }
}
