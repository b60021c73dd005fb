//! The helper of `ldap:` tables: see ldap_table(5).

mod escape;
mod search;

use std::process::ExitCode;

fn main() -> ExitCode {
    tables::service::serve(search::open)
}
