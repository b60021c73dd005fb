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
    /// Which name or fingerprint of the server's certificate matched.
    pub certificate_match: bool,
    /// What was set up, with which ciphers.
    pub verbose: bool,
    /// Look-ups in the session cache.
    pub cache: bool,
    /// Each step of the handshake.
    pub debug: bool,
    /// How a DANE policy came about.
    pub dane: bool,
    /// The bytes of the handshake.
    pub handshake_bytes: bool,
    /// The bytes of the whole connection.
    pub all_bytes: bool,
}

impl LogMask {
    /// Reads the parameter `name`. With a word in it that it does not know, nothing is logged but a warning.
    pub fn parse(name: &str, value: &str) -> LogMask {
        let mut mask = LogMask::default();
        for word in value.split([' ', '\t', '\r', '\n', ',']).filter(|word| !word.is_empty()) {
            match word.to_ascii_lowercase().as_str() {
                "0" | "none" => {}
                "1" | "routine" => mask.up_to(1),
                "2" | "debug" => mask.up_to(2),
                "3" | "ssl-expert" => mask.up_to(3),
                "4" | "ssl-developer" | "5" | "6" | "7" | "8" | "9" => mask.up_to(4),
                "summary" => mask.summary = true,
                "untrusted" => mask.untrusted = true,
                "peercert" => mask.peer_certificate = true,
                "certmatch" => mask.certificate_match = true,
                "verbose" => mask.verbose = true,
                "cache" => mask.cache = true,
                "dane" => mask.dane = true,
                "ssl-debug" => mask.debug = true,
                "ssl-handshake-packet-dump" => mask.handshake_bytes = true,
                "ssl-session-packet-dump" => (mask.handshake_bytes, mask.all_bytes) = (true, true),
                _ => {
                    log::warning!("unknown {name} value \"{word}\" in \"{value}\"");
                    return LogMask::default();
                }
            }
        }
        mask
    }

    fn up_to(&mut self, level: u8) {
        self.summary = true;
        if level >= 2 {
            (self.verbose, self.cache, self.debug) = (true, true, true);
        }
        self.handshake_bytes |= level >= 3;
        self.all_bytes |= level >= 4;
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
        assert!(
            two.summary && two.verbose && two.cache && two.debug && !two.untrusted && !two.handshake_bytes
        );
        let three = LogMask::parse("x", "3");
        assert!(three.debug && three.handshake_bytes && !three.all_bytes);
        assert!(LogMask::parse("x", "4").all_bytes);
        let words = LogMask::parse("x", "Summary, untrusted");
        assert!(words.summary && words.untrusted && !words.debug);
        assert_eq!(LogMask::parse("x", "summary, nonsense"), LogMask::default());
    }
}
