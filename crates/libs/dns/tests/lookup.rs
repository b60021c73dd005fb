//! The resolver against name servers of our own, on loopback.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use dns::{Conf, Data, Families, Options, Reason, RecordType, Resolver};
use domain::base::iana::Rcode;
use domain::base::{Message, MessageBuilder, Name, Rtype};
use domain::rdata::{A, Aaaa, Cname, Mx, Txt};

/// How the name server treats a question.
#[derive(Clone, Copy)]
enum Manner {
    Answer,
    /// UDP answers are cut off: TCP tells all.
    Truncate,
    Silence,
    Refuse,
    /// A wrong id first, then the answer.
    Forge,
}

struct NameServer {
    addr: SocketAddr,
    asked: Arc<AtomicUsize>,
}

fn serve(manner: Manner) -> NameServer {
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    let addr = udp.local_addr().unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    if matches!(manner, Manner::Truncate) {
        let tcp = TcpListener::bind(addr).unwrap();
        std::thread::spawn(move || {
            for stream in tcp.incoming() {
                let mut stream = stream.unwrap();
                let mut len = [0; 2];
                stream.read_exact(&mut len).unwrap();
                let mut query = vec![0; usize::from(u16::from_be_bytes(len))];
                stream.read_exact(&mut query).unwrap();
                let reply = answer(&query);
                let mut framed = u16::try_from(reply.len()).unwrap().to_be_bytes().to_vec();
                framed.extend(reply);
                stream.write_all(&framed).unwrap();
            }
        });
    }
    std::thread::spawn(move || {
        let mut buf = [0; 4096];
        loop {
            let (len, from) = udp.recv_from(&mut buf).unwrap();
            count.fetch_add(1, Ordering::SeqCst);
            let query = &buf[..len];
            let mut reply = answer(query);
            match manner {
                Manner::Silence => continue,
                Manner::Refuse => {
                    reply[3] = (reply[3] & 0xf0) | 5;
                }
                Manner::Truncate => reply[2] |= 2,
                Manner::Forge => {
                    let mut forged = reply.clone();
                    forged[0] ^= 0xff;
                    let last = forged.len() - 1;
                    forged[last] ^= 0xff;
                    udp.send_to(&forged, from).unwrap();
                }
                Manner::Answer => {}
            }
            udp.send_to(&reply, from).unwrap();
        }
    });
    NameServer { addr, asked }
}

/// The zone `test`.
fn answer(query: &[u8]) -> Vec<u8> {
    let message = Message::from_octets(query).unwrap();
    let question = message.sole_question().unwrap();
    let asked = question.qname().to_string();
    let name = |text: &str| text.parse::<Name<Vec<u8>>>().unwrap();
    let exists = [
        "a.test",
        "mx1.test",
        "mx2.test",
        "alias.test",
        "far.test",
        "null.test",
        "loop.test",
        "bad.test",
        "empty.test",
        "b.home.test",
    ]
    .contains(&asked.as_str());
    let code = if exists { Rcode::NOERROR } else { Rcode::NXDOMAIN };
    let mut reply = MessageBuilder::new_vec().start_answer(&message, code).unwrap();
    reply.header_mut().set_ad(message.header().ad());
    let own = name(&asked);
    match (asked.as_str(), question.qtype()) {
        ("a.test", Rtype::MX) => {
            reply.push((&own, 300, Mx::new(20, name("mx2.test")))).unwrap();
            reply.push((&own, 300, Mx::new(10, name("mx1.test")))).unwrap();
        }
        ("a.test" | "mx1.test" | "b.home.test", Rtype::A) => {
            reply.push((&own, 60, A::from_octets(192, 0, 2, 1))).unwrap()
        }
        ("mx1.test", Rtype::AAAA) => {
            reply.push((&own, 60, Aaaa::new("2001:db8::1".parse().unwrap()))).unwrap()
        }
        // An alias with its target in the same reply, and one whose target has to be asked for.
        ("alias.test", Rtype::A) => {
            reply.push((&own, 60, Cname::new(name("mx1.test")))).unwrap();
            reply.push((&name("mx1.test"), 60, A::from_octets(192, 0, 2, 1))).unwrap();
        }
        ("far.test", _) => reply.push((&own, 60, Cname::new(name("mx1.test")))).unwrap(),
        ("loop.test", _) => reply.push((&own, 60, Cname::new(name("loop.test")))).unwrap(),
        ("null.test", Rtype::MX) => reply.push((&own, 60, Mx::new(0, Name::root_vec()))).unwrap(),
        ("bad.test", Rtype::MX) => reply.push((&own, 60, Mx::new(0, name("-bad-.test")))).unwrap(),
        ("a.test", Rtype::TXT) => {
            let text: Txt<Vec<u8>> = Txt::build_from_slice(b"v=spf1\x07 -all").unwrap();
            reply.push((&own, 60, text)).unwrap();
        }
        _ => {}
    }
    reply.finish()
}

fn conf(servers: &[&NameServer]) -> Conf {
    Conf {
        servers: servers.iter().map(|server| server.addr).collect(),
        timeout: Duration::from_secs(1),
        attempts: 1,
        ..Conf::default()
    }
}

fn ask(resolver: &Resolver, name: &str, rtype: RecordType) -> Result<dns::Answer, dns::DnsError> {
    resolver.lookup(name.as_bytes(), rtype, Options::default())
}

#[test]
fn records_are_found() {
    let server = serve(Manner::Answer);
    let resolver = Resolver::with(conf(&[&server]));
    let found = ask(&resolver, "a.test", RecordType::Mx).unwrap();
    let mx: Vec<_> = found.records.iter().map(|r| r.data.clone()).collect();
    assert!(mx.contains(&Data::Mx { preference: 10, host: "mx1.test".into() }), "{mx:?}");
    assert_eq!((mx.len(), found.records[0].ttl, found.secure()), (2, 300, false));
    let both = resolver.addresses(b"mx1.test", Families::Both, Options::default()).unwrap();
    assert_eq!(both.addresses().map(|a| a.to_string()).collect::<Vec<_>>(), ["192.0.2.1", "2001:db8::1"]);
    let text = ask(&resolver, "a.test", RecordType::Txt).unwrap();
    assert_eq!(text.records[0].data, Data::Txt("v=spf1  -all".into()));
    let secure =
        resolver.lookup(b"a.test", RecordType::A, Options { dnssec: true, ..Options::default() }).unwrap();
    assert!(secure.secure(), "the name server says so, and was asked to");
}

#[test]
fn aliases_are_followed_but_not_in_circles() {
    let server = serve(Manner::Answer);
    let resolver = Resolver::with(conf(&[&server]));
    for name in ["alias.test", "far.test"] {
        let found = ask(&resolver, name, RecordType::A).unwrap();
        assert_eq!((found.canonical.as_str(), found.records[0].asked.as_str()), ("mx1.test", name));
    }
    let looping = ask(&resolver, "loop.test", RecordType::A).unwrap_err();
    assert_eq!((looping.reason, looping.text.as_str()), (Reason::NoName, "Name server loop for loop.test"));
}

#[test]
fn what_is_not_there_is_told_as_the_reference_tells_it() {
    let server = serve(Manner::Answer);
    let resolver = Resolver::with(conf(&[&server]));
    let table: &[(&str, RecordType, Reason, &str)] = &[
        (
            "no.test",
            RecordType::Mx,
            Reason::NoName,
            "Host or domain name not found. Name service error for name=no.test type=MX: Host not found",
        ),
        (
            "empty.test",
            RecordType::A,
            Reason::NoData,
            "Host or domain name not found. Name service error for name=empty.test type=A: Host found but no data record of \
             requested type",
        ),
        ("null.test", RecordType::Mx, Reason::NullMx, "Domain null.test does not accept mail (nullMX)"),
        (
            "bad.test",
            RecordType::Mx,
            Reason::Invalid,
            "Name service error for name=bad.test type=MX: Malformed or unexpected name server reply",
        ),
        (
            "192.0.2.1",
            RecordType::A,
            Reason::NoName,
            "Name service error for 192.0.2.1: invalid host or domain name",
        ),
        (
            "ex..test",
            RecordType::A,
            Reason::NoName,
            "Name service error for ex..test: invalid host or domain name",
        ),
    ];
    for (name, rtype, reason, text) in table {
        let err = ask(&resolver, name, *rtype).unwrap_err();
        assert_eq!((err.reason, err.text.as_str()), (*reason, *text));
    }
}

#[test]
fn long_answers_come_by_tcp_and_forged_ones_not_at_all() {
    for manner in [Manner::Truncate, Manner::Forge] {
        let server = serve(manner);
        let resolver = Resolver::with(conf(&[&server]));
        let found = ask(&resolver, "a.test", RecordType::A).unwrap();
        assert_eq!(found.addresses().next().unwrap().to_string(), "192.0.2.1");
    }
}

#[test]
fn a_server_that_fails_is_passed_over() {
    let good = serve(Manner::Answer);
    for manner in [Manner::Silence, Manner::Refuse] {
        let bad = serve(manner);
        let resolver = Resolver::with(conf(&[&bad, &good]));
        assert!(ask(&resolver, "a.test", RecordType::A).is_ok());
        let alone = Resolver::with(Conf { attempts: 2, ..conf(&[&bad]) });
        let err = ask(&alone, "a.test", RecordType::A).unwrap_err();
        assert_eq!(
            (err.reason, err.text.as_str()),
            (
                Reason::TryAgain,
                "Host or domain name not found. Name service error for name=a.test type=A: Host not found, try again"
            )
        );
        assert_eq!(bad.asked.load(Ordering::SeqCst), 3, "once, and twice where there is nobody else");
    }
}

#[test]
fn domains_are_appended_only_where_that_is_wanted() {
    let server = serve(Manner::Answer);
    let resolver =
        Resolver::with(Conf { search: vec!["office.test".into(), "home.test".into()], ..conf(&[&server]) });
    assert!(ask(&resolver, "b", RecordType::A).is_err());
    let options = Options { search: true, ..Options::default() };
    assert_eq!(resolver.lookup(b"b", RecordType::A, options).unwrap().canonical, "b.home.test");
    let first_only = Options { append_domain: true, ..Options::default() };
    assert!(resolver.lookup(b"b", RecordType::A, first_only).is_err());
}
