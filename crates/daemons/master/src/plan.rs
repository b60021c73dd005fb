//! What master.cf says of one service, ready to run: where it listens, how many, which command line.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use config::master::{Entry, ServiceType, Wakeup};
use config::params::*;
use config::{Config, ConfigError};

use crate::endpoint::Endpoint;

/// One service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The name in master.cf.
    pub name: String,
    /// The name that identifies it: `private/bounce`, or the name itself for inet.
    pub path_name: String,
    /// inet, unix, …
    pub kind: ServiceType,
    /// Where it listens.
    pub endpoints: Vec<Endpoint>,
    /// The wake-up timer.
    pub wakeup: Wakeup,
    /// Sessions at once, 0 for any number.
    pub limit: u32,
    /// Sessions a worker is offered.
    pub share: u32,
    /// The daemon's file.
    pub program: PathBuf,
    /// Its command line, name included.
    pub argv: Vec<String>,
    /// The place in `argv` of `stress=`, for services that strangers may overload.
    pub stress: Option<usize>,
    /// How long a service that fails to start is left alone.
    pub throttle: Duration,
    /// Pending connections.
    pub backlog: i32,
}

impl Plan {
    /// Reads one entry of master.cf.
    pub fn new(entry: &Entry, config: &Config, verbose: u32) -> Result<Plan, ConfigError> {
        let limit = entry.process_limit(config.get(DEFAULT_PROCESS_LIMIT));
        let endpoints = endpoints(entry, config)?;
        let local_only = match entry.service_type {
            ServiceType::Inet => endpoints.iter().all(Endpoint::is_loopback),
            // A connection screener passes on connections of strangers.
            ServiceType::Pass => false,
            ServiceType::Unix | ServiceType::UnixDgram | ServiceType::Fifo => true,
        };
        let (argv, stress) = argv(entry, config, verbose, limit, endpoints.len(), !local_only)?;
        let classic = config.get(SERVICE_WORKERS) == "classic";
        let most = u32::try_from(config.get(DEFAULT_PROCESS_LIMIT)).unwrap_or(u32::MAX).max(limit);
        Ok(Plan {
            name: entry.name.clone(),
            path_name: path_name(entry),
            kind: entry.service_type,
            endpoints,
            wakeup: entry.wakeup(),
            limit,
            share: if classic { 1 } else { share(limit) },
            program: Path::new(config.get(DAEMON_DIRECTORY)).join(&entry.command),
            argv,
            stress,
            throttle: config.get(SERVICE_THROTTLE_TIME),
            backlog: i32::try_from(most.max(100)).unwrap_or(i32::MAX),
        })
    }
}

/// Sessions a worker gets of a limit: as many as one may hold, so that workers are few.
///
/// A worker's threads use all processors; every further worker that waits on a listener is woken by each connection,
/// for nothing but one of them.
fn share(limit: u32) -> u32 {
    const MOST: u32 = 64;
    if limit == 0 { MOST } else { limit.min(MOST) }
}

fn path_name(entry: &Entry) -> String {
    match entry.service_type {
        ServiceType::Inet => entry.name.clone(),
        _ if entry.is_private() => format!("private/{}", entry.name),
        _ => format!("public/{}", entry.name),
    }
}

/// The command line of the daemon, in the reference's order; the second value is the place of `stress=`.
fn argv(
    entry: &Entry,
    config: &Config,
    verbose: u32,
    limit: u32,
    sockets: usize,
    strangers: bool,
) -> Result<(Vec<String>, Option<usize>), ConfigError> {
    let mut argv = vec![entry.command.clone()];
    let mut stress = None;
    let mut add = |words: &[&str]| argv.extend(words.iter().map(|word| String::from(*word)));
    match limit {
        0 => add(&["-z"]),
        1 => add(&["-l"]),
        _ => {}
    }
    if entry.command.rsplit('/').next() != Some(entry.name.as_str()) {
        add(&["-n", &entry.name]);
    }
    add(&["-t", entry.service_type.word()]);
    (0..verbose).for_each(|_| add(&["-v"]));
    if entry.is_unprivileged() {
        add(&["-u"]);
    }
    if entry.is_chrooted(config)? {
        add(&["-c"]);
    }
    if strangers && limit > 1 {
        add(&["-o", "stress="]);
        stress = Some(argv.len().saturating_sub(1));
    }
    if sockets > 1 {
        argv.extend([String::from("-s"), sockets.to_string()]);
    }
    argv.extend(entry.args.iter().cloned());
    Ok((argv, stress))
}

fn endpoints(entry: &Entry, config: &Config) -> Result<Vec<Endpoint>, ConfigError> {
    let path = PathBuf::from(path_name(entry));
    match entry.service_type {
        ServiceType::Unix | ServiceType::Pass => Ok(vec![Endpoint::Stream(path)]),
        ServiceType::UnixDgram => Ok(vec![Endpoint::Datagram(path)]),
        ServiceType::Fifo => Ok(vec![Endpoint::Fifo(path)]),
        ServiceType::Inet => inet(entry, config),
    }
}

fn inet(entry: &Entry, config: &Config) -> Result<Vec<Endpoint>, ConfigError> {
    let file = config.directory().join("master.cf");
    let fail = |what: String| ConfigError::new(format!("{}: line {}: {what}", file.display(), entry.line));
    let (host, port) = host_port(&entry.name)
        .ok_or_else(|| fail(format!("bad hostname or network address: {}", entry.name)))?;
    let port =
        sys::services::tcp_port(port).ok_or_else(|| fail(format!("service \"{port}\" is not known")))?;
    let mut addresses: Vec<IpAddr> = match host {
        Some(host) => config::host_addresses("master.cf", host, config::protocols(config)?)
            .map_err(|_| fail(format!("bad hostname or network address: {}", entry.name)))?,
        None if config.get(INET_INTERFACES).eq_ignore_ascii_case("all") => {
            let protocols = config::protocols(config)?;
            let all = [IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V6(Ipv6Addr::UNSPECIFIED)];
            all.into_iter().filter(|&address| protocols.allow(address)).collect()
        }
        None => config::own_addresses(config)?.into_iter().map(|own| own.address).collect(),
    };
    let mut seen = Vec::new();
    addresses.retain(|address| {
        !seen.contains(address) && {
            seen.push(*address);
            true
        }
    });
    if addresses.is_empty() {
        return Err(fail(format!("service {}: no network address to listen on", entry.name)));
    }
    Ok(addresses.into_iter().map(|address| Endpoint::Inet(SocketAddr::new(address, port))).collect())
}

/// Splits `host:port`, `[address]:port` or `port`.
fn host_port(name: &str) -> Option<(Option<&str>, &str)> {
    if let Some(rest) = name.strip_prefix('[') {
        let (host, port) = rest.split_once("]:")?;
        return (!host.is_empty() && !port.is_empty()).then_some((Some(host), port));
    }
    match name.rsplit_once(':') {
        None => Some((None, name)),
        Some((_, "")) => None,
        Some(("", port)) => Some((None, port)),
        Some((host, port)) => Some((Some(host), port)),
    }
}

/// Does master_service_disable name this service? The first pattern that matches decides.
pub fn is_disabled(entry: &Entry, config: &Config) -> bool {
    let patterns = config.get(MASTER_SERVICE_DISABLE);
    for pattern in patterns.split([',', ' ', '\t', '\r', '\n']).filter(|word| !word.is_empty()) {
        let (wanted, pattern) = match pattern.strip_prefix('!') {
            Some(rest) => (false, rest),
            None => (true, pattern),
        };
        let matches = match pattern.rsplit_once('/') {
            Some((name, kind)) => name == entry.name && kind == entry.service_type.word(),
            None => pattern == entry.service_type.word(),
        };
        if matches {
            return wanted;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plans(text: &str, pairs: &[(&str, &str)]) -> Vec<Plan> {
        let mut all = vec![
            ("myhostname", "mx.test"),
            ("inet_interfaces", "all"),
            ("inet_protocols", "ipv4"),
            ("daemon_directory", "/d"),
            ("compatibility_level", "3.6"),
        ];
        all.extend_from_slice(pairs);
        let config = Config::from_pairs(&all);
        let entries = config::master::parse(Path::new("master.cf"), text).unwrap();
        entries.iter().map(|entry| Plan::new(entry, &config, 0).unwrap()).collect()
    }

    #[test]
    fn command_lines_are_the_references() {
        // Seen with ps under Postfix 3.7's master.
        let text = "pickup unix n - n 60 1 pickup\n\
                    127.0.0.1:22001 inet n - n - - smtpd\n\
                    22012 inet n - n - 1 smtpd\n\
                    22013 inet n - y - 0 smtpd -o x=y -o { smtpd_banner = $myhostname a b }\n\
                    localhost:22014 inet n n n - - smtpd\n\
                    22016 inet n - n - 50 smtpd\n\
                    postlog unix-dgram n - n - 1 postlogd\n";
        let lines: Vec<String> = plans(text, &[]).iter().map(|plan| plan.argv.join(" ")).collect();
        assert_eq!(
            lines,
            [
                "pickup -l -t unix -u",
                "smtpd -n 127.0.0.1:22001 -t inet -u",
                "smtpd -l -n 22012 -t inet -u",
                "smtpd -z -n 22013 -t inet -u -c -o x=y -o smtpd_banner = $myhostname a b",
                "smtpd -n localhost:22014 -t inet",
                "smtpd -n 22016 -t inet -u -o stress=",
                "postlogd -l -n postlog -t unix-dgram -u",
            ]
        );
    }

    #[test]
    fn endpoints_follow_the_entry() {
        let text = "smtp inet n - n - - smtpd\n[::1]:26 inet n - n - - smtpd\nx unix - - n - - y\n\
                    z fifo n - n - - y\np pass - - n - - smtpd\n";
        let endpoints: Vec<Vec<Endpoint>> = plans(text, &[]).into_iter().map(|plan| plan.endpoints).collect();
        assert_eq!(
            endpoints,
            [
                vec![Endpoint::Inet("0.0.0.0:25".parse().unwrap())],
                vec![Endpoint::Inet("[::1]:26".parse().unwrap())],
                vec![Endpoint::Stream("private/x".into())],
                vec![Endpoint::Fifo("public/z".into())],
                vec![Endpoint::Stream("private/p".into())],
            ]
        );
    }

    #[test]
    fn shares_are_large() {
        let cases = [(0, 64), (1, 1), (3, 3), (64, 64), (100, 64), (1000, 64)];
        for (limit, expected) in cases {
            assert_eq!(share(limit), expected, "{limit}");
        }
        assert_eq!(plans("a unix - - n - - b", &[("service_workers", "classic")])[0].share, 1);
    }

    #[test]
    fn names_of_inet_services() {
        let cases = [
            ("smtp", Some((None, "smtp"))),
            (":25", Some((None, "25"))),
            ("host:25", Some((Some("host"), "25"))),
            ("[::1]:25", Some((Some("::1"), "25"))),
            ("[::1]", None),
            ("host:", None),
        ];
        for (name, parts) in cases {
            assert_eq!(host_port(name), parts, "{name}");
        }
    }

    #[test]
    fn disabled_services() {
        let entries = config::master::parse(
            Path::new("master.cf"),
            "smtp inet n - n - - smtpd\nsmtp unix - - n - - smtp\nlmtp unix - - n - - lmtp\n",
        )
        .unwrap();
        let disabled = |value: &str| -> Vec<bool> {
            let config = Config::from_pairs(&[("master_service_disable", value)]);
            entries.iter().map(|entry| is_disabled(entry, &config)).collect()
        };
        assert_eq!(disabled(""), [false, false, false]);
        assert_eq!(disabled("inet"), [true, false, false]);
        assert_eq!(disabled("smtp/unix"), [false, true, false]);
        assert_eq!(disabled("!lmtp/unix, unix"), [false, true, false]);
    }
}
