//! Certificates by the name that the client asks for (`tls_server_sni_maps`).

use std::sync::PoisonError;

use config::Config;
use config::params::*;
use openssl::ssl::{NameType, SniError, SslAlert, SslContext, SslContextBuilder, SslRef};
use tables::{Flags, Maps, TableError};

use super::Connection;
use crate::{TlsError, chain};

/// The tables.
pub struct NameMaps {
    maps: Maps,
}

impl NameMaps {
    /// Opens the tables, if there are any; those whose values name files read them now. What is wrong is logged.
    pub fn open(config: &Config) -> Result<Option<NameMaps>, TlsError> {
        let text = config.get(TLS_SERVER_SNI_MAPS);
        if text.is_empty() {
            return Ok(None);
        }
        let flags = Flags::FOLD | Flags::VALUE_IS_FILE;
        match Maps::open(TLS_SERVER_SNI_MAPS.name(), text, flags) {
            Ok(maps) => Ok(Some(NameMaps { maps })),
            Err(err) => {
                log::warning!("{err}");
                Err(TlsError::Unavailable)
            }
        }
    }

    /// The PEM chain for a name, or for a domain above it, written with a leading dot.
    fn find(&self, name: &str) -> Result<Option<Vec<u8>>, TableError> {
        let parents = name.match_indices('.').filter_map(|(at, _)| name.get(at..));
        for key in std::iter::once(name).chain(parents.filter(|parent| parent.len() > 1)) {
            if let Some(value) = self.maps.find(key.as_bytes())? {
                return match tables::encoded::decode(&value) {
                    Some(pem) => Ok(Some(pem.into())),
                    None => {
                        log::warning!(
                            "table {}: key {key}: malformed BASE64 value: {:.100}",
                            self.maps.title(),
                            value
                        );
                        Err(TableError::new("malformed BASE64 value"))
                    }
                };
            }
        }
        Ok(None)
    }

    /// Has `ctx` choose by name; `named` is the context for names that are found, without certificates of its own.
    pub fn use_in(self, ctx: &mut SslContextBuilder, named: SslContext) {
        ctx.set_servername_callback(move |ssl, alert| self.choose(ssl, alert, &named));
    }

    fn choose(&self, ssl: &mut SslRef, alert: &mut SslAlert, named: &SslContext) -> Result<(), SniError> {
        let Some(name) = ssl.servername_raw(NameType::HOST_NAME).filter(|name| !name.is_empty()) else {
            return Err(SniError::NOACK);
        };
        let name = String::from_utf8_lossy(name).into_owned();
        let Some(connection) = Connection::of(ssl) else { return Err(SniError::NOACK) };
        let client = &connection.namaddr;
        if !mail::host::is_hostname(name.as_bytes()) {
            log::warning!("TLS SNI from {client} is invalid: {name}");
            return Err(SniError::NOACK);
        }
        // After a retried hello the client asks again, and has its certificate already.
        if let Some(before) = connection.server_name() {
            if before == name {
                return Ok(());
            }
            log::warning!("TLS SNI changed from {client} initially {before}, {name} after hello retry");
            return Err(SniError::NOACK);
        }
        let fatal = |alert: &mut SslAlert| {
            *alert = SslAlert::INTERNAL_ERROR;
            Err(SniError::ALERT_FATAL)
        };
        let pem = match self.find(&name) {
            Ok(Some(pem)) => pem,
            Ok(None) => {
                log::info!("TLS SNI {name} from {client} not matched, using default chain");
                return Err(SniError::NOACK);
            }
            Err(_) => {
                log::warning!("{}: {name} map lookup problem", self.maps.title());
                return fatal(alert);
            }
        };
        if ssl.set_ssl_context(named).is_err() || chain::load_for_name(ssl, &pem, &name).is_err() {
            return fatal(alert);
        }
        *connection.server_name.lock().unwrap_or_else(PoisonError::into_inner) = Some(name);
        Ok(())
    }
}
