//! The command line.

use std::ffi::{OsStr, OsString};
use std::time::Duration;

use config::Config;
use config::params::*;
use tls::{Level, LogMask};

const USAGE: &str = "usage: posttls-finger \\\n\
    \t-acCfFghHklLmMopPrRsStTvwxX destination [match ...]";

/// The options.
pub fn cli() -> clap::Command {
    let value = cli::value;
    let flag = cli::flag;
    cli::table(
        "posttls-finger",
        "Shows what an SMTP or LMTP server does about TLS, and whether its certificate fits.",
    )
    .args([
        value('a', "family", "family", "which addresses first: any, ipv4, ipv6"),
        value('A', "anchors", "file", "trust these certificates or keys alone (repeat for more)")
            .action(clap::ArgAction::Append),
        flag('c', "quiet", "do not show the conversation"),
        flag('C', "chain", "print the server's certificates"),
        value('d', "digest", "name", "the digest of fingerprints"),
        flag('f', "force", "ask for TLSA records also where the host's address is not signed"),
        value('F', "CAfile", "file", "certificates of authorities"),
        value('g', "grade", "grade", "the weakest cipher grade"),
        value('h', "lookup", "methods", "how to look hosts up: dns, native"),
        value('H', "chains", "files", "client keys and certificates (repeat for more)")
            .action(clap::ArgAction::Append),
        value('k', "cert", "file", "client certificate"),
        value('K', "key", "file", "client key"),
        value('l', "level", "level", "the TLS security level"),
        value('L', "log", "words", "what to log of TLS"),
        value('m', "reconnects", "count", "how often to connect again at most, with -r"),
        value('M', "insecure", "level", "what `dane` means where the MX records are not signed"),
        value('o', "override", "name=value", "a parameter of main.cf (repeat for more)")
            .action(clap::ArgAction::Append),
        value('p', "protocols", "list", "TLS versions"),
        value('P', "CApath", "directory", "certificates of authorities, by hash"),
        value('r', "reconnect", "seconds", "connect again after so long, with the same TLS session"),
        flag('R', "srv", "look up SRV records"),
        value('s', "servername", "name", "the name to ask for (SNI)"),
        flag('S', "lmtp", "speak LMTP"),
        value('t', "connect-time", "seconds", "time limit of connection and greeting"),
        value('T', "command-time", "seconds", "time limit of each command"),
        cli::verbose(),
        flag('w', "wrapper", "TLS from the first byte"),
        flag('x', "raw-key", "ask for a raw public key"),
        flag('X', "proxy", "through tlsproxy(8); not supported"),
        cli::operand("destination", "[inet:]domain[:port], [host]:port or unix:path"),
        cli::operands("match", "names or fingerprints that the certificate may have").required(false),
    ])
}

/// What the command line asks for.
#[derive(Clone, Debug)]
pub struct Options {
    pub family: String,
    pub anchors: Vec<String>,
    pub chat: bool,
    pub chain: bool,
    pub digest: String,
    pub force: bool,
    pub ca_file: String,
    pub ca_path: String,
    pub grade: String,
    pub native: bool,
    pub dns: bool,
    pub chains: String,
    pub cert: String,
    pub key: String,
    pub level: Level,
    pub mask: LogMask,
    pub reconnects: u32,
    pub insecure_mx: Level,
    pub protocols: String,
    pub reconnect: Option<Duration>,
    pub srv: bool,
    pub servername: String,
    pub lmtp: bool,
    pub connect_limit: Duration,
    pub command_limit: Duration,
    pub wrapper: bool,
    pub raw_key: bool,
    pub destination: String,
    pub matches: Vec<String>,
}

/// Reads the command line and main.cf, or says what is wrong and exits.
pub fn read(arguments: impl Iterator<Item = OsString>) -> (Options, &'static Config) {
    let given = cli::walk(cli, arguments, USAGE);
    let text = |letter: char| given.value(letter).map(|v| v.to_string_lossy().into_owned());
    let texts = |letter: char| -> Vec<String> {
        given.values(letter).map(|v| v.to_string_lossy().into_owned()).collect()
    };
    let verbose = given.count('v');
    if verbose > 0 {
        log::set_verbose(verbose);
    }
    let config = configure(&texts('o'));
    let level = text('l')
        .map(|word| Level::parse(&word).unwrap_or_else(|| log::fatal!("Invalid TLS level \"{word}\"")));
    let insecure_mx = match text('M').as_deref().map_or(Some(Level::Dane), Level::parse) {
        Some(level @ (Level::May | Level::Encrypt | Level::Dane)) => level,
        _ => log::fatal!("bad '-M' option value: {}", text('M').unwrap_or_default()),
    };
    let family = text('a').unwrap_or_else(|| "any".to_owned());
    if !matches!(family.as_str(), "any" | "ipv4" | "ipv6") {
        log::fatal!("bad '-a' option value: {family}");
    }
    let lookup = text('h').unwrap_or_else(|| "dns".to_owned());
    let methods: Vec<&str> = lookup.split([',', ' ', '\t']).filter(|word| !word.is_empty()).collect();
    if let Some(odd) = methods.iter().find(|word| !matches!(**word, "dns" | "native")) {
        log::fatal!("unknown -h option value \"{odd}\" in \"{lookup}\"");
    }
    if given.has('X') {
        log::fatal!("-X: connections through tlsproxy(8) are not supported");
    }
    let mut operands = given.operands.iter().map(|v| v.to_string_lossy().into_owned());
    let Some(destination) = operands.next() else { log::fatal!("{USAGE}") };
    let seconds = |letter, default: u64| {
        let number = text(letter).map_or(Some(default), |word| word.parse().ok()).filter(|n| *n > 0);
        number.unwrap_or_else(|| log::fatal!("{USAGE}"))
    };
    let (cert, key) = (text('k'), text('K'));
    if !texts('H').is_empty() && (cert.is_some() || key.is_some()) {
        log::fatal!("the '-H' option is mutually exclusive with '-k' and '-K'");
    }
    let options = Options {
        family,
        anchors: texts('A'),
        chat: !given.has('c'),
        chain: given.has('C'),
        digest: text('d').unwrap_or_else(|| config.get(SMTP_TLS_FINGERPRINT_DIGEST).to_owned()),
        force: given.has('f'),
        ca_file: text('F').unwrap_or_default(),
        ca_path: text('P').unwrap_or_default(),
        grade: text('g').unwrap_or_else(|| "medium".to_owned()),
        native: methods.contains(&"native"),
        dns: methods.contains(&"dns"),
        chains: texts('H').join(", "),
        cert: cert.clone().or_else(|| key.clone()).unwrap_or_default(),
        key: key.or(cert).unwrap_or_default(),
        level: level.unwrap_or(if methods.contains(&"dns") { Level::Dane } else { Level::Secure }),
        mask: LogMask::parse("-L option", &text('L').unwrap_or_else(|| "routine,certmatch".to_owned())),
        reconnects: u32::try_from(seconds('m', 5)).unwrap_or(5),
        insecure_mx,
        protocols: text('p').unwrap_or_else(|| ">=TLSv1".to_owned()),
        reconnect: given.has('r').then(|| Duration::from_secs(seconds('r', 1))),
        srv: given.has('R'),
        servername: text('s').unwrap_or_default(),
        lmtp: given.has('S'),
        connect_limit: Duration::from_secs(seconds('t', 30)),
        command_limit: Duration::from_secs(seconds('T', 30)),
        wrapper: given.has('w'),
        raw_key: given.has('x'),
        destination,
        matches: operands.collect(),
    };
    (options, config)
}

/// main.cf with the values of `-o`.
fn configure(overrides: &[String]) -> &'static Config {
    let pairs = overrides.iter().map(|word| config::parse_override(word));
    let loaded = pairs.collect::<Result<Vec<_>, _>>().and_then(|pairs| {
        Config::load(&config::directory(None::<&OsStr>.map(std::path::Path::new))?, &pairs)
    });
    match loaded {
        Ok(config) => config.leak(),
        Err(why) => log::fatal!("{why}"),
    }
}
