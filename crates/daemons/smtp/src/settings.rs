//! The parameters of smtp(8), or their lmtp_ twins, in the form that sessions use.

use std::net::IpAddr;
use std::time::Duration;

use config::params::*;
use config::{Config, ConfigError, ParamRef};
use dns::Families;
use wire::Feature;

/// The program is installed under both names.
pub fn is_lmtp() -> bool {
    let name = std::env::args_os().next().unwrap_or_default();
    std::path::Path::new(&name).file_name().is_some_and(|name| name == "lmtp")
}

/// How hosts are found (`*_host_lookup`, `*_dns_support_level`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostLookup {
    /// MX and address records.
    pub dns: bool,
    /// The system's host database.
    pub native: bool,
    /// Ask for DNSSEC.
    pub dnssec: bool,
    pub search: bool,
    pub append_domain: bool,
}

/// Which address family goes first among equals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preference {
    Any,
    Ipv4,
    Ipv6,
}

pub struct Timeouts {
    pub connect: Duration,
    pub helo: Duration,
    pub xforward: Duration,
    pub starttls: Duration,
    pub mail: Duration,
    pub rcpt: Duration,
    pub data_init: Duration,
    pub data_xfer: Duration,
    pub data_done: Duration,
    pub rset: Duration,
    pub quit: Duration,
}

pub struct Settings {
    pub is_lmtp: bool,
    pub myhostname: &'static str,
    pub helo_name: &'static str,
    pub ports: Ports,
    pub timeouts: Timeouts,
    pub per_request_deadline: bool,
    pub min_data_rate: u64,
    pub lookup: HostLookup,
    pub families: Option<Families>,
    pub preference: Preference,
    pub randomize: bool,
    pub balance: bool,
    pub mx_address_limit: usize,
    pub mx_session_limit: usize,
    pub ignore_mx_error: bool,
    pub defer_without_mx_address: bool,
    pub fallback_relay: Vec<String>,
    pub relayhost: &'static str,
    pub best_mx_transport: &'static str,
    pub bind: [Option<IpAddr>; 2],
    pub bind_enforce: bool,
    /// A server goes by the name behind its aliases.
    pub cname_overrides: bool,
    pub skip_5xx_greeting: bool,
    pub skip_quit_response: bool,
    pub always_ehlo: bool,
    pub never_ehlo: bool,
    pub line_length_limit: usize,
    pub quote_envelope: bool,
    pub disable_mime_conversion: bool,
    pub mime_limits: mail::mime::Limits,
    pub discard_keywords: &'static str,
    pub send_xforward: bool,
    pub assume_final: bool,
    pub note_starttls: bool,
    pub tls_wrapper: bool,
    pub tls_block_early_reply: bool,
    pub helpful_warnings: bool,
    pub tls_feature_status: bool,
    pub min_backoff: Duration,
    pub verify_at_data: bool,
    pub cache_destinations: &'static str,
    pub cache_on_demand: bool,
    pub cache_idle: Duration,
    pub reuse_time: Duration,
    pub reuse_count: u32,
}

/// The numbers of services, known before the jail hides the system's list of them.
pub struct Ports {
    /// `known_tcp_ports`.
    known: Vec<(String, u16)>,
    /// Where a next hop names none.
    default: String,
}

impl Ports {
    pub fn new(default: &str, known: &str) -> Ports {
        let mut table: Vec<(String, u16)> = Vec::new();
        for entry in words(known) {
            let mut names: Vec<&str> = entry.split('=').collect();
            let number = names.pop().and_then(|number| number.parse().ok());
            match number {
                Some(number) if !names.is_empty() => {
                    table.extend(names.iter().map(|name| ((*name).to_owned(), number)))
                }
                _ => log::warning!("known_tcp_ports: malformed entry \"{entry}\" in \"{known}\""),
            }
        }
        let mut ports = Ports { known: table, default: default.to_owned() };
        if let Some(number) = ports.number(default) {
            ports.default = number.to_string();
        }
        ports
    }

    /// The service where a next hop names none.
    pub fn default_service(&self) -> &str {
        &self.default
    }

    /// The port of a service name or number; never 0.
    pub fn number(&self, service: &str) -> Option<u16> {
        let known = self.known.iter().find(|(name, _)| name == service).map(|(_, number)| *number);
        known.or_else(|| dns::native::tcp_port(service)).filter(|&port| port != 0)
    }
}

/// What is read at start; a bad value is fatal there.
pub fn parameters(is_lmtp: bool) -> Vec<ParamRef> {
    let texts = [
        SMTP_HELO_NAME,
        SMTP_TCP_PORT,
        SMTP_HOST_LOOKUP,
        SMTP_DNS_SUPPORT_LEVEL,
        SMTP_DNS_RESOLVER_OPTIONS,
        SMTP_ADDRESS_PREFERENCE,
        SMTP_FALLBACK_RELAY,
        SMTP_BIND_ADDRESS,
        SMTP_BIND_ADDRESS6,
        SMTP_DISCARD_EHLO_KEYWORDS,
        SMTP_DISCARD_EHLO_KEYWORD_ADDRESS_MAPS,
        SMTP_REPLY_FILTER,
        SMTP_CONNECTION_CACHE_DESTINATIONS,
        SMTP_ADDRESS_VERIFY_TARGET,
        SMTP_TLS_SECURITY_LEVEL,
        SMTP_TLS_POLICY_MAPS,
        SMTP_TLS_PER_SITE,
        SMTP_TLS_PROTOCOLS,
        SMTP_TLS_MANDATORY_PROTOCOLS,
        SMTP_TLS_CIPHERS,
        SMTP_TLS_MANDATORY_CIPHERS,
        SMTP_TLS_VERIFY_CERT_MATCH,
        SMTP_TLS_SECURE_CERT_MATCH,
        SMTP_TLS_FINGERPRINT_DIGEST,
        SMTP_TLS_FINGERPRINT_CERT_MATCH,
        SMTP_TLS_TRUST_ANCHOR_FILE,
        SMTP_TLS_SERVERNAME,
    ];
    let times = [
        SMTP_CONNECT_TIMEOUT,
        SMTP_HELO_TIMEOUT,
        SMTP_XFORWARD_TIMEOUT,
        SMTP_STARTTLS_TIMEOUT,
        SMTP_MAIL_TIMEOUT,
        SMTP_RCPT_TIMEOUT,
        SMTP_DATA_INIT_TIMEOUT,
        SMTP_DATA_XFER_TIMEOUT,
        SMTP_DATA_DONE_TIMEOUT,
        SMTP_RSET_TIMEOUT,
        SMTP_QUIT_TIMEOUT,
        SMTP_CONNECTION_CACHE_TIME_LIMIT,
        SMTP_CONNECTION_REUSE_TIME_LIMIT,
    ];
    let numbers = [
        SMTP_MIN_DATA_RATE,
        SMTP_MX_ADDRESS_LIMIT,
        SMTP_MX_SESSION_LIMIT,
        SMTP_LINE_LENGTH_LIMIT,
        SMTP_CONNECTION_REUSE_COUNT_LIMIT,
    ];
    let flags = [
        SMTP_PER_REQUEST_DEADLINE,
        SMTP_RANDOMIZE_ADDRESSES,
        SMTP_BALANCE_INET_PROTOCOLS,
        SMTP_SKIP_5XX_GREETING,
        SMTP_SKIP_QUIT_RESPONSE,
        SMTP_QUOTE_RFC821_ENVELOPE,
        SMTP_SEND_XFORWARD_COMMAND,
        SMTP_TLS_NOTE_STARTTLS_OFFER,
        SMTP_LOG_TLS_FEATURE_STATUS,
        SMTP_CONNECTION_CACHE_ON_DEMAND,
        SMTP_USE_TLS,
        SMTP_ENFORCE_TLS,
        SMTP_TLS_ENFORCE_PEERNAME,
        SMTP_TLS_BLOCK_EARLY_MAIL_REPLY,
        SMTP_TLS_CONNECTION_REUSE,
        SMTP_TLS_ENABLE_RPK,
        SMTP_TLS_FORCE_INSECURE_HOST_TLSA_LOOKUP,
        SMTP_TLS_ENFORCE_STS_MX_PATTERNS,
        SMTP_CNAME_OVERRIDES_SERVERNAME,
    ];
    let mut all: Vec<ParamRef> = Vec::new();
    all.extend(texts.map(|p| ParamRef::from(p.client(is_lmtp))));
    all.extend(times.map(|p| ParamRef::from(p.client(is_lmtp))));
    all.extend(numbers.map(|p| ParamRef::from(p.client(is_lmtp))));
    all.extend(flags.map(|p| ParamRef::from(p.client(is_lmtp))));
    all.extend([
        ParamRef::from(MINIMAL_BACKOFF_TIME),
        IGNORE_MX_LOOKUP_ERROR.into(),
        DISABLE_DNS_LOOKUPS.into(),
        KNOWN_TCP_PORTS.into(),
        SMTP_TLS_DANE_INSECURE_MX_POLICY.into(),
    ]);
    all
}

impl Settings {
    pub fn new(cf: &'static Config, is_lmtp: bool) -> Result<Settings, ConfigError> {
        refuse_what_is_missing(cf, is_lmtp)?;
        let text = |p| cf.client(p, is_lmtp);
        let time = |p| cf.client(p, is_lmtp);
        let flag = |p| cf.client(p, is_lmtp);
        let number = |p| usize::try_from(cf.client(p, is_lmtp)).unwrap_or(0);
        Ok(Settings {
            is_lmtp,
            myhostname: cf.get(MYHOSTNAME),
            helo_name: text(SMTP_HELO_NAME),
            ports: Ports::new(text(SMTP_TCP_PORT), cf.get(KNOWN_TCP_PORTS)),
            timeouts: Timeouts {
                connect: time(SMTP_CONNECT_TIMEOUT),
                helo: time(SMTP_HELO_TIMEOUT),
                xforward: time(SMTP_XFORWARD_TIMEOUT),
                starttls: time(SMTP_STARTTLS_TIMEOUT),
                mail: time(SMTP_MAIL_TIMEOUT),
                rcpt: time(SMTP_RCPT_TIMEOUT),
                data_init: time(SMTP_DATA_INIT_TIMEOUT),
                data_xfer: time(SMTP_DATA_XFER_TIMEOUT),
                data_done: time(SMTP_DATA_DONE_TIMEOUT),
                rset: time(SMTP_RSET_TIMEOUT),
                quit: time(SMTP_QUIT_TIMEOUT),
            },
            per_request_deadline: flag(SMTP_PER_REQUEST_DEADLINE),
            min_data_rate: number(SMTP_MIN_DATA_RATE) as u64,
            lookup: host_lookup(cf, is_lmtp)?,
            families: families(cf)?,
            preference: preference(text(SMTP_ADDRESS_PREFERENCE))?,
            randomize: flag(SMTP_RANDOMIZE_ADDRESSES),
            balance: flag(SMTP_BALANCE_INET_PROTOCOLS),
            mx_address_limit: number(SMTP_MX_ADDRESS_LIMIT),
            mx_session_limit: number(SMTP_MX_SESSION_LIMIT),
            ignore_mx_error: cf.get(IGNORE_MX_LOOKUP_ERROR),
            defer_without_mx_address: flag(SMTP_DEFER_IF_NO_MX_ADDRESS_FOUND),
            fallback_relay: words(text(SMTP_FALLBACK_RELAY)).map(str::to_owned).collect(),
            relayhost: cf.get(RELAYHOST),
            best_mx_transport: cf.get(BEST_MX_TRANSPORT),
            bind: [bind_address(cf, is_lmtp, false)?, bind_address(cf, is_lmtp, true)?],
            bind_enforce: flag(SMTP_BIND_ADDRESS_ENFORCE),
            cname_overrides: flag(SMTP_CNAME_OVERRIDES_SERVERNAME),
            skip_5xx_greeting: flag(SMTP_SKIP_5XX_GREETING),
            skip_quit_response: flag(SMTP_SKIP_QUIT_RESPONSE),
            always_ehlo: cf.get(SMTP_ALWAYS_SEND_EHLO),
            never_ehlo: cf.get(SMTP_NEVER_SEND_EHLO),
            line_length_limit: match number(SMTP_LINE_LENGTH_LIMIT) {
                0 => 0,
                limit => limit.max(12),
            },
            quote_envelope: flag(SMTP_QUOTE_RFC821_ENVELOPE),
            disable_mime_conversion: cf.get(DISABLE_MIME_OUTPUT_CONVERSION),
            mime_limits: mail::mime::Limits {
                header_size: usize::try_from(cf.get(HEADER_SIZE_LIMIT)).unwrap_or(102_400),
                nesting: usize::try_from(cf.get(MIME_NESTING_LIMIT)).unwrap_or(100),
                boundary_length: usize::try_from(cf.get(MIME_BOUNDARY_LENGTH_LIMIT)).unwrap_or(2048),
            },
            discard_keywords: text(SMTP_DISCARD_EHLO_KEYWORDS),
            send_xforward: flag(SMTP_SEND_XFORWARD_COMMAND),
            assume_final: cf.get(LMTP_ASSUME_FINAL),
            note_starttls: flag(SMTP_TLS_NOTE_STARTTLS_OFFER),
            tls_wrapper: flag(SMTP_TLS_WRAPPERMODE),
            tls_block_early_reply: flag(SMTP_TLS_BLOCK_EARLY_MAIL_REPLY),
            helpful_warnings: cf.get(HELPFUL_WARNINGS),
            tls_feature_status: flag(SMTP_LOG_TLS_FEATURE_STATUS),
            min_backoff: cf.get(MINIMAL_BACKOFF_TIME),
            verify_at_data: text(SMTP_ADDRESS_VERIFY_TARGET) == "data",
            cache_destinations: text(SMTP_CONNECTION_CACHE_DESTINATIONS),
            cache_on_demand: flag(SMTP_CONNECTION_CACHE_ON_DEMAND),
            cache_idle: time(SMTP_CONNECTION_CACHE_TIME_LIMIT),
            reuse_time: time(SMTP_CONNECTION_REUSE_TIME_LIMIT),
            reuse_count: u32::try_from(number(SMTP_CONNECTION_REUSE_COUNT_LIMIT)).unwrap_or(0),
        })
    }

    /// How to ask the resolver.
    pub fn dns_options(&self) -> dns::Options {
        dns::Options {
            search: self.lookup.search,
            append_domain: self.lookup.append_domain,
            dnssec: self.lookup.dnssec,
        }
    }
}

/// What changes how mail is sent, and is not written yet, is refused, never passed over.
fn refuse_what_is_missing(cf: &Config, is_lmtp: bool) -> Result<(), ConfigError> {
    let refuse = |name: &str, value: &str| {
        Err(ConfigError::new(format!("parameter {name}: value \"{value}\" is not supported by this version")))
    };
    // By name: a parameter that is only refused counts as not written in the registry.
    for name in ["smtp_dns_reply_filter", "smtp_pix_workaround_maps", "use_srv_lookup"] {
        let name = twin(name, is_lmtp);
        match cf.text(&name) {
            Some(value) if !value.is_empty() => return refuse(&name, &value),
            _ => {}
        }
    }
    for name in ["smtp_sasl_auth_enable", "smtp_sender_dependent_authentication", "smtp_tlsrpt_enable"] {
        let name = twin(name, is_lmtp);
        match cf.text(&name) {
            Some(value) if value == "yes" => return refuse(&name, &value),
            _ => {}
        }
    }
    Ok(())
}

/// The lmtp_ parameter that stands for an smtp_ one.
fn twin(name: &str, is_lmtp: bool) -> String {
    match name.strip_prefix("smtp_") {
        Some(rest) if is_lmtp => format!("lmtp_{rest}"),
        _ => name.to_owned(),
    }
}

/// Splits at blanks and commas.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_ascii_whitespace() || c == ',').filter(|word| !word.is_empty())
}

fn host_lookup(cf: &Config, is_lmtp: bool) -> Result<HostLookup, ConfigError> {
    let unknown = |name: &str, word: &str| ConfigError::new(format!("unknown {name} value \"{word}\""));
    let mut lookup =
        HostLookup { dns: false, native: false, dnssec: false, search: false, append_domain: false };
    let disabled = match cf.client(SMTP_DNS_SUPPORT_LEVEL, is_lmtp) {
        "" => cf.get(DISABLE_DNS_LOOKUPS),
        "disabled" => true,
        "enabled" => false,
        "dnssec" => {
            lookup.dnssec = true;
            false
        }
        word => return Err(unknown(SMTP_DNS_SUPPORT_LEVEL.client(is_lmtp).name(), word)),
    };
    for word in words(cf.client(SMTP_HOST_LOOKUP, is_lmtp)) {
        match word.to_ascii_lowercase().as_str() {
            "dns" => lookup.dns = true,
            "native" => lookup.native = true,
            _ => return Err(unknown(SMTP_HOST_LOOKUP.client(is_lmtp).name(), word)),
        }
    }
    for word in words(cf.client(SMTP_DNS_RESOLVER_OPTIONS, is_lmtp)) {
        match word.to_ascii_lowercase().as_str() {
            "res_defnames" => lookup.append_domain = true,
            "res_dnsrch" => lookup.search = true,
            _ => return Err(unknown(SMTP_DNS_RESOLVER_OPTIONS.client(is_lmtp).name(), word)),
        }
    }
    if disabled {
        lookup.dns = false;
        lookup.native = true;
    }
    Ok(lookup)
}

fn families(cf: &Config) -> Result<Option<Families>, ConfigError> {
    let protocols = config::protocols(cf)?;
    Ok(match (protocols.ipv4, protocols.ipv6) {
        (true, true) => Some(Families::Both),
        (true, false) => Some(Families::Ipv4),
        (false, true) => Some(Families::Ipv6),
        (false, false) => None,
    })
}

fn preference(word: &str) -> Result<Preference, ConfigError> {
    match word.to_ascii_lowercase().as_str() {
        "any" => Ok(Preference::Any),
        "ipv4" => Ok(Preference::Ipv4),
        "ipv6" => Ok(Preference::Ipv6),
        _ => Err(ConfigError::new(format!("bad smtp_address_preference value: {word}"))),
    }
}

/// The address to connect from: as configured, or the only one that `inet_interfaces` names, unless that is the loopback.
fn bind_address(cf: &Config, is_lmtp: bool, v6: bool) -> Result<Option<IpAddr>, ConfigError> {
    let param = if v6 { SMTP_BIND_ADDRESS6 } else { SMTP_BIND_ADDRESS };
    let text = cf.client(param, is_lmtp);
    if !text.is_empty() {
        return match text.parse::<IpAddr>() {
            Ok(address) if address.is_ipv6() == v6 => Ok(Some(address)),
            _ => Err(ConfigError::new(format!("bad {} parameter: {text}", param.client(is_lmtp).name()))),
        };
    }
    if cf.get(INET_INTERFACES).eq_ignore_ascii_case("all") {
        return Ok(None);
    }
    let own: Vec<IpAddr> =
        config::own_addresses(cf)?.into_iter().map(|a| a.address).filter(|a| a.is_ipv6() == v6).collect();
    Ok(match own.as_slice() {
        [only] if !only.is_loopback() => Some(*only),
        _ => None,
    })
}

/// The features of an EHLO reply that a list of keywords asks to ignore; the flag is `silent-discard`.
pub fn discarded(keywords: &str) -> (Vec<Feature>, bool) {
    let mut silent = false;
    let features = words(keywords)
        .filter(|word| {
            let is_silent = word.eq_ignore_ascii_case("silent-discard");
            silent |= is_silent;
            !is_silent
        })
        .filter_map(|word| {
            let feature = Feature::from_keyword(word.as_bytes());
            if feature.is_none() {
                log::warning!("unknown EHLO keyword \"{word}\" in \"{keywords}\"");
            }
            feature
        })
        .collect();
    (features, silent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_written_is_refused() {
        for pair in [("smtp_sasl_auth_enable", "yes"), ("smtp_pix_workaround_maps", "static:x")] {
            let error = Settings::new(Config::from_pairs(&[pair]).leak(), false).err().map(|e| e.to_string());
            assert!(
                error.is_some_and(|text| text.contains(pair.0) && text.contains("not supported")),
                "{pair:?}"
            );
        }
        let lmtp = Config::from_pairs(&[("lmtp_sasl_auth_enable", "yes")]).leak();
        assert!(Settings::new(lmtp, true).is_err());
    }

    #[test]
    fn host_lookups() {
        let get = |pairs: &[(&str, &str)]| host_lookup(&Config::from_pairs(pairs), false);
        let plain = get(&[]).unwrap();
        assert!(plain.dns && !plain.native && !plain.dnssec && !plain.search);
        let both =
            get(&[("smtp_host_lookup", "dns, native"), ("smtp_dns_resolver_options", "res_dnsrch")]).unwrap();
        assert!(both.dns && both.native && both.search);
        let off = get(&[("disable_dns_lookups", "yes")]).unwrap();
        assert!(!off.dns && off.native);
        assert!(get(&[("smtp_host_lookup", "oracle")]).is_err());
    }

    #[test]
    fn ports_by_name_and_number() {
        let ports = Ports::new("smtp", "lmtp=24, smtp=25, smtps=submissions=465, odd");
        assert_eq!(ports.default_service(), "25");
        let numbers = ["lmtp", "submissions", "smtps", "2525", "0", "99999", "no-such-service"]
            .map(|s| ports.number(s));
        assert_eq!(numbers, [Some(24), Some(465), Some(465), Some(2525), None, None, None]);
    }

    #[test]
    fn keywords_to_discard() {
        assert_eq!(
            discarded("dsn, silent-discard, 8bitmime"),
            (vec![Feature::Dsn, Feature::EightBitMime], true)
        );
        assert_eq!(discarded(""), (vec![], false));
    }
}
