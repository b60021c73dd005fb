//! Signal dispositions. Handlers that do work are signal-hook's, in the daemon crate.

use std::io;

use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};

pub const HUP: i32 = libc::SIGHUP;
pub const INT: i32 = libc::SIGINT;
pub const QUIT: i32 = libc::SIGQUIT;
pub const KILL: i32 = libc::SIGKILL;
pub const PIPE: i32 = libc::SIGPIPE;
pub const ALRM: i32 = libc::SIGALRM;
pub const TERM: i32 = libc::SIGTERM;
pub const CHLD: i32 = libc::SIGCHLD;
pub const USR1: i32 = libc::SIGUSR1;
pub const XFSZ: i32 = libc::SIGXFSZ;

/// Ignores a signal.
pub fn ignore(number: i32) -> io::Result<()> {
    set(number, SigHandler::SigIgn)
}

/// Gives a signal its default action; command-line tools do this with [`PIPE`], which Rust's
/// start-up ignores.
pub fn default(number: i32) -> io::Result<()> {
    set(number, SigHandler::SigDfl)
}

/// Unblocks all signals for the calling thread.
pub fn unblock_all() -> io::Result<()> {
    Ok(SigSet::empty().thread_set_mask()?)
}

/// Blocks all signals for the calling thread, so that a worker thread never takes one that the
/// main thread waits for.
pub fn block_all() -> io::Result<()> {
    Ok(SigSet::all().thread_set_mask()?)
}

fn set(number: i32, handler: SigHandler) -> io::Result<()> {
    let action = SigAction::new(handler, SaFlags::SA_RESTART, SigSet::empty());
    // SAFETY: the handlers are SIG_IGN and SIG_DFL only; no code of ours runs in a handler.
    unsafe { sigaction(Signal::try_from(number)?, &action) }?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn dispositions_can_be_set() {
        super::ignore(super::PIPE).unwrap();
        assert!(super::ignore(super::KILL).is_err());
    }
}
