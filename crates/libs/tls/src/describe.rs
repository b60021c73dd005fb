//! What OpenSSL says of a finished handshake, as a [`Summary`].

use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{Id, PKey, Public};
use openssl::ssl::{SslRef, SslVersion};
use openssl::x509::{X509NameRef, X509Ref, X509VerifyResult};

use crate::loglevel::LogMask;
use crate::summary::Signature;
use crate::{Direction, Summary, Trust};

/// Names longer than this are cut off in the log.
const NAME_MAX: usize = 256;

/// Describes the connection; certificates' fingerprints are by `digest`.
pub fn describe(ssl: &SslRef, digest: MessageDigest, asked_certificate: bool) -> Summary {
    let peer = ssl.peer_certificate();
    let trust = match &peer {
        None => Trust::Anonymous,
        Some(_) if ssl.verify_result() == X509VerifyResult::OK => Trust::Trusted,
        Some(_) => Trust::Untrusted,
    };
    let cipher = ssl.current_cipher();
    let bits = cipher.map_or((0, 0), |c| {
        let bits = c.bits();
        (u32::try_from(bits.secret).unwrap_or(0), u32::try_from(bits.algorithm).unwrap_or(0))
    });
    let newest = ssl.version2() == Some(SslVersion::TLS1_3);
    // A resumed session has no signatures of its own.
    let signed = newest && !ssl.session_reused();
    let own = signed.then(|| own_signature(ssl)).flatten();
    let others = peer.as_ref().filter(|_| signed).and_then(|cert| {
        let key = cert.public_key().ok()?;
        Some(signature(&key, sys::openssl::peer_signature_digest(ssl)))
    });
    let (server_signature, client_signature) = if ssl.is_server() { (own, others) } else { (others, own) };
    Summary {
        trust,
        resumed: ssl.session_reused(),
        protocol: ssl.version_str().to_owned(),
        cipher: cipher.map_or("(NONE)", |c| c.name()).to_owned(),
        bits,
        key_exchange: newest.then(|| key_exchange(ssl)).flatten(),
        server_signature,
        client_signature,
        peer_name: peer.as_ref().map(|cert| common_name(cert.subject_name(), false)),
        issuer_name: peer.as_ref().map(|cert| common_name(cert.issuer_name(), true)),
        certificate_fingerprint: peer
            .as_ref()
            .map_or_else(String::new, |cert| certificate_fingerprint(cert, digest)),
        key_fingerprint: peer.as_ref().map_or_else(String::new, |cert| key_fingerprint(cert, digest)),
        server_name: None,
        asked_certificate,
    }
}

/// Logs of a finished handshake what `*_tls_loglevel` wants. `demanded`: the peer's certificate matters, so that its faults are
/// told in any case.
pub fn tell(
    ssl: &SslRef,
    summary: &Summary,
    direction: Direction,
    namaddr: &str,
    mask: LogMask,
    demanded: bool,
) {
    if mask.cache && summary.resumed {
        log::info!("{namaddr}: Reusing old session");
    }
    let result = ssl.verify_result();
    if summary.peer_name.is_some() && result != X509VerifyResult::OK && (mask.untrusted || demanded) {
        if summary.resumed {
            log::info!(
                "{namaddr}: re-using session with untrusted certificate, look for details earlier in the log"
            );
        } else {
            log::info!("certificate verification failed for {namaddr}: {}", result.error_string());
        }
    }
    if let (Some(peer), true) = (&summary.peer_name, mask.verbose || mask.peer_certificate) {
        log::info!(
            "{namaddr}: subject_CN={peer}, {}={}, fingerprint={}, pkey_fingerprint={}",
            if direction == Direction::To { "issuer_CN" } else { "issuer" },
            summary.issuer_name.as_deref().unwrap_or_default(),
            summary.certificate_fingerprint,
            summary.key_fingerprint
        );
    }
    if mask.summary {
        log::info!("{}", summary.log_line(direction, namaddr, false));
    }
}

fn key_exchange(ssl: &SslRef) -> Option<(String, Option<String>, Option<u32>)> {
    if let Some(group) = sys::openssl::group_name(ssl) {
        return Some((group.to_owned(), None, None));
    }
    let key = ssl.peer_tmp_key().ok()?;
    Some(match key.id() {
        Id::DH => ("DHE".to_owned(), None, Some(key.bits())),
        Id::EC => ("ECDHE".to_owned(), sys::openssl::key_group(&key), None),
        _ => (sys::openssl::key_type(&key).to_owned(), None, None),
    })
}

/// A client may have a certificate that it was not asked for: then there is no digest.
fn own_signature(ssl: &SslRef) -> Option<Signature> {
    let digest = sys::openssl::own_signature_digest(ssl);
    if !ssl.is_server() && digest.is_none() {
        return None;
    }
    let key = ssl.certificate()?.public_key().ok()?;
    Some(signature(&key, digest))
}

fn signature(key: &PKey<Public>, digest: Option<Nid>) -> Signature {
    let digest = digest.and_then(|nid| nid.short_name().ok()).map(str::to_owned);
    match key.id() {
        // TLS 1.3 demands PSS.
        Id::RSA => Signature { name: "RSA-PSS".to_owned(), curve: None, bits: Some(key.bits()), digest },
        Id::EC => {
            Signature { name: "ECDSA".to_owned(), curve: sys::openssl::key_group(key), bits: None, digest }
        }
        _ => Signature { name: sys::openssl::key_type(key).to_owned(), curve: None, bits: None, digest },
    }
}

/// The common name, or for an issuer without one the organisation's; unprintable characters become "?".
pub fn common_name(name: &X509NameRef, issuer: bool) -> String {
    let first = |nid| name.entries_by_nid(nid).next();
    let entry = first(Nid::COMMONNAME).or_else(|| if issuer { first(Nid::ORGANIZATIONNAME) } else { None });
    let text = entry.and_then(|entry| entry.data().to_string().ok()).unwrap_or_default();
    text.chars().take(NAME_MAX).map(|c| if c.is_control() { '?' } else { c }).collect()
}

pub fn certificate_fingerprint(cert: &X509Ref, digest: MessageDigest) -> String {
    cert.digest(digest).map_or_else(|_| String::new(), |bytes| colons(&bytes))
}

/// Over the public key as the certificate encodes it.
pub fn key_fingerprint(cert: &X509Ref, digest: MessageDigest) -> String {
    let der = sys::openssl::public_key_der(cert);
    der.and_then(|der| openssl::hash::hash(digest, &der).ok())
        .map_or_else(String::new, |bytes| colons(&bytes))
}

pub fn colons(bytes: &[u8]) -> String {
    let pairs: Vec<String> = bytes.iter().map(|b| format!("{b:02X}")).collect();
    pairs.join(":")
}

/// Plain hexadecimal, for cache keys.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02X}")).collect()
}
