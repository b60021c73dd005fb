//! `notify_classes`: which kinds of trouble the postmaster is told about.

use config::params::NOTIFY_CLASSES;
use config::{Config, ConfigError};

/// A set of classes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Classes(u16);

impl Classes {
    /// Undeliverable mail: headers of what was returned.
    pub const BOUNCE: Classes = Classes(1);
    /// Undeliverable bounces.
    pub const DOUBLE_BOUNCE: Classes = Classes(1 << 1);
    /// Delayed mail.
    pub const DELAY: Classes = Classes(1 << 2);
    /// Transcripts of sessions that were refused by policy.
    pub const POLICY: Classes = Classes(1 << 3);
    /// Transcripts of sessions with protocol errors.
    pub const PROTOCOL: Classes = Classes(1 << 4);
    /// Mail not delivered for lack of resources.
    pub const RESOURCE: Classes = Classes(1 << 5);
    /// Mail not delivered because of faults in the software.
    pub const SOFTWARE: Classes = Classes(1 << 6);
    /// Delays and errors of data (errors in content).
    pub const DATA: Classes = Classes(1 << 7);

    const NAMES: [(&'static str, Classes); 8] = [
        ("bounce", Classes::BOUNCE),
        ("2bounce", Classes::DOUBLE_BOUNCE),
        ("delay", Classes::DELAY),
        ("policy", Classes::POLICY),
        ("protocol", Classes::PROTOCOL),
        ("resource", Classes::RESOURCE),
        ("software", Classes::SOFTWARE),
        ("data", Classes::DATA),
    ];

    /// What main.cf says.
    pub fn configured(config: &'static Config) -> Result<Classes, ConfigError> {
        Classes::parse(config.get(NOTIFY_CLASSES))
    }

    fn parse(text: &str) -> Result<Classes, ConfigError> {
        let words = text.split([' ', '\t', '\r', '\n', ',']).filter(|word| !word.is_empty());
        words.into_iter().try_fold(Classes::default(), |all, word| {
            let found = Classes::NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(word));
            match found {
                Some((_, class)) => Ok(Classes(all.0 | class.0)),
                None => Err(ConfigError::new(format!(
                    "unknown {} value \"{word}\" in \"{text}\"",
                    NOTIFY_CLASSES.name()
                ))),
            }
        })
    }

    /// True when any of `other`'s classes is wanted.
    pub fn wants(self, other: Classes) -> bool {
        self.0 & other.0 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_make_a_set() {
        let set = Classes::parse("resource, SOFTWARE").unwrap();
        assert!(set.wants(Classes::RESOURCE) && set.wants(Classes::SOFTWARE));
        assert!(!set.wants(Classes::BOUNCE));
        assert!(!Classes::parse("").unwrap().wants(Classes::RESOURCE));
        assert!(Classes::parse("resource nonsense").is_err());
    }
}
