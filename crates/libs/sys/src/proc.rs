//! Processes: ids, signals to others, waiting, ending.

use std::io;

use nix::sys::signal::Signal;
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

/// This process's id.
pub fn pid() -> i32 {
    std::process::id() as i32
}

/// The parent's process id.
pub fn parent() -> i32 {
    nix::unistd::getppid().as_raw()
}

/// How a child ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// With this exit status.
    Exit(i32),
    /// By this signal's number.
    Signal(i32),
}

impl Ended {
    /// Exit status 0.
    pub fn success(self) -> bool {
        self == Ended::Exit(0)
    }
}

/// Collects one ended child: `None` when none has ended (or there are none).
pub fn reap() -> Option<(i32, Ended)> {
    reap_one(Pid::from_raw(-1), Some(WaitPidFlag::WNOHANG)).ok().flatten()
}

/// Looks whether child `pid` has ended, without waiting.
pub fn try_wait(pid: i32) -> io::Result<Option<Ended>> {
    Ok(reap_one(Pid::from_raw(pid), Some(WaitPidFlag::WNOHANG))?.map(|(_, ended)| ended))
}

/// Waits for child `pid` to end.
pub fn wait(pid: i32) -> io::Result<Ended> {
    loop {
        if let Some((_, ended)) = reap_one(Pid::from_raw(pid), None)? {
            return Ok(ended);
        }
    }
}

fn reap_one(pid: Pid, flags: Option<WaitPidFlag>) -> io::Result<Option<(i32, Ended)>> {
    loop {
        return match waitpid(pid, flags) {
            Ok(WaitStatus::Exited(pid, code)) => Ok(Some((pid.as_raw(), Ended::Exit(code)))),
            Ok(WaitStatus::Signaled(pid, signal, _)) => {
                Ok(Some((pid.as_raw(), Ended::Signal(signal as i32))))
            }
            Ok(_) => Ok(None),
            Err(nix::errno::Errno::EINTR) => continue,
            Err(err) => Err(err.into()),
        };
    }
}

/// Sends a signal by number; 0 only asks whether the process is there. A negative pid means the
/// process group.
pub fn kill(pid: i32, signal: i32) -> io::Result<()> {
    let signal = if signal == 0 { None } else { Some(Signal::try_from(signal)?) };
    Ok(nix::sys::signal::kill(Pid::from_raw(pid), signal)?)
}

/// Starts a session of its own, away from the terminal.
pub fn new_session() -> io::Result<()> {
    nix::unistd::setsid()?;
    Ok(())
}

/// Makes this process the leader of a process group of its own.
pub fn new_group() -> io::Result<()> {
    Ok(nix::unistd::setpgid(Pid::from_raw(0), Pid::from_raw(0))?)
}

/// Whether this process leads its process group.
pub fn leads_group() -> bool {
    nix::unistd::getpgrp() == nix::unistd::getpid()
}

/// Ends the process at once: no destructors, no exit handlers.
pub fn exit_now(code: i32) -> ! {
    // SAFETY: _exit takes an integer and does not return.
    unsafe { libc::_exit(code) }
}

/// Continues in a child process and ends the parent, as a program does that goes into the
/// background. Only while the process has one thread.
///
/// Returns in the child; the parent exits with `parent_status` of the child's fate: callers
/// that must report start-up keep a pipe for it and use [`crate::spawn`] instead.
pub fn background() -> io::Result<()> {
    // SAFETY: the process is single-threaded (the caller's duty, checked in debug builds), so
    // the child may run any code.
    match unsafe { nix::unistd::fork() }? {
        nix::unistd::ForkResult::Parent { .. } => exit_now(0),
        nix::unistd::ForkResult::Child => {
            crate::thread::forget();
            Ok(())
        }
    }
}

/// Which side of [`fork`] this is.
pub enum Fork {
    Parent { child: i32 },
    Child,
}

/// Forks a process that has one thread; the child goes on in the same program. Refused when the
/// process has more threads, since their locks would stay locked in the child.
pub fn fork() -> io::Result<Fork> {
    if threads()? != 1 {
        return Err(io::Error::other("fork in a process with several threads"));
    }
    // SAFETY: single-threaded (checked), so no lock can be held by a thread that is gone.
    match unsafe { nix::unistd::fork() }? {
        nix::unistd::ForkResult::Parent { child } => Ok(Fork::Parent { child: child.as_raw() }),
        nix::unistd::ForkResult::Child => {
            crate::thread::forget();
            Ok(Fork::Child)
        }
    }
}

/// The number of threads of this process.
pub fn threads() -> io::Result<usize> {
    Ok(std::fs::read_dir("/proc/self/task")?.count())
}

/// Keeps other processes of the same user from looking into this one, and from core dumps.
pub fn hide() {
    // SAFETY: PR_SET_DUMPABLE takes integers only.
    unsafe {
        libc::prctl(libc::PR_SET_DUMPABLE, 0, 0, 0, 0);
    }
}

/// Names the calling thread for `ps` and `top` (15 bytes at most).
pub fn name_thread(name: &str) {
    let mut text = name.as_bytes().to_vec();
    text.truncate(15);
    text.retain(|&b| b != 0);
    text.push(0);
    // SAFETY: the buffer is NUL-terminated and outlives the call; the kernel copies it.
    unsafe {
        libc::prctl(libc::PR_SET_NAME, text.as_ptr(), 0, 0, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_alive() {
        assert!(kill(pid(), 0).is_ok());
        assert!(threads().unwrap() >= 1);
    }
}
