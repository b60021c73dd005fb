//! Who is running: the kernel's id of this thread.

use std::cell::Cell;

thread_local! {
    static ID: Cell<i32> = const { Cell::new(0) };
}

/// The kernel's id of this thread, unique among process ids; a process's first thread has the process's id.
/// Asked once a thread; [`forget`] after a fork without exec.
pub fn id() -> i32 {
    ID.with(|id| {
        if id.get() == 0 {
            id.set(nix::unistd::gettid().as_raw());
        }
        id.get()
    })
}

/// From now on [`id`] of this thread is the process's id: for a helper thread that speaks for the process as a whole.
pub fn adopt_process_id() {
    ID.with(|id| id.set(crate::proc::pid()));
}

/// A forked child is another thread than the one whose memory it has.
pub(crate) fn forget() {
    ID.with(|id| id.set(0));
}

#[cfg(test)]
mod tests {
    #[test]
    fn threads_differ() {
        let mine = super::id();
        let other = std::thread::spawn(super::id).join().unwrap();
        assert_ne!(mine, other);
        assert_eq!(mine, super::id());
    }
}
