//! Resource limits.

use std::io;

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// No file that this process or its children write becomes longer than `bytes`: writing fails with `EFBIG`, and the
/// signal that usually goes with it is ignored.
pub fn file_size(bytes: u64) -> io::Result<()> {
    let (_, hard) = getrlimit(Resource::RLIMIT_FSIZE)?;
    setrlimit(Resource::RLIMIT_FSIZE, bytes.min(hard), hard)?;
    // SAFETY: ignoring a signal installs no handler.
    unsafe {
        nix::sys::signal::signal(nix::sys::signal::Signal::SIGXFSZ, nix::sys::signal::SigHandler::SigIgn)
    }?;
    Ok(())
}
