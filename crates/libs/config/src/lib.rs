//! main.cf and master.cf: the language, the typed parameters, their defaults.
//!
//! A program loads [`Config`] once and asks it by handle: `cf.get(SMTPD_TIMEOUT)` is a `Duration`. Handles are the
//! parameters' names in capitals, in [`params`], made from the registry under `man/params`. Nothing here logs:
//! what is wrong comes back as [`ConfigError`], which names file and line.

mod compat;
mod config;
mod derived;
pub mod directory;
mod error;
mod expand;
pub mod general;
pub mod idna;
mod interfaces;
pub mod main_cf;
pub mod master;
pub mod owners;
pub mod param;
#[rustfmt::skip]
pub mod params;
mod value;

pub use config::{Config, Origin, parse_override};
pub use directory::directory;
pub use error::{ConfigError, on_fatal};
pub use expand::{ExpandError, expand_with, names};
pub use interfaces::{
    Network, Protocols, host_addresses, local_networks, networks_in_style, own_addresses, protocols,
};
pub use param::{Bool, Family, Int, Param, ParamRef, Str, Time};
pub use value::{parse_bool, parse_time};

/// The release of Postfix whose behaviour, file formats and protocols these are. Scripts compare it.
pub const MAIL_VERSION: &str = "3.11.7";
/// The date that goes with it.
pub const MAIL_RELEASE_DATE: &str = "20260907";
/// Our own version.
pub const FERROPOST_VERSION: &str = env!("CARGO_PKG_VERSION");
