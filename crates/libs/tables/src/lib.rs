//! Lookup tables: one module a type, one row in the registry.
//!
//! [`open`] opens one `type:name`; [`Maps`] is the list of tables a parameter names; [`address`] knows the search
//! orders for mail addresses; [`MatchList`] answers for `mynetworks`, `mydestination` and their like;
//! [`writer`] builds indexed files for postmap and postalias.

pub mod address;
mod bdb;
pub mod braces;
mod cdb;
mod checked;
mod cidr;
mod compose;
pub mod configured;
mod debug;
pub mod encoded;
mod endpoint;
mod file;
mod filter;
mod inline;
mod list;
mod lmdb;
mod locality;
mod maps;
mod memcache;
mod migration;
mod network;
pub mod parameters;
mod pcre;
mod plain;
mod proxy;
mod regexp;
mod registry;
mod rules;
mod sdbm;
pub mod service;
mod settings;
mod socketmap;
mod system;
mod table;
mod tcp;
pub mod template;
pub mod text;
pub mod tool;
pub mod writer;

pub use list::{Against, MatchList, Parents, parents_of};
pub use locality::LocalDomains;
pub use maps::Maps;
pub use migration::Migration;
pub use network::Network;
pub use proxy::wire;
pub use registry::{Spec, TableType, open, open_or_fail, types};
pub use settings::{Settings, configure, settings};
pub use table::{Entries, Entry, Flags, Kind, OpenError, Owner, Table, TableError};
