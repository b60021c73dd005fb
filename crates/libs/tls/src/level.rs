//! Security levels, from "never" to "only to the certificate of the right name".

use std::fmt;

use config::Config;
use config::params::*;

/// What a side asks of TLS, weakest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    #[default]
    None,
    May,
    Encrypt,
    Fingerprint,
    HalfDane,
    Dane,
    DaneOnly,
    Verify,
    Secure,
}

const NAMES: [(&str, Level); 9] = [
    ("none", Level::None),
    ("may", Level::May),
    ("encrypt", Level::Encrypt),
    ("fingerprint", Level::Fingerprint),
    ("halfdane", Level::HalfDane),
    ("dane", Level::Dane),
    ("dane-only", Level::DaneOnly),
    ("verify", Level::Verify),
    ("secure", Level::Secure),
];

impl Level {
    /// The level of this name, in any case.
    pub fn parse(name: &str) -> Option<Level> {
        // compat: halfdane cannot be asked for; it is what dane becomes where only the address is secure
        NAMES
            .iter()
            .find(|(n, l)| *l != Level::HalfDane && n.eq_ignore_ascii_case(name))
            .map(|(_, level)| *level)
    }

    /// Whether the server has to show that it is the right one.
    pub fn must_match(self) -> bool {
        self >= Level::Fingerprint
    }

    /// Whether TLSA records of the DNS say who the server is.
    pub fn is_dane(self) -> bool {
        matches!(self, Level::HalfDane | Level::Dane | Level::DaneOnly)
    }

    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(_, l)| *l == self).map_or("none", |(name, _)| name)
    }

    /// smtpd(8)'s: `smtpd_tls_security_level`, or the older switches where that is empty.
    /// `Err` holds an invalid value; what only a client knows (verify, secure, …) means `encrypt`, with a warning.
    pub fn of_server(config: &Config) -> Result<Level, String> {
        let value = config.get(SMTPD_TLS_SECURITY_LEVEL);
        if value.is_empty() {
            let (enforce, may) = (config.get(SMTPD_ENFORCE_TLS), config.get(SMTPD_USE_TLS));
            return Ok(if enforce {
                Level::Encrypt
            } else if may {
                Level::May
            } else {
                Level::None
            });
        }
        match Level::parse(value) {
            Some(level) if level > Level::Encrypt => {
                log::warning!(
                    "smtpd_tls_security_level: unsupported TLS level \"{value}\", using \"encrypt\""
                );
                Ok(Level::Encrypt)
            }
            Some(level) => Ok(level),
            None => Err(value.to_owned()),
        }
    }

    /// smtp(8)'s or lmtp(8)'s default for all destinations. `Err` holds an invalid value.
    pub fn of_client(config: &Config, is_lmtp: bool) -> Result<Level, String> {
        let value = config.client(SMTP_TLS_SECURITY_LEVEL, is_lmtp);
        if !value.is_empty() {
            return Level::parse(value).ok_or_else(|| value.to_owned());
        }
        Ok(if config.client(SMTP_ENFORCE_TLS, is_lmtp) {
            if config.client(SMTP_TLS_ENFORCE_PEERNAME, is_lmtp) { Level::Verify } else { Level::Encrypt }
        } else if config.client(SMTP_USE_TLS, is_lmtp) {
            Level::May
        } else {
            Level::None
        })
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_both_ways() {
        for (name, level) in NAMES {
            assert_eq!(level.name(), name);
            assert_eq!(Level::parse(name), (name != "halfdane").then_some(level));
        }
        assert_eq!(Level::parse("MAY"), Some(Level::May));
        assert_eq!(Level::parse("sometimes"), None);
        assert!(Level::Verify > Level::Encrypt);
    }
}
