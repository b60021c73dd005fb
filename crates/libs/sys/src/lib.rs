//! System calls and C libraries behind safe functions.
//!
//! The only crate of the project with unsafe code, and the only one that names `nix` and
//! `libc`. One file a topic; each unsafe block says why it is sound. Nothing here knows mail.

pub mod arrivals;
pub mod clock;
pub mod dane;
pub mod errno;
pub mod fd;
pub mod file;
pub mod fs;
pub mod host;
pub mod limit;
pub mod listen;
pub mod lmdb;
pub mod lock;
pub mod openssl;
pub mod openssl_init;
pub mod pcre;
pub mod poll;
pub mod proc;
pub mod rand;
pub mod rawkey;
pub mod regex;
pub mod resolver;
pub mod services;
pub mod signal;
pub mod socket;
pub mod spawn;
pub mod thread;
pub mod user;

pub use errno::{FILE_TOO_LARGE, context, errno_text, strerror};

pub(crate) fn nul_error() -> std::io::Error {
    std::io::Error::new(std::io::ErrorKind::InvalidInput, "embedded null character")
}
