//! What both sides' contexts have in common: certificates, authorities, key exchange, options.

use std::fs;
use std::path::Path;

use config::Config;
use config::params::*;
use openssl::dh::Dh;
use openssl::error::ErrorStack;
use openssl::pkey::{PKey, Private};
use openssl::ssl::{SslContextBuilder, SslFiletype, SslMethod, SslOptions};
use openssl::x509::X509;
use sys::openssl::Event;

use crate::ciphers::words;
use crate::loglevel::LogMask;
use crate::{TlsError, transport};

/// A context in the making; `role` is "server" or "client", for the log.
pub fn context(config: &Config, role: &str, mask: LogMask) -> Result<SslContextBuilder, TlsError> {
    if mask.verbose {
        log::info!("initializing the {role}-side TLS engine");
    }
    let mut ctx = SslContextBuilder::new(SslMethod::tls()).map_err(|stack| {
        log::warning!("cannot allocate {role} SSL_CTX: disabling TLS support");
        complain(&stack)
    })?;
    // compat: opportunistic TLS takes what the peer has; the system's stricter level would mean plaintext instead
    ctx.set_security_level(0);
    ctx.set_options(options(config));
    if mask.debug {
        sys::openssl::set_info(&mut ctx, trace);
    }
    Ok(ctx)
}

/// Logs the library's errors.
pub fn complain(stack: &ErrorStack) -> TlsError {
    for line in transport::problems(stack) {
        log::warning!("{line}");
    }
    TlsError::Unavailable
}

fn trace(event: Event<'_>) {
    match event {
        Event::Step(who, state) => log::info!("{who}:{state}"),
        Event::Alert(way, severity, what) => log::info!("SSL3 alert {way}:{severity}:{what}"),
        Event::Stopped(who, state, false) => log::info!("{who}:failed in {state}"),
        Event::Stopped(who, state, true) => log::info!("{who}:error in {state}"),
    }
}

/// OpenSSL options that `tls_ssl_options` names, and what of `SSL_OP_ALL` `tls_disable_workarounds` names.
const OPTION_NAMES: [(&str, u64); 17] = [
    ("LEGACY_SERVER_CONNECT", 1 << 2),
    ("ENABLE_KTLS", 1 << 3),
    ("TLSEXT_PADDING", 1 << 4),
    ("SAFARI_ECDHE_ECDSA_BUG", 1 << 6),
    ("IGNORE_UNEXPECTED_EOF", 1 << 7),
    ("ALLOW_CLIENT_RENEGOTIATION", 1 << 8),
    ("DONT_INSERT_EMPTY_FRAGMENTS", 1 << 11),
    ("NO_TICKET", 1 << 14),
    ("NO_SESSION_RESUMPTION_ON_RENEGOTIATION", 1 << 16),
    ("NO_COMPRESSION", 1 << 17),
    ("NO_ENCRYPT_THEN_MAC", 1 << 19),
    ("ENABLE_MIDDLEBOX_COMPAT", 1 << 20),
    ("PRIORITIZE_CHACHA", 1 << 21),
    ("NO_ANTI_REPLAY", 1 << 24),
    ("NO_RENEGOTIATION", 1 << 30),
    ("CRYPTOPRO_TLSEXT_BUG", 1 << 31),
    ("TLS_ROLLBACK_BUG", 1 << 23),
];

fn named_options(parameter: &str, value: &str) -> SslOptions {
    let mut bits = 0;
    for word in words(value) {
        let hex = word.strip_prefix("0x").or_else(|| word.strip_prefix("0X"));
        match hex.and_then(|h| u64::from_str_radix(h, 16).ok()) {
            Some(number) => bits |= number,
            None => match OPTION_NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(word)) {
                Some((_, bit)) => bits |= bit,
                None => log::warning!("unknown {parameter} value \"{word}\" in \"{value}\""),
            },
        }
    }
    SslOptions::from_bits_retain(bits)
}

fn options(config: &Config) -> SslOptions {
    let mut all = SslOptions::ALL;
    all &= !named_options("tls_disable_workarounds", config.get(TLS_DISABLE_WORKAROUNDS));
    let managed = SslOptions::CIPHER_SERVER_PREFERENCE
        | SslOptions::NO_SSLV3
        | SslOptions::NO_TLSV1
        | SslOptions::NO_TLSV1_1
        | SslOptions::NO_TLSV1_2
        | SslOptions::NO_TLSV1_3;
    all |= named_options("tls_ssl_options", config.get(TLS_SSL_OPTIONS)) & !managed;
    // SMTP marks its own ends: a connection that just closes truncates nothing.
    all | SslOptions::from_bits_retain((1 << 7) | (1 << 24))
}

/// `CAfile`, `CApath` and, where asked for, the system's authorities.
pub fn authorities(
    ctx: &mut SslContextBuilder,
    config: &Config,
    file: &str,
    path: &str,
) -> Result<(), TlsError> {
    if !file.is_empty() || !path.is_empty() {
        let given = |name: &str| (!name.is_empty()).then(|| Path::new(name).to_owned());
        ctx.load_verify_locations(given(file).as_deref(), given(path).as_deref()).map_err(|stack| {
            log::warning!(
                "cannot load Certification Authority data, CAfile=\"{file}\", CApath=\"{path}\": disabling TLS support"
            );
            complain(&stack)
        })?;
        if !config.get(TLS_APPEND_DEFAULT_CA) {
            return Ok(());
        }
        ctx.set_default_verify_paths().map_err(|stack| {
            log::warning!(
                "cannot set default Certification Authority file and directory: disabling TLS support"
            );
            complain(&stack)
        })?;
    }
    Ok(())
}

/// Our own certificates, as one set of parameters names them.
pub struct CertificateFiles<'a> {
    pub chain_files: &'a str,
    /// Certificate and key file by algorithm.
    pub pairs: [(&'static str, &'a str, &'a str); 3],
}

impl CertificateFiles<'_> {
    /// Whether any certificate is configured.
    pub fn any(&self) -> bool {
        words_of_files(self.chain_files).next().is_some()
            || self.pairs.iter().any(|(_, cert, _)| !cert.is_empty() && !is_none(cert))
    }

    /// Whether `none` says that there shall be none.
    pub fn none(&self) -> bool {
        self.pairs.iter().any(|(_, cert, _)| is_none(cert))
    }

    /// Loads them all into the context.
    pub fn load(&self, ctx: &mut SslContextBuilder) -> Result<(), TlsError> {
        let mut chains = words_of_files(self.chain_files).peekable();
        if chains.peek().is_some() {
            return chain_files(ctx, chains);
        }
        for (kind, cert, key) in self.pairs {
            if !cert.is_empty() && !is_none(cert) {
                pair(ctx, kind, cert, key)?;
            }
        }
        Ok(())
    }
}

fn is_none(file: &str) -> bool {
    file.eq_ignore_ascii_case("none")
}

fn words_of_files(list: &str) -> impl Iterator<Item = &str> {
    list.split(|c: char| c.is_ascii_whitespace() || c == ',').filter(|word| !word.is_empty())
}

fn pair(ctx: &mut SslContextBuilder, kind: &str, cert: &str, key: &str) -> Result<(), TlsError> {
    ctx.set_certificate_chain_file(cert).map_err(|stack| {
        log::warning!("cannot get {kind} certificate from file \"{cert}\": disabling TLS support");
        complain(&stack)
    })?;
    ctx.set_private_key_file(key, SslFiletype::PEM).map_err(|stack| {
        log::warning!("cannot get {kind} private key from file \"{key}\": disabling TLS support");
        complain(&stack)
    })?;
    ctx.check_private_key().map_err(|stack| {
        log::warning!(
            "{kind} private key in {key} does not match public key in {cert}: disabling TLS support"
        );
        complain(&stack)
    })
}

/// Files with one or more keys, each before its certificate and the certificates that vouch for it: read as if they were
/// one file, so that a key may stand in a file of its own.
fn chain_files<'a>(
    ctx: &mut SslContextBuilder,
    files: impl Iterator<Item = &'a str>,
) -> Result<(), TlsError> {
    let mut pem = Vec::new();
    let mut last = "";
    for file in files {
        last = file;
        let content = fs::read(file).map_err(|err| {
            log::warning!("error opening chain file: {file}: {}", sys::errno_text(&err));
            TlsError::Unavailable
        })?;
        pem.extend_from_slice(&content);
        pem.push(b'\n');
    }
    let file = last;
    let chains = chains(&pem).map_err(|why| {
        log::warning!("error loading chain from {file}: {why}");
        TlsError::Unavailable
    })?;
    for (key, certs) in chains {
        let mut certs = certs.into_iter();
        let Some(leaf) = certs.next() else { continue };
        sys::openssl::use_certificate(ctx, &leaf, &key, certs.collect()).map_err(|stack| {
            log::warning!("error loading certificate and private key from {file}");
            complain(&stack)
        })?;
    }
    Ok(())
}

type Chain = (PKey<Private>, Vec<X509>);

fn chains(pem: &[u8]) -> Result<Vec<Chain>, String> {
    let mut all: Vec<Chain> = Vec::new();
    for (label, block) in pem_blocks(pem) {
        if label.ends_with("PRIVATE KEY") {
            if all.last().is_some_and(|(_, certs)| certs.is_empty()) {
                return Err("key without a certificate after it".to_owned());
            }
            let key = PKey::private_key_from_pem(block).map_err(|_| format!("error decoding {label}"))?;
            all.push((key, Vec::new()));
        } else if matches!(label, "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE") {
            let cert = X509::from_pem(block).map_err(|_| format!("error decoding {label}"))?;
            match all.last_mut() {
                Some((_, certs)) => certs.push(cert),
                None => return Err("certificate without a key before it".to_owned()),
            }
        }
        // Parameters and the like are skipped.
    }
    match all.last() {
        None => Err("no keys and certificates found".to_owned()),
        Some((_, certs)) if certs.is_empty() => Err("key without a certificate after it".to_owned()),
        Some(_) => Ok(all),
    }
}

/// Each PEM object with its label.
pub(crate) fn pem_blocks(pem: &[u8]) -> impl Iterator<Item = (&str, &[u8])> {
    let mut rest = pem;
    std::iter::from_fn(move || {
        const BEGIN: &[u8] = b"-----BEGIN ";
        const END: &[u8] = b"-----END ";
        let at = bstr::ByteSlice::find(rest, BEGIN)?;
        let block = rest.get(at..)?;
        let label = block.get(BEGIN.len()..)?;
        let label = std::str::from_utf8(label.get(..bstr::ByteSlice::find(label, b"-----")?)?).ok()?;
        let end = bstr::ByteSlice::find(block, END)?;
        let tail = block.get(end..)?;
        let length = end + tail.iter().position(|&b| b == b'\n').map_or(tail.len(), |n| n + 1);
        rest = block.get(length..)?;
        Some((label, block.get(..length)?))
    })
}

/// Key exchange groups: `*_eecdh_grade` with `tls_eecdh_*` and `tls_ffdhe_auto_groups`.
pub fn groups(ctx: &mut SslContextBuilder, config: &Config, grade: &str) -> Result<(), TlsError> {
    let curves = match grade.to_ascii_lowercase().as_str() {
        "" | "none" => return Ok(()),
        "auto" => config.get(TLS_EECDH_AUTO_CURVES),
        "strong" => config.get(TLS_EECDH_STRONG_CURVE),
        "ultra" => config.get(TLS_EECDH_ULTRA_CURVE),
        _ => {
            log::warning!("Invalid TLS eecdh grade \"{grade}\": EECDH disabled");
            return Ok(());
        }
    };
    let finite = config.get(TLS_FFDHE_AUTO_GROUPS);
    let whole = [curves, finite].map(|list| words(list).collect::<Vec<_>>().join(":")).join(":");
    let whole = whole.trim_matches(':');
    if whole.is_empty() || ctx.set_groups_list(whole).is_ok() {
        return Ok(());
    }
    // Before 3.5 the library knows neither `DEFAULT`, nor `?` for "if known", nor the newest names.
    let mut usable = Vec::new();
    for name in words(curves).chain(words(finite)) {
        if name.eq_ignore_ascii_case("DEFAULT") {
            usable.extend([
                "X25519",
                "prime256v1",
                "X448",
                "secp521r1",
                "secp384r1",
                "ffdhe2048",
                "ffdhe3072",
            ]);
        } else if let Some(name) = known_group(name) {
            usable.push(name);
        }
    }
    if usable.is_empty() || ctx.set_groups_list(&usable.join(":")).is_err() {
        log::warning!("failed to set up TLS key exchange groups \"{whole}\": disabling TLS support");
        return Err(TlsError::Unavailable);
    }
    Ok(())
}

fn known_group(name: &str) -> Option<&str> {
    let name = name.trim_start_matches(['?', '*', '-']);
    let mut scratch = SslContextBuilder::new(SslMethod::tls()).ok()?;
    scratch.set_groups_list(name).ok().map(|()| name)
}

/// Finite-field Diffie-Hellman parameters: from the file, or to fit the certificate.
pub fn diffie_hellman(ctx: &mut SslContextBuilder, file: &str) {
    if !file.is_empty() && !file.eq_ignore_ascii_case("auto") {
        match fs::read(file).map_err(|err| sys::errno_text(&err)).map(|pem| Dh::params_from_pem(&pem)) {
            Ok(Ok(dh)) if ctx.set_tmp_dh(&dh).is_ok() => return,
            Ok(_) => {
                log::warning!("cannot load DH parameters from file {file} -- using compiled-in defaults")
            }
            Err(why) => log::warning!(
                "cannot load DH parameters from file {file}: {why} -- using compiled-in defaults"
            ),
        }
    }
    sys::openssl::set_dh_auto(ctx);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_groups_are_usable_with_any_library() {
        let config = Config::from_pairs(&[]);
        let mut ctx = SslContextBuilder::new(SslMethod::tls()).unwrap();
        assert_eq!(groups(&mut ctx, &config, "auto"), Ok(()));
        let odd = Config::from_pairs(&[("tls_eecdh_auto_curves", "nonsense")]);
        assert_eq!(groups(&mut ctx, &odd, "auto"), Err(TlsError::Unavailable));
    }

    #[test]
    fn pem_objects_come_apart() {
        let text =
            b"junk\n-----BEGIN A B-----\nx\n-----END A B-----\n\n-----BEGIN C-----\ny\n-----END C-----";
        let labels: Vec<_> = pem_blocks(text).map(|(label, block)| (label, block.len())).collect();
        assert_eq!(labels, [("A B", 40), ("C", 35)]);
        assert_eq!(pem_blocks(b"-----BEGIN ").count(), 0);
        assert_eq!(pem_blocks(b"-----BEGIN X-----\nno end").count(), 0);
    }

    #[test]
    fn options_by_name() {
        let config = Config::from_pairs(&[("tls_ssl_options", "NO_TICKET, 0x20000")]);
        assert!(options(&config).contains(SslOptions::NO_TICKET | SslOptions::NO_COMPRESSION));
        assert!(!options(&Config::from_pairs(&[])).contains(SslOptions::NO_TICKET));
    }
}
