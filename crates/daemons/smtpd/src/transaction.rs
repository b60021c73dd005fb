//! One mail transaction: what MAIL FROM and the restrictions have said about a message to come.

use std::time::SystemTime;

use bstr::BString;
use mail::dsn::Return;
use wire::Body;

use crate::queue::QueueStream;

/// From MAIL FROM to the end of the data, or to a reset.
#[derive(Default)]
pub struct Transaction {
    /// When MAIL FROM was accepted.
    pub arrival: Option<SystemTime>,
    /// SIZE=, and what has come in.
    pub announced: i64,
    pub received: i64,
    pub body: Option<Body>,
    pub ret: Option<Return>,
    pub envid: Option<BString>,
    pub smtputf8: bool,
    /// REQUIRETLS: not to be sent on without TLS.
    pub require_tls: bool,
    /// VERP delimiters.
    pub verp: Option<BString>,
    /// Recipients accepted, and refused for being too many.
    pub recipients: i64,
    pub overshoot: i64,
    /// `local` or `remote`: how incomplete addresses are completed.
    pub rewrite_context: &'static str,
    /// Actions of access tables that cleanup carries out.
    pub filter: Option<BString>,
    pub redirect: Option<BString>,
    pub bcc: Vec<BString>,
    pub flags: i32,
    pub prepend: Vec<BString>,
    pub discard: bool,
    /// Where the message goes.
    pub queue: Option<QueueStream>,
    /// The queue's name for the message; stays when the stream has ended.
    pub queue_id: Option<BString>,
    /// What is wrong with it: `ipc::cleanup::stat`.
    pub status: i32,
    pub bdat: Bdat,
}

/// How far BDAT has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Bdat {
    #[default]
    None,
    /// Chunks have come, there may be more.
    Going,
    /// A chunk was refused: more of them are thrown away until the transaction ends.
    Failed,
}
