//! What trigger bytes ask for. Several at once are one request, whatever their order.

use crate::scan::Request;

/// What all the bytes of a trigger come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wishes {
    /// For the incoming queue.
    pub incoming: Request,
    /// For the deferred queue.
    pub deferred: Request,
    /// Forget that destinations and transports are dead.
    pub forgive: bool,
}

/// Reads trigger bytes; unknown ones mean nothing.
pub fn read(bytes: &[u8]) -> Wishes {
    let mut wishes = Wishes::default();
    for byte in bytes {
        match byte {
            b'W' | b'I' => wishes.incoming.start = true,
            b'D' => wishes.deferred.start = true,
            b'A' => (wishes.incoming.all, wishes.deferred.all) = (true, true),
            b'F' => {
                (wishes.incoming.flush, wishes.deferred.flush) = (true, true);
                wishes.forgive = true;
            }
            _ => log::debug!("trigger {byte} ignored"),
        }
    }
    wishes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_collapsed_in_any_order() {
        assert_eq!(read(b"\0x"), Wishes::default());
        let arrival = read(b"IIWI");
        assert_eq!(arrival.incoming, Request { start: true, ..Request::default() });
        assert_eq!(arrival.deferred, Request::default());
        let flush = read(b"DAF");
        assert_eq!(flush, read(b"FAD"));
        assert_eq!(flush.deferred, Request { start: true, all: true, flush: true });
        assert!(flush.forgive && !flush.incoming.start);
    }
}
