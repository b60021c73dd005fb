//! The client's side: smtp_tls_* and lmtp_tls_*.

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
use openssl::x509::X509VerifyResult;

use crate::chain::CertificateFiles;
use crate::describe::{certificate_fingerprint, colons, describe, hex, key_fingerprint};
use crate::engine::{self, complain};
use crate::loglevel::LogMask;
use crate::policy::Policy;
use crate::protocols::Protocols;
use crate::server::{depth, digest};
use crate::sessions::Cache;
use crate::transport::{Side, handshake};
use crate::verify::{self, Watch, code};
use crate::{Direction, Level, Summary, TlsError, Trust, ciphers, tlsa};

/// smtp(8)'s or lmtp(8)'s TLS context. Make it before the jail; share it among sessions.
pub struct Client {
    config: &'static Config,
    context: SslContext,
    mask: LogMask,
    digest: MessageDigest,
    cache_type: &'static str,
    cache: Option<Arc<Cache>>,
    connection: Index<Ssl, Connection>,
    watches: Index<Ssl, Arc<Watch>>,
}

/// What callbacks know of the connection at work.
struct Connection {
    cache_id: String,
    tells: bool,
}

/// One handshake to make.
pub struct ClientSession<'a> {
    pub policy: &'a Policy,
    /// The server's host name and address, for the log: "name[address]:port".
    pub namaddr: &'a str,
    /// The server's host name.
    pub host: &'a str,
    /// The domain that it serves, without brackets and port.
    pub nexthop: &'a str,
    /// What the server called itself in its answer to EHLO; empty in wrapper mode.
    pub helo: &'a str,
    /// What tells this server (and how it is asked) from others in the session cache.
    pub server_id: &'a str,
    pub timeout: Duration,
    /// The server's certificates are wanted.
    pub wants_chain: bool,
}

/// A certificate that the server sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainCertificate {
    /// On one line.
    pub subject: String,
    pub issuer: String,
    pub certificate_fingerprint: String,
    pub key_fingerprint: String,
    pub pem: String,
}

/// What came of a handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Established {
    pub summary: Summary,
    /// The level that holds: `encrypt` instead of `dane` where no TLSA record could be used.
    pub level: Level,
    /// The server is who it should be. Where the level demands that and this is false, the connection must not be used.
    pub matched: bool,
    /// Where they were wanted.
    pub chain: Vec<ChainCertificate>,
}

impl Established {
    /// Whether the connection may be used.
    pub fn is_good(&self) -> bool {
        self.matched || !self.level.must_match()
    }
}

impl Client {
    /// Reads the parameters and the files they name. What is wrong is logged.
    pub fn open(config: &'static Config, is_lmtp: bool) -> Result<Client, TlsError> {
        let cache_type = if is_lmtp { "lmtp" } else { "smtp" };
        let loglevel = SMTP_TLS_LOGLEVEL.client(is_lmtp);
        let mask = LogMask::parse(loglevel.name(), config.get(loglevel));
        Client::with(config, mask, cache_type, &files(config, is_lmtp), &Trusting::of(config, is_lmtp))
    }

    /// A context with settings of the caller's own, for commands. `cache_type` as tlsmgr(8) knows it, or "memory", or empty.
    pub fn with(
        config: &'static Config,
        mask: LogMask,
        cache_type: &'static str,
        files: &CertificateFiles<'_>,
        trusting: &Trusting<'_>,
    ) -> Result<Client, TlsError> {
        let digest = digest(trusting.digest)?;
        if mask.verbose {
            log::info!("initializing the client-side TLS engine");
        }
        engine::start_library(config)?;
        let mut ctx = engine::context(config, "client", mask)?;
        ctx.set_verify_depth(depth(trusting.depth));
        sys::dane::enable(&mut ctx).map_err(|stack| {
            log::warning!("OpenSSL DANE initialization failed: disabling TLS support");
            complain(&stack)
        })?;
        tlsa::set_digests(&mut ctx, config.get(TLS_DANE_DIGESTS), digest);
        engine::authorities(&mut ctx, config, trusting.file, trusting.path)?;
        files.load(&mut ctx)?;
        engine::groups(&mut ctx, config);
        let connection = Ssl::new_ex_index().map_err(|stack| complain(&stack))?;
        let watches = Ssl::new_ex_index().map_err(|stack| complain(&stack))?;
        verify::watch(&mut ctx, watches, SslVerifyMode::NONE).map_err(|stack| complain(&stack))?;
        let cache = match cache_type {
            "" => None,
            "memory" => Some(Cache::memory()),
            _ => Cache::managed(config, cache_type),
        };
        let cache = cache.map(|(cache, life)| keep_sessions(&mut ctx, cache, life, cache_type, connection));
        Ok(Client { config, context: ctx.build(), mask, digest, cache_type, cache, connection, watches })
    }

    /// Shakes hands as the client, over the stream's present transport. After an error the stream is dead. Whether the
    /// server is the right one, the result says; the caller must look ([`Established::is_good`]).
    pub fn connect(&self, stream: &mut Stream, session: &ClientSession<'_>) -> Result<Established, TlsError> {
        let namaddr = session.namaddr;
        if self.mask.verbose {
            log::info!("setting up TLS connection to {namaddr}");
        }
        let Prepared { mut ssl, level, watch, cache_id } = self.prepare(session)?;
        if let Some(der) = self.resumable(&cache_id) {
            let good = sys::openssl::offer_session(&mut ssl, &der);
            if self.mask.cache && good {
                log::info!("reloaded session {cache_id} from {} cache", self.cache_type);
            }
        }
        ssl.set_ex_data(self.connection, Connection { cache_id: cache_id.clone(), tells: self.mask.cache });
        let mut established = None;
        stream.upgrade(|transport| {
            let encrypted =
                handshake(ssl, transport, Side::Client, session.timeout, self.mask).map_err(|failure| {
                    log::info!("SSL_connect error to {namaddr}: {}", failure.text);
                    failure.problems.iter().for_each(|line| log::warning!("{line}"));
                    // The session that was offered may be the reason.
                    self.forget(&cache_id);
                    failure.error
                })?;
            established = Some(self.judge(encrypted.ssl(), session, level, &watch));
            Ok(Box::new(encrypted) as Box<dyn net::Transport>)
        })?;
        established.ok_or(TlsError::Lost)
    }

    fn chain(&self, ssl: &SslRef) -> Vec<ChainCertificate> {
        let certs = ssl.peer_cert_chain().into_iter().flatten();
        certs
            .map(|cert| ChainCertificate {
                subject: sys::dane::one_line(cert.subject_name()),
                issuer: sys::dane::one_line(cert.issuer_name()),
                certificate_fingerprint: certificate_fingerprint(cert, self.digest),
                key_fingerprint: key_fingerprint(cert, self.digest),
                pem: cert
                    .to_pem()
                    .map_or_else(|_| String::new(), |pem| String::from_utf8_lossy(&pem).into_owned()),
            })
            .collect()
    }

    /// Changes what is logged of the next handshakes.
    pub fn set_log_mask(&mut self, mask: LogMask) {
        self.mask = mask;
    }

    /// The line for a connection that is used once more, where `*_tls_loglevel` wants it.
    pub fn log_reuse(&self, summary: &Summary, namaddr: &str) {
        if self.mask.summary {
            log::info!("{}", summary.log_line(Direction::To, namaddr, true));
        }
    }

    fn resumable(&self, cache_id: &str) -> Option<Vec<u8>> {
        let manager = self.cache.as_ref()?;
        if self.mask.cache {
            log::info!("looking for session {cache_id} in {} cache", self.cache_type);
        }
        manager.lookup(cache_id)
    }

    fn forget(&self, cache_id: &str) {
        if let Some(manager) = &self.cache {
            if self.mask.cache {
                log::info!("remove session {cache_id} from client cache");
            }
            manager.delete(cache_id);
        }
    }

    fn prepare(&self, session: &ClientSession<'_>) -> Result<Prepared, TlsError> {
        let (namaddr, policy) = (session.namaddr, session.policy);
        let Some(mut protocols) = Protocols::parse(&policy.protocols) else {
            log::warning!(
                "{namaddr}: Invalid TLS protocol list \"{}\": aborting TLS session",
                policy.protocols
            );
            return Err(TlsError::Unavailable);
        };
        if let Some((end, number)) = protocols.odd {
            log::warning!("{namaddr}: error setting {end}imum TLS version to: 0x{number:04x}");
            return Err(TlsError::Unavailable);
        }
        if policy.level.is_dane() {
            protocols.excluded |= SslOptions::NO_SSLV3;
        }
        let list = ciphers::list(self.config, &policy.grade, &[&policy.exclusions]).map_err(|why| {
            log::warning!("{namaddr}: {why}");
            TlsError::Unavailable
        })?;
        let trouble = |stack: openssl::error::ErrorStack| {
            log::warning!("{namaddr}: cannot set up the TLS connection: aborting TLS session");
            complain(&stack)
        };
        let mut ssl = Ssl::new(&self.context).map_err(trouble)?;
        ssl.set_cipher_list(&list).map_err(|stack| {
            log::warning!("{namaddr}: error setting cipher grade: \"{}\"", policy.grade);
            complain(&stack)
        })?;
        if self.mask.verbose {
            log::info!("{namaddr}: TLS cipher list \"{list}\"");
        }
        sys::openssl::set_options(&mut ssl, protocols.excluded.bits());
        ssl.set_min_proto_version(protocols.lowest).map_err(trouble)?;
        ssl.set_max_proto_version(protocols.highest).map_err(trouble)?;
        let mut demands = Demands { level: policy.level, must_fail: false, servername: None };
        self.authenticate(&mut ssl, session, &mut demands)?;
        if policy.enable_rpk && matches!(policy.level, Level::May | Level::Encrypt | Level::Fingerprint) {
            sys::dane::ask_raw_key(&mut ssl);
        }
        demands.must_fail |= self.load_anchors(&mut ssl, session, &mut demands.level);
        demands.must_fail |= external_failure(policy).is_some();
        if demands.level.must_match() {
            ssl.set_security_level(1);
        }
        let watch = Arc::new(Watch::new(&namaddr.to_ascii_lowercase(), self.mask.verbose, demands.must_fail));
        ssl.set_ex_data(self.watches, Arc::clone(&watch));
        let cache_id = cache_id(session, &protocols, &list, &demands);
        Ok(Prepared { ssl, level: demands.level, watch, cache_id })
    }

    /// Tells the library which names the server may have, and what name to ask it for.
    fn authenticate(
        &self,
        ssl: &mut Ssl,
        session: &ClientSession<'_>,
        demands: &mut Demands,
    ) -> Result<(), TlsError> {
        let (namaddr, policy) = (session.namaddr, session.policy);
        let records = policy.anchors.as_ref().filter(|anchors| !anchors.records.is_empty());
        let (uses_engine, checks_names, what) = match policy.level {
            Level::None | Level::May | Level::Encrypt => (false, false, ""),
            Level::Fingerprint => (true, false, "enabling fingerprint certificate validation"),
            Level::Verify | Level::Secure => (records.is_some(), true, "configuring local trust anchors"),
            _ => (true, true, "enabling DANE-based certificate validation"),
        };
        if uses_engine {
            sys::dane::begin(ssl, matches!(policy.level, Level::Verify | Level::Secure)).map_err(
                |stack| {
                    log::warning!("{namaddr}: error {what}");
                    complain(&stack)
                },
            )?;
        }
        if checks_names && !add_names(ssl, session) {
            log::warning!("{namaddr}: could not configure peer name checks");
            demands.must_fail = true;
        }
        let name = match (policy.level.is_dane(), policy.servername.as_str()) {
            // RFC 7672 §8.1: the name under which the records were found.
            (true, _) => records.map_or("", |anchors| anchors.base_domain.as_str()),
            (_, "hostname") => session.host,
            (_, "nexthop") => session.nexthop,
            (_, name) => name,
        };
        if name.is_empty() {
            return Ok(());
        }
        let name = config::idna::to_ascii(name).unwrap_or_else(|| name.to_owned());
        if name.len() > SERVER_NAME_MAX {
            log::warning!("{namaddr}: ignoring too long SNI hostname: {:.100}", name);
            return Err(TlsError::Unavailable);
        }
        ssl.set_hostname(&name).map_err(|stack| {
            log::warning!("{namaddr}: error setting SNI hostname to: {name}");
            complain(&stack)
        })?;
        if self.mask.debug {
            log::info!("{namaddr}: SNI hostname: {name}");
        }
        demands.servername = Some(name);
        Ok(())
    }

    /// Gives the engine its records. `true`: it has none that it can use, and the server must not pass.
    fn load_anchors(&self, ssl: &mut Ssl, session: &ClientSession<'_>, level: &mut Level) -> bool {
        let Some(anchors) = &session.policy.anchors else { return false };
        if anchors.records.is_empty() || !level.must_match() {
            return false;
        }
        let namaddr = session.namaddr;
        match anchors.load(ssl, namaddr) {
            Some(0) => {}
            Some(_) => return false,
            None => return true,
        }
        match *level {
            Level::HalfDane | Level::Dane => {
                log::warning!("{namaddr}: all TLSA records unusable, fallback to unauthenticated TLS");
                *level = Level::Encrypt;
                return false;
            }
            Level::Fingerprint => log::warning!("{namaddr}: all fingerprints unusable"),
            Level::DaneOnly => log::warning!("{namaddr}: all TLSA records unusable"),
            _ => log::warning!("{namaddr}: all trust anchors unusable"),
        }
        true
    }

    /// Whether the server is who it should be, and what is to be logged of it.
    fn judge(&self, ssl: &SslRef, session: &ClientSession<'_>, level: Level, watch: &Watch) -> Established {
        let namaddr = session.namaddr.to_ascii_lowercase();
        let mut summary = describe(ssl, self.digest, false, &namaddr);
        let raw_key = match summary.peer_name {
            Some(_) => None,
            None => sys::dane::peer_raw_key(ssl),
        };
        if self.mask.cache && summary.resumed {
            log::info!("{namaddr}: Reusing old session");
        }
        let tells = self.mask.certificate_match || self.mask.verbose || self.mask.peer_certificate;
        let result = ssl.verify_result();
        let is_present = summary.peer_name.is_some() || raw_key.is_some();
        let mut matched = false;
        summary.trust = if !is_present {
            Trust::Anonymous
        } else if result == X509VerifyResult::OK {
            matched = level.must_match();
            // Whoever could forge the name of the mail exchanger can have a valid record for it.
            if matched && level != Level::HalfDane { Trust::Verified } else { Trust::Trusted }
        } else if level.must_match() && result.as_raw() == code::HOSTNAME_MISMATCH {
            Trust::Trusted
        } else {
            Trust::Untrusted
        };
        if let Some(cert) = ssl.peer_certificate() {
            let no_name = cert.subject_name().entries_by_nid(openssl::nid::Nid::COMMONNAME).next().is_none();
            if let (true, Some(name)) = (no_name, sys::dane::peer_name(ssl)) {
                summary.peer_name = Some(name);
            }
        }
        if matched && tells {
            if let (Some(name), None) = (sys::dane::peer_name(ssl), &raw_key) {
                log::info!("{namaddr}: matched peername: {name}");
            }
            tell_match(ssl, level, &namaddr, raw_key.is_some());
        }
        let log_fault = || {
            if !matched && is_present && (self.mask.untrusted || session.policy.level.must_match()) {
                if !summary.resumed {
                    watch.tell(external_failure(session.policy));
                } else {
                    let what = if raw_key.is_some() { "certificate" } else { "peer credential" };
                    log::info!(
                        "{}: re-using session with untrusted {what}, look for details earlier in the log",
                        session.namaddr
                    );
                }
            }
        };
        if let Some(key) = &raw_key {
            let der = key.public_key_to_der().unwrap_or_default();
            let print = openssl::hash::hash(self.digest, &der).map(|bytes| colons(&bytes));
            summary.key_fingerprint = print.unwrap_or_default();
            if tells {
                log::info!("{}: raw public key fingerprint={}", session.namaddr, summary.key_fingerprint);
            }
            log_fault();
        } else {
            log_fault();
            if let (Some(peer), true) = (&summary.peer_name, tells) {
                log::info!(
                    "{namaddr}: subject_CN={peer}, issuer={}, cert fingerprint={}, pkey fingerprint={}",
                    summary.issuer_name.as_deref().unwrap_or_default(),
                    summary.certificate_fingerprint,
                    summary.key_fingerprint
                );
            }
        }
        if self.mask.summary {
            log::info!("{}", summary.log_line(Direction::To, &namaddr, false));
        }
        let chain = if session.wants_chain { self.chain(ssl) } else { Vec::new() };
        Established { summary, level, matched, chain }
    }
}

/// The longest name that the extension takes.
const SERVER_NAME_MAX: usize = 255;

/// A connection ready to shake hands.
struct Prepared {
    ssl: Ssl,
    level: Level,
    watch: Arc<Watch>,
    cache_id: String,
}

/// What is asked of the server, as it turns out.
struct Demands {
    level: Level,
    /// The checks could not be set up as they should: nothing may pass them.
    must_fail: bool,
    servername: Option<String>,
}

/// Whom to trust.
pub struct Trusting<'a> {
    pub file: &'a str,
    pub path: &'a str,
    pub depth: i64,
    /// For fingerprints.
    pub digest: &'a str,
}

impl Trusting<'_> {
    fn of(config: &Config, is_lmtp: bool) -> Trusting<'_> {
        Trusting {
            file: config.client(SMTP_TLS_CAFILE, is_lmtp),
            path: config.client(SMTP_TLS_CAPATH, is_lmtp),
            depth: config.client(SMTP_TLS_SCERT_VERIFYDEPTH, is_lmtp),
            digest: config.client(SMTP_TLS_FINGERPRINT_DIGEST, is_lmtp),
        }
    }
}

fn external_failure(policy: &Policy) -> Option<&str> {
    policy.external.as_ref()?.failure.as_deref()
}

/// The names of the policy. False: there is none.
fn add_names(ssl: &mut SslRef, session: &ClientSession<'_>) -> bool {
    let mut count = 0;
    for name in &session.policy.match_names {
        let (mut name, mut below) = match name.to_ascii_lowercase().as_str() {
            "nexthop" => (session.nexthop, false),
            "dot-nexthop" => (session.nexthop, true),
            "hostname" => (session.host, false),
            _ => (name.as_str(), false),
        };
        // The full stops of IDNA, of which the first one alone is ASCII's.
        for dot in [".", "\u{3002}", "\u{ff0e}", "\u{ff61}"] {
            if let (false, Some(rest)) = (below, name.strip_prefix(dot)) {
                (name, below) = (rest, true);
            }
        }
        if name.is_empty() {
            log::warning!("{}: ignoring invalid match name: \".\"", session.namaddr);
            continue;
        }
        let ascii = config::idna::to_ascii(name).unwrap_or_else(|| name.to_owned());
        let wanted = if below { format!(".{ascii}") } else { ascii };
        if sys::dane::add_host(ssl, &wanted) {
            count += 1;
        } else {
            log::warning!("{}: error loading match name: \"{wanted}\"", session.namaddr);
        }
    }
    count > 0
}

/// Which record vouched for the server.
fn tell_match(ssl: &SslRef, level: Level, namaddr: &str, is_raw_key: bool) {
    let Some(found) = sys::dane::matched(ssl) else { return };
    let data = tlsa::excerpt(&found.data);
    match level {
        Level::Verify | Level::Secure => {
            log::info!("{namaddr}: Matched trust anchor at depth {}", found.depth);
        }
        Level::Fingerprint => log::info!("{namaddr}: Matched fingerprint: {data}"),
        _ => {
            let record = format!("{} {} {} {data}", found.usage, found.selector, found.matching);
            if is_raw_key {
                log::info!("{namaddr}: Matched DANE raw public key: {record}");
                return;
            }
            let what = match (found.by_bare_key, found.depth) {
                (true, _) => "TA public key verified certificate",
                (false, 0) => "EE certificate",
                (false, _) => "TA certificate",
            };
            log::info!("{namaddr}: Matched DANE {what} at depth {}: {record}", found.depth);
        }
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

/// A session may serve again only where the same is asked of the same server with the same library: what was found out about
/// its certificates then holds again.
fn cache_id(session: &ClientSession<'_>, protocols: &Protocols, list: &str, demands: &Demands) -> String {
    let policy = session.policy;
    let mut salt = format!(
        "{}&p={}&c={list}&l={}&e={}&f={}",
        session.helo,
        protocols.fingerprint(),
        sys::openssl::version_number(),
        demands.level,
        demands.must_fail,
    );
    if demands.level.must_match() {
        let mut records = policy.anchors.as_ref().map(|a| a.records.clone()).unwrap_or_default();
        records.sort();
        for record in records {
            let fields = [record.usage, record.selector, record.matching];
            salt.push_str(&format!("&t={}{}", hex(&fields), hex(&record.data)));
        }
        salt.push_str(&format!("&n={}", policy.match_names.join(",")));
        salt.push_str(&format!("&s={}", demands.servername.as_deref().unwrap_or_default()));
    }
    let digest = openssl::sha::sha256(salt.as_bytes());
    format!("{}&{}", session.server_id, hex(&digest))
}

fn keep_sessions(
    ctx: &mut SslContextBuilder,
    cache: Cache,
    life: Duration,
    cache_type: &'static str,
    connection: Index<Ssl, Connection>,
) -> Arc<Cache> {
    ctx.set_session_cache_mode(
        SslSessionCacheMode::CLIENT
            | SslSessionCacheMode::NO_INTERNAL_STORE
            | SslSessionCacheMode::NO_AUTO_CLEAR,
    );
    // The library forgets no session that the cache still has.
    let life = i64::try_from(life.as_secs()).unwrap_or(i64::MAX).saturating_mul(2);
    sys::openssl::set_session_timeout(ctx, life);
    let cache = Arc::new(cache);
    let keeper = Arc::clone(&cache);
    ctx.set_new_session_callback(move |ssl, session| {
        let Some(known) = ssl.ex_data(connection) else { return };
        if known.tells {
            log::info!("save session {} to {cache_type} cache", known.cache_id);
        }
        if let Ok(der) = session.to_der() {
            keeper.update(&known.cache_id, der);
        }
    });
    cache
}
