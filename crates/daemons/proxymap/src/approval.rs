//! Which tables may be asked: those that the parameters in proxy_read_maps or proxy_write_maps name behind `proxy:`.

use std::collections::HashSet;

use bstr::ByteSlice;
use config::{Config, Param, Str};

/// The approved tables.
pub struct Approved {
    names: HashSet<String>,
    parameter: &'static str,
    service: String,
}

impl Approved {
    /// Reads the list (its `$name`s are expanded already).
    pub fn new(cf: &Config, parameter: Param<Str>, service: &str) -> Approved {
        let names = tables::braces::split(cf.get(parameter))
            .into_iter()
            .filter_map(approves)
            .map(str::to_owned)
            .collect();
        Approved { names, parameter: parameter.name(), service: service.to_owned() }
    }

    /// The table's name without `proxy:` when it is approved; else it is logged how to approve it.
    pub fn check<'a>(&self, table: &'a [u8]) -> Option<&'a str> {
        let shown = table.as_bstr();
        let name = table.to_str().ok().map(|name| name.trim_start_matches("proxy:"));
        let approved = name.filter(|name| self.names.contains(*name));
        if approved.is_none() {
            log::warning!("request for unapproved table: \"{shown}\"");
            log::warning!(
                "to approve this table for {} access, list proxy:{shown} in main.cf:{}",
                if self.parameter == config::params::PROXY_WRITE_MAPS.name() {
                    "read-write"
                } else {
                    "read-only"
                },
                self.parameter
            );
            log::debug!("service {}: {} tables are approved", self.service, self.names.len());
        }
        approved
    }
}

/// `proxy:type:name` approves `type:name`; a `!` before it changes nothing.
fn approves(word: &str) -> Option<&str> {
    let word = word.trim_start_matches('!');
    let name = word.strip_prefix("proxy:")?.trim_start_matches("proxy:");
    name.contains(':').then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use config::params::PROXY_READ_MAPS;

    #[test]
    fn only_proxied_tables_are_approved() {
        let cf = Config::from_pairs(&[
            ("local_recipient_maps", "proxy:unix:passwd.byname hash:/b"),
            ("virtual_alias_maps", "proxy:inline:{a=b, c=d}, !proxy:hash:/c"),
            ("proxy_read_maps", "$local_recipient_maps $virtual_alias_maps"),
        ]);
        let approved = Approved::new(&cf, PROXY_READ_MAPS, "proxymap");
        for (name, expected) in [
            ("unix:passwd.byname", true),
            ("proxy:unix:passwd.byname", true),
            ("inline:{a=b, c=d}", true),
            ("hash:/c", true),
            ("hash:/b", false),
            ("", false),
        ] {
            assert_eq!(approved.check(name.as_bytes()).is_some(), expected, "{name}");
        }
    }
}
