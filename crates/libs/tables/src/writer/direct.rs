//! Tables that are changed in place, entry by entry, or not at all.

use super::{Start, WriteError, Writer};
use crate::table::{Flags, OpenError, TableError};
use crate::{memcache, proxy};

/// `fail:`: every update is an error.
pub(super) struct Refusing;

impl Writer for Refusing {
    fn put(&mut self, _key: &[u8], _value: &[u8]) -> Result<bool, WriteError> {
        Err(WriteError::Failed(TableError::new("Application error")))
    }

    fn put_raw(&mut self, _key: &[u8], _value: &[u8]) {}

    fn delete(&mut self, _key: &[u8]) -> Result<bool, WriteError> {
        Err(WriteError::Failed(TableError::new("Application error")))
    }

    fn replace_duplicates(&mut self) {}

    fn finish(self: Box<Self>) -> Result<(), WriteError> {
        Ok(())
    }
}

/// `static:`, `environ:`: may be opened, but not changed.
pub(super) struct ReadOnly;

impl Writer for ReadOnly {
    fn put(&mut self, _key: &[u8], _value: &[u8]) -> Result<bool, WriteError> {
        Err(WriteError::NoUpdates)
    }

    fn put_raw(&mut self, _key: &[u8], _value: &[u8]) {}

    fn delete(&mut self, _key: &[u8]) -> Result<bool, WriteError> {
        Err(WriteError::NoDeletions)
    }

    fn replace_duplicates(&mut self) {}

    fn finish(self: Box<Self>) -> Result<(), WriteError> {
        Ok(())
    }
}

/// `internal:`: takes everything, and is gone when the process ends.
pub(super) struct Forgetful;

impl Writer for Forgetful {
    fn put(&mut self, _key: &[u8], _value: &[u8]) -> Result<bool, WriteError> {
        Ok(true)
    }

    fn put_raw(&mut self, _key: &[u8], _value: &[u8]) {}

    fn delete(&mut self, _key: &[u8]) -> Result<bool, WriteError> {
        Ok(false)
    }

    fn replace_duplicates(&mut self) {}

    fn finish(self: Box<Self>) -> Result<(), WriteError> {
        Ok(())
    }
}

/// `debug:type:name`: the table's own writer; what it is called in errors is its own name, too.
pub(super) fn debugged(name: &str, start: Start, flags: Flags) -> Result<Box<dyn Writer>, OpenError> {
    let (kind, inner) = name.split_once(':').ok_or_else(|| {
        OpenError::Config(format!("open dictionary: expecting \"type:name\" form instead of \"{name}\""))
    })?;
    let writer = super::create(kind, inner, start, flags)?;
    Ok(Box::new(Debugged { name: name.to_owned(), writer }))
}

struct Debugged {
    name: String,
    writer: Box<dyn Writer>,
}

impl Debugged {
    fn named(&self, error: &WriteError, doing: &str) -> WriteError {
        WriteError::Text(error.text(&self.name, doing))
    }
}

impl Writer for Debugged {
    fn put(&mut self, key: &[u8], value: &[u8]) -> Result<bool, WriteError> {
        let done = self.writer.put(key, value);
        done.map_err(|error| self.named(&error, "write"))
    }

    fn put_raw(&mut self, key: &[u8], value: &[u8]) {
        self.writer.put_raw(key, value);
    }

    fn delete(&mut self, key: &[u8]) -> Result<bool, WriteError> {
        let done = self.writer.delete(key);
        done.map_err(|error| self.named(&error, "delete"))
    }

    fn replace_duplicates(&mut self) {
        self.writer.replace_duplicates();
    }

    fn finish(self: Box<Self>) -> Result<(), WriteError> {
        self.writer.finish()
    }
}

/// `proxy:type:name`: through proxymap's writing service.
pub(super) fn proxied(name: &str, flags: Flags) -> Result<Box<dyn Writer>, OpenError> {
    proxy::change(name, flags).map(|change| Box::new(change) as _)
}

/// `memcache:`: in the cache, and its backup.
pub(super) fn cached(name: &str, flags: Flags) -> Result<Box<dyn Writer>, OpenError> {
    memcache::change(name, flags).map(|change| Box::new(change) as _)
}
