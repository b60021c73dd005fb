//! BDAT: content in chunks of a known size (RFC 3030).

use config::params::*;
use wire::Token;
use wire::content::Chunks;

use crate::content::{self, Lines};
use crate::errors::{End, Step};
use crate::session::{Session, place};
use crate::setup::BareNewline;
use crate::text::{head, printable};
use crate::transaction::Bdat;

/// BDAT size [LAST], and the chunk.
pub fn bdat(session: &mut Session, words: &[Token]) -> Step {
    if session.ehlo_discard.has(wire::Feature::Chunking) {
        session.hangup = true;
        return session.refuse_protocol("521 5.5.1 Error: command not implemented");
    }
    let Some((size, last)) = arguments(words) else {
        // Without a size there is no telling where the next command begins.
        let client = &session.client.name_address;
        let id = bstr::BStr::new(session.queue_id());
        let line = printable(head(&session.command_line, 100));
        log::warning!("{id}: malformed BDAT command syntax from {client}: {line}");
        session.hangup = true;
        return session.refuse_protocol("521 5.5.4 Syntax: BDAT count [LAST]");
    };
    let done = chunk(session, size, last)?;
    if !done {
        // The last chunk ends the transaction, whatever becomes of it.
        if last || session.mail.bdat == Bdat::Going {
            session.reset_mail();
        }
        session.mail.bdat = if last { Bdat::None } else { Bdat::Failed };
    }
    Ok(done)
}

fn arguments(words: &[Token]) -> Option<(i64, bool)> {
    let (size, last) = match words {
        [_, size] => (size, false),
        [_, size, last] if last.is("LAST") => (size, true),
        _ => return None,
    };
    let digits = !size.text.is_empty() && size.text.iter().all(u8::is_ascii_digit);
    let size = digits.then(|| size.text.to_string().parse().ok()).flatten()?;
    Some((size, last))
}

fn chunk(session: &mut Session, size: i64, last: bool) -> Step {
    if size == 0 && !last {
        let client = &session.client.name_address;
        log::warning!("{}: null BDAT request from {client}", bstr::BStr::new(session.queue_id()));
        return session.refuse_protocol("551 5.7.1 Null BDAT request");
    }
    if session.mail.bdat == Bdat::Failed {
        skip(session, size)?;
        return session.refuse_protocol(format!("551 5.0.0 Discarded {size} bytes after earlier error"));
    }
    if session.mail.recipients == 0 {
        skip(session, size)?;
        if session.in_transaction() {
            session.reply("554 5.5.1 Error: no valid recipients")?;
            return Ok(false);
        }
        return session.refuse_protocol("503 5.5.1 Error: need RCPT command");
    }
    let most = session.cf.get(MESSAGE_SIZE_LIMIT);
    if most > 0 && session.mail.received.saturating_add(size) > most {
        let (id, client) =
            (bstr::BStr::new(session.queue_id()).to_string(), session.client.name_address.clone());
        log::warning!("{id}: BDAT request from {client} exceeds message size limit");
        skip(session, size)?;
        return session.refuse(crate::errors::class::POLICY, "552 5.3.4 Chunk exceeds message size limit");
    }
    if session.mail.bdat == Bdat::None && !begin(session, size)? {
        return Ok(false);
    }
    session.place = place::BDAT_CONTENT;
    let mut left = usize::try_from(size).unwrap_or(usize::MAX);
    let (mut lines, mut chunks) = session
        .bdat_lines
        .take()
        .unwrap_or_else(|| (Lines::new(session), Chunks::new(content::line_limit(session))));
    while left > 0 {
        let piece = match session.stream.fill() {
            Ok([]) => Err(End::Lost),
            Ok(piece) => Ok(head(piece, left)),
            Err(error) => Err(error.into()),
        };
        if piece.is_err() {
            // A line without its end has arrived, too.
            session.mail.received += i64::try_from(chunks.unfinished()).unwrap_or(0);
        }
        let piece = piece?;
        let count = piece.len();
        left -= count;
        chunks.push(piece, |text, whole| lines.write(text, whole, &mut session.mail));
        session.stream.consume(count);
    }
    if chunks.bare_newline && session.bare_newline != BareNewline::Allow {
        session.saw_bare_newline = true;
        if session.bare_newline == BareNewline::Reject {
            session.mail.status |= ipc::cleanup::stat::BARE_LF;
        }
    }
    if !last {
        session.bdat_lines = Some((lines, chunks));
        session.place = "BDAT";
        session.reply(format!("250 2.0.0 Ok: {size} bytes"))?;
        return Ok(true);
    }
    chunks.finish(|text, whole| lines.write(text, whole, &mut session.mail));
    content::end(session)
}

/// The first chunk: the restrictions of DATA, and the header.
fn begin(session: &mut Session, size: i64) -> Step {
    if !session.standalone {
        session.place = "BDAT";
        if let Some(refusal) = session.check_data()? {
            skip(session, size)?;
            session.reply(refusal)?;
            return Ok(false);
        }
    }
    content::begin(session);
    session.mail.bdat = Bdat::Going;
    session.bdat_lines = None;
    Ok(true)
}

/// Throws a chunk away.
fn skip(session: &mut Session, size: i64) -> Result<(), End> {
    // Without a limit this would be an invitation to keep us busy for ever.
    let most = session.cf.get(MESSAGE_SIZE_LIMIT).max(session.cf.get(LINE_LENGTH_LIMIT));
    if most > 0 && size > most.saturating_mul(2) {
        let client = &session.client.name_address;
        let id = bstr::BStr::new(session.queue_id());
        log::warning!("{id}: too much BDAT content -- disabling further input from {client}");
        session.input_disabled = true;
        return Ok(());
    }
    let mut left = usize::try_from(size).unwrap_or(usize::MAX);
    while left > 0 {
        let piece = session.stream.fill()?;
        if piece.is_empty() {
            return Err(End::Lost);
        }
        let count = piece.len().min(left);
        left -= count;
        session.stream.consume(count);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_of_bdat() {
        let parse = |line: &str| arguments(&wire::tokenize(line.as_bytes()));
        assert_eq!(parse("BDAT 10"), Some((10, false)));
        assert_eq!(parse("bdat 0 last"), Some((0, true)));
        for bad in ["BDAT", "BDAT x", "BDAT -1", "BDAT 1 LAST x", "BDAT 1 FIRST", "BDAT 99999999999999999999"]
        {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
