//! A transcript of the session for the postmaster, of the kinds that notify_classes names.

use bstr::{BString, ByteSlice};
use config::params::*;
use ipc::cleanup::flag;
use spool::record::kind;
use std::time::SystemTime;

use crate::session::Session;
use crate::text::printable;

/// A line's length, and the indent of what is folded.
const LENGTH: usize = 78;
const INDENT: usize = 4;

/// Queues the transcript. It is junk mail: if it cannot be queued it is dropped.
pub fn send(session: &Session, reason: Option<&str>) {
    let cf = session.cf;
    let mut queue = match session.server.cleanup.open(flag::INTERNAL) {
        Ok(queue) => queue,
        Err(error) => {
            log::warning!("postmaster notify: {}", sys::errno_text(&error));
            return;
        }
    };
    // Mail that was refused is the business of who looks after bounces.
    let to = match session.error_mask & crate::errors::class::BOUNCE {
        0 => cf.get(ERROR_NOTICE_RECIPIENT),
        _ => cf.get(BOUNCE_NOTICE_RECIPIENT),
    };
    queue.record(kind::TIME, &spool::fields::format_time(SystemTime::now()));
    queue.attribute("log_message_origin", b"local");
    queue.attribute("rewrite_context", b"local");
    queue.record(kind::FROM, &double_bounce(session));
    queue.record(kind::RCPT, to.as_bytes());
    queue.record(kind::MESG, b"");
    let date = mail::date::header(sys::clock::now());
    let (host, name) = (cf.get(MYHOSTNAME), cf.get(MAIL_NAME));
    let header = [
        cat!("Received: by ", host, " (", name, ")"),
        cat!("\tid ", queue.id, "; ", date),
        cat!("Date: ", date),
        cat!("From: Mail Delivery System <MAILER-DAEMON>"),
        cat!("To: Postmaster <", cf.get(ERROR_NOTICE_RECIPIENT), ">"),
        cat!("Subject: ", name, " SMTP server: errors from ", session.client.name_address),
        BString::default(),
        cat!("Transcript of session follows."),
        BString::default(),
    ];
    for line in &header {
        queue.record(kind::NORM, line);
    }
    for line in &session.history {
        for piece in fold(&printable(line)) {
            queue.record(kind::NORM, &piece);
        }
    }
    queue.record(kind::NORM, b"");
    if let Some(reason) = reason {
        queue.record(kind::NORM, format!("Session aborted, reason: {reason}").as_bytes());
    }
    queue.record(kind::NORM, b"");
    queue.record(kind::NORM, b"For other details, see the local mail logfile");
    queue.record(kind::XTRA, b"");
    let verdict = queue.finish(&session.server.cleanup);
    if verdict.status != 0 {
        log::warning!("postmaster notify: status {}", verdict.status);
    }
}

/// The sender of notices that must not cause others.
fn double_bounce(session: &Session) -> BString {
    cat!(session.cf.get(DOUBLE_BOUNCE_SENDER), "@", session.cf.get(MYHOSTNAME))
}

/// Breaks a line at blanks; each piece begins with a blank, those after the first are indented.
fn fold(line: &[u8]) -> Vec<BString> {
    let mut pieces = Vec::new();
    let mut rest = line;
    loop {
        let indent = if pieces.is_empty() { 0 } else { INDENT };
        let room = LENGTH - indent;
        let cut = match rest.get(..=room) {
            None => rest.len(),
            Some(fits) => fits.rfind_byteset(b" \t").filter(|at| *at > 0).unwrap_or(room),
        };
        let (now, later) = rest.split_at_checked(cut).unwrap_or((rest, b""));
        pieces.push(cat!(" ", " ".repeat(indent), now));
        rest = later.trim_start_with(|c| c == ' ' || c == '\t');
        if rest.is_empty() {
            return pieces;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_folded() {
        assert_eq!(fold(b"In:  QUIT"), [" In:  QUIT"]);
        let long = "word ".repeat(40);
        let pieces = fold(long.as_bytes());
        assert!(pieces.len() > 1 && pieces.iter().all(|piece| piece.len() <= LENGTH + 1));
        assert!(pieces[1].starts_with(b"     word"));
        assert!(fold(&[b'x'; 500]).iter().all(|piece| piece.len() <= LENGTH + 1));
    }
}
