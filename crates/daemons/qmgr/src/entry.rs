//! Delivery requests in waiting: one message, one destination, as many recipients as the transport
//! takes at once. The requests of one message for one destination form a [`Peer`].
//!
//! Peers are what a scheduler chooses between. The one in [`crate::schedule`] takes destinations in
//! turn and, within a destination, messages in turn; a preemptive one would order the messages'
//! peers instead, and nothing else would change.

use std::collections::VecDeque;

use ipc::Recipient;

use crate::message::Message;
use crate::queue::Queue;
use crate::slab::Id;

/// One delivery request.
pub struct Entry {
    /// What is delivered.
    pub message: Id<Message>,
    /// Where to.
    pub queue: Id<Queue>,
    /// To whom.
    pub recipients: Vec<Recipient>,
}

/// The waiting requests of one message for one destination.
pub struct Peer {
    /// The message.
    pub message: Id<Message>,
    /// Requests, in the order of their recipients.
    pub entries: VecDeque<Id<Entry>>,
}
