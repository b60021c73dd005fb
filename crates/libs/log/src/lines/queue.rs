//! A message's way through the queue: arrival, activation, notices, removal.

use bstr::BString;

use super::line;

/// `ID: from=<sender>, size=N, nrcpt=N (queue active)`
pub fn queue_active(queue_id: &str, sender: &[u8], size: u64, recipients: u64) -> BString {
    let tail = format!(", size={size}, nrcpt={recipients} (queue active)");
    line(&[queue_id.as_bytes(), b": from=<", sender, b">", tail.as_bytes()])
}

/// `ID: from=<sender>, status=…` and the like: the part behind `from=<sender>, ` is the caller's.
pub fn from(queue_id: &str, sender: &[u8], what: &[u8]) -> BString {
    line(&[queue_id.as_bytes(), b": from=<", sender, b">, ", what])
}

/// `ID: from=<sender>, status=expired, returned to sender`
pub fn expired(queue_id: &str, sender: &[u8]) -> BString {
    from(queue_id, sender, b"status=expired, returned to sender")
}

/// `ID: skipped, still being delivered`
pub fn skipped_still_delivered(queue_id: &str) -> BString {
    line(&[queue_id.as_bytes(), b": skipped, still being delivered"])
}

/// `ID: removed`
pub fn removed(queue_id: &str) -> BString {
    line(&[queue_id.as_bytes(), b": removed"])
}

/// `ID: message-id=<…>`, the header's value as it stands.
pub fn message_id(queue_id: &str, value: &[u8]) -> BString {
    line(&[queue_id.as_bytes(), b": message-id=", value])
}

/// `ID: resent-message-id=<…>`, the header's value as it stands.
pub fn resent_message_id(queue_id: &str, value: &[u8]) -> BString {
    line(&[queue_id.as_bytes(), b": resent-message-id=", value])
}

/// `ID: uid=N from=<sender>`: a local submission.
pub fn pickup(queue_id: &str, uid: u32, sender: &[u8]) -> BString {
    line(&[queue_id.as_bytes(), format!(": uid={uid} from=<").as_bytes(), sender, b">"])
}

/// The kinds of notice that bounce(8) sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// To the sender: not delivered.
    Sender,
    /// To the sender: delayed.
    SenderDelay,
    /// To the sender: delivered, relayed, expanded or verified.
    SenderStatus,
    /// To the postmaster: not delivered.
    Postmaster,
    /// To the postmaster: delayed.
    PostmasterDelay,
}

/// `ID: sender non-delivery notification: NEWID`
pub fn notification(queue_id: &str, notice: Notice, new_id: &str) -> BString {
    let kind: &str = match notice {
        Notice::Sender => "sender non-delivery notification",
        Notice::SenderDelay => "sender delay notification",
        Notice::SenderStatus => "sender delivery status notification",
        Notice::Postmaster => "postmaster non-delivery notification",
        Notice::PostmasterDelay => "postmaster delay notification",
    };
    line(&[queue_id.as_bytes(), b": ", kind.as_bytes(), b": ", new_id.as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goldens() {
        let cases = [
            (queue_active("4ABC", b"a@b", 334, 1), "4ABC: from=<a@b>, size=334, nrcpt=1 (queue active)"),
            (queue_active("4ABC", b"", 1, 10_000), "4ABC: from=<>, size=1, nrcpt=10000 (queue active)"),
            (expired("4ABC", b"a@b"), "4ABC: from=<a@b>, status=expired, returned to sender"),
            (skipped_still_delivered("4ABC"), "4ABC: skipped, still being delivered"),
            (removed("4ABC"), "4ABC: removed"),
            (message_id("4ABC", b"<x@y>"), "4ABC: message-id=<x@y>"),
            (resent_message_id("4ABC", b"<x@y>"), "4ABC: resent-message-id=<x@y>"),
            (pickup("4ABC", 1000, b"joe"), "4ABC: uid=1000 from=<joe>"),
            (notification("4ABC", Notice::Sender, "4DEF"), "4ABC: sender non-delivery notification: 4DEF"),
            (notification("4ABC", Notice::SenderDelay, "4DEF"), "4ABC: sender delay notification: 4DEF"),
            (
                notification("4ABC", Notice::SenderStatus, "4DEF"),
                "4ABC: sender delivery status notification: 4DEF",
            ),
            (
                notification("4ABC", Notice::Postmaster, "4DEF"),
                "4ABC: postmaster non-delivery notification: 4DEF",
            ),
            (
                notification("4ABC", Notice::PostmasterDelay, "4DEF"),
                "4ABC: postmaster delay notification: 4DEF",
            ),
        ];
        for (line, golden) in cases {
            assert_eq!(line, golden);
        }
    }
}
