//! The server's side: smtpd_tls_*.

mod cache;
mod sni;
mod tell;

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use config::Config;
use config::params::*;
use net::Stream;
use openssl::ex_data::Index;
use openssl::hash::MessageDigest;
use openssl::ssl::{Ssl, SslContext, SslContextBuilder, SslOptions, SslRef, SslVerifyMode};
use openssl::x509::X509Name;

use crate::chain::CertificateFiles;
use crate::describe::describe;
use crate::engine::{self, complain};
use crate::loglevel::LogMask;
use crate::protocols::Protocols;
use crate::transport::{Side, handshake};
use crate::verify::{self, Watch};
use crate::{Level, Summary, TlsError, ciphers};
use cache::Sessions;
use sni::NameMaps;

/// smtpd(8)'s TLS context: certificates, ciphers, session cache. Make it before the jail; share it among sessions.
pub struct Server {
    context: SslContext,
    mask: LogMask,
    digest: MessageDigest,
    asks_certificate: bool,
    requires_certificate: bool,
    asks_raw_key: bool,
    /// What all connections are offered, or why nothing can be; and the name of that grade.
    ciphers: Result<String, String>,
    grade: &'static str,
}

/// What the library's callbacks know of the connection at work.
struct Connection {
    /// "name[address]", in lower case.
    namaddr: String,
    /// The name that the client asked for and got.
    server_name: Mutex<Option<String>>,
}

impl Connection {
    fn index() -> Option<Index<Ssl, Arc<Connection>>> {
        static INDEX: OnceLock<Option<Index<Ssl, Arc<Connection>>>> = OnceLock::new();
        *INDEX.get_or_init(|| Ssl::new_ex_index().ok())
    }

    fn watches() -> Option<Index<Ssl, Arc<Watch>>> {
        static INDEX: OnceLock<Option<Index<Ssl, Arc<Watch>>>> = OnceLock::new();
        *INDEX.get_or_init(|| Ssl::new_ex_index().ok())
    }

    fn of(ssl: &SslRef) -> Option<Arc<Connection>> {
        ssl.ex_data(Connection::index()?).map(Arc::clone)
    }

    fn name_of(ssl: &SslRef) -> String {
        Connection::of(ssl).map_or_else(|| "unknown".to_owned(), |connection| connection.namaddr.clone())
    }

    fn server_name(&self) -> Option<String> {
        self.server_name.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What is the same for the context and for the one that serves names of `tls_server_sni_maps`.
struct Plan {
    config: &'static Config,
    mask: LogMask,
    protocols: Protocols,
    asks: bool,
}

impl Server {
    /// Reads the `smtpd_tls_` parameters and the files they name. `level` is at least `may`; `encrypt` (also for
    /// `smtpd_tls_wrappermode`) takes the mandatory protocols and ciphers. `service` is the name in master.cf. What is wrong
    /// is logged; smtpd then works without TLS or answers 454, as the reference.
    pub fn open(config: &'static Config, level: Level, service: &str) -> Result<Server, TlsError> {
        let enforced = level >= Level::Encrypt;
        // That it shall do without a certificate must be said.
        let none = config.get(SMTPD_TLS_CERT_FILE).eq_ignore_ascii_case("none");
        let mut files = files(config);
        if none {
            files.pairs[0].1 = "";
        }
        let (asks, requires) = certificate_policy(config, enforced, &files);
        if !files.any() && !none {
            log::warning!("No server certs available. TLS won't be enabled");
            return Err(TlsError::Unavailable);
        }
        let mask = LogMask::parse("smtpd_tls_loglevel", config.get(SMTPD_TLS_LOGLEVEL));
        if mask.verbose {
            log::info!("initializing the server-side TLS engine");
        }
        engine::start_library(config)?;
        let list = if enforced {
            config.get(SMTPD_TLS_MANDATORY_PROTOCOLS)
        } else {
            config.get(SMTPD_TLS_PROTOCOLS)
        };
        let Some(protocols) = Protocols::parse(list) else {
            log::warning!("Invalid TLS protocol list \"{list}\": disabling TLS support");
            return Err(TlsError::Unavailable);
        };
        let digest = digest(config.get(SMTPD_TLS_FINGERPRINT_DIGEST))
            .inspect_err(|_| log::warning!("disabling TLS support"))?;
        let plan = Plan { config, mask, protocols, asks };
        let sessions = Sessions::new(config, service, mask);
        let mut ctx = plan.context()?;
        files.load(&mut ctx)?;
        sessions.use_in(&mut ctx, config)?;
        if let Some(maps) = NameMaps::open(config)? {
            let mut named = plan.context()?;
            sessions.use_in(&mut named, config)?;
            maps.use_in(&mut ctx, named.build());
        }
        Ok(Server {
            context: ctx.build(),
            mask,
            digest,
            asks_certificate: asks,
            requires_certificate: requires,
            asks_raw_key: config.get(SMTPD_TLS_ENABLE_RPK),
            ciphers: cipher_list(config, enforced, asks),
            grade: grade(config, enforced),
        })
    }

    /// Shakes hands as the server within `timeout`, over the stream's present transport. `namaddr` is "name[address]".
    /// Logs what fails and, as `smtpd_tls_loglevel` says, what was agreed. After an error the stream is dead.
    pub fn accept(&self, stream: &mut Stream, namaddr: &str, timeout: Duration) -> Result<Summary, TlsError> {
        if self.mask.verbose {
            log::info!("setting up TLS connection from {namaddr}");
        }
        let (ssl, watch) = self.prepare(namaddr)?;
        let mut summary = None;
        stream.upgrade(|transport| {
            let encrypted =
                handshake(ssl, transport, Side::Server, timeout, self.mask).map_err(|failure| {
                    log::info!("SSL_accept error from {namaddr}: {}", failure.text);
                    failure.problems.iter().for_each(|line| log::warning!("{line}"));
                    failure.error
                })?;
            summary = Some(self.describe(encrypted.ssl(), &watch));
            Ok(Box::new(encrypted) as Box<dyn net::Transport>)
        })?;
        summary.ok_or(TlsError::Lost)
    }

    /// Whether handshakes ask the client for a certificate.
    pub fn asks_certificate(&self) -> bool {
        self.asks_certificate
    }

    fn prepare(&self, namaddr: &str) -> Result<(Ssl, Arc<Watch>), TlsError> {
        let mut ssl = Ssl::new(&self.context).map_err(|stack| {
            log::warning!("Could not allocate 'TLScontext->con' with SSL_new()");
            complain(&stack)
        })?;
        let lower = namaddr.to_ascii_lowercase();
        let list = self.ciphers.as_deref().map_err(|why| {
            log::warning!("{lower}: {why}");
            TlsError::Handshake
        })?;
        ssl.set_cipher_list(list).map_err(|stack| {
            log::warning!("{lower}: error setting cipher grade: \"{}\"", self.grade);
            complain(&stack);
            TlsError::Handshake
        })?;
        if self.mask.verbose {
            log::info!("{lower}: TLS cipher list \"{list}\"");
        }
        let watch = Arc::new(Watch::of_client(&lower, self.mask.verbose));
        if let Some(index) = Connection::watches() {
            ssl.set_ex_data(index, Arc::clone(&watch));
        }
        if let Some(index) = Connection::index() {
            let connection = Connection { namaddr: lower, server_name: Mutex::new(None) };
            ssl.set_ex_data(index, Arc::new(connection));
        }
        if self.requires_certificate {
            ssl.set_security_level(1);
        }
        if sys::rawkey::offer_to_client(&mut ssl) == Some(false) {
            log::warning!("Failed to enable server to client raw public key support");
        }
        if self.asks_raw_key && sys::rawkey::ask_client(&mut ssl) == Some(false) {
            log::warning!("Failed to enable client to server raw public key support");
        }
        Ok((ssl, watch))
    }

    fn describe(&self, ssl: &SslRef, watch: &Watch) -> Summary {
        let namaddr = Connection::name_of(ssl);
        let mut summary = describe(ssl, self.digest, self.asks_certificate, &namaddr);
        summary.server_name = Connection::of(ssl).and_then(|connection| connection.server_name());
        tell::tell(ssl, &summary, &namaddr, self.mask, self.requires_certificate, watch);
        summary
    }
}

impl Plan {
    fn context(&self) -> Result<SslContextBuilder, TlsError> {
        let config = self.config;
        let mut ctx = engine::context(config, "server", self.mask)?;
        ctx.set_verify_depth(depth(config.get(SMTPD_TLS_CCERT_VERIFYDEPTH)));
        ctx.set_options(self.protocols.excluded);
        // compat: a limit that the library does not know is none
        let _ = ctx.set_min_proto_version(self.protocols.lowest);
        let _ = ctx.set_max_proto_version(self.protocols.highest);
        if config.get(TLS_PREEMPT_CIPHERLIST) {
            ctx.set_options(SslOptions::CIPHER_SERVER_PREFERENCE);
        }
        let (file, path) = (config.get(SMTPD_TLS_CAFILE), config.get(SMTPD_TLS_CAPATH));
        engine::authorities(&mut ctx, config, file, path)?;
        engine::diffie_hellman(&mut ctx, config.get(SMTPD_TLS_DH1024_PARAM_FILE));
        // compat: smtpd_tls_eecdh_grade is not looked at any more, it is always "auto"
        engine::groups(&mut ctx, config);
        if self.asks {
            ask_certificate(&mut ctx, config);
        }
        Ok(ctx)
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
        log::warning!("Digest algorithm \"{name}\" not found");
        TlsError::Unavailable
    })
}

pub(crate) fn depth(configured: i64) -> u32 {
    u32::try_from(configured.saturating_add(1)).unwrap_or(100)
}

fn grade(config: &'static Config, enforced: bool) -> &'static str {
    config.get(if enforced { SMTPD_TLS_MANDATORY_CIPHERS } else { SMTPD_TLS_CIPHERS })
}

fn cipher_list(config: &'static Config, enforced: bool, asks: bool) -> Result<String, String> {
    let mut excluded = vec![config.get(SMTPD_TLS_EXCLUDE_CIPHERS)];
    if enforced {
        excluded.push(config.get(SMTPD_TLS_MANDATORY_EXCLUDE_CIPHERS));
    }
    // Without a certificate of its own, the server has none to ask for.
    if asks {
        excluded.push("aNULL");
    }
    ciphers::list(config, grade(config, enforced), &excluded)
}

fn ask_certificate(ctx: &mut SslContextBuilder, config: &Config) {
    // Every certificate is let pass here; what it is worth is decided after the handshake.
    let mode = SslVerifyMode::PEER | SslVerifyMode::from_bits_retain(CLIENT_ONCE);
    match Connection::watches().map(|watches| verify::watch(ctx, watches, mode)) {
        Some(Ok(())) => {}
        _ => ctx.set_verify_callback(mode, |_, _| true),
    }
    let file = config.get(SMTPD_TLS_CAFILE);
    if file.is_empty() {
        return;
    }
    match X509Name::load_client_ca_file(file) {
        Ok(names) => ctx.set_client_ca_list(names),
        Err(_) => log::warning!("error loading client CA names from: {file}"),
    }
}

/// SSL_VERIFY_CLIENT_ONCE
const CLIENT_ONCE: i32 = 4;
