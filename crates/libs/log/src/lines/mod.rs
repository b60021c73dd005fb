//! The lines that tools parse (log analysers, spam-fighting scripts, queue viewers), each built in one
//! place, byte for byte as the reference writes it. They are logged with [`crate::info_line`].
//!
//! Addresses are given as they are to appear: in external form (quoted where RFC 5321 says so).

mod delivery;
mod queue;
mod session;

pub use delivery::{Delivery, Times, delay_text};
pub use queue::{
    Notice, expired, from, message_id, notification, pickup, queue_active, removed, resent_message_id,
    skipped_still_delivered,
};
pub use session::{
    Client, Commands, Envelope, client, connect, disconnect, lost_connection, reject, timeout,
    too_many_errors,
};

/// Joins pieces to one line.
pub(crate) fn line(pieces: &[&[u8]]) -> bstr::BString {
    pieces.concat().into()
}
