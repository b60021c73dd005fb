//! The conversations between Postfix programs.
//!
//! Every arrow of the process map is one attribute protocol over a Unix-domain socket, and one
//! module here: it names the service, the announcement the server opens with, and one struct for
//! each request and reply, in the reference's attribute names and order. A struct is a
//! [`Message`]: it encodes into bytes and decodes from bytes, so that a blocking [`Peer`] and an
//! event loop use the same code.
//!
//! ```text
//! attr     the wire form: name NUL value NUL … NUL
//! fields   what several requests share: recipient, delivery status, time stamps
//! peer     a blocking connection, a client that keeps connections
//! trigger  wake-up bytes      postlog  datagrams of the log service
//! cleanup rewrite delivery bounce verify anvil flush tlsmgr proxymap showq scache   one each
//! ```

pub mod anvil;
pub mod attr;
pub mod bounce;
pub mod cleanup;
pub mod delivery;
pub mod fields;
pub mod flush;
pub mod master_status;
pub mod peer;
pub mod plain;
pub mod postdrop;
pub mod postlog;
pub mod proxymap;
pub mod rewrite;
pub mod scache;
pub mod showq;
pub mod tlsmgr;
pub mod trigger;
pub mod verify;

pub use attr::{Cursor, Decoded, Fault, Message, Writer, decode, encode};
pub use fields::{Dsn, MsgStats, Recipient};
pub use peer::{Class, Client, Peer, Place, connect, default_timeout, set_default_timeout};
