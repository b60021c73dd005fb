//! 8-bit content to quoted-printable, piece by piece.

use super::{Machine, Piece, Sink};

/// A line this long gets a soft break before the next character.
const SOFT_BREAK: usize = 72;

impl Machine {
    /// Converts one piece of body. Whole output lines go out; a partial one waits in the buffer.
    pub(super) fn convert(&mut self, piece: Piece, text: &[u8], sink: &mut impl Sink) {
        for byte in text {
            if self.buffer.len() > SOFT_BREAK {
                self.buffer.push(b'=');
                self.put_converted(sink);
            }
            match byte {
                b'=' | 127.. => self.put_hex(*byte),
                0..=31 if *byte != b'\t' => self.put_hex(*byte),
                other => self.buffer.push(*other),
            }
        }
        if piece == Piece::Line {
            if let Some(blank @ (b' ' | b'\t')) = self.buffer.last().copied() {
                self.buffer.pop();
                self.put_hex(blank);
            }
            self.put_converted(sink);
        }
    }

    fn put_converted(&mut self, sink: &mut impl Sink) {
        let line = std::mem::take(&mut self.buffer);
        self.put_body(Piece::Line, &line, sink);
    }

    fn put_hex(&mut self, byte: u8) {
        const HEX: &[u8; 16] = b"0123456789ABCDEF";
        let digit = |nibble: u8| HEX.get(usize::from(nibble)).copied().unwrap_or(b'0');
        self.buffer.extend([b'=', digit(byte >> 4), digit(byte & 15)]);
    }
}
