//! Tables opened by proxymap(8) for others, private services `proxymap` and `proxywrite`.

use crate::attr::{Cursor, Fault, Message, Writer};
use bstr::BString;

/// The server's announcement.
pub const PROTOCOL: &str = "proxymap_protocol";
/// The reading service (`proxymap_service_name`), class private.
pub const SERVICE: &str = "proxymap";
/// The writing service (`proxywrite_service_name`), class private.
pub const WRITE_SERVICE: &str = "proxywrite";

/// Values of `status`.
pub mod stat {
    /// Done; for a lookup: found.
    pub const OK: i32 = 0;
    /// Not found.
    pub const NO_KEY: i32 = 1;
    /// Try again later.
    pub const RETRY: i32 = 2;
    /// The request was malformed.
    pub const BAD: i32 = 3;
    /// The table is not approved (`proxy_read_maps`, `proxy_write_maps`).
    pub const DENY: i32 = 4;
    /// The table could not be opened.
    pub const CONFIG: i32 = 5;
}

/// The table asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// `type:name`.
    pub table: BString,
    /// The table's flags as the client opened it: instances with different flags are different.
    pub instance_flags: i32,
    /// The flags of this request.
    pub flags: i32,
}

impl Table {
    fn put(&self, out: &mut Writer<'_>) {
        out.str("table", &self.table).int("instance_flags", self.instance_flags).int("flags", self.flags);
    }
    fn take(from: &mut Cursor<'_>) -> Result<Self, Fault> {
        let table = from.string("table")?;
        // compat: 3.7 has only flags
        let instance_flags = from.optional_int("instance_flags")?;
        let flags = from.int("flags")?;
        Ok(Table { table, instance_flags: instance_flags.unwrap_or(flags), flags })
    }
}

/// What a client asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Open the table; the answer says its flags.
    Open {
        /// `type:name`.
        table: BString,
        /// The flags wanted.
        instance_flags: i32,
    },
    /// Look a key up.
    Lookup {
        /// Where.
        table: Table,
        /// The key.
        key: BString,
    },
    /// Store a value.
    Update {
        /// Where.
        table: Table,
        /// The key.
        key: BString,
        /// The value.
        value: BString,
    },
    /// Remove a key.
    Delete {
        /// Where.
        table: Table,
        /// The key.
        key: BString,
    },
    /// The first (0) or next (1) pair.
    Sequence {
        /// Where.
        table: Table,
        /// First or next.
        function: i32,
    },
}

impl Message for Request {
    fn put(&self, out: &mut Writer<'_>) {
        match self {
            Request::Open { table, instance_flags } => {
                out.str("request", "open").str("table", table).int("instance_flags", *instance_flags);
            }
            Request::Lookup { table, key } => {
                table.put(out.str("request", "lookup"));
                out.str("key", key);
            }
            Request::Update { table, key, value } => {
                table.put(out.str("request", "update"));
                out.str("key", key).str("value", value);
            }
            Request::Delete { table, key } => {
                table.put(out.str("request", "delete"));
                out.str("key", key);
            }
            Request::Sequence { table, function } => {
                table.put(out.str("request", "sequence"));
                out.int("function", *function);
            }
        }
        out.end();
    }
    fn take(from: &mut Cursor<'_>) -> Result<Self, Fault> {
        let kind = from.str("request")?;
        let request = match kind.as_ref() as &[u8] {
            b"open" => {
                let table = from.string("table")?;
                // compat: 3.7 says flags
                let instance_flags = match from.optional_int("instance_flags")? {
                    Some(flags) => flags,
                    None => from.int("flags")?,
                };
                Request::Open { table, instance_flags }
            }
            b"lookup" => Request::Lookup { table: Table::take(from)?, key: from.string("key")? },
            b"update" => Request::Update {
                table: Table::take(from)?,
                key: from.string("key")?,
                value: from.string("value")?,
            },
            b"delete" => Request::Delete { table: Table::take(from)?, key: from.string("key")? },
            b"sequence" => Request::Sequence { table: Table::take(from)?, function: from.int("function")? },
            _ => return Err(Fault::BadValue("request")),
        };
        from.end()?;
        Ok(request)
    }
}

/// The answer to [`Request::Open`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opened {
    /// [`stat`].
    pub status: i32,
    /// The open table's flags.
    pub flags: i32,
}

impl Message for Opened {
    fn put(&self, out: &mut Writer<'_>) {
        out.int("status", self.status).int("flags", self.flags).end();
    }
    fn take(from: &mut Cursor<'_>) -> Result<Self, Fault> {
        let reply = Opened { status: from.int("status")?, flags: from.int("flags")? };
        from.end()?;
        Ok(reply)
    }
}

/// The answer to [`Request::Lookup`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// [`stat`].
    pub status: i32,
    /// The table's flags (absent in 3.7).
    pub flags: i32,
    /// The value, empty when there is none.
    pub value: BString,
}

impl Message for Found {
    fn put(&self, out: &mut Writer<'_>) {
        out.int("status", self.status).int("flags", self.flags).str("value", &self.value).end();
    }
    fn take(from: &mut Cursor<'_>) -> Result<Self, Fault> {
        let reply = Found {
            status: from.int("status")?,
            flags: from.optional_int("flags")?.unwrap_or_default(),
            value: from.string("value")?,
        };
        from.end()?;
        Ok(reply)
    }
}

/// The answer to [`Request::Update`] and [`Request::Delete`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Changed {
    /// [`stat`].
    pub status: i32,
    /// The table's flags (absent in 3.7).
    pub flags: i32,
}

impl Message for Changed {
    fn put(&self, out: &mut Writer<'_>) {
        out.int("status", self.status).int("flags", self.flags).end();
    }
    fn take(from: &mut Cursor<'_>) -> Result<Self, Fault> {
        let reply =
            Changed { status: from.int("status")?, flags: from.optional_int("flags")?.unwrap_or_default() };
        from.end()?;
        Ok(reply)
    }
}

/// The answer to [`Request::Sequence`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pair {
    /// [`stat`].
    pub status: i32,
    /// The table's flags (absent in 3.7).
    pub flags: i32,
    /// The key.
    pub key: BString,
    /// The value.
    pub value: BString,
}

impl Message for Pair {
    fn put(&self, out: &mut Writer<'_>) {
        out.int("status", self.status)
            .int("flags", self.flags)
            .str("key", &self.key)
            .str("value", &self.value)
            .end();
    }
    fn take(from: &mut Cursor<'_>) -> Result<Self, Fault> {
        let reply = Pair {
            status: from.int("status")?,
            flags: from.optional_int("flags")?.unwrap_or_default(),
            key: from.string("key")?,
            value: from.string("value")?,
        };
        from.end()?;
        Ok(reply)
    }
}
