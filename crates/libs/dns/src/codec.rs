//! Queries and answers in wire format, by way of crate `domain`.

use std::net::IpAddr;

use domain::base::iana::{Class, Rcode, Rtype};
use domain::base::name::{NameBuilder, ParsedName};
use domain::base::rdata::UnknownRecordData;
use domain::base::wire::ParseError;
use domain::base::{Message, MessageBuilder, Name, Question};
use domain::rdata::{A, Aaaa, Cname, Mx, Ns, Ptr, Soa, Srv, Txt};

use crate::{Data, RecordType};

/// What EDNS0 announces: fits an unfragmented datagram (DNS flag day 2020).
const UDP_SIZE: u16 = 1232;

/// A question ready to send, and to compare with what comes back.
pub struct Query {
    pub bytes: Vec<u8>,
    id: u16,
    name: Name<Vec<u8>>,
    rtype: Rtype,
}

/// The flags of a query.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    pub edns0: bool,
    /// DNSSEC OK (needs EDNS0).
    pub dnssec_ok: bool,
    pub ad: bool,
}

/// One record of an answer, undecided yet whether it counts.
pub struct Raw {
    pub owner: String,
    pub rtype: Rtype,
    pub ttl: u32,
    /// `None`: a type that nobody asked for.
    pub data: Option<Data>,
}

/// A name server's reply, parsed.
pub struct Reply {
    pub rcode: u8,
    pub ad: bool,
    pub answers: Vec<Raw>,
    /// From the SOA record of the authority section (RFC 2308 §5).
    pub negative_ttl: Option<u32>,
}

/// How a datagram relates to the query.
pub enum Match {
    /// Somebody else's, or a forgery: keep waiting.
    Stranger,
    /// Cut off: ask by TCP.
    Truncated,
    /// The server does not like this query (FORMERR, or SERVFAIL and its like).
    Refused(Rcode),
    Answer,
}

pub fn rtype(rtype: RecordType) -> Rtype {
    match rtype {
        RecordType::A => Rtype::A,
        RecordType::Aaaa => Rtype::AAAA,
        RecordType::Cname => Rtype::CNAME,
        RecordType::Mx => Rtype::MX,
        RecordType::Ns => Rtype::NS,
        RecordType::Ptr => Rtype::PTR,
        RecordType::Soa => Rtype::SOA,
        RecordType::Srv => Rtype::SRV,
        RecordType::Tlsa => Rtype::TLSA,
        RecordType::Txt => Rtype::TXT,
    }
}

impl Query {
    /// `None` if `name` does not fit the wire format.
    pub fn new(name: &str, rtype: Rtype, flags: Flags, id: u16) -> Option<Query> {
        let mut builder = NameBuilder::new_vec();
        for label in name.split('.').filter(|l| !l.is_empty()) {
            builder.append_label(label.as_bytes()).ok()?;
        }
        let name = builder.into_name().ok()?;
        let mut message = MessageBuilder::new_vec();
        message.header_mut().set_id(id);
        message.header_mut().set_rd(true);
        message.header_mut().set_ad(flags.ad);
        let mut question = message.question();
        question.push(Question::new_in(&name, rtype)).ok()?;
        let mut additional = question.additional();
        if flags.edns0 {
            additional
                .opt(|opt| {
                    opt.set_udp_payload_size(UDP_SIZE);
                    opt.set_dnssec_ok(flags.dnssec_ok);
                    Ok(())
                })
                .ok()?;
        }
        Some(Query { bytes: additional.finish(), id, name, rtype })
    }

    /// Whether `datagram` is the answer to this query (RFC 5452 §9: id and question).
    pub fn matches(&self, datagram: &[u8]) -> Match {
        let Ok(message) = Message::from_octets(datagram) else {
            return Match::Stranger;
        };
        let header = message.header();
        if header.id() != self.id || !header.qr() {
            return Match::Stranger;
        }
        let counts = message.header_counts();
        let asked = message
            .first_question()
            .is_some_and(|q| q.qtype() == self.rtype && q.qclass() == Class::IN && *q.qname() == self.name);
        match header.rcode() {
            // An answer to a query that the server could not parse may lack the question.
            Rcode::FORMERR if asked || counts.qdcount() == 0 => Match::Refused(Rcode::FORMERR),
            _ if !asked => Match::Stranger,
            rcode @ (Rcode::SERVFAIL | Rcode::NOTIMP | Rcode::REFUSED) => Match::Refused(rcode),
            _ if header.tc() => Match::Truncated,
            _ => Match::Answer,
        }
    }
}

/// Parses a reply; an error means that it is malformed.
pub fn parse(bytes: &[u8]) -> Result<Reply, ParseError> {
    let message = Message::from_octets(bytes).map_err(|_| ParseError::ShortInput)?;
    let header = message.header();
    let mut answers = Vec::new();
    let mut section = message.answer()?;
    for record in section.by_ref() {
        let record = record?;
        if record.class() != Class::IN {
            return Err(ParseError::form_error("class other than IN"));
        }
        answers.push(Raw {
            owner: text(&record.owner()),
            rtype: record.rtype(),
            ttl: record.ttl().as_secs(),
            data: data(&record)?,
        });
    }
    let negative_ttl = match section.next_section() {
        Ok(Some(authority)) => authority.flatten().find_map(|record| {
            let soa = record.to_record::<Soa<ParsedName<_>>>().ok()??;
            Some(soa.ttl().as_secs().min(soa.data().minimum().as_secs()))
        }),
        _ => None,
    };
    Ok(Reply { rcode: header.rcode().to_int(), ad: header.ad(), answers, negative_ttl })
}

type Parsed<'a> = domain::base::record::ParsedRecord<'a, &'a [u8]>;

fn data(record: &Parsed<'_>) -> Result<Option<Data>, ParseError> {
    macro_rules! content {
        ($type:ty, $d:ident => $data:expr) => {{
            let record = record.to_record::<$type>()?;
            record.map(|r| {
                let $d = r.data();
                $data
            })
        }};
    }
    Ok(match record.rtype() {
        Rtype::A => content!(A, d => Data::Address(IpAddr::V4(d.addr()))),
        Rtype::AAAA => content!(Aaaa, d => Data::Address(IpAddr::V6(d.addr()))),
        Rtype::MX => {
            content!(Mx<ParsedName<_>>, d => Data::Mx { preference: d.preference(), host: text(d.exchange()) })
        }
        Rtype::SRV => content!(Srv<ParsedName<_>>, d => Data::Srv {
            priority: d.priority(),
            weight: d.weight(),
            port: d.port(),
            host: text(d.target()),
        }),
        Rtype::CNAME => content!(Cname<ParsedName<_>>, d => Data::Name(text(d.cname()))),
        Rtype::NS => content!(Ns<ParsedName<_>>, d => Data::Name(text(d.nsdname()))),
        Rtype::PTR => content!(Ptr<ParsedName<_>>, d => Data::Name(text(d.ptrdname()))),
        Rtype::SOA => {
            content!(Soa<ParsedName<_>>, d => Data::Soa { negative_ttl: d.minimum().as_secs() })
        }
        Rtype::TXT => {
            content!(Txt<_>, d => Data::Txt(first_string(d.iter().next().unwrap_or_default())))
        }
        Rtype::TLSA => {
            let raw = record.to_record::<UnknownRecordData<&[u8]>>()?;
            match raw.as_ref().map(|r| *r.data().data()) {
                Some([usage, selector, matching, data @ ..]) => Some(Data::Tlsa {
                    usage: *usage,
                    selector: *selector,
                    matching: *matching,
                    data: data.to_vec(),
                }),
                _ => return Err(ParseError::form_error("short TLSA record")),
            }
        }
        _ => None,
    })
}

/// compat: only the first string of a TXT record is used, with unprintable bytes as blanks.
fn first_string(bytes: &[u8]) -> String {
    bytes.iter().map(|&b| if (0x20..0x7f).contains(&b) { char::from(b) } else { ' ' }).collect()
}

/// A name without its final dot; the root is empty.
fn text<N: std::fmt::Display>(name: &N) -> String {
    let name = name.to_string();
    if name == "." { String::new() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A reply to `query` with one MX record.
    pub(crate) fn reply_to(query: &Query) -> Vec<u8> {
        let message = Message::from_octets(query.bytes.as_slice()).unwrap();
        let mut answer = MessageBuilder::new_vec().start_answer(&message, Rcode::NOERROR).unwrap();
        let mx: Name<Vec<u8>> = "mx.a.test".parse().unwrap();
        answer.push((&query.name, 300, Mx::new(10, mx))).unwrap();
        answer.finish()
    }

    #[test]
    fn a_question_and_its_answer() {
        let query = Query::new("a.test", Rtype::MX, Flags::default(), 7).unwrap();
        let bytes = reply_to(&query);
        assert!(matches!(query.matches(&bytes), Match::Answer));
        let reply = parse(&bytes).unwrap();
        assert_eq!(reply.rcode, 0);
        let first = &reply.answers[0];
        assert_eq!((first.owner.as_str(), first.ttl), ("a.test", 300));
        assert_eq!(first.data, Some(Data::Mx { preference: 10, host: "mx.a.test".into() }));
    }

    #[test]
    fn strangers_are_not_answers() {
        let query =
            Query::new("a.test", Rtype::MX, Flags { edns0: true, dnssec_ok: true, ad: true }, 7).unwrap();
        let others = [
            Query::new("a.test", Rtype::MX, Flags::default(), 8).unwrap(),
            Query::new("b.test", Rtype::MX, Flags::default(), 7).unwrap(),
            Query::new("a.test", Rtype::A, Flags::default(), 7).unwrap(),
        ];
        for other in &others {
            assert!(matches!(query.matches(&reply_to(other)), Match::Stranger));
        }
        assert!(matches!(query.matches(&query.bytes), Match::Stranger), "a query is not an answer");
        assert!(matches!(query.matches(b""), Match::Stranger));
    }

    #[test]
    fn damaged_replies_are_errors_and_never_panics() {
        let query = Query::new("a.test", Rtype::MX, Flags::default(), 7).unwrap();
        let whole = reply_to(&query);
        for len in 0..whole.len() {
            let _ = parse(&whole[..len]);
            let _ = query.matches(&whole[..len]);
        }
        for at in 0..whole.len() {
            for bit in 0..8 {
                let mut bytes = whole.clone();
                bytes[at] ^= 1 << bit;
                let _ = parse(&bytes);
            }
        }
        assert!(parse(&whole[..whole.len() - 1]).is_err());
    }
}
