//! The client's side: smtp_tls_* and lmtp_tls_*.

use std::sync::Arc;
use std::time::Duration;

use config::Config;
use config::params::*;
use net::Stream;
use openssl::ex_data::Index;
use openssl::hash::MessageDigest;
use openssl::ssl::{Ssl, SslContext, SslContextBuilder, SslRef, SslSessionCacheMode, SslVerifyMode};

use crate::describe::{describe, hex, tell};
use crate::engine::{self, CertificateFiles, complain};
use crate::loglevel::LogMask;
use crate::manager::Manager;
use crate::protocols::Protocols;
use crate::server::{depth, digest};
use crate::transport::{Side, handshake};
use crate::{Direction, Level, Summary, TlsError, ciphers};

/// smtp(8)'s or lmtp(8)'s TLS context. Make it before the jail; share it among sessions.
pub struct Client {
    config: &'static Config,
    is_lmtp: bool,
    context: SslContext,
    mask: LogMask,
    digest: MessageDigest,
    opportunistic: Policy,
    mandatory: Policy,
    cache: Option<Arc<Manager>>,
    connection: Index<Ssl, Connection>,
}

/// Protocols and ciphers.
struct Policy {
    protocols: Protocols,
    ciphers: String,
}

/// What callbacks know of the connection at work.
struct Connection {
    namaddr: String,
    cache_id: String,
}

/// One handshake to make.
pub struct ClientSession<'a> {
    pub level: Level,
    /// The server's host name and address, for the log: "name[address]:port".
    pub namaddr: &'a str,
    /// The server's host name.
    pub host: &'a str,
    /// What tells this server (and how it is asked) from others in the session cache.
    pub server_id: &'a str,
    pub timeout: Duration,
}

impl Client {
    /// Reads the parameters and the files they name. What is wrong is logged.
    pub fn open(config: &'static Config, is_lmtp: bool) -> Result<Client, TlsError> {
        let (prefix, cache_type) = if is_lmtp { ("lmtp", "lmtp") } else { ("smtp", "smtp") };
        let mask =
            LogMask::parse(&format!("{prefix}_tls_loglevel"), config.client(SMTP_TLS_LOGLEVEL, is_lmtp));
        let digest = digest(config.client(SMTP_TLS_FINGERPRINT_DIGEST, is_lmtp))?;
        let mut ctx = engine::context(config, "client", mask)?;
        ctx.set_verify_depth(depth(config.client(SMTP_TLS_SCERT_VERIFYDEPTH, is_lmtp)));
        let (file, path) = (config.client(SMTP_TLS_CAFILE, is_lmtp), config.client(SMTP_TLS_CAPATH, is_lmtp));
        engine::authorities(&mut ctx, config, file, path)?;
        files(config, is_lmtp).load(&mut ctx)?;
        engine::groups(&mut ctx, config, "auto")?;
        ctx.set_verify(SslVerifyMode::NONE);
        let connection = Ssl::new_ex_index().map_err(|stack| complain(&stack))?;
        let cache = session_cache(&mut ctx, config, cache_type, mask, connection);
        Ok(Client {
            config,
            is_lmtp,
            context: ctx.build(),
            mask,
            digest,
            opportunistic: policy(config, is_lmtp, false)?,
            mandatory: policy(config, is_lmtp, true)?,
            cache,
            connection,
        })
    }

    /// Shakes hands as the client, over the stream's present transport. After an error the stream is dead; with
    /// [`TlsError::Untrusted`] the server was not who it should be.
    ///
    /// Levels above `encrypt` are not written yet: they fail, never connecting with less than was asked for.
    pub fn connect(&self, stream: &mut Stream, session: &ClientSession<'_>) -> Result<Summary, TlsError> {
        let namaddr = session.namaddr;
        if session.level > Level::Encrypt {
            log::warning!("{namaddr}: TLS security level \"{}\" is not supported yet", session.level);
            return Err(TlsError::Unavailable);
        }
        if self.mask.verbose {
            log::info!("setting up TLS connection to {namaddr}");
        }
        let policy = if session.level >= Level::Encrypt { &self.mandatory } else { &self.opportunistic };
        if self.mask.verbose {
            log::info!("{namaddr}: TLS cipher list \"{}\"", policy.ciphers);
        }
        let cache_id = cache_id(session.server_id, policy);
        let mut ssl = self.prepare(policy, session)?;
        let resumable = self.cache.as_ref().and_then(|manager| {
            if self.mask.cache {
                log::info!("looking for session {cache_id} in {} cache", self.cache_type());
            }
            manager.lookup(&cache_id)
        });
        if let Some(der) = resumable {
            let good = sys::openssl::offer_session(&mut ssl, &der);
            if self.mask.cache && good {
                log::info!("reloaded session {cache_id} from {} cache", self.cache_type());
            }
        }
        ssl.set_ex_data(
            self.connection,
            Connection { namaddr: namaddr.to_owned(), cache_id: cache_id.clone() },
        );
        let mut summary = None;
        stream.upgrade(|transport| {
            let encrypted = handshake(ssl, transport, Side::Client, session.timeout).map_err(|failure| {
                log::info!("SSL_connect error to {namaddr}: {}", failure.text);
                failure.problems.iter().for_each(|line| log::warning!("{line}"));
                // The session that was offered may be the reason.
                if let Some(manager) = &self.cache {
                    manager.delete(&cache_id);
                }
                failure.error
            })?;
            summary = Some(self.describe(encrypted.ssl(), namaddr));
            Ok(Box::new(encrypted) as Box<dyn net::Transport>)
        })?;
        summary.ok_or(TlsError::Lost)
    }

    /// The line for a connection that is used once more, where `*_tls_loglevel` wants it.
    pub fn log_reuse(&self, summary: &Summary, namaddr: &str) {
        if self.mask.summary {
            log::info!("{}", summary.log_line(Direction::To, namaddr, true));
        }
    }

    fn cache_type(&self) -> &'static str {
        if self.is_lmtp { "lmtp" } else { "smtp" }
    }

    fn prepare(&self, policy: &Policy, session: &ClientSession<'_>) -> Result<Ssl, TlsError> {
        let prepare = || -> Result<Ssl, openssl::error::ErrorStack> {
            let mut ssl = Ssl::new(&self.context)?;
            sys::openssl::set_options(&mut ssl, policy.protocols.excluded.bits());
            ssl.set_min_proto_version(policy.protocols.lowest)?;
            ssl.set_max_proto_version(policy.protocols.highest)?;
            ssl.set_cipher_list(&policy.ciphers)?;
            match self.config.client(SMTP_TLS_SERVERNAME, self.is_lmtp) {
                "" => {}
                "hostname" => ssl.set_hostname(session.host)?,
                name => ssl.set_hostname(name)?,
            }
            Ok(ssl)
        };
        prepare().map_err(|stack| {
            log::warning!("{}: cannot set up the TLS connection: aborting TLS session", session.namaddr);
            complain(&stack)
        })
    }

    fn describe(&self, ssl: &SslRef, namaddr: &str) -> Summary {
        let summary = describe(ssl, self.digest, false);
        tell(ssl, &summary, Direction::To, namaddr, self.mask, false);
        summary
    }
}

fn files(config: &Config, is_lmtp: bool) -> CertificateFiles<'_> {
    let get = |param| config.client(param, is_lmtp);
    CertificateFiles {
        chain_files: get(SMTP_TLS_CHAIN_FILES),
        pairs: [
            ("RSA", get(SMTP_TLS_CERT_FILE), get(SMTP_TLS_KEY_FILE)),
            ("DSA", get(SMTP_TLS_DCERT_FILE), get(SMTP_TLS_DKEY_FILE)),
            ("ECDSA", get(SMTP_TLS_ECCERT_FILE), get(SMTP_TLS_ECKEY_FILE)),
        ],
    }
}

fn policy(config: &Config, is_lmtp: bool, mandatory: bool) -> Result<Policy, TlsError> {
    let get = |param| config.client(param, is_lmtp);
    let list = get(if mandatory { SMTP_TLS_MANDATORY_PROTOCOLS } else { SMTP_TLS_PROTOCOLS });
    let Some(protocols) = Protocols::parse(list) else {
        log::warning!("Invalid TLS protocol list \"{list}\": disabling TLS support");
        return Err(TlsError::Unavailable);
    };
    let grade = get(if mandatory { SMTP_TLS_MANDATORY_CIPHERS } else { SMTP_TLS_CIPHERS });
    let mut excluded = vec![get(SMTP_TLS_EXCLUDE_CIPHERS)];
    if mandatory {
        excluded.push(get(SMTP_TLS_MANDATORY_EXCLUDE_CIPHERS));
    }
    let ciphers = ciphers::list(config, grade, &excluded).map_err(|why| {
        log::warning!("{why}: disabling TLS support");
        TlsError::Unavailable
    })?;
    Ok(Policy { protocols, ciphers })
}

/// A session may serve again only where server, protocols, ciphers and library are the same.
fn cache_id(server_id: &str, policy: &Policy) -> String {
    let salt = format!(
        "{}&p={}&c={}&l={}",
        server_id,
        policy.protocols.fingerprint(),
        policy.ciphers,
        sys::openssl::version_number()
    );
    let digest = openssl::sha::sha256(salt.as_bytes());
    format!("{server_id}&{}", hex(&digest))
}

fn session_cache(
    ctx: &mut SslContextBuilder,
    config: &Config,
    cache_type: &'static str,
    mask: LogMask,
    connection: Index<Ssl, Connection>,
) -> Option<Arc<Manager>> {
    let manager = Arc::new(Manager::new(config, cache_type));
    let (cachable, life) = manager.policy().unwrap_or((false, Duration::ZERO));
    if !cachable || life.is_zero() {
        return None;
    }
    ctx.set_session_cache_mode(
        SslSessionCacheMode::CLIENT
            | SslSessionCacheMode::NO_INTERNAL_STORE
            | SslSessionCacheMode::NO_AUTO_CLEAR,
    );
    let keeper = Arc::clone(&manager);
    ctx.set_new_session_callback(move |ssl, session| {
        let Some(known) = ssl.ex_data(connection) else { return };
        if mask.cache {
            log::info!("save session {} to {cache_type} cache ({})", known.cache_id, known.namaddr);
        }
        if let Ok(der) = session.to_der() {
            keeper.update(&known.cache_id, der);
        }
    });
    Some(manager)
}
