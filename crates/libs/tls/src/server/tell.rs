//! The log lines about a finished handshake.

use openssl::ssl::SslRef;
use openssl::x509::X509VerifyResult;

use crate::loglevel::LogMask;
use crate::verify::Watch;
use crate::{Direction, Summary};

/// Logs what `smtpd_tls_loglevel` wants. `demanded`: the client's certificate matters, so that its faults are told in any case.
pub fn tell(ssl: &SslRef, summary: &Summary, namaddr: &str, mask: LogMask, demanded: bool, watch: &Watch) {
    if mask.cache && summary.resumed {
        log::info!("{namaddr}: Reusing old session");
    }
    if let (Some(cert), true) = (ssl.peer_certificate(), mask.verbose) {
        log::info!("subject={}", sys::dane::one_line(cert.subject_name()));
        log::info!("issuer={}", sys::dane::one_line(cert.issuer_name()));
    }
    let tells_peer = mask.verbose || mask.peer_certificate;
    if let (Some(peer), true) = (&summary.peer_name, tells_peer) {
        let part = |label: &str, text: &str| {
            if text.is_empty() { String::new() } else { format!(", {label} fingerprint={text}") }
        };
        log::info!(
            "{namaddr}: subject_CN={peer}, issuer={}{}{}",
            summary.issuer_name.as_deref().unwrap_or_default(),
            part("cert", &summary.certificate_fingerprint),
            part("pkey", &summary.key_fingerprint)
        );
    }
    if summary.peer_raw_key && tells_peer {
        log::info!("{namaddr}: raw public key fingerprint={}", summary.key_fingerprint);
    }
    let is_present = summary.peer_name.is_some() || summary.peer_raw_key;
    if is_present && ssl.verify_result() != X509VerifyResult::OK && (mask.untrusted || demanded) {
        if !summary.resumed {
            watch.tell(None);
        } else {
            let what = if summary.peer_raw_key { "peer credential" } else { "certificate" };
            log::info!(
                "{namaddr}: re-using session with untrusted {what}, look for details earlier in the log"
            );
        }
    }
    if mask.summary {
        log::info!("{}", summary.log_line(Direction::From, namaddr, false));
    }
}
