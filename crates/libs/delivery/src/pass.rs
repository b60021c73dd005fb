//! Hands a recipient over to another delivery agent (`mailbox_transport`, `fallback_transport`,
//! virtual's and local's pass-through): the queue manager's side of the protocol, for one
//! recipient and one request.

use bstr::ByteSlice;
use ipc::delivery::{FINAL, PROTOCOL, Reply, Request};
use ipc::{Place, Recipient};
use mail::dsn::{Outcome, Status};

use crate::Delivery;
use crate::report::Fate;

enum PassError {
    Unavailable,
    Unknown,
}

/// Delivers `recipient` by `service`, written as transport maps write it: `transport:nexthop`,
/// where the next hop may be missing. The other agent records, logs and marks the result.
pub fn deliver(delivery: &Delivery<'_>, service: &[u8], recipient: &Recipient) -> Fate {
    let (transport, nexthop) = service.split_once_str(":").unwrap_or((service, b""));
    if transport.is_empty() {
        log::fatal!("missing transport name in \"{}\"", service.as_bstr());
    }
    log::info!("{}: passing <{}> to transport={}", delivery.queue_id, recipient.address, transport.as_bstr());
    let request = Request {
        nexthop: if nexthop.is_empty() { delivery.nexthop.clone() } else { nexthop.into() },
        recipients: vec![recipient.clone()],
        ..delivery.request.clone()
    };
    let place = Place::private(transport.to_str_lossy());
    let why = match converse(&place, &request) {
        Ok(reply) if reply.status == FINAL => return Fate::Settled,
        Ok(_) => {
            delivery.keep();
            return Fate::Kept;
        }
        Err(PassError::Unavailable) => "mail transport unavailable",
        Err(PassError::Unknown) => "unknown mail transport error",
    };
    delivery.deferred(recipient, b"none", &Outcome::new(Status::new(4, 3, 0), why))
}

/// Delivers all recipients of the request that way.
pub fn deliver_all(delivery: &Delivery<'_>, service: &[u8]) {
    for recipient in &delivery.request.recipients {
        let _ = deliver(delivery, service, recipient);
    }
}

fn converse(place: &Place, request: &Request) -> Result<Reply, PassError> {
    let unavailable = |error: std::io::Error| {
        log::warning!("{}: {}", place.path().display(), sys::errno_text(&error));
        PassError::Unavailable
    };
    let mut peer = ipc::connect(place).map_err(unavailable)?;
    peer.expect(PROTOCOL).map_err(unavailable)?;
    peer.send(request).map_err(unavailable)?;
    peer.receive().map_err(|error| {
        log::warning!("{}: malformed response: {}", place.path().display(), sys::errno_text(&error));
        PassError::Unknown
    })
}
