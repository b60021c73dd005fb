//! `postfix non-bdb`: whether `hash:` and `btree:` in main.cf stand for other types.

use std::process::ExitCode;

use config::params::{DEFAULT_CACHE_DB_TYPE, DEFAULT_DATABASE_TYPE, NON_BDB_MIGRATION_LEVEL};

use crate::instance::Instance;

/// The service that makes tables anew on demand; not there yet, but an entry for it may be.
const SERVICE: &str = "nbdb_reindex/unix";

/// Does the subcommand.
pub fn run(instance: &Instance, arguments: &[String]) -> ExitCode {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["status"] => {
            println!("{}", instance.config.get(NON_BDB_MIGRATION_LEVEL));
            ExitCode::SUCCESS
        }
        ["disable"] => {
            postconf(instance, &["-X", "non_bdb_migration_level"]);
            postconf(instance, &["-MX", SERVICE])
        }
        ["enable-redirect"] => {
            for param in [DEFAULT_DATABASE_TYPE, DEFAULT_CACHE_DB_TYPE] {
                let kind = instance.config.get(param);
                if matches!(kind, "hash" | "btree") {
                    log::fatal!("parameter {} specifies a Berkeley DB type: '{kind}'", param.name());
                }
            }
            postconf(instance, &["-MX", SERVICE]);
            postconf(instance, &["non_bdb_migration_level=enable-redirect"])
        }
        // compat: the reference makes missing tables on demand; here `postmap` makes them.
        ["enable-reindex"] => log::fatal!(
            "postfix non-bdb enable-reindex: not implemented in this version; use enable-redirect, and run postmap or \
             postalias for each table"
        ),
        _ => log::fatal!("usage: postfix non-bdb status (or enable-redirect, or enable-reindex, or disable)"),
    }
}

fn postconf(instance: &Instance, arguments: &[&str]) -> ExitCode {
    match instance.command("postconf").args(arguments).status() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => log::fatal!("postconf: {}", sys::errno_text(&error)),
    }
}
