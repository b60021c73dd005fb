//! TLSA records as OpenSSL's DANE engine takes them: from the DNS, or made up for fingerprints and private trust anchors.

use std::fs;

use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::ssl::{SslContextBuilder, SslRef};
use openssl::x509::X509;

use crate::chain::pem_blocks;
use crate::describe::hex;
use crate::engine::complain;

/// Usages (RFC 7218).
pub const DANE_TA: u8 = 2;
pub const DANE_EE: u8 = 3;
/// Selectors.
const CERT: u8 = 0;
const SPKI: u8 = 1;
/// Matching types: the whole object, and the one kept for fingerprints.
const FULL: u8 = 0;
const FINGERPRINT: u8 = 255;
/// More bytes than this are shown by their beginning and their end.
const SHOWN: usize = 64;
/// The widest digest there is, in bytes.
const DIGEST_MAX: usize = 64;

/// One TLSA record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tlsa {
    pub usage: u8,
    pub selector: u8,
    pub matching: u8,
    pub data: Vec<u8>,
}

impl Tlsa {
    /// "3 1 1 9F86D0…", long data with its middle left out.
    pub fn shown(&self) -> String {
        format!("{} {} {} {}", self.usage, self.selector, self.matching, excerpt(&self.data))
    }

    /// Usages 0 and 1 mean the public authorities, which no mail server can count on (RFC 7672 §3.1.3).
    pub fn is_for_mail(&self) -> bool {
        matches!(self.usage, DANE_TA | DANE_EE) && self.matching != FINGERPRINT
    }
}

/// Hexadecimal; of much data the beginning and the end.
pub fn excerpt(data: &[u8]) -> String {
    let half = SHOWN / 2;
    match (data.get(..half), data.len().checked_sub(half).and_then(|at| data.get(at..))) {
        (Some(head), Some(tail)) if data.len() > SHOWN => format!("{}...{}", hex(head), hex(tail)),
        _ if data.is_empty() => "...".to_owned(),
        _ => hex(data),
    }
}

/// What a server must show, in the engine's terms.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Anchors {
    pub records: Vec<Tlsa>,
    /// The name under which the DNS has them; empty for those of our own making.
    pub base_domain: String,
}

impl Anchors {
    /// Fingerprints of certificates or keys, in hexadecimal with or without colons, as records. What is none is warned of.
    pub fn add_fingerprints<'a>(&mut self, fingerprints: impl Iterator<Item = &'a str>) {
        for text in fingerprints {
            let Some(data) = bytes(text) else {
                log::warning!("malformed fingerprint value: {:.384}", text);
                continue;
            };
            for selector in [CERT, SPKI] {
                let data = data.clone();
                self.records.insert(0, Tlsa { usage: DANE_EE, selector, matching: FINGERPRINT, data });
            }
        }
    }

    /// The certificates and public keys of a file, each as an authority that may have signed, or as the server itself.
    /// `false`: the file is of no use; why is logged.
    pub fn add_file(&mut self, file: &str) -> bool {
        let pem = match fs::read(file) {
            Ok(pem) => pem,
            Err(err) => {
                log::warning!("error opening trust anchor file: {file}: {}", sys::errno_text(&err));
                return false;
            }
        };
        let mut objects = 0;
        for (label, block) in pem_blocks(&pem) {
            objects += 1;
            let (kind, selector, der) = match label {
                "CERTIFICATE" | "X509 CERTIFICATE" => {
                    ("certificate", CERT, X509::from_pem(block).and_then(|cert| cert.to_der()))
                }
                "PUBLIC KEY" => {
                    let key = PKey::public_key_from_pem(block);
                    ("public key", SPKI, key.and_then(|key| key.public_key_to_der()))
                }
                _ => continue,
            };
            match der {
                Ok(data) => {
                    for usage in [DANE_TA, DANE_EE] {
                        let data = data.clone();
                        self.records.insert(0, Tlsa { usage, selector, matching: FULL, data });
                    }
                }
                Err(stack) => {
                    complain(&stack);
                    log::warning!("error reading: {file}: malformed trust-anchor {kind}");
                    return false;
                }
            }
        }
        if objects == 0 {
            log::warning!("error reading: {file}: no certificates or public keys found");
        }
        objects > 0
    }

    /// Hands all records to the engine, and tells how many are usable; `None`: the library failed.
    pub fn load(&self, ssl: &mut SslRef, namaddr: &str) -> Option<usize> {
        let mut usable = 0;
        for record in &self.records {
            match sys::dane::add(ssl, record.usage, record.selector, record.matching, &record.data) {
                Ok(true) => usable += 1,
                Ok(false) => log::warning!("{namaddr}: unusable TLSA RR: {}", record.shown()),
                Err(stack) => {
                    log::warning!("{namaddr}: error loading trust settings: {}", record.shown());
                    complain(&stack);
                    return None;
                }
            }
        }
        Some(usable)
    }
}

/// Bytes from hexadecimal, which may have a colon after each pair.
fn bytes(text: &str) -> Option<Vec<u8>> {
    if text.len() > 3 * DIGEST_MAX {
        return None;
    }
    let mut rest = text.as_bytes();
    let mut all = Vec::new();
    while let [high, low, more @ ..] = rest {
        let digit = |c: &u8| char::from(*c).to_digit(16).and_then(|d| u8::try_from(d).ok());
        all.push(digit(high)? << 4 | digit(low)?);
        rest = match more {
            [b':', after @ ..] if !after.is_empty() => after,
            _ => more,
        };
    }
    rest.is_empty().then_some(all)
}

/// `tls_dane_digests`, strongest first, and the digest of fingerprints: tells the engine which matching types there are.
pub fn set_digests(ctx: &mut SslContextBuilder, list: &str, fingerprint: MessageDigest) {
    let parameter = "tls_dane_digests";
    let mut types: [Option<(MessageDigest, u8)>; 256] = [None; 256];
    let mut count: u8 = 0;
    for word in list.split(|c: char| c.is_ascii_whitespace() || c == ',').filter(|word| !word.is_empty()) {
        let (name, number) = match word.split_once('=') {
            Some((name, code)) => match code.parse::<u16>() {
                Ok(0 | 255) => {
                    log::warning!("Reserved matching type number in {parameter}: {word}");
                    continue;
                }
                Ok(number @ 1..255) => (name, Some(number)),
                _ => {
                    log::warning!("Invalid matching type number in {parameter}: {word}");
                    continue;
                }
            },
            None => (word, None),
        };
        if name.is_empty() {
            continue;
        }
        let lower = name.to_ascii_lowercase();
        let number = match (number, lower.as_str()) {
            (None | Some(1), "sha256") => 1,
            (None | Some(2), "sha512") => 2,
            (None, _) => {
                log::warning!("{parameter}: digest algorithm {name} needs an explicit number");
                continue;
            }
            (Some(own @ (1 | 2)), _) => {
                let only = if own == 1 { "sha256" } else { "sha512" };
                log::warning!("{parameter}: matching type {own} can only be {only}");
                continue;
            }
            (Some(number), _) => number,
        };
        let Some(slot) = types.get_mut(usize::from(number)) else { continue };
        if slot.is_some() {
            log::warning!("{parameter}: matching type {number} specified more than once");
            continue;
        }
        match MessageDigest::from_name(name) {
            Some(digest) => {
                count = count.saturating_add(1);
                *slot = Some((digest, count));
            }
            None => log::warning!("{parameter}: digest algorithm \"{name}\"({number}) unknown"),
        }
    }
    let numbers = (1..=254u8).filter(|n| *n <= 2 || types.get(usize::from(*n)).is_some_and(Option::is_some));
    for number in numbers.chain([FINGERPRINT]) {
        let known = types.get(usize::from(number)).copied().flatten();
        // The engine prefers high ranks, the list names the best first.
        let (digest, rank) = match known {
            _ if number == FINGERPRINT => (Some(fingerprint), count.saturating_add(1)),
            Some((digest, place)) => (Some(digest), count.saturating_sub(place).saturating_add(1)),
            None => (None, 0),
        };
        if let Err(stack) = sys::dane::set_digest(ctx, number, digest, rank) {
            log::warning!("{parameter}: error configuring matching type {number}");
            complain(&stack);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_with_and_without_colons() {
        assert_eq!(bytes("AB:cd:01"), Some(vec![0xab, 0xcd, 1]));
        assert_eq!(bytes("abcd01"), Some(vec![0xab, 0xcd, 1]));
        for bad in ["abc", "zz", "ab:c", "ab::cd", "ab:cd:"] {
            assert_eq!(bytes(bad), None, "{bad}");
        }
        let mut anchors = Anchors::default();
        anchors.add_fingerprints(["aa:bb", "junk"].into_iter());
        let shown: Vec<String> = anchors.records.iter().map(Tlsa::shown).collect();
        assert_eq!(shown, ["3 1 255 AABB", "3 0 255 AABB"]);
    }

    #[test]
    fn long_data_are_cut_in_the_middle() {
        assert_eq!(excerpt(&[]), "...");
        assert_eq!(excerpt(&[1, 2]), "0102");
        let long = excerpt(&[7; 65]);
        assert!(long.len() == 131 && long.contains("07...07"));
        assert_eq!(excerpt(&[7; 64]).len(), 128);
    }

    #[test]
    fn digests_have_ranks() {
        let mut ctx = SslContextBuilder::new(openssl::ssl::SslMethod::tls()).unwrap();
        sys::dane::enable(&mut ctx).unwrap();
        set_digests(&mut ctx, "sha512 sha256, sha1=3 md5 sha256=2 =7 x=300", MessageDigest::sha256());
        let mut ssl = openssl::ssl::Ssl::new(&ctx.build()).unwrap();
        sys::dane::begin(&mut ssl, false).unwrap();
        for (matching, length) in [(1, 32), (2, 64), (3, 20), (255, 32)] {
            assert_eq!(
                sys::dane::add(&mut ssl, 3, 1, matching, &vec![0; length]).ok(),
                Some(true),
                "{matching}"
            );
        }
        assert_eq!(sys::dane::add(&mut ssl, 3, 1, 4, &[0; 16]).ok(), Some(false));
    }
}
