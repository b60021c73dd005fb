//! One client, from greeting to good-bye.

use bstr::{BStr, BString};
use config::Config;
use config::params::*;
use daemon::Context;
use log::lines::Commands;
use net::Stream;

use crate::check::CheckState;
use crate::client::Client;
use crate::commands::{self, COMMANDS, Command};
use wire::content::Chunks;

use crate::content::Lines;
use crate::errors::{End, class};
use crate::limits::Limits;
use crate::setup::{BareNewline, Server};
use crate::text::{escape, head, printable};
use crate::transaction::Transaction;

/// Where a session stands, as the log says it; commands stand under their names.
pub mod place {
    pub const CONNECT: &str = "CONNECT";
    pub const UNKNOWN: &str = "UNKNOWN";
    pub const CONTENT: &str = "DATA content";
    pub const BDAT_CONTENT: &str = "BDAT content";
    pub const END_OF_MESSAGE: &str = "END-OF-MESSAGE";
}

/// One client's state.
pub struct Session<'a> {
    pub server: &'a Server,
    pub cf: &'static Config,
    pub service: &'a str,
    /// Run by `sendmail -bs`.
    pub standalone: bool,
    pub stream: Stream,
    pub client: Client,
    /// `SMTP` or `ESMTP`.
    pub protocol: &'static str,
    pub helo: Option<BString>,
    /// The transaction's sender; while MAIL is checked, the one it names.
    pub sender: Option<BString>,
    /// The first recipient accepted; while RCPT is checked, the one it names.
    pub recipient: Option<BString>,
    /// While ETRN is checked, the site it names.
    pub etrn: Option<BString>,
    /// The last command, or a [`place`].
    pub place: &'static str,
    pub mail: Transaction,
    pub check: CheckState,
    pub tls: Option<tls::Summary>,
    pub limits: Option<Limits>,
    pub errors: i64,
    pub error_mask: u32,
    /// Commands that do nothing for the client but keep us busy.
    pub junk: i64,
    pub history: Vec<BString>,
    /// What was said to a client that smtpd_delay_reject = no refused at once.
    pub access_denied: Option<BString>,
    pub hangup: bool,
    /// The command as it was given.
    pub command_line: BString,
    /// Nothing more is read: the client has sent more of something than can be passed over.
    pub input_disabled: bool,
    /// The size that a MAIL command named which was refused. compat: it counts for the next one, too.
    pub refused_size: i64,
    pub illegal_pipelining: bool,
    pub ehlo_discard: commands::ehlo::Discard,
    pub xclient_allowed: bool,
    pub xforward_allowed: bool,
    pub bare_newline: BareNewline,
    /// A line of this session, or the last command line, ended in a bare line feed where that matters.
    pub saw_bare_newline: bool,
    pub line_was_bare: bool,
    /// A BDAT message that is not complete.
    pub bdat_lines: Option<(Lines, Chunks)>,
    pub commands: Commands,
    reason: Option<&'static str>,
}

/// Serves a client to the end.
pub fn serve(cx: &Context<Server>, stream: Stream) {
    let mut session = Session::new(cx, stream);
    log::info_line(&log::lines::connect(&session.client.name_address));
    session.debug_peer();
    session.run();
    let noted = session.saw_bare_newline && session.bare_newline == BareNewline::Note;
    let line = log::lines::disconnect(&session.client.name_address, &session.commands);
    log::info_line(&cat!(line, if noted { " notes=bare_lf" } else { "" }));
    if session.tls.is_some() {
        // A proper good-bye, without which the client could not take the TLS session up again.
        let _ = session.stream.shutdown(std::net::Shutdown::Both);
    }
    log::set_session_verbose(0);
}

impl<'a> Session<'a> {
    fn new(cx: &'a Context<Server>, mut stream: Stream) -> Session<'a> {
        let (cf, server) = (cx.config, &cx.state);
        let client = Client::of(cf, &stream, cx.standard);
        stream.set_timeout(Some(cf.get(SMTPD_TIMEOUT)));
        let (name, address) = (&client.name, &client.address);
        let listed =
            |list: &tables::MatchList| !cx.standard && list.matches_host(name, address).unwrap_or(false);
        let xclient_allowed = listed(&server.xclient_hosts);
        let bare_newline = match server.bare_newline {
            mode if mode != BareNewline::Allow && listed(&server.bare_newline_exclusions) => {
                BareNewline::Allow
            }
            _ if cx.standard => BareNewline::Allow,
            mode => mode,
        };
        let limits = match cx.standard || xclient_allowed {
            true => None,
            false => Limits::of(cf, server, &cx.service, name, address, client.ip),
        };
        Session {
            server,
            cf,
            service: &cx.service,
            standalone: cx.standard,
            protocol: "SMTP",
            helo: None,
            sender: None,
            recipient: None,
            etrn: None,
            place: place::CONNECT,
            mail: Transaction::default(),
            check: CheckState::default(),
            tls: None,
            limits,
            errors: 0,
            error_mask: 0,
            junk: 0,
            history: Vec::new(),
            access_denied: None,
            hangup: false,
            command_line: BString::default(),
            input_disabled: false,
            refused_size: 0,
            illegal_pipelining: false,
            ehlo_discard: commands::ehlo::Discard::default(),
            xclient_allowed,
            xforward_allowed: listed(&server.xforward_hosts),
            bare_newline,
            saw_bare_newline: false,
            line_was_bare: false,
            bdat_lines: None,
            commands: Commands {
                each: COMMANDS.iter().map(|row| (row.counted, 0, 0)).chain([("unknown", 0, 0)]).collect(),
            },
            reason: None,
            stream,
            client,
        }
    }

    fn debug_peer(&self) {
        let listed = self.server.debug_peers.matches_host(&self.client.name, &self.client.address);
        if listed.unwrap_or(false) {
            log::set_session_verbose(u32::try_from(self.cf.get(DEBUG_PEER_LEVEL)).unwrap_or(0));
        }
    }

    fn run(&mut self) {
        let end = self.dialogue();
        match end {
            Ok(()) | Err(End::Quiet) => {}
            Err(End::Timeout) => {
                self.reason = Some("timeout");
                let text = format!("421 4.4.2 {} Error: timeout exceeded", self.cf.get(MYHOSTNAME));
                let _ = self.reply(text);
            }
            Err(End::Lost) => self.reason = Some("lost connection"),
            Err(End::LocalData) => {
                self.error_mask |= class::DATA;
                let host = self.cf.get(MYHOSTNAME);
                log::info_line(&cat!(
                    self.queue_id(),
                    ": reject: ",
                    self.place,
                    " from ",
                    self.client.name_address,
                    ": 421 4.3.0 ",
                    host,
                    " Server local data error"
                ));
                let _ = self.reply(format!("421 4.3.0 {host} Server local data error"));
            }
        }
        if end == Err(End::Timeout) {
            // A client that does not read either is not waited for as long again.
            self.stream.set_timeout(Some(std::time::Duration::from_secs(10).min(self.cf.get(SMTPD_TIMEOUT))));
        }
        // Nobody is left to read it when this fails.
        let _ = self.stream.flush();
        if let Some(limits) = &mut self.limits {
            limits.disconnect();
        }
        self.log_end();
        self.notify_and_forget(0);
        self.reset_mail();
    }

    /// A session that ended otherwise than by QUIT, unless the client went away with its work done.
    fn log_end(&self) {
        let Some(reason) = self.reason else { return };
        let (id, client) = (self.queue_id(), &self.client.name_address);
        if self.place == place::CONTENT || self.place == place::BDAT_CONTENT {
            let command = if self.place == place::CONTENT { "DATA" } else { "BDAT" };
            let bytes = self.mail.received + i64::try_from(self.stream.buffered().len()).unwrap_or(0);
            log::info_line(&cat!(
                id,
                ": ",
                reason,
                " after ",
                command,
                format!(" ({bytes} bytes) from "),
                client
            ));
        } else if self.place != place::END_OF_MESSAGE || reason != "lost connection" {
            log::info_line(&cat!(id, ": ", reason, " after ", self.place, " from ", client));
        }
    }

    fn dialogue(&mut self) -> Result<(), End> {
        if !self.standalone && self.cf.get(SMTPD_TLS_WRAPPERMODE) && !self.start_wrapped()? {
            return Ok(());
        }
        if !self.may_connect()? {
            return Ok(());
        }
        self.ehlo_discard = commands::ehlo::Discard::for_client(self);
        self.greet()?;
        while !self.hangup {
            if self.errors >= self.cf.get(SMTPD_HARD_ERROR_LIMIT) {
                self.reason = Some("too many errors");
                self.error_mask |= class::PROTOCOL;
                return self.reply(format!("421 4.7.0 {} Error: too many errors", self.cf.get(MYHOSTNAME)));
            }
            if !self.one_command()? {
                break;
            }
        }
        Ok(())
    }

    /// Connection count and rate.
    fn may_connect(&mut self) -> Result<bool, End> {
        let Some(counted) = self.limits.as_mut().and_then(Limits::connect) else { return Ok(true) };
        let over = |value: i32, limit: i64| limit > 0 && i64::from(value) > limit;
        let (what, value) = if over(counted.count, self.cf.get(SMTPD_CLIENT_CONNECTION_COUNT_LIMIT)) {
            ("concurrency", counted.count)
        } else if over(counted.rate, self.cf.get(SMTPD_CLIENT_CONNECTION_RATE_LIMIT)) {
            ("rate", counted.rate)
        } else {
            return Ok(true);
        };
        self.error_mask |= class::POLICY;
        let client = &self.client;
        log::warning!(
            "Connection {what} limit exceeded: {value} from {} for service {}",
            client.name_address,
            self.service
        );
        let host = self.cf.get(MYHOSTNAME);
        self.reply(format!("421 4.7.0 {host} Error: too many connections from {}", self.client.address))?;
        Ok(false)
    }

    fn greet(&mut self) -> Result<(), End> {
        let refused = match self.standalone || self.cf.get(SMTPD_DELAY_REJECT) {
            true => None,
            false => self.check_client()?,
        };
        match refused {
            Some(text) => {
                self.error_mask |= class::POLICY;
                self.reply(&text)?;
                self.access_denied = Some(text);
                self.errors += 1;
                Ok(())
            }
            None => self.reply(format!("220 {}", self.cf.get(SMTPD_BANNER))),
        }
    }

    /// Takes one command line and acts on it; `false` ends the session.
    fn one_command(&mut self) -> Result<bool, End> {
        let mut line = self.query()?;
        if self.line_was_bare && !self.note_bare_newline()? {
            return Ok(false);
        }
        if !self.server.command_filter.is_empty() {
            self.filter_command(&mut line)?;
        }
        // compat: a command ends at a NUL, as a text in C does
        let said = line.split(|b| *b == 0).next().unwrap_or_default();
        if self.cf.get(SMTPUTF8_ENABLE) && !mail::text::is_utf8(said) {
            self.commands.tried("unknown");
            self.errors += i64::from(!self.refuse_protocol("500 5.5.2 Error: bad UTF-8 syntax")?);
            return Ok(true);
        }
        let words = wire::tokenize(said);
        self.command_line = said.into();
        let Some(verb) = words.first() else {
            self.commands.tried("unknown");
            self.errors += i64::from(!self.refuse_protocol("500 5.5.2 Error: bad syntax")?);
            return Ok(true);
        };
        if self.server.noop_commands.matches(&verb.text).unwrap_or(false) {
            self.reply("250 2.0.0 Ok")?;
            self.count_junk();
            return Ok(true);
        }
        let Some(row) = COMMANDS.iter().find(|row| verb.is(row.name)) else {
            return self.unknown_command(&verb.text, &line);
        };
        self.commands.tried(row.counted);
        if self.access_denied.is_some() && row.name != "QUIT" {
            return self.deny();
        }
        if self.server.tls_level >= tls::Level::Encrypt
            && self.tls.is_none()
            && !self.standalone
            && row.flags & commands::BEFORE_TLS == 0
        {
            self.reply("530 5.7.0 Must issue a STARTTLS command first")?;
            self.errors += 1;
            return Ok(true);
        }
        self.place = row.name;
        if self.pipelines_wrongly(row) && self.cf.get(SMTPD_FORBID_UNAUTH_PIPELINING) {
            self.reply("554 5.5.0 Error: SMTP protocol synchronization")?;
            return Ok(false);
        }
        let done = (row.action)(self, &words)?;
        if done {
            self.commands.succeeded(row.counted);
        } else {
            self.errors += 1;
        }
        if row.flags & commands::LIMITED != 0 {
            self.count_junk();
        }
        Ok(row.name != "QUIT")
    }

    fn count_junk(&mut self) {
        if self.junk > self.cf.get(SMTPD_JUNK_COMMAND_LIMIT) {
            self.errors += 1;
        }
        self.junk += 1;
    }

    fn filter_command(&mut self, line: &mut BString) -> Result<(), End> {
        let key = line.trim_ascii_start();
        match self.server.command_filter.find(key) {
            Ok(Some(other)) => {
                let (client, old, new) = (&self.client.name_address, head(line, 100), head(&other, 100));
                log::info!("{client}: replacing command \"{}\" with \"{}\"", BStr::new(old), BStr::new(new));
                *line = other;
                Ok(())
            }
            Ok(None) => Ok(()),
            Err(error) => {
                log::warning!(
                    "{}: lookup error for \"{}\": {error}",
                    self.cf.get(SMTPD_COMMAND_FILTER),
                    printable(head(line, 100))
                );
                Err(End::LocalData)
            }
        }
    }

    fn unknown_command(&mut self, verb: &[u8], line: &[u8]) -> Result<bool, End> {
        self.place = place::UNKNOWN;
        self.commands.tried("unknown");
        let forbidden = self.server.forbidden_commands.matches(verb).unwrap_or(false);
        if forbidden || mail::header::is_header(verb) {
            log::warning!("non-SMTP command from {}: {}", self.client.name_address, escape(head(line, 100)));
            self.reply("221 2.7.0 Error: I can break rules, too. Goodbye.")?;
            return Ok(false);
        }
        if self.access_denied.is_some() {
            return self.deny();
        }
        self.errors += i64::from(!self.refuse_protocol("500 5.5.2 Error: command not recognized")?);
        Ok(true)
    }

    fn deny(&mut self) -> Result<bool, End> {
        let text = cat!("503 5.7.0 Error: access denied for ", self.client.name_address);
        self.reply(text)?;
        self.errors += 1;
        Ok(true)
    }

    /// Has the client sent on without waiting where it has to? Logged once a session.
    fn pipelines_wrongly(&mut self, row: &Command) -> bool {
        let must_wait = self.protocol != "ESMTP" || row.flags & commands::LAST_OF_GROUP != 0;
        if self.standalone || !must_wait || self.illegal_pipelining || !self.has_input() {
            return false;
        }
        let client = &self.client.name_address;
        log::info!("improper command pipelining after {} from {client}: {}", row.name, self.unasked_input());
        self.illegal_pipelining = true;
        true
    }

    /// A command ended in a bare line feed: noted, or refused as smtpd_forbid_bare_newline says.
    fn note_bare_newline(&mut self) -> Result<bool, End> {
        if self.bare_newline != BareNewline::Reject {
            return Ok(true);
        }
        let text = commands::bare_newline_reply(self);
        self.error_mask |= class::PROTOCOL;
        self.log_whatsup("reject", b"bare <LF> received");
        self.reply(text)?;
        Ok(false)
    }

    /// The queue's name for the message, for log lines.
    pub fn queue_id(&self) -> &[u8] {
        self.mail.queue_id.as_ref().map_or(b"NOQUEUE", |id| id.as_slice())
    }

    /// Is there a sender?
    pub fn in_transaction(&self) -> bool {
        self.sender.is_some()
    }

    /// Back to where HELO left us. A message in the making never was.
    pub fn reset_mail(&mut self) {
        self.mail = Transaction::default();
        self.refused_size = 0;
        self.sender = None;
        self.recipient = None;
    }

    /// Over a threshold, what was said so far is forgotten, after the postmaster has got a copy where
    /// notify_classes wants that.
    pub fn notify_and_forget(&mut self, threshold: i64) {
        if self.history.len() > usize::try_from(threshold).unwrap_or(0) {
            if self.error_mask & self.server.notify != 0 && !self.standalone {
                crate::notice::send(self, self.reason);
            }
            self.error_mask = 0;
            self.history.clear();
        }
    }
}
