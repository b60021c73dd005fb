//! A message from standard input into records.

use crate::extract::{Extractor, Line};
use crate::fatal;
use crate::options::{Mode, Options};
use crate::submit::Submission;
use bstr::{BString, ByteSlice};
use config::Config;
use config::params::{
    DEFAULT_VERP_DELIMITERS, HEADER_SIZE_LIMIT, REQUIRETLS_ENABLE, SENDMAIL_FIX_LINE_ENDINGS,
    SMTPUTF8_ENABLE, VERP_DELIMITER_FILTER,
};
use ipc::delivery::{flag, sendopt};
use mail::rfc822;
use spool::SizeRecord;
use spool::fields::attr;
use spool::record::kind;
use std::io::{self, BufRead};
use std::os::unix::ffi::OsStrExt;
use std::process::ExitCode;

/// Submits a message, or a probe message that is only reported about.
pub fn run(options: &Options, config: &'static Config, uid: u32) -> ExitCode {
    let sender = sender(options, uid);
    let job = Job { options, config, uid, shown: sender.clone(), sender };
    let sendopts = job.sendopts();
    let verp = job.verp();
    let verbose = options.verbose_level().unwrap_or(0);
    let mut submission = match Submission::start(config, verbose) {
        Ok(submission) => submission,
        Err(why) => job.fail(&why),
    };
    if let Err(error) = job.envelope(&mut submission, sendopts, verp.as_ref().map(|v| v.as_slice())) {
        job.write_error(&error, submission);
    }
    if let Err(why) = submission.opened(config) {
        job.fail(&why);
    }
    let header_recipients = match options.mode {
        Mode::Verify => job.probe(&mut submission),
        _ => job.content(&mut submission),
    };
    match header_recipients.and_then(|recipients| job.extracted(&mut submission, recipients)) {
        Ok(()) => {}
        Err(error) => job.write_error(&error, submission),
    }
    if let Err(why) = submission.finish() {
        job.fail(&why.to_string());
    }
    if options.mode == Mode::Verify || options.wants_report() {
        println!("Mail Delivery Status Report will be mailed to <{}>.", job.shown);
    }
    ExitCode::SUCCESS
}

struct Job<'a> {
    options: &'a Options,
    config: &'static Config,
    uid: u32,
    /// The sender as messages show it.
    shown: BString,
    sender: BString,
}

/// The envelope sender in internal form: the address of `-f`, or who runs us.
fn sender(options: &Options, uid: u32) -> BString {
    let Some(given) = options.sender.as_ref() else {
        return match sys::user::by_uid(uid) {
            Ok(Some(user)) => user.name.into(),
            _ => fatal(format_args!("no login name found for user ID {uid}")),
        };
    };
    let tokens = rfc822::parse(given, 0);
    let mut addresses = rfc822::addresses(&tokens);
    let first = addresses.next();
    if first.is_none() && !is_null(given) || addresses.next().is_some() {
        log::warning!("-f option specified malformed sender: {given}");
    }
    first.unwrap_or_default()
}

/// The null sender address, as people write it.
fn is_null(text: &[u8]) -> bool {
    matches!(text.trim_ascii(), b"" | b"<>")
}

/// The sender's full name: `-F`, the environment's NAME, or the user database.
fn full_name(options: &Options, uid: u32) -> Option<BString> {
    if let Some(name) = &options.full_name {
        return Some(name.clone());
    }
    if let Some(name) = std::env::var_os("NAME").filter(|_| !sys::host::is_set_id()) {
        return Some(name.as_bytes().into());
    }
    let user = sys::user::by_uid(uid).ok().flatten()?;
    let gecos = user.gecos.split([',', ';', '%']).next().unwrap_or_default();
    let mut login = user.name.clone();
    if let Some(first) = login.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    Some(gecos.replace('&', &login).into())
}

impl Job<'_> {
    fn fail(&self, why: &str) -> ! {
        fatal(format_args!("{}({}): {why}", self.shown, self.uid))
    }

    /// A record could not be sent: postdrop's own answer tells more than a broken pipe.
    fn write_error(&self, error: &io::Error, submission: Submission) -> ! {
        if error.kind() == io::ErrorKind::BrokenPipe {
            if let Err(why) = submission.finish() {
                self.fail(&why.to_string());
            }
        }
        self.fail(&format!("error writing queue file: {}", sys::errno_text(error)))
    }

    /// What is asked of the next servers, as far as main.cf allows it.
    fn sendopts(&self) -> i64 {
        let mut asked = 0;
        for (wanted, enabled, bit, name, param) in [
            (
                self.options.smtputf8,
                self.config.get(SMTPUTF8_ENABLE),
                sendopt::SMTPUTF8_REQUESTED,
                "SMTPUTF8=yes",
                SMTPUTF8_ENABLE.name(),
            ),
            (
                self.options.requiretls,
                self.config.get(REQUIRETLS_ENABLE),
                sendopt::REQUIRETLS_ESMTP,
                "REQUIRETLS=yes",
                REQUIRETLS_ENABLE.name(),
            ),
        ] {
            if wanted && enabled {
                asked |= i64::from(bit);
            } else if wanted && bit == sendopt::REQUIRETLS_ESMTP {
                // Mail that must not travel in clear is not sent at all rather than unprotected.
                fatal(format_args!("'-O {name}' was requested, but the configuration is '{param} = no'"));
            } else if wanted {
                log::warning!("Ignoring option '-O {name}, because the configuration is '{param} = no'");
            }
        }
        asked
    }

    fn verp(&self) -> Option<BString> {
        let delimiters = match self.options.verp.as_ref()? {
            Some(given) => given.clone(),
            None => self.config.get(DEFAULT_VERP_DELIMITERS).into(),
        };
        let allowed = self.config.get(VERP_DELIMITER_FILTER).as_bytes();
        if delimiters.len() != 2 || !delimiters.iter().all(|b| allowed.contains(b)) {
            fatal(format_args!("-V requires two characters from {}", allowed.as_bstr()));
        }
        if self.sender.is_empty() {
            self.fail("-V option requires non-null sender address");
        }
        Some(delimiters)
    }

    fn envelope(&self, to: &mut Submission, sendopts: i64, verp: Option<&[u8]>) -> io::Result<()> {
        let options = self.options;
        if sendopts != 0 {
            let size = SizeRecord {
                message_size: -1,
                data_offset: -1,
                recipients: -1,
                queue_opts: -1,
                content_length: -1,
                sendopts,
            };
            to.record(kind::SIZE, &size.format())?;
        }
        if let Some(id) = &options.envelope_id {
            to.attribute(attr::DSN_ENVID, id)?;
        }
        if let Some(part) = options.dsn_return {
            to.attribute(attr::DSN_RET, part.to_string().as_bytes())?;
        }
        let context = if options.is_remote { "remote" } else { "local" };
        to.attribute(attr::REWRITE_CONTEXT, context.as_bytes())?;
        if let Some(name) = full_name(options, self.uid).filter(|name| !name.is_empty()) {
            to.record(kind::FULL, &name)?;
        }
        to.record(kind::FROM, &self.sender)?;
        if let Some(encoding) = options.encoding {
            to.attribute(attr::ENCODING, encoding.as_bytes())?;
        }
        let trace = match options.mode {
            Mode::Verify => flag::USER_VERIFY,
            _ if options.wants_report() => flag::RECORD,
            _ => 0,
        };
        if trace != 0 {
            to.attribute(attr::TRACE_FLAGS, trace.to_string().as_bytes())?;
        }
        if let Some(delimiters) = verp {
            to.record(kind::VERP, delimiters)?;
        }
        for operand in &options.operands {
            for recipient in addresses(operand.as_bytes()) {
                self.recipient(to, &recipient)?;
            }
        }
        to.record(kind::MESG, b"")
    }

    fn recipient(&self, to: &mut Submission, recipient: &[u8]) -> io::Result<()> {
        if let Some(notify) = self.options.notify {
            to.attribute(attr::DSN_NOTIFY, notify.to_string().as_bytes())?;
        }
        to.record(kind::RCPT, recipient)
    }

    /// The message of `-bv`; nobody gets it.
    fn probe(&self, to: &mut Submission) -> io::Result<Vec<BString>> {
        to.text(&[b"From: ", self.sender.as_slice()].concat(), true)?;
        to.text(b"Subject: probe", true)?;
        to.text(b"To:", false)?;
        let mut recipients = self.options.operands.iter().peekable();
        while let Some(recipient) = recipients.next() {
            let comma = if recipients.peek().is_some() { "," } else { "" };
            to.text(&[b"\t", recipient.as_bytes(), comma.as_bytes()].concat(), true)?;
        }
        Ok(Vec::new())
    }

    /// Copies standard input; returns the recipients found in its header.
    fn content(&self, to: &mut Submission) -> io::Result<Vec<BString>> {
        let mut input = io::BufReader::with_capacity(64 * 1024, io::stdin().lock());
        let mut endings = LineEndings::new(self.config.get(SENDMAIL_FIX_LINE_ENDINGS));
        let mut header =
            self.options.recipients_in_header.then(|| Extractor::new(self.config.get(HEADER_SIZE_LIMIT)));
        let mut found = Vec::new();
        let mut may_be_mailbox_line = true;
        let mut is_first = true;
        let mut line = Vec::new();
        // A line is taken in pieces so that one of any length needs little memory.
        let mut is_start = true;
        loop {
            line.clear();
            let whole = match read_piece(&mut input, &mut line) {
                Ok(None) => break,
                Ok(Some(whole)) => whole,
                Err(error) => self.fail(&format!("error reading input: {}", sys::errno_text(&error))),
            };
            if whole {
                endings.fix(&mut line);
            }
            if std::mem::take(&mut may_be_mailbox_line) && whole && is_mailbox_line(&line) {
                may_be_mailbox_line = true;
                continue;
            }
            if std::mem::take(&mut is_first) && matches!(line.first(), Some(b' ' | b'\t')) {
                // Not a continuation of the Received header that goes before it.
                to.text(b"", true)?;
                header = None;
            }
            if is_start && whole && line == b"." && !self.options.dots_are_text {
                break;
            }
            if let Some(mut extractor) = header.take_if(|_| is_start) {
                match extractor.line(&line) {
                    Line::Header => header = Some(extractor),
                    ending => {
                        found = extractor.recipients();
                        if ending == Line::Body {
                            to.text(b"", true)?;
                        }
                    }
                }
            }
            to.text(&line, whole)?;
            is_start = whole;
        }
        if let Some(extractor) = header {
            found = extractor.recipients();
        }
        Ok(found)
    }

    fn extracted(&self, to: &mut Submission, recipients: Vec<BString>) -> io::Result<()> {
        if self.options.recipients_in_header {
            if recipients.is_empty() && self.options.operands.is_empty() {
                self.fail("No recipient addresses found in message header");
            }
        } else if self.options.operands.is_empty() {
            self.fail("Recipient addresses must be specified on the command line or via the -t option");
        }
        to.record(kind::XTRA, b"")?;
        for recipient in &recipients {
            self.recipient(to, recipient)?;
        }
        to.record(kind::END, b"")
    }
}

/// The addresses of one argument; an argument without any is the empty address.
fn addresses(argument: &[u8]) -> Vec<BString> {
    let mut found: Vec<BString> = rfc822::addresses(&rfc822::parse(argument, 0)).collect();
    if found.is_empty() {
        found.push(BString::default());
    }
    found
}

/// `From user date`, perhaps quoted: how a mailbox file separates messages.
fn is_mailbox_line(line: &[u8]) -> bool {
    let text = line.trim_start_with(|c| c == '>');
    text.starts_with(b"From ")
}

/// Bytes of a line taken at once.
const PIECE: usize = 256 * 1024;

/// Reads a line without its ending, or a part of a very long one. `Some(true)` means that the line
/// was ended by a line feed, `None` that there is no more input.
fn read_piece(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<Option<bool>> {
    loop {
        let waiting = match input.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            other => other?,
        };
        if waiting.is_empty() {
            return Ok((!line.is_empty()).then_some(false));
        }
        match waiting.find_byte(b'\n') {
            Some(end) => {
                line.extend_from_slice(waiting.get(..end).unwrap_or_default());
                input.consume(end + 1);
                return Ok(Some(true));
            }
            None => {
                let count = waiting.len();
                line.extend_from_slice(waiting);
                input.consume(count);
                if line.len() >= PIECE {
                    return Ok(Some(false));
                }
            }
        }
    }
}

/// Whether CR LF is turned into LF (`sendmail_fix_line_endings`).
enum LineEndings {
    Always,
    /// As the first line is.
    Strict,
    Never,
}

impl LineEndings {
    fn new(value: &str) -> LineEndings {
        match value.trim().to_ascii_lowercase().as_str() {
            "always" => LineEndings::Always,
            "strict" => LineEndings::Strict,
            "never" => LineEndings::Never,
            _ => fatal(format_args!("invalid {} value: {value}", SENDMAIL_FIX_LINE_ENDINGS.name())),
        }
    }

    fn fix(&mut self, line: &mut Vec<u8>) {
        if matches!(self, LineEndings::Strict) {
            *self = if line.ends_with(b"\r") { LineEndings::Always } else { LineEndings::Never };
        }
        if matches!(self, LineEndings::Always) && line.ends_with(b"\r") {
            line.pop();
        }
    }
}
