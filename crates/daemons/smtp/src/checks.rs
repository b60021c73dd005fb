//! `smtp_header_checks`, `smtp_body_checks` and their kin: last changes to what goes out (header_checks(5)). Of the actions, those
//! that concern the text are for this place; the others belong to cleanup(8).

use bstr::{BStr, BString, ByteSlice};
use config::params::*;
use config::{Config, ConfigError};
use mail::dsn::{Outcome, Status};
use mail::header::Info;
use mail::mime::Block;
use tables::{Flags, Maps};

/// The tables, one for each kind of text.
pub struct Checks {
    header: Maps,
    mime: Maps,
    nested: Maps,
    body: Maps,
    /// `body_checks_size_limit`: so much of each body is looked at.
    body_limit: u64,
}

/// What becomes of a header or line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Keep,
    Drop,
    Replace(BString),
    /// This goes before it.
    Prepend(BString),
}

/// A table that could not be asked.
#[derive(Debug)]
pub struct CheckTrouble(pub String);

impl CheckTrouble {
    /// The message waits until the table is back.
    pub fn outcome(&self) -> Outcome {
        Outcome::new(Status::new(4, 3, 0), format!("mail system configuration error: {}", self.0))
    }
}

impl Checks {
    /// `None`: there are no such tables.
    pub fn open(cf: &'static Config, is_lmtp: bool) -> Result<Option<Checks>, ConfigError> {
        let maps = |param: config::Param<config::Str>| {
            let param = param.client(is_lmtp);
            Maps::open(param.name(), cf.get(param), Flags::NONE)
                .map_err(|err| ConfigError::new(err.to_string()))
        };
        let checks = Checks {
            header: maps(SMTP_HEADER_CHECKS)?,
            mime: maps(SMTP_MIME_HEADER_CHECKS)?,
            nested: maps(SMTP_NESTED_HEADER_CHECKS)?,
            body: maps(SMTP_BODY_CHECKS)?,
            body_limit: u64::try_from(cf.get(BODY_CHECKS_SIZE_LIMIT)).unwrap_or(0),
        };
        let none = checks.tables().all(Maps::is_empty);
        Ok((!none).then_some(checks))
    }

    /// For noticing changes.
    pub fn tables(&self) -> impl Iterator<Item = &Maps> {
        [&self.header, &self.mime, &self.nested, &self.body].into_iter()
    }

    pub fn header(
        &self,
        id: &BStr,
        block: Block,
        info: Option<&Info>,
        text: &BStr,
    ) -> Result<Verdict, CheckTrouble> {
        let maps = match block {
            _ if info.is_some_and(|info| info.mime) => &self.mime,
            Block::Primary => &self.header,
            Block::Multipart => &self.mime,
            Block::Nested => &self.nested,
        };
        check(maps, id, "header", text)
    }

    /// `offset`: where the line stands in its body.
    pub fn body(&self, id: &BStr, text: &BStr, offset: u64) -> Result<Verdict, CheckTrouble> {
        if offset >= self.body_limit {
            return Ok(Verdict::Keep);
        }
        check(&self.body, id, "body", text)
    }
}

fn check(maps: &Maps, id: &BStr, place: &str, text: &BStr) -> Result<Verdict, CheckTrouble> {
    if maps.is_empty() {
        return Ok(Verdict::Keep);
    }
    let found = maps.find(text).map_err(|err| {
        log::warning!("{id}: {err}");
        CheckTrouble(format!("{} lookup error", maps.title()))
    })?;
    Ok(match found {
        Some(action) => act(maps.title(), id, place, text, action.as_bstr()),
        None => Verdict::Keep,
    })
}

fn act(title: &str, id: &BStr, place: &str, text: &BStr, action: &BStr) -> Verdict {
    let at = action.find_byteset(b" \t\r\n").unwrap_or(action.len());
    let (verb, rest) = action.split_at(at);
    let rest = rest.trim_ascii_start().as_bstr();
    let note = |what: &str| {
        let shown = mail::text::excerpt(text, 60).as_bstr();
        if rest.is_empty() {
            log::info!("{id}: {what}: {place} {shown}");
        } else {
            log::info!("{id}: {what}: {place} {shown}: {rest}");
        }
    };
    let needs_text = |verb: &str| {
        log::warning!("{verb} action without text in {title} map");
        Verdict::Keep
    };
    match verb.to_ascii_uppercase().as_slice() {
        b"DUNNO" | b"OK" => Verdict::Keep,
        b"IGNORE" => Verdict::Drop,
        b"STRIP" => {
            note("strip");
            Verdict::Drop
        }
        b"WARN" => {
            note("warning");
            Verdict::Keep
        }
        b"INFO" => {
            note("info");
            Verdict::Keep
        }
        b"REPLACE" if rest.is_empty() => needs_text("REPLACE"),
        b"REPLACE" => {
            note("replace");
            Verdict::Replace(rest.into())
        }
        b"PREPEND" if rest.is_empty() => needs_text("PREPEND"),
        b"PREPEND" => {
            note("prepend");
            Verdict::Prepend(rest.into())
        }
        _ => {
            log::warning!("unsupported command in {title} map: {action}");
            Verdict::Keep
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions() {
        let ask = |action: &str| {
            act("smtp_header_checks", b"ID".as_bstr(), "header", b"X: y".as_bstr(), action.into())
        };
        assert_eq!(ask("ignore"), Verdict::Drop);
        assert_eq!(ask("STRIP why"), Verdict::Drop);
        assert_eq!(ask("DUNNO"), Verdict::Keep);
        assert_eq!(ask("WARN look"), Verdict::Keep);
        assert_eq!(ask("REPLACE  Z: w"), Verdict::Replace("Z: w".into()));
        assert_eq!(ask("REPLACE"), Verdict::Keep);
        assert_eq!(ask("PREPEND A: b"), Verdict::Prepend("A: b".into()));
        assert_eq!(ask("REJECT not here"), Verdict::Keep);
    }
}
