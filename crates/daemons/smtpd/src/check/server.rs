//! check_*_{a,mx,ns}_access: tables asked about the servers of a domain that somebody names.

use bstr::BString;
use dns::{Data, Options, Reason, RecordType};

use super::access::{by_domain, by_network, forbid_ok};
use super::{Answer, Call, Stop, Subject, Verdict, name};
use crate::session::Session;

/// Whose servers: what is looked up, what replies call it, and what kind of thing it is.
type Whose = fn(&Session) -> Option<(BString, BString, &'static str)>;

fn client(session: &Session) -> Option<(BString, BString, &'static str)> {
    let client = &session.client;
    (client.name != "unknown").then(|| (client.name.clone(), client.name_address.clone(), name::CLIENT))
}

fn reverse_client(session: &Session) -> Option<(BString, BString, &'static str)> {
    let host = &session.client.reverse_name;
    (host != "unknown").then(|| (host.clone(), host.clone(), name::REVERSE_CLIENT))
}

fn helo(session: &Session) -> Option<(BString, BString, &'static str)> {
    session.helo.clone().map(|helo| (helo.clone(), helo, name::HELO))
}

fn sender(session: &Session) -> Option<(BString, BString, &'static str)> {
    let sender = session.sender.clone().filter(|sender| !sender.is_empty())?;
    Some((sender.clone(), sender, name::SENDER))
}

fn recipient(session: &Session) -> Option<(BString, BString, &'static str)> {
    let recipient = session.recipient.clone().filter(|recipient| !recipient.is_empty())?;
    Some((recipient.clone(), recipient, name::RECIPIENT))
}

macro_rules! restrictions {
    ($($function:ident: $whose:ident $kind:ident;)*) => { $(
        #[doc = concat!(stringify!($function), " type:table")]
        pub fn $function(session: &mut Session, call: &Call) -> Answer {
            check(session, call, $whose, RecordType::$kind)
        }
    )* };
}

restrictions! {
    check_client_a_access: client A;
    check_client_mx_access: client Mx;
    check_client_ns_access: client Ns;
    check_reverse_client_a_access: reverse_client A;
    check_reverse_client_mx_access: reverse_client Mx;
    check_reverse_client_ns_access: reverse_client Ns;
    check_helo_a_access: helo A;
    check_helo_mx_access: helo Mx;
    check_helo_ns_access: helo Ns;
    check_sender_a_access: sender A;
    check_sender_mx_access: sender Mx;
    check_sender_ns_access: sender Ns;
    check_recipient_a_access: recipient A;
    check_recipient_mx_access: recipient Mx;
    check_recipient_ns_access: recipient Ns;
}

fn check(session: &mut Session, call: &Call, whose: Whose, rtype: RecordType) -> Answer {
    let Some((what, shown, kind)) = whose(session) else { return Ok(Verdict::Dunno) };
    let subject = Subject { reply_name: &shown, reply_class: kind, ..call.subject };
    let domain: BString = mail::address::domain(&what).unwrap_or(&what).into();
    let verdict = by_servers(session, call.argument, &domain, rtype, subject)?;
    forbid_ok(session, call.name, verdict, &what)
}

fn by_servers(
    session: &mut Session,
    table: &str,
    domain: &[u8],
    rtype: RecordType,
    subject: Subject,
) -> Answer {
    if domain.starts_with(b"[") {
        // An address is its own server, except for name servers.
        let address = mail::host::parse_literal(domain).filter(|_| rtype != RecordType::Ns);
        return match address {
            Some(address) => {
                let found = by_network(session, table, address.to_string().as_bytes(), subject)?;
                Ok(found.unwrap_or(Verdict::Dunno))
            }
            None => Ok(Verdict::Dunno),
        };
    }
    for server in servers(session, domain, rtype) {
        if let Some(verdict) = by_server(session, table, server.as_bytes(), rtype, subject)? {
            return Ok(verdict);
        }
    }
    Ok(Verdict::Dunno)
}

/// The names of a domain's servers.
fn servers(session: &Session, domain: &[u8], rtype: RecordType) -> Vec<String> {
    let own = || vec![String::from_utf8_lossy(domain).into_owned()];
    if rtype == RecordType::A {
        return own();
    }
    let mut asked = domain;
    loop {
        let error = match session.server.resolver.lookup(asked, rtype, Options::default()) {
            Ok(answer) => {
                let names = answer.records.into_iter().filter_map(|record| match record.data {
                    Data::Mx { host, .. } | Data::Name(host) => Some(host),
                    _ => None,
                });
                return names.collect();
            }
            Err(error) => error,
        };
        if error.reason == Reason::NullMx {
            return Vec::new();
        }
        if error.not_found() && rtype == RecordType::Mx {
            return own();
        }
        // Name servers may be the parent domain's.
        let parent = asked.iter().position(|&b| b == b'.').and_then(|dot| asked.get(dot + 1..));
        match parent.filter(|parent| error.not_found() && !parent.is_empty()) {
            Some(parent) => asked = parent,
            None => {
                let asked = bstr::BStr::new(asked);
                log::warning!("Unable to look up {rtype} host for {asked}: {error}");
                return Vec::new();
            }
        }
    }
}

fn by_server(
    session: &mut Session,
    table: &str,
    server: &[u8],
    rtype: RecordType,
    subject: Subject,
) -> Result<Option<Verdict>, Stop> {
    if mail::host::is_address(server) {
        return by_network(session, table, server, subject);
    }
    if rtype != RecordType::A {
        if let Some(verdict) = by_domain(session, table, server, subject)? {
            return Ok(Some(verdict));
        }
    }
    let addresses = match dns::native::addresses_of(server, session.server.families) {
        Ok(addresses) => addresses,
        Err(error) => {
            if rtype != RecordType::A {
                let (server, name) = (bstr::BStr::new(server), bstr::BStr::new(subject.reply_name));
                log::warning!(
                    "Unable to look up {rtype} host {server} for {} {name}: {error}",
                    subject.reply_class
                );
            }
            return Ok(None);
        }
    };
    for address in addresses {
        if let Some(verdict) = by_network(session, table, address.to_string().as_bytes(), subject)? {
            return Ok(Some(verdict));
        }
    }
    Ok(None)
}
