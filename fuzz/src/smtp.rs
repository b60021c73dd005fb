//! SMTP: command lines, the framing of content, replies.

use std::fs::File;
use std::io;
use std::net::Shutdown;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use bstr::BString;
use wire::command::{MailOptions, RcptOptions};
use wire::content::{Chunks, Frame, LineEnd, Taken};
use wire::dot::{EndFinder, Stuffer};
use wire::{Capabilities, EnhancedCode, MailParameter, RcptParameter, ReplyParser};

use crate::Target;
use crate::input::{Input, texts};

pub const COMMANDS: Target = Target {
    name: "smtp-commands",
    about: "command lines: words, ESMTP parameters; what a client writes of them reads the same again",
    check: commands,
    seeds: || {
        texts(&[
            "MAIL FROM:<a@b> SIZE=1000 BODY=8BITMIME RET=HDRS ENVID=a+2Bb SMTPUTF8",
            "RCPT TO:<\"a b\"@c> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;x+40y",
            "RCPT TO:<@r1,@r2:a@[127.0.0.1]> NOTIFY=NEVER",
            "EHLO mx.example",
            "XCLIENT NAME=a ADDR=IPv6:::1 HELO=x+20y",
            "MAIL FROM:<<a\\>b>> AUTH=<> XVERP=+=",
        ])
    },
};

fn commands(line: &[u8]) {
    let words = wire::tokenize(line);
    let total: usize = words.iter().map(|word| word.text.len()).sum();
    assert!(total <= line.len(), "words do not come from nowhere");
    assert!(words.iter().all(|word| !word.text.contains(&0)));
    assert!(wire::token::collapse(&words, 0).len() < total + words.len().max(1));
    for word in &words {
        mail_parameter(&word.text);
        rcpt_parameter(&word.text);
        if let Some(plain) = wire::xtext::unquote(&word.text) {
            let quoted = wire::xtext::quote(&plain, b"+=");
            assert_eq!(wire::xtext::unquote(&quoted), Some(plain));
            assert!(quoted.iter().all(u8::is_ascii_graphic), "xtext is one word");
        }
    }
}

fn mail_parameter(word: &[u8]) {
    let Ok(first) = wire::esmtp::mail_parameter(word) else { return };
    let mut options = MailOptions::default();
    match &first {
        MailParameter::Size(size) => options.size = Some(*size),
        MailParameter::Body(body) => options.body = Some(*body),
        MailParameter::Smtputf8 => options.smtputf8 = true,
        MailParameter::Ret(ret) => options.ret = Some(*ret),
        MailParameter::Envid(envid) => options.envid = Some(envid),
        _ => return,
    }
    let mut out = Vec::new();
    wire::command::mail(&mut out, b"s@d", &options);
    let again = one_command(&out);
    let [_, _, _, word] = again.as_slice() else { panic!("{} words", again.len()) };
    assert_eq!(wire::esmtp::mail_parameter(word).as_ref(), Ok(&first));
}

fn rcpt_parameter(word: &[u8]) {
    let Ok(first) = wire::esmtp::rcpt_parameter(word) else { return };
    let mut original = BString::default();
    let mut options = RcptOptions::default();
    match &first {
        RcptParameter::Notify(notify) => options.notify = *notify,
        RcptParameter::Orcpt { kind, address } => {
            original = [kind, &b";"[..], address].concat().into();
        }
        _ => return,
    }
    if !original.is_empty() {
        options.orcpt = Some(&original);
    }
    let mut out = Vec::new();
    wire::command::rcpt(&mut out, b"r@d", &options);
    match one_command(&out).as_slice() {
        // A type that is no word is not passed on.
        [_, _, _] => assert!(matches!(first, RcptParameter::Orcpt { .. })),
        [_, _, _, word] => assert_eq!(wire::esmtp::rcpt_parameter(word).as_ref(), Ok(&first)),
        words => panic!("{} words", words.len()),
    }
}

/// The words of a command that must be exactly one line.
fn one_command(out: &[u8]) -> Vec<BString> {
    let line = out.strip_suffix(b"\r\n").expect("a command ends in CR LF");
    assert!(!line.contains(&b'\n'), "a command is one line");
    wire::tokenize(line).into_iter().map(|word| word.text).collect()
}

pub const DATA: Target = Target {
    name: "smtp-data",
    about: "content on the wire: lines and dots come out the same however reads are cut; nothing ends it early",
    check: data,
    seeds: || {
        texts(&[
            "\x03\x01\x02\x05\x40Subject: x\n\n.\n..\na\r\nb\n",
            "\x00\x10a\r\n.\r\nMAIL FROM:<smuggled@b>\r\n",
            "\x02\x01\x01\x08.\n.\r.\r\n\r\r\n.\r\n",
            "\x01\x7f\x03long line without an end\r",
        ])
    },
};

fn data(input: &[u8]) {
    let mut input = Input::new(input);
    let sizes = input.counted();
    let limit = usize::from(input.byte()).max(1);
    let content = input.rest;

    // Lines are where they are, not where reads end.
    let whole = lines(content, &[], limit);
    assert_eq!(lines(content, sizes, limit), whole);
    let text: usize = whole.iter().map(|(text, _)| text.len()).sum();
    assert!(text <= content.len());
    for (text, ending) in &whole {
        // What the end of the stream cut off may be a line that just fits, and half of its ending.
        let half = *ending == net::Ending::Eof && text.last() == Some(&b'\r');
        assert!(text.len() <= limit + usize::from(half));
    }

    // What is stuffed ends where it ends, and holds what was put in.
    let mut plain = Vec::new();
    for line in content.split(|&b| b == b'\n') {
        plain.extend_from_slice(line);
        plain.extend_from_slice(b"\r\n");
    }
    let mut stuffed = Vec::new();
    let mut stuffer = Stuffer::new();
    for piece in pieces(&plain, sizes) {
        stuffer.push(&mut stuffed, piece);
    }
    stuffer.finish(&mut stuffed);
    assert_eq!(end(&stuffed, sizes), Some(stuffed.len()), "content ends only at its end");
    let mut unstuffed = Vec::new();
    for (line, ending) in lines(&stuffed, sizes, usize::MAX >> 1) {
        match line.strip_prefix(b".") {
            Some(b"") => break,
            Some(rest) => unstuffed.extend_from_slice(rest),
            None => unstuffed.extend_from_slice(&line),
        }
        assert_eq!(ending, net::Ending::CrLf);
        unstuffed.extend_from_slice(b"\r\n");
    }
    assert!(unstuffed == plain, "dots come back off");
    received(&stuffed, &plain, limit);
    smuggled(content, limit);
    chunked(content, sizes, limit);
    assert_eq!(end(content, sizes), end(content, &[]), "an end is an end however reads are cut");
}

/// What our server makes of content on the wire: its lines, and how many bytes they took if the end was seen.
fn server(wire: &[u8], strict: bool, limit: usize) -> (Vec<u8>, Option<usize>) {
    let mut frame = Frame::new(strict);
    let (mut content, mut at) = (Vec::new(), 0);
    for (text, ending) in lines(wire, &[], limit) {
        let end = match ending {
            net::Ending::Eof => return (content, None),
            net::Ending::Long => LineEnd::GoesOn,
            net::Ending::CrLf => LineEnd::Proper,
            net::Ending::Lf => LineEnd::Bare,
        };
        at += text.len() + [2, 1, 0, 0][ending as usize];
        match frame.take(&text, end) {
            Taken::Text { text, whole } => {
                content.extend_from_slice(text);
                content.extend_from_slice(if whole { b"\r\n" } else { b"" });
            }
            Taken::Dropped => {}
            Taken::End => return (content, Some(at)),
        }
    }
    (content, None)
}

/// What our client sends, our server receives, but for carriage returns at the end of lines.
fn received(wire: &[u8], plain: &[u8], limit: usize) {
    let (content, end) = server(wire, true, limit);
    assert_eq!(end, Some(wire.len()));
    if limit > plain.len() {
        let mut expected = Vec::new();
        for line in plain.split(|&b| b == b'\n') {
            let text = line.iter().rposition(|&b| b != b'\r').map_or(0, |at| at + 1);
            expected.extend_from_slice(line.get(..text).unwrap_or_default());
            expected.extend_from_slice(b"\r\n");
        }
        expected.truncate(expected.len() - 2);
        assert!(content == expected, "what was sent is received");
    }
}

/// No end that a careful server before us would not have seen, and none missed that it did.
fn smuggled(wire: &[u8], limit: usize) {
    let careful = end(wire, &[]);
    let (_, strict) = server(wire, true, limit);
    let (_, lenient) = server(wire, false, limit);
    if let Some(at) = strict {
        let seen = wire.get(..at).unwrap_or_default();
        // compat: carriage returns in front of the line's end count as part of it.
        let dot = seen.strip_suffix(b"\r\n").map(|text| &text[..text.len() - returns(text)]);
        let before = dot.and_then(|text| text.strip_suffix(b"."));
        assert!(before.is_some_and(|text| text.is_empty() || text.ends_with(b"\r\n")), "CR LF dot CR LF");
    }
    for found in [strict, lenient] {
        assert!(found.unwrap_or(usize::MAX) <= careful.unwrap_or(usize::MAX), "an end was missed");
    }
}

/// Carriage returns at the end.
fn returns(text: &[u8]) -> usize {
    text.iter().rev().take_while(|&&b| b == b'\r').count()
}

/// BDAT: chunks cut anywhere are the same lines.
fn chunked(content: &[u8], sizes: &[u8], limit: usize) {
    let lines = |sizes: &[u8]| {
        let mut chunks = Chunks::new(limit);
        let mut all: Vec<(Vec<u8>, bool)> = Vec::new();
        for piece in pieces(content, sizes) {
            chunks.push(piece, |text, whole| all.push((text.to_vec(), whole)));
            assert!(chunks.unfinished() <= limit, "memory is bounded");
        }
        chunks.finish(|text, whole| all.push((text.to_vec(), whole)));
        assert!(all.iter().all(|(text, _)| text.len() <= limit));
        (all, chunks.bare_newline)
    };
    assert_eq!(lines(sizes), lines(&[]), "lines are where they are, not where chunks end");
}

/// Where content ends for a receiver that looks for the dot only.
fn end(content: &[u8], sizes: &[u8]) -> Option<usize> {
    let mut finder = EndFinder::default();
    let mut before = 0;
    for piece in pieces(content, sizes) {
        if let Some(at) = finder.push(piece) {
            return Some(before + at);
        }
        before += piece.len();
    }
    None
}

/// `content` cut into pieces of these sizes, over and over; in one piece without sizes.
fn pieces<'a>(mut content: &'a [u8], sizes: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    let mut sizes = sizes.iter().cycle();
    std::iter::from_fn(move || {
        let size = sizes.next().map_or(usize::MAX, |&size| usize::from(size).max(1));
        let (piece, rest) = content.split_at(size.min(content.len()));
        content = rest;
        (!piece.is_empty()).then_some(piece)
    })
}

/// The lines that a stream reads from `content` when it arrives in such pieces.
fn lines(content: &[u8], sizes: &[u8], limit: usize) -> Vec<(BString, net::Ending)> {
    let arriving: Vec<Vec<u8>> = pieces(content, sizes).map(<[u8]>::to_vec).collect();
    let arriving = arriving.into_iter().rev().collect();
    let null = File::open("/dev/null").expect("/dev/null");
    let mut stream = net::Stream::new(Box::new(Arriving { pieces: arriving, null }));
    let mut all = Vec::new();
    loop {
        let line = stream.read_line(limit).expect("reads do not fail");
        if line.is_end() {
            return all;
        }
        all.push((line.text.into(), line.ending));
    }
}

/// A transport whose reads return one piece each.
struct Arriving {
    /// The last one is read first.
    pieces: Vec<Vec<u8>>,
    null: File,
}

impl net::Transport for Arriving {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(mut piece) = self.pieces.pop() else { return Ok(0) };
        let count = piece.len().min(buffer.len());
        let rest = piece.split_off(count);
        buffer.get_mut(..count).unwrap_or_default().copy_from_slice(&piece);
        if !rest.is_empty() {
            self.pieces.push(rest);
        }
        Ok(count)
    }

    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        Ok(data.len())
    }

    fn set_read_timeout(&mut self, _limit: Option<Duration>) -> io::Result<()> {
        Ok(())
    }

    fn set_write_timeout(&mut self, _limit: Option<Duration>) -> io::Result<()> {
        Ok(())
    }

    fn shutdown(&mut self, _how: Shutdown) -> io::Result<()> {
        Ok(())
    }

    fn as_fd(&self) -> BorrowedFd<'_> {
        self.null.as_fd()
    }
}

pub const REPLIES: Target = Target {
    name: "smtp-replies",
    about: "a server's replies: lines, codes, what EHLO offers; what was heard is kept as it was said",
    check: replies,
    seeds: || {
        texts(&[
            "250-mx.example\n250-PIPELINING\n250-SIZE 1000\n250-AUTH PLAIN LOGIN\n250 DSN",
            "220 mx ESMTP\n550 5.7.1 no\n421-\n421 4.3.2 bye",
            "354\n25 x\n2500 y\nhello",
        ])
    },
};

fn replies(text: &[u8]) {
    let mut parser = ReplyParser::new();
    let mut heard = Vec::new();
    for line in text.split(|&b| b == b'\n') {
        match parser.line(line) {
            Ok(None) => heard.push(line),
            Ok(Some(reply)) => {
                heard.push(line);
                assert!(reply.lines.iter().eq(heard.iter()), "a reply is its lines");
                assert!(reply.code <= 999 && reply.class() == reply.code / 100);
                assert_eq!(reply.is_ok(), reply.class() == 2);
                assert_eq!(reply.texts().count(), heard.len());
                if let Some(code) = reply.enhanced() {
                    let shown = format!("{}.{}.{}", code.class, code.subject, code.detail);
                    assert_eq!(EnhancedCode::parse(shown.as_bytes()), Some((code, shown.len())));
                }
                let offered = Capabilities::from_reply(&reply, |_| false);
                assert!(offered.auth.len() <= text.len());
                assert_eq!(reply.joined().len(), heard.iter().map(|l| l.len() + 1).sum::<usize>() - 1);
                heard.clear();
            }
            Err(_) => {}
        }
    }
}
