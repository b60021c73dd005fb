//! Records into the queue file, and what goes wrong with that.

use crate::message::Message;
use bstr::ByteSlice;
use ipc::cleanup::{flag, stat};
use mail::{header, sendopts};
use spool::kind;
use std::io;

impl Message<'_> {
    /// Writes one record; text longer than `line_length_limit` becomes several. Does nothing after an error.
    pub fn out(&mut self, record: u8, data: &[u8]) {
        if !self.ok() {
            return;
        }
        let limit = self.service.limits.line_length;
        let is_text = record == kind::NORM || record == kind::CONT;
        let mut rest = data;
        while is_text && rest.len() > limit {
            let (piece, tail) = rest.split_at(limit);
            self.put(kind::CONT, piece);
            rest = tail;
        }
        self.put(record, rest);
    }

    /// Writes a named attribute.
    pub fn out_attribute(&mut self, name: &str, value: &[u8]) {
        self.out(kind::ATTR, &spool::fields::format_attribute(name, value));
    }

    fn put(&mut self, record: u8, data: &[u8]) {
        let limit = self.service.limits.message_size;
        let after = self.file.offset().saturating_add(data.len() as u64);
        if limit > 0 && after > limit {
            log::warning!("{}: queue file size limit exceeded", self.id());
            self.errors |= stat::SIZE;
        } else if let Err(error) = self.file.record(record, data) {
            self.write_failed(&error);
        }
    }

    /// The disk's fault becomes the message's.
    pub fn write_failed(&mut self, error: &io::Error) {
        if error.kind() == io::ErrorKind::FileTooLarge {
            log::warning!("{}: queue file size limit exceeded", self.id());
            self.errors |= stat::SIZE;
        } else {
            log::warning!("{}: write queue file: {}", self.id(), sys::errno_text(error));
            self.errors |= stat::WRITE;
        }
    }

    /// Writes a header, its lines separated by line feeds. Above `header_size_limit` it is cut, if possible between
    /// two lines.
    pub fn out_header(&mut self, text: &[u8]) {
        if self.service.options.utf8 && !text.is_ascii() {
            self.demand(sendopts::SMTPUTF8_HEADER);
            if self.flags & flag::AUTOUTF8 != 0 {
                self.demand(sendopts::SMTPUTF8_REQUESTED);
            }
        }
        let limit = self.service.limits.header_size;
        let text = if text.len() > limit { cut_header(text, limit) } else { text };
        for line in header::lines(text) {
            self.out(kind::NORM, &line);
        }
    }
}

/// The part of a header that fits.
fn cut_header(text: &[u8], limit: usize) -> &[u8] {
    let head = text.get(..limit).unwrap_or(text);
    match head.rfind_byte(b'\n') {
        // Losing less than a tenth is better than half a line.
        Some(at) if at >= limit - limit / 10 => head.get(..at).unwrap_or(head),
        _ => head,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_cut_between_lines_if_that_costs_little() {
        assert_eq!(cut_header(b"To: 345678\n1234", 11), b"To: 345678");
        assert_eq!(cut_header(b"To: 3\n5678901234", 10), b"To: 3\n5678");
    }
}
