//! Reports to master(8) on descriptor 5, and noticing that it is gone.

use std::io::Write;
use std::os::fd::{AsFd, BorrowedFd};

use ipc::master_status::{GENERATION, Report, TAKEN};

const STATUS: i32 = 5;
/// Connections that a daemon for many clients holds at most.
const MANY: usize = 256;

/// The status pipe. Absent when a daemon runs without a master.
pub struct Status {
    pipe: Option<std::fs::File>,
    generation: u32,
    slots: usize,
    /// What the master hears when there is room.
    room: i32,
    several: bool,
}

impl Status {
    /// Without a master: nobody to report to.
    pub fn alone() -> Status {
        Status { pipe: None, generation: 0, slots: 1, room: 1, several: false }
    }

    /// Takes over descriptor 5 and reads `SLOTS`, which only our own master sets.
    pub fn inherit() -> Status {
        let generation =
            std::env::var(GENERATION).ok().and_then(|text| u32::from_str_radix(&text, 8).ok()).unwrap_or(0);
        let slots = std::env::var("SLOTS").ok().and_then(|text| text.parse().ok());
        let pipe = sys::fd::inherited(STATUS);
        if let Some(pipe) = &pipe {
            let _ = sys::fd::set_cloexec(pipe, true);
        }
        let offered = slots.unwrap_or(1usize).clamp(1, 64);
        Status {
            pipe: pipe.map(std::fs::File::from),
            generation,
            slots: offered,
            room: offered as i32,
            several: slots.is_some_and(|n| n > 1),
        }
    }

    /// How many sessions this process may hold.
    pub fn slots(&self) -> usize {
        self.slots
    }

    /// A model that serves one connection at a time takes one slot, whatever was offered.
    pub fn single(&mut self) {
        self.slots = 1;
        self.room = 1;
        self.several = false;
    }

    /// A daemon that serves all its clients at once counts as one, whatever was offered.
    pub fn many(&mut self) {
        self.slots = MANY;
        self.room = 1;
        self.several = false;
    }

    /// Takes fewer slots than were offered.
    pub fn at_most(&mut self, slots: usize) {
        self.slots = self.slots.min(slots.max(1));
        self.room = self.room.min(i32::try_from(self.slots).unwrap_or(1));
        self.several &= self.slots > 1;
    }

    /// At start: our master learns that the process has started well, and how many slots it uses. To
    /// another master, which took it for available anyway, this says nothing new.
    pub fn announce(&mut self) -> bool {
        self.available()
    }

    /// All slots are taken. False when the master is gone.
    pub fn taken(&mut self) -> bool {
        self.send(TAKEN)
    }

    /// There is room again. False when the master is gone.
    pub fn available(&mut self) -> bool {
        self.send(self.room)
    }

    /// No more sessions are taken, `busy` ones are left: our own master counts only those against
    /// the process limit.
    pub fn leaving(&mut self, busy: usize) -> bool {
        match i32::try_from(busy) {
            Ok(busy @ 1..) if self.several => self.send(-busy),
            _ => self.taken(),
        }
    }

    fn send(&mut self, available: i32) -> bool {
        let report = Report { pid: sys::proc::pid(), generation: self.generation, available };
        match &mut self.pipe {
            None => true,
            Some(pipe) => pipe.write_all(&report.encode()).is_ok(),
        }
    }

    /// To watch: it reports an error once nobody reads the other end.
    pub fn watch(&self) -> Option<BorrowedFd<'_>> {
        self.pipe.as_ref().map(|p| p.as_fd())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fewer_slots_than_offered() {
        for (offered, most, expected) in [(25, 5, (5, 5, true)), (3, 5, (3, 3, true)), (25, 1, (1, 1, false))]
        {
            let mut status =
                Status { pipe: None, generation: 1, slots: offered, room: offered as i32, several: true };
            status.at_most(most);
            assert_eq!((status.slots(), status.room, status.several), expected);
        }
    }
}
