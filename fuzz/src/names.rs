//! What name servers answer, and resolv.conf.

use bstr::ByteSlice;
use dns::RecordType;
use dns::codec::{self, Flags, Query};

use crate::Target;
use crate::input::{Input, texts};

pub const ANSWERS: Target = Target {
    name: "dns-answers",
    about: "name servers' answers: any bytes are an answer or an error, and names stay names",
    check: answers,
    seeds: || {
        let query = |name: &str, rtype| {
            let query = Query::new(name, codec::rtype(rtype), Flags::default(), 7).expect("a name");
            let mut bytes = query.bytes;
            // An answer is a query with its QR bit set and records behind.
            if let Some(flags) = bytes.get_mut(2) {
                *flags |= 0x80;
            }
            if let Some(count) = bytes.get_mut(7) {
                *count = 1;
            }
            bytes
        };
        let record = |rtype: u8, data: &[u8]| {
            let mut record = vec![0xc0, 12, 0, rtype, 0, 1, 0, 0, 1, 44, 0];
            record.push(u8::try_from(data.len()).unwrap_or(0));
            record.extend_from_slice(data);
            record
        };
        vec![
            [query("a.test", RecordType::A), record(1, &[192, 0, 2, 1])].concat(),
            [query("a.test", RecordType::Mx), record(15, &[0, 10, 2, b'm', b'x', 0xc0, 12])].concat(),
            [query("a.test", RecordType::Txt), record(16, b"\x05hello")].concat(),
            [query("a.test", RecordType::Tlsa), record(52, &[3, 1, 1, 9, 9, 9])].concat(),
            [query("a.test", RecordType::Cname), record(5, &[0xc0, 12])].concat(),
            [query("a.test", RecordType::Soa), record(6, &[0; 22])].concat(),
        ]
    },
};

fn answers(bytes: &[u8]) {
    if let Ok(reply) = codec::parse(bytes) {
        assert!(reply.answers.len() <= bytes.len() / 11, "each record takes its bytes");
        for record in &reply.answers {
            assert!(
                record.owner.len() <= 4 * 255,
                "a name is at most 255 bytes, each four characters when escaped"
            );
        }
    }
    let mut input = Input::new(bytes);
    let name = input.counted();
    for rtype in [RecordType::A, RecordType::Mx, RecordType::Txt] {
        let query = Query::new("a.test", codec::rtype(rtype), Flags::default(), 7).expect("a name");
        let _ = query.matches(bytes);
        if let Ok(name) = name.to_str() {
            if let Some(query) =
                Query::new(name, codec::rtype(rtype), Flags { edns0: true, dnssec_ok: true, ad: true }, 7)
            {
                assert!(query.bytes.len() <= 12 + 255 + 4 + 11);
                assert!(
                    matches!(query.matches(&query.bytes), codec::Match::Stranger),
                    "a query is no answer"
                );
            }
        }
    }
}

pub const RESOLV_CONF: Target = Target {
    name: "resolv-conf",
    about: "resolv.conf: any text is a usable configuration within the C library's bounds",
    check: |bytes| {
        let conf = dns::Conf::parse(&String::from_utf8_lossy(bytes));
        assert!((1..=3).contains(&conf.servers.len()));
        assert!(
            conf.ndots <= 15
                && (1..=5).contains(&conf.attempts)
                && (1..=30).contains(&conf.timeout.as_secs())
        );
    },
    seeds: || {
        texts(&[
            "nameserver 192.0.2.1\nnameserver fe80::1%lo\nsearch a b\noptions ndots:9 timeout:0 rotate\n",
        ])
    },
};
