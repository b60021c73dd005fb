//! Messages told to the machine, and the transcript of what it told its sink.

use super::*;

#[derive(Default)]
struct Transcript(String);

impl Sink for Transcript {
    fn header(&mut self, block: Block, _: Option<&'static Info>, text: &mut BString, _: u64) {
        let tag = match block {
            Block::Primary => "MAIN",
            Block::Multipart => "MULT",
            Block::Nested => "NEST",
        };
        self.0 += &format!("{tag} {text}\n");
    }
    fn headers_end(&mut self) {
        self.0 += "HEADER END\n";
    }
    fn body(&mut self, piece: Piece, text: &[u8], _: u64) {
        let tag = if piece == Piece::Line { 'N' } else { 'L' };
        self.0 += &format!("BODY {tag} {}\n", text.as_bstr());
    }
    fn body_end(&mut self) {
        self.0 += "BODY END\n";
    }
    fn fault(&mut self, fault: Fault, _: &[u8]) {
        self.0 += &format!("FAULT {fault:?}\n");
    }
}

const LIMITS: Limits = Limits { header_size: 2000, nesting: 20, boundary_length: 2048 };

fn run(options: Options, limits: Limits, message: &str) -> String {
    let mut machine = Machine::new(options, limits);
    let mut out = Transcript::default();
    for line in message.lines() {
        machine.update(Piece::Line, line.as_bytes(), &mut out);
    }
    machine.update(Piece::End, b"", &mut out);
    out.0
}

#[test]
fn parts_and_attached_messages() {
    let message = "Subject : x\n folded\nContent-Type: multipart/mixed; boundary=\"b\"\n\nprologue\n--b\nContent-Type: message/rfc822\n\nFrom: y\n\ntext\n--b\n\nplain\n--b--\nepilogue: x\n";
    assert_eq!(
        run(Options::default(), LIMITS, message),
        "MAIN Subject: x\n folded\nMAIN Content-Type: multipart/mixed; boundary=\"b\"\nHEADER END\nBODY N \nBODY N prologue\nBODY N --b\nMULT Content-Type: message/rfc822\nBODY N \nNEST From: y\nBODY N \nBODY N text\nBODY N --b\nBODY N \nBODY N plain\nBODY N --b--\nBODY N epilogue: x\nBODY END\n"
    );
}

#[test]
fn a_missing_empty_line_is_added() {
    assert_eq!(
        run(Options::default(), LIMITS, "From: x\nno header\n"),
        "MAIN From: x\nHEADER END\nBODY N \nBODY N no header\nBODY END\n"
    );
    assert_eq!(run(Options::default(), LIMITS, "From: x\n"), "MAIN From: x\nHEADER END\nBODY END\n");
    assert_eq!(run(Options::default(), LIMITS, ""), "HEADER END\nBODY END\n");
}

#[test]
fn eight_bits_become_quoted_printable() {
    let options = Options { downgrade: true, ..Options::default() };
    let message = "Content-Transfer-Encoding: 8bit\nContent-Type: text/plain\n\n\u{e9}=x \n";
    assert_eq!(
        run(options, LIMITS, message),
        "MAIN Content-Type: text/plain\nMAIN Content-Transfer-Encoding: quoted-printable\nHEADER END\nBODY N \nBODY N =C3=A9=3Dx=20\nBODY END\n"
    );
}

#[test]
fn limits_hold() {
    let options = Options { report_nesting: true, report_truncated_header: true, ..Options::default() };
    let limits = Limits { header_size: 20, nesting: 0, boundary_length: 2 };
    let out = run(options, limits, "Subject: 12345678901234\n 1\n 2\n\n");
    assert_eq!(out.matches("FAULT TruncatedHeader").count(), 2);
    let message =
        "Content-Type: multipart/mixed; boundary=aaaa; boundary=bbbb; boundary=cccc\n\n--aaXX\nX: y\n\n";
    let out = run(options, limits, message);
    assert_eq!(out.matches("FAULT Nesting").count(), 1);
    assert!(out.contains("MULT X: y"), "{out}");
}

#[test]
fn eight_bit_reports() {
    let options =
        Options { report_8bit_in_header: true, report_8bit_in_7bit_body: true, ..Options::default() };
    let out = run(options, LIMITS, "Subject: \u{e9}\n\n\u{e9}\n\u{e9}\n");
    assert_eq!(out.matches("FAULT").count(), 2);
}

#[test]
fn long_lines_in_pieces() {
    let mut machine = Machine::new(Options::default(), LIMITS);
    let mut out = Transcript::default();
    machine.update(Piece::Part, b"Subject: a", &mut out);
    machine.update(Piece::Part, b" b", &mut out);
    machine.update(Piece::Line, b"c", &mut out);
    machine.update(Piece::Line, b"", &mut out);
    machine.update(Piece::Part, b"body", &mut out);
    machine.update(Piece::End, b"", &mut out);
    assert_eq!(out.0, "MAIN Subject: a bc\nHEADER END\nBODY N \nBODY L body\nBODY N \nBODY END\n");
}
