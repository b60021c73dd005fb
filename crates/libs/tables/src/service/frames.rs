//! What goes over the socket pair: frames of a length and fields, each of a length and bytes.

use std::io::{self, Read, Write};

use bstr::BString;

/// No frame is longer.
const FRAME_LIMIT: usize = 64 << 20;

/// Request kinds and reply kinds: the first field of a frame, after its number.
pub(super) const OPEN: &[u8] = b"open";
pub(super) const LOOKUP: &[u8] = b"lookup";
pub(super) const FOUND: &[u8] = b"found";
pub(super) const NOT_FOUND: &[u8] = b"not found";
pub(super) const FAILED: &[u8] = b"failed";
pub(super) const BAD_CONFIGURATION: &[u8] = b"bad configuration";

/// A request or a reply: its number, and its fields.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub number: u64,
    pub fields: Vec<BString>,
}

impl Frame {
    pub fn field(&self, index: usize) -> &[u8] {
        self.fields.get(index).map_or(b"", |field| field.as_slice())
    }

    pub fn write(&self, to: &mut dyn Write) -> io::Result<()> {
        let too_long = || io::Error::from(io::ErrorKind::InvalidInput);
        let mut body = self.number.to_le_bytes().to_vec();
        for field in &self.fields {
            body.extend(u32::try_from(field.len()).map_err(|_| too_long())?.to_le_bytes());
            body.extend_from_slice(field);
        }
        let mut frame = u32::try_from(body.len()).map_err(|_| too_long())?.to_le_bytes().to_vec();
        frame.extend(body);
        to.write_all(&frame)
    }

    /// The next frame; `None` at the end between two frames.
    pub fn read(from: &mut dyn Read) -> io::Result<Option<Frame>> {
        let mut length = [0; 4];
        match from.read(&mut length)? {
            0 => return Ok(None),
            some => from.read_exact(length.get_mut(some..).unwrap_or_default())?,
        }
        let bad = || io::Error::from(io::ErrorKind::InvalidData);
        let length = usize::try_from(u32::from_le_bytes(length)).map_err(|_| bad())?;
        if !(8..=FRAME_LIMIT).contains(&length) {
            return Err(bad());
        }
        let mut body = vec![0; length];
        from.read_exact(&mut body)?;
        let (number, mut rest) = body.split_first_chunk::<8>().ok_or_else(bad)?;
        let mut frame = Frame { number: u64::from_le_bytes(*number), fields: Vec::new() };
        while !rest.is_empty() {
            let (length, after) = rest.split_first_chunk::<4>().ok_or_else(bad)?;
            let length = usize::try_from(u32::from_le_bytes(*length)).map_err(|_| bad())?;
            let (field, after) = after.split_at_checked(length).ok_or_else(bad)?;
            frame.fields.push(BString::from(field));
            rest = after;
        }
        Ok(Some(frame))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_go_there_and_back() {
        let frame = Frame { number: 7, fields: vec!["a".into(), "".into(), "x\0y".into()] };
        let mut bytes = Vec::new();
        frame.write(&mut bytes).unwrap();
        assert_eq!(Frame::read(&mut bytes.as_slice()).unwrap(), Some(frame));
        assert_eq!(Frame::read(&mut &b""[..]).unwrap(), None);
        bytes.pop();
        assert!(Frame::read(&mut bytes.as_slice()).is_err());
        for bad in [&b"\xff\xff\xff\xff"[..], b"\x0c\0\0\0\0\0\0\0\0\0\0\0\x05\0\0\0"] {
            assert!(Frame::read(&mut &*bad).is_err());
        }
    }
}
