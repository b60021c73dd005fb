//! The table types: one row each. What `postconf -m` lists and [`crate::open`] dispatches on.

use std::sync::Arc;

use crate::{Flags, OpenError, Table};

/// One table type.
pub struct TableType {
    /// The name before the colon.
    pub name: &'static str,
    /// Opens an existing table for lookups.
    pub open: fn(&Spec<'_>) -> Result<Arc<dyn Table>, OpenError>,
    /// Whether postmap and postalias can build it.
    pub can_create: bool,
}

/// What stands after the colon, with how to open it.
pub struct Spec<'a> {
    /// The whole `type:name`, for messages.
    pub text: &'a str,
    /// The part after the type.
    pub name: &'a str,
    /// How to open and ask it.
    pub flags: Flags,
}

/// Opens `type:name` (without a type: `default_database_type`).
pub fn open(text: &str, flags: Flags) -> Result<Arc<dyn Table>, OpenError> {
    let _ = (text, flags);
    todo!()
}

/// All types, in name order.
pub fn types() -> &'static [TableType] {
    &[]
}
