//! posttls-finger(1): connects to a mail server, speaks TLS with it and says what it saw: protocol, cipher, certificates, and
//! whether they are what the level asks for. It asks no table and no daemon.

mod chat;
mod hosts;
mod options;

use std::net::SocketAddr;
use std::process::ExitCode;

use config::Config;
use config::params::*;
use dns::Resolver;
use net::Stream;
use tls::dane::{Found, Lookup};
use tls::policy::SecureName;
use tls::tlsa::Anchors;
use tls::{CertificateFiles, Client, Level, Policy, Trusting};

use chat::Peer;
use hosts::{Destination, Server};
use options::Options;

fn main() -> ExitCode {
    cli::answer(options::cli);
    log::init_early("posttls-finger", log::Kind::Command);
    // compat: what is logged is the tool's output (test: says_what_the_reference_says)
    if let Err(err) = sys::fd::replace_standard(std::io::stdout(), 2) {
        log::fatal!("standard output: {}", sys::errno_text(&err));
    }
    let (options, config) = options::read(std::env::args_os().skip(1));
    finger(&options, config);
    // compat: whatever the server does, the tool has done its work
    ExitCode::SUCCESS
}

fn finger(options: &Options, config: &'static Config) {
    let files = CertificateFiles {
        chain_files: &options.chains,
        pairs: [("RSA", &options.cert, &options.key), ("DSA", "", ""), ("ECDSA", "", "")],
    };
    let trusting = Trusting {
        file: &options.ca_file,
        path: &options.ca_path,
        depth: config.get(SMTP_TLS_SCERT_VERIFYDEPTH),
        digest: &options.digest,
    };
    let cache = if options.reconnect.is_some() { "memory" } else { "" };
    let Ok(mut client) = Client::with(config, options.mask, cache, &files, &trusting) else { return };
    let resolver = Resolver::system();
    let helo = config.get(SMTP_HELO_NAME);
    match hosts::parse(options) {
        Destination::Unix(path) => {
            let Some(policy) = policy(options, &resolver, None, None) else { return };
            let place = format!("{}[{}]", config.get(MYHOSTNAME), path.display());
            match net::connect_unix(&path, Some(options.connect_limit)) {
                Ok(stream) => {
                    log::info!("Connected to {}", path.display());
                    let mut peer = Peer {
                        stream,
                        options,
                        helo,
                        policy: &policy,
                        nexthop: config.get(MYHOSTNAME),
                        host: config.get(MYHOSTNAME),
                        namaddr: &place,
                        server_id: &place,
                        shown: options.chat,
                        again: false,
                    };
                    if let Err(why) = peer.talk(&client) {
                        say(&why);
                    }
                }
                Err(err) => log::info!(
                    "Failed to establish session to {}: connect to {place}: {}",
                    options.destination,
                    sys::errno_text(&err)
                ),
            }
        }
        Destination::Inet { host, port, use_mx } => {
            let (servers, mx) = match hosts::find(options, &resolver, &host, port, use_mx) {
                Ok(found) => found,
                Err(why) => return log::info!("Destination address lookup failed: {why}"),
            };
            for server in &servers {
                match open(options, server) {
                    Ok(stream) => {
                        let Some(policy) = policy(options, &resolver, Some(server), mx.as_ref()) else {
                            return;
                        };
                        return visit(options, &mut client, &policy, server, &host, helo, stream);
                    }
                    Err(why) => log::info!(
                        "Failed to establish session to {} via {}:{}: {why}",
                        options.destination,
                        server.host,
                        server.port
                    ),
                }
            }
        }
    }
}

fn say(why: &str) {
    if !why.is_empty() {
        log::info!("{why}");
    }
}

fn open(options: &Options, server: &Server) -> Result<Stream, String> {
    let (addr, port) = (server.addr, server.port);
    net::connect_inet(SocketAddr::new(addr, port), None, Some(options.connect_limit)).map_err(|err| {
        let text = match err.kind() {
            std::io::ErrorKind::TimedOut => "Connection timed out".to_owned(),
            _ => sys::errno_text(&err),
        };
        format!("connect to {}[{addr}]:{port}: {text}", server.host)
    })
}

/// One session, and with `-r` others, to see whether the server takes up the TLS session again.
fn visit(
    options: &Options,
    client: &mut Client,
    policy: &Policy,
    server: &Server,
    nexthop: &str,
    helo: &str,
    stream: Stream,
) {
    let namaddr = format!("{}[{}]:{}", server.host, server.addr, server.port);
    let server_id = format!("[{}]:{}", server.addr, server.port);
    if options.chat {
        log::info!("Connected to {namaddr}");
    }
    let mut names: Vec<String> = Vec::new();
    let mut stream = Some(stream);
    let mut left = options.reconnects;
    loop {
        let opened = match stream.take() {
            Some(stream) => Ok(stream),
            None => open(options, server),
        };
        let stream = match opened {
            Ok(stream) => stream,
            Err(why) => return log::info!("Failed to establish session to {}: {why}", options.destination),
        };
        let mut peer = Peer {
            stream,
            options,
            helo,
            policy,
            nexthop,
            host: &server.host,
            namaddr: &namaddr,
            server_id: &server_id,
            shown: options.chat,
            again: !names.is_empty(),
        };
        let found = match peer.talk(client) {
            Ok(found) => found,
            Err(why) => return say(&why),
        };
        let Some(delay) = options.reconnect.filter(|_| found.established.is_some()) else { return };
        let is_known = names.contains(&found.name);
        if is_known {
            return log::info!("Found a previously used server.  Done reconnecting.");
        }
        if !names.is_empty() && left == 0 {
            return log::info!("Maximum reconnect count reached.");
        }
        names.push(found.name);
        left = left.saturating_sub(1);
        log::info!("Reconnecting after {} seconds", delay.as_secs());
        std::thread::sleep(delay);
        let mask = options.mask;
        client.set_log_mask(tls::LogMask {
            summary: true,
            cache: true,
            peer_certificate: false,
            certificate_match: false,
            verbose: false,
            ..mask
        });
    }
}

/// What the options ask of this server; `None`: it cannot be found out, and that is said.
fn policy(
    options: &Options,
    resolver: &Resolver,
    server: Option<&Server>,
    mx: Option<&SecureName>,
) -> Option<Policy> {
    let mut policy = Policy {
        level: options.level,
        protocols: options.protocols.clone(),
        grade: options.grade.clone(),
        servername: options.servername.clone(),
        enable_rpk: options.raw_key,
        match_names: options.matches.clone(),
        ..Policy::none()
    };
    if matches!(policy.level, Level::Dane | Level::DaneOnly) {
        if let Some(server) = server.filter(|_| options.dns) {
            dane(options, resolver, server, mx, &mut policy)?;
        } else {
            policy.level = Level::Secure;
        }
    }
    policy.exclusions = match policy.level {
        level if level.must_match() => "aNULL".to_owned(),
        _ => "eNULL".to_owned(),
    };
    let words = |list: &[&str]| list.iter().map(|word| (*word).to_owned()).collect();
    match policy.level {
        Level::Verify | Level::Secure => {
            if policy.match_names.is_empty() {
                policy.match_names = match policy.level {
                    Level::Verify => words(&["hostname"]),
                    _ => words(&["nexthop", "dot-nexthop"]),
                };
            }
            let mut anchors = Anchors::default();
            for file in &options.anchors {
                if !anchors.add_file(file) {
                    log::fatal!("Failed to load trust anchor file: {file}");
                }
            }
            policy.anchors = (!options.anchors.is_empty()).then_some(anchors);
        }
        Level::Fingerprint => {
            let mut anchors = Anchors::default();
            anchors.add_fingerprints(options.matches.iter().map(String::as_str));
            policy.anchors = Some(anchors);
        }
        level if !options.matches.is_empty() && !level.is_dane() => {
            log::warning!("TLS level '{level}' does not implement certificate matching");
        }
        _ => {}
    }
    Some(policy)
}

fn dane(
    options: &Options,
    resolver: &Resolver,
    server: &Server,
    mx: Option<&SecureName>,
    policy: &mut Policy,
) -> Option<()> {
    let is_insecure = mx.is_some_and(|mx| !mx.secure);
    let found = match is_insecure && (policy.level == Level::DaneOnly || options.insecure_mx <= Level::May) {
        true => Found::Nothing,
        false => Lookup::new(options.mask.verbose).find(resolver, &server.name, server.port, options.force),
    };
    let anchors = match found {
        Found::Trouble => {
            log::info!("TLSA lookup error for {}:{}", server.host, server.port);
            return None;
        }
        Found::Nothing | Found::Unusable => {
            if options.dns && server.name.secure {
                let kind = if found == Found::Unusable { "usable " } else { "" };
                log::info!("no {kind}TLSA records found, resorting to \"secure\"");
            }
            policy.level = Level::Secure;
            return Some(());
        }
        Found::Anchors(anchors) => anchors,
    };
    if is_insecure {
        policy.level = if options.insecure_mx == Level::Encrypt { Level::Encrypt } else { Level::HalfDane };
    }
    policy.match_names = vec![anchors.base_domain.clone()];
    if let Some(mx) = mx {
        policy.match_names.push(mx.found.clone());
        if mx.asked != mx.found {
            policy.match_names.push(mx.asked.clone());
        }
    }
    policy.anchors = Some(anchors);
    Some(())
}
