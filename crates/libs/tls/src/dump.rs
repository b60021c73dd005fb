//! The bytes of a connection in the log, for log levels 3 and 4.

use std::fmt::Write;
use std::io;

const WIDTH: usize = 16;
/// After so many columns stands a bar.
const HALF: usize = 8;

/// Which way bytes went.
#[derive(Clone, Copy)]
pub enum Way {
    Read,
    Write,
}

/// Logs one transfer of up to `asked` bytes over the transport at address `transport`; `bytes` are the buffer's.
pub fn transfer(way: Way, transport: usize, bytes: &[u8], result: &io::Result<usize>) {
    let what = match way {
        Way::Read => "read from",
        Way::Write => "write to",
    };
    let (buffer, asked) = (bytes.as_ptr() as usize, bytes.len());
    match result {
        Ok(count) if *count > 0 => {
            log::info!("{what} {transport:08X} [{buffer:08X}] ({asked} bytes => {count} (0x{count:X}))");
            lines(bytes.get(..*count).unwrap_or_default()).iter().for_each(|line| log::info!("{line}"));
        }
        Ok(_) => log::info!("{what} {transport:08X} [{buffer:08X}] ({asked} bytes => 0)"),
        Err(_) => log::info!("{what} {transport:08X} [{buffer:08X}] ({asked} bytes => -1)"),
    }
}

/// Offset, hexadecimal, and text of each sixteen bytes. Blanks and NULs at the end are only counted.
fn lines(bytes: &[u8]) -> Vec<String> {
    let length = bytes.iter().rposition(|b| !matches!(b, b' ' | 0)).map_or(0, |last| last + 1);
    let shown = bytes.get(..length).unwrap_or_default();
    let mut all: Vec<String> = shown.chunks(WIDTH).enumerate().map(|(row, chunk)| line(row, chunk)).collect();
    if length < bytes.len() {
        all.push(format!("{length:04x} - <SPACES/NULLS>"));
    }
    all
}

fn line(row: usize, chunk: &[u8]) -> String {
    let mut line = format!("{:04x} ", row * WIDTH);
    for column in 0..WIDTH {
        match chunk.get(column) {
            Some(byte) => {
                let _ = write!(line, "{byte:02x}{}", if column + 1 == HALF { '|' } else { ' ' });
            }
            None => line.push_str("   "),
        }
    }
    line.push(' ');
    for (column, byte) in chunk.iter().enumerate() {
        line.push(if matches!(byte, b' '..=b'~') { char::from(*byte) } else { '.' });
        if column + 1 == HALF {
            line.push(' ');
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_shown_in_two_ways() {
        assert_eq!(
            lines(b"EHLO client.test\r\n\0\0"),
            [
                "0000 45 48 4c 4f 20 63 6c 69|65 6e 74 2e 74 65 73 74  EHLO cli ent.test",
                "0010 0d 0a                                            ..",
                "0012 - <SPACES/NULLS>",
            ]
        );
        assert_eq!(lines(b"  "), ["0000 - <SPACES/NULLS>"]);
    }
}
