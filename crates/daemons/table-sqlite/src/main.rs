//! The helper of `sqlite:` tables: see sqlite_table(5).

use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bstr::BString;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use tables::parameters::Parameters;
use tables::service::{Backend, Say, serve};
use tables::template::{self, Common};
use tables::{Kind, OpenError, TableError};

struct Sqlite {
    /// How the log shows this table.
    shown: String,
    common: Common,
    database: Mutex<Connection>,
}

fn main() -> ExitCode {
    serve(open)
}

fn open(parameters: &Parameters) -> Result<Box<dyn Backend>, OpenError> {
    let path = parameters.string("dbpath", "", 1)?;
    let query = template::sql_query(parameters)?;
    let common = Common::open(parameters, &query, "")?;
    // Opened with the rights of the daemon's start, as its other tables are.
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let database = Connection::open_with_flags(&path, flags).and_then(|database| {
        database.busy_timeout(Duration::from_secs(5))?;
        Ok(database)
    });
    let database = database.map_err(|error| {
        OpenError::Unavailable(format!("{}: open database {path}: {}", parameters.table, text(&error)))
    })?;
    let shown = parameters.table.trim_start_matches("sqlite:").to_owned();
    Ok(Box::new(Sqlite { shown, common, database: Mutex::new(database) }))
}

impl Backend for Sqlite {
    fn lookup(&self, key: &[u8], _say: &mut Say) -> Result<Option<BString>, TableError> {
        if !self.common.wants(key)? {
            return Ok(None);
        }
        let Some(query) = self.common.query.query(key, &quoted) else { return Ok(None) };
        let failed = |what: &str, error: &rusqlite::Error| {
            TableError::new(format!("dict_sqlite_lookup: {}: SQL {what} failed: {}", self.shown, text(error)))
        };
        let Ok(query) = std::str::from_utf8(&query) else { return Ok(None) };
        let database = self.database.lock().unwrap_or_else(PoisonError::into_inner);
        let mut statement = database.prepare(query).map_err(|e| failed("prepare", &e))?;
        let mut rows = statement.query([]).map_err(|e| failed("step", &e))?;
        let mut values: Vec<BString> = Vec::new();
        while let Some(row) = rows.next().map_err(|e| failed("step", &e))? {
            // compat: only the first column counts.
            match row.get_ref(0).map_err(|e| failed("step", &e))? {
                ValueRef::Null => {}
                ValueRef::Integer(number) => values.push(number.to_string().into()),
                ValueRef::Real(number) => values.push(number.to_string().into()),
                ValueRef::Text(bytes) | ValueRef::Blob(bytes) => values.push(bytes.into()),
            }
            if self.common.limit > 0 && values.len() > self.common.limit {
                break;
            }
        }
        self.common.join(key, values.iter().map(|value| value.as_slice()))
    }

    fn kind(&self) -> Kind {
        self.common.kind()
    }
}

/// SQL's quoting: a quote is two.
fn quoted(text: &[u8]) -> Vec<u8> {
    text.iter().flat_map(|byte| if *byte == b'\'' { vec![b'\''; 2] } else { vec![*byte] }).collect()
}

/// The library's own words.
fn text(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqliteFailure(code, None) => code.to_string(),
        rusqlite::Error::SqliteFailure(_, Some(text)) => text.clone(),
        other => other.to_string(),
    }
}
