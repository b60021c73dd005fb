//! Datagrams to postlogd(8): one log line each, public service `postlog` (`postlog_service_name`).
//!
//! The line is what goes to the file: `Nov 22 02:54:24 host postfix/smtpd[123]: text`. In a child
//! of the master the socket is inherited; commands find it below the queue directory.

/// The service's usual name, class public.
pub const SERVICE: &str = "postlog";

/// The longest datagram the server takes.
pub const LINE_MAX: usize = 4096;
