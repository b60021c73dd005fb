//! Sendmail's command line, as far as Postfix understands it.

use bstr::{BString, ByteSlice, ByteVec};
use clap::{ArgAction, Command};
use command::getopt;
use mail::dsn::{Notify, Return};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

/// What shall be done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Submit the message on standard input.
    #[default]
    Enqueue,
    /// Report about recipients, deliver nothing.
    Verify,
    /// List the queue.
    List,
    /// Deliver everything now.
    Flush,
    /// Build the alias tables.
    Aliases,
    /// Start the mail system.
    Daemon,
    /// SMTP on standard input.
    StandAlone,
    /// Nothing at all.
    Ignore,
}

/// The command line, understood.
#[derive(Clone, Debug, Default)]
pub struct Options {
    pub mode: Mode,
    /// Deliver this site's mail now, instead of what the mode says.
    pub flush_site: Option<OsString>,
    /// Deliver this message now.
    pub flush_file: Option<OsString>,
    pub recipients_in_header: bool,
    /// A single dot does not end the message.
    pub dots_are_text: bool,
    pub sender: Option<BString>,
    pub full_name: Option<BString>,
    pub encoding: Option<&'static str>,
    pub is_remote: bool,
    pub notify: Option<i64>,
    pub dsn_return: Option<i64>,
    pub envelope_id: Option<BString>,
    /// VERP, with delimiters or the default ones.
    pub verp: Option<Option<BString>>,
    pub smtputf8: bool,
    pub requiretls: bool,
    pub aliases: Vec<OsString>,
    pub verbose: u32,
    pub operands: Vec<OsString>,
}

/// The options; those that Sendmail had and nothing depends on are hidden.
pub fn cli() -> Command {
    let ignored = |letter, name| cli::flag(letter, name, "nothing").hide(true);
    let ignored_value = |letter, name| cli::value(letter, name, "value", "nothing").hide(true);
    cli::table("sendmail", "Submits the message on standard input, or does what -b, -q or -I says.").args([
        cli::flag('t', "header", "recipients are in the message's header"),
        cli::value('f', "sender", "address", "the envelope sender"),
        cli::value('F', "full-name", "name", "the sender's full name"),
        cli::flag('i', "dots", "a line with a single dot does not end the message"),
        cli::flag('v', "report", "mail a delivery report; repeated: log more").action(ArgAction::Count),
        cli::value('N', "notify", "when", "delivery status notices: success,failure,delay or never"),
        cli::value('R', "return", "part", "what notices return of the message: full or hdrs"),
        cli::value('V', "envid", "envid", "the envelope id that notices mention"),
        cli::value(
            'X',
            "verp",
            "V[xy]",
            "one sender address for each recipient (VERP), with these delimiters",
        ),
        cli::value('B', "body", "type", "7BIT or 8BITMIME"),
        cli::flag('G', "gateway", "the message comes from elsewhere: do not complete addresses"),
        cli::value('O', "option", "name=yes", "what next servers must support: smtputf8, requiretls"),
        cli::value('o', "old", "letters", "i: as -i; Afile: build these aliases; others do nothing"),
        cli::value(
            'b',
            "mode",
            "mode",
            "m: submit (the default); v: report only, deliver nothing; s: SMTP on \
            standard input;\np: list the queue; i: build aliases; d, l: start the mail system",
        ),
        cli::value(
            'q',
            "queue",
            "what",
            "deliver now: all (nothing behind -q), Rsite, Iqueue_id; \
            does nothing with a time",
        ),
        cli::flag('I', "aliases", "build aliases, as newaliases(1)"),
        cli::value('C', "config_dir", "config_dir", "directory of main.cf, or a file in it"),
        cli::value('r', "sender-too", "address", "as -f").hide(true),
        ignored_value('A', "submission"),
        ignored_value('L', "label"),
        ignored_value('e', "errors"),
        ignored_value('h', "hops"),
        ignored_value('p', "protocol"),
        ignored('U', "user"),
        ignored('c', "delay-expensive"),
        ignored('m', "me-too"),
        ignored('n', "no-aliases"),
        ignored('x', "nothing"),
        cli::operands("recipient", "addresses"),
    ])
}

impl Options {
    /// Parses the arguments for a program called `name`.
    pub fn parse(arguments: impl IntoIterator<Item = OsString>, name: &str) -> Result<Options, String> {
        let mut options = Options::default();
        match name {
            "mailq" => options.mode = Mode::List,
            "newaliases" => options.mode = Mode::Aliases,
            "smtpd" => options.mode = Mode::Daemon,
            _ => {}
        }
        let letters = cli::letters(&cli());
        let parsed = getopt::parse(&letters, modernize(arguments, &letters)).map_err(|error| {
            eprintln!("sendmail: {error}");
            "usage: sendmail [options]".to_owned()
        })?;
        for (letter, value) in &parsed.options {
            options.apply(*letter, value.as_deref().unwrap_or_default())?;
        }
        options.operands = parsed.operands;
        options.check()?;
        Ok(options)
    }

    /// Whether there is a message to take.
    pub fn submits(&self) -> bool {
        let flushes = self.flush_site.is_some() || self.flush_file.is_some();
        matches!(self.mode, Mode::Enqueue | Mode::Verify) && !flushes
    }

    /// Whether a delivery report is asked for: a single `-v`.
    pub fn wants_report(&self) -> bool {
        self.verbose == 1
    }

    /// The level of verbose logging: more than one `-v`.
    pub fn verbose_level(&self) -> Option<u32> {
        (self.verbose > 1).then_some(self.verbose)
    }

    fn apply(&mut self, letter: char, value: &OsStr) -> Result<(), String> {
        let bytes = value.as_bytes();
        let text = || BString::from(bytes);
        match letter {
            'X' if bytes.first() != Some(&b'V') => {
                return Err(format!("unsupported: -{letter}{}", first(bytes)));
            }
            'B' => {
                self.encoding = Some(match bytes.to_ascii_uppercase().as_slice() {
                    b"8BITMIME" => "8bit",
                    b"7BIT" => "7bit",
                    _ => return Err("-B option needs 8BITMIME or 7BIT".to_owned()),
                });
            }
            'F' => self.full_name = Some(text()),
            'G' => self.is_remote = true,
            'I' => self.mode = Mode::Aliases,
            'N' => match Notify::parse(bytes) {
                Some(notify) => self.notify = Some(i64::from(notify.bits())),
                None => {
                    let value = bytes.as_bstr();
                    let known = |word: &[u8]| word.is_empty() || Notify::parse(word).is_some();
                    if let Some(word) = bytes.split(|b| *b == b',').find(|word| !known(word)) {
                        log::warning!(
                            "unknown DSN NOTIFY command value \"{}\" in \"{value}\"",
                            word.as_bstr()
                        );
                    }
                    log::warning!("bad -N option value: '{value}' -- ignored");
                }
            },
            'O' => self.option(bytes),
            'R' => match Return::parse(bytes) {
                Some(part) => self.dsn_return = Some(i64::from(part.bits())),
                None => log::warning!("bad -R option value -- ignored"),
            },
            'V' => self.envelope_id(bytes),
            'X' => {
                let delimiters = bytes.get(1..).unwrap_or_default();
                self.verp = Some((!delimiters.is_empty()).then(|| delimiters.into()));
            }
            'b' => self.mode(bytes)?,
            'f' | 'r' => self.sender = Some(text()),
            'i' => self.dots_are_text = true,
            'n' => return Err("-n option not supported".to_owned()),
            'o' => match bytes.first() {
                Some(b'i') => self.dots_are_text = true,
                Some(b'A') if bytes.len() == 1 => return Err("-oA requires pathname".to_owned()),
                Some(b'A') => {
                    self.aliases.push(OsString::from_vec(bytes.get(1..).unwrap_or_default().to_vec()))
                }
                _ => {}
            },
            'q' => self.queue(bytes)?,
            't' => self.recipients_in_header = true,
            'v' => self.verbose += 1,
            // -C has been looked at; -A -c -e -h -L -m -p -U -x: nothing here depends on them.
            _ => {}
        }
        Ok(())
    }

    fn mode(&mut self, value: &[u8]) -> Result<(), String> {
        self.mode = match value.first() {
            Some(b'd' | b'l') => {
                if self.mode == Mode::Flush {
                    log::warning!("ignoring -q option in daemon mode");
                }
                Mode::Daemon
            }
            Some(b'h' | b'H') => Mode::Ignore,
            Some(b'i') => Mode::Aliases,
            Some(b'm') => Mode::Enqueue,
            Some(b'p') => Mode::List,
            Some(b's') => Mode::StandAlone,
            Some(b'v') => Mode::Verify,
            _ => return Err(format!("unsupported: -b{}", first(value))),
        };
        Ok(())
    }

    fn queue(&mut self, value: &[u8]) -> Result<(), String> {
        let rest = || OsString::from_vec(value.get(1..).unwrap_or_default().to_vec());
        match value {
            [] if self.mode == Mode::Daemon => log::warning!("ignoring -q option in daemon mode"),
            [] => self.mode = Mode::Flush,
            // An interval is the business of a daemon that starts queue runs; ours does so anyway.
            [digit, ..] if digit.is_ascii_digit() => {
                if self.mode != Mode::Daemon {
                    self.mode = Mode::Ignore;
                }
            }
            [b'R'] => return Err("specify: -qRsitename".to_owned()),
            [b'I'] => return Err("specify: -qIqueueid".to_owned()),
            [b'R', ..] => self.flush_site = Some(rest()),
            [b'I', ..] => self.flush_file = Some(rest()),
            _ => return Err(format!("-q{} is not implemented", first(value))),
        }
        Ok(())
    }

    fn option(&mut self, value: &[u8]) {
        let Some((name, word)) = value.split_once_str("=") else { return };
        let flag = match name.to_ascii_uppercase().as_slice() {
            b"SMTPUTF8" => &mut self.smtputf8,
            b"REQUIRETLS" => &mut self.requiretls,
            _ => return,
        };
        match word.to_ascii_lowercase().as_slice() {
            b"yes" => *flag = true,
            b"no" => *flag = false,
            _ => log::warning!("bad -O option: '{}' -- ignored", value.as_bstr()),
        }
    }

    fn envelope_id(&mut self, value: &[u8]) {
        if value.len() > 100 {
            log::warning!("too long -V option value -- ignored");
            return;
        }
        match unxtext(value).filter(|id| !id.is_empty()) {
            Some(id) => self.envelope_id = Some(id),
            None => log::warning!("bad syntax in -V option value -- ignored"),
        }
    }

    fn check(&self) -> Result<(), String> {
        if self.recipients_in_header {
            match self.mode {
                Mode::Enqueue => {}
                Mode::Verify => return Err("-t option cannot be used with -bv".to_owned()),
                _ => return Err("-t can be used only in delivery mode".to_owned()),
            }
        }
        let is_delivery = matches!(self.mode, Mode::Enqueue | Mode::Verify);
        for (asked, letter) in [(&self.flush_site, 'R'), (&self.flush_file, 'I')] {
            if asked.is_some() && !is_delivery {
                return Err(format!("-q{letter} can be used only in delivery mode"));
            }
        }
        if self.mode == Mode::Verify {
            for (given, letter) in
                [(self.notify.is_some(), 'N'), (self.dsn_return.is_some(), 'R'), (self.wants_report(), 'v')]
            {
                if given {
                    return Err(format!("-{letter} option cannot be used with -bv"));
                }
            }
        }
        let what = match self.mode {
            _ if self.flush_site.is_some() => "flush site",
            _ if self.flush_file.is_some() => "flush queue_id",
            Mode::Enqueue | Mode::Verify | Mode::Ignore => return Ok(()),
            Mode::List => "display queue mode",
            Mode::Flush => "flush queue mode",
            Mode::Aliases => "alias initialization mode",
            Mode::Daemon => "daemon mode",
            Mode::StandAlone => "stand-alone mode",
        };
        match self.operands.is_empty() {
            true => Ok(()),
            false => Err(format!("{what} requires no recipient")),
        }
    }
}

/// What `-C` says, the last one if there are several: the directory of main.cf, or that file itself. It is wanted
/// before anything else, as what is wrong with the other options goes to the log.
pub fn config_directory(arguments: impl IntoIterator<Item = OsString>) -> Option<OsString> {
    let letters = cli::letters(&cli());
    let mut found = None;
    let mut arguments = arguments.into_iter().peekable();
    while let Some(argument) = arguments.next() {
        let Some(cluster) = argument.as_bytes().strip_prefix(b"-").filter(|rest| !rest.is_empty()) else {
            break;
        };
        if cluster == b"-" {
            break;
        }
        let next = arguments.next_if(|_| cluster != b"q" && value_follows(cluster, &letters));
        match cluster.strip_prefix(b"C") {
            Some(b"") => found = next,
            Some(attached) => found = Some(OsString::from_vec(attached.to_vec())),
            None => {}
        }
    }
    let directory = found.as_ref().and_then(|path| path.as_bytes().strip_suffix(b"/main.cf"));
    match directory {
        Some(directory) => Some(OsString::from_vec(directory.to_vec())),
        None => found,
    }
}

fn first(value: &[u8]) -> char {
    value.first().map_or(' ', |&byte| char::from(byte))
}

/// Undoes the xtext encoding of RFC 3461.
fn unxtext(text: &[u8]) -> Option<BString> {
    let mut out = BString::default();
    let mut rest = text;
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        if byte != b'+' {
            out.push_byte(byte);
            continue;
        }
        let (hex, tail) = rest.split_at_checked(2)?;
        let value = u8::from_str_radix(hex.to_str().ok()?, 16).ok()?;
        out.push_byte(value);
        rest = tail;
    }
    out.find_byteset(b"\0\r\n").is_none().then_some(out)
}

/// Rewrites options that getopt cannot know: a bare `-q`, and VERP's old spelling `-V`, which has
/// become the envelope id.
fn modernize(arguments: impl IntoIterator<Item = OsString>, letters: &str) -> Vec<OsString> {
    let mut out = Vec::new();
    let mut arguments = arguments.into_iter().peekable();
    while let Some(argument) = arguments.next() {
        let bytes = argument.as_bytes();
        if bytes == b"--" || bytes == b"-" || bytes.first() != Some(&b'-') {
            out.push(argument);
            break;
        }
        let next_has_two = arguments.peek().is_some_and(|next| next.len() == 2);
        if bytes == b"-q" {
            out.extend([argument, OsString::new()]);
        } else if bytes == b"-V" && next_has_two {
            log::warning!("option -V is deprecated with Postfix 2.3; specify -XV instead");
            out.push("-XV".into());
        } else if bytes.len() == 4 && bytes.starts_with(b"-V") {
            let rest = bytes.get(1..).unwrap_or_default();
            log::warning!(
                "option {} is deprecated with Postfix 2.3; specify -X{} instead",
                bytes.as_bstr(),
                rest.as_bstr()
            );
            out.push(OsString::from_vec([b"-X", rest].concat()));
        } else {
            let takes_next = value_follows(bytes.get(1..).unwrap_or_default(), letters);
            out.push(argument);
            out.extend(arguments.next_if(|_| takes_next));
        }
    }
    out.extend(arguments);
    out
}

/// Whether the last letter of a cluster takes the next argument as its value.
fn value_follows(cluster: &[u8], letters: &str) -> bool {
    let takes_value = |byte: u8| letters.as_bytes().windows(2).any(|pair| pair == [byte, b':']);
    cluster.iter().position(|&byte| takes_value(byte)) == cluster.len().checked_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options, String> {
        Options::parse(line.split_whitespace().map(OsString::from), "sendmail")
    }

    #[test]
    fn the_options_are_the_references() {
        cli().debug_assert();
        let mut options: Vec<String> = Vec::new();
        for letter in cli::letters(&cli()).chars() {
            match options.last_mut() {
                Some(option) if letter == ':' => option.push(letter),
                _ => options.push(letter.to_string()),
            }
        }
        options.sort();
        assert_eq!(options.concat(), "A:B:C:F:GIL:N:O:R:UV:X:b:ce:f:h:imno:p:q:r:tvx");
    }

    #[test]
    fn modes() {
        for (line, mode) in [
            ("", Mode::Enqueue),
            ("-bm -oi x", Mode::Enqueue),
            ("-bv x", Mode::Verify),
            ("-bp", Mode::List),
            ("-q", Mode::Flush),
            ("-q15m x", Mode::Ignore),
            ("-bd -q15m", Mode::Daemon),
            ("-q1h -bd", Mode::Daemon),
            ("-I", Mode::Aliases),
            ("-bs", Mode::StandAlone),
            ("-bh", Mode::Ignore),
        ] {
            assert_eq!(parse(line).unwrap().mode, mode, "{line}");
        }
    }

    #[test]
    fn places_of_main_cf() {
        for (line, want) in [
            ("-C /etc/a x", Some("/etc/a")),
            ("-C/etc/a/main.cf -C /etc/b/main.cf x", Some("/etc/b")),
            ("-f -C/x a", None),
            ("x -C /etc/a", None),
            ("-q -C /etc/a", Some("/etc/a")),
        ] {
            let found = config_directory(line.split_whitespace().map(OsString::from));
            assert_eq!(found.as_deref(), want.map(OsStr::new), "{line}");
        }
    }

    #[test]
    fn refused() {
        for (line, why) in [
            ("-f", "usage: sendmail [options]"),
            ("-Z", "usage: sendmail [options]"),
            ("-bx", "unsupported: -bx"),
            ("-X /tmp/log x", "unsupported: -X/"),
            ("-qS", "-qS is not implemented"),
            ("-qRx -bp", "-qR can be used only in delivery mode"),
            ("-qR", "specify: -qRsitename"),
            ("-q 15m x", "flush queue mode requires no recipient"),
            ("-B foo", "-B option needs 8BITMIME or 7BIT"),
            ("-n", "-n option not supported"),
            ("-t -bv", "-t option cannot be used with -bv"),
            ("-bs -t", "-t can be used only in delivery mode"),
        ] {
            assert_eq!(parse(line).unwrap_err(), why, "{line}");
        }
    }

    #[test]
    fn values() {
        let options = parse("-f=me -XV+= -oA/etc/a -i -t x -f").unwrap();
        assert_eq!(options.sender.unwrap(), "=me");
        assert_eq!(options.verp.unwrap().unwrap(), "+=");
        assert_eq!(options.operands, ["x", "-f"]);
        assert_eq!(parse("-qRa.test").unwrap().flush_site.unwrap(), "a.test");
        assert_eq!(parse("-qI5E1").unwrap().flush_file.unwrap(), "5E1");
        assert_eq!(parse("-V -f me x").unwrap().verp, Some(None));
        assert_eq!(parse("-V env+2Bx x").unwrap().envelope_id.unwrap(), "env+x");
        assert_eq!(parse("-XV x").unwrap().verp, Some(None));
        assert!(parse("-N never x").unwrap().notify.is_some());
        assert!(parse("-v x").unwrap().wants_report());
        assert_eq!(parse("-vv x").unwrap().verbose_level(), Some(2));
    }
}
