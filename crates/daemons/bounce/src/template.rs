//! Texts of notices: our own, or those of `bounce_template_file`.
//!
//! A template is a few headers (`Charset`, `From`, `Subject`, `Postmaster-Subject`), an empty line,
//! and text in which `$name` stands for a parameter. Four kinds are known: failure, delay, success
//! and verify.

use std::cell::RefCell;
use std::path::Path;

use config::params::*;
use config::{Config, ConfigError};

/// One text with its headers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// Character set of the text.
    pub charset: String,
    /// `From` header; `None`: as `header_from_format` says.
    pub from: Option<String>,
    /// `Subject` header.
    pub subject: String,
    /// `Subject` header of the postmaster's copy; empty: there are no copies.
    pub postmaster_subject: String,
    /// The text, unexpanded, by lines.
    pub text: Vec<String>,
}

/// All texts.
#[derive(Clone, Debug)]
pub struct Templates {
    /// Mail came back.
    pub failure: Template,
    /// Mail is late.
    pub delay: Template,
    /// Mail was delivered.
    pub success: Template,
    /// What happens, or would happen, to mail: on request.
    pub verify: Template,
}

const FAILURE: &str = "\
This is a notice from the mail system at host $myhostname.

The message you sent could not be delivered to one or more of its
recipients. They are listed below, each with the reason, and the
message is attached.

The postmaster can help. If you write, send this notice along; what
you wrote yourself may be left out of the attached message.

                   The mail system";

const DELAY: &str = "\
This is a notice from the mail system at host $myhostname.

NOTHING HAS TO BE DONE YET. DO NOT SEND THE MESSAGE AGAIN.

The message you sent has been waiting for $delay_warning_time_hours hour(s), because it
could not be delivered so far to the recipients that are listed below.
Delivery will be attempted until the message is $maximal_queue_lifetime_days day(s) old.

The postmaster can help. If you write, send this notice along; what
you wrote yourself may be left out of the attached message.

                   The mail system";

const SUCCESS: &str = "\
This is a notice from the mail system at host $myhostname.

The message you sent was delivered to the recipients that are listed
below. Where their mail system sends no such notices itself, this is
the last you will hear.

                   The mail system";

const VERIFY: &str = "\
This is a notice from the mail system at host $myhostname.

You asked what becomes of the message below: this is the report.

                   The mail system";

impl Template {
    fn own(subject: &str, postmaster_subject: &str, text: &str) -> Template {
        Template {
            charset: "us-ascii".into(),
            from: None,
            subject: subject.into(),
            postmaster_subject: postmaster_subject.into(),
            text: text.lines().map(String::from).collect(),
        }
    }

    /// Whether the text needs eight bits.
    pub fn is_eight_bit(&self) -> bool {
        !self.text.iter().all(|line| line.is_ascii())
    }

    /// The text with its parameters filled in.
    pub fn expanded(&self, config: &Config) -> Result<Vec<String>, ConfigError> {
        self.text
            .iter()
            .map(|line| {
                let unknown = RefCell::new(None);
                let value = |name: &str| {
                    let found = lookup(config, name);
                    if found.is_none() {
                        unknown.replace(Some(name.to_string()));
                    }
                    found
                };
                let bad = |what: String| ConfigError::new(format!("bounce template: {what}: {line}"));
                let text =
                    config::expand_with(line, false, &value).map_err(|error| bad(error.to_string()))?;
                match unknown.into_inner() {
                    Some(name) => Err(bad(format!("undefined ${name}"))),
                    None => Ok(text),
                }
            })
            .collect()
    }

    /// Replaces what the body of a template says; a body that cannot be used is told of and
    /// changes nothing.
    fn replace(&mut self, name: &str, file: &Path, lines: &[&str]) {
        let ignore = |what: String| {
            log::warning!("{}: {what} in {name} -- ignoring this template", file.display());
        };
        let mut new = self.clone();
        let mut at = 0;
        while let Some((label, value)) = lines.get(at).and_then(|line| header(line)) {
            if value.is_empty() {
                return ignore(format!("empty \"{label}\" header value"));
            }
            if !value.is_ascii() {
                return ignore(format!("non-ASCII \"{label}\" header value"));
            }
            match label.to_ascii_lowercase().as_str() {
                "charset" => new.charset = value.into(),
                "from" => new.from = Some(value.into()),
                "subject" => new.subject = value.into(),
                "postmaster-subject" if self.postmaster_subject.is_empty() => {
                    return ignore(format!("inapplicable \"{label}\" header label"));
                }
                "postmaster-subject" => new.postmaster_subject = value.into(),
                _ => return ignore(format!("unknown \"{label}\" header label")),
            }
            at += 1;
        }
        let text: Vec<String> = lines
            .iter()
            .skip(at)
            .skip_while(|line| line.trim().is_empty())
            .map(|line| (*line).into())
            .collect();
        if text.is_empty() {
            return ignore("missing message text".into());
        }
        new.text = text;
        if new.is_eight_bit() && new.charset.eq_ignore_ascii_case("us-ascii") {
            return ignore("8-bit message text with charset us-ascii".into());
        }
        *self = new;
    }
}

/// `Label: value`.
fn header(line: &str) -> Option<(&str, &str)> {
    let (label, value) = line.split_once(':')?;
    let is_label = !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_graphic());
    is_label.then(|| (label, value.trim()))
}

impl Templates {
    /// Our own texts.
    pub fn own() -> Templates {
        Templates {
            failure: Template::own(
                "Undelivered Mail Returned to Sender",
                "Postmaster Copy: Undelivered Mail",
                FAILURE,
            ),
            delay: Template::own(
                "Delayed Mail (still being retried)",
                "Postmaster Warning: Delayed Mail",
                DELAY,
            ),
            success: Template::own("Successful Mail Delivery Report", "", SUCCESS),
            verify: Template::own("Mail Delivery Status Report", "", VERIFY),
        }
    }

    /// Our own texts, with those of `bounce_template_file` in place of some.
    pub fn configured(config: &Config) -> Result<Templates, ConfigError> {
        let mut templates = Templates::own();
        let path = config.get(BOUNCE_TEMPLATE_FILE);
        if !path.is_empty() {
            let path = Path::new(path);
            let content = std::fs::read_to_string(path).map_err(|error| {
                ConfigError::new(format!("open file {}: {}", path.display(), sys::errno_text(&error)))
            })?;
            templates.read(path, &content)?;
        }
        for template in [&templates.failure, &templates.delay, &templates.success, &templates.verify] {
            template.expanded(config)?;
        }
        Ok(templates)
    }

    /// Reads `name = <<WORD`, lines, `WORD`.
    fn read(&mut self, path: &Path, content: &str) -> Result<(), ConfigError> {
        let mut lines = content.lines().enumerate();
        while let Some((number, line)) = lines.next() {
            let bare = line.trim();
            if bare.is_empty() || bare.starts_with('#') {
                continue;
            }
            let bad = |what: &str| ConfigError::at(path, number + 1, what);
            let (name, word) = bare.split_once('=').ok_or_else(|| bad("missing '=' after template name"))?;
            let word = word.trim().strip_prefix("<<").ok_or_else(|| bad("missing '<<' after '='"))?.trim();
            let name = name.trim();
            let mut body = Vec::new();
            loop {
                match lines.next() {
                    Some((_, line)) if line.trim_end() == word => break,
                    Some((_, line)) => body.push(line),
                    None => return Err(bad(&format!("missing end of here-document \"{word}\""))),
                }
            }
            match name {
                "failure_template" => self.failure.replace(name, path, &body),
                "delay_template" => self.delay.replace(name, path, &body),
                "success_template" => self.success.replace(name, path, &body),
                "verify_template" => self.verify.replace(name, path, &body),
                other => log::warning!("{}: unknown template \"{other}\" is ignored", path.display()),
            }
        }
        Ok(())
    }
}

/// A parameter's value; two times can be had in a unit of choice.
fn lookup(config: &Config, name: &str) -> Option<String> {
    for (prefix, time) in
        [("delay_warning_time_", DELAY_WARNING_TIME), ("maximal_queue_lifetime_", MAXIMAL_QUEUE_LIFETIME)]
    {
        let Some(unit) = name.strip_prefix(prefix) else { continue };
        let divisor = match unit {
            "seconds" => 1,
            "minutes" => 60,
            "hours" => 3600,
            "days" => 86_400,
            "weeks" => 7 * 86_400,
            _ => return None,
        };
        return Some((config.get(time).as_secs() / divisor).to_string());
    }
    config.text(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_replaces_what_it_names() {
        let mut templates = Templates::own();
        let own = templates.clone();
        let text = "# comment\n\nfailure_template = <<EOF\nCharset: utf-8\nSubject: Back\n\nGr\u{fc}\u{df}e\nline two\nEOF\n\
                    delay_template = <<END\nNonsense: x\n\ntext\nEND\nverify_template = <<X\nPostmaster-Subject: y\n\nz\nX\n";
        templates.read(Path::new("x"), text).unwrap();
        assert_eq!(templates.failure.subject, "Back");
        assert_eq!(templates.failure.from, None);
        assert_eq!(templates.failure.text, ["Gr\u{fc}\u{df}e", "line two"]);
        assert!(templates.failure.is_eight_bit());
        assert_eq!(templates.delay, own.delay, "a bad header: the whole template is ignored");
        assert_eq!(templates.verify, own.verify);
        for bad in
            ["failure_template <<EOF\n", "failure_template = x\n", "failure_template = <<EOF\nno end\n"]
        {
            assert!(templates.read(Path::new("x"), bad).is_err(), "{bad}");
        }
    }
}
