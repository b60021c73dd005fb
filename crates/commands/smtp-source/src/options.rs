//! The command line.

use std::ffi::{OsStr, OsString};
use std::net::{SocketAddr, ToSocketAddrs};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;
use std::time::Duration;

use bstr::BString;

const USAGE: &str = "usage: smtp-source -cdLNov -s sess -l msglen -m msgs -C count -M myhostname -f from -t to \
    -r rcptcount -R delay -w delay host[:port]";

/// The options.
pub fn cli() -> clap::Command {
    let value = cli::value;
    let flag = cli::flag;
    cli::table("smtp-source", "Sends test mail by SMTP or LMTP, over many connections at once.").args([
        flag('4', "ipv4", "IPv4 only"),
        flag('6', "ipv6", "IPv6 only"),
        flag('A', "tolerant", "go on after a reply that was not hoped for"),
        flag('c', "count", "show a running count"),
        value('C', "attempts", "count", "how often to try a connection that is reset"),
        flag('d', "keep", "keep the connection for the next message"),
        value('f', "from", "address", "the envelope sender"),
        value('F', "file", "file", "send this message"),
        value('l', "length", "bytes", "message size"),
        flag('L', "lmtp", "speak LMTP"),
        value('m', "messages", "count", "messages in all"),
        value('M', "hostname", "name", "name in HELO"),
        flag('N', "number", "number the recipients"),
        flag('o', "old", "neither HELO nor headers"),
        value('R', "random-delay", "seconds", "wait up to so long, at random, between messages"),
        value('r', "recipients", "count", "recipients of each message"),
        value('s', "sessions", "count", "connections at the same time"),
        value('S', "subject", "text", "the subject line"),
        value('t', "to", "address", "the envelope recipient"),
        value('T', "window", "size", "TCP window size"),
        flag('v', "verbose", "show the conversation"),
        value('w', "delay", "seconds", "wait so long between messages"),
        cli::operand("server", "[inet:]host[:port] or unix:path"),
    ])
}

/// Where the server is.
#[derive(Clone, Debug)]
pub enum Server {
    Inet(Vec<SocketAddr>),
    Unix(PathBuf),
}

/// A pause between messages.
#[derive(Clone, Copy, Debug)]
pub enum Pause {
    None,
    Fixed(Duration),
    /// At random up to so many seconds.
    Random(u64),
}

/// What the command line asks for.
#[derive(Clone, Debug)]
pub struct Options {
    pub server: Server,
    /// -A: go on after a reply that was not hoped for.
    pub tolerant: bool,
    /// -c: show a running count.
    pub count: bool,
    /// -C: attempts to connect before giving up on a reset.
    pub attempts: u32,
    /// -d: keep the connection for the next message.
    pub keep: bool,
    pub sender: BString,
    pub recipient: BString,
    pub hostname: String,
    pub file: Option<PathBuf>,
    pub length: Option<usize>,
    pub lmtp: bool,
    pub messages: u64,
    /// -N: number the recipients.
    pub number: bool,
    /// -o: neither HELO nor headers.
    pub old: bool,
    pub recipients: u64,
    pub sessions: u64,
    pub subject: Option<BString>,
    pub window: Option<usize>,
    pub pause: Pause,
    /// -v: show the conversation.
    pub verbose: bool,
}

/// Reads the command line, or says what is wrong with it and exits.
pub fn from_command_line(arguments: impl Iterator<Item = OsString>) -> Options {
    let parsed = cli::walk(cli, arguments, USAGE);
    let mut families = (true, true);
    let mut sender = None;
    let mut recipient = None;
    let mut hostname = None;
    let mut options = Options {
        server: Server::Inet(Vec::new()),
        tolerant: false,
        count: false,
        attempts: 1,
        keep: false,
        sender: BString::default(),
        recipient: BString::default(),
        hostname: String::new(),
        file: None,
        length: None,
        lmtp: false,
        messages: 1,
        number: false,
        old: false,
        recipients: 1,
        sessions: 1,
        subject: None,
        window: None,
        pause: Pause::None,
        verbose: false,
    };
    for (letter, value) in parsed.options {
        let value = value.unwrap_or_default();
        match letter {
            '4' => families = (true, false),
            '6' => families = (false, true),
            'A' => options.tolerant = true,
            'c' => options.count = true,
            'C' => options.attempts = at_least(1, "bad connection count", &value),
            'd' => options.keep = true,
            'f' => sender = Some(BString::from(value.into_vec())),
            'F' => options.file = Some(value.into()),
            'l' => options.length = Some(at_least(1, "bad message length", &value)),
            'L' => options.lmtp = true,
            'm' => options.messages = at_least(1, "bad message count", &value),
            'M' => hostname = Some(value.to_string_lossy().into_owned()),
            'N' => options.number = true,
            'o' => options.old = true,
            'r' => options.recipients = at_least(1, "bad recipient count", &value),
            'R' => options.pause = Pause::Random(at_least(0, "bad random delay", &value)),
            's' => options.sessions = at_least(1, "bad session count", &value),
            'S' => options.subject = Some(value.into_vec().into()),
            't' => recipient = Some(BString::from(value.into_vec())),
            'T' => options.window = Some(at_least(1, "bad TCP window size", &value)),
            'w' => options.pause = Pause::Fixed(Duration::from_secs(at_least(0, "bad fixed delay", &value))),
            _ => options.verbose = true,
        }
    }
    let [server] = parsed.operands.as_slice() else { log::fatal!("{USAGE}") };
    options.server = find_server(server, families);
    options.hostname = hostname.unwrap_or_else(own_name);
    let default = || BString::from(format!("foo@{}", options.hostname));
    options.sender = sender.unwrap_or_else(default);
    options.recipient = recipient.unwrap_or_else(default);
    options
}

fn at_least<N: std::str::FromStr + PartialOrd>(least: N, complaint: &str, value: &OsStr) -> N {
    match value.to_str().and_then(|text| text.parse().ok()) {
        Some(number) if number >= least => number,
        _ => log::fatal!("{complaint}: {}", value.to_string_lossy()),
    }
}

fn own_name() -> String {
    sys::host::hostname()
        .unwrap_or_else(|error| log::fatal!("cannot find my hostname: {}", sys::errno_text(&error)))
}

fn find_server(text: &OsStr, (v4, v6): (bool, bool)) -> Server {
    if let Some(path) = text.as_bytes().strip_prefix(b"unix:") {
        return Server::Unix(OsStr::from_bytes(path).into());
    }
    let text = text.to_string_lossy();
    let text = text.strip_prefix("inet:").unwrap_or(&text);
    let (host, port) = split_port(text);
    let port = port.parse().ok().or_else(|| sys::resolver::service_port(port));
    let port = port.unwrap_or_else(|| log::fatal!("unknown service: {text}"));
    let addresses: Vec<SocketAddr> = match (host, port).to_socket_addrs() {
        Ok(all) => all.filter(|a| (a.is_ipv4() && v4) || (a.is_ipv6() && v6)).collect(),
        Err(error) => log::fatal!("{host}: {error}"),
    };
    if addresses.is_empty() {
        log::fatal!("{host}: no address to connect to");
    }
    Server::Inet(addresses)
}

/// `host`, `host:port`, `[address]`, `[address]:port`, `:port`; the port is smtp by default.
fn split_port(text: &str) -> (&str, &str) {
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, rest)) => (host, rest.strip_prefix(':').unwrap_or(rest)),
        None => text.rsplit_once(':').unwrap_or((text, "")),
    };
    (if host.is_empty() { "localhost" } else { host }, if port.is_empty() { "25" } else { port })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_ports() {
        let cases = [
            ("mx", ("mx", "25")),
            ("mx:2525", ("mx", "2525")),
            (":2525", ("localhost", "2525")),
            ("[::1]:smtp", ("::1", "smtp")),
            ("[127.0.0.1]", ("127.0.0.1", "25")),
        ];
        for (text, expected) in cases {
            assert_eq!(split_port(text), expected, "{text}");
        }
    }

    #[test]
    fn the_options_are_the_references() {
        cli().debug_assert();
        assert_eq!(cli::letters(&cli()), "46AcC:df:F:l:Lm:M:NoR:r:s:S:t:T:vw:");
    }

    #[test]
    fn a_full_command_line() {
        let words =
            "-c -d -s 3 -m 10 -l 1024 -f a@b -t c@d -S hi 127.0.0.1:2525".split(' ').map(OsString::from);
        let options = from_command_line(words);
        assert!(options.count && options.keep && !options.lmtp);
        assert_eq!((options.sessions, options.messages, options.length), (3, 10, Some(1024)));
        assert_eq!((options.sender.as_slice(), options.recipient.as_slice()), (&b"a@b"[..], &b"c@d"[..]));
        assert!(matches!(options.server, Server::Inet(all) if all == ["127.0.0.1:2525".parse().unwrap()]));
    }
}
