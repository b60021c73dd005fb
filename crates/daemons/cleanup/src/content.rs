//! The content segment: header and body, told apart by the MIME machine, checked and copied.

use crate::message::{Message, Segment, bytes};
use bstr::{BString, ByteSlice};
use ipc::cleanup::{flag, stat};
use mail::header::{self, Info, Kind};
use mail::mime::{Block, Fault, Machine, Options, Piece, Sink};
use spool::fields::attr;
use spool::kind;
use std::borrow::Cow;

impl Message<'_> {
    /// The envelope is over.
    pub fn begin_content(&mut self) {
        self.out(kind::MESG, b"");
        self.size.data_offset = offset(self.file.offset());
        let options = &self.service.options;
        let mut mime = Options {
            disable_mime: options.disable_mime,
            mark_unterminated_header: options.mark_unterminated_header,
            ..Options::default()
        };
        // Bounces and forwarded mail are not judged.
        if !options.disable_mime && self.flags & flag::FILTER != 0 {
            mime.report_8bit_in_header = options.strict_8bitmime || options.strict_7bit_headers;
            mime.report_8bit_in_7bit_body = options.strict_8bitmime || options.strict_8bitmime_body;
            mime.report_encoding_domain = options.strict_encoding;
            mime.report_nesting = mime.report_8bit_in_header
                || mime.report_8bit_in_7bit_body
                || mime.report_encoding_domain
                || self.service.has_header_checks();
        }
        if self.flags & flag::FILTER != 0 {
            mime.report_unterminated_header = options.reject_unterminated_header;
            mime.downgrade = options.force_conversion && !options.disable_mime;
        }
        self.mime = Some(Machine::new(mime, self.service.limits.mime));
    }

    /// One record of the content.
    pub fn content(&mut self, record: u8, data: &[u8]) {
        let piece = match record {
            kind::NORM => Piece::Line,
            kind::CONT => Piece::Part,
            kind::XTRA => Piece::End,
            _ => return self.refuse(format_args!("unexpected record type {record} in message content")),
        };
        let Some(data) = self.tidy(piece, data) else { return };
        let Some(mut mime) = self.mime.take() else { return };
        let faults = mime.update(piece, &data, self);
        if piece != Piece::End {
            self.mime = Some(mime);
            return;
        }
        // A header that was cut is only worth a remark.
        let fault = faults.without(Fault::TruncatedHeader).first();
        if let (Some(fault), None) = (fault, &self.reason) {
            self.errors |= stat::CONT;
            let (status, text) = fault.detail();
            self.reason = Some(format!("{status} {text}").into());
        }
        self.extracted_offset = self.file.offset();
        self.size.message_size = offset(self.extracted_offset) - self.size.data_offset;
        self.size.content_length = self.size.message_size;
        self.segment = Segment::Behind;
    }

    /// Replaces, refuses or removes characters that should not be there.
    fn tidy<'d>(&mut self, piece: Piece, data: &'d [u8]) -> Option<Cow<'d, [u8]>> {
        let options = &self.service.options;
        if self.flags & flag::FILTER == 0 || piece == Piece::End {
            return Some(Cow::Borrowed(data));
        }
        let mut data = Cow::Borrowed(data);
        if options.replace_stray && memchr::memchr2(b'\r', b'\n', &data).is_some() {
            data = Cow::Owned(mail::text::neuter(&data, b"\r\n", b' ').into());
        }
        if !options.reject_characters.is_empty() && data.find_byteset(&options.reject_characters).is_some() {
            self.act("content", &data, b"REJECT disallowed character", "character reject");
            return None;
        }
        if !options.strip_characters.is_empty() && data.find_byteset(&options.strip_characters).is_some() {
            let strip = &options.strip_characters;
            data = Cow::Owned(data.iter().copied().filter(|byte| !strip.contains(byte)).collect());
        }
        Some(data)
    }

    /// A header of the message itself, of a kind that means something.
    fn known_header(&mut self, info: &'static Info, text: &[u8]) {
        self.note_header(info.kind);
        let value = header::value(text);
        match info.kind {
            Kind::MessageId => {
                log::info_line(&log::lines::message_id(self.id(), value));
                self.message_id.get_or_insert_with(|| value.trim_ascii_end().into());
            }
            Kind::ResentMessageId => log::info_line(&log::lines::resent_message_id(self.id(), value)),
            Kind::Received if self.hops >= self.service.limits.hops => {
                log::warning!("{}: message rejected: hopcount exceeded", self.id());
                self.errors |= stat::HOPS;
            }
            Kind::TlsRequired if self.service.options.tls_required => self.note_tls_required(value),
            Kind::RequireTlsEsmtp if self.service.options.require_tls => self.note_require_tls(value),
            _ => {}
        }
        if !self.ok() {
            return;
        }
        if info.resent {
            self.resent = true;
        }
        let dropped = self.service.drops(info.name);
        match self.rewriting.context() {
            Some(context) if info.holds != header::Holds::Nothing => {
                self.rewrite_header(context, info, text, dropped);
            }
            _ if dropped => {}
            _ => self.out_header(text),
        }
    }

    /// `TLS-Required: no` (RFC 8689).
    fn note_tls_required(&mut self, value: &[u8]) {
        if value.trim_ascii().eq_ignore_ascii_case(b"no") {
            self.demand(mail::sendopts::REQUIRETLS_HEADER);
        } else {
            let shown = mail::text::excerpt(value, 100).as_bstr();
            log::warning!("ignoring malformed header: 'TLS-Required: {shown}'");
        }
    }

    /// `Require-TLS-ESMTP: yes`: the REQUIRETLS of an earlier hop, come back from a content filter.
    fn note_require_tls(&mut self, value: &[u8]) {
        if value.trim_ascii().eq_ignore_ascii_case(b"yes") {
            self.require_tls_shown = true;
            self.demand(mail::sendopts::REQUIRETLS_ESMTP);
        }
    }

    /// An encoding header that admits to 8-bit data.
    fn note_encoding(&mut self, text: &[u8]) {
        let value = header::value(text);
        if value.eq_ignore_ascii_case(b"8bit") || value.eq_ignore_ascii_case(b"binary") {
            self.set_attribute(attr::ENCODING.as_bytes(), b"8bit");
        }
    }
}

impl Sink for Message<'_> {
    fn header(&mut self, block: Block, info: Option<&'static Info>, text: &mut BString, _offset: u64) {
        let mut info = info;
        if info.is_some_and(|info| info.kind == Kind::Received) {
            self.hops += 1;
        }
        let mut checked = block;
        if info.is_some_and(|info| info.mime) {
            checked = Block::Multipart;
        }
        if self.flags & flag::FILTER != 0 {
            match self.check_header(checked, text) {
                Checked::Same => {}
                Checked::Gone => return,
                Checked::Replaced(other) => {
                    *text = other;
                    info = header::find_in(text);
                }
            }
        }
        let Some(info) = info else {
            let name = header::name_length(text).and_then(|length| text.get(..length)).unwrap_or_default();
            if block == Block::Primary && self.service.drops_unknown(name) {
                return;
            }
            return self.out_header(text);
        };
        if info.kind == Kind::ContentTransferEncoding && self.service.options.detect_encoding {
            self.note_encoding(text);
        }
        if checked != Block::Primary {
            return self.out_header(text);
        }
        self.known_header(info, text);
    }

    fn headers_end(&mut self) {
        if self.ok() {
            self.add_missing_headers();
        }
    }

    fn body(&mut self, piece: Piece, text: &[u8], offset: u64) {
        if !self.ok() {
            return;
        }
        let record = if piece == Piece::Part { kind::CONT } else { kind::NORM };
        let limit = self.service.limits.body_checks;
        if self.flags & flag::FILTER != 0 && (limit == 0 || offset < limit) {
            match self.check_body(text) {
                Checked::Same => {}
                Checked::Gone => return,
                Checked::Replaced(other) => return self.out(record, &other),
            }
        }
        self.out(record, text);
    }

    fn fault(&mut self, fault: Fault, text: &[u8]) {
        if fault == Fault::TruncatedHeader {
            return;
        }
        let origin = self.attribute(attr::LOG_ORIGIN).unwrap_or("local".into());
        let sender = self.shown(bytes(&self.sender));
        let recipient = self.shown(self.recipient.as_ref().map_or(b"unknown", |known| known.as_slice()));
        log::info!(
            "{}: reject: mime-error {}: {} from {origin}; from=<{sender}> to=<{recipient}>",
            self.id(),
            fault.detail().1,
            mail::text::excerpt(text, 100).as_bstr(),
        );
    }
}

/// What a check made of a header or line.
pub enum Checked {
    /// Nothing.
    Same,
    /// It is not to be copied.
    Gone,
    /// Another text takes its place.
    Replaced(BString),
}

/// An offset as the size record stores it.
fn offset(offset: u64) -> i64 {
    i64::try_from(offset).unwrap_or(i64::MAX)
}
