//! What goes over sockets: SMTP, the attribute protocol, name servers' answers, log lines.

use dns::codec::{self, Flags, Query};
use ipc::{Decoded, decode, encode};
use wire::command::{MailOptions, RcptOptions};
use wire::content::{Chunks, Frame, LineEnd, Taken};
use wire::dot::{EndFinder, Stuffer};
use wire::{Capabilities, ReplyParser};

use crate::Case;

pub const CASES: &[Case] = &[
    Case {
        name: "smtp-commands",
        prepare: || {
            Box::new(|| {
                let mut total = 0;
                for line in COMMANDS {
                    let words = wire::tokenize(line.as_bytes());
                    total += words.len();
                    for word in words.iter().skip(3) {
                        total += usize::from(wire::esmtp::mail_parameter(&word.text).is_ok());
                        total += usize::from(wire::esmtp::rcpt_parameter(&word.text).is_ok());
                    }
                }
                let mut out = Vec::new();
                wire::command::mail(
                    &mut out,
                    b"a@example.com",
                    &MailOptions { size: Some(1000), ..MailOptions::default() },
                );
                wire::command::rcpt(&mut out, b"b@example.org", &RcptOptions::default());
                total + out.len()
            })
        },
    },
    Case {
        name: "smtp-replies",
        prepare: || {
            Box::new(|| {
                let mut parser = ReplyParser::new();
                let mut total = 0;
                for line in REPLIES {
                    if let Ok(Some(reply)) = parser.line(line.as_bytes()) {
                        total +=
                            usize::from(Capabilities::from_reply(&reply, |_| false).has(wire::Feature::Dsn));
                        total += reply.enhanced().map_or(0, |code| usize::from(code.detail));
                    }
                }
                total
            })
        },
    },
    Case {
        name: "smtp-content-out",
        prepare: || {
            let content = content();
            Box::new(move || {
                let mut out = Vec::with_capacity(content.len() + 1000);
                let mut stuffer = Stuffer::new();
                for piece in content.chunks(4096) {
                    stuffer.push(&mut out, piece);
                }
                stuffer.finish(&mut out);
                EndFinder::default().push(&out).unwrap_or(0)
            })
        },
    },
    Case {
        name: "smtp-content-in",
        prepare: || {
            let content = content();
            Box::new(move || {
                let mut frame = Frame::new(true);
                let mut total = 0;
                for line in content.split(|&b| b == b'\n') {
                    let line = line.strip_suffix(b"\r").unwrap_or(line);
                    if let Taken::Text { text, .. } = frame.take(line, LineEnd::Proper) {
                        total += text.len();
                    }
                }
                let mut chunks = Chunks::new(2048);
                for piece in content.chunks(4096) {
                    chunks.push(piece, |line, _| total += line.len());
                }
                chunks.finish(|line, _| total += line.len());
                total
            })
        },
    },
    Case {
        name: "ipc-delivery",
        prepare: || {
            let request = ipc::delivery::Request {
                queue_name: "active".into(),
                queue_id: "4Sdk2y1lXQz1xL".into(),
                nexthop: "example.com".into(),
                sender: "jane@example.org".into(),
                client_name: "client.example".into(),
                client_addr: "192.0.2.9".into(),
                rewrite_context: "local".into(),
                recipients: (0..20)
                    .map(|n| ipc::Recipient {
                        address: format!("user{n}@example.com").into(),
                        ..Default::default()
                    })
                    .collect(),
                ..Default::default()
            };
            Box::new(move || {
                let mut bytes = Vec::new();
                encode(&request, &mut bytes);
                match decode::<ipc::delivery::Request>(&bytes) {
                    Ok(Decoded::Complete(again, length)) => length + again.recipients.len(),
                    _ => 0,
                }
            })
        },
    },
    Case {
        name: "dns-answer",
        prepare: || {
            let answer = answer();
            Box::new(move || {
                let reply = codec::parse(&answer);
                reply.map_or(0, |reply| reply.answers.iter().map(|record| record.owner.len()).sum())
            })
        },
    },
    Case {
        name: "log-lines",
        prepare: || {
            Box::new(|| {
                let mut total = 0;
                for _ in 0..10 {
                    total += log::lines::connect(b"client.example[192.0.2.9]").len();
                    total += log::lines::queue_active("4Sdk2y1lXQz1xL", b"jane@example.org", 1234, 1).len();
                    total += log::lines::removed("4Sdk2y1lXQz1xL").len();
                }
                total
            })
        },
    },
];

const COMMANDS: [&str; 6] = [
    "EHLO client.example",
    "MAIL FROM:<jane@example.org> SIZE=1234 BODY=8BITMIME RET=HDRS ENVID=QQ314159+2B",
    "RCPT TO:<joe@example.com> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;joe+2Blists@example.com",
    "RCPT TO:<\"joe user\"@example.com>",
    "BDAT 1000 LAST",
    "RSET",
];

const REPLIES: [&str; 12] = [
    "220 mx.example ESMTP Postfix",
    "250-mx.example",
    "250-PIPELINING",
    "250-SIZE 10240000",
    "250-AUTH PLAIN LOGIN CRAM-MD5",
    "250-8BITMIME",
    "250-DSN",
    "250 CHUNKING",
    "250 2.1.0 Ok",
    "450 4.2.0 <joe@example.com>: Recipient address rejected: Greylisted",
    "354 End data with <CR><LF>.<CR><LF>",
    "250 2.0.0 Ok: queued as 4Sdk2y1lXQz1xL",
];

/// Sixty-four thousand bytes of lines, one in ten with a dot in front.
fn content() -> Vec<u8> {
    let mut content = Vec::new();
    let mut number = 0;
    while content.len() < 64_000 {
        number += 1;
        let dot = if number % 10 == 0 { "." } else { "" };
        content.extend_from_slice(
            format!("{dot}line {number} of a message, as long as lines mostly are\r\n").as_bytes(),
        );
    }
    content
}

/// An answer with ten mail exchangers.
fn answer() -> Vec<u8> {
    let Some(query) = Query::new("mail.example.com", codec::rtype(dns::RecordType::Mx), Flags::default(), 7)
    else {
        return Vec::new();
    };
    let mut bytes = query.bytes;
    for (at, value) in [(2, 0x81), (7, 10)] {
        if let Some(byte) = bytes.get_mut(at) {
            *byte = value;
        }
    }
    for number in 0..10u8 {
        bytes.extend_from_slice(&[
            0xc0,
            12,
            0,
            15,
            0,
            1,
            0,
            0,
            1,
            44,
            0,
            7,
            0,
            number,
            2,
            b'm',
            b'0' + number,
            0xc0,
            12,
        ]);
    }
    bytes
}
