//! Lines in, replies out, and what was said.

use std::time::Duration;

use bstr::{BStr, BString, ByteSlice};
use config::params::*;
use net::{Deadline, Ending};

use crate::errors::{End, class};
use crate::session::Session;
use crate::setup::BareNewline;
use crate::text::{escape, head, printable};

impl Session<'_> {
    /// Takes the next command line. Replies go out first, unless more commands are here already.
    pub fn query(&mut self) -> Result<BString, End> {
        if self.stream.buffered().is_empty() {
            self.stream.flush()?;
        }
        if self.input_disabled {
            return Err(End::Lost);
        }
        self.start_request();
        let most = usize::try_from(self.cf.get(LINE_LENGTH_LIMIT)).unwrap_or(usize::MAX);
        // compat: a carriage return counts as part of the line.
        let line = self.stream.read_line(most.saturating_sub(1))?;
        let mut text = BString::from(line.text);
        let mut ending = line.ending;
        if ending == Ending::Long {
            // The rest is passed over, as far as it is reasonable.
            ending = self.stream.read_line(most)?.ending;
            if ending == Ending::Long {
                log::warning!("disabling input from {} socket", self.service);
                self.input_disabled = true;
                let rest = self.stream.buffered().len();
                self.stream.consume(rest);
            }
            let name = &self.client.name_address;
            log::warning!("{name}: request longer than {most}: {}...", printable(head(&text, 30)));
        }
        if ending == Ending::Eof {
            return Err(End::Lost);
        }
        self.line_was_bare = ending == Ending::Lf && self.bare_newline != BareNewline::Allow;
        self.saw_bare_newline |= self.line_was_bare;
        while text.last() == Some(&b'\r') {
            text.pop();
        }
        self.remember("In:  ", &text);
        log::debug!("< {}: {text}", self.client.name_address);
        Ok(text)
    }

    /// Says one line.
    pub fn reply(&mut self, line: impl AsRef<[u8]>) -> Result<(), End> {
        let mut text = BString::from(line.as_ref());
        if self.cf.get(SOFT_BOUNCE) && text.first() == Some(&b'5') {
            soften(&mut text);
        }
        if matches!(text.first(), Some(b'4' | b'5')) {
            text = self.with_footer(text);
        }
        self.remember("Out: ", &text);
        for part in text.lines() {
            log::debug!("> {}: {}", self.client.name_address, BStr::new(part));
        }
        let slow = self.errors >= self.cf.get(SMTPD_SOFT_ERROR_LIMIT);
        if slow {
            let wait = self.cf.get(SMTPD_ERROR_SLEEP_TIME);
            if !wait.is_zero() {
                self.stream.flush()?;
                std::thread::sleep(wait);
            }
        }
        for part in text.lines() {
            self.stream.write(part)?;
            self.stream.write(b"\r\n")?;
        }
        if slow {
            self.stream.flush()?;
        }
        if text.starts_with(b"421") || text.starts_with(b"521") {
            self.hangup = true;
        }
        Ok(())
    }

    /// Says a line that is an error of the client's, of a kind that may interest the postmaster. Always `Ok(false)`.
    pub fn refuse(&mut self, kind: u32, line: impl AsRef<[u8]>) -> crate::errors::Step {
        self.error_mask |= kind;
        self.reply(line)?;
        Ok(false)
    }

    /// Says a line about a protocol error.
    pub fn refuse_protocol(&mut self, line: impl AsRef<[u8]>) -> crate::errors::Step {
        self.refuse(class::PROTOCOL, line)
    }

    /// Begins the time limit of one request, where it has one as a whole.
    pub fn start_request(&mut self) {
        if self.cf.get(SMTPD_PER_REQUEST_DEADLINE) {
            let min_rate = u64::try_from(self.cf.get(SMTPD_MIN_DATA_RATE)).unwrap_or(0);
            self.stream.set_deadline(Some(Deadline { limit: self.cf.get(SMTPD_TIMEOUT), min_rate }));
        }
    }

    /// Has the client sent more than it was asked for? Looks here and in the kernel.
    pub fn has_input(&self) -> bool {
        !self.stream.buffered().is_empty()
            || self.stream.fd().is_ok_and(|fd| sys::socket::peek(fd) == sys::socket::Idle::Readable)
    }

    /// The first of the input that was not asked for, for the log.
    pub fn unasked_input(&self) -> String {
        escape(head(self.stream.buffered(), 100))
    }

    fn remember(&mut self, direction: &str, text: &[u8]) {
        if self.server.notify != 0 && !self.standalone {
            for part in text.lines() {
                self.history.push(cat!(direction, part));
            }
        }
    }

    /// Adds smtpd_reject_footer, or what smtpd_reject_footer_maps has for this reply.
    fn with_footer(&self, text: BString) -> BString {
        let from_map = match self.server.reject_footer_maps.is_empty() {
            true => None,
            false => self.server.reject_footer_maps.find(&text).ok().flatten(),
        };
        let own = self.cf.get(SMTPD_REJECT_FOOTER);
        let template = from_map.unwrap_or_else(|| own.into());
        if template.is_empty() || self.standalone {
            return text;
        }
        let expanded = self.expand(&template);
        add_footer(&text, &expanded)
    }

    /// Replaces `$name` in a reply template with what is known of the session.
    pub fn expand(&self, template: &[u8]) -> BString {
        let text = template.to_str_lossy();
        let value = |name: &str| {
            let value = self.expansion(name);
            if value.is_none() {
                log::warning!("unknown macro name \"{name}\" in expansion request");
            }
            value.map(|value| self.filtered(&value))
        };
        match config::expand_with(&text, false, &value) {
            Ok(text) => text.into(),
            Err(error) => {
                log::warning!("bad reply template \"{text}\": {}", error.0);
                template.into()
            }
        }
    }

    /// A value for a template, with only the characters that smtpd_expansion_filter has.
    pub fn filtered(&self, value: &[u8]) -> String {
        let allowed = &self.server.expansion_filter;
        value.iter().map(|byte| if allowed.contains(byte) { char::from(*byte) } else { '_' }).collect()
    }

    /// What a template may name.
    pub fn expansion(&self, name: &str) -> Option<BString> {
        let client = &self.client;
        let or_empty = |value: &Option<BString>| value.clone().unwrap_or_default();
        let domain = |value: &Option<BString>, wanted: fn(&[u8]) -> Option<&[u8]>| {
            value.as_ref().and_then(|address| wanted(address)).map(BString::from).unwrap_or_default()
        };
        Some(match name {
            "client" => client.name_address.clone(),
            "client_address" => client.address.clone(),
            "client_name" => client.name.clone(),
            "client_port" => client.port.clone(),
            "reverse_client_name" => client.reverse_name.clone(),
            "server_address" => client.server_address.clone(),
            "server_name" => self.cf.get(MYHOSTNAME).into(),
            "helo_name" => or_empty(&self.helo),
            "sender" => self.sender.clone().filter(|sender| !sender.is_empty()).unwrap_or("<>".into()),
            "sender_name" => domain(&self.sender, |address| Some(mail::address::local_part(address))),
            "sender_domain" => domain(&self.sender, mail::address::domain),
            "recipient" => or_empty(&self.recipient),
            "recipient_name" => domain(&self.recipient, |address| Some(mail::address::local_part(address))),
            "recipient_domain" => domain(&self.recipient, mail::address::domain),
            "localtime" => mail::date::header(sys::clock::now()).into(),
            _ => return None,
        })
    }

    /// Waits, as a restriction or limit asks.
    pub fn pause(&mut self, time: Duration) -> Result<(), End> {
        self.stream.flush()?;
        std::thread::sleep(time);
        Ok(())
    }
}

/// 5xx 5.y.z becomes 4xx 4.y.z.
fn soften(text: &mut BString) {
    for at in [0, 4] {
        if let Some(digit) = text.get_mut(at).filter(|digit| **digit == b'5') {
            *digit = b'4';
        }
    }
}

/// Appends a footer: its `\n` begin new reply lines, a leading `\c` keeps to the last line of the reply.
fn add_footer(text: &[u8], footer: &[u8]) -> BString {
    let (same_line, footer) = match footer.strip_prefix(b"\\c") {
        Some(rest) => (true, rest),
        None => (false, footer),
    };
    let code = text.get(..3).unwrap_or_default();
    let status = mail::dsn::Status::prefix(text.get(4..).unwrap_or_default());
    let prefix = status.map(|(status, _)| format!("{status} ")).unwrap_or_default();
    let mut parts: Vec<BString> = text.lines().map(BString::from).collect();
    let pieces = footer.to_str_lossy().replace("\\n", "\n");
    for (number, piece) in pieces.trim_end_matches('\n').split('\n').enumerate() {
        match parts.last_mut() {
            Some(last) if number == 0 && same_line => last.extend_from_slice(piece.as_bytes()),
            _ => parts.push(cat!(code, " ", prefix, piece)),
        }
    }
    let count = parts.len();
    for part in parts.iter_mut().take(count.saturating_sub(1)) {
        if let Some(separator) = part.get_mut(3) {
            *separator = b'-';
        }
    }
    bstr::join("\n", parts).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn footers() {
        assert_eq!(add_footer(b"550 5.1.1 no", b"call us"), "550-5.1.1 no\n550 5.1.1 call us");
        assert_eq!(add_footer(b"550 no", b"\\c. Call\\nus"), "550-no. Call\n550 us");
        assert_eq!(add_footer(b"450 4.7.1 a", b"b\\nc"), "450-4.7.1 a\n450-4.7.1 b\n450 4.7.1 c");
    }

    #[test]
    fn soft_bounces() {
        let mut text = BString::from("550 5.1.1 x");
        soften(&mut text);
        assert_eq!(text, "450 4.1.1 x");
        let mut text = BString::from("503 Error");
        soften(&mut text);
        assert_eq!(text, "403 Error");
    }
}
