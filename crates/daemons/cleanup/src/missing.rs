//! Headers that a message ought to have and has not.

use crate::message::{Message, Rewriting, bytes};
use bstr::{BString, ByteSlice};
use mail::header::{self, Kind};
use mail::rfc822::{self, Token};
use mail::{address, date, encoded_word, quote};
use std::time::{SystemTime, UNIX_EPOCH};

/// Characters for which a full name needs quotes.
const NAME_SPECIALS: &[u8] = b"%!()<>@,;:\\\".[]";

impl Message<'_> {
    /// At the end of the primary header. Mail of strangers is left alone, unless `always_add_missing_headers`.
    pub fn add_missing_headers(&mut self) {
        if self.hops < 1 {
            return self.refuse(format_args!("no Received: header"));
        }
        let add = self.rewriting != Rewriting::Off || self.service.options.always_add_headers;
        if add {
            self.add_message_id();
        }
        if !self.has_header(&[Kind::MessageId]) {
            log::info_line(&log::lines::message_id(self.id(), b"<>"));
        }
        if add {
            self.add_origin();
            self.add_destination();
        }
        if self.service.options.show_require_tls
            && !self.require_tls_shown
            && self.demands(mail::sendopts::REQUIRETLS_ESMTP)
        {
            self.out_header(b"Require-TLS-ESMTP: yes");
        }
    }

    fn add_origin(&mut self) {
        let date_header = if self.resent { Kind::ResentDate } else { Kind::Date };
        if !self.has_header(&[date_header]) {
            let text = format!("{}Date: {}", self.prefix(), date::header(seconds(self.arrival)));
            self.out_header(text.as_bytes());
        }
        let from_header = if self.resent { Kind::ResentFrom } else { Kind::From };
        if !self.has_header(&[from_header]) {
            let text = self.sender_header();
            self.out_header(&text);
        }
    }

    fn prefix(&self) -> &'static str {
        if self.resent { "Resent-" } else { "" }
    }

    fn add_message_id(&mut self) {
        let wanted = if self.resent { Kind::ResentMessageId } else { Kind::MessageId };
        if self.has_header(&[wanted]) {
            return;
        }
        let host = &self.service.options.myhostname;
        let value = if self.file.id().is_long() {
            format!("<{}@{host}>", self.id())
        } else {
            // The time of the id, or the two together would not be unique.
            let stamp = date::message_id_stamp(seconds(Some(self.file.created())));
            format!("<{stamp}.{}@{host}>", self.id())
        };
        let text = format!("{}Message-Id: {value}", self.prefix());
        self.out_header(text.as_bytes());
        if self.resent {
            log::info_line(&log::lines::resent_message_id(self.id(), value.as_bytes()));
        } else {
            log::info_line(&log::lines::message_id(self.id(), value.as_bytes()));
            self.message_id = Some(value.into());
        }
        self.note_header(wanted);
    }

    fn sender_header(&self) -> BString {
        let sender = bytes(&self.sender);
        let shown = quote::quote_822_local(if sender.is_empty() { address::MAILER_DAEMON } else { sender });
        let mut text = BString::from(format!("{}From: ", self.prefix()));
        let name = bytes(&self.full_name);
        if sender.is_empty() || name.is_empty() {
            text.extend_from_slice(&shown);
            return text;
        }
        let name = mail::text::neuter(name, b"\r\n", b' ');
        if self.service.options.standard_from {
            if let Some(phrase) = self.phrase(&name) {
                text.extend_from_slice(&phrase);
                text.push(b' ');
            }
            text.push(b'<');
            text.extend_from_slice(&shown);
            text.push(b'>');
        } else {
            text.extend_from_slice(&shown);
            text.push(b' ');
            let comment = [b"(", name.as_slice(), b")"].concat();
            text.extend_from_slice(&rfc822::external(&rfc822::parse(&comment, 0), false));
        }
        text
    }

    /// A full name as a phrase: quoted or encoded if need be.
    fn phrase(&self, name: &[u8]) -> Option<BString> {
        if !name.is_ascii() {
            let charset = &self.service.options.name_charset;
            let coded = encoded_word::encode(charset, name);
            if coded.is_none() {
                log::warning!(
                    "{}: bad full_name_encoding_charset \"{charset}\" -- ignoring full name",
                    self.id()
                );
            }
            return coded.map(BString::from);
        }
        let tokens = if name.find_byteset(NAME_SPECIALS).is_some() {
            vec![Token::Quoted(name.into())]
        } else {
            rfc822::scan(name, self.service.limits.header_tokens)
        };
        (!tokens.is_empty()).then(|| rfc822::external(&tokens, false))
    }

    /// `undisclosed_recipients_header`, when nobody is named.
    fn add_destination(&mut self) {
        let text = self.service.options.undisclosed.clone();
        let visible = [Kind::To, Kind::ResentTo, Kind::Cc, Kind::ResentCc];
        if text.is_empty() || self.has_header(&visible) {
            return;
        }
        if header::is_header(&text) {
            self.out_header(&text);
        } else {
            log::warning!(
                "bad undisclosed_recipients_header header text \"{text}\" -- need \"headername: headervalue\""
            );
        }
    }
}

fn seconds(time: Option<SystemTime>) -> i64 {
    let since = time.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    since.map_or_else(sys::clock::now, |since| i64::try_from(since.as_secs()).unwrap_or(0))
}
