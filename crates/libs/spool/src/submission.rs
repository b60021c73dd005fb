//! What a user's program may put into the maildrop queue: the gate that postdrop(1) lets records in by.
//!
//! Nothing is believed: a record's type must have its place in the segment, attributes have names and values that a
//! user may set, and nothing outside the content ends a line.

use bstr::ByteSlice;

use crate::fields::{self, attr};
use crate::record::{self, kind};

/// What becomes of a record that may come in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is written as it is.
    Keep,
    /// It is written with these data.
    Replace(Vec<u8>),
    /// It is left out; why, for the log.
    Skip(String),
}

/// Where a submission stands.
#[derive(Debug, Clone)]
pub struct Gate {
    segment: usize,
    is_first: bool,
}

/// Each segment's types; the first of them ends it.
const SEGMENTS: [&[u8]; 3] = [kind::POST_ENVELOPE, kind::POST_CONTENT, kind::POST_EXTRACT];

/// Bits that a user may set in `trace_flags`: report only, or deliver and report.
const TRACE_ALLOWED: i64 = (1 << 9) | (1 << 10);

/// Bits that a user may set in the size record's last number.
const SENDOPTS_ALLOWED: i64 = 1 | (1 << 5);

impl Default for Gate {
    fn default() -> Gate {
        Gate { segment: 0, is_first: true }
    }
}

impl Gate {
    /// Before the first record.
    pub fn new() -> Gate {
        Gate::default()
    }

    /// Judges the next record. The error says what makes the input no submission. Behind an END record everything is
    /// refused.
    pub fn judge(&mut self, kind: u8, data: &[u8]) -> Result<Verdict, String> {
        if std::mem::take(&mut self.is_first) && kind == kind::SIZE {
            return options(data).map(Verdict::Replace).ok_or_else(|| "malformed input".to_owned());
        }
        let allowed = SEGMENTS.get(self.segment).copied().unwrap_or_default();
        if !allowed.contains(&kind) {
            return Err(format!("unexpected record type: {kind}"));
        }
        if allowed.first() == Some(&kind) {
            self.segment += 1;
        } else if !kind::POST_CONTENT.contains(&kind) && data.find_byteset(b"\0\r\n").is_some() {
            // Queue files and logs are made of lines; nothing of a user's ends one.
            let name = record::name(kind);
            return Err(format!("null or line break in '{name}' record type: {}", shown(data)));
        }
        Ok(if kind == kind::ATTR { attribute(data) } else { Verdict::Keep })
    }
}

fn shown(text: &[u8]) -> String {
    text.get(..200).unwrap_or(text).as_bstr().to_string()
}

/// The size record that sendmail(1) begins with when options of the message are asked for: only those are taken from
/// it.
fn options(data: &[u8]) -> Option<Vec<u8>> {
    let last = data.rsplit(|&b| b == b' ').next().and_then(fields::parse_number);
    let sendopts = last.filter(|asked| asked & !SENDOPTS_ALLOWED == 0)?;
    let unknown = -1;
    let size = fields::SizeRecord {
        message_size: unknown,
        data_offset: unknown,
        recipients: unknown,
        queue_opts: unknown,
        content_length: unknown,
        sendopts,
    };
    Some(size.format())
}

/// Whether a user may set this attribute.
fn attribute(data: &[u8]) -> Verdict {
    let Some((name, value)) = fields::attribute(data) else {
        let shown = shown(data);
        return Verdict::Skip(format!(
            "ignoring malformed record: missing '=' after attribute name: {shown}"
        ));
    };
    let is = |known: &str| name == known.as_bytes();
    if is(attr::TRACE_FLAGS) {
        let sound = fields::parse_number(value).is_some_and(|bits| bits & !TRACE_ALLOWED == 0);
        let why = || Verdict::Skip(format!("ignoring unexpected trace flags: {}", shown(value)));
        return if sound { Verdict::Keep } else { why() };
    }
    let wanted = is(attr::DSN_ENVID)
        || is(attr::DSN_NOTIFY)
        || is(attr::DSN_ORCPT)
        || is(attr::DSN_RET)
        || is(attr::ENCODING) && [&b"7bit"[..], b"8bit", b""].contains(&value)
        || is(attr::REWRITE_CONTEXT) && [&b"local"[..], b"remote"].contains(&value);
    if wanted {
        Verdict::Keep
    } else {
        Verdict::Skip(format!("ignoring attribute record: {}={}", shown(name), shown(value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_that_users_may_set() {
        let cases: &[(&str, bool)] = &[
            ("encoding=8bit", true),
            ("encoding=binary", false),
            ("rewrite_context=remote", true),
            ("log_client_name=forged", false),
            ("trace_flags=512", true),
            ("trace_flags=256", false),
            ("notify_flags=1", true),
            ("no equals sign", false),
        ];
        for (data, expected) in cases {
            let verdict = Gate::new().judge(kind::ATTR, data.as_bytes()).unwrap();
            assert_eq!(verdict == Verdict::Keep, *expected, "{data}: {verdict:?}");
        }
    }

    #[test]
    fn each_type_has_its_place() {
        let mut gate = Gate::new();
        assert!(
            matches!(gate.judge(kind::SIZE, b"1 2 3 4 5 32"), Ok(Verdict::Replace(data)) if data.ends_with(b" 32"))
        );
        assert!(gate.judge(kind::SIZE, b"1 2 3 4 5 32").is_err());
        for (kind, fine) in
            [(b'S', true), (b'N', false), (b'M', true), (b'R', false), (b'N', true), (b'X', true)]
        {
            assert_eq!(gate.judge(kind, b"a").is_ok(), fine, "{}", char::from(kind));
        }
        assert!(gate.judge(kind::RCPT, b"a\nb").is_err());
        assert_eq!(gate.judge(kind::END, b""), Ok(Verdict::Keep));
        assert!(gate.judge(kind::END, b"").is_err());
        assert!(Gate::new().judge(kind::SIZE, b"0 0 0 0 0 2").is_err());
    }
}
