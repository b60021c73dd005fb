//! `*_tls_loglevel`: a number from 0 to 4, or a list of what to log.

/// What is logged of TLS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogMask {
    /// One line a handshake.
    pub summary: bool,
    /// Certificates that could not be verified, also where nobody demanded it.
    pub untrusted: bool,
    /// What the peer's certificate says.
    pub peer_certificate: bool,
    /// What of it matched.
    pub certificate_match: bool,
    /// What was set up, with which ciphers.
    pub verbose: bool,
    /// Look-ups in the session cache.
    pub cache: bool,
    /// Each step of the handshake.
    pub debug: bool,
}

impl LogMask {
    /// Reads the parameter `name`; what it does not know is warned of and left out.
    pub fn parse(name: &str, value: &str) -> LogMask {
        let mut mask = LogMask::default();
        for word in crate::ciphers::words(value) {
            match word.to_ascii_lowercase().as_str() {
                "0" | "none" => {}
                "1" | "routine" | "summary" => mask.summary = true,
                "2" | "debug" => mask.up_to_debug(),
                "3" | "ssl-expert" | "4" | "ssl-developer" => {
                    log::warning!("{name} = {value}: packet dumps are not implemented");
                    mask.up_to_debug();
                }
                "ssl-debug" => mask.debug = true,
                "ssl-handshake-packet-dump" | "ssl-session-packet-dump" => {
                    log::warning!("{name} = {value}: packet dumps are not implemented");
                }
                "untrusted" => mask.untrusted = true,
                "peercert" => mask.peer_certificate = true,
                "certmatch" => mask.certificate_match = true,
                "verbose" => mask.verbose = true,
                "cache" => mask.cache = true,
                _ => log::warning!("unknown {name} value \"{word}\" in \"{value}\""),
            }
        }
        mask
    }

    fn up_to_debug(&mut self) {
        *self = LogMask { summary: true, verbose: true, cache: true, debug: true, ..*self };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_words() {
        assert_eq!(LogMask::parse("x", "0"), LogMask::default());
        assert_eq!(LogMask::parse("x", "1"), LogMask { summary: true, ..LogMask::default() });
        let two = LogMask::parse("x", "2");
        assert!(two.summary && two.verbose && two.cache && two.debug && !two.untrusted);
        let words = LogMask::parse("x", "summary, untrusted");
        assert!(words.summary && words.untrusted && !words.debug);
    }
}
