//! The message content of a queue file as lines: what mailboxes, commands and connections get.
//!
//! Content records are `N` (a line) and `L` (a piece of a longer line), each a type, a length in
//! groups of seven bits, and the data; `X` ends the content. Anything else is damage. Data are
//! handed out from the read buffer, without a copy.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// Reads lines from a queue file; the file's own position is not used.
pub struct Content<'a> {
    file: &'a File,
    /// File offset of the end of `window`.
    next: u64,
    first: u64,
    window: Vec<u8>,
    at: usize,
}

/// A line, or a piece of one that was too long for a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// The bytes, without a line ending.
    pub data: &'a [u8],
    /// The line ends here.
    pub ends: bool,
}

/// Why reading stopped.
#[derive(Debug)]
pub enum ContentError {
    /// The queue file is damaged; see [`crate::Delivery::mark_corrupt`].
    Corrupt(String),
    /// The queue file cannot be read.
    Io(io::Error),
}

impl From<io::Error> for ContentError {
    fn from(error: io::Error) -> ContentError {
        ContentError::Io(error)
    }
}

const FIRST: usize = 8 * 1024;
const WINDOW: usize = 64 * 1024;
/// No record is longer: the reference refuses to read more than this, too.
const RECORD_LIMIT: usize = 100_000_000;

impl<'a> Content<'a> {
    /// Content that begins at `offset`.
    pub fn new(file: &'a File, offset: u64) -> Content<'a> {
        Content { file, next: offset, first: offset, window: Vec::new(), at: 0 }
    }

    /// The next piece; `None` at the end of the content.
    pub fn next_piece(&mut self) -> Result<Option<Piece<'_>>, ContentError> {
        let (kind, head, length) = loop {
            match self.header()? {
                Some(header) => break header,
                None => self.more()?,
            }
        };
        match kind {
            b'X' => return Ok(None),
            b'N' | b'L' => {}
            other => {
                return Err(ContentError::Corrupt(format!("bad record type: {other} in message content")));
            }
        }
        while self.window.len() - self.at < head + length {
            self.more()?;
        }
        let begin = self.at + head;
        self.at = begin + length;
        let data = self.window.get(begin..self.at).unwrap_or_default();
        Ok(Some(Piece { data, ends: kind == b'N' }))
    }

    /// Type, header length and data length of the next record, if they are all in the window.
    fn header(&self) -> Result<Option<(u8, usize, usize)>, ContentError> {
        let rest = self.window.get(self.at..).unwrap_or_default();
        let Some((&kind, rest)) = rest.split_first() else { return Ok(None) };
        let mut length = 0usize;
        for (group, byte) in rest.iter().enumerate() {
            if group >= 5 {
                break;
            }
            length |= usize::from(byte & 0x7f) << (7 * group);
            if byte & 0x80 == 0 {
                if length > RECORD_LIMIT {
                    break;
                }
                return Ok(Some((kind, 2 + group, length)));
            }
        }
        if rest.len() < 5 {
            return Ok(None);
        }
        Err(ContentError::Corrupt("bad record length in message content".into()))
    }

    /// Reads on behind what is in the window.
    fn more(&mut self) -> Result<(), ContentError> {
        self.window.drain(..self.at);
        self.at = 0;
        let have = self.window.len();
        // Most messages are small: clearing a large window would cost more than reading them.
        let step = if self.next == self.first { FIRST } else { WINDOW };
        self.window.resize(have + step, 0);
        let got = match self.window.get_mut(have..) {
            Some(room) => self.file.read_at(room, self.next),
            None => Ok(0),
        };
        self.window.truncate(have + *got.as_ref().unwrap_or(&0));
        match got {
            Ok(0) => Err(ContentError::Corrupt("unexpected end of message content".into())),
            Ok(got) => {
                self.next += got as u64;
                Ok(())
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn file(bytes: &[u8]) -> File {
        use std::io::Write;
        let path = std::env::temp_dir().join(format!(
            "content.{}.{:?}",
            std::process::id(),
            std::thread::current().id()
        ));
        let mut file =
            File::options().read(true).write(true).create(true).truncate(true).open(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        file.write_all(bytes).unwrap();
        file
    }

    fn read(bytes: &[u8]) -> Result<Vec<(Vec<u8>, bool)>, ContentError> {
        let file = file(bytes);
        let mut content = Content::new(&file, 0);
        let mut all = Vec::new();
        while let Some(piece) = content.next_piece()? {
            all.push((piece.data.to_vec(), piece.ends));
        }
        Ok(all)
    }

    #[test]
    fn lines_and_pieces() {
        let all = read(b"N\x04a: bN\x00L\x02xxN\x01yX\x00rest").unwrap();
        let expect = [(&b"a: b"[..], true), (b"", true), (b"xx", false), (b"y", true)];
        assert_eq!(all, expect.map(|(data, ends)| (data.to_vec(), ends)));
    }

    #[test]
    fn a_record_longer_than_the_window() {
        let length = 3 * WINDOW;
        let mut bytes = vec![b'N'];
        let mut left = length;
        while left >= 0x80 {
            bytes.push(u8::try_from(left & 0x7f).unwrap() | 0x80);
            left >>= 7;
        }
        bytes.push(u8::try_from(left).unwrap());
        bytes.extend(std::iter::repeat_n(b'x', length));
        bytes.extend_from_slice(b"X\0");
        assert_eq!(read(&bytes).unwrap(), [(vec![b'x'; length], true)]);
    }

    #[test]
    fn damage_is_told_apart_from_the_end() {
        for bad in [
            &b""[..],
            b"N",
            b"N\x05ab",
            b"E\0",
            b"N\xff\xff\xff\xff\xff\xff",
            b"N\xff\xff\xff\xff\x7fx",
            b"p\x01x",
        ] {
            assert!(matches!(read(bad), Err(ContentError::Corrupt(_))), "{bad:?}");
        }
    }
}
