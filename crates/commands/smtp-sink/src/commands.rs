//! The commands that the sink knows, and what it was told to do wrong with them.

use std::time::Duration;

/// A command, or one of the two moments that options treat like one: connecting, and the final dot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    Connect,
    Helo,
    Ehlo,
    Lhlo,
    XClient,
    XForward,
    Auth,
    Mail,
    Rcpt,
    Data,
    Dot,
    Rset,
    Noop,
    Vrfy,
    Quit,
}

/// One row for each command.
const NAMES: [(&str, Command); 15] = [
    ("CONNECT", Command::Connect),
    ("HELO", Command::Helo),
    ("EHLO", Command::Ehlo),
    ("LHLO", Command::Lhlo),
    ("XCLIENT", Command::XClient),
    ("XFORWARD", Command::XForward),
    ("AUTH", Command::Auth),
    ("MAIL", Command::Mail),
    ("RCPT", Command::Rcpt),
    ("DATA", Command::Data),
    (".", Command::Dot),
    ("RSET", Command::Rset),
    ("NOOP", Command::Noop),
    ("VRFY", Command::Vrfy),
    ("QUIT", Command::Quit),
];

impl Command {
    /// The command that a word names, in any case.
    pub fn from_name(name: &[u8]) -> Option<Command> {
        NAMES.iter().find(|(word, _)| name.eq_ignore_ascii_case(word.as_bytes())).map(|(_, command)| *command)
    }

    /// A client can send it (it is not just a moment).
    pub fn is_sent(self) -> bool {
        !matches!(self, Command::Connect | Command::Dot)
    }
}

/// What to do wrong with one command.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wrong {
    /// -f, -r: reject it.
    pub hard: bool,
    pub soft: bool,
    /// -q: disconnect without a word; -Q: with a 421.
    pub hang_up: bool,
    pub close: bool,
    /// -s: log it.
    pub log: bool,
    /// -w, -W: wait before the reply, if the odds (1 to 99, 0: always once) say so.
    pub delay: Option<(Duration, u8)>,
}

/// What to do wrong, command by command.
#[derive(Clone, Debug, Default)]
pub struct Misbehaviour([Wrong; NAMES.len()]);

impl Misbehaviour {
    pub fn of(&mut self, command: Command) -> &mut Wrong {
        // Command's discriminants are the rows of NAMES, of which the array has one each.
        #[expect(clippy::indexing_slicing, reason = "discriminants are below NAMES.len()")]
        &mut self.0[command as usize]
    }

    pub fn with(&self, command: Command) -> Wrong {
        self.0.get(command as usize).copied().unwrap_or_default()
    }
}

impl Wrong {
    /// How long to wait this time: a random multiple of the delay where there are odds.
    pub fn wait(&self) -> Duration {
        let Some((delay, odds)) = self.delay else { return Duration::ZERO };
        if odds == 0 {
            return delay;
        }
        let mut wait = Duration::ZERO;
        while sys::rand::below(100) < usize::from(odds) {
            wait += delay;
        }
        wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_discriminants_agree() {
        for (row, (name, command)) in NAMES.iter().enumerate() {
            assert_eq!(row, *command as usize, "{name}");
            assert_eq!(Command::from_name(name.to_lowercase().as_bytes()), Some(*command));
        }
    }
}
