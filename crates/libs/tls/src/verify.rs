//! The judgement of a server's certificates while the handshake goes on. It never ends the handshake: what the result is
//! worth, the level decides afterwards.

use std::sync::{Arc, Mutex, PoisonError};

use openssl::error::ErrorStack;
use openssl::ex_data::Index;
use openssl::ssl::{Ssl, SslContextBuilder, SslRef, SslVerifyMode};
use openssl::x509::{X509StoreContext, X509StoreContextRef};

/// OpenSSL's numbers (X509_V_ERR_…).
pub mod code {
    pub const UNSPECIFIED: i32 = 1;
    pub const CERT_NOT_YET_VALID: i32 = 9;
    pub const CERT_HAS_EXPIRED: i32 = 10;
    pub const ERROR_IN_CERT_NOT_BEFORE_FIELD: i32 = 13;
    pub const ERROR_IN_CERT_NOT_AFTER_FIELD: i32 = 14;
    pub const DEPTH_ZERO_SELF_SIGNED_CERT: i32 = 18;
    pub const SELF_SIGNED_CERT_IN_CHAIN: i32 = 19;
    pub const UNABLE_TO_GET_ISSUER_CERT_LOCALLY: i32 = 20;
    pub const CERT_CHAIN_TOO_LONG: i32 = 22;
    pub const INVALID_PURPOSE: i32 = 26;
    pub const CERT_UNTRUSTED: i32 = 27;
    pub const HOSTNAME_MISMATCH: i32 = 62;
}

/// What the checks of one connection have found; lives with the connection.
pub struct Watch {
    namaddr: String,
    /// Each certificate is told.
    verbose: bool,
    /// Whatever the certificates say, they must not pass.
    must_fail: bool,
    /// The other side is a client.
    peer_is_client: bool,
    worst: Mutex<Option<Fault>>,
}

/// A fault of a certificate, the one nearest to the peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub code: i32,
    pub depth: u32,
    /// The issuer of the certificate, on one line.
    pub issuer: String,
}

impl Watch {
    pub fn new(namaddr: &str, verbose: bool, must_fail: bool) -> Watch {
        Watch {
            namaddr: namaddr.to_owned(),
            verbose,
            must_fail,
            peer_is_client: false,
            worst: Mutex::new(None),
        }
    }

    /// For a server's connection.
    pub fn of_client(namaddr: &str, verbose: bool) -> Watch {
        Watch { peer_is_client: true, ..Watch::new(namaddr, verbose, false) }
    }

    /// What was wrong, if anything was.
    pub fn fault(&self) -> Option<Fault> {
        self.worst.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, code: i32, depth: u32, context: &X509StoreContextRef) {
        let mut worst = self.worst.lock().unwrap_or_else(PoisonError::into_inner);
        if worst.as_ref().is_some_and(|fault| fault.depth <= depth && fault.code != code::HOSTNAME_MISMATCH) {
            return;
        }
        let issuer = context.current_cert().map(|cert| sys::dane::one_line(cert.issuer_name()));
        *worst = Some(Fault { code, depth, issuer: issuer.unwrap_or_else(|| "<unknown>".to_owned()) });
    }

    fn look(&self, good: bool, context: &mut X509StoreContextRef) {
        let depth = context.error_depth();
        if self.must_fail {
            if depth == 0 {
                context.set_error(sys::dane::verify_result(code::UNSPECIFIED));
                self.note(code::UNSPECIFIED, depth, context);
            }
            return;
        }
        let error = context.error().as_raw();
        match self.fault() {
            _ if good => {}
            // A wrong name is the least of what can be wrong: a name means nothing in a certificate of nobody we know.
            Some(other) if error == code::HOSTNAME_MISMATCH => {
                context.set_error(sys::dane::verify_result(other.code));
            }
            _ => self.note(error, depth, context),
        }
        if self.verbose {
            let ok = u8::from(good);
            match context.current_cert() {
                Some(cert) => log::info!(
                    "{}: depth={depth} verify={ok} subject={}",
                    self.namaddr,
                    printable(&sys::dane::one_line(cert.subject_name()))
                ),
                None => log::info!("{}: verify={ok} raw public key", self.namaddr),
            }
        }
    }

    /// Says in the log why the certificate did not pass. `external`: a policy from outside had failed before.
    pub fn tell(&self, external: Option<&str>) {
        let peer = &self.namaddr;
        let Some(fault) = self.fault() else { return };
        let whose = match (fault.depth, self.peer_is_client) {
            (1.., _) => "CA",
            (0, true) => "client",
            (0, false) => "server",
        };
        match (external, fault.code) {
            (Some(failure), _) => {
                log::info!("certificate verification failed for {peer}: external policy failure ({failure})");
            }
            (_, code::CERT_UNTRUSTED) => {
                log::info!("certificate verification failed for {peer}: not trusted by local or TLSA policy");
            }
            (_, code::DEPTH_ZERO_SELF_SIGNED_CERT) => {
                log::info!("certificate verification failed for {peer}: self-signed certificate");
            }
            (_, code::UNABLE_TO_GET_ISSUER_CERT_LOCALLY | code::SELF_SIGNED_CERT_IN_CHAIN) => log::info!(
                "certificate verification failed for {peer}: untrusted issuer {}",
                printable(&fault.issuer)
            ),
            (_, code::CERT_NOT_YET_VALID | code::ERROR_IN_CERT_NOT_BEFORE_FIELD) => {
                log::info!("{whose} certificate verification failed for {peer}: certificate not yet valid")
            }
            (_, code::CERT_HAS_EXPIRED | code::ERROR_IN_CERT_NOT_AFTER_FIELD) => {
                log::info!("{whose} certificate verification failed for {peer}: certificate has expired")
            }
            (_, code::INVALID_PURPOSE) => log::info!(
                "certificate verification failed for {peer}: not designated for use as a {whose} certificate"
            ),
            (_, code::CERT_CHAIN_TOO_LONG) => log::info!(
                "certificate verification failed for {peer}: certificate chain longer than limit({})",
                i64::from(fault.depth) - 1
            ),
            (_, number) => log::info!(
                "{whose} certificate verification failed for {peer}: num={number}:{}",
                sys::dane::verify_result(number).error_string()
            ),
        }
    }
}

fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}

/// Has every connection of a context watched; a connection without a [`Watch`] is only let pass. `mode`: whether the peer is
/// asked for a certificate.
pub fn watch(
    ctx: &mut SslContextBuilder,
    watches: Index<Ssl, Arc<Watch>>,
    mode: SslVerifyMode,
) -> Result<(), ErrorStack> {
    let connection: Index<X509StoreContext, SslRef> = X509StoreContext::ssl_idx()?;
    ctx.set_verify_callback(mode, move |good, context| {
        // The watch hangs on the context that the check changes: hence a reference of its own.
        let found = context.ex_data(connection).and_then(|ssl| ssl.ex_data(watches)).map(Arc::clone);
        if let Some(found) = found {
            found.look(good, context);
        }
        true
    });
    Ok(())
}
