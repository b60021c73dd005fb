//! System calls and C libraries behind safe functions: the only crate with unsafe code.

pub mod clock;
pub mod errno;
pub mod host;
pub mod lock;
pub mod regex;
pub mod pcre;
pub mod lmdb;
pub mod thread;

pub use errno::{errno_text, strerror};

pub mod file;
pub mod socket;
pub mod rand;
pub mod resolver;
