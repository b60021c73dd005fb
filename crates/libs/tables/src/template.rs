//! Queries and results of networked tables: `%s`, `%u`, `%d`, `%1` … in their formats, and the checks that go with
//! them (`domain`, `expansion_limit`). One set of rules for mysql, pgsql, sqlite, ldap and memcache.

use bstr::{BString, ByteSlice};

use crate::list::{Against, MatchList, Parents};
use crate::parameters::Parameters;
use crate::table::{Kind, OpenError, TableError};

/// A format with its `%` expansions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(BString),
    /// `%s` or `%S`, and so on: the letter, and whether it is of the key also in a result.
    Whole(bool),
    User(bool),
    Domain(bool),
    /// `%1`: the last label of the domain, `%2` the one before.
    Label(usize),
}

impl Template {
    /// Reads a format; the error says what is wrong.
    pub fn parse(text: &str) -> Result<Template, String> {
        let mut parts = Vec::new();
        let mut literal = BString::default();
        let mut bytes = text.bytes();
        while let Some(byte) = bytes.next() {
            if byte != b'%' {
                literal.push(byte);
                continue;
            }
            let part = match bytes.next() {
                Some(b'%') => {
                    literal.push(b'%');
                    continue;
                }
                Some(letter @ (b's' | b'S')) => Part::Whole(letter == b'S'),
                Some(letter @ (b'u' | b'U')) => Part::User(letter == b'U'),
                Some(letter @ (b'd' | b'D')) => Part::Domain(letter == b'D'),
                Some(digit @ b'1'..=b'9') => Part::Label(usize::from(digit - b'0')),
                other => {
                    return Err(match other {
                        Some(letter) => format!("invalid expansion %{}", char::from(letter)),
                        None => "a % at the end".to_owned(),
                    });
                }
            };
            if !literal.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut literal)));
            }
            parts.push(part);
        }
        if !literal.is_empty() {
            parts.push(Part::Text(literal));
        }
        Ok(Template { parts })
    }

    /// Whether parts of an address in it make it pointless to ask for parts of an address.
    fn needs_domain(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Domain(_) | Part::Label(_)))
    }

    /// Fills a query's format with `key`, quoted by `quote`. `None`: the key lacks what the format wants.
    pub fn query(&self, key: &[u8], quote: &dyn Fn(&[u8]) -> Vec<u8>) -> Option<BString> {
        self.fill(key, key, quote)
    }

    /// Fills a result's format with `value`; upper-case letters and numbers are of the `key`.
    pub fn result(&self, key: &[u8], value: &[u8]) -> Option<BString> {
        self.fill(key, value, &<[u8]>::to_vec)
    }

    fn fill(&self, key: &[u8], value: &[u8], quote: &dyn Fn(&[u8]) -> Vec<u8>) -> Option<BString> {
        let mut out = BString::default();
        for part in &self.parts {
            match part {
                Part::Text(text) => out.extend_from_slice(text),
                Part::Whole(of_key) => out.extend(quote(if *of_key { key } else { value })),
                Part::User(of_key) => {
                    let text = if *of_key { key } else { value };
                    let user = match text.rfind_byte(b'@') {
                        None => text,
                        // An empty local part: nothing can be found.
                        Some(0) => return None,
                        Some(at) => text.get(..at)?,
                    };
                    out.extend(quote(user));
                }
                Part::Domain(of_key) => out.extend(quote(domain(if *of_key { key } else { value })?)),
                Part::Label(number) => {
                    let labels: Vec<&[u8]> = domain(key)?.split_str(".").collect();
                    let label = labels.len().checked_sub(*number).and_then(|at| labels.get(at))?;
                    if label.is_empty() {
                        return None;
                    }
                    out.extend(quote(label));
                }
            }
        }
        Some(out)
    }
}

fn domain(address: &[u8]) -> Option<&[u8]> {
    let at = address.rfind_byte(b'@')?;
    address.get(at + 1..).filter(|domain| !domain.is_empty())
}

/// The SQL query of a table: `query`, or put together from the older `table`, `select_field`, `where_field` and
/// `additional_conditions`.
pub fn sql_query(parameters: &Parameters) -> Result<String, OpenError> {
    if let Some(query) = parameters.text("query") {
        return Ok(query);
    }
    let table = parameters.string("table", "", 1)?;
    let select = parameters.string("select_field", "", 1)?;
    let field = parameters.string("where_field", "", 1)?;
    let more = parameters.string("additional_conditions", "", 0)?;
    Ok(format!("SELECT {select} FROM {table} WHERE {field}='%s' {more}"))
}

/// What all query tables have in common.
pub struct Common {
    /// `query`, `key_format`
    pub query: Template,
    /// `result_format`
    pub result: Template,
    /// `expansion_limit`; zero is none
    pub limit: usize,
    domains: Option<MatchList>,
    table: String,
}

impl Common {
    /// Reads `domain`, `expansion_limit` and the result's format (`result_format`, or by its old name `old_result`);
    /// `query` is the query's format.
    pub fn open(parameters: &Parameters, query: &str, old_result: &str) -> Result<Common, OpenError> {
        let table = parameters.table.clone();
        let shown = table.split_once(':').map_or(table.as_str(), |(_, name)| name).to_owned();
        let format = |name: &str, text: &str| {
            Template::parse(text).map_err(|_| {
                OpenError::Config(format!("db_common_parse: {shown}: Invalid {name} template: {text}"))
            })
        };
        let result = parameters.text("result_format").or_else(|| parameters.text(old_result));
        let result = format("result", result.as_deref().unwrap_or("%s"))?;
        let query = format("query", query)?;
        let domains = match parameters.text("domain").filter(|text| !text.trim().is_empty()) {
            None => None,
            Some(text) => Some(MatchList::open("domain", &text, Against::String, Parents::Dotted)?),
        };
        let limit = parameters.number("expansion_limit", 0, 0)?;
        Ok(Common { query, result, limit: limit as usize, domains, table })
    }

    /// Tables whose query wants a domain need not be asked for parts of addresses.
    pub fn kind(&self) -> Kind {
        if self.query.needs_domain() { Kind::Pattern } else { Kind::Fixed }
    }

    /// Whether `key` may be asked for at all, as `domain` says.
    pub fn wants(&self, key: &[u8]) -> Result<bool, TableError> {
        let Some(domains) = &self.domains else { return Ok(true) };
        let Some(at) = key.rfind_byte(b'@').filter(|at| *at > 0) else { return Ok(false) };
        let Some(domain) = key.get(at + 1..).filter(|domain| !domain.is_empty()) else { return Ok(false) };
        domains.matches(domain)
    }

    /// Joins the values that were found, each put into the result's format; none at all is `None`, more than
    /// `expansion_limit` an error.
    pub fn join<'a>(
        &self,
        key: &[u8],
        values: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<Option<BString>, TableError> {
        let mut all: Option<BString> = None;
        let mut count = 0;
        for value in values {
            if value.is_empty() {
                continue;
            }
            let Some(one) = self.result.result(key, value) else { continue };
            count += 1;
            if self.limit > 0 && count > self.limit {
                return Err(TableError::new(format!(
                    "{}: Expansion limit exceeded for key: '{}'",
                    self.table,
                    key.as_bstr()
                )));
            }
            match &mut all {
                Some(all) => {
                    all.push(b',');
                    all.extend_from_slice(&one);
                }
                None => all = Some(one),
            }
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expansions() {
        let quote = |text: &[u8]| text.replace("'", "''");
        for (format, key, wanted) in [
            ("a='%s'", "x'y", Some("a='x''y'")),
            ("%u/%d", "u@d.test", Some("u/d.test")),
            ("%u", "u", Some("u")),
            ("%u", "@d", None),
            ("%d", "u", None),
            ("%d", "u@", None),
            ("%1.%2.%3", "u@a.b.c", Some("c.b.a")),
            ("%4", "u@a.b.c", None),
            ("%1", "a.b.c", None),
            ("100%%", "x", Some("100%")),
            ("%S", "x", Some("x")),
        ] {
            let filled = Template::parse(format).unwrap().query(key.as_bytes(), &quote);
            assert_eq!(filled.map(|t| t.to_string()).as_deref(), wanted, "{format} {key}");
        }
        assert!(Template::parse("%x").is_err());
        assert!(Template::parse("%").is_err());
        let result = Template::parse("%u at %d of %S (%U)").unwrap();
        assert_eq!(result.result(b"k@e", b"v@w").unwrap(), "v at w of k@e (k)");
    }
}
