//! fork and exec, with everything prepared beforehand: the child makes system calls only, so a
//! process with threads may use it too. Errors of the child come back to the caller.

use std::ffi::{CString, OsStr};
use std::io::{self, Read};
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// A program to run: arguments, environment, descriptors, identity.
///
/// The child starts with default signal dispositions, no blocked signals, and no descriptor but
/// those named here (0, 1 and 2 are inherited unless replaced).
pub struct Spawn {
    program: CString,
    argv: Vec<CString>,
    environment: Vec<CString>,
    descriptors: Vec<(OwnedFd, RawFd)>,
    identity: Option<crate::user::Identity>,
    root: Option<CString>,
    directory: Option<CString>,
    session: Session,
}

/// Where a child failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// No process, or its descriptors, identity or root.
    Preparation,
    /// Going to its directory.
    Directory,
    /// Running the program.
    Program,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Session {
    Same,
    New,
    Group,
}

// Descriptors wait above this number until the child moves them to their places.
const PARKING: RawFd = 64;

impl Spawn {
    /// Runs the file `program`; `argv` includes the name in place 0. The environment is empty
    /// until [`Spawn::env`] adds to it.
    pub fn new<A: AsRef<OsStr>>(program: &Path, argv: impl IntoIterator<Item = A>) -> io::Result<Spawn> {
        Ok(Spawn {
            program: c_string(program.as_os_str())?,
            argv: argv.into_iter().map(|a| c_string(a.as_ref())).collect::<io::Result<_>>()?,
            environment: Vec::new(),
            descriptors: Vec::new(),
            identity: None,
            root: None,
            directory: None,
            session: Session::Same,
        })
    }

    /// Adds an environment variable.
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> io::Result<Spawn> {
        let mut pair = name.as_bytes().to_vec();
        pair.push(b'=');
        pair.extend_from_slice(value.as_ref().as_bytes());
        self.environment.push(CString::new(pair).map_err(|_| crate::nul_error())?);
        Ok(self)
    }

    /// Gives the child a duplicate of `fd` at the number `target` (at most 63).
    pub fn descriptor(mut self, fd: impl AsFd, target: RawFd) -> io::Result<Spawn> {
        if !(0..PARKING).contains(&target) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "descriptor number too large"));
        }
        self.descriptors.push((crate::fd::duplicate_above(fd.as_fd(), PARKING)?, target));
        Ok(self)
    }

    /// The child takes this identity for good.
    pub fn identity(mut self, identity: crate::user::Identity) -> Spawn {
        self.identity = Some(identity);
        self
    }

    /// The child is confined below this directory, before it takes its identity; only root can do that.
    pub fn root(mut self, path: &Path) -> io::Result<Spawn> {
        self.root = Some(c_string(path.as_os_str())?);
        Ok(self)
    }

    /// The child starts in this directory (after it took its identity).
    pub fn directory(mut self, path: &Path) -> io::Result<Spawn> {
        self.directory = Some(c_string(path.as_os_str())?);
        Ok(self)
    }

    /// The child leads a new session.
    pub fn new_session(mut self) -> Spawn {
        self.session = Session::New;
        self
    }

    /// The child leads a new process group.
    pub fn new_group(mut self) -> Spawn {
        self.session = Session::Group;
        self
    }

    /// Starts it. Returns the child's id once the program runs; an error when any step failed,
    /// exec included.
    pub fn start(self) -> io::Result<i32> {
        self.start_or_step().map_err(|(_, error)| error)
    }

    /// As [`Spawn::start`]; a failure says at which step.
    pub fn start_or_step(self) -> Result<i32, (Step, io::Error)> {
        let prepared = |error| (Step::Preparation, error);
        let (report, low) = crate::fd::pipe().map_err(prepared)?;
        let child_report = crate::fd::duplicate_above(low.as_fd(), PARKING).map_err(prepared)?;
        drop(low); // or the read below would wait for ourselves
        let argv = pointers(&self.argv);
        let environment = pointers(&self.environment);
        let groups: Vec<libc::gid_t> = self.identity.as_ref().map(|i| i.groups.clone()).unwrap_or_default();
        let highest = self.descriptors.iter().map(|d| d.1).max().unwrap_or(2).max(2);

        // SAFETY: the child runs only `child` below, which makes system calls on memory that
        // was prepared here and never allocates, locks or unwinds.
        match unsafe { libc::fork() } {
            -1 => Err(prepared(io::Error::last_os_error())),
            0 => {
                // SAFETY: as above; the pointer arrays end in null and outlive the call, since
                // the child leaves by exec or _exit.
                unsafe { self.child(&argv, &environment, &groups, highest, child_report) }
            }
            pid => {
                drop(child_report);
                let mut code = [0u8; 5];
                let mut pipe = std::fs::File::from(report);
                match pipe.read_exact(&mut code) {
                    Ok(()) => {
                        let _ = crate::proc::wait(pid);
                        let [step, error @ ..] = code;
                        let step = match step {
                            b'd' => Step::Directory,
                            b'x' => Step::Program,
                            _ => Step::Preparation,
                        };
                        Err((step, io::Error::from_raw_os_error(i32::from_ne_bytes(error))))
                    }
                    Err(_) => Ok(pid),
                }
            }
        }
    }

    /// The child's side: only async-signal-safe calls.
    ///
    /// # Safety
    /// In a forked child only; arrays null-terminated.
    unsafe fn child(
        &self,
        argv: &[*const libc::c_char],
        environment: &[*const libc::c_char],
        groups: &[libc::gid_t],
        highest: RawFd,
        report: OwnedFd,
    ) -> ! {
        // SAFETY: see the function's contract; each call takes integers or prepared pointers.
        unsafe {
            let failed_at = |step: u8| -> ! {
                let [a, b, c, d] = (*libc::__errno_location()).to_ne_bytes();
                let code = [step, a, b, c, d];
                libc::write(report.as_raw_fd(), code.as_ptr().cast(), code.len());
                libc::_exit(127)
            };
            let failed = || -> ! { failed_at(b'p') };
            // From the first moment it goes by its program's name, not by ours: whoever looks at (or kills)
            // processes by name means this one.
            let mut name = self.program.as_ptr();
            let mut at = name;
            while *at != 0 {
                if *at == b'/' as libc::c_char && *at.add(1) != 0 {
                    name = at.add(1);
                }
                at = at.add(1);
            }
            libc::prctl(libc::PR_SET_NAME, name);
            let mut none = std::mem::zeroed::<libc::sigset_t>();
            libc::sigemptyset(&mut none);
            libc::sigprocmask(libc::SIG_SETMASK, &none, std::ptr::null_mut());
            for signal in 1..32 {
                if signal != libc::SIGKILL && signal != libc::SIGSTOP {
                    libc::signal(signal, libc::SIG_DFL);
                }
            }
            match self.session {
                Session::Same => {}
                Session::New => {
                    libc::setsid();
                }
                Session::Group => {
                    libc::setpgid(0, 0);
                }
            }
            for (from, to) in &self.descriptors {
                if libc::dup2(from.as_raw_fd(), *to) < 0 {
                    failed();
                }
            }
            // Whatever else is open goes with exec, also if somebody forgot the flag.
            for number in 3..=highest {
                if !self.descriptors.iter().any(|d| d.1 == number) {
                    libc::fcntl(number, libc::F_SETFD, libc::FD_CLOEXEC);
                }
            }
            let cloexec = 4u32; // CLOSE_RANGE_CLOEXEC
            libc::syscall(libc::SYS_close_range, (highest + 1) as libc::c_uint, libc::c_uint::MAX, cloexec);
            if let Some(root) = &self.root {
                if libc::geteuid() != 0 && libc::seteuid(0) < 0 {
                    failed();
                }
                if libc::chroot(root.as_ptr()) < 0 || libc::chdir(c"/".as_ptr()) < 0 {
                    failed();
                }
            }
            if let Some(identity) = &self.identity {
                // A process whose effective id was lowered takes root back first.
                if libc::getuid() == 0 || libc::geteuid() == 0 {
                    if libc::geteuid() != 0 && libc::seteuid(0) < 0 {
                        failed();
                    }
                    if libc::setgroups(groups.len(), groups.as_ptr()) < 0 {
                        failed();
                    }
                }
                if libc::setgid(identity.gid) < 0 || libc::setuid(identity.uid) < 0 {
                    failed();
                }
            }
            if let Some(directory) = &self.directory {
                if libc::chdir(directory.as_ptr()) < 0 {
                    failed_at(b'd');
                }
            }
            libc::execve(self.program.as_ptr(), argv.as_ptr(), environment.as_ptr());
            failed_at(b'x')
        }
    }
}

fn c_string(text: &OsStr) -> io::Result<CString> {
    CString::new(text.as_bytes()).map_err(|_| crate::nul_error())
}

fn pointers(list: &[CString]) -> Vec<*const libc::c_char> {
    list.iter().map(|s| s.as_ptr()).chain([std::ptr::null()]).collect()
}

/// Replaces this process by another program; returns only an error. The environment goes along
/// as given.
pub fn replace<A: AsRef<OsStr>>(
    program: &Path,
    argv: impl IntoIterator<Item = A>,
    environment: impl IntoIterator<Item = (String, String)>,
) -> io::Error {
    let run = || -> io::Result<std::convert::Infallible> {
        let program = c_string(program.as_os_str())?;
        let argv = argv.into_iter().map(|a| c_string(a.as_ref())).collect::<io::Result<Vec<_>>>()?;
        let environment = environment
            .into_iter()
            .map(|(n, v)| c_string(OsStr::new(&format!("{n}={v}"))))
            .collect::<io::Result<Vec<_>>>()?;
        Ok(nix::unistd::execve(&program, &argv, &environment)?)
    };
    match run() {
        Err(err) => err,
        Ok(never) => match never {},
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptors_and_environment_arrive() {
        let (r, w) = crate::fd::pipe().unwrap();
        let argv = ["sh", "-c", "echo $WHO >&5; ls /proc/self/fd | wc -l >&5"];
        let pid = Spawn::new(Path::new("/bin/sh"), argv)
            .unwrap()
            .env("WHO", "me")
            .unwrap()
            .env("PATH", "/bin:/usr/bin")
            .unwrap()
            .descriptor(&w, 5)
            .unwrap()
            .start()
            .unwrap();
        drop(w);
        let mut text = String::new();
        std::fs::File::from(r).read_to_string(&mut text).unwrap();
        assert!(crate::proc::wait(pid).unwrap().success());
        // 0, 1, 2, 5 and ls's own directory handle
        assert_eq!(text, "me\n5\n");
    }

    #[test]
    fn a_missing_program_is_an_error() {
        let err = Spawn::new(Path::new("/nonexistent"), ["x"]).unwrap().start().unwrap_err();
        assert_eq!(err.kind(), io::ErrorKind::NotFound);
    }
}
