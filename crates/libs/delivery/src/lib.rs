//! What delivery agents share: the request a queue manager sends, the results an agent reports,
//! the message copy, and the loop that serves one request after another.
//!
//! An agent's program is a function `fn(&Delivery)` that settles every recipient of the request
//! with [`Delivery::sent`], [`Delivery::bounced`] or [`Delivery::deferred`]. What it leaves
//! unsettled stays in the queue. The rest (log line, bounce and defer logs, the mark in the queue
//! file, the final status) is done here, in the order that never loses a recipient: first the
//! lasting record, then the log line, then the mark.

pub mod agent;
pub mod command;
pub mod content;
pub mod copy;
pub mod loops;
pub mod mailbox;
pub mod notice;
pub mod pass;
pub mod post;
pub mod privilege;
pub mod report;
pub mod request;

pub use agent::{Agent, serve};
pub use content::{Content, ContentError, Piece};
pub use mail::dsn::{Outcome, Status};
pub use privilege::Privileges;
pub use report::{Attempt, Fate, Reporter};
pub use request::{Delivery, Recipient, Request};
