//! The DNS stub resolver, for the SMTP client's mail exchangers and the SMTP server's checks.
//!
//! [`Resolver`] asks the name servers of resolv.conf over UDP, and over TCP where an answer does not fit; it follows aliases
//! and says in the reference's words why nothing was found. It believes what a configured name server says of DNSSEC (the AD
//! bit), and validates nothing itself. [`native`] asks the system instead (hosts file, nsswitch).
//!
//! The wire format is crate `domain`'s; queries, retries and the meaning of answers are ours.

pub mod codec;
mod conf;
pub mod native;
mod resolver;
mod transport;
mod valid;

use std::fmt;
use std::net::IpAddr;

pub use conf::Conf;
pub use resolver::{Families, Resolver};

/// The record types that the mail system asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RecordType {
    A,
    Aaaa,
    Cname,
    Mx,
    Ns,
    Ptr,
    Soa,
    Srv,
    Tlsa,
    Txt,
}

impl RecordType {
    /// The type's name in zone files and log lines.
    pub fn name(self) -> &'static str {
        match self {
            RecordType::A => "A",
            RecordType::Aaaa => "AAAA",
            RecordType::Cname => "CNAME",
            RecordType::Mx => "MX",
            RecordType::Ns => "NS",
            RecordType::Ptr => "PTR",
            RecordType::Soa => "SOA",
            RecordType::Srv => "SRV",
            RecordType::Tlsa => "TLSA",
            RecordType::Txt => "TXT",
        }
    }
}

impl fmt::Display for RecordType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How to ask.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Search the local domain and its parents (`smtp_dns_resolver_options = res_dnsrch`).
    pub search: bool,
    /// Append the local domain to a name without a dot (`res_defnames`).
    pub append_domain: bool,
    /// Ask for DNSSEC, and believe the name server's AD bit.
    pub dnssec: bool,
}

/// The content of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    /// A or AAAA.
    Address(IpAddr),
    Mx {
        preference: u16,
        host: String,
    },
    Srv {
        priority: u16,
        weight: u16,
        port: u16,
        host: String,
    },
    /// CNAME, NS and PTR.
    Name(String),
    /// The first character string, with unprintable bytes as blanks, as the reference reads it.
    Txt(String),
    Tlsa {
        usage: u8,
        selector: u8,
        matching: u8,
        data: Vec<u8>,
    },
    /// Only the last field: how long "not found" holds, in seconds.
    Soa {
        negative_ttl: u32,
    },
}

/// One record of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The name that was asked for.
    pub asked: String,
    /// The name that owns the record, at the end of the aliases.
    pub owner: String,
    /// Seconds.
    pub ttl: u32,
    /// Whether the name server validated it, all aliases included.
    pub secure: bool,
    pub data: Data,
}

/// What was found; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub records: Vec<Record>,
    /// The owner of the last record: the fully qualified name.
    pub canonical: String,
}

impl Answer {
    /// The addresses among the records, in the server's order.
    pub fn addresses(&self) -> impl Iterator<Item = IpAddr> + '_ {
        self.records.iter().filter_map(|r| match r.data {
            Data::Address(addr) => Some(addr),
            _ => None,
        })
    }

    /// Whether every record was validated.
    pub fn secure(&self) -> bool {
        self.records.iter().all(|r| r.secure)
    }
}

/// Why there is no answer, from the most final to the least: where several types were asked, the greatest one tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// The name exists and has no such record.
    NoData,
    /// The name does not exist (NXDOMAIN), or is not a host name at all.
    NoName,
    /// `SRV 0 0 0 .`: the service is not offered.
    NullSrv,
    /// `MX 0 .`: the domain accepts no mail.
    NullMx,
    /// The name server refused or could not make sense of the question.
    Fail,
    /// The answer holds a name that is not a valid host name.
    Invalid,
    /// No answer, or a malformed one: ask again later.
    TryAgain,
}

/// A lookup that found nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DnsError {
    pub reason: Reason,
    /// The reference's sentence, for bounces, replies and logs.
    pub text: String,
    /// The name server's response code (0 where there was none).
    pub rcode: u8,
    /// How long "not found" may be remembered, in seconds (RFC 2308), where the server said so.
    pub negative_ttl: Option<u32>,
}

impl DnsError {
    /// Whether a name server (or the name's syntax) said that there is no such name or record.
    pub fn not_found(&self) -> bool {
        matches!(self.reason, Reason::NoName | Reason::NoData)
    }
}

impl fmt::Display for DnsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for DnsError {}
