//! Defaults that no expression gives: this host's name and networks, this process, the version.

use std::cell::Cell;

use crate::{Config, FERROPOST_VERSION, interfaces};

thread_local! {
    /// The networks depend on interfaces and protocols, whose own text may name `$mynetworks`.
    static WORKING_OUT_NETWORKS: Cell<bool> = const { Cell::new(false) };
}

/// The domain of a host that has no other.
const NO_DOMAIN: &str = "localdomain";

/// The default of a parameter that the registry calls computed.
pub fn value(cf: &Config, name: &str) -> Option<String> {
    match name {
        "myhostname" => Some(myhostname(cf)),
        "mydomain" => Some(mydomain(cf)),
        "mynetworks" if WORKING_OUT_NETWORKS.get() => None,
        // compat: an error here (an interface that does not exist) comes up again, with its reason, in the
        // programs that listen or compare addresses.
        "mynetworks" => {
            WORKING_OUT_NETWORKS.set(true);
            let networks = interfaces::local_networks(cf).unwrap_or_default();
            WORKING_OUT_NETWORKS.set(false);
            Some(networks)
        }
        "config_directory" => Some(cf.directory().display().to_string()),
        "process_id" => Some(std::process::id().to_string()),
        "process_name" => Some(process_name()),
        "ferropost_version" => Some(FERROPOST_VERSION.into()),
        _ => None,
    }
}

/// The kernel's name for the host, with a domain added if it has no dot.
fn myhostname(cf: &Config) -> String {
    let name = sys::host::hostname().unwrap_or_else(|_| "localhost".into());
    if name.contains('.') {
        return name;
    }
    let domain = cf.early("mydomain").unwrap_or_else(|| NO_DOMAIN.into());
    format!("{name}.{domain}")
}

/// What follows the first dot of myhostname.
fn mydomain(cf: &Config) -> String {
    let name = match cf.early("myhostname") {
        Some(name) => name,
        None => myhostname(cf),
    };
    name.split_once('.').map_or_else(|| NO_DOMAIN.into(), |(_, domain)| domain.into())
}

fn process_name() -> String {
    std::env::args_os()
        .next()
        .and_then(|path| Some(std::path::Path::new(&path).file_name()?.to_string_lossy().into_owned()))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_that_depend_on_themselves_end() {
        for name in ["inet_interfaces", "inet_protocols", "mynetworks_style"] {
            let cf = Config::from_pairs(&[(name, "$mynetworks")]);
            let _ = cf.try_text("mynetworks");
            let _ = cf.try_text(name);
        }
    }
}
