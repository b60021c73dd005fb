//! TLS in both directions, over OpenSSL: [`Server`] for smtpd(8), [`Client`] for smtp(8) and lmtp(8).
//!
//! A context is made once a process, before it gives up root and enters its jail, and is shared by all sessions. A handshake
//! takes over the stream's transport ([`net::Stream::upgrade`], which also throws away plaintext sent ahead) and says in a
//! [`Summary`] what came of it, for log lines, the Received header and policy.
//!
//! The session caches and the ticket keys live in tlsmgr(8); without it sessions are simply not resumed.

mod chain;
mod ciphers;
mod client;
pub mod dane;
mod describe;
mod dump;
mod engine;
mod level;
mod loglevel;
mod manager;
pub mod policy;
mod protocols;
mod server;
mod sessions;
mod summary;
pub mod tlsa;
mod transport;
mod verify;

use std::fmt;

pub use chain::CertificateFiles;
pub use client::{ChainCertificate, Client, ClientSession, Established, Trusting};
pub use level::Level;
pub use loglevel::LogMask;
pub use manager::ticket_key_image;
pub use policy::{Policies, Policy};
pub use server::Server;
pub use summary::{Direction, Signature, Summary, Trust};
pub use sys::openssl::TicketKey;

/// Why a handshake, or the making of a context, failed. Details are in the log already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsError {
    /// The context cannot be made (files, ciphers, protocols): TLS is not available in this process.
    Unavailable,
    /// The peer took too long.
    Timeout,
    /// The peer hung up.
    Lost,
    /// The handshake was refused, by either side.
    Handshake,
    /// The peer's certificate is missing or not trusted, and the level demands it.
    Untrusted,
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TlsError::Unavailable => "TLS is not available",
            TlsError::Timeout => "Connection timed out",
            TlsError::Lost => "lost connection",
            TlsError::Handshake => "TLS handshake failed",
            TlsError::Untrusted => "certificate not trusted",
        })
    }
}

impl std::error::Error for TlsError {}
