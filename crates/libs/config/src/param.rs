//! Handles: typed names of parameters. The constants are in [`crate::params`].

use std::marker::PhantomData;
use std::time::Duration;

use crate::params::{TABLE, TWINS};

/// yes or no.
#[derive(Debug, Clone, Copy)]
pub enum Bool {}
/// A number.
#[derive(Debug, Clone, Copy)]
pub enum Int {}
/// A number with a unit: s m h d w.
#[derive(Debug, Clone, Copy)]
pub enum Time {}
/// Text: expanded, unless the registry calls it raw.
#[derive(Debug, Clone, Copy)]
pub enum Str {}

/// What a handle's value looks like in Rust.
pub trait Typed {
    /// `bool`, `i64`, `Duration` or `&str`.
    type Value<'a>;
    #[doc(hidden)]
    fn take(value: &Value) -> Option<Self::Value<'_>>;
}

/// A value that has passed its parameter's rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Bool(bool),
    Int(i64),
    Time(Duration),
    Text(String),
}

impl Typed for Bool {
    type Value<'a> = bool;
    fn take(value: &Value) -> Option<bool> {
        if let Value::Bool(v) = value { Some(*v) } else { None }
    }
}

impl Typed for Int {
    type Value<'a> = i64;
    fn take(value: &Value) -> Option<i64> {
        if let Value::Int(v) = value { Some(*v) } else { None }
    }
}

impl Typed for Time {
    type Value<'a> = Duration;
    fn take(value: &Value) -> Option<Duration> {
        if let Value::Time(v) = value { Some(*v) } else { None }
    }
}

impl Typed for Str {
    type Value<'a> = &'a str;
    fn take(value: &Value) -> Option<&str> {
        if let Value::Text(v) = value { Some(v) } else { None }
    }
}

/// How a parameter's text becomes a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Bool,
    /// Fits 32 bits, as the reference's does.
    Int,
    Long,
    /// With the unit of a bare number.
    Time(char),
    Str,
    /// Not expanded: its `$` are for whoever reads it.
    Raw,
    /// One of these words.
    Enum(&'static [&'static str]),
}

/// One row of the registry.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// The name in main.cf, or a family's suffix.
    pub name: &'static str,
    pub kind: Kind,
    /// Lower bound of a number (seconds for a time) or of the text's length; 0 is none.
    pub min: i64,
    /// Upper bound; 0 is none.
    pub max: i64,
    /// Default, unexpanded.
    pub default: &'static str,
    /// The default is worked out by code (`myhostname`).
    pub computed: bool,
    /// Not shown by `postconf -d`.
    pub hidden: bool,
}

/// A parameter whose value is a `T`.
#[derive(Debug)]
pub struct Param<T> {
    row: u16,
    kind: PhantomData<fn() -> T>,
}

impl<T> Clone for Param<T> {
    fn clone(&self) -> Param<T> {
        *self
    }
}

impl<T> Copy for Param<T> {}

impl<T> Param<T> {
    pub(crate) const fn new(row: u16) -> Param<T> {
        Param { row, kind: PhantomData }
    }

    /// The name in main.cf.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// The `lmtp_…` parameter that stands for this `smtp_…` one when the program delivers by LMTP
    /// (itself, if there is none).
    pub fn lmtp(self) -> Param<T> {
        Param::new(TWINS.get(usize::from(self.row)).copied().unwrap_or(self.row))
    }

    /// `lmtp()` if `is_lmtp`.
    pub fn client(self, is_lmtp: bool) -> Param<T> {
        if is_lmtp { self.lmtp() } else { self }
    }

    pub(crate) fn at(self) -> usize {
        usize::from(self.row)
    }

    /// Its row of the registry.
    pub fn row(self) -> &'static Row {
        ParamRef::from(self).row()
    }
}

/// A parameter, whatever its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParamRef(u16);

impl<T> From<Param<T>> for ParamRef {
    fn from(param: Param<T>) -> ParamRef {
        ParamRef(param.row)
    }
}

impl ParamRef {
    /// Its row of the registry.
    pub fn row(self) -> &'static Row {
        // Handles are made by the same generator as the table, so the row is there.
        &TABLE[usize::from(self.0)]
    }

    /// The parameter of that name.
    pub fn named(name: &str) -> Option<ParamRef> {
        TABLE
            .binary_search_by(|row| row.name.cmp(name))
            .ok()
            .and_then(|at| u16::try_from(at).ok())
            .map(ParamRef)
    }

    /// Every parameter, sorted by name.
    pub fn all() -> impl Iterator<Item = ParamRef> {
        (0u16..).zip(&TABLE).map(|(at, _)| ParamRef(at))
    }

    pub(crate) fn at(self) -> usize {
        usize::from(self.0)
    }
}

/// One parameter for each master.cf service: `<transport>_destination_recipient_limit`.
#[derive(Debug, Clone, Copy)]
pub struct Family<T> {
    pub(crate) row: Row,
    kind: PhantomData<fn() -> T>,
}

impl<T> Family<T> {
    pub(crate) const fn new(row: Row) -> Family<T> {
        Family { row, kind: PhantomData }
    }

    /// The member's name for one service.
    pub fn member(&self, service: &str) -> String {
        format!("{service}{}", self.row.name)
    }
}
