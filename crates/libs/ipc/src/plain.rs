//! The plain form of the attribute protocol, which anvil(8) and policy servers speak: `name=value` lines, and an empty
//! line at the end of each list. Messages are the same as in the null-byte form, and are converted on the way.

use std::io;

use crate::attr::{self, Decoded, Fault, Message};
use crate::peer::Peer;

/// Appends the plain form of a message.
pub fn encode<M: Message>(message: &M, out: &mut Vec<u8>) {
    let mut wire = Vec::new();
    attr::encode(message, &mut wire);
    let mut words = wire.split(|&b| b == 0);
    while let Some(name) = words.next() {
        if name.is_empty() {
            out.push(b'\n');
            // A null byte ends the wire form; what split finds behind it is nothing.
            break;
        }
        out.extend_from_slice(name);
        out.push(b'=');
        // A line feed in a value would begin another attribute.
        out.extend(words.next().unwrap_or_default().iter().map(|&b| if b == b'\n' { b' ' } else { b }));
        out.push(b'\n');
    }
}

/// Reads one message from the front of `bytes`.
pub fn decode<M: Message>(bytes: &[u8]) -> Result<Decoded<M>, Fault> {
    let mut wire = Vec::new();
    let mut taken = 0;
    loop {
        let rest = bytes.get(taken..).unwrap_or_default();
        let Some(end) = rest.iter().position(|&b| b == b'\n') else { return Ok(Decoded::NeedMore) };
        let line = rest.get(..end).unwrap_or_default();
        taken += end + 1;
        if line.is_empty() {
            wire.push(0);
            return match attr::decode(&wire)? {
                Decoded::Complete(message, _) => Ok(Decoded::Complete(message, taken)),
                Decoded::NeedMore => Err(Fault::Garbage),
            };
        }
        let at = line.iter().position(|&b| b == b'=').filter(|at| *at > 0).ok_or(Fault::Garbage)?;
        let (name, value) = line.split_at(at);
        let value = value.get(1..).unwrap_or_default();
        if name.contains(&0) || value.contains(&0) {
            return Err(Fault::Garbage);
        }
        for part in [name, value] {
            wire.extend_from_slice(part);
            wire.push(0);
        }
    }
}

/// Sends a message.
pub fn send<M: Message>(peer: &mut Peer, message: &M) -> io::Result<()> {
    let mut out = Vec::new();
    encode(message, &mut out);
    peer.stream().write(&out)?;
    peer.flush()
}

/// The next message; a close is an error.
pub fn receive<M: Message>(peer: &mut Peer) -> io::Result<M> {
    let stream = peer.stream();
    loop {
        match decode(stream.buffered()) {
            Ok(Decoded::Complete(message, taken)) => {
                stream.consume(taken);
                return Ok(message);
            }
            Ok(Decoded::NeedMore) => {}
            Err(fault) => return Err(io::Error::new(io::ErrorKind::InvalidData, fault)),
        }
        if stream.read_more()? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}

/// Reads a server's opening line and insists on its protocol.
pub fn expect(peer: &mut Peer, protocol: &'static str) -> io::Result<()> {
    let heard: Opening = receive(peer)?;
    if heard.0 != protocol {
        return Err(io::Error::new(io::ErrorKind::InvalidData, Fault::OtherProtocol(heard.0)));
    }
    Ok(())
}

struct Opening(bstr::BString);

impl Message for Opening {
    fn put(&self, out: &mut attr::Writer<'_>) {
        out.str("protocol", &self.0).end();
    }

    fn take(from: &mut attr::Cursor<'_>) -> Result<Self, Fault> {
        let name = from.string("protocol")?;
        from.end()?;
        Ok(Opening(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::anvil::{Connected, Event, Request};

    #[test]
    fn there_and_back() {
        let request = Request { event: Event::Connect, ident: "smtp:1.2.3.4".into() };
        let mut out = Vec::new();
        encode(&request, &mut out);
        assert_eq!(out, b"request=connect\nident=smtp:1.2.3.4\n\n");
        for cut in 0..out.len() {
            assert_eq!(decode::<Request>(&out[..cut]), Ok(Decoded::NeedMore), "cut at {cut}");
        }
        out.extend_from_slice(b"more");
        assert_eq!(decode(&out), Ok(Decoded::Complete(request, out.len() - 4)));
        let reply = Connected { status: 0, count: 1, rate: 2 };
        let mut out = Vec::new();
        encode(&reply, &mut out);
        assert_eq!(out, b"status=0\ncount=1\nrate=2\n\n");
    }

    #[test]
    fn nonsense_is_refused() {
        for bad in
            ["request\n\n", "=x\n\n", "request=connect\0\nident=x\n\n", "\n", "ident=x\nrequest=connect\n\n"]
        {
            assert!(decode::<Request>(bad.as_bytes()).is_err(), "{bad:?}");
        }
    }
}
