//! The helper of `pgsql:` tables: see pgsql_table(5).

use std::process::ExitCode;
use std::str::FromStr;
use std::time::Duration;

use bstr::BString;
use native_tls::TlsConnector;
use postgres::{Client, Config, SimpleQueryMessage};
use postgres_native_tls::MakeTlsConnector;
use tables::parameters::Parameters;
use tables::service::{Backend, Pool, Say, serve};
use tables::template::{self, Common};
use tables::{Kind, OpenError, TableError};

/// A server that does not answer a connection within this time is away.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// The longest that a query may run.
const QUERY_LIMIT: Duration = Duration::from_secs(60);

struct Pgsql {
    common: Common,
    pool: Pool<Client>,
    user: String,
    password: String,
    database: String,
}

fn main() -> ExitCode {
    serve(open)
}

fn open(parameters: &Parameters) -> Result<Box<dyn Backend>, OpenError> {
    let encoding = parameters.string("encoding", "UTF8", 1)?;
    if !["UTF8", "UTF-8", "UNICODE"].iter().any(|known| encoding.eq_ignore_ascii_case(known)) {
        return Err(OpenError::Config(format!(
            "{}: encoding {encoding} is not supported: use UTF8",
            parameters.table
        )));
    }
    let query = match parameters.text("select_function").filter(|_| !parameters.is_set("query")) {
        Some(function) => format!("SELECT {function}('%s')"),
        None => template::sql_query(parameters)?,
    };
    let seconds = |name| parameters.number(name, 60, 1).map(|n| Duration::from_secs(n.into()));
    let mut hosts: Vec<String> = words(&parameters.string("hosts", "", 0)?);
    if hosts.is_empty() {
        hosts.push("localhost".to_owned());
    }
    Ok(Box::new(Pgsql {
        common: Common::open(parameters, &query, "")?,
        pool: Pool::new(hosts, seconds("idle_interval")?, seconds("retry_interval")?),
        user: parameters.string("user", "", 0)?,
        password: parameters.string("password", "", 0)?,
        database: parameters.string("dbname", "", 0)?,
    }))
}

fn words(text: &str) -> Vec<String> {
    text.split([' ', '\t', '\n', '\r', ',']).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

impl Pgsql {
    /// `host`, `host:port`, `[host]:port`, `unix:/folder`, `postgresql://…`
    fn config(&self, host: &str) -> Result<Config, String> {
        if host.contains("://") {
            let mut config = Config::from_str(host).map_err(|error| format!("{host}: {error}"))?;
            config.connect_timeout(CONNECT_LIMIT);
            return Ok(config);
        }
        let mut config = Config::new();
        config.connect_timeout(CONNECT_LIMIT);
        if let Some(path) = host.strip_prefix("unix:") {
            config.host_path(path);
        } else {
            let place = host.strip_prefix("inet:").unwrap_or(host);
            let (name, port) = match place.strip_prefix('[').and_then(|open| open.split_once(']')) {
                Some((name, after)) => (name, after.strip_prefix(':')),
                None => place.split_once(':').map_or((place, None), |(name, port)| (name, Some(port))),
            };
            config.host(name);
            if let Some(port) = port {
                config.port(port.parse().map_err(|_| format!("{host}: bad port {port}"))?);
            }
        }
        if !self.user.is_empty() {
            config.user(&self.user);
        }
        if !self.password.is_empty() {
            config.password(&self.password);
        }
        if !self.database.is_empty() {
            config.dbname(&self.database);
        }
        Ok(config)
    }

    fn connect(&self, host: &str) -> Result<Client, String> {
        let failed = |error: &dyn std::error::Error| {
            let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
            format!("connect to pgsql server {host}: {error}{cause}")
        };
        // As the client library by default: TLS where the server has it, whoever it says it is.
        let connector = TlsConnector::builder()
            .danger_accept_invalid_certs(true)
            .danger_accept_invalid_hostnames(true)
            .build()
            .map_err(|error| failed(&error))?;
        let config = self.config(host)?;
        let mut client = config.connect(MakeTlsConnector::new(connector)).map_err(|error| failed(&error))?;
        // Quotes are doubled, and nothing else: backslashes must be plain text.
        let settings = format!(
            "SET standard_conforming_strings = on; SET statement_timeout = {}",
            QUERY_LIMIT.as_millis()
        );
        client.batch_execute(&settings).map_err(|error| failed(&error))?;
        Ok(client)
    }
}

impl Backend for Pgsql {
    fn lookup(&self, key: &[u8], say: &mut Say) -> Result<Option<BString>, TableError> {
        if !self.common.wants(key)? {
            return Ok(None);
        }
        let Some(query) = self.common.query.query(key, &quoted) else { return Ok(None) };
        // The server takes UTF-8 only: nothing else can be in it.
        let Ok(query) = std::str::from_utf8(&query) else { return Ok(None) };
        let mut host_name = String::new();
        let name = std::cell::RefCell::new(&mut host_name);
        let connect = |host: &str| {
            **name.borrow_mut() = host.to_owned();
            self.connect(host)
        };
        let limit = self.common.limit;
        let values = self.pool.run(say, &connect, &mut |client: &mut Client| {
            let messages = client.simple_query(query).map_err(|error| {
                let detail = error.as_db_error().map_or_else(|| error.to_string(), ToString::to_string);
                format!("pgsql query failed: fatal error from host {}: {detail}", name.borrow())
            })?;
            let mut values: Vec<BString> = Vec::new();
            for message in messages {
                let SimpleQueryMessage::Row(row) = message else { continue };
                for column in 0..row.len() {
                    if let Ok(Some(value)) = row.try_get(column) {
                        values.push(value.into());
                    }
                }
                if limit > 0 && values.len() > limit {
                    break;
                }
            }
            Ok(values)
        })?;
        self.common.join(key, values.iter().map(|value| value.as_slice()))
    }

    fn kind(&self) -> Kind {
        self.common.kind()
    }
}

/// SQL's quoting: a quote is two; a NUL cannot be said.
fn quoted(text: &[u8]) -> Vec<u8> {
    let text = text.iter().filter(|byte| **byte != 0);
    text.flat_map(|byte| if *byte == b'\'' { vec![b'\''; 2] } else { vec![*byte] }).collect()
}
