//! Headers, addresses, MIME: what cleanup(8) does with a message's text.

use bstr::BString;
use mail::header::{self, Info};
use mail::masquerade::Masquerade;
use mail::mime::{Block, Limits, Machine, Options, Piece, Sink};
use mail::{address, host, quote, rfc822};

use crate::Case;

pub const CASES: &[Case] = &[
    Case {
        name: "mail-address-list",
        prepare: || {
            Box::new(|| {
                let tokens = rfc822::parse(LIST, 0);
                let found = rfc822::addresses(&tokens).count();
                let text = rfc822::external(&tokens, true);
                found + header::fold(&text).len()
            })
        },
    },
    Case {
        name: "mail-address",
        prepare: || {
            Box::new(|| {
                let mut total = 0;
                for text in ADDRESSES {
                    let quoted = quote::quote_822_local(text);
                    total += quote::unquote_822_local(&quoted).len();
                    total += address::strip_extension(text, b"+-", true, b"double-bounce")
                        .map_or(0, |(a, _)| a.len());
                    total += address::domain(text).map_or(0, |domain| usize::from(host::is_hostname(domain)));
                    total += mail::text::fold_case(text).len();
                }
                total
            })
        },
    },
    Case {
        name: "mail-masquerade",
        prepare: || {
            let hide = Masquerade::new([&b"!keep.example.com"[..], b"example.com", b"example.org"]);
            Box::new(move || {
                let apply = |text: &&[u8]| {
                    hide.apply::<()>(text, |_| Ok(false)).ok().flatten().map_or(0, |new| new.len())
                };
                ADDRESSES.iter().map(apply).sum()
            })
        },
    },
    Case { name: "mail-mime-message", prepare: || Box::new(|| mime(Options::default())) },
    Case {
        name: "mail-mime-downgrade",
        prepare: || Box::new(|| mime(Options { downgrade: true, ..Options::default() })),
    },
    Case {
        name: "mail-host-names",
        prepare: || {
            Box::new(|| {
                let names: [&[u8]; 6] = [
                    b"mx1.mail.example.com",
                    b"a_b.example",
                    b"192.0.2.77",
                    b"-bad.example",
                    b"2001:db8::1",
                    b"x..y",
                ];
                names
                    .iter()
                    .map(|name| usize::from(host::is_hostname(name)) + usize::from(host::is_address(name)))
                    .sum()
            })
        },
    },
];

const LIST: &[u8] =
    b"Joe User <joe@example.com>, \"Doe, Jane\" <jane.doe+lists@mail.example.org> (at work),\n\
    friends: a@x.example, \"b c\"@y.example, <@r1,@r2:d@z.example>;, host!user, user%gw@hub.example,\n\
    postmaster@[192.0.2.1], plain, another.long.local.part@another.long.domain.example (c (d) e)";

const ADDRESSES: [&[u8]; 5] = [
    b"joe+lists@host.example.com",
    b"Jane Doe@mail.example.org",
    b"owner-announce@lists.keep.example.com",
    b"a\"b\\c@example.net",
    b"MAILER-DAEMON",
];

struct Count(usize);

impl Sink for Count {
    fn header(&mut self, block: Block, info: Option<&'static Info>, text: &mut BString, _: u64) {
        self.0 += text.len() + usize::from(info.is_some()) + usize::from(block == Block::Primary);
    }

    fn headers_end(&mut self) {
        self.0 += 1;
    }

    fn body(&mut self, _: Piece, text: &[u8], _: u64) {
        self.0 += text.len();
    }
}

/// A message with two parts, one of them a message, and a hundred lines of text.
fn mime(options: Options) -> usize {
    let mut machine =
        Machine::new(options, Limits { header_size: 102_400, nesting: 100, boundary_length: 2048 });
    let mut count = Count(0);
    let mut put = |line: &[u8]| {
        machine.update(Piece::Line, line, &mut count);
    };
    for line in HEADER {
        put(line.as_bytes());
    }
    for _ in 0..100 {
        put("A line of text as people write them, with a wörd or two beyond ASCII = and an equals sign."
            .as_bytes());
    }
    for line in ATTACHED {
        put(line.as_bytes());
    }
    machine.update(Piece::End, b"", &mut count);
    count.0
}

const HEADER: &[&str] = &[
    "Received: from client.example (client.example [192.0.2.9])",
    "\tby mx.example (Postfix) with ESMTPS id 4Sdk2y1lXQz1xL",
    "\tfor <joe@example.com>; Tue, 14 Nov 2023 22:13:20 +0000 (UTC)",
    "From: Jane Doe <jane@example.org>",
    "To: joe@example.com",
    "Subject: a message with parts",
    "MIME-Version: 1.0",
    "Content-Type: multipart/mixed; boundary=\"==the=boundary==\"",
    "",
    "This is a message with parts.",
    "--==the=boundary==",
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: 8bit",
    "",
];

const ATTACHED: &[&str] = &[
    "--==the=boundary==",
    "Content-Type: message/rfc822",
    "",
    "From: other@example.net",
    "Subject: attached",
    "",
    "text",
    "--==the=boundary==--",
];
