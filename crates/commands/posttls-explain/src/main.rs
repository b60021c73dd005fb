//! posttls-explain(1): what TLS will be like for mail to a domain, and why: its mail exchangers, what DNSSEC vouches for, TLSA
//! records, what main.cf and the policy tables make of it, and (unless `-n`) what the servers really do.

mod probe;
mod site;

use std::process::ExitCode;

use clap::Command;
use config::Config;
use config::params::*;
use dns::{Data, RecordType, Resolver};
use tls::dane::{Found, Lookup};
use tls::policy::{DnsManner, Target};
use tls::{Level, Policies, Policy};

use site::{Host, Site};

const USAGE: &str = "usage: posttls-explain [-c config_dir] [-n] [-v] domain";

fn cli() -> Command {
    cli::table("posttls-explain", "Explains what TLS will be used for mail to a domain, and why.").args([
        cli::config_dir(),
        cli::flag('n', "no-connect", "ask the DNS and the tables only, connect to nobody"),
        cli::verbose(),
        cli::operand("domain", "a next hop as transport maps write it: domain, [host]:port"),
    ])
}

fn main() -> ExitCode {
    cli::begin("posttls-explain", cli);
    let options = cli::parse(cli, USAGE);
    let config = command::configure("posttls-explain", cli::text(&options, "config_dir"));
    let nexthop = cli::text(&options, "domain").unwrap_or_default().to_string_lossy().into_owned();
    let connects = !options.get_flag("no-connect");
    match explain(config, &nexthop, connects) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            println!("{why}");
            ExitCode::FAILURE
        }
    }
}

/// Prints the explanation; an error is the reason why mail could not be sent at all.
fn explain(config: &'static Config, nexthop: &str, connects: bool) -> Result<(), String> {
    let level = Level::of_client(config, false).map_err(|word| format!("invalid TLS level \"{word}\""))?;
    let dns_level = config.get(SMTP_DNS_SUPPORT_LEVEL);
    let manner = DnsManner {
        dnssec: dns_level == "dnssec" && config.get(SMTP_HOST_LOOKUP).split([' ', ',']).any(|w| w == "dns"),
        searches: !config.get(SMTP_DNS_RESOLVER_OPTIONS).is_empty(),
    };
    let policies = Policies::open(config, false, level, manner).map_err(|err| err.to_string())?;
    let resolver = Resolver::system();
    println!("next hop: {nexthop}");
    println!("main.cf: smtp_tls_security_level means {level}, smtp_dns_support_level = {dns_level}");
    let site = Site::find(config, &resolver, nexthop)?;
    match &site.mx {
        Some(mx) => println!("mail exchangers: {}", signed(mx.secure)),
        None if site.is_domain => println!("mail exchangers: none; the host itself is asked"),
        None => println!("mail exchangers: not looked up for a host in brackets"),
    }
    sts(&resolver, &site);
    let client = if connects { tls::Client::open(config, false).ok() } else { None };
    let lookup = Lookup::new(false);
    for host in &site.hosts {
        println!();
        println!("host {} (preference {})", host.name.asked, host.preference);
        let addresses: Vec<String> = host.addresses.iter().map(ToString::to_string).collect();
        println!("  addresses: {} ({})", addresses.join(", "), signed(host.name.secure));
        if host.name.asked != host.name.found {
            println!("  alias of: {}", host.name.found);
        }
        let records = lookup.find(&resolver, &host.name, site.port, false);
        tlsa(&records);
        let target = Target {
            nexthop,
            host: &host.name.asked,
            port: Some(site.port),
            name: Some(&host.name),
            mx: site.mx.as_ref(),
            tls_not_required: false,
        };
        let policy = match policies.find(&resolver, &target) {
            Ok(policy) => policy,
            Err(why) => {
                println!("  mail would wait: {}", why.reason);
                continue;
            }
        };
        println!("  level: {}", policy.level);
        println!("  why: {}", reason(&policy, level, manner, &site, host, &records));
        if let Some(client) = &client {
            probe::server(config, client, &policy, &site, host);
        }
    }
    Ok(())
}

fn signed(secure: bool) -> &'static str {
    if secure { "validated by DNSSEC" } else { "not validated by DNSSEC" }
}

/// What the domain says of MTA-STS (RFC 8461 §3.1).
fn sts(resolver: &Resolver, site: &Site) {
    if !site.is_domain {
        return;
    }
    let name = format!("_mta-sts.{}", site.domain);
    let announced =
        resolver.lookup(name.as_bytes(), RecordType::Txt, dns::Options::default()).ok().and_then(|answer| {
            answer.records.into_iter().find_map(|record| match record.data {
                Data::Txt(text) if text.starts_with("v=STSv1") => Some(text),
                _ => None,
            })
        });
    match announced {
        Some(text) => println!(
            "MTA-STS: announced ({text}); the policy counts if smtp_tls_policy_maps asks a service for it"
        ),
        None => println!("MTA-STS: not announced"),
    }
}

fn tlsa(records: &Found) {
    match records {
        Found::Nothing => println!("  TLSA records: none that DNSSEC vouches for"),
        Found::Unusable => println!("  TLSA records: none that mail servers can have (usage 2 or 3)"),
        Found::Trouble => println!("  TLSA records: cannot be looked up now"),
        Found::Anchors(anchors) => {
            println!("  TLSA records of {}:", anchors.base_domain);
            anchors.records.iter().rev().for_each(|record| println!("    {}", record.shown()));
        }
    }
}

/// One sentence.
fn reason(
    policy: &Policy,
    configured: Level,
    manner: DnsManner,
    site: &Site,
    host: &Host,
    records: &Found,
) -> String {
    let source = match policy.table_level {
        Some(level) => format!("smtp_tls_policy_maps (or smtp_tls_per_site) says {level}"),
        None => format!("main.cf says {configured}"),
    };
    let wanted = policy.table_level.unwrap_or(configured);
    let rest = match policy.level {
        Level::None => "TLS is not used".to_owned(),
        Level::May if matches!(wanted, Level::Dane) => {
            let why = if !manner.dnssec {
                "smtp_dns_support_level is not dnssec"
            } else if site.mx.as_ref().is_some_and(|mx| !mx.secure) && !host.name.secure {
                "neither the MX records nor the host's address are validated"
            } else if !host.name.secure {
                "the host's address is not validated, so that nobody looks for TLSA records"
            } else if *records == Found::Nothing {
                "the host has no TLSA records"
            } else {
                "the MX records are not validated (smtp_tls_dane_insecure_mx_policy)"
            };
            format!("{why}: TLS is used if the server offers it, and no certificate is checked")
        }
        Level::May => "TLS is used if the server offers it, and no certificate is checked".to_owned(),
        Level::Encrypt if matches!(wanted, Level::Dane) => {
            "there are TLSA records, but none that can be checked: TLS must be used, and no certificate is checked"
                .to_owned()
        }
        Level::Encrypt => "TLS must be used, and no certificate is checked".to_owned(),
        Level::Fingerprint => "the certificate or its key must have a configured fingerprint".to_owned(),
        Level::HalfDane => "the MX records are not validated, the host's TLSA records are: the certificate must \
                            match them, though somebody could have named another host"
            .to_owned(),
        Level::Dane | Level::DaneOnly => "the certificate must match the TLSA records".to_owned(),
        Level::Verify | Level::Secure => format!(
            "the certificate must be of a trusted authority and for one of: {}",
            policy.match_names.join(", ")
        ),
    };
    format!("{source}; {rest}")
}
