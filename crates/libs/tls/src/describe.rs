//! What OpenSSL says of a finished handshake, as a [`Summary`].

use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{Id, PKey, Public};
use openssl::ssl::{SslRef, SslVersion};
use openssl::x509::{X509NameRef, X509Ref, X509VerifyResult};

use crate::summary::Signature;
use crate::{Summary, Trust};

/// Names this long, in bytes of UTF-8, are not taken from a certificate.
const NAME_MAX: usize = 256;

/// Describes the connection to `namaddr`; certificates' fingerprints are by `digest`. Odd names in them are warned of.
pub fn describe(ssl: &SslRef, digest: MessageDigest, asked_certificate: bool, namaddr: &str) -> Summary {
    let peer = ssl.peer_certificate();
    let cipher = ssl.current_cipher();
    let bits = cipher.map_or((0, 0), |c| {
        let bits = c.bits();
        (u32::try_from(bits.secret).unwrap_or(0), u32::try_from(bits.algorithm).unwrap_or(0))
    });
    let newest = ssl.version2() == Some(SslVersion::TLS1_3);
    // A resumed session has no signatures of its own.
    let signed = newest && !ssl.session_reused();
    let own = signed.then(|| own_signature(ssl)).flatten();
    let peer_key = match &peer {
        Some(cert) => cert.public_key().ok(),
        None => sys::dane::peer_raw_key(ssl),
    };
    let trust = match &peer_key {
        None => Trust::Anonymous,
        Some(_) if ssl.verify_result() == X509VerifyResult::OK => Trust::Trusted,
        Some(_) => Trust::Untrusted,
    };
    let others = peer_key.as_ref().filter(|_| signed);
    let others = others.map(|key| signature(key, sys::openssl::peer_signature_digest(ssl)));
    let (mut server_signature, mut client_signature) =
        if ssl.is_server() { (own, others) } else { (others, own) };
    let (server_raw, client_raw) = sys::rawkey::agreed(ssl);
    server_signature.iter_mut().for_each(|signature| signature.raw_key = server_raw);
    client_signature.iter_mut().for_each(|signature| signature.raw_key = client_raw);
    Summary {
        trust,
        resumed: ssl.session_reused(),
        protocol: ssl.version_str().to_owned(),
        cipher: cipher.map_or("(NONE)", |c| c.name()).to_owned(),
        bits,
        key_exchange: newest.then(|| key_exchange(ssl)).flatten(),
        server_signature,
        client_signature,
        peer_name: peer.as_ref().map(|cert| peer_name(cert.subject_name(), namaddr)),
        issuer_name: peer.as_ref().map(|cert| issuer_name(cert.issuer_name(), namaddr)),
        peer_raw_key: peer.is_none() && peer_key.is_some(),
        certificate_fingerprint: peer
            .as_ref()
            .map_or_else(String::new, |cert| certificate_fingerprint(cert, digest)),
        key_fingerprint: match (&peer, &peer_key) {
            (Some(cert), _) => key_fingerprint(cert, digest),
            (None, Some(key)) => raw_key_fingerprint(key, digest),
            (None, None) => String::new(),
        },
        server_name: None,
        asked_certificate,
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
        Id::RSA => Signature {
            name: "RSA-PSS".to_owned(),
            curve: None,
            bits: Some(key.bits()),
            digest,
            raw_key: false,
        },
        Id::EC => Signature {
            name: "ECDSA".to_owned(),
            curve: sys::openssl::key_group(key),
            bits: None,
            digest,
            raw_key: false,
        },
        _ => Signature {
            name: sys::openssl::key_type(key).to_owned(),
            curve: None,
            bits: None,
            digest,
            raw_key: false,
        },
    }
}

/// The subject's common name; empty if there is none, or none that could be shown.
pub fn peer_name(name: &X509NameRef, namaddr: &str) -> String {
    entry(name, Nid::COMMONNAME, "subject CN", namaddr).unwrap_or_default()
}

/// The issuer's common name, or its organisation's.
pub fn issuer_name(name: &X509NameRef, namaddr: &str) -> String {
    entry(name, Nid::COMMONNAME, "issuer CN", namaddr)
        .or_else(|| entry(name, Nid::ORGANIZATIONNAME, "issuer Organization", namaddr))
        .unwrap_or_default()
}

/// The first entry of that kind. Names that would fool a reader (or a program in C) are not taken.
fn entry(name: &X509NameRef, nid: Nid, label: &str, namaddr: &str) -> Option<String> {
    let entry = name.entries_by_nid(nid).next()?;
    let Ok(text) = entry.data().to_string() else {
        log::warning!("tls_text_name: {namaddr}: error decoding peer {label}");
        return None;
    };
    let text = text.trim_end_matches('\0');
    let fault = if text.len() >= NAME_MAX {
        format!("peer {label} too long: {}", text.len())
    } else if text.contains('\0') {
        format!("NULL character in peer {label}")
    } else if text.contains(|c: char| c.is_ascii() && c.is_ascii_control()) {
        format!("non-printable content in peer {label}")
    } else {
        return Some(text.to_owned());
    };
    log::warning!("tls_text_name: {namaddr}: {fault}");
    None
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

fn raw_key_fingerprint(key: &PKey<Public>, digest: MessageDigest) -> String {
    let der = key.public_key_to_der().and_then(|der| openssl::hash::hash(digest, &der));
    der.map_or_else(|_| String::new(), |bytes| colons(&bytes))
}

pub fn colons(bytes: &[u8]) -> String {
    let pairs: Vec<String> = bytes.iter().map(|b| format!("{b:02X}")).collect();
    pairs.join(":")
}

/// Plain hexadecimal, for cache keys.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02X}")).collect()
}
