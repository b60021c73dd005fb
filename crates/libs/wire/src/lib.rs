//! SMTP commands and replies: pure grammars without I/O.
//!
//! Both sides of the protocol share them: the server takes commands apart ([`token`], [`esmtp`]), the client takes
//! replies apart ([`reply`], [`capability`]) and builds commands ([`command`]). [`dot`] is the transparency of the
//! DATA phase, [`content`] its framing, and BDAT's, for a server, [`xtext`] the encoding of RFC 3461. Peer's faults are typed errors, never panics.

pub mod capability;
pub mod command;
pub mod content;
pub mod dot;
pub mod esmtp;
pub mod reply;
pub mod token;
pub mod xtext;

pub use capability::{Capabilities, Feature};
pub use esmtp::{Body, MailParameter, ParameterError, RcptParameter};
pub use reply::{EnhancedCode, Reply, ReplyError, ReplyParser};
pub use token::{Token, tokenize};
