//! What messages are made of: header lines, encoded words, status codes, MIME structure.

use bstr::{BString, ByteSlice};
use mail::header::{self, Info};
use mail::mime::{Block, Fault, Limits, Machine, Options, Piece, Sink};

use crate::Target;
use crate::input::{Input, solid, texts};

pub const HEADERS: Target = Target {
    name: "headers",
    about: "header lines, base64, enhanced status codes: folding changes blanks only, codings come back",
    check: headers,
    seeds: || {
        texts(&[
            "Subject : x",
            "To: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa,\nbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb,\nc",
            "Zm9vYg==",
            "5.7.1 refused",
            "sender=a@b",
        ])
    },
};

fn headers(text: &[u8]) {
    if let Some(length) = header::name_length(text) {
        assert!(length > 0 && text.iter().take(length).all(u8::is_ascii_graphic));
        assert!(header::value(text).len() < text.len() && header::is_header(text));
        assert_eq!(header::find_in(text), header::find(text.get(..length).unwrap_or_default()));
    }
    assert_eq!(solid(&header::fold(text)), solid(text));
    let lines: Vec<_> = header::lines(text).collect();
    assert_eq!(solid(&lines.concat()), solid(text));
    assert!(lines.iter().skip(1).all(|line| matches!(line.first(), Some(b' ' | b'\t'))));

    assert_eq!(mail::base64::decode(mail::base64::encode(text).as_bytes()).as_deref(), Some(text));
    if let Some(plain) = mail::base64::decode(text) {
        assert!(plain.len() <= text.len() / 4 * 3);
    }
    if let Some((status, length)) = mail::dsn::Status::prefix(text) {
        let shown = status.to_string();
        assert_eq!(mail::dsn::Status::parse(shown.as_bytes()), Some(status));
        assert!(length <= text.len());
    }
    let _ = mail::dsn::split(mail::dsn::Status::new(5, 0, 0), text);
    let _ = mail::text::split_name_value(text);
    let words = mail::encoded_word::encode("utf-8", text).expect("a character set");
    assert!(words.split('\n').all(|word| word.len() <= 75 && word.bytes().all(|b| b.is_ascii_graphic())));
}

pub const MIME: Target = Target {
    name: "mime",
    about: "the MIME machine: no byte is lost or made up, however long lines are cut, in bounded memory",
    check: mime,
    seeds: || {
        texts(&[
            "\x00\x00Subject: x\nContent-Type: multipart/mixed; boundary=\"b\"\n\nprologue\n--b\nContent-Type: message/rfc822\n\nFrom: y\n\ntext\n--b\n\nplain\n--b--\nepilogue\n",
            "\u{7f}\x00Content-Type: text/plain\nContent-Transfer-Encoding: 8bit\n\nsmörgås\n.\n",
            "\x01\x00no header\nat all",
            "\u{7e}\x05Content-Type: multipart/digest; boundary=b\nContent-Transfer-Encoding: base64\n\n--b\n\nTo: x\n\n--b--\n",
        ])
    },
};

/// Everything that the machine says, in its order.
#[derive(Default)]
struct Heard {
    text: BString,
    ended: bool,
}

impl Sink for Heard {
    fn header(&mut self, _: Block, _: Option<&'static Info>, text: &mut BString, _: u64) {
        assert!(header::is_header(text) || text.is_empty() || !text.contains(&b'\0'));
        self.text.extend_from_slice(text);
        self.text.push(b'\n');
    }

    fn headers_end(&mut self) {
        assert!(!std::mem::replace(&mut self.ended, true), "the primary header ends once");
    }

    fn body(&mut self, piece: Piece, text: &[u8], _: u64) {
        self.text.extend_from_slice(text);
        if piece == Piece::Line {
            self.text.push(b'\n');
        }
    }

    fn fault(&mut self, _: Fault, _: &[u8]) {}
}

fn mime(input: &[u8]) {
    let mut input = Input::new(input);
    let marks = input.byte();
    let cut = usize::from(input.byte()).max(1);
    let is = |bit: u8| marks & (1 << bit) != 0;
    let options = Options {
        disable_mime: is(0),
        report_8bit_in_header: is(1),
        report_8bit_in_7bit_body: is(2),
        report_encoding_domain: is(3),
        report_nesting: is(4),
        recurse_all_messages: is(5),
        downgrade: is(6),
        report_truncated_header: true,
        report_unterminated_header: true,
        mark_unterminated_header: false,
    };
    let limits = Limits { header_size: 1 << 20, nesting: 5, boundary_length: 20 };
    let mut machine = Machine::new(options, limits);
    let mut heard = Heard::default();
    for line in input.rest.split(|&b| b == b'\n') {
        let mut line = line;
        // Cut as long lines are, but never so that an ordinary one would be.
        while is(7) && line.len() > cut {
            let (part, rest) = line.split_at(cut);
            machine.update(Piece::Part, part, &mut heard);
            line = rest;
        }
        machine.update(Piece::Line, line, &mut heard);
    }
    machine.update(Piece::End, b"", &mut heard);
    assert!(heard.ended, "the header ends");
    if options.downgrade {
        assert!(heard.text.len() <= 4 * input.rest.len() + 200);
    } else {
        assert_eq!(solid(&heard.text).as_bstr(), solid(input.rest).as_bstr(), "what goes in comes out");
    }
}
