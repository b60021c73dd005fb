//! DATA.

use wire::Token;

use crate::content;
use crate::errors::Step;
use crate::session::{Session, place};
use crate::transaction::Bdat;

/// DATA, the content, and the final dot.
pub fn data(session: &mut Session, words: &[Token]) -> Step {
    if session.mail.bdat != Bdat::None {
        return session.refuse_protocol("503 5.5.1 Error: DATA after BDAT");
    }
    if session.mail.recipients == 0 {
        // With pipelining, DATA may follow recipients that were all refused: no error of the protocol.
        if session.in_transaction() {
            session.reply("554 5.5.1 Error: no valid recipients")?;
            return Ok(false);
        }
        return session.refuse_protocol("503 5.5.1 Error: need RCPT command");
    }
    if words.len() != 1 {
        return session.refuse_protocol("501 5.5.4 Syntax: DATA");
    }
    if !session.standalone {
        if let Some(refusal) = session.check_data()? {
            session.reply(refusal)?;
            return Ok(false);
        }
    }
    content::begin(session);
    session.reply("354 End data with <CR><LF>.<CR><LF>")?;
    session.stream.flush()?;
    session.place = place::CONTENT;
    content::receive(session)?;
    content::end(session)
}
