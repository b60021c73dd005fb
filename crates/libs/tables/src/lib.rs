//! Lookup tables: one module a type, one row in the registry.
//!
//! [`open`] opens one `type:name`; [`Maps`] is the list of tables a parameter names; [`address`] knows the search
//! orders for mail addresses; [`MatchList`] answers for `mynetworks`, `mydestination` and their like;
//! [`writer`] builds indexed files for postmap and postalias.

pub mod address;
mod list;
mod maps;
mod registry;
mod settings;
mod table;
pub mod writer;

pub use list::{Against, MatchList, Parents, parents_of};
pub use maps::Maps;
pub use registry::{Spec, TableType, open, types};
pub use settings::{Settings, configure, settings};
pub use table::{Entries, Entry, Flags, Kind, OpenError, Table, TableError};
