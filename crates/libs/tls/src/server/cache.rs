//! The server's session cache and session tickets, both kept by tlsmgr(8).

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use config::Config;
use config::params::*;
use openssl::ssl::{SslContextBuilder, SslOptions, SslRef, SslSessionCacheMode};

use super::Connection;
use crate::TlsError;
use crate::describe::hex;
use crate::engine::complain;
use crate::loglevel::LogMask;
use crate::manager::Manager;

/// Tells the sessions of mail servers from those of other programs with the same certificate.
const SESSION_ID_CONTEXT: &[u8] = b"Postfix/TLS";

/// Where sessions of this context go, and come from.
pub struct Sessions {
    manager: Arc<Manager>,
    /// How long sessions live; zero if there is no tlsmgr.
    life: Duration,
    cachable: bool,
    /// What the keys in the cache end with.
    suffix: Arc<str>,
    mask: LogMask,
}

impl Sessions {
    /// Asks tlsmgr for its policy. `service` is the name in master.cf: sessions of one service are not taken up by another.
    pub fn new(config: &'static Config, service: &str, mask: LogMask) -> Sessions {
        let manager = Arc::new(Manager::new(config, "smtpd"));
        let (cachable, life) = manager.policy().unwrap_or((false, Duration::ZERO));
        let suffix = format!("&s={service}&l={}", sys::openssl::version_number()).into();
        Sessions { manager, life, cachable: cachable && !life.is_zero(), suffix, mask }
    }

    /// Makes `ctx` use them.
    pub fn use_in(&self, ctx: &mut SslContextBuilder, config: &'static Config) -> Result<(), TlsError> {
        let ticketable = !self.life.is_zero()
            && !ctx.options().contains(SslOptions::NO_TICKET)
            && self.set_tickets(ctx, config);
        if ticketable {
            let _ = ctx.set_num_tickets(1);
        } else {
            ctx.set_options(SslOptions::NO_TICKET);
        }
        if !self.cachable && !ticketable && !config.get(SMTPD_TLS_ALWAYS_ISSUE_SESSION_IDS) {
            ctx.set_session_cache_mode(SslSessionCacheMode::OFF);
            return Ok(());
        }
        ctx.set_session_id_context(SESSION_ID_CONTEXT).map_err(|stack| complain(&stack))?;
        ctx.set_session_cache_size(1);
        // compat: each look-up goes to tlsmgr, none to the library's own cache
        ctx.set_session_cache_mode(
            SslSessionCacheMode::SERVER
                | SslSessionCacheMode::NO_INTERNAL
                | SslSessionCacheMode::NO_AUTO_CLEAR,
        );
        if !self.life.is_zero() {
            sys::openssl::set_session_timeout(ctx, i64::try_from(self.life.as_secs()).unwrap_or(i64::MAX));
        }
        if self.cachable {
            self.set_cache(ctx);
        }
        Ok(())
    }

    fn set_cache(&self, ctx: &mut SslContextBuilder) {
        let (manager, key, mask) = (Arc::clone(&self.manager), Arc::clone(&self.suffix), self.mask);
        sys::openssl::set_session_lookup(ctx, move |ssl, id| {
            let (client, cache_id) = (Connection::name_of(ssl), format!("{}{key}", hex(id)));
            if mask.cache {
                log::info!("{client}: looking up session {cache_id} in smtpd cache");
            }
            let found = manager.lookup(&cache_id);
            if mask.cache && found.is_some() {
                log::info!("{client}: reloaded session {cache_id} from smtpd cache");
            }
            found
        });
        let (manager, key) = (Arc::clone(&self.manager), Arc::clone(&self.suffix));
        ctx.set_new_session_callback(move |ssl, session| {
            let cache_id = format!("{}{key}", hex(session.id()));
            if mask.cache {
                log::info!("{}: save session {cache_id} to smtpd cache", Connection::name_of(ssl));
            }
            if let Ok(der) = session.to_der() {
                manager.update(&cache_id, der);
            }
        });
    }

    /// Tickets under tlsmgr's keys: each encrypts for half a session's life, and decrypts for as long again.
    fn set_tickets(&self, ctx: &mut SslContextBuilder, config: &Config) -> bool {
        let cipher = config.get(TLS_SESSION_TICKET_CIPHER);
        if cipher.is_empty() {
            return false;
        }
        let (manager, life, mask) = (Arc::clone(&self.manager), self.life / 2, self.mask);
        let find = move |ssl: &SslRef, name: Option<&[u8; sys::openssl::TICKET_NAME]>| {
            let (key, retires) = manager.ticket_key(name, life)?;
            if mask.cache {
                let what = if name.is_some() { "Decrypting" } else { "Issuing" };
                let client = Connection::name_of(ssl);
                log::info!("{client}: {what} session ticket, key expiration: {retires}");
            }
            let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
            Some((key, name.is_some() && now >= retires))
        };
        let known = sys::openssl::set_ticket_keys(ctx, cipher, Box::new(find));
        if !known {
            log::warning!("tls_session_ticket_cipher: invalid value: {cipher}; session tickets disabled");
        }
        known
    }
}
