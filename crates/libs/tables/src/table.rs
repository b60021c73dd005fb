//! What a lookup table is to those who ask it: the trait, its flags, its two errors.
//!
//! An error is never "not found": a caller that cannot ask must defer, not decide.

use std::fmt;

use bstr::BString;

/// One open lookup table. Shared by all threads of a worker.
pub trait Table: Send + Sync {
    /// Looks `key` up. Callers pass the key as they have it; the table folds case as its flags say.
    fn lookup(&self, key: &[u8]) -> Result<Option<BString>, TableError>;

    /// Whether keys are fixed strings or patterns (regexp, pcre, cidr): search orders differ.
    fn kind(&self) -> Kind {
        Kind::Fixed
    }

    /// All entries, in the table's own order. Only for types that can be listed.
    fn entries(&self) -> Result<Entries<'_>, TableError> {
        Err(TableError::new("sequence operation is not supported"))
    }

    /// Whose data these are: what an alias table says is done with its owner's rights.
    fn owner(&self) -> Owner {
        Owner::Unknown
    }

    /// True when the file behind the table is no longer the one that was opened: retire and open anew.
    fn changed(&self) -> bool {
        false
    }
}

/// Who controls a table's contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// Root, or main.cf itself.
    Trusted,
    /// Another user.
    User(u32),
    /// It cannot be told.
    Unknown,
}

impl Owner {
    /// The owner of a file with this user id.
    pub fn of(uid: u32) -> Owner {
        if uid == 0 { Owner::Trusted } else { Owner::User(uid) }
    }
}

/// An entry of a table: key and value.
pub type Entry = (BString, BString);

/// A walk over a table's entries.
pub type Entries<'a> = Box<dyn Iterator<Item = Result<Entry, TableError>> + 'a>;

/// How a table matches its keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A key is one fixed string: callers may try parts of an address.
    Fixed,
    /// A key is tried against patterns: callers ask once, with the whole.
    Pattern,
}

/// A lookup that could not be done (table broken, server away). Worth another try later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableError {
    reason: String,
}

impl TableError {
    /// A failure for `reason`, as the log shows it.
    pub fn new(reason: impl Into<String>) -> TableError {
        TableError { reason: reason.into() }
    }

    /// A failure whose reason was logged when it was met.
    pub fn logged() -> TableError {
        TableError { reason: String::new() }
    }

    /// `: reason`, or nothing when the reason was logged already.
    pub fn suffix(&self) -> String {
        if self.reason.is_empty() { String::new() } else { format!(": {}", self.reason) }
    }
}

impl fmt::Display for TableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.reason.is_empty() { "table lookup error" } else { &self.reason })
    }
}

impl std::error::Error for TableError {}

/// A table that could not be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpenError {
    /// The configuration asks for what does not exist (unknown type, bad syntax): fatal.
    Config(String),
    /// The file or server is not there now. Lookups in its place fail softly.
    Unavailable(String),
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OpenError::Config(text) | OpenError::Unavailable(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for OpenError {}

/// How a table is to be opened and asked. Combine with `|`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Flags(u32);

impl Flags {
    /// Nothing special: keys as they are.
    pub const NONE: Flags = Flags(0);
    /// Fold keys of fixed-string tables to lower case, when the table is built and when it is asked.
    pub const FOLD: Flags = Flags(1);
    /// Match patterns without regard to case (on by default; `postmap -f` turns it off).
    pub const FOLD_PATTERNS: Flags = Flags(1 << 1);
    /// Refuse `$number` substitution from the key into the result (security-sensitive tables).
    pub const NO_SUBSTITUTION: Flags = Flags(1 << 2);
    /// Refuse `proxy:` (security-sensitive tables).
    pub const NO_PROXY: Flags = Flags(1 << 3);
    /// Refuse table types that anybody could answer for (tcp, nis …).
    pub const NO_UNAUTH: Flags = Flags(1 << 4);
    /// The right-hand side names a file; its contents, in base64, are the value (`postmap -F`).
    pub const VALUE_IS_FILE: Flags = Flags(1 << 5);
    /// Do not check keys and values for UTF-8.
    pub const NO_UTF8: Flags = Flags(1 << 6);
    /// A key seen twice keeps its first value, silently.
    pub const DUP_IGNORE: Flags = Flags(1 << 7);
    /// A key seen twice keeps its first value, with a warning.
    pub const DUP_WARN: Flags = Flags(1 << 8);
    /// A key seen twice takes its last value.
    pub const DUP_REPLACE: Flags = Flags(1 << 9);
    /// Keys and values are stored with their terminating NUL (`postmap -N`; what happens anyway).
    pub const WITH_NUL: Flags = Flags(1 << 10);
    /// Keys and values are stored without a NUL (`postmap -n`).
    pub const WITHOUT_NUL: Flags = Flags(1 << 11);
    /// What nearly every daemon's table wants: folded keys.
    pub const LOOKUP: Flags = Flags(1 | 1 << 1);

    /// True when all of `other` is set.
    pub fn has(self, other: Flags) -> bool {
        self.0 & other.0 == other.0
    }

    /// These flags without `other`.
    pub fn without(self, other: Flags) -> Flags {
        Flags(self.0 & !other.0)
    }
}

impl std::ops::BitOr for Flags {
    type Output = Flags;
    fn bitor(self, other: Flags) -> Flags {
        Flags(self.0 | other.0)
    }
}

impl std::ops::BitOrAssign for Flags {
    fn bitor_assign(&mut self, other: Flags) {
        self.0 |= other.0;
    }
}
