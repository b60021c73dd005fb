//! Table types whose client library is a program of its own (`table-mysql` and the like, in daemon_directory): a large
//! library is then linked by one small program only, and its faults end no daemon.
//!
//! A table that is opened starts its helper; requests and replies go over a socket pair, many at a time. This module is
//! both ends: [`client`] in the daemon, [`serve`] in the helper. The helper gets its settings from the daemon, keeps its
//! rights until the table is open, then takes mail_owner's.

pub(crate) mod client;
mod frames;
mod pool;
mod server;

pub use pool::Pool;
pub use server::{Backend, Say, serve};
