//! Lookup tables: one module a type, one row in the registry.
//!
//! [`open`] opens one `type:name`; [`Maps`] is the list of tables a parameter names; [`address`] knows the search
//! orders for mail addresses; [`MatchList`] answers for `mynetworks`, `mydestination` and their like;
//! [`writer`] builds indexed files for postmap and postalias.

pub mod address;
mod bdb;
pub mod braces;
mod cdb;
mod cidr;
mod compose;
pub mod configured;
pub mod encoded;
mod file;
mod inline;
mod list;
mod lmdb;
mod locality;
mod maps;
mod network;
mod pcre;
mod plain;
mod proxy;
mod regexp;
mod registry;
mod rules;
mod settings;
mod system;
mod table;
pub mod text;
pub mod tool;
pub mod writer;

pub use list::{Against, MatchList, Parents, parents_of};
pub use locality::LocalDomains;
pub use maps::Maps;
pub use network::Network;
pub use proxy::wire;
pub use registry::{Spec, TableType, open, open_or_fail, types};
pub use settings::{Settings, configure, settings};
pub use table::{Entries, Entry, Flags, Kind, OpenError, Owner, Table, TableError};
