//! A table in an LDAP directory: searches, and what their results refer to.

use std::collections::HashSet;
use std::time::Duration;

use bstr::{BString, ByteSlice};
use ldap3::{DerefAliases, LdapConn, LdapConnSettings, Scope, SearchEntry, SearchOptions};
use native_tls::{Certificate, Identity, TlsConnector};
use tables::parameters::Parameters;
use tables::service::{Backend, Pool, Say};
use tables::template::{Common, Template};
use tables::{Kind, OpenError, TableError};

use crate::escape;

struct Ldap {
    /// How the log shows this table.
    shown: String,
    common: Common,
    base: Template,
    scope: Scope,
    pool: Pool<LdapConn>,
    timeout: Duration,
    bind: Option<(String, String)>,
    start_tls: bool,
    /// Settings of TLS, where any are given or needed.
    tls: TlsConnector,
    dereference: DerefAliases,
    size_limit: i32,
    recursion_limit: u32,
    /// Values are results.
    result_attributes: Vec<String>,
    /// Results of entries that have no special attributes.
    leaf_attributes: Vec<String>,
    /// Where an entry has one of these, nothing else of it is looked at.
    terminal_attributes: Vec<String>,
    /// Values are names or URLs of other entries.
    special_attributes: Vec<String>,
}

/// Opens the table that these settings describe.
pub fn open(parameters: &Parameters) -> Result<Box<dyn Backend>, OpenError> {
    let bad = |what: String| OpenError::Config(format!("{}: {what}", parameters.table));
    for name in ["result_filter", "sasl_mechs", "tls_cipher_suite", "tls_ca_cert_dir"] {
        if parameters.text(name).is_some_and(|text| !text.is_empty()) {
            return Err(bad(format!("{name} is not supported yet")));
        }
    }
    if parameters.flag("chase_referrals", false)? {
        return Err(bad("chase_referrals is not supported yet".to_owned()));
    }
    let list = |name: &str, default: &str| parameters.string(name, default, 0).map(|text| words(&text));
    let timeout = Duration::from_secs(parameters.number("timeout", 10, 1)?.into());
    let base = parameters.string("search_base", "", 0)?;
    let base = Template::parse(&base).map_err(|why| bad(format!("search_base: {why}")))?;
    let filter = parameters.string("query_filter", "(mailacceptinggeneralid=%s)", 1)?;
    let filter = if filter.starts_with('(') { filter } else { format!("({filter})") };
    let scope = match parameters.string("scope", "sub", 1)?.as_str() {
        "one" => Scope::OneLevel,
        "base" => Scope::Base,
        "sub" => Scope::Subtree,
        other => return Err(bad(format!("Unrecognized value {other} specified for scope"))),
    };
    let dereference = match parameters.number("dereference", 0, 0)? {
        0 => DerefAliases::Never,
        1 => DerefAliases::Searching,
        2 => DerefAliases::Finding,
        3 => DerefAliases::Always,
        other => return Err(bad(format!("Unrecognized value {other} specified for dereference"))),
    };
    let bind = match parameters.string("bind", "yes", 1)?.as_str() {
        "yes" | "simple" => {
            Some((parameters.string("bind_dn", "", 0)?, parameters.string("bind_pw", "", 0)?))
        }
        "no" | "none" => None,
        other => return Err(bad(format!("bind = {other} is not supported"))),
    };
    // Servers of today refuse protocol version 2 (`version`), and 3 does all that it did.
    let common = Common::open(parameters, &filter, "result_filter")?;
    let limit = u32::try_from(common.limit).unwrap_or(u32::MAX);
    let retry = Duration::from_secs(1);
    Ok(Box::new(Ldap {
        shown: parameters.table.clone(),
        base,
        scope,
        pool: Pool::new(urls(parameters)?, Duration::from_secs(60), retry),
        timeout,
        bind,
        start_tls: parameters.flag("start_tls", false)?,
        tls: tls(parameters)?,
        dereference,
        size_limit: i32::try_from(parameters.number("size_limit", limit, 0)?).unwrap_or(0),
        recursion_limit: parameters.number("recursion_limit", 1000, 1)?,
        result_attributes: list("result_attribute", "maildrop")?,
        leaf_attributes: list("leaf_result_attribute", "")?,
        terminal_attributes: list("terminal_result_attribute", "")?,
        special_attributes: list("special_result_attribute", "")?,
        common,
    }))
}

fn words(text: &str) -> Vec<String> {
    text.split([' ', '\t', '\n', '\r', ',']).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// `server_host` as URLs.
fn urls(parameters: &Parameters) -> Result<Vec<String>, OpenError> {
    let port = parameters.number("server_port", 389, 1)?;
    let hosts = words(&parameters.string("server_host", "localhost", 1)?);
    Ok(hosts
        .into_iter()
        .map(|host| match host {
            host if host.contains("://") => host,
            host if host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok()) => {
                format!("ldap://{host}")
            }
            host => format!("ldap://{host}:{port}"),
        })
        .collect())
}

fn tls(parameters: &Parameters) -> Result<TlsConnector, OpenError> {
    let file = |name: &str| -> Result<Option<Vec<u8>>, OpenError> {
        let Some(path) = parameters.text(name).filter(|path| !path.is_empty()) else { return Ok(None) };
        let text = std::fs::read(&path);
        text.map(Some)
            .map_err(|error| OpenError::Unavailable(format!("{}: {name} {path}: {error}", parameters.table)))
    };
    let failed = |error: native_tls::Error| OpenError::Config(format!("{}: {error}", parameters.table));
    let mut builder = TlsConnector::builder();
    if let Some(text) = file("tls_ca_cert_file")? {
        for certificate in Certificate::stack_from_pem(&text).map_err(failed)? {
            builder.add_root_certificate(certificate);
        }
    }
    if let (Some(certificate), Some(key)) = (file("tls_cert")?, file("tls_key")?) {
        builder.identity(Identity::from_pkcs8(&certificate, &key).map_err(failed)?);
    }
    if !parameters.flag("tls_require_cert", false)? {
        builder.danger_accept_invalid_certs(true).danger_accept_invalid_hostnames(true);
    }
    builder.build().map_err(failed)
}

/// What a search gave, and what it refers to.
#[derive(Default)]
struct Gathered {
    values: Vec<BString>,
    /// Names and URLs that were followed already.
    seen: HashSet<String>,
}

impl Backend for Ldap {
    fn lookup(&self, key: &[u8], say: &mut Say) -> Result<Option<BString>, TableError> {
        if !self.common.wants(key)? {
            return Ok(None);
        }
        let (Some(filter), Some(base)) =
            (self.common.query.query(key, &escape::filter), self.base.query(key, &escape::name))
        else {
            return Ok(None);
        };
        let (Ok(filter), Ok(base)) = (filter.to_str(), base.to_str()) else { return Ok(None) };
        let values = self.pool.run(say, &|url| self.connect(url), &mut |connection| {
            let mut gathered = Gathered::default();
            self.search(connection, base, self.scope, filter, 0, &mut gathered)?;
            Ok(gathered.values)
        })?;
        self.common.join(key, values.iter().map(|value| value.as_slice()))
    }

    fn kind(&self) -> Kind {
        self.common.kind()
    }
}

impl Ldap {
    fn connect(&self, url: &str) -> Result<LdapConn, String> {
        let failed = |error: &dyn std::fmt::Display| {
            format!("{}: Unable to connect to server {url}: {error}", self.shown)
        };
        let settings = LdapConnSettings::new()
            .set_conn_timeout(self.timeout)
            .set_connector(self.tls.clone())
            .set_starttls(self.start_tls);
        let mut connection = LdapConn::with_settings(settings, url).map_err(|error| failed(&error))?;
        if let Some((name, password)) = &self.bind {
            let bound = connection.with_timeout(self.timeout).simple_bind(name, password);
            bound.and_then(ldap3::LdapResult::success).map_err(|error| {
                format!("{}: Unable to bind to server {url} with dn {name}: {error}", self.shown)
            })?;
        }
        Ok(connection)
    }

    /// One search; entries that the results name are searched for in turn.
    fn search(
        &self,
        connection: &mut LdapConn,
        base: &str,
        scope: Scope,
        filter: &str,
        depth: u32,
        gathered: &mut Gathered,
    ) -> Result<(), String> {
        if depth > self.recursion_limit {
            return Err(format!("{}: Recursion limit exceeded", self.shown));
        }
        let seconds = i32::try_from(self.timeout.as_secs()).unwrap_or(i32::MAX);
        let options =
            SearchOptions::new().deref(self.dereference).sizelimit(self.size_limit).timelimit(seconds);
        let all = [
            &self.result_attributes,
            &self.leaf_attributes,
            &self.terminal_attributes,
            &self.special_attributes,
        ];
        let attributes: Vec<&str> = all.into_iter().flatten().map(String::as_str).collect();
        let answer = connection.with_timeout(self.timeout).with_search_options(options);
        let answer = answer
            .search(base, scope, filter, attributes)
            .map_err(|error| format!("{}: Search error: {error}", self.shown))?;
        // No such object: nothing there, which is an answer.
        let entries = match answer.1.rc {
            0 => answer.0,
            32 => return Ok(()),
            code => return Err(format!("{}: Search error {code}: {}", self.shown, answer.1)),
        };
        for entry in entries {
            self.gather(connection, &SearchEntry::construct(entry), depth, gathered)?;
        }
        Ok(())
    }

    fn gather(
        &self,
        connection: &mut LdapConn,
        entry: &SearchEntry,
        depth: u32,
        gathered: &mut Gathered,
    ) -> Result<(), String> {
        let terminal = values(entry, &self.terminal_attributes);
        if !terminal.is_empty() {
            return self.add(terminal, gathered);
        }
        let special = values(entry, &self.special_attributes);
        self.add(values(entry, &self.result_attributes), gathered)?;
        if special.is_empty() {
            self.add(values(entry, &self.leaf_attributes), gathered)?;
        }
        for place in special {
            let place = place.to_str_lossy().into_owned();
            if gathered.seen.insert(place.clone()) {
                let (base, scope, filter) = referred(&place);
                self.search(connection, &base, scope, &filter, depth + 1, gathered)?;
            }
        }
        Ok(())
    }

    fn add(&self, values: Vec<BString>, gathered: &mut Gathered) -> Result<(), String> {
        gathered.values.extend(values);
        if self.common.limit > 0 && gathered.values.len() > self.common.limit {
            return Err(format!("{}: Expansion limit exceeded", self.shown));
        }
        Ok(())
    }
}

/// All values of these attributes, in the order of the attributes. Names of attributes have no case.
fn values(entry: &SearchEntry, names: &[String]) -> Vec<BString> {
    let mut all: Vec<BString> = Vec::new();
    for name in names {
        let text = entry.attrs.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        all.extend(text.flat_map(|(_, values)| values).map(|value| BString::from(value.as_str())));
        let bytes = entry.bin_attrs.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        all.extend(bytes.flat_map(|(_, values)| values).map(|value| BString::from(value.as_slice())));
    }
    all
}

/// Base, scope and filter of a value that names another entry: a name, or `ldap://host/base?attributes?scope?filter`.
fn referred(place: &str) -> (String, Scope, String) {
    const ANY: &str = "(objectclass=*)";
    let Some((_, rest)) = place.split_once("://") else {
        return (place.to_owned(), Scope::Base, ANY.to_owned());
    };
    let query = rest.split_once('/').map_or("", |(_, query)| query);
    let mut parts = query.split('?');
    let base = decoded(parts.next().unwrap_or(""));
    let scope = match parts.nth(1).unwrap_or("") {
        "sub" => Scope::Subtree,
        "one" => Scope::OneLevel,
        _ => Scope::Base,
    };
    let filter = parts.next().filter(|filter| !filter.is_empty()).map_or_else(|| ANY.to_owned(), decoded);
    (base, scope, filter)
}

/// `%XX` undone.
fn decoded(text: &str) -> String {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let digits = (byte == b'%').then(|| bytes.clone().take(2).collect::<Vec<_>>());
        let value = digits.and_then(|d| u8::from_str_radix(std::str::from_utf8(&d).ok()?, 16).ok());
        if value.is_some() {
            bytes.nth(1);
        }
        out.push(value.unwrap_or(byte));
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_urls_of_other_entries() {
        let shown = |place: &str| {
            let (base, scope, filter) = referred(place);
            (base, format!("{scope:?}"), filter)
        };
        let wanted =
            |base: &str, scope: &str, filter: &str| (base.to_owned(), scope.to_owned(), filter.to_owned());
        assert_eq!(shown("cn=a,dc=b"), wanted("cn=a,dc=b", "Base", "(objectclass=*)"));
        assert_eq!(
            shown("ldap:///ou=x%20y,dc=b?mail?sub?(uid=a)"),
            wanted("ou=x y,dc=b", "Subtree", "(uid=a)")
        );
        assert_eq!(shown("ldap://host/dc=b??one"), wanted("dc=b", "OneLevel", "(objectclass=*)"));
    }
}
