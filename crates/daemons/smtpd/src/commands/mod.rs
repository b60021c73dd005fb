//! The commands: one row and one function each.

mod address;
mod bdat;
mod data;
pub mod ehlo;
mod etrn;
mod mail;
mod other;
mod rcpt;
mod starttls;

use bstr::BString;
use config::params::*;
use wire::Token;

use crate::errors::Step;
use crate::session::Session;

/// Counts against smtpd_junk_command_limit.
pub const LIMITED: u8 = 1 << 0;
/// Allowed before STARTTLS where TLS is required.
pub const BEFORE_TLS: u8 = 1 << 1;
/// With pipelining too, the client has to wait for its reply (RFC 2920).
pub const LAST_OF_GROUP: u8 = 1 << 2;

/// A command.
pub struct Command {
    pub name: &'static str,
    /// Its name in the `disconnect` line.
    pub counted: &'static str,
    pub action: fn(&mut Session, &[Token]) -> Step,
    pub flags: u8,
}

const fn row(
    name: &'static str,
    counted: &'static str,
    action: fn(&mut Session, &[Token]) -> Step,
    flags: u8,
) -> Command {
    Command { name, counted, action, flags }
}

/// All commands, in the order in which the `disconnect` line counts them.
pub const COMMANDS: [Command; 16] = [
    row("HELO", "helo", ehlo::helo, LIMITED | BEFORE_TLS | LAST_OF_GROUP),
    row("EHLO", "ehlo", ehlo::ehlo, LIMITED | BEFORE_TLS | LAST_OF_GROUP),
    row("XCLIENT", "xclient", other::xclient, 0),
    row("XFORWARD", "xforward", other::xforward, 0),
    row("STARTTLS", "starttls", starttls::starttls, BEFORE_TLS),
    row("AUTH", "auth", other::auth, 0),
    row("MAIL", "mail", mail::mail, 0),
    row("RCPT", "rcpt", rcpt::rcpt, 0),
    row("DATA", "data", data::data, LAST_OF_GROUP),
    row("BDAT", "bdat", bdat::bdat, 0),
    row("RSET", "rset", other::rset, LIMITED),
    row("NOOP", "noop", other::noop, LIMITED | BEFORE_TLS | LAST_OF_GROUP),
    row("VRFY", "vrfy", other::vrfy, LIMITED | LAST_OF_GROUP),
    row("ETRN", "etrn", etrn::etrn, LIMITED),
    row("QUIT", "quit", other::quit, BEFORE_TLS),
    row("HELP", "help", other::help, LIMITED | BEFORE_TLS),
];

/// What a client hears that sent a bare line feed where none may be.
pub fn bare_newline_reply(session: &Session) -> BString {
    let code = session.cf.get(SMTPD_FORBID_BARE_NEWLINE_REJECT_CODE);
    cat!(code.to_string(), " 5.5.2 ", session.cf.get(MYHOSTNAME), " Error: bare <LF> received")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_unique() {
        for (number, row) in COMMANDS.iter().enumerate() {
            assert_eq!(row.counted, row.name.to_lowercase());
            assert_eq!(COMMANDS.iter().position(|other| other.name == row.name), Some(number));
        }
    }
}
