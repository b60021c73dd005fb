//! What a sender asks about delivery notices (RFC 3461), with the numbers that queue files and requests carry.

/// How much of the message comes back with a notice: RET=FULL or RET=HDRS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ret {
    Full = 1,
    Headers = 2,
}

impl Ret {
    /// The parameter's value, in any case.
    pub fn parse(text: &[u8]) -> Option<Ret> {
        if text.eq_ignore_ascii_case(b"FULL") {
            Some(Ret::Full)
        } else if text.eq_ignore_ascii_case(b"HDRS") {
            Some(Ret::Headers)
        } else {
            None
        }
    }

    /// From a queue file's number; 0 is "not asked for".
    pub fn from_number(number: i64) -> Option<Ret> {
        match number {
            1 => Some(Ret::Full),
            2 => Some(Ret::Headers),
            _ => None,
        }
    }

    /// The queue file's number.
    pub fn number(self) -> i64 {
        self as i64
    }

    /// The parameter's value.
    pub fn name(self) -> &'static str {
        match self {
            Ret::Full => "FULL",
            Ret::Headers => "HDRS",
        }
    }
}

/// When a recipient's sender wants a notice: NEVER, or any of SUCCESS, FAILURE, DELAY. Zero: not asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Notify(u8);

impl Notify {
    pub const NONE: Notify = Notify(0);
    pub const NEVER: Notify = Notify(1);
    pub const SUCCESS: Notify = Notify(2);
    pub const FAILURE: Notify = Notify(4);
    pub const DELAY: Notify = Notify(8);

    const NAMES: [(Notify, &'static str); 4] = [
        (Notify::NEVER, "NEVER"),
        (Notify::SUCCESS, "SUCCESS"),
        (Notify::FAILURE, "FAILURE"),
        (Notify::DELAY, "DELAY"),
    ];

    /// The parameter's value, in any case. NEVER stands alone.
    pub fn parse(text: &[u8]) -> Option<Notify> {
        let mut all = 0;
        for word in text.split(|&b| b == b',') {
            let (flag, _) =
                Notify::NAMES.iter().find(|(_, name)| word.eq_ignore_ascii_case(name.as_bytes()))?;
            all |= flag.0;
        }
        let never = all & Notify::NEVER.0 != 0;
        (!never || all == Notify::NEVER.0).then_some(Notify(all))
    }

    /// From a queue file's number; `None` if it has bits that mean nothing, or NEVER with others.
    pub fn from_number(number: i64) -> Option<Notify> {
        let flags = u8::try_from(number).ok()?;
        let never = flags & Notify::NEVER.0 != 0;
        (flags < 16 && (!never || flags == Notify::NEVER.0)).then_some(Notify(flags))
    }

    /// The queue file's number.
    pub fn number(self) -> i64 {
        i64::from(self.0)
    }

    /// Nothing asked for.
    pub fn is_none(self) -> bool {
        self.0 == 0
    }

    /// Are all of `other`'s flags set?
    pub fn has(self, other: Notify) -> bool {
        self.0 & other.0 == other.0
    }
}

impl std::fmt::Display for Notify {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut separator = "";
        for (flag, name) in Notify::NAMES {
            if self.has(flag) {
                write!(f, "{separator}{name}")?;
                separator = ",";
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notify_values() {
        assert_eq!(Notify::parse(b"never"), Some(Notify::NEVER));
        let both = Notify::parse(b"SUCCESS,Failure").unwrap();
        assert!(both.has(Notify::SUCCESS) && both.has(Notify::FAILURE) && !both.has(Notify::DELAY));
        assert_eq!(both.to_string(), "SUCCESS,FAILURE");
        assert_eq!(Notify::from_number(both.number()), Some(both));
        for bad in ["", "never,delay", "success,", "always", "success failure"] {
            assert_eq!(Notify::parse(bad.as_bytes()), None, "{bad}");
        }
        for bad in [-1, 3, 16, 300] {
            assert_eq!(Notify::from_number(bad), None, "{bad}");
        }
    }

    #[test]
    fn ret_values() {
        for ret in [Ret::Full, Ret::Headers] {
            assert_eq!(Ret::parse(ret.name().as_bytes()), Some(ret));
            assert_eq!(Ret::from_number(ret.number()), Some(ret));
        }
        assert_eq!(Ret::parse(b"hdrs"), Some(Ret::Headers));
        assert_eq!(Ret::parse(b"body"), None);
        assert_eq!(Ret::from_number(0), None);
    }
}
