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
    /// What it is for: `failure`.
    pub kind: &'static str,
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
    fn own(kind: &'static str, subject: &str, postmaster_subject: &str, text: &str) -> Template {
        Template {
            kind,
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
                let file = config.get(BOUNCE_TEMPLATE_FILE);
                let bad =
                    |what| ConfigError::new(format!("{file}: {what} in {} template: {line}", self.kind));
                let text = config::expand_with(line, false, &value).map_err(|error| {
                    log::warning!("{error}");
                    bad("bad $name syntax")
                })?;
                match unknown.into_inner() {
                    Some(_) => Err(bad("undefined $name")),
                    None => Ok(text),
                }
            })
            .collect()
    }

    /// Replaces what the body of a template says; a body that cannot be used is told of and
    /// changes nothing.
    fn replace(&mut self, file: &Path, lines: &[&str]) {
        let (file, kind) = (file.display(), self.kind);
        let ignore =
            |what: String| log::warning!("{file}: {what} in {kind} template -- ignoring this template");
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
            log::warning!("{file}: 8-bit message text in {kind} template");
            log::warning!("please specify a charset value other than us-ascii");
            log::warning!("-- ignoring this template for now");
            return;
        }
        *self = new;
    }

    /// As `bounce_template_file` would have it.
    fn source(&self) -> String {
        let from = self.from.as_deref().unwrap_or("Mail Delivery System <MAILER-DAEMON>");
        let mut text = format!(
            "{}_template = <<EOF\nCharset: {}\nFrom: {from}\nSubject: {}\n",
            self.kind, self.charset, self.subject
        );
        if !self.postmaster_subject.is_empty() {
            text += &format!("Postmaster-Subject: {}\n", self.postmaster_subject);
        }
        text + "\n" + &lines_of(&self.text) + "EOF\n"
    }
}

fn lines_of(lines: &[String]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
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
                "failure",
                "Undelivered Mail Returned to Sender",
                "Postmaster Copy: Undelivered Mail",
                FAILURE,
            ),
            delay: Template::own(
                "delay",
                "Delayed Mail (still being retried)",
                "Postmaster Warning: Delayed Mail",
                DELAY,
            ),
            success: Template::own("success", "Successful Mail Delivery Report", "", SUCCESS),
            verify: Template::own("verify", "Mail Delivery Status Report", "", VERIFY),
        }
    }

    /// Our own texts, with those of `bounce_template_file` in place of some.
    pub fn configured(config: &Config) -> Result<Templates, ConfigError> {
        let mut templates = Templates::own();
        let path = config.get(BOUNCE_TEMPLATE_FILE);
        if !path.is_empty() {
            let path = Path::new(path);
            let content = std::fs::read_to_string(path).map_err(|error| {
                ConfigError::new(format!("open {}: {}", path.display(), sys::errno_text(&error)))
            })?;
            templates.read(path, &content)?;
        }
        Ok(templates)
    }

    /// All templates as they are: what postconf(1) prints for `-t`.
    pub fn dump(&self) -> String {
        self.all().map(Template::source).join("\n")
    }

    /// The texts of all templates with their parameters filled in, for `postconf -b`.
    pub fn expand(&self, config: &Config) -> Result<String, ConfigError> {
        let mut texts = Vec::new();
        for template in self.all() {
            let text = lines_of(&template.expanded(config)?);
            texts.push(format!("expanded_{}_text = <<EOF\n{text}EOF\n", template.kind));
        }
        Ok(texts.join("\n"))
    }

    fn all(&self) -> [&Template; 4] {
        [&self.failure, &self.delay, &self.success, &self.verify]
    }

    /// Reads `name = <<WORD`, lines, `WORD`.
    fn read(&mut self, path: &Path, content: &str) -> Result<(), ConfigError> {
        let mut lines = content.lines().enumerate();
        // compat: the number told is that of the line after
        let at = |number: usize, what: &str| format!("{}, line {}: {what}", path.display(), number + 2);
        let mut last = content.lines().count().saturating_sub(1);
        while let Some((number, line)) = lines.next() {
            let bare = line.trim();
            if bare.is_empty() || bare.starts_with('#') {
                continue;
            }
            let (name, word) = bare.split_once('=').ok_or_else(|| {
                ConfigError::new(at(number, &format!("missing '=' after attribute name: \"{bare}\"")))
            })?;
            let Some(word) = word.trim().strip_prefix("<<").map(str::trim) else { continue };
            if word.is_empty() {
                return Err(ConfigError::new(at(number, "missing end marker after <<")));
            }
            let mut body = Vec::new();
            let mut is_ended = false;
            for (number, line) in lines.by_ref() {
                if line == word {
                    (is_ended, last) = (true, number);
                    break;
                }
                body.push(line);
            }
            if !is_ended {
                log::warning!("{}", at(last, &format!("missing \"{word}\" end marker")));
            }
            match name.trim() {
                "failure_template" => self.failure.replace(path, &body),
                "delay_template" => self.delay.replace(path, &body),
                "success_template" => self.success.replace(path, &body),
                "verify_template" => self.verify.replace(path, &body),
                other => log::warning!(
                    "{}",
                    at(last, &format!("unknown template name: {other} -- ignoring this template"))
                ),
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
        templates.read(Path::new("x"), "delay_template = <<EOF\nno end\n").unwrap();
        assert_eq!(templates.delay.text, ["no end"]);
        for bad in
            ["failure_template <<EOF\n", "failure_template = x\nSubject: y\n", "failure_template = <<\n"]
        {
            assert!(templates.read(Path::new("x"), bad).is_err(), "{bad}");
        }
    }
}
