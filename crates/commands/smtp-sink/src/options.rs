//! The command line.

use std::ffi::{OsStr, OsString};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::time::Duration;

use bstr::{BString, ByteVec};

use crate::commands::{Command, Misbehaviour};
use crate::dump::Template;

const USAGE: &str = "usage: smtp-sink [-468acCeEFLpPv] [-A abort_delay] [-b soft_bounce_reply] \
    [-B hard_bounce_reply] [-d dump-template] [-D dump-template] [-f commands] [-h hostname] [-m max_concurrency] \
    [-M message_quit_count] [-n quit_count] [-q commands] [-r commands] [-R root-dir] [-s commands] \
    [-S start-string] [-u user_privs] [-w delay] [host]:port backlog";

/// The options.
pub fn cli() -> clap::Command {
    let value = cli::value;
    let flag = cli::flag;
    cli::table("smtp-sink", "Takes test mail by SMTP or LMTP and throws it away; misbehaves as told.").args([
        flag('4', "ipv4", "IPv4 only"),
        flag('6', "ipv6", "IPv6 only"),
        flag('8', "no-8bit", "do not announce 8BITMIME"),
        flag('a', "no-auth", "do not announce AUTH"),
        value('A', "abort", "seconds", "answer DATA, wait, then refuse without reading on"),
        value('b', "soft-reply", "reply", "the text of temporary refusals"),
        value('B', "hard-reply", "reply", "the text of permanent refusals"),
        flag('c', "count", "show a running count"),
        flag('C', "no-xclient", "do not announce XCLIENT"),
        value('d', "dump-each", "template", "write each message to a file; the template is as for strftime"),
        value('D', "dump", "template", "write all messages of a name to one file"),
        flag('e', "no-esmtp", "no ESMTP"),
        flag('E', "no-enhanced", "do not announce enhanced status codes"),
        value('f', "hard", "commands", "refuse these commands for ever"),
        flag('F', "no-xforward", "do not announce XFORWARD"),
        value('h', "hostname", "name", "name in the greeting"),
        value('H', "read-delay", "seconds", "wait before reading the message"),
        flag('L', "lmtp", "speak LMTP"),
        value('m', "concurrency", "count", "connections at the same time"),
        value('M', "messages", "count", "end after so many messages"),
        value('n', "sessions", "count", "end after so many connections"),
        flag('N', "no-dsn", "do not announce DSN"),
        flag('p', "no-pipelining", "do not announce PIPELINING"),
        flag('P', "pix", "pretend to be a firewall that breaks ESMTP"),
        value('q', "hang-up", "commands", "hang up at these commands without a reply"),
        value('Q', "close", "commands", "hang up at these commands with reply 421"),
        value('r', "soft", "commands", "refuse these commands for now"),
        value('R', "root", "directory", "change the root directory"),
        value('s', "log", "commands", "log these commands"),
        value('S', "start", "text", "begin files with this text"),
        value('t', "timeout", "seconds", "time limit"),
        value('T', "window", "size", "TCP window size"),
        value('u', "user", "user", "change to this user"),
        flag('v', "verbose", "show the conversation"),
        value('w', "delay", "seconds", "wait before answering DATA"),
        value('W', "delays", "command:delay[:odds]", "wait before answering a command"),
        cli::operand("endpoint", "[inet:][host]:port or unix:path"),
        cli::operand("backlog", "how many connections may wait"),
    ])
}

/// Where to listen.
#[derive(Clone, Debug)]
pub enum Listen {
    Inet(Vec<SocketAddr>),
    Unix(PathBuf),
}

/// What the command line asks for.
#[derive(Clone, Debug)]
pub struct Options {
    pub listen: Listen,
    pub backlog: i32,
    pub eight_bit: bool,
    pub auth: bool,
    /// -A: answer DATA, wait so long, then 550 without reading on.
    pub abort: Option<Duration>,
    pub soft_reply: BString,
    pub hard_reply: BString,
    pub count: bool,
    pub xclient: bool,
    pub dump: Option<Template>,
    pub esmtp: bool,
    pub enhanced: bool,
    pub xforward: bool,
    pub hostname: BString,
    /// -H: wait before the first read behind DATA.
    pub data_read_delay: Duration,
    pub lmtp: bool,
    pub most_sessions: usize,
    pub quit_after_messages: u64,
    pub quit_after_sessions: u64,
    pub dsn: bool,
    pub pipelining: bool,
    pub pix: bool,
    pub root: Option<PathBuf>,
    pub start: BString,
    pub timeout: Duration,
    pub window: Option<usize>,
    pub user: Option<String>,
    pub verbose: bool,
    /// What to do wrong with which command.
    pub misbehaviour: Misbehaviour,
}

/// Reads the command line, or says what is wrong with it and exits.
pub fn from_command_line(arguments: impl Iterator<Item = OsString>) -> Options {
    let parsed = cli::walk(cli, arguments, USAGE);
    let mut families = (true, true);
    let mut options = Options {
        listen: Listen::Inet(Vec::new()),
        backlog: 0,
        eight_bit: true,
        auth: true,
        abort: None,
        soft_reply: "450 4.3.0 Error: command failed".into(),
        hard_reply: "500 5.3.0 Error: command failed".into(),
        count: false,
        xclient: true,
        dump: None,
        esmtp: true,
        enhanced: true,
        xforward: true,
        hostname: "smtp-sink".into(),
        data_read_delay: Duration::ZERO,
        lmtp: false,
        most_sessions: 256,
        quit_after_messages: 0,
        quit_after_sessions: 0,
        dsn: true,
        pipelining: true,
        pix: false,
        root: None,
        start: BString::default(),
        timeout: Duration::from_secs(100),
        window: None,
        user: None,
        verbose: false,
        misbehaviour: Misbehaviour::default(),
    };
    for (letter, value) in parsed.options {
        let value = value.unwrap_or_default();
        match letter {
            '4' => families = (true, false),
            '6' => families = (false, true),
            '8' => options.eight_bit = false,
            'a' => options.auth = false,
            'A' => options.abort = Some(seconds("bad abort delay", &value)),
            'b' => options.soft_reply = reply("bad soft error reply", b'4', &value),
            'B' => options.hard_reply = reply("bad hard error reply", b'5', &value),
            'c' => options.count = true,
            'C' => options.xclient = false,
            'd' => options.dump = Some(Template::single(value)),
            'D' => options.dump = Some(Template::shared(value)),
            'e' => options.esmtp = false,
            'E' => options.enhanced = false,
            'f' => {
                options.pipelining = false;
                commands(&value, |command| options.misbehaviour.of(command).hard = true);
            }
            'F' => options.xforward = false,
            'h' => options.hostname = value.as_bytes().into(),
            'H' => options.data_read_delay = seconds("bad data read delay", &value),
            'L' => options.lmtp = true,
            'm' => options.most_sessions = number::<usize>("bad concurrency limit", &value).max(1),
            'M' => options.quit_after_messages = number("bad message quit count", &value),
            'n' => options.quit_after_sessions = number("bad quit count", &value),
            'N' => options.dsn = false,
            'p' => options.pipelining = false,
            'P' => {
                options.pix = true;
                options.esmtp = false;
            }
            'q' => commands(&value, |command| options.misbehaviour.of(command).hang_up = true),
            'Q' => commands(&value, |command| options.misbehaviour.of(command).close = true),
            'r' => {
                options.pipelining = false;
                commands(&value, |command| options.misbehaviour.of(command).soft = true);
            }
            'R' => options.root = Some(value.into()),
            's' => commands(&value, |command| options.misbehaviour.of(command).log = true),
            'S' => options.start = unescape(value.as_bytes()),
            't' => options.timeout = seconds("bad timeout", &value),
            'T' => options.window = Some(number("bad TCP window size", &value)),
            'u' => options.user = Some(value.to_string_lossy().into_owned()),
            'v' => options.verbose = true,
            'w' => options.misbehaviour.of(Command::Data).delay = Some((seconds("bad delay", &value), 0)),
            _ => delay(&mut options.misbehaviour, &value),
        }
    }
    let [listen, backlog] = parsed.operands.as_slice() else { log::fatal!("{USAGE}") };
    options.backlog = number("bad backlog", backlog);
    options.listen = find_endpoint(listen, families);
    options
}

fn number<N: std::str::FromStr>(complaint: &str, value: &OsStr) -> N {
    let number = value.to_str().and_then(|text| text.parse().ok());
    number.unwrap_or_else(|| log::fatal!("{complaint}: {}", value.to_string_lossy()))
}

fn seconds(complaint: &str, value: &OsStr) -> Duration {
    Duration::from_secs(number(complaint, value))
}

fn reply(complaint: &str, class: u8, value: &OsStr) -> BString {
    let text = value.as_bytes();
    let digits =
        text.get(..3).is_some_and(|code| code.first() == Some(&class) && code.iter().all(u8::is_ascii_digit));
    if !digits || text.get(3).is_some_and(|&b| b != b' ') {
        log::fatal!("{complaint}: {}", value.to_string_lossy());
    }
    text.into()
}

fn commands(value: &OsStr, mut apply: impl FnMut(Command)) {
    let text = value.to_string_lossy();
    for name in text.split([',', ' ', '\t', '\r', '\n']).filter(|name| !name.is_empty()) {
        match Command::from_name(name.as_bytes()) {
            Some(command) => apply(command),
            None => log::fatal!("unknown command: {name}"),
        }
    }
}

/// `command:delay[:odds]`
fn delay(misbehaviour: &mut Misbehaviour, value: &OsStr) {
    let text = value.to_string_lossy();
    let mut parts = text.splitn(3, ':');
    let name = parts.next().unwrap_or_default();
    let Some(command) = Command::from_name(name.as_bytes()) else { log::fatal!("unknown command: {name}") };
    let Some(Ok(time)) = parts.next().map(str::parse) else {
        log::fatal!("invalid command delay argument: {text}")
    };
    let odds = match parts.next().map(str::parse::<u8>) {
        None => 0,
        Some(Ok(odds @ 1..=99)) => odds,
        Some(_) => log::fatal!("delay odds for '{name}' out of range"),
    };
    misbehaviour.of(command).delay = Some((Duration::from_secs(time), odds));
}

/// The escapes of -S: `\n` and friends, up to three octal digits, anything else stands for itself.
fn unescape(text: &[u8]) -> BString {
    let mut out = BString::default();
    let mut rest = text.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            out.push_byte(byte);
            continue;
        }
        match rest.next() {
            Some(b'a') => out.push_byte(7),
            Some(b'b') => out.push_byte(8),
            Some(b'f') => out.push_byte(12),
            Some(b'n') => out.push_byte(b'\n'),
            Some(b'r') => out.push_byte(b'\r'),
            Some(b't') => out.push_byte(b'\t'),
            Some(b'v') => out.push_byte(11),
            Some(digit @ b'0'..=b'7') => {
                let mut value = u32::from(digit - b'0');
                for _ in 0..2 {
                    let Some(digit) = rest.next_if(|b| (b'0'..=b'7').contains(b)) else { break };
                    value = value * 8 + u32::from(digit - b'0');
                }
                out.push_byte(u8::try_from(value & 0xff).unwrap_or_default());
            }
            Some(other) => out.push_byte(other),
            None => {}
        }
    }
    out
}

fn find_endpoint(text: &OsStr, (v4, v6): (bool, bool)) -> Listen {
    if let Some(path) = text.as_bytes().strip_prefix(b"unix:") {
        return Listen::Unix(OsStr::from_bytes(path).into());
    }
    let text = text.to_string_lossy();
    let text = text.strip_prefix("inet:").unwrap_or(&text);
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, rest)) => (host, rest.strip_prefix(':').unwrap_or(rest)),
        None => text.rsplit_once(':').unwrap_or(("", text)),
    };
    let number = port.parse().ok().or_else(|| sys::resolver::service_port(port));
    let number = number.unwrap_or_else(|| log::fatal!("unknown service: {port}"));
    let all: Vec<SocketAddr> = if host.is_empty() {
        vec![(Ipv4Addr::UNSPECIFIED, number).into(), (Ipv6Addr::UNSPECIFIED, number).into()]
    } else {
        match (host, number).to_socket_addrs() {
            Ok(all) => all.collect(),
            Err(error) => log::fatal!("{host}: {error}"),
        }
    };
    let all: Vec<_> = all.into_iter().filter(|a| (a.is_ipv4() && v4) || (a.is_ipv6() && v6)).collect();
    if all.is_empty() {
        log::fatal!("{host}: no address to listen on");
    }
    Listen::Inet(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_of_the_start_string() {
        assert_eq!(unescape(br"From \101\012\n\\x\q"), "From A\n\n\\xq");
        assert_eq!(unescape(br"\1234\"), "S4");
    }

    #[test]
    fn the_options_are_the_references() {
        cli().debug_assert();
        assert_eq!(cli::letters(&cli()), "468aA:b:B:cCd:D:eEf:Fh:H:Lm:M:n:NpPq:Q:r:R:s:S:t:T:u:vw:W:");
    }

    #[test]
    fn a_full_command_line() {
        let words = "-c -L -f MAIL,rcpt -W .:5:10 -m 3 127.0.0.1:2525 100".split(' ').map(OsString::from);
        let mut options = from_command_line(words);
        assert!(options.count && options.lmtp && !options.pipelining);
        assert!(options.misbehaviour.of(Command::Mail).hard && !options.misbehaviour.of(Command::Data).hard);
        assert_eq!(options.misbehaviour.of(Command::Dot).delay, Some((Duration::from_secs(5), 10)));
        assert_eq!((options.most_sessions, options.backlog), (3, 100));
    }
}
