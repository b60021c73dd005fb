//! The server models that every daemon is built on.
//!
//! A daemon names itself, declares the parameters it reads, says what it needs to open before
//! it is confined, and hands over one function. The runtime does the rest, by the contract of
//! Postfix's master(8): options, descriptors 3 to 6 and up, main.cf, log, privilege drop, chroot,
//! status reports, limits, draining.
//!
//! | model | serves |
//! |---|---|
//! | [`sessions`] | each connection on a thread of a bounded pool, as blocking code |
//! | [`agent`] | one connection at a time on the main thread; may change its effective user |
//! | [`triggered`] | trigger bytes, one batch at a time |
//! | [`events`] | one thread with its own loop over a [`poller::Poller`] |

mod accept;
mod agent;
mod builder;
mod event_loop;
pub mod flow;
mod options;
pub mod poller;
mod pool;
mod start;
mod status;
pub mod timers;
mod triggers;

pub use builder::{Builder, agent, events, sessions, triggered};
pub use event_loop::{Client, EventLoop, Happening};
pub use start::{Context, Setup};
