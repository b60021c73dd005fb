//! What a handshake came to, and how log lines and the Received header say it.

use std::fmt::Write;

/// How far the peer's certificate is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trust {
    /// No certificate.
    Anonymous,
    /// A certificate of nobody we know.
    Untrusted,
    /// Signed by one of our certification authorities.
    Trusted,
    /// And of the right name or fingerprint.
    Verified,
}

impl Trust {
    pub fn name(self) -> &'static str {
        match self {
            Trust::Anonymous => "Anonymous",
            Trust::Untrusted => "Untrusted",
            Trust::Trusted => "Trusted",
            Trust::Verified => "Verified",
        }
    }
}

/// Whose certificate signed the handshake, and with what (TLS 1.3 only).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signature {
    /// "RSA-PSS", "ECDSA", "ED25519", …
    pub name: String,
    /// "P-256", "prime256v1", …
    pub curve: Option<String>,
    pub bits: Option<u32>,
    pub digest: Option<String>,
    /// A raw public key, no certificate.
    pub raw_key: bool,
}

/// A finished handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    pub trust: Trust,
    pub resumed: bool,
    /// "TLSv1.3".
    pub protocol: String,
    pub cipher: String,
    /// Secret bits used, and bits of the algorithm.
    pub bits: (u32, u32),
    /// Key exchange: name ("X25519", "ECDHE", "DHE"), curve, bits.
    pub key_exchange: Option<(String, Option<String>, Option<u32>)>,
    pub server_signature: Option<Signature>,
    pub client_signature: Option<Signature>,
    /// The common names of the peer's certificate and of its issuer; `None` without a certificate.
    pub peer_name: Option<String>,
    pub issuer_name: Option<String>,
    /// Whether the peer sent a raw public key in place of a certificate; then there is only [`Summary::key_fingerprint`].
    pub peer_raw_key: bool,
    /// "AB:CD:…" of the certificate and of its public key, by the configured digest; empty without a certificate.
    pub certificate_fingerprint: String,
    pub key_fingerprint: String,
    /// The name that the client asked for and got (SNI).
    pub server_name: Option<String>,
    /// Whether we, a server, asked for a certificate.
    pub asked_certificate: bool,
}

/// Which way a connection was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// We are the client.
    To,
    /// We are the server.
    From,
}

impl Summary {
    /// "Anonymous TLS connection established to host[addr]:25: TLSv1.3 with cipher …". `again`: on a connection that is used
    /// once more.
    pub fn log_line(&self, direction: Direction, namaddr: &str, again: bool) -> String {
        let mut line = format!("{} TLS connection ", self.trust.name());
        line.push_str(if again { "reused " } else { "established " });
        line.push_str(if direction == Direction::To { "to " } else { "from " });
        line.push_str(namaddr);
        if let (Direction::From, Some(name)) = (direction, &self.server_name) {
            line.push_str(" to ");
            line.push_str(name);
        }
        let _ = write!(
            line,
            ": {} with cipher {} ({}/{} bits)",
            self.protocol, self.cipher, self.bits.0, self.bits.1
        );
        self.key_exchange_into(&mut line);
        signature_into(&mut line, "server", self.server_signature.as_ref());
        signature_into(&mut line, "client", self.client_signature.as_ref());
        line
    }

    /// The lines of the Received header (without leading tabs and newlines) that tell of TLS.
    /// `digest` is what fingerprints are made with.
    pub fn received_lines(&self, digest: &str) -> Vec<String> {
        let mut lines = Vec::with_capacity(4);
        let mut line = format!(
            "(using {} with cipher {} ({}/{} bits)",
            self.protocol, self.cipher, self.bits.0, self.bits.1
        );
        if self.key_exchange.is_some() {
            lines.push(std::mem::take(&mut line));
            self.key_exchange_into(&mut line);
        }
        if self.server_signature.is_some() {
            signature_into(&mut line, "server", self.server_signature.as_ref());
        }
        if self.client_signature.is_some() {
            lines.push(std::mem::take(&mut line));
            signature_into(&mut line, "client", self.client_signature.as_ref());
        }
        line.push(')');
        lines.push(line);
        lines.push(match &self.peer_name {
            Some(peer) => format!(
                "(Client CN \"{}\", Issuer \"{}\" ({}))",
                in_comment(peer),
                in_comment(self.issuer_name.as_deref().unwrap_or_default()),
                if self.trust >= Trust::Trusted { "verified OK" } else { "not verified" }
            ),
            None if self.peer_raw_key => {
                format!("(Client RPK {} digest {digest})", self.key_fingerprint)
            }
            None if self.asked_certificate => "(Client did not present a certificate)".to_owned(),
            None => "(No client certificate requested)".to_owned(),
        });
        lines
    }

    fn key_exchange_into(&self, line: &mut String) {
        if let Some((name, curve, bits)) = &self.key_exchange {
            let _ = write!(line, " key-exchange {name}");
            detail_into(line, curve.as_deref(), *bits);
        }
    }
}

/// A text of strangers that goes into a header's comment: its parentheses come in pairs, and nothing in it is special.
fn in_comment(text: &str) -> String {
    let mut open = 0;
    let mut safe = String::with_capacity(text.len());
    for byte in text.bytes() {
        safe.push(match byte {
            b'(' => {
                open += 1;
                '('
            }
            b')' if open > 0 => {
                open -= 1;
                ')'
            }
            b')' | b'\\' => '?',
            b' '..=b'~' => char::from(byte),
            _ => '?',
        });
    }
    safe.extend(std::iter::repeat_n(')', open));
    safe
}

fn signature_into(line: &mut String, side: &str, signature: Option<&Signature>) {
    let Some(signature) = signature else { return };
    let _ = write!(line, " {side}-signature {}", signature.name);
    let raw = if signature.raw_key { " raw public key" } else { "" };
    match (&signature.curve, signature.bits) {
        (Some(curve), _) => {
            let _ = write!(line, " ({curve}{raw})");
        }
        (None, Some(bits)) if bits > 0 => {
            let _ = write!(line, " ({bits} bit{})", if signature.raw_key { raw } else { "s" });
        }
        _ if signature.raw_key => line.push_str(" (raw public key)"),
        _ => {}
    }
    if let Some(digest) = &signature.digest {
        let _ = write!(line, " {side}-digest {digest}");
    }
}

fn detail_into(line: &mut String, curve: Option<&str>, bits: Option<u32>) {
    match (curve, bits) {
        (Some(curve), _) => {
            let _ = write!(line, " ({curve})");
        }
        (None, Some(bits)) if bits > 0 => {
            let _ = write!(line, " ({bits} bits)");
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Summary {
        Summary {
            trust: Trust::Anonymous,
            resumed: false,
            protocol: "TLSv1.3".into(),
            cipher: "TLS_AES_256_GCM_SHA384".into(),
            bits: (256, 256),
            key_exchange: Some(("X25519".into(), None, None)),
            server_signature: Some(Signature {
                name: "RSA-PSS".into(),
                curve: None,
                bits: Some(2048),
                digest: Some("SHA256".into()),
                raw_key: false,
            }),
            client_signature: None,
            peer_name: None,
            issuer_name: None,
            peer_raw_key: false,
            certificate_fingerprint: String::new(),
            key_fingerprint: String::new(),
            server_name: None,
            asked_certificate: false,
        }
    }

    #[test]
    fn log_lines_read_as_the_reference_writes_them() {
        assert_eq!(
            sample().log_line(Direction::From, "a.test[192.0.2.1]", false),
            "Anonymous TLS connection established from a.test[192.0.2.1]: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) \
             key-exchange X25519 server-signature RSA-PSS (2048 bits) server-digest SHA256"
        );
        let old = Summary {
            trust: Trust::Verified,
            protocol: "TLSv1.2".into(),
            cipher: "ECDHE-RSA-AES256-GCM-SHA384".into(),
            key_exchange: None,
            server_signature: None,
            ..sample()
        };
        assert_eq!(
            old.log_line(Direction::To, "mx.test[192.0.2.1]:25", true),
            "Verified TLS connection reused to mx.test[192.0.2.1]:25: TLSv1.2 with cipher ECDHE-RSA-AES256-GCM-SHA384 (256/256 bits)"
        );
    }

    #[test]
    fn received_lines_read_as_the_reference_writes_them() {
        assert_eq!(
            sample().received_lines("sha256"),
            [
                "(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)",
                " key-exchange X25519 server-signature RSA-PSS (2048 bits) server-digest SHA256)",
                "(No client certificate requested)",
            ]
        );
        let mut asked =
            Summary { key_exchange: None, server_signature: None, asked_certificate: true, ..sample() };
        assert_eq!(
            asked.received_lines("sha256"),
            [
                "(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))",
                "(Client did not present a certificate)"
            ]
        );
        assert_eq!(in_comment("a)(b\\(cü"), "a?(b?(c??))");
        asked.peer_raw_key = true;
        asked.key_fingerprint = "AB:CD".into();
        assert_eq!(asked.received_lines("sha256")[1], "(Client RPK AB:CD digest sha256)");
        asked.peer_name = Some("c".into());
        asked.issuer_name = Some("ca".into());
        asked.trust = Trust::Untrusted;
        assert_eq!(asked.received_lines("sha256")[1], "(Client CN \"c\", Issuer \"ca\" (not verified))");
    }
}
