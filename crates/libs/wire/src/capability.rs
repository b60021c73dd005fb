//! What a server's EHLO reply offers.

use bstr::BString;

use crate::reply::Reply;

/// Keywords of EHLO replies that clients and servers know, with their bit in a mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feature {
    EightBitMime,
    Pipelining,
    Size,
    Vrfy,
    Etrn,
    Auth,
    Verp,
    StartTls,
    XClient,
    XForward,
    EnhancedStatusCodes,
    Dsn,
    Smtputf8,
    Chunking,
    RequireTls,
}

impl Feature {
    /// All features with their keyword.
    pub const ALL: [(Feature, &'static str); 15] = [
        (Feature::EightBitMime, "8BITMIME"),
        (Feature::Pipelining, "PIPELINING"),
        (Feature::Size, "SIZE"),
        (Feature::Vrfy, "VRFY"),
        (Feature::Etrn, "ETRN"),
        (Feature::Auth, "AUTH"),
        (Feature::Verp, "XVERP"),
        (Feature::StartTls, "STARTTLS"),
        (Feature::XClient, "XCLIENT"),
        (Feature::XForward, "XFORWARD"),
        (Feature::EnhancedStatusCodes, "ENHANCEDSTATUSCODES"),
        (Feature::Dsn, "DSN"),
        (Feature::Smtputf8, "SMTPUTF8"),
        (Feature::Chunking, "CHUNKING"),
        (Feature::RequireTls, "REQUIRETLS"),
    ];

    /// The feature that a keyword names, in any case.
    pub fn from_keyword(word: &[u8]) -> Option<Feature> {
        Feature::ALL
            .iter()
            .find(|(_, name)| word.eq_ignore_ascii_case(name.as_bytes()))
            .map(|(feature, _)| *feature)
    }

    fn bit(self) -> u32 {
        1 << (self as u32)
    }
}

/// A set of features, with what SIZE and AUTH say.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Capabilities {
    mask: u32,
    /// Largest message, where SIZE names one (0 or absent: no fixed limit).
    pub size: Option<u64>,
    /// Mechanisms, as they stand behind AUTH.
    pub auth: Vec<BString>,
    /// Attributes behind XCLIENT and XFORWARD.
    pub xclient: Vec<BString>,
    pub xforward: Vec<BString>,
}

impl Capabilities {
    /// Reads an EHLO reply: its first line is the server's greeting, each other one keyword.
    /// Features whose keyword `ignore` accepts are passed over.
    pub fn from_reply(reply: &Reply, ignore: impl Fn(Feature) -> bool) -> Capabilities {
        let mut capabilities = Capabilities::default();
        for text in reply.texts().skip(1) {
            let mut words =
                text.split(|&b| b == b' ' || b == b'\t' || b == b'=').filter(|word| !word.is_empty());
            let Some(feature) = words.next().and_then(Feature::from_keyword) else {
                continue;
            };
            if ignore(feature) {
                continue;
            }
            capabilities.add(feature);
            let mut rest = || words.by_ref().map(BString::from).collect::<Vec<_>>();
            match feature {
                Feature::Size => {
                    let size = rest().first().and_then(|word| std::str::from_utf8(word).ok()?.parse().ok());
                    capabilities.size = size.filter(|&size| size > 0);
                }
                Feature::Auth => {
                    for mechanism in rest() {
                        if !capabilities.auth.contains(&mechanism) {
                            capabilities.auth.push(mechanism);
                        }
                    }
                }
                Feature::XClient => capabilities.xclient = rest(),
                Feature::XForward => capabilities.xforward = rest(),
                _ => {}
            }
        }
        capabilities
    }

    pub fn has(&self, feature: Feature) -> bool {
        self.mask & feature.bit() != 0
    }

    pub fn add(&mut self, feature: Feature) {
        self.mask |= feature.bit();
    }

    pub fn remove(&mut self, feature: Feature) {
        self.mask &= !feature.bit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reply::ReplyParser;

    #[test]
    fn an_ehlo_reply() {
        let mut parser = ReplyParser::new();
        let lines = [
            "250-mx.example PIPELINING",
            "250-size 1000",
            "250-AUTH PLAIN LOGIN",
            "250-AUTH=LOGIN CRAM-MD5",
            "250-X-UNKNOWN",
            "250-DSN",
            "250 STARTTLS",
        ];
        let reply = lines.iter().find_map(|line| parser.line(line.as_bytes()).unwrap()).unwrap();
        let all = Capabilities::from_reply(&reply, |feature| feature == Feature::Dsn);
        assert!(all.has(Feature::Size) && all.has(Feature::StartTls) && all.has(Feature::Auth));
        assert!(!all.has(Feature::Pipelining), "the greeting is no keyword");
        assert!(!all.has(Feature::Dsn), "ignored");
        assert_eq!(all.size, Some(1000));
        assert_eq!(all.auth, ["PLAIN", "LOGIN", "CRAM-MD5"]);
    }

    #[test]
    fn sizes_that_are_none() {
        for line in ["SIZE", "SIZE 0", "SIZE x", "SIZE -1"] {
            let reply = Reply { code: 250, lines: vec!["250-mx".into(), format!("250 {line}").into()] };
            let all = Capabilities::from_reply(&reply, |_| false);
            assert!(all.has(Feature::Size));
            assert_eq!(all.size, None, "{line}");
        }
    }
}
