//! What both sides' contexts have in common: certificates, authorities, key exchange, options.

use std::fs;
use std::path::Path;

use config::Config;
use config::params::*;
use openssl::dh::Dh;
use openssl::error::ErrorStack;
use openssl::ssl::{SslContextBuilder, SslMethod, SslOptions};
use sys::openssl::Event;
use sys::openssl_init::Configuration;

use crate::loglevel::LogMask;
use crate::{TlsError, transport};

/// A context in the making; `role` is "server" or "client", for the log.
pub fn context(config: &Config, role: &str, mask: LogMask) -> Result<SslContextBuilder, TlsError> {
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

/// Starts the library as `tls_config_file` and `tls_config_name` say.
pub fn start_library(config: &Config) -> Result<(), TlsError> {
    let (file, section) = (config.get(TLS_CONFIG_FILE), config.get(TLS_CONFIG_NAME));
    let configuration = match file {
        "default" if section.is_empty() => return Ok(()),
        "default" => Configuration::Default,
        "none" => Configuration::None,
        path if path.starts_with('/') => Configuration::File(path),
        other => {
            log::warning!(
                "non-default tls_config_file = {other} is not an absolute pathname, disabling TLS support"
            );
            return Err(TlsError::Unavailable);
        }
    };
    sys::openssl_init::start(configuration, section).map_err(|stack| {
        if configuration == Configuration::None {
            log::warning!("error initializing the OpenSSL library, disabling TLS support");
        } else {
            let section = if section.is_empty() { "global" } else { section };
            log::warning!(
                "error loading the '{section}' settings from the {file} OpenSSL configuration file, disabling TLS support"
            );
        }
        complain(&stack)
    })
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

/// What `tls_ssl_options` may switch on.
const OPTION_NAMES: [(&str, u64); 7] = [
    ("LEGACY_SERVER_CONNECT", 1 << 2),
    ("NO_TICKET", 1 << 14),
    ("NO_COMPRESSION", 1 << 17),
    ("NO_RENEGOTIATION", 1 << 30),
    ("NO_SESSION_RESUMPTION_ON_RENEGOTIATION", 1 << 16),
    ("PRIORITIZE_CHACHA", 1 << 21),
    ("ENABLE_MIDDLEBOX_COMPAT", 1 << 20),
];

/// What `tls_disable_workarounds` may switch off; the library has forgotten most of them.
const WORKAROUND_NAMES: [(&str, u64); 16] = [
    ("MICROSOFT_SESS_ID_BUG", 0),
    ("NETSCAPE_CHALLENGE_BUG", 0),
    ("LEGACY_SERVER_CONNECT", 1 << 2),
    ("NETSCAPE_REUSE_CIPHER_CHANGE_BUG", 0),
    ("CVE-2010-4180", 0),
    ("SSLREF2_REUSE_CERT_TYPE_BUG", 0),
    ("MICROSOFT_BIG_SSLV3_BUFFER", 0),
    ("MSIE_SSLV2_RSA_PADDING", 0),
    ("CVE-2005-2969", 0),
    ("SSLEAY_080_CLIENT_DH_BUG", 0),
    ("TLS_D5_BUG", 0),
    ("TLS_BLOCK_PADDING_BUG", 0),
    ("TLS_ROLLBACK_BUG", 1 << 23),
    ("DONT_INSERT_EMPTY_FRAGMENTS", 1 << 11),
    ("CRYPTOPRO_TLSEXT_BUG", 1 << 31),
    ("TLSEXT_PADDING", 1 << 4),
];

const NO_RENEGOTIATION: u64 = 1 << 30;
const IGNORE_UNEXPECTED_EOF: u64 = 1 << 7;
const NO_ANTI_REPLAY: u64 = 1 << 24;

fn named_options(parameter: &str, value: &str, names: &[(&str, u64)]) -> SslOptions {
    let mut bits = 0;
    for word in value.split([' ', '\t', '\r', '\n', ',']).filter(|word| !word.is_empty()) {
        let hex = word.strip_prefix("0x").or_else(|| word.strip_prefix("0X"));
        match hex.and_then(|h| u64::from_str_radix(h, 16).ok()) {
            Some(number) => bits |= number,
            None => match names.iter().find(|(name, _)| name.eq_ignore_ascii_case(word)) {
                Some((_, bit)) => bits |= bit,
                None => log::warning!("unknown {parameter} value \"{word}\" in \"{value}\""),
            },
        }
    }
    SslOptions::from_bits_retain(bits)
}

fn options(config: &Config) -> SslOptions {
    let mut all = SslOptions::ALL;
    all &= !named_options("tls_disable_workarounds", config.get(TLS_DISABLE_WORKAROUNDS), &WORKAROUND_NAMES);
    let managed = SslOptions::CIPHER_SERVER_PREFERENCE
        | SslOptions::NO_SSLV3
        | SslOptions::NO_TLSV1
        | SslOptions::NO_TLSV1_1
        | SslOptions::NO_TLSV1_2
        | SslOptions::NO_TLSV1_3;
    all |= named_options("tls_ssl_options", config.get(TLS_SSL_OPTIONS), &OPTION_NAMES) & !managed;
    // SMTP marks its own ends: a connection that just closes truncates nothing. And nobody needs to negotiate twice.
    all | SslOptions::from_bits_retain(IGNORE_UNEXPECTED_EOF | NO_ANTI_REPLAY | NO_RENEGOTIATION)
}

/// `CAfile`, `CApath` and, where asked for, the system's authorities.
pub fn authorities(
    ctx: &mut SslContextBuilder,
    config: &Config,
    file: &str,
    path: &str,
) -> Result<(), TlsError> {
    if file.is_empty() && path.is_empty() {
        return Ok(());
    }
    let given = |name: &str| (!name.is_empty()).then(|| Path::new(name).to_owned());
    ctx.load_verify_locations(given(file).as_deref(), given(path).as_deref()).map_err(|stack| {
        let both = [("CAfile", file), ("CApath", path)];
        let named = both.iter().filter(|(_, name)| !name.is_empty());
        let named: Vec<String> = named.map(|(what, name)| format!("{what}=\"{name}\"")).collect();
        log::info!("cannot load Certification Authority data, {}: disabling TLS support", named.join(", "));
        complain(&stack)
    })?;
    if config.get(TLS_APPEND_DEFAULT_CA) {
        ctx.set_default_verify_paths().map_err(|stack| {
            log::info!("cannot set default OpenSSL certificate verification paths: disabling TLS support");
            complain(&stack)
        })?;
    }
    Ok(())
}

/// The parameters' defaults, in the words of OpenSSL 3.5.
const DEFAULT_GROUPS: &str = "?X25519MLKEM768:DEFAULT";
/// And what they mean for a library that knows neither `?` nor `DEFAULT`.
const OLDER_DEFAULT_GROUPS: &str = "X25519:X448:prime256v1:secp521r1:secp384r1:ffdhe2048:ffdhe3072";

/// Key exchange groups: `tls_eecdh_auto_curves` with `tls_ffdhe_auto_groups`. A list without any known group is replaced by
/// the default: the choice is about speed, every group on offer is strong.
pub fn groups(ctx: &mut SslContextBuilder, config: &Config) {
    let configured = [config.get(TLS_EECDH_AUTO_CURVES), config.get(TLS_FFDHE_AUTO_GROUPS)].join(" ");
    // Both empty: whatever the library's own configuration says.
    if group_words(&configured).next().is_none() {
        return;
    }
    for (origin, list) in [("configured", configured.as_str()), ("Postfix default", DEFAULT_GROUPS)] {
        let usable: Vec<&str> = group_words(list).filter_map(known_group).collect();
        if usable.is_empty() {
            log::warning!("none of the {origin} key exchange groups are supported");
        } else if let Err(stack) = ctx.set_groups_list(&usable.join(":")) {
            log::warning!("failed to set up the {origin} key exchange groups");
            complain(&stack);
            break;
        } else {
            return;
        }
        if list.trim() == DEFAULT_GROUPS {
            break;
        }
        log::warning!("using Postfix default key exchange groups instead");
    }
    log::warning!("using OpenSSL default key exchange groups instead");
}

fn group_words(list: &str) -> impl Iterator<Item = &str> {
    list.split(|c: char| c.is_ascii_whitespace() || c == ',').filter(|word| !word.is_empty())
}

/// The word itself, if the library understands it; what it does not know (yet) is left out silently.
fn known_group(word: &str) -> Option<&str> {
    let understood = |word: &str| {
        let scratch = SslContextBuilder::new(SslMethod::tls());
        scratch.is_ok_and(|mut scratch| scratch.set_groups_list(word).is_ok())
    };
    if understood(word) { Some(word) } else { (word == DEFAULT_GROUPS).then_some(OLDER_DEFAULT_GROUPS) }
}

/// Finite-field Diffie-Hellman parameters: from the file, or to fit the certificate.
pub fn diffie_hellman(ctx: &mut SslContextBuilder, file: &str) {
    if !file.is_empty() && !file.eq_ignore_ascii_case("auto") {
        let dh = match fs::read(file) {
            Ok(pem) => Dh::params_from_pem(&pem).map_err(|_| {
                log::warning!(
                    "error decoding DH parameters from file \"{file}\" -- using compiled-in defaults"
                );
            }),
            Err(err) => {
                let why = sys::errno_text(&err);
                log::warning!(
                    "error opening DH parameter file \"{file}\": {why} -- using compiled-in defaults"
                );
                Err(())
            }
        };
        match dh.map(|dh| ctx.set_tmp_dh(&dh)) {
            Ok(Ok(())) => return,
            Ok(Err(stack)) => {
                log::warning!("error configuring explicit DH parameters");
                complain(&stack);
            }
            Err(()) => {}
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
        groups(&mut ctx, &config);
        assert!(known_group(DEFAULT_GROUPS).is_some());
        assert_eq!(known_group("X25519"), Some("X25519"));
        assert_eq!(known_group("nonsense"), None);
    }

    #[test]
    fn options_by_name() {
        let config = Config::from_pairs(&[("tls_ssl_options", "NO_TICKET, 0x20000")]);
        assert!(options(&config).contains(SslOptions::NO_TICKET | SslOptions::NO_COMPRESSION));
        assert!(!options(&Config::from_pairs(&[])).contains(SslOptions::NO_TICKET));
    }
}
