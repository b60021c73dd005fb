//! What a child tells the master on descriptor 5: whether it is free.

/// One report: process id, generation, availability, as they lie in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report {
    /// The child's process id.
    pub pid: i32,
    /// The environment's `GENERATION`: reports from before a restart of the master are ignored.
    pub generation: u32,
    /// [`TAKEN`] or [`AVAILABLE`].
    pub available: i32,
}

/// The child serves somebody.
pub const TAKEN: i32 = 0;
/// The child waits for a client.
pub const AVAILABLE: i32 = 1;
/// The environment variable that carries the generation, in octal.
pub const GENERATION: &str = "GENERATION";
/// Bytes of a report.
pub const LENGTH: usize = 12;

impl Report {
    /// The wire form.
    pub fn encode(&self) -> [u8; LENGTH] {
        let mut bytes = [0; LENGTH];
        let fields = self
            .pid
            .to_ne_bytes()
            .into_iter()
            .chain(self.generation.to_ne_bytes())
            .chain(self.available.to_ne_bytes());
        for (to, from) in bytes.iter_mut().zip(fields) {
            *to = from;
        }
        bytes
    }

    /// Reads the wire form.
    pub fn decode(bytes: &[u8; LENGTH]) -> Report {
        let [p0, p1, p2, p3, g0, g1, g2, g3, a0, a1, a2, a3] = *bytes;
        Report {
            pid: i32::from_ne_bytes([p0, p1, p2, p3]),
            generation: u32::from_ne_bytes([g0, g1, g2, g3]),
            available: i32::from_ne_bytes([a0, a1, a2, a3]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways() {
        let report = Report { pid: 4711, generation: 7, available: AVAILABLE };
        assert_eq!(Report::decode(&report.encode()), report);
    }
}
