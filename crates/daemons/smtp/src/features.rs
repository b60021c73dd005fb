//! "tls=may", "tls=dane:encrypt/!requiretls:nostarttls": what was asked of TLS and what came of it, for the delivery's line
//! (`smtp_log_tls_feature_status`).

use tls::Level;

/// How a feature turned out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Turn {
    /// Nobody asked for it.
    #[default]
    Absent,
    /// It was not decided.
    Undecided,
    /// The connection was not used.
    Violated,
    Kept,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Feature {
    wanted: &'static str,
    /// What it came to, where that is something else.
    got: &'static str,
    turn: Turn,
}

impl Feature {
    fn text(&self) -> Option<String> {
        let Feature { wanted, got, turn } = self;
        let less = if got == wanted || got.is_empty() { String::new() } else { format!(":{got}") };
        match turn {
            Turn::Absent => None,
            Turn::Undecided => Some(format!("{wanted}?")),
            Turn::Violated => Some(format!("!{wanted}{less}")),
            Turn::Kept => Some(format!("{wanted}{less}")),
        }
    }
}

/// The features of the present server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Features {
    level: Feature,
    require_tls: Feature,
}

impl Features {
    /// A server is about to be asked, at this level, and perhaps for REQUIRETLS.
    pub fn begin(level: Level, require_tls: bool) -> Features {
        let undecided = |wanted| Feature { wanted, got: wanted, turn: Turn::Undecided };
        Features {
            level: undecided(level.name()),
            require_tls: if require_tls { undecided("requiretls") } else { Feature::default() },
        }
    }

    /// It cannot be made out how a server is to be asked.
    pub fn unknown() -> Features {
        let level = Feature { wanted: "unknown", got: "unknown", turn: Turn::Undecided };
        Features { level, require_tls: Feature::default() }
    }

    /// The connection was used, with this level.
    pub fn kept(&mut self, level: Level) {
        self.level = Feature { got: level.name(), turn: Turn::Kept, ..self.level };
    }

    /// The connection was not used.
    pub fn violated(&mut self) {
        self.level.turn = Turn::Violated;
    }

    /// REQUIRETLS came to that ("requiretls", "none", "nocertmatch", "nostarttls", "noencryption").
    pub fn require_tls(&mut self, got: &'static str, is_kept: bool) {
        if self.require_tls.turn != Turn::Absent {
            let turn = if is_kept { Turn::Kept } else { Turn::Violated };
            self.require_tls = Feature { got, turn, ..self.require_tls };
        }
    }

    /// For the log; empty: nothing was asked for.
    pub fn text(&self) -> String {
        let all: Vec<String> = [self.level, self.require_tls].iter().filter_map(Feature::text).collect();
        all.join("/")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        assert_eq!(Features::default().text(), "");
        let mut some = Features::begin(Level::May, false);
        assert_eq!(some.text(), "may?");
        some.kept(Level::None);
        assert_eq!(some.text(), "may:none");
        let mut some = Features::begin(Level::Dane, true);
        some.violated();
        some.require_tls("nocertmatch", false);
        assert_eq!(some.text(), "!dane/!requiretls:nocertmatch");
        let mut some = Features::begin(Level::Dane, true);
        some.kept(Level::Encrypt);
        some.require_tls("requiretls", true);
        assert_eq!(some.text(), "dane:encrypt/requiretls");
    }
}
