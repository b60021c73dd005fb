//! The server's side: smtpd_tls_*.

use std::sync::Arc;
use std::time::Duration;

use config::Config;
use config::params::*;
use net::Stream;
use openssl::ex_data::Index;
use openssl::hash::MessageDigest;
use openssl::ssl::{
    Ssl, SslContext, SslContextBuilder, SslOptions, SslRef, SslSessionCacheMode, SslVerifyMode,
};
use openssl::x509::X509Name;

use crate::describe::{describe, hex, tell};
use crate::engine::{self, CertificateFiles, complain};
use crate::loglevel::LogMask;
use crate::manager::Manager;
use crate::protocols::Protocols;
use crate::transport::{Side, handshake};
use crate::{Direction, Level, Summary, TlsError, ciphers};

/// Tells the sessions of mail servers from those of other programs with the same certificate.
const SESSION_ID_CONTEXT: &[u8] = b"Postfix/TLS";

/// smtpd(8)'s TLS context: certificates, ciphers, session cache. Make it before the jail; share it among sessions.
pub struct Server {
    context: SslContext,
    mask: LogMask,
    digest: MessageDigest,
    asks_certificate: bool,
    requires_certificate: bool,
    connection: Index<Ssl, Arc<str>>,
}

impl Server {
    /// Reads the `smtpd_tls_` parameters and the files they name. `level` is at least `may`; `encrypt` (also for
    /// `smtpd_tls_wrappermode`) takes the mandatory protocols and ciphers. `service` is the name in master.cf. What is wrong
    /// is logged; smtpd then works without TLS or answers 454, as the reference.
    pub fn open(config: &'static Config, level: Level, service: &str) -> Result<Server, TlsError> {
        let mask = LogMask::parse("smtpd_tls_loglevel", config.get(SMTPD_TLS_LOGLEVEL));
        let enforced = level >= Level::Encrypt;
        let files = files(config);
        let (asks, requires) = certificate_policy(config, enforced, &files);
        if !files.any() && !files.none() {
            log::warning!("No server certs available. TLS won't be enabled");
            return Err(TlsError::Unavailable);
        }
        let list = if enforced {
            config.get(SMTPD_TLS_MANDATORY_PROTOCOLS)
        } else {
            config.get(SMTPD_TLS_PROTOCOLS)
        };
        let Some(protocols) = Protocols::parse(list) else {
            log::warning!("Invalid TLS protocol list \"{list}\": disabling TLS support");
            return Err(TlsError::Unavailable);
        };
        let digest = digest(config.get(SMTPD_TLS_FINGERPRINT_DIGEST))?;
        let mut ctx = engine::context(config, "server", mask)?;
        ctx.set_verify_depth(depth(config.get(SMTPD_TLS_CCERT_VERIFYDEPTH)));
        ctx.set_options(protocols.excluded);
        let versions = ctx
            .set_min_proto_version(protocols.lowest)
            .and_then(|()| ctx.set_max_proto_version(protocols.highest));
        versions.map_err(|stack| complain(&stack))?;
        if config.get(TLS_PREEMPT_CIPHERLIST) {
            ctx.set_options(SslOptions::CIPHER_SERVER_PREFERENCE);
        }
        set_ciphers(&mut ctx, config, enforced, asks, mask)?;
        engine::authorities(&mut ctx, config, config.get(SMTPD_TLS_CAFILE), config.get(SMTPD_TLS_CAPATH))?;
        files.load(&mut ctx)?;
        engine::diffie_hellman(&mut ctx, config.get(SMTPD_TLS_DH1024_PARAM_FILE));
        engine::groups(&mut ctx, config, config.get(SMTPD_TLS_EECDH_GRADE))?;
        if asks {
            ask_certificate(&mut ctx, config);
        }
        let connection = Ssl::new_ex_index().map_err(|stack| complain(&stack))?;
        session_cache(&mut ctx, config, service, mask, connection)?;
        Ok(Server {
            context: ctx.build(),
            mask,
            digest,
            asks_certificate: asks,
            requires_certificate: requires,
            connection,
        })
    }

    /// Shakes hands as the server within `timeout`, over the stream's present transport. `namaddr` is "name[address]".
    /// Logs what fails and, as `smtpd_tls_loglevel` says, what was agreed. After an error the stream is dead.
    pub fn accept(&self, stream: &mut Stream, namaddr: &str, timeout: Duration) -> Result<Summary, TlsError> {
        if self.mask.verbose {
            log::info!("setting up TLS connection from {namaddr}");
        }
        let mut ssl = Ssl::new(&self.context).map_err(|stack| {
            log::warning!("Could not allocate 'TLScontext->con' with SSL_new()");
            complain(&stack)
        })?;
        ssl.set_ex_data(self.connection, Arc::from(namaddr.to_ascii_lowercase()));
        if self.requires_certificate {
            ssl.set_security_level(1);
        }
        let mut summary = None;
        stream.upgrade(|transport| {
            let encrypted = handshake(ssl, transport, Side::Server, timeout).map_err(|failure| {
                log::info!("SSL_accept error from {namaddr}: {}", failure.text);
                failure.problems.iter().for_each(|line| log::warning!("{line}"));
                failure.error
            })?;
            summary = Some(self.describe(encrypted.ssl(), namaddr));
            Ok(Box::new(encrypted) as Box<dyn net::Transport>)
        })?;
        summary.ok_or(TlsError::Lost)
    }

    /// Whether handshakes ask the client for a certificate.
    pub fn asks_certificate(&self) -> bool {
        self.asks_certificate
    }

    fn describe(&self, ssl: &SslRef, namaddr: &str) -> Summary {
        let summary = describe(ssl, self.digest, self.asks_certificate);
        tell(
            ssl,
            &summary,
            Direction::From,
            &namaddr.to_ascii_lowercase(),
            self.mask,
            self.requires_certificate,
        );
        summary
    }
}

fn files(config: &Config) -> CertificateFiles<'_> {
    CertificateFiles {
        chain_files: config.get(SMTPD_TLS_CHAIN_FILES),
        pairs: [
            ("RSA", config.get(SMTPD_TLS_CERT_FILE), config.get(SMTPD_TLS_KEY_FILE)),
            ("DSA", config.get(SMTPD_TLS_DCERT_FILE), config.get(SMTPD_TLS_DKEY_FILE)),
            ("ECDSA", config.get(SMTPD_TLS_ECCERT_FILE), config.get(SMTPD_TLS_ECKEY_FILE)),
        ],
    }
}

/// Whether to ask for a client certificate, and whether to insist on it.
fn certificate_policy(config: &Config, enforced: bool, files: &CertificateFiles<'_>) -> (bool, bool) {
    let (ask, require) = (config.get(SMTPD_TLS_ASK_CCERT), config.get(SMTPD_TLS_REQ_CCERT));
    let required = require && enforced;
    if require && !enforced {
        log::warning!("Can't require client certs unless TLS is required");
    }
    if (ask || required) && !files.any() {
        log::warning!("Need a server cert to request a client cert");
        return (false, false);
    }
    (ask || required, required)
}

pub(crate) fn digest(name: &str) -> Result<MessageDigest, TlsError> {
    MessageDigest::from_name(name).ok_or_else(|| {
        log::warning!("Digest algorithm \"{name}\" not found: disabling TLS support");
        TlsError::Unavailable
    })
}

pub(crate) fn depth(configured: i64) -> u32 {
    u32::try_from(configured.saturating_add(1)).unwrap_or(100)
}

fn set_ciphers(
    ctx: &mut SslContextBuilder,
    config: &Config,
    enforced: bool,
    asks: bool,
    mask: LogMask,
) -> Result<(), TlsError> {
    let grade =
        if enforced { config.get(SMTPD_TLS_MANDATORY_CIPHERS) } else { config.get(SMTPD_TLS_CIPHERS) };
    let mut excluded = vec![config.get(SMTPD_TLS_EXCLUDE_CIPHERS)];
    if enforced {
        excluded.push(config.get(SMTPD_TLS_MANDATORY_EXCLUDE_CIPHERS));
    }
    // Without a certificate of its own, the server has none to ask for.
    if asks {
        excluded.push("aNULL");
    }
    let list = ciphers::list(config, grade, &excluded).map_err(|why| {
        log::warning!("{why}: disabling TLS support");
        TlsError::Unavailable
    })?;
    if mask.verbose {
        log::info!("TLS cipher list \"{list}\"");
    }
    ctx.set_cipher_list(&list).map_err(|stack| {
        log::warning!("error setting TLS cipher list: \"{list}\"");
        complain(&stack)
    })
}

fn ask_certificate(ctx: &mut SslContextBuilder, config: &Config) {
    // Every certificate is let pass here; what it is worth is decided after the handshake.
    ctx.set_verify_callback(SslVerifyMode::PEER | SslVerifyMode::from_bits_retain(4), |_, _| true);
    let file = config.get(SMTPD_TLS_CAFILE);
    if !file.is_empty() {
        if let Ok(names) = X509Name::load_client_ca_file(file) {
            ctx.set_client_ca_list(names);
        }
    }
}

/// The session cache and the ticket keys of tlsmgr(8).
fn session_cache(
    ctx: &mut SslContextBuilder,
    config: &'static Config,
    service: &str,
    mask: LogMask,
    connection: Index<Ssl, Arc<str>>,
) -> Result<(), TlsError> {
    let manager = Arc::new(Manager::new(config, "smtpd"));
    let (cachable, life) = manager.policy().unwrap_or((false, Duration::ZERO));
    let cachable = cachable && !life.is_zero();
    let ticketable = !life.is_zero() && set_tickets(ctx, config, &manager, life);
    if ticketable {
        let _ = ctx.set_num_tickets(1);
    } else {
        ctx.set_options(SslOptions::NO_TICKET);
    }
    if !cachable && !ticketable && !config.get(SMTPD_TLS_ALWAYS_ISSUE_SESSION_IDS) {
        ctx.set_session_cache_mode(SslSessionCacheMode::OFF);
        return Ok(());
    }
    ctx.set_session_id_context(SESSION_ID_CONTEXT).map_err(|stack| complain(&stack))?;
    ctx.set_session_cache_size(1);
    ctx.set_session_cache_mode(SslSessionCacheMode::SERVER | SslSessionCacheMode::NO_AUTO_CLEAR);
    if !life.is_zero() {
        sys::openssl::set_session_timeout(ctx, i64::try_from(life.as_secs()).unwrap_or(i64::MAX));
    }
    if cachable {
        let suffix: Arc<str> = format!("&s={service}&l={}", sys::openssl::version_number()).into();
        let (asked, key) = (Arc::clone(&manager), Arc::clone(&suffix));
        sys::openssl::set_session_lookup(ctx, move |ssl, id| {
            let cache_id = format!("{}{key}", hex(id));
            if mask.cache {
                log::info!("{}: looking up session {cache_id} in smtpd cache", client(ssl, connection));
            }
            asked.lookup(&cache_id)
        });
        ctx.set_new_session_callback(move |ssl, session| {
            let cache_id = format!("{}{suffix}", hex(session.id()));
            if mask.cache {
                log::info!("{}: save session {cache_id} to smtpd cache", client(ssl, connection));
            }
            if let Ok(der) = session.to_der() {
                manager.update(&cache_id, der);
            }
        });
    }
    Ok(())
}

fn client(ssl: &SslRef, connection: Index<Ssl, Arc<str>>) -> &str {
    ssl.ex_data(connection).map_or("unknown", |namaddr| namaddr)
}

/// Tickets under tlsmgr's keys: each encrypts for half a session's life, and decrypts for as long again.
fn set_tickets(ctx: &mut SslContextBuilder, config: &Config, manager: &Arc<Manager>, life: Duration) -> bool {
    let cipher = config.get(TLS_SESSION_TICKET_CIPHER);
    if cipher.is_empty() {
        return false;
    }
    let manager = Arc::clone(manager);
    let known =
        sys::openssl::set_ticket_keys(ctx, cipher, Box::new(move |name| manager.ticket_key(name, life / 2)));
    if !known {
        log::warning!("{cipher}: unsupported tls_session_ticket_cipher value: not issuing session tickets");
    }
    known
}
