//! Kinds of trouble, as notify_classes names them, and how a session ends early.

/// Kinds of trouble: bits of a session's record, and of `notify_classes`.
pub mod class {
    pub const BOUNCE: u32 = 1 << 0;
    pub const POLICY: u32 = 1 << 1;
    pub const PROTOCOL: u32 = 1 << 2;
    pub const RESOURCE: u32 = 1 << 3;
    pub const SOFTWARE: u32 = 1 << 4;
    pub const DATA: u32 = 1 << 5;

    const NAMES: [(&str, u32); 8] = [
        ("bounce", BOUNCE),
        ("2bounce", 0),
        ("delay", 0),
        ("policy", POLICY),
        ("protocol", PROTOCOL),
        ("resource", RESOURCE),
        ("software", SOFTWARE),
        ("data", DATA),
    ];

    /// The value of `notify_classes`; `Err` is a word that is none of them.
    pub fn parse(text: &str) -> Result<u32, &str> {
        let mut mask = 0;
        for word in text.split([',', ' ', '\t', '\r', '\n']).filter(|word| !word.is_empty()) {
            mask |= NAMES.iter().find(|(name, _)| word.eq_ignore_ascii_case(name)).ok_or(word)?.1;
        }
        Ok(mask)
    }
}

/// Why a session is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The client took too long.
    Timeout,
    /// The client is gone.
    Lost,
    /// We hang up without another word.
    Quiet,
    /// A table that a decision needs cannot be asked.
    LocalData,
}

impl From<std::io::Error> for End {
    fn from(error: std::io::Error) -> End {
        if error.kind() == std::io::ErrorKind::TimedOut { End::Timeout } else { End::Lost }
    }
}

/// A command's outcome: did it succeed? A failed one counts as an error of the client.
pub type Step = Result<bool, End>;
