//! A visit to a server: does it offer TLS, and is its certificate what the policy asks for?

use std::net::SocketAddr;
use std::time::Duration;

use config::Config;
use config::params::*;
use net::{Deadline, Stream};
use tls::{Client, ClientSession, Level, Policy};
use wire::{Reply, ReplyParser};

use crate::site::{Host, Site};

/// How long a server may take to each step.
const LIMIT: Duration = Duration::from_secs(20);
const LINE_MAX: usize = 2048;

/// Visits the first address that answers, and prints what was seen.
pub fn server(config: &Config, client: &Client, policy: &Policy, site: &Site, host: &Host) {
    for addr in &host.addresses {
        match net::connect_inet(SocketAddr::new(*addr, site.port), None, Some(LIMIT)) {
            Ok(mut stream) => {
                let namaddr = format!("{}[{addr}]:{}", host.name.asked, site.port);
                match visit(config, client, policy, site, host, &namaddr, &mut stream) {
                    Ok(seen) => println!("  seen at {addr}: {seen}"),
                    Err(why) => println!("  seen at {addr}: {why}"),
                }
                return;
            }
            Err(err) => println!("  connect to {addr}, port {}: {}", site.port, sys::errno_text(&err)),
        }
    }
}

fn visit(
    config: &Config,
    client: &Client,
    policy: &Policy,
    site: &Site,
    host: &Host,
    namaddr: &str,
    stream: &mut Stream,
) -> Result<String, String> {
    stream.set_timeout(Some(LIMIT));
    stream.set_deadline(Some(Deadline { limit: LIMIT, min_rate: 0 }));
    let greeting = reply(stream)?;
    if greeting.class() != 2 {
        return Err(format!("the server does not want to talk: {} {}", greeting.code, greeting.joined()));
    }
    let hello = ask(stream, &format!("EHLO {}", config.get(SMTP_HELO_NAME)))?;
    let offers = hello.texts().any(|line| line.trim_ascii().eq_ignore_ascii_case(b"STARTTLS"));
    if !offers {
        let _ = ask(stream, "QUIT");
        let what =
            if policy.level >= Level::Encrypt { "mail would wait" } else { "mail would go in the clear" };
        return Ok(format!("no STARTTLS, {what}"));
    }
    if policy.level == Level::None {
        let _ = ask(stream, "QUIT");
        return Ok("STARTTLS is offered, and would not be used".to_owned());
    }
    let answer = ask(stream, "STARTTLS")?;
    if answer.class() != 2 {
        return Err(format!("STARTTLS is refused: {} {}", answer.code, answer.joined()));
    }
    stream.set_deadline(None);
    let session = ClientSession {
        policy,
        namaddr,
        host: &host.name.asked,
        nexthop: &site.domain,
        helo: "",
        server_id: namaddr,
        timeout: LIMIT,
        wants_chain: false,
    };
    let found = client.connect(stream, &session).map_err(|error| format!("TLS handshake failed: {error}"))?;
    let _ = ask(stream, "QUIT");
    let summary = &found.summary;
    let verdict = match (found.is_good(), found.matched) {
        (true, true) => "the server is who it should be, mail would be sent",
        (true, false) => "mail would be sent",
        (false, _) => "the server is not who it should be, mail would wait",
    };
    Ok(format!(
        "{}, {}, certificate of \"{}\" by \"{}\" ({}); {verdict}",
        summary.protocol,
        summary.cipher,
        summary.peer_name.as_deref().unwrap_or("nobody"),
        summary.issuer_name.as_deref().unwrap_or("nobody"),
        summary.trust.name().to_lowercase(),
    ))
}

fn ask(stream: &mut Stream, command: &str) -> Result<Reply, String> {
    let sent = stream.write(format!("{command}\r\n").as_bytes()).and_then(|()| stream.flush());
    sent.map_err(|err| sys::errno_text(&err))?;
    reply(stream)
}

fn reply(stream: &mut Stream) -> Result<Reply, String> {
    let mut parser = ReplyParser::new();
    loop {
        let line = stream.read_line(LINE_MAX).map_err(|err| sys::errno_text(&err))?;
        if line.is_end() {
            return Err("the server hung up".to_owned());
        }
        match parser.line(line.text) {
            Ok(Some(reply)) => return Ok(reply),
            Ok(None) => {}
            Err(_) => return Err("the server does not speak SMTP".to_owned()),
        }
    }
}
