//! The listing for programs: JSON, one object a line.

use crate::listing::Printer;
use bstr::ByteSlice;
use ipc::showq::{Entry, Recipient};
use std::io::{self, Write};

/// Prints messages as they come.
#[derive(Debug, Default)]
pub struct Json {
    recipients: usize,
}

impl Printer for Json {
    fn message(&mut self, out: &mut dyn Write, entry: &Entry) -> io::Result<()> {
        self.recipients = 0;
        write!(
            out,
            "{{\"queue_name\": {}, \"queue_id\": {}, \"arrival_time\": {}, \"message_size\": {}, \"forced_expire\": {}, \
             \"sender\": {}, \"recipients\": [",
            quoted(&entry.queue_name),
            quoted(&entry.queue_id),
            entry.time,
            entry.size,
            entry.forced_expire != 0,
            quoted(&entry.sender)
        )
    }

    fn recipient(&mut self, out: &mut dyn Write, recipient: &Recipient) -> io::Result<()> {
        let comma = if self.recipients > 0 { ", " } else { "" };
        self.recipients += 1;
        let (original, address) = (quoted(&recipient.original), quoted(&recipient.address));
        write!(out, "{comma}{{\"orig_address\": {original}, \"address\": {address}")?;
        if !recipient.log_class.is_empty() {
            let name = if recipient.log_class == "bounce" { "bounce_reason" } else { "delay_reason" };
            write!(out, ", \"{name}\": {}", quoted(&recipient.reason))?;
        }
        write!(out, "}}")
    }

    fn end_of_message(&mut self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "]}}")
    }

    fn end(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

/// A JSON string; bytes that are no UTF-8 become U+FFFD, as JSON knows no bytes.
fn quoted(text: &[u8]) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for letter in text.to_str_lossy().chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if control.is_ascii_control() => out.push_str(&format!("\\u{:04X}", u32::from(control))),
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings() {
        assert_eq!(quoted(b"a\"b\\c\n\x01\x7f\xff"), "\"a\\\"b\\\\c\\n\\u0001\\u007F\u{fffd}\"");
    }
}
