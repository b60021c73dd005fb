//! header_checks(5): what the right-hand sides make cleanup do.

use crate::content::Checked;
use crate::message::{FILTER_ALL, Message};
use bstr::{BString, ByteSlice};
use ipc::cleanup::{flag, stat};
use mail::dsn::{self, Status};
use mail::header;
use mail::mime::Block;
use spool::fields::attr;
use spool::kind;

impl Message<'_> {
    /// Looks a header up in the table for its block, and does what the table says.
    pub fn check_header(&mut self, block: Block, text: &[u8]) -> Checked {
        let maps = match block {
            Block::Primary => &self.service.header_checks,
            Block::Multipart => &self.service.mime_header_checks,
            Block::Nested => &self.service.nested_header_checks,
        };
        self.check(maps, "header", text)
    }

    /// The same for a line of a body.
    pub fn check_body(&mut self, text: &[u8]) -> Checked {
        self.check(&self.service.body_checks, "body", text)
    }

    fn check(&mut self, maps: &tables::Maps, context: &str, text: &[u8]) -> Checked {
        if maps.is_empty() {
            return Checked::Same;
        }
        match maps.find(text) {
            Ok(Some(action)) => self.act(context, text, &action, maps.title()),
            Ok(None) => Checked::Same,
            Err(error) => {
                self.lookup_failed(maps.title(), &error);
                Checked::Same
            }
        }
    }

    /// Carries an action out.
    pub fn act(&mut self, context: &str, text: &[u8], action: &[u8], table: &str) -> Checked {
        let end = action.iter().position(|byte| matches!(byte, b' ' | b'\t')).unwrap_or(action.len());
        let (command, rest) = action.split_at(end);
        let argument = rest.trim_ascii_start();
        let shown = argument.as_bstr();
        match command.to_ascii_uppercase().as_slice() {
            b"REJECT" => self.reject(context, text, argument),
            b"WARN" => self.log_action("warning", context, text, argument),
            b"INFO" => self.log_action("info", context, text, argument),
            b"FILTER" if argument.is_empty() => {
                log::warning!("missing FILTER command argument in {table} map");
            }
            b"FILTER" if !argument.contains(&b':') => {
                log::warning!("bad FILTER command {shown} in {table} -- need transport:destination");
            }
            b"FILTER" => {
                self.filter = Some(argument.into());
                self.log_action("filter", context, text, argument);
            }
            b"PASS" => {
                self.log_action("pass", context, text, argument);
                self.flags &= !FILTER_ALL;
            }
            b"DISCARD" => {
                self.log_action("discard", context, text, argument);
                self.flags |= flag::DISCARD;
                self.flags &= !FILTER_ALL;
            }
            b"HOLD" => {
                if self.flags & (flag::HOLD | flag::DISCARD) == 0 {
                    self.log_action("hold", context, text, argument);
                    self.flags |= flag::HOLD;
                }
            }
            b"PREPEND" => self.prepend(context, text, argument, table),
            b"REPLACE" if argument.is_empty() => {
                log::warning!("REPLACE action without text in {table} map");
            }
            b"REPLACE" if context == "header" && !header::is_header(argument) => log::warning!(
                "bad REPLACE header text \"{shown}\" in {table} map -- need \"headername: headervalue\""
            ),
            b"REPLACE" => {
                self.log_action("replace", context, text, argument);
                return Checked::Replaced(argument.into());
            }
            b"REDIRECT" if !argument.contains(&b'@') => {
                log::warning!("bad REDIRECT target \"{shown}\" in {table} map -- need user@domain");
            }
            b"REDIRECT" => {
                self.redirect = Some(argument.into());
                self.log_action("redirect", context, text, argument);
                self.flags &= !FILTER_ALL;
            }
            b"BCC" if !argument.contains(&b'@') => {
                log::warning!("bad BCC address \"{shown}\" in {table} map -- need user@domain");
            }
            b"BCC" => {
                self.checks_bcc.push(argument.into());
                self.log_action("bcc", context, text, argument);
            }
            b"STRIP" => {
                self.log_action("strip", context, text, argument);
                return Checked::Gone;
            }
            b"IGNORE" => return Checked::Gone,
            b"DUNNO" | b"OK" => {}
            _ => log::warning!("unknown command in {table} map: {}", action.as_bstr()),
        }
        Checked::Same
    }

    /// A 4.x.x code defers the message, anything else bounces it.
    fn reject(&mut self, context: &str, text: &[u8], argument: &[u8]) {
        let (mut status, mut why) = if argument.is_empty() {
            (Status::new(5, 7, 1), b"message content rejected".as_slice())
        } else {
            dsn::split(Status::new(5, 7, 1), argument)
        };
        if status.is_success() {
            log::warning!("bad DSN action in {} -- need 4.x.x or 5.x.x", argument.as_bstr());
            status = status.with_class(4);
        }
        why = why.trim_ascii_end();
        let mut reason = BString::from(format!("{status} "));
        reason.extend_from_slice(why);
        self.errors |= if status.class == 4 { stat::DEFER } else { stat::CONT };
        self.flags &= !FILTER_ALL;
        self.log_action("reject", context, text, &reason);
        self.reason = Some(reason);
    }

    fn prepend(&mut self, context: &str, text: &[u8], argument: &[u8], table: &str) {
        if argument.is_empty() {
            log::warning!("PREPEND action without text in {table} map");
        } else if context != "header" {
            self.log_action("prepend", context, text, argument);
            self.out(kind::NORM, argument);
        } else if header::is_header(argument) {
            self.log_action("prepend", context, text, argument);
            self.out_header(argument);
        } else {
            log::warning!(
                "bad PREPEND header text \"{}\" in {table} map -- need \"headername: headervalue\"",
                argument.as_bstr()
            );
        }
    }

    /// `QUEUEID: reject: header Subject: … from CLIENT; from=<> to=<> proto=… helo=<…>: text`
    fn log_action(&self, action: &str, context: &str, text: &[u8], argument: &[u8]) {
        let mut line = BString::from(format!("{}: {action}: {context} ", self.id()));
        let mut add = |parts: &[&[u8]]| parts.iter().for_each(|part| line.extend_from_slice(part));
        let origin = self.attribute(attr::LOG_ORIGIN).unwrap_or("local".into());
        add(&[mail::text::excerpt(text, 200), b" from ", origin, b";"]);
        if let Some(sender) = &self.sender {
            add(&[b" from=<", &self.shown(sender), b">"]);
        }
        if let Some(recipient) = &self.recipient {
            add(&[b" to=<", &self.shown(recipient), b">"]);
        }
        if let Some(protocol) = self.attribute(attr::LOG_PROTO_NAME) {
            add(&[b" proto=", protocol]);
        }
        if let Some(helo) = self.attribute(attr::LOG_HELO_NAME) {
            add(&[b" helo=<", helo, b">"]);
        }
        if !argument.is_empty() {
            add(&[b": ", argument]);
        }
        log::info_line(&line);
    }
}
