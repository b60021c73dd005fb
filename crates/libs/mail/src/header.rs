//! Message headers: what a header line is, and what is known about headers by name.

use bstr::{BString, ByteSlice};

/// The headers that the mail system looks at, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Kind {
    ApparentlyTo,
    Bcc,
    Cc,
    ContentDescription,
    ContentDisposition,
    ContentId,
    ContentLength,
    ContentTransferEncoding,
    ContentType,
    DeliveredTo,
    DispositionNotificationTo,
    Date,
    ErrorsTo,
    From,
    MailFollowupTo,
    MessageId,
    MimeVersion,
    Received,
    ReplyTo,
    RequireTlsEsmtp,
    ResentBcc,
    ResentCc,
    ResentDate,
    ResentFrom,
    ResentMessageId,
    ResentReplyTo,
    ResentSender,
    ResentTo,
    ReturnPath,
    ReturnReceiptTo,
    Sender,
    TlsRequired,
    To,
}

/// Whose addresses a header holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// None.
    Nothing,
    /// Sender addresses: sender canonical maps, `header_sender` masquerading.
    Senders,
    /// Recipient addresses.
    Recipients,
}

/// What is known about one header.
#[derive(Debug, PartialEq, Eq)]
pub struct Info {
    /// The name in its preferred capitals.
    pub name: &'static str,
    /// Which header.
    pub kind: Kind,
    /// Whose addresses it holds.
    pub holds: Holds,
    /// Its addresses become envelope recipients when a client asks for that (`sendmail -t`).
    pub extract: bool,
    /// One of the Resent- family.
    pub resent: bool,
    /// A MIME header: mime_header_checks apply even in the primary header.
    pub mime: bool,
}

const fn row(name: &'static str, kind: Kind, holds: Holds, marks: &str) -> Info {
    let marks = marks.as_bytes();
    let (mut extract, mut resent, mut mime) = (false, false, false);
    let mut at = 0;
    while at < marks.len() {
        match marks[at] {
            b'x' => extract = true,
            b'r' => resent = true,
            _ => mime = true,
        }
        at += 1;
    }
    Info { name, kind, holds, extract, resent, mime }
}

/// The table: marks are x (extract), r (resent), m (MIME).
static TABLE: &[Info] = &[
    row("Apparently-To", Kind::ApparentlyTo, Holds::Recipients, ""),
    row("Bcc", Kind::Bcc, Holds::Recipients, "x"),
    row("Cc", Kind::Cc, Holds::Recipients, "x"),
    row("Content-Description", Kind::ContentDescription, Holds::Nothing, "m"),
    row("Content-Disposition", Kind::ContentDisposition, Holds::Nothing, "m"),
    row("Content-ID", Kind::ContentId, Holds::Nothing, "m"),
    row("Content-Length", Kind::ContentLength, Holds::Nothing, ""),
    row("Content-Transfer-Encoding", Kind::ContentTransferEncoding, Holds::Nothing, "m"),
    row("Content-Type", Kind::ContentType, Holds::Nothing, "m"),
    row("Delivered-To", Kind::DeliveredTo, Holds::Nothing, ""),
    row("Disposition-Notification-To", Kind::DispositionNotificationTo, Holds::Senders, ""),
    row("Date", Kind::Date, Holds::Nothing, ""),
    row("Errors-To", Kind::ErrorsTo, Holds::Senders, ""),
    row("From", Kind::From, Holds::Senders, ""),
    row("Mail-Followup-To", Kind::MailFollowupTo, Holds::Senders, ""),
    row("Message-Id", Kind::MessageId, Holds::Nothing, ""),
    row("MIME-Version", Kind::MimeVersion, Holds::Nothing, "m"),
    row("Received", Kind::Received, Holds::Nothing, ""),
    row("Reply-To", Kind::ReplyTo, Holds::Senders, ""),
    row("Require-TLS-ESMTP", Kind::RequireTlsEsmtp, Holds::Nothing, ""),
    row("Resent-Bcc", Kind::ResentBcc, Holds::Recipients, "xr"),
    row("Resent-Cc", Kind::ResentCc, Holds::Recipients, "xr"),
    row("Resent-Date", Kind::ResentDate, Holds::Nothing, "r"),
    row("Resent-From", Kind::ResentFrom, Holds::Senders, "r"),
    row("Resent-Message-Id", Kind::ResentMessageId, Holds::Nothing, "r"),
    row("Resent-Reply-To", Kind::ResentReplyTo, Holds::Recipients, "r"),
    row("Resent-Sender", Kind::ResentSender, Holds::Senders, "r"),
    row("Resent-To", Kind::ResentTo, Holds::Recipients, "xr"),
    row("Return-Path", Kind::ReturnPath, Holds::Senders, ""),
    row("Return-Receipt-To", Kind::ReturnReceiptTo, Holds::Senders, ""),
    row("Sender", Kind::Sender, Holds::Senders, ""),
    row("TLS-Required", Kind::TlsRequired, Holds::Nothing, ""),
    row("To", Kind::To, Holds::Recipients, "x"),
];

/// What is known about the header of this name; case does not matter.
pub fn find(name: &[u8]) -> Option<&'static Info> {
    TABLE.iter().find(|info| info.name.as_bytes().eq_ignore_ascii_case(name))
}

/// What is known about the header that starts this text.
pub fn find_in(text: &[u8]) -> Option<&'static Info> {
    find(text.get(..name_length(text)?)?)
}

/// The length of the header name at the start of `line`, if the line begins a header: printable
/// ASCII without blank or colon, then perhaps blanks, then a colon.
pub fn name_length(line: &[u8]) -> Option<usize> {
    let length = line.iter().position(|byte| !byte.is_ascii_graphic() || *byte == b':')?;
    let rest = line.get(length..)?.trim_start_with(|c| c == ' ' || c == '\t');
    (length > 0 && rest.starts_with(b":")).then_some(length)
}

/// Does `line` begin a header?
pub fn is_header(line: &[u8]) -> bool {
    name_length(line).is_some()
}

/// The text behind the colon, blanks in front of it gone.
pub fn value(text: &[u8]) -> &[u8] {
    match text.find_byte(b':') {
        Some(at) => text.get(at + 1..).unwrap_or_default().trim_ascii_start(),
        None => b"",
    }
}

/// The lines of a header text whose parts are separated by line feeds, as they go into the queue
/// file: a part that does not start with a blank gets a tab in front.
pub fn lines(text: &[u8]) -> impl Iterator<Item = std::borrow::Cow<'_, [u8]>> {
    text.split_str("\n").enumerate().map(|(index, line)| {
        if index == 0 || line.first().is_some_and(|b| *b == b' ' || *b == b'\t') {
            std::borrow::Cow::Borrowed(line)
        } else {
            let mut indented = Vec::with_capacity(line.len() + 1);
            indented.push(b'\t');
            indented.extend_from_slice(line);
            std::borrow::Cow::Owned(indented)
        }
    })
}

/// How long a folded line gets, where an address list allows.
const FOLD_WIDTH: usize = 70;

/// Joins the lines of a rewritten address list (one address a line) into lines below 70 bytes.
pub fn fold(text: &[u8]) -> BString {
    let mut out = BString::from(Vec::with_capacity(text.len()));
    let mut width = 0;
    for (index, part) in text.split_str("\n").enumerate() {
        if index == 0 {
            width = part.len();
        } else if width + 1 + part.len() < FOLD_WIDTH {
            out.push(b' ');
            width += 1 + part.len();
        } else {
            out.push(b'\n');
            width = part.len();
        }
        out.extend_from_slice(part);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_lines() {
        let cases = [
            ("Subject: x", Some(7)),
            ("Subject : x", Some(7)),
            ("Subject:", Some(7)),
            ("Subject", None),
            (": x", None),
            (" Subject: x", None),
            ("Sub ject: x", None),
            ("Subj\u{e9}ct: x", None),
            ("", None),
        ];
        for (line, expected) in cases {
            assert_eq!(name_length(line.as_bytes()), expected, "{line}");
        }
    }

    #[test]
    fn the_table() {
        let to = find(b"tO").unwrap();
        assert!(to.kind == Kind::To && to.extract && !to.resent);
        assert_eq!(find_in(b"resent-from : x").unwrap().kind, Kind::ResentFrom);
        assert!(find(b"X-Other").is_none());
        assert!(TABLE.iter().filter(|info| info.resent).all(|info| info.name.starts_with("Resent-")));
    }

    #[test]
    fn folding() {
        let long = "a".repeat(40);
        let text = format!("To: {long},\n{long},\nb");
        assert_eq!(fold(text.as_bytes()), format!("To: {long},\n{long}, b"));
        let parts: Vec<_> = lines(b"To: a,\nb,\n c").map(|l| l.into_owned()).collect();
        assert_eq!(parts, [&b"To: a,"[..], b"\tb,", b" c"]);
    }
}
