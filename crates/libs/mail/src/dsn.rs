//! Delivery status: enhanced status codes (RFC 3463), what became of one recipient, and the
//! sender's wishes about notices (RFC 3461).

use bstr::{BString, ByteSlice};
use std::fmt;

/// An enhanced status code such as 5.1.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Status {
    /// 2 success, 4 persistent transient failure, 5 permanent failure.
    pub class: u8,
    /// 0…999.
    pub subject: u16,
    /// 0…999.
    pub detail: u16,
}

impl Status {
    /// 2.0.0: delivered, nothing more to say.
    pub const SENT: Status = Status::new(2, 0, 0);

    /// A literal code, for tables of codes in programs.
    pub const fn new(class: u8, subject: u16, detail: u16) -> Self {
        Status { class, subject, detail }
    }

    /// The code at the start of `text` and its length, if `text` starts with one:
    /// a class of 2, 4 or 5, then two numbers of one to three digits, then the end or a blank.
    pub fn prefix(text: &[u8]) -> Option<(Status, usize)> {
        let length = text.iter().position(|b| !(b.is_ascii_digit() || *b == b'.')).unwrap_or(text.len());
        if text.get(length).is_some_and(|b| !b.is_ascii_whitespace()) {
            return None;
        }
        let mut parts = text.get(..length)?.split_str(".");
        let class = match parts.next()? {
            b"2" => 2,
            b"4" => 4,
            b"5" => 5,
            _ => return None,
        };
        let subject = number(parts.next()?)?;
        let detail = number(parts.next()?)?;
        if parts.next().is_some() {
            return None;
        }
        Some((Status { class, subject, detail }, length))
    }

    /// The whole text is one code.
    pub fn parse(text: &[u8]) -> Option<Status> {
        Status::prefix(text).filter(|(_, length)| *length == text.len()).map(|(status, _)| status)
    }

    /// The same subject and detail with another class (soft_bounce turns 5 into 4).
    pub const fn with_class(self, class: u8) -> Self {
        Status { class, ..self }
    }

    /// Class 2.
    pub const fn is_success(self) -> bool {
        self.class == 2
    }

    /// Class 5.
    pub const fn is_permanent(self) -> bool {
        self.class == 5
    }
}

fn number(digits: &[u8]) -> Option<u16> {
    if digits.is_empty() || digits.len() > 3 {
        return None;
    }
    digits.to_str().ok()?.parse().ok()
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

/// Splits "5.1.1 No such user" into code and text; text without a code gets `default`.
/// Blanks behind the code (and in front of it) go.
pub fn split(default: Status, text: &[u8]) -> (Status, &[u8]) {
    let text = text.trim_ascii_start();
    match Status::prefix(text) {
        Some((status, length)) => (status, text.get(length..).unwrap_or_default().trim_ascii_start()),
        None => (default, text),
    }
}

/// What became of one recipient, or why a request failed: the mail's outcome as a value.
/// The fields are those of the delivery protocol; empty means "not known".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The enhanced status code.
    pub status: Status,
    /// The RFC 3464 action, when it is not the one that follows from the class: "relayed", "expanded"…
    pub action: BString,
    /// The text for the log and the notice, without the code.
    pub reason: BString,
    /// Diagnostic-Code type: "smtp", "x-unix", "X-Postfix".
    pub diagnostic_type: BString,
    /// Diagnostic-Code text: the remote reply.
    pub diagnostic_text: BString,
    /// Remote-MTA type: "dns".
    pub mta_type: BString,
    /// Remote-MTA name.
    pub mta_name: BString,
}

impl Outcome {
    /// An outcome of our own making: a code and a text.
    pub fn new(status: Status, reason: impl Into<BString>) -> Self {
        Outcome {
            status,
            action: BString::default(),
            reason: reason.into(),
            diagnostic_type: BString::default(),
            diagnostic_text: BString::default(),
            mta_type: BString::default(),
            mta_name: BString::default(),
        }
    }

    /// From text that may start with a code of its own, as table results do.
    pub fn from_text(default: Status, text: &[u8]) -> Self {
        let (status, reason) = split(default, text);
        Outcome::new(status, reason)
    }

    /// With what the remote server said.
    pub fn diagnosed(mut self, kind: &str, text: impl Into<BString>) -> Self {
        self.diagnostic_type = kind.into();
        self.diagnostic_text = text.into();
        self
    }

    /// With the remote server's name.
    pub fn by_mta(mut self, kind: &str, name: impl Into<BString>) -> Self {
        self.mta_type = kind.into();
        self.mta_name = name.into();
        self
    }

    /// With an explicit RFC 3464 action.
    pub fn acting(mut self, action: &str) -> Self {
        self.action = action.into();
        self
    }
}

/// NOTIFY= of RCPT TO (RFC 3461 §4.1), as the bits of the queue file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Notify(u8);

impl Notify {
    /// Not given.
    pub const NONE: Notify = Notify(0);
    /// NEVER.
    pub const NEVER: Notify = Notify(1);
    /// SUCCESS.
    pub const SUCCESS: Notify = Notify(2);
    /// FAILURE.
    pub const FAILURE: Notify = Notify(4);
    /// DELAY.
    pub const DELAY: Notify = Notify(8);

    const NAMES: [(Notify, &'static str); 4] = [
        (Notify::NEVER, "NEVER"),
        (Notify::SUCCESS, "SUCCESS"),
        (Notify::FAILURE, "FAILURE"),
        (Notify::DELAY, "DELAY"),
    ];

    /// From the queue file's number; `None` when bits are unknown or NEVER is combined.
    pub fn from_bits(bits: i64) -> Option<Notify> {
        let bits = u8::try_from(bits).ok()?;
        (bits & !15 == 0 && (bits & 1 == 0 || bits == 1)).then_some(Notify(bits))
    }

    /// From the text of an SMTP parameter: `NEVER` or a comma-separated list of the others.
    pub fn parse(text: &[u8]) -> Option<Notify> {
        let mut all = Notify::NONE;
        for word in text.split_str(",") {
            let known = |(_, name): &&(Notify, &str)| word.eq_ignore_ascii_case(name.as_bytes());
            all = all | Notify::NAMES.iter().find(known)?.0;
        }
        Notify::from_bits(i64::from(all.0))
    }

    /// The number in queue files and requests.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// All of `other`'s bits are set.
    pub const fn contains(self, other: Notify) -> bool {
        self.0 & other.0 == other.0
    }

    /// Nothing was asked for.
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }
}

impl std::ops::BitOr for Notify {
    type Output = Notify;
    fn bitor(self, other: Notify) -> Notify {
        Notify(self.0 | other.0)
    }
}

impl fmt::Display for Notify {
    /// `FAILURE,DELAY`, as SMTP wants it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for (bit, name) in Notify::NAMES {
            if self.contains(bit) {
                write!(f, "{separator}{name}")?;
                separator = ",";
            }
        }
        Ok(())
    }
}

/// RET= of MAIL FROM (RFC 3461 §4.3): how much of the message comes back with a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Return {
    /// FULL.
    Full,
    /// HDRS.
    Headers,
}

impl Return {
    /// From the queue file's number; 0 is "not asked for".
    pub fn from_bits(bits: i64) -> Option<Return> {
        match bits {
            1 => Some(Return::Full),
            2 => Some(Return::Headers),
            _ => None,
        }
    }

    /// From the text of an SMTP parameter.
    pub fn parse(text: &[u8]) -> Option<Return> {
        if text.eq_ignore_ascii_case(b"FULL") {
            Some(Return::Full)
        } else if text.eq_ignore_ascii_case(b"HDRS") {
            Some(Return::Headers)
        } else {
            None
        }
    }

    /// The number in queue files and requests.
    pub const fn bits(self) -> u8 {
        match self {
            Return::Full => 1,
            Return::Headers => 2,
        }
    }

    /// The SMTP keyword.
    pub const fn keyword(self) -> &'static str {
        match self {
            Return::Full => "FULL",
            Return::Headers => "HDRS",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes() {
        let good: &[(&str, Status)] = &[
            ("5.1.1", Status::new(5, 1, 1)),
            ("2.0.0", Status::SENT),
            ("4.999.123", Status::new(4, 999, 123)),
        ];
        for (text, status) in good {
            assert_eq!(Status::parse(text.as_bytes()), Some(*status));
            assert_eq!(status.to_string(), *text);
        }
        for bad in [
            "", "3.1.1", "5.1", "5.1.", "5.1.1.", "5.1.1.1", "5.1000.1", "5.1.1x", "5..1", "x5.1.1",
            "5.1.1 x",
        ] {
            assert_eq!(Status::parse(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn text_with_and_without_a_code() {
        let default = Status::new(5, 0, 0);
        assert_eq!(split(default, b"4.7.1 go away"), (Status::new(4, 7, 1), &b"go away"[..]));
        assert_eq!(split(default, b"go away"), (default, &b"go away"[..]));
        assert_eq!(split(default, b"  5.7.1   x"), (Status::new(5, 7, 1), &b"x"[..]));
        assert_eq!(split(default, b"5.7.1"), (Status::new(5, 7, 1), &b""[..]));
        assert_eq!(split(default, b"5.7.1x y"), (default, &b"5.7.1x y"[..]));
    }

    #[test]
    fn notify_and_return() {
        assert_eq!(Notify::parse(b"success,FAILURE"), Some(Notify::SUCCESS | Notify::FAILURE));
        assert_eq!(Notify::parse(b"never"), Some(Notify::NEVER));
        for bad in ["", "never,failure", "success,", "always", "success failure"] {
            assert_eq!(Notify::parse(bad.as_bytes()), None, "{bad}");
        }
        assert_eq!((Notify::FAILURE | Notify::DELAY).to_string(), "FAILURE,DELAY");
        for bad in [-1, 3, 16, 300] {
            assert_eq!(Notify::from_bits(bad), None, "{bad}");
        }
        for part in [Return::Full, Return::Headers] {
            assert_eq!(Return::parse(part.keyword().as_bytes()), Some(part));
            assert_eq!(Return::from_bits(i64::from(part.bits())), Some(part));
        }
        assert_eq!(Return::parse(b"hdrs"), Some(Return::Headers));
        assert_eq!((Return::parse(b"body"), Return::from_bits(0), Return::from_bits(3)), (None, None, None));
    }
}
