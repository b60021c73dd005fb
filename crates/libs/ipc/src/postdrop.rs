//! Between sendmail(1) and the postdrop(1) it starts, over pipes.
//!
//! postdrop opens with [`Opening`], takes records up to the END record, and answers with
//! [`crate::cleanup::Status`].

use crate::attr::{Cursor, Fault, Message, Writer};
use bstr::BString;

/// postdrop's announcement.
pub const PROTOCOL: &str = "postdrop_protocol";

/// postdrop's opening: the name of the queue file it made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// The queue id in `maildrop`; pickup(8) gives the message another one.
    pub queue_id: BString,
}

impl Message for Opening {
    fn put(&self, out: &mut Writer<'_>) {
        out.str("protocol", PROTOCOL).str("queue_id", &self.queue_id).end();
    }
    fn take(from: &mut Cursor<'_>) -> Result<Self, Fault> {
        crate::peer::check_protocol(from, PROTOCOL)?;
        let queue_id = from.string("queue_id")?;
        from.end()?;
        Ok(Opening { queue_id })
    }
}
