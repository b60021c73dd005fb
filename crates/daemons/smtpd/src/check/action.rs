//! What the right-hand side of an access table says.

use bstr::{BStr, BString, ByteSlice};
use config::params::*;
use ipc::cleanup::flag;
use mail::dsn::Status;

use super::{Answer, DEEPEST, Subject, Verdict, name};
use crate::errors::{End, class};
use crate::session::{Session, place};

/// An entry that was found.
pub struct Entry<'a> {
    pub table: &'a str,
    pub value: &'a [u8],
    /// What was looked up.
    pub key: &'a [u8],
}

/// One action: its name, and what it does with the text behind it.
struct Action {
    name: &'static str,
    run: fn(&mut Session, &Entry, &[u8], Subject) -> Answer,
}

/// All actions but numbers and restrictions.
const ACTIONS: [Action; 16] = [
    Action { name: "OK", run: ok },
    Action { name: "RELAY", run: ok },
    Action { name: "DUNNO", run: |_, _, _, _| Ok(Verdict::Dunno) },
    Action { name: "REJECT", run: reject },
    Action { name: "DEFER", run: defer },
    Action { name: "HANGUP", run: hangup },
    Action { name: "INFO", run: info },
    Action { name: "WARN", run: warn },
    Action { name: "FILTER", run: filter },
    Action { name: "HOLD", run: hold },
    Action { name: "DISCARD", run: discard },
    Action { name: "REDIRECT", run: redirect },
    Action { name: "BCC", run: bcc },
    Action { name: "DEFER_IF_PERMIT", run: defer_if_permit },
    Action { name: "DEFER_IF_REJECT", run: defer_if_reject },
    Action { name: "PREPEND", run: prepend },
];

/// Does what an entry says.
pub fn apply(session: &mut Session, entry: &Entry, subject: Subject) -> Answer {
    let value = entry.value;
    let (word, text) = split(value);
    log::debug!("check_table_result: {} {} {}", entry.table, BStr::new(value), BStr::new(entry.key));
    if let Some(action) = ACTIONS.iter().find(|action| word.eq_ignore_ascii_case(action.name.as_bytes())) {
        return (action.run)(session, entry, text, subject);
    }
    // A number is a time stamp of some other mechanism: permit.
    if !value.is_empty() && value.iter().all(u8::is_ascii_digit) {
        return ok(session, entry, text, subject);
    }
    if let ([b'4' | b'5', _, _], false, Some(code)) = (word, text.is_empty(), number(word)) {
        let default = Status::new(if word.first() == Some(&b'4') { 4 } else { 5 }, 7, 1);
        return Ok(refuse(session, code, default, text, subject));
    }
    if value.contains(&b':') {
        log::warning!("access table {} has entry with lookup table: {}", entry.table, BStr::new(value));
        log::warning!("do not specify lookup tables inside SMTPD access maps");
        log::warning!("define a restriction class and specify its name instead.");
        return session.server_error();
    }
    if session.check.recursion > DEEPEST {
        log::warning!(
            "access table {} entry {} causes unreasonable recursion",
            entry.table,
            BStr::new(value)
        );
        return session.server_error();
    }
    let list = super::words(&value.to_str_lossy());
    if list.is_empty() {
        log::warning!("access table {} entry {} has empty value", entry.table, BStr::new(value));
        return Ok(Verdict::Ok);
    }
    session.walk(&list, subject)
}

fn split(value: &[u8]) -> (&[u8], &[u8]) {
    let end = value.find_byteset(b" \t").unwrap_or(value.len());
    let (word, rest) = value.split_at_checked(end).unwrap_or((value, b""));
    (word, rest.trim_ascii_start())
}

fn number(word: &[u8]) -> Option<i64> {
    word.iter().all(u8::is_ascii_digit).then(|| word.to_str().ok()?.parse().ok()).flatten()
}

fn refuse(session: &mut Session, code: i64, default: Status, text: &[u8], subject: Subject) -> Verdict {
    let (status, why) = mail::dsn::split(default, text);
    let why: &[u8] = if why.is_empty() { b"Access denied" } else { why };
    let text = cat!("<", subject.reply_name, ">: ", subject.reply_class, " rejected: ", why);
    session.reject(class::POLICY, code, &fix_status(status, subject.reply_class), text)
}

fn ok(session: &mut Session, entry: &Entry, _: &[u8], subject: Subject) -> Answer {
    let (word, _) = split(entry.value);
    let more = format!("from {}", entry.table);
    Ok(session.permit(&word.to_str_lossy(), subject.reply_class, subject.reply_name, &more))
}

fn reject(session: &mut Session, _: &Entry, text: &[u8], subject: Subject) -> Answer {
    let code = session.cf.get(ACCESS_MAP_REJECT_CODE);
    Ok(refuse(session, code, Status::new(5, 7, 1), text, subject))
}

fn defer(session: &mut Session, _: &Entry, text: &[u8], subject: Subject) -> Answer {
    let code = session.cf.get(ACCESS_MAP_DEFER_CODE);
    Ok(refuse(session, code, Status::new(4, 7, 1), text, subject))
}

fn hangup(session: &mut Session, _: &Entry, text: &[u8], _: Subject) -> Answer {
    let _ = session.stream.shutdown(std::net::Shutdown::Both);
    session.log_whatsup("hangup", text);
    Err(End::Quiet.into())
}

fn info(session: &mut Session, _: &Entry, text: &[u8], _: Subject) -> Answer {
    session.log_whatsup("info", text);
    Ok(Verdict::Dunno)
}

fn warn(session: &mut Session, _: &Entry, text: &[u8], _: Subject) -> Answer {
    session.log_whatsup("warn", text);
    Ok(Verdict::Dunno)
}

fn filter(session: &mut Session, entry: &Entry, text: &[u8], subject: Subject) -> Answer {
    if !can_delegate(session, entry, "FILTER") {
        return Ok(Verdict::Dunno);
    }
    if text.is_empty() {
        let key = BStr::new(entry.key);
        log::warning!("access table {} entry \"{key}\" has FILTER entry without value", entry.table);
    } else if !text.contains(&b':') {
        complain(entry, "transport:destination");
    } else {
        note(session, "filter", subject, &cat!("triggers FILTER ", text));
        session.mail.filter = Some(text.into());
    }
    Ok(Verdict::Dunno)
}

fn hold(session: &mut Session, entry: &Entry, text: &[u8], subject: Subject) -> Answer {
    if can_delegate(session, entry, "HOLD") && session.mail.flags & flag::HOLD == 0 {
        note(session, "hold", subject, if text.is_empty() { b"triggers HOLD action" } else { text });
        session.mail.flags |= flag::HOLD;
    }
    Ok(Verdict::Dunno)
}

fn discard(session: &mut Session, entry: &Entry, text: &[u8], subject: Subject) -> Answer {
    if !can_delegate(session, entry, "DISCARD") {
        return Ok(Verdict::Dunno);
    }
    note(session, "discard", subject, if text.is_empty() { b"triggers DISCARD action" } else { text });
    session.mail.flags |= flag::DISCARD;
    session.mail.discard = true;
    ok(session, entry, text, subject)
}

fn redirect(session: &mut Session, entry: &Entry, text: &[u8], subject: Subject) -> Answer {
    if can_delegate(session, entry, "REDIRECT") {
        if text.contains(&b'@') {
            note(session, "redirect", subject, &cat!("triggers REDIRECT ", text));
            session.mail.redirect = Some(text.into());
        } else {
            complain(entry, "user@domain target");
        }
    }
    Ok(Verdict::Dunno)
}

fn bcc(session: &mut Session, entry: &Entry, text: &[u8], subject: Subject) -> Answer {
    if can_delegate(session, entry, "BCC") {
        if text.contains(&b'@') {
            note(session, "bcc", subject, &cat!("triggers BCC ", text));
            session.mail.bcc.push(text.into());
        } else {
            complain(entry, "user@domain target");
        }
    }
    Ok(Verdict::Dunno)
}

fn defer_if_permit(session: &mut Session, _: &Entry, text: &[u8], subject: Subject) -> Answer {
    let (dsn, text) = deferral(text, subject);
    let code = session.cf.get(ACCESS_MAP_DEFER_CODE);
    Ok(session.defer_if_permit(class::POLICY, code, &dsn, text))
}

fn defer_if_reject(session: &mut Session, _: &Entry, text: &[u8], subject: Subject) -> Answer {
    let (dsn, text) = deferral(text, subject);
    let code = session.cf.get(ACCESS_MAP_DEFER_CODE);
    Ok(session.defer_if_reject(class::POLICY, code, &dsn, text))
}

fn deferral(text: &[u8], subject: Subject) -> (String, BString) {
    let (status, why) = mail::dsn::split(Status::new(4, 7, 1), text);
    let why: &[u8] = if why.is_empty() { b"Service unavailable" } else { why };
    let text = cat!("<", subject.reply_name, ">: ", subject.reply_class, " rejected: ", why);
    (fix_status(status, subject.reply_class), text)
}

fn prepend(session: &mut Session, entry: &Entry, text: &[u8], _: Subject) -> Answer {
    if !has_transaction(session, entry, "PREPEND") {
        return Ok(Verdict::Dunno);
    }
    if session.place == place::END_OF_MESSAGE {
        log::warning!(
            "access table {}: action PREPEND must be used before smtpd_end_of_data_restrictions",
            entry.table
        );
    } else if !mail::header::is_header(text) {
        complain(entry, "header: text");
    } else {
        session.mail.prepend.push(text.into());
    }
    Ok(Verdict::Dunno)
}

fn complain(entry: &Entry, requires: &str) {
    log::warning!("access table {} entry \"{}\" requires {requires}", entry.table, BStr::new(entry.key));
}

fn note(session: &Session, verdict: &str, subject: Subject, text: &[u8]) {
    session.log_whatsup(verdict, &cat!("<", subject.reply_name, ">: ", subject.reply_class, " ", text));
}

/// Can cleanup be told? Not about ETRN, and not before there is a transaction.
fn can_delegate(session: &Session, entry: &Entry, action: &str) -> bool {
    if session.place == "ETRN" {
        log::warning!(
            "access table {}: action {action} is unavailable in smtpd_etrn_restrictions",
            entry.table
        );
        return false;
    }
    has_transaction(session, entry, action)
}

fn has_transaction(session: &Session, entry: &Entry, action: &str) -> bool {
    if session.sender.is_none() {
        log::warning!(
            "access table {}: with smtpd_delay_reject=no, action {action} is always skipped in {} or {} restrictions",
            entry.table,
            name::CLIENT,
            name::HELO
        );
    }
    session.sender.is_some()
}

/// Status codes about the wrong kind of address: 5.1.1 (no such recipient) for a sender becomes 5.1.7, and neither
/// makes sense for a host. Subject and detail are returned with a class that the reply's code replaces.
pub fn fix_status(status: Status, kind: &str) -> String {
    if status.subject != 1 {
        return status.to_string();
    }
    let detail = match (kind, status.detail) {
        (name::SENDER, 2 | 8) => 8,
        (name::SENDER, 1 | 3 | 4 | 6 | 7) => 7,
        (name::SENDER, _) => 0,
        (name::RECIPIENT, 7) => 3,
        (name::RECIPIENT, 8) => 2,
        (name::RECIPIENT, detail @ 1..=6) => detail,
        (name::RECIPIENT, _) => 0,
        _ => {
            log::info!("mapping DSN status {status} into {kind} status {}.0.0", status.class);
            return "4.0.0".into();
        }
    };
    if detail != status.detail {
        log::info!("mapping DSN status {status} into {kind} status {}.1.{detail}", status.class);
    }
    format!("4.1.{detail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_come_apart() {
        assert_eq!(split(b"REJECT  go away"), (&b"REJECT"[..], &b"go away"[..]));
        assert_eq!(split(b"OK"), (&b"OK"[..], &b""[..]));
        assert_eq!(number(b"450"), Some(450));
        assert_eq!(number(b"45x"), None);
    }

    #[test]
    fn status_codes_suit_what_is_refused() {
        let cases = [
            ("5.7.1", name::CLIENT, "5.7.1"),
            ("5.1.1", name::RECIPIENT, "4.1.1"),
            ("5.1.1", name::SENDER, "4.1.7"),
            ("5.1.5", name::SENDER, "4.1.0"),
            ("5.1.8", name::RECIPIENT, "4.1.2"),
            ("5.1.2", name::SENDER, "4.1.8"),
            ("5.1.7", name::RECIPIENT, "4.1.3"),
            ("5.1.1", name::HELO, "4.0.0"),
            ("5.1.9", name::RECIPIENT, "4.1.0"),
        ];
        for (status, kind, expected) in cases {
            let status = Status::parse(status.as_bytes()).unwrap();
            assert_eq!(fix_status(status, kind), expected, "{status} {kind}");
        }
    }
}
