//! The helper of `mysql:` tables (MySQL, MariaDB): see mysql_table(5).

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use bstr::BString;
use mysql::prelude::Queryable;
use mysql::{Conn, OptsBuilder, SslOpts, Value};
use tables::parameters::Parameters;
use tables::service::{Backend, Pool, Say, serve};
use tables::template::{self, Common};
use tables::{Kind, OpenError, TableError};

/// A server that does not answer a connection within this time is away.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// The longest wait for a query's answer.
const QUERY_LIMIT: Duration = Duration::from_secs(60);
/// Where Debian's servers listen; what the client library means by `localhost`.
const SOCKETS: [&str; 2] = ["/run/mysqld/mysqld.sock", "/var/lib/mysql/mysql.sock"];

struct Mysql {
    common: Common,
    pool: Pool<Conn>,
    user: String,
    password: String,
    database: String,
    charset: String,
    tls: Option<SslOpts>,
    /// `require_result_set`
    wants_results: bool,
}

fn main() -> ExitCode {
    serve(open)
}

fn open(parameters: &Parameters) -> Result<Box<dyn Backend>, OpenError> {
    for name in ["option_file", "tls_cert_file", "tls_key_file", "tls_CApath", "tls_ciphers"] {
        if parameters.text(name).is_some_and(|text| !text.is_empty()) {
            return Err(OpenError::Config(format!("{}: {name} is not supported yet", parameters.table)));
        }
    }
    let charset = parameters.string("charset", "utf8mb4", 1)?;
    // In others a byte of a letter may look like a quote.
    if !["utf8mb4", "utf8mb3", "utf8", "latin1", "ascii", "binary"].contains(&charset.as_str()) {
        return Err(OpenError::Config(format!("{}: charset {charset} is not supported", parameters.table)));
    }
    let authorities = parameters.text("tls_CAfile").filter(|path| !path.is_empty()).map(PathBuf::from);
    let verify = parameters.flag("tls_verify_cert", false)?;
    let tls = (authorities.is_some() || verify).then(|| {
        SslOpts::default()
            .with_root_cert_path(authorities)
            .with_danger_accept_invalid_certs(!verify)
            .with_danger_skip_domain_validation(!verify)
    });
    let seconds = |name| parameters.number(name, 60, 1).map(|n| Duration::from_secs(n.into()));
    let mut hosts: Vec<String> = words(&parameters.string("hosts", "", 0)?);
    if hosts.is_empty() {
        hosts.push("localhost".to_owned());
    }
    let query = template::sql_query(parameters)?;
    Ok(Box::new(Mysql {
        common: Common::open(parameters, &query, "")?,
        pool: Pool::new(hosts, seconds("idle_interval")?, seconds("retry_interval")?),
        user: parameters.string("user", "", 0)?,
        password: parameters.string("password", "", 0)?,
        database: parameters.string("dbname", "", 1)?,
        charset,
        tls,
        wants_results: parameters.flag("require_result_set", true)?,
    }))
}

fn words(text: &str) -> Vec<String> {
    text.split([' ', '\t', '\n', '\r', ',']).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

impl Mysql {
    /// `host`, `host:port`, `[host]:port`, `inet:host:port`, `unix:/path`
    fn connect(&self, host: &str) -> Result<Conn, String> {
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let mut options = OptsBuilder::new()
            .user(given(&self.user))
            .pass(given(&self.password))
            .db_name(given(&self.database))
            .ssl_opts(self.tls.clone())
            .tcp_connect_timeout(Some(CONNECT_LIMIT))
            .read_timeout(Some(QUERY_LIMIT))
            .write_timeout(Some(QUERY_LIMIT))
            .prefer_socket(false)
            // Quoting is by backslashes: they must mean something.
            .init(vec![
                format!("SET NAMES {}", self.charset),
                "SET SESSION sql_mode = REPLACE(@@SESSION.sql_mode, 'NO_BACKSLASH_ESCAPES', '')".to_owned(),
            ]);
        let place = host.strip_prefix("inet:").unwrap_or(host);
        let local = SOCKETS.iter().find(|path| Path::new(path).exists()).filter(|_| place == "localhost");
        if let Some(path) = host.strip_prefix("unix:").or(local.copied()) {
            options = options.socket(Some(path));
        } else {
            let (name, port) = match place.strip_prefix('[').and_then(|open| open.split_once(']')) {
                Some((name, after)) => (name, after.strip_prefix(':')),
                None => place.split_once(':').map_or((place, None), |(name, port)| (name, Some(port))),
            };
            options = options.ip_or_hostname(Some(name));
            if let Some(port) = port {
                options = options.tcp_port(port.parse().map_err(|_| format!("{host}: bad port {port}"))?);
            }
        }
        Conn::new(options).map_err(|error| format!("connect to mysql server {host}: {error}"))
    }

    /// All values of all rows.
    fn values(&self, connection: &mut Conn, query: &str) -> Result<Vec<BString>, String> {
        let failed = |error: mysql::Error| format!("mysql query failed: {error}");
        let mut answer = connection.query_iter(query).map_err(failed)?;
        let mut values: Vec<BString> = Vec::new();
        let mut results = 0;
        while let Some(rows) = answer.iter() {
            results += usize::from(!rows.columns().as_ref().is_empty());
            for row in rows {
                for value in row.map_err(failed)?.unwrap() {
                    match value {
                        Value::NULL => {}
                        Value::Bytes(bytes) => values.push(bytes.into()),
                        other => values.push(other.as_sql(true).trim_matches('\'').into()),
                    }
                }
            }
        }
        if self.wants_results && results == 0 {
            return Err("mysql query failed: no result set".to_owned());
        }
        Ok(values)
    }
}

impl Backend for Mysql {
    fn lookup(&self, key: &[u8], say: &mut Say) -> Result<Option<BString>, TableError> {
        if !self.common.wants(key)? {
            return Ok(None);
        }
        let Some(query) = self.common.query.query(key, &quoted) else { return Ok(None) };
        let Ok(query) = std::str::from_utf8(&query) else { return Ok(None) };
        let values = self
            .pool
            .run(say, &|host| self.connect(host), &mut |connection| self.values(connection, query))?;
        self.common.join(key, values.iter().map(|value| value.as_slice()))
    }

    fn kind(&self) -> Kind {
        self.common.kind()
    }
}

/// Quoting for a string in either kind of quotes.
fn quoted(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for byte in text {
        match byte {
            0 => out.extend(b"\\0"),
            b'\n' => out.extend(b"\\n"),
            b'\r' => out.extend(b"\\r"),
            0x1a => out.extend(b"\\Z"),
            b'\\' | b'\'' | b'"' => out.extend([b'\\', *byte]),
            byte => out.push(*byte),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn nothing_ends_a_string() {
        assert_eq!(super::quoted(b"a'b\"c\\d\0\n"), b"a\\'b\\\"c\\\\d\\0\\n");
    }
}
